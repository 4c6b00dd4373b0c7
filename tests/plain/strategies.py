"""Random small books for property tests, and their canonical tables as Polars frames.

A book is drawn as a handful of documents, each with a little story told by its settlements, then two-sided
applications of the credits among them. Everything that happens in a ledger happens here: wrong signs, missing dates,
paying early, twice or too much, bounced payments, several settlements on one day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import strategies as st

from tests.plain.ledger import Customer, Doc, Ledger, Settlement, takes_effect

FIRST, LAST = date(2023, 10, 20), date(2024, 6, 10)
"""Documents and settlements fall between these days; the span holds a year end, a leap day and short months."""

CENT = Decimal("0.01")
KINDS = ("invoice", "invoice", "invoice", "debit_memo", "credit_memo", "payment", "journal")
SETTLED_BY = ("cash", "cash", "cash", "credit", "discount", "write_off", "fx", "refund", "other")
CUSTOMERS = (
    Customer("007", "Ångström & Söhne", "EMEA", "Retail"),
    Customer("C2", '=cmd("x")', None, "Retail"),
    Customer("C3", None, "APAC", None),
    Customer("G", "Holding without documents of its own", "EMEA", "Retail"),
)
CUSTOMER_IDS = ("007", "007", "C2", "C3", "unknown")
LIMITS = (None, None, Decimal(0), Decimal(50), Decimal("99.99"), Decimal(400))
RATES = {"USD": Decimal(1), "EUR": Decimal("1.0931"), "GBP": Decimal("1.2717")}

windows = st.sampled_from(["1mo", "2mo", "3mo", "6mo", "12mo", "1d", "30d", "90d", "91d"])
pairs_of_days = st.builds(
    lambda start, length: (start, start + timedelta(days=length)),
    st.dates(FIRST + timedelta(days=40), LAST),
    st.one_of(st.integers(1, 200), st.sampled_from([30, 60, 91, 182])),
)
"""Two days, the earlier one first."""

days = st.one_of(
    st.dates(FIRST - timedelta(days=20), LAST + timedelta(days=60)),
    st.sampled_from([date(2023, 12, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)]),
)


@st.composite
def amounts(draw: st.DrawFn) -> Decimal:
    """Cents up to a few hundred; zero and round numbers come up often."""
    return draw(st.one_of(st.integers(0, 50_000), st.sampled_from([0, 1, 10_000, 20_000]))) * CENT


@st.composite
def documents(draw: st.DrawFn, number: int, currencies: tuple[str, ...]) -> Doc:
    """One document. About one in eight has the sign that its kind should not have."""
    kind = draw(st.sampled_from(KINDS))
    amount = draw(amounts())
    if (kind in ("credit_memo", "payment")) != draw(st.sampled_from([False] * 7 + [True])):
        amount = -amount
    day = draw(st.dates(FIRST, LAST))
    posting = draw(st.one_of(st.none(), st.none(), st.integers(-5, 20)))
    due = draw(st.one_of(st.none(), st.integers(-3, 60), st.integers(-3, 60), st.just(30)))
    return Doc(
        document_id=f"{number:03d}",
        customer_id=draw(st.sampled_from(CUSTOMER_IDS)),
        entity=draw(st.sampled_from(["E1", "E2", "E3", None])),
        kind=kind,
        document_date=day,
        posting_date=None if posting is None else day + timedelta(days=posting),
        due_date=None if due is None else day + timedelta(days=due),
        currency=draw(st.sampled_from(currencies)),
        amount=amount,
        number=draw(st.sampled_from([None, f"N{number}", "N1"])),
        disputed=draw(st.sampled_from([False, False, True])),
    )


@st.composite
def stories(draw: st.DrawFn, doc: Doc) -> list[Settlement]:
    """What happens to one document: 0 to 4 settlements, each a part, the rest, too much, or one taken back."""
    rows: list[Settlement] = []
    left = doc.amount
    for place in range(draw(st.sampled_from([0, 0, 1, 1, 1, 2, 2, 3, 4]))):
        closes = draw(st.sampled_from(["part", "part", "rest", "rest", "more", "back", "zero"]))
        amount = {
            "part": (left * draw(st.integers(1, 9)) / 10).quantize(CENT),
            "rest": left,
            "more": left + draw(amounts()) * (1 if doc.amount >= 0 else -1),
            "back": -rows[-1].amount if rows else left,
            "zero": Decimal(0),
        }[closes]
        same_day = bool(rows) and draw(st.booleans())
        day = rows[-1].settled_on if same_day else doc.document_date + timedelta(days=draw(st.integers(-10, 75)))
        rows.append(Settlement(f"{doc.document_id}-{place}", doc.document_id, day, amount, draw(_kind(doc))))
        left -= amount
    return rows


def _kind(doc: Doc) -> st.SearchStrategy[str]:
    usual = {"credit_memo": "credit", "payment": "cash"}.get(doc.kind)
    return st.sampled_from(SETTLED_BY) if usual is None else st.sampled_from([usual, usual, "refund", "other"])


@st.composite
def applications(draw: st.DrawFn, docs: list[Doc], number: int) -> list[Settlement]:
    """A credit memo or payment applied to an invoice: one row on each, both on the later posting day or after it."""
    credits = [doc for doc in docs if doc.kind in ("credit_memo", "payment") and doc.amount < 0]
    debits = [doc for doc in docs if doc.amount > 0]
    pairs = [(credit, debit) for credit in credits for debit in debits if credit.currency == debit.currency]
    if not pairs:
        return []
    credit, debit = draw(st.sampled_from(pairs))
    day = max(credit.opened_on, debit.opened_on) + timedelta(days=draw(st.sampled_from([0, 0, 5, 40])))
    amount = draw(st.sampled_from([-credit.amount, debit.amount, CENT]))
    kind = "credit" if credit.kind == "credit_memo" else "cash"
    return [
        Settlement(f"A{number}-credit", credit.document_id, day, -amount, kind),
        Settlement(f"A{number}-debit", debit.document_id, day, amount, kind),
    ]


@st.composite
def families(draw: st.DrawFn) -> tuple[Customer, ...]:
    """The customers with credit limits and parents: some of their own, some unknown, never in a circle."""
    above: list[str | None] = [None, None, "nobody"]
    family: list[Customer] = []
    for customer in draw(st.permutations(CUSTOMERS)):
        own = customer.customer_id
        parent = draw(st.sampled_from([*above, own]))
        family.append(replace(customer, parent_id=parent, credit_limit=draw(st.sampled_from(LIMITS))))
        above += [own, own]
    return tuple(family)


@st.composite
def ledgers(draw: st.DrawFn, currencies: tuple[str, ...] = ("USD",), most: int = 14, least: int = 0) -> Ledger:
    """``least`` to ``most`` documents with their settlements, in one currency unless told."""
    docs = [draw(documents(number, currencies)) for number in range(draw(st.integers(least, most)))]
    rows = [row for doc in docs for row in draw(stories(doc))]
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        rows += draw(applications(docs, number))
    return Ledger(tuple(docs), tuple(rows), draw(families()))


@st.composite
def booked_ledgers(draw: st.DrawFn) -> Ledger:
    """Books in several currencies with base amounts in USD, revaluations, and realised exchange differences.

    Base amounts follow the document's own rate, except that an ``fx`` settlement has amount 0 and a base amount alone.
    """
    book = draw(ledgers(tuple(RATES), most=5))
    by_id = {doc.document_id: _with_base(doc) for doc in book.docs}
    rows = [
        replace(row, amount_base=(row.amount * RATES[by_id[row.document_id].currency]).quantize(CENT))
        for row in book.settlements
    ]
    for number, doc in enumerate(by_id.values()):
        if doc.currency != "USD" and draw(st.booleans()):
            day = doc.opened_on + timedelta(days=draw(st.integers(0, 60)))
            base = draw(st.integers(-500, 500)) * CENT
            rows.append(Settlement(f"X{number}", doc.document_id, day, Decimal(0), "fx", base))
    return Ledger(tuple(by_id.values()), tuple(rows), book.customers)


def _with_base(doc: Doc) -> Doc:
    return replace(doc, amount_base=(doc.amount * RATES[doc.currency]).quantize(CENT), base_currency="USD")


# Frames --------------------------------------------------------------------------------------------------------------


def to_frames(ledger: Ledger, as_text: bool = False) -> dict[str, pl.DataFrame]:
    """The canonical tables of the books: dates and decimals of scale 2, or all of it as text, as a CSV file gives."""
    amount, day = pl.Decimal(scale=2), pl.Date()
    documents = {
        "document_id": pl.String(), "customer_id": pl.String(), "entity": pl.String(), "kind": pl.String(),
        "document_date": day, "posting_date": day, "due_date": day, "currency": pl.String(), "amount": amount,
        "amount_base": amount, "base_currency": pl.String(), "disputed": pl.Boolean(), "number": pl.String(),
    }  # fmt: skip
    settlements = {
        "settlement_id": pl.String(), "document_id": pl.String(), "settled_on": day, "amount": amount,
        "amount_base": amount, "kind": pl.String(),
    }  # fmt: skip
    customers = {
        "customer_id": pl.String(), "name": pl.String(), "region": pl.String(), "segment": pl.String(),
        "parent_id": pl.String(), "credit_limit": pl.Decimal(scale=2),
    }  # fmt: skip
    tables = {
        "customers": _frame(ledger.customers, customers),
        "documents": _frame(ledger.docs, documents),
        "settlements": _frame(ledger.settlements, settlements),
    }
    return {name: frame.select(pl.all().cast(pl.String)) if as_text else frame for name, frame in tables.items()}


def _frame(rows: Sequence[Customer | Doc | Settlement], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in schema}, schema=schema)


def in_effect_order(ledger: Ledger) -> bool:
    """No two settlements of one document take effect on the same day, so that nothing depends on their order."""
    seen: set[tuple[str, date]] = set()
    by_id = {doc.document_id: doc for doc in ledger.docs}
    for row in ledger.settlements:
        key = (row.document_id, takes_effect(by_id[row.document_id], row))
        if key in seen:
            return False
        seen.add(key)
    return True
