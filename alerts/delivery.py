"""From the outbox to the people: when a digest is due, and handing messages over, each once.

A message is claimed, marked as being handed over, handed over, and marked as sent. A process that dies before the first
mark loses nothing; one that dies between the marks leaves a message of which nobody knows whether it arrived, and its
successor sends one that says so.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from alerts import channels
from alerts.envelope import Envelope, Trouble, Uncertain
from alerts.letter import Sender
from alerts.messages import Draw, retold, trial, write
from alerts.quoting import line
from alerts.remarks import Written, remarked
from alerts.scrubbing import Secrets
from config.alerts import AlertSettings
from config.reading import variables
from ledger.errors import ConfigError, OutstandingError, did_you_mean
from state import State
from state.alert_records import Message, NewMessage, Notice

LEASE = timedelta(minutes=10)
"""So long a message belongs to the process that claimed it: much longer than an attempt can take, large files too."""

_LONGEST_WAIT = timedelta(hours=6)
"""So that a channel that is down for a day or two hears of it soon after it is up again."""

_SPREAD = 0.1
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_MAY_HAVE_ARRIVED = "it may have arrived all the same"


def digest_due(now: datetime, digest_at: time, zone: tzinfo | None = None) -> datetime:
    """The next moment at which a digest is due, in UTC; ``now`` itself where it is that moment.

    Args:
        now: a moment with its offset.
        digest_at: a time of day where the books are kept. One that a change of the clock skips is taken as much later
            as was skipped; of one that comes twice, the first is meant.
        zone: where the books are kept; this machine's time zone when left out.
    """
    day = now.astimezone(zone).date()
    for later in (0, 1):
        moment = _at(day + timedelta(days=later), digest_at, zone)
        if moment >= now:
            return moment
    return _at(day + timedelta(days=2), digest_at, zone)


def _at(day: date, clock: time, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


@dataclass(frozen=True)
class Delivered:
    """What came of handing messages over.

    Attributes:
        made: messages that were made of what was due.
        sent: taken by their channel now.
        waiting: not taken, to be tried again.
        failed: given up.
        unknown: found half handed over by a process that died; each is said once more.
        problems: a sentence for each message that was not taken, or not by all of its recipients.
    """

    made: int = 0
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Post:
    """What handing over needs beside the messages. The last three are for tests.

    Attributes:
        settings: owners, channels, how often and how soon.
        sender: whose alerts they are.
        draw: makes the pictures.
        now: the clock.
        seconds: so long one attempt may take.
        spread: what a wait is multiplied by, so that not everything is tried again at once.
    """

    settings: AlertSettings
    sender: Sender
    draw: Draw | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: float = channels.SECONDS
    spread: Callable[[], float] = lambda: random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - no secret


def sender_of(state: State, company: str) -> Sender:
    """Whose alerts they are, as of the last evaluation that was put to use."""
    last = next((run for run in state.alerting.runs() if run.outcome == "applied"), None)
    return Sender(company, last.snapshot, day=last.day) if last else Sender(company)


def deliver(state: State, post: Post) -> Delivered:
    """Make messages of what is due and hand over everything that waits. Safe to be run by several processes at once.

    Raises:
        StateError: the state database cannot be read or written. What was handed over until then is known.
    """
    box = state.outbox
    made = box.compose(post.now(), lambda notices: _written(state, post, notices))
    unknown = len(box.recover(post.now(), retold))
    round_ = _Round(state, post)
    while (message := box.claim(post.now(), LEASE)) is not None:
        round_.take(message)
    return Delivered(made, round_.sent, round_.waiting, round_.failed, unknown, tuple(round_.problems))


def send_trial(settings: AlertSettings, channel: str, company: str, seconds: float = channels.SECONDS) -> None:
    """Send a message that only proves that a channel works; nothing is kept.

    Raises:
        OutstandingError: there is no such channel, or it did not take the message.
    """
    if channel not in settings.channels:
        hint = did_you_mean(channel, settings.channels)
        raise OutstandingError(f"{settings.file} has no channel '{channel}'; {hint}".rstrip("; "))
    now = datetime.now(UTC)
    message = trial(channel, company)
    try:
        remark = _attempt(settings, channel, _envelope(message, f"test{now:%Y%m%d%H%M%S%f}"), now, seconds)()
    except Trouble as error:
        raise OutstandingError(f"Channel '{channel}': {error}.") from None
    if remark:
        raise OutstandingError(f"Channel '{channel}' took the message, but the mail server refused {remark}.")


def _written(state: State, post: Post, notices: Sequence[Notice]) -> list[NewMessage]:
    alerts = {alert.id: alert for alert in state.alerting.alerts()}
    return write(notices, alerts, post.settings, post.sender, post.now(), post.draw)


@dataclass
class _Round:
    """One pass over the outbox. A channel that is down is not tried again in the same pass."""

    state: State
    post: Post
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    problems: list[str] = field(default_factory=list)
    down: dict[str, Trouble] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Hand one claimed message over, and say what came of it."""
        try:
            if message.channel in self.down:
                raise self.down[message.channel]
            attempt = self._prepared(message)
        except Trouble as trouble:
            self._not_taken(message, trouble)
            return
        if not self.state.outbox.handing(message.id, self.post.now(), message.attempts):
            return
        try:
            remark = attempt()
        except Trouble as trouble:
            if trouble.is_down:
                self.down[message.channel] = Trouble(str(trouble))
            self._not_taken(message, trouble)
            return
        told = f"Taken, but the mail server refused {remark}." if remark else ""
        self.state.outbox.sent(message.id, self.post.now(), told)
        self.sent += 1
        if told:
            self.problems.append(f"'{message.subject}' over '{message.channel}': {told}")

    def _prepared(self, message: Message) -> Callable[[], str]:
        envelope = _envelope(message, _first(self.state, message).id)
        if _MAY_HAVE_ARRIVED in message.error:
            words = f"This may be a repeat: at the last attempt {line(message.error, 300).rstrip('.')}."
            again = remarked(Written(envelope.subject, envelope.text, envelope.html), words)
            envelope = replace(envelope, subject=again.subject, text=again.text, html=again.html)
        return _attempt(self.post.settings, message.channel, envelope, self.post.now(), self.post.seconds)

    def _not_taken(self, message: Message, trouble: Trouble) -> None:
        rules, now = self.post.settings.delivery, self.post.now()
        unsure = f"; {_MAY_HAVE_ARRIVED}" if isinstance(trouble, Uncertain) else ""
        error = f"{str(trouble)[:1].upper()}{str(trouble)[1:]}{unsure}."
        given_up = message.attempts >= rules.attempts
        wait = min(timedelta(minutes=rules.first_wait) * 2 ** (message.attempts - 1), _LONGEST_WAIT)
        wait *= self.post.spread()
        self.state.outbox.failed(message.id, now, error, None if given_up else now + wait, message.attempts)
        if given_up:
            self.failed += 1
        else:
            self.waiting += 1
        self.problems.append(f"'{message.subject}' over '{message.channel}': {error}")


def _envelope(message: Message | NewMessage, id: str) -> Envelope:
    return Envelope(
        id=id,
        subject=message.subject,
        text=message.text,
        html=message.html,
        attachments=message.attachments,
        alerts=message.alerts if isinstance(message, Message) else (),
    )


def _first(state: State, message: Message) -> Message:
    """The message that this one repeats, and that one, back to the first: a receiver knows it by that id."""
    seen = {message.id}
    while message.repeats and message.repeats not in seen:
        seen.add(message.repeats)
        before = state.outbox.message(message.repeats)
        if before is None:
            break
        message = before
    return message


def _attempt(
    settings: AlertSettings, channel: str, envelope: Envelope, now: datetime, seconds: float
) -> Callable[[], str]:
    """The attempt, ready to be made; neither it nor what it raises tells a secret.

    Raises:
        Trouble: the channel is gone, needs a variable that is not set, or has an address that cannot be.
    """
    if channel not in settings.channels:
        raise Trouble(f"{settings.file} has no channel '{channel}' any more")
    try:
        address = settings.channel(channel)
    except ConfigError as error:
        raise Trouble(str(error).rstrip(".")) from None
    secrets = Secrets.of(address, _values(settings, channel))
    with channels.secretly(secrets):
        send = channels.prepared(address, envelope, now)

    def attempt() -> str:
        with channels.secretly(secrets):
            return channels.within(seconds + envelope.seconds, send)

    return attempt


def _values(settings: AlertSettings, channel: str) -> list[str]:
    """What the variables of a channel's address stand for."""
    known = variables(settings.secrets)
    return [known[name] for name in _VARIABLE.findall(settings.written[channel]) if name in known]
