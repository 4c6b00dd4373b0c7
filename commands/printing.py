"""Rows as a table for people, as JSON or CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from typing import Any

import click
import polars as pl

from commands.options import CONTROL
from ledger.scope import UNASSIGNED


def show(rows: pl.DataFrame, shape: str) -> None:
    """Rows as a table for people, or as JSON or CSV for programs. Nothing is rounded in JSON and CSV."""
    match shape:
        case "json":
            click.echo(json.dumps([plain(row) for row in rows.iter_rows(named=True)], ensure_ascii=False, default=str))
        case "csv":
            buffer = io.StringIO()
            writer = csv.writer(buffer, lineterminator="\n")
            writer.writerow(rows.columns)
            writer.writerows([_cell(value) for value in row] for row in rows.iter_rows())
            click.echo(buffer.getvalue(), nl=False)
        case _:
            _table(rows)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it: days and moments as text."""
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in row.items()}


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value


_OWN_WORDS = ("window", "metric", "kind")


def _table(rows: pl.DataFrame) -> None:
    texts = rows.with_columns(
        pl.col(pl.Float64).map_elements(_short, return_dtype=pl.String),
        pl.col(pl.List(pl.String)).list.join(", "),
        *(pl.col(name).fill_null(UNASSIGNED) for name in _dimensions(rows)),
    ).with_columns(pl.col(pl.String).str.replace_all(CONTROL.pattern, " "))
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_width_chars=240, fmt_str_lengths=400, tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True, tbl_formatting="NOTHING",
    ):  # fmt: skip
        click.echo(str(texts) if rows.height else "No rows.")


def _short(value: float) -> str:
    """Four decimals at most; what rounds to nothing has no sign."""
    figure = f"{value:,.4f}".rstrip("0").rstrip(".")
    return "0" if figure == "-0" else figure


def _dimensions(rows: pl.DataFrame) -> list[str]:
    """The columns of an answer that are dimensions: words before the currency that no answer uses itself."""
    if "currency" not in rows.columns:
        return []
    before = rows.select(rows.columns[: rows.columns.index("currency")])
    return [name for name, kind in before.schema.items() if kind == pl.String and name not in _OWN_WORDS]
