"""The money at stake: what an alert is about, between a number and the value that would be no news.

It says how much an alert is about, and puts alerts in order. Stakes of several alerts overlap and are not added up.

A limit is set on losses, on what is over a credit limit or very late, or on one customer's overdue so that small sums
raise nothing; beyond it all of the money is at stake, not only what is beyond. Else it is what lies between:

- Money: the difference itself.
- A share, or an index of 0–100, of money: that much of what it is a share of. Of the overdue share it is the money that
  would not be late, of the collection index the cash that was not collected.
- Days of sales (DSO and its kin): the cash that they tie up, a day of them being a day of sales.
- Days that payments took: the cash that so many days tie up, a day of them being the money paid in a day.
- Turnover: the balance that the sales would have left at the expected turnover.
- What counts documents or debtors, or is an index of its own: nothing that could be told in money.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.alerts import Rule
from ledger.calendar import Window
from ledger.scope import CUSTOMER
from metrics.catalog import CATALOG
from metrics.spec import Metric, Unit

_PER_CENT = 100

_NONE_IS_FINE = frozenset(
    {
        *(
            "over_90_share",
            "unapplied_credits",
            "unapplied_cash_share",
            "disputed",
            "disputed_share",
            "cost_of_overdue",
        ),
        *("fx_losses", "write_offs", "write_off_ratio", "bad_debt_ratio", "over_limit"),
    }
)
"""Of these the best is nothing at all."""
_OF_A_CUSTOMER = frozenset({"overdue", "overdue_share"})
"""Of one customer, these too."""


def at_stake(
    metric: Metric,
    value: float | None,
    expected: float | None,
    numerator: float | None,
    denominator: float | None,
    days: int,
) -> float | None:
    """Major units, never below zero; ``None`` where it cannot be told in money.

    Args:
        metric: what the value is of.
        value: as ``evaluate`` gives it; ``None`` where it is not defined.
        expected: the value that would be no news, in the metric's unit.
        numerator, denominator: of the value, as ``evaluate`` gives them, in major units where they are money.
        days: of the window.
    """
    if value is None or expected is None or metric.counted:
        return None
    # Of money no currency has more than three decimals: the rest is what binary fractions leave.
    apart = round(abs(value - expected), 3) if metric.unit is Unit.MONEY else abs(value - expected)
    match metric.unit:
        case Unit.MONEY:
            return apart
        case Unit.RATIO | Unit.PERCENT:
            scale = _PER_CENT if metric.unit is Unit.PERCENT else 1
            return None if denominator is None else abs(apart / scale * denominator)
        case Unit.DAYS:
            a_day = _a_day(metric, value, numerator, denominator, days)
            return None if a_day is None else abs(apart * a_day)
        case Unit.TIMES if expected > 0 and numerator is not None and denominator is not None:
            return abs(denominator - numerator / expected)
        case _:
            return None


def stake_of(rule: Rule, row: Mapping[str, Any], window: str) -> float | None:
    """The same of a row of ``alerts.judging.judged``. ``window``: the company's, where the rule has none."""
    days = Window.ending(row["as_of"], rule.window or window).days
    expected = 0.0 if _all_of_it(rule) else row["expected"]
    return at_stake(CATALOG[rule.metric], row["value"], expected, row["numerator"], row["denominator"], days)


def _all_of_it(rule: Rule) -> bool:
    """Whether beyond the limit all of the money is at stake."""
    customer = CUSTOMER in rule.by or any(name == CUSTOMER for name, _ in rule.where)
    none_is_fine = rule.metric in _NONE_IS_FINE or (customer and rule.metric in _OF_A_CUSTOMER)
    return rule.when == "level" and none_is_fine and rule.edge not in ("below", "at_most")


def _a_day(metric: Metric, value: float, numerator: float | None, denominator: float | None, days: int) -> float | None:
    """The money of one day: sold, or paid, in the window; else what is owed by the days that it stands for."""
    if metric.windowed and denominator is not None:
        return denominator / days
    return numerator / value if numerator is not None and value else None
