"""Alerts: what the rules say now, a run that keeps and sends it, and what people do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
import polars as pl

from alerts.backtest import MONTHS, backtest
from alerts.body import Body
from alerts.case import Case, Evaluation
from alerts.delivery import send_trial
from alerts.evaluation import evaluate
from alerts.rules import RuleSet, collected, told
from commands.alert_people import PEOPLE, user
from commands.alert_run import asked_and_sent, handed_over, noted
from commands.options import CONTROL, as_format, asking, book_of, configured, plainly, settings_of, targets_of
from commands.printing import show
from config.settings import Settings
from ledger.book import Book
from ledger.errors import OutstandingError, did_you_mean
from ledger.scope import UNASSIGNED
from metrics import CATALOG, Targets
from state import State, place
from state.alert_records import STATUSES, Alert, KeptRule, Message, Run

_IN_ITS_UNIT = ("level", "target", "benchmark")
"""Kinds whose limit is a value of the metric; of the others the value that would be no news is told."""
_LIVE = ("open", "acknowledged")

_CASE = {
    "severity": pl.String, "rule": pl.String, "who": pl.String, "group": pl.List(pl.String), "currency": pl.String,
    "value": pl.Float64, "unit": pl.String, "limit": pl.Float64, "since": pl.Date, "money": pl.Float64,
    "under": pl.String, "words": pl.String,
}  # fmt: skip
_ALERT = {
    "id": pl.String, "status": pl.String, "severity": pl.String, "rule": pl.String, "who": pl.String,
    "currency": pl.String, "value": pl.Float64, "unit": pl.String, "limit": pl.Float64, "since": pl.Date,
    "money": pl.Float64, "owner": pl.String, "acknowledged_by": pl.String, "snoozed_until": pl.Date,
    "under": pl.String, "opened_on": pl.Date, "words": pl.String,
}  # fmt: skip
_RULE = {
    "id": pl.String, "state": pl.String, "severity": pl.String, "owner": pl.String, "from": pl.String,
    "words": pl.String,
}  # fmt: skip
_RUN = {
    "at": pl.String, "by": pl.String, "outcome": pl.String, "snapshot": pl.String, "as_of": pl.Date,
    "words": pl.String,
}  # fmt: skip
_RULE_RUN = {
    "at": pl.String, "rule": pl.String, "judged": pl.Int64, "beyond": pl.Int64, "opened": pl.Int64,
    "resolved": pl.Int64, "problem": pl.String,
}  # fmt: skip
_MESSAGE = {
    "at": pl.String, "id": pl.String, "owner": pl.String, "channel": pl.String, "mode": pl.String,
    "status": pl.String, "attempts": pl.Int64, "sent_at": pl.String, "next_try_at": pl.String, "subject": pl.String,
    "error": pl.String,
}  # fmt: skip


@click.group("alerts", invoke_without_command=True)
@as_format
@configured
@click.pass_context
@plainly
def alerts_command(context: click.Context, shape: str) -> None:
    """What the rules say now, the most severe first; nothing is kept or sent. Its commands do the rest."""
    if context.invoked_subcommand is not None:
        return
    settings, book, targets = _opened(context)
    rules = collected(settings.alerts, _kept_rules(settings), book, targets)
    for note in rules.notes:
        noted(note)
    found = evaluate(book, rules.rules, rules.broken, settings.alerts, targets, settings.window.default)
    for tally in found.tallies:
        if tally.problem:
            noted(tally.problem)
    show(_cases(found), shape)


def _opened(context: click.Context) -> tuple[Settings, Book, Targets]:
    settings, book = book_of(context)
    return settings, book, targets_of(settings)


def _kept_rules(settings: Settings) -> Sequence[KeptRule]:
    """What people changed of the rules. A database that is not there yet is not made for the question."""
    file = place(settings).file
    if file is not None and not file.exists():
        return ()
    state = State.open(settings)
    try:
        return state.alerting.kept_rules()
    finally:
        state.close()


def _cases(found: Evaluation) -> pl.DataFrame:
    names = {case.key: f"{case.breach.rule.id}: {case.who}" for case in found.cases}
    return pl.DataFrame([_case(case, names) for case in found.cases], schema=_CASE, orient="row")


def _case(case: Case, names: dict[str, str]) -> tuple[Any, ...]:
    breach = case.breach
    return (
        case.severity,
        breach.rule.id,
        case.who,
        _group(breach.group),
        breach.currency,
        breach.value,
        CATALOG[breach.rule.metric].unit.value,
        breach.limit if breach.rule.when in _IN_ITS_UNIT else breach.expected,
        breach.since,
        case.money,
        names.get(case.under) if case.under else None,
        case.words,
    )


def _group(group: Sequence[tuple[str, str | None]]) -> list[str]:
    """A group as ``--where`` takes it."""
    return [f"{name}={UNASSIGNED if value is None else value}" for name, value in group]


# --- runs and messages ----------------------------------------------------------------------------------------------


@alerts_command.command("run")
@click.option("--no-send", is_flag=True, help="Keep what is found and make no message of it yet.")
@configured
@click.pass_context
@plainly
def run_command(context: click.Context, no_send: bool) -> None:
    """Ask every rule, keep what is new, worse or over, and send it: for a scheduler."""
    settings, book, targets = _opened(context)
    state = State.open(settings)
    try:
        result = asked_and_sent(settings, book, state, targets, by="command", send=not no_send)
    finally:
        state.close()
    for sign, alert in [("+", one) for one in result.raised] + [("-", one) for one in result.resolved]:
        click.echo(CONTROL.sub(" ", f"{sign} {alert.severity:<6} {alert.who}: {Body.of(alert).brief or alert.title}"))
    click.echo(f"alerts       {result.words}")
    if result.nothing_asked:
        raise OutstandingError("No rule could be asked: the notes above say why of each.")


@alerts_command.command("send")
@click.option("--again", metavar="ID", help="Also send this message once more; 'alerts log --of messages' has the ids.")
@configured
@click.pass_context
@plainly
def send_command(context: click.Context, again: str | None) -> None:
    """Send what waits: digests that are due, and messages that were not taken before."""
    settings = settings_of(context)
    state = State.open(settings)
    try:
        if again:
            state.outbox.again(again, datetime.now(UTC), user())
        done = handed_over(settings, state)
    finally:
        state.close()
    for problem in done.problems:
        noted(problem)
    waiting = f", {done.waiting} to be tried again" if done.waiting else ""
    given_up = f", {done.failed} given up" if done.failed else ""
    repeats = f", {done.unknown} that may have arrived before" if done.unknown else ""
    click.echo(f"{done.sent} sent{waiting}{given_up}{repeats}")
    if done.problems and not done.sent:
        raise OutstandingError("No message was taken: the notes above say why of each.")


@alerts_command.command("test")
@click.argument("channel")
@configured
@click.pass_context
@plainly
def test_command(context: click.Context, channel: str) -> None:
    """Send a test message over CHANNEL now; nothing is kept."""
    settings = settings_of(context)
    send_trial(settings.alerts, channel, settings.company)
    click.echo(f"'{channel}' took the test message.")


@alerts_command.command("log")
@asking(
    click.option(
        "--of",
        "what",
        type=click.Choice(("runs", "rules", "messages")),
        default="runs",
        show_default=True,
        help="Each run, each rule of each run, or each message.",
    ),
    click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="The newest so many."),
)
def log_command(context: click.Context, what: str, limit: int, shape: str) -> None:
    """What was asked and when, whether it fired, and what was delivered, or why not; the newest first."""
    state = State.open(settings_of(context))
    try:
        if what == "messages":
            rows, schema = [_message(each) for each in state.outbox.messages(limit)], _MESSAGE
        else:
            runs = state.alerting.runs(limit)
            rows, schema = ([_run(each) for each in runs], _RUN) if what == "runs" else (_rule_runs(runs), _RULE_RUN)
    finally:
        state.close()
    show(pl.DataFrame(rows, schema=schema, orient="row"), shape)


def _run(run: Run) -> tuple[Any, ...]:
    return _moment(run.finished_at), run.by, run.outcome, run.snapshot, run.day, run.words


def _rule_runs(runs: Sequence[Run]) -> list[tuple[Any, ...]]:
    return [
        (_moment(run.finished_at), one.rule, one.judged, one.breached, one.opened, one.resolved, one.problem or None)
        for run in runs
        for one in run.rules
    ]


def _message(message: Message) -> tuple[Any, ...]:
    return (
        _moment(message.created_at), message.id, message.owner, message.channel, message.mode, message.status,
        message.attempts, _moment(message.sent_at), _moment(message.next_try_at), message.subject,
        message.error or None,
    )  # fmt: skip


def _moment(when: datetime | None) -> str | None:
    """Where the books are kept, to the second, with its offset."""
    return None if when is None else when.astimezone().isoformat(sep=" ", timespec="seconds")


# --- rules ----------------------------------------------------------------------------------------------------------


@alerts_command.command("rules")
@asking()
def rules_command(context: click.Context, shape: str) -> None:
    """Every rule in words, whether it is on, and where it comes from; those that cannot be, and why."""
    settings, book, targets = _opened(context)
    kept = {each.id: each for each in _kept_rules(settings)}
    rules = collected(settings.alerts, tuple(kept.values()), book, targets)
    for note in rules.notes:
        noted(note)
    rows: list[tuple[Any, ...]] = [
        (
            rule.id,
            "on" if rule.enabled else "off",
            rule.severity,
            f"by {rule.owner_by}" if rule.owner_by else rule.owner or next(iter(settings.alerts.owners), None),
            _source(kept.get(rule.id)),
            told(rule, dict(book.dimensions), book.currencies[0] if len(book.currencies) == 1 else ""),
        )
        for rule in rules.rules
    ]
    rows += [(each.id, "broken", None, None, _source(kept.get(each.id)), each.why) for each in rules.broken]
    show(pl.DataFrame(rows, schema=_RULE, orient="row"), shape)


def _source(kept: KeptRule | None) -> str:
    return "file" if kept is None else f"{kept.changed_by}, {kept.changed_at.astimezone():%Y-%m-%d}"


@alerts_command.command("backtest")
@click.argument("rule")
@asking(
    click.option("--months", type=click.IntRange(1, 120), default=MONTHS, show_default=True, help="How far back."),
    click.option("--by-month", is_flag=True, help="A row a month instead of a row an alert."),
)
def backtest_command(context: click.Context, rule: str, months: int, by_month: bool, shape: str) -> None:
    """What RULE would have said at the end of each month until now, on the books as they are known today."""
    settings, book, targets = _opened(context)
    found = _rule(collected(settings.alerts, _kept_rules(settings), book, targets), rule)
    said = backtest(book, found, targets, settings.window.default, months=months)
    if shape == "table":
        click.echo(CONTROL.sub(" ", f"{said.words}."))
    show(said.months if by_month else said.episodes, shape)


def _rule(rules: RuleSet, id: str) -> Any:
    for rule in rules.rules:
        if rule.id == id:
            return rule
    for broken in rules.broken:
        if broken.id == id:
            raise OutstandingError(broken.why)
    known = [each.id for each in (*rules.rules, *rules.broken)]
    raise OutstandingError(f"There is no rule '{id}'; {did_you_mean(id, known)}".rstrip("; "))


# --- what is kept -------------------------------------------------------------------------------------------------


@alerts_command.command("list")
@asking(
    click.option(
        "--status",
        "statuses",
        type=click.Choice((*STATUSES, "all")),
        multiple=True,
        help="Which alerts; those that have not ended if left out.",
    )
)
def list_command(context: click.Context, statuses: Sequence[str], shape: str) -> None:
    """The alerts that are kept, the one raised last first."""
    chosen = set(STATUSES if "all" in statuses else statuses or _LIVE)
    state = State.open(settings_of(context))
    try:
        everyone = state.alerting.alerts()
    finally:
        state.close()
    ids = {alert.key: alert.id for alert in everyone}
    rows = [_alert(alert, ids) for alert in everyone if alert.status in chosen]
    show(pl.DataFrame(rows, schema=_ALERT, orient="row"), shape)


def _alert(alert: Alert, ids: dict[str, str]) -> tuple[Any, ...]:
    body = Body.of(alert)
    return (
        alert.id, alert.status, alert.severity, alert.rule, alert.who, alert.currency, alert.value, body.unit or None,
        alert.limit, alert.since, alert.money, alert.owner, alert.acknowledged_by or None, alert.snoozed_until,
        ids.get(alert.under) if alert.under else None, alert.opened_on, body.words,
    )  # fmt: skip


for command in PEOPLE:
    alerts_command.add_command(command)
