"""The state database lies in the store's folder, and a refresh, which sweeps and prunes there, leaves it alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from cli import cli
from data_sources.refresh import refresh
from ledger.errors import OutstandingError
from state import State
from tests.refresh.company import found
from tests.state.conftest import PAGE

AT = datetime(2024, 12, 31, 12, tzinfo=UTC)


@pytest.fixture
def company(tmp_path):
    made = found(tmp_path / "config")
    made.app((made.folder / "app.toml").read_text().replace("keep = 3", "keep = 1"))
    return made


@pytest.fixture
def kept(company):
    """What somebody keeps in the company's store, and its file."""
    keep = State.open(company.settings)
    keep.save_view("Weekly", PAGE, {"region": ["EMEA"]}, "anna")
    keep.mark("anna", "customer", "007", "Bond")
    inode = (company.store.path / "state.sqlite").stat().st_ino
    yield keep
    assert (company.store.path / "state.sqlite").stat().st_ino == inode
    assert [view.name for view in keep.views("anna")] == ["Weekly"]
    assert [one.key for one in keep.favourites("anna")] == ["007"]


@pytest.fixture
def untouched(company, kept):
    """The same, and not a byte of it is written."""
    file = company.store.path / "state.sqlite"
    before = file.read_bytes()
    yield kept
    assert file.read_bytes() == before


@pytest.mark.usefixtures("untouched")
def test_refreshes_that_prune_leave_it_alone(company):
    for minute in range(3):
        refresh(company.settings, now=AT.replace(minute=minute))
    assert len(company.store.history()) == 1


@pytest.mark.usefixtures("untouched")
def test_a_refresh_that_fails_leaves_it_alone(company):
    refresh(company.settings, now=AT)
    (company.sources / "documents.csv").unlink()
    with pytest.raises(OutstandingError):
        refresh(company.settings, now=AT)


def refreshed_twice(company, *words):
    for _ in range(2):
        done = CliRunner().invoke(cli, ["--config", str(company.folder), "refresh", *words])
        assert done.exit_code == 0, done.output
    assert len(company.store.history()) == 1


@pytest.mark.usefixtures("untouched")
def test_the_command_that_prunes_leaves_it_alone(company):
    refreshed_twice(company, "--no-alerts")


def test_the_command_adds_its_runs_and_changes_nothing_that_people_keep(company, kept):
    refreshed_twice(company)
    assert [each.by for each in kept.alerting.runs()] == ["refresh", "refresh"]


def test_a_refresh_needs_no_password_of_the_state_database(company, monkeypatch):
    monkeypatch.delenv("STATE_URL", raising=False)
    company.app((company.folder / "app.toml").read_text() + '[state]\nurl = "${STATE_URL}"\n')
    refresh(company.settings, now=AT)
    assert not (company.store.path / "state.sqlite").exists()
