"""What every command shares: its options, its settings and book, and how a slip is told."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click

from config import settings as configuration
from config.advice import command
from config.settings import Settings
from data_sources.refresh import changed, open_store, refuse_others
from ledger import listing
from ledger.book import Book
from ledger.errors import NoSnapshotError, OutstandingError, did_you_mean
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics import Targets

Command = Callable[..., Any]
Option = Callable[[Command], Command]

FORMATS = ("table", "json", "csv")

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
"""Signs that would break a line, or steer the terminal, when they come from data."""


class Day(click.ParamType):
    """A day as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is not a day of the form 2026-10-31.", param, ctx)


def parts_of(choices: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """``region=EMEA`` pairs as values by dimension; those of one dimension add up."""
    values: dict[str, tuple[str, ...]] = {}
    for choice in choices:
        dimension, mark, value = choice.partition("=")
        if not mark or not dimension:
            raise OutstandingError(f"--where '{choice}' is not of the form dimension=value, such as region=EMEA.")
        values[dimension.strip()] = (*values.get(dimension.strip(), ()), value)
    return values


def scope_of(choices: Sequence[str], book: Book) -> Scope:
    """The chosen scope, of ``region=EMEA`` pairs."""
    return scope_within(parts_of(choices), book)


def scope_within(values: Mapping[str, Sequence[str]], book: Book) -> Scope:
    """The scope of values by dimension; ``Unassigned`` or nothing means none.

    A value that no document has is most likely a slip, and is told beside the (empty) answer.
    """
    scope = Scope.of(
        **{name: {None if one in ("", UNASSIGNED) else one for one in chosen} for name, chosen in values.items()}
    )
    for dimension, wanted in scope.where:
        known = set(listing.customers(book)["customer_id"]) if dimension == CUSTOMER else set(book.values(dimension))
        for value in sorted((v or UNASSIGNED for v in wanted - known), key=str):
            hint = did_you_mean(value, [v for v in known if v is not None])
            click.echo(f"Note: no {dimension} is '{value}'; {hint}".rstrip("; "), err=True)
    return scope


def day_of(day: date | None, book: Book) -> date:
    """The day asked for, else the latest of the books; of empty books, the day they were read."""
    return day or book.last_day or book.rules.today


def several(values: Sequence[str]) -> list[str]:
    """``--by a,b --by c`` as a list, each once."""
    return list(dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip()))


def asked_by(words: str) -> str:
    """The call of another command, with the settings that this one was given."""
    return command(words, click.get_current_context().obj)


def plainly(command: Callable[..., None]) -> Callable[..., None]:
    """One sentence on standard error and exit status 1 instead of a traceback, for what a person can mend."""

    @wraps(command)
    def told(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except OutstandingError as error:
            way = f" {asked_by('refresh')}" if isinstance(error, NoSnapshotError) else ""
            click.echo(CONTROL.sub(" ", f"Error: {error}{way}"), err=True)
            sys.exit(1)
        except BrokenPipeError:
            sys.exit(0)

    return told


as_format = click.option(
    "--format", "shape", type=click.Choice(FORMATS), default="table", help="How to print the rows."
)
as_of = click.option("--as-of", "day", type=Day(), help="As of the close of this day; the latest day if left out.")
grouped = click.option(
    "--by", multiple=True, metavar="DIMENSION", help="Group by a dimension, customer or currency; repeat for more."
)
only = click.option("--where", multiple=True, metavar="DIMENSION=VALUE", help="Keep only these rows; repeat for more.")
over = click.option("--window", metavar="3mo|90d", help="The window that flows are measured over.")
months = click.option(
    "--months", type=click.IntRange(1, 600), default=12, show_default=True, help="How many months to look back over."
)
measured = click.option("--metric", "metrics", multiple=True, metavar="ID[,ID…]", help="Which metrics; see 'metrics'.")


def _remember(context: click.Context, _: click.Parameter, folder: Path | None) -> None:
    """``--config`` holds before the command and after it; the nearest one counts."""
    if folder is not None:
        context.obj = folder


configured = click.option(
    "--config",
    type=click.Path(path_type=Path),
    callback=_remember,
    expose_value=False,
    is_eager=True,
    help="Settings folder; else $OUTSTANDING_CONFIG, else config/.",
)


def asking(*options: Option) -> Option:
    """What every command that answers with rows has, beside ``options``: a format, settings, and plain mistakes."""

    def made(command: Command) -> Command:
        wrapped: Command = click.pass_context(plainly(command))
        for option in reversed((*options, as_format, configured)):
            wrapped = option(wrapped)
        return wrapped

    return made


def settings_of(context: click.Context) -> Settings:
    """The settings that the command was pointed at, checked."""
    settings = configuration.load(context.obj)
    targets_of(settings)
    return settings


def targets_of(settings: Settings) -> Targets:
    """The company's targets, checked against the catalogue."""
    return Targets.of(settings.targets, str(settings.folder / "targets.toml"))


def book_of(context: click.Context) -> tuple[Settings, Book]:
    """The settings and the current snapshot, with a note when it was made by other settings."""
    settings = settings_of(context)
    book = open_store(settings).load()
    refuse_others(settings, book)
    stale = changed(settings, book)
    if stale:
        click.echo(f"Note: {', '.join(stale)} changed since the snapshot was made; 'refresh' puts it to use.", err=True)
    return settings, book
