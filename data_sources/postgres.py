"""PostgreSQL's fast path: Arrow batches through ADBC."""

# pyarrow has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import pyarrow as pa
from sqlalchemy.engine import URL

from data_sources import rows
from data_sources.dialects import dialect
from data_sources.sessions import Limits, Session

_BATCH = {"adbc.postgresql.batch_size_hint_bytes": str(4 << 20)}

_PLAIN = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_integer,
    pa.types.is_float64,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_timestamp,
)

_TYPE = b"POSTGRESQL:type"
_CASTS = {
    # The digits that were stored: as binary numbers they would have noise in them, which text formats never see.
    "float4": "::text::numeric",
    # The driver reads the upper half of them as negative numbers.
    "oid": "::int8",
}

# What Polars and Python can tell as a day; PostgreSQL goes further, up to its 'infinity'.
_DAYS = (-719_162, 2_932_896)
_DAY = 24 * 60 * 60 * 1_000_000
"""In microseconds, in which PostgreSQL counts."""


class AdbcSession(Session):
    """One REPEATABLE READ, READ ONLY transaction of PostgreSQL."""

    def __init__(self, url: URL, limits: Limits) -> None:
        self._connection = adbc.connect(_address(url, limits))
        try:
            with self._connection.cursor() as cursor:
                for statement in dialect("postgresql").opening(limits.statement):
                    cursor.execute(statement)
        except BaseException:
            self.close()
            raise

    def frames(self, sql: str) -> Generator[pl.DataFrame]:
        """All rows of one SELECT in batches.

        NUMERIC arrives as decimals of the scale its values need; a type that has no plain counterpart (uuid, interval,
        jsonb, an array, …) as the text that PostgreSQL prints. Of money the driver gives the cents: see ``money``.

        Raises:
            rows.RepeatedNameError: Two columns have one name.
        """
        with self._connection.cursor() as cursor:
            schema = cursor.adbc_execute_schema(sql)
            rows.refuse_repeated(schema.names)
            self.money = frozenset(field.name for field in schema if _name(field) == "money")
            cursor.adbc_statement.set_options(**_BATCH)
            cursor.execute(_in_plain_types(sql, schema))
            reader = cursor.fetch_record_batch()
            numeric = [_is_numeric(field.type) for field in reader.schema]
            parts: list[list[pl.Series]] = [[] for _ in numeric]
            held, yielded = 0, False
            for batch in reader:
                for at, column in enumerate(batch.columns):
                    series = _series(schema.names[at], column)
                    parts[at].append(rows.exact(series) if numeric[at] else series)
                held += batch.num_rows
                if held >= rows.FRAME:
                    yield rows.taken(schema.names, parts)
                    held, yielded = 0, True
            if held or not yielded:
                yield rows.taken(schema.names, parts)

    def schema(self) -> str:
        return str(self.frame("SELECT current_schema()::text AS s").item() or "")

    def close(self) -> None:
        self._connection.close()


def _address(url: URL, limits: Limits) -> str:
    """``url`` as libpq's pairs of names and values, which take any sign in a password."""
    parts = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        "connect_timeout": limits.connect,
        **{name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()},
    }
    escaped = {name: str(value).replace("\\", r"\\").replace("'", r"\'") for name, value in parts.items() if value}
    return " ".join(f"{name}='{value}'" for name, value in escaped.items())


def _is_numeric(type: pa.DataType) -> bool:
    return isinstance(type, pa.OpaqueType) and type.type_name == "numeric"


def _in_plain_types(sql: str, schema: pa.Schema) -> str:
    casts = {field.name: cast for field in schema if (cast := _cast(field))}
    if not casts:
        return sql
    quoted = ['"' + name.replace('"', '""') + '"' for name in schema.names]
    columns = [
        f"{column}{casts[name]} AS {column}" if name in casts else column
        for name, column in zip(schema.names, quoted, strict=True)
    ]
    # The text is a mapping's own, and the transaction is read-only.
    return f"SELECT {', '.join(columns)} FROM (\n{sql}\n) AS mapped"  # noqa: S608


def _name(field: pa.Field) -> str:
    """PostgreSQL's name of the type of a column."""
    return (field.metadata or {}).get(_TYPE, b"").decode()


def _cast(field: pa.Field) -> str:
    """What a column must be cast to, to be read right; empty where it is right as it is."""
    if cast := _CASTS.get(_name(field)):
        return cast
    return "" if _is_numeric(field.type) or any(is_(field.type) for is_ in _PLAIN) else "::text"


def _series(name: str, column: Any) -> pl.Series:
    series = pl.Series(column.storage if isinstance(column, pa.ExtensionArray) else column)
    if series.dtype.is_temporal():
        first, last = _DAYS if series.dtype == pl.Date else (_DAYS[0] * _DAY, (_DAYS[1] + 1) * _DAY - 1)
        if not series.to_physical().is_between(first, last).all():
            raise rows.BeyondCalendarError(name)
    return series
