"""A run: all rules asked of a snapshot, and what follows kept in one transaction. Sending is ``alerts.delivery``.

Two processes may run at once. Each evaluates by itself and then takes its turn: the second finds the alerts that the
first has raised and has nothing new to tell. A run over an older snapshot than one that was put to use changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from alerts import lifecycle
from alerts.case import Case, Evaluation
from alerts.delivery import digest_due
from alerts.evaluation import evaluate
from alerts.lifecycle import Happened, Moment, Step
from alerts.rules import collected, told
from config.alerts import AlertSettings
from config.settings import Settings
from ledger.book import Book
from metrics import Targets, text
from state import State
from state.alert_records import Alert, Event, Notice, RuleRun, Run
from state.alerting import Desk

_RAISED = ("opened", "reopened", "unfolded")


@dataclass(frozen=True)
class RunResult:
    """A run as it is kept, what happened to which alert in it, and what was found.

    Nothing happened in a run that was superseded.
    """

    run: Run
    happened: tuple[tuple[Alert, Happened], ...]
    evaluation: Evaluation

    @property
    def raised(self) -> list[Alert]:
        """Alerts of their own that are new, or there again."""
        return [alert for alert, what in self.happened if what.kind in _RAISED and alert.under is None]

    @property
    def resolved(self) -> list[Alert]:
        """Alerts of their own that have ended."""
        return [alert for alert, what in self.happened if _is_over(alert, what)]


def run(
    settings: Settings, book: Book, state: State, targets: Targets, by: str = "command", now: datetime | None = None
) -> RunResult:
    """Ask every rule of ``book`` and keep what follows.

    Args:
        settings: the rules, the owners, the dimensions.
        book: the current snapshot.
        state: where alerts are kept.
        targets: what is good and what needs attention.
        by: ``refresh``, ``command`` or ``page``.
        now: the moment of the run; the clock's when left out.

    Raises:
        StateError: the state database cannot be read or written: nothing has changed then.
    """
    started = now or datetime.now(UTC)
    rules = collected(settings.alerts, state.alerting.kept_rules(), book, targets)
    found = evaluate(book, rules.rules, rules.broken, settings.alerts, targets, settings.window.default)
    finished = now or datetime.now(UTC)
    moment = Moment(finished, finished.astimezone().date())
    with state.alerting.desk() as desk:
        last = desk.last_applied()
        late = bool(last and last.made_at and found.made_at and found.made_at < last.made_at)
        happened = () if late else tuple(_applied(desk, found, moment, dict(book.dimensions), settings.alerts))
        kept = Run(
            id=desk.new_id(),
            started_at=started,
            finished_at=finished,
            by=by,
            outcome="superseded" if late else "applied",
            snapshot=found.snapshot,
            made_at=found.made_at,
            day=found.day,
            words="a newer snapshot had been evaluated already" if late else _words(found, happened),
            rules=tuple(_rule_runs(found, happened)),
        )
        desk.keep(kept)
        for alert, what in happened:
            if what.kind != "assigned" or not alert.body.get("assigned"):  # a person's doing is written down already
                desk.note(Event(alert=alert.id, at=finished, kind=what.kind, run=kept.id, words=what.words))
            notice = _notice(desk, alert, what, settings.alerts, finished) if what.told else None
            if notice is not None:
                desk.post(notice)
    return RunResult(kept, happened, found)


def _applied(
    desk: Desk, found: Evaluation, moment: Moment, labels: dict[str, str], settings: AlertSettings
) -> Iterable[tuple[Alert, Happened]]:
    """Puts what was found beside what is kept; yields what happened. Empty books tell nothing: all stays as it is."""
    if found.day is None:
        return
    kept = desk.alerts()
    calming = {key for key, alert in kept.items() if _is_calming(found, found.day, key, alert, settings.life.calm_days)}
    beyond = {case.key for case in found.cases}
    there = beyond | found.held | calming
    steps: dict[str, Step] = {}
    for case in found.cases:
        words = told(case.breach.rule, labels, case.breach.currency)
        before = kept.get(case.key)
        steps[case.key] = (
            lifecycle.raised(case, desk.new_id(), moment, words)
            if before is None
            else _found_again(desk, before, case, moment, words, there, settings)
        )
    steps |= _not_there(found, found.day, moment, kept, calming)
    after = {**kept, **{key: step.alert for key, step in steps.items()}}
    steps |= {
        key: lifecycle.without_its_cause(alert)
        for key, alert in after.items()
        if alert.under and alert.status != "resolved" and key not in beyond and _has_ended(after.get(alert.under))
    }
    for key, made in steps.items():
        root = after.get(made.alert.under or "")
        step = lifecycle.told_apart(made) if root is not None and root.owner != made.alert.owner else made
        if step.alert != kept.get(key):
            desk.put(step.alert)
        yield from ((step.alert, what) for what in step.happened)


def _not_there(
    found: Evaluation, day: date, moment: Moment, kept: Mapping[str, Alert], calming: Container[str]
) -> dict[str, Step]:
    """What becomes of kept alerts that are not beyond their limit; none where it is held, or cannot be known."""
    steps: dict[str, Step] = {}
    asked = {tally.rule: tally for tally in found.tallies}
    there = {case.key for case in found.cases} | found.held
    for key, alert in kept.items():
        tally = asked.get(alert.rule)
        if key in there or (tally is not None and tally.problem):
            continue
        if tally is None:
            steps[key] = lifecycle.come_back(alert, moment, "its rule was removed or switched off", told=False)
        elif key in calming:
            steps[key] = lifecycle.calming(alert, day)
        else:
            steps[key] = lifecycle.come_back(alert, moment, _why_ended(found, key))
    return steps


def _has_ended(root: Alert | None) -> bool:
    return root is None or root.status == "resolved"


def _found_again(
    desk: Desk, alert: Alert, case: Case, moment: Moment, words: str, there: Container[str], settings: AlertSettings
) -> Step:
    """A kept alert that is there still or again; ``there``: the keys of all that are.

    Whoever it was given to and is no owner any more has it no longer.
    """
    if alert.owner not in settings.owners:
        alert = replace(alert, body={**alert.body, "assigned": False})
    root_ended = alert.under is None or alert.under not in there
    step = lifecycle.found_again(alert, case, moment, words, root_ended=root_ended)
    named = {key: owner.name for key, owner in settings.owners.items()}
    told = (
        replace(what, words=named.get(what.words, "")) if what.kind == "assigned" else what for what in step.happened
    )
    step = replace(step, happened=tuple(told))
    folded = any(what.kind == "folded" for what in step.happened)
    return lifecycle.unheard(step) if folded and desk.is_waiting(alert.id) else step


def _is_calming(found: Evaluation, day: date, key: str, alert: Alert, days: int) -> bool:
    """Whether a live alert's number is within its limit, but not for long enough to end the alert."""
    within = found.clear is not None and key in found.clear
    return within and alert.status != "resolved" and (day - alert.day).days < days


def _why_ended(found: Evaluation, key: str) -> str:
    """Why a number is not beyond its limit any more; nothing where it is within it."""
    if found.clear is None or key in found.clear:
        return ""
    return f"it cannot be judged any more: {found.unjudged.get(key, 'nothing is left of it')}"


def _notice(desk: Desk, alert: Alert, what: Happened, settings: AlertSettings, now: datetime) -> Notice | None:
    """What the owner is to hear, when; ``None`` where nobody owns it or wants to hear of such."""
    owner = settings.owners.get(alert.owner)
    if owner is None:
        return None
    mode = owner.resolved if what.kind == "resolved" else getattr(owner, alert.severity)
    if mode == "never":
        return None
    if alert.under:
        # Whoever has the alert that it is the same money as hears of that one at once.
        mode = "digest"
    due = now if mode == "immediate" else _digest_moment(desk, alert.owner, settings, now)
    return Notice(
        id=desk.new_id(),
        alert=alert.id,
        kind=what.kind,
        owner=alert.owner,
        mode=mode,
        created_at=now,
        due_at=due,
        words=what.words,
    )


def _digest_moment(desk: Desk, owner: str, settings: AlertSettings, now: datetime) -> datetime:
    """Now, where the day's digest has not been made yet; else the next one's moment. There are never two on one day."""
    clock = settings.delivery.digest_at
    last = desk.last_digest(owner)
    today = now.astimezone().date()
    if last is not None and last.astimezone().date() == today:
        return digest_due(datetime.combine(today + timedelta(days=1), time()).astimezone(), clock)
    return now if last is None or last < digest_due(now - timedelta(days=1), clock) else digest_due(now, clock)


def _rule_runs(found: Evaluation, happened: Iterable[tuple[Alert, Happened]]) -> Iterable[RuleRun]:
    happened = tuple(happened)
    opened = Counter(alert.rule for alert, what in happened if what.kind in ("opened", "reopened"))
    resolved = Counter(alert.rule for alert, what in happened if what.kind == "resolved")
    for tally in found.tallies:
        counted = RuleRun(
            rule=tally.rule, title=tally.title, judged=tally.judged, breached=tally.breached, problem=tally.problem
        )
        yield replace(counted, opened=opened[tally.rule], resolved=resolved[tally.rule])


def _is_over(alert: Alert, what: Happened) -> bool:
    """Whether an alert has ended that was not told inside another one all its life."""
    return what.kind == "resolved" and lifecycle.is_heard(alert)


def _words(found: Evaluation, happened: Iterable[tuple[Alert, Happened]]) -> str:
    happened = tuple(happened)
    own = sum(case.under is None for case in found.cases)
    new = sum(what.kind in _RAISED and alert.under is None for alert, what in happened)
    gone = sum(_is_over(alert, what) for alert, what in happened)
    broken = sum(bool(tally.problem) for tally in found.tallies)
    asked = len(found.tallies) - broken
    said = [
        f"{text.count(asked, 'rule')} asked: {text.count(own, 'alert')}",
        *([f"{new} new"] if new else []),
        *([f"{gone} resolved"] if gone else []),
        *([f"{text.count(broken, 'rule')} cannot be asked"] if broken else []),
    ]
    return ", ".join(said)
