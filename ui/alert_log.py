"""What happened to alerts, and what was asked, told and delivered: the history and the log of deliveries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import polars as pl
import streamlit as st

from alerts.delivery import Post, deliver, sender_of
from briefing.view import View
from config.advice import command
from ledger.errors import OutstandingError
from metrics import text
from state.alert_records import Alert, Event, Message, RuleRun, Run
from ui import address, cards, controls, reader, store
from ui.alert import happened, picture
from ui.alerts import ALERT, RULE, SHOW, called_owner, person
from ui.markdown import prose

PERSON, RUN, MESSAGE = "alerts_person", "alerts_run", "alerts_message"

_MOST_EVENTS, _MOST_RUNS, _MOST_MESSAGES = 5_000, 200, 500
_SEEN = 14
"""Rows of a table in sight."""

_ALL = "All"
_TOLD = "_alert_log_told"

_BY = {"refresh": "a refresh", "command": "the command line", "page": "this page"}

_STATUS = {
    "waiting": "waiting",
    "sending": "on its way",
    "sent": "sent",
    "failed": "not delivered",
    "unknown": "may have arrived",
}

# --- history ------------------------------------------------------------------------------------------------------


def draw_history(view: View) -> None:
    """Every event, the newest first; a click opens its alert."""
    alerting = store.state().alerting
    events = alerting.recent_events(_MOST_EVENTS)
    known = {each.id: each for each in alerting.alerts()}
    if not events:
        st.info("Nothing has happened yet: no alert was ever raised.", icon=":material/history:")
        return
    rule, who = _choices(events, known)
    chosen = [each for each in events if _matches(each, known, rule, who)]
    shown = _event_rows(chosen, known)
    with st.container(border=True, gap="xsmall", key="card_alert_history"):
        counted = text.count(len(chosen), "event")
        cut = f", the newest {_MOST_EVENTS:,}" if len(events) == _MOST_EVENTS else ""
        st.markdown(f"**{prose(f'{counted}{cut}: who did what, and when')}**")
        st.caption("Newest first, times in UTC. Click a row for the alert.")
        st.dataframe(
            shown,
            hide_index=True,
            placeholder="",
            column_config={
                "At": st.column_config.DatetimeColumn("At", format="YYYY-MM-DD HH:mm"),
                # Together they fit a laptop: a column at the end that is cut off is not looked for.
                "Who": st.column_config.TextColumn("Who", width=110),
                "What": st.column_config.TextColumn("What", width=400),
                "Alert": st.column_config.TextColumn("Alert", width=190),
                "Rule": st.column_config.TextColumn("Rule", width=210),
            },
            key="alert_events",
            on_select=_opener("alert_events", [each.alert for each in chosen]),
            selection_mode="single-cell",
            height=cards.table_height(len(chosen), _SEEN),
            alt="What happened to alerts, one row an event",
        )
        # Whoever reads the file is not who downloads it: "you" would be somebody else.
        told = shown.with_columns(Who=pl.Series([text.name(each.who, _RUN) for each in chosen], dtype=pl.String))
        cards.table(told, "alert_history", view, key="alert_history")


def _choices(events: Sequence[Event], known: Mapping[str, Alert]) -> tuple[str, str]:
    titles = {each.rule: text.name(each.title) for each in known.values()}
    rules = [_ALL, *sorted(titles, key=lambda rule: titles[rule].casefold())]
    people = {_ALL: _ALL, **{name or _NOBODY: person(name) for name in sorted({each.who for each in events})}}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        rule = controls.select(
            "Rule", rules, key=RULE, default=_ALL, format_func=lambda rule: titles.get(rule, rule), width=280
        )
        who = controls.select(
            "Who",
            list(people),
            key=PERSON,
            default=_ALL,
            format_func=lambda name: people.get(name, name),
            width=240,
        )
    return rule, "" if who == _NOBODY else who


_NOBODY, _RUN = "-", "the run"
"""The run, which has no name, in the address and in words."""


def _matches(event: Event, known: Mapping[str, Alert], rule: str, who: str) -> bool:
    alert = known.get(event.alert)
    return (rule == _ALL or (alert is not None and alert.rule == rule)) and who in (_ALL, event.who)


def _event_rows(events: Sequence[Event], known: Mapping[str, Alert]) -> pl.DataFrame:
    rows = [
        {
            "At": each.at.astimezone(UTC).replace(tzinfo=None),
            "Who": person(each.who),
            "What": happened(each),
            "Alert": text.name(alert.who) if alert else "",
            "Rule": text.name(alert.title) if alert else "",
            "Severity": alert.severity.capitalize() if alert else "",
        }
        for each in events
        for alert in (known.get(each.alert),)
    ]
    schema = {"At": pl.Datetime, **dict.fromkeys(("Who", "What", "Alert", "Rule", "Severity"), pl.String)}
    return pl.DataFrame(rows, schema=schema)


def _opener(key: str, ids: Sequence[str]) -> Callable[[], None]:
    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < len(ids):
            address.put({SHOW: None, ALERT: ids[cells[0][0]], RULE: None, PERSON: None})

    return picked


# --- runs ---------------------------------------------------------------------------------------------------------


def draw_deliveries(view: View) -> None:
    """Each time the rules were asked, and each message."""
    runs = store.state().alerting.runs(_MOST_RUNS)
    messages = store.state().outbox.messages(_MOST_MESSAGES)
    _tell()
    _draw_runs(runs, view)
    _draw_send()
    _draw_messages(messages, view)


def _draw_runs(runs: Sequence[Run], view: View) -> None:
    with st.container(border=True, gap="xsmall", key="card_alert_runs"):
        if not runs:
            st.markdown("**The rules have not been asked yet**")
            st.caption(f"Each refresh asks them, and so does `{command('alerts run')}`")
            return
        st.markdown(f"**{prose(_runs_finding(runs[0]))}**")
        st.caption("Newest first, times in UTC. Click a row for what came of each rule.")
        rows = _run_rows(runs)
        st.dataframe(
            rows,
            hide_index=True,
            placeholder="",
            column_config={
                **cards.columns(rows),
                "At": st.column_config.DatetimeColumn("At", format="YYYY-MM-DD HH:mm"),
                "Raised": _RAISED,
                "Result": st.column_config.TextColumn("Result", width="large"),
            },
            key="alert_runs",
            on_select=_picker("alert_runs", RUN, [run.id for run in runs]),
            selection_mode="single-cell",
            height=cards.table_height(len(runs), 6),
            alt="Each time the rules were asked, one row a run",
        )
        chosen = next((run for run in runs if run.id == address.value(RUN)), None)
        if chosen is not None:
            _draw_run(chosen, view)


_RAISED = st.column_config.NumberColumn(
    "Raised", format="%,d", help="With those that are the same money as another, which the result does not count"
)


def _runs_finding(run: Run) -> str:
    if run.outcome == "failed":
        return f"The last time, the rules could not be asked: {run.words}"
    broken = sum(bool(rule.problem) for rule in run.rules)
    fired = sum(rule.breached > 0 for rule in run.rules)
    problem = f"; {text.count(broken, 'rule')} could not be asked" if broken else ""
    return f"The last time, {fired} of {text.count(len(run.rules), 'rule')} found something beyond a limit{problem}"


def _run_rows(runs: Sequence[Run]) -> pl.DataFrame:
    rows = [
        {
            "At": run.finished_at.astimezone(UTC).replace(tzinfo=None),
            "By": _BY.get(run.by, run.by),
            "Data to": run.day,
            "Snapshot": run.snapshot,
            "Rules": len(run.rules),
            "Fired": sum(rule.breached > 0 for rule in run.rules),
            "Raised": sum(rule.opened for rule in run.rules),
            "Resolved": sum(rule.resolved for rule in run.rules),
            "Result": text.name(run.words, run.outcome),
        }
        for run in runs
    ]
    counts = dict.fromkeys(("Rules", "Fired", "Raised", "Resolved"), pl.Int64)
    words = dict.fromkeys(("By", "Snapshot", "Result"), pl.String)
    schema = {"At": pl.Datetime, "Data to": pl.Date, **counts, **words}
    return pl.DataFrame(rows, schema={name: schema[name] for name in rows[0]})


def _draw_run(run: Run, view: View) -> None:
    """What came of each rule in one run: those with a problem first, then those that fired."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        seconds = (run.finished_at - run.started_at).total_seconds()
        took = f"{text.moment(run.finished_at)} UTC, by {_BY.get(run.by, run.by)}, in {seconds:.1f}{text.NBSP}s"
        st.markdown(f"**{prose(took)}**", width="stretch")
        st.button(
            "Close", key="alert_run_close", type="tertiary", icon=":material/close:",
            on_click=address.put, args=({RUN: None},),
        )  # fmt: skip
    ordered = sorted(run.rules, key=lambda rule: (not rule.problem, rule.breached == 0, rule.title.casefold()))
    for rule in (rule for rule in ordered if rule.problem):
        st.warning(prose(f"{text.name(rule.title)}: {rule.problem}"), icon=":material/rule:")
    if not ordered:
        st.caption("No rule was asked.")
        return
    rows = pl.DataFrame([_rule_row(rule) for rule in ordered])
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="",
        column_config={**cards.columns(rows), "Raised": _RAISED},
        key="alert_run_rules",
        height=cards.table_height(rows.height, 12),
        alt="What came of each rule",
    )
    cards.table(rows, f"alert_run_{run.id}", view, key="alert_run_rules")


def _rule_row(rule: RuleRun) -> dict[str, str | int]:
    fired = "could not be asked" if rule.problem else "fired" if rule.breached else "did not fire"
    return {
        "Rule": text.name(rule.title),
        "Fired or not": fired,
        "Judged": rule.judged,
        "Beyond the limit": rule.breached,
        "Raised": rule.opened,
        "Resolved": rule.resolved,
    }


# --- sending ------------------------------------------------------------------------------------------------------


def _draw_send() -> None:
    """The button that hands over what waits; only where there is a way to send anything."""
    chosen = store.settings().alerts
    if not chosen.channels:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", horizontal_alignment="right"):
        st.caption(f"What is new goes out after each refresh, and by `{command('alerts send')}`", width="content")
        if st.button("Send what is due now", key="alerts_send", icon=":material/send:"):
            with st.spinner("Sending"):
                st.session_state[_TOLD] = _sent()
            st.rerun()


def _sent() -> str:
    """Hand over everything that is due; what came of it, in a sentence."""
    state, settings = store.state(), store.settings()
    sender = sender_of(state, settings.company)
    try:
        done = deliver(state, Post(settings.alerts, sender, draw=picture))
    except OutstandingError as error:
        return str(error)
    counts = {"sent": done.sent, "to be tried again": done.waiting, "given up": done.failed}
    said = [f"{text.count(count, 'message')} {what}" for what, count in counts.items() if count]
    return f"{text.listed(said)}." if said else "Nothing was due."


# --- messages -----------------------------------------------------------------------------------------------------


def _draw_messages(messages: Sequence[Message], view: View) -> None:
    with st.container(border=True, gap="xsmall", key="card_alert_messages"):
        if not messages:
            st.markdown("**Nothing has been sent yet**")
            st.caption(prose(_why_nothing()))
            return
        st.markdown(f"**{prose(_messages_finding(messages))}**")
        st.caption("Newest first, times in UTC. Click a row to read the message.")
        rows = _message_rows(messages)
        st.dataframe(
            rows,
            hide_index=True,
            placeholder="",
            column_config={
                **cards.columns(rows),
                **{
                    name: st.column_config.DatetimeColumn(name, format="YYYY-MM-DD HH:mm")
                    for name in ("Written", "Sent", "Next try")
                },
                "Message": st.column_config.TextColumn("Message", width=280),
                "Why not": st.column_config.TextColumn("Why not", width="large"),
            },
            key="alert_messages",
            on_select=_picker("alert_messages", MESSAGE, [message.id for message in messages]),
            selection_mode="single-cell",
            height=cards.table_height(len(messages), 8),
            alt="Messages about alerts, one row each",
        )
        cards.table(rows, "alert_messages", view, key="alert_messages")
        chosen = next((each for each in messages if each.id == address.value(MESSAGE)), None)
        if chosen is not None:
            _draw_message(chosen)


def _why_nothing() -> str:
    chosen = store.settings().alerts
    if not chosen.channels:
        return f"No channel is set in {chosen.file.name}, so alerts are read here and nowhere else."
    if not any(owner.channels for owner in chosen.owners.values()):
        return f"No owner in {chosen.file.name} has a channel, so nobody is told."
    return f"Messages go out after a refresh, or by: {command('alerts run')}"


def _messages_finding(messages: Sequence[Message]) -> str:
    counts = {status: sum(each.status == status for each in messages) for status in _STATUS}
    bad = [f"{counts[status]} {_STATUS[status]}" for status in ("failed", "unknown") if counts[status]]
    said = [f"{counts[status]} {_STATUS[status]}" for status in ("waiting", "sending", "sent") if counts[status]]
    words = text.listed([*bad, *said], 5)
    return f"{text.count(len(messages), 'message')}: {words}"


def _message_rows(messages: Sequence[Message]) -> pl.DataFrame:
    rows = [
        {
            "Written": _plain(each.created_at),
            "To": called_owner(each.owner),
            "By": text.name(each.channel),
            "Kind": each.mode,
            "Message": text.name(each.subject),
            "Status": _STATUS[each.status],
            "Why not": text.name(each.error, ""),
            "Attempts": each.attempts,
            "Sent": _plain(each.sent_at),
            "Next try": _plain(each.next_try_at) if each.status == "waiting" else None,
        }
        for each in messages
    ]
    return pl.DataFrame(rows, schema_overrides={"Written": pl.Datetime, "Sent": pl.Datetime, "Next try": pl.Datetime})


def _plain(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None)


def _draw_message(message: Message) -> None:
    """One message as it was sent, why it did not arrive, and the button that sends it once more."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{prose(text.name(message.subject))}**", width="stretch")
        if message.status in ("failed", "unknown", "sent"):
            st.button(
                "Send again",
                key=f"alert_message_again_{message.id}",
                icon=":material/send:",
                help="A copy of it goes out with the next delivery",
                on_click=_again,
                args=(message.id,),
            )
        st.button(
            "Close", key="alert_message_close", type="tertiary", icon=":material/close:",
            on_click=address.put, args=({MESSAGE: None},),
        )  # fmt: skip
    st.caption(prose(_fate(message)))
    if message.repeats:
        st.caption("It repeats a message of which nobody knows whether it arrived.")
    st.code(message.text, language=None, wrap_lines=True)


def _fate(message: Message) -> str:
    to = f"To {called_owner(message.owner)} by {text.name(message.channel)}"
    tried = text.count(message.attempts, "attempt")
    why = f": {message.error}" if message.error else ""
    match message.status:
        case "sent":
            return f"{to}: sent {text.moment(message.sent_at)} UTC, {tried}"
        case "failed":
            return f"{to}: given up after {tried}{why}"
        case "unknown":
            return f"{to}: the process ended while it was handing it over, so it may have arrived{why}"
        case _:
            when = f", next try {text.moment(message.next_try_at)} UTC" if message.next_try_at else ""
            return f"{to}: {_STATUS[message.status]}{when}{why}"


def _again(id: str) -> None:
    try:
        made = store.state().outbox.again(id, datetime.now(UTC), reader.who())
    except OutstandingError as error:
        st.session_state[_TOLD] = str(error)
        return
    st.session_state[_TOLD] = f"A copy waits: it goes out with the next delivery, or by: {command('alerts send')}"
    address.put({MESSAGE: made.id})


def _tell() -> None:
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.info(prose(told), icon=":material/send:")


def _picker(key: str, parameter: str, ids: Sequence[str]) -> Callable[[], None]:
    """What a click on a row of a table does: show that row below; a click on the one that is shown closes it."""

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < len(ids):
            id = ids[cells[0][0]]
            address.put({parameter: None if id == address.value(parameter) else id})

    return picked
