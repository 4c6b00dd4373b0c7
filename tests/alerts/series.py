"""Hand-made series: books whose numbers on month-ends are the ones written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from alerts.judging import judged
from config.alerts import Rule, read_rule
from ledger.book import Book
from ledger.calendar import months_before
from metrics import Targets
from tests.ledger.books import Row, book, invoice, settled

LAST = date(2024, 12, 31)
MONTH = "1mo"


@dataclass(frozen=True)
class Goal:
    """As ``config.targets.Goal`` is; the most specific first in its list."""

    good: float
    attention: float
    where: tuple[tuple[str, str | None], ...] = ()
    start: date | None = None
    end: date | None = None
    note: str = ""
    key: str = "dso"


def targets(metric: str, *goals: Goal) -> Targets:
    return Targets.of({metric: goals}, "mine/targets.toml")


NO_TARGETS = Targets()


def rule(metric: str = "billed", **more: Any) -> Rule:
    return read_rule("r", {"title": "A rule", "metric": metric, **more}, "a test")


def ends(count: int, last: date = LAST) -> list[date]:
    """So many month-ends, the oldest first."""
    return [months_before(last, back) for back in range(count - 1, -1, -1)]


def monthly(amounts: Sequence[Any], last: date = LAST, name: str = "", **more: Any) -> list[Row]:
    """A document a month, on its last day: ``billed`` of a month is its amount. Below zero a credit memo; 0: none."""
    rows: list[Row] = []
    for day, amount in zip(ends(len(amounts), last), amounts, strict=True):
        if Decimal(str(amount)) == 0:
            continue
        kind = "invoice" if Decimal(str(amount)) > 0 else "credit_memo"
        dates = {"document_date": day.isoformat(), "due_date": None if kind == "credit_memo" else "2030-01-01"}
        rows.append(invoice(f"{name}{day}", str(amount), kind=kind, **dates, **more))
    return rows


def billing(*amounts: Any, last: date = LAST, **more: Any) -> Book:
    return book(monthly(amounts, last, **more))


def shares(*parts: tuple[Any, Any], last: date = LAST, name: str = "", **more: Any) -> tuple[list[Row], list[Row]]:
    """Documents and settlements: on each month-end so much is overdue of so much that is open; 0 of 0: nothing."""
    documents: list[Row] = []
    settlements: list[Row] = []
    for day, (overdue, whole) in zip(ends(len(parts), last), parts, strict=True):
        gone = months_before(day, -1).replace(day=1).isoformat()
        for kind, amount, due in (("late", overdue, -1), ("now", Decimal(str(whole)) - Decimal(str(overdue)), 20)):
            if Decimal(str(amount)) == 0:
                continue
            id = f"{name}{kind}{day}"
            due_on = date.fromordinal(day.toordinal() + due).isoformat()
            documents.append(
                invoice(id, str(amount), document_date=day.replace(day=2).isoformat(), due_date=due_on, **more)
            )
            settlements.append(settled(f"S{id}", str(amount), gone, of=id))
    return documents, settlements


def ask(
    of: Book, one: Rule, *days: date | str, against: Targets = NO_TARGETS, window: str = MONTH
) -> Sequence[Mapping[str, Any]]:
    """The rows of ``judged``, as of the last of the series where no day is given."""
    asked = [date.fromisoformat(day) if isinstance(day, str) else day for day in days] or [LAST]
    return judged(of, one, asked, against, window).to_dicts()


def only(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    assert len(rows) == 1
    return rows[0]


def found(of: Book, one: Rule, *days: date | str, **more: Any) -> tuple[bool | None, bool | None]:
    """Whether the only number is beyond the limit, and whether it is clear of it."""
    row = only(ask(of, one, *days, **more))
    return row["breach"], row["clear"]
