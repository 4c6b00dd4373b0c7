"""Outstanding without a screen: the same numbers for schedulers, scripts and people in a hurry."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
import polars as pl

from config import settings as configuration
from config.settings import Settings
from data_sources.refresh import open_store, refresh
from ledger import listing
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import OutstandingError, did_you_mean
from ledger.schema import TABLES
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics import CATALOG, aging, evaluate, known_targets, movement

FORMATS = ("table", "json", "csv")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
"""Signs that would break a line, or steer the terminal, when they come from data."""


class Day(click.ParamType):
    """A day as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a day of the form 2026-10-31.", param, ctx)


def _where(choices: Sequence[str]) -> Scope:
    """``region=EMEA`` pairs as a scope; values of one dimension add up, ``Unassigned`` or nothing means none."""
    values: dict[str, set[str | None]] = {}
    for choice in choices:
        dimension, mark, value = choice.partition("=")
        if not mark or not dimension:
            raise OutstandingError(f"--where '{choice}' is not of the form dimension=value, such as region=EMEA.")
        values.setdefault(dimension.strip(), set()).add(None if value in ("", UNASSIGNED) else value)
    return Scope.of(**values)


def _scope(choices: Sequence[str], book: Book) -> Scope:
    """The chosen scope. A value that no document has is most likely a slip, and is told beside the (empty) answer."""
    scope = _where(choices)
    for dimension, wanted in scope.where:
        known = set(listing.customers(book)["customer_id"]) if dimension == CUSTOMER else set(book.values(dimension))
        for value in sorted((v or UNASSIGNED for v in wanted - known), key=str):
            hint = did_you_mean(value, [v for v in known if v is not None])
            click.echo(f"Note: no {dimension} is '{value}'; {hint}".rstrip("; "), err=True)
    return scope


def _day(day: date | None, book: Book) -> date:
    """The day asked for, else the latest of the books; of empty books, the day they were read."""
    return day or book.last_day or book.rules.today


def _several(values: Sequence[str]) -> list[str]:
    """``--by a,b --by c`` as a list, each once."""
    return list(dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip()))


def _plainly(command: Callable[..., None]) -> Callable[..., None]:
    """One sentence on standard error and exit status 1 instead of a traceback, for what a person can mend."""

    @wraps(command)
    def told(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except OutstandingError as error:
            click.echo(_CONTROL.sub(" ", f"Error: {error}"), err=True)
            sys.exit(1)
        except BrokenPipeError:
            sys.exit(0)

    return told


_format = click.option("--format", "shape", type=click.Choice(FORMATS), default="table", help="How to print the rows.")
_as_of = click.option("--as-of", "day", type=Day(), help="As of the close of this day; the latest day if left out.")
_by = click.option(
    "--by", multiple=True, metavar="DIMENSION", help="Group by a dimension, customer or currency; repeat for more."
)
_only = click.option("--where", multiple=True, metavar="DIMENSION=VALUE", help="Keep only these rows; repeat for more.")
_window = click.option("--window", metavar="3mo|90d", help="The window that flows are measured over.")
_metric = click.option("--metric", "metrics", multiple=True, metavar="ID[,ID…]", help="Which metrics; see 'metrics'.")


def _remember(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    """``--config`` holds before the command and after it; the nearest one counts."""
    if folder is not None:
        context.obj = folder


_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    callback=_remember,
    expose_value=False,
    is_eager=True,
    help="Settings folder; else $OUTSTANDING_CONFIG, else config/.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@_config
def cli() -> None:
    """Outstanding: accounts receivable as of any day."""


def _settings(context: click.Context) -> Settings:
    settings = configuration.load(context.obj)
    known_targets(settings.targets, str(settings.folder / "targets.toml"))
    return settings


def _book(context: click.Context) -> tuple[Settings, Book]:
    settings = _settings(context)
    book = open_store(settings).load()
    if book.rules.company != settings.company:
        click.echo(
            f"Note: the snapshot in {settings.store.path} is of '{book.rules.company}', these settings are of "
            f"'{settings.company}'. Give each company its own [store] path, then refresh.",
            err=True,
        )
    return settings, book


@cli.command("refresh")
@click.option("--force", is_flag=True, help="Publish although more money is quarantined than the settings allow.")
@_config
@click.pass_context
@_plainly
def refresh_command(context: click.Context, force: bool) -> None:
    """Extract, check, build and publish a snapshot."""
    settings = _settings(context)
    with click.progressbar(length=1000, label="Refreshing", file=sys.stderr, item_show_func=_step) as bar:

        def tell(step: str, share: float) -> None:
            bar.update(max(int(share * 1000) - bar.pos, 0), step)

        book = refresh(settings, force=force, progress=tell)
    _report(book)


def _step(step: object) -> str | None:
    return None if step is None else str(step)


def _report(book: Book) -> None:
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
        click.echo(f"  {row['severity']:<8} {row['rule']} in {row['table']}: {row['rows']:,}")
    for row in evaluate(book, ["total_ar"]).iter_rows(named=True):
        click.echo(f"total AR     {row['value']:>15,.2f} {row['currency']} as of {row['as_of']}")
    click.echo(f"tie-out      {_tie_out(book)}")
    for name in about["unfilled"]:
        hint = did_you_mean(name, [column for table in ("customers", "documents") for column in TABLES[table].names])
        click.echo(f"Note: no document has a value for the dimension '{name}'; {hint}".rstrip("; "), err=True)
    click.echo(f"snapshot     {about['id']}")


def _money_kept_out(book: Book) -> dict[str, str]:
    """What the quarantined rows of each table are worth, per currency; how many amounts could not be read."""
    read = book.quarantine.filter(pl.col("amount").is_not_null())
    worth = read.group_by("table", "currency").agg(pl.col("amount").abs().sum()).sort("currency", nulls_last=True)
    told = pl.format(
        "{} {}", pl.col("amount").cast(pl.Decimal(38, 2)), pl.col("currency").fill_null("of unknown currency")
    )
    money = dict(worth.group_by("table", maintain_order=True).agg(told.str.join(" + ")).iter_rows())
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


@cli.command()
@_format
@_config
@click.pass_context
@_plainly
def check(context: click.Context, shape: str) -> None:
    """The quality report of the current snapshot: a row per rule."""
    _, book = _book(context)
    _print(book.quality, shape)


@cli.command()
@_as_of
@_metric
@_by
@_only
@_window
@_format
@_config
@click.pass_context
@_plainly
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
    settings, book = _book(context)
    rows = evaluate(
        book,
        _several(metrics) or None,
        [_day(day, book)],
        window or settings.window.default,
        _scope(where, book),
        _several(by),
    )
    _print(rows, shape)


@cli.command("aging")
@_as_of
@_by
@_only
@_format
@_config
@click.pass_context
@_plainly
def aging_command(
    context: click.Context, day: date | None, by: Sequence[str], where: Sequence[str], shape: str
) -> None:
    """The aging table: its buckets and the unapplied credits add up to total AR."""
    _, book = _book(context)
    _print(aging(book, [_day(day, book)], _scope(where, book), _several(by)), shape)


@cli.command()
@_metric
@_by
@_only
@_window
@click.option("--from", "first", type=Day(), help="From the first month-end on or after this day.")
@click.option("--to", "last", type=Day(), help="To the last month-end on or before this day.")
@_format
@_config
@click.pass_context
@_plainly
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
    settings, book = _book(context)
    days = [end for end in book.month_ends if (first is None or end >= first) and (last is None or end <= last)]
    if not days:
        raise OutstandingError(_no_month_end(book, first, last))
    rows = evaluate(
        book, _several(metrics) or None, days, window or settings.window.default, _scope(where, book), _several(by)
    )
    _print(rows, shape)


def _no_month_end(book: Book, first: date | None, last: date | None) -> str:
    asked = " ".join(f"{name} {day}" for name, day in (("--from", first), ("--to", last)) if day)
    if not book.month_ends:
        return "There is no month-end in these books yet; a trend needs one."
    return f"No month-end lies in {asked}; this history has those from {book.month_ends[0]} to {book.month_ends[-1]}."


@cli.command("metrics")
@_format
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
    _print(pl.DataFrame(rows), shape)


@cli.command()
@click.option(
    "--invoices", type=click.IntRange(100), default=60_000, show_default=True, help="How many invoices to invent."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, another company.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="The SQLite file to write; the demo source's own if left out."
)
@_config
@click.pass_context
@_plainly
def demo(context: click.Context, invoices: int, seed: int, output: Path | None) -> None:
    """Build the demonstration company at any size; 'refresh' then reads it."""
    from data_sources.demo_source import build_demo

    with click.progressbar(length=1000, label="Building", file=sys.stderr, item_show_func=_step) as bar:
        path = build_demo(
            _settings(context),
            invoices,
            seed,
            output,
            lambda step, share: bar.update(max(int(share * 1000) - bar.pos, 0), step),
        )
    click.echo(f"{path}: {invoices:,} invoices, seed {seed}")


def _print(rows: pl.DataFrame, shape: str) -> None:
    """Rows as a table for people, or as JSON or CSV for programs. Nothing is rounded in JSON and CSV."""
    match shape:
        case "json":
            click.echo(json.dumps([_plain(row) for row in rows.iter_rows(named=True)], ensure_ascii=False, default=str))
        case "csv":
            buffer = io.StringIO()
            writer = csv.writer(buffer, lineterminator="\n")
            writer.writerow(rows.columns)
            writer.writerows([_cell(value) for value in row] for row in rows.iter_rows())
            click.echo(buffer.getvalue(), nl=False)
        case _:
            _table(rows)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in row.items()}


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


def _table(rows: pl.DataFrame) -> None:
    texts = rows.with_columns(
        pl.col(pl.Float64).map_elements(lambda v: f"{v:,.4f}".rstrip("0").rstrip("."), return_dtype=pl.String),
        pl.col(pl.List(pl.String)).list.join(", "),
        *(pl.col(name).fill_null(UNASSIGNED) for name in _dimensions(rows)),
    ).with_columns(pl.col(pl.String).str.replace_all(_CONTROL.pattern, " "))
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_width_chars=240, fmt_str_lengths=120, tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True, tbl_formatting="NOTHING",
    ):  # fmt: skip
        click.echo(str(texts) if rows.height else "No rows.")


def _dimensions(rows: pl.DataFrame) -> list[str]:
    """The columns of an answer that are dimensions: between what comes first and the currency."""
    if "as_of" not in rows.columns or "currency" not in rows.columns:
        return []
    start = rows.columns.index("window" if "window" in rows.columns else "as_of") + 1
    return rows.columns[start : rows.columns.index("currency")]


def main() -> None:
    """Run a command. A slip in the words of the call is told in one sentence, with exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # names may have any letter, whatever the terminal is set to
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "cli.py"
        click.echo(f"Error: {error.format_message()} '{command} --help' lists what there is.", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
