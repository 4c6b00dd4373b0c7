"""Why a number moved: what to explain and since when, the split of the change, and the sentences that tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl
import streamlit as st

from briefing import periods
from briefing.view import View
from charts.bridge import Ends
from ledger.calendar import Window, months_before
from ledger.errors import OutstandingError, did_you_mean
from ledger.scope import CUSTOMER, Scope
from metrics import CATALOG, Metric, text
from metrics.reasons import PART_LABELS, group_name, leaders, sentences
from ui import address, cards, controls, drill, performance, store
from ui.markdown import plain, prose

PAGE = "pages/summary/changes.py"
OF, SINCE = "change_of", "change_since"
FIRST = ("dso", "overdue_share", "cei", "total_ar", "overdue")
"""The numbers offered first."""

OPENING, MONTH, YEAR = "The window's opening", "A month before", "A year before"

_TITLE = 125
"""Letters of a message; of a longer one only the parts are told, as the charts name the groups."""

_LED_BY_SALES = frozenset({"total_ar"})
"""Balances whose split reads the sales of the window."""

# --- the choices --------------------------------------------------------------------------------------------------


def cell_picker(by: str) -> cards.Picked:
    """What a click on a group's metric does: why it moved, of that group. One on a flag narrows to the group here.

    A customer is opened, whatever the metric.
    """

    def picked(cell: str | None) -> None:
        if not cell:
            return
        key, _, metric = cell.rpartition("/")
        found = CATALOG.get(metric)
        if key and (by == CUSTOMER or found is None or found.own):
            performance.picker(by)(key)
        elif found is not None and not found.own:
            address.go(PAGE, {**(performance.where(by, key) if key else {}), **leading(metric)})

    return picked


def leading(metric: str, by: str | None = None) -> dict[str, str | None]:
    """What a link to the page changes in the address."""
    return {OF: CATALOG[metric].label, drill.GROUP: by}


def choose(view: View) -> tuple[Metric, date, list[str]]:
    """The number, the day that its change is counted from, and what was not understood. Draws the choices."""
    labels = [CATALOG[id].label for id in FIRST]
    labels += [metric.label for metric in CATALOG.values() if not metric.own and metric.id not in FIRST]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content"):
        number = controls.select("Number", labels, key=OF, default=labels[0], typed=True, width=230)
        since = controls.select(
            "Since",
            [OPENING, MONTH, YEAR],
            key=SINCE,
            default=OPENING,
            typed=True,
            width=230,
            help="The day that the change is counted from. Choose one, or type any day as 2026-05-15.",
        )
    problems: list[str] = []
    return _metric(number, problems), _start(since, view, problems), problems


def tell(problems: Sequence[str]) -> None:
    """Say what was not understood."""
    for problem in problems:
        st.warning(prose(problem), icon=":material/link_off:")


def _metric(asked: str, problems: list[str]) -> Metric:
    """The metric of a label or an id."""
    names = {name.lower(): metric for metric in CATALOG.values() for name in (metric.id, metric.label)}
    found = names.get(asked.strip().lower())
    if found is not None:
        return found
    usual = CATALOG[FIRST[0]]
    hint = did_you_mean(asked, [metric.label for metric in CATALOG.values()])
    problems.append(f"There is no number '{text.name(asked)}'; {hint} Shown is {usual.label} instead.")
    return usual


def _start(asked: str, view: View, problems: list[str]) -> date:
    """The day meant by a choice or typed."""
    match asked.strip():
        case words if words == OPENING:
            return view.span.opening
        case words if words == MONTH:
            return months_before(view.day, 1)
        case words if words == YEAR:
            return periods.year_before(view.day)
        case words:
            try:
                return date.fromisoformat(words)
            except ValueError:
                problems.append(
                    f"'{text.name(asked)}' is not a day: write it as 2026-05-15."
                    " Counted is from the window's opening instead."
                )
                return view.span.opening


# --- the change ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A change of ``metric`` between two days in the view's currency, split by ``by`` and by part.

    ``rows`` are those of ``metrics.explain``; ``ends`` the values of the two days, which ``rows`` lead from one to the
    other.
    """

    metric: Metric
    view: View
    by: str
    rows: pl.DataFrame
    ends: Ends

    @classmethod
    def read(cls, metric: Metric, start: date, by: str, view: View) -> Change:
        """The change up to the view's day.

        Raises:
            OutstandingError: it cannot be split, or is not known that far back; one sentence says why.
        """
        rows = store.explain(metric.id, start, view.day, view.window, view.scope, (by,))
        _check_history(metric, start, view)
        found = store.evaluate((metric.id,), (start, view.day), view.window, view.scope)
        known = dict(found.filter(pl.col("currency") == view.currency).select("as_of", "value").iter_rows())
        first, last = known.get(start, 0.0), known.get(view.day, 0.0)
        if first is None or last is None:
            when = text.day(start if first is None else view.day)
            raise OutstandingError(f"{metric.label} is not defined on {when} in {view.currency}.")
        ends = (start, first), (view.day, last)
        return cls(metric, view, by, rows.filter(pl.col("currency") == view.currency), ends)

    @property
    def is_nothing(self) -> bool:
        """Nothing was there on either day."""
        return self.rows.is_empty() and not any(value for _, value in self.ends)

    @property
    def total(self) -> float:
        (_, first), (_, last) = self.ends
        return last - first

    @property
    def group(self) -> str:
        """What the change is grouped by, in the singular."""
        return label(self.by).lower()

    @cached_property
    def parts(self) -> pl.DataFrame:
        """As ``metrics.explain`` without groups, but what the parts within the groups come to."""
        if self.rows.is_empty():
            (start, _), (day, _) = self.ends
            whole = store.explain(self.metric.id, start, day, self.view.window, self.view.scope)
            return whole.filter(pl.col("currency") == self.view.currency)
        summed = self.rows.group_by("part").agg(pl.col("contribution").sum())
        facts = self.rows.drop(self.by, "part", "contribution").head(1)
        order = pl.col("part").replace_strict({part: place for place, part in enumerate(PART_LABELS)})
        columns = [name for name in self.rows.columns if name != self.by]
        return summed.join(facts, how="cross").sort(order).select(columns)

    @property
    def present(self) -> list[str]:
        """The parts that are there, in the order of the table."""
        return [part for part, amount in self.parts.select("part", "contribution").iter_rows() if amount]

    @property
    def has_parts(self) -> bool:
        """Whether the change is more than a sum over groups."""
        return self.parts["part"].to_list() != ["change"]

    def message(self) -> str:
        """By how much it moved, and of what that is; who made it where that is short, or all there is to say."""
        short, full = (
            sentences(self.parts, *by, labels=store.book().dimensions, names=self.names) for by in ((), (self.rows,))
        )
        if not short:
            return f"{self.metric.label} did not move"
        return full[0] if len(full[0]) <= _TITLE or ": " not in short[0] else short[0]

    @cached_property
    def names(self) -> Mapping[str | None, str]:
        return names() if self.by == CUSTOMER else {}

    def moved(self, amount: float) -> str:
        """A contribution in words."""
        return text.change(amount, self.metric.unit, self.view.currency)


def names() -> dict[str | None, str]:
    """Customers' names by id."""
    return dict(store.customers().select("customer_id", "label").iter_rows())


def _check_history(metric: Metric, start: date, view: View) -> None:
    """The history must reach back to what the number on the first day is made of."""
    book = store.book()
    windowed = metric.windowed or metric.id in _LED_BY_SALES
    if book.first_day is None or periods.is_known(book, start, view.window if windowed else None):
        return
    needs = ""
    if windowed:
        needs = f", and its {text.window(view.window)} begin on {text.day(Window.ending(start, view.window).start)}"
    raise OutstandingError(
        f"{metric.label} on {text.day(start)} is not known: the history begins on {text.day(book.first_day)}{needs}. "
        "Count from a later day or choose a shorter window."
    )


# --- who made it, by every dimension ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """Who made the change by one dimension: words, and groups (with the key of a click) among them."""

    by: str
    pieces: tuple[tuple[str, str | None], ...]


def lines(change: Change, offered: Sequence[str]) -> list[Line]:
    """A line for each dimension of ``offered`` in which few groups made the change."""
    (start, _), (day, _) = change.ends
    view = change.view
    asked = change.metric.id, start, day, view.window, view.scope, view.currency, tuple(offered)
    return store.remembered(_lines, *asked)


def _lines(
    metric: str, start: date, day: date, window: str, scope: Scope, currency: str, offered: tuple[str, ...]
) -> list[Line]:
    found = []
    for by in offered:
        rows = store.explain(metric, start, day, window, scope, (by,)).filter(pl.col("currency") == currency)
        line = told(rows, by, store.book().dimensions, names() if by == CUSTOMER else {})
        if line is not None:
            found.append(line)
    return found


def told(rows: pl.DataFrame, by: str, labels: Mapping[str, str], named: Mapping[str | None, str]) -> Line | None:
    """What the sentence of ``rows`` says after the colon, cut where it names groups; ``None`` where it says nothing."""
    said = sentences(rows, rows, labels=labels, names=named)
    _, _, rest = (said[0] if said else "").partition(": ")
    if not rest:
        return None
    pieces: list[tuple[str, str | None]] = []
    for value in leaders(rows, 2)[by]:
        opening = f"{group_name([(by, value)], labels, named)} ("
        place = rest.find(opening)
        if place < 0:
            break
        end = rest.index(")", place + len(opening)) + 1
        pieces += [(rest[:place].strip(), None), (rest[place:end], key_of(by, value))]
        rest = rest[end:]
    pieces.append((rest.replace("; ", "· ", 1).strip() if pieces else rest, None))
    return Line(by, tuple(piece for piece in pieces if piece[0]))


def key_of(by: str, value: str | None) -> str:
    """What a click on a group tells."""
    if by == CUSTOMER:
        return drill.customer_key(value)
    return performance.NONE if value is None else value


def draw_lines(found: Sequence[Line]) -> None:
    """The lines in two columns; a group's name narrows to it, a customer's opens it."""
    if not found:
        return
    half = (len(found) + 1) // 2
    for column, part in zip(st.columns(2, gap="small"), (found[:half], found[half:]), strict=True):
        with column, st.container(gap=None, key=f"change_lines_{part[0].by}" if part else None):
            for line in part:
                _draw_line(line)


def _draw_line(line: Line) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.caption(f"**By {plain(label(line.by).lower())}**", width="content")
        for place, (words, key) in enumerate(line.pieces):
            if key is None:
                st.caption(prose(words), width="content")
                continue
            st.button(
                prose(words),
                key=f"line_{line.by}_{place}",
                type="tertiary",
                on_click=performance.picker(line.by),
                args=(key,),
            )


def label(by: str) -> str:
    """What a grouping is called."""
    return "Customer" if by == CUSTOMER else store.book().dimensions[by]
