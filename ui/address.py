"""The address is the state: what a page shows follows from its parameters alone, and nothing else remembers a choice.

A widget gets its value from the address before it is drawn and writes it back in its callback; a click writes the
address, and a link carries it. All that one callback writes becomes one entry of the browser's history, so that Back, a
reload and a copied link restore exactly what was there. What is as usual stands in no address: "latest" stays latest.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

AS_OF, WINDOW, CURRENCY = "as_of", "window", "currency"
COMPARE, DIFFERENCES, NUMBERS = "compare", "differences", "numbers"
VIEWED = (AS_OF, WINDOW, CURRENCY, COMPARE, DIFFERENCES, NUMBERS)
"""Which day, window and currency, and how numbers are compared and written: shared by all pages, as the filters are."""

CUSTOMER, BUCKET, DOCUMENT, GROUP = "customer", "bucket", "document", "group"
LEVELS = (CUSTOMER, BUCKET, DOCUMENT, GROUP)
"""Where a reader has drilled to on a page."""

PAGES = (
    *("aging_in", "cohort_age", "league_against", "league_since", "customers_find", "glossary_find"),
    *("customers_with", "customers_by", "account_shows"),
    *("overview_change", "overview_group", "improve", "roll_method", "debtors"),
    *("change_of", "change_since", "change_part", "fair_mix", "forward"),
    *("behind", "family", "limit_used", "health_rule", "health_row", "health_look", "health_field"),
    *("connect_step", "connect_table", "health_fix"),
    *("holders_by", "flows_of"),
    *("x_metrics", "x_rows", "x_then", "x_columns", "x_dates", "x_show", "x_draw"),
    *("x_top", "x_rank", "x_sort", "x_rising", "view", "saved"),
    *("alert", "follow", "alerts_show", "alerts_status", "alerts_severity", "alerts_owner", "alerts_rows"),
    *("alerts_rule", "alerts_person", "alerts_run", "alerts_message"),
    *("rule", "draft"),
    *("pack", "pack_sections", "pack_rows", "pack_by", "pack_page"),
)
"""What single pages keep in the address."""

VIA = "via"
"""Marks a jump to another page. Streamlit puts the new parameters on the old page before it changes the page, and
leaves that in the browser's history: by its mark, whoever comes back there gets what was really there."""

DRAWN = (
    *("account", "aging", "all", "attention", "customers", "disputes", "dso", "favourites", "filters", "findings"),
    *("kept", "no_limit", "over_limit", "overview", "pages", "print", "provision", "tiles", "tour"),
)
"""What parts of pages are called on the screen: two of one name cannot be drawn, and a filter has its parameter's."""

_FIXED = frozenset({*VIEWED, *LEVELS, *PAGES, VIA, "embed", "embed_options"})

_PENDING, _GOING, _LEFT = "_address", "_going", "_left"
_SHOWN = "_address_shown"
"""The page and the parameters of the run before."""

Parameters = dict[str, list[str]]
Change = str | Iterable[str] | None


def dimension(name: str) -> str:
    """The parameter of a dimension's filter: its name, unless a page already has that word for something else."""
    return f"by_{name}" if name in _FIXED or name in DRAWN else name


def value(key: str, default: str = "") -> str:
    """What the address says of ``key``, the first of several; ``default`` where it says nothing."""
    return next(iter(_parameters().get(key, ())), "") or default


def values(key: str) -> tuple[str, ...]:
    """All that the address says of ``key``."""
    return tuple(_parameters().get(key, ()))


def one_of(key: str, known: Collection[str], default: str) -> str:
    """What the address says of ``key`` if that is one of ``known``, else ``default``."""
    asked = value(key)
    return asked if asked in known else default


def known(key: str, filters: Collection[str]) -> bool:
    """Whether any page reads ``key``; ``filters`` are the parameters of the company's dimensions."""
    return key in _FIXED or key in filters


def unknown(filters: Collection[str]) -> list[str]:
    """The parameters in the address that no page reads."""
    return [key for key in _parameters() if not known(key, filters)]


def put(changes: Mapping[str, Change] | None = None, **more: Change) -> None:
    """Change parameters, from a callback; ``None``, ``""`` or nothing in a list removes one."""
    st.session_state[_PENDING] = _changed(_parameters(), {VIA: None, **(changes or {}), **more})


def link(changes: Mapping[str, Change] | None = None, **more: Change) -> Parameters:
    """The parameters of a link to another page: all that pages share, with ``changes``."""
    own = {*LEVELS, *PAGES, VIA}
    shared = {key: list(told) for key, told in _parameters().items() if key not in own}
    return _changed(shared, {**(changes or {}), **more})


def go(page: str, changes: Mapping[str, Change] | None = None, **more: Change) -> None:
    """Open another page, from a callback, with all that pages share and ``changes``."""
    st.session_state[_GOING] = (page, link(changes, **more))


def settle(page: str | None = None) -> None:
    """Write what the callbacks of this run changed, and go where they lead: before anything is drawn.

    ``page``: the path of the page that is shown; left out where no jump can be under way.
    """
    pending: Parameters | None = st.session_state.pop(_PENDING, None)
    if pending is not None and pending != _written():
        st.query_params.from_dict(pending)
    if page is not None:
        _come_back(page)
        _jump(page)
        _tell_browser(page)


def _tell_browser(page: str) -> None:
    """Have the browser write what a link within a page asked for: Streamlit shows it and leaves the address as it was.

    A browser whose address says so already, as after Back, makes nothing of it.
    """
    now = (page, _written())
    before: tuple[str, Parameters] = st.session_state.get(_SHOWN, now)
    if before[0] == page and before != now:
        st.query_params.from_dict(now[1])
    st.session_state[_SHOWN] = now


def _jump(page: str) -> None:
    going: tuple[str, Parameters] | None = st.session_state.pop(_GOING, None)
    if going is None:
        return
    to, parameters = going
    mark = secrets.token_hex(3)
    st.session_state.setdefault(_LEFT, {})[mark] = (page, _changed(_written(), {VIA: None}))
    st.switch_page(to, query_params={**parameters, VIA: [mark]})


def _come_back(page: str) -> None:
    """What a page showed when the reader jumped away from it, when he comes back."""
    left: dict[str, tuple[str, Parameters]] = st.session_state.get(_LEFT, {})
    found = left.get(value(VIA))
    if found is not None and found[0] == page:
        st.query_params.from_dict(found[1])


def text(changes: Mapping[str, Change] | None = None) -> str:
    """The whole address, with ``changes``, as a reader would copy it."""
    told = _changed(_parameters(), {VIA: None, **(changes or {})})
    return f"{st.context.url or ''}?{urlencode(told, doseq=True)}"


def here() -> Parameters:
    """All parameters of the page as it is."""
    return _changed(_parameters(), {VIA: None})


def _parameters() -> Parameters:
    """What the address says, with what the callbacks of this run have changed."""
    pending: Parameters | None = st.session_state.get(_PENDING)
    return _written() if pending is None else pending


def _written() -> Parameters:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _changed(parameters: Mapping[str, Sequence[str]], changes: Mapping[str, Change]) -> Parameters:
    made = {key: list(told) for key, told in parameters.items()}
    for key, change in changes.items():
        told = [change] if isinstance(change, str) else list(change or ())
        told = [word for word in told if word]
        if told:
            made[key] = told
        else:
            made.pop(key, None)
    return made
