"""What the engines are asked, and whether they say the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import polars as pl

from benchmarks import questions
from benchmarks.measure import Samples
from benchmarks.place import Place
from ledger.book import Book
from ledger.facts import BALANCES

POSITIONS = {"as_of": pl.Date(), "cell": pl.Int64(), "bucket": pl.Int64(), **dict.fromkeys(BALANCES, pl.Int64())}
AGEING = {"question": pl.Int64(), "bucket": pl.Int64(), "amount": pl.Int64(), "count": pl.Int64()}
OPEN_ITEMS = {"question": pl.Int64(), "document_id": pl.String(), "open": pl.Int64()}
FORMS = {"positions": POSITIONS, "past_day": POSITIONS, "ageing": AGEING, "open_items": OPEN_ITEMS}

_PLAIN, _DRILLS, _SEED = 60, 60, 5


def asked(place: Place, book: Book | None = None) -> dict[str, Any]:
    """The questions of a place: ``days`` and ``past_day``, ``plain`` and ``drills``; drawn when a book is given."""
    file = place.answers / "asked.json"
    if book is not None:
        days = questions.any_days(book)
        drawn = {
            "days": [day.isoformat() for day in questions.as_of_days(book)],
            "past_day": days[len(days) // 2].isoformat(),
            "plain": questions.plain(book, _PLAIN, _SEED),
            "drills": [
                {**one, "number": _number(book, one["customer"])} for one in questions.drills(book, _DRILLS, _SEED)
            ],
        }
        place.answers.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(drawn), encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def _number(book: Book, customer: str) -> int:
    """A customer's number in the slices, which every engine knows them by."""
    return book.frames["customers"].filter(pl.col("customer_id") == customer)["customer"].item()


def days_of(told: dict[str, Any]) -> list[date]:
    return [date.fromisoformat(text) for text in told["days"]]


def keep(place: Place, engine: str, what: str, answer: pl.DataFrame) -> None:
    """An engine's answer in its canonical form: sorted, whole numbers."""
    form = FORMS[what]
    frame = answer.select(pl.col(name).cast(dtype) for name, dtype in form.items())
    frame.sort(form.keys()).write_parquet(place.answers / f"{engine}-{what}.parquet")


def many(
    asked: Iterable[dict[str, Any]], ask: Callable[[dict[str, Any]], pl.DataFrame]
) -> tuple[pl.DataFrame, dict[str, float]]:
    """Each question once: all answers, and how long they took; the first is asked once before."""
    samples, answers, questions = Samples(), [], list(asked)
    ask(questions[0])
    for number, question in enumerate(questions):
        answer = samples.time(lambda question=question: ask(question))
        answers.append(answer.with_columns(question=pl.lit(number)))
    return pl.concat(answers, how="vertical_relaxed"), samples.told()


def differences(place: Place, engine: str) -> dict[str, str]:
    """What an engine's answers differ in from ours, in words; empty when all are the same."""
    found: dict[str, str] = {}
    for what, form in FORMS.items():
        own, theirs = (place.answers / f"{name}-{what}.parquet" for name in ("ours", engine))
        if not theirs.is_file():
            continue
        ours, other = pl.read_parquet(own), pl.read_parquet(theirs)
        if not ours.equals(other):
            lost = ours.join(other, on=list(form), how="anti").height
            more = other.join(ours, on=list(form), how="anti").height
            found[what] = f"{lost:,} of {ours.height:,} rows differ, {more:,} of {other.height:,} of theirs"
    return found


def forget(place: Place) -> None:
    """Remove answers of an earlier run, so that none is taken for one of this."""
    for file in place.answers.glob("*.parquet"):
        file.unlink()
