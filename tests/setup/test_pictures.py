"""The pictures of README and docs, and the command that takes them."""

from __future__ import annotations

import re

import pytest
from PIL import Image

from scripts import companies, screenshots
from tests.architecture.sources import ROOT

IMAGES = ROOT / "docs" / "images"
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = re.compile(r"""(?:src|srcset)="([^"]+\.png)"|!\[[^\]]*\]\(([^)]+\.png)\)""")


def _shown(text):
    written = text.read_text(encoding="utf-8")
    return {(text.parent / (one or other)).resolve() for one, other in SHOWN.findall(written)}


def test_every_picture_that_is_shown_is_there_and_every_one_that_is_there_is_shown():
    shown = set().union(*map(_shown, TEXTS))
    assert shown == set(IMAGES.glob("*.png"))


def test_every_picture_is_one_that_the_command_takes():
    dark = next(iter(screenshots.SHOWN))
    assert {file.stem for file in IMAGES.glob("*.png")} == {
        *(f"{name}_light" for name in screenshots.SHOWN),
        f"{dark}_dark",
    }


@pytest.mark.parametrize("file", sorted(IMAGES.glob("*.png")), ids=lambda file: file.stem)
def test_a_picture_is_that_of_a_laptop_and_small(file):
    with Image.open(file) as picture:
        assert picture.size == (screenshots.WIDTH, screenshots.HEIGHT)
    assert file.stat().st_size < 200_000


def test_a_page_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(SystemExit, match="There is no page 'agin'; there are aging, "):
        screenshots.main(["--page", "agin"])


def test_every_page_of_the_app_is_among_the_pages():
    assert set(screenshots.PAGES) == {file.stem for file in ROOT.glob("pages/*/*.py")}
    assert screenshots.PAGES["overview"] == "/"


def test_a_company_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        screenshots.main(["--company", "six"])
    told = capsys.readouterr().err
    assert all(name in told for name in companies.NAMES)
