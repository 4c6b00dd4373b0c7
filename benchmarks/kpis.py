"""Questions of the screen, asked of the Book: sets of metrics, and one customer's documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from benchmarks import questions
from benchmarks.measure import Samples, memory
from benchmarks.place import Place
from benchmarks.questions import Question
from ledger import listing
from ledger.book import Book
from ledger.scope import Scope
from metrics import evaluate, headlines

ASKED = 150
_SEED = 11
_WARMED = 15


def asked(place: Place) -> dict[str, Any]:
    """Every kind of question; each is asked once, after a few of its kind."""
    opened = Samples()
    book = opened.time(place.book)
    ends, days = questions.month_ends(book), questions.any_days(book)
    told: dict[str, Any] = {"open": opened.told()}
    told["month_end"] = _kpis(book, list(questions.kpi_sets(book, ends, ASKED + _WARMED, _SEED)))
    told["any_day"] = _kpis(book, list(questions.kpi_sets(book, days, ASKED + _WARMED, _SEED + 1)))
    told["tiles_month_end"] = _kpis(book, list(questions.tile_sets(book, ends, ASKED + _WARMED, _SEED + 2)))
    told["tiles_any_day"] = _kpis(book, list(questions.tile_sets(book, days, ASKED + _WARMED, _SEED + 3)))
    told |= _of_the_company(book)
    return {**told, "memory": memory()}


def drilled(place: Place) -> dict[str, Any]:
    """One customer's open items, and all their documents."""
    book = place.book()
    chosen = questions.drills(book, ASKED + _WARMED, _SEED)
    told: dict[str, Any] = {}
    for name, ask in (("open_items", listing.open_items), ("documents", listing.documents)):
        samples = Samples()
        rows = 0
        for number, one in enumerate(chosen):
            scope, day = Scope.of(customer=one["customer"]), date.fromisoformat(one["day"])
            timer = samples if number >= _WARMED else Samples()
            rows += timer.time(lambda ask=ask, day=day, scope=scope: ask(book, day, scope)).height
        told[name] = {**samples.told(), "rows": rows}
    return {**told, "memory": memory()}


def _kpis(book: Book, asked: list[Question]) -> dict[str, float]:
    for question in asked[:_WARMED]:
        _ask(book, question)
    return _timed(book, asked[_WARMED:])


def _timed(book: Book, asked: Iterable[Question]) -> dict[str, float]:
    samples = Samples()
    for question in asked:
        samples.time(lambda question=question: _ask(book, question))
    return samples.told()


def _ask(book: Book, question: Question) -> None:
    evaluate(book, question.metrics, [question.day], question.window, question.scope, question.by)


def _of_the_company(book: Book) -> dict[str, Any]:
    """Few questions, and large ones: everything at once, three years of tiles, every customer, and the headlines."""
    ends, last = questions.month_ends(book), book.last_day
    if last is None:
        return {}
    calls = {
        "all_metrics": lambda: evaluate(book, None, [last]),
        "trend": lambda: evaluate(book, questions.TILES, ends),
        "by_customer": lambda: evaluate(book, ["total_ar", "overdue"], [last], by=["customer"]),
        "headlines": lambda: headlines(book, last),
    }
    told: dict[str, Any] = {}
    for name, call in calls.items():
        samples = Samples()
        for _ in range(5):
            samples.time(call)
        told[name] = samples.told()
    return told
