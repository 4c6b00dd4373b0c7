"""Alerts on the command line: asked, kept and sent, what people do about them, and what a refresh says of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import cli
from commands.alerts import alerts_command
from state import State
from tests.alerts.receivers import a_hook, free_port

PROJECT = Path(__file__).resolve().parents[2]

RULES = """
[owners.cfo]
name = "Ada Marsh"
channels = ["hook"]

[channels]
hook = "json://127.0.0.1:{port}/${{HOOK_TOKEN}}"

[rules.late]
title = "Late money"
metric = "overdue"
by = "customer"
value = 50
severity = "act"
note = "Call them."
[rules.total]
title = "Much is owed"
metric = "total_ar"
edge = "above"
value = 1_000
"""

BROKEN = """
[rules.typo]
title = "A slip"
metric = "overdoe"
value = 1
"""


@pytest.fixture
def hook(monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    with a_hook() as running:
        yield running


@pytest.fixture
def company(fresh, hook):
    """A company with rules, refreshed without asking them."""
    rules(fresh, RULES.format(port=hook.port))
    assert fresh("refresh", "--no-alerts").exit_code == 0
    return fresh


def rules(asked, text):
    (asked.company.folder / "alerts.toml").write_text(text, encoding="utf-8")


def database(asked):
    return asked.company.store.path / "state.sqlite"


def the_alert(asked):
    (alert,) = asked.rows("alerts", "list")
    return alert


def test_every_command_has_help_and_so_has_every_option():
    for name, command in alerts_command.commands.items():
        assert CliRunner().invoke(cli, ["alerts", name, "--help"]).exit_code == 0
        assert command.help, name
        assert all(each.help for each in command.params if isinstance(each, click.Option)), name
    assert "alerts" in CliRunner().invoke(cli, ["--help"]).stdout


def test_the_question_answers_and_keeps_nothing(company, hook):
    (row,) = company.rows("alerts")
    assert list(row) == [
        "severity", "rule", "who", "group", "currency", "value", "unit", "limit", "since", "money", "under", "words",
    ]  # fmt: skip
    assert (row["severity"], row["rule"], row["group"]) == ("act", "late", ["customer=C1"])
    # 100.10 less 40.00 is 60.10, all of it overdue and at stake.
    assert (row["value"], row["unit"], row["limit"], row["currency"]) == (60.10, "money", 50.0, "USD")
    assert row["money"] == pytest.approx(60.10)
    assert row["under"] is None
    assert company.csv("alerts")[0]["group"] == "customer=C1"
    assert "customer=C1" in company("alerts").stdout
    assert not database(company).exists()
    assert hook.bodies == []


def test_without_rules_there_are_no_rows(fresh):
    assert fresh("refresh").exit_code == 0
    assert fresh.rows("alerts") == []
    assert not database(fresh).exists(), "a refresh without rules makes no database"


def test_a_run_keeps_and_sends_and_the_next_one_has_nothing_new(company, hook):
    result = company("alerts", "run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "alerts       1 open, 1 new, 1 message sent"
    assert result.stdout.startswith("+ act    ")
    (body,) = hook.bodies
    assert body["title"].startswith("Act: ")
    assert "Call them." in body["message"]
    assert hook.paths == ["/t0ken"]
    again = company("alerts", "run")
    assert again.stdout == "alerts       1 open\n"
    assert len(hook.bodies) == 1


def test_a_run_can_leave_sending_to_later(company, hook):
    assert "sent" not in company("alerts", "run", "--no-send").stdout
    assert hook.bodies == []
    assert company("alerts", "send").stdout == "1 sent\n"
    assert len(hook.bodies) == 1
    assert company("alerts", "send").stdout == "0 sent\n"


def test_a_rule_that_cannot_be_is_a_note_and_stops_no_other(company, hook):
    rules(company, RULES.format(port=hook.port) + BROKEN)
    asked = company("alerts", "--format", "json")
    assert asked.exit_code == 0
    (note,) = asked.stderr.splitlines()
    assert "rules.typo" in note
    assert "did you mean 'overdue'?" in note
    ran = company("alerts", "run")
    assert ran.exit_code == 0
    assert ran.stderr.splitlines() == [note]
    assert "1 open, 1 new" in ran.stdout
    listed = {row["id"]: row for row in company.rows("alerts", "rules")}
    assert (listed["typo"]["state"], listed["late"]["state"], listed["late"]["from"]) == ("broken", "on", "file")
    assert "overdue amount of any customer" in listed["late"]["words"]
    problems = {row["rule"]: row["problem"] for row in company.rows("alerts", "log", "--of", "rules")}
    assert problems["late"] is None
    assert "overdoe" in problems["typo"]


def test_when_no_rule_can_be_asked_the_run_fails(fresh):
    assert fresh("refresh").exit_code == 0
    rules(fresh, BROKEN)
    result = fresh("alerts", "run")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "Error: No rule could be asked: the notes above say why of each."


def test_a_file_that_cannot_be_read_is_one_sentence(company):
    rules(company, "[owners.cfo\n")
    assert "alerts.toml is not valid TOML" in company.refused("alerts")
    rules(company, '[owners.cfo]\nname = "A"\nchannels = ["nowhere"]\n')
    assert "nowhere" in company.refused("alerts", "run")


def test_a_refresh_ends_with_the_alerts(fresh, hook):
    rules(fresh, RULES.format(port=hook.port))
    result = fresh("refresh")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "alerts       1 open, 1 new, 1 message sent"
    assert len(hook.bodies) == 1
    assert fresh.company.store.current() in hook.bodies[0]["message"]


def test_a_refresh_can_leave_them_out(fresh, hook):
    rules(fresh, RULES.format(port=hook.port))
    result = fresh("refresh", "--no-alerts")
    assert result.exit_code == 0
    assert "alerts" not in result.stdout
    assert not database(fresh).exists()


def test_a_refresh_succeeds_although_its_alerts_do_not(fresh, hook):
    rules(fresh, RULES.format(port=hook.port))
    fresh.company.store.path.mkdir(parents=True, exist_ok=True)
    database(fresh).write_bytes(b"this is no database" * 100)
    result = fresh("refresh")
    assert result.exit_code == 0
    assert "snapshot" in result.stdout
    (note,) = [line for line in result.stderr.splitlines() if line.startswith("Note: ")]
    assert note.startswith("Note: The snapshot is published, but the alerts were not evaluated: ")


def test_a_mistake_of_ours_does_not_cost_the_refresh(fresh, hook, monkeypatch):
    rules(fresh, RULES.format(port=hook.port))

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("commands.alert_run.run", broken)
    result = fresh("refresh")
    assert result.exit_code == 0
    assert "because of a mistake in the product" in result.stderr
    assert "Traceback" not in result.output


def test_a_message_that_is_not_taken_is_told_and_logged_without_a_secret(fresh, monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    rules(fresh, RULES.format(port=free_port()))
    result = fresh("refresh")
    assert result.exit_code == 0
    assert "1 to be tried again" in result.stdout
    assert "127.0.0.1 cannot be reached" in result.stderr
    (message,) = fresh.rows("alerts", "log", "--of", "messages")
    assert (message["status"], message["attempts"], message["channel"]) == ("waiting", 1, "hook")
    assert message["error"] == "127.0.0.1 cannot be reached."
    assert message["next_try_at"]
    assert "t0ken" not in result.output + str(message)


def test_sending_fails_when_nothing_was_taken(fresh, monkeypatch):
    monkeypatch.delenv("HOOK_TOKEN", raising=False)
    rules(fresh, RULES.format(port=free_port()))
    assert fresh("refresh", "--no-alerts").exit_code == 0
    assert fresh("alerts", "run", "--no-send").exit_code == 0
    result = fresh("alerts", "send")
    assert (result.exit_code, result.stdout) == (1, "0 sent, 1 to be tried again\n")
    note, error = result.stderr.splitlines()
    assert "HOOK_TOKEN, which is not set" in note
    assert error == "Error: No message was taken: the notes above say why of each."
    assert fresh("alerts", "send").exit_code == 0, "it is not due again yet"


def test_a_message_can_be_sent_once_more(company, hook):
    company("alerts", "run")
    (sent,) = company.rows("alerts", "log", "--of", "messages")
    assert company("alerts", "send", "--again", sent["id"]).stdout == "1 sent\n"
    first, second = hook.bodies
    assert (first["title"], first["message_id"]) == (second["title"], second["message_id"])
    assert "no longer exists" in company.refused("alerts", "send", "--again", "nothing")


def test_the_log_tells_runs(company):
    company("alerts", "run")
    company("alerts", "run")
    runs = company.rows("alerts", "log")
    assert [(run["by"], run["outcome"], run["as_of"]) for run in runs] == [("command", "applied", "2024-03-25")] * 2
    assert runs[1]["words"].replace("\u00a0", " ") == "2 rules asked: 1 alert, 1 new"
    asked = company.rows("alerts", "log", "--of", "rules")[2:]
    assert {row["rule"]: (row["beyond"], row["opened"]) for row in asked} == {"late": (1, 1), "total": (0, 0)}
    assert len(company.rows("alerts", "log", "--limit", "1")) == 1


def test_somebody_sees_to_it_and_ends_it(company):
    company("alerts", "run")
    id = the_alert(company)["id"]
    assert company("alerts", "acknowledge", id[:6], "--who", "Ada", "--note", "called").exit_code == 0
    assert (the_alert(company)["status"], the_alert(company)["acknowledged_by"]) == ("acknowledged", "Ada")
    assert company("alerts", "reopen", id).exit_code == 0
    assert the_alert(company)["status"] == "open"
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - where the books are kept
    assert company("alerts", "snooze", id, "--until", str(tomorrow)).exit_code == 0
    assert the_alert(company)["snoozed_until"] == str(tomorrow)
    assert company("alerts", "note", id, "They promised to pay").exit_code == 0
    assert company("alerts", "assign", id, "cfo").exit_code == 0
    assert company("alerts", "close", id, "--who", "Ada").exit_code == 0
    assert company.rows("alerts", "list") == []
    (ended,) = company.rows("alerts", "list", "--status", "resolved")
    assert ended["id"] == id
    assert company("alerts", "run").stdout == "alerts       0 open\n", "it stays ended"
    state = State.open(company.company.settings)
    kinds = [(event.kind, event.who) for event in state.alerting.events(id)]
    state.close()
    assert [kind for kind, _ in kinds] == [
        "opened", "acknowledged", "reopened", "snoozed", "noted", "assigned", "closed",
    ]  # fmt: skip
    assert all(who for kind, who in kinds if kind != "opened")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("acknowledge", "nobody"), "There is no alert 'nobody'"),
        (("snooze", "{id}", "--until", "2020-01-01"), "--until 2020-01-01 has passed"),
        (("assign", "{id}", "cfoo"), "did you mean 'cfo'?"),
        (("note", "{id}", "  "), "The note is empty"),
        (("backtest", "lat"), "There is no rule 'lat'; did you mean 'late'?"),
        (("test", "hok"), "has no channel 'hok'; did you mean 'hook'?"),
    ],
)
def test_a_slip_is_one_sentence(company, words, told):
    company("alerts", "run")
    id = the_alert(company)["id"]
    assert told in company.refused("alerts", *(word.replace("{id}", id) for word in words))


def test_a_backtest_says_what_a_rule_would_have_said(company):
    said = company("alerts", "backtest", "late", "--months", "2")
    assert said.exit_code == 0
    assert "it would have fired" in said.stdout.splitlines()[0]
    months = company.rows("alerts", "backtest", "late", "--months", "2", "--by-month")
    assert months[-1]["as_of"] == "2024-03-25"
    assert months[-1]["open"] == 1
    assert not database(company).exists()


def test_a_trial_message(company, hook):
    assert company("alerts", "test", "hook").stdout == "'hook' took the test message.\n"
    assert hook.bodies[0]["title"] == "Test of the receivables alerts of Test company"
    assert not database(company).exists()


def test_names_from_data_cannot_steer_the_terminal(fresh, hook):
    fresh.company.table("customers", [{"customer_id": "C1", "name": "Acme\x1b[31m\nCorp"}])
    rules(fresh, RULES.format(port=hook.port))
    assert fresh("refresh", "--no-alerts").exit_code == 0
    for words in (("alerts",), ("alerts", "run"), ("alerts", "list")):
        assert "\x1b" not in fresh(*words).output


def test_the_command_line_starts_without_the_state_database():
    """What only alerts need is loaded when they are asked for."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import cli, sys; print('sqlalchemy' in sys.modules, 'apprise' in sys.modules)"],
        cwd=PROJECT, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert loaded.stdout.strip() == "False False"


def test_the_docs_name_every_command():
    text = (PROJECT / "docs" / "alerts.md").read_text(encoding="utf-8")
    for name, command in alerts_command.commands.items():
        assert f"alerts {name}" in text, name
        for option in command.params:
            for word in getattr(option, "opts", ()):
                if word.startswith("--") and word not in ("--config", "--format", "--help"):
                    assert word in text, f"{name} {word}"
    assert re.search(r"refresh.*--no-alerts", text)
