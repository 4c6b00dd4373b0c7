"""The lines below the overview's message, each with the page that tells more."""

from __future__ import annotations

from collections.abc import Mapping

from briefing import story
from briefing.view import View
from ui import changes, store
from ui.lead import Lead

Line = tuple[str, Lead | None]
"""Words, and where a click on them leads."""

_LEADS: Mapping[str, Lead] = {
    "dso": Lead(changes.PAGE, changes.leading("dso")),
    "target": Lead("pages/receivables/aging.py"),
}


def message(view: View, values: story.Values) -> str:
    """The message of the overview."""
    return story.message(store.answers(), view, values)


def lines(view: View, values: story.Values, sales: float | None) -> list[Line]:
    """DSO, what the target would free, what a day of DSO is worth; what is known of them."""
    told = story.lines(store.answers(), view, values, sales)
    return [(words, _LEADS.get(name)) for name, words in told.items()]
