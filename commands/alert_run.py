"""A run of the rules as commands do it: asked, kept, sent, and told in a line. A refresh ends with one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import click

from alerts.body import Body
from alerts.delivery import Delivered, Post, deliver, sender_of
from alerts.run import run
from charts import alert as figures
from commands.options import CONTROL
from config.settings import Settings
from ledger.book import Book
from ledger.errors import OutstandingError
from metrics import Targets, text
from state import State, place
from state.alert_records import Alert

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """What a run came to. ``words``: in half a line."""

    words: str
    raised: Sequence[Alert]
    resolved: Sequence[Alert]
    nothing_asked: bool


def asked_and_sent(
    settings: Settings, book: Book, state: State, targets: Targets, *, by: str, send: bool = True
) -> Told:
    """Ask every rule, keep what follows, and send it. What goes wrong with a rule or a message is a note.

    Raises:
        StateError: the state database cannot be read or written.
    """
    result = run(settings, book, state, targets, by=by)
    problems = [one.problem for one in result.run.rules if one.problem]
    for problem in problems:
        noted(problem)
    if result.run.outcome == "superseded":
        noted(f"This snapshot was not put to use: {result.run.words}.")
    done = handed_over(settings, state) if send else None
    for problem in done.problems if done else ():
        noted(problem)
    live = state.alerting.alerts(("open", "acknowledged"))
    return Told(
        words=_words(sum(not alert.under for alert in live), result.raised, result.resolved, done),
        raised=result.raised,
        resolved=result.resolved,
        nothing_asked=bool(problems) and len(problems) == len(result.run.rules),
    )


def handed_over(settings: Settings, state: State) -> Delivered:
    """Send everything that is due and has not been taken yet."""
    return deliver(state, Post(settings.alerts, sender_of(state, settings.company), draw=picture))


def after_refresh(settings: Settings, book: Book, targets: Targets) -> None:
    """The run at the end of a refresh, in a line. Whatever goes wrong with it is a note: the refresh has succeeded."""
    file = place(settings).file
    rules = (*settings.alerts.rules, *settings.alerts.broken)
    if not rules and file is not None and not file.exists():
        return
    try:
        state = State.open(settings)
        try:
            result = asked_and_sent(settings, book, state, targets, by="refresh")
        finally:
            state.close()
    except OutstandingError as error:
        noted(f"The snapshot is published, but the alerts were not evaluated: {error}")
    except Exception:  # noqa: BLE001 - the snapshot is there, whatever happens here
        _log.exception("The alerts could not be evaluated.")
        noted("The snapshot is published, but the alerts were not evaluated because of a mistake in the product.")
    else:
        click.echo(f"alerts       {result.words}")


def picture(alert: Alert) -> bytes | None:
    """The history of an alert's number with its limit, as PNG; ``None`` where there are not two days of it."""
    return figures.picture(Body.of(alert).history, alert.metric, alert.who, alert.currency, alert.since)


def noted(words: str) -> None:
    """A remark on standard error, on one line."""
    click.echo(CONTROL.sub(" ", f"Note: {words}"), err=True)


def _words(live: int, raised: Sequence[Alert], resolved: Sequence[Alert], done: Delivered | None) -> str:
    said = [f"{live} open"]
    said += [f"{len(raised)} new"] * bool(raised) + [f"{len(resolved)} resolved"] * bool(resolved)
    if done:
        said += [f"{text.count(done.sent, 'message')} sent".replace(text.NBSP, " ")] * bool(done.sent)
        said += [f"{done.waiting} to be tried again"] * bool(done.waiting) + [f"{done.failed} given up"] * bool(
            done.failed
        )
    return ", ".join(said)
