"""Small ledgers for alerts: invoices of 10 January 2024 that are overdue or not at the end of March."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from alerts.case import Case, Evaluation
from alerts.evaluation import evaluate
from config.alerts import AlertSettings, Owner, Rule, read_rule
from ledger.book import Book
from metrics import Targets
from tests.ledger.books import Row, book, customer, invoice, settled

END = date(2024, 3, 31)
DIMENSIONS = {"entity": "Entity", "region": "Region", "collector": "Collector"}
NOBODY = AlertSettings(file=Path("alerts.toml"))


def owes(who: str, late: float, current: float = 0, **more: Any) -> list[Row]:
    """What a customer has open at the end of March: so much of it overdue, so much not yet due.

    In EMEA, in Ann's book, unless ``more`` says otherwise.
    """
    place = {"customer_id": who, "region": "EMEA", "collector": "Ann", **more}
    parts = [("L", late, "2024-02-09"), ("C", current, "2024-05-31")]
    return [invoice(f"{who}-{part}", str(amount), due_date=due, **place) for part, amount, due in parts if amount]


def company(*rows: Sequence[Row], names: Mapping[str, str] | None = None, **more: Any) -> Book:
    """The books of some customers, called by their ids unless ``names`` says otherwise.

    On the last day something is billed and paid at once, so that the day is part of the books.
    """
    documents = [row for each in rows for row in each]
    today = {**documents[0], **invoice("TODAY", "1", document_date=END.isoformat(), due_date=END.isoformat())}
    place = {name: documents[0].get(name) for name in ("customer_id", "entity", "region", "collector", "currency")}
    ids = dict.fromkeys(row["customer_id"] for row in documents)
    customers = more.pop("customers", None) or [customer(id, (names or {}).get(id, id)) for id in ids]
    settlements = [*more.pop("settlements", ()), settled("TODAY", "1", END.isoformat(), of="TODAY")]
    rules = {"dimensions": DIMENSIONS, "company": "Acme", **more.pop("rules", {})}
    documents.append({**today, **place})
    return book(documents, settlements, customers, rules=rules, **more)


def rule(id: str, **table: Any) -> Rule:
    """A rule about the overdue share unless ``table`` says otherwise."""
    return read_rule(id, {"title": id.title(), "metric": "overdue_share", **table}, "alerts.toml")


def found(of: Book, *rules: Rule, settings: AlertSettings = NOBODY, targets: Targets | None = None) -> Evaluation:
    return evaluate(of, rules, (), settings, targets or Targets(), "3mo")


def folded(told: Evaluation) -> dict[str, str | None]:
    """Rule and whom it is about, to the same of the alert that it is under."""
    named = {case.key: name_of(case) for case in told.cases}
    return {name_of(case): named[case.under] if case.under else None for case in told.cases}


def name_of(case: Case) -> str:
    return f"{case.breach.rule.id}: {case.who}"


def one(told: Evaluation, name: str) -> Case:
    return next(case for case in told.cases if name_of(case) == name)


def owners(**named: str) -> AlertSettings:
    """Settings with owners by key."""
    return AlertSettings(file=Path("alerts.toml"), owners={key: Owner(name=name) for key, name in named.items()})
