"""Why it moved, who does worse, and what needs a decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click
import polars as pl

from commands.options import (
    CONTROL,
    Day,
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
    targets_of,
)
from commands.printing import show
from ledger.calendar import Window
from ledger.errors import OutstandingError
from ledger.listing import customers
from ledger.scope import UNASSIGNED
from metrics import Headline, evaluate, explain, flags, headlines, segments
from metrics.reasons import sentences


@click.command("explain")
@asking(grouped, only, over)
@click.option("--metric", required=True, metavar="ID", help="Which metric; see 'metrics'.")
@click.option("--from", "first", type=Day(), help="The day that the change is counted from; the window's opening.")
@click.option("--to", "last", type=Day(), help="The day that it is counted to; the latest day if left out.")
def explain_command(
    context: click.Context,
    metric: str,
    first: date | None,
    last: date | None,
    by: Sequence[str],
    where: Sequence[str],
    window: str | None,
    shape: str,
) -> None:
    """Who and what moved a metric between two days: contributions that add up to its change, and it in a sentence."""
    settings, book = book_of(context)
    length = window or settings.window.default
    end = day_of(last, book)
    start = first or Window.ending(end, length).opening
    scope = scope_of(where, book)
    rows = explain(book, metric, start, end, length, scope, several(by))
    for ends in evaluate(book, [metric], [start, end], length, scope).iter_rows(named=True):
        if ends["note"]:
            several_currencies = f" in {ends['currency']}" if len(book.currencies) > 1 else ""
            click.echo(f"Note: {metric}{several_currencies} on {ends['as_of']}: {ends['note']}.", err=True)
    if shape == "table":
        whole = explain(book, metric, start, end, length, scope) if by else rows
        names = dict(customers(book).select("customer_id", "label").iter_rows())
        for sentence in sentences(whole, *([rows] if by else []), labels=book.dimensions, names=names):
            click.echo(CONTROL.sub(" ", f"{sentence}."))
    show(rows, shape)


@click.command("segments")
@asking(as_of, measured, grouped, only, over)
@click.option("--flags", "flagged", is_flag=True, help="One row a group instead: whether it needs attention, and why.")
def segments_command(
    context: click.Context,
    day: date | None,
    metrics: Sequence[str],
    by: Sequence[str],
    where: Sequence[str],
    window: str | None,
    flagged: bool,
    shape: str,
) -> None:
    """Groups side by side: value, rank, target, last year, and the rest of the company."""
    settings, book = book_of(context)
    dimension = _dimension(several(by), list(book.dimensions))
    length, scope, end = window or settings.window.default, scope_of(where, book), day_of(day, book)
    if flagged:
        if metrics:
            raise OutstandingError("Flags go by the overdue share alone: leave out --metric, or --flags.")
        show(flags(book, end, dimension, scope), shape)
        return
    chosen = several(metrics) or None
    show(segments(book, end, length, dimension, scope, chosen, targets_of(settings)), shape)


def _dimension(asked: Sequence[str], known: Sequence[str]) -> str:
    """The one dimension to compare: ``segment`` where there is one, else the first."""
    if len(asked) > 1:
        raise OutstandingError(f"Segments are compared along one dimension; --by names {len(asked)}.")
    if asked:
        return asked[0]
    if not known:
        raise OutstandingError("There is no dimension to compare along; name some under [dimensions] in app.toml.")
    return "segment" if "segment" in known else known[0]


@click.command("headlines")
@asking(as_of, only, over)
def headlines_command(
    context: click.Context, day: date | None, where: Sequence[str], window: str | None, shape: str
) -> None:
    """What changed, by how much, because of whom, and what it is worth: at most five, the largest first."""
    settings, book = book_of(context)
    found = headlines(
        book, day_of(day, book), window or settings.window.default, scope_of(where, book), targets_of(settings)
    )
    rows = [(rank, told.day, told.kind, told.metric, told.money, told.currency, told.words, _written(told), told.page)
            for rank, told in enumerate(found, start=1)]  # fmt: skip
    show(pl.DataFrame(rows, schema=_HEADLINE, orient="row"), shape)


_HEADLINE = {
    "rank": pl.Int64, "as_of": pl.Date, "kind": pl.String, "metric": pl.String, "money": pl.Float64,
    "currency": pl.String, "words": pl.String, "where": pl.List(pl.String), "page": pl.String,
}  # fmt: skip


def _written(told: Headline) -> list[str]:
    """Where a headline leads, as ``--where`` takes it."""
    return [f"{dimension}={UNASSIGNED if value is None else value}" for dimension, value in told.where]
