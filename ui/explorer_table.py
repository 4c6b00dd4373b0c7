"""The explorer's table: on the screen, as CSV and as a workbook; one row a group, what is compared beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from charts.explorer_panel import unit
from charts.figure import Setting
from charts.palette import Palette
from exports import About, Column, Form, Sheet, workbook
from ledger.book import Book
from metrics import CATALOG, Better, Metric, Unit, text
from ui import cards
from ui.explorer_answer import Answer, Kind
from ui.explorer_figures import versus
from ui.explorer_question import METRICS, TIME, Question, Show
from ui.explorer_ranking import day_of

MOST_ROWS = 1_000
"""Rows sent to the browser; the downloads have all."""

_STYLED_ROWS, _STYLED_COLUMNS = 300, 14
"""Up to here changes are coloured and sums are bold. Streamlit takes 3 ms for each styled column."""

_FEW = 8
"""Columns of numbers that share the width; more are as wide as what they say, and the table is moved sideways."""

_LARGE, _MANY = 1e4, 100.0
_SEEN = 18
_ROW = 29


@dataclass(frozen=True)
class Head:
    """A column of numbers: a metric, a column of the answer by its number, and what of it is shown."""

    metric: Metric
    place: int
    show: Show

    @property
    def name(self) -> str:
        return f"{self.metric.id}|{self.place}|{self.show}"


def heads(answer: Answer, show: tuple[Show, ...]) -> list[Head]:
    """The columns in order: metric by metric, and by column within. A share only of what adds up."""
    return [
        Head(CATALOG[id], place, each)
        for id in answer.asked.metrics
        for place in range(len(answer.columns))
        for each in show
        if each is not Show.SHARE or CATALOG[id].additive
    ]


def numbers(answer: Answer, columns: list[Head], *, relative: bool) -> pl.DataFrame:
    """A row a row of the answer, a column a head by its name: money in major units, shares 0–1, never rounded."""
    value, base = pl.col("value"), pl.col("base")
    change = (value - base) / pl.when(base != 0).then(base.abs()) if relative else value - base
    worked = answer.cells.with_columns(change.alias("change"), (value / pl.col("whole")).alias("share")).sort("row")
    # There is a cell for every row, column and metric: in the order of the rows, each part is a column as it stands.
    parts = worked.partition_by("metric", "column", as_dict=True)
    return pl.DataFrame([parts[head.metric.id, head.place][head.show.value].alias(head.name) for head in columns])


def sides(answer: Answer) -> pl.DataFrame:
    """The columns that name a row, a day as a day."""
    asked = answer.asked
    named = {}
    for place, level in enumerate(asked.rows):
        told: list[Any] = [row.labels[place] for row in answer.rows]
        if level == TIME:
            told = [day_of(row.codes[place]) for row in answer.rows]
        named[asked.label(level)] = told
    return pl.DataFrame(named, strict=False)


# --- on the screen ------------------------------------------------------------------------------------------------


def draw(answer: Answer, question: Question, setting: Setting, on_pick: Callable[[int, int | None], None]) -> None:
    """The table; a click on a cell calls ``on_pick`` with the numbers of its row and column of the answer."""
    columns = heads(answer, question.show)
    shown = min(len(answer.rows), MOST_ROWS)
    drawn = _scaled(answer, columns, setting).head(shown)
    levels = [answer.asked.label(level) for level in answer.asked.rows]
    labels = [row.labels for row in answer.rows[:shown]]
    sides_ = pl.DataFrame(labels, schema=dict.fromkeys(levels, pl.String), orient="row")
    headings = _headings(answer, columns, setting)
    frame = _framed(sides_, drawn, headings)

    # A table of its own for each question: one that is given other columns drops what is picked in it and says so to
    # the server, together with the filters as they were, and these would then be written to the address again.
    key = f"explorer_table_{answer.asked.mark}_{''.join(question.show)}"
    is_small = len(frame) <= _STYLED_ROWS and len(frame.columns) <= _STYLED_COLUMNS

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if not cells or cells[0][0] >= shown:
            return
        on_pick(cells[0][0], _place_of(columns, headings, cells[0][1]))

    st.dataframe(
        _styled(frame, answer, columns, drawn) if is_small else frame,
        hide_index=True,
        placeholder="",
        column_config=_config(columns, headings, len(levels), drawn),
        key=key,
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(shown + (0 if _is_plain(headings) else 1), _SEEN, row=_ROW),
        row_height=_ROW,
        alt=f"{text.listed([CATALOG[id].label for id in answer.asked.metrics], 8)} by {' and '.join(levels).lower()}",
    )


def _place_of(columns: list[Head], headings: list[tuple[str, str]], name: str) -> int | None:
    """The column of the answer that a clicked column shows; ``None`` for the names of rows.

    Of two lines of headings the browser tells the second: the same words stand above the same column of each metric.
    """
    return next((head.place for head, told in zip(columns, headings, strict=True) if name in told), None)


def _scaled(answer: Answer, columns: list[Head], setting: Setting) -> pl.DataFrame:
    """The numbers as they are written: money in the scale of its metric, shares of 100."""
    wide = numbers(answer, columns, relative=setting.relative)
    scales = _scales(answer, setting)
    return wide.select(
        (pl.col(head.name) * 100).alias(head.name)
        if head.show is Show.SHARE or head.metric.unit is Unit.RATIO or (head.show is Show.CHANGE and setting.relative)
        else (pl.col(head.name) / scales[head.metric.id].divisor).alias(head.name)
        if head.metric.unit is Unit.MONEY
        else pl.col(head.name)
        for head in columns
    )


def _scales(answer: Answer, setting: Setting) -> dict[str, text.Scale]:
    """How the money of each metric is written: by its groups, not by their sum."""
    rows = [place for place, row in enumerate(answer.rows) if row.kind is not Kind.TOGETHER] or [0]
    groups = answer.cells.filter(pl.col("row").is_in(rows))
    found = {}
    for id in answer.asked.metrics:
        largest = groups.filter(pl.col("metric") == id)["value"].abs().max()
        found[id] = setting.fitting(float(largest) if isinstance(largest, int | float) else 0.0)
    return found


def _headings(answer: Answer, columns: list[Head], setting: Setting) -> list[tuple[str, str]]:
    """What stands above each column: metric with its unit, and day, group or what is compared."""
    scales = _scales(answer, setting)
    short = versus(answer.asked)
    told: list[tuple[str, str]] = []
    for head in columns:
        written = unit(head.metric, setting, scales[head.metric.id])
        label = answer.columns[head.place].labels[0]
        change = "%" if setting.relative else "pts" if head.metric.unit in (Unit.RATIO, Unit.PERCENT) else ""
        below = {
            Show.VALUE: label or "Value",
            Show.CHANGE: f"{label} Δ {short}".strip() + (f", {change}" if change else ""),
            Show.SHARE: f"{label} % of total".strip(),
        }[head.show]
        above = f"{head.metric.label}, {written}" if written else head.metric.label
        told.append((_heading(above), _heading(below)))
    return told


def _heading(words: str) -> str:
    """Words that the browser reads back from Python's notation of a pair: no quotes, no escaped signs."""
    told = words.replace(text.NBSP, " ").replace("'", "’").replace('"', "”").replace("\\", "/")
    return "".join(sign if sign.isprintable() else " " for sign in told)


def _framed(sides: pl.DataFrame, drawn: pl.DataFrame, headings: list[tuple[str, str]]) -> Any:
    """The table, as Pandas has it: with two lines of headings, or with one where the second would say nothing."""
    frame = pl.concat([sides, drawn], how="horizontal").to_pandas()
    if _is_plain(headings):
        frame.columns = [*sides.columns, *(above for above, _ in headings)]
    else:
        told = dict(zip(frame.columns, [*(("", name) for name in sides.columns), *headings], strict=True))
        frame.columns = frame.columns.map(told.__getitem__)
    return frame


def _is_plain(headings: list[tuple[str, str]]) -> bool:
    """Whether one line of headings says everything."""
    return {below for _, below in headings} <= {"Value"}


def _styled(frame: Any, answer: Answer, columns: list[Head], drawn: pl.DataFrame) -> Any:
    """Changes in the colour of their effect, sums in bold."""
    levels = len(answer.asked.rows)
    palette = cards.theme()
    weights = ["font-weight: 600;" if row.kind is Kind.TOGETHER else "" for row in answer.rows[: len(frame)]]
    # Made at once for the whole table: a function called for each row takes ten times as long.
    styles = [
        [weight] * levels + [weight + _colour(head, value, palette) for head, value in zip(columns, row, strict=True)]
        for weight, row in zip(weights, drawn.iter_rows(), strict=True)
    ]
    given = pl.DataFrame(styles, schema=[str(place) for place in range(len(frame.columns))], orient="row").to_pandas()
    given.columns = frame.columns
    return frame.style.apply(lambda _: given, axis=None)


def _colour(head: Head, value: float | None, palette: Palette) -> str:
    good = None if head.show is not Show.CHANGE else _is_good(head.metric, value)
    return "" if good is None else f"color: {palette.good if good else palette.bad};"


def _is_good(metric: Metric, change: float | None) -> bool | None:
    if change is None or math.isnan(change) or abs(change) < 0.05 or metric.better is Better.NEITHER:  # noqa: PLR2004
        return None
    return (change > 0) == (metric.better is Better.HIGHER)


def _config(columns: list[Head], headings: list[tuple[str, str]], levels: int, drawn: pl.DataFrame) -> dict[Any, Any]:
    """How each column is written, by its number: 0 is the hidden index."""
    wide = 170 if levels == 1 else 130
    found: dict[Any, Any] = {
        place + 1: st.column_config.TextColumn(pinned=place == 0, width=wide) for place in range(levels)
    }
    for place, (head, (_, below)) in enumerate(zip(columns, headings, strict=True)):
        form = f"%+.{_places(head, drawn)}f" if head.show is Show.CHANGE else f"%,.{_places(head, drawn)}f"
        found[levels + place + 1] = st.column_config.NumberColumn(
            format=form,
            help=head.metric.formula,
            width=None if len(columns) <= _FEW else max(64, 8 * len(below) + 16),
        )
    return found


def _places(head: Head, drawn: pl.DataFrame) -> int:
    """Decimals of a column: none for large amounts and counts."""
    size = drawn[head.name].abs().max()
    largest = float(size) if isinstance(size, int | float) else 0.0
    match head.metric.unit:
        case _ if head.show is Show.SHARE:
            return 1
        case Unit.MONEY:
            return 0 if largest >= _LARGE else 1
        case Unit.NUMBER:
            return 0 if largest >= _MANY else 1
        case Unit.TIMES:
            return 2
        case _:
            return 1


# --- downloads ----------------------------------------------------------------------------------------------------


def written(answer: Answer, question: Question) -> pl.DataFrame:
    """The whole table as it is downloaded: unrounded, units in the headings, days as days."""
    columns = heads(answer, question.show)
    wide = numbers(answer, columns, relative=question.view.relative)
    return pl.concat([sides(answer), wide.rename(_long_headings(answer, columns, question))], how="horizontal")


def _long_headings(answer: Answer, columns: list[Head], question: Question) -> dict[str, str]:
    currency, relative = question.view.currency, question.view.relative
    found: dict[str, str] = {}
    for head in columns:
        label = answer.columns[head.place].labels[0]
        unit_ = {Unit.MONEY: currency, Unit.RATIO: "ratio", Unit.DAYS: "days", Unit.TIMES: "×"}.get(
            head.metric.unit, ""
        )
        what = {
            Show.VALUE: unit_,
            Show.CHANGE: f"change on {versus(answer.asked)}"
            + (", ratio" if relative else f", {unit_}" if unit_ else ""),
            Show.SHARE: "share of total, ratio",
        }[head.show]
        name = ", ".join(part for part in (head.metric.label, label, what) if part)
        taken = set(found.values())
        found[head.name] = name if name not in taken else f"{name} ({head.place + 1})"
    return found


def long_rows(answer: Answer) -> pl.DataFrame:
    """Every number with what it is made of: a row a cell and metric, as ``cli.py kpi`` has them."""
    asked = answer.asked
    named = (
        sides(answer).rename(lambda name: f"{name}").with_row_index("row").with_columns(pl.col("row").cast(pl.UInt32))
    )
    across = pl.DataFrame(
        {"column": range(len(answer.columns)), "across": [column.labels[0] for column in answer.columns]},
        schema={"column": pl.UInt32, "across": pl.String},
    )
    units = {id: CATALOG[id].unit.value for id in asked.metrics}
    groups = [name for name in named.columns if name not in ("row", asked.label(TIME))]
    rows = (
        answer.cells.filter(pl.col("metric").is_in(list(asked.metrics)))
        .join(named, on="row", how="left", maintain_order="left")
        .join(across, on="column", how="left", maintain_order="left")
    )
    column = [] if asked.columns in (METRICS, TIME) else [pl.col("across").alias(asked.label(asked.columns))]
    return rows.select(
        pl.col("as_of").alias("As of"),
        pl.lit(asked.window).alias("Window"),
        *groups,
        *column,
        pl.lit(asked.currency).alias("Currency of amounts"),
        pl.col("metric").alias("Metric"),
        pl.col("value").alias("Value"),
        pl.col("metric").replace_strict(units, return_dtype=pl.String).alias("Unit"),
        pl.col("numerator").alias("Numerator"),
        pl.col("denominator").alias("Denominator"),
        pl.col("base").alias(f"Value, {versus(asked)}"),
        pl.col("note").alias("Note"),
    )


def excel(answer: Answer, question: Question, title: str, book: Book) -> bytes:
    """A workbook: the table, the long rows behind it, and what they are.

    It is made when it is asked for, outside the run of the page, where nobody knows the current book: that is given.
    """
    asked, view = answer.asked, question.view
    columns = heads(answer, question.show)
    names = _long_headings(answer, columns, question)
    forms = {names[head.name]: _form(head, question) for head in columns}
    about = About(
        title=title,
        company=book.rules.company,
        as_of=view.day,
        currency=view.currency,
        window=view.window,
        filters=view.part,
        snapshot=book.fingerprint,
        metrics=asked.metrics,
        notes=tuple(_notes(answer)),
    )
    long = long_rows(answer)
    shown = {name: Column(unit_from="Unit", currency=view.currency) for name in ("Value", f"Value, {versus(asked)}")}
    return workbook([Sheet("Table", written(answer, question), forms), Sheet("Numbers", long, shown)], about)


def _notes(answer: Answer) -> list[str]:
    asked = answer.asked
    base = asked.base(asked.day)
    told = [f"compared with {text.day(base)}" if base else "compared with the targets"]
    if asked.top is not None and asked.grouped:
        told.append(f"the {asked.top} largest by {CATALOG[asked.rank].label}; what is left over is Others")
    return [f"{words[0].upper()}{words[1:]}" for words in told]


def _form(head: Head, question: Question) -> Column:
    if head.show is Show.SHARE or (head.show is Show.CHANGE and question.view.relative):
        return Column(form=Form.SHARE)
    match head.metric.unit:
        case Unit.MONEY:
            return Column(form=Form.MONEY, currency=question.view.currency)
        case Unit.RATIO:
            return Column(form=Form.SHARE)
        case Unit.TIMES:
            return Column(form=Form.DECIMAL, places=2)
        case _:
            return Column(form=Form.DECIMAL)
