"""A statement of account as a file: PDF, Excel or CSV, from the same figures."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

from exports import csv, statement_print
from exports.statement import Statement
from exports.typeset import Paper, Print, typeset
from exports.workbook import About, Column, Form, Sheet, workbook
from ledger.scope import UNASSIGNED
from metrics import text

_HEADINGS = {
    "currency": "Currency",
    "number": "Number",
    "kind": "Kind",
    "document_date": "Dated",
    "due_date": "Due",
    "days_past_due": "Days past due",
    "amount": "Amount",
    "settled": "Settled",
    "open": "Open",
    "bucket": "Bucket",
    "dispute": "In dispute",
    "document_id": "Document id",
}
_TOTALS = {
    "currency": "Currency",
    "items": "Items",
    "balance": "Balance",
    "past_due": "Past due",
    "not_due": "Not yet due",
    "credits": "Payments and credits not yet applied",
    "disputed": "In dispute",
}


def statement_pdf(of: Statement, paper: Paper = "a4") -> bytes:
    """The statement on paper. ``print_statement`` also tells which letters could not be drawn."""
    return print_statement(of, paper).pdf


def print_statement(of: Statement, paper: Paper = "a4") -> Print:
    """The statement on paper, and the letters that no font of this machine has."""
    return typeset("statement", statement_print.told(of, paper), of.day)


def statement_workbook(of: Statement, paper: Paper = "a4") -> bytes:
    """The statement as a workbook: the open items, and a balance per currency with its ageing."""
    items = statement_rows(of)
    totals = of.totals.select(*_TOTALS).join(_by_bucket(of), on="currency", how="left").rename(_TOTALS)
    account = f"Account {text.name(of.customer_id, UNASSIGNED)}"
    return workbook(
        [Sheet("Open items", items, _money(items)), Sheet("Balance", totals, _money(totals))],
        About(
            title=f"Statement of account: {of.customer}",
            company=of.sender.name,
            as_of=of.day,
            currency=", ".join(of.totals["currency"]),
            filters=f"{account}; {of.limited_to}" if of.limited_to else account,
            snapshot=of.snapshot,
            notes=("Amounts are in each document's own currency. Currencies are never added.",),
            paper=paper,
        ),
    )


def statement_csv(of: Statement) -> bytes:
    """The open items as CSV in UTF-8, safe to open in a spreadsheet."""
    return csv.encode(statement_rows(of))


def statement_rows(of: Statement) -> pl.DataFrame:
    """The open items under the headings of the files, one row a document, in the order of the statement."""
    disputed = pl.when("disputed").then(pl.coalesce("dispute_reason", pl.lit("yes")))
    return of.items.with_columns(dispute=disputed).select(*_HEADINGS).rename(_HEADINGS)


def _by_bucket(of: Statement) -> pl.DataFrame:
    """A column a bucket, a row a currency."""
    if of.aging.is_empty():
        return of.aging.select("currency")
    return of.aging.pivot(on="bucket", index="currency", values="amount", maintain_order=True)


def _money(rows: pl.DataFrame) -> dict[str, Column]:
    """Every amount with the digits of the currency in its row."""
    return {name: Column(form=Form.MONEY, currency_from="Currency") for name in rows.select(cs.float()).columns}
