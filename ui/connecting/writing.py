"""What somebody has said of a source so far. It lives for the visit: an address would tell where a database is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

import polars as pl
import streamlit as st

from config import presets
from config.drafts import SERVICES, Draft
from config.settings import Settings
from data_sources import preview, suggestions
from data_sources.table_mapping import RawTable, TableMapping, suggested
from ledger.errors import OutstandingError
from ledger.schema import TABLES
from ui import store

Found = TypeVar("Found")

SAME = "Same for every row …"
ABSENT = "Not there"
_WRITING = "_connecting"
_SHORTEST = 4


@dataclass
class Columns(TableMapping):
    """How a canonical table is made. ``sql``: the SELECT, where a person writes it himself."""

    sql: str = ""
    by_hand: bool = False


@dataclass
class Writing:
    """A source as it is being written; ``secrets`` are typed for a try and go with the visit."""

    name: str = "ledger"
    kind: str = "sql"
    preset: str = ""
    options: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    files: list[dict[str, str]] = field(default_factory=lambda: [{"name": "invoices"}])
    formats: dict[str, str] = field(default_factory=dict[str, str])
    formats_of: str = field(default="", repr=False)  # the source that they were suggested for
    rows_made: int = 0
    opened: str = ""  # the name of the source file that is being changed
    tables: dict[str, Columns] = field(default_factory=dict[str, Columns])
    secrets: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    found: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)

    @classmethod
    def of(cls, draft: Draft) -> Writing:
        """A source file that is there, to be changed; its SELECTs are written by hand."""
        writing = cls(
            name=draft.name,
            kind=draft.kind,
            preset=draft.preset or "",
            options=dict(draft.options),
            parameters=dict(draft.parameters),
            formats=dict(draft.formats),
            tables={table: Columns(sql=sql, by_hand=True) for table, sql in draft.mapping.items()},
            opened=draft.name,
        )
        if draft.tables:
            writing.files = [
                {"name": name, **{key: str(said) for key, said in one.items()}} for name, one in draft.tables.items()
            ]
        # What the file says of dates and numbers is not to be guessed again.
        writing.formats_of = repr(writing.draft(mapped=False))
        return writing

    @property
    def is_mapped(self) -> bool:
        """Whether the mapping comes with the product."""
        return bool(self.preset) or self.kind in SERVICES

    def draft(self, *, mapped: bool = True) -> Draft:
        """The source file so far; without the mapping and formats of one's own where it is not ``mapped``.

        Raises:
            OutstandingError: a raw table that is mapped cannot be read.
        """
        preset = presets.read_preset(self.preset, "preset") if self.preset else None
        known = preset.says.parameters if preset else {}
        return Draft(
            name=self.name,
            kind=self.kind,
            options={key: said.strip() for key, said in self._options().items() if said.strip()},
            tables=self._files() if self.kind == "files" else {},
            preset=self.preset or None,
            parameters={name: said for name, said in self.parameters.items() if name in known and said},
            mapping=self._mapping() if mapped and not self.is_mapped else {},
            formats=self.formats if mapped and not self.is_mapped else {},
        )

    def row(self, file: dict[str, str]) -> str:
        """Names the row of fields of one of ``files`` for as long as it is there, wherever it stands."""
        if "row" not in file:
            file["row"] = str(self.rows_made)
            self.rows_made += 1
        return file["row"]

    def raw_tables(self) -> Mapping[str, Sequence[str]]:
        """The source's own tables with their columns, as far as they were found."""
        return self.browsed().tables

    def browsed(self) -> preview.Browsed:
        """What the source answers and holds."""
        return self._once("browsed", lambda: preview.browse(self.settings(mapped=False)))

    def rows(self, table: str) -> pl.DataFrame:
        """The first rows of a raw table.

        Raises:
            OutstandingError: it cannot be read.
        """
        return self.raw(table).rows

    def raw(self, table: str) -> RawTable:
        """A raw table: its first rows, and what is asked of all of it.

        Raises:
            OutstandingError: it cannot be read.
        """
        return self._once(f"rows {table}", lambda: RawTable.read(self.settings(mapped=False), table))

    def looked(self) -> preview.Preview:
        """The first rows of every canonical table, through the mapping."""
        return self._once("looked", lambda: preview.preview(self.settings(), _today()), whole=True)

    def settings(self, *, mapped: bool = True) -> Settings:
        """The company's settings with this source.

        Raises:
            ConfigError: what is written cannot be a source file.
        """
        return self.draft(mapped=mapped).settings(store.settings(), self.values())

    def values(self) -> dict[str, str]:
        """What variables are: the server's own secrets, and what was typed."""
        return {**store.settings().source.secrets, **{name: said for name, said in self.secrets.items() if said}}

    def variables(self) -> list[str]:
        """The variables that the file names."""
        return self.draft(mapped=False).variables()

    def is_set(self, variable: str) -> bool:
        """Whether the server itself has a variable."""
        return variable in os.environ or variable in store.settings().source.secrets

    def told(self, sentence: str) -> str:
        """``sentence`` for the screen: the file's variables by their names, and no file that is not written yet."""
        known = {**self.values(), **os.environ}
        for name in self.variables():
            value = known.get(name, "")
            if len(value) >= _SHORTEST:
                sentence = sentence.replace(value, f"${{{name}}}")
        file = str(store.settings().folder / "sources" / f"{self.name}.toml")
        return sentence.replace(f"{file}: ", "").replace(file, "this source")

    def columns(self, table: str) -> Columns:
        """How a canonical table is made; suggested when it is first asked for."""
        if table in self.tables and not self.browsed().ok:
            # What was said is kept while the source does not answer.
            return self.tables[table]
        if table not in self.tables:
            raw = suggestions.table(table, self.raw_tables()) if self.browsed().ok else ""
            self.tables[table] = Columns()
            self.take(table, raw)
        chosen = self.tables[table]
        if chosen.raw and not {*chosen.columns.values()} <= {*self.raw_tables().get(chosen.raw, ())}:
            # The source is another one than when this was said.
            self.take(table, chosen.raw if chosen.raw in self.raw_tables() else "")
        return self.tables[table]

    def take(self, table: str, raw: str) -> None:
        """Make a canonical table of the raw table ``raw``, with suggestions for its columns."""
        chosen = self.tables[table]
        self.tables[table] = Columns(sql=chosen.sql, by_hand=chosen.by_hand)
        if raw:
            made = suggested(table, self.raw(raw), store.settings())
            self.tables[table] = Columns(**vars(made), sql=chosen.sql, by_hand=chosen.by_hand)

    def select(self, table: str) -> str:
        """The SELECT of a canonical table; empty where nothing was said of it."""
        chosen = self.tables.get(table, Columns())
        if chosen.by_hand:
            return chosen.sql
        if not chosen.raw:
            return ""
        raw = chosen.raw
        sql = self._once(f"spelling {raw}", lambda: preview.spelling(self.settings(mapped=False), raw))
        return chosen.select(table, self.rows(chosen.raw).schema, sql)

    def _options(self) -> Mapping[str, str]:
        if self.kind == "sql":
            return {"url": self.options.get("url", "")}
        fields = SERVICES[self.kind].fields if self.kind in SERVICES else {}
        return {key: self.options.get(key, begun) for key, (_, begun) in fields.items()}

    def _files(self) -> dict[str, dict[str, str | int]]:
        """The raw tables that have a name and a path."""
        return {
            one["name"].strip(): {key: said for key, said in one.items() if key not in ("name", "row") and said}
            for one in self.files
            if one.get("name", "").strip() and one.get("path", "").strip()
        }

    def _mapping(self) -> dict[str, str]:
        for table in list(self.tables):
            self.columns(table)
        return {table: sql for table in TABLES if (sql := self.select(table))}

    def _once(self, what: str, made: Callable[[], Found], *, whole: bool = False) -> Found:
        """What ``made`` answers, for as long as the source is written as it is; with ``whole`` its mapping too."""
        asked = f"{what} {self.draft(mapped=whole)!r} {hash(tuple(self.secrets.items()))}"
        if asked not in self.found:
            answer = made()
            if not getattr(answer, "ok", True):
                # What did not work is tried again at the next click.
                return answer
            self.found[asked] = answer
        return cast("Found", self.found[asked])


def current() -> Writing:
    """The source that the reader is writing in this visit."""
    return st.session_state.setdefault(_WRITING, Writing())


def begin(writing: Writing) -> None:
    """Put another source in place of the one that is being written."""
    for key in [str(key) for key in st.session_state if str(key).startswith(("connect_", "_connect_"))]:
        del st.session_state[key]
    st.session_state[_WRITING] = writing


def tried(made: Callable[[], Found]) -> Found | str:
    """What ``made`` answers, or the sentence why it cannot."""
    try:
        return made()
    except OutstandingError as error:
        return current().told(str(error))


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
