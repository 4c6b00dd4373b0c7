"""Metrics as formulas of a spreadsheet: the product's value, or none at all."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest

from exports.pack.formula import formula, is_money
from ledger.scope import CURRENCY
from metrics import CATALOG, parts
from metrics.evaluate import values
from metrics.spec import Better, Metric, Unit
from tests.exports.formulas import Given


def _own(**changes):
    given = {"unit": Unit.MONEY, "better": Better.LOWER, "additive": False, "no_value": "none", **changes}
    return Metric(id="own", label="Own", question="?", formula="?", source="?", example="?", **given)


@pytest.mark.parametrize("id", [id for id, metric in CATALOG.items() if not metric.own])
@pytest.mark.parametrize("places", [0, 2, 3])
def test_every_metric_made_of_parts_has_a_formula_that_gives_its_value(id, places):
    draw = random.Random(f"{id}{places}")  # noqa: S311 - the same numbers at every run
    for _ in range(20):
        minor: dict[str, Any] = {name: draw.choice([0, 1, draw.randrange(-(10**6), 10**9)]) for name in parts.PARTS}
        minor |= {"days": draw.choice([90, 91, 366]), "months": 3.0, "annual_rate": 0.08}
        currency = {0: "JPY", 2: "USD", 3: "KWD"}[places]
        expected = values(CATALOG[id], pl.DataFrame({CURRENCY: [currency], **{k: [v] for k, v in minor.items()}}),
                          [CURRENCY])["value"].item()  # fmt: skip
        cells = {name: value / 10**places if is_money(name) else value for name, value in minor.items()}
        names = {name: f"$A${row}" for row, name in enumerate(cells, start=1)}
        sheet = Given({names[name]: value for name, value in cells.items()})
        found = sheet.computed("S", (formula(CATALOG[id], names.__getitem__, places) or "")[1:])
        assert found == "n/a" if expected is None else found == pytest.approx(expected, rel=1e-9, abs=10**-places / 2)


@pytest.mark.parametrize("id", [id for id, metric in CATALOG.items() if metric.own])
def test_a_metric_with_an_evaluator_of_its_own_has_none(id):
    assert formula(CATALOG[id], str, 2) is None


@pytest.mark.parametrize(
    ("expr", "words"),
    [
        (parts.total_ar - (parts.current - parts.overdue), "total_ar-(current-overdue)"),
        (parts.total_ar - parts.current - parts.overdue, "total_ar-current-overdue"),
        ((parts.total_ar + parts.current) * 2, "(total_ar+current)*2"),
        (parts.total_ar / (parts.days / parts.months), "total_ar/(days/months)"),
        (-(parts.total_ar - parts.current), "-(total_ar-current)"),
        (parts.total_ar - 0, "total_ar-0"),
        (parts.total_ar.cast(pl.Float64), "total_ar"),
        ((parts.total_ar / 3).cast(pl.Int64), "TRUNC(total_ar/3,2)"),
        ((parts.total_ar / 3).round(0, mode="half_away_from_zero"), "ROUND(total_ar/3,2)"),
        (parts.total_ar.abs(), "ABS(total_ar)"),
        (pl.when(parts.overdue > 0).then(parts.total_ar).otherwise(0), "IF(overdue>0,total_ar,0)"),
        (pl.max_horizontal("total_ar", "overdue"), "MAX(total_ar,overdue)"),
    ],
)
def test_expressions_as_formulas(expr, words):
    assert formula(_own(numerator=expr), str, 2) == f"={words}"


@pytest.mark.parametrize(
    "expr",
    [
        parts.total_ar + 100,  # a hundred cents inside a metric, a hundred dollars in a cell
        parts.total_ar * parts.overdue,
        parts.days,
        parts.total_ar.round(0),  # halves to even, which no formula does
        parts.total_ar.sum(),
        pl.lit("x"),
        parts.total_ar.cast(pl.String),
        parts.total_ar // 2,
    ],
)
def test_what_would_mean_something_else_in_a_cell_is_not_translated(expr):
    assert formula(_own(numerator=expr), str, 2) is None
