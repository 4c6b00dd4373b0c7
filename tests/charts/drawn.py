"""Every figure that office programs draw, those that travel as pictures, and those of nothing at all."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import polars as pl

from charts import (
    DARK,
    LIGHT,
    Setting,
    aging,
    alert,
    cohorts,
    concentration,
    customers,
    explorer,
    exposure,
    fairness,
    groups,
    league,
    movement,
    pace,
    parts,
    provision,
    stake,
    trend,
)
from charts import lines as lining
from charts.lines import Line, Words
from charts.native import Native, Series
from metrics import BENCHMARKS, Unit
from tests.charts import test_explorer_figures as explored
from tests.charts import test_heat as heated
from tests.charts.test_alert_figures import CAUSE, RISING, points
from tests.charts.test_backtest_figure import figure as backtested
from tests.charts.test_backtest_figure import months as alert_months
from tests.charts.test_bridge import drawn as bridged
from tests.charts.test_cohorts import STEADY
from tests.charts.test_customer_figures import GROUP, NONE, OWN
from tests.charts.test_figures import BUCKETS, ENDS, aged, by_customer, dso_points, one_day, paid
from tests.charts.test_figures import lines as rolled
from tests.charts.test_performance_figures import NASTY, PACE, compared, slower, stakes, unpaid
from tests.charts.test_performance_figures import groups as league_rows
from tests.charts.test_risk_figures import TWO, USED
from tests.charts.test_risk_figures import lines as provided

SETTING = Setting("as of 31 Oct 2026", "USD", LIGHT, BUCKETS)
START, END = date(2026, 7, 31), date(2026, 10, 31)
PAID = [customers.Month(END, 40.0, 10.0, 0.2, 5.0), customers.Month(date(2026, 11, 30), None, None, None, None)]
MOVED = [("DACH", 2.5), ("Iberia", -1.0), ("Nordics", 2.0), (None, 0.3)]
SHARES = pl.DataFrame({"key": ["a", "b"], "label": ["A", "B"], "amount": [0.02, -0.01]})
BACK = explored.panel(
    "overdue", explored.over(*explored.ENDS), explored.ONE, [[1e6], [2e6], [None]], bases=[[9e5], [1e6], [1e6]]
)


def all_lines(setting=SETTING):
    values = {day: 0.2 + place / 100 for place, day in enumerate(ENDS)}
    late = {**values, ENDS[-1]: None}
    bad, grey, quiet = setting.palette.bad, setting.palette.previous, setting.palette.quiet
    found = [Line("Retail", values, bad, is_strong=True), Line("=cmd()", late, grey)]
    found += [Line("North\nWest", values, grey), Line("peers", values, quiet, is_dotted=True)]
    return lining.over_time(found, ENDS, Words("lines", "T", "Overdue share, %"), Unit.RATIO, setting)


def figures(setting):
    return {
        "dso": trend.dso(
            dso_points(best=33.3).with_columns(days_delinquent=pl.col("dso") - 33.3 + 0.7),
            setting,
            target=dict.fromkeys(ENDS[3:], 38),
            benchmark=BENCHMARKS["dso"],
        ),
        "overdue over time": aging.over_time(aged(1234.56), setting),
        "all over time": aging.over_time(aged(1234.56), setting, whole=True),
        "shares over time": aging.over_time(aged(1e5), setting, whole=True, share=True),
        "on a day": aging.on_day(one_day(), setting),
        "a bridge of days": bridged("dso", 44.0, MOVED, setting.palette),
        "a bridge of shares": bridged(
            "overdue_share", 0.163, [(name, part / 100) for name, part in MOVED], setting.palette
        ),
        "a bridge of money": bridged(
            "total_ar", 78_123_456.78, [(name, part * 1e5) for name, part in MOVED], setting.palette, most=1
        ),
        "a bridge below zero": bridged("unapplied_credits", -5e5, [("A", 7e5), ("B", -1e5)], setting.palette),
        "movement": movement.bridge(rolled(closing=78_700_000.0), START, END, setting),
        "movement, small steps merged": movement.bridge(rolled(), START, END, setting, least=0.2),
        "groups": groups.by_group(by_customer(), "Customer", setting),
        "debtors": groups.debtors(by_customer(), 3, 0.4, setting),
        "lines": all_lines(setting),
        "provision": provision.movement(provided(), START, END, setting),
        "what if": provision.what_if([(0.0, 100.0), (0.1, 80.0), (0.2, 65.0)], 0.2, setting),
        "largest": concentration.debtors(TWO, setting, groups=False),
        "limits": concentration.by_use(USED, setting),
        "exposure": exposure.exposure([OWN, GROUP, NONE], setting),
        "pace by group": pace.by_group(
            slower((NASTY[0], 9.0, 0.5, 0.7), ("B", 9.0, 0.8, 0.7)), "Segment", PACE, setting
        ),
        "at risk": pace.at_risk(unpaid(0.01, *[0.02] * 10, None, 0.03), setting),
        "days to pay": customers.pace(PAID, 10, None, setting),
        "curves": cohorts.curves(STEADY, setting, base=STEADY),
        "fairness": fairness.by_group(
            compared((NASTY[0], 30.0, 100.0, 20.0), ("B", 10.0, 90.0, 20.0), ("C", 1.0, 9.0, None)),
            "overdue_share",
            "Collector",
            setting,
        ),
        "stake": stake.by_group(stakes((NASTY[0], "act", 5e5), ("B", None, -2e5)), "Segment", setting),
        "parts": parts.by_group(SHARES, "overdue_share", "Late payment", "Region", setting),
        "explorer, bars of shares": explorer.bars(explored.SHARE, setting),
        "explorer, bars of money": explorer.bars(explored.AMOUNT, setting),
        "explorer, columns": explorer.bars(BACK, setting),
        "explorer, lines": explorer.over_time(explored.SERIES, setting),
        "explorer, columns on each other": explorer.stacked(explored.STACK, setting),
        "explorer, bars on each other": explorer.stacked(explored.LYING, setting),
        "alert": alert.history(RISING, "dso", setting, since=END),
        "alert, with a gap": alert.history(points([0.2, None, 0.31], [0.2, 0.25, 0.3]), "overdue_share", setting),
        "alert, its cause": alert.contributors(CAUSE, "dso", END, 57.0, setting),
        "backtest": backtested(alert_months(), setting.palette),
    }


DRAWN = figures(SETTING)
PICTURES = {
    "heat": heated.figure([heated.row("A")]),
    "league": league.league(league_rows("A"), {}, "Segment", league.Against.REST, SETTING, title="T"),
    "cohorts": cohorts.heat_map(STEADY, SETTING),
    "payments": customers.payments(paid([-5, 0, 12]), SETTING),
    "explorer, heat": explorer.heat(explored.MAP, SETTING),
}
EMPTY = {
    "dso": trend.dso(dso_points().head(0), SETTING),
    "over time": aging.over_time(aged().head(0), SETTING),
    "on a day": aging.on_day(one_day().head(0), SETTING),
    "groups": groups.by_group(by_customer().head(0), "Customer", SETTING),
    "debtors": groups.debtors(by_customer().head(0), 0, 0.0, SETTING),
    "movement": movement.bridge(rolled().head(0), START, END, SETTING),
    "provision": provision.movement(provided().head(0), START, END, SETTING),
    "what if": provision.what_if([(0.0, 0.0)], 0.0, SETTING),
    "largest": concentration.debtors(TWO.head(0), SETTING, groups=True),
    "limits": concentration.by_use({}, SETTING),
    "exposure": exposure.exposure([], SETTING),
    "lines": lining.over_time([], ENDS, Words("l", "T", "w"), Unit.DAYS, SETTING),
    "fairness": fairness.by_group(compared(), "overdue_share", "Collector", SETTING),
    "stake": stake.by_group(stakes(), "Segment", SETTING),
    "pace": pace.by_group(slower(), "Segment", PACE, SETTING),
    "at risk": pace.at_risk(unpaid(None, None), SETTING),
    "days to pay": customers.pace([], None, None, SETTING),
    "curves": cohorts.curves(STEADY.clear(), SETTING),
    "alert": alert.history([], "dso", SETTING),
    "backtest": backtested(alert_months().head(0)),
    "parts": parts.by_group(SHARES.head(0), "overdue_share", "Late payment", "Region", SETTING),
}


def own(figure) -> Native:
    assert figure.native is not None
    return figure.native


def of(figure, name) -> Series:
    return next(series for series in own(figure).series if series.name == name)


def sums(stack):
    return [math.fsum(value or 0.0 for value in each) for each in zip(*(one.values for one in stack), strict=True)]


IN_THE_DARK = figures(replace(SETTING, palette=DARK))
