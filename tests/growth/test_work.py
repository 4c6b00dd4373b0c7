"""Work grows no faster than the ledger: counted in passes and rows, on ledgers of one, two and four times the size.

A pass more for more rows is a loop over rows in disguise. Rows may grow in proportion: from two to four times they then
grow twice as much as from one to two, whatever every ledger costs. Quadratic work grows four times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest

import metrics
from ledger import listing
from ledger.calendar import Window
from ledger.scope import Scope
from metrics import evaluate
from tests.growth import ledgers
from tests.growth.work import Work, counted

LINEAR = 2.5
"""How many times as much rows may grow from two to four times the size as from one to two; 2 in theory, 4 if square."""

UNEVEN = 0.25
"""Rows that may come besides, as a share of those of the smallest: the steps of a ledger are not quite even."""

MORE_PASSES = 1.25
"""A rare case that only the larger ledger has may cost a few passes more."""

DAY = date(2024, 10, 31)
BETWEEN = date(2024, 10, 17)
TILES = ("total_ar", "overdue_share", "dso", "cei", "over_90_share", "cash_collected")
CUSTOMER = Scope.of(customer="C7")

QUESTIONS: dict[str, Callable] = {
    "every metric": lambda book: evaluate(book, None, [DAY]),
    "tiles between month-ends": lambda book: evaluate(book, TILES, [BETWEEN]),
    "tiles of a region by segment": lambda book: evaluate(
        book, TILES, [DAY], scope=Scope.of(region="R1"), by=["segment"]
    ),
    "tiles of a customer": lambda book: evaluate(book, TILES, [DAY], scope=CUSTOMER),
    "customers": lambda book: evaluate(book, ["total_ar", "overdue", "dso"], [DAY], by=["customer"]),
    "a trend": lambda book: evaluate(book, TILES, book.month_ends),
    "ageing": lambda book: metrics.aging(book, [DAY, BETWEEN], by=["region"]),
    "roll-forward": lambda book: metrics.movement(book, DAY, "3mo"),
    "rolls": lambda book: metrics.rolls(book, DAY),
    "debtors": lambda book: metrics.concentration(book, DAY),
    "limits": lambda book: metrics.credit_limits(book, DAY),
    "behaviour": lambda book: metrics.behaviour(book, DAY),
    "a change explained": lambda book: metrics.explain(book, "dso", date(2024, 9, 30), DAY, by=["region"]),
    "open items": lambda book: listing.open_items(book, BETWEEN),
    "a customer's documents": lambda book: listing.documents(book, DAY, CUSTOMER),
    "reductions": lambda book: listing.reductions(book, Window.ending(DAY, "3mo")),
}


def grows_in_proportion(works: Sequence[Work]) -> bool:
    one, two, four = works
    steady = max(two.passes, four.passes) <= one.passes * MORE_PASSES
    # Hardly any growth, in steps as chance has them, is none.
    return steady and four.rows - two.rows <= LINEAR * max(two.rows - one.rows, 0) + one.rows * UNEVEN


def told(works: Sequence[Work]) -> str:
    return f"passes {[work.passes for work in works]}, rows {[work.rows for work in works]}"


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The ledger of each size, made once, with the work of its refresh."""

    @cache
    def made(**size):
        settings = ledgers.company(tmp_path_factory.mktemp("company") / "of", **size)
        with counted() as work:
            book = ledgers.refreshed(settings)
        return book, work

    return made


SIZES = {
    "documents": [{"documents": 1_500 * times} for times in (1, 2, 4)],
    "customers": [{"documents": 6_000, "customers": 60 * times} for times in (1, 2, 4)],
    "cells": [{"documents": 6_000, "customers": 240, "segments": 4 * times} for times in (1, 2, 4)],
}


@pytest.mark.parametrize("axis", SIZES)
def test_a_refresh_works_in_proportion(books, axis):
    works = [books(**size)[1] for size in SIZES[axis]]
    assert grows_in_proportion(works), told(works)


def test_the_sizes_are_what_they_say(books):
    for axis, frame in (("documents", "documents"), ("customers", "customers"), ("cells", "cells")):
        one, two, four = (books(**size)[0].frames[frame].height for size in SIZES[axis])
        assert four > 1.5 * two > 2 * one


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("axis", SIZES)
def test_a_question_works_in_proportion(books, axis, question):
    works = []
    for size in SIZES[axis]:
        book, _ = books(**size)
        with counted() as work:
            QUESTIONS[question](book)
        works.append(work)
    assert grows_in_proportion(works), told(works)


def test_headlines_work_in_proportion(books):
    """What they follow up depends on what they find, so that steps say little: the whole is held."""
    works = []
    for size in SIZES["documents"]:
        book, _ = books(**size)
        with counted() as work:
            metrics.headlines(book, DAY)
        works.append(work)
    assert works[-1].rows <= works[0].rows * LINEAR * 2, told(works)
    assert works[-1].passes <= works[0].passes * 2, told(works)


@pytest.mark.parametrize("month_ends", [True, False])
def test_a_question_about_more_days_works_in_proportion(books, month_ends):
    book, _ = books(**SIZES["documents"][-1])
    days = book.month_ends[-16:] if month_ends else [BETWEEN - timedelta(days=3 * back) for back in range(16)]
    works = []
    for number in (4, 8, 16):
        with counted() as work:
            evaluate(book, TILES, days[:number])
        works.append(work)
    assert grows_in_proportion(works), told(works)


# --- the counter itself: what it must catch -------------------------------------------------------------------------


def _pairs(frame):
    """Every document against every other of its day."""
    one_day = frame.with_columns(day=pl.lit(1)).lazy()
    return one_day.join(one_day, on="day").select(pl.len()).collect()


def _eager_pairs(frame):
    return frame.join(frame, how="cross").select(pl.len())


def _range_join(frame):
    rows = frame.lazy()
    return rows.join_where(rows, pl.col("n") <= pl.col("n_right")).select(pl.len()).collect()


def _a_filter_each(frame):
    return [frame.filter(pl.col("n") == number).height for number in range(frame.height)]


def _exploded(frame):
    return frame.lazy().with_columns(before=pl.int_ranges(0, pl.col("n"))).explode("before").select(pl.len()).collect()


def _looked_up(frame):
    return sum(frame["n"].to_list().index(number) for number in range(frame.height))


@pytest.mark.parametrize("square", [_pairs, _eager_pairs, _range_join, _a_filter_each, _exploded, _looked_up])
def test_square_work_is_caught(square):
    works = []
    for number in (100, 200, 400):
        frame = pl.DataFrame({"n": range(number)})
        with counted() as work:
            square(frame)
        works.append(work)
    assert not grows_in_proportion(works), told(works)


def _summed(frame):
    half = frame.filter(pl.col("n") % 2 == 0)
    return frame.join(half, on="n").group_by(pl.col("n") % 7).agg(pl.len()).sort("n").rows()


def test_proportional_work_is_not():
    works = []
    for number in (100, 200, 400):
        frame = pl.DataFrame({"n": range(number)})
        with counted() as work:
            _summed(frame)
        works.append(work)
    assert grows_in_proportion(works), told(works)


def test_counting_changes_no_answer_and_ends():
    frame = pl.DataFrame({"n": [3, 1, 2]})
    methods = (pl.LazyFrame.collect, pl.DataFrame.lazy, pl.LazyFrame.join, pl.Series.to_list)
    with counted() as work:
        inside = _summed(frame)
    assert inside == _summed(frame)
    assert work.passes > 0 < work.rows
    assert (pl.LazyFrame.collect, pl.DataFrame.lazy, pl.LazyFrame.join, pl.Series.to_list) == methods
