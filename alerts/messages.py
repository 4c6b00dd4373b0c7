"""What an owner is told: notices become messages, one for each of the owner's channels.

Immediate notices are told as they come; a digest gathers what is due, and says shortly what is still open besides.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.letter import Letter, Sender, letter, picture_of, told_first
from alerts.letter_html import as_html
from alerts.letter_text import as_text
from alerts.quoting import line, still
from alerts.remarks import Written, remarked
from config.alerts import AlertSettings, Owner
from metrics import text
from state.alert_records import Alert, Message, NewMessage, Notice

_log = logging.getLogger(__name__)

MOST_PICTURES = 5

Draw = Callable[[Alert], bytes | None]
"""An alert's history as PNG; ``None`` where there is none to draw."""


def write(
    notices: Sequence[Notice],
    alerts: Mapping[str, Alert],
    settings: AlertSettings,
    sender: Sender,
    now: datetime,
    draw: Draw | None = None,
) -> list[NewMessage]:
    """The messages that notices come to: for each owner and mode one over each of the owner's channels.

    A notice comes to nothing where its alert is told inside another one, sleeps, or is nobody's who has a channel.

    Args:
        notices: what is due, oldest first.
        alerts: every alert by id, as it is now.
        settings: the owners and their channels.
        sender: whose alerts they are; links lead to ``settings.delivery.url``.
        now: when they are written.
        draw: makes the pictures of the first few alerts.
    """
    sender = replace(sender, url=settings.delivery.url)
    made: list[NewMessage] = []
    for (key, mode), told in _together(notices, settings):
        owner = settings.owners.get(key)
        if owner is not None and owner.channels:
            made.extend(_messages(key, owner, mode, told, alerts, sender, now, draw))
    return made


def retold(message: Message) -> NewMessage:
    """A message once more, which says first that it may have arrived already."""
    when = text.moment(message.created_at.astimezone())
    words = (
        f"This may be a repeat: the message was made on {when}, and the program stopped while it was handing it over, "
        "so nobody knows whether it has reached you."
    )
    again = remarked(Written(message.subject, message.text, message.html), words)
    return replace(message.anew(), subject=again.subject, text=again.text, html=again.html)


def trial(channel: str, company: str) -> NewMessage:
    """A message that only proves that a channel works."""
    said = f"This is a test of the channel '{line(channel, 60)}'. Alerts of {line(company, 80)} will arrive like this."
    page = Letter(
        subject=f"Test of the receivables alerts of {line(company, 80)}",
        lead=said,
        entries=(),
        more=0,
        open=(),
        more_open=0,
        resolved=(),
        more_resolved=0,
        inbox=None,
        foot=line(company, 80),
    )
    return NewMessage(
        owner="",
        channel=channel,
        mode="immediate",
        subject=still(page.subject),
        text=as_text(page),
        html=as_html(page),
        notices=(),
    )


def _together(notices: Sequence[Notice], settings: AlertSettings) -> Iterable[tuple[tuple[str, str], list[Notice]]]:
    """Notices by who is told and mode, each in the order they came."""
    groups: dict[tuple[str, str], list[Notice]] = {}
    for notice in notices:
        groups.setdefault((_reached(notice.owner, settings), notice.mode), []).append(notice)
    return groups.items()


def _reached(key: str, settings: AlertSettings) -> str:
    """Who is told what is an owner's: the first owner in place of one without a channel, who would hear of nothing."""
    owner = settings.owners.get(key)
    if owner is None or owner.channels:
        return key
    return next(iter(settings.owners))


def _messages(
    key: str,
    owner: Owner,
    mode: str,
    notices: Sequence[Notice],
    alerts: Mapping[str, Alert],
    sender: Sender,
    now: datetime,
    draw: Draw | None,
) -> Iterable[NewMessage]:
    drawn = _pictures(told_first(notices, alerts, now, MOST_PICTURES), draw)
    told = letter(notices, alerts, sender, owner.name, now, drawn)
    if told is None:
        return
    plain, page = as_text(told), as_html(told)
    attachments = tuple((picture_of(alerts[id]), png) for id, png in drawn.items())
    for channel in dict.fromkeys(owner.channels):
        yield NewMessage(
            owner=key,
            channel=channel,
            mode="digest" if mode == "digest" else "immediate",
            subject=still(told.subject),
            text=plain,
            html=page,
            notices=tuple(notice.id for notice in notices),
            attachments=attachments,
        )


def _pictures(alerts: Iterable[Alert], draw: Draw | None) -> dict[str, bytes]:
    """PNG by the alert's id, of those that can be drawn."""
    made: dict[str, bytes] = {}
    for alert in alerts if draw is not None else ():
        try:
            png = draw(alert) if draw else None
        except Exception:  # noqa: BLE001 - a message without its picture is better than none
            _log.exception("The picture of alert %s could not be drawn; its message goes without.", alert.id)
            continue
        if png:
            made[alert.id] = png
    return made
