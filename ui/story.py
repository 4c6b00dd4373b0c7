"""The message of the overview: what happened to overdue money, what follows from it, and what stands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ledger.scope import Scope
from metrics import Target, Targets, chosen, text
from metrics.headlines import Headline, headlines
from metrics.overall import overall
from ui import address, changes, store
from ui.view import Against, View

MOST = 5
"""Findings sought."""

_CHANGES, _AGING = "pages/summary/changes.py", "pages/receivables/aging.py"

Where = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Finding:
    """One thing that stands out, or a line under the message.

    ``who`` it is about, in ``brief`` why, in ``words`` the whole of it; ``urgency`` is ``act``, ``watch`` or ``better``
    and ``money`` what it is worth. ``page``, ``where`` (dimensions and values) and ``changes`` of the address say where
    it leads; no page, nowhere.
    """

    words: str
    kind: str = ""
    page: str | None = None
    where: Where = ()
    changes: Mapping[str, address.Change] = field(default_factory=dict)
    who: str = ""
    brief: str = ""
    urgency: str = ""
    money: float = 0.0


def message(view: View, values: Mapping[str, float | None]) -> str:
    """What overdue money did over the window and who explains it, over the year when the window saw little.

    Held against the target where that is what the reader compares with.
    """
    aim = store.targets().of_metric("overdue_share", view.day, chosen(view.scope))
    if view.against is Against.TARGET and aim is not None:
        against = target_message(values, aim, view)
        if against:
            return against
    return store.remembered(_overall, view.day, view.window, view.scope, view.currency)


def target_message(values: Mapping[str, float | None], aim: Target, view: View) -> str | None:
    """Overdue money against what the target share of it allows."""
    overdue, gross, share = values.get("overdue"), values.get("gross_open"), values.get("overdue_share")
    if overdue is None or gross is None or share is None:
        return None
    beyond, goal = overdue - aim.good * gross, text.goal(aim.good, "ratio")
    held = f"Overdue is {text.money(overdue, view.currency, view.scale)}, {text.share(share)} of what is open"
    if beyond <= 0:
        return f"{held}: within the target of {goal}"
    return f"{held}: {text.money(beyond, view.currency, view.scale)} beyond the target of {goal}"


def findings(view: View) -> list[Finding]:
    """What stands out, the most money first."""
    return [
        Finding(
            found.words,
            found.kind,
            found.page if found.where else _CHANGES if found.kind == "dso" else None,
            found.where,
            changes.leading("dso") if found.kind == "dso" else {},
            found.who,
            found.brief,
            found.urgency,
            found.money,
        )
        for found in store.remembered(_headlines, view.day, view.window, view.scope, store.targets())
        if found.currency == view.currency
    ]


def lines(view: View, values: Mapping[str, float | None], sales: float | None) -> list[Finding]:
    """The line under the message: DSO, what the target would free, what a day of DSO is worth; what is known of them.

    Args:
        view: of what.
        values: metrics on the as-of day.
        sales: credit sales of the window.
    """
    targets, part = store.targets(), chosen(view.scope)
    told = (
        dso_sentence(values, targets.of_metric("dso", view.day, part)),
        to_target(values, targets.of_metric("overdue_share", view.day, part), view),
        day_of_dso(values, sales, view),
    )
    return [found for found in told if found]


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
    return Finding(words, "dso", _CHANGES, changes=changes.leading("dso"))


def to_target(values: Mapping[str, float | None], target: Target | None, view: View) -> Finding | None:
    """The money that would not be overdue at the target share."""
    overdue, gross = values.get("overdue"), values.get("gross_open")
    if target is None or overdue is None or gross is None:
        return None
    beyond, goal = overdue - target.good * gross, text.goal(target.good, "ratio")
    if beyond <= 0 or view.against is Against.TARGET:
        return None
    money = text.money(beyond, view.currency, view.scale)
    return Finding(f"At the target of {goal}, {money} less would be overdue", "target", _AGING)


def day_of_dso(values: Mapping[str, float | None], sales: float | None, view: View) -> Finding | None:
    """What one day of DSO is worth in cash."""
    if not sales or sales <= 0 or values.get("dso") is None:
        return None
    return Finding(f"One day of DSO is worth {text.money(sales / view.span.days, view.currency, view.scale)}")


def _overall(day: date, window: str, scope: Scope, currency: str) -> str:
    return overall(store.book(), day, window, scope, currency).words


def _headlines(day: date, window: str, scope: Scope, targets: Targets) -> list[Headline]:
    return headlines(store.book(), day, window, scope, targets, MOST)
