"""All rules asked of a book as of its last day: what is beyond a limit, why, and which of it is the same money."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import polars as pl

from alerts import pages, wording
from alerts.case import Case, Cause, Evaluation, Tally, Where
from alerts.causes import cause
from alerts.folding import Fold, Folding, Found
from alerts.holdings import Holdings
from alerts.judging import Asking
from alerts.stake import stake_of
from alerts.wording import Names
from config.alerts import AlertSettings, BrokenRule, Rule
from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.scope import CURRENCY
from metrics import Targets, text

_log = logging.getLogger(__name__)

_RANK = {"act": 0, "watch": 1, "info": 2}

_TELLING = 0.0005
"""A part of the money that rounds to nothing is not told."""

UNEXPECTED = (
    "It could not be asked because of a mistake in the product, which its log tells; the other rules were asked."
)


def evaluate(
    book: Book,
    rules: Sequence[Rule],
    broken: Sequence[BrokenRule],
    settings: AlertSettings,
    targets: Targets,
    window: str,
) -> Evaluation:
    """Every enabled rule asked by itself: what goes wrong in one is its tally's ``problem`` and stops no other.

    Args:
        book: the snapshot; empty books have no cases.
        rules: rules that can be, in the order of the file; disabled ones are passed over.
        broken: rules that cannot be, told as problems.
        settings: the owners.
        targets: what is good and what needs attention.
        window: the company's default, for rules without one.

    Returns:
        Cases in order: the most severe first, then the most money; those under another right after it.
    """
    names = Names.of(book, window)
    asking = _Asking(book, settings, targets, names)
    asked = [asking.rule(place, rule) for place, rule in enumerate(rules) if rule.enabled]
    folds = asking.folds([found for one in asked for found, _ in one.found])
    groups = {found.key: found.breach.group for one in asked for found, _ in one.found}
    cases = [
        asking.finished(*pair, fold := folds.get(pair[0].key, Fold()), groups.get(fold.under or "", ()))
        for one in asked
        for pair in one.found
    ]
    return Evaluation(
        day=book.last_day,
        snapshot=str(book.about.get("id", book.fingerprint)),
        made_at=_made_at(book.about),
        cases=_ordered(cases),
        held=frozenset(key for one in asked for key in one.held),
        clear=frozenset(key for one in asked for key in one.clear),
        unjudged={key: why for one in asked for key, why in one.unjudged.items()},
        tallies=(*(one.tally for one in asked), *(Tally(each.id, each.id, 0, 0, each.why) for each in broken)),
    )


@dataclass(frozen=True)
class _Asked:
    """What came of one rule: its breaches, each with its case as far as the rule alone tells it."""

    tally: Tally
    found: tuple[tuple[Found, Case], ...] = ()
    held: frozenset[str] = frozenset()
    clear: frozenset[str] = frozenset()
    unjudged: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class _Asking:
    """What rules are asked of, and what is needed to tell what they find."""

    book: Book
    settings: AlertSettings
    targets: Targets
    names: Names

    @cached_property
    def holdings(self) -> Holdings:
        return Holdings(self.book, self.book.last_day or date.min)

    def rule(self, place: int, rule: Rule) -> _Asked:
        """One rule; whatever goes wrong is its problem."""
        if self.book.last_day is None:
            return _Asked(Tally(rule.id, rule.title, 0, 0))
        try:
            return self._found(place, rule, self.book.last_day)
        except OutstandingError as error:
            return _Asked(Tally(rule.id, rule.title, 0, 0, str(error)))
        except Exception:  # noqa: BLE001 - a mistake in one rule is told and stops no other
            _log.exception("The rule '%s' could not be asked.", rule.id)
            return _Asked(Tally(rule.id, rule.title, 0, 0, UNEXPECTED))

    def _found(self, place: int, rule: Rule, day: date) -> _Asked:
        """What is beyond the limit, with its case; what is not, and what was not judged."""
        window = self.names.window
        asking = Asking(self.book, rule, self.targets, rule.window or window)
        rows = asking.weighed(asking.numbers([day]), [day])
        beyond = rows.filter("breach")
        kept, clear = rows.filter(~pl.col("breach") & ~pl.col("clear")), rows.filter("clear")
        unjudged = asking.by_key(rows.filter(pl.col("breach").is_null()))
        histories = asking.histories(beyond, day)
        told: list[tuple[Found, Case]] = []
        for key, row in asking.by_key(beyond).items():
            breach = asking.breach(row, histories[key])
            who = self.names.about(breach)
            found = Found(breach, stake_of(rule, row, window), who, place)
            told.append((found, self._case(found)))
        return _Asked(
            tally=Tally(rule.id, rule.title, rows["breach"].count(), len(told)),
            found=tuple(told),
            held=frozenset(asking.by_key(kept)),
            clear=frozenset(asking.by_key(clear)),
            unjudged={key: row["note"] or "it has no value" for key, row in unjudged.items()},
        )

    def folds(self, found: Sequence[Found]) -> Mapping[str, Fold]:
        """What is the same money; nothing where that cannot be told: an alert too many is better than none."""
        try:
            return Folding(self.holdings, found, self.targets, self.names).folds()
        except Exception:  # noqa: BLE001 - a mistake in one rule is told and stops no other
            _log.exception("Which alerts are the same money could not be told.")
            return {}

    def finished(self, found: Found, case: Case, fold: Fold, root: Where) -> Case:
        """The case with its cause, and with what it is under or what lies within it.

        The cause is told by what sets ``root`` apart, the group of the alert that this one is under.
        """
        by = [name for name, _ in root if name != CURRENCY and len(found.scope.values(name)) != 1]
        return replace(
            case, words=case.words + _within(fold), cause=self._cause(found, by), under=fold.under, same=fold.same
        )

    def _case(self, found: Found) -> Case:
        breach = found.breach
        return Case(
            breach=breach,
            severity=breach.rule.severity,
            owner=pages.owner(self.book, breach, found.scope, self.settings),
            who=found.who,
            words=wording.words(breach, self.names, found.money),
            brief=wording.brief(breach, self.names),
            money=found.money,
            cause=None,
            page=pages.page(breach),
            where=pages.where(breach),
        )

    def _cause(self, found: Found, by: Sequence[str]) -> Cause | None:
        try:
            return cause(self.holdings, found.breach, found.scope, self.names, by)
        except Exception:  # noqa: BLE001 - a mistake in one rule is told and stops no other
            _log.exception("The cause of '%s' could not be told.", found.key)
            return None


def _within(fold: Fold) -> str:
    """What lies inside and is told by itself."""
    if not fold.within:
        return ""
    verb = "lies" if fold.within == 1 else "lie"
    part = (
        ""
        if fold.part is None or fold.part < _TELLING
        else f" and {'makes' if fold.within == 1 else 'make'} {text.share(fold.part)} of it"
    )
    return f"; {text.count(fold.within, 'other alert')} {verb} within it{part}"


def _ordered(cases: Sequence[Case]) -> tuple[Case, ...]:
    def order(case: Case) -> tuple[int, float, str]:
        return (_RANK[case.severity], -(case.money or 0.0), case.key)

    ranked = sorted(cases, key=order)
    under = {case.key: [each for each in ranked if each.under == case.key] for case in ranked}
    return tuple(each for case in ranked if case.under is None for each in (case, *under[case.key]))


def _made_at(about: Mapping[str, Any]) -> datetime | None:
    made = about.get("made_at")
    return made if isinstance(made, datetime) else datetime.fromisoformat(made) if isinstance(made, str) else None
