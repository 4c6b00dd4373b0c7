"""What is sent to customers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import click
import polars as pl

from commands.options import CONTROL, as_of, book_of, configured, day_of, only, plainly, scope_of
from config.settings import Settings
from exports import Sender, Statement, print_statement, statement, statement_csv, statement_workbook
from exports.formats import money
from ledger import listing
from ledger.book import Book
from ledger.errors import OutstandingError, did_you_mean
from ledger.scope import UNASSIGNED
from metrics import text

_FORMATS = ("pdf", "xlsx", "csv")
_FEW = 5


@click.command("statement")
@click.argument("customer")
@as_of
@only
@click.option("--format", "shape", type=click.Choice(_FORMATS), help="The kind of file; by the ending of -o, else pdf.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="The file to write, or a folder for one; here if left out."
)
@configured
@click.pass_context
@plainly
def statement_command(
    context: click.Context,
    customer: str,
    day: date | None,
    where: Sequence[str],
    shape: str | None,
    output: Path | None,
) -> None:
    """The statement of account of CUSTOMER (an id, or a name that only one has) as a file."""
    settings, book = book_of(context)
    shape = shape or _ending(output)
    of = statement(
        book, _found(book, customer), day_of(day, book), sender=_sender(settings), scope=scope_of(where, book)
    )
    path = _path(output, of, shape)
    _write(path, _FILES[shape](of, settings))
    click.echo(f"{path}: {_told(of)}")


def _sender(settings: Settings) -> Sender:
    said = settings.statement
    return Sender(settings.company, said.address, said.contact, said.note)


def _found(book: Book, words: str) -> str | None:
    """The id that ``words`` are, or the one of the only customer with that name."""
    everyone = listing.customers(book).select("customer_id", "label")
    ids = set(everyone["customer_id"])
    if words in ids:
        return words
    same = everyone.filter(pl.col("label").str.to_lowercase() == words.strip().lower())["customer_id"]
    if len(same) == 1:
        return same.item()
    if len(same) > 1:
        several = ", ".join(f"'{id}'" for id in same.head(_FEW).fill_null(UNASSIGNED))
        raise OutstandingError(f"{len(same)} customers are called '{words}'; give one's id: {several}.")
    known = {*everyone["customer_id"].drop_nulls(), *everyone["label"].drop_nulls()}
    hint = _holding(everyone, words) or did_you_mean(words, known)
    raise OutstandingError(f"There is no customer '{words}' in this snapshot" + (f"; {hint}" if hint else "."))


def _holding(everyone: pl.DataFrame, words: str) -> str:
    """A hint for a part of a name: the first few customers whose name has it."""
    part = words.strip().lower()
    if not part:
        return ""
    near = everyone.filter(pl.col("label").str.to_lowercase().str.contains(part, literal=True)).head(_FEW)
    names = [f"'{label}' ({id or UNASSIGNED})" for id, label in near.iter_rows()]
    return f"names with it are {text.listed(names, _FEW)}." if names else ""


def _ending(output: Path | None) -> str:
    ending = output.suffix.lower().removeprefix(".") if output else ""
    return ending if ending in _FORMATS else "pdf"


def _path(output: Path | None, of: Statement, shape: str) -> Path:
    """Where the file goes: as asked, or a name of its own in the folder asked for."""
    account = "".join(mark if mark.isalnum() or mark in "-_." else "_" for mark in of.customer_id or UNASSIGNED)
    own = f"statement_{account.strip('.')}_{of.day.isoformat()}.{shape}"
    if output is None:
        return Path(own)
    return output / own if output.is_dir() else output


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise OutstandingError(f"{path} cannot be written: {error.strerror}.") from error


def _pdf(of: Statement, settings: Settings) -> bytes:
    made = print_statement(of, settings.statement.paper)
    if made.undrawn:
        letters = CONTROL.sub(" ", "".join(made.undrawn))
        click.echo(f"Note: this machine has no font for '{letters}', drawn as empty boxes; install one.", err=True)
    return made.pdf


_FILES: dict[str, Callable[[Statement, Settings], bytes]] = {
    "pdf": _pdf,
    "xlsx": lambda of, settings: statement_workbook(of, settings.statement.paper),
    "csv": lambda of, _: statement_csv(of),
}


def _told(of: Statement) -> str:
    """``45 open items, USD 1,522,361.27``: the balance of each currency."""
    if of.is_empty:
        return "no open items"
    sums = [money(balance, currency) for currency, balance in of.totals.select("currency", "balance").iter_rows()]
    items = f"{of.items.height:,} open item{'' if of.items.height == 1 else 's'}"
    return f"{items}, {' and '.join(sums)}".replace("\u00a0", " ")
