"""The summary: the message, the tiles with their states, and who needs someone."""

from __future__ import annotations

from dataclasses import replace

from briefing import needs, story
from briefing.summary import TILES
from exports.pack.content import Chart, Line, Lines, Page, Row, Tiles
from exports.pack.sections.told import CALLING, HEIGHT, PALETTE, Brief
from metrics import text

_WORDS = {needs.SEEN: "Seen to", needs.SNOOZED: "Snoozed", needs.CLOSED: "Closed", "better": "Better"}


def summary(brief: Brief) -> list[Page]:
    """One page."""
    told, view = brief.summary, brief.view
    values = told.values()
    lines = story.lines(told.answers, view, values, told.credit_sales)
    # Its finding is the page's own message, perhaps over another time: two of them side by side would confuse.
    by_age = replace(told.aging(PALETTE, HEIGHT), title="Overdue by age")
    listed = needs.needs(told.answers, view, brief.raised.told())
    what = Lines(
        needs.title(listed, view),
        tuple(_line(need) for need in listed),
        subtitle=f"{'Most money first, as' if listed else 'As'} of {text.day(view.day)}",
        nothing=needs.nothing(told.answers, view),
    )
    return [
        Page(
            "summary",
            brief.label("Summary"),
            story.message(told.answers, view, values),
            (
                Row((Tiles(tuple(told.tile(metric) for metric in TILES)),), height=0),
                Row((what, Chart(by_age)), widths=(5, 6)),
            ),
            lead=" · ".join(lines.values()),
            metrics=(*TILES, "overdue", "gross_open"),
        )
    ]


def _line(need: needs.Need) -> Line:
    return Line(need.who, need.brief, _WORDS.get(need.urgency, ""), CALLING.get(need.urgency))
