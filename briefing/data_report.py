"""The state of the data, whole: what was read, what was found, what speaks against it, and what to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from briefing import fields, second_looks, soundness
from ledger import trend
from ledger.book import Book
from ledger.dimension_values import unassigned
from ledger.fixes import Came
from ledger.second_looks import second_looks as looks_of
from ledger.suspects import CHECKS, feeds, marked, suspects
from metrics import text

_CAME = {
    Came.APPLIED: "applied",
    Came.OVERTAKEN: "overtaken by the source",
    Came.NEEDLESS: "no longer needed",
    Came.NOTHING: "of nothing that is there",
}


@dataclass(frozen=True)
class DataReport:
    """``sentences``: what is to be known, the worst first. ``tables``: what they rest on, by name."""

    sentences: tuple[str, ...]
    tables: Mapping[str, pl.DataFrame]


def data_report(book: Book, findings: pl.DataFrame, passed: frozenset[str] = frozenset()) -> DataReport:
    """The report of ``book``.

    ``findings`` of the snapshots kept, from ``Store.findings``; ``passed``: the marks of suspects that somebody found
    right, which are left out.
    """
    found, silent = marked(book.once(suspects)), book.once(feeds)
    found = found.filter(~pl.col("mark").is_in(list(passed))).drop("mark")
    looks = book.once(looks_of)
    tables = {
        "rows": _rows(book),
        "rules": with_trend(book.quality, findings, book.about.get("id", "")),
        "source_balances": looks.verified,
        "history_changed": looks.revised,
        "history_days": looks.revised_days,
        "feeds": silent,
        "shifts": fields.shifted(book),
        "fields": fields.table(book).drop("shift", "change"),
        "unassigned": book.once(unassigned),
        "suspects": found,
    }
    said = [
        second_looks.doubt(book),
        second_looks.revised(book),
        stale(silent),
        *fields.sentences(book),
        corrections(book),
        soundness.kept_out(book).removesuffix("."),
        *(f"{label}: {rows:,}" for label, rows in counted(found)),
        "" if second_looks.doubt(book) else second_looks.verified(book),
    ]
    return DataReport(tuple(text.capital(each) for each in said if each), tables)


def corrections(book: Book) -> str:
    """What became of the corrections that people accepted; empty where there are none."""
    came = Counter(str(one["came"]) for one in book.about.get("fixes", ()))
    said = [f"{came[one]} {words}" for one, words in _CAME.items() if came[one]]
    return f"{text.count(came.total(), 'correction')} in force: {', '.join(said)}" if said else ""


def with_trend(quality: pl.DataFrame, findings: pl.DataFrame, id: str) -> pl.DataFrame:
    """The rules that found something now or in the snapshot before: ``rows`` and ``rows_before``, null without one.

    ``rows_then`` and ``amounts_then``: in the last refreshes that are known, this one the last.
    """
    others = findings.filter(pl.col("id") != id)
    newest = others.filter(pl.col("made_at") == others["made_at"].max()) if others.height else others
    before = newest.select("rule", "table", rows_before="rows")
    return (
        quality.join(before, on=["rule", "table"], how="left", maintain_order="left")
        .join(trend.lines(findings, until=id), on=["rule", "table"], how="left", maintain_order="left")
        .filter((pl.col("rows") > 0) | (pl.col("rows_before") > 0))
        .select(
            "rule",
            "table",
            "severity",
            "rows",
            "rows_before",
            "amount",
            "currency",
            "examples",
            "told",
            "rows_then",
            "amounts_then",
        )
    )


def counted(found: pl.DataFrame) -> list[tuple[str, int]]:
    """Each check that spoke, in words, and how often."""
    rows: dict[str, int] = dict(found.group_by("check").len().iter_rows())
    return [(label, rows[name]) for name, label in CHECKS.items() if name in rows]


def stale(silent: pl.DataFrame) -> str:
    """Which feed has been silent for unusually long; nothing where none has."""
    rows = silent.filter("stale").sort("silent_days", descending=True)
    if rows.is_empty():
        return ""
    row = rows.row(0, named=True)
    where = f" of {text.name(row['entity'])}" if row["entity"] is not None else ""
    usual = text.count(row["usual_days"], "day")
    said = f"no {row['feed']}{where} for {text.count(row['silent_days'], 'day')}, usually {usual} at most"
    more = f"; {text.count(rows.height - 1, 'more feed is', 'more feeds are')} silent" if rows.height > 1 else ""
    return said + more


def _rows(book: Book) -> pl.DataFrame:
    columns = {name: soundness.count(book, name) for name in ("rows_in", "accepted", "quarantined")}
    return pl.DataFrame(
        [{"table": name, **{each: told.get(name, 0) for each, told in columns.items()}} for name in columns["rows_in"]],
        schema={"table": pl.String, "rows_in": pl.Int64, "accepted": pl.Int64, "quarantined": pl.Int64},
    )
