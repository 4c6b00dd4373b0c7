"""A run: what was found meets what is kept, in one transaction; what is told, to whom and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from alerts import lifecycle
from alerts import run as running
from alerts.case import Breach, Case, Evaluation, Point, Tally
from config.alerts import Rule, Severity
from config.settings import load
from ledger.errors import StateError
from state import State

DAY = date(2026, 10, 31)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

_APP = 'reporting_currency = "USD"\nsource = "books"\n[store]\npath = "{store}"\n'
_ALERTS = """
[delivery]
digest_at = "00:00"
[owners.cfo]
name = "CFO"
[owners.boss]
name = "Boss"
[owners.quiet]
name = "Quiet"
act = "never"
watch = "never"
info = "never"
resolved = "never"
"""


@pytest.fixture
def settings(tmp_path):
    folder = tmp_path / "config"
    (folder / "sources").mkdir(parents=True)
    (folder / "app.toml").write_text(_APP.format(store=(tmp_path / "data").as_posix()), encoding="utf-8")
    (folder / "alerts.toml").write_text(_ALERTS, encoding="utf-8")
    (folder / "sources" / "books.toml").write_text('kind = "files"\n[tables]\n', encoding="utf-8")
    return load(folder)


@pytest.fixture
def state(settings):
    opened = State.open(settings, lambda: NOON)
    yield opened
    opened.close()


def case(
    region: str = "EMEA", *, severity: Severity = "act", under: str | None = None, money: float = 100.0, owner="cfo"
):
    rule = Rule(id="late", title="Late", metric="overdue_share", by=("region",), value=0.3, severity=severity)
    breach = Breach(
        rule=rule,
        group=(("region", region),),
        currency="USD",
        day=DAY,
        value=0.4,
        quantity=0.4,
        limit=0.3,
        expected=0.3,
        compared=None,
        since=DAY,
        history=(Point(DAY, 0.4, 0.3),),
    )
    return Case(
        breach=breach,
        severity=severity,
        owner=owner,
        who=region,
        words=f"{region} is late",
        brief="late",
        money=money,
        cause=None,
        page="pages/receivables/segments.py",
        where=breach.group,
        under=under,
        same="as there" if under else "",
    )


def found(*cases: Case, held: frozenset[str] = frozenset(), problem: str = "", made_at: datetime | None = NOON):
    tally = Tally("late", "Late", judged=5, breached=len(cases), problem=problem)
    return Evaluation(DAY, "snapshot-1", made_at, cases, held, (tally,))


class Desk:
    """Runs with what an evaluation is told to find."""

    def __init__(self, settings, state, monkeypatch):
        self._settings, self._state = settings, state
        self.found: Any = found()
        monkeypatch.setattr(running, "evaluate", lambda *_: self.found)
        monkeypatch.setattr(running, "collected", lambda *_: SimpleNamespace(rules=(), broken=()))

    def __call__(self, evaluation: Evaluation, now: datetime = NOON):
        self.found = evaluation
        book: Any = SimpleNamespace(dimensions={"region": "Region"})
        return running.run(self._settings, book, self._state, running.Targets(), "command", now)


@pytest.fixture
def run(settings, state, monkeypatch):
    return Desk(settings, state, monkeypatch)


def kinds(result):
    return [(alert.who, what.kind) for alert, what in result.happened]


def notices(state, now=NOON + timedelta(days=400)):
    """All that waits to be told by then."""
    told = []
    state.outbox.compose(now, lambda due: told.extend(due) or [])
    return [(each.kind, each.mode, each.due_at) for each in told]


def test_raised_once_however_often_it_is_found(run, state):
    assert kinds(run(found(case()))) == [("EMEA", "opened")]
    assert kinds(run(found(case()))) == []
    assert [alert.who for alert in state.alerting.alerts(["open"])] == ["EMEA"]
    assert notices(state) == [("opened", "immediate", NOON)]


def test_held_within_the_margin_it_stays_then_ends_and_comes_again(run, state):
    key = case().key
    run(found(case()))
    assert kinds(run(found(held=frozenset({key})))) == []
    assert kinds(run(found())) == [("EMEA", "resolved")]
    assert kinds(run(found(held=frozenset({key})))) == []
    assert kinds(run(found(case()))) == [("EMEA", "reopened")]
    [alert] = state.alerting.alerts()
    assert (alert.status, alert.times) == ("open", 2)
    assert [event.kind for event in state.alerting.events(alert.id)] == ["opened", "resolved", "reopened"]


def test_a_rule_that_cannot_be_asked_leaves_its_alerts(run, state):
    run(found(case()))
    assert kinds(run(found(problem="there is no metric"))) == []
    assert [alert.status for alert in state.alerting.alerts()] == ["open"]


def test_a_rule_that_is_gone_ends_its_alerts(run, state):
    run(found(case()))
    result = run(replace(found(), tallies=()))
    assert kinds(result) == [("EMEA", "resolved")]
    assert "removed" in state.alerting.recent_events()[0].words


def test_the_same_money_is_neither_told_nor_counted(run, state):
    root = case("EMEA")
    result = run(found(root, case("Berlin", under=root.key)))
    assert [alert.who for alert in result.raised] == ["EMEA"]
    assert notices(state) == [("opened", "immediate", NOON)]
    assert [alert.who for alert in state.alerting.alerts(["open"]) if alert.under is None] == ["EMEA"]


def test_what_was_folded_is_told_when_its_cause_has_ended(run, state):
    root, part = case("EMEA"), case("Berlin", under=case("EMEA").key)
    run(found(root, part))
    result = run(found(case("Berlin")), NOON + timedelta(days=1))
    assert sorted(kinds(result)) == [("Berlin", "unfolded"), ("EMEA", "resolved")]
    assert [alert.who for alert in result.raised] == ["Berlin"]
    assert ("unfolded", "immediate", NOON + timedelta(days=1)) in notices(state)


def test_held_and_folded_under_what_ended_it_stands_by_itself_in_silence(run, state):
    root, part = case("EMEA"), case("Berlin", under=case("EMEA").key)
    run(found(root, part))
    result = run(found(held=frozenset({part.key})))
    assert sorted(kinds(result)) == [("Berlin", "unfolded"), ("EMEA", "resolved")]
    left = {alert.who: alert for alert in state.alerting.alerts(["open"])}
    assert left["Berlin"].under is None
    assert [kind for kind, *_ in notices(state)] == ["opened", "resolved"]


def test_stood_by_itself_in_silence_it_is_told_when_it_is_beyond_again(run, state):
    root, part = case("EMEA"), case("Berlin", under=case("EMEA").key)
    run(found(root, part))
    run(found(held=frozenset({part.key})))
    notices(state)
    assert kinds(run(found(case("Berlin")))) == [("Berlin", "unfolded")]
    assert [kind for kind, *_ in notices(state)] == ["unfolded"]


def test_a_cause_that_hovers_at_its_limit_does_not_raise_its_region_each_time(run, state):
    root, part = case("EMEA"), case("Berlin", under=case("EMEA").key)
    told = []
    for _ in range(3):
        run(found(root, part))
        told += notices(state)
        run(found(case("Berlin"), held=frozenset({root.key})))
        told += notices(state)
    assert [kind for kind, *_ in told] == ["opened", "unfolded"]


def test_what_ended_inside_another_alert_is_not_counted_as_resolved(run):
    root = case("EMEA")
    run(found(root, case("Berlin", under=root.key)))
    result = run(found(root))
    assert kinds(result) == [("Berlin", "resolved")]
    assert result.resolved == []
    assert "resolved" not in result.run.words


def test_folded_before_its_digest_went_out_it_is_told_when_it_is_its_own_again(run, state):
    own, part = case("Berlin", severity="watch"), case("Berlin", severity="watch", under=case("EMEA").key)
    run(found(own))
    run(found(case("EMEA"), part))
    notices(state)
    run(found(case("EMEA"), own))
    assert [kind for kind, *_ in notices(state)] == ["unfolded"]


def test_whom_it_was_given_to_hears_of_it_with_the_next_run_and_once(run, state, settings):
    run(found(case(owner="quiet")))
    [alert] = state.alerting.alerts()
    lifecycle.assign(state, alert.id, "ann", "cfo", settings.alerts.owners)
    for _ in range(2):
        run(found(case(owner="quiet")))
    assert [kind for kind, *_ in notices(state)] == ["assigned"]
    assert state.alerting.recent_events()[0].words == "CFO"


def test_given_to_somebody_who_is_no_owner_any_more_it_is_its_rules_owners_again(run, state):
    run(found(case()))
    [alert] = state.alerting.alerts()
    lifecycle.assign(state, alert.id, "ann", "gone", {"gone": SimpleNamespace(name="Gone")})
    notices(state)
    run(found(case(severity="act", money=1000.0)))
    assert state.alerting.alert(alert.id).owner == "cfo"
    assert [kind for kind, *_ in notices(state)] == ["worsened", "assigned"]


def test_what_cannot_be_judged_any_more_ends_and_is_not_said_to_be_within_its_limit(run, state):
    run(found(case("EMEA"), case("APAC"), case("Berlin")))
    why = {case("APAC").key: "less than $250.0k is open"}
    run(replace(found(), day=DAY + timedelta(days=7), clear=frozenset({case("EMEA").key}), unjudged=why))
    ended = {alert.who: alert.body["ended"] for alert in state.alerting.alerts(["resolved"])}
    assert ended == {
        "EMEA": "",
        "APAC": "it cannot be judged any more: less than $250.0k is open",
        "Berlin": "it cannot be judged any more: nothing is left of it",
    }


def within(days: int, *cases: Case):
    """EMEA is within its limit by the margin, so many days after it was beyond it."""
    return replace(found(*cases), day=DAY + timedelta(days=days), clear=frozenset({case("EMEA").key}))


def test_it_ends_only_when_it_has_been_calm_for_a_week(run, state):
    run(found(case()))
    assert kinds(run(within(1))) == []
    assert kinds(run(within(6))) == []
    [alert] = state.alerting.alerts()
    assert (alert.status, alert.body["within"]) == ("open", (DAY + timedelta(days=6)).isoformat())
    assert kinds(run(found(case()))) == [], "beyond it again before the week was over: no news"
    assert "within" not in state.alerting.alerts()[0].body
    assert kinds(run(within(7))) == [("EMEA", "resolved")]


def test_what_is_calm_but_has_not_ended_still_holds_what_is_under_it(run, state):
    root = case("EMEA")
    run(found(root, case("Berlin", under=root.key, owner="boss")))
    assert kinds(run(within(1, case("Berlin", owner="boss")))) == [("Berlin", "unfolded")]
    assert [alert.who for alert in state.alerting.alerts(["open"])].count("EMEA") == 1


def test_the_same_money_is_told_to_an_owner_of_its_own_with_the_digest(run, state):
    root = case("EMEA", owner="cfo")
    run(found(root, case("Berlin", under=root.key, owner="boss"), case("Bonn", under=root.key, owner="cfo")))
    assert notices(state) == [("opened", "immediate", NOON), ("opened", "digest", NOON)]
    run(found(root, case("Berlin", under=root.key, owner="boss"), case("Bonn", under=root.key, owner="cfo")))
    assert notices(state) == []


def test_closed_by_hand_it_takes_the_same_money_along_until_that_stands_alone(run, state):
    root, part = case("EMEA"), case("Berlin", under=case("EMEA").key)
    run(found(root, part))
    by_name = {alert.who: alert.id for alert in state.alerting.alerts()}
    lifecycle.close(state, by_name["EMEA"], "ann", "a plan is agreed")
    assert [alert.who for alert in state.alerting.alerts(["open"])] == []
    assert state.alerting.events(by_name["Berlin"])[-1].words == "with EMEA, which is the same money"
    assert kinds(run(found(root, part))) == []
    lifecycle.reopen(state, by_name["EMEA"], "ann")
    assert len(state.alerting.alerts(["open"])) == 2
    lifecycle.close(state, by_name["EMEA"], "ann")
    assert sorted(kinds(run(found(case("Berlin"))))) == [("Berlin", "reopened")]


def test_empty_books_end_nothing(run, state):
    run(found(case()))
    assert kinds(run(replace(found(), day=None))) == []
    assert [alert.status for alert in state.alerting.alerts()] == ["open"]


def test_an_older_snapshot_changes_nothing(run, state):
    run(found(case()))
    result = run(found(made_at=NOON - timedelta(days=1)))
    assert (result.run.outcome, kinds(result)) == ("superseded", [])
    assert [alert.status for alert in state.alerting.alerts()] == ["open"]
    assert [each.outcome for each in state.alerting.runs()] == ["superseded", "applied"]


def test_milder_alerts_wait_for_the_days_digest(run, state):
    run(found(case(severity="watch")))
    assert notices(state, NOON) == [("opened", "digest", NOON)]
    evening = NOON + timedelta(hours=6)
    run(found(case(severity="watch"), case("APAC", severity="watch")), evening)
    assert notices(state, evening) == []
    [(kind, mode, due)] = notices(state)
    assert (kind, mode) == ("opened", "digest")
    assert evening < due <= NOON + timedelta(days=1)


def test_a_digest_before_its_time_is_the_days_only_one(run, state, settings):
    late = settings.alerts.delivery.model_copy(update={"digest_at": time(7, 30)})
    run._settings = settings.model_copy(update={"alerts": settings.alerts.model_copy(update={"delivery": late})})
    three = [case(region, severity="watch") for region in ("EMEA", "APAC", "Berlin")]
    night = datetime(2026, 11, 3, 5, 15).astimezone()
    run(found(*three[:1]), night - timedelta(days=2))
    assert len(notices(state, night - timedelta(days=2))) == 1
    run(found(*three[:2]), night)
    assert len(notices(state, night)) == 1
    run(found(*three), night + timedelta(hours=3))
    assert notices(state, night + timedelta(hours=18)) == []
    assert [due for *_, due in notices(state)] == [datetime(2026, 11, 4, 7, 30).astimezone()]


def test_who_wants_to_hear_nothing_hears_nothing(run, state):
    run(found(case(owner="quiet"), case("APAC", owner="")))
    assert notices(state) == []
    assert len(state.alerting.alerts(["open"])) == 2


def test_the_run_says_what_was_asked_and_what_came_of_it(run, state):
    run(found(case()))
    [kept] = state.alerting.runs()
    [rule] = kept.rules
    assert (rule.rule, rule.judged, rule.breached, rule.opened, rule.resolved) == ("late", 5, 1, 1, 0)
    assert (kept.snapshot, kept.day, kept.by) == ("snapshot-1", DAY, "command")
    assert "1\u00a0alert, 1 new" in kept.words


def test_nothing_is_kept_when_the_keeping_fails(run, state, monkeypatch):
    monkeypatch.setattr("state.alerting.Desk.keep", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(found(case()))
    assert state.alerting.alerts() == []
    assert state.alerting.runs() == []


# --- what people do


@pytest.fixture
def id(run, state):
    run(found(case()))
    return state.alerting.alerts()[0].id


def test_people_act_and_it_is_written_down(run, state, id, settings):
    lifecycle.acknowledge(state, id, "ann@example.com", "calling them")
    lifecycle.snooze(state, id, "bob", date(2026, 12, 1))
    lifecycle.wake(state, id, "bob")
    lifecycle.assign(state, id, "ann", "quiet", settings.alerts.owners)
    lifecycle.note(state, id, "ann", "promised for Friday")
    lifecycle.close(state, id, "ann", "paid")
    lifecycle.reopen(state, id, "ann")
    told = [(event.kind, event.who, event.words) for event in state.alerting.events(id)][1:]
    assert told == [
        ("acknowledged", "ann@example.com", "calling them"),
        ("snoozed", "bob", "until 1 Dec 2026"),
        ("woken", "bob", ""),
        ("assigned", "ann", "Quiet"),
        ("noted", "ann", "promised for Friday"),
        ("closed", "ann", "paid"),
        ("reopened", "ann", ""),
    ]
    run(found(case()))
    assert state.alerting.alert(id).owner == "quiet"


def test_acknowledged_it_is_seen_to_and_not_told_again(run, state, id):
    lifecycle.acknowledge(state, id, "ann")
    assert state.alerting.alerts(["open"]) == []
    assert kinds(run(found(case()))) == []


def test_closed_by_hand_the_next_runs_leave_it_closed(run, state, id):
    lifecycle.close(state, id, "ann")
    assert kinds(run(found(case()))) == []
    assert kinds(run(found())) == []
    assert kinds(run(found(case()))) == [("EMEA", "reopened")]


@pytest.mark.parametrize(
    ("do", "sentence"),
    [
        (lambda state, _: lifecycle.acknowledge(state, "nothing", "ann"), "no longer exists"),
        (lambda state, alert: lifecycle.note(state, alert, "ann", "  "), "note is empty"),
        (lambda state, alert: lifecycle.assign(state, alert, "ann", "cfoo", {"cfo": None}), "did you mean 'cfo'"),
    ],
)
def test_what_cannot_be_done_is_said(state, id, do, sentence):
    with pytest.raises(StateError, match=sentence):
        do(state, id)


def test_what_has_ended_by_itself_is_left_alone(run, state, id):
    run(found())
    with pytest.raises(StateError, match="has ended already"):
        lifecycle.snooze(state, id, "ann", date(2026, 12, 1))
    with pytest.raises(StateError, match="ended by itself"):
        lifecycle.reopen(state, id, "ann")
