"""Which breaches are the same money: a customer's slide is also its region's, its collector's and the company's.

A is *under* B when A without B's part would be no breach: A's rule is asked of the books without those documents. B is
a smaller part of the company, and at least half of it lies inside A. Where one B is not enough, the two, then the three
largest are left out together; A is under the first of them then. If it takes more, A stands by itself.

Several rules about the same part of the company are one case under the most severe of them, then the one with the most
money. Breaches of different things are never the same money: a part of the company that pays late and loses money to
exchange rates has two troubles; nor are a worse and a better number. Something that must be acted on is never hidden
under something milder.

What others are under is under none itself: smaller parts are settled first, and only those that stand by themselves are
tried. So there is no chain and no cycle, and the order of the rules decides nothing but ties.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from alerts.case import Breach
from alerts.holdings import Holdings, without
from alerts.judging import judged
from alerts.limits import scope_of
from alerts.stake import stake_of
from alerts.wording import Names, is_bad, quantified
from config.alerts import Rule
from ledger.book import Book
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import Targets, text

TOGETHER = 3
"""So many are left out together at most."""

_HALF = 0.5
_RANK = {"info": 0, "watch": 1, "act": 2}

_ABOUT = {
    "fx_losses": "rates",
    "write_offs": "losses",
    "write_off_ratio": "losses",
    "bad_debt_ratio": "losses",
    "unapplied_credits": "credits",
    "unapplied_cash_share": "credits",
    "disputed": "disputes",
    "disputed_share": "disputes",
    "billed": "sales",
    "credit_sales": "sales",
    "dso_day_value": "sales",
}
"""What a metric is about, where that is not what customers owe and how late they pay it."""


@dataclass(frozen=True)
class Found:
    """A breach, the money at stake, whom it is about, and where its rule stands in the file."""

    breach: Breach
    money: float | None
    who: str
    place: int = 0

    @property
    def key(self) -> str:
        return self.breach.key

    @property
    def scope(self) -> Scope:
        """The part of the company that it is about."""
        scope = scope_of(self.breach.rule)
        for name, value in self.breach.group:
            scope = scope.narrowed(name, value)
        return scope

    @property
    def of_customer(self) -> bool:
        return CUSTOMER in dict(self.breach.group)

    @property
    def about(self) -> str:
        return _ABOUT.get(self.breach.rule.metric, "owed")


@dataclass(frozen=True)
class Fold:
    """What became of a breach: the key of the one that it is ``under``, and how so; or what lies ``within`` it.

    ``within``: how many others stand by themselves inside it, and ``part``, how much of its money they are (0–1).
    """

    under: str | None = None
    same: str = ""
    within: int = 0
    part: float | None = None


@dataclass(frozen=True)
class Folding:
    """Breaches as of one day, and who holds what is open in the books that they were found in."""

    holdings: Holdings
    found: Sequence[Found]
    targets: Targets
    names: Names

    @property
    def book(self) -> Book:
        return self.holdings.book

    def folds(self) -> dict[str, Fold]:
        """What became of each breach, by key."""
        done: dict[str, Fold] = {}
        standing: list[Found] = []
        for each in sorted(self.found, key=self._order):
            fold = self._fold(each, standing)
            done[each.key] = fold
            if fold.under is None:
                standing.append(each)
        return done

    def _order(self, one: Found) -> tuple[float, int, float, int, str]:
        """Parts with little open money first; of the same money the most severe, then the most at stake."""
        return (self._weight(one), -_RANK[one.breach.rule.severity], -(one.money or 0.0), one.place, one.key)

    def _fold(self, one: Found, standing: Sequence[Found]) -> Fold:
        own = self._money(one)
        for other in standing:
            if self._may_hold(other, one) and self._money(other).equals(own):
                return Fold(other.key, _alike(other))
        inside = sorted(
            (each for each in standing if self._may_hold(each, one) and self._lies_in(each, one)), key=self._largest
        )
        for chosen in _choices(inside):
            value = self._without(one, chosen)
            if not value["breach"]:
                return Fold(chosen[0].key, _same(one, chosen, value, self.names))
        return Fold(within=len(inside), part=self._part(one, inside)) if inside else Fold()

    def _largest(self, one: Found) -> tuple[float, float, str]:
        return (-(one.money or 0.0), -self._weight(one), one.key)

    def _may_hold(self, other: Found, one: Found) -> bool:
        """Whether ``one`` may be under ``other``, whatever the numbers say."""
        alike = other.about == one.about or (other.of_customer and one.of_customer)
        milder = _RANK[other.breach.rule.severity] < _RANK[one.breach.rule.severity]
        sides = is_bad(other.breach), is_bad(one.breach)
        against = None not in sides and sides[0] != sides[1]
        return alike and not milder and not against and other.breach.currency == one.breach.currency

    # --- whose documents a breach is about -------------------------------------------------------------------------

    @cached_property
    def _members(self) -> dict[str, pl.Series]:
        """Which of the holdings each breach is about."""
        return {each.key: self.holdings.members(each.scope, each.breach.currency) for each in self.found}

    def _money(self, one: Found) -> pl.Series:
        """The holdings with open money that it is about; all of them where nothing is open."""
        own = self._members[one.key]
        owing = own & (self.holdings.frame["open"] > 0)
        return owing if owing.any() else own

    def _weight(self, one: Found) -> float:
        return float(self.holdings.frame["open"].filter(self._members[one.key]).sum())

    def _lies_in(self, inner: Found, outer: Found) -> bool:
        """Whether at least half of it does: of its open money, or of its documents where nothing is open."""
        own = self._members[inner.key]
        both = own & self._members[outer.key]
        if both.equals(self._members[outer.key]):
            return False
        owed = self.holdings.frame["open"]
        whole, shared = float(owed.filter(own).sum()), float(owed.filter(both).sum())
        return shared >= _HALF * whole if whole > 0 else 0 < _HALF * float(own.sum()) <= float(both.sum())

    # --- without them ----------------------------------------------------------------------------------------------

    def _without(self, one: Found, others: Sequence[Found]) -> dict[str, float | bool | str | None]:
        """``one``'s rule asked of its part of the company without the others'."""
        book = without(self.book, [each.scope for each in others])
        rule = narrowed(one.breach)
        if any(CUSTOMER in each.scope.dimensions for each in others) and CUSTOMER not in dict(rule.where):
            rule = rule.model_copy(update={"where": (*rule.where, (CUSTOMER, _everyone(self.book)))})
        rows = judged(book, rule, [one.breach.day], self.targets, self.names.window)
        found = rows.filter(pl.col(CURRENCY) == one.breach.currency).to_dicts()
        return found[0] if found else {"breach": None, "value": None, "quantity": None, "note": "nothing is left"}

    def _part(self, one: Found, inside: Sequence[Found]) -> float | None:
        """How much of the money at stake goes with those that lie inside, 0–1."""
        if not one.money:
            return None
        left = self._without(one, inside)
        if not left["breach"]:
            return 1.0
        stake = stake_of(one.breach.rule, {"as_of": one.breach.day, **left}, self.names.window)
        return None if stake is None else min(max(1 - stake / one.money, 0.0), 1.0)


def narrowed(breach: Breach) -> Rule:
    """The breach's rule, asked of its group alone."""
    own = {name: values for name, values in breach.rule.where if name not in dict(breach.group)}
    group = {name: (UNASSIGNED if value is None else value,) for name, value in breach.group}
    return breach.rule.model_copy(update={"by": (), "where": tuple({**own, **group}.items())})


def _everyone(book: Book) -> tuple[str, ...]:
    """Every customer, as a rule names them."""
    return tuple(UNASSIGNED if id is None else id for id in book.frames["customers"]["customer_id"])


def _choices(inside: Sequence[Found]) -> Iterator[Sequence[Found]]:
    """The largest alone, then each of the next; then the largest two and three together."""
    yield from ([each] for each in inside[:TOGETHER])
    yield from (inside[:count] for count in range(2, min(TOGETHER, len(inside)) + 1))


def _alike(other: Found) -> str:
    what = "customer" if other.of_customer else "money"
    return f"the same {what} as in “{text.name(other.breach.rule.title)}”"


def _same(one: Found, others: Sequence[Found], left: dict[str, float | bool | str | None], names: Names) -> str:
    """``without Calder Voss Inc. it would be 24.9 %``."""
    who = text.listed([each.who for each in others])
    value, quantity = left["value"], left["quantity"]
    if not isinstance(value, float) or not isinstance(quantity, float):
        return f"without {who} there is nothing to judge: {left['note']}"
    return f"without {who} it would be {quantified(one.breach, value, quantity, names)}"
