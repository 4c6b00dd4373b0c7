"""Snapshots: whole or not at all, and what a damaged one says."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ledger import arrow_files
from ledger import store as module
from ledger.aging import AgingRule
from ledger.conversion import Conversion
from ledger.errors import NoSnapshotError, OutstandingError, RefreshError
from ledger.shelf import ROWS, file_of
from ledger.store import FORMAT, Store
from tests.ledger.books import book, invoice, rate, settled

AT = datetime(2024, 12, 31, 12, tzinfo=UTC)
SMALL = book([invoice()])
RULES = {
    "company": 'Ångström "&" 株式会社 {x}', "reporting_currency": "EUR", "conversion": Conversion.CLOSING,
    "aging": AgingRule((7, 14), "posting_date", "aged", "overdue", "outside"),
}  # fmt: skip
RICH = book(
    [invoice("I1", "33.33"), invoice("Ω {", "9", currency="EUR", region=None), invoice("X", "=cmd()")],
    [settled("1", "11.11", "2024-02-01"), settled("2", "40", "2024-03-01")],
    rules=RULES,
    fx_rates=[rate("USD", "2024-01-01", "0.91")],
    gl_balances=[{"entity": "E1", "currency": "USD", "as_of": "2024-01-31", "balance": "33.33"}],
)


def publish(store, minutes=0, of=SMALL):
    return store.publish(of, AT + timedelta(minutes=minutes))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "data")


@pytest.mark.parametrize("of", [SMALL, RICH, book()], ids=["small", "rich", "empty"])
def test_what_is_loaded_is_what_was_published(store, of):
    told = publish(store, of=of)
    loaded = Store(store.path).load()
    assert loaded.rules == of.rules
    assert loaded.about == told.about
    assert loaded.about.items() >= {k: v for k, v in of.about.items() if k != "ignored"}.items()
    assert loaded.frames.keys() == of.frames.keys()
    for name, frame in of.frames.items():
        assert_frame_equal(loaded.frames[name], frame)
    assert loaded.about["id"] == store.current() == f"20241231T120000000000Z-{of.fingerprint}"
    assert loaded.about["made_at"] == AT


def test_an_older_snapshot_can_be_loaded_by_its_id(store):
    first = publish(store).about["id"]
    publish(store, 1, RICH)
    assert store.load().rules.company != "Company"
    assert store.load(first).rules.company == "Company"
    assert [told["id"] for told in store.history()] == [store.current(), first]


@pytest.mark.parametrize("made", [True, False])
def test_without_a_snapshot_one_is_told_how_to_make_one(store, made):
    if made:
        store.path.mkdir()
    with pytest.raises(NoSnapshotError, match=r"no snapshot in .*: refresh first\.$"):
        store.load()
    assert store.history() == []
    assert store.last_attempt() is None


def test_the_pointer_is_the_last_thing_to_move(store, monkeypatch):
    publish(store)
    seen = []

    def watched(path, text, real=module._replace):
        seen.append((path.name, store.load(text).fingerprint))
        real(path, text)

    monkeypatch.setattr(module, "_replace", watched)
    publish(store, 1, RICH)
    assert seen == [("current", RICH.fingerprint)]


@pytest.mark.parametrize("keep", [1, 3])
def test_only_so_many_snapshots_are_kept(store, keep):
    store = replace(store, keep=keep)
    ids = [publish(store, n).about["id"] for n in range(5)]
    assert sorted(folder.name for folder in store.snapshots.iterdir()) == ids[-keep:]
    assert store.load().about["id"] == ids[-1]


def test_only_the_newest_two_snapshots_keep_their_rows(store):
    store = replace(store, keep=4)
    made = [publish(store, n) for n in range(4)]
    for number, old in enumerate(made):
        folder = store.snapshots / old.about["id"]
        there = {name for name in old.frames if file_of(folder, name).is_file()}
        assert there == ({*old.frames} if number >= 2 else {*old.frames} - {*ROWS})
    assert len(store.history()) == 4
    assert_frame_equal(store.load(made[2].about["id"]).frames["slices"], made[2].frames["slices"])


@pytest.mark.parametrize("shared", [True, False])
def test_a_snapshot_can_take_over_the_files_of_another(store, monkeypatch, shared):
    first = publish(store, 0, RICH)
    if not shared:
        monkeypatch.setattr(os, "link", lambda *_files: (_ for _ in ()).throw(OSError("no links here")))
    with store.draft() as shelf:
        shelf.adopt(store.snapshots / first.about["id"], list(first.frames))
        again = store.publish_draft(shelf, first.rules, first.about, AT + timedelta(minutes=7))
    assert again.about["id"] != first.about["id"]
    for name, frame in first.frames.items():
        assert_frame_equal(again.frames[name], frame)
        one, other = (file_of(store.snapshots / book.about["id"], name) for book in (first, again))
        assert one.samefile(other) == shared


def test_a_clock_that_went_back_does_not_remove_the_current_snapshot(store):
    store = replace(store, keep=1)
    publish(store, 10)
    older = publish(store, 0).about["id"]
    assert store.current() == older
    assert [folder.name for folder in store.snapshots.iterdir()] == [older]


def test_what_a_killed_refresh_left_behind_is_swept(store):
    left = store.path / ".building-20240101"
    left.mkdir(parents=True)
    (left / "documents.parquet").write_bytes(b"half")
    publish(store)
    assert not left.exists()


DAMAGE = {
    "documents.arrow": [b"", b"ARROW1 not really", None],
    "quality.parquet": [b"", b"PAR1 not really", None],
    "about.json": [
        b"", b"{", b"[]", b"null", b'{"format": %d}' % FORMAT,
        b'{"format": %d, "frames": [], "rules": {}, "about": {}}' % FORMAT,
        b"\xff\xfe", None,
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "content"), [(file, content) for file, all in DAMAGE.items() for content in all], ids=str
)
def test_a_damaged_snapshot_says_so_in_one_sentence(store, file, content):
    folder = store.snapshots / publish(store).about["id"]
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(OutstandingError, match=r"^Snapshot .* cannot be read \(.*\); a refresh makes it anew\.$"):
        store.load()
    publish(store, 1)
    assert store.load().fingerprint == SMALL.fingerprint


def test_a_snapshot_of_another_version_says_so(store):
    file = store.snapshots / publish(store).about["id"] / "about.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 999}))
    with pytest.raises(NoSnapshotError, match=r"made by another version; a refresh makes it anew\.$"):
        store.load()


@pytest.mark.parametrize(
    ("content", "why"), [(b"\xff\xfe", "cannot be read"), (b"gone", "cannot be read"), (b" \n", "no snapshot")]
)
def test_a_damaged_pointer_says_so_in_one_sentence(store, content, why):
    publish(store)
    (store.path / "current").write_bytes(content)
    with pytest.raises(OutstandingError, match=why):
        store.load()


def test_a_snapshot_that_is_removed_while_it_is_read_gives_way_to_the_new_one(store, monkeypatch):
    store = replace(store, keep=1)
    publish(store)
    real, raced = pl.read_parquet, []

    def slow(path):
        if not raced and path.name == "customers.parquet":
            raced.append(path)
            publish(store, 1, RICH)
        return real(path)

    monkeypatch.setattr(pl, "read_parquet", slow)
    assert store.load().fingerprint == RICH.fingerprint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("full", ["documents.arrow", "slices.arrow", "quality.parquet"])
def test_a_full_disk_is_told_in_one_sentence_and_the_old_snapshot_serves(store, monkeypatch, full):
    publish(store)
    write, file = pl.DataFrame.write_parquet, arrow_files.pa.OSFile
    monkeypatch.setattr(
        pl.DataFrame, "write_parquet",
        lambda self, path, **how: write(self, "/dev/full" if path.name == full else path, **how),
    )  # fmt: skip
    monkeypatch.setattr(
        arrow_files.pa, "OSFile", lambda path, mode: file("/dev/full" if Path(path).name == full else path, mode)
    )
    assert_full(store)


@pytest.mark.parametrize("full", ["about.json", ".current.new"])
def test_a_disk_that_fills_at_the_very_end_changes_nothing(store, monkeypatch, full):
    publish(store)

    def write(path, text, real=module._write):
        if path.name == full:
            path.write_text(text[:10])
            raise OSError(28, os.strerror(28), str(path))
        real(path, text)

    monkeypatch.setattr(module, "_write", write)
    assert_full(store)


def assert_full(store):
    before = store.current()
    with pytest.raises(RefreshError) as refused:
        publish(store, 1, RICH)
    assert str(refused.value) == (
        f"The snapshot could not be written to {store.path}: no space is left on the disk. "
        "The last good snapshot still serves."
    )
    assert store.current() == before
    assert store.load().fingerprint == SMALL.fingerprint
    assert [folder.name for folder in store.snapshots.iterdir()] == [before]
    assert not list(store.path.glob(".building-*"))


class Killed(BaseException):
    """Nothing of ours catches it: the disk stays as it was at that instant."""


STEPS = (
    (pl.DataFrame, "write_parquet"),
    (arrow_files.Writer, "add"),
    (arrow_files.Writer, "close"),
    (os, "fsync"),
    (Path, "mkdir"),
    (Path, "rename"),
    (Path, "replace"),
    (Path, "open"),
)


@pytest.fixture
def killer(monkeypatch):
    """Counts every touch of the disk, and dies before touch ``at`` when there is one."""
    count = {"now": 0, "at": -1}

    def counted(real):
        def touch(*args, **options):
            if count["now"] == count["at"]:
                raise Killed
            count["now"] += 1
            return real(*args, **options)

        return touch

    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    return count


def test_killed_before_any_touch_of_the_disk_a_whole_snapshot_serves(store, killer):
    publish(store)
    killer["now"] = 0
    publish(store, 1, RICH)
    touches = killer["now"]
    assert touches > 2 * len(RICH.frames)
    served = []
    for at in range(touches):
        publish(store, 10 * at + 10)
        killer.update(now=0, at=at)
        with pytest.raises(Killed), store.refreshing():
            publish(store, 10 * at + 11, RICH)
        killer["at"] = -1
        loaded = Store(store.path).load()
        assert loaded.fingerprint in (SMALL.fingerprint, RICH.fingerprint)
        served.append(loaded.fingerprint)
    assert served == [SMALL.fingerprint] * touches
    publish(store, 10**6)
    assert not list(store.path.glob(".building-*"))


def test_killed_while_old_snapshots_are_removed_the_new_one_serves(store, monkeypatch):
    store = replace(store, keep=1)
    publish(store)

    def die(path, **_how):
        next(path.iterdir()).unlink()
        raise Killed

    monkeypatch.setattr(module.shutil, "rmtree", die)
    with pytest.raises(Killed):
        publish(store, 1, RICH)
    monkeypatch.undo()
    assert store.load().fingerprint == RICH.fingerprint
    publish(store, 2)
    assert len(list(store.snapshots.iterdir())) == 1


def test_publishing_the_same_moment_twice_harms_nothing(store):
    publish(store)
    with pytest.raises(RefreshError):
        publish(store)
    assert store.load().fingerprint == SMALL.fingerprint


def test_a_second_refresh_at_once_is_refused_and_a_later_one_is_not(store):
    with store.refreshing():
        with (
            pytest.raises(RefreshError, match=r"^Another refresh is writing to .*; wait"),
            Store(store.path).refreshing(),
        ):
            pass
        publish(store)
    with store.refreshing():
        publish(store, 1)


def test_an_error_inside_a_refresh_stays_what_it_is_and_lets_go_of_the_lock(store):
    with pytest.raises(PermissionError, match="the source"), store.refreshing():
        raise PermissionError("the source")
    with store.refreshing():
        pass


def test_a_store_that_is_a_file_says_so(store):
    store.path.write_text("")
    with pytest.raises(RefreshError, match="could not be written"), store.refreshing():
        pass
    with pytest.raises(NoSnapshotError):
        store.load()


def test_the_last_attempt_is_remembered(store):
    store.path.mkdir()
    store.note_attempt(AT, 'it broke: "why"\nso')
    assert store.last_attempt() == (AT, 'it broke: "why"\nso')
    store.note_attempt(AT, None)
    assert store.last_attempt() == (AT, None)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"at": "never", "problem": null}'])
def test_a_damaged_memory_of_the_last_attempt_is_no_memory(store, content):
    store.path.mkdir()
    (store.path / "last_refresh.json").write_bytes(content)
    assert store.last_attempt() is None


def test_a_damaged_snapshot_is_left_out_of_the_history(store):
    good = publish(store).about["id"]
    (store.snapshots / "broken").mkdir()
    (store.snapshots / "broken" / "about.json").write_text("[]")
    assert [told["id"] for told in store.history()] == [good]


def test_the_same_rows_and_rules_have_the_same_fingerprint_on_another_day():
    rules = {"today": (AT + timedelta(days=1)).date()}
    assert book([invoice()], rules=rules).fingerprint == SMALL.fingerprint
    for changed in (
        {"company": "Other"},
        {"aging": AgingRule(edges=(30,))},
        {"dimensions": {"region": "Region", "entity": "Entity"}},
    ):
        assert book([invoice()], rules=changed).fingerprint != SMALL.fingerprint
    assert book([invoice(amount="100.01")]).fingerprint != SMALL.fingerprint
