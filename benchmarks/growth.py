"""How cost grows: with documents, days in a question, cells, customers, and people at once.

Each axis is a few points and costs in processor seconds, which a busy machine disturbs least. The ledgers are parts of
a size's own data, or the same rows under fewer customers or dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from benchmarks import pages, questions
from benchmarks.company import MAPPED
from benchmarks.measure import Samples
from benchmarks.place import NOW, Place
from data_sources.refresh import rules
from ledger import facts, listing
from ledger.book import Book
from ledger.build import build_book
from ledger.scope import Scope
from metrics import evaluate

_LARGEST = 1_000_000
"""Documents of the largest ledger built here: sizes beyond are measured by the refresh itself."""

_SIDE = 200_000
"""Documents of the ledgers whose customers or cells vary."""

_SHARES = (8, 4, 2, 1)
_COUNTS = (1, 2, 4, 8, 16, 32)

Tables = Mapping[str, pl.DataFrame]
Cost = Callable[[], object]


def documents(place: Place) -> dict[str, Any]:
    """The build, and questions, of an eighth of the customers with all their documents, a quarter, a half, all."""
    whole = _tables(place, _LARGEST)
    points: list[dict[str, float]] = []
    for share in _SHARES:
        tables = _of_customers(whole, share)
        book, build = _built(place, tables)
        points.append({"documents": _height(book, "documents"), "build": build, **_asked(book)})
    return {"by": "documents", "points": points}


def days(place: Place) -> dict[str, Any]:
    """One question about more and more days: month-ends, and days between them."""
    book = place.book()
    ends, between = questions.month_ends(book), questions.any_days(book)
    points: list[dict[str, float]] = []
    for number in _COUNTS:
        asked = {"month_end": ends[-number:], "any_day": between[:: len(between) // number][:number]}
        costs = {name: _cpu(lambda chosen=chosen: _tiles(book, chosen)) for name, chosen in asked.items()}
        history = _cpu(lambda number=number: _positions(book, between[:number]), 3)
        points.append({"days": number, **costs, "positions": history})
    return {"by": "days", "points": points}


def cells(place: Place) -> dict[str, Any]:
    """The same rows under more and more dimensions: combinations of their values are the cells."""
    tables = _tables(place, _SIDE)
    names = [name for name in place.settings.dimensions if name != "behaviour"]
    points: list[dict[str, float]] = []
    for number in range(1, len(names) + 1):
        book, build = _built(place, tables, names[:number])
        points.append({"cells": _height(book, "cells"), "build": build, **_asked(book)})
    return {"by": "cells", "points": points}


def customers(place: Place) -> dict[str, Any]:
    """As many documents of fewer customers; what names every customer costs as many rows."""
    tables = _tables(place, _SIDE)
    points: list[dict[str, float]] = []
    for share in _SHARES:
        book, build = _built(place, _merged(tables, share))
        last = book.last_day
        if last is not None:
            debtors = _cpu(lambda book=book, last=last: evaluate(book, ["total_ar"], [last], by=["customer"]))
            points.append(
                {"customers": _height(book, "customers"), "build": build, "by_customer": debtors, **_asked(book)}
            )
    return {"by": "customers", "points": points}


def people(place: Place) -> dict[str, Any]:
    """What people wait for a click when so many click without pauses."""
    return {
        "by": "people",
        "points": [{"people": one["people"], "click": one["p50"]} for one in pages.crowds(place)],
    }


def _tables(place: Place, most: int) -> dict[str, pl.DataFrame]:
    """The canonical tables, of so many customers that there are about ``most`` documents."""
    rows = {name: pl.scan_parquet(place.raw / name / "*.parquet") for name in MAPPED}
    there = place.made()["rows"]["documents"]
    share = max(round(there / most), 1)
    return _of_customers(rows, share)


def _of_customers(rows: Mapping[str, pl.DataFrame | pl.LazyFrame], share: int) -> dict[str, pl.DataFrame]:
    """Every ``share``-th customer with all that is theirs."""
    lazy = {name: frame.lazy() for name, frame in rows.items()}
    chosen = lazy["customers"].sort("customer_id").gather_every(share).select("customer_id")
    documents = lazy["documents"].join(chosen, on="customer_id", how="semi")
    narrowed = {
        **lazy,
        "customers": lazy["customers"].join(chosen, on="customer_id", how="semi"),
        "documents": documents,
        "settlements": lazy["settlements"].join(documents.select("document_id"), on="document_id", how="semi"),
    }
    return {name: frame.collect(engine="streaming") for name, frame in narrowed.items()}


def _merged(tables: Tables, share: int) -> dict[str, pl.DataFrame]:
    """The documents of ``share`` neighbours in the list of customers, all to the first of them."""
    ids = tables["customers"]["customer_id"].sort()
    first = ids.to_frame("customer_id").with_row_index("place").with_columns(
        first=ids.gather([place // share * share for place in range(len(ids))])
    )  # fmt: skip
    documents = (
        tables["documents"]
        .join(first.select("customer_id", "first"), on="customer_id", how="left", maintain_order="left")
        .with_columns(customer_id=pl.coalesce("first", "customer_id"))
        .drop("first")
    )
    return {**tables, "customers": tables["customers"].sort("customer_id").gather_every(share), "documents": documents}


def _built(place: Place, tables: Tables, dimensions: Sequence[str] = ()) -> tuple[Book, float]:
    """The Book of these tables, and what building it cost."""
    how = rules(place.settings, NOW)
    if dimensions:
        how = replace(how, dimensions={name: name for name in dimensions})
    samples = Samples()
    book = samples.time(lambda: build_book(tables, how, place.settings.source.formats, "a part of the benchmark's"))
    return book, samples.cpu[0]


def _asked(book: Book) -> dict[str, float]:
    """A month-end, a day between, sixty positions, and one customer."""
    between = questions.any_days(book)
    ends = questions.month_ends(book)
    drilled = Samples()
    for one in questions.drills(book, 9, 1):
        day, scope = date.fromisoformat(one["day"]), Scope.of(customer=one["customer"])
        drilled.time(lambda day=day, scope=scope: listing.open_items(book, day, scope))
    return {
        "month_end": _cpu(lambda: _tiles(book, ends[-1:])),
        "any_day": _cpu(lambda: _tiles(book, between[100:101])),
        "positions": _cpu(lambda: _positions(book, questions.as_of_days(book)), 3),
        "drill": sorted(drilled.cpu)[len(drilled.cpu) // 2],
    }


def _tiles(book: Book, days: Sequence[date]) -> pl.DataFrame:
    return evaluate(book, questions.TILES, days)


def _positions(book: Book, days: Sequence[date]) -> pl.DataFrame:
    open_slices = facts.alive(book.frames["slices"].lazy(), sorted(days))
    return facts.positions(open_slices, ["cell"], book.rules.aging).collect(engine="streaming")


def _cpu(call: Cost, times: int = 7) -> float:
    """The least processor time of several calls, after one."""
    call()
    samples = Samples()
    for _ in range(times):
        samples.time(call)
    return min(samples.cpu)


def _height(book: Book, frame: str) -> int:
    return book.frames[frame].height


def slopes(told: Mapping[str, Any]) -> dict[str, float]:
    """The exponent by which each cost grows: 1 is linear, 0 does not grow. Fitted to the logarithms."""
    return {name: _slope(list(_pairs(told, name))) for name in _measured(told)}


def _measured(told: Mapping[str, Any]) -> list[str]:
    return [name for name in told["points"][0] if name != told["by"]]


def _pairs(told: Mapping[str, Any], name: str) -> Iterator[tuple[float, float]]:
    for point in told["points"]:
        if point[name] > 0:
            yield point[told["by"]], point[name]


def _slope(pairs: Sequence[tuple[float, float]]) -> float:
    logs = pl.DataFrame(pairs, schema=["x", "y"], orient="row", strict=False).cast(pl.Float64).select(pl.all().log())
    return logs.select(pl.cov("x", "y") / pl.col("x").var()).item()
