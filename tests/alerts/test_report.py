"""A report sent as files: to a real mail server and a real webhook, and to chats that take no files."""

from __future__ import annotations

import base64
import io
from datetime import date
from typing import Any

import pytest
from pptx import Presentation
from pypdf import PdfReader, PdfWriter

from alerts import channels, report
from alerts.envelope import Envelope, media_type
from alerts.report import File, Report, write
from ledger.errors import OutstandingError
from tests.alerts.desk import mail_to
from tests.alerts.test_hostile_names import SERVICES
from tests.alerts.test_messages import HOSTILE
from tests.exports.reading import slides_of

SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def slides() -> bytes:
    made = Presentation()
    first: Any = made.slides.add_slide(made.slide_layouts[0])
    first.shapes.title.text = "DSO is 56 days"
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def pages() -> bytes:
    made, data = PdfWriter(), io.BytesIO()
    made.add_blank_page(300, 200)
    made.write(data)
    return data.getvalue()


def the_report(**changes) -> Report:
    plain = {
        "pack": "board",
        "title": "Receivables report",
        "company": "Meridian Supply Group",
        "day": date(2026, 10, 31),
        "message": "DSO is 56.2 days, 8.2 above its target",
        "facts": (("Days sales outstanding", "56.2 days (+6.0 vs PY · target 45)"), ("Overdue share", "34.0 %")),
        "files": (
            File("board_2026-10-31.pptx", slides(), "11 slides"),
            File("board_2026-10-31.pdf", pages(), "1 page"),
        ),
        "part": "Region EMEA",
        "snapshot": "20261101-abcdef",
    }
    return Report(**{**plain, **changes})


def send(company, told=None, owners=("cfo",)):
    """Post a report as the command does, and hand over what waits."""
    company.state.outbox.post(write(told or the_report(), owners, company.settings), company.clock, "anna")
    return company.deliver()


def test_a_mail_arrives_once_with_files_that_open(office, box):
    company = office(main=mail_to(box.port))
    done = send(company)
    assert (done.sent, done.waiting, done.failed, done.problems) == (1, 0, 0, ())
    assert company.deliver().sent == 0
    (mail,) = box.mails
    assert mail["Subject"] == "Receivables report, 31 Oct 2026"
    assert mail["To"] == "cfo@meridian.example"
    deck, paper = mail.iter_attachments()
    assert (deck.get_filename(), deck.get_content_type()) == ("board_2026-10-31.pptx", SLIDES)
    assert (paper.get_filename(), paper.get_content_type()) == ("board_2026-10-31.pdf", "application/pdf")
    assert {part["Content-ID"] for part in (deck, paper)} == {None}  # or programs would take them for pictures
    (slide,) = slides_of(deck.get_content())
    assert slide.shapes.title.text == "DSO is 56 days"
    assert len(PdfReader(io.BytesIO(paper.get_content())).pages) == 1
    message = company.message
    assert (message.status, message.mode, message.asked_by) == ("sent", "report", "anna")
    assert company.state.outbox.message(message.id).attachments == ()


def test_the_mail_says_message_numbers_files_and_whose_it_is(office, box):
    send(office(main=mail_to(box.port)))
    (mail,) = box.mails
    plain = mail.get_body(("plain",)).get_content().replace("\u2060", "").replace("\r\n", "\n")
    first, facts, files, link, foot = plain.strip().split("\n\n")
    assert first == "DSO is 56.2 days, 8.2 above its target"
    assert facts.splitlines() == [
        "  Days sales outstanding: 56.2 days (+6.0 vs PY · target 45)",
        "  Overdue share: 34.0 %",
    ]
    assert files.splitlines()[0] == "Files:"
    assert files.splitlines()[1].startswith("  board_2026-10-31.pptx, 11 slides, ")
    assert files.splitlines()[2] == "  board_2026-10-31.pdf, 1 page, 1 kB"
    assert link == "Open it in the dashboard: https://ar.example.com/board_pack?pack=board&as_of=2026-10-31"
    assert foot == (
        "Meridian Supply Group · as of 31 Oct 2026 · Region EMEA · snapshot 20261101-abcdef · sent to Ada Marsh"
    )
    page = mail.get_body(("html",)).get_content().replace("\u2060", "").replace("\r\n", "\n")
    for words in (first, "Days sales outstanding", "34.0 %", "board_2026-10-31.pdf, 1 page, 1 kB"):
        assert words in page


def test_asked_for_twice_it_is_sent_twice(office, box):
    company = office(main=mail_to(box.port))
    assert [send(company).sent, send(company).sent, company.deliver().sent] == [1, 1, 0]
    assert len({mail["Message-ID"] for mail in box.mails}) == 2


def test_a_server_that_is_busy_gets_the_files_later(office, box):
    box.answers = ["451 come back later"]
    company = office(main=mail_to(box.port))
    assert send(company).waiting == 1
    company.later(hours=1)
    assert company.deliver().sent == 1
    (mail,) = box.mails
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "board_2026-10-31.pptx",
        "board_2026-10-31.pdf",
    ]


def test_a_webhook_gets_the_files_too(office, hook):
    company = office(main=f"json://127.0.0.1:{hook.port}/in")
    assert send(company).sent == 1
    (body,) = hook.bodies
    deck, paper = body["attachments"]
    assert (deck["filename"], deck["mimetype"]) == ("board_2026-10-31.pptx", SLIDES)
    assert len(Presentation(io.BytesIO(base64.b64decode(deck["base64"]))).slides) == 1
    assert paper["mimetype"] == "application/pdf"
    assert "not attached" not in body["message"]


TAKING = {
    "slack": False,
    "slack blocks": False,
    "teams": False,
    "discord": True,
    "mattermost": False,
    "telegram": True,
    "rocket": False,
}


@pytest.mark.parametrize("service", TAKING)
def test_a_chat_that_takes_no_files_says_so(office, monkeypatch, service):
    handed = []
    monkeypatch.setattr(channels, "_through_apprise", lambda _plugin, _address, envelope: handed.append(envelope) or "")
    company = office(main=SERVICES[service])
    assert send(company).sent == 1
    (envelope,) = handed
    said = "The files are not attached, because this channel takes none."
    assert (said in envelope.text, said in envelope.html, len(envelope.attachments)) == (
        (False, False, 2) if TAKING[service] else (True, True, 0)
    )
    assert envelope.text.startswith("DSO is 56.2 days")
    assert "Open it in the dashboard: https://ar.example.com/board_pack?pack=board&as_of=2026-10-31" in envelope.text


def test_an_alert_s_picture_is_no_file_that_is_missed():
    sent = Envelope(id="a", subject="S", text="T", html="H", attachments=(("alert-a1.png", b"x"),))
    assert channels._without_files(sent) is sent


def test_a_channel_that_two_share_gets_one(office, box):
    company = office(main=mail_to(box.port))
    text = (company.folder / "alerts.toml").read_text()
    (company.folder / "alerts.toml").write_text(f'{text}[owners.chair]\nname = "Chair"\nchannels = ["main"]\n')
    assert send(company, owners=("chair", "cfo", "chair")).sent == 1
    assert company.message.owner == "chair"
    assert company.message.text.strip().endswith("sent to Chair and Ada Marsh")


def test_who_cannot_be_sent_anything_is_told_before_anything_is_kept(office):
    company = office(main=mail_to(1))
    text = (company.folder / "alerts.toml").read_text()
    (company.folder / "alerts.toml").write_text(f'{text}[owners.chair]\nname = "Chair"\n')
    with pytest.raises(OutstandingError, match=r"There is no owner 'cf' in .*alerts\.toml; did you mean 'cfo'\?"):
        write(the_report(), ["cf"], company.settings)
    with pytest.raises(OutstandingError, match=r"owner 'chair' has no channel .* 'channels' of \[owners\.chair\]"):
        write(the_report(), ["cfo", "chair"], company.settings)
    assert company.state.outbox.messages() == []


def test_files_that_no_mail_server_takes_are_told(office, monkeypatch):
    company = office(main=mail_to(1))
    monkeypatch.setattr(report, "MOST_BYTES", 1_500_000)
    large = the_report(files=(File("a.pdf", b"x" * 1_000_000), File("b.pdf", b"x" * 600_000)))
    with pytest.raises(OutstandingError, match=r"The files have 1\.6 MB in all, and 1\.5 MB is the most"):
        write(large, ["cfo"], company.settings)
    assert write(the_report(files=(File("a.pdf", b"x" * 1_500_000),)), ["cfo"], company.settings)


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_break_nothing(office, box, words):
    company = office(main=mail_to(box.port))
    told = the_report(title=words or "x", company=words, message=words, facts=((words, words),), part=words)
    assert send(company, told).sent == 1
    (mail,) = box.mails
    assert len(list(mail.iter_attachments())) == 2
    assert box.envelopes == [["cfo@meridian.example"]]
    assert "alert(1)</script>" not in mail.get_body(("html",)).get_content()


def test_a_large_file_has_more_time():
    plain = Envelope(id="a", subject="S", text="T", html="H")
    large = Envelope(id="a", subject="S", text="T", html="H", attachments=(("a.pdf", b"x" * 10_000_000),))
    assert (plain.seconds, large.seconds) == (0, 40)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PNG", "image/png"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.b.pdf", "application/pdf"),
        ("a", "application/octet-stream"),
        ("a.exe", "application/octet-stream"),
    ],
)
def test_what_a_file_is_by_its_ending(name, kind):
    assert media_type(name) == kind
