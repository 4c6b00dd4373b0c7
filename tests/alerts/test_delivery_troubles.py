"""What goes wrong with messages: refused, slow, dead or impossible channels; and no secret is told of any."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from alerts.scrubbing import Secrets
from tests.alerts.desk import alert, mail_to, notice
from tests.alerts.receivers import a_mailbox, a_wall, free_port


def test_it_is_tried_again_later_and_later_and_given_up(office):
    company = office(
        delivery="attempts = 4\nfirst_wait = 5\n",
        main=f"mailto://127.0.0.1:{free_port()}?from=a@b.example&to=c@d.example",
    )
    company.keep(alert(), notice())
    for attempt, minutes in ((1, 5), (2, 10), (3, 20)):
        done = company.deliver()
        assert (done.sent, done.waiting, done.failed) == (0, 1, 0)
        message = company.message
        assert (message.status, message.attempts) == ("waiting", attempt)
        assert message.next_try_at == company.clock + timedelta(minutes=minutes)
        assert "cannot be reached (Connection refused)" in message.error
        company.later(minutes=minutes, seconds=-1)
        assert company.deliver().waiting == 0, "not before its time"
        company.later(seconds=1)
    done = company.deliver()
    assert (done.waiting, done.failed) == (0, 1)
    assert (company.message.status, company.message.next_try_at) == ("failed", None)
    company.later(days=30)
    assert company.deliver().problems == ()


def test_no_wait_is_longer_than_six_hours(office):
    company = office(delivery="first_wait = 300\n", main="json://127.0.0.1:1/")
    company.keep(alert(), notice())
    for minutes in (300, 360, 360):
        company.deliver()
        assert company.message.next_try_at == company.clock + timedelta(minutes=minutes)
        company.later(minutes=minutes)


def test_waits_are_spread(office):
    company = office(delivery="first_wait = 10\n", main="json://127.0.0.1:1/")
    company.keep(alert(), notice())
    company.deliver(spread=lambda: 1.07)
    assert company.message.next_try_at == company.clock + timedelta(minutes=10.7)


def test_what_was_refused_arrives_when_it_is_taken(office, box):
    box.answers = ["451 try again later"]
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    assert company.deliver().waiting == 1
    assert company.message.error == "The mail server refused the message: 451 try again later."
    company.later(minutes=6)
    assert company.deliver().sent == 1
    assert company.message.error == ""
    assert box.mails[0]["Subject"].startswith("Act: "), "a refusal is sure: this is no repeat"


def test_a_recipient_who_is_refused_is_named(office, box):
    box.refuses = {"gone@meridian.example": "550 no such user"}
    company = office(main=mail_to(box.port, to="gone@meridian.example"))
    company.keep(alert(), notice())
    assert company.deliver().waiting == 1
    assert company.message.error == "The mail server refused gone@meridian.example (550 no such user)."


def test_one_refused_among_several_does_not_repeat_it_to_the_others(office, box):
    box.refuses = {"gone@meridian.example": "550 no such user"}
    company = office(main=mail_to(box.port, to="cfo@meridian.example,gone@meridian.example"))
    company.keep(alert(), notice())
    done = company.deliver()
    assert (done.sent, done.waiting) == (1, 0)
    assert "gone@meridian.example (550 no such user)" in done.problems[0]
    assert "gone@meridian.example" in company.message.error
    assert box.envelopes == [["cfo@meridian.example"]]


@pytest.mark.parametrize(
    ("status", "told"), [(500, "500 (Internal Server Error)"), (401, "401 (Unauthorized)"), (799, "799")]
)
def test_a_webhook_that_says_no(office, hook, status, told):
    hook.answers = [status]
    company = office(main=f"json://127.0.0.1:{hook.port}/in")
    company.keep(alert(), notice())
    assert company.deliver().waiting == 1
    assert company.message.error == f"127.0.0.1 answered {told}."
    company.later(minutes=6)
    assert company.deliver().sent == 1
    assert hook.bodies[0]["message_id"] == hook.bodies[1]["message_id"]
    assert hook.bodies[1]["title"].startswith("Act: ")


@pytest.mark.parametrize("kind", ["mailto", "json"])
def test_a_server_that_never_answers_costs_a_moment(office, kind):
    with a_wall() as port:
        company = office(main=f"{kind}://127.0.0.1:{port}/?from=a@b.example&to=c@d.example")
        company.keep(alert(), notice())
        before = datetime.now(UTC)
        assert company.deliver(seconds=0.5).waiting == 1
        assert datetime.now(UTC) - before < timedelta(seconds=5)
    assert company.message.error == "There was no answer within 0.5 seconds; it may have arrived all the same."


def test_what_may_have_arrived_says_so_when_it_is_tried_again(office, hook):
    hook.slow = 1.5
    company = office(main=f"json://127.0.0.1:{hook.port}/in")
    company.keep(alert(), notice())
    assert company.deliver(seconds=0.3).waiting == 1
    hook.slow = 0.0
    company.later(minutes=6)
    assert company.deliver().sent == 1
    first, second = hook.bodies
    assert first["title"].startswith("Act: ")
    assert second["title"].startswith("May be a repeat: Act: ")
    assert "This may be a repeat: at the last attempt there was no answer" in second["message"].lower().replace(
        "this may", "This may"
    )
    assert first["message_id"] == second["message_id"]


def test_a_channel_that_is_down_is_not_tried_for_every_message(office):
    with a_wall() as port:
        company = office(main=f"json://127.0.0.1:{port}/")
        for number in range(20):
            company.keep(alert(f"a{number}"), notice(f"n{number}", alert=f"a{number}", created_at=company.clock))
            company.compose()
        before = datetime.now(UTC)
        assert company.deliver(seconds=0.5).waiting == 20
        assert datetime.now(UTC) - before < timedelta(seconds=8)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("nosuch://x/y", "Its address is not one of the kind nosuch:// that Apprise knows"),
        ("just words", "Its address is not a channel that Apprise knows"),
        ("slack://onlyone", "Its address is no slack:// address"),
        ("json://", "Its address is not one of the kind json:// that Apprise knows"),
        ("mailto://127.0.0.1:2?from=a@b.example&to=", "Its address"),
    ],
)
def test_an_address_that_cannot_be_is_a_sentence(office, address, told):
    company = office(main=address)
    company.keep(alert(), notice())
    assert company.deliver().waiting == 1
    error = company.message.error
    assert error.startswith(told) or "cannot be reached" in error
    assert error.endswith(".")
    assert "\n" not in error


def test_a_variable_that_is_not_set_is_named_and_set_it_works(office, hook, monkeypatch):
    company = office(main=f"json://127.0.0.1:{hook.port}/${{HOOK_TOKEN}}")
    company.keep(alert(), notice())
    assert company.deliver().waiting == 1
    assert "HOOK_TOKEN, which is not set" in company.message.error
    monkeypatch.setenv("HOOK_TOKEN", "abc123")
    company.later(minutes=6)
    assert company.deliver().sent == 1
    assert hook.paths == ["/abc123"]


def test_a_channel_that_was_removed_is_told(office, box):
    company = office(main=mail_to(box.port))
    company.keep(alert(), notice())
    company.compose()
    (company.folder / "alerts.toml").write_text("")
    assert company.deliver().waiting == 1
    assert "has no channel 'main' any more" in company.message.error


def test_one_message_that_fails_does_not_stop_the_others(office, box):
    company = office(channels=("bad", "main"), bad="nosuch://x", main=mail_to(box.port))
    company.keep(alert(), notice())
    done = company.deliver()
    assert (done.sent, done.waiting) == (1, 1)


PASSWORD = "pä ss/w:rd@#1%41+&?"  # noqa: S105 - every sign that an address minds


def everything(company):
    """All that is kept, as one text."""
    file = company.folder / "data" / "state.sqlite"
    return file.read_bytes().decode("utf-8", "replace") + repr(company.settings)


@pytest.mark.parametrize(
    "address",
    [
        "mailto://sender:${SECRET}@127.0.0.1:{port}?from=a@b.example&to=c@d.example",
        "json://sender:${SECRET}@127.0.0.1:{hook}/t0ken-one/t0ken-two?+Authorization=Bearer%20t0ken-three&:key=t0ken-four",
        "json://sender:${SECRET}@127.0.0.1:{dead}/t0ken-one?-sig=t0ken-two",
        "slack://t0ken-one/t0ken-two",
        "nosuch://sender:${SECRET}@t0ken-one/t0ken-two",
    ],
)
def test_no_secret_is_ever_told(office, box, hook, monkeypatch, caplog, capfd, address):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SECRET", PASSWORD)
    hook.answers = [500]
    ports = {"port": box.port, "hook": hook.port, "dead": free_port()}
    written = re.sub(r"(?<!\$)\{(\w+)\}", lambda found: str(ports[found[1]]), address)
    company = office(main=written)
    company.keep(alert(), notice())
    done = company.deliver()
    assert done.sent == 0
    said = "\n".join((*done.problems, caplog.text, *capfd.readouterr(), repr(done), everything(company)))
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "t0ken-", "SECRET="):
        assert secret not in said, secret


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_log_in_works_and_a_wrong_one_is_told_without_it(office, monkeypatch):
    with a_mailbox(PASSWORD) as guarded:
        monkeypatch.setenv("SECRET", PASSWORD)
        company = office(main=mail_to(guarded.port, user="sender:${SECRET}@"))
        company.keep(alert(), notice())
        monkeypatch.setenv("SECRET", "wrong-one")
        assert company.deliver().waiting == 1
        assert "did not accept the user name or the password: 535" in company.message.error
        assert "wrong-one" not in company.message.error
        monkeypatch.setenv("SECRET", PASSWORD)
        company.later(minutes=6)
        assert company.deliver().sent == 1


def test_secrets_are_hidden_however_they_are_written():
    secrets = Secrets.of("json://u%40x:p%2Fw@host.example/tok%20en?+Auth=Bear%2Ber&:f=v%C3%A9x", ["plain secret"])
    told = "u@x u%40x p/w p%2Fw p%2fw tok en tok%20en Bear+er Bear%2Ber véx v%C3%A9x PLAIN SECRET host.example"
    assert secrets.hide(told) == "*** *** *** *** *** *** *** *** *** *** *** *** host.example"
    assert "p/w" not in repr(secrets)
