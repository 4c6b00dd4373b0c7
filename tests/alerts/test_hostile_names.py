"""Names that would do more than be read, read back from the wire."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest

from tests.alerts.desk import alert, mail_to, notice, png
from tests.alerts.test_messages import HOSTILE


def test_a_hostile_name_breaks_no_header_and_no_json(office, box, hook):
    company = office(channels=("main", "chat"), main=mail_to(box.port), chat=f"json://127.0.0.1:{hook.port}/")
    for number, name in enumerate(HOSTILE.values()):
        company.keep(
            alert(f"a{number}", who=name, body={"words": f"{name} owes", "note": name}),
            notice(f"n{number}", alert=f"a{number}"),
        )
        assert company.deliver(draw=lambda _: png()).sent == 2
        mail, body = box.mails[-1], hook.bodies[-1]
        assert {key.lower() for key in mail} == {
            "subject", "from", "to", "date", "message-id", "auto-submitted", "mime-version", "content-type",
        }, name  # fmt: skip
        assert box.envelopes[-1] == ["cfo@meridian.example"]
        assert mail["Subject"] == body["title"] == company.state.outbox.messages(1)[0].subject, name
        assert b"thief@evil.com" not in box.raw[-1].replace(b"=\r\n", b"")
        assert "alert(1)</script>" not in mail.get_body(("html",)).get_content()
    assert len(box.raw) == len(hook.bodies) == len(HOSTILE)


SERVICES = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    "slack blocks": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?blocks=yes",
    "teams": "workflows://prod.example.com:443/643e69f83c8944438d68119179a10a64/sig1234567890",
    "discord": "discord://123456789012345678/" + "a" * 68,
    "mattermost": "mmost://chat.example.com/" + "a" * 24,
    "telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "rocket": "rocket://webhooktoken/abcdef@chat.example.com/general/",
}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_hostile_name_pings_and_links_in_no_chat(office, monkeypatch, service):
    """What Apprise would post to each service, with nobody to post it to."""
    posted = []

    class Answer:
        status_code = 200
        content = b"ok"
        text = "ok"
        headers = MappingProxyType({})

        def json(self):
            return {"ok": True}

    def post(*_, **options):
        posted.append(options)
        return Answer()

    monkeypatch.setattr("requests.post", post)
    monkeypatch.setattr("requests.request", post)
    company = office(main=service)
    for number, name in enumerate(
        ["<!channel>", "@everyone", "[Pay](https://evil.com/x)", "<at>ceo</at>", "<b>*x*</b>"]
    ):
        one = alert(f"a{number}", who=name, body={"words": f"{name} owes", "brief": f"{name} is late"})
        company.keep(one, notice(f"n{number}", alert=one.id))
        done = company.deliver()
        assert done.sent == 1, done.problems
    sent = "\n".join(strings(options) for options in posted)
    assert "owes" in sent
    for live in ("<!channel>", "@everyone", "<at>", "](https", "https://evil", "evil.com"):
        assert live not in sent, live
    if "tgram" in service:
        assert "<b>*x*" not in sent


def strings(options):
    """Every text that is posted, unwrapped from its JSON."""
    found = []

    def walk(value):
        match value:
            case str():
                found.append(value)
            case dict():
                for inner in value.values():
                    walk(inner)
            case list():
                for inner in value:
                    walk(inner)

    data = options.get("data") or options.get("json") or ""
    walk(json.loads(data) if isinstance(data, str | bytes) and data else data)
    return "\n".join(found)
