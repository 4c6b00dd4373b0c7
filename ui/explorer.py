"""The explorer's choices: starting points, metrics, rows, columns, days and drawing, all of them in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from briefing import periods
from briefing.view import View
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import did_you_mean
from ledger.scope import CURRENCY, CUSTOMER
from metrics import CATALOG, text
from ui import address, controls, store
from ui.explorer_question import (
    ALL,
    DAY,
    METRICS,
    NAME,
    NOTHING,
    RANK,
    TIME,
    YEAR_LONG,
    Asked,
    Draw,
    Problem,
    Question,
    Show,
    days,
    days_in_words,
    is_days,
    levels,
    usual_rank,
)
from ui.markdown import prose

PAGE = "pages/reports/explorer.py"
FIRST = ("overdue_share", "dso", "cei")
"""The metrics of the first screen."""

_KEYS = ("metrics", "rows", "then", "columns", "dates", "show", "top", "rank", "sort", "rising", "draw")
_TOPS = ("5", "10", "20", "50", "100", ALL)
_DATES = (DAY, "3m", "6m", YEAR_LONG, "25m", "36m", "5q", "9q", "3y", "5y")
_SHOWS = {Show.VALUE: "Value", Show.CHANGE: "Change", Show.SHARE: "Share of total"}
_DRAWS = {
    Draw.TABLE: "Table",
    Draw.BARS: "Bars",
    Draw.LINES: "Lines",
    Draw.STACKED: "Stacked",
    Draw.HEAT: "Heat map",
}
_ACROSS = 30
"""Groups that a table can have across."""


# --- starting points ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """A ready-made question: a button's words and the parameters it sets."""

    words: str
    parameters: Mapping[str, address.Change]


def starts(labels: Mapping[str, str]) -> list[Start]:
    """The starting points that this company's dimensions allow."""

    def first(*names: str) -> str | None:
        return next((name for name in names if name in labels), next(iter(labels), None))

    found = [Start("Overview by group", {})]
    if region := first("region", "entity"):
        over_time = {"x_metrics": "dso", "x_rows": region, "x_columns": TIME}
        found.append(Start(f"DSO by {labels[region].lower()} over 13 months", over_time))
    if collector := first("collector", "segment"):
        by_month = {"x_metrics": "overdue", "x_rows": collector, "x_columns": TIME, "x_draw": Draw.HEAT}
        found.append(Start(f"Overdue by {labels[collector].lower()} and month", by_month))
    if entity := first("entity", "region"):
        aged = ("gross_open", "current_share", "overdue_share", "over_90_share", "unapplied_credits")
        found.append(Start(f"Aging by {labels[entity].lower()}", {"x_metrics": aged, "x_rows": entity}))
    late = {
        "x_metrics": ("overdue", "over_90_share", "days_beyond_terms"),
        "x_rows": CUSTOMER,
        "x_show": ("value", "change", "share"),
    }
    found.append(Start("Customers with the most overdue", late))
    return found


def draw_starts(labels: Mapping[str, str]) -> None:
    """The starting points as a row of buttons."""
    for number, start in enumerate(starts(labels)):
        st.button(start.words, key=f"x_start_{number}", type="tertiary", on_click=begin, args=(start.parameters,))


def begin(parameters: Mapping[str, address.Change]) -> None:
    """Ask another question from its beginning, from a callback; day, window and filters stay."""
    address.put({**dict.fromkeys(f"x_{key}" for key in _KEYS), **parameters})


# --- choices ------------------------------------------------------------------------------------------------------


def choose(book: Book, view: View) -> tuple[Question, list[str]]:
    """The question that the address asks, and what of it was not understood. Draws the choices."""
    problems: list[str] = []
    offered = levels(book.dimensions, currency=_has_currencies(book))
    with st.container(border=True, gap="small", key="explorer_choices"):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            metrics = _metrics(problems)
            rows, columns = _sides(offered, usual_rows(book, view))
            dates = _dates(TIME in (*rows, columns), problems)
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            wanted = days(dates, view.day)
            asked_days = tuple(day for day in wanted if periods.is_known(book, day, None)) or (view.day,)
            timed = TIME in (*rows, columns) and len(asked_days) > 1
            show = _show(timed=timed)
            draw = _draw(rows, columns, timed=timed)
            top, rank, sort, rising = _order(metrics, rows)
    asked = Asked(
        metrics, rows, columns, asked_days, view.window, view.scope, view.currency, view.against,
        top, rank, sort, rising, tuple(book.dimensions.items()),
    )  # fmt: skip
    return Question(view, asked, dates, show, draw, len(wanted) - len(asked_days)), problems


def usual_rows(book: Book, view: View) -> str:
    """What rows are where nothing is chosen: segments, else the next dimension that is not down to one value."""
    open_ones = [name for name in book.dimensions if len(view.scope.values(name)) != 1]
    return next((name for name in ("segment", *open_ones) if name in open_ones), CUSTOMER)


def too_many_across(question: Question) -> Problem | None:
    """A dimension with more values than can stand side by side."""
    column, scope = question.asked.column, question.asked.scope
    if column is None:
        return None
    count = len(scope.values(column) or store.values(column))
    if count <= _ACROSS:
        return None
    name = question.asked.label(column)
    words = f"{name} has {count:,} values, and {_ACROSS} fit side by side: put it in the rows, or filter it."
    return Problem(words, f"{name} in the rows", (("x_rows", column), ("x_columns", None), ("x_then", None)))


def mend(problem: Problem, key: str) -> None:
    """The sentence, with the button that puts it right."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"mend_{key}"):
        st.info(prose(problem.words), icon=":material/lightbulb:", width="stretch")
        if problem.mend:
            st.button(problem.mend, key=f"{key}_mend", on_click=address.put, args=(dict(problem.changes),))


def _metrics(problems: list[str]) -> tuple[str, ...]:
    problems += [
        f"There is no metric '{text.name(asked)}'; {did_you_mean(asked, CATALOG) or 'the glossary lists them.'}"
        for asked in address.values("x_metrics")
        if asked not in CATALOG and asked != controls.NONE
    ]
    return controls.several(
        "Metrics",
        list(CATALOG),
        key="x_metrics",
        default=FIRST,
        format_func=_label,
        width=360,
    )


def _label(metric: str) -> str:
    return CATALOG[metric].label


def _sides(offered: Mapping[str, str], usual: str) -> tuple[tuple[str, ...], str]:
    """The levels of the rows, and what is across."""
    rows = controls.select(
        "Rows", list(offered), key="x_rows", default=usual, format_func=lambda name: offered[name], width=140
    )
    second = {NOTHING: "None", **offered}
    then = controls.select(
        "Then by", list(second), key="x_then", default=NOTHING, format_func=lambda name: second[name], width=140
    )
    across = {
        METRICS: "Metrics",
        TIME: "Time",
        **{n: label for n, label in offered.items() if n not in (CUSTOMER, TIME)},
    }
    columns = controls.select(
        "Columns", list(across), key="x_columns", default=METRICS, format_func=lambda name: across[name], width=140
    )
    return ((rows,) if then == NOTHING else (rows, then)), columns


def _dates(timed: bool, problems: list[str]) -> str:  # noqa: FBT001
    usual = YEAR_LONG if timed else DAY
    offered = [usual, *(each for each in _DATES if each != usual)]
    asked = controls.select(
        "Dates",
        offered,
        key="x_dates",
        default=usual,
        typed=True,
        width=165,
        format_func=lambda written: days_in_words(written)[:1].upper() + days_in_words(written)[1:],
        help="Up to the as-of day. Type a first day as 2025-01-15, or months, quarters, years: 18m, 8q, 4y.",
    )
    if is_days(asked):
        return asked
    problems.append(
        f"'{text.name(asked)}' is no choice of dates: write month-ends as 13m, quarters as 5q, years as 3y, or a first"
        f" day as 2025-01-15. Shown is {days_in_words(usual)} instead."
    )
    return usual


def _show(*, timed: bool) -> tuple[Show, ...]:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", width="content"):
        st.caption("Show", width="content")
        chosen = controls.pills(
            "Show",
            list(_SHOWS),
            key="x_show",
            default=(Show.VALUE,) if timed else (Show.VALUE, Show.CHANGE),
            format_func=lambda show: _SHOWS[Show(show)],
        )
    return tuple(show for show in Show if show in chosen) or (Show.VALUE,)


def _draw(rows: Sequence[str], columns: str, *, timed: bool) -> Draw:
    usual = Draw.LINES if timed else Draw.BARS if columns == METRICS else Draw.HEAT
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", width="content"):
        st.caption("Draw", width="content")
        chosen = controls.segmented(
            "Draw",
            list(_DRAWS),
            key="x_draw",
            default=usual if len(rows) == 1 or timed or columns == METRICS else Draw.HEAT,
            format_func=lambda draw: _DRAWS[Draw(draw)],
        )
    return Draw(chosen)


def _order(metrics: Sequence[str], rows: Sequence[str]) -> tuple[int | None, str, str, bool]:
    """How many groups, by what, and in which order."""
    usual = usual_rank(metrics)
    top = address.one_of("x_top", _TOPS, "20")
    rank = address.one_of("x_rank", CATALOG, usual)
    which = "All" if top == ALL else f"Top {top}"
    words = f"{which}, by {CATALOG[rank].label}" if set(rows) != {TIME} else "Order"
    with st.popover(words, icon=":material/sort:", type="tertiary", help="How many groups, and in which order"):
        top = controls.select("Groups shown", list(_TOPS), key="x_top", default="20", format_func=_top_in_words)
        every = [usual, *(metric for metric in CATALOG if metric != usual)]
        rank = controls.select("The largest by", every, key="x_rank", default=usual, format_func=_label)
        sorts = {RANK: "Size, as ranked", NAME: "Name", **{id: CATALOG[id].label for id in metrics}}
        sort = controls.select(
            "Order by", list(sorts), key="x_sort", default=RANK, format_func=lambda name: sorts[name]
        )
        rising = controls.toggle("The other way round", key="x_rising")
    return (None if top == ALL else int(top)), rank, sort, rising


def _top_in_words(top: str) -> str:
    return "All of them" if top == ALL else f"The top {top}, others together"


def _has_currencies(book: Book) -> bool:
    """Whether amounts in several currencies are converted to one, so that they can stand beside each other."""
    return book.rules.conversion is not Conversion.NONE and len(store.values(CURRENCY)) > 1
