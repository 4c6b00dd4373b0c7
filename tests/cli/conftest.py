"""A published company, asked through the command line."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import dataclass

import pytest
from click.testing import CliRunner, Result

from cli import cli
from tests.refresh.company import Company, found


@dataclass(frozen=True)
class Asked:
    """The command line of one company."""

    company: Company

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(cli, ["--config", str(self.company.folder), *words])

    def rows(self, *words: str) -> list[dict[str, object]]:
        """The JSON answer."""
        result = self(*words, "--format", "json")
        assert (result.exit_code, result.stderr) == (0, ""), (result.stderr, result.exception)
        return json.loads(result.stdout)

    def csv(self, *words: str) -> list[dict[str, str]]:
        result = self(*words, "--format", "csv")
        assert result.exit_code == 0, result.stderr
        return list(csv.DictReader(io.StringIO(result.stdout)))

    def refused(self, *words: str) -> str:
        """The sentence of a command that fails: one line on standard error, status 1, nothing else, no traceback."""
        result = self(*words)
        assert result.exit_code == 1, (result.exit_code, result.output, result.exception)
        assert isinstance(result.exception, SystemExit)
        assert result.stdout == ""
        (line,) = [line for line in result.stderr.splitlines() if not line.startswith("Refreshing")]
        assert line.startswith("Error: ")
        return line.removeprefix("Error: ")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in list(os.environ):
        if name.startswith("OUTSTANDING_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """Read only: the company after one refresh."""
    asked = Asked(found(tmp_path_factory.mktemp("published") / "config"))
    assert asked("refresh").exit_code == 0
    return asked


@pytest.fixture
def fresh(tmp_path):
    """A company of its own, not yet refreshed."""
    return Asked(found(tmp_path / "config"))
