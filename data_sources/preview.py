"""A first look through a source's mapping: some rows of every canonical table, and what would be wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from config.settings import Settings
from data_sources.connector import Browsable, Connector
from data_sources.mapping_sql import Spelling
from data_sources.registry import open_connector
from ledger.book import BookRules
from ledger.cast import CastTable, Formats, cast
from ledger.errors import OutstandingError, SourceError
from ledger.quality import check_ledger, check_masters
from ledger.schema import TABLES

FEW = 100
"""So many rows of each table are looked at."""

# What can only be judged beside rows that were not read.
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


def raw_rows(settings: Settings, table: str, most: int = FEW) -> pl.DataFrame:
    """The first rows of one of the source's own tables.

    Raises:
        SourceError: it cannot be read, or the source has no tables of its own.
    """
    with open_connector(settings) as source:
        if not isinstance(source, Browsable):
            raise SourceError(f"{source.describe()} has no tables to look at before they are mapped.")
        return source.raw_rows(table, most)


def spelling(settings: Settings) -> Spelling:
    """How the source's SQL writes names and texts. The source need not answer."""
    with open_connector(settings) as source:
        return source.spelling() if isinstance(source, Browsable) else Spelling(str)
