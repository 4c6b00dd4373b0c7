"""What people do about alerts: see to them, be silent about them, end them, write beside them."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, date, datetime

import click

from alerts import lifecycle
from alerts.body import Body
from commands.options import CONTROL, Command, Day, Option, configured, plainly, settings_of
from config.settings import Settings
from ledger.errors import OutstandingError
from state import State
from state.alert_records import Alert

_SHORTEST = 4
"""So many letters of an id may stand for it."""

_note = click.option("--note", "words", default="", help="A few words beside it.")


def _acting(*more: Option) -> Option:
    """What every one of these commands has: the alert, ``more`` of its own, who does it, settings, plain mistakes."""
    who = click.option("--who", default="", help="Who does it; the user of this machine if left out.")

    def made(command: Command) -> Command:
        wrapped: Command = click.pass_context(plainly(command))
        for option in reversed((click.argument("id"), *more, who, configured)):
            wrapped = option(wrapped)
        return wrapped

    return made


def _on_one(change: Callable[[State, str, str, Settings], Alert], context: click.Context, id: str, who: str) -> None:
    """Change the alert that ``id`` or its beginning names, and say how it is now."""
    settings = settings_of(context)
    state = State.open(settings)
    try:
        alert = change(state, _whole(state, id), who or user(), settings)
    finally:
        state.close()
    click.echo(CONTROL.sub(" ", f"{alert.id}  {alert.status}  {alert.who}: {Body.of(alert).brief or alert.title}"))


def _whole(state: State, id: str) -> str:
    """The id that ``id`` is, or that it begins."""
    known = [alert.id for alert in state.alerting.alerts()]
    if id in known:
        return id
    begun = [each for each in known if each.startswith(id)] if len(id) >= _SHORTEST else []
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise OutstandingError(f"{len(begun)} alerts begin with '{id}'; write more of the one that is meant.")
    raise OutstandingError(f"There is no alert '{id}'; 'alerts list --status all' lists them with their ids.")


def user() -> str:
    """Who works at this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "command line"


@click.command("acknowledge")
@_acting(_note)
def acknowledge_command(context: click.Context, id: str, who: str, words: str) -> None:
    """Say that somebody is seeing to alert ID: nothing more is sent unless it becomes worse."""
    _on_one(lambda state, whole, by, _: lifecycle.acknowledge(state, whole, by, words), context, id, who)


@click.command("snooze")
@_acting(click.option("--until", type=Day(), required=True, help="The first day on which it may be told again."), _note)
def snooze_command(context: click.Context, id: str, until: date, who: str, words: str) -> None:
    """Be silent about alert ID until a day."""
    today = datetime.now(UTC).astimezone().date()
    if until <= today:
        raise OutstandingError(f"--until {until} has passed; name a day after {today}.")
    _on_one(lambda state, whole, by, _: lifecycle.snooze(state, whole, by, until, words), context, id, who)


@click.command("close")
@_acting(_note)
def close_command(context: click.Context, id: str, who: str, words: str) -> None:
    """End alert ID by hand: it stays ended until its number has been within the limit once, or becomes more severe."""
    _on_one(lambda state, whole, by, _: lifecycle.close(state, whole, by, words), context, id, who)


@click.command("reopen")
@_acting()
def reopen_command(context: click.Context, id: str, who: str) -> None:
    """Take back that somebody sees to alert ID, or that it was ended by hand."""
    _on_one(lambda state, whole, by, _: lifecycle.reopen(state, whole, by), context, id, who)


@click.command("note")
@_acting(click.argument("words"))
def note_command(context: click.Context, id: str, words: str, who: str) -> None:
    """Write WORDS beside alert ID."""
    _on_one(lambda state, whole, by, _: lifecycle.note(state, whole, by, words), context, id, who)


@click.command("assign")
@_acting(click.argument("owner"))
def assign_command(context: click.Context, id: str, owner: str, who: str) -> None:
    """Make alert ID that of OWNER, a key of [owners] in alerts.toml."""
    _on_one(
        lambda state, whole, by, settings: lifecycle.assign(state, whole, by, owner, settings.alerts.owners),
        context,
        id,
        who,
    )


PEOPLE = (
    acknowledge_command, snooze_command, close_command, reopen_command, note_command, assign_command,
)  # fmt: skip
