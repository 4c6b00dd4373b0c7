"""Why a number moved: contributions add up to the change, and each is what its definition gives in plain fractions."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book
from ledger.errors import OutstandingError
from metrics import CATALOG
from metrics.explain import explain
from tests.plain import metrics as plain
from tests.plain.ledger import Ledger
from tests.plain.strategies import ledgers, pairs_of_days
from tests.properties.product import TO_THE_CENT, book_of, label, values

SPLIT = sorted(name for name, metric in CATALOG.items() if not metric.own)
RATIOS = sorted(name for name in SPLIT if CATALOG[name].denominator is not None)
BALANCES = sorted(name for name in SPLIT if CATALOG[name].additive)

books = ledgers(least=6)
windows = st.sampled_from(["12mo", "3mo", "6mo", "2mo", "90d", "30d"])
groupings = st.sampled_from([[], ["entity"], ["region"], ["customer"], ["region", "segment"], ["entity", "customer"]])
Group = tuple[str | None, ...]


def groups(ledger: Ledger, by: list[str]) -> dict[Group, Ledger]:
    """Each group's part of the books; all of them under () where nothing is grouped."""
    labels = {doc.document_id: tuple(label(ledger, doc, name) for name in by) for doc in ledger.docs}
    return {
        group: ledger.only([doc for doc in ledger.docs if labels[doc.document_id] == group])
        for group in set(labels.values())
    }


def contributions(
    ledger: Ledger, metric: str, days: tuple[date, date], window: str, by: list[str]
) -> dict[Group, Fraction]:
    """(N1g − M × D1g) ÷ D1 − (N0g − M × D0g) ÷ D0 for each group, M halfway between the two values."""
    whole = [plain.evaluate(ledger, day, window)[metric] for day in days]
    middle = sum((item.value or Fraction(0) for item in whole), Fraction(0)) / 2
    found: dict[Group, Fraction] = {}
    for group, part in groups(ledger, by).items():
        above: list[Fraction] = []
        for day, all_of_it in zip(days, whole, strict=True):
            own = plain.evaluate(part, day, window)[metric]
            assert own.numerator is not None
            assert own.denominator is not None
            assert all_of_it.denominator
            above.append((own.numerator * own.times - middle * own.denominator) / all_of_it.denominator)
        found[group] = above[1] - above[0]
    return found


def by_group(rows: pl.DataFrame, by: list[str]) -> dict[Group, float]:
    found: dict[Group, float] = {}
    for *group, contribution in rows.select(*by, "contribution").iter_rows():
        found[tuple(group)] = found.get(tuple(group), 0.0) + contribution
    return found


def split(book: Book, metric: str, days: tuple[date, date], window: str, by: list[str]) -> pl.DataFrame | None:
    """The rows, or None where the metric has no value on one of the days and the product says so."""
    if None in [values(book, day, window)[metric] for day in days]:
        with pytest.raises(OutstandingError):
            explain(book, metric, *days, window, by=by)
        return None
    return explain(book, metric, *days, window, by=by)


@given(books, st.sampled_from(RATIOS), pairs_of_days, windows, groupings)
def test_a_group_contributes_what_the_definition_says(
    ledger: Ledger, metric: str, days: tuple[date, date], window: str, by: list[str]
) -> None:
    rows = split(book_of(ledger), metric, days, window, by)
    if rows is None:
        return
    got, want = by_group(rows, by), contributions(ledger, metric, days, window, by)
    # The rounding of the sum sits in the largest contribution, so the largest number sets how exact each can be.
    within = 1e-9 * (1 + max([abs(float(one)) for one in want.values()], default=0.0))
    assert {group: got.get(group, 0.0) for group in want} == {
        group: pytest.approx(float(one), abs=within) for group, one in want.items()
    }
    assert set(got) <= set(want) | ({()} if not by else set())


@given(books, st.sampled_from(SPLIT), pairs_of_days, windows, groupings)
def test_contributions_add_up_to_the_change(
    ledger: Ledger, metric: str, days: tuple[date, date], window: str, by: list[str]
) -> None:
    book = book_of(ledger)
    rows = split(book, metric, days, window, by)
    if rows is None:
        return
    was, now = (values(book, day, window)[metric] for day in days)
    largest = max([abs(one) for one in rows["contribution"]], default=0.0)
    assert sum(rows["contribution"]) == pytest.approx((now or 0.0) - (was or 0.0), abs=1e-9 * (1 + largest))


@given(books, st.sampled_from(BALANCES), pairs_of_days, windows, groupings)
def test_a_group_contributes_its_own_change_of_money(
    ledger: Ledger, metric: str, days: tuple[date, date], window: str, by: list[str]
) -> None:
    rows = split(book_of(ledger), metric, days, window, by)
    assert rows is not None
    got = by_group(rows, by)
    for group, part in groups(ledger, by).items():
        was, now = (plain.evaluate(part, day, window)[metric].value for day in days)
        assert was is not None
        assert now is not None
        assert got.get(group, 0.0) == pytest.approx(float(now - was), abs=1e-9)


@pytest.mark.parametrize("metric", sorted(set(CATALOG) - set(SPLIT)))
def test_a_metric_that_no_ratio_of_sums_gives_is_not_split(metric: str) -> None:
    with pytest.raises(OutstandingError, match=metric):
        explain(book_of(Ledger()), metric, date(2024, 1, 31), date(2024, 2, 29))


def test_every_metric_is_of_one_kind() -> None:
    assert set(SPLIT) == {*RATIOS, *BALANCES, *TO_THE_CENT}
