"""Every number a second time, one loop each, from the definitions alone. Ratios are exact fractions.

The catalogue. What it is made of stands beside it and is offered here under one name: ``balances`` (open amounts,
aging, movement), ``paying`` (payments, cohorts), ``debtors`` (concentration, credit limits), ``rolls`` (what overdue
money becomes, loss rates).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.plain import debtors
from tests.plain.balances import (
    UNAPPLIED,
    AgingRule,
    Reading,
    Window,
    aged_from,
    aging,
    credit_sales,
    disputed,
    gross_open,
    movement,
    open_items,
    past_due,
    plain,
    ratio,
    total_ar,
    unapplied_cash,
    unapplied_credits,
    window,
)
from tests.plain.ledger import ZERO, Ledger
from tests.plain.paying import days_late, days_to_pay, on_time_by_count, payments, weighted
from tests.plain.rolls import late_slices

__all__ = [
    "UNAPPLIED", "AgingRule", "Reading", "Window", "aged_from", "aging", "countback", "evaluate", "movement",
    "past_due", "total_ar", "window",
]  # fmt: skip

ANNUAL_RATE = Fraction(8, 100)


# Days sales outstanding ----------------------------------------------------------------------------------------------


def countback(receivable: Decimal, months: list[tuple[Decimal, int]]) -> tuple[Fraction, list[str]]:
    """Days of sales that the receivable stands for, and what was unusual.

    ``months``: credit sales and days, latest first; the list ends where history ends.
    """
    if receivable <= 0:
        return Fraction(0), []
    left, days, notes = receivable, Fraction(0), []
    for sales, length in months:
        if sales <= 0:
            days += length
            notes.append("month without sales")
        elif left > sales:
            left -= sales
            days += length
        else:
            return days + Fraction(left) / Fraction(sales) * length, notes
    return days, [*notes, "history exhausted"]


def sales_months(ledger: Ledger, day: date, history: date | None = None) -> list[tuple[Decimal, int]]:
    """Credit sales and days of each month, from the part month up to ``day`` back to the month of ``history``.

    ``history``: the first day of the whole books, where ``ledger`` is a part of them.
    """
    months: list[tuple[Decimal, int]] = []
    first = history or min((doc.opened_on for doc in ledger.docs), default=day)
    end = day
    while end >= first.replace(day=1):
        span = Window(end.replace(day=1), end)
        months.append((credit_sales(ledger, span), span.days))
        end = span.before
    return months


def dso_countback(ledger: Ledger, day: date, history: date | None = None) -> Reading:
    value, notes = countback(total_ar(ledger, day), sales_months(ledger, day, history))
    return Reading(value, note="; ".join(notes) or None)


def dso_true(ledger: Ledger, day: date) -> Reading:
    """Days: for each open debit item, its age times its share of the net credit sales of the month it was posted in.

    Age counts from the document date, also for what a credit was settled for beyond its amount. The month of ``day``
    has its sales so far. Items of months without positive sales are left out; where that leaves nothing, there is no
    value. Nothing open: 0 days.
    """
    items = [item for item in open_items(ledger, day) if not item.credit]
    days, counted = Fraction(0), 0
    for item in items:
        first = item.doc.opened_on.replace(day=1)
        sales = credit_sales(ledger, Window(first, min(day, (first + timedelta(days=31)).replace(day=1) - _DAY)))
        if sales > 0:
            days += (day - item.doc.document_date).days * Fraction(item.left) / Fraction(sales)
            counted += 1
    return Reading(
        days if counted or not items else None, note=None if counted == len(items) else "month without sales"
    )


_DAY = timedelta(days=1)


# Collection effectiveness --------------------------------------------------------------------------------------------


def current(ledger: Ledger, day: date, rule: AgingRule | None = None) -> Decimal:
    """Gross open amounts that are not past due."""
    return gross_open(ledger, day) - past_due(ledger, day, rule=rule)


def cei(ledger: Ledger, span: Window, rule: AgingRule | None = None) -> Reading:
    """What was collected of what could have been, 0 to 100 (above where credits outweigh overdue)."""
    available = Fraction(total_ar(ledger, span.before) + credit_sales(ledger, span))
    return _effectiveness(ledger, span, available, available - Fraction(total_ar(ledger, span.end)), rule)


def cei_crf(ledger: Ledger, span: Window, months: Fraction, rule: AgingRule | None = None) -> Reading:
    """The Credit Research Foundation's form: one month's average of the sales instead of the window's."""
    available = Fraction(total_ar(ledger, span.before)) + Fraction(credit_sales(ledger, span)) / months
    return _effectiveness(ledger, span, available, available - Fraction(total_ar(ledger, span.end)), rule)


def cei_cash(ledger: Ledger, span: Window, rule: AgingRule | None = None) -> Reading:
    """Cash alone counts as collected: no write-off, discount or set-off."""
    available = Fraction(total_ar(ledger, span.before) + credit_sales(ledger, span))
    return _effectiveness(ledger, span, available, Fraction(movement(ledger, span)["cash"]), rule)


def _effectiveness(
    ledger: Ledger, span: Window, available: Fraction, collected: Fraction, rule: AgingRule | None
) -> Reading:
    collectible = available - Fraction(current(ledger, span.end, rule))
    return ratio(collected, collectible, 100, "nothing collectible")


def months_in(text: str) -> Fraction:
    """How many months a window is: those it names, or its days over the 365 ÷ 12 days of a month."""
    if text.endswith("mo"):
        return Fraction(text.removesuffix("mo"))
    return Fraction(text.removesuffix("d")) * 12 / 365


def collection_efficiency(ledger: Ledger, span: Window, rule: AgingRule | None = None) -> Reading:
    """Of the slices that were overdue as the window opened, how much was no longer open as it closed.

    A bounced payment opens a new slice: what it had closed stays collected here.
    """
    late = late_slices(ledger, span.before, rule or AgingRule())
    gone = sum((part.amount for part in late if not part.is_open(span.end)), ZERO)
    return ratio(gone, sum((part.amount for part in late), ZERO), note="nothing overdue")


# The catalogue -------------------------------------------------------------------------------------------------------


def evaluate(
    ledger: Ledger,
    day: date,
    text: str = "3mo",
    rule: AgingRule | None = None,
    history: date | None = None,
    annual_rate: Fraction = ANNUAL_RATE,
) -> dict[str, Reading]:
    """Every metric of the books at the end of ``day``; ``history`` as in ``sales_months``."""
    span = window(day, text)
    return {
        **_balances(ledger, day, span, rule),
        **_turnover(ledger, day, span, rule, history),
        **_collection(ledger, span, text, rule),
        **_risk(ledger, day, span, rule, annual_rate),
    }


def _balances(ledger: Ledger, day: date, span: Window, rule: AgingRule | None) -> dict[str, Reading]:
    gross, late, cash = gross_open(ledger, day), past_due(ledger, day, rule=rule), movement(ledger, span)["cash"]
    return {
        "total_ar": plain(total_ar(ledger, day)),
        "gross_open": plain(gross),
        "overdue": plain(late),
        "overdue_share": ratio(late, gross, note="nothing open"),
        "current_share": ratio(gross - late, gross, note="nothing open"),
        "over_90_share": ratio(past_due(ledger, day, more_than=90), gross, note="nothing open"),
        "disputed": plain(disputed(ledger, day)),
        "disputed_share": ratio(disputed(ledger, day), gross, note="nothing open"),
        "unapplied_credits": plain(unapplied_credits(ledger, day)),
        "unapplied_cash_share": ratio(unapplied_cash(ledger, day), cash, note="no cash in window"),
    }


def _turnover(
    ledger: Ledger, day: date, span: Window, rule: AgingRule | None, history: date | None
) -> dict[str, Reading]:
    moved, sales, year = movement(ledger, span), credit_sales(ledger, span), window(day, "12mo")
    total, late, none = total_ar(ledger, day), past_due(ledger, day, rule=rule), "no sales in window"
    average = Fraction(moved["opening"] + total) / 2
    return {
        "billed": plain(moved["billed"]),
        "credit_sales": plain(sales),
        "dso": ratio(total, sales, span.days, none),
        "dso_average": ratio(average, sales, span.days, none),
        "dso_rolling": ratio(total, credit_sales(ledger, year), year.days, none),
        "dso_true": dso_true(ledger, day),
        "dso_best_possible": ratio(current(ledger, day, rule), sales, span.days, none),
        "days_delinquent": ratio(late, sales, span.days, none),
        "dso_countback": dso_countback(ledger, day, history),
        "dso_day_value": Reading(Fraction(sales) / span.days),
        "ar_turnover": ratio(sales, total, note="nothing owed"),
        "ar_turnover_average": ratio(sales, average, note="nothing owed"),
    }


def _collection(ledger: Ledger, span: Window, text: str, rule: AgingRule | None) -> dict[str, Reading]:
    paid = payments(ledger, span)
    return {
        "cash_collected": plain(movement(ledger, span)["cash"]),
        "cei": cei(ledger, span, rule),
        "cei_crf": cei_crf(ledger, span, months_in(text), rule),
        "cei_cash": cei_cash(ledger, span, rule),
        "collection_efficiency": collection_efficiency(ledger, span, rule),
        "days_to_pay": weighted(paid, days_to_pay),
        "days_beyond_terms": weighted(paid, days_late),
        "days_beyond_terms_clamped": weighted(paid, lambda part: max(0, days_late(part))),
        "on_time_share": weighted(paid, lambda part: int(days_late(part) <= 0)),
        "on_time_count_share": on_time_by_count(paid),
    }


def _risk(ledger: Ledger, day: date, span: Window, rule: AgingRule | None, annual_rate: Fraction) -> dict[str, Reading]:
    moved, late = movement(ledger, span), past_due(ledger, day, rule=rule)
    gone = moved["write_offs"]
    average = Fraction(gross_open(ledger, span.before) + gross_open(ledger, day)) / 2
    return {
        "write_offs": plain(gone),
        "write_off_ratio": ratio(gone, average, note="nothing open"),
        "bad_debt_ratio": ratio(gone, credit_sales(ledger, span), note="no sales in window"),
        "fx_losses": plain(moved["fx"]),
        "top_10_share": debtors.top_share(ledger, day, 10),
        "hhi": debtors.hhi(ledger, day),
        "effective_debtors": debtors.effective(ledger, day),
        "credit_utilisation": debtors.utilisation(ledger, day),
        "over_limit": debtors.over_limit(ledger, day),
        "cost_of_overdue": Reading(Fraction(late) * annual_rate * span.days / 365),
    }
