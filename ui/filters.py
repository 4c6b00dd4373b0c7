"""The shared filters: drawn once, in the frame; bound to the address; kept across pages; checked before use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

import streamlit as st

from ledger.book import Book
from ledger.calendar import Window
from ledger.errors import ConfigError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text
from ui import drill, store
from ui.markdown import prose
from ui.view import View

AS_OF, WINDOW = "as_of", "window"
LATEST = "latest"
WINDOWS = ("1mo", "3mo", "6mo", "12mo", "90d")
_WRITTEN_WINDOW = re.compile(r"(?P<count>[1-9]\d{0,3})\s*(?P<unit>mo|months?|d|days?)")

EARLIEST, LATEST_POSSIBLE = date(1980, 1, 1), date(2100, 12, 31)

_VIEW, _NOTES, _PICKED = "_view", "_notes", "_picked_day"
NARROW = "narrow"
"""What a link narrows to, as ``dimension=value``; the filters take it over and it leaves the address."""

_PAGES = (
    *("aging_in", "cohort_age", "league_against", "customers_find", "glossary_find"),
    *("overview_change", "improve", "roll_method", "debtors"),
    *("change_of", "change_since", "explain"),
)
"""Keys that single pages bind to the address."""

_OWN = frozenset({AS_OF, WINDOW, CURRENCY, NARROW, *drill.PARAMETERS, *_PAGES, "embed", "embed_options"})


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
    _check_address(choices)
    _follow(choices)
    with st.sidebar, st.container(gap="xsmall"):
        day, is_latest, problems = _draw_day(book)
        window = _draw_window(day, problems)
        currency = _draw_currency(book)
        chosen = {choice.name: choice.chosen(_draw_choice(choice)) for choice in choices}
        with st.container(horizontal=True, gap="small"):
            st.button("Reset", on_click=_reset, args=(choices, book), type="tertiary", icon=":material/restart_alt:")
            _draw_link(choices)
    scope = Scope.of(**chosen)
    several = len(book.currencies) > 1
    view = View(
        day=day,
        window=window,
        scope=scope.narrowed(CURRENCY, currency) if several else scope,
        currency=currency,
        filters=_in_words(choices, scope),
        is_latest=is_latest,
    )
    st.session_state[_VIEW] = view
    _tell(problems, view)
    return view


def current() -> View:
    """The view that the frame's filters chose in this run."""
    return st.session_state[_VIEW]


def narrow(dimension: str, value: str | None) -> None:
    """Restrict a dimension to one value, from a callback: the widget and the address follow."""
    st.session_state[_key(dimension)] = [UNASSIGNED if value is None else value]


def widen(*dimensions: str) -> None:
    """Lift the restriction of dimensions, from a callback."""
    for dimension in dimensions:
        st.session_state[_key(dimension)] = []


def leading(where: Sequence[tuple[str, str | None]]) -> dict[str, str | list[str]]:
    """The parameters of a link that narrows to ``where`` on top of what is chosen; a customer is opened.

    The filters are widgets, which an address of an open session does not change: they take ``NARROW`` over.
    """
    known = store.book().dimensions
    steps = [f"{name}={UNASSIGNED if value is None else value}" for name, value in where if name in known]
    found: dict[str, str | list[str]] = {NARROW: steps} if steps else {}
    for name, value in where:
        if name == CUSTOMER:
            found[drill.CUSTOMER] = drill.customer_key(value)
    return found


def _follow(choices: Sequence[Choice]) -> None:
    """Narrow to what a link asked for, before the widgets are drawn."""
    asked = st.query_params.get_all(NARROW)
    if not asked:
        return
    by_name = {choice.name: choice for choice in choices}
    for step in asked:
        name, _, value = step.partition("=")
        choice = by_name.get(name)
        if choice is not None and value in choice.options:
            st.session_state[choice.key] = [value]
    del st.query_params[NARROW]


def _key(dimension: str) -> str:
    return f"by_{dimension}" if dimension in _OWN else dimension


def _choices(book: Book) -> list[Choice]:
    """The filters that have anything to choose from."""
    found = []
    for name, label in book.dimensions.items():
        values = store.values(name)
        named = [value for value in values if value is not None]
        missing = None in values
        options = [*named, *([UNASSIGNED] if missing and UNASSIGNED not in named else [])]
        if len(options) > 1:
            found.append(Choice(name, label, _key(name), tuple(options), missing))
    return found


def _draw_day(book: Book) -> tuple[date, bool, list[str]]:
    last = book.last_day or EARLIEST
    options = [LATEST, *(end.isoformat() for end in reversed(book.month_ends))]
    left, right = st.columns([5, 1], gap="xsmall", vertical_alignment="bottom", wrap=False)
    asked = left.selectbox(
        "As of",
        _with_typed(options, AS_OF),
        key=AS_OF,
        bind="query-params",
        format_func=lambda option: "Latest" if option == LATEST else option,
        accept_new_options=True,
        help="The day that every number obeys. Choose a month-end, or type any day as 2026-05-15.",
    )
    with right.popover("", icon=":material/calendar_month:", help="Pick any day"):
        st.date_input(
            "Any day", value=last, min_value=EARLIEST, max_value=LATEST_POSSIBLE, key=_PICKED, on_change=_pick
        )
    if asked in (None, LATEST):
        return last, True, []
    try:
        day = date.fromisoformat(str(asked).strip())
    except ValueError:
        return last, True, [f"'{asked}' is not a day: write it as 2026-05-15. Shown is the latest day instead."]
    if not EARLIEST <= day <= LATEST_POSSIBLE:
        return last, True, [f"{day.isoformat()} lies too far away. Shown is the latest day instead."]
    return day, day == last, []


def _draw_window(day: date, problems: list[str]) -> str:
    default = store.settings().window.default
    asked = st.selectbox(
        "Window",
        _with_typed(_windows(default), WINDOW),
        key=WINDOW,
        bind="query-params",
        format_func=_window_in_words,
        accept_new_options=True,
        help="How far back flows such as billing and cash are measured. Type any number of months or days: 4mo, 45d.",
    )
    form = _window_form(asked or default)
    try:
        Window.ending(day, form)
    except ConfigError:
        problems.append(f"'{asked}' is not a window: write months as 3mo or days as 90d. Shown is {default} instead.")
        return default
    return form


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


def _with_typed(options: list[str], key: str) -> list[str]:
    """The options and, if the reader typed or linked to something else, that."""
    typed = st.session_state.get(key) or st.query_params.get(key)
    return [*options, typed] if typed and typed not in options else options


def _draw_currency(book: Book) -> str:
    if len(book.currencies) <= 1:
        return book.currencies[0] if book.currencies else book.rules.reporting_currency
    help = "There are no exchange rates, so amounts in different currencies are never added."
    return str(st.selectbox("Currency", _currencies(book), key=CURRENCY, bind="query-params", required=True, help=help))


def _currencies(book: Book) -> list[str]:
    """The currencies that numbers come in, the company's own first."""
    return sorted(book.currencies, key=lambda code: (code != book.rules.reporting_currency, code))


def _draw_choice(choice: Choice) -> list[str]:
    return st.multiselect(
        choice.label,
        choice.options,
        key=choice.key,
        bind="query-params",
        placeholder=f"{choice.label}: all",
        label_visibility="collapsed",
    )


def _draw_link(choices: Sequence[Choice]) -> None:
    with st.popover("Copy link", icon=":material/link:", type="tertiary"):
        st.caption("Opens this page with every filter as it is now, also when newer data has arrived.")
        st.code(_link(choices), language=None, wrap_lines=True)


def _link(choices: Sequence[Choice]) -> str:
    """The address of this page with every filter written out."""
    state = st.session_state
    view: View | None = state.get(_VIEW)
    day = state.get(AS_OF, LATEST)
    last = store.book().last_day
    pairs = [
        (AS_OF, last.isoformat() if day == LATEST and last else day),
        (WINDOW, view.window if view else state.get(WINDOW, "")),
    ]
    if view and CURRENCY in state:
        pairs.append((CURRENCY, state[CURRENCY]))
    pairs += [(choice.key, value) for choice in choices for value in state.get(choice.key, [])]
    pairs += list(drill.address().items())
    return f"{st.context.url or ''}?{urlencode(pairs)}"


def _pick() -> None:
    picked = st.session_state[_PICKED]
    if picked:
        st.session_state[AS_OF] = picked.isoformat()


def _reset(choices: Sequence[Choice], book: Book) -> None:
    st.session_state[AS_OF] = LATEST
    st.session_state[WINDOW] = store.settings().window.default
    if len(book.currencies) > 1:
        st.session_state[CURRENCY] = _currencies(book)[0]
    for choice in choices:
        st.session_state[choice.key] = []


def _in_words(choices: Sequence[Choice], scope: Scope) -> tuple[str, ...]:
    """``Region DACH, Iberia``: every restriction, in drill order."""
    told = []
    for choice in choices:
        values = sorted(text.name(value) for value in scope.values(choice.name) - {None})
        values += [UNASSIGNED] if None in scope.values(choice.name) and UNASSIGNED not in values else []
        if values:
            told.append(f"{choice.label} {text.listed(values)}")
    return tuple(told)


def _check_address(choices: Sequence[Choice]) -> None:
    """Note what an opened link asked for and this company does not have: Streamlit would drop it silently."""
    by_key = {choice.key: choice for choice in choices}
    notes = []
    for key in st.query_params:
        asked = st.query_params.get_all(key)
        if key in by_key:
            notes += [_unknown_value(by_key[key], value) for value in asked if value not in by_key[key].options]
        elif key not in _OWN:
            hint = did_you_mean(key, [*by_key, AS_OF, WINDOW])
            notes.append(f"The link has a filter '{text.name(key)}' that this company does not have; {hint}")
    if notes:
        st.session_state[_NOTES] = (notes, None)


def _unknown_value(choice: Choice, value: str) -> str:
    hint = did_you_mean(value, choice.options)
    return f"The link asks for {choice.label.lower()} '{text.name(value)}', which is not in the data; {hint}".rstrip(
        "; "
    )


def _tell(problems: Sequence[str], view: View) -> None:
    """Show what was not understood; a note on an opened link stays until the view changes."""
    notes, told_for = st.session_state.get(_NOTES, ([], None))
    if told_for not in (None, view):
        st.session_state.pop(_NOTES)
        notes = []
    elif notes:
        st.session_state[_NOTES] = (notes, view)
    for problem in (*problems, *notes):
        st.warning(prose(problem), icon=":material/link_off:")


def parameters(view: View) -> Mapping[str, str]:
    """The view in words, for a footnote on whatever leaves the screen."""
    return {"as of": view.day.isoformat(), "window": view.window, "filter": view.part or "none"}
