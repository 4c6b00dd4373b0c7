"""Messages on their way to a real mail server and a real webhook on this machine; and processes that die on it."""

from __future__ import annotations

import base64
import io
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from alerts.delivery import LEASE, deliver, digest_due, send_trial
from config.settings import load
from ledger.errors import OutstandingError
from state import State
from tests.alerts.desk import alert, mail_to, notice, png
from tests.alerts.receivers import free_port

PROJECT = Path(__file__).resolve().parents[2]


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "at", "due"),
    [
        ("2026-11-22T05:59:59", time(7), "2026-11-22T06:00:00"),
        ("2026-11-22T06:00:00", time(7), "2026-11-22T06:00:00"),  # that very moment
        ("2026-11-22T06:00:01", time(7), "2026-11-23T06:00:00"),
        ("2026-07-01T06:00:00", time(7), "2026-07-02T05:00:00"),  # summer time
        ("2026-11-21T23:30:00", time(0, 15), "2026-11-22T23:15:00"),  # it is the 22nd there already
        ("2026-03-28T12:00:00", time(2, 30), "2026-03-29T01:30:00"),  # 02:30 is skipped: 03:30 it is
        ("2026-10-24T12:00:00", time(2, 30), "2026-10-25T00:30:00"),  # 02:30 comes twice: the first
        ("2026-10-25T00:31:00", time(2, 30), "2026-10-26T01:30:00"),  # and only once a day
        ("2026-10-24T06:00:00", time(7), "2026-10-25T06:00:00"),  # 25 hours later
    ],
)
def test_a_digest_is_due_at_its_time_where_the_books_are_kept(now, at, due):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert digest_due(moment, at, BERLIN) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_mail_arrives_with_text_html_picture_and_an_id(office, box):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    done = company.deliver(draw=lambda _: png())
    assert (done.made, done.sent, done.waiting, done.failed, done.problems) == (1, 1, 0, 0, ())

    (mail,) = box.mails
    message = company.message
    assert message.status == "sent"
    assert mail["Subject"] == message.subject == "Act: Calder Voss Fabrication, $873.5k more than 90 days late"
    assert mail["From"] == "Receivables <alerts@meridian.example>"
    assert mail["To"] == "cfo@meridian.example"
    assert mail["Message-ID"] == f"<{message.id}.outstanding@meridian.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert box.envelopes == [["cfo@meridian.example"]]
    assert "Meridian US +$800.0k" in mail.get_body(("plain",)).get_content()
    page = mail.get_body(("html",)).get_content()
    assert "Meridian US +$800.0k" in page
    (picture,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<alert-a1.png>"
    assert 'src="cid:alert-a1.png"' in page
    assert Image.open(io.BytesIO(picture.get_content())).size == (8, 6)
    assert company.state.outbox.message(message.id).attachments == ()


def test_a_webhook_gets_fields_and_the_picture(office, hook):
    company = office(main=f"json://127.0.0.1:{hook.port}/in")
    company.keep(alert(), notice())
    assert company.deliver(draw=lambda _: png()).sent == 1
    (body,) = hook.bodies
    message = company.message
    assert body["title"] == message.subject
    assert body["message"].strip() == message.text.strip()
    assert (body["message_id"], body["alerts"]) == (message.id, "a1")
    assert hook.headers[0]["Idempotency-Key"] == message.id
    (picture,) = body["attachments"]
    assert (picture["filename"], picture["mimetype"]) == ("alert-a1.png", "image/png")
    assert Image.open(io.BytesIO(base64.b64decode(picture["base64"]))).size == (8, 6)


def test_each_channel_of_an_owner_gets_it_and_nobody_twice(office, box, hook):
    company = office(channels=("main", "chat"), main=mail_to(box.port), chat=f"json://127.0.0.1:{hook.port}/")
    company.keep(alert(), notice())
    assert company.deliver().sent == 2
    assert company.deliver().sent == 0
    assert (len(box.raw), len(hook.bodies)) == (1, 1)


def test_copies_blind_copies_and_replies(office, box):
    company = office(
        main=mail_to(box.port, to="a@x.example,b@x.example", more="&cc=c@x.example&bcc=d@x.example&reply=r@x.example")
    )
    company.keep(alert(), notice())
    assert company.deliver().sent == 1
    (mail,) = box.mails
    assert sorted(box.envelopes[0]) == ["a@x.example", "b@x.example", "c@x.example", "d@x.example"]
    assert (mail["To"], mail["Cc"], mail["Reply-To"]) == ("a@x.example, b@x.example", "c@x.example", "r@x.example")
    assert b"d@x.example" not in box.raw[0]


def test_a_digest_waits_for_its_time(office, box):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice(mode="digest", due_at=company.clock + timedelta(hours=3)))
    assert company.deliver().made == 0
    company.later(hours=3)
    assert company.deliver().sent == 1
    assert box.mails[0]["Subject"] == "Receivables alerts of 22 Nov 2026: 1 new"


def test_a_notice_of_somebody_without_a_channel_does_not_pile_up(office, box):
    company = office(main=mail_to(box.port))
    company.keep(alert(owner="nobody"), notice(owner="nobody"))
    assert company.deliver().made == 0
    assert company.state.outbox.messages() == []


class Crash(BaseException):
    """The process ends here."""


def crashing(monkeypatch, company, call, *, after=False):
    """The process dies in ``call`` of the outbox, once."""
    real = getattr(company.state.outbox, call)

    def dies(*args, **options):
        monkeypatch.setattr(company.state.outbox, call, real)
        if after:
            real(*args, **options)
        raise Crash

    monkeypatch.setattr(company.state.outbox, call, dies)
    with pytest.raises(Crash):
        company.deliver()


def test_a_crash_before_it_is_handed_over_loses_and_repeats_nothing(office, box, monkeypatch):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    crashing(monkeypatch, company, "handing")
    assert box.raw == []
    assert company.deliver().sent == 0, "it is still in the hands of the one that died"
    company.clock += LEASE
    assert company.deliver().sent == 1
    (mail,) = box.mails
    assert mail["Subject"].startswith("Act: ")


def test_a_crash_before_it_was_made_makes_it_later(office, box, monkeypatch):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    crashing(monkeypatch, company, "compose")
    assert company.deliver().sent == 1


def test_a_crash_between_sent_and_kept_gives_one_repeat_that_says_so(office, box, monkeypatch):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    crashing(monkeypatch, company, "sent")
    assert len(box.raw) == 1
    assert company.deliver().sent == 0
    company.clock += LEASE
    done = company.deliver()
    assert (done.sent, done.unknown) == (1, 1)
    first, second = box.mails
    assert second["Subject"] == f"May be a repeat: {first['Subject']}"
    assert "so nobody knows whether it has reached you" in second.get_body(("plain",)).get_content()
    assert second["Message-ID"] == first["Message-ID"]
    for _ in range(3):
        company.clock += LEASE
        assert company.deliver().sent == 0
    assert len(box.raw) == 2
    assert [each.status for each in company.state.outbox.messages()] == ["sent", "unknown"]


def test_a_process_that_is_killed_while_it_hands_over(office, box):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    sender: list[subprocess.Popen] = []
    # The server has the whole message, and kills the sender before it answers.
    box.before = lambda: os.kill(sender[0].pid, signal.SIGKILL)
    sender.append(
        subprocess.Popen(
            [sys.executable, "-m", "tests.alerts.sender", str(company.folder), company.clock.isoformat()], cwd=PROJECT
        )
    )
    assert sender[0].wait(60) == -signal.SIGKILL
    box.before = lambda: None
    assert company.message.status == "sending"
    company.clock += LEASE
    done = company.deliver()
    assert (done.sent, done.unknown) == (1, 1)
    assert [mail["Subject"].startswith("May be a repeat: ") for mail in box.mails][-1]
    company.clock += LEASE
    assert company.deliver().sent == 0


def test_two_deliverers_at_once_send_each_message_once(office, hook):
    company = office(main=f"json://127.0.0.1:{hook.port}/")
    for number in range(12):
        company.keep(alert(f"a{number}"), notice(f"n{number}", alert=f"a{number}"))
        company.compose()
    states = [State.open(load(company.folder)) for _ in range(3)]
    sent = []

    def work(state):
        sent.append(deliver(state, company.post()).sent)

    threads = [threading.Thread(target=work, args=[state]) for state in states]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for state in states:
        state.close()
    assert sum(sent) == 12
    assert sorted(body["alerts"] for body in hook.bodies) == sorted(f"a{number}" for number in range(12))


def test_a_trial_arrives_and_is_kept_nowhere(office, box):
    company = office(main=mail_to(box.port))
    send_trial(company.settings, "main", "Meridian Supply Group")
    assert box.mails[0]["Subject"] == "Test of the receivables alerts of Meridian Supply Group"
    assert company.state.outbox.messages() == []


def test_a_trial_that_fails_is_one_sentence(office):
    company = office(main=f"json://127.0.0.1:{free_port()}/t0ken-x")
    with pytest.raises(OutstandingError, match=r"^Channel 'main': 127\.0\.0\.1 cannot be reached\.$"):
        send_trial(company.settings, "main", "Meridian")
    with pytest.raises(OutstandingError, match=r"has no channel 'mian'; did you mean 'main'\?$"):
        send_trial(company.settings, "mian", "Meridian")
