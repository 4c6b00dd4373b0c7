"""The shape of the project: names that others rely on, sizes, and what is pinned."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.sources import ROOT, files, imports, room

FIXED_NAMES = (
    "app.py",
    "cli.py",
    "pages/",
    "metrics/",
    "data_sources/",
    "config/",
    "tests/",
    "requirements.txt",
    "README.md",
)
LONGEST_MODULE = 450
DEVELOPMENT = {"tests", "scripts", "benchmarks"}
PIN_FILES = ("requirements.txt", "requirements-dev.txt")


@pytest.mark.parametrize("name", FIXED_NAMES)
def test_top_level_name_exists(name):
    path = ROOT / name
    assert path.is_dir() if name.endswith("/") else path.is_file()


def test_no_script_directly_in_pages():
    """Streamlit opens such a script by its address without going through app.py, and its access checks."""
    assert [path for path in files() if path.parts[0] == "pages" and len(path.parts) == 2] == []


def test_no_page_is_ignored_by_git():
    """An ignore rule for data/ without a leading slash would also hide pages/data/."""
    rules = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    sections = {path.parts[1] for path in files() if path.parts[0] == "pages"}
    assert not sections & {rule.rstrip("/") for rule in rules}


def test_every_module_is_short_enough_to_read():
    lines = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {path: count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]


def _names(name: str) -> set[str]:
    """Distributions that a requirements file names."""
    asked = (line for line in _lines(name) if not line.startswith("-c "))
    return {_canonical(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0]) for line in asked}


@pytest.mark.parametrize("name", [*PIN_FILES, "requirements-store.txt"])
def test_every_requirement_is_pinned_and_names_no_place(name):
    """An exact version, and no index, folder or file: where packages come from is the machine's matter."""
    loose = [line for line in _lines(name) if not re.fullmatch(r"[A-Za-z0-9._-]+==[^\s;@]+( ; .+)?", line)]
    assert loose == []


@pytest.mark.parametrize("stem", ["requirements", "requirements-dev", "requirements-store"])
def test_pins_cover_what_is_asked_for(stem):
    assert _names(f"{stem}.in") <= _names(f"{stem}.txt")


def test_both_pin_files_agree():
    runtime, development = ({line.partition(" ;")[0] for line in _lines(name)} for name in PIN_FILES)
    shared = _names(PIN_FILES[0]) & _names(PIN_FILES[1])
    assert {pin for pin in development if pin.partition("==")[0] in shared} <= runtime


_owners = cache(packages_distributions)


def test_every_library_imported_is_asked_for():
    """Not one that merely comes along with another."""
    runtime, development = _names("requirements.in"), _names("requirements-dev.in")
    ours = {room(file) for file in files()}
    missing = {
        f"{path}: {top}"
        for path in files()
        for top in {name.partition(".")[0] for name in imports(path)} - ours - sys.stdlib_module_names
        if not {_canonical(owner) for owner in _owners().get(top, [top])}
        & (runtime | development if room(path) in DEVELOPMENT else runtime)
    }
    assert missing == set()
