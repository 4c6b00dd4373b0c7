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
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_timestamp,
)


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

        NUMERIC arrives as decimals of the scale its values need; a type that has no plain counterpart (uuid, enum,
        jsonb, …) as the text that PostgreSQL prints.

        Raises:
            rows.RepeatedNameError: Two columns have one name.
        """
        with self._connection.cursor() as cursor:
            schema = cursor.adbc_execute_schema(sql)
            rows.refuse_repeated(schema.names)
            cursor.adbc_statement.set_options(**_BATCH)
            cursor.execute(_in_plain_types(sql, schema))
            reader = cursor.fetch_record_batch()
            numeric = [_is_numeric(field.type) for field in reader.schema]
            parts: list[list[pl.Series]] = [[] for _ in numeric]
            held, yielded = 0, False
            for batch in reader:
                for at, column in enumerate(batch.columns):
                    parts[at].append(rows.exact(_series(column)) if numeric[at] else _series(column))
                held += batch.num_rows
                if held >= rows.FRAME:
                    yield rows.taken(schema.names, parts)
                    held, yielded = 0, True
            if held or not yielded:
                yield rows.taken(schema.names, parts)

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
    odd = {field.name for field in schema if not (_is_numeric(field.type) or any(is_(field.type) for is_ in _PLAIN))}
    if not odd:
        return sql
    quoted = ['"' + name.replace('"', '""') + '"' for name in schema.names]
    columns = [
        f"{column}::text AS {column}" if name in odd else column
        for name, column in zip(schema.names, quoted, strict=True)
    ]
    # The text is a mapping's own, and the transaction is read-only.
    return f"SELECT {', '.join(columns)} FROM (\n{sql}\n) AS mapped"  # noqa: S608


def _series(column: Any) -> pl.Series:
    return pl.Series(column.storage if isinstance(column, pa.ExtensionArray) else column)
