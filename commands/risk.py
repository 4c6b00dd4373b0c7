"""What becomes of what was billed: paid when, rolled on where, lost how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from commands.options import as_of, asking, book_of, day_of, grouped, months, only, over, scope_of, several
from commands.printing import show
from ledger.errors import OutstandingError
from metrics import Plan, at_risk, cohorts, provision, provision_movement, rolls
from metrics.provision import unknown_items


@click.command("cohorts")
@asking(as_of, months, grouped, only)
@click.option("--at-risk", "late", is_flag=True, help="Of what fell due in a month: what was unpaid 90 days later.")
def cohorts_command(
    context: click.Context,
    day: date | None,
    months: int,
    by: Sequence[str],
    where: Sequence[str],
    late: bool,
    shape: str,
) -> None:
    """Of what was billed in a month, how much was paid within 30, 60, 90 … days."""
    _, book = book_of(context)
    ask = at_risk if late else cohorts
    show(ask(book, day_of(day, book), months, scope_of(where, book), several(by)), shape)


@click.command("rolls")
@asking(as_of, months, grouped, only)
def rolls_command(
    context: click.Context, day: date | None, months: int, by: Sequence[str], where: Sequence[str], shape: str
) -> None:
    """Roll rates from bucket to bucket: of the same invoices (followed), and between balances (net flow)."""
    _, book = book_of(context)
    show(rolls(book, day_of(day, book), months, scope_of(where, book), several(by)), shape)


@click.command("provision")
@asking(as_of, grouped, only, over)
@click.option(
    "--improvement",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="0–1",
    help="What if this share of what rolls on is collected.",
)
@click.option("--movement", "moved", is_flag=True, help="From the opening to the closing allowance of the window.")
def provision_command(
    context: click.Context,
    day: date | None,
    by: Sequence[str],
    where: Sequence[str],
    window: str | None,
    improvement: float,
    moved: bool,
    shape: str,
) -> None:
    """Expected credit losses: balance × loss rate × forward-looking adjustment, by bucket."""
    settings, book = book_of(context)
    plan, scope, end = Plan.of(settings.provision), scope_of(where, book), day_of(day, book)
    for note in [*plan.warnings(book.rules.aging.labels), *unknown_items(book, plan)]:
        click.echo(f"Note: {note}", err=True)
    if moved:
        if by or improvement:
            raise OutstandingError("The provision's movement is that of the books: leave out --by and --improvement.")
        show(provision_movement(book, end, window or settings.window.default, plan, scope), shape)
        return
    show(provision(book, end, plan, scope, several(by), improvement), shape)
