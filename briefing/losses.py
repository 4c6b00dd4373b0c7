"""How much of what is open will be lost: the allowance of a view, what makes it doubtful, and how it moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

import metrics
from briefing import periods
from briefing.answers import Answers
from briefing.view import Against, View
from ledger.book import Book
from ledger.scope import Scope
from metrics import Plan, text
from metrics.provision import INDIVIDUAL, unknown_items

ESTIMATE = (
    "Lifetime expected credit loss, simplified approach (provision matrix) of IFRS 9 and the aging schedule of CECL. "
    "It is an estimate from the ledger's own history of payments and write-offs, not an amount booked in the accounts."
)

_NOTES_OF_PLACE = ("falls with age", "nothing left", "none of what left")


@dataclass(frozen=True)
class Reading:
    """The provision of a view on one day: ``rows`` as ``metrics.provision`` has them, in one currency."""

    rows: pl.DataFrame

    @property
    def allowance(self) -> float:
        return float(self.rows["allowance"].sum() or 0.0)

    @property
    def open(self) -> float:
        """The debit items: gross open."""
        return float(self.rows["amount"].sum() or 0.0)

    @property
    def coverage(self) -> float | None:
        return self.allowance / self.open if self.open > 0 else None


def reading(answers: Answers, view: View, day: date, made: Plan, improvement: float = 0.0) -> Reading:
    """The provision as of ``day``."""
    rows = answers.remembered(_provision, day, view.scope, made, improvement)
    return Reading(rows.filter(pl.col("currency") == view.currency))


def base(answers: Answers, view: View, made: Plan) -> Reading | None:
    """The provision on the day compared with; ``None`` without one, or where the history does not reach it."""
    day = view.base
    return reading(answers, view, day, made) if day and periods.is_known(answers.book, day, None) else None


def reaches(answers: Answers, view: View) -> bool:
    """Whether the history reaches the window's opening."""
    return periods.is_known(answers.book, view.span.opening, None)


def movement(answers: Answers, view: View, made: Plan) -> pl.DataFrame:
    """``line, amount`` of the window."""
    rows = answers.remembered(_movement, view.day, view.window, view.scope, made)
    return rows.filter(pl.col("currency") == view.currency)


def _provision(book: Book, day: date, scope: Scope, made: Plan, improvement: float) -> pl.DataFrame:
    return metrics.provision(book, day, made, scope, improvement=improvement)


def _movement(book: Book, day: date, window: str, scope: Scope, made: Plan) -> pl.DataFrame:
    return metrics.provision_movement(book, day, window, made, scope)


def message(now: Reading, before: Reading | None, view: View) -> str:
    """The allowance, its share of what is open, and its change since the day compared with."""
    part, whole = (text.money(amount, view.currency, view.scale) for amount in (now.allowance, now.open))
    words = f"{part} of {whole} open is expected to be lost ({text.share(now.coverage)})"
    if before is None:
        return words
    moved = apart(now.allowance, before.allowance, view)
    than = "a year ago" if view.against is Against.YEAR else f"on {text.day(view.base)}"
    if moved == "no change":
        return f"{words}, as much as {than}"
    return f"{words}, {moved[1:]} {'more' if moved[0] == '+' else 'less'} than {than}"


def apart(now: float, before: float, view: View) -> str:
    """A difference in money as the reader wants it told."""
    if view.relative and before:
        return text.relative(now, before)
    return text.change(now - before, "money", view.currency, view.scale)


def warnings(book: Book, now: Reading, made: Plan) -> list[str]:
    """What makes the rates doubtful, one sentence each."""
    told = [*made.warnings(book.rules.aging.labels), *unknown_items(book, made)]
    for row in now.rows.filter(pl.col("bucket") != INDIVIDUAL).iter_rows(named=True):
        note = row["note"] or ""
        if row["bucket"] not in made.rates and any(words in note for words in _NOTES_OF_PLACE):
            told.append(f"The loss rate of {row['bucket']} ({text.share(row['rate'])}): {note}.")
    return told


def matrix_finding(now: Reading, currency: str) -> str:
    """The row that makes most of the allowance."""
    top = now.rows.sort("allowance", descending=True).row(0, named=True)
    if top["allowance"] <= 0:
        return "Nothing is expected to be lost"
    share = text.share(top["allowance"] / now.allowance)
    if top["bucket"] == INDIVIDUAL:
        who = text.name((top["note"] or "").split(": ")[0])
        return f"{who}, judged by itself, makes {share} of the allowance: {text.money(top['allowance'], currency)}"
    what = "What is not yet due" if top["bucket"] == now.rows["bucket"][0] else f"What is {top['bucket']} days late"
    return f"{what} makes {share} of the allowance: {text.money(top['allowance'], currency)}"


def matrix(now: Reading, then: Reading | None = None) -> pl.DataFrame:
    """``bucket, amount, loss_rate, adjustment, rate, allowance, note`` and the what-if's; rates in %, a total last.

    What is judged by itself stands under its name, between the buckets and the total.
    """
    single = pl.col("bucket") == INDIVIDUAL
    name, reason = (pl.col("note").str.splitn(": ", 2).struct.field(f"field_{place}") for place in (0, 1))
    percent = [(pl.col(rate) * 100).alias(rate) for rate in ("loss_rate", "rate")]
    percent.append(pl.when(pl.col("adjustment") != 0).then(pl.col("adjustment") * 100).alias("adjustment"))
    rows = now.rows.with_columns(
        bucket=pl.when(single).then(name).otherwise(_capital(pl.col("bucket"))),
        note=pl.when(single)
        .then(pl.concat_str(pl.lit("judged by itself: "), reason, ignore_nulls=True))
        .otherwise("note"),
    ).with_columns(percent)
    columns = ["bucket", "amount", "loss_rate", "adjustment", "rate", "allowance", "note"]
    if then is not None:
        rows = rows.with_columns(then_rate=then.rows["rate"] * 100, then_allowance=then.rows["allowance"])
        columns += ["then_rate", "then_allowance"]
    total: dict[str, Any] = {
        "bucket": "Total",
        "amount": now.open,
        "rate": None if now.coverage is None else now.coverage * 100,
        "allowance": now.allowance,
    }
    if then is not None:
        total |= {"then_rate": None if then.coverage is None else then.coverage * 100, "then_allowance": then.allowance}
    table = rows.select(columns)
    whole = pl.DataFrame([total], schema={name: table.schema[name] for name in total})
    table = pl.concat([table, whole], how="diagonal")
    # Beside the what-if there is no room for notes, which do not change with it.
    return table.drop("note") if then is not None or table["note"].null_count() == table.height else table


def notes(wide: pl.DataFrame) -> list[str]:
    """What is noted of the matrix's rows, a sentence each."""
    if "note" not in wide.columns:
        return []
    noted = wide.filter(pl.col("note").is_not_null() & (pl.col("note") != ""))
    return [f"{row['bucket']}: {row['note']}" for row in noted.iter_rows(named=True)]


def _capital(words: pl.Expr) -> pl.Expr:
    return words.str.slice(0, 1).str.to_uppercase() + words.str.slice(1)
