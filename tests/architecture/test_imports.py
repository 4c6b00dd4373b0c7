"""Who may import whom. The table is that of docs/architecture.md."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.sources import ROOT, files, imports, room, tree

FIGURES = {"metrics", "ledger"}
TOLD = FIGURES | {"charts", "briefing"}
SCREENLESS = TOLD | {"exports", "alerts", "config", "data_sources", "state"}
EVERYTHING = SCREENLESS | {"ui"}
MAY_IMPORT = {
    "ledger": set(),
    "config": {"ledger"},
    "data_sources": {"ledger", "config"},
    "state": {"ledger", "config"},
    "metrics": {"ledger"},
    "alerts": FIGURES | {"config", "state"},
    "charts": FIGURES,
    "briefing": FIGURES | {"charts", "alerts", "state", "config"},
    "exports": TOLD | {"config", "state"},
    "ui": SCREENLESS,
    "pages": EVERYTHING,
    "app": EVERYTHING,
    "commands": SCREENLESS,
    "cli": {"commands"},
    "serve": {"ui"},
}

SCREEN = {"streamlit"}
DRAWING = {"altair", "plotly", "vl_convert"}
DATABASES = {"sqlalchemy", "alembic", "psycopg", "adbc_driver_postgresql", "adbc_driver_manager", "sqlite3"}
NETWORK = {"requests", "urllib", "http", "socket", "httpx", "urllib3", "ftplib", "smtplib", "asyncio"}
MUST_NOT_IMPORT = {
    "ledger": SCREEN | DRAWING | DATABASES | NETWORK,
    "metrics": SCREEN | DRAWING | DATABASES | NETWORK,
    "config": SCREEN | DRAWING,
    "data_sources": SCREEN | DRAWING,
    "state": SCREEN | DRAWING,
    "charts": SCREEN | DATABASES | NETWORK,
    "briefing": SCREEN | DATABASES | NETWORK,
    "exports": SCREEN | DATABASES,
    "alerts": SCREEN | DATABASES,
    "ui": DATABASES,
    "pages": DATABASES,
    "app": DATABASES,
    "commands": SCREEN,
    "cli": SCREEN,
}

CLOCK = {("date", "today"), ("datetime", "today"), ("datetime", "now"), ("datetime", "utcnow")} | {
    ("time", name) for name in ("time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime")
}
ENVIRONMENT = {("os", "environ"), ("os", "getenv")}


def _tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def _attributes(path: Path) -> set[tuple[str, str]]:
    """What a file takes of something: ``("date", "today")`` for ``date.today`` and ``datetime.date.today``."""
    return {
        (node.value.id if isinstance(node.value, ast.Name) else getattr(node.value, "attr", ""), node.attr)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
    }


def test_imports_only_from_lower_rows():
    ruled = MAY_IMPORT.keys() | {"tests", "scripts", "benchmarks"}
    wrong = {
        f"{path}: {top}"
        for path in files()
        if room(path) in MAY_IMPORT
        for top in _tops(path) & ruled - MAY_IMPORT[room(path)] - {room(path)}
    }
    assert wrong == set()


def test_imports_no_library_that_belongs_elsewhere():
    wrong = {f"{path}: {top}" for path in files() for top in _tops(path) & MUST_NOT_IMPORT.get(room(path), set())}
    assert wrong == set()


def test_figures_know_neither_clock_nor_environment():
    used = {
        f"{path}: {'.'.join(name)}"
        for path in files()
        if room(path) in {"ledger", "metrics"}
        for name in _attributes(path) & (CLOCK | ENVIRONMENT)
    }
    assert used == set()


def test_every_room_has_a_rule():
    """A new folder of ours must say what it may import."""
    with_code = {room(path) for path in files()} - {"tests", "scripts", "benchmarks", "docs"}
    assert with_code <= MAY_IMPORT.keys()


def test_the_rule_sees_a_wrong_import(tmp_path, monkeypatch):
    """The reading of imports itself: plain, dotted, late, relative and type-only ones."""
    source = """
import polars as pl
import ui.cards
from streamlit import runtime
from .sibling import thing
from . import other

def late():
    from data_sources.registry import entries
"""
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "wrong.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr("tests.architecture.sources.ROOT", tmp_path)
    names = imports(Path("metrics/wrong.py"))
    assert names == {"polars", "ui.cards", "streamlit", "metrics.sibling", "metrics", "data_sources.registry"}
    assert tmp_path != ROOT
