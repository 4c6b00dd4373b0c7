"""Where the overview leads: each tile, and each mark of its charts, one level down."""

from __future__ import annotations

from briefing.summary import Summary
from briefing.view import View
from ledger.scope import CUSTOMER
from ui import address, changes, drill, summaries
from ui.lead import Lead

CHANGES, AGING_PAGE = "pages/summary/changes.py", "pages/receivables/aging.py"

DSO = Lead(CHANGES, changes.leading("dso"))
AGING = Lead(AGING_PAGE)


def of_tile(metric: str, summary: Summary) -> Lead:
    """The page that tells more of a tile's number, from which its invoices are two clicks away at most."""
    match metric:
        case "total_ar":
            return Lead(drill.CUSTOMERS)
        case "dso":
            return DSO
        case "cei":
            return Lead("pages/collections/effectiveness.py")
        case "over_90_share":
            # No bucket need begin at 91 days: the one beyond 90 that holds most, and its neighbours stand beside it.
            return Lead(AGING_PAGE, {address.BUCKET: summaries.oldest(summary)})
        case "cash_collected":
            # Who paid more or less than before, and from there the customer with every document.
            return Lead(CHANGES, changes.leading("cash_collected", CUSTOMER))
        case _:
            return AGING


def to_month(day: str | None, view: View) -> None:
    """Why DSO moved up to a day of the chart, from a callback."""
    if day is not None:
        address.go(CHANGES, {**changes.leading("dso"), address.AS_OF: _as_of(day, view)})


def to_bucket(key: str | None, view: View) -> None:
    """A bucket on a day, from a callback; ``key`` as the chart has it: ``2026-10-31/31–60``."""
    if key is not None:
        day, _, bucket = key.partition("/")
        address.go(AGING_PAGE, {address.AS_OF: _as_of(day, view), address.BUCKET: bucket})


def _as_of(day: str, view: View) -> str | None:
    """The day as the address has it: latest stays latest."""
    return None if view.is_latest and day == view.day.isoformat() else day
