"""Alerts, events, runs and changed rules: kept as they were, all of a transaction or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import StateError
from state import alerting
from state.alert_records import STATUSES, KeptRule, RuleChange, RuleRun
from tests.state.alarms import DAY, NOON, alert, event, message, notice, one_each, post, run
from tests.state.test_views import HOSTILE, refused

EVERYTHING = alert(
    title="Überfällig",
    status="acknowledged",
    since=date(2025, 11, 30),
    times=3,
    under='["late",[],"EUR"]',
    acknowledged_by="anna@example.com",
    snoozed_until=date(2026, 4, 1),
    resolved_at=NOON + timedelta(microseconds=1),
    closed_by="bob",
    value=0.1 + 0.2,
    limit=-0.0,
    money=1e15 + 0.25,
    body={"words": "w", "history": [["2026-02-28", 1.5, None]], "cause": {"rest": 0.1}, "told": True, "where": []},
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


def put(keep, *alerts):
    with keep.alerting.desk() as desk:
        for each in alerts:
            desk.put(each)


def test_nothing_is_there_at_first(keep):
    kept = keep.alerting
    assert kept.alerts() == kept.recent_events() == kept.runs() == kept.kept_rules() == kept.rule_changes() == []
    assert kept.alert("a1") is None
    assert kept.events("a1") == []
    with kept.desk() as desk:
        assert desk.alerts() == {}
        assert desk.last_applied() is None


def test_an_alert_comes_back_as_it_was(home, keep):
    plain = alert("a2")
    put(keep, EVERYTHING, plain)
    again = home.open()
    assert again.alerting.alert("a1") == EVERYTHING
    assert again.alerting.alert("a2") == plain
    with again.alerting.desk() as desk:
        assert desk.alerts() == {EVERYTHING.key: EVERYTHING, plain.key: plain}
    again.close()


def test_moments_come_back_in_utc_wherever_they_were(keep):
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    put(keep, alert(opened_at=elsewhere))
    kept = keep.alerting.alert("a1").opened_at
    assert (kept, kept.tzinfo) == (NOON, UTC)
    with pytest.raises(StateError), keep.alerting.desk() as desk:
        desk.put(alert(opened_at=datetime(2026, 3, 1, 12)))  # noqa: DTZ001 - that is what is refused


def test_put_again_it_replaces_what_has_its_key_and_the_id_stays(keep):
    put(keep, alert("a1", key="k"), alert("a2"))
    changed = replace(EVERYTHING, key="k", id="another")
    put(keep, changed)
    assert keep.alerting.alert("a1") == replace(changed, id="a1")
    assert len(keep.alerting.alerts()) == 2
    assert keep.alerting.alert("another") is None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_kept_as_they_are(keep, text):
    given = alert(key=f"[{text}]", who=text, title=text, owner=text, acknowledged_by=text, body={text: [text]})
    put(keep, given)
    with keep.alerting.desk() as desk:
        desk.note(event(words=text, who=text))
    assert keep.alerting.alert("a1") == given
    assert keep.alerting.events("a1") == [event(words=text, who=text)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT)
def test_any_text_is_kept_by_every_database(keep, text):
    """Shown texts lose nothing but what is no text; bodies lose nothing at all."""
    shown = "".join("\ufffd" if sign == "\0" or "\ud800" <= sign <= "\udfff" else sign for sign in text)
    given = alert(who=text, title=text, owner=text, rule=text, body={"words": text, text: [text]})
    put(keep, given)
    assert keep.alerting.alert("a1") == replace(given, who=shown, title=shown, owner=shown, rule=shown)
    with keep.alerting.desk() as desk:
        desk.note(event(words=text))
        desk.keep(run(f"r{len(keep.alerting.recent_events(1000))}", words=text, rules=(ruled(text),)))
    assert keep.alerting.events("a1")[-1].words == shown
    newest = keep.alerting.runs(1)[0]
    assert (newest.words, newest.rules) == (shown, (ruled(shown),))


def ruled(text):
    return RuleRun(rule=text, title=text, judged=0, breached=0, problem=text)


def test_very_long_names_are_cut_and_very_long_keys_are_not(keep):
    keys = [f'["late",[["customer","{"x" * 20_000}{end}"]],"EUR"]' for end in "ab"]
    put(keep, *(alert(f"a{n}", key=key, who="漢" * 10_000) for n, key in enumerate(keys)))
    put(keep, alert("a9", key=keys[1], title="Changed"))
    with keep.alerting.desk() as desk:
        assert set(desk.alerts()) == set(keys)
    kept = keep.alerting.alert("a0")
    assert kept.who == "漢" * 399 + "…"
    assert [each.title for each in sorted(keep.alerting.alerts(), key=lambda each: each.id)][1] == "Changed"


def test_numbers_that_are_none_come_back_as_missing(keep):
    put(keep, alert(value=float("nan"), limit=float("inf"), money=None))
    kept = keep.alerting.alert("a1")
    assert (kept.value, kept.limit, kept.money) == (None, None, None)


def test_a_body_may_be_read_only_and_holds_pairs_as_lists(keep):
    put(keep, alert(body=MappingProxyType({"cause": MappingProxyType({"rest": 1}), "pairs": (("a", None),)})))
    assert keep.alerting.alert("a1").body == {"cause": {"rest": 1}, "pairs": [["a", None]]}
    with pytest.raises(TypeError, match="not date"), keep.alerting.desk() as desk:
        desk.put(alert(body={"day": DAY}))


def test_what_cannot_be_kept_is_refused_with_a_sentence(keep):
    for bad in ("a\0b", "a\ud800"):
        refused(lambda bad=bad: put(keep, alert(key=bad)), "key of an alert", "no text")
        refused(lambda bad=bad: put(keep, alert(under=bad)), "key of an alert")
        refused(lambda bad=bad: put(keep, alert(acknowledged_by=bad)), "reader")
    refused(lambda: put(keep, alert(closed_by="x" * 255)), "255", "254")
    assert keep.alerting.alerts() == []


def test_a_persons_words_are_refused_where_they_are_too_long_and_the_runs_are_cut(keep):
    put(keep, alert())

    def noted(**changes):
        with keep.alerting.desk() as desk:
            desk.note(event(**changes))

    refused(lambda: noted(words="x" * 4_001, run="", who="anna", kind="noted"), "note", "4,001", "4,000")
    noted(words="x" * 4_000, run="", who="anna", kind="noted")
    noted(words="x" * 9_000)
    assert [len(each.words) for each in keep.alerting.events("a1")] == [4_000, 4_000]


@pytest.mark.parametrize("id", ["", "none", "a b", "a1; --", "a\0", "\ud800", "ä1", "a1 "])
def test_an_id_that_is_none_is_nobody(keep, id):
    put(keep, alert())
    assert keep.alerting.alert(id) is None
    assert keep.alerting.events(id) == []
    assert keep.outbox.message(id) is None
    assert keep.outbox.messages(alert=id) == []


def test_alerts_by_status_the_one_raised_last_first(keep):
    for hours, status in enumerate(STATUSES):
        put(keep, alert(f"a{hours}", status=status, opened_at=NOON + timedelta(hours=hours)))
    assert [each.id for each in keep.alerting.alerts()] == ["a2", "a1", "a0"]
    assert [each.id for each in keep.alerting.alerts(["open", "resolved"])] == ["a2", "a0"]
    assert keep.alerting.alerts([]) == []


def test_events_are_in_order_however_many_there_are_at_once(keep):
    put(keep, alert("a1"), alert("a2"))
    words = [f"{n}" for n in range(12)]
    with keep.alerting.desk() as desk:
        for n, word in enumerate(words):
            desk.note(event("a1" if n % 2 else "a2", words=word))
    assert [each.words for each in keep.alerting.events("a1")] == words[1::2]
    assert [each.words for each in keep.alerting.recent_events()] == words[::-1]
    assert [each.words for each in keep.alerting.recent_events(3)] == ["11", "10", "9"]


def test_what_belongs_together_may_be_written_in_any_order_but_not_left_out(keep):
    with keep.alerting.desk() as desk:
        desk.note(event())
        desk.post(notice())
        desk.put(alert())
    assert len(keep.alerting.events("a1")) == 1
    with pytest.raises(StateError), keep.alerting.desk() as desk:
        desk.note(event("nobody"))
    assert len(keep.alerting.recent_events()) == 1


def test_what_is_raised_at_the_desk_undoes_everything_and_is_not_the_databases(keep):
    """An evaluation's own trouble with a file must not be told as trouble with the state database."""

    def broken_off():
        with keep.alerting.desk() as desk:
            desk.put(alert())
            desk.note(event())
            desk.post(notice())
            desk.keep(run())
            raise FileNotFoundError("snapshot")

    with pytest.raises(FileNotFoundError, match="snapshot"):
        broken_off()
    assert keep.alerting.alerts() == keep.alerting.recent_events() == keep.alerting.runs() == []
    assert keep.outbox.compose(NOON, one_each) == 0
    put(keep, alert())


def test_new_ids_are_short_and_never_twice(keep):
    with keep.alerting.desk() as desk:
        made = {desk.new_id() for _ in range(500)}
    assert len(made) == 500
    assert all(id.isalnum() and id.islower() and len(id) == 16 for id in made)


def test_runs_come_back_with_their_rules_the_newest_first(keep):
    first = run("r1", rules=tuple(RuleRun(rule=f"rule {n}", title="T", judged=n, breached=0) for n in range(12)))
    failed = run("r2", outcome="failed", snapshot="", made_at=None, day=None, words="no snapshot", rules=(), by="page")
    late = run("r3", outcome="superseded")
    for each in (first, failed, late):
        with keep.alerting.desk() as desk:
            desk.keep(each)
            assert desk.last_applied() == first
    assert keep.alerting.runs() == [late, failed, first]
    assert keep.alerting.runs(1) == [late]


def test_runs_are_kept_for_a_year_and_a_thousand_at_most(keep, monkeypatch):
    monkeypatch.setattr(alerting, "MOST_KEPT", 3)

    def kept_after(id, at, **changes):
        with keep.alerting.desk() as desk:
            desk.keep(run(id, finished_at=at, **changes))
        return [each.id for each in keep.alerting.runs()]

    put(keep, alert())
    for n in range(4):
        kept_after(f"r{n}", NOON)
    assert kept_after("r4", NOON) == ["r4", "r3", "r2"]
    year = timedelta(days=365)
    assert kept_after("r5", NOON + year, outcome="failed") == ["r5", "r4", "r3"]
    # The last one that was put to use stays, however old: a newer snapshot is known by it.
    assert kept_after("r6", NOON + year + timedelta(seconds=1), outcome="failed") == ["r6", "r5", "r4"]
    assert kept_after("r7", NOON + 3 * year, outcome="failed") == ["r7", "r4"]
    assert [kept_after(f"s{n}", NOON + 3 * year, outcome="failed") for n in range(3)][-1] == ["s2", "s1", "s0", "r4"]
    with keep.alerting.desk() as desk:
        assert desk.last_applied().id == "r4"
        assert desk.last_applied().rules == run().rules


def test_messages_that_are_done_with_go_after_a_year_or_beyond_a_thousand(keep, monkeypatch):
    monkeypatch.setattr(alerting, "MOST_KEPT", 3)
    post(keep, *(notice(f"n{n}") for n in range(6)))
    keep.outbox.compose(NOON, one_each)
    for _ in range(5):
        claimed = keep.outbox.claim(NOON, timedelta(1))
        keep.outbox.handing(claimed.id, NOON)
        keep.outbox.sent(claimed.id, NOON)

    def left(at):
        with keep.alerting.desk() as desk:
            desk.keep(run(desk.new_id(), finished_at=at))
        return [each.subject for each in keep.outbox.messages()]

    assert left(NOON) == ["n5", "n4", "n3", "n2"]
    # What waits stays, however old.
    assert left(NOON + timedelta(days=366)) == ["n5"]
    assert keep.outbox.claim(NOON, timedelta(1)).alerts == ("a1",)


def test_pictures_of_what_did_not_arrive_go_after_a_month(keep):
    post(keep, notice())
    keep.outbox.compose(NOON, lambda due: [message(due, attachments=(("a.png", b"\x89PNG"),))])
    claimed = keep.outbox.claim(NOON, timedelta(1))
    keep.outbox.failed(claimed.id, NOON, "refused", None)
    for days, pictures in ((30, (("a.png", b"\x89PNG"),)), (31, ())):
        with keep.alerting.desk() as desk:
            desk.keep(run(f"r{days}", finished_at=NOON + timedelta(days=days)))
        assert keep.outbox.message(claimed.id).attachments == pictures


# --- rules --------------------------------------------------------------------------------------------------------

BODY = {"title": "Much is late", "metric": "overdue", "value": 0.25, "where": {"region": ["EMEA", "漢\0"]}}


def changed(at, who, change, before, after):
    return RuleChange(rule="late", at=at, who=who, change=change, before=before, after=after)


def test_a_rule_is_kept_changed_removed_and_restored_with_its_history(home, keep):
    kept = keep.alerting

    def at(hours):
        home.clock = NOON + timedelta(hours=hours)
        return home.clock

    kept.keep_rule("late", BODY, "anna")
    other = {**BODY, "value": 0.3}
    at(1)
    kept.keep_rule("late", other, "bob")
    assert kept.kept_rules() == [KeptRule(id="late", body=other, changed_by="bob", changed_at=home.clock)]
    at(2)
    kept.keep_rule("late", None, "anna")
    kept.keep_rule("dso", BODY, "anna")
    assert kept.kept_rules() == [
        KeptRule(id="dso", body=BODY, changed_by="anna", changed_at=at(2)),
        KeptRule(id="late", body=None, changed_by="anna", changed_at=at(2)),
    ]
    at(3)
    kept.restore_rule("late", "carl")
    assert [each.id for each in kept.kept_rules()] == ["dso"]
    assert kept.rule_changes("late") == [
        changed(NOON + timedelta(hours=3), "carl", "restored", None, None),
        changed(NOON + timedelta(hours=2), "anna", "removed", other, None),
        changed(NOON + timedelta(hours=1), "bob", "kept", BODY, other),
        changed(NOON, "anna", "kept", None, BODY),
    ]
    assert [each.rule for each in kept.rule_changes()] == ["late", "dso", "late", "late", "late"]
    assert [each.change for each in kept.rule_changes(limit=1)] == ["restored"]


def test_what_changes_nothing_is_no_change(keep):
    kept = keep.alerting
    kept.restore_rule("late", "anna")
    kept.keep_rule("late", BODY, "anna")
    kept.keep_rule("late", dict(reversed(BODY.items())), "bob")
    kept.keep_rule("gone", None, "anna")
    kept.keep_rule("gone", None, "bob")
    assert [(each.rule, each.who) for each in kept.rule_changes()] == [("gone", "anna"), ("late", "anna")]
    assert {each.changed_by for each in kept.kept_rules()} == {"anna"}


def test_a_rule_has_a_name_and_somebody_who_changes_it(keep):
    refused(lambda: keep.alerting.keep_rule("", BODY, "anna"), "name of a rule", "empty")
    refused(lambda: keep.alerting.keep_rule("x" * 61, BODY, "anna"), "61", "60")
    refused(lambda: keep.alerting.restore_rule("a\0", "anna"), "name of a rule")
    refused(lambda: keep.alerting.keep_rule("late", BODY, "x" * 255), "reader")
    assert keep.alerting.kept_rules() == keep.alerting.rule_changes() == []
