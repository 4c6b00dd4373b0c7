"""docs/cloud_accounting.md shows source files that can be used as they are written."""

from __future__ import annotations

import re

import pytest

from config.settings import PROJECT
from data_sources.registry import open_connector
from tests.data_sources.rest.service import settings

PAGE = (PROJECT.parent / "docs" / "cloud_accounting.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
def test_an_example_opens(tmp_path, monkeypatch, example):
    for name in re.findall(r"\$\{(\w+)\}", example):
        monkeypatch.setenv(name, "rk_live_nobody")
    open_connector(settings(tmp_path, example)).close()


def test_there_is_an_example_for_each():
    assert [one.split('"')[1] for one in EXAMPLES] == ["stripe", "quickbooks", "xero"]
