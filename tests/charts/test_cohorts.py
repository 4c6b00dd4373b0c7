"""The cohort figures: valid, true to their data, readable in both themes."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from charts import DARK, LIGHT, Setting
from charts.cohorts import PREVIOUS, curves, heat_map
from charts.palette import contrast
from ledger.calendar import month_ends
from tests.charts import grammar

N = "\u00a0"
MONTHS = month_ends(date(2026, 5, 1), date(2026, 10, 31))
AGES = (30, 60, 90)


def cohort(sixty, months=MONTHS, billed=1000.0):
    """Six months; within 60 days ``sixty`` of each was paid, half of it within 30, and 90 % within 90 days.

    Of the last month nothing is known, of the one before 30 days, and so on.
    """
    rows = []
    for place, (month, share) in enumerate(zip(months, sixty, strict=True)):
        for step, (age, part) in enumerate(zip(AGES, (share / 2, share, 0.9), strict=True)):
            known = place + step < len(months) - 1
            rows.append(
                {
                    "month": month, "billed": billed * (place + 1), "age": age,
                    "paid": part * billed * (place + 1) if known else None, "share": part if known else None,
                    "note": None if known else f"known from then, when the whole month is {age} days old",
                }
            )  # fmt: skip
    types = {"paid": pl.Float64, "share": pl.Float64, "note": pl.String}
    return pl.DataFrame(rows, schema_overrides=types)


STEADY = cohort([0.7] * 6)


def setting(colours=LIGHT):
    return Setting("as of 31 Oct 2026", "USD", colours)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("rows", [STEADY, STEADY.clear(), STEADY.head(3)], ids=["six months", "nothing", "one month"])
def test_both_figures_are_valid_vega_lite(rows, colours):
    for figure in (heat_map(rows, setting(colours)), curves(rows, setting(colours), base=STEADY)):
        grammar.holds(figure.spec)
        assert figure.title
        assert figure.subtitle.endswith("as of 31 Oct 2026")
        assert figure.alt


# Known to 60 days: May to August. The newest, August, weighs 4 parts; before it 1, 2 and 3 parts.
@pytest.mark.parametrize(
    ("sixty", "share", "compared"),
    [
        ([0.7] * 6, "70.0", "as much as"),
        # (0.6 × 1 + 0.6 × 2 + 0.8 × 3) ÷ 6 = 0.7: pooled, not the average 0.667
        ([0.6, 0.6, 0.8, 0.65, 0, 0], "65.0", f"5.0{N}pts less than"),
        ([0.6, 0.6, 0.8, 0.73, 0, 0], "73.0", f"3.0{N}pts more than"),
    ],
)
def test_the_heat_map_tells_of_the_newest_known_month(sixty, share, compared):
    assert heat_map(cohort(sixty), setting()).title == (
        f"{share}{N}% of what was billed in Aug{N}2026 was paid within 60{N}days, {compared} in the 3 months before"
    )


def test_the_heat_map_says_when_nothing_is_known():
    young = STEADY.filter(pl.col("month") == MONTHS[-1])
    assert heat_map(young, setting()).title == f"No month shown is 60{N}days old yet"
    assert curves(young, setting()).title == "No month is old enough yet to say how soon it is paid"


def test_every_cell_is_drawn_and_a_young_one_is_a_dash_with_its_reason():
    values = heat_map(STEADY, setting()).spec["data"]["values"]
    assert len(values) == 18
    assert [cell["label"] for cell in values if cell["month"] == f"Sep{N}2026"] == ["35", "–", "–"]
    young = next(cell for cell in values if cell["label"] == "–")
    assert young["words"].startswith("known from ")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
def test_cells_are_coloured_by_effect_and_their_figures_stay_readable(colours):
    values = heat_map(cohort([0.2, 0.9, 0.9, 0.9, 0.9, 0.9]), setting(colours)).spec["data"]["values"]
    sixty = {cell["month"]: cell for cell in values if cell["age"] == f"60{N}days"}
    worse, better = sixty[f"May{N}2026"], sixty[f"Jul{N}2026"]
    assert worse["compared"].startswith("−")
    assert better["compared"].startswith("+")
    assert worse["fill"] != better["fill"]
    assert min(contrast(cell["fill"], cell["ink"]) for cell in values) >= 4.5


def test_the_map_has_a_twin_with_a_row_a_month():
    twin = heat_map(STEADY, setting()).table
    assert twin.columns == ["Billed in", "Billed, USD", *(f"Share paid, {age}{N}days" for age in AGES)]
    assert twin.row(0) == (MONTHS[0], 1000.0, 0.35, 0.7, 0.9)
    assert twin.row(-1) == (MONTHS[-1], 6000.0, None, None, None)


def test_curves_pool_the_months_that_have_reached_an_age():
    # Within 60 days: 0.6 × 1000, 0.6 × 2000, 0.8 × 3000 and 0.65 × 4000 of 10 000: 0.68.
    figure = curves(cohort([0.6, 0.6, 0.8, 0.65, 0, 0]), setting(), base=STEADY)
    row = figure.table.filter(pl.col("Days from invoice") == 60).row(0, named=True)
    assert (row["Months"], row["Billed, USD"]) == (4, 10000.0)
    assert row["Share paid"] == pytest.approx(0.68)
    assert row["Share paid, previous year"] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("sixty", "base", "compared"),
    [
        ([0.7] * 6, None, ""),
        ([0.7] * 6, [0.7] * 6, ", as much as a year before"),
        ([0.6] * 6, [0.7] * 6, f", 10.0{N}pts less than a year before"),
        ([0.8] * 6, [0.7] * 6, f", 10.0{N}pts more than a year before"),
    ],
)
def test_the_curve_tells_where_the_year_before_differs_most(sixty, base, compared):
    title = curves(cohort(sixty), setting(), base=base and cohort(base)).title
    assert title == f"{sixty[0] * 100:.1f}{N}% of what was billed was paid within 60{N}days{compared}"


def test_the_year_before_is_drawn_only_where_it_is_known():
    assert PREVIOUS not in str(curves(STEADY, setting()).spec["data"])
    assert PREVIOUS in str(curves(STEADY, setting(), base=STEADY).spec["data"])
