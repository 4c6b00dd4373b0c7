"""How one canonical table is made of one raw table: suggested first, then changed by a person, then written as SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from config.settings import Settings
from data_sources import mapping_sql, preview, suggestions
from data_sources.mapping_sql import Answer, Spelling
from ledger.cast import PLAIN
from ledger.errors import SourceError
from ledger.schema import TABLES, Type

NUMBERS = frozenset({Type.AMOUNT, Type.NUMBER, Type.INTEGER})
FEW = 200
"""So many rows of a raw table are looked at for suggestions."""


@dataclass
class TableMapping:
    """A raw table, and what its columns are.

    ``columns``: raw column by canonical one. ``constants``: what is the same in every row. ``meanings``: what values of
    the raw column of ``kind`` mean. ``negative``: those whose amounts lack the minus that they need.
    """

    raw: str = ""
    columns: dict[str, str] = field(default_factory=dict[str, str])
    constants: dict[str, str] = field(default_factory=dict[str, str])
    meanings: dict[str, str] = field(default_factory=dict[str, str])
    negative: list[str] = field(default_factory=list[str])

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


def suggested(table: str, raw: str, rows: pl.DataFrame, settings: Settings) -> TableMapping:
    """What the columns of ``raw`` most likely are, by its first ``rows``."""
    found = suggestions.columns(table, rows, settings.dimensions)
    made = TableMapping(raw, found, _constants(table, found, settings))
    if kind := found.get("kind"):
        told = suggestions.values(rows[kind])
        made.meanings = suggestions.kinds(table, told)
        lowers = suggestions.lowering(made.meanings, told)
        if table == "documents" and "amount" in found and suggestions.unsigned(rows, kind, found["amount"], lowers):
            made.negative = lowers
    return made


def all_suggested(settings: Settings) -> dict[str, Suggested]:
    """A mapping for every canonical table that a raw one looks like.

    Raises:
        OutstandingError: the source cannot be read.
    """
    found = preview.browse(settings)
    if not found.ok:
        raise SourceError(found.sentence)
    sql, made = preview.spelling(settings), dict[str, Suggested]()
    for table in TABLES:
        if raw := suggestions.table(table, found.tables):
            rows = preview.raw_rows(settings, raw, FEW)
            mapping = suggested(table, raw, rows, settings)
            made[table] = Suggested(mapping, mapping.select(table, rows.schema, sql), rows)
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
    """What a ledger that does not say it most likely means: one entity, invoices, its own currency, money."""
    entity = "Main" if settings.source.kind == "demo" else settings.company
    usual = {
        "documents": {"entity": entity, "kind": "invoice", "currency": settings.reporting_currency},
        "settlements": {"kind": "cash"},
    }
    return {name: said for name, said in usual.get(table, {}).items() if name not in found}
