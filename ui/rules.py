"""The rules that raise alerts: each in words, whose it is, where it comes from; one of them open for change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import streamlit as st

from alerts.rules import RuleSet, collected, told
from alerts.run import run
from briefing.view import View
from config.alerts import BrokenRule, Rule
from config.reading import read_toml
from ledger.book import Book
from ledger.errors import OutstandingError, did_you_mean
from metrics import CATALOG, text
from state.alert_records import KeptRule, RuleRun, Run
from ui import address, rule_draft, rule_editor, store
from ui.alerts import EDITED, PAGE, SEVERITIES, called_owner
from ui.markdown import prose
from ui.rule_draft import NEW, Body
from ui.rule_editor import Edited
from ui.rule_form import DRAFT, Form
from ui.rule_words import Words


def draw(book: Book, view: View) -> None:
    """The rule that the address asks for, else all of them."""
    alerting = store.state().alerting
    kept = {each.id: each for each in alerting.kept_rules()}
    found = collected(store.settings().alerts, list(kept.values()), book, store.targets())
    runs = alerting.runs(1)
    _pending(runs[0] if runs else None)
    edited = _edited(book, found, kept)
    if edited is None:
        _list(book, found, kept, runs[0] if runs else None)
        return
    currency = book.rules.reporting_currency
    names = dict(store.customers().select("customer_id", "label").iter_rows())
    words = Words(book.dimensions, currency, lambda customer: text.name(names.get(customer, customer)))
    rule_editor.draw(edited, Form(book, edited.draft, store.targets(), words, rule_editor.now), view)


# --- the rule that is asked for -----------------------------------------------------------------------------------


def _edited(book: Book, found: RuleSet, kept: Mapping[str, KeptRule]) -> Edited | None:
    asked, draft = address.value(EDITED), address.value(DRAFT)
    settings = store.settings().alerts
    taken = {*(rule.id for rule in found.rules), *(each.id for each in (*found.broken, *settings.broken)), *kept}
    taken |= {rule.id for rule in settings.rules}
    if not asked:
        return None
    if asked == NEW:
        return Edited(rule_draft.opened(NEW, rule_draft.blank(book.dimensions, rule_editor.now), draft), taken=[*taken])
    whole = {rule.id: rule for rule in found.rules}
    broken = {each.id: each.why for each in found.broken}
    if asked not in whole and asked not in broken:
        there = "was removed" if asked in kept else "does not exist"
        hint = did_you_mean(asked, whole)
        st.warning(prose(f"The rule '{text.name(asked[:60])}' {there}. {hint}"), icon=":material/link_off:")
        return None
    base: Body = whole[asked].body() if asked in whole else _written(asked, kept)
    if asked in broken:
        # What cannot be is not shown in fields: saving what they show mends the rule.
        base = rule_draft.mended(base, asked)
    of_file = next((rule.body() for rule in settings.rules if rule.id == asked), None)
    return Edited(rule_draft.opened(asked, base, draft), kept.get(asked), of_file, broken.get(asked, ""), [*taken])


def _written(id: str, kept: Mapping[str, KeptRule]) -> Body:
    """A rule that cannot be, as it is written: by somebody here, or in the file."""
    if id in kept:
        return kept[id].body or {}
    try:
        rules = read_toml(store.settings().alerts.file).get("rules", {})
    except OutstandingError:
        return {}
    told_there: Any = rules.get(id) if isinstance(rules, Mapping) else None
    return cast("Body", told_there) if isinstance(told_there, Mapping) else {}


# --- since the last evaluation ------------------------------------------------------------------------------------


def _pending(last: Run | None) -> None:
    """Whether rules were changed after they were asked last, and the button that asks them."""
    changes = store.state().alerting.rule_changes(limit=1)
    if not changes or (last is not None and changes[0].at <= last.started_at):
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="rules_pending"):
        told_now = rule_editor.said() or "Rules have been changed since they were asked last."
        st.markdown(f":blue[:material/pending_actions:] {prose(told_now)}", width="content")
        if st.button("Evaluate now", key="rules_evaluate", icon=":material/play_arrow:", type="tertiary"):
            with st.spinner("Asking every rule"):
                _evaluate()


def _evaluate() -> None:
    try:
        made = run(store.settings(), store.book(), store.state(), store.targets(), by="page").run
        rule_editor.say(f"{made.words[:1].upper()}{made.words[1:]}.")
    except OutstandingError as error:
        st.error(prose(str(error)), icon=":material/error:")
        return
    store.alerts_changed()
    st.rerun()


# --- all of them --------------------------------------------------------------------------------------------------


def _list(book: Book, found: RuleSet, kept: Mapping[str, KeptRule], last: Run | None) -> None:
    """Those that cannot be asked first, then those that can, then those that were removed here."""
    rule_editor.tell()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        off = len(found.rules) - len(found.asked)
        counted = [
            text.count(len(found.asked), "rule"),
            f"{off} switched off" if off else "",
            f"{len(found.broken)} cannot be asked" if found.broken else "",
        ]
        st.caption(prose(" · ".join(each for each in counted if each)), width="content")
        st.button(
            "New rule",
            key="rule_new",
            icon=":material/add:",
            type="secondary" if found.rules else "primary",
            on_click=address.put,
            args=({EDITED: NEW, DRAFT: None},),
        )
    for broken in found.broken:
        _draw_broken(broken)
    for note in found.notes:
        st.caption(f":material/info: {prose(note)}")
    if not found.rules and not found.broken:
        st.info(
            prose(f"No rule is set yet: make one here, or write it in {store.settings().alerts.file.name}."),
            icon=":material/rule:",
        )
    runs = {each.rule: each for each in last.rules} if last else {}
    alerts = store.alerts().alerts
    for rule in found.rules:
        its = _counted([each.under is None for each in alerts if each.rule == rule.id])
        _draw_rule(book, rule, kept.get(rule.id), runs.get(rule.id), its)
    _draw_removed([each for each in kept.values() if each.body is None])


def _draw_broken(broken: BrokenRule) -> None:
    with st.container(border=True, gap="xxsmall", key=f"alert_row_broken_{broken.id}"):
        st.page_link(PAGE, label=f"**{prose(broken.id)}**", icon=":material/rule:", query_params=_to(broken.id))
        st.warning(prose(f"It cannot be asked. {broken.why}"))


def _draw_rule(book: Book, rule: Rule, kept: KeptRule | None, asked: RuleRun | None, alerts: str) -> None:
    word, colour = SEVERITIES[rule.severity]
    with st.container(border=True, gap="xxsmall", key=f"alert_row_rule_{rule.id}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center", wrap=False):
            st.page_link(
                PAGE, label=f"**{prose(text.name(rule.title))}**", icon="", query_params=_to(rule.id), width="stretch"
            )
            if not rule.enabled:
                st.badge("Off", color="gray", width="content")
            st.badge(word, color=colour, width="content")
        st.caption(prose(told(rule, dict(book.dimensions), book.rules.reporting_currency)))
        facts = " · ".join(each for each in _facts(rule, kept, asked, alerts) if each)
        st.caption(prose(f"{facts[:1].upper()}{facts[1:]}"))


def _facts(rule: Rule, kept: KeptRule | None, asked: RuleRun | None, alerts: str) -> Sequence[str]:
    owners = store.settings().alerts.owners
    owner = rule.owner or next(iter(owners), "")
    by = text.name(store.book().dimensions.get(rule.owner_by, rule.owner_by)).lower()
    of_file = next((each.body() for each in store.settings().alerts.rules if each.id == rule.id), None)
    return (
        _result(rule, asked),
        alerts,
        f"owner: the {by}, else {called_owner(owner)}"
        if rule.owner_by
        else f"owner: {called_owner(owner)}"
        if owner
        else "nobody's",
        rule_editor.origin(kept, of_file),
        rule.note,
    )


def _counted(own: Sequence[bool]) -> str:
    """Alerts of a rule that have not ended: those of their own, and those that are the same money as another."""
    inside = len(own) - sum(own)
    counted = [
        *([text.count(sum(own), "alert")] if any(own) else []),
        *([f"{inside} shown inside another alert"] if inside else []),
    ]
    return text.listed(counted)


def _result(rule: Rule, asked: RuleRun | None) -> str:
    """What the last evaluation found."""
    if not rule.enabled:
        return ""
    if asked is None:
        return "not asked yet"
    if asked.problem:
        return f"could not be asked: {asked.problem}"
    if not rule.by:
        beyond = "beyond its limit" if asked.breached else "within its limit"
        return beyond if asked.judged else f"{CATALOG[rule.metric].label} could not be judged"
    return f"{asked.breached:,} of {asked.judged:,} beyond their limit"


def _draw_removed(removed: Sequence[KeptRule]) -> None:
    if not removed:
        return
    settings, alerting = store.settings().alerts, store.state().alerting
    in_file = {*(rule.id for rule in settings.rules), *(each.id for each in settings.broken)}
    with st.container(border=True, gap="xsmall", key="rules_removed"):
        st.markdown("**Removed here**")
        for each in removed:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.caption(prose(f"{each.id} · removed {text.moment(each.changed_at)} UTC"), width="content")
                if each.id in in_file:
                    back, words = rule_editor.restore, (each.id,)
                else:
                    before = next((told.before for told in alerting.rule_changes(each.id, 1)), None)
                    if before is None:
                        continue
                    back, words = rule_editor.bring_back, (each.id, before)
                st.button(
                    "Bring it back",
                    key=f"rule_back_{each.id}",
                    icon=":material/settings_backup_restore:",
                    type="tertiary",
                    on_click=back,
                    args=words,
                )


def _to(id: str) -> address.Parameters:
    return {**rule_editor.elsewhere(), EDITED: [id]}
