"""The history of alerts and the log of runs and messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from metrics import text
from state.alert_records import NewMessage, Notice
from tests.app.alerted import PAGE, press, raised, tables, words
from ui import alert_log, alerts, reader

# --- history and deliveries ---------------------------------------------------------------------------------------


def test_the_history_has_every_event_and_can_be_narrowed(opened, asked):
    (dso,) = raised(asked, "company-dso")
    press(opened(PAGE, alert=dso.id), "alert_acknowledge")
    app = opened(PAGE, alerts_show="history")
    (rows,) = tables(app)
    assert len(rows) == len(asked.alerting.recent_events(1_000))
    assert rows[0]["What"] == "acknowledged it"
    (by_rule,) = tables(opened(PAGE, alerts_show="history", alerts_rule="company-dso"))
    assert {row["Rule"] for row in by_rule} == {"DSO is long"}
    (by_person,) = tables(opened(PAGE, alerts_show="history", alerts_person=reader.LOCAL))
    assert [row["What"] for row in by_person] == ["acknowledged it"]
    (by_run,) = tables(opened(PAGE, alerts_show="history", alerts_person="-"))
    assert len(by_run) == len(rows) - 1


@pytest.fixture
def put(monkeypatch):
    """What callbacks write into the address."""
    written = []
    monkeypatch.setattr(alert_log.address, "put", written.append)
    return written


def clicked(monkeypatch, key, *cells):
    monkeypatch.setattr(alert_log.st, "session_state", {key: {"selection": {"cells": list(cells)}}})


def test_a_click_in_the_history_opens_the_alert(monkeypatch, put):
    clicked(monkeypatch, "alert_events", (1, "What"))
    alert_log._opener("alert_events", ["one", "two"])()
    assert put == [{"alerts_show": None, "alert": "two", "alerts_rule": None, "alerts_person": None}]


@pytest.mark.parametrize("cells", [[], [(2, "What")]])
def test_a_click_on_no_row_changes_nothing(monkeypatch, put, cells):
    clicked(monkeypatch, "alert_runs", *cells)
    alert_log._opener("alert_runs", ["one", "two"])()
    alert_log._picker("alert_runs", "alerts_run", ["one", "two"])()
    assert not put


def test_a_second_click_closes_what_the_first_has_opened(monkeypatch, put):
    clicked(monkeypatch, "alert_runs", (0, "At"))
    for shown in ("", "one"):
        monkeypatch.setattr(alert_log.address, "value", lambda _key, shown=shown: shown)
        alert_log._picker("alert_runs", "alerts_run", ["one"])()
    assert put == [{"alerts_run": "one"}, {"alerts_run": None}]


def delivered(state, *fates):
    """Messages of one alert, one a fate: ``sent``, ``failed`` for good or ``retry``."""
    now = datetime.now(UTC)
    (dso,) = raised(state, "company-dso")
    with state.alerting.desk() as desk:
        told = Notice(
            id=desk.new_id(),
            alert=dso.id,
            kind="opened",
            owner="cfo",
            mode="immediate",
            created_at=now,
            due_at=now,
        )
        desk.post(told)

    def write(notices):
        return [
            NewMessage(
                owner="cfo", channel=f"{fate}-channel", mode="immediate", subject=f"<b>{fate}</b>",
                text="**what** it says", html="", notices=tuple(notice.id for notice in notices),
            )
            for fate in fates
        ]  # fmt: skip

    state.outbox.compose(now, write)
    for fate in fates:
        message = state.outbox.claim(now, timedelta(minutes=1))
        state.outbox.handing(message.id, now)
        if fate == "sent":
            state.outbox.sent(message.id, now)
        else:
            later = now + timedelta(minutes=5) if fate == "retry" else None
            state.outbox.failed(message.id, now, "The server refused <it>.", later)
    return {message.channel: message for message in state.outbox.messages()}


def test_the_log_says_of_each_message_whether_it_arrived_and_why_not(opened, asked):
    delivered(asked, "sent", "failed", "retry")
    app = opened(PAGE, alerts_show="deliveries")
    assert not app.exception
    runs, messages = tables(app)
    assert [(run["By"], run["Fired"]) for run in runs] == [("the command line", 3)]
    told = {row["By"]: row for row in messages}
    assert [told[f"{fate}-channel"]["Status"] for fate in ("sent", "failed", "retry")] == [
        "sent",
        "not delivered",
        "waiting",
    ]
    assert told["failed-channel"]["Why not"] == "The server refused <it>."
    assert told["retry-channel"]["Next try"].year == datetime.now(UTC).year
    assert str(told["failed-channel"]["Next try"]) == "NaT"
    assert "1 not delivered" in words(app)


def test_a_message_is_sent_again_by_hand(opened, asked):
    messages = delivered(asked, "failed")
    (failed,) = messages.values()
    app = opened(PAGE, alerts_show="deliveries", alerts_message=failed.id)
    assert "given up after 1" in words(app).replace(text.NBSP, " ")
    app = press(app, "alert_message_again")
    assert [message.status for message in asked.outbox.messages()] == ["waiting", "failed"]
    assert app.query_params["alerts_message"] == asked.outbox.messages()[0].id


def test_each_run_says_of_each_rule_whether_it_fired(opened, asked):
    app = opened(PAGE, alerts_show="deliveries", alerts_run=asked.alerting.runs()[0].id)
    fired = {row["Rule"]: row["Fired or not"] for row in tables(app)[1]}
    assert fired["Old money"] == "did not fire"
    assert fired["DSO is long"] == "fired"


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("parameters", [{"alerts_run": "x"}, {"alerts_message": "<b>"}, {"alerts_rows": "99999999999"}])
def test_an_address_may_say_anything(opened, parameters):
    for section in alerts.Section:
        app = opened(PAGE, alerts_show=str(section), **parameters)
        assert not app.exception
        assert not app.error
