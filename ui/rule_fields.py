"""The fields of a rule: each shows what the draft says, and writes what the reader chooses into the address.

Only what the kind of the rule needs is drawn. Shares are typed in percent and money in plain numbers, as labels say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from alerts.limits import DEVIATIONS, MARGIN
from ledger.book import Book
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED
from metrics import CATALOG, text
from ui import rule_draft, rule_form, store
from ui.alerts import SEVERITIES, called_owner
from ui.markdown import prose
from ui.rule_draft import Body
from ui.rule_form import Form
from ui.rule_words import AGAINST, FIGURES, KINDS, Words

_MOST_CUSTOMERS = 2_000
"""More of them are no list to choose from: a rule is narrowed to one of them in the file."""

_WINDOWS = ("1mo", "2mo", "3mo", "6mo", "12mo")


def draw(form: Form) -> None:
    """All fields: which number of whom, its limit, what else must be, and who is told."""
    with st.container(border=True, gap="small", key="rule_number"):
        rule_form.text(form, "title", "Title", "What a person reads when it fires")
        _metric(form)
        _asked_of(form)
    with st.container(border=True, gap="small", key="rule_limit"):
        _kind(form)
        _limit(form)
        _least(form)
    with st.container(border=True, gap="small", key="rule_told"):
        _severity(form)
        _owner(form)
        _message(form)


# --- which number of whom -----------------------------------------------------------------------------------------


def _metric(form: Form) -> None:
    def draw() -> None:
        st.selectbox(
            "Number",
            list(CATALOG),
            key=form.show("metric", form.body["metric"]),
            format_func=form.words.metric,
            on_change=form.chosen("metric"),
        )

    if not CATALOG[form.body["metric"]].windowed:
        draw()
        return
    left, right = st.columns([3, 1], gap="small")
    with left:
        draw()
    with right:
        _window(form)


def _window(form: Form) -> None:
    own, usual = form.body.get("window") or "", store.settings().window.default
    st.selectbox(
        "Over",
        list(dict.fromkeys(["", *(each for each in _WINDOWS if each != usual), own])),
        key=form.show("window", own),
        format_func=lambda window: text.window(window or usual),
        on_change=form.chosen("window", lambda window: {"window": window or None}),
        help="How far back flows such as billing and cash are counted",
    )


def _asked_of(form: Form) -> None:
    """Of each of what, and of which part of the company alone."""
    offered = dimensions(form.book)
    asked = list(form.body.get("by", ()))
    st.multiselect(
        "Asked of each",
        list(dict.fromkeys([*offered, *asked])),
        key=form.show("by", asked),
        format_func=form.words.label,
        on_change=form.chosen("by", lambda names: {"by": list(names)}),
        placeholder="the whole company",
        help="Several together: of each combination, such as each segment of each region",
    )
    parts = _parts(form, offered)
    st.multiselect(
        "Only where",
        parts,
        key=form.show("where", _chosen_parts(form.body)),
        format_func=lambda part: _called(form.words, part),
        on_change=form.chosen("where", lambda chosen: {"where": _where(chosen)}),
        placeholder="everywhere",
        help="Values of one dimension widen it, values of several narrow it",
    )


def dimensions(book: Book) -> list[str]:
    """What a rule can be asked by: dimensions in drill order, customers, currencies where there are several."""
    return [*book.dimensions, CUSTOMER, *([CURRENCY] if len(book.currencies) > 1 else [])]


Part = tuple[str, str]
"""A dimension and one of its values."""


def _parts(form: Form, offered: Sequence[str]) -> list[Part]:
    found = _chosen_parts(form.body)
    for name in offered:
        if name != CUSTOMER:
            found += [(name, UNASSIGNED if value is None else value) for value in store.values(name)]
    ids = store.customers()["customer_id"].drop_nulls()
    if len(ids) <= _MOST_CUSTOMERS:
        found += [(CUSTOMER, id) for id in ids]
    return list(dict.fromkeys(found))


def _chosen_parts(body: Body) -> list[Part]:
    where: Mapping[str, Sequence[str]] = body.get("where") or {}
    return [(name, value) for name, values in where.items() for value in values]


def _where(parts: Sequence[Part]) -> Body | None:
    where: dict[str, list[str]] = {}
    for name, value in parts:
        where.setdefault(name, []).append(value)
    return where or None


def _called(words: Words, part: Part) -> str:
    name, value = part
    return f"{words.label(name)}: {f'{words.called(value)} ({value})' if name == CUSTOMER else text.name(value)}"


# --- its limit ----------------------------------------------------------------------------------------------------

_MEANT = {
    "level": "The number itself against a limit",
    "target": "The number against the target in force, from targets.toml",
    "benchmark": "The number against what others publish",
    "change": "How far it has moved against a limit",
    "unusual": "How far it is from its own history of two years",
}


def _kind(form: Form) -> None:
    body, offered = form.body, rule_draft.kinds(form.body["metric"], form.targets)
    options = [kind for kind in KINDS if kind in offered or kind == body["when"]]
    st.segmented_control(
        "Kind",
        options,
        key=form.show("when", body["when"]),
        format_func=lambda kind: KINDS[kind],
        on_change=form.chosen("when"),
        required=True,
        label_visibility="collapsed",
    )
    st.caption(_MEANT[body["when"]])


def _limit(form: Form) -> None:
    """The side of the limit, and the limit, as far as the kind has one of its own."""
    body = form.body
    if body["when"] == "change":
        _base(form)
    sides, figure = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with sides:
        _side(form)
    with figure:
        if body["when"] in ("target", "benchmark"):
            _figure_of(form)
        else:
            _value(form)
    running, margin = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with running:
        st.number_input(
            "Months running",
            1,
            24,
            step=1,
            key=form.show("periods", int(body.get("periods", 1))),
            on_change=form.chosen("periods"),
            help="As of the day and of the same day of so many months before",
        )
    with margin:
        _margin(form)


def _base(form: Form) -> None:
    since, told = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with since:
        rule_form.select(
            form, "against", "Changed since", {name: words.lower() for name, words in AGAINST.items()}, "year"
        )
    with told:
        percent = {"no": "as a difference", "yes": "in percent of it"}
        st.selectbox(
            "Told",
            list(percent),
            key=form.show("percent", "yes" if form.body.get("percent") else "no"),
            format_func=lambda each: percent[each],
            on_change=form.chosen("percent", lambda each: {"percent": each == "yes"}),
        )


def _side(form: Form) -> None:
    body, side = form.body, rule_draft.side_of(form.body)
    now = "either" if side.way == "either" else _EDGES[side.way, side.included]
    words = _sides(body["when"])
    options = [*words, *(["either"] if now == "either" or _either_way(body) else [])]
    st.selectbox(
        "Fires when it",
        options,
        key=form.show("edge", now),
        format_func=lambda edge: words.get(edge, "is far from usual, either way"),
        on_change=form.chosen("edge", lambda edge: _turned(form.body, edge)),
    )


_EDGES: Mapping[tuple[str, bool], str] = {
    ("above", False): "above",
    ("above", True): "at_least",
    ("below", False): "below",
    ("below", True): "at_most",
}


def _sides(kind: str) -> dict[str, str]:
    if kind == "change":
        return {
            "above": "rises by more than",
            "at_least": "rises by this or more",
            "below": "falls by more than",
            "at_most": "falls by this or more",
        }
    than = "usual by more than" if kind == "unusual" else "the limit"
    return {
        "above": f"is above {than}",
        "at_least": f"is at or above {than}" if kind != "unusual" else "is above usual by this or more",
        "below": f"is below {than}",
        "at_most": f"is at or below {than}" if kind != "unusual" else "is below usual by this or more",
    }


def _either_way(body: Body) -> bool:
    return body["when"] == "unusual" and rule_draft.side_of({**body, "edge": None}).way == "either"


def _turned(body: Body, edge: str) -> Body:
    """Another side of the limit; of a change a rise becomes a fall, so that its limit has the other sign."""
    if edge == "either":
        return {"edge": None}
    way = "above" if edge in ("above", "at_least") else "below"
    value = body.get("value")
    if body["when"] != "change" or value is None or way == rule_draft.side_of(body).way:
        return {"edge": edge}
    return {"edge": edge, "value": -value}


def _value(form: Form) -> None:
    body = form.body
    is_unusual = body["when"] == "unusual"
    sign = -1 if body["when"] == "change" and rule_draft.side_of(body).way == "below" else 1
    most = rule_draft.most(body)
    rule_form.number(
        form,
        "value",
        f"Limit, {form.words.typed_in(body)}",
        least=0.1 if is_unusual else None if body["when"] == "change" or most is None else 0.0,
        most=most,
        sign=sign,
        placeholder=f"{DEVIATIONS:g}, as usual" if is_unusual else "a number",
        help="Robust standard deviations of its own history: 3.5 is usual, more is rarer" if is_unusual else _TYPED,
    )


_TYPED = "Shares in percent, money in plain numbers such as 250000"


def _figure_of(form: Form) -> None:
    body = form.body
    now = body.get("of", "attention")
    offered = rule_draft.edges_of(body["when"], body["metric"])
    options = {name: FIGURES[name].lower() for name in dict.fromkeys([*offered, now])}
    rule_form.select(form, "of", "Which figure of it", options, "attention")


def _margin(form: Form) -> None:
    rule_form.number(
        form,
        "margin",
        f"Ends with a margin of, {form.words.typed_in(form.body)}",
        least=0.0,
        placeholder=f"{MARGIN * 100:g} % of the limit",
        help="So far the number must come back within the limit before an alert ends: it does not flap",
    )


def _least(form: Form) -> None:
    rule_form.number(
        form,
        "least",
        f"Only where at least so much is open, {form.words.currency}",
        least=0.0,
        placeholder="any amount",
        help="Keeps small groups from raising alerts about little money. Plain numbers, such as 250000",
    )


# --- who is told --------------------------------------------------------------------------------------------------


def _severity(form: Form) -> None:
    body = form.body
    st.segmented_control(
        "Severity",
        list(SEVERITIES),
        key=form.show("severity", body.get("severity", "watch")),
        format_func=lambda name: SEVERITIES[name][0],
        on_change=form.chosen("severity"),
        required=True,
        help="Act where somebody must, Watch to keep an eye on it, Info for what is only worth knowing",
    )


def _owner(form: Form) -> None:
    body, owners = form.body, list(store.settings().alerts.owners)
    own, by = body.get("owner", ""), body.get("owner_by", "")
    # The first owner takes what is nobody's, named or not.
    first = own if owners and own == owners[0] else ""
    called = {first: called_owner(owners[0]) if owners else "Nobody", **{key: called_owner(key) for key in owners[1:]}}
    called.setdefault(own, called_owner(own))
    names = {name: form.words.label(name) if name else "nobody" for name in ("", *dimensions(form.book), by)}
    left, right = st.columns(2, gap="small")
    with left:
        rule_form.select(form, "owner", "Owner", called, "")
    with right:
        rule_form.select(
            form,
            "owner_by",
            "Or whoever is named by",
            names,
            "",
            help="Such as the collector: the alert goes to the owner of that name, else to the owner beside this",
        )


_PLACES = (
    "{who} whom it is about · {metric} · {value} now · {limit} · {change} against {from}, the value that would be no "
    "news · {since} when it went beyond · {money} at stake · {day}"
)


def _message(form: Form) -> None:
    st.text_area(
        "Message",
        key=form.show("message", form.body.get("message", "")),
        on_change=form.chosen("message"),
        placeholder="The product writes the sentence itself",
        max_chars=400,
        height=70,
        help="Your own sentence instead of the product's. What stands in braces is filled in, as listed below.",
    )
    if form.body.get("message"):
        st.caption(prose(f"Filled in: {_PLACES}"))
    rule_form.text(form, "note", "Note", "Why the rule is there, or what to do about it", most=400)
