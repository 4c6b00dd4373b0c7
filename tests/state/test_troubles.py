"""What can be wrong with the database: one sentence each, which names it, says what to do, and holds no secret."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from ledger.errors import ConfigError, OutstandingError, StateError
from state import database
from state.troubles import told
from tests.state.conftest import PAGE, PASSWORD, Home


def refused(call, *words, kind: type[OutstandingError] = StateError):
    """The sentence of what ``call`` objects to; nothing behind it may hold the password either."""
    with pytest.raises(OutstandingError) as caught:
        call()
    assert type(caught.value) is kind
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    for word in words:
        assert word in said
    behind: BaseException | None = caught.value
    while behind is not None:
        for secret in (PASSWORD, quote(PASSWORD, safe="")):
            assert secret not in str(behind)
        behind = behind.__cause__ or (None if behind.__suppress_context__ else behind.__context__)
    return said


@contextmanager
def as_nobody():
    """Root may write anywhere: what follows is done as somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_to_all(on_file):
    """A home that another user can reach: a test's own folder is closed to others."""
    # Everything is loaded beforehand: the other user may not even read Python's own library.
    on_file.open().close()
    folder = Path(tempfile.mkdtemp(prefix="outstanding-readonly-"))
    folder.chmod(0o755)
    yield Home(folder).write()
    folder.chmod(0o755)
    if (folder / "data").is_dir():
        (folder / "data").chmod(0o755)
    shutil.rmtree(folder)


needs_modes = pytest.mark.skipif(os.name == "nt", reason="folders have no modes")


@needs_modes
def test_a_folder_that_cannot_be_written_is_said(open_to_all):
    open_to_all.store.mkdir()
    open_to_all.store.chmod(0o555)
    with as_nobody():
        refused(open_to_all.open, str(open_to_all.file), "cannot be written", str(open_to_all.store), "store.path")


@needs_modes
def test_a_folder_that_cannot_be_made_is_said(open_to_all):
    open_to_all.folder.chmod(0o555)
    with as_nobody():
        refused(open_to_all.open, str(open_to_all.file), "cannot be written")


@needs_modes
def test_a_file_that_cannot_be_written_is_said_when_something_is_saved(open_to_all):
    open_to_all.open().close()
    open_to_all.file.chmod(0o444)
    open_to_all.store.chmod(0o555)
    with as_nobody():
        refused(lambda: open_to_all.open().note_seen("anna", "tour"), str(open_to_all.file), "cannot be written")


def test_a_file_where_the_folder_should_be_is_said(on_file):
    on_file.store.write_text("a file")
    refused(on_file.open, str(on_file.file), "cannot be written")


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_said_and_left_alone(on_file, content):
    on_file.store.mkdir()
    on_file.file.write_bytes(content)
    refused(on_file.open, str(on_file.file), "damaged", "put back a copy")
    assert on_file.file.read_bytes() == content


def test_a_file_damaged_in_its_middle_is_said(on_file):
    keep = on_file.open()
    for n in range(200):
        keep.mark("anna", "customer", f"C{n}", "x" * 200)
    size = on_file.file.stat().st_size
    with on_file.file.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    refused(lambda: keep.favourites("anna"), str(on_file.file), "damaged")


def test_a_file_that_was_emptied_or_moved_away_is_made_anew(on_file):
    keep = on_file.open()
    keep.note_seen("anna", "tour")
    on_file.file.unlink()
    assert not keep.seen("anna", "tour")
    keep.note_seen("anna", "tour")
    assert keep.seen("anna", "tour")
    on_file.file.write_bytes(b"")
    keep = on_file.open()
    assert not keep.seen("anna", "tour")


def test_a_file_of_something_else_is_said(on_file):
    on_file.store.mkdir()
    with sqlite3.connect(on_file.file) as connection:
        connection.execute("CREATE TABLE saved_views (theirs TEXT)")
    refused(on_file.open, str(on_file.file), "already exists")
    with sqlite3.connect(on_file.file) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


def test_a_file_that_lost_a_table_is_said(on_file):
    keep = on_file.open()
    with sqlite3.connect(on_file.file) as connection:
        connection.execute("DROP TABLE favourites")
    refused(lambda: keep.favourites("anna"), str(on_file.file), "lacks tables", "copy")


def test_a_full_disk_is_said_and_what_was_kept_stays(on_file):
    keep = on_file.open()
    saved = keep.save_view("Weekly", PAGE, {}, "anna")

    @event.listens_for(keep._database, "connect")
    def full(connection, _record):
        # A page limit is to SQLite what a full disk is.
        connection.execute("PRAGMA max_page_count = 1")

    refused(lambda: keep.save_view("Large", PAGE, {"q": ["x" * 15_000]}, "anna"), str(on_file.file), "no space")
    assert keep.views("anna") == [saved]


def test_somebody_who_keeps_the_file_locked_is_said(on_file, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.2)
    keep = on_file.open()
    other = sqlite3.connect(on_file.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused(lambda: keep.note_seen("anna", "tour"), str(on_file.file), "busy", "try again")
    # Who only reads does not wait.
    assert not keep.seen("anna", "tour")
    other.execute("ROLLBACK")
    other.close()
    keep.note_seen("anna", "tour")


def test_a_wrong_password_is_said(on_server, monkeypatch):
    monkeypatch.setenv("TEST_PASSWORD", "another p@ss")
    said = refused(on_server.open, "PostgreSQL database", "refused the user name or the password", "state.url")
    assert "another p@ss" not in said


def test_a_database_that_is_not_there_is_said(on_server, postgres):
    on_server.url = postgres.url("nowhere")
    refused(on_server.write().open, "'nowhere'", "does not exist", "state.url")


def test_a_server_that_is_not_there_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_PASSWORD", PASSWORD)
    home = Home(tmp_path, f"postgresql://keeper:${{TEST_PASSWORD}}@/kept?host={tmp_path}").write()
    refused(home.open, "'kept'", "cannot be reached", "state.url")


def test_a_user_that_may_make_no_tables_is_said(on_server, postgres):
    name = database.place(on_server.settings).url.database
    on_server.url = postgres.url(name, user="guest")
    refused(on_server.write().open, f"'{name}'", "does not let this user make", "grant")


def test_a_server_that_goes_away_and_comes_back_is_no_matter(on_server, postgres):
    keep = on_server.open()
    keep.note_seen("anna", "tour")
    postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keeper'")
    assert keep.seen("anna", "tour")
    keep.close()


def test_a_variable_that_is_not_set_is_asked_for_when_the_database_is_opened(tmp_path, monkeypatch):
    monkeypatch.delenv("STATE_URL", raising=False)
    home = Home(tmp_path, "${STATE_URL}").write()
    assert home.settings.company
    refused(home.open, "app.toml", "state.url", "STATE_URL", "not set", kind=ConfigError)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://keeper:a@b:c@d/e@host:port/x", ["not a database URL", "percent-encoded"]),
        (f"mysql://keeper:{quote(PASSWORD, safe='')}@host/x", ["'mysql'", "'postgresql', 'sqlite'"]),
        ("postgres://keeper@host/x", ["'postgres'", "did you mean 'postgresql'?"]),
        ("keeper-p@ss", ["not a database URL", "postgresql://"]),
        ("", ["not a database URL"]),
        ("sqlite://", ["must name a file"]),
        ("sqlite:///:memory:", ["must name a file"]),
        ("sqlite:///x.sqlite?mode=ro", ["must name a file"]),
    ],
)
def test_a_url_that_cannot_be_is_said(tmp_path, monkeypatch, url, words):
    monkeypatch.setenv("STATE_URL", url)
    home = Home(tmp_path, "${STATE_URL}").write()
    said = refused(home.open, "app.toml", "state.url", *words, kind=ConfigError)
    assert "keeper" not in said
    assert "a@b" not in said


def test_a_url_may_name_another_file(tmp_path):
    home = Home(tmp_path, f"sqlite:///{tmp_path.as_posix()}/elsewhere/kept.sqlite").write()
    keep = home.open()
    keep.note_seen("anna", "tour")
    assert (tmp_path / "elsewhere" / "kept.sqlite").is_file()
    assert not home.file.exists()


def test_nothing_that_is_shown_holds_the_password(on_server):
    settings = on_server.settings
    keep = on_server.open()
    shown = [repr(settings), str(settings), repr(settings.state), repr(keep.where), str(keep.where), keep.where.key]
    shown += [settings.model_dump_json(include={"company", "state"}), repr(keep._database), keep.where.label]
    for text in shown:
        assert PASSWORD not in text
        assert quote(PASSWORD, safe="") not in text
    keep.close()


@pytest.mark.parametrize("secret", [PASSWORD, quote(PASSWORD, safe="")])
def test_a_driver_that_quotes_the_password_is_not_repeated(on_server, secret):
    where = database.place(on_server.settings)

    def quoting():
        with told(where):
            raise DBAPIError("SELECT 1", None, ValueError(f"something odd about {secret}\nand more"))

    assert refused(quoting, "something odd about ***").endswith("objects: something odd about ***.")


def test_places_are_told_apart_by_their_password_too(on_server, monkeypatch):
    first = database.place(on_server.settings)
    monkeypatch.setenv("TEST_PASSWORD", "another")
    assert database.place(on_server.settings).key != first.key
