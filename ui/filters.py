"""The shared filters: drawn once, in the frame; held in the address; carried from page to page; checked before use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from briefing.part import in_words
from briefing.view import Against, View
from ledger.book import Book
from ledger.calendar import Window
from ledger.errors import ConfigError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text
from ui import address, controls, drill, store
from ui.markdown import prose

LATEST = "latest"
WINDOWS = ("1mo", "3mo", "6mo", "12mo", "90d")
_WRITTEN_WINDOW = re.compile(r"(?P<count>[1-9]\d{0,3})\s*(?P<unit>mo|months?|d|days?)")

EARLIEST, LATEST_POSSIBLE = date(1980, 1, 1), date(2100, 12, 31)

_VIEW, _PICKED = "_view", "_picked_day"

_AGAINST = {Against.YEAR: "Last year", Against.PERIOD: "Opening", Against.TARGET: "Target"}
_SCALES = {"fit": None, "exact": text.Scale(1, ""), "k": text.Scale(1e3, "k"), "m": text.Scale(1e6, "m")}
_SCALE_LABELS = {"fit": "As fits", "exact": "Units", "k": "Thousands", "m": "Millions"}


@dataclass(frozen=True)
class Choice:
    """A dimension's filter: its name, its label, its key in the address, its values as they are written."""

    name: str
    label: str
    key: str
    options: tuple[str, ...]
    missing: bool

    def chosen(self, written: Sequence[str]) -> frozenset[str | None]:
        """The values meant: rows without a value are written as "Unassigned"."""
        known = [value for value in written if value in self.options]
        unassigned = {None} if self.missing and UNASSIGNED in known else set[None]()
        return frozenset(known) | unassigned


def draw(book: Book) -> View:
    """Draw the filters in the sidebar, and keep and return the view they choose."""
    choices = _choices(book)
    problems = _not_understood(choices)
    with st.sidebar, st.container(gap="xxsmall", key="filters"):
        day, is_latest = _draw_day(book, problems)
        left, right = st.columns(2, gap="xsmall")
        with left:
            window = _draw_window(day, problems)
        with right:
            against = _draw_against()
        currency = _draw_currency(book)
        chosen = {choice.name: choice.chosen(_draw_choice(choice)) for choice in choices}
        with st.container(
            horizontal=True, gap="xxsmall", horizontal_alignment="distribute", wrap=False, key="filters_foot"
        ):
            st.button("Reset", on_click=_reset, args=(choices,), type="tertiary", icon=":material/restart_alt:")
            relative, scale = _draw_display()
            link = st.popover("Link", icon=":material/link:", type="tertiary", help="Copy a link to this view")
    scope = Scope.of(**chosen)
    several = len(book.currencies) > 1
    view = View(
        day=day,
        window=window,
        scope=scope.narrowed(CURRENCY, currency) if several else scope,
        currency=currency,
        filters=in_words(scope, {choice.name: choice.label for choice in choices}),
        is_latest=is_latest,
        against=against,
        relative=relative,
        scale=scale,
    )
    with link:
        _draw_link(view, several=several)
    st.session_state[_VIEW] = view
    for problem in problems:
        st.warning(prose(problem), icon=":material/link_off:")
    return view


def current() -> View:
    """The view that the frame's filters chose in this run."""
    return st.session_state[_VIEW]


def narrow(dimension: str, value: str | None) -> None:
    """Restrict a dimension to one value, from a callback."""
    address.put({address.dimension(dimension): _written(value)})


def widen(*dimensions: str) -> None:
    """Lift the restriction of dimensions, from a callback."""
    address.put({address.dimension(name): None for name in dimensions})


def leading(
    where: Iterable[tuple[str, str | None]] = (), changes: Mapping[str, address.Change] | None = None
) -> address.Parameters:
    """The parameters of a link that narrows to ``where`` on top of what is chosen, with ``changes``.

    A customer is opened.
    """
    known = store.book().dimensions
    found: dict[str, address.Change] = {}
    for name, value in where:
        if name in known:
            found[address.dimension(name)] = _written(value)
        elif name == CUSTOMER:
            found[drill.CUSTOMER] = drill.customer_key(value)
    return address.link({**found, **(changes or {})})


def latest() -> None:
    """Show the newest day, from a callback."""
    address.put({address.AS_OF: None})


def _written(value: str | None) -> str:
    return UNASSIGNED if value is None else value


def _choices(book: Book) -> list[Choice]:
    """The filters that have anything to choose from."""
    found = []
    for name, label in book.dimensions.items():
        values = store.values(name)
        named = [value for value in values if value is not None]
        missing = None in values
        options = [*named, *([UNASSIGNED] if missing and UNASSIGNED not in named else [])]
        if len(options) > 1:
            found.append(Choice(name, label, address.dimension(name), tuple(options), missing))
    return found


def _draw_day(book: Book, problems: list[str]) -> tuple[date, bool]:
    last = book.last_day or EARLIEST
    options = [LATEST, *(end.isoformat() for end in reversed(book.month_ends))]
    asked = controls.select(
        "As of",
        options,
        key=address.AS_OF,
        default=LATEST,
        typed=True,
        format_func=lambda option: "Latest" if option == LATEST else option,
        help="The day that every number obeys. Choose a month-end, or type any day as 2026-05-15.",
    )
    with st.container(horizontal=True, gap="xxsmall", wrap=False, key="filters_day"):
        _draw_step("Earlier", "chevron_left", "shift+left", _neighbour(book, asked, -1))
        _draw_step("Later", "chevron_right", "shift+right", _neighbour(book, asked, 1))
        with st.popover("", icon=":material/calendar_month:", help="Pick any day"):
            st.date_input(
                "Any day", value=last, min_value=EARLIEST, max_value=LATEST_POSSIBLE, key=_PICKED, on_change=_pick
            )
    if asked == LATEST:
        return last, True
    try:
        day = date.fromisoformat(asked.strip())
    except ValueError:
        problems.append(f"'{asked}' is not a day: write it as 2026-05-15. Shown is the latest day instead.")
        return last, True
    if not EARLIEST <= day <= LATEST_POSSIBLE:
        problems.append(f"{day.isoformat()} lies too far away. Shown is the latest day instead.")
        return last, True
    return day, day == last


def _neighbour(book: Book, asked: str, step: int) -> str | None:
    """The month-end before or after the day asked for, ``latest`` after the last one; ``None`` beyond the history."""
    last = book.last_day
    ends = [end.isoformat() for end in book.month_ends if last is None or end < last]
    if asked == LATEST:
        return ends[-1] if step < 0 and ends else None
    if step < 0:
        return next((end for end in reversed(ends) if end < asked), None)
    return next((end for end in ends if end > asked), LATEST)


def _draw_step(label: str, icon: str, shortcut: str, to: str | None) -> None:
    """A button that moves the day by a month-end, also from the keyboard."""
    st.button(
        label,
        key=f"day_{label.lower()}",
        icon=f":material/{icon}:",
        shortcut=shortcut,
        type="tertiary",
        disabled=to is None,
        help=f"By a month-end: {shortcut.replace('+', ' + ').capitalize()}",
        on_click=address.put,
        args=({address.AS_OF: None if to == LATEST else to},),
    )


def _draw_window(day: date, problems: list[str]) -> str:
    default = store.settings().window.default
    asked = controls.select(
        "Window",
        _windows(default),
        key=address.WINDOW,
        default=default,
        typed=True,
        format_func=_window_in_words,
        help="How far back flows such as billing and cash are measured. Type any number of months or days: 4mo, 45d.",
    )
    form = _window_form(asked)
    try:
        Window.ending(day, form)
    except ConfigError:
        problems.append(f"'{asked}' is not a window: write months as 3mo or days as 90d. Shown is {default} instead.")
        return default
    return form


def _draw_against() -> Against:
    return Against(
        controls.select(
            "Compare with",
            list(_AGAINST),
            key=address.COMPARE,
            default=Against.YEAR,
            format_func=lambda option: _AGAINST.get(option, option),
            help=(
                "What tiles, charts and tables hold a number against: the same day a year before (PY), the day on which"
                " the window opens, or the company's target."
            ),
        )
    )


def _draw_display() -> tuple[bool, text.Scale | None]:
    """Whether differences are told in percent, and how money is written."""
    with st.popover("Display", icon=":material/tune:", type="tertiary", help="How numbers are written"):
        st.caption("Differences")
        differences = controls.segmented(
            "Differences",
            ["absolute", "percent"],
            key=address.DIFFERENCES,
            default="absolute",
            format_func=str.capitalize,
        )
        st.caption("Money in tiles, charts and tables")
        scale = controls.segmented(
            "Money", list(_SCALES), key=address.NUMBERS, default="fit", format_func=lambda name: _SCALE_LABELS[name]
        )
    return differences == "percent", _SCALES[scale]


def _window_form(written: str) -> str:
    """``3mo`` or ``90d``, also from ``3 months`` or ``90 days``; anything else as it stands."""
    found = _WRITTEN_WINDOW.fullmatch(written.strip().lower())
    return f"{found['count']}{'mo' if found['unit'].startswith('m') else 'd'}" if found else written


def _window_in_words(written: str) -> str:
    form = _window_form(written)
    return text.window(form).replace(text.NBSP, " ") if _WRITTEN_WINDOW.fullmatch(form) else written


def _windows(default: str) -> list[str]:
    """The default first, since that is what a widget falls back to."""
    return [default, *(window for window in WINDOWS if window != default)]


def _draw_currency(book: Book) -> str:
    if len(book.currencies) <= 1:
        return book.currencies[0] if book.currencies else book.rules.reporting_currency
    offered = _currencies(book)
    help = "There are no exchange rates, so amounts in different currencies are never added."
    return controls.select("Currency", offered, key=address.CURRENCY, default=offered[0], help=help)


def _currencies(book: Book) -> list[str]:
    """The currencies that numbers come in, the company's own first."""
    return sorted(book.currencies, key=lambda code: (code != book.rules.reporting_currency, code))


def _draw_choice(choice: Choice) -> Sequence[str]:
    return controls.several(
        choice.label,
        choice.options,
        key=choice.key,
        placeholder=f"{choice.label}: all",
        label_visibility="collapsed",
    )


def _draw_link(view: View, *, several: bool) -> None:
    st.caption("Opens this page with every filter as it is now, also when newer data has arrived.")
    state = {
        address.AS_OF: view.day.isoformat(),
        address.WINDOW: view.window,
        address.COMPARE: view.against,
        address.CURRENCY: view.currency if several else None,
    }
    st.code(address.text(state), language=None, wrap_lines=True)


def _pick() -> None:
    picked = st.session_state[_PICKED]
    if picked:
        address.put({address.AS_OF: picked.isoformat()})


def _reset(choices: Sequence[Choice]) -> None:
    address.put(dict.fromkeys((*address.VIEWED, *(choice.key for choice in choices))))


def _not_understood(choices: Sequence[Choice]) -> list[str]:
    """What the address asks for and this company does not have."""
    by_key = {choice.key: choice for choice in choices}
    told = [
        f"The link has a filter '{text.name(key)}' that this company does not have; "
        + did_you_mean(key, [*by_key, address.AS_OF, address.WINDOW])
        for key in address.unknown(by_key)
    ]
    for key, choice in by_key.items():
        told += [_unknown_value(choice, value) for value in address.values(key) if value not in choice.options]
    return told


def _unknown_value(choice: Choice, value: str) -> str:
    hint = did_you_mean(value, choice.options)
    return f"The link asks for {choice.label.lower()} '{text.name(value)}', which is not in the data; {hint}".rstrip(
        "; "
    )
