"""One alert: what happened, why, how it has been, what is the same money, who did what, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import streamlit as st

from alerts import lifecycle
from briefing.told import Standing
from briefing.view import View
from charts import Setting
from charts import alert as figures
from ledger.errors import OutstandingError
from metrics import CATALOG, text
from state.alert_records import Alert, Event, Message
from ui import address, cards, reader, store
from ui.alerts import ALERT, EDITED, PAGE, SEVERITIES, SHOW, Section, Told, called_owner, person, today
from ui.markdown import plain, prose

_TOLD = "_alert_told"
_WEEK = timedelta(days=7)
_LONGEST_SNOOZE = timedelta(days=366)

_STANDING: Mapping[Standing, tuple[str, Literal["green", "gray"]]] = {
    Standing.ACKNOWLEDGED: ("Seen to", "green"),
    Standing.SNOOZED: ("Snoozed", "gray"),
    Standing.RESOLVED: ("Resolved", "gray"),
}
"""The badge of an alert that does not wait for anybody."""

_HAPPENED = {
    "opened": "raised it",
    "reopened": "raised it again",
    "acknowledged": "acknowledged it",
    "snoozed": "snoozed it",
    "woken": "woke it",
    "worsened": "found it worse",
    "eased": "found it less severe",
    "folded": "put it inside another alert",
    "unfolded": "let it stand by itself again",
    "resolved": "ended it: within the limit",
    "closed": "closed it",
    "noted": "noted",
    "assigned": "gave it to",
}
"""What somebody did, or the run: the rest of a sentence that begins with them."""


def draw(told: Told, living: Sequence[Told], view: View) -> None:
    """The card of an alert."""
    with st.container(border=True, gap="small", key="alert_card"):
        _head(told, living)
        events = store.state().alerting.events(told.id)
        _tell()
        _actions(told, len(events))
        seen = replace(view, day=told.alert.day, currency=told.alert.currency, filters=(told.who,))
        _history(told, seen)
        _cause(told, seen)
        _same(told, living)
        _rule(told)
        _timeline(events, store.state().outbox.messages(50, alert=told.id))


def standing_words(told: Told) -> str:
    """Where it stands, and by whom."""
    kept = told.alert
    match told.standing:
        case Standing.OPEN:
            return "open"
        case Standing.ACKNOWLEDGED:
            return f"seen to by {person(kept.acknowledged_by)}" if kept.acknowledged_by else "seen to"
        case Standing.SNOOZED:
            return f"snoozed until {text.day(kept.snoozed_until)}"
        case Standing.RESOLVED:
            how = f"closed by {person(kept.closed_by)}" if kept.closed_by else "ended"
            return f"{how} {text.day(kept.resolved_at.date())}" if kept.resolved_at else how


def happened(event: Event) -> str:
    """What an event says, with its words: ``seen to: he has promised to pay``."""
    words = _HAPPENED.get(event.kind, event.kind)
    said = text.name(event.words, "")
    if not said:
        return words
    if event.kind == "resolved":
        return f"ended it: {said}"
    joint = " " if event.kind in ("snoozed", "assigned") else ": "
    return f"{words}{joint}{said}"


def picture(kept: Alert) -> bytes | None:
    """The history of an alert for a message, as a PNG; ``None`` where there is no line to draw."""
    return figures.picture(Told(kept).body.history, kept.metric, kept.who, kept.currency, kept.since)


# --- head ---------------------------------------------------------------------------------------------------------


def _head(told: Told, living: Sequence[Told]) -> None:
    kept = told.alert
    # What has ended is not urgent any more, whatever it was.
    ended = told.standing is Standing.RESOLVED
    word, colour = _STANDING[Standing.RESOLVED] if ended else SEVERITIES.get(kept.severity, SEVERITIES["info"])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", wrap=False):
        st.subheader(prose(told.body.words), anchor=False)
        with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall", width="content", wrap=False):
            if told.standing in _STANDING and not ended:
                state, shade = _STANDING[told.standing]
                st.badge(state, color=shade, width="content")
            st.badge(word, color=colour, width="content")
    facts = [
        # Of the same money there is one figure, which the other alert tells.
        told.stake if kept.under is None else "",
        f"since {text.day(kept.since)}",
        f"raised {text.moment(kept.opened_at)} UTC",
        f"{kept.times} times so far" if kept.times > 1 else "",
        f"within its limit as of {text.day(told.body.within)}" if told.body.within else "",
        f"owner: {called_owner(kept.owner)}" if kept.owner else "nobody's",
        standing_words(told) if told.standing is not Standing.OPEN else "",
    ]
    st.caption(prose(" · ".join(fact for fact in facts if fact)))
    root = next((each for each in living if each.alert.key == kept.under), None)
    if kept.under is not None:
        if root is not None:
            st.page_link(
                PAGE,
                label=f":blue[{prose(f'The same money as {root.who} →')}]",
                icon="",
                query_params={**address.here(), ALERT: [root.id]},
            )
        same = f"{text.capital(told.body.same)}. " if told.body.same else ""
        st.caption(
            prose(f"{same}The same money as another alert is not counted, and is sent only to an owner of its own.")
        )


# --- what can be done ---------------------------------------------------------------------------------------------


def _actions(told: Told, turn: int) -> None:
    """The way to the numbers, and what a person can do. ``turn`` closes what was open for the last thing done."""
    id, key = told.id, f"{told.id}_{turn}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="alert_actions"):
        st.page_link(
            told.page,
            label="Open in the dashboard",
            icon=":material/open_in_new:",
            query_params=told.parameters,
            help="The page that tells most, narrowed to what this is about, on its day",
        )
        standing = told.standing
        if standing is not Standing.RESOLVED:
            if standing is not Standing.ACKNOWLEDGED:
                _button("Acknowledge", "task_alt", _acknowledge, id, key, primary=True, about="Say that you see to it")
            else:
                _button("Take back", "undo", _reopen, id, key, about="Nobody sees to it after all")
            if standing is Standing.SNOOZED:
                _button("Wake", "alarm", _wake, id, key, about="End the snooze now")
            else:
                _snooze(id, key)
        elif told.alert.closed_by:
            _button("Reopen", "undo", _reopen, id, key, about="It was closed by hand: count it again")
        if standing is not Standing.RESOLVED and store.settings().alerts.owners:
            _assign(told, key)
        _note(id, key)
        if standing is not Standing.RESOLVED:
            _close(id, key)


def _button(
    label: str, icon: str, change: Callable[[str], object], id: str, key: str, *, about: str, primary: bool = False
) -> None:
    st.button(
        label,
        key=f"alert_{label.lower().replace(' ', '_')}_{key}",
        icon=f":material/{icon}:",
        type="primary" if primary else "secondary",
        help=about,
        on_click=_tried,
        args=(lambda: change(id), id),
    )


def _snooze(id: str, key: str) -> None:
    with st.popover("Snooze", icon=":material/snooze:", key=f"alert_snooze_{key}"):
        until, words = f"alert_until_{key}", f"alert_snooze_words_{key}"
        st.date_input(
            "Be silent until",
            value=today() + _WEEK,
            min_value=today() + timedelta(days=1),
            max_value=today() + _LONGEST_SNOOZE,
            key=until,
            help="Told again if it is still beyond its limit then, and sooner if it becomes worse.",
        )
        st.text_input("Why (others read it)", key=words, max_chars=_MOST)
        change = (lambda: _sleep(id, until, words), id)
        st.button("Snooze it", key=f"alert_snooze_it_{key}", on_click=_tried, args=change)


def _assign(told: Told, key: str) -> None:
    owners = store.settings().alerts.owners
    chosen = f"alert_owner_{key}"
    with st.popover("Assign", icon=":material/person:", key=f"alert_assign_{key}"):
        keys = list(owners)
        place = keys.index(told.alert.owner) if told.alert.owner in owners else 0
        st.selectbox(
            "Whose it is from now on", keys, place, key=chosen, format_func=lambda each: text.name(owners[each].name)
        )
        change = (lambda: _give(told.id, chosen), told.id)
        st.button("Assign it", key=f"alert_assign_it_{key}", on_click=_tried, args=change)


def _note(id: str, key: str) -> None:
    words = f"alert_note_words_{key}"
    with st.popover("Note", icon=":material/edit_note:", key=f"alert_note_{key}"):
        st.text_area("A note for whoever reads this", key=words, max_chars=_MOST)
        st.button("Save the note", key=f"alert_note_it_{key}", on_click=_tried, args=(lambda: _write(id, words), id))


def _close(id: str, key: str) -> None:
    words = f"alert_close_words_{key}"
    with st.popover("Close", icon=":material/check_circle:", key=f"alert_close_{key}"):
        st.caption(
            "It stays closed, with all that is the same money, until its number has been within the limit, "
            "or becomes more severe."
        )
        st.text_input("Why (others read it)", key=words, max_chars=_MOST)
        st.button("Close it", key=f"alert_close_it_{key}", on_click=_tried, args=(lambda: _end(id, words), id))


_MOST = 1_000
"""Letters of a note."""


def _acknowledge(id: str) -> Alert:
    return lifecycle.acknowledge(store.state(), id, reader.who())


def _reopen(id: str) -> Alert:
    return lifecycle.reopen(store.state(), id, reader.who())


def _wake(id: str) -> Alert:
    return lifecycle.wake(store.state(), id, reader.who())


def _sleep(id: str, until: str, words: str) -> Alert:
    return lifecycle.snooze(store.state(), id, reader.who(), st.session_state[until], _words(words))


def _give(id: str, owner: str) -> Alert:
    chosen = store.settings().alerts.owners
    return lifecycle.assign(store.state(), id, reader.who(), st.session_state[owner], chosen)


def _write(id: str, words: str) -> Alert:
    return lifecycle.note(store.state(), id, reader.who(), _words(words))


def _end(id: str, words: str) -> Alert:
    return lifecycle.close(store.state(), id, reader.who(), _words(words))


def _words(key: str) -> str:
    return str(st.session_state.get(key) or "").strip()


def _tried(change: Callable[[], object], id: str) -> None:
    """Make a change; what keeps it from being made is a sentence.

    The alert stays in sight, also where the list that it was the first of does not have it any more.
    """
    address.put({ALERT: id})
    try:
        change()
    except OutstandingError as error:
        st.session_state[_TOLD] = str(error)
    store.alerts_changed()


def _tell() -> None:
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.warning(prose(told), icon=":material/notifications:")


# --- what it says -------------------------------------------------------------------------------------------------


def _history(told: Told, seen: View) -> None:
    kept, points = told.alert, told.body.history
    if not points:
        return
    figure = figures.history(points, kept.metric, _setting(seen), since=kept.since, height=150)
    cards.chart(figure, seen, key=f"alert_history_{told.id}")


def _cause(told: Told, seen: View) -> None:
    """Who or what made the change: drawn where it is split, else in words."""
    kept, cause = told.alert, told.body.cause
    if cause is None:
        return
    if kept.value is None or not cause.contributors or kept.metric not in CATALOG:
        st.markdown(prose(f"{text.capital(cause.words)}."))
        return
    said = replace(cause, words=text.capital(cause.words))
    figure = figures.contributors(said, kept.metric, kept.day, kept.value, _setting(seen))
    cards.chart(figure, seen, key=f"alert_cause_{told.id}")


def _setting(seen: View) -> Setting:
    return seen.as_of(cards.theme())


def _same(told: Told, living: Sequence[Told]) -> None:
    """The alerts that are the same money, each with the reason."""
    inside = [each for each in living if each.alert.under == told.alert.key]
    if not inside:
        return
    with st.container(border=True, gap="xsmall", key="alert_same"):
        count = text.count(len(inside), "more alert")
        st.markdown(f"**{prose(f'The same money: {count}, not counted')}**")
        for each in inside:
            with st.container(gap=None, key=f"alert_same_{each.id}"):
                st.page_link(
                    PAGE,
                    label=prose(each.body.words),
                    icon="",
                    query_params={**address.here(), ALERT: [each.id]},
                )
                if each.body.same:
                    st.caption(prose(text.capital(each.body.same)))


def _rule(told: Told) -> None:
    kept, body = told.alert, told.body
    with st.container(border=True, gap="xxsmall", key="alert_rule"):
        st.page_link(
            PAGE,
            label=f"**{prose(f'Rule: {text.name(kept.title)}')}**",
            icon="",
            query_params=address.link({SHOW: Section.RULES, EDITED: kept.rule}),
        )
        if body.told:
            st.caption(prose(body.told))
        if body.note:
            st.markdown(prose(body.note))


def _timeline(events: Sequence[Event], messages: Sequence[Message]) -> None:
    """What happened, the newest first, messages among it."""
    lines = [(event.at, f"**{prose(_who(event))}** {prose(happened(event))}") for event in events]
    lines += [(message.sent_at or message.created_at, f"**{prose(_to(message))}**") for message in messages]
    if not lines:
        return
    with st.container(border=True, gap="xxsmall", key="alert_timeline"):
        st.markdown("**What happened**")
        for at, words in sorted(lines, key=lambda line: line[0], reverse=True):
            st.caption(f"{plain(text.moment(at))} UTC · {words}")


def _who(event: Event) -> str:
    name = person(event.who)
    return name[:1].upper() + name[1:]


def _to(message: Message) -> str:
    status = {
        "waiting": "waits to be sent",
        "sending": "is being sent",
        "sent": "was sent",
        "failed": "could not be sent",
        "unknown": "may have been sent",
    }[message.status]
    return f"A message to {called_owner(message.owner)} by {text.name(message.channel)} {status}"
