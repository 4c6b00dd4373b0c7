"""A ledger that is built in parts, on disk, is the ledger that is built whole, in memory: row for row."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ledger.book import Book, BookRules
from ledger.build import build, build_book
from ledger.conversion import Conversion
from ledger.shelf import Folder, Memory, opened
from tests.ledger.books import customer, frame, invoice, payment, rate, settled
from tests.plain.ledger import Ledger
from tests.plain.strategies import booked_ledgers, ledgers, to_frames

DIMENSIONS = {"entity": "Entity", "region": "Region", "segment": "Segment", "behaviour": "Pays"}
RULES = BookRules(dimensions=DIMENSIONS, today=date(2025, 12, 31))


def batches(rows: pl.DataFrame, size: int) -> Iterator[pl.DataFrame]:
    """``rows`` in batches, an empty one when there are none."""
    yield from (rows.slice(at, size) for at in range(0, max(rows.height, 1), size))


def in_parts(tables: Mapping[str, pl.DataFrame], rules: BookRules, size: int, most: int) -> Book:
    """The book of ``tables``, read in batches of ``size``, with ``most`` rows worked on at a time."""
    with tempfile.TemporaryDirectory() as folder:
        shelf = Memory()
        given_in = {name: batches(rows, size) for name, rows in tables.items()}
        built = build(given_in, rules, shelf, folder=Path(folder), most=most)
        assert not list(Path(folder).iterdir()), "nothing is left behind"
        return Book(built.rules, shelf.frames(), built.about)


def assert_same(tables: Mapping[str, pl.DataFrame], rules: BookRules, size: int = 2, most: int = 4) -> Book:
    whole, parts = build_book(tables, rules), in_parts(tables, rules, size, most)
    assert parts.about == whole.about
    assert parts.rules == whole.rules
    assert parts.frames.keys() == whole.frames.keys()
    for name, rows in whole.frames.items():
        if name in {"standing", "passing"}:
            # Days come once a part; within a part, and so within a day, rows are in the same order.
            assert_frame_equal(parts.frames[name].sort("as_of", maintain_order=True, nulls_last=True), rows)
        else:
            assert_frame_equal(parts.frames[name], rows)
    return whole


@given(st.one_of(ledgers(("USD", "EUR")), ledgers(least=8), booked_ledgers()), st.booleans(), st.integers(1, 9))
def test_parts_of_any_size_make_the_same_book(ledger: Ledger, as_text: bool, size: int) -> None:
    assert_same(to_frames(ledger, as_text), RULES, size, most=2 * size)


MANY = [invoice(f"I{n}", str(100 + n), customer_id=f"C{n % 7}", number=f"N{n}") for n in range(40)]


def ledger_of(documents: list[dict[str, object]], settlements: list[dict[str, object]], **more: pl.DataFrame):
    tables = {
        "customers": frame("customers", [customer("C1"), customer("C2", region="West")]),
        "documents": frame("documents", documents),
        "settlements": frame("settlements", settlements),
    }
    return {**tables, **more}


def test_a_settlement_that_comes_twice_on_two_documents_counts_once_wherever_they_are_worked_on() -> None:
    twice = [settled(f"S{n // 2}", "1", "2024-03-01", of=f"I{n}") for n in range(40)]
    book = assert_same(ledger_of(MANY, twice), RULES)
    assert book.quarantine["rule"].to_list() == ["key_repeated"] * 20
    assert book.quarantine["row"].to_list() == list(range(2, 41, 2)), "the first stays"


def test_a_document_that_comes_twice_stays_once_however_far_apart_its_rows_are() -> None:
    book = assert_same(ledger_of([*MANY, invoice("I3", "999"), payment(" I3 ", "-5", "2024-03-01")], []), RULES)
    assert book.quarantine.select("row", "rule").rows() == [(41, "key_repeated"), (42, "key_repeated")]


def test_documents_alike_are_noticed_though_they_are_judged_apart() -> None:
    alike = [invoice(f"X{n}", "77", number="SAME") for n in range(8)]
    book = assert_same(ledger_of([*MANY, *alike], []), RULES)
    found = book.quality.filter(pl.col("rule") == "possible_duplicate").row(0, named=True)
    assert (found["rows"], found["examples"]) == (8, ["X0", "X1", "X2", "X3", "X4"])


def test_strangers_are_customers_only_if_something_of_theirs_is_accepted() -> None:
    odd = [invoice("bad", "x", customer_id="Nobody"), invoice("good", "5", customer_id="Someone")]
    book = assert_same(ledger_of([*MANY, *odd], []), RULES)
    known = set(book.frames["customers"]["customer_id"])
    assert "Someone" in known
    assert "Nobody" not in known


FOREIGN = [invoice(f"E{n}", "50", currency="EUR", customer_id=f"C{n % 3}") for n in range(6)]


@pytest.mark.parametrize("wanted", [Conversion.BOOKED, Conversion.HISTORICAL])
def test_parts_agree_that_nothing_is_converted(wanted: Conversion) -> None:
    book = assert_same(ledger_of([*MANY, *FOREIGN], []), BookRules(dimensions=DIMENSIONS, conversion=wanted))
    assert book.rules.conversion is Conversion.NONE
    assert book.currencies == ("EUR", "USD")


def test_booked_amounts_of_one_part_keep_the_others_from_going_without() -> None:
    booked = [invoice("B", "50", currency="EUR", amount_base="55", base_currency="USD")]
    book = assert_same(ledger_of([*MANY, *FOREIGN, *booked], []), RULES)
    assert book.rules.conversion is Conversion.BOOKED
    assert set(book.quarantine["rule"]) == {"rate_missing"}


def test_rates_serve_every_part() -> None:
    rates = frame("fx_rates", [rate("EUR", "2024-01-01", "1.1")])
    book = assert_same(ledger_of([*MANY, *FOREIGN], [], fx_rates=rates), RULES)
    assert book.quarantine.is_empty()


def test_bytes_are_judged_as_a_whole() -> None:
    documents = frame("documents", MANY).with_columns(
        document_id=pl.concat(
            [pl.Series([bytes([200 + n % 50, n, 255]) for n in range(20)]), pl.Series([b"A%d" % n for n in range(20)])]
        )
    )
    book = assert_same({**ledger_of([], []), "documents": documents}, RULES)
    assert set(book.frames["documents"]["document_id"].str.len_chars()) == {4, 6}, "all of them in hexadecimal digits"


def test_bytes_that_come_after_rows_were_dealt_are_judged_as_a_whole_too() -> None:
    paid = frame("settlements", [settled(f"S{n}", "1", "2024-03-01", of=f"I{n}") for n in range(20)])
    ids = pl.Series([bytes([200 + n, n, 255]) for n in range(10)] + [b"A%d" % n for n in range(10)])
    settlements = paid.with_columns(settlement_id=ids)
    book = assert_same({**ledger_of(MANY, []), "settlements": settlements}, RULES)
    assert set(book.frames["settlements"]["settlement_id"].str.len_chars()) == {4, 6}


def test_types_may_differ_between_batches() -> None:
    numbers = [invoice(str(n), "10") for n in range(20)]
    words = [invoice(f"I{n}", "10") for n in range(20)]
    both = [frame("documents", numbers).with_columns(pl.col("document_id").cast(pl.Int64)), frame("documents", words)]
    with tempfile.TemporaryDirectory() as folder:
        shelf = Memory()
        tables = {"customers": [frame("customers", [customer()])], "documents": both}
        build(tables, RULES, shelf, folder=Path(folder), most=5)
        assert set(shelf.frames()["documents"]["document_id"]) == {str(n) for n in range(20)} | {
            f"I{n}" for n in range(20)
        }


def test_a_book_in_files_is_the_book_in_memory(tmp_path: Path) -> None:
    tables = ledger_of(MANY, [settled(f"S{n}", "1", "2024-03-01", of=f"I{n}") for n in range(30)])
    shelf = Folder(tmp_path)
    build({name: [rows] for name, rows in tables.items()}, RULES, shelf, folder=tmp_path, most=10)
    shelf.close()
    whole = build_book(tables, RULES)
    for name in ("documents", "settlements", "slices", "positions", "customers"):
        assert_frame_equal(opened(tmp_path, name), whole.frames[name])
