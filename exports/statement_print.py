"""A statement of account on paper: every word of it, and where each figure stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from exports import formats
from exports.statement import Statement
from ledger.aging import CURRENT, UNAPPLIED
from ledger.scope import UNASSIGNED
from metrics import text

_COLUMNS = ("Number", "Kind", "Dated", "Due", "Days past due", "Amount", "Settled", "Open")
_OWED = "Invoices and charges"
_CREDITS = "Payments and credits not yet applied"
_AGED_BY = {
    "due_date": "Ageing by days past due",
    "document_date": "Ageing by days since the document date",
    "posting_date": "Ageing by days since posting",
}
_LONG_NAME = 70
_SIZES = (8.5, 7.5, 6.5)
"""Type sizes of tables in points, the largest that fits is taken."""

_LETTER = 0.55 * 25.4 / 72
"""The width of a figure in millimetres, at a type size of one point: on average, with points and commas."""

_PAGE, _AMOUNTS, _GAP, _NAMED, _HEADING = 174.0, 84.0, 4.0, 16.0, 14.0
"""Millimetres: between the margins of the narrowest paper, for three amounts, between columns, for a code, a word."""

_WIDE = 14
"""A balance of more signs than this leaves room for three figures side by side, not five."""


def told(of: Statement, paper: str) -> dict[str, Any]:
    """The statement as the texts that ``templates/statement.typ`` sets."""
    heading = f"Statement of account as of {text.day(of.day)}"
    sender = text.name(of.sender.name)
    short = formats.shortened(sender, _LONG_NAME)
    return {
        "paper": paper,
        "title": f"{heading}: {of.customer}",
        "author": sender,
        "sender": {
            "name": sender,
            "lines": [text.name(line) for line in (*of.sender.address, of.sender.contact) if line],
        },
        "addressee": {"name": formats.breakable(of.customer), "lines": [text.name(of.email)] if of.email else []},
        "facts": _facts(of),
        "heading": heading,
        "running": f"{short} · {heading} · {formats.shortened(of.customer, _LONG_NAME)}",
        "foot": f"{short} · reference {of.snapshot[:12]}" if of.snapshot else short,
        "opening": _opening(of),
        "figures": _figures(of),
        "wide": any(len(cell) > _WIDE for cell in _written(of.totals, "balance", "past_due")),
        "ageing": _ageing(of),
        "accounts": [_account(of, currency) for currency in of.totals["currency"]],
        **_columns(of),
        "closing": _closing(of),
    }


def _facts(of: Statement) -> list[list[str]]:
    facts = [["Account", formats.breakable(text.name(of.customer_id, UNASSIGNED))], ["As of", text.day(of.day)]]
    if not of.is_empty:
        facts.append(["Open items", text.number(of.items.height)])
        facts.append(["Currency" if of.totals.height == 1 else "Currencies", ", ".join(of.totals["currency"])])
    return facts


def _opening(of: Statement) -> list[str]:
    said = [f"This statement covers only a part of your account. {of.limited_to}."] if of.limited_to else []
    if of.is_empty:
        said.append(f"There are no open items on your account at the close of {text.day(of.day)}.")
    elif of.totals.height > 1:
        said.append("Your account has items in several currencies. Each is listed and totalled by itself.")
    return said


def _figures(of: Statement) -> list[dict[str, str]]:
    """The balance and its parts, where there is one currency; several stand in the ageing table."""
    if of.totals.height != 1:
        return []
    sums = of.totals.row(0, named=True)
    currency, balance = sums["currency"], sums["balance"]
    parts = [
        ("Balance in your favour" if balance < 0 else "Total due", abs(balance), formats.money),
        ("Past due", sums["past_due"], formats.amount),
        ("Not yet due", sums["not_due"], formats.amount),
        ("Not yet applied", sums["credits"], formats.amount),
        ("In dispute", sums["disputed"], formats.amount),
    ]
    always = 3
    return [
        {"label": label, "value": write(value, currency)}
        for place, (label, value, write) in enumerate(parts)
        if place < always or value
    ]


def _ageing(of: Statement) -> list[dict[str, Any]]:
    """Buckets as columns and a row a currency; where there are too many, in several tables one below the other."""
    buckets = of.aging["bucket"].unique(maintain_order=True).to_list()
    if _empty_credits(of):
        buckets = [bucket for bucket in buckets if bucket != UNAPPLIED]
    columns = [*((_bucket(bucket, of.aged_by), bucket) for bucket in buckets), ("Balance", "")]
    values = {(currency, bucket): amount for currency, bucket, amount in of.aging.iter_rows()}
    values |= {(currency, ""): balance for currency, balance in of.totals.select("currency", "balance").iter_rows()}
    named = of.totals.height > 1
    longest = max((len(formats.amount(amount, currency)) for (currency, _), amount in values.items()), default=0)
    size, most = _fitting(longest, len(columns), _PAGE - (_NAMED if named else 0.0))
    return [
        {
            "caption": _AGED_BY[of.aged_by] + (", continued" if start else ""),
            "headings": [*(["Currency"] if named else []), *(label for label, _ in columns[start : start + most])],
            "rows": [
                [*([currency] if named else []), *(_or_dash(values[currency, bucket], currency) for _, bucket in some)]
                for some in [columns[start : start + most]]
                for currency in of.totals["currency"]
            ],
            "named": named,
            "closed": start + most >= len(columns),
            "size": size,
        }
        for start in range(0, len(columns) if values else 0, most)
    ]


def _fitting(longest: int, columns: int, room: float) -> tuple[float, int]:
    """The largest type size at which ``columns`` figures stand side by side; at the smallest, how many of them do."""
    width = {size: longest * _LETTER * size + _GAP for size in _SIZES}
    for size in _SIZES:
        if columns * width[size] <= room:
            return size, columns
    return _SIZES[-1], max(int(room // width[_SIZES[-1]]), 1)


def _or_dash(amount: float, currency: str) -> str:
    return formats.amount(amount, currency) if amount else "–"


def _empty_credits(of: Statement) -> bool:
    return of.aging.filter((pl.col("bucket") == UNAPPLIED) & (pl.col("amount") != 0)).is_empty()


def _bucket(bucket: str, aged_by: str) -> str:
    if bucket == UNAPPLIED:
        return "Not yet applied"
    if bucket == CURRENT:
        return "Not yet due" if aged_by == "due_date" else "Current"
    return f"Over {bucket.removesuffix('+')} days" if bucket.endswith("+") else f"{bucket} days"


def _account(of: Statement, currency: str) -> dict[str, Any]:
    """The table of one currency: what is owed, what is not yet applied, and the balance."""
    rows = of.items.filter(pl.col("currency") == currency)
    sums = of.totals.row(by_predicate=pl.col("currency") == currency, named=True)
    owed = [_item(row) for row in rows.filter(~pl.col("credit")).iter_rows(named=True)]
    credits = [_item(row) for row in rows.filter(pl.col("credit")).iter_rows(named=True)]
    shown: list[dict[str, Any]] = [*owed]
    if credits:
        if owed:
            shown = [*owed, _sum("sum", _OWED, sums["owed"], currency)]
        shown = [*shown, {"kind": "section", "label": _CREDITS}, *credits]
        if owed:
            shown.append(_sum("sum", _CREDITS, sums["credits"], currency))
    label = "Total due" if sums["balance"] >= 0 else "Balance"
    shown.append(_sum("total", f"{label}, {currency}", sums["balance"], currency))
    return {"heading": f"Open items in {currency}", "columns": _COLUMNS, "rows": shown}


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    late = row["days_past_due"]
    note = ""
    if row["disputed"]:
        reason = text.name(row["dispute_reason"], "")
        note = f"In dispute: {formats.breakable(reason)}" if reason else "In dispute"
    return {
        "kind": "item",
        "cells": [
            formats.breakable(text.name(row["number"])),
            row["kind"],
            text.day(row["document_date"]),
            "" if row["credit"] else text.day(row["due_date"]),
            "" if late is None else text.number(late),
            formats.amount(row["amount"], row["currency"]),
            formats.amount(row["settled"], row["currency"]) if row["settled"] else "",
            formats.amount(row["open"], row["currency"]),
        ],
        "note": note,
    }


def _sum(kind: str, label: str, value: float, currency: str) -> dict[str, str]:
    return {"kind": kind, "label": label, "value": formats.amount(value, currency)}


def _columns(of: Statement) -> dict[str, Any]:
    """Type size, and widths of the three columns of amounts: the same in every table, so that they stand in line."""
    sums = _written(of.totals, "owed", "credits", "balance")
    columns = [_written(of.items, "amount"), _written(of.items, "settled"), [*_written(of.items, "open"), *sums]]
    longest = [max((len(cell) for cell in cells), default=0) for cells in columns]
    size, _ = _fitting(max(longest), len(columns), _AMOUNTS)
    return {"size": size, "columns": [max(letters * _LETTER * size, _HEADING) + _GAP for letters in longest]}


def _written(rows: pl.DataFrame, *columns: str) -> list[str]:
    """Amounts of several columns as they are written."""
    told = rows.select("currency", *columns).iter_rows()
    return [formats.amount(amount, currency) for currency, *amounts in told for amount in amounts]


def _closing(of: Statement) -> Sequence[str]:
    when = text.day(of.day)
    said = (
        f"This statement shows what is open in our books at the close of {when}. Payments and credits recorded after "
        "that day are not included. If your records differ from ours, please let us know."
    )
    return [said, text.name(of.sender.note)] if of.sender.note.strip() else [said]
