"""Several at once, and some that are killed: one alert a key, one notice an event, each message once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest

from state import database, transactions
from tests.state.alarm_worker import ALERTS, evaluate
from tests.state.alarms import LEASE, NOON, alert, event, notice, one_each, post, retold, run
from tests.state.test_together import ROOT, _at_once
from tests.state.test_troubles import refused

LATER = NOON + LEASE


@contextmanager
def workers(home, *tasks):
    """Processes that have loaded everything and wait for the word; each task is the words of its command line."""
    command = [sys.executable, "-m", "tests.state.alarm_worker", str(home.folder / "config")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, *task], cwd=ROOT, **pipes) for task in tasks]
    try:
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n", process.communicate()
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def said_by(running, code=0):
    """Give the word; the lines of each process until its end."""
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = []
    for process in running:
        out, err = process.communicate(timeout=120)
        assert err == ""
        assert process.returncode == code
        told.append(out.splitlines())
    return told


def raised_once(keep):
    """Every alert, with its one event and its one notice."""
    found = keep.alerting.alerts()
    assert sorted(each.key for each in found) == sorted(f"alert {n}" for n in range(ALERTS))
    assert Counter(each.alert for each in keep.alerting.recent_events(1000)) == {each.id: 1 for each in found}
    given = []
    keep.outbox.compose(NOON, lambda due: given.extend(due) or [])
    assert Counter(each.alert for each in given) == {each.id: 1 for each in found}
    assert len(keep.alerting.runs(1000)) == ALERTS


def test_processes_that_evaluate_at_once_raise_each_alert_once(home):
    """They also make the database, which is not there yet."""
    with workers(home, *[["evaluate"]] * 3) as running:
        said_by(running)
    keep = home.open()
    raised_once(keep)
    keep.close()


def test_threads_that_evaluate_at_once_raise_each_alert_once(keep):
    assert _at_once([lambda: evaluate(keep)] * 4) == [None] * 4
    raised_once(keep)


def test_who_comes_second_to_the_desk_sees_what_the_first_has_kept(home, keep):
    second, seen, inside, go_on = home.open(), [], threading.Event(), threading.Event()

    def first():
        with keep.alerting.desk() as desk:
            desk.put(alert())
            inside.set()
            go_on.wait(10)
            desk.keep(run())

    def next_one():
        with second.alerting.desk() as desk:
            seen.extend([list(desk.alerts()), desk.last_applied()])

    one, other = threading.Thread(target=first), threading.Thread(target=next_one)
    one.start()
    assert inside.wait(10)
    other.start()
    other.join(0.5)
    assert seen == []
    # Who only reads does not wait, and sees nothing half done.
    assert second.alerting.alerts() == []
    go_on.set()
    one.join(30)
    other.join(30)
    assert seen == [[alert().key], run()]
    second.close()


def test_who_waits_too_long_for_the_desk_reads_why(home, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.2)
    monkeypatch.setattr(transactions, "_TURN_SECONDS", 0.2)
    keep, other = home.open(), home.open()

    def too_late():
        with other.alerting.desk():
            pytest.fail("two at one desk")

    with keep.alerting.desk() as desk:
        refused(too_late, "busy with somebody else's change", "try again")
        desk.put(alert())
    assert other.alerting.alert("a1") == alert()
    keep.close()
    other.close()


def test_people_and_a_run_lose_nothing_of_each_other(keep):
    """Both read, change and put back the same alert: at the desk, one after the other."""
    with keep.alerting.desk() as desk:
        desk.put(alert(times=0))

    def counted():
        for _ in range(15):
            with keep.alerting.desk() as desk:
                (kept,) = desk.alerts().values()
                desk.put(alert(times=kept.times + 1))

    assert _at_once([counted] * 4) == [None] * 4
    assert keep.alerting.alert("a1").times == 60


def test_messages_are_made_once_however_many_make_them(keep):
    post(keep, *(notice(f"n{n}") for n in range(20)))
    made = _at_once([lambda: keep.outbox.compose(NOON, one_each)] * 4)
    assert sorted(made) == [0, 0, 0, 20]
    assert Counter(each.subject for each in keep.outbox.messages()) == {f"n{n}": 1 for n in range(20)}


def test_processes_that_deliver_at_once_hand_each_message_over_once(home, keep):
    names = [f"n{n}" for n in range(40)]
    post(keep, *(notice(name) for name in names))
    with workers(home, *[["deliver"]] * 3) as running:
        told = said_by(running)
    assert sorted(line for lines in told for line in lines) == sorted(names)
    assert keep.outbox.counts() == {"sent": len(names)}
    assert {each.attempts for each in keep.outbox.messages()} == {1}


def test_threads_that_claim_at_once_get_each_message_once(keep):
    post(keep, *(notice(f"n{n}") for n in range(12)))
    keep.outbox.compose(NOON, one_each)

    def claimed():
        return [keep.outbox.claim(NOON, LEASE) for _ in range(4)]

    got = [each for its in _at_once([claimed] * 4) for each in its]
    assert Counter(each.subject for each in got if each) == {f"n{n}": 1 for n in range(12)}
    assert got.count(None) == 4


needs_signals = pytest.mark.skipif(os.name == "nt", reason="no process is killed by a signal there")


@needs_signals
@pytest.mark.parametrize("point", ["handing", "sent"])
def test_killed_while_it_hands_over_the_message_is_unknown_and_repeated_once(home, keep, point):
    """Before the first byte and after the last: nobody can tell the two apart afterwards."""
    post(keep, notice("n1"))
    with workers(home, ["deliver", point]) as running:
        (lines,) = said_by(running, code=-signal.SIGKILL)
    assert lines == (["n1"] if point == "sent" else [])
    (lost,) = keep.outbox.messages()
    assert lost.status == "sending"
    # Until the lease is over the process might still be at it.
    with workers(home, *[["deliver"]] * 2) as running:
        assert said_by(running) == [[], []]
    # Then two find it at once.
    other = home.open()
    found = _at_once([lambda state=state: state.outbox.recover(LATER, retold) for state in (keep, other)])
    assert sorted(len(each) for each in found) == [0, 1]
    repeat = keep.outbox.claim(LATER, LEASE)
    assert (repeat.repeats, repeat.subject) == (lost.id, "Perhaps again: n1")
    assert keep.outbox.claim(LATER, LEASE) is None
    assert keep.outbox.counts() == {"unknown": 1, "waiting": 1}
    other.close()


@needs_signals
def test_killed_before_it_hands_over_the_message_waits_and_is_sent_once(home, keep):
    post(keep, notice("n1"))
    with workers(home, ["deliver", "claimed"]) as running:
        assert said_by(running, code=-signal.SIGKILL) == [[]]
    assert keep.outbox.claim(NOON + LEASE - timedelta(seconds=1), LEASE) is None
    assert keep.outbox.recover(LATER, retold) == []
    again = keep.outbox.claim(LATER, LEASE)
    assert (again.subject, again.attempts) == ("n1", 2)
    assert len(keep.outbox.messages()) == 1


@needs_signals
def test_killed_at_the_desk_nothing_of_it_is_kept_and_the_next_one_gets_it(home, keep):
    code = (
        "import os, signal, sys\n"
        "from config.settings import load\nfrom state import State\nfrom tests.state.alarms import alert\n"
        "with State.open(load(sys.argv[1])).alerting.desk() as desk:\n"
        "    desk.put(alert())\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home.folder / "config")], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with keep.alerting.desk() as desk:
        assert desk.alerts() == {}
        desk.put(alert())


def test_rules_that_are_changed_at_once_have_a_history_without_gaps(keep):
    bodies = [{"value": n} for n in range(12)]
    _at_once([lambda body=body: keep.alerting.keep_rule("late", body, "anna") for body in bodies])
    changes = keep.alerting.rule_changes("late")
    assert len(changes) == len(bodies)
    assert [each.before for each in changes[:-1]] == [each.after for each in changes[1:]]
    assert changes[-1].before is None
    (kept,) = keep.alerting.kept_rules()
    assert kept.body == changes[0].after


def test_a_file_that_was_moved_away_is_made_anew_for_alerts_too(on_file):
    keep = on_file.open()
    on_file.file.unlink()
    with keep.alerting.desk() as desk:
        desk.put(alert())
    assert keep.alerting.alert("a1") == alert()


def test_a_server_that_goes_away_while_somebody_is_at_the_desk_is_said_and_nothing_kept(on_server, postgres):
    keep = on_server.open()

    def cut_off(then):
        with keep.alerting.desk() as desk:
            desk.put(alert())
            postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keeper'")
            then(desk)

    refused(lambda: cut_off(lambda desk: desk.note(event())), "cannot be reached")
    refused(lambda: cut_off(lambda _: None), "cannot be reached")
    with pytest.raises(ZeroDivisionError):
        cut_off(lambda _: 1 / 0)
    assert keep.alerting.alerts() == []
    keep.close()
