"""What the columns hold, and what changed in it: held against counting by hand, and parted in any way."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from ledger import profile as profiles
from ledger.build import build_book
from ledger.profile import Profile
from ledger.shifts import compared, shifts
from tests.ledger.books import book, customer, invoice, settled, tables

AMOUNT = pl.Decimal(38, 6)
GIVEN = ["document_id", "entity", "document_date", "amount", "number", "disputed"]


def documents(rows, first=1):
    """Rows of ``GIVEN`` as they are accepted, numbered from ``first``."""
    types = [pl.String, pl.String, pl.Date, AMOUNT, pl.String, pl.Boolean]
    frame = pl.DataFrame(rows, schema=dict(zip(GIVEN, types, strict=True)), orient="row")
    return frame.with_row_index("_row", offset=first)


def profiled(*parts):
    gathered = Profile()
    for part in parts:
        gathered.add("documents", part, GIVEN)
    return gathered.frame()


def plainly(rows):
    """The same by counting, a column at a time."""
    told = {}
    for place, name in enumerate(GIVEN):
        values = [row[place] for row in rows if row[place] is not None]
        words = {True: "yes", False: "no"} if name == "disputed" else {}
        text = Counter(words.get(v, v.isoformat() if isinstance(v, date) else _digits(v)) for v in values)
        told[name] = (len(rows), len(values), len(set(values)), text if name != "document_id" else Counter())
    return told


def _digits(value):
    if not isinstance(value, Decimal):
        return value
    whole = f"{value:f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


value = some.one_of(some.none(), some.sampled_from(["DE", "de", "Ünder", "x" * 9]))
rows_of = some.lists(
    some.tuples(
        value,
        some.one_of(some.none(), some.dates(date(2020, 1, 1), date(2020, 2, 1))),
        some.one_of(some.none(), some.decimals(-1000, 1000, places=2)),
        some.one_of(some.none(), some.sampled_from(["N1", "N2", "N-33"])),
        some.one_of(some.none(), some.booleans()),
    ),
    max_size=30,
)


@given(rows_of, some.integers(0, 30))
def test_it_counts_as_counting_does_however_rows_are_parted(given_rows, cut):
    rows = [(f"D{place:03d}", *row) for place, row in enumerate(given_rows)]
    whole = documents(rows)
    told = profiled(whole[:cut], whole[cut:])
    assert told.equals(profiled(whole))
    expected = plainly(rows)
    for row in told.iter_rows(named=True):
        counted = Counter({each["value"]: each["rows"] for each in row["values"]})
        assert (row["rows"], row["filled"], row["distinct"], counted) == expected[row["column"]]
        assert row["exact"]
    amounts = [row[3] for row in rows if row[3] is not None]
    amount = told.row(by_predicate=pl.col("column") == "amount", named=True)
    ends = (min(amounts), max(amounts)) if amounts else (None, None)
    assert tuple(None if end is None else Decimal(end) for end in (amount["smallest"], amount["largest"])) == ends
    entities = [row[1] for row in rows if row[1] is not None]
    entity = told.row(by_predicate=pl.col("column") == "entity", named=True)
    assert len(entity["longest"] or "") == max(map(len, entities), default=0)
    assert len(entity["shortest"] or "") == min(map(len, entities), default=0)


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(profiles, "FEW", 64)
    monkeypatch.setattr(profiles, "_GLANCE", 256)
    monkeypatch.setattr(profiles, "SAMPLE", 500)


def many(count):
    """A number of its own on nine documents of ten, ``N/A`` on every tenth."""
    start = date(2020, 1, 1)
    return [
        (f"D{n:05d}", f"E{n % 3}", start + timedelta(days=n % 7), Decimal(n) / 4, f"N{n}" if n % 10 else "N/A", None)
        for n in range(count)
    ]


@pytest.mark.usefixtures("_small")
def test_many_values_are_estimated_and_the_frequent_ones_found():
    whole = documents(many(6000))
    told = profiled(whole)
    number = told.row(by_predicate=pl.col("column") == "number", named=True)
    assert not number["exact"]
    assert 4000 < number["distinct"] < 7000, "5,401 numbers, estimated by 64 hashes at most"
    assert number["counted"] == 500
    (frequent,) = number["values"]
    assert frequent["value"] == "N/A"
    assert 0.05 < frequent["rows"] / 500 < 0.15
    assert (number["shortest"], number["longest"]) == ("N1", "N5999")
    key = told.row(by_predicate=pl.col("column") == "document_id", named=True)
    assert (key["distinct"], key["exact"], key["values"]) == (6000, True, [])
    amount = told.row(by_predicate=pl.col("column") == "amount", named=True)
    assert (amount["smallest"], amount["largest"]) == ("0", "1499.75")


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("cuts", [(50,), (1, 5999), (300, 700, 701, 4000)])
def test_parts_make_no_difference_where_values_are_many(cuts):
    whole = documents(many(6000))
    edges = [0, *cuts, 6000]
    parts = [whole[start:end] for start, end in pairwise(edges)]
    assert profiled(*parts).equals(profiled(whole))
    assert profiled(*reversed(parts)).equals(profiled(whole)), "nor their order"


def test_a_book_tells_of_the_columns_that_the_mapping_gives_and_of_accepted_rows():
    rows = [invoice("I1"), invoice("I2", "250.50", due_date=None), invoice("BAD", "x")]
    told = book(rows, [settled("S1", "40", "2024-02-01")], [customer(collector="Ann")]).frames["profile"]
    columns = told.filter(table="documents")["column"].to_list()
    assert columns == [
        "document_id", "customer_id", "entity", "kind", "document_date", "due_date", "currency", "amount", "region",
    ]  # fmt: skip
    due = told.row(by_predicate=(pl.col("column") == "due_date"), named=True)
    assert (due["rows"], due["filled"], due["smallest"], due["largest"]) == (2, 1, "2024-02-09", "2024-02-09")
    amount = told.row(by_predicate=(pl.col("column") == "amount") & (pl.col("table") == "documents"), named=True)
    assert (amount["smallest"], amount["largest"]) == ("100", "250.5")
    assert "collector" in told.filter(table="customers")["column"].to_list()


def ledger(count=100, **every):
    """So many invoices of EMEA; ``every``: a column to what its rows hold, by their place."""
    return [
        invoice(f"I{n:04d}", "100", number=f"N{n}", **{name: told(n) for name, told in every.items()})
        for n in range(count)
    ]


def without(count):
    """A ledger of which so many invoices have no due date."""
    return ledger(due_date=lambda n: None if n < count else "2024-02-09")


def shifted(before, now):
    """Column, shift, value and rows of what changed between two ledgers."""
    rows = compared(book(before).frames["profile"], book(now).frames["profile"])
    return [(row["column"], row["shift"], row["value"], row["rows"]) for row in rows.iter_rows(named=True)]


def test_the_same_ledger_and_a_little_more_of_it_shift_nothing():
    assert shifted(ledger(), ledger()) == []
    assert shifted(ledger(), ledger(130)) == []


def test_a_column_that_loses_its_values_is_told():
    def half(place):
        return None if place % 2 else "2024-02-09"

    assert shifted(ledger(), ledger(due_date=half)) == [("due_date", "less_filled", None, 50)]
    assert shifted(ledger(), ledger(due_date=lambda _n: None)) == [("due_date", "emptied", None, 100)]
    # Of a column that was full 2 of 100 are much, 1 is not; of one with gaps, a tenth of all the rows.
    assert shifted(ledger(), without(2)) == [("due_date", "less_filled", None, 2)]
    assert shifted(ledger(), without(1)) == []
    assert shifted(without(2), without(11)) == []
    assert shifted(without(2), without(12)) == [("due_date", "less_filled", None, 12)]


def test_a_column_that_is_no_longer_mapped_is_told():
    left_out = [{name: value for name, value in row.items() if name != "due_date"} for row in ledger()]
    assert shifted(ledger(), left_out) == [("due_date", "gone", None, 100)]


def test_rows_that_came_since_without_a_value_are_told():
    # 1,000 filled and 60 more that are not: 94 % in all, but none of those that came.
    later = ledger(1060, due_date=lambda n: "2024-02-09" if n < 1000 else None)
    assert shifted(ledger(1000), later) == [("due_date", "not_lately", None, 60)]
    few = ledger(1019, due_date=lambda n: "2024-02-09" if n < 1000 else None)
    assert shifted(ledger(1000), few) == [], "19 rows say nothing"


def test_a_number_far_beyond_all_before_is_told():
    def slip(times):
        return [*ledger(99), invoice("I9999", str(100 * times), number="N99")]

    assert shifted(ledger(), slip(10)) == []
    assert shifted(ledger(), slip(11)) == [("amount", "stretched", None, 1)]


def test_a_value_that_never_was_and_one_that_moved_are_told():
    def mostly(share, other):
        return lambda n: other if n < share else "E1"

    assert shifted(ledger(), ledger(entity=mostly(1, "E9"))) == [("entity", "new_value", "E9", 1)]
    moved = shifted(ledger(entity=mostly(10, "E2")), ledger(entity=mostly(30, "E2")))
    assert moved == [("entity", "tilted", "E1", 70), ("entity", "tilted", "E2", 30)]
    names = shifted(ledger(), [{**row, "number": "again"} for row in ledger()])
    assert names == [], "a number is no class"


def test_a_book_is_compared_with_the_one_before():
    first = book(ledger())
    assert shifts(first).is_empty()
    assert first.frames["profile_before"].is_empty()


def test_a_refresh_hands_the_profile_on():
    first = book(ledger())
    rules, rows = first.rules, tables(ledger(due_date=lambda _n: None))
    second = build_book(rows, rules, before=first)
    assert second.frames["profile_before"].equals(first.frames["profile"])
    assert shifts(second)["shift"].to_list() == ["emptied"]
    assert shifts(second).row(0) == ("documents", "due_date", "emptied", None, 1.0, 0.0, 100)
