"""What every source can do, whatever is behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

import polars as pl

from config.settings import Settings
from data_sources.mapping_sql import Spelling

Progress = Callable[[str, float], None]
"""Called with what is being done and how much of it is done (0–1)."""


Since = int | str
"""A mark of how far the changes of a source were read: a number, or a date or time as text."""


@dataclass(frozen=True)
class Only:
    """A choice of rows: those whose ``column``, as text, is one of ``values``."""

    column: str
    values: Sequence[str]


@dataclass(frozen=True)
class Health:
    """Whether a source can be read, and a sentence that says so to a person."""

    ok: bool
    sentence: str


class Connector(Protocol):
    """A read-only source of the canonical tables.

    All reading from ``__enter__`` to ``__exit__`` sees one state of the source where the source can promise that.
    Whatever goes wrong is a ``SourceError`` or a ``ConfigError``: one sentence, without secrets.
    """

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:
        """A connector for ``settings.source``. Checks the connector's own settings, touches nothing yet."""
        ...

    def check(self) -> Health:
        """Whether the source can be reached and holds what is named. Never raises for a source's trouble."""
        ...

    def read(self, table: str) -> pl.DataFrame | None:
        """A canonical table as its mapping returns it.

        Columns carry canonical or dimension names; values are text or typed, not yet cast; rows keep the order the
        source gave them. ``None`` when an optional table is not mapped; no rows is a legal answer.

        Raises:
            SourceError: The source or the mapping is at fault; the sentence names the mapping, table and column.
        """
        ...

    def batches(self, table: str, since: Since | None = None) -> Iterator[pl.DataFrame] | None:
        """The rows of ``read`` in batches, one at least, so that a table need not fit into memory.

        With ``since``, only those whose ``[changes] column`` is that or later. They are read while they are asked for,
        and only once; what ``read`` raises may be raised by any of them. The batches of a column may differ in type
        where the source's values do.
        """
        ...

    @property
    def ignored(self) -> Mapping[str, tuple[str, ...]]:
        """Columns that mappings returned and nothing uses, by canonical table read so far."""
        ...

    def describe(self) -> str:
        """The kind of source and where it is, for reports; never a secret."""
        ...

    def close(self) -> None:
        """Let go of connections and temporary files."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@runtime_checkable
class Remembering(Protocol):
    """A source that can keep what it read, so that the next refresh asks only for what changed since.

    Only a refresh calls these; whoever else reads is given everything as it is.
    """

    def remember(self, *, full: bool = False) -> None:
        """Use what is kept, where the settings want that; ``full``: read everything nevertheless."""
        ...

    def keep(self) -> None:
        """Everything was read: what came is what the next refresh begins with."""
        ...


@runtime_checkable
class Browsable(Protocol):
    """A source whose own tables can be looked at before anything is mapped. Errors are those of ``Connector``."""

    def raw_tables(self) -> Mapping[str, Sequence[str]]:
        """The columns of every table that can be seen, by the table's name as SQL writes it."""
        ...

    def raw_rows(self, table: str, most: int, only: Only | None = None) -> pl.DataFrame:
        """The first ``most`` rows of a table as the source gives them. Its name need not be quoted."""
        ...

    def raw_values(self, table: str, column: str, most: int) -> pl.DataFrame:
        """Of all rows of a table: the values of a column, and how many ``rows`` have each; the most frequent ones.

        Columns ``value``, as in ``raw_rows``, and ``rows``.
        """
        ...

    def spelling(self, table: str = "") -> Spelling:
        """How its SQL writes names and texts, and what of a raw ``table`` must be cast: then the source is asked."""
        ...
