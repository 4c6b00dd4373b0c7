"""The explorer's numbers: every cell evaluated by the catalogue for its own groups, also totals and what is left over.

Nothing is ever added or averaged here: a total, a subtotal and the others together are each their own evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from briefing import periods
from briefing.view import Against
from ledger.book import Book
from ledger.scope import Scope
from metrics import CATALOG, chosen, text
from ui import store
from ui.explorer_question import METRICS, TIME, Asked
from ui.explorer_ranking import (
    ALL_CODE,
    NONE_CODE,
    OTHERS_CODE,
    Ranking,
    coded,
    column_of,
    day_of,
    evaluated,
    is_one,
    labels_of,
    value_of,
)

SIZE = "gross_open"
"""Evaluated beside whatever is asked: a group that holds next to nothing is no finding."""

_LEVELS = ("r0", "r1", "c")
_CELL = ("value", "numerator", "denominator", "note")


_TOO_EARLY = "the history begins within the window"
"""Said where a value would be made of a part of its window: other pages show none either."""


class Kind(StrEnum):
    """What a row or column is."""

    GROUP = "group"
    OTHERS = "others"
    TOGETHER = "together"


@dataclass(frozen=True)
class Place:
    """A row or a column: its ``codes`` by level and their ``labels``, and what it is."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    kind: Kind = Kind.GROUP

    @property
    def label(self) -> str:
        """The labels in one line."""
        told = [label for code, label in zip(self.codes, self.labels, strict=True) if code != ALL_CODE]
        return " · ".join(told) if told else next(iter(self.labels), "")

    @property
    def key(self) -> str:
        """Names it in a click."""
        return "\x1f".join(self.codes)


@dataclass(frozen=True)
class Answer:
    """The numbers. ``rows`` and ``columns`` in order; ``cells`` has a row for each of them and each metric.

    ``cells``: ``row, column`` (their numbers), ``metric, as_of, value, base, whole, is_known, numerator, denominator,
    note``. ``base`` is what is compared with, ``whole`` that of which the value is a part (only what adds up),
    ``is_known`` says that the history reaches back far enough. ``count``: groups of the first level.
    """

    asked: Asked
    rows: tuple[Place, ...]
    columns: tuple[Place, ...]
    cells: pl.DataFrame
    count: int = 0

    def of(self, metric: str) -> pl.DataFrame:
        """The cells of one metric."""
        return self.cells.filter(pl.col("metric") == metric)


def answer(asked: Asked) -> Answer:
    """The numbers of a question, kept until the snapshot changes."""
    return store.remembered(_answer, asked, store.targets())


def _answer(asked: Asked, _targets: object) -> Answer:
    book = store.book()
    ranking = Ranking.read(book, asked)
    found = pl.concat([_piece(asked, *each) for each in _pieces(asked, ranking)])
    rows, columns = _rows(asked, ranking, found), _columns(asked, found)
    grid = _grid(asked, rows, columns)
    cells = _filled(asked, grid, found, _known_days(book, asked))
    if asked.against is Against.TARGET:
        cells = _with_targets(asked, cells, rows, columns)
    return Answer(asked, rows, columns, _with_wholes(asked, cells, rows, columns), ranking.count)


# --- reading ------------------------------------------------------------------------------------------------------

_Piece = tuple[Scope, tuple[str, ...], tuple[str | None, ...]]
"""A scope, the levels it is divided by, and the codes of the row levels that it is not divided by."""


def _pieces(asked: Asked, ranking: Ranking) -> Iterator[_Piece]:
    """Every evaluation that the rows take: groups, groups of groups, all together, and what is left over."""
    levels, scope = asked.grouped, asked.scope
    kept = scope
    if ranking.first_rest:
        kept = scope.narrowed(levels[0], *(value_of(code) for code in ranking.first))
    for depth in range(len(levels), 0, -1):
        yield kept, levels[:depth], (None,) * depth + (ALL_CODE,) * (len(levels) - depth)
    yield scope, (), (ALL_CODE,) * len(levels)
    if ranking.first_rest:
        left = scope.narrowed(levels[0], *ranking.first_rest)
        yield left, (), (OTHERS_CODE, *(ALL_CODE,) * (len(levels) - 1))
    for code, rest in (ranking.second_rest or {}).items():
        if rest:
            left = scope.narrowed(levels[0], value_of(code)).narrowed(levels[1], *rest)
            yield left, (), (code, OTHERS_CODE)


def _piece(asked: Asked, scope: Scope, levels: tuple[str, ...], codes: tuple[str | None, ...]) -> pl.DataFrame:
    """``r0, r1, c, as_of, metric`` and what ``_CELL`` names, on every day asked and compared with."""
    wanted = tuple(dict.fromkeys([*asked.metrics, SIZE]))
    days = tuple(sorted({*asked.days, *(base for day in asked.days if (base := asked.base(day)))}))
    across: tuple[tuple[str, ...], ...] = ((),) if asked.column is None else ((asked.column,), ())
    parts = []
    for also in across:
        rows = evaluated(asked, wanted, days, scope, (*levels, *also))
        day = pl.lit("@") + pl.col("as_of").dt.to_string("%Y-%m-%d")
        given = iter(codes)
        own = [day if level == TIME else _code_of(level, next(given)) for level in asked.rows]
        column = day if asked.columns == TIME else coded(pl.col(column_of(also[0]))) if also else pl.lit(ALL_CODE)
        places = [*own, *([pl.lit(ALL_CODE)] if len(own) == 1 else []), column]
        named = [place.alias(name) for place, name in zip(places, _LEVELS, strict=True)]
        parts.append(rows.select(*named, "as_of", "metric", *_CELL))
    return pl.concat(parts)


def _code_of(level: str, code: str | None) -> pl.Expr:
    return coded(pl.col(column_of(level))) if code is None else pl.lit(code)


# --- rows and columns ---------------------------------------------------------------------------------------------


def _rows(asked: Asked, ranking: Ranking, found: pl.DataFrame) -> tuple[Place, ...]:
    """Every row in order: a group with what it divides into below it, the others, all together."""
    days = [f"@{day.isoformat()}" for day in asked.days]
    present = set(found.select("r0", "r1").unique().iter_rows())
    if asked.rows == (TIME,):
        return tuple(_place(asked, ranking, (day,)) for day in days)
    if TIME not in asked.rows:
        return tuple(
            _place(asked, ranking, codes)
            for codes in _grouped(ranking)
            if (*codes, ALL_CODE)[:2] in present or ALL_CODE in codes
        )
    groups = [codes[0] for codes in _grouped(ranking)]
    if asked.rows[0] == TIME:
        pairs = [(day, group) for day in days for group in _together_first(groups)]
    else:
        pairs = [(group, day) for group in groups for day in days]
    return tuple(_place(asked, ranking, codes) for codes in pairs)


def _together_first(groups: Sequence[str]) -> list[str]:
    """All together before what they divide into, as a subtotal stands."""
    return [group for group in groups if group == ALL_CODE] + [group for group in groups if group != ALL_CODE]


def _grouped(ranking: Ranking) -> list[tuple[str, ...]]:
    """The codes of the grouped levels, in order."""
    if ranking.second is None:
        rest = [(OTHERS_CODE,)] if ranking.first_rest else []
        return [*((code,) for code in ranking.first), *rest, (ALL_CODE,)]
    found: list[tuple[str, ...]] = []
    for code in ranking.first:
        found.append((code, ALL_CODE))
        found += [(code, below) for below in ranking.second[code]]
        if (ranking.second_rest or {}).get(code):
            found.append((code, OTHERS_CODE))
    return [*found, *([(OTHERS_CODE, ALL_CODE)] if ranking.first_rest else []), (ALL_CODE, ALL_CODE)]


def _place(asked: Asked, ranking: Ranking, codes: tuple[str, ...]) -> Place:
    labels, grouped = [], iter(asked.grouped)
    for level, code in zip(asked.rows, codes, strict=True):
        if level == TIME:
            labels.append(_day_label(day_of(code)))
            continue
        named = next(grouped)
        labels.append(_word(named, code, codes, ranking.labels or {}))
    kind = Kind.TOGETHER if ALL_CODE in codes else Kind.OTHERS if OTHERS_CODE in codes else Kind.GROUP
    return Place(codes, tuple(labels), Kind.OTHERS if codes[0] == OTHERS_CODE else kind)


def _word(level: str, code: str, codes: tuple[str, ...], labels: Mapping[tuple[str, str], str]) -> str:
    match code:
        case _ if code == OTHERS_CODE:
            return "Others"
        case _ if code == ALL_CODE:
            return (
                "All"
                if codes[0] != ALL_CODE and codes[0] != OTHERS_CODE
                else "Together"
                if codes[0] == ALL_CODE
                else ""
            )
        case _:
            return labels.get((level, code), code[1:])


def _day_label(day: date) -> str:
    """``Oct 2026``, or the whole day where that is no month-end."""
    ends = date.fromordinal(day.toordinal() + 1).month != day.month
    return text.month(day, year=True) if ends else text.day(day)


def _columns(asked: Asked, found: pl.DataFrame) -> tuple[Place, ...]:
    """The columns beside the metrics: days, groups and all together, or just one."""
    if asked.columns == METRICS:
        return (Place((ALL_CODE,), ("",)),)
    if asked.columns == TIME:
        return tuple(Place((f"@{day.isoformat()}",), (_day_label(day),)) for day in asked.days)
    labels = labels_of(store.book(), asked)
    codes = [str(code) for code in found["c"].unique() if code != ALL_CODE]
    named = sorted((labels.get((asked.columns, code), code[1:]), code) for code in codes)
    named.sort(key=lambda pair: pair[1] == NONE_CODE)
    return (*(Place((code,), (label,)) for label, code in named), Place((ALL_CODE,), ("Together",), Kind.TOGETHER))


# --- cells --------------------------------------------------------------------------------------------------------


def _grid(asked: Asked, rows: Sequence[Place], columns: Sequence[Place]) -> pl.DataFrame:
    """A row for every cell: ``row, column, r0, r1, c, as_of, metric``."""
    text_ = pl.String
    down = pl.DataFrame(
        [(place, *(*row.codes, ALL_CODE)[:2]) for place, row in enumerate(rows)],
        schema={"row": pl.UInt32, "r0": text_, "r1": text_},
        orient="row",
    )
    across = pl.DataFrame(
        [(place, column.codes[0]) for place, column in enumerate(columns)],
        schema={"column": pl.UInt32, "c": text_},
        orient="row",
    )
    wanted = pl.DataFrame({"metric": list(dict.fromkeys([*asked.metrics, SIZE]))})
    where = "c" if asked.columns == TIME else f"r{asked.rows.index(TIME)}" if TIME in asked.rows else None
    day = pl.col(where).str.slice(1).str.to_date("%Y-%m-%d") if where else pl.lit(asked.day)
    return down.join(across, how="cross").join(wanted, how="cross").with_columns(as_of=day)


def _known_days(book: Book, asked: Asked) -> pl.DataFrame:
    """``as_of, base_day, metric, is_known, base_known``: how far the history reaches back for each metric."""
    wanted = list(dict.fromkeys([*asked.metrics, SIZE]))
    rows = []
    for day in asked.days:
        base = asked.base(day)
        for metric in wanted:
            window = asked.window if CATALOG[metric].windowed else None
            known = periods.is_known(book, day, window)
            rows.append((day, base, metric, known, base is not None and periods.is_known(book, base, window)))
    schema = {
        "as_of": pl.Date, "base_day": pl.Date, "metric": pl.String, "is_known": pl.Boolean, "base_known": pl.Boolean,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _filled(asked: Asked, grid: pl.DataFrame, found: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The grid with values and what they are compared with; a group without rows has none of what adds up: 0."""
    keys = ["r0", "r1", "c", "as_of", "metric"]
    earlier = _without_days(asked, found).rename({"as_of": "base_day", "value": "base"})
    on = [key for key in ("r0", "r1", "c", "base_day", "metric") if key in earlier.columns]
    adds = pl.col("metric").is_in([metric for metric in CATALOG if CATALOG[metric].additive])
    reasons = {metric: CATALOG[metric].no_value for metric in CATALOG if CATALOG[metric].no_value}
    absent = pl.col("metric").replace_strict(reasons, default=None, return_dtype=pl.String)
    return (
        grid.join(known, on=["as_of", "metric"], how="left")
        .join(found.with_columns(there=pl.lit(value=True)), on=keys, how="left")
        .join(earlier, on=on, how="left")
        .with_columns(
            value=pl.when(pl.col("is_known")).then(
                pl.when(pl.col("there").is_null() & adds).then(0.0).otherwise("value")
            ),
            base=pl.when(pl.col("base_known")).then(
                pl.when(adds).then(pl.col("base").fill_null(0.0)).otherwise("base")
            ),
            note=pl.when(~pl.col("is_known"))
            .then(pl.lit(_TOO_EARLY))
            .otherwise(pl.when(pl.col("there").is_null() & ~adds).then(absent).otherwise("note")),
        )
        .select("row", "column", "c", "metric", "as_of", "value", "base", "is_known", *_CELL[1:])
    )


def _without_days(asked: Asked, found: pl.DataFrame) -> pl.DataFrame:
    """The values without the level that is time, so that those of another day can stand beside them."""
    where = "c" if asked.columns == TIME else f"r{asked.rows.index(TIME)}" if TIME in asked.rows else None
    kept = [name for name in _LEVELS if name != where]
    return found.select(*kept, "as_of", "metric", "value")


def _with_targets(asked: Asked, cells: pl.DataFrame, rows: Sequence[Place], columns: Sequence[Place]) -> pl.DataFrame:
    """What is to be reached in place of an earlier value; the others together have no target of their own."""
    targets, around = store.targets(), chosen(asked.scope)
    kept: dict[tuple[str, date, tuple[tuple[str, str | None], ...] | None], float | None] = {}

    def aim(row: int, column: int, metric: str, day: date) -> float | None:
        where = _where(asked, rows[row], columns[column])
        asking = (metric, day, where)
        if asking not in kept:
            found = None if where is None else targets.of_metric(metric, day, {**around, **dict(where)})
            kept[asking] = found.good if found else None
        return kept[asking]

    aims = [aim(*each) for each in cells.select("row", "column", "metric", "as_of").iter_rows()]
    return cells.with_columns(pl.Series("base", aims, dtype=pl.Float64))


def _where(asked: Asked, row: Place, column: Place) -> tuple[tuple[str, str | None], ...] | None:
    """The one value of each level that a cell is about; ``None`` for others, who are many."""
    pairs = [*zip(asked.rows, row.codes, strict=True), *([(asked.column, column.codes[0])] if asked.column else [])]
    if any(code == OTHERS_CODE for _, code in pairs):
        return None
    return tuple((level, value_of(code)) for level, code in pairs if level != TIME and is_one(code))


def _with_wholes(asked: Asked, cells: pl.DataFrame, rows: Sequence[Place], columns: Sequence[Place]) -> pl.DataFrame:
    """``whole``: what all groups of the rows have together in the same column, or all columns in the same row."""
    if asked.grouped:
        together = [
            place for place, row in enumerate(rows)
            if all(code == ALL_CODE for level, code in zip(asked.rows, row.codes, strict=True) if level != TIME)
        ]  # fmt: skip
        keys = ["column", "metric", "as_of"]
        whole = cells.filter(pl.col("row").is_in(together)).select(*keys, whole="value").unique(keys)
    else:
        together = [place for place, column in enumerate(columns) if column.codes[0] == ALL_CODE and asked.column]
        keys = ["row", "metric", "as_of"]
        whole = cells.filter(pl.col("column").is_in(together)).select(*keys, whole="value").unique(keys)
    adds = pl.col("metric").is_in([metric for metric in CATALOG if CATALOG[metric].additive])
    joined = cells.join(whole, on=keys, how="left", maintain_order="left")
    return joined.with_columns(whole=pl.when(adds & (pl.col("whole") != 0)).then("whole")).drop("c")
