"""The inbox: what needs somebody, the most urgent first, with the chosen alert beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st

from alerts.run import run
from briefing.told import Standing
from briefing.view import View
from config.advice import command
from ledger.errors import OutstandingError
from metrics import text
from state.alert_records import Run
from ui import address, alert, controls, heading, store
from ui.alerts import ALERT, FOLLOW, PAGE, SEVERITIES, SHOW, Section, Told, called_owner, in_order
from ui.markdown import prose

STATUS, SEVERITY, OWNER, ROWS = "alerts_status", "alerts_severity", "alerts_owner", "alerts_rows"

_STEP = 20
"""Alerts listed at once; the reader asks for more."""

_TOLD = "_inbox_told"
_ALL = "Everybody"
_GONE = "The alert that this link names does not exist here: it was raised in another company, or its data was removed."


def follow() -> None:
    """Open the page of the alert that the address asks for, narrowed to what it is about."""
    asked = address.value(FOLLOW)
    if not asked:
        return
    try:
        found = store.state().alerting.alert(asked)
    except OutstandingError as error:
        st.warning(prose(str(error)), icon=":material/link_off:")
        return
    if found is None:
        st.warning(prose(_GONE), icon=":material/link_off:")
        return
    told = Told(found)
    st.switch_page(told.page, query_params=told.parameters)


def begin(view: View) -> Section | None:
    """The head of the page, its message and its sections; the one that is chosen.

    Nothing where the state database cannot be read: the page then says so.
    """
    try:
        told, runs = _living(), store.state().alerting.runs(1)
    except OutstandingError as error:
        heading.draw("Alerts cannot be shown", view)
        st.error(prose(str(error)), icon=":material/error:")
        return None
    last = runs[0] if runs else None
    heading.draw(message(told, last, _has_rules()), view)
    _tell()
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small", key="alerts_head"
    ):
        section = controls.segmented(
            "Part of the page",
            list(Section),
            key=SHOW,
            default=Section.INBOX,
            format_func=str.capitalize,
            width="content",
        )
        with st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", width="content"
        ):
            st.caption(prose(asked_when(last, view)), width="content")
            _draw_run(last)
    return Section(section)


def message(told: Sequence[Told], last: Run | None, has_rules: bool) -> str:  # noqa: FBT001
    """How many need somebody, and who of them stands for the most money.

    Their money is not added up: what several alerts are about overlaps.
    """
    if not has_rules and not told:
        return "No alert can be raised yet: no rule is set"
    if last is None and not told:
        return "The rules have not been asked yet"
    calling = [each for each in in_order(told) if each.calls]
    if not calling:
        return _calm(told)
    known = [each for each in calling if each.alert.money]
    first = calling[0].alert
    own = [each for each in known if (each.alert.severity, each.alert.currency) == (first.severity, first.currency)]
    most = max(own, key=lambda each: each.alert.money or 0.0, default=None)
    if len(calling) == 1:
        stake = f", {calling[0].money} at stake" if calling[0].money else ""
        return f"One alert needs someone: {calling[0].who}{stake}"
    where = f"; the most at stake is at {most.who}, {most.money}" if most else ""
    return f"{len(calling)} alerts need someone{where}"


def asked_when(last: Run | None, view: View) -> str:
    """When the rules were asked last, and of which data."""
    if last is None:
        return "Never asked"
    ago = text.ago((datetime.now(UTC) - last.finished_at).total_seconds())
    if last.outcome == "failed":
        return f"The last try {ago} ago failed: {last.words}"
    newer = " · newer data has come since" if _is_behind(last) else ""
    broken = sum(bool(rule.problem) for rule in last.rules)
    not_asked = f" · {text.count(broken, 'rule')} cannot be asked" if broken else ""
    rules = text.count(len(last.rules) - broken, "rule")
    return f"{rules} asked {ago} ago of the data to {text.day(last.day or view.day)}{not_asked}{newer}"


def draw(view: View) -> None:
    """The filters, the list, and the chosen alert beside it."""
    living = _living()
    status = _draw_status(living)
    found = _ended() if status is Standing.RESOLVED else [each for each in living if each.standing is status]
    chosen = _chosen(living)
    listed = [each for each in _filtered(found) if each.alert.under is None]
    if not listed and chosen is None:
        _empty(status, living)
        return
    # On a phone the chosen alert comes first, as it was asked for.
    with st.container(key="inbox_chosen" if chosen else "inbox_list"):
        left, right = st.columns([5, 8], gap="medium")
    shown = chosen or (listed[0] if listed else None)
    with left:
        if not listed:
            _empty(status, living)
        _draw_list(listed, living, shown)
    with right:
        if shown is not None:
            alert.draw(shown, living, view)


def _living() -> list[Told]:
    """Read for this run, past what other pages believe for some seconds: people act here."""
    return in_order(Told(each) for each in store.state().alerting.alerts(("open", "acknowledged")))


def _ended() -> list[Told]:
    """Those that have ended, the latest first."""
    found = [Told(each) for each in store.state().alerting.alerts(("resolved",))]
    return sorted(found, key=lambda each: each.alert.resolved_at or each.alert.opened_at, reverse=True)


def _chosen(living: Sequence[Told]) -> Told | None:
    asked = address.value(ALERT)
    if not asked:
        return None
    found = next((each for each in living if each.id == asked), None)
    if found is not None:
        return found
    kept = store.state().alerting.alert(asked)
    if kept is None:
        st.warning(prose(_GONE), icon=":material/link_off:")
        return None
    return Told(kept)


# --- head ---------------------------------------------------------------------------------------------------------


def _calm(told: Sequence[Told]) -> str:
    """Good news, and what of it is only good because somebody sees to it."""
    own = [each for each in told if each.alert.under is None]
    counted: Mapping[str, int] = {
        "seen to": sum(each.standing is Standing.ACKNOWLEDGED for each in own),
        "snoozed": sum(each.standing is Standing.SNOOZED for each in own),
        "for information": sum(each.standing is Standing.OPEN for each in own),
    }
    said = [f"{count} {what}" for what, count in counted.items() if count]
    return (
        f"No alert needs anyone: {text.listed(said)}" if said else "No alert is open: every number is within its limit"
    )


def _has_rules() -> bool:
    chosen = store.settings().alerts
    return bool(chosen.rules or chosen.broken or store.state().alerting.kept_rules())


def _is_behind(last: Run) -> bool:
    return bool(last.snapshot) and last.snapshot != _snapshot()


def _snapshot() -> str:
    book = store.book()
    return str(book.about.get("id") or book.fingerprint)


def _draw_run(last: Run | None) -> None:
    """The button that asks all rules of the snapshot now."""
    urgent = last is None or _is_behind(last)
    if not st.button(
        "Ask the rules now",
        key="alerts_run_now",
        icon=":material/play_arrow:",
        type="primary" if urgent else "secondary",
        help="Evaluates every rule as of the latest day. What is new is sent by the next delivery.",
        disabled=not _has_rules(),
    ):
        return
    with st.spinner("Asking every rule"):
        try:
            result = run(store.settings(), store.book(), store.state(), store.targets(), by="page")
            st.session_state[_TOLD] = f"{result.run.words[:1].upper()}{result.run.words[1:]}."
        except OutstandingError as error:
            st.session_state[_TOLD] = str(error)
    store.alerts_changed()
    st.rerun()


def _tell() -> None:
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.info(prose(told), icon=":material/notifications:")


# --- list ---------------------------------------------------------------------------------------------------------


def _draw_status(living: Sequence[Told]) -> Standing:
    """The choices of the list; returns the standing that is listed."""
    own = [each for each in living if each.alert.under is None]
    counts = {status: sum(each.standing is status for each in own) for status in Standing}

    def called(status: str) -> str:
        count = counts[Standing(status)]
        return f"{status.capitalize()} {count}" if count else status.capitalize()

    owners = {_ALL: _ALL, **{key: called_owner(key) for key in _owners(living)}}
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="alerts_choices"):
        status = controls.segmented(
            "Status", list(Standing), key=STATUS, default=Standing.OPEN, format_func=called, width="content"
        )
        controls.pills(
            "Severity", list(SEVERITIES), key=SEVERITY, format_func=lambda name: SEVERITIES[name][0], width="content"
        )
        if len(owners) > 1:
            controls.select(
                "Owner",
                list(owners),
                key=OWNER,
                default=_ALL,
                format_func=lambda key: owners.get(key, key),
                label_visibility="collapsed",
                width=190,
            )
    return Standing(status)


def _owners(living: Sequence[Told]) -> list[str]:
    known = list(store.settings().alerts.owners)
    return [*known, *sorted({each.alert.owner for each in living} - {"", *known})]


def _filtered(found: Sequence[Told]) -> list[Told]:
    severities = [name for name in address.values(SEVERITY) if name in SEVERITIES]
    owner = address.value(OWNER)
    return [
        each
        for each in found
        if (not severities or each.alert.severity in severities) and (not owner or each.alert.owner == owner)
    ]


def _draw_list(listed: Sequence[Told], living: Sequence[Told], shown: Told | None) -> None:
    same = [each.alert.under for each in living if each.alert.under]
    rows = _rows()
    with st.container(gap="xsmall", key="alert_rows"):
        for each in listed[:rows]:
            _draw_row(each, same.count(each.alert.key), is_shown=shown is not None and each.id == shown.id)
    more = len(listed) - rows
    if more > 0:
        st.button(
            f"Show {min(more, _STEP)} more of {more:,}",
            key="alerts_more",
            type="tertiary",
            on_click=address.put,
            args=({ROWS: str(rows + _STEP)},),
        )


def _rows() -> int:
    try:
        return max(_STEP, min(int(address.value(ROWS, str(_STEP))), 1_000))
    except ValueError:
        return _STEP


def _draw_row(told: Told, same: int, *, is_shown: bool) -> None:
    """One alert: how severe, who, how much; why in half a line; since when, whose, and where it stands."""
    kept = told.alert
    key = f"alert_row_{'on' if is_shown else 'off'}_{told.id}"
    with st.container(border=True, gap=None, key=key):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="xsmall", wrap=False
        ):
            st.page_link(PAGE, label=f"**{prose(told.who)}**", icon="", query_params=_with(told.id))
            word, colour = SEVERITIES.get(kept.severity, SEVERITIES["info"])
            st.badge(word, color=colour, width="content")
        st.caption(prose(" · ".join(part for part in (told.stake, told.body.brief or kept.title) if part)))
        facts = [
            f"since {text.day(kept.since)}",
            f"owner: {called_owner(kept.owner)}" if kept.owner else "",
            alert.standing_words(told) if told.standing is not Standing.OPEN else "",
            f"{same} more of the same money" if same else "",
        ]
        st.caption(prose(" · ".join(fact for fact in facts if fact)))


def _with(id: str) -> address.Parameters:
    """The address of this list with another alert chosen."""
    return {**address.here(), ALERT: [id]}


def _empty(status: Standing, living: Sequence[Told]) -> None:
    """Nothing to list: why, and what to do."""
    narrowed = address.values(SEVERITY) or address.value(OWNER)
    if narrowed and any(each.standing is status for each in living):
        st.info(f"No alert that is {status} matches: choose another severity or owner.", icon=":material/filter_alt:")
        st.button("Show all", key="alerts_all", on_click=address.put, args=({SEVERITY: None, OWNER: None},))
        return
    if not _has_rules():
        st.info(prose(_NO_RULES.format(file=store.settings().alerts.file.name)), icon=":material/rule:")
        return
    if not store.state().alerting.runs(1):
        st.info(
            f"Ask the rules now, or let the nightly refresh do it: `{command('alerts run')}`",
            icon=":material/play_arrow:",
        )
        return
    icon, words = _NOTHING[status]
    st.caption(f"{icon} {prose(words)}")


_NO_RULES = (
    "A rule says which number may not pass which limit, for whom, and who is told. Write one under Rules, "
    "or in {file} beside the other settings."
)

_NOTHING: Mapping[Standing, tuple[str, str]] = {
    Standing.OPEN: (
        ":blue[:material/check_circle:]",
        "Nothing is open. Whatever passes a limit appears here after the next refresh, once, with its cause.",
    ),
    Standing.ACKNOWLEDGED: (":material/task_alt:", "Nobody is seeing to anything: open alerts wait for somebody."),
    Standing.SNOOZED: (":material/snooze:", "Nothing sleeps."),
    Standing.RESOLVED: (":material/history:", "No alert has ended yet."),
}
