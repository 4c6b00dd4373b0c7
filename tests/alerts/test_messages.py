"""What messages say: subject, words, figures, links; to whom; and names that would do more than be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from alerts.letter import Sender
from alerts.messages import MOST_PICTURES, retold, write
from alerts.quoting import line, still, tagged
from config.alerts import AlertSettings, Delivery, Owner
from state.alert_records import Message
from tests.alerts.desk import NOW, alert, notice

SENDER = Sender("Meridian Supply Group", "20261101-abcdef")


def settings(url="https://ar.example.com", **owners):
    everyone = owners or {"cfo": Owner(name="Ada Marsh", channels=("mail",))}
    return AlertSettings(
        file=Path("alerts.toml"), delivery=Delivery(url=url), written={"mail": "", "chat": ""}, owners=everyone
    )


def written(*things, told=None, url="https://ar.example.com", draw=None, now=NOW, sender=SENDER, **owners):
    """The messages that notices of alerts come to; ``told``: the notices, one an alert when left out."""
    known = {each.id: each for each in things}
    notices = told or [notice(f"n{each.id}", alert=each.id) for each in things]
    return write(notices, known, settings(url, **owners), sender, now, draw)


class _Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.told, self.tags, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.told.append(data)


def read(html):
    parser = _Text()
    parser.feed(html)
    return parser


def test_one_alert_is_told_in_the_subject():
    (message,) = written(alert())
    assert message.subject == "Act: Calder Voss Fabrication, $873.5k more than 90 days late"
    assert (message.owner, message.channel, message.mode, message.notices) == ("cfo", "mail", "immediate", ("na1",))


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("opened", "Act: Calder Voss Fabrication, $873.5k more than 90 days late"),
        ("unfolded", "Act: Calder Voss Fabrication, $873.5k more than 90 days late"),
        ("reopened", "Act again: Calder Voss Fabrication, $873.5k more than 90 days late"),
        ("worsened", "Act, worse: Calder Voss Fabrication, $873.5k more than 90 days late"),
        ("woken", "Act, still there: Calder Voss Fabrication, $873.5k more than 90 days late"),
    ],
)
def test_the_subject_says_what_happened(kind, subject):
    assert written(alert(), told=[notice(kind=kind)])[0].subject == subject


def test_several_alerts_are_counted_in_the_subject():
    things = [alert("a1", severity="watch"), alert("a2", severity="watch")]
    assert written(*things)[0].subject == "2 alerts at Meridian Supply Group"
    assert written(*things, alert("a3"))[0].subject == "3 alerts need someone at Meridian Supply Group"


def test_a_resolved_alert_says_so():
    gone = alert(status="resolved", resolved_at=NOW)
    (message,) = written(gone, told=[notice(kind="resolved")])
    assert message.subject == "Resolved: Calder Voss Fabrication, Very late money"
    assert "Very late money: within its limit" in message.text


def test_a_digest_has_its_day_and_counts():
    things = [alert("a1"), alert("a2"), alert("a3", status="resolved"), alert("a4", severity="watch")]
    told = [
        notice("n1", alert="a1", mode="digest"),
        notice("n2", alert="a2", mode="digest", kind="worsened"),
        notice("n3", alert="a3", mode="digest", kind="resolved"),
    ]
    (message,) = written(*things, told=told)
    assert message.subject == "Receivables alerts of 22 Nov 2026: 1 new, 1 worse, 1 resolved"
    # What is still open besides is told in a line; an immediate message does not have it.
    assert (
        "Still open:\n  Watch, Calder Voss Fabrication: $873.5k more than 90 days late, since 31 Jul 2026"
        in message.text
    )
    assert "Still open" not in written(*things[:2], things[3], told=[notice(alert="a1")])[0].text


def test_the_text_has_the_figures_the_cause_and_the_links():
    (message,) = written(alert())
    for told in (
        "Calder Voss Fabrication owes $873.5k that is more than 90 days late.",
        "Limit: $500.0k",
        "Since: 31 Jul 2026",
        "At stake: $873.5k",
        "Why: Calder Voss Fabrication paid nothing since July.",
        "Meridian US +$800.0k",
        "everything else +$40.0k",
        "Note: Stop deliveries above $500k.",
        "https://ar.example.com/inbox?alert=a1",
        "https://ar.example.com/inbox?follow=a1",
        "Meridian Supply Group · as of 31 Oct 2026 · snapshot 20261101-abcdef · sent to Ada Marsh",
    ):
        assert told in message.text, told


def test_text_and_html_say_the_same():
    (message,) = written(alert())
    shown = " ".join(" ".join(read(message.html).told).replace("\u00a0", " ").split())
    for told in ("owes $873.5k that is more than 90 days late.", "$500.0k", "Meridian US +$800.0k", "Stop deliveries"):
        assert told in shown
    assert {link for link in read(message.html).links if link.startswith("http")} == {
        "https://ar.example.com/inbox",
        "https://ar.example.com/inbox?alert=a1",
        "https://ar.example.com/inbox?follow=a1",
    }


def test_without_an_address_there_are_no_links():
    (message,) = written(alert(), url="")
    assert "inbox" not in message.text
    assert "http" not in " ".join(read(message.html).links)


@pytest.mark.parametrize(
    ("when", "body", "told"),
    [
        ("target", {}, "Target's limit: $500.0k"),
        ("benchmark", {}, "Benchmark: $500.0k"),
        ("change", {"compared": "2025-10-31"}, "On 31 Oct 2025: $500.0k"),
        ("unusual", {}, "Usually about: $500.0k"),
    ],
)
def test_the_limit_is_called_what_it_is(when, body, told):
    assert told in written(alert(body={"when": when, **body}))[0].text


def test_the_same_money_of_another_owner_is_told_to_him_and_of_what_it_is():
    root = alert("a1", who="Calder Voss Inc.", owner="credit")
    part = alert(
        "a2", who="Meridian", under=root.key, owner="cfo", body={"same": "without Calder Voss Inc. it would be 24.9 %"}
    )
    told = [notice("n2", alert="a2", owner="cfo", mode="digest")]
    (message,) = write(
        told, {"a1": root, "a2": part}, settings(cfo=Owner(name="Ada", channels=("mail",))), SENDER, NOW, None
    )
    assert (
        "It is the same money as the alert about Calder Voss Inc.: without Calder Voss Inc. it would be 24.9 %."
        in message.text.replace("\u2060", "")
    )


def test_the_same_money_is_told_inside_and_nowhere_else():
    root = alert()
    part = alert(
        "a2", who="Construction", under=root.key, body={"brief": "38.7 % overdue", "same": "without it 24.9 %"}
    )
    (message,) = written(root, part)
    assert message.subject.startswith("Act: Calder Voss")
    assert "The same money:\n    Construction, 38.7 % overdue; without it 24.9 %" in message.text
    assert written(part) == []


def test_behind_a_name_the_number_begins_small():
    message = written(alert(body={"brief": "Overdue share 39.6\u00a0%"}))[0]
    assert message.subject == "Act: Calder Voss Fabrication, overdue share 39.6 %"
    assert written(alert(body={"brief": "DSO 49.6 days"}))[0].subject.endswith(", DSO 49.6 days")


def test_what_made_nothing_of_a_change_is_not_named():
    cause = {"words": "w", "start": "2026-07-31", "change": 0.05, "contributors": [["A", 0.05], ["B", 0.0001]]}
    message = written(alert(body={"unit": "ratio", "cause": {**cause, "rest": -0.0001}}))[0]
    assert "A +5.0 pts" in message.text
    assert "no change" not in message.text


def test_it_is_as_of_the_day_of_the_books_also_where_all_it_tells_has_ended():
    gone = alert(status="resolved", day=date(2026, 9, 30), body={"ended": "it cannot be judged any more: gone"})
    (message,) = written(gone, sender=Sender("Acme", day=date(2026, 10, 31)))
    assert "as of 31 Oct 2026" in message.text
    assert "Very late money: it cannot be judged any more: gone" in message.text


def test_what_sleeps_is_not_told_until_its_day():
    asleep = alert(snoozed_until=date(2026, 11, 23))
    assert written(asleep) == []
    assert len(written(asleep, now=datetime(2026, 11, 23, 12, tzinfo=UTC))) == 1


def test_an_alert_that_is_over_is_not_told_as_new():
    (message,) = written(alert(status="resolved", closed_by="Ada"), told=[notice(kind="opened")])
    assert message.subject.startswith("Resolved: ")
    assert "ended by Ada" in message.text


def test_each_owner_and_mode_has_a_message_on_each_channel():
    owners: dict[str, Any] = {
        "cfo": Owner(name="Ada Marsh", channels=("mail", "chat")),
        "credit": Owner(name="Credit", channels=("chat",)),
        "silent": Owner(name="Silent"),
    }
    things = [alert("a1"), alert("a2", owner="credit"), alert("a3", owner="silent"), alert("a4", owner="gone")]
    told = [notice(f"n{each.id}", alert=each.id, owner=each.owner) for each in things]
    told.append(notice("later", alert="a1", mode="digest"))
    messages = written(*things, told=told, **owners)
    assert [(each.owner, each.mode, each.channel, each.notices) for each in messages] == [
        # Nobody would hear of what is Silent's.
        ("cfo", "immediate", "mail", ("na1", "na3")),
        ("cfo", "immediate", "chat", ("na1", "na3")),
        ("credit", "immediate", "chat", ("na2",)),
        ("cfo", "digest", "mail", ("later",)),
        ("cfo", "digest", "chat", ("later",)),
    ]


def test_the_most_severe_and_the_most_money_come_first():
    things = [
        alert("a1", who="Small", money=1.0),
        alert("a2", who="Watched", severity="watch", money=9e9),
        alert("a3", who="Large", money=2.0),
    ]
    text = written(*things)[0].text
    assert text.index("Large") < text.index("Small") < text.index("Watched")


def test_the_first_few_have_a_picture_that_the_html_shows():
    things = [alert(f"a{number}", money=float(100 - number)) for number in range(1, 9)]
    (message,) = written(*things, draw=lambda each: f"PNG of {each.id}".encode())
    assert message.attachments == tuple(
        (f"alert-a{n}.png", f"PNG of a{n}".encode()) for n in range(1, MOST_PICTURES + 1)
    )
    assert [link for link in read(message.html).links if link.startswith("cid:")] == [
        f"cid:alert-a{n}.png" for n in range(1, MOST_PICTURES + 1)
    ]


def test_a_picture_that_cannot_be_drawn_costs_no_message():
    def draw(each):
        if each.id == "a1":
            raise ValueError("no")
        return None if each.id == "a2" else b"PNG"

    (message,) = written(alert("a1"), alert("a2"), alert("a3"), draw=draw)
    assert message.attachments == (("alert-a3.png", b"PNG"),)


def test_very_many_alerts_are_counted_and_not_all_written_out():
    (message,) = written(*(alert(f"a{number}") for number in range(40)))
    assert message.subject == "40 alerts need someone at Meridian Supply Group"
    assert message.text.count("Act · New") == 25
    assert "And 15 more" in message.text
    assert len(message.html) < 100_000  # mail programs cut longer ones off


def test_a_repeat_says_so_in_each_form_and_once():
    (made,) = written(alert())
    kept = Message(
        id="m1", owner="cfo", channel="mail", mode="immediate", subject=made.subject, text=made.text, html=made.html,
        status="unknown", created_at=NOW, attachments=(("a.png", b"x"),),
    )  # fmt: skip
    again = retold(kept)
    assert again.subject == f"May be a repeat: {made.subject}"
    assert "so nobody knows whether it has reached you" in again.text
    assert "so nobody knows whether it has reached you" in " ".join(read(again.html).told)
    assert "$873.5k" in again.text
    assert again.attachments == kept.attachments
    twice = retold(replace(kept, subject=again.subject))
    assert twice.subject == again.subject


# --- names ----------------------------------------------------------------------------------------------------------

HOSTILE = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "markdown": "[Pay here](javascript:alert(1)) **bold** `code` # head",
    "channel": "<!channel> <@U123> <!here|x>",
    "everyone": "@everyone @here <at>ceo</at>",
    "address": "https://evil.example.com www.evil.com evil.com",
    "icon": ":rotating_light: :smile:",
    "header": "Acme\r\nBcc: thief@evil.com\r\n\r\nbody",
    "bidi": "Acme \u202egpj.exe\u202c \u200f \u2066x\u2069",
    "nul": "Acme\x00 \x1b[31m Corp\x7f",
    "surrogate": "Acme \ud800 Corp",
    "template": "$subject ${lead} {who} %s {{x}}",
    "emoji": "Acme \U0001f680\U0001f468\u200d\U0001f469\u200d\U0001f467 Corp",
    "long": "Acme " * 2000,
    "empty": " \t ",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_only_read(name):
    body = {
        "words": f"{name} owes $873.5k",
        "brief": f"{name} late",
        "note": name,
        "told": name,
        "cause": {
            "words": name, "start": "2026-07-31", "change": 1.0, "contributors": [[name, 1.0]], "rest": 0.0,
        },
    }  # fmt: skip
    root = alert(who=name, title=name, body=body, closed_by=name)
    inside = alert("a2", who=name, under=root.key, body={**body, "same": name})
    over = alert("a3", who=name, title=name, status="resolved", closed_by=name)
    told = [notice("n1"), notice("n3", alert="a3", kind="resolved")]
    (message,) = written(root, inside, over, told=told, cfo=Owner(name="Ada", channels=("mail",)))
    (one,) = written(root)

    for subject in (message.subject, one.subject):
        assert len(subject) <= 200
        assert subject == line(subject, 200), "one line, nothing that steers"
    page = read(message.html)
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "body", "table", "tr", "td", "div", "bdi", "ul", "li", "span", "a",
    }  # fmt: skip
    assert all(link.startswith("https://ar.example.com/inbox") for link in page.links)
    for text in (message.text, one.subject, " ".join(page.told)):
        assert not any(sign in text for sign in ("\x00", "\x1b", "\u202e", "\u2066", "\ud800", "\u200f"))
        plain = text.replace("https://ar.example.com/inbox", "")
        for live in ("@everyone", "@here", "<!", "<@", "<at>", "](", "://", "evil.com", ":smile", "<script"):
            assert live not in plain, live
        text.encode()
    assert len(message.text) < 15_000
    assert "$873.5k" in one.text, "the figure behind a long name is still told"


def test_what_is_made_still_reads_the_same():
    for name in ("Acme @ Work", "a.b.example.com", "x://y", "[a](b)", "<b>"):
        assert still(name).replace("\u2060", "") == name
    for name in ("Calder Voss Inc. owes $873.5k", "S.p.A.", "at 07:30", "A: b", "24.9 %, 3.5 more", "O'Neill & Sons"):
        assert still(name) == name
    assert tagged('a "b" & <c>') == "a &quot;b&quot; &amp; &lt;\u2060c&gt;"


def test_a_line_is_cut_and_never_empty_where_a_word_is_given():
    assert line("abc", 3) == "abc"
    assert line("abcd", 3) == "ab…"
    assert line("\u200f \x00", 20, "Unassigned") == "Unassigned"
    assert line(None, 9) == ""
