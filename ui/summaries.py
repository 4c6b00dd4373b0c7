"""What the overview and its like show, read and drawn once for all readers; alerts, which people change, read anew."""

from __future__ import annotations

from dataclasses import replace

from briefing.summary import READ, Summary
from briefing.tile import Tile
from briefing.view import View
from charts import Figure, Palette
from ui import alerts, store


def read(view: View, metrics: tuple[str, ...] = READ) -> Summary:
    """Every value of a view."""
    raised = alerts.raised()
    found = store.kept("summary", lambda: Summary.read(store.answers(), view, raised, metrics), view, metrics)
    return replace(found, raised=raised)


def tile(summary: Summary, metric: str) -> Tile:
    """A metric's tile."""
    alert = summary.raised.standing_at(metric, summary.view)
    told = (alert.said, alert.alert.severity) if alert else None
    return store.kept("tile", lambda: summary.tile(metric), summary.view, metric, told)


def dso(summary: Summary, palette: Palette, height: int) -> Figure:
    """DSO over the year, with the alerts about it."""
    marks = tuple(summary.raised.marks(("dso",), summary.view))
    return store.kept("DSO", lambda: summary.dso(palette, height), summary.view, palette, height, marks)


def aging(summary: Summary, palette: Palette, height: int) -> Figure:
    """Overdue money by age over the year."""
    return store.kept("aging", lambda: summary.aging(palette, height), summary.view, palette, height)


def oldest(summary: Summary) -> str | None:
    """Of the buckets that begin beyond 90 days the one that holds most, if any holds anything."""
    return store.kept("oldest", summary.oldest, summary.view)
