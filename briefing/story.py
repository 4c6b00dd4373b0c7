"""The message of a view: what happened to overdue money, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from briefing.answers import Answers
from briefing.view import Against, View
from ledger.book import Book
from ledger.scope import Scope
from metrics import Target, chosen, text
from metrics.overall import overall

Values = Mapping[str, float | None]
"""Metrics on the as-of day."""


def message(answers: Answers, view: View, values: Values) -> str:
    """What overdue money did over the window and who explains it, over the year when the window saw little.

    Held against the target where that is what the reader compares with.
    """
    aim = answers.targets.of_metric("overdue_share", view.day, chosen(view.scope))
    if view.against is Against.TARGET and aim is not None:
        against = target_message(values, aim, view)
        if against:
            return against
    return answers.remembered(_overall, view.day, view.window, view.scope, view.currency)


def target_message(values: Values, aim: Target, view: View) -> str | None:
    """Overdue money against what the target share of it allows."""
    overdue, gross, share = values.get("overdue"), values.get("gross_open"), values.get("overdue_share")
    if overdue is None or gross is None or share is None:
        return None
    beyond, goal = overdue - aim.good * gross, text.goal(aim.good, "ratio")
    held = f"Overdue is {text.money(overdue, view.currency, view.scale)}, {text.share(share)} of what is open"
    if beyond <= 0:
        return f"{held}: within the target of {goal}"
    return f"{held}: {text.money(beyond, view.currency, view.scale)} beyond the target of {goal}"


def lines(answers: Answers, view: View, values: Values, sales: float | None) -> dict[str, str]:
    """Below the message, what is known of: ``dso``, what the ``target`` would free, what a ``day`` of DSO is worth.

    Args:
        answers: the books and targets.
        view: of what.
        values: metrics on the as-of day.
        sales: credit sales of the window.
    """
    targets, part = answers.targets, chosen(view.scope)
    told = {
        "dso": dso_sentence(values, targets.of_metric("dso", view.day, part)),
        "target": to_target(values, targets.of_metric("overdue_share", view.day, part), view),
        "day": day_of_dso(values, sales, view),
    }
    return {name: words for name, words in told.items() if words}


def dso_sentence(values: Values, target: Target | None) -> str:
    """DSO against its target, and how much of it is late payment rather than terms."""
    dso, late = values.get("dso"), values.get("days_delinquent")
    if dso is None:
        return ""
    words = f"DSO is {text.days(dso)}"
    if target is not None:
        gap = dso - target.good
        words += f", {abs(gap):.1f} {'above' if gap > 0 else 'below'} target"
    if late is not None:
        words += f": {late:.1f} of it is late payment, not terms"
    return words


def to_target(values: Values, target: Target | None, view: View) -> str:
    """The money that would not be overdue at the target share."""
    overdue, gross = values.get("overdue"), values.get("gross_open")
    if target is None or overdue is None or gross is None:
        return ""
    beyond, goal = overdue - target.good * gross, text.goal(target.good, "ratio")
    if beyond <= 0 or view.against is Against.TARGET:
        return ""
    return f"At the target of {goal}, {text.money(beyond, view.currency, view.scale)} less would be overdue"


def day_of_dso(values: Values, sales: float | None, view: View) -> str:
    """What one day of DSO is worth in cash."""
    if not sales or sales <= 0 or values.get("dso") is None:
        return ""
    return f"One day of DSO is worth {text.money(sales / view.span.days, view.currency, view.scale)}"


def _overall(book: Book, day: date, window: str, scope: Scope, currency: str) -> str:
    return overall(book, day, window, scope, currency).words
