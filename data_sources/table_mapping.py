"""How one canonical table is made of one raw table: suggested first, then changed by a person, then written as SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl

from config.settings import Settings
from data_sources import mapping_sql, preview, suggestions
from data_sources.connector import Only
from data_sources.mapping_sql import Answer, Spelling
from ledger.cast import PLAIN
from ledger.errors import OutstandingError, SourceError
from ledger.schema import TABLES, Kind, SettledBy, Type

MOST_KINDS = 100
"""A column with more values than that holds no kinds; these are what is asked for."""

NUMBERS = frozenset({Type.AMOUNT, Type.NUMBER, Type.INTEGER})
_NOTHING: Mapping[str, str] = MappingProxyType({})
FEW = 200
"""So many rows of a raw table are looked at for suggestions."""


@dataclass
class RawTable:
    """One of a source's own tables: its first ``rows``, and what is asked of all of it, once each."""

    settings: Settings = field(repr=False)
    name: str
    rows: pl.DataFrame
    asked: dict[object, Any] = field(default_factory=dict[object, Any], repr=False)

    @classmethod
    def read(cls, settings: Settings, name: str) -> RawTable:
        """Raises OutstandingError where the table cannot be read."""
        return cls(settings, name, preview.raw_rows(settings, name, FEW))

    def values(self, column: str) -> list[str]:
        """The values that a column has in any row, as texts, the most frequent first.

        Those of the first rows where the source does not answer, as when it has too many rows for its time-out.
        """
        if column not in self.asked:
            self.asked[column] = suggestions.values(self.rows[column])
            with suppress(OutstandingError):
                found = preview.raw_values(self.settings, self.name, column, MOST_KINDS)
                self.asked[column] = suggestions.texts(found["value"])
        return self.asked[column]

    def having(self, column: str, values: Sequence[str]) -> pl.DataFrame:
        """Some rows whose ``column`` is one of ``values``, wherever they stand in the table."""
        asked = column, *values
        if values and asked not in self.asked:
            self.asked[asked] = self.rows
            with suppress(OutstandingError):
                self.asked[asked] = preview.raw_rows(self.settings, self.name, FEW, Only(column, values))
        return self.asked.get(asked, self.rows)


@dataclass
class TableMapping:
    """A raw table, and what its columns are.

    ``columns``: raw column by canonical one. ``constants``: what is the same in every row. ``meanings``: what values of
    the raw column of ``kind`` mean. ``negative``: those whose amounts lack the minus that they need. ``meant``: the
    columns of kind and amount that both were suggested for. ``unmeant``: kinds of the source of which nobody can know
    what they mean. ``assumed``: the constants that nobody said.
    """

    raw: str = ""
    columns: dict[str, str] = field(default_factory=dict[str, str])
    constants: dict[str, str] = field(default_factory=dict[str, str])
    meanings: dict[str, str] = field(default_factory=dict[str, str])
    negative: list[str] = field(default_factory=list[str])
    meant: tuple[str, str] = ("", "")
    unmeant: list[str] = field(default_factory=list[str])
    assumed: dict[str, str] = field(default_factory=dict[str, str])

    def suggest_meanings(self, table: str, raw: RawTable) -> bool:
        """Say what the kinds of the canonical ``table`` mean, where their columns are others than when it was said.

        Returns:
            Whether anything was to be said.
        """
        kind, amount = self.columns.get("kind", ""), self.columns.get("amount", "")
        if self.meant == (kind, amount):
            return False
        known = self.meanings if self.meant[0] == kind else {}
        self.meant, self.meanings, self.negative, self.unmeant = (kind, amount), {}, [], []
        if kind:
            told = raw.values(kind)
            self.meanings = known or suggestions.kinds(table, told)
            own = {str(one) for one in (Kind if table == "documents" else SettledBy)}
            self.unmeant = [value for value in told if value not in self.meanings and value not in own]
            lowers = suggestions.lowering(self.meanings, told)
            if table == "documents" and amount:
                lowering = raw.having(kind, lowers)
                self.negative = lowers if suggestions.unsigned(lowering, kind, amount, lowers) else []
        return True

    def is_assumed(self, column: str) -> bool:
        """Whether a canonical column is the same in every row only because nothing in the source looks like it."""
        return column in self.constants and self.constants[column] == self.assumed.get(column)

    def select(self, table: str, schema: Mapping[str, pl.DataType], sql: Spelling) -> str:
        """The SELECT of the canonical ``table``. ``schema``: of the raw table; ``sql``: how its source writes it."""
        names = dict.fromkeys([*TABLES[table].names, *self.columns, *self.constants])
        answers = {
            name: Answer(
                column=self.columns.get(name, ""),
                constant=self.constants.get(name, ""),
                values=self.meanings if name == "kind" else {},
                numeric=(dtype := schema.get(self.columns.get(name, ""))) is not None and dtype.is_numeric(),
            )
            for name in names
        }
        return mapping_sql.select(self.raw, answers, sql, self.negative)

    def missing(self, table: str) -> list[str]:
        """The columns that the canonical ``table`` needs and that come from nowhere."""
        given = self.columns.keys() | self.constants.keys()
        return [column.name for column in TABLES[table].columns if column.required and column.name not in given]

    def texts(self, table: str, rows: pl.DataFrame, types: Collection[Type]) -> list[str]:
        """The values of the chosen columns of some types, where the raw table has them as text."""
        own = TABLES[table]
        chosen = [raw for name, raw in self.columns.items() if name in own.names and own.column(name).type in types]
        told = [value for raw in chosen if rows[raw].dtype == pl.String for value in rows[raw].drop_nulls().to_list()]
        return [value for value in told if value.strip()]


@dataclass(frozen=True)
class Suggested:
    """A suggested mapping, its SELECT, and the rows it was made from."""

    mapping: TableMapping
    select: str
    rows: pl.DataFrame


def suggested(table: str, raw: RawTable, settings: Settings) -> TableMapping:
    """What the columns of ``raw`` most likely are, by its first rows, and what its kinds are, by all of them."""
    found = suggestions.columns(table, raw.rows, settings.dimensions)
    constants = _constants(table, found, settings)
    made = TableMapping(raw.name, found, constants, assumed=dict(constants))
    made.suggest_meanings(table, raw)
    return made


def all_suggested(settings: Settings, chosen: Mapping[str, str] = _NOTHING) -> dict[str, Suggested]:
    """A mapping for every canonical table that a raw one looks like, or that one was ``chosen`` for.

    Raises:
        OutstandingError: the source cannot be read, or has no table that was chosen.
    """
    found = preview.browse(settings)
    if not found.ok:
        raise SourceError(found.sentence)
    made: dict[str, Suggested] = {}
    for table in TABLES:
        if name := chosen.get(table) or suggestions.table(table, found.tables):
            raw = RawTable.read(settings, preview.written(name, found.tables))
            mapping = suggested(table, raw, settings)
            sql = preview.spelling(settings, raw.name)
            made[table] = Suggested(mapping, mapping.select(table, raw.rows.schema, sql), raw.rows)
    return made


def formats(dates: Sequence[str], numbers: Sequence[str]) -> dict[str, str]:
    """``[formats]`` that reads these texts, as far as it differs from the usual.

    Of dates that can be read in several ways the first is taken, of numbers none: a thousandfold is worse than a month.
    """
    date = next(iter(suggestions.dates(dates)), PLAIN.date)
    styles = suggestions.numbers(numbers)
    decimal, thousands = styles[0] if len(styles) == 1 else (PLAIN.decimal, PLAIN.thousands)
    found = {"date": date, "decimal": decimal, "thousands": thousands}
    return {key: said for key, said in found.items() if said != getattr(PLAIN, key)}


def _constants(table: str, found: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What a ledger that does not say it most likely means: one entity, invoices, its own currency, money.

    Beside the demonstration company the ledger is another's, whose currency is not guessed.
    """
    another = settings.source.kind == "demo"
    documents = {"entity": "Main" if another else settings.company, "kind": "invoice"}
    usual = {
        "documents": documents if another else {**documents, "currency": settings.reporting_currency},
        "settlements": {"kind": "cash"},
    }
    return {name: said for name, said in usual.get(table, {}).items() if name not in found}
