"""The outbox: each message handed over by one, tried again as often as it must, and lost or repeated by nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.errors import StateError
from state import outbox
from tests.state.alarms import LEASE, NOON, message, notice, one_each, post, retold
from tests.state.test_views import HOSTILE, refused

PICTURES = (("a.png", b"\x89PNG\r\n\x1a\n\0\xff"), ("a.png", b"\x89PNG two"))
LATER = NOON + LEASE
HOUR = timedelta(hours=1)


def waiting(keep, *changes):
    """Messages that wait, one for each of ``changes``."""
    ids = [f"n{n}" for n in range(len(changes))]
    post(keep, *(notice(id) for id in ids))
    made = iter(changes)
    keep.outbox.compose(NOON, lambda due: [message([each], **next(made)) for each in due])


@pytest.fixture
def claimed(keep):
    """A message that was claimed at noon."""
    waiting(keep, {"attachments": PICTURES})
    return keep.outbox.claim(NOON, LEASE)


@pytest.fixture
def going_out(keep, claimed):
    """A message that is being handed over since noon."""
    assert keep.outbox.handing(claimed.id, NOON, claimed.attempts)
    return claimed


# --- making -------------------------------------------------------------------------------------------------------


def test_what_is_due_is_written_about_once(keep):
    early = notice("n1", mode="digest", due_at=NOON - HOUR, words="x")
    now = notice("n2")
    late = notice("n3", due_at=NOON + timedelta(microseconds=1))
    post(keep, now, late, early)
    given = []

    def write(due):
        given.append(list(due))
        return [message(due)]

    assert keep.outbox.compose(NOON, write) == 1
    assert given == [[early, now]]
    assert keep.outbox.compose(NOON, write) == 0
    assert keep.outbox.compose(NOON + HOUR, write) == 1
    assert given[1:] == [[late]]


def test_a_message_is_kept_as_it_was_written(home, keep):
    post(keep, notice("n1"), notice("n2", alert="a2"), notice("n3"))
    written = message([notice("n3"), notice("n2"), notice("n1")], subject="Höher", attachments=PICTURES, mode="digest")
    keep.outbox.compose(NOON, lambda _: [written])
    again = home.open()
    (listed,) = again.outbox.messages()
    whole = again.outbox.message(listed.id)
    again.close()
    assert (listed.attachments, whole.attachments) == ((), PICTURES)
    assert whole.alerts == ("a1", "a2")
    for name in ("owner", "channel", "mode", "subject", "text", "html"):
        assert getattr(whole, name) == getattr(written, name)
    assert (whole.status, whole.created_at, whole.next_try_at) == ("waiting", NOON, NOON)
    assert (whole.attempts, whole.tried_at, whole.sent_at, whole.error) == (0, None, None, "")


def test_one_notice_may_become_several_messages_and_several_one(keep):
    post(keep, *(notice(f"n{n}", alert=f"a{n % 2}") for n in range(4)))
    keep.outbox.compose(NOON, lambda due: [message(due, channel="mail"), message(due, channel="chat")])
    assert [(each.channel, each.alerts) for each in keep.outbox.messages()] == [
        ("chat", ("a0", "a1")),
        ("mail", ("a0", "a1")),
    ]
    assert len(keep.outbox.messages(alert="a1")) == 2
    assert keep.outbox.messages(alert="a7") == []


def test_what_nobody_is_told_of_does_not_pile_up(keep):
    """An owner without a channel: a channel that is set up later begins with what happens later."""
    post(keep, notice("n1"), notice("n2"))
    assert keep.outbox.compose(NOON, lambda due: [message(due[1:])]) == 1
    assert keep.outbox.compose(NOON, lambda due: pytest.fail(f"given again: {due}")) == 0


def test_a_writer_that_fails_leaves_what_is_due(keep):
    post(keep, notice())
    with pytest.raises(ZeroDivisionError):
        keep.outbox.compose(NOON, lambda _: 1 / 0)
    with pytest.raises(ValueError, match="n9"):
        keep.outbox.compose(NOON, lambda _: [message([notice("n9")])])
    assert keep.outbox.messages() == []
    assert keep.outbox.compose(NOON, one_each) == 1


def test_who_is_overtaken_while_writing_keeps_nothing(home, keep):
    """Another process makes messages of the same notice, and a third notice comes meanwhile."""
    post(keep, notice("n1"), notice("n2"))
    other = home.open()
    given = []

    def overtaken(due):
        given.append([each.id for each in due])
        if len(given) == 1:
            other.outbox.compose(NOON, lambda theirs: [message(theirs, subject="theirs")])
            post(other, notice("n3"))
        return [message(due, subject="mine")]

    assert keep.outbox.compose(NOON, overtaken) == 1
    assert given == [["n1", "n2"], ["n3"]]
    assert sorted(each.subject for each in keep.outbox.messages()) == ["mine", "theirs"]
    other.close()


def test_while_messages_are_written_others_may_write(keep):
    """Pictures take a while to draw."""
    post(keep, notice())

    def writes(due):
        post(keep, notice("n2", due_at=NOON + HOUR))
        keep.note_seen("anna", "tour")
        return one_each(due)

    assert keep.outbox.compose(NOON, writes) == 1


def test_who_is_always_overtaken_leaves_it_to_the_others(keep, monkeypatch):
    monkeypatch.setattr(outbox, "_TRIES", 2)
    post(keep, notice("n0"))
    count = iter(range(1, 9))

    def overtaken(due):
        keep.outbox.compose(NOON, one_each)
        post(keep, notice(f"n{next(count)}"))
        return [message(due, subject="mine")]

    assert keep.outbox.compose(NOON, overtaken) == 0
    assert [each.subject for each in keep.outbox.messages()] == ["n1", "n0"]


@pytest.mark.parametrize("text", [*HOSTILE, "\r\nBcc: a@b", "x" * 3_000])
def test_hostile_messages_are_kept_as_they_are(keep, text):
    post(keep, notice(owner=text, words=text))
    keep.outbox.compose(
        NOON,
        lambda due: [
            message(due, owner=due[0].owner, channel=text, subject=text[:900], text=due[0].words, html=text * 50)
        ],
    )
    kept = keep.outbox.claim(NOON, LEASE)
    assert (kept.owner, kept.channel, kept.subject, kept.text, kept.html) == (text, text, text[:900], text, text * 50)


def test_what_is_no_text_is_replaced_and_a_subject_is_cut(keep):
    waiting(
        keep, {"subject": "a\0" * 900, "text": "\ud800", "html": "\0", "channel": "\0", "attachments": (("\0", b""),)}
    )
    kept = keep.outbox.claim(NOON, LEASE)
    assert kept.subject == "a\ufffd" * 499 + "a…"
    assert (kept.text, kept.html, kept.channel, kept.attachments) == ("\ufffd",) * 3 + ((("\ufffd", b""),),)


# --- handing over -------------------------------------------------------------------------------------------------


def test_the_one_that_waits_longest_comes_first_and_nobody_else_gets_it(keep):
    waiting(keep, {"subject": "first"}, {"subject": "second"})
    first = keep.outbox.claim(NOON + HOUR, LEASE)
    second = keep.outbox.claim(NOON + HOUR, LEASE)
    assert (first.subject, first.attempts, first.tried_at) == ("first", 1, NOON + HOUR)
    assert second.subject == "second"
    assert keep.outbox.claim(NOON + HOUR, LEASE) is None


def test_nothing_is_claimed_before_it_is_due(keep, claimed):
    keep.outbox.failed(claimed.id, NOON, "refused", NOON + HOUR)
    assert keep.outbox.claim(NOON + HOUR - timedelta(microseconds=1), LEASE) is None
    again = keep.outbox.claim(NOON + HOUR, LEASE)
    assert (again.id, again.attempts, again.error, again.attachments) == (claimed.id, 2, "refused", PICTURES)


def test_what_was_sent_is_done_with(keep, going_out):
    assert keep.outbox.message(going_out.id).status == "sending"
    keep.outbox.sent(going_out.id, NOON + timedelta(seconds=2))
    kept = keep.outbox.message(going_out.id)
    assert (kept.status, kept.sent_at, kept.next_try_at) == ("sent", NOON + timedelta(seconds=2), None)
    assert (kept.attempts, kept.error, kept.attachments) == (1, "", ())
    assert keep.outbox.claim(NOON + HOUR, LEASE) is None
    assert keep.outbox.recover(NOON + HOUR, retold) == []


def test_what_failed_on_the_wire_is_tried_again_and_then_given_up(keep, going_out):
    keep.outbox.failed(going_out.id, NOON + timedelta(seconds=9), "The server said 421.", LATER)
    kept = keep.outbox.message(going_out.id)
    assert (kept.status, kept.next_try_at, kept.tried_at) == ("waiting", LATER, NOON + timedelta(seconds=9))
    again = keep.outbox.claim(LATER, LEASE)
    keep.outbox.handing(again.id, LATER, again.attempts)
    keep.outbox.failed(again.id, LATER, "x" * 2_000, None)
    kept = keep.outbox.message(again.id)
    assert (kept.status, kept.next_try_at, kept.attempts) == ("failed", None, 2)
    assert kept.error == "x" * 999 + "…"
    assert keep.outbox.claim(LATER + HOUR, LEASE) is None
    assert keep.outbox.recover(LATER + HOUR, retold) == []


def test_what_was_sent_after_a_failure_shows_no_error(keep, claimed):
    keep.outbox.failed(claimed.id, NOON, "refused", LATER)
    again = keep.outbox.claim(LATER, LEASE)
    keep.outbox.handing(again.id, LATER)
    keep.outbox.sent(again.id, LATER)
    assert keep.outbox.message(claimed.id).error == ""


def test_nothing_goes_out_without_a_claim_or_after_its_lease(keep, claimed):
    assert not keep.outbox.handing("another", NOON)
    assert not keep.outbox.handing(claimed.id, LATER)
    assert not keep.outbox.handing(claimed.id, NOON, attempt=2)
    assert keep.outbox.handing(claimed.id, NOON, attempt=1)
    assert not keep.outbox.handing(claimed.id, NOON, attempt=1)


def test_a_claim_that_was_taken_over_does_not_go_out(keep, claimed):
    """The process was asleep for longer than its lease, and another one has the message now."""
    keep.outbox.recover(LATER, retold)
    again = keep.outbox.claim(LATER, LEASE)
    assert again.id == claimed.id
    assert not keep.outbox.handing(claimed.id, LATER, claimed.attempts)
    keep.outbox.failed(claimed.id, LATER, "refused", None, claimed.attempts)
    assert keep.outbox.handing(again.id, LATER, again.attempts)


def test_what_is_said_about_a_message_that_is_not_in_hand_changes_nothing(keep, claimed):
    keep.outbox.failed(claimed.id, NOON, "refused", None)
    before = keep.outbox.message(claimed.id)
    keep.outbox.sent(claimed.id, NOON)
    keep.outbox.failed(claimed.id, NOON, "twice", NOON)
    keep.outbox.sent("another", NOON)
    keep.outbox.failed("another", NOON, "no such", None)
    assert keep.outbox.message(claimed.id) == before


# --- when a process died ------------------------------------------------------------------------------------------


def test_a_lease_that_is_not_over_is_left_alone(keep, going_out):
    assert keep.outbox.recover(LATER - timedelta(microseconds=1), retold) == []
    assert keep.outbox.message(going_out.id).status == "sending"


def test_what_had_not_gone_out_waits_again(keep, claimed):
    assert keep.outbox.recover(LATER, lambda lost: pytest.fail(f"retold: {lost}")) == []
    again = keep.outbox.claim(LATER, LEASE)
    assert (again.id, again.attempts, again.attachments) == (claimed.id, 2, PICTURES)
    assert len(keep.outbox.messages()) == 1


def test_what_was_going_out_is_unknown_and_said_once_more(keep, going_out):
    (lost,) = keep.outbox.recover(LATER, retold)
    assert (lost.id, lost.status, lost.attachments, lost.alerts) == (going_out.id, "unknown", PICTURES, ("a1",))
    repeat = keep.outbox.claim(LATER, LEASE)
    assert repeat.subject == f"Perhaps again: {going_out.subject}"
    assert (repeat.repeats, repeat.alerts, repeat.attempts, repeat.attachments) == (going_out.id, ("a1",), 1, PICTURES)
    assert keep.outbox.recover(LATER, retold) == []
    assert keep.outbox.counts() == {"unknown": 1, "waiting": 1}


def test_a_repeat_that_is_lost_too_is_repeated_too(keep, going_out):
    keep.outbox.recover(LATER, retold)
    repeat = keep.outbox.claim(LATER, LEASE)
    keep.outbox.handing(repeat.id, LATER)
    keep.outbox.recover(LATER + HOUR, retold)
    assert [(each.repeats, each.status) for each in keep.outbox.messages()] == [
        (repeat.id, "waiting"),
        (going_out.id, "unknown"),
        ("", "unknown"),
    ]


def test_who_cannot_retell_leaves_it_as_it_was(keep, going_out):
    with pytest.raises(ZeroDivisionError):
        keep.outbox.recover(LATER, lambda _: 1 / 0)
    assert keep.outbox.message(going_out.id).status == "sending"
    assert len(keep.outbox.recover(LATER, retold)) == 1


def test_one_that_was_only_slow_is_known_again_and_its_repeat_withdrawn(keep, going_out):
    keep.outbox.recover(LATER, retold)
    keep.outbox.sent(going_out.id, LATER)
    (kept,) = keep.outbox.messages()
    assert (kept.id, kept.status) == (going_out.id, "sent")
    assert keep.outbox.claim(LATER + HOUR, LEASE) is None


def test_a_repeat_that_somebody_has_taken_up_is_not_withdrawn(keep, going_out):
    keep.outbox.recover(LATER, retold)
    repeat = keep.outbox.claim(LATER, LEASE)
    keep.outbox.sent(going_out.id, LATER)
    assert keep.outbox.handing(repeat.id, LATER, repeat.attempts)


def test_one_that_was_slow_and_then_failed_is_left_to_its_repeat(keep, going_out):
    keep.outbox.recover(LATER, retold)
    keep.outbox.failed(going_out.id, LATER, "refused", LATER)
    assert keep.outbox.message(going_out.id).status == "unknown"
    assert [each.repeats for each in keep.outbox.messages() if each.status == "waiting"] == [going_out.id]


# --- reports ------------------------------------------------------------------------------------------------------

FILES = (("board_2026-10-31.pptx", b"PK\x03\x04"), ("board_2026-10-31.pdf", b"%PDF-1.7\0"))


def report(**changes):
    return message(mode="report", attachments=FILES, **changes)


def test_a_report_waits_about_no_alert_with_its_files(keep):
    ids = keep.outbox.post([report(channel="mail"), report(channel="chat")], NOON, "anna")
    first, second = (keep.outbox.claim(NOON, LEASE) for _ in ids)
    assert [first.id, second.id] == ids
    assert (first.channel, second.channel) == ("mail", "chat")
    assert (first.mode, first.alerts, first.attachments, first.asked_by) == ("report", (), FILES, "anna")
    assert keep.outbox.claim(NOON, LEASE) is None
    assert keep.outbox.post([], NOON, "anna") == []


def test_a_report_is_recovered_with_its_files(keep):
    (id,) = keep.outbox.post([report()], NOON, "anna")
    keep.outbox.claim(NOON, LEASE)
    keep.outbox.handing(id, NOON)
    keep.outbox.recover(LATER, retold)
    repeat = keep.outbox.claim(LATER, LEASE)
    assert (repeat.repeats, repeat.attachments) == (id, FILES)


def test_a_report_is_sent_again_only_with_its_files(keep):
    given_up, arrived = keep.outbox.post([report(), report()], NOON, "anna")
    for _ in range(2):
        keep.outbox.claim(NOON, LEASE)
    keep.outbox.failed(given_up, NOON, "refused", None)
    keep.outbox.handing(arrived, NOON)
    keep.outbox.sent(arrived, NOON)
    assert keep.outbox.message(arrived).attachments == ()
    copy = keep.outbox.again(given_up, LATER, "bob")
    assert (copy.mode, copy.attachments, copy.asked_by) == ("report", FILES, "bob")
    refused(lambda: keep.outbox.again(arrived, LATER, "bob"), "no longer kept")


# --- by hand ------------------------------------------------------------------------------------------------------


def test_what_was_given_up_is_sent_again_by_hand(keep, claimed):
    keep.outbox.failed(claimed.id, NOON, "refused", None)
    copy = keep.outbox.again(claimed.id, LATER, "anna")
    assert (copy.status, copy.asked_by, copy.repeats, copy.attempts, copy.error) == ("waiting", "anna", "", 0, "")
    assert (copy.subject, copy.alerts, copy.attachments) == (claimed.subject, claimed.alerts, PICTURES)
    assert keep.outbox.claim(LATER, LEASE).id == copy.id != claimed.id
    assert keep.outbox.message(claimed.id).status == "failed"


def test_what_has_arrived_or_may_have_is_named_by_its_copy(keep, going_out):
    keep.outbox.recover(LATER, retold)
    assert keep.outbox.again(going_out.id, LATER, "anna").repeats == going_out.id
    repeat = keep.outbox.claim(LATER, LEASE)
    keep.outbox.handing(repeat.id, LATER)
    keep.outbox.sent(repeat.id, LATER)
    assert keep.outbox.again(repeat.id, LATER, "anna").repeats == repeat.id


def test_a_copy_that_somebody_asked_for_is_not_withdrawn(keep, going_out):
    keep.outbox.recover(LATER, retold)
    copy = keep.outbox.again(going_out.id, LATER, "anna")
    keep.outbox.sent(going_out.id, LATER)
    assert [each.id for each in keep.outbox.messages()] == [copy.id, going_out.id]


def test_what_is_on_its_way_is_not_sent_again(keep, claimed):
    refused(lambda: keep.outbox.again(claimed.id, NOON, "anna"), "still on its way")
    keep.outbox.handing(claimed.id, NOON)
    refused(lambda: keep.outbox.again(claimed.id, NOON, "anna"), "still on its way")
    for gone in ("gone", "", "a\0"):
        refused(lambda gone=gone: keep.outbox.again(gone, NOON, "anna"), "no longer exists")
    refused(lambda: keep.outbox.again(claimed.id, NOON, "x" * 255), "reader")
    assert len(keep.outbox.messages()) == 1


def test_the_newest_messages_come_first(keep):
    waiting(keep, *({"subject": f"{n}"} for n in range(5)))
    assert [each.subject for each in keep.outbox.messages(limit=2)] == ["4", "3"]
    assert keep.outbox.counts() == {"waiting": 5}


def test_a_notice_of_no_alert_is_refused(keep):
    with pytest.raises(StateError), keep.alerting.desk() as desk:
        desk.post(notice(alert="nobody"))
    assert keep.outbox.compose(NOON, one_each) == 0
