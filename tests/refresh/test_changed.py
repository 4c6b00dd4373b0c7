"""A refresh that reads what changed gives what reading everything would have given."""

from __future__ import annotations

import random
import shutil
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from config import settings as configuration
from data_sources import refresh as product
from data_sources.landing import Landing
from data_sources.refresh import refresh
from data_sources.sql import Sql
from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.rules import HISTORY_CHANGED

APP = """
company = "Changing"
reporting_currency = "USD"
source = "erp"
[dimensions]
region = "Region"
behaviour = "Pays"
[store]
path = "{store}"
keep = 2
[quality]
max_quarantined_share = 1.0
"""
SOURCE = """
kind = "sql"
url = "sqlite:///{file}"
[mapping]
customers = "SELECT * FROM customers"
documents = "SELECT * FROM documents"
settlements = "SELECT * FROM settlements"
{changes}
"""
CHANGES = """
[changes]
column = "changed_at"
removed = "gone"
full_every = {every}
"""
START = date(2024, 1, 1)


HISTORY = {"revised", "revised_days", "profile_before"}
"""What the books before knew otherwise: each store has its own books before."""


class Erp:
    """A small ERP that lives: rows come, change, and are marked as removed; each change has its time."""

    def __init__(self, file: Path, seed: int) -> None:
        self.base = sqlite3.connect(file, isolation_level=None)
        self.chance = random.Random(seed)  # noqa: S311 - a story, no secret
        self.clock = 0
        self.base.execute("CREATE TABLE customers (customer_id, name, region)")
        self.base.execute(
            "CREATE TABLE documents (document_id, customer_id, entity, kind, document_date, due_date, currency, amount,"
            " number, changed_at, gone)"
        )
        self.base.execute(
            "CREATE TABLE settlements (settlement_id, document_id, settled_on, amount, kind, changed_at, gone)"
        )
        for number in range(5):
            self.base.execute("INSERT INTO customers VALUES (?, ?, ?)", (f"C{number}", f"N{number}", "EW"[number % 2]))

    def now(self) -> str:
        self.clock += self.chance.randint(0, 2)
        return (datetime(2024, 6, 1, tzinfo=UTC) + timedelta(seconds=self.clock)).strftime("%Y-%m-%d %H:%M:%S")

    def live(self, events: int) -> None:
        for _ in range(events):
            self.chance.choice([self.bill, self.bill, self.pay, self.pay, self.correct, self.remove, self.unpay])()

    def bill(self) -> None:
        number = self.base.execute("SELECT count(*) FROM documents").fetchone()[0]
        on = START + timedelta(days=self.chance.randint(0, 150))
        amount = self.chance.choice(["100.00", "250.50", "-40.00", "odd"])
        kind = "credit_memo" if amount.startswith("-") else "invoice"
        who = f"C{self.chance.randint(0, 6)}"
        row = (f"D{number}", who, "E", kind, str(on), str(on + timedelta(days=30)), "USD", amount, f"N{number % 9}")
        self.base.execute("INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,0)", (*row, self.now()))

    def pay(self) -> None:
        if (one := self.any("documents")) is None:
            return
        number = self.base.execute("SELECT count(*) FROM settlements").fetchone()[0]
        on = START + timedelta(days=self.chance.randint(20, 180))
        amount = self.chance.choice(["10.00", "60.00", "100.00"])
        row = (f"S{number}", one, str(on), amount, self.chance.choice(["cash", "write_off"]))
        self.base.execute("INSERT INTO settlements VALUES (?,?,?,?,?,?,0)", (*row, self.now()))

    def correct(self) -> None:
        one, amount = self.any("documents"), self.chance.choice(["75.00", "130.00", "odd"])
        self.base.execute(
            "UPDATE documents SET amount = ?, changed_at = ? WHERE document_id = ?", (amount, self.now(), one)
        )

    def remove(self) -> None:
        one = self.any("documents")
        self.base.execute("UPDATE documents SET gone = 1, changed_at = ? WHERE document_id = ?", (self.now(), one))

    def unpay(self) -> None:
        one = self.any("settlements")
        self.base.execute("UPDATE settlements SET gone = 1, changed_at = ? WHERE settlement_id = ?", (self.now(), one))

    def any(self, table: str) -> str | None:
        rows = self.base.execute(f"SELECT {table[:-1]}_id FROM {table} ORDER BY 1").fetchall()
        return self.chance.choice(rows)[0] if rows else None


@pytest.fixture
def place(tmp_path: Path):
    """Settings of one company whose source says what changed, in a store of the name given."""

    def settings(store: str, every: int = 50, **changed: str):
        folder = tmp_path / f"{store}-config"
        (folder / "sources").mkdir(parents=True, exist_ok=True)
        (folder / "app.toml").write_text(APP.format(store=tmp_path / store))
        text = SOURCE.format(file=tmp_path / "erp.sqlite", changes=CHANGES.format(every=every))
        for old, new in changed.items():
            text = text.replace(old, new)
        (folder / "sources" / "erp.toml").write_text(text)
        return configuration.load(folder)

    return settings


@pytest.fixture
def extracted(monkeypatch):
    """The rows that the database was asked for, by table, refresh after refresh."""
    counts: dict[str, int] = {}
    real = Sql.batches

    def batches(self, table, since=None):
        counts[table] = 0
        frames = real(self, table, since)

        def counted():
            for frame in frames or ():
                counts[table] += frame.height
                yield frame

        return None if frames is None else counted()

    monkeypatch.setattr(Sql, "batches", batches)
    return counts


def assert_same(changed: Book, whole: Book) -> None:
    """Frame for frame; only the numbers of rows follow the order in which they were read."""
    assert {**changed.about["accepted"]} == whole.about["accepted"]
    assert {**changed.about["quarantined"]} == whole.about["quarantined"]
    for name in sorted(whole.frames.keys() - HISTORY):
        own, all_read = (_without_order(name, book.frames[name]) for book in (changed, whole))
        assert_frame_equal(own, all_read)


def _without_order(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    if name == "quarantine":
        return rows.drop("row").sort("table", "key", "rule", "raw")
    # Which rows a rule names as examples is a matter of which came first.
    count = pl.col("examples").list.len()
    return rows.filter(pl.col("rule") != HISTORY_CHANGED).with_columns(count) if name == "quality" else rows


@pytest.mark.parametrize("seed", range(6))
def test_changes_give_what_everything_would_have_given(tmp_path, place, extracted, seed):
    erp = Erp(tmp_path / "erp.sqlite", seed)
    erp.live(60)
    changing, plain = place("changing"), place("plain")
    refresh(changing)
    for _ in range(4):
        erp.live(erp.chance.randint(0, 12))
        at = datetime.now(UTC)
        book = refresh(changing, now=at)
        asked = dict(extracted)
        assert_same(book, refresh(plain, full=True, now=at))
        assert asked["documents"] < extracted["documents"]
        assert asked["settlements"] < extracted["settlements"]
        assert asked["customers"] == extracted["customers"]


def test_only_what_changed_is_asked_for(tmp_path, place, extracted):
    erp = Erp(tmp_path / "erp.sqlite", 1)
    erp.live(200)
    erp.clock += 100
    refresh(place("changing"))
    assert extracted["documents"] > 20
    erp.bill()
    refresh(place("changing"))
    # What shares the last time that was seen is read once more: it may have been written a moment later.
    assert extracted["documents"] <= 3


def test_everything_is_read_again_now_and_then(tmp_path, place, extracted):
    erp = Erp(tmp_path / "erp.sqlite", 2)
    erp.live(50)
    read = []
    for _ in range(7):
        refresh(place("changing", every=3))
        read.append(extracted["documents"])
    most = max(read)
    assert [rows == most for rows in read] == [True, False, False, False, True, False, False]


def test_rows_that_vanish_without_a_trace_are_noticed_by_a_full_refresh(tmp_path, place):
    erp = Erp(tmp_path / "erp.sqlite", 3)
    erp.live(50)
    refresh(place("changing"))
    erp.base.execute("DELETE FROM settlements")
    assert refresh(place("changing")).about["rows_in"]["settlements"] > 0
    assert refresh(place("changing"), full=True).about["rows_in"]["settlements"] == 0


@pytest.mark.parametrize("what", ["mapping", "landing"])
def test_another_mapping_or_a_damaged_copy_is_read_anew(tmp_path, place, extracted, what):
    erp = Erp(tmp_path / "erp.sqlite", 4)
    erp.live(50)
    refresh(place("changing"))
    whole, changed = extracted["documents"], {}
    if what == "mapping":
        changed = {"SELECT * FROM documents": "SELECT *, 'x' AS region FROM documents"}
    else:
        next((tmp_path / "changing" / "landing").glob("documents-*")).unlink()
    refresh(place("changing", **changed))
    assert extracted["documents"] == whole


def test_a_refresh_that_fails_half_way_forgets_nothing(tmp_path, place, monkeypatch):
    erp = Erp(tmp_path / "erp.sqlite", 5)
    erp.live(50)
    refresh(place("changing"))
    erp.live(10)
    with monkeypatch.context() as broken:
        broken.setattr(Landing, "commit", lambda *_said: (_ for _ in ()).throw(OutstandingError("no")))
        with pytest.raises(OutstandingError):
            refresh(place("changing"))
    erp.live(10)
    at = datetime.now(UTC)
    assert_same(refresh(place("changing"), now=at), refresh(place("plain"), now=at))


def never(*_arguments, **_named):
    raise AssertionError("nothing was to be built")


@pytest.fixture
def still(tmp_path, place, monkeypatch):
    """An ERP in which nothing happens any more, refreshed; nothing may be built from then on."""
    erp = Erp(tmp_path / "erp.sqlite", 8)
    erp.live(80)
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    first = refresh(place("changing"), now=noon)
    monkeypatch.setattr(product, "build", never)
    return erp, first, noon


def test_where_nothing_changed_nothing_is_built(tmp_path, place, still):
    _, first, noon = still
    for hour in (1, 2, 3):
        again = refresh(place("changing"), now=noon + timedelta(hours=hour))
        assert again.about["made_at"] == noon + timedelta(hours=hour)
        assert again.about["id"] != first.about["id"]
        for name, frame in first.frames.items():
            assert_frame_equal(again.frames[name], frame)
        told, before = ({**book.about, "id": "", "made_at": "", "since": {}} for book in (again, first))
        assert told == before
    # What came again as it was is not kept again.
    assert len(list((tmp_path / "changing" / "landing").glob("*.arrow"))) == 2
    files = [*(tmp_path / "changing" / "snapshots").glob("*/documents.arrow")]
    assert len(files) == 2
    assert files[0].samefile(files[1])


@pytest.mark.parametrize("what", ["document", "customer", "rule", "formats", "day", "code", "snapshot"])
def test_whatever_changed_the_books_are_built_anew(tmp_path, place, still, monkeypatch, what):
    erp, first, noon = still
    at, settings = noon + timedelta(hours=1), place("changing")
    match what:
        case "document":
            erp.bill()
        case "customer":
            erp.base.execute("UPDATE customers SET name = 'Other' WHERE customer_id = 'C1'")
        case "rule":
            settings = settings.model_copy(update={"dimensions": {"region": "Area", "behaviour": "Pays"}})
        case "formats":
            settings = place("changing", **{"[mapping]": '[formats]\nthousands = " "\n[mapping]'})
        case "day":
            at += timedelta(days=1)
        case "code":
            monkeypatch.setattr(product, "stamp_of", lambda _packages: "another")
        case _:
            shutil.rmtree(tmp_path / "changing" / "snapshots" / first.about["id"])
    with pytest.raises(AssertionError, match="nothing was to be built"):
        refresh(settings, now=at)


def test_books_that_were_refused_are_not_taken_for_those_that_were_published(tmp_path, place):
    erp = Erp(tmp_path / "erp.sqlite", 9)
    erp.live(80)
    refresh(place("changing"))
    erp.base.execute(
        "UPDATE documents SET amount = 'odd', changed_at = ? WHERE document_id < 'D3'", ("2024-07-01 00:00:00",)
    )
    strict = place("changing")
    quality = strict.quality.model_copy(update={"max_quarantined_share": 0.0})
    with pytest.raises(OutstandingError, match="Not published"):
        refresh(strict.model_copy(update={"quality": quality}))
    at = datetime.now(UTC)
    assert_same(refresh(place("changing"), now=at), refresh(place("plain"), now=at))


def test_rows_without_an_id_or_with_one_that_is_taken_stay_as_many_as_they_are(tmp_path, place):
    erp = Erp(tmp_path / "erp.sqlite", 10)
    erp.live(40)
    for id in (None, None, "D0", "D0"):
        erp.bill()
        erp.base.execute("UPDATE documents SET document_id = ? WHERE rowid = (SELECT max(rowid) FROM documents)", (id,))
    for _ in range(3):
        at = datetime.now(UTC)
        assert_same(refresh(place("changing"), now=at), refresh(place("plain"), full=True, now=at))
        erp.bill()


def test_a_mapping_without_the_column_is_told_so(tmp_path, place):
    Erp(tmp_path / "erp.sqlite", 6).live(20)
    changed = {
        "SELECT * FROM settlements": "SELECT settlement_id, document_id, settled_on, amount, kind FROM settlements"
    }
    with pytest.raises(
        OutstandingError, match=r"mapping\.settlements returns no column 'changed_at', which \[changes\] asks for"
    ):
        refresh(place("changing", **changed))


def test_a_source_that_lost_the_ids_since_the_last_refresh_is_told_so(tmp_path, place):
    erp = Erp(tmp_path / "erp.sqlite", 6)
    erp.live(20)
    refresh(place("changing"))
    erp.base.execute("ALTER TABLE documents RENAME COLUMN document_id TO doc_no")
    with pytest.raises(OutstandingError, match="document_id"):
        refresh(place("changing"))


def test_without_changes_no_copy_is_kept(tmp_path, place):
    Erp(tmp_path / "erp.sqlite", 7).live(20)
    refresh(place("changing"))
    assert (tmp_path / "changing" / "landing").is_dir()
    refresh(place("changing", **{CHANGES.format(every=50): ""}))
    assert not (tmp_path / "changing" / "landing").exists()
