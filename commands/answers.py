"""How much, how late, and since when: the numbers themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click
import polars as pl

from commands.options import (
    Day,
    as_format,
    as_of,
    asking,
    book_of,
    day_of,
    grouped,
    measured,
    only,
    over,
    scope_of,
    several,
)
from commands.printing import show
from ledger.book import Book
from ledger.errors import OutstandingError
from metrics import CATALOG, aging, countback_working, disputed_aging, evaluate


@click.command()
@asking(as_of, measured, grouped, only, over)
def kpi(
    context: click.Context,
    day: date | None,
    metrics: Sequence[str],
    by: Sequence[str],
    where: Sequence[str],
    window: str | None,
    shape: str,
) -> None:
    """Metrics as of a day: every metric if none is named."""
    settings, book = book_of(context)
    rows = evaluate(
        book,
        several(metrics) or None,
        [day_of(day, book)],
        window or settings.window.default,
        scope_of(where, book),
        several(by),
    )
    show(rows, shape)


@click.command("aging")
@asking(as_of, grouped, only)
@click.option("--disputed", is_flag=True, help="Only what customers dispute, by how late it is.")
def aging_command(
    context: click.Context, day: date | None, by: Sequence[str], where: Sequence[str], disputed: bool, shape: str
) -> None:
    """The aging table: its buckets and the unapplied credits add up to total AR."""
    _, book = book_of(context)
    ask = disputed_aging if disputed else aging
    show(ask(book, [day_of(day, book)], scope_of(where, book), several(by)), shape)


@click.command("countback")
@asking(as_of, grouped, only)
def countback_command(
    context: click.Context, day: date | None, by: Sequence[str], where: Sequence[str], shape: str
) -> None:
    """The working of count-back DSO: month by month, what the balance is made of and the days it counts."""
    _, book = book_of(context)
    show(countback_working(book, day_of(day, book), scope_of(where, book), several(by)), shape)


@click.command()
@asking(measured, grouped, only, over)
@click.option("--from", "first", type=Day(), help="From the first month-end on or after this day.")
@click.option("--to", "last", type=Day(), help="To the last month-end on or before this day.")
def trend(
    context: click.Context,
    metrics: Sequence[str],
    by: Sequence[str],
    where: Sequence[str],
    window: str | None,
    first: date | None,
    last: date | None,
    shape: str,
) -> None:
    """Metrics at every month-end."""
    settings, book = book_of(context)
    days = [end for end in book.month_ends if (first is None or end >= first) and (last is None or end <= last)]
    if not days:
        raise OutstandingError(_no_month_end(book, first, last))
    rows = evaluate(
        book, several(metrics) or None, days, window or settings.window.default, scope_of(where, book), several(by)
    )
    show(rows, shape)


def _no_month_end(book: Book, first: date | None, last: date | None) -> str:
    asked = " ".join(f"{name} {day}" for name, day in (("--from", first), ("--to", last)) if day)
    if not book.month_ends:
        return "There is no month-end in these books yet; a trend needs one."
    return f"No month-end lies in {asked}; this history has those from {book.month_ends[0]} to {book.month_ends[-1]}."


@click.command("metrics")
@as_format
def metrics_command(shape: str) -> None:
    """The catalogue: what every number means."""
    rows = [
        {
            "id": m.id,
            "label": m.label,
            "unit": m.unit.value,
            "better": m.better.value,
            "formula": m.formula,
            "source": m.source,
        }
        for m in CATALOG.values()
    ]
    show(pl.DataFrame(rows), shape)
