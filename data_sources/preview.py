"""A first look through a source's mapping: some rows of every canonical table, and what would be wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from config.settings import Settings
from data_sources.connector import Browsable, Connector, Only
from data_sources.mapping_sql import Spelling
from data_sources.registry import open_connector
from ledger.book import BookRules
from ledger.cast import CastTable, Formats, cast
from ledger.errors import OutstandingError, SourceError, did_you_mean
from ledger.quality import check_ledger, check_masters
from ledger.schema import TABLES

FEW = 100
"""So many rows of each table are looked at."""

# What can only be judged beside rows that were not read.
_QUOTES = re.compile(r'["`\[\]]')
_NEEDS_ALL = ("document_unknown", "customer_unknown")


@dataclass(frozen=True)
class Looked:
    """The first rows of a table.

    ``rows``: as the mapping returns them, text or typed. ``kept_out``: which of them a refresh would quarantine,
    ``row, key, rule, reason``. ``ignored``: columns that nothing uses. ``problem``: why there are no rows.
    """

    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    kept_out: pl.DataFrame = field(default_factory=pl.DataFrame)
    ignored: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Preview:
    """What a source answers: its own ``sentence``, and the ``tables`` it maps, by name."""

    ok: bool
    sentence: str
    tables: Mapping[str, Looked] = field(default_factory=dict[str, Looked])


def preview(settings: Settings, today: date, most: int = FEW) -> Preview:
    """Connect, and look at the first ``most`` rows of every table. Nothing is written, and no secret is told."""
    try:
        with open_connector(settings) as source:
            health = source.check()
            if not health.ok:
                return Preview(ok=False, sentence=health.sentence)
            found = {name: looked for name in TABLES if (looked := _look(source, name, most)) is not None}
    except OutstandingError as error:
        return Preview(ok=False, sentence=str(error))
    judged = _judged(found, settings, today)
    return Preview(not any(each.problem for each in judged.values()), health.sentence, judged)


def _look(source: Connector, table: str, most: int) -> Looked | None:
    try:
        batches = source.batches(table)
        if batches is None:
            return None
        # A batch is closed as soon as there is enough: the rest is not asked of the source.
        with closing(batches):  # type: ignore[type-var] - every connector's batches are generators
            rows = _first(batches, most)
    except OutstandingError as error:
        return Looked(problem=str(error))
    return Looked(rows, ignored=source.ignored.get(table, ()))


def _first(batches: Iterable[pl.DataFrame], most: int) -> pl.DataFrame:
    return next(iter(batches)).head(most)


def _judged(found: Mapping[str, Looked], settings: Settings, today: date) -> dict[str, Looked]:
    """Each table with the rows that would be kept out, as far as its first rows tell."""
    read = {name: _read(name, found, settings.source.formats, settings) for name in TABLES}
    rules = BookRules(reporting_currency=settings.reporting_currency, dimensions=dict(settings.dimensions), today=today)
    masters = check_masters(read, settings.reporting_currency)
    checked = check_ledger(masters, read["documents"], read["settlements"], rules)
    kept_out = pl.concat([masters.quarantine, checked.quarantine]).filter(~pl.col("rule").is_in(_NEEDS_ALL))
    return {
        name: Looked(
            looked.rows,
            kept_out.filter(pl.col("table") == name).select("row", "key", "rule", "reason"),
            looked.ignored,
            looked.problem,
        )
        for name, looked in found.items()
    }


def _read(name: str, found: Mapping[str, Looked], formats: Formats, settings: Settings) -> CastTable:
    rows = found[name].rows if name in found else pl.DataFrame()
    return cast(TABLES[name], rows, formats, settings.dimensions if name in ("customers", "documents") else ())


@dataclass(frozen=True)
class Browsed:
    """What a source holds before anything is mapped: the columns of its own ``tables``, by the name SQL writes."""

    ok: bool
    sentence: str
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def browse(settings: Settings) -> Browsed:
    """Connect, and list the source's own tables. A source that has none to list only says whether it answers."""
    try:
        with open_connector(settings) as source:
            if not isinstance(source, Browsable):
                health = source.check()
                return Browsed(health.ok, health.sentence)
            tables = {name: tuple(columns) for name, columns in source.raw_tables().items()}
            return Browsed(ok=True, sentence=f"Read-only: {source.describe()}.", tables=tables)
    except OutstandingError as error:
        return Browsed(ok=False, sentence=str(error))


def raw_rows(settings: Settings, table: str, most: int = FEW, only: Only | None = None) -> pl.DataFrame:
    """The first rows of one of the source's own tables, all of them or ``only`` some.

    Raises:
        SourceError: it cannot be read, or the source has no tables of its own.
    """
    with open_connector(settings) as source:
        return _browsable(source).raw_rows(table, most, only)


def written(name: str, tables: Iterable[str]) -> str:
    """Of a source's own ``tables``, as SQL writes them, the one that is called ``name``.

    Raises:
        SourceError: none is, or several are.
    """
    tables = list(tables)
    plain = {one: _QUOTES.sub("", one) for one in tables}
    found = [one for one in tables if one == name] or [one for one, said in plain.items() if said == name]
    if len(found) != 1:
        hint = did_you_mean(name, plain.values())
        raise SourceError(f"The source has no table '{name}'{f'; {hint}' if hint else '.'}")
    return found[0]


def raw_values(settings: Settings, table: str, column: str, most: int) -> pl.DataFrame:
    """The most frequent values of a column of one of the source's own tables, in all of its rows: ``value, rows``.

    Raises:
        SourceError: it cannot be read, or the source has no tables of its own.
    """
    with open_connector(settings) as source:
        return _browsable(source).raw_values(table, column, most)


def spelling(settings: Settings, table: str = "") -> Spelling:
    """How the source's SQL writes names and texts, and what of its ``table`` must be cast, as far as it answers."""
    with open_connector(settings) as source:
        if not isinstance(source, Browsable):
            return Spelling(str)
        try:
            return source.spelling(table)
        except OutstandingError:
            return source.spelling()


def _browsable(source: Connector) -> Browsable:
    if not isinstance(source, Browsable):
        raise SourceError(f"{source.describe()} has no tables to look at before they are mapped.")
    return source
