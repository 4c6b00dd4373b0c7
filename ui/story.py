"""The message of the overview: what happened to overdue money, and the findings behind it, each with where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ledger.scope import Scope
from metrics import Target, Targets, chosen, text
from metrics.headlines import Headline, headlines
from metrics.overall import overall
from ui import store
from ui.markdown import prose
from ui.view import View

MOST = 5
"""Lines under the message."""

_ENDS = {"debtor": " owes ", "worse": ": ", "better": ": ", "currency": " come to ", "dso": " is "}
"""Where the words of a finding turn from whom it is about to what is said."""

Where = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Finding:
    """One line. ``page`` and ``where`` (dimensions and values) say where it leads; no page, nowhere."""

    words: str
    kind: str = ""
    page: str | None = None
    where: Where = ()

    @property
    def marked(self) -> str:
        """The words as Markdown, whom they are about in bold."""
        who, turn, what = self.words.partition(_ENDS.get(self.kind, "\x00"))
        return f"**{prose(who)}**{prose(turn + what)}" if turn else prose(self.words)


def message(view: View) -> str:
    """What overdue money did over the window and who explains it; over the year when the window saw little."""
    return store.remembered(_overall, view.day, view.window, view.scope, view.currency)


def findings(view: View, values: Mapping[str, float | None], sales: float | None) -> list[Finding]:
    """What stands out, the most money first; where little does, DSO and what a day of it is worth.

    Args:
        view: of what.
        values: metrics on the as-of day.
        sales: credit sales of the window.
    """
    told = [
        Finding(found.words, found.kind, found.page if found.where else None, found.where)
        for found in store.remembered(_headlines, view.day, view.window, view.scope, store.targets())
        if found.currency == view.currency
    ]
    quiet = [
        None if any(found.kind == "dso" for found in told) else dso_sentence(values, _goal(view)),
        day_of_dso(values, sales, view.span.days, view.currency),
    ]
    return [*told, *(found for found in quiet if found)][:MOST]


def _overall(day: date, window: str, scope: Scope, currency: str) -> str:
    return overall(store.book(), day, window, scope, currency).words


def _headlines(day: date, window: str, scope: Scope, targets: Targets) -> list[Headline]:
    return headlines(store.book(), day, window, scope, targets, MOST)


def _goal(view: View) -> Target | None:
    return store.targets().of_metric("dso", view.day, chosen(view.scope))


def dso_sentence(values: Mapping[str, float | None], target: Target | None) -> Finding | None:
    """DSO against its target, and how much of it is late payment rather than terms."""
    dso, late = values.get("dso"), values.get("days_delinquent")
    if dso is None:
        return None
    words = f"DSO is {text.days(dso)}"
    if target is not None:
        gap = dso - target.good
        words += f", {abs(gap):.1f} {'above' if gap > 0 else 'below'} target"
    if late is not None:
        words += f": {late:.1f} of it is late payment, not terms"
    return Finding(words, "dso")


def day_of_dso(values: Mapping[str, float | None], sales: float | None, days: int, currency: str) -> Finding | None:
    """What one day of DSO is worth in cash."""
    if not sales or sales <= 0 or values.get("dso") is None:
        return None
    return Finding(f"One day of DSO is worth {text.money(sales / days, currency)}")
