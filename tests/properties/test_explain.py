"""Why it moved, for any books: contributions add up, and are what a plain count of every group gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from metrics import CATALOG, Unit, evaluate, explain
from tests.plain import metrics as plain
from tests.plain.ledger import ZERO, Doc, Ledger
from tests.plain.strategies import booked_ledgers, days, ledgers, windows
from tests.properties.product import book_of, cents, label

SPLIT = [metric for metric in CATALOG if not CATALOG[metric].own]
GROUPINGS = [[], ["entity"], ["region"], ["customer"], ["entity", "segment"], ["currency", "region"]]

spans = st.tuples(days, days).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: (min(pair), max(pair)))


def explained(book: Book, metric: str, span: tuple[date, date], window: str, by: Sequence[str]) -> pl.DataFrame | None:
    """The answer, or none where the metric has no value in any currency on one of the days."""
    try:
        return explain(book, metric, *span, window, by=by)
    except OutstandingError as error:
        if "is not defined on" not in str(error):
            raise
        return None


def values(book: Book, metric: str, span: tuple[date, date], window: str) -> dict[str, tuple[float, float]]:
    """Currency to the value on both days, where both are there."""
    rows = evaluate(book, [metric], span, window)
    both: dict[str, list[float | None]] = {}
    for currency, value in rows.sort("as_of").select("currency", "value").iter_rows():
        both.setdefault(currency, []).append(value)
    return {currency: (a, b) for currency, (a, b) in both.items() if a is not None and b is not None}


@given(
    st.one_of(ledgers(), booked_ledgers(), ledgers(("EUR", "GBP", "USD"))),
    spans,
    windows,
    st.sampled_from(SPLIT),
    st.sampled_from(GROUPINGS),
    st.sampled_from([Conversion.BOOKED, Conversion.NONE]),
)
def test_contributions_add_up_to_the_change(
    ledger: Ledger, span: tuple[date, date], window: str, metric: str, by: list[str], conversion: Conversion
) -> None:
    book = book_of(ledger, conversion=conversion)
    rows = explained(book, metric, span, window, by)
    there = values(book, metric, span, window)
    if rows is None:
        assert not there
        return
    assert set(rows["currency"]) <= set(there)
    for currency, (before, after) in there.items():
        shares = rows.filter(pl.col("currency") == currency)["contribution"].to_list()
        if CATALOG[metric].unit is Unit.MONEY:
            assert sum((cents(share) for share in shares), ZERO) == cents(after) - cents(before)
        else:
            assert_adds_up(shares, after - before)


def assert_adds_up(shares: Sequence[float], change: float) -> None:
    """To the last bit. Where all are much larger than the change, to the last bit that the largest has."""
    largest = max((abs(share) for share in shares), default=0.0)
    missed = abs(math.fsum(shares) - change)
    if any(0 < abs(share) <= abs(change) for share in shares) or largest <= abs(change):
        assert missed == 0
    assert missed <= math.ulp(largest)


@given(st.one_of(ledgers(), booked_ledgers()), spans, windows, st.sampled_from(SPLIT))
def test_a_group_contributes_what_its_own_groups_do(
    ledger: Ledger, span: tuple[date, date], window: str, metric: str
) -> None:
    book = book_of(ledger)
    coarse, fine = (explained(book, metric, span, window, by) for by in (["region"], ["region", "customer"]))
    if coarse is None or fine is None:
        assert coarse is fine is None
        return
    one, other = (dict(f.group_by("region").agg(pl.col("contribution").sum()).iter_rows()) for f in (coarse, fine))
    # Metrics that round for every group are a cent a group apart.
    slack = 0.01 * (fine.height + 1) if CATALOG[metric].unit is Unit.MONEY and not CATALOG[metric].additive else 0.0
    size = max((abs(amount) for amount in fine["contribution"]), default=0.0)
    for region in one.keys() | other.keys():
        assert one.get(region, 0.0) == pytest.approx(other.get(region, 0.0), rel=1e-9, abs=1e-9 * (1 + size) + slack)


@given(
    ledgers(), spans, windows, st.sampled_from(["dso", "overdue_share", "cei"]), st.sampled_from(["region", "customer"])
)
def test_a_ratio_is_split_as_a_plain_count_splits_it(
    ledger: Ledger, span: tuple[date, date], window: str, metric: str, dimension: str
) -> None:
    rows = explained(book_of(ledger), metric, span, window, [dimension])
    want = split(ledger, metric, span, window, dimension)
    if rows is None or want is None:
        assert rows is want is None
        return
    got = {(group, part): amount for group, part, amount in rows.select(dimension, "part", "contribution").iter_rows()}
    size = 1 + max((abs(float(amount)) for amount in want.values()), default=0.0)
    for key in got.keys() | want.keys():
        assert got.get(key, 0.0) == pytest.approx(float(want.get(key, Fraction())), abs=1e-9 * size), key


# The plain count: fractions and loops ---------------------------------------------------------------------------------

Sums = tuple[Fraction, Fraction, tuple[Fraction, ...]]
"""What is above the line, what is below it, and what the part above is made of."""


def sums(ledger: Ledger, metric: str, day: date, window: str) -> Sums:
    span = plain.window(day, window)
    total, late = Fraction(plain.total_ar(ledger, day)), Fraction(plain.past_due(ledger, day))
    gross, sales = Fraction(plain.gross_open(ledger, day)), Fraction(plain.credit_sales(ledger, span))
    current, credits = gross - late, Fraction(plain.unapplied_credits(ledger, day))
    match metric:
        case "dso":
            return total, sales / span.days, (current, late, credits)
        case "overdue_share":
            return late, gross, (late,)
        case _:
            available = Fraction(plain.total_ar(ledger, span.before)) + sales
            return available - total, (available - current) / 100, (available - total,)


def split(
    ledger: Ledger, metric: str, span: tuple[date, date], window: str, dimension: str
) -> dict[tuple[str | None, str], Fraction] | None:
    """(group, part) to contribution; None where the metric has no value on one of the days."""
    (n0, d0, _), (n1, d1, _) = (sums(ledger, metric, day, window) for day in span)
    if d0 <= 0 or d1 <= 0:
        return None
    level = (n0 / d0 + n1 / d1) / 2
    names = ("best_possible", "delinquent", "credits") if metric == "dso" else ("rate",)
    members: dict[str | None, list[Doc]] = {}
    for doc in ledger.docs:
        members.setdefault(label(ledger, doc, dimension), []).append(doc)
    found: dict[tuple[str | None, str], Fraction] = {}
    for group, docs in members.items():
        (gn0, gd0, made0), (gn1, gd1, made1) = (sums(ledger.only(docs), metric, day, window) for day in span)
        whole = (gn1 - level * gd1) / d1 - (gn0 - level * gd0) / d0
        w0, w1 = gd0 / d0, gd1 / d1
        if w0 > 0 and w1 > 0:
            assume(max(w0, w1) != 10 * min(w0, w1))
        if w0 > 0 and w1 > 0 and max(w0, w1) < 10 * min(w0, w1):
            for name, before, after in zip(names, made0, made1, strict=True):
                found[group, name] = (w0 + w1) / 2 * (after / gd1 - before / gd0)
                whole -= found[group, name]
        found[group, "mix"] = whole
    return found
