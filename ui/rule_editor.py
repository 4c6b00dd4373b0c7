"""One rule: its fields, beside them what it would have said, and who changed it. Nothing is kept before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from alerts.checking import Checker
from alerts.rules import told
from briefing.view import View
from config.alerts import Rule
from ledger.errors import OutstandingError
from ledger.scope import COMPANY
from metrics import text
from state.alert_records import KeptRule, RuleChange
from ui import address, reader, rule_backtest, rule_draft, rule_fields, store
from ui.alerts import EDITED, PAGE, SEVERITIES, person
from ui.markdown import prose
from ui.rule_draft import NEW, Body, Draft
from ui.rule_form import DRAFT, Form

_TOLD = "_rule_told"
_CHANGES = 50


@dataclass(frozen=True)
class Edited:
    """A rule that is open for change.

    Attributes:
        draft: what it says.
        kept: what people made of it, if anybody did.
        of_file: the file's own version; ``None`` where the file has none.
        why: why the rule as it is kept cannot be asked; empty where it can.
        taken: the ids that other rules have.
    """

    draft: Draft
    kept: KeptRule | None = None
    of_file: Body | None = None
    why: str = ""
    taken: Sequence[str] = ()


def draw(edited: Edited, form: Form, view: View) -> None:
    """The head with what can be done, the fields, and beside them the rule in words and its backtest."""
    problem, rule, asked = _checked(edited, form)
    _head(edited, form, problem, rule)
    left, right = st.columns([5, 8], gap="medium")
    with left:
        rule_fields.draw(form)
    with right:
        _in_words(edited, form, problem, rule, asked)
        # Without a title there is nothing to save, and much to see.
        if asked is not None:
            rule_backtest.draw(asked if rule is None else rule, asked, view)
        if not edited.draft.is_new:
            _history(edited, form)


def now(metric: str) -> float | None:
    """What a metric of the whole company is on the last day: near it, a limit begins."""
    day, window = store.book().last_day, store.settings().window.default
    return None if day is None else store.remembered(_now, metric, day, window)


def _now(metric: str, day: date, window: str) -> float | None:
    book = store.book()
    rows = store.evaluate((metric,), (day,), window, COMPANY)
    own = rows.filter(pl.col("currency") == book.rules.reporting_currency)["value"].drop_nulls()
    return float(own[0]) if len(own) else None


def _checked(edited: Edited, form: Form) -> tuple[str, Rule | None, Rule | None]:
    """Why the draft cannot be saved, the rule where it can be, and the rule that can be asked meanwhile."""
    checker = Checker(store.settings().alerts, form.book, form.targets)
    rule, asked = edited.draft.rule, edited.draft.asked
    if isinstance(asked, Rule) and checker.problem(asked):
        asked = None
    problem = rule if isinstance(rule, str) else _sentence(checker.problem(rule))
    return problem, rule if isinstance(rule, Rule) and not problem else None, asked if isinstance(asked, Rule) else None


def _sentence(problem: str) -> str:
    """What the checker says of a field, as a sentence about the screen."""
    return f"{problem[:1].upper()}{problem[1:]}".replace("_", " ", 1) if problem else ""


# --- head ---------------------------------------------------------------------------------------------------------


def _head(edited: Edited, form: Form, problem: str, rule: Rule | None) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small", key="rule_head"
    ):
        with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
            _name(edited)
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", width="content"):
            _save(edited, problem, rule)
            _others(edited, form)
    tell()
    if edited.why:
        st.warning(prose(edited.why), icon=":material/rule:")
    for words in edited.draft.problems:
        st.warning(prose(words), icon=":material/link_off:")


def _name(edited: Edited) -> None:
    """The way back, what the rule is called, and where it comes from."""
    draft, body = edited.draft, edited.draft.body
    st.page_link(PAGE, label=":blue[← All rules]", icon="", query_params=elsewhere())
    st.subheader(
        prose(text.name(str(body.get("title") or ""), "A new rule" if draft.is_new else draft.id)),
        anchor=False,
        width="content",
    )
    word, colour = SEVERITIES[body.get("severity", "watch")]
    st.badge(word, color=colour, width="content")
    if body.get("enabled") is False:
        st.badge("Off", color="gray", width="content")
    st.caption(prose("Not saved yet" if draft.is_new else origin(edited.kept, edited.of_file)), width="content")


def elsewhere() -> address.Parameters:
    """The address of the page without the rule that is open."""
    return {key: told for key, told in address.here().items() if key not in (EDITED, DRAFT)}


def origin(kept: KeptRule | None, of_file: Body | None) -> str:
    """Where a rule comes from."""
    if kept is None:
        return f"From {store.settings().alerts.file.name}"
    did = "Added" if of_file is None else "Changed"
    return f"{did} here by {person(kept.changed_by)}, {text.moment(kept.changed_at)} UTC"


def _save(edited: Edited, problem: str, rule: Rule | None) -> None:
    draft = edited.draft
    able = rule is not None and (draft.is_changed or bool(edited.why))
    pressed = st.button(
        "Save",
        key="rule_save",
        icon=":material/save:",
        type="primary",
        disabled=not able,
        help=problem or ("Counts from the next evaluation" if able else "Nothing is changed"),
    )
    # In the run itself and not in a callback: by now the field that was left by this very click has been written.
    if not pressed or not able or rule is None:
        return
    id = rule_draft.id_of(rule.title, edited.taken) if draft.is_new else draft.id
    if _kept(edited, id, rule.body()):
        st.session_state[_TOLD] = "Saved. It counts from the next evaluation."
        address.put({DRAFT: None, EDITED: id})
        address.settle()
        st.rerun()


def _kept(edited: Edited, id: str, body: Body) -> bool:
    """Keep a rule; one that is as the file has it needs no keeping."""
    alerting, who = store.state().alerting, reader.who()
    try:
        if edited.of_file is not None and rule_draft.normal(edited.of_file) == rule_draft.normal(body):
            alerting.restore_rule(id, who)
        else:
            alerting.keep_rule(id, body, who)
    except OutstandingError as error:
        st.error(prose(str(error)), icon=":material/error:")
        return False
    return True


def _others(edited: Edited, form: Form) -> None:
    """What else can be done with a draft, and with a rule that there is."""
    draft = edited.draft
    if draft.is_new or address.value(DRAFT):
        st.button(
            "Discard",
            key="rule_discard",
            icon=":material/undo:",
            on_click=address.put,
            args=({DRAFT: None, **({EDITED: None} if draft.is_new else {})},),
        )
    if draft.is_new:
        return
    is_on = draft.base.get("enabled", True)
    if not edited.why:
        st.button(
            "Switch off" if is_on else "Switch on",
            key="rule_switch",
            icon=":material/toggle_off:" if is_on else ":material/toggle_on:",
            on_click=_switch,
            args=(edited, not is_on),
            help="It raises nothing, and what it raised ends" if is_on else "It is asked again",
        )
    with st.popover("More", icon=":material/more_horiz:", key="rule_more"):
        _more(edited, form)


def _more(edited: Edited, form: Form) -> None:
    draft = edited.draft
    copied = {**draft.body, "title": f"{str(draft.body.get('title') or draft.id)[:108]} (copy)"}
    base = rule_draft.blank(form.book.dimensions, now)
    st.button(
        "Copy as a new rule",
        key="rule_copy",
        icon=":material/content_copy:",
        on_click=address.put,
        args=({EDITED: NEW, DRAFT: rule_draft.written(base, copied)},),
    )
    if edited.kept is not None and edited.of_file is not None:
        st.caption(prose(_undone(edited, form)))
        st.button(
            "Back to the file's version",
            key="rule_restore",
            icon=":material/settings_backup_restore:",
            on_click=restore,
            args=(draft.id,),
        )
    st.caption("Once removed, what it raised ends at the next evaluation. The list can bring it back.")
    st.button("Remove it", key="rule_remove", icon=":material/delete:", on_click=_remove, args=(draft.id,))


def _undone(edited: Edited, form: Form) -> str:
    apart = form.words.differences(edited.draft.base, edited.of_file or {})
    return f"In the file: {'; '.join(apart)}." if apart else "The file says the same."


def _tried(said: str, change: Any, *words: Any) -> None:
    """Make a change from a callback; what keeps it from being made is a sentence."""
    try:
        change(*words)
        st.session_state[_TOLD] = said
    except OutstandingError as error:
        st.session_state[_TOLD] = str(error)


def _switch(edited: Edited, on: bool) -> None:  # noqa: FBT001
    body = rule_draft.normal({**edited.draft.base, "enabled": on})
    of_file = edited.of_file
    alerting, who = store.state().alerting, reader.who()
    said = f"Switched {'on' if on else 'off'}. It counts from the next evaluation."
    if of_file is not None and rule_draft.normal(of_file) == body:
        _tried(said, alerting.restore_rule, edited.draft.id, who)
    else:
        _tried(said, alerting.keep_rule, edited.draft.id, body, who)


def restore(id: str) -> None:
    """Back to what the file says, from a callback."""
    _tried("It is as the file says again.", store.state().alerting.restore_rule, id, reader.who())
    address.put({DRAFT: None})


def _remove(id: str) -> None:
    _tried("Removed.", store.state().alerting.keep_rule, id, None, reader.who())
    address.put({DRAFT: None, EDITED: None})


def bring_back(id: str, body: Body) -> None:
    """A rule that was added here and removed, as it was, from a callback."""
    _tried("It is back.", store.state().alerting.keep_rule, id, body, reader.who())


def say(words: str) -> None:
    """Keep what came of a click for the run that follows it."""
    st.session_state[_TOLD] = words


def said() -> str:
    """What came of the last click, once; empty where there is nothing to say."""
    return str(st.session_state.pop(_TOLD, ""))


def tell() -> None:
    """Say what came of the last click, unless that is said already."""
    words = said()
    if words:
        st.info(prose(words), icon=":material/check:")


# --- in words -----------------------------------------------------------------------------------------------------


def _in_words(edited: Edited, form: Form, problem: str, rule: Rule | None, asked: Rule | None) -> None:
    """The rule as a sentence, what keeps it from being one, and what would change."""
    with st.container(border=True, gap="xxsmall", key="rule_words"):
        if problem == rule_draft.NO_TITLE and edited.draft.is_new:
            st.caption(f":material/edit: {prose(problem)}")
        elif problem:
            st.warning(prose(problem), icon=":material/rule:")
        shown = rule or asked
        if shown is not None:
            st.markdown(f"**{prose(told(shown, dict(form.book.dimensions), form.words.currency))}**")
        if rule is not None:
            for note in Checker(store.settings().alerts, form.book, form.targets).notes(rule):
                st.caption(f":material/info: {prose(_sentence(note))}")
        apart = [] if edited.draft.is_new else form.words.differences(edited.draft.base, edited.draft.body)
        if apart:
            st.caption(f"**Not saved yet.** {prose('; '.join(apart))}")


# --- who changed it -----------------------------------------------------------------------------------------------


def _history(edited: Edited, form: Form) -> None:
    changes = store.state().alerting.rule_changes(edited.draft.id, _CHANGES)
    if not changes:
        return
    with st.container(border=True, gap="xxsmall", key="rule_changes"):
        st.markdown("**Who changed it**")
        for change in changes:
            st.caption(prose(_line(change, edited, form)))


def _line(change: RuleChange, edited: Edited, form: Form) -> str:
    said = form.words.change(change, edited.of_file)
    return f"{text.moment(change.at)} UTC · {said[:1].upper()}{said[1:]}"
