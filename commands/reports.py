"""Reports about the books as a whole."""

from __future__ import annotations

import json

import click
import polars as pl

from briefing.data_report import data_report
from commands.options import CONTROL, book_of, configured, plainly
from commands.printing import plain, show
from config.settings import Settings
from data_sources.refresh import open_store
from ledger.errors import OutstandingError
from metrics import text
from state import place

_TITLES = {
    "rows": "Rows read",
    "rules": "Rules that found something, now and in the snapshot before",
    "source_balances": "Differences from the source's own balances",
    "history_changed": "Documents whose past the source changed",
    "history_days": "Days whose total is another than was known",
    "feeds": "When each feed was last heard of",
    "shifts": "What changed sharply in the fields since the snapshot before",
    "fields": "What the fields hold",
    "unassigned": "What is open without a value of a dimension",
    "suspects": "To look at",
}


@click.group("report")
def report_command() -> None:
    """Reports about the books as a whole."""


@report_command.command("quality")
@click.option("--format", "shape", type=click.Choice(["table", "json"]), default="table", help="How to print it.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="Rows of each table, in a table.")
@configured
@click.pass_context
@plainly
def quality_command(context: click.Context, shape: str, most: int) -> None:
    """The weekly close of the data: what was found, what changed since last time, and what to look at."""
    settings, book = book_of(context)
    report = data_report(book, open_store(settings).findings(), _passed(settings))
    if shape == "json":
        tables = {name: [plain(row) for row in rows.iter_rows(named=True)] for name, rows in report.tables.items()}
        about = {"snapshot": book.about.get("id", ""), "company": book.rules.company}
        said = [each.replace("\u00a0", " ") for each in report.sentences]
        click.echo(json.dumps({**about, "sentences": said, **tables}, ensure_ascii=False, default=str))
        return
    for each in report.sentences:
        click.echo(CONTROL.sub(" ", f"- {each.replace(chr(0xA0), ' ')}"))
    for name, rows in report.tables.items():
        if rows.height:
            _section(_TITLES[name], rows, most)


def _passed(settings: Settings) -> frozenset[str]:
    """What somebody said is right; nothing where that cannot be read."""
    from commands.fixes import opened

    try:
        file = place(settings).file
        if file is not None and not file.exists():
            return frozenset()
        with opened(settings) as state:
            return state.fixes.passed()
    except OutstandingError:
        return frozenset()


def _drawn(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with lists of numbers as bars."""
    bars = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.List) and dtype.inner != pl.String]
    return rows.with_columns(
        pl.Series(name, [None if each is None else text.sparkline(each.to_list()) for each in rows[name]], pl.String)
        for name in bars
    )


def _section(title: str, rows: pl.DataFrame, most: int) -> None:
    shown = f"{title} ({rows.height:,})" if rows.height > 1 else title
    click.echo(f"\n{shown}")
    show(_drawn(rows.head(most)), "table")
    if rows.height > most:
        click.echo(f"… and {rows.height - most:,} more; --most or --format json shows them.")
