"""Several at once: processes that start together, and readers that write together."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from filelock import FileLock

from ledger.errors import StateError
from state import migrate, place
from tests.state.conftest import PAGE
from tests.state.opener import ROUNDS

ROOT = Path(__file__).parents[2]
PROCESSES = 3


@pytest.fixture
def started(home):
    """Processes that have loaded everything and wait for the word to open the same, empty database."""
    command = [sys.executable, "-m", "tests.state.opener", str(home.folder / "config")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, f"reader {n}"], cwd=ROOT, **pipes) for n in range(PROCESSES)]
    try:
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n", process.communicate()
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def test_processes_that_start_together_migrate_once_and_lose_nothing(home, started):
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = []
    for process in started:
        out, err = process.communicate(timeout=120)
        assert err == ""
        told.append(json.loads(out))
    # Each name was free for one of them; the others read a sentence.
    assert all(isinstance(refused, list) for refused in told), told
    assert sum(len(refused) for refused in told) == (PROCESSES - 1) * ROUNDS
    assert all("already" in sentence for refused in told for sentence in refused)
    keep = home.open()
    for n in range(PROCESSES):
        assert len(keep.favourites(f"reader {n}")) == ROUNDS
    assert len(keep.favourites("everybody")) == ROUNDS
    assert len({view.name for view in keep.views("everybody")}) == len(keep.views("everybody")) == ROUNDS
    keep.close()


def _at_once(calls):
    """Run the calls in threads that begin together; what each gave or raised."""
    begin, results = threading.Barrier(len(calls)), cast("list[Any]", [None] * len(calls))

    def run(place, call):
        begin.wait()
        try:
            results[place] = call()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants it
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_that_save_the_same_name_at_once_one_is_refused(keep):
    for n in range(8):
        results = _at_once([lambda n=n: keep.save_view(f"View {n}", PAGE, {}, "anna")] * 2)
        assert sum(isinstance(result, StateError) and "already" in str(result) for result in results) == 1
        assert len(keep.views("anna")) == n + 1


def test_of_two_that_delete_and_rename_at_once_neither_fails_halfway(keep):
    for n in range(8):
        view = keep.save_view(f"View {n}", PAGE, {}, "anna")
        keep.mark("bob", "view", view.id, view.name)
        deleted, renamed = _at_once(
            [
                lambda view=view: keep.delete_view(view.id, "anna"),
                lambda view=view: keep.rename_view(view.id, "Renamed", "anna"),
            ]
        )
        assert deleted is None
        assert "no longer exists" in str(renamed) if isinstance(renamed, StateError) else renamed.name == "Renamed"
        assert keep.view(view.id) is None
        assert keep.favourites("bob") == []


@pytest.fixture
def held(home, request):
    """Lets go of the right to migrate, which another process holds until then."""
    if not home.url:
        home.store.mkdir()
        lock = FileLock(home.store / "state.sqlite.lock")
        lock.acquire()
        yield lock.release
        lock.release()
        return
    server = request.getfixturevalue("postgres")
    with psycopg.connect(server.uri(place(home.settings).url.database)) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [migrate._ADVISORY_LOCK])
        yield other.rollback


def test_while_one_migrates_the_others_wait(home, held):
    opened = []
    waiting = threading.Thread(target=lambda: opened.append(home.open()))
    waiting.start()
    # Unhindered it takes a tenth of that.
    waiting.join(1.5)
    assert opened == []
    held()
    waiting.join(60)
    opened[0].note_seen("anna", "tour")
    opened[0].close()


def test_who_waits_too_long_reads_why(home, held, monkeypatch):
    monkeypatch.setattr(migrate, "_LOCK_SECONDS", 1)
    with pytest.raises(StateError, match="is busy with somebody else's change; try again in a moment"):
        home.open()
    held()
    home.open().close()


def test_threads_that_open_the_same_home_at_once_all_get_it(home):
    states = _at_once([home.open] * 4)
    states[0].note_seen("anna", "tour")
    assert [state.seen("anna", "tour") for state in states] == [True] * 4
    for state in states:
        state.close()
