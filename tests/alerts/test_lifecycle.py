"""The life of an alert, step by step: what is kept, what happened, and what is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.case import Breach, Case, Point
from alerts.lifecycle import Moment
from config.alerts import Rule, Severity

DAY = date(2026, 10, 31)
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
MOMENT = Moment(NOON, NOON.date())


def case(*, severity: Severity = "watch", money=100.0, under=None, value=0.4, day=DAY):
    rule = Rule(id="late", title="Late", metric="overdue_share", by=("region",), value=0.3, severity=severity)
    breach = Breach(
        rule=rule,
        group=(("region", "EMEA"),),
        currency="USD",
        day=day,
        value=value,
        quantity=value,
        limit=0.3,
        expected=0.3,
        compared=None,
        since=date(2026, 9, 30),
        history=(Point(date(2026, 9, 30), 0.35, 0.3), Point(day, value, 0.3)),
    )
    return Case(
        breach=breach,
        severity=severity,
        owner="cfo",
        who="EMEA",
        words="EMEA is late",
        brief="late",
        money=money,
        cause=None,
        page="pages/receivables/segments.py",
        where=(("region", "EMEA"),),
        under=under,
        same="without X it would be 20 %" if under else "",
    )


def later(days=1):
    now = NOON + timedelta(days=days)
    return Moment(now, now.date())


def kinds(step):
    return [(each.kind, each.told) for each in step.happened]


@pytest.fixture
def alert():
    return lifecycle.raised(case(), "a1", MOMENT, "the rule").alert


def test_a_breach_is_raised_and_told():
    step = lifecycle.raised(case(), "a1", MOMENT, "the rule")
    assert kinds(step) == [("opened", True)]
    assert (step.alert.status, step.alert.times, step.alert.opened_on) == ("open", 1, DAY)
    assert step.alert.since == date(2026, 9, 30)


def test_the_same_money_is_kept_and_not_told():
    step = lifecycle.raised(case(under="root"), "a1", MOMENT, "the rule")
    assert kinds(step) == [("opened", False)]
    assert step.alert.under == "root"


def test_found_again_unchanged_nothing_happens(alert):
    step = lifecycle.found_again(alert, case(), later(), "the rule")
    assert kinds(step) == []
    assert step.alert == alert


def test_new_figures_are_kept_without_a_word(alert):
    step = lifecycle.found_again(alert, case(value=0.41, money=110.0), later(), "the rule")
    assert kinds(step) == []
    assert (step.alert.value, step.alert.money) == (0.41, 110.0)


def test_the_day_that_it_is_there_since_stays_until_it_is_raised_anew(alert):
    later_since = replace(case().breach, since=date(2026, 10, 6))
    step = lifecycle.found_again(alert, replace(case(), breach=later_since), later(), "the rule")
    assert step.alert.since == date(2026, 9, 30)
    ended = lifecycle.come_back(step.alert, later(2)).alert
    again = lifecycle.found_again(ended, replace(case(), breach=later_since), later(3), "the rule")
    assert again.alert.since == date(2026, 10, 6)


def test_worse_severity_is_told_and_takes_the_acknowledgement_back(alert):
    held = replace(alert, status="acknowledged", acknowledged_by="ann", snoozed_until=date(2027, 1, 1))
    step = lifecycle.found_again(held, case(severity="act"), later(), "the rule")
    assert kinds(step) == [("worsened", True)]
    assert (step.alert.status, step.alert.acknowledged_by, step.alert.snoozed_until) == ("open", "", None)


def test_milder_severity_is_noted_and_not_told(alert):
    worse = lifecycle.found_again(alert, case(severity="act"), later(), "the rule").alert
    step = lifecycle.found_again(worse, case(severity="watch"), later(2), "the rule")
    assert kinds(step) == [("eased", False)]
    assert step.alert.severity == "watch"


@pytest.mark.parametrize(("money", "told"), [(149.99, []), (150.0, [("worsened", True)])])
def test_money_that_grew_by_half_is_told_again(alert, money, told):
    assert kinds(lifecycle.found_again(alert, case(money=money), later(), "the rule")) == told


def test_growth_is_counted_from_what_was_last_told(alert):
    for day, money in enumerate((120.0, 140.0), start=1):
        step = lifecycle.found_again(alert, case(money=money), later(day), "the rule")
        assert kinds(step) == []
        alert = step.alert
    step = lifecycle.found_again(alert, case(money=151.0), later(3), "the rule")
    assert kinds(step) == [("worsened", True)]
    assert kinds(lifecycle.found_again(step.alert, case(money=160.0), later(4), "the rule")) == []


def test_growth_leaves_the_acknowledgement(alert):
    held = replace(alert, status="acknowledged", acknowledged_by="ann")
    step = lifecycle.found_again(held, case(money=300.0), later(), "the rule")
    assert kinds(step) == [("worsened", True)]
    assert step.alert.acknowledged_by == "ann"


def test_back_within_the_margin_it_ends_and_is_told(alert):
    step = lifecycle.come_back(alert, later())
    assert kinds(step) == [("resolved", True)]
    assert (step.alert.status, step.alert.resolved_at) == ("resolved", later().now)


def test_what_nobody_heard_of_ends_in_silence(alert):
    folded = lifecycle.raised(case(under="root"), "a2", MOMENT, "the rule").alert
    assert kinds(lifecycle.come_back(folded, later())) == [("resolved", False)]
    asleep = replace(alert, snoozed_until=date(2027, 1, 1))
    assert kinds(lifecycle.come_back(asleep, later())) == [("resolved", False)]


def test_a_rule_that_is_gone_ends_its_alerts_in_silence_and_says_so(alert):
    step = lifecycle.come_back(alert, later(), "its rule was removed", told=False)
    assert kinds(step) == [("resolved", False)]
    assert step.happened[0].words == "its rule was removed"


def test_beyond_again_it_is_raised_anew(alert):
    ended = lifecycle.come_back(replace(alert, status="acknowledged", acknowledged_by="ann"), later()).alert
    step = lifecycle.found_again(ended, case(day=date(2026, 11, 30)), later(30), "the rule")
    assert kinds(step) == [("reopened", True)]
    assert (step.alert.times, step.alert.opened_on, step.alert.acknowledged_by) == (2, date(2026, 11, 30), "")
    assert step.alert.resolved_at is None


def test_ended_by_hand_it_stays_so_until_the_number_has_come_back(alert):
    closed = replace(alert, status="resolved", resolved_at=NOON, closed_by="ann")
    still = lifecycle.found_again(closed, case(), later(), "the rule")
    assert kinds(still) == []
    assert still.alert.status == "resolved"
    back = lifecycle.come_back(still.alert, later(2))
    assert kinds(back) == []
    assert kinds(lifecycle.found_again(back.alert, case(), later(3), "the rule")) == [("reopened", True)]


def test_ended_by_hand_it_is_raised_when_it_becomes_more_severe(alert):
    closed = replace(alert, status="resolved", resolved_at=NOON, closed_by="ann")
    step = lifecycle.found_again(closed, case(severity="act"), later(), "the rule")
    assert kinds(step) == [("reopened", True)]


def test_asleep_it_is_silent_and_told_on_the_day(alert):
    asleep = replace(alert, snoozed_until=later(5).today)
    assert kinds(lifecycle.found_again(asleep, case(money=500.0), later(4), "the rule")) == []
    step = lifecycle.found_again(asleep, case(), later(5), "the rule")
    assert kinds(step) == [("woken", True)]
    assert step.alert.snoozed_until is None


def test_folded_in_silence_and_told_when_it_is_its_own_again(alert):
    folded = lifecycle.found_again(alert, case(under="root"), later(), "the rule")
    assert kinds(folded) == [("folded", False)]
    step = lifecycle.found_again(folded.alert, case(), later(2), "the rule")
    assert kinds(step) == [("unfolded", True)]
    assert step.alert.under is None


def test_told_before_it_was_folded_its_end_is_told(alert):
    folded = lifecycle.found_again(alert, case(under="root"), later(), "the rule").alert
    assert kinds(lifecycle.come_back(folded, later(2))) == [("resolved", True)]


def test_what_is_not_quite_the_same_money_any_more_is_told_once_however_often_that_turns(alert):
    told = []
    for day in range(1, 9):
        found = case(under="root" if day % 2 else None)
        step = lifecycle.found_again(alert, found, later(day), "the rule", root_ended=False)
        told += [kind for kind, is_told in kinds(step) if is_told]
        alert = step.alert
    assert told == []
    folded = lifecycle.raised(case(under="root"), "a2", MOMENT, "the rule").alert
    first = lifecycle.found_again(folded, case(), later(), "the rule", root_ended=False)
    assert kinds(first) == [("unfolded", True)]
    again = lifecycle.found_again(first.alert, case(under="root"), later(2), "the rule", root_ended=False).alert
    assert kinds(lifecycle.found_again(again, case(), later(3), "the rule", root_ended=False)) == [("unfolded", False)]


def test_folded_its_money_grows_without_a_word_until_it_is_its_own(alert):
    folded = alert
    for day in (1, 2, 3):
        step = lifecycle.found_again(folded, case(under="root", money=300.0), later(day), "the rule")
        assert kinds(step) == ([("folded", False)] if day == 1 else [])
        folded = step.alert
    step = lifecycle.found_again(folded, case(money=300.0), later(4), "the rule", root_ended=False)
    assert kinds(step) == [("worsened", True), ("unfolded", False)]


def test_stood_by_itself_in_silence_it_is_told_when_it_is_beyond_again():
    folded = lifecycle.raised(case(under="root"), "a2", MOMENT, "the rule").alert
    alone = lifecycle.without_its_cause(folded).alert
    step = lifecycle.found_again(alone, case(), later(), "the rule")
    assert kinds(step) == [("unfolded", True)]
    assert kinds(lifecycle.found_again(step.alert, case(), later(2), "the rule")) == []


def test_a_new_owner_hears_of_it(alert):
    step = lifecycle.found_again(alert, replace(case(), owner="treasury"), later(), "the rule")
    assert kinds(step) == [("assigned", True)]
    assert step.alert.owner == "treasury"


def test_why_it_ended_stays_beside_it_until_it_is_raised_anew(alert):
    ended = lifecycle.come_back(alert, later(), "it cannot be judged any more").alert
    assert ended.body["ended"] == "it cannot be judged any more"
    assert not lifecycle.found_again(ended, case(), later(2), "the rule").alert.body.get("ended")


def test_somebody_elses_stays_somebody_elses(alert):
    given = replace(alert, owner="ann", body={**alert.body, "assigned": True})
    step = lifecycle.found_again(given, case(value=0.5), later(), "the rule")
    assert step.alert.owner == "ann"
    assert kinds(lifecycle.found_again(step.alert, case(value=0.5), later(2), "the rule")) == []
