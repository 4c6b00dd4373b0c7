"""The catalogue: every number declared once, and declared well."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.errors import OutstandingError
from metrics import CATALOG, Better, Metric, Unit, state
from metrics.spec import Catalog

IDS = [
    "total_ar", "gross_open", "overdue", "overdue_share", "over_90_share", "unapplied_credits", "billed",
    "cash_collected", "dso", "dso_best_possible", "days_delinquent", "dso_countback", "cei", "days_to_pay",
    "days_beyond_terms", "on_time_share", "ar_turnover",
]  # fmt: skip

GOOD = {
    "id": "x", "label": "X", "question": "?", "unit": Unit.MONEY, "better": Better.LOWER, "additive": True,
    "formula": "f", "source": "s", "example": "e", "numerator": pl.col("total_ar"),
}  # fmt: skip


def test_the_ids_that_others_rely_on_are_there():
    assert set(IDS) <= CATALOG.keys()
    assert list(CATALOG)[:3] == IDS[:3]


@pytest.mark.parametrize("metric", CATALOG.values(), ids=lambda m: m.id)
def test_every_metric_says_what_it_is(metric):
    assert metric.id == CATALOG[metric.id].id
    for text in (metric.label, metric.question, metric.formula, metric.source, metric.example):
        assert text.strip() == text != ""
    assert metric.question.endswith("?")
    assert any(sign.isdigit() for sign in metric.example), "an example has numbers"
    assert metric.unit is Unit.MONEY or not metric.additive


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Total"}, {"id": "total-ar"}, {"id": "_x"}, {"id": ""}, {"id": "a__b"},
        {"denominator": pl.col("days"), "no_value": "no days"},
        {"denominator": pl.col("days"), "additive": False},
        {"numerator": None},
        {"own": "countback"},
    ],
    ids=lambda wrong: ", ".join(f"{name} {value}" if isinstance(value, str) else name for name, value in wrong.items()),
)  # fmt: skip
def test_a_metric_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValueError, match=f"'{wrong.get('id', 'x')}' "):
        Metric(**{**GOOD, **wrong})


def test_a_metric_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        Catalog([Metric(**GOOD), Metric(**GOOD)])


def test_an_unknown_metric_is_refused_with_the_nearest():
    with pytest.raises(OutstandingError) as told:
        CATALOG.choose(["total_ar", "cie"])
    assert str(told.value) == "There is no metric 'cie'; did you mean 'cei'?"
    assert CATALOG.get("nothing") is None
    assert "nothing" not in CATALOG


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("dso", 37.9, "good"), ("dso", 38, "good"), ("dso", 38.1, "watch"), ("dso", 45, "watch"), ("dso", 45.1, "act"),
        ("cei", 86, "good"), ("cei", 85, "good"), ("cei", 84.9, "watch"), ("cei", 80, "watch"), ("cei", 79.9, "act"),
        ("dso", None, None), ("total_ar", 5, None),
    ],
)  # fmt: skip
def test_a_state_follows_the_direction_that_is_better(metric, value, expected):
    good, attention = {"dso": (38, 45), "cei": (85, 80), "total_ar": (1, 2)}[metric]
    assert state(metric, value, good, attention) == expected


def test_without_a_target_there_is_no_state():
    assert state("dso", 40, None, 45) is None
    assert state("dso", 40, 38, None) is None
