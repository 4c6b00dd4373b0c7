"""Reading the books, and what was found wrong with them."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
import polars as pl

from briefing import second_looks
from commands.options import CONTROL, asking, book_of, configured, plainly, settings_of, targets_of
from commands.printing import show
from data_sources.refresh import refresh
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import did_you_mean
from ledger.money import digits
from ledger.schema import TABLES
from ledger.second_looks import second_looks as second_looks_of
from metrics import Targets, evaluate, movement, text


@click.command("refresh")
@click.option("--force", is_flag=True, help="Publish although more money is quarantined than the settings allow.")
@click.option("--full", is_flag=True, help="Read everything, although the source says what changed.")
@click.option("--no-alerts", is_flag=True, help="Do not ask the alert rules of the new snapshot.")
@configured
@click.pass_context
@plainly
def refresh_command(context: click.Context, force: bool, full: bool, no_alerts: bool) -> None:
    """Extract, check, build and publish a snapshot."""
    from commands.fixes import in_force

    settings = settings_of(context)
    with click.progressbar(length=1000, label="Refreshing", file=sys.stderr, item_show_func=_step) as bar:

        def tell(step: str, share: float) -> None:
            bar.update(max(int(share * 1000) - bar.pos, 0), step)

        book = refresh(settings, fixes=in_force(settings), force=force, full=full, progress=tell)
    targets = targets_of(settings)
    _report(book, targets)
    if not no_alerts:
        from commands.alert_run import after_refresh

        after_refresh(settings, book, targets)


def _step(step: object) -> str | None:
    return None if step is None else str(step)


def _report(book: Book, targets: Targets) -> None:
    """How a refresh ended: rows in, accepted, quarantined, the balance, whether it ties out, and the snapshot."""
    about = book.about
    money = _money_kept_out(book)
    for table, rows in about["rows_in"].items():
        kept_out = about["quarantined"].get(table, 0)
        worth = f" ({money[table]})" if table in money else ""
        accepted = about["accepted"].get(table, 0)
        click.echo(f"{table:<12} {rows:>12,} in  {accepted:>12,} accepted  {kept_out:>8,} quarantined{worth}")
    broken = book.quality.filter(pl.col("rows") > 0)
    warned = broken.filter(pl.col("severity") == "warning")["rows"].sum()
    click.echo(f"warnings     {warned:>12,}")
    for row in broken.iter_rows(named=True):
        told = f" ({row['told'].replace(text.NBSP, ' ')})" if row["told"] else ""
        click.echo(CONTROL.sub(" ", f"  {row['severity']:<8} {row['rule']} in {row['table']}: {row['rows']:,}{told}"))
    for came, count in Counter(one["came"] for one in about["fixes"]).items():
        click.echo(f"fixes        {count:>12,} {came}")
    for row in evaluate(book, ["total_ar"]).iter_rows(named=True):
        click.echo(
            f"total AR     {row['value']:>15,.{digits(row['currency'])}f} {row['currency']} as of {row['as_of']}"
        )
    click.echo(f"tie-out      {_tie_out(book)}")
    for label, said in (("source says", second_looks.verified(book)), ("history", second_looks.revised(book))):
        if said:
            click.echo(f"{label:<12} {said.replace(text.NBSP, ' ')}")
    for name in about["unfilled"]:
        hint = did_you_mean(name, [column for table in ("customers", "documents") for column in TABLES[table].names])
        click.echo(f"Note: no document has a value for the dimension '{name}'; {hint}".rstrip("; "), err=True)
    for note in targets.notes(book):
        click.echo(f"Note: {note}", err=True)
    click.echo(f"snapshot     {about['id']}")


def _money_kept_out(book: Book) -> dict[str, str]:
    """What the quarantined rows of each table are worth, signs aside, per currency; how many could not be read."""
    read = book.quarantine.filter(pl.col("amount").is_not_null())
    worth = read.group_by("table", "currency").agg(pl.col("amount").abs().sum()).sort("currency", nulls_last=True)
    money: dict[str, str] = {}
    for table, currency, amount in worth.iter_rows():
        told = f"{amount:,.{digits(currency) if currency else 2}f} {currency or 'of unknown currency'}"
        money[table] = " + ".join([*([money[table]] if table in money else []), told])
    unread = book.quarantine.filter(pl.col("amount").is_null() & pl.col("table").is_in(["documents", "settlements"]))
    for table, rows in unread.group_by("table").len().iter_rows():
        money[table] = " + ".join([*([money[table]] if table in money else []), f"{rows:,} unreadable amounts"])
    return money


def _tie_out(book: Book) -> str:
    """Whether opening + movement = closing over the whole history, and the sub-ledger equals the general ledger."""
    if book.last_day is None or book.first_day is None:
        return "nothing to tie out"
    days = (book.last_day - book.first_day).days + 2
    gap = (
        movement(book, book.last_day, f"{min(days, 9999)}d")
        .filter(pl.col("line") == "difference")["amount"]
        .abs()
        .sum()
    )
    said = (
        "opening + movement = closing to the cent"
        if gap == 0
        else f"opening + movement differs from closing by {gap:,.2f}"
    )
    if book.rules.conversion is Conversion.CLOSING:
        said += " (at closing rates the line fx takes up the remainder)"
    ledger = book.gl_comparison
    if ledger.height:
        off = ledger.filter(pl.col("difference") != 0).height
        said += f"; general ledger: {ledger.height - off} of {ledger.height} balances agree"
    return said


@click.command()
@click.option(
    "--differences", "which", flag_value="differences", help="Instead: what differs from the source's own balances."
)
@click.option("--history", "which", flag_value="history", help="Instead: what the last refresh changed of the past.")
@click.option("--all", "whole", is_flag=True, help="In a table too, the rules that found nothing.")
@asking()
def check(context: click.Context, which: str | None, whole: bool, shape: str) -> None:
    """The quality report of the current snapshot: a row per rule; in a table, per rule that found something."""
    _, book = book_of(context)
    looks = book.once(second_looks_of)
    quality = book.quality
    if which is None and shape == "table" and not whole:
        quality = quality.filter(pl.col("rows") > 0)
        click.echo(f"{quality.height} of {book.quality.height} rules found something; --all lists them all.", err=True)
        if quality.is_empty():
            return
    show({"differences": looks.verified, "history": looks.revised, None: quality}[which], shape)


@click.command()
@click.option(
    "--invoices", type=click.IntRange(100), default=60_000, show_default=True, help="How many invoices to invent."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, another company.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="The SQLite file to write; the demo source's own if left out."
)
@configured
@click.pass_context
@plainly
def demo(context: click.Context, invoices: int, seed: int, output: Path | None) -> None:
    """Build the demonstration company at any size; 'refresh' then reads it."""
    from data_sources.demo_source import build_demo

    with click.progressbar(length=1000, label="Building", file=sys.stderr, item_show_func=_step) as bar:
        path = build_demo(
            settings_of(context),
            invoices,
            seed,
            output,
            lambda step, share: bar.update(max(int(share * 1000) - bar.pos, 0), step),
        )
    click.echo(f"{path}: {invoices:,} invoices, seed {seed}")
