"""Corrections of master data: what is in force, and accepting and withdrawing one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click
import polars as pl

from commands.alert_people import user
from commands.options import CONTROL, asking, book_of, configured, plainly, settings_of
from commands.printing import show
from config.settings import Settings
from data_sources.refresh import open_store, refuse_others
from ledger.book import Book
from ledger.corrections import check_in, renewed, value_of
from ledger.errors import NoSnapshotError, OutstandingError
from ledger.fixes import Fix
from state import State, place

_FIX = {
    "id": pl.String, "kind": pl.String, "column": pl.String, "key": pl.String, "was": pl.String, "value": pl.String,
    "came": pl.String, "rows": pl.Int64, "why": pl.String, "by": pl.String, "at": pl.String, "withdrawn_by": pl.String,
    "withdrawn_at": pl.String,
}  # fmt: skip
_SHORTEST = 4

_signed = click.option(
    "--by", "--who", "who", metavar="NAME", default="", help="Who signs it; the user of this machine if left out."
)


@click.group("fix")
def fix_command() -> None:
    """Correct master data without touching the source: from the next refresh on, signed, and to be withdrawn."""


@fix_command.command("list")
@click.option("--all", "every", is_flag=True, help="Those that were withdrawn as well.")
@asking()
def list_command(context: click.Context, every: bool, shape: str) -> None:
    """The fixes in force, and what became of each in the last refresh."""
    settings, book = book_of(context)
    came = {one["id"]: one for one in book.about.get("fixes", [])}
    with opened(settings) as state:
        kept = [one for one in state.fixes.all() if every or one.in_force]
    rows = [
        {
            **{name: getattr(one.fix, name) for name in ("id", "kind", "column", "key", "was", "value")},
            "came": came.get(one.fix.id, {}).get("came", "waits for a refresh" if one.in_force else ""),
            "rows": came.get(one.fix.id, {}).get("rows"),
            "why": one.why,
            "by": one.by,
            "at": one.at.isoformat(timespec="seconds"),
            "withdrawn_by": one.withdrawn_by,
            "withdrawn_at": one.withdrawn_at.isoformat(timespec="seconds") if one.withdrawn_at else None,
        }
        for one in kept
    ]
    show(pl.DataFrame(rows, schema=_FIX), shape)


@fix_command.command("accept")
@click.option("--customer", "key", default="", help="The customer whose value is corrected.")
@click.option(
    "--column", required=True, help="Such as terms_days, credit_limit, collector, segment, region, parent_id."
)
@click.option("--reading", "was", help="A value of a dimension that stands for another, on every row.")
@click.option("--value", required=True, help="What it is to be.")
@click.option("--why", default="", help="A few words beside it.")
@_signed
@configured
@click.pass_context
@plainly
def accept_command(
    context: click.Context, key: str, column: str, was: str | None, value: str, why: str, who: str
) -> None:
    """Correct a value of one customer, or the reading of one value of a dimension."""
    if bool(key) == (was is not None):
        raise OutstandingError("Say either --customer, or --reading with the value that is read as another.")
    try:
        settings, book = book_of(context)
    except NoSnapshotError:
        # Which values there are is not known yet; whether a reading finds one, the next refresh tells.
        if key:
            raise
        settings, book = settings_of(context), None
    before = _was(book, key, column) if key and book else was
    fix = Fix("", "value" if key else "reading", column, key, before, value)
    if book:
        check_in(book, fix)
    with opened(settings) as state:
        if book:
            fix = renewed(book, fix, state.fixes.in_force())
        kept = state.fixes.accept(fix, (book or settings).dimensions, why, who or user(), datetime.now(UTC))
    click.echo(CONTROL.sub(" ", f"{kept.id}  {kept.words()}, from the next refresh on."))


@fix_command.command("withdraw")
@click.argument("id")
@_signed
@configured
@click.pass_context
@plainly
def withdraw_command(context: click.Context, id: str, who: str) -> None:
    """Take a fix back: from the next refresh on the source's own value counts."""
    with opened(settings_of(context)) as state:
        taken = state.fixes.withdraw(_whole(state, id), who or user(), datetime.now(UTC))
    click.echo(CONTROL.sub(" ", f"{taken.fix.id}  withdrawn: {taken.fix.words()}"))


@contextmanager
def opened(settings: Settings) -> Generator[State]:
    """The state database, for as long as it is needed."""
    state = State.open(settings)
    try:
        yield state
    finally:
        state.close()


def in_force(settings: Settings) -> Sequence[Fix]:
    """What a refresh applies. Where that cannot be read, what the last one applied: nothing is undone in silence."""
    try:
        file = place(settings).file
        if file is None or file.exists():
            with opened(settings) as state:
                return state.fixes.in_force()
        why = f"{file} is not there."
    except OutstandingError as error:
        why = str(error)
    try:
        book = open_store(settings).load()
        refuse_others(settings, book)
        last = book.rules.fixes
    except OutstandingError:
        last = ()
    if last:
        click.echo(f"Note: the corrections of the last snapshot are applied once more: {why}", err=True)
    return last


def _was(book: Book, key: str, column: str) -> str | None:
    """What the books have now."""
    if key not in set(book.frames["customers"]["customer_id"]):
        raise OutstandingError(f"There is no customer '{key}' in the books.")
    return value_of(book, key, column)


def _whole(state: State, id: str) -> str:
    """The id that ``id`` is, or that it alone begins."""
    found = [one.fix.id for one in state.fixes.all() if one.fix.id.startswith(id)]
    return found[0] if len(found) == 1 and len(id) >= _SHORTEST else id
