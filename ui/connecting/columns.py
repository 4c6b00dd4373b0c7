"""The third step: which column is what, what its values mean, and how text is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import partial

import polars as pl
import streamlit as st

from data_sources import suggestions
from data_sources.table_mapping import MOST_KINDS, NUMBERS, formats
from ledger.behaviour import BEHAVIOUR
from ledger.cast import PLAIN
from ledger.schema import TABLES, Column, Kind, SettledBy, Type
from metrics import text
from ui import controls, store
from ui.connecting import fields
from ui.connecting.tables import LABELS, NEEDED
from ui.connecting.writing import ABSENT, SAME, Columns, Writing, tried
from ui.markdown import prose

TABLE = "connect_table"
_PARTS_OF_DATES = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%d": "DD", "%b": "Mon", "%B": "Month", "%T": "hh:mm:ss"}
_NEEDED, _ASSUMED = " :small[:gray[needed]]", " :orange-badge[assumed]"
_BY_HAND = "The SELECT is written by hand."
_KINDS = {"documents": [str(kind) for kind in Kind], "settlements": [str(kind) for kind in SettledBy]}


def draw(writing: Writing) -> None:
    """One canonical table at a time; beside it the SELECT that comes of it, and how text is read."""
    names = {LABELS[table][0]: table for table in LABELS if _is_used(writing, table)}
    label = controls.segmented("Table", list(names), key=TABLE, default=next(iter(names)))
    table = names[label]
    left, right = st.columns([3, 2], gap="medium")
    chosen = tried(lambda: writing.columns(table))
    if isinstance(chosen, str):
        st.error(prose(chosen), icon=":material/error:")
        return
    with left, st.container(border=True, gap="small", key=f"connect_columns_{table}"):
        st.caption(prose(LABELS[table][1]))
        if chosen.by_hand:
            chosen.sql = fields.area("SELECT", chosen.sql, key=f"connect_sql_{table}", height=420)
        elif chosen.raw:
            _columns(writing, table, chosen)
        else:
            st.info("No table was chosen for this in the step before. Choose one, or write the SELECT by hand.")
    with right:
        _formats(writing)
        _sql(writing, table, chosen)


def missing(writing: Writing) -> list[str]:
    """What must still be said, a sentence each."""
    told: list[str] = []
    for table in NEEDED:
        chosen = writing.tables.get(table, Columns())
        if not writing.select(table).strip():
            told.append(f"{LABELS[table][0]}: choose a table, or write the SELECT.")
        elif not chosen.by_hand and (absent := chosen.missing(table)):
            told.append(f"{LABELS[table][0]}: {text.listed(absent)} must come from somewhere.")
    return told


def _is_used(writing: Writing, table: str) -> bool:
    return table in NEEDED or bool(writing.tables.get(table, Columns()).raw)


def _columns(writing: Writing, table: str, chosen: Columns) -> None:
    rows = writing.rows(chosen.raw)
    own = {BEHAVIOUR, *TABLES["customers"].names, *TABLES["documents"].names}
    dimensions = [name for name in store.settings().dimensions if name not in own]
    further = [Column(name) for name in dimensions] if table in ("customers", "documents") else []
    beside_kind = st.empty()
    for column in (*TABLES[table].columns, *further):
        # The company's own dimensions stand on either table: they are asked for where they are.
        if column in further and table == "documents" and column.name not in chosen.columns:
            continue
        _column(table, column, chosen, rows)
        if column.name == "kind":
            beside_kind = st.container()
    if table in _KINDS:
        # Last, because the signs depend on the amount that was chosen.
        with beside_kind:
            _kinds(writing, table, chosen)


def _kinds(writing: Writing, table: str, chosen: Columns) -> None:
    """What the values of the chosen column of kinds mean; suggested where it is another one than before."""
    raw = writing.raw(chosen.raw)
    with st.spinner("Looking which kinds there are"):
        anew = chosen.suggest_meanings(table, raw)
    if not (kind := chosen.columns.get("kind")):
        return
    found = raw.values(kind)
    if anew:
        # What is shown of an answer is remembered by its field, and this is another question.
        for key in [*(_meaning_key(table, chosen, value) for value in found), _sign_key(chosen)]:
            st.session_state.pop(key, None)
    _meanings(table, chosen, found)


def _column(table: str, column: Column, chosen: Columns, rows: pl.DataFrame) -> None:
    key = f"connect_{table}_{chosen.raw}_{column.name}"
    name, which, sample = st.columns([2, 3, 3], gap="small", vertical_alignment="center")
    marks = f"{_NEEDED if column.required else ''}{_ASSUMED if chosen.is_assumed(column.name) else ''}"
    name.markdown(f"`{column.name}`{marks}")
    options = [ABSENT, SAME, *rows.columns]
    constant, raw = chosen.constants.get(column.name), chosen.columns.get(column.name)
    st.session_state.setdefault(key, SAME if constant is not None else raw or ABSENT)
    said = str(which.selectbox(column.name, options, key=key, label_visibility="collapsed"))
    chosen.columns.pop(column.name, None)
    if said == SAME:
        with sample:
            fields.text(column.name, chosen.constants, column.name, key=f"{key}_same", label_visibility="collapsed")
        return
    chosen.constants.pop(column.name, None)
    if said != ABSENT:
        chosen.columns[column.name] = said
        sample.caption(prose(" · ".join(text.name(one) for one in suggestions.values(rows[said])[:3]) or "no values"))


def _meanings(table: str, chosen: Columns, found: Sequence[str]) -> None:
    """What each kind of document or settlement is called in the source."""
    with st.container(border=True, gap="xsmall", key=f"connect_meanings_{table}"):
        st.caption("What each value means. One that is left as it is stands in quarantine, by its name.")
        if len(found) >= MOST_KINDS:
            st.warning(f"There are more than {MOST_KINDS - 1} values, too many for kinds: is it another column?")
        for value in found:
            label, which = st.columns([2, 3], gap="small", vertical_alignment="center")
            label.markdown(prose(value))
            with which:
                fields.choice(
                    value,
                    ["As it is", *_KINDS[table]],
                    chosen.meanings,
                    value,
                    key=_meaning_key(table, chosen, value),
                    label_visibility="collapsed",
                )
        if table == "documents":
            _signs(chosen, found)


def _signs(chosen: Columns, found: Sequence[str]) -> None:
    """Which kinds lower what a customer owes, and are written without a minus."""
    lowers = suggestions.lowering(chosen.meanings, found)
    key = _sign_key(chosen)
    st.session_state.setdefault(key, bool(chosen.negative))
    turned = st.toggle(
        "Credit memos and payments are written without a minus",
        key=key,
        disabled=not lowers,
        help="What lowers a customer's debt is negative here. Amounts that have a minus already are left as they are.",
    )
    chosen.negative = lowers if turned else []


def _meaning_key(table: str, chosen: Columns, value: str) -> str:
    return f"connect_{table}_{chosen.raw}_kind_{value}"


def _sign_key(chosen: Columns) -> str:
    return f"connect_negative_{chosen.raw}"


def _formats(writing: Writing) -> None:
    """How text is read, suggested from the dates and numbers of the chosen columns."""
    for table in NEEDED:
        tried(partial(writing.columns, table))
    dates, numbers = _texts(writing, {Type.DATE}), _texts(writing, NUMBERS)
    with st.container(border=True, gap="small", key="connect_formats"):
        st.markdown("**How text is written**")
        if not dates and not numbers:
            st.caption("The source gives dates and numbers as such: nothing is to be said.")
            writing.formats.clear()
            return
        source = repr(writing.draft(mapped=False))
        if writing.formats_of != source:
            # Once a source: what a person then chooses is not undone.
            writing.formats, writing.formats_of = formats(dates, numbers), source
            for key in ("connect_date", "connect_decimal", "connect_thousands"):
                st.session_state.pop(key, None)
        if dates:
            _dates(writing, dates)
        if numbers:
            _numbers(writing, numbers)


def _dates(writing: Writing, told: Sequence[str]) -> None:
    options = [PLAIN.date, *(one for one in suggestions.DATES if one != PLAIN.date)]
    fields.choice(
        "Dates",
        options,
        writing.formats,
        "date",
        key="connect_date",
        format_func=_date_label,
        help=f"Such as {told[0]}",
    )
    found = suggestions.dates(told)
    if not found:
        st.warning(prose(f"No usual way to write dates reads them all, such as '{told[0]}'."))
    elif len(found) > 1:
        readings = text.listed([_date_label(one) for one in found[:3]])
        st.warning(prose(f"'{told[0]}' can be read as {readings}: make sure which it is."))
    elif writing.formats.get("date", PLAIN.date) not in found:
        st.warning(prose(f"'{told[0]}' is not written like that."))


def _date_label(pattern: str) -> str:
    """A format of dates as people say it, such as ``DD.MM.YYYY``."""
    return re.sub(r"%.", lambda code: _PARTS_OF_DATES.get(code.group(), code.group()), pattern)


def _numbers(writing: Writing, told: Sequence[str]) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        fields.choice("Decimal sign", [".", ","], writing.formats, "decimal", key="connect_decimal")
    with right:
        signs = ["none", ".", ",", " ", "'", "\u00a0"]
        fields.choice("Between thousands", signs, writing.formats, "thousands", key="connect_thousands")
    found = suggestions.numbers(told)
    if not found:
        st.warning(prose(f"Not every value of the amounts is a number, such as '{told[0]}'."))
    elif len(found) > 1:
        st.warning(prose(f"'{told[0]}' can be read in two ways: make sure which it is."))
    elif _style(writing) not in found:
        st.warning(prose(f"'{told[0]}' is not written like that."))


def _style(writing: Writing) -> tuple[str, str]:
    return writing.formats.get("decimal", PLAIN.decimal), writing.formats.get("thousands", PLAIN.thousands)


def _texts(writing: Writing, types: Collection[Type]) -> list[str]:
    """The values of the chosen columns of some types, where they are text."""
    told: list[str] = []
    for table in list(writing.tables):
        one = tried(partial(writing.columns, table))
        if isinstance(one, str) or not one.raw or one.by_hand:
            continue
        rows = tried(partial(writing.rows, one.raw))
        told += [] if isinstance(rows, str) else one.texts(table, rows, types)
    return told


def _sql(writing: Writing, table: str, chosen: Columns) -> None:
    with st.container(border=True, gap="small", key=f"connect_select_{table}"):
        st.markdown("**The SELECT that comes of it**")
        key = f"connect_by_hand_{table}"
        st.session_state.setdefault(key, chosen.by_hand)
        by_hand = st.toggle(
            "Write it by hand", key=key, help="For joins, several tables, and anything else SQL can say."
        )
        if by_hand and not chosen.by_hand:
            chosen.sql = chosen.sql or writing.select(table)
        if by_hand != chosen.by_hand:
            chosen.by_hand = by_hand
            st.rerun()
        if chosen.by_hand:
            st.caption(_BY_HAND)
        elif written := writing.select(table):
            st.code(written, language="sql", wrap_lines=True)
