"""What a refresh found when it looked twice: the source's own balances, and what history changed."""

from __future__ import annotations

import polars as pl

from ledger.book import Book
from ledger.second_looks import second_looks
from metrics import text


def doubt(book: Book) -> str:
    """What of the source's own balances speaks against the books; nothing where they agree or the source is silent."""
    return "" if book.once(second_looks).verified.is_empty() else verified(book)


def verified(book: Book) -> str:
    """Whether the books equal what the source itself says is open; nothing where the source was not asked."""
    totals = book.once(second_looks).verified_totals
    if totals.is_empty():
        return ""
    items, apart = int(totals["items"].sum()), int(totals["differing"].sum())
    if not apart:
        return f"the books equal the source's own balances ({text.count(items, 'item')})"
    differ = "differs" if apart == 1 else "differ"
    told = f"{apart:,} of {text.count(items, 'item')} {differ} from the source's own balances"
    return f"{told}; the books hold {_gaps(totals)}"


def revised(book: Book) -> str:
    """What history changed since the books before; nothing where it did not."""
    looks = book.once(second_looks)
    rows, days, on = looks.revised, looks.revised_days, looks.before
    if rows.is_empty() and days.is_empty():
        return ""
    if rows.is_empty():
        return f"the total of {text.count(days.height, 'past day')} is another than was known"
    changed = text.count(rows.height, "document stands", "documents stand")
    moved = rows.group_by("currency").agg(pl.col("difference").sum()).sort("currency")
    return f"{changed} otherwise on {text.day(on)} than was known: {_gaps(moved)}"


def _gaps(rows: pl.DataFrame) -> str:
    """How far the books are above or below, by currency: ``difference, currency``."""
    told = [
        f"{text.exact(abs(gap), currency)} {'more' if gap > 0 else 'less'}"
        for gap, currency in rows.select("difference", "currency").iter_rows()
        if gap
    ]
    return text.listed(told) if told else "as much in all"
