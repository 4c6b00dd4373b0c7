"""Outstanding: positions as the refresh sums them, and the Book."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import polars as pl

from benchmarks import questions
from benchmarks.engines import answers
from benchmarks.measure import best_of, memory
from benchmarks.place import Place
from ledger import facts, listing
from ledger.book import Book
from ledger.scope import Scope


def run(place: Place) -> dict[str, Any]:
    book = place.book()
    answers.forget(place)
    asked = answers.asked(place, book)
    whole, positions = best_of(lambda: _positions(book, answers.days_of(asked)), most=5, seconds=60)
    answers.keep(place, "ours", "positions", whole)
    one, past_day = best_of(lambda: _positions(book, [date.fromisoformat(asked["past_day"])]), most=9, seconds=20)
    answers.keep(place, "ours", "past_day", one)
    aged, ageing = answers.many(asked["plain"], partial(_ageing, book))
    answers.keep(place, "ours", "ageing", aged)
    items, drill = answers.many(asked["drills"], partial(_open_items, book))
    answers.keep(place, "ours", "open_items", items)
    return {
        "loading": 0.0,
        "rows": book.frames["slices"].height,
        "positions": {**positions, "rows": whole.height, "days": len(asked["days"])},
        "past_day": past_day,
        "ageing": ageing,
        "open_items": drill,
        "memory": memory(),
    }


def _positions(book: Book, days: list[date]) -> pl.DataFrame:
    open_slices = facts.alive(book.frames["slices"].lazy(), days)
    summed = facts.positions(open_slices, ["cell"], book.rules.aging)
    return summed.sort("as_of", "cell", "bucket").collect(engine="streaming")


def _ageing(book: Book, question: dict[str, Any]) -> pl.DataFrame:
    day = date.fromisoformat(question["day"])
    return book.positions([day], questions.scope_of(question["where"])).select("bucket", "amount", "count")


def _open_items(book: Book, question: dict[str, Any]) -> pl.DataFrame:
    rows = listing.open_items(book, date.fromisoformat(question["day"]), Scope.of(customer=question["customer"]))
    return rows.select("document_id", open=(pl.col("open") * 100).round(0).cast(pl.Int64))
