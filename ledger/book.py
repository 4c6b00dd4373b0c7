"""The Book: the only way to read a snapshot. Immutable; safe to share between threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import polars as pl

from ledger import choosing, facts, rolls, standing, told
from ledger.book_rules import BookRules
from ledger.calendar import Window, month_end, month_ends
from ledger.choosing import DOCUMENT_CURRENCY, Choice, Chooser
from ledger.conversion import Conversion, Rates, day_rates
from ledger.facts import BALANCES, FLOWS
from ledger.movements import Movements, met
from ledger.packing import in_order, packed, summed
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope
from ledger.standing import PASSING, STANDING, Runs, Standing

__all__ = ["DOCUMENT_CURRENCY", "Book", "BookRules"]

_T = TypeVar("_T")

_REMEMBERED = 128
"""So many choices of cells are kept at hand: a few kilobytes each."""


@dataclass(frozen=True)
class Book:
    """A ledger that answers questions.

    ``frames``: the tables of a snapshot by name (see ``ledger.build``). ``about``: where they came from and what was
    accepted. Amounts inside are whole minor units of the reporting currency; where nothing converts
    (``Conversion.NONE``) they are in each document's own currency and every answer has a row per currency.
    """

    rules: BookRules
    frames: Mapping[str, pl.DataFrame]
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def fingerprint(self) -> str:
        """Names the content: same rows and rules, same fingerprint."""
        return self.about.get("fingerprint", "")

    @property
    def first_day(self) -> date | None:
        """The first posting day; ``None`` for an empty book."""
        return self.about.get("first_day")

    @property
    def last_day(self) -> date | None:
        """The last day on which anything was posted or settled, not after the refresh; ``None`` for an empty book."""
        return self.about.get("last_day")

    def covers(self, window: Window) -> bool:
        """Whether the history reaches back to the window's first day; the month of the first document counts as whole.

        Where the books begin with what was open in an older system, they reach back to the day after: that load would
        else pass for a month's sales.
        """
        if self.first_day is None:
            return False
        return window.start > self.first_day if self._taken_over else window.start >= self.first_day.replace(day=1)

    @cached_property
    def _taken_over(self) -> bool:
        """Whether something of an earlier month was posted on the first day."""
        first = pl.col("posting_date") == self.first_day
        month = pl.col("posting_date").dt.month_start()
        return self.frames["documents"].select((first & (pl.col("document_date") < month)).any()).item()

    @cached_property
    def month_ends(self) -> tuple[date, ...]:
        """Every month-end of the history, in order."""
        if self.first_day is None or self.last_day is None:
            return ()
        return tuple(month_ends(self.first_day, self.last_day))

    @cached_property
    def position_days(self) -> tuple[date, ...]:
        """The days whose positions are precomputed: month-ends and the last day."""
        return tuple(sorted({*self.month_ends, *([self.last_day] if self.last_day else [])}))

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that answers come in: the reporting currency, or several that are never added."""
        if self.rules.conversion is not Conversion.NONE:
            return (self.rules.reporting_currency,)
        return tuple(self.frames["cells"][DOCUMENT_CURRENCY].unique().sort())

    def currencies_of(self, scope: Scope) -> tuple[str, ...]:
        """The currencies that answers about ``scope`` come in."""
        chosen = scope.values(CURRENCY) | scope.values(DOCUMENT_CURRENCY)
        if self.rules.conversion is not Conversion.NONE or not chosen:
            return self.currencies
        return tuple(currency for currency in self.currencies if currency in chosen)

    @property
    def dimensions(self) -> Mapping[str, str]:
        """Name to label, in drill order."""
        return self.rules.dimensions

    @property
    def quality(self) -> pl.DataFrame:
        """Every rule, broken or not: ``rule, table, severity, rows, amount, currency, examples, told``."""
        return self.once(told.explained)

    @property
    def quarantine(self) -> pl.DataFrame:
        """The rows kept out: ``table, row, key, rule, reason, amount, currency, raw``."""
        return self.frames["quarantine"]

    @property
    def gl_comparison(self) -> pl.DataFrame:
        """``entity, currency, as_of, gl_balance, subledger, difference`` in major units; empty without GL balances."""
        return self.frames["gl"]

    def values(self, dimension: str) -> list[str | None]:
        """The values of a dimension (or ``currency``), sorted; ``None`` last when some rows have none."""
        column = self._column(dimension)
        return self.frames["cells"][column].unique().sort(nulls_last=True).to_list()

    def once(self, made: Callable[[Book], _T]) -> _T:
        """What ``made``, a function of a module, tells of this book by itself; worked out the first time."""
        if made not in self._told:
            self._told[made] = made(self)
        return self._told[made]

    @cached_property
    def _told(self) -> dict[Callable[[Book], Any], Any]:
        return {}

    def rates(self) -> Rates:
        return Rates.of(self.frames["fx_rates"], self.rules.reporting_currency)

    # --- choosing ---------------------------------------------------------------------------------------------

    def _column(self, dimension: str) -> str:
        return choosing.column_of(dimension, self.rules.dimensions)

    @cached_property
    def _choices(self) -> Callable[[Scope, tuple[str, ...]], Choice]:
        cells, rules = self.frames["cells"], self.rules
        named = [self.frames[name]["cell"].max() for name in ("cells", "flows", "positions") if name in self.frames]
        count = 1 + max((number for number in named if isinstance(number, int)), default=-1)
        chooser = Chooser(cells, count, rules.dimensions, rules.conversion, rules.reporting_currency)
        return lru_cache(_REMEMBERED)(chooser.choose)

    def _choice(self, scope: Scope, by: Sequence[str]) -> Choice:
        """The chosen cells with their group number, and the groups with their labels (``by`` and ``currency``)."""
        return self._choices(scope.without(CUSTOMER), tuple(name for name in by if name != CUSTOMER))

    def by_columns(self, by: Sequence[str]) -> list[str]:
        """The columns that ``by`` becomes in an answer, each once, without the currency of the amounts."""
        labels = (choosing.label_of(name, self.rules.conversion) for name in by)
        return list(dict.fromkeys(label for label in labels if label != CURRENCY))

    def select(self, table: str, scope: Scope, cells: pl.DataFrame | None = None) -> pl.LazyFrame:
        """Rows of ``documents``, ``settlements`` or ``slices`` in ``scope``; with ``cells``, their group too."""
        rows = self._of_customers(table, scope)
        if cells is not None:
            return rows.lazy().join(cells.lazy(), on="cell", how="inner")
        choice = self._choice(scope, ())
        whole = not choice.place.null_count() and not rows["cell"].null_count()
        return rows.lazy() if whole else choice.of(rows.lazy()).drop("group")

    def _of_customers(self, table: str, scope: Scope) -> pl.DataFrame:
        """Rows of a table that is sorted by customer, of those that are chosen."""
        customers = choosing.customers_of(scope, self.frames["customers"])
        return self.frames[table] if customers is None else choosing.rows_of(self.frames[table], customers)

    def within(self, rows: pl.DataFrame, scope: Scope) -> pl.DataFrame:
        """Those of ``rows`` with ``customer`` (sorted) and ``cell`` that are in ``scope``."""
        customers = choosing.customers_of(scope, self.frames["customers"])
        chosen = rows if customers is None else choosing.rows_of(rows, customers)
        return chosen.filter(self._choice(scope, ()).place.gather(chosen["cell"]).is_not_null())

    def open_slices(self, days: Sequence[date], scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.LazyFrame:
        """What is open at the close of each of ``days`` (sorted): slices with ``as_of`` and ``group``, one row a day.

        They have the ``posting_date`` of their document and no ``due``.
        ``amount`` is in minor units, at the as-of day's rate where that is the rule. ``group`` numbers the groups of
        the answer, whose labels ``labelled`` puts on.
        """
        if self._standing is None or scope.values(CUSTOMER):
            slices = facts.alive(self._of_customers("slices", scope).lazy(), days)
            rows = standing.lent(slices, self.frames["documents"]).drop("due")
        else:
            rows = self._standing.open_at(days)
        return self.valued(self._choice(scope, by).of(rows), days)

    @cached_property
    def _standing(self) -> Standing | None:
        """What stands open, laid out by days; ``None`` where the snapshot has it not."""
        if STANDING not in self.frames or PASSING not in self.frames:
            return None
        return Standing(self.position_days, *(Runs.of(self.frames[name]) for name in (STANDING, PASSING)))

    # --- balances and movements -------------------------------------------------------------------------------

    def positions(
        self, days: Sequence[date], scope: Scope = COMPANY, by: Sequence[str] = (), measures: Sequence[str] = BALANCES
    ) -> pl.DataFrame:
        """Balances at the close of each of ``days``: ``as_of, <by…>, currency, bucket, …measures``, of ``BALANCES``.

        ``bucket`` is the code of ``rules.aging.buckets``. Only groups with something open appear. Amounts are minor
        units of ``currency``.
        """
        asked = sorted(set(days))
        choice = self._choice(scope, by)
        customer = CUSTOMER in by or bool(scope.values(CUSTOMER))
        ready = [] if customer else [day for day in asked if day in self._positions.stretches]
        rest = [day for day in asked if day not in ready] if self.position_days else []
        summed = choice.summed(self._positions.on(ready), ["as_of", "bucket"], measures)
        if rest:
            keys = ["group", "customer"] if CUSTOMER in by else ["group"]
            rows = facts.positions(self.open_slices(rest, scope, by), keys, self.rules.aging)
            other = rows.select("as_of", *keys, "bucket", *measures).collect()
            summed = pl.concat([summed, other], how="diagonal") if ready else other
        elif CUSTOMER in by:
            summed = summed.with_columns(customer=pl.lit(None, pl.UInt32))
        return self._labelled(summed, choice, by, ["as_of", "bucket"], measures)

    @cached_property
    def _positions(self) -> Runs:
        return Runs.of(self.frames["positions"])

    def open_sums(
        self,
        days: Sequence[date],
        scope: Scope,
        by: Sequence[str],
        prepare: Callable[[pl.LazyFrame], pl.LazyFrame],
        measures: Mapping[str, pl.Expr],
        keys: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Sums over what is open at the close of each of ``days``: ``as_of, <by…>, currency, <keys…>, <measures…>``.

        For what positions do not hold. ``prepare`` takes the open slices, one row a slice and day with ``as_of`` and
        ``amount`` in minor units, and gives back the rows to sum, with the columns of ``keys`` beside their own.
        """
        asked = sorted(set(days))
        rows = prepare(self.open_slices(asked, scope, by))
        choice = self._choice(scope, by)
        own = [*(["customer"] if CUSTOMER in by else []), *(["group"] if choice.groups.height > 1 else [])]
        summed = rows.group_by("as_of", *own, *keys).agg(expr.alias(name) for name, expr in measures.items()).collect()
        if "group" not in own:
            summed = summed.with_columns(group=pl.lit(0, pl.UInt32))
        return self._labelled(summed, choice, by, ["as_of", *keys], list(measures))

    def holdings(self, days: Sequence[date], scope: Scope, by: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What each customer owes at the close of each of ``days``, net of credits; and what the groups are called.

        ``_row, _debtor, _balance``, sorted: the group's row in the other frame (``as_of, <by…>, currency``), the
        customer's number, and minor units. Customers with something open, with 0 and below too.
        """
        asked = sorted(set(days))
        choice = self._choice(scope, by)
        keys = ("as_of", "group", "customer")
        rows = self.open_slices(asked, scope, by).select(*keys, "amount").collect()
        held = summed(rows, keys, "amount")
        named = ["as_of", "group", *(["customer"] if CUSTOMER in by else [])]
        row = packed([held[name] for name in named]).rle_id().alias("_row")
        groups = held.select(named).filter(row.is_first_distinct())
        names = self._named(groups, choice, [CUSTOMER] if CUSTOMER in by else [])
        names = names.select("as_of", *self.by_columns(by), CURRENCY)
        return held.select(row, _debtor="customer", _balance="amount"), names

    def valued(self, open_slices: pl.LazyFrame, days: Sequence[date]) -> pl.LazyFrame:
        """Open slices with ``amount`` at the as-of day's rate where that is the rule."""
        if self.rules.conversion is not Conversion.CLOSING:
            return open_slices
        rates = day_rates(self.rates(), self.frames["cells"][DOCUMENT_CURRENCY].unique(), days).lazy()
        named = open_slices.join(self.frames["cells"].lazy().select("cell", DOCUMENT_CURRENCY), on="cell")
        valued = named.join(rates, left_on=[DOCUMENT_CURRENCY, "as_of"], right_on=["currency", "as_of"], how="left")
        return valued.with_columns(facts.at_rate("amount", self.rules.reporting_currency))

    def flows(
        self,
        windows: Sequence[Window],
        scope: Scope = COMPANY,
        by: Sequence[str] = (),
        measures: Sequence[str] = FLOWS,
    ) -> pl.DataFrame:
        """Movements in each window: ``as_of`` (the window's last day), ``<by…>, currency, …measures``.

        ``windows`` of one length, or following each other: sorted, starts and ends both rising. Only groups with a
        movement appear. ``measures``: those of ``FLOWS`` that are wanted, all lines of ``MOVEMENT`` among them.
        """
        moved = self._summed(windows, scope, by, measures)
        return self._revalued(moved, windows, scope, by) if self.rules.conversion is Conversion.CLOSING else moved

    def credit_sales(self, windows: Sequence[Window], scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """Billed less credits in each window (as for ``flows``): ``as_of, <by…>, currency, credit_sales``."""
        moved = self._summed(windows, scope, by, ("billed", "credits"))
        return moved.with_columns(credit_sales=pl.col("billed") - pl.col("credits")).drop("billed", "credits")

    def billed(self, windows: Sequence[Window], scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """The ``billed`` of ``flows`` alone: ``as_of, <by…>, currency, billed``."""
        return self._summed(windows, scope, by, ("billed",))

    def grouped(
        self,
        sum_up: Callable[[pl.DataFrame, list[str]], pl.LazyFrame],
        keys: Sequence[str],
        measures: Sequence[str],
        scope: Scope = COMPANY,
        by: Sequence[str] = (),
    ) -> pl.DataFrame:
        """Any sums by group: ``<first of keys>, <by…>, currency, <other keys>, <measures>``, sorted.

        ``sum_up`` is given the chosen cells (``cell, group``) and the columns that stand for ``by`` (``group``, and
        ``customer`` where that is asked for), and returns ``keys``, those columns and ``measures``.
        """
        choice = self._choice(scope, by)
        own = ["group", "customer"] if CUSTOMER in by else ["group"]
        return self._labelled(sum_up(choice.cells, own).collect(), choice, by, list(keys), measures)

    # --- following the same money -----------------------------------------------------------------------------

    def rolls(self, days: Sequence[date], scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """What was open and owed at a month-end, and what became of it by the next: see ``ledger.rolls``.

        ``as_of`` (the later month-end), ``<by…>, currency, bucket`` (code at the earlier one), ``to`` (code of
        ``rolls.outcomes``), ``amount`` (minor units). ``days`` are month-ends; those that have none before them in
        the history, and other days, have no rows. At closing rates the amount is that of the earlier day at both ends.
        The amounts of a bucket add up to its debit side in ``positions`` at the earlier month-end.
        """
        asked = sorted({day for day in days if day == month_end(day) and self._begun(rolls.opening(day))})
        choice = self._choice(scope, by)
        customer = CUSTOMER in by or bool(scope.values(CUSTOMER))
        ready = [] if customer else [day for day in asked if day in set(self.month_ends)]
        keys = ["as_of", "bucket", "to"]
        summed = choice.summed(self._rolls.on(ready), keys, ("amount",))
        earlier = [rolls.opening(day) for day in asked if day not in ready]
        if earlier:
            own = ["group", "customer"] if CUSTOMER in by else ["group"]
            open_slices = rolls.owing(self.open_slices(earlier, scope, by))
            followed = rolls.followed(open_slices, own, self.rules.aging).collect()
            summed = pl.concat([summed, followed], how="diagonal") if ready else followed
        elif CUSTOMER in by:
            summed = summed.with_columns(customer=pl.lit(None, pl.UInt32))
        return self._labelled(summed, choice, by, keys, ("amount",))

    @cached_property
    def _rolls(self) -> Runs:
        return Runs.of(self.frames["rolls"])

    def _begun(self, day: date) -> bool:
        return self.first_day is not None and self.first_day <= day

    def owed_of(self, day: date, marks: pl.DataFrame, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """What is open and owed of chosen documents: ``as_of, <by…>, currency, mark, bucket`` (code), ``amount``.

        ``marks``: ``document`` (its number) and ``mark``, a number that stands for why it was chosen.
        """
        age = (pl.col("as_of") - pl.col("basis")).dt.total_days()

        def marked(rows: pl.LazyFrame) -> pl.LazyFrame:
            chosen = rolls.owing(rows).join(marks.lazy(), on="document")
            return chosen.with_columns(bucket=self.rules.aging.code(age))

        return self.open_sums([day], scope, by, marked, {"amount": pl.col("amount").sum()}, ("mark", "bucket"))

    def written_off(self, window: Window, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """Losses on invoices and debit memos: ``as_of, <by…>, currency, written_off, recovered``, both 0 or more.

        A write-off taken back is a recovery. What a customer pays after it was written off is cash like any other: the
        ledger does not tell it apart.
        """
        choice = self._choice(scope, by)
        keys = ["group", "customer"] if CUSTOMER in by else ["group"]
        settlements = choice.of(self._of_customers("settlements", scope).lazy())
        documents = self._of_customers("documents", scope).lazy()
        summed = rolls.written_off(settlements, documents, window, keys).collect()
        return self._labelled(summed, choice, by, ["as_of"], ("written_off", "recovered"))

    def _summed(
        self, windows: Sequence[Window], scope: Scope, by: Sequence[str], measures: Sequence[str]
    ) -> pl.DataFrame:
        choice = self._choice(scope, by)
        if not windows or not (CUSTOMER in by or scope.values(CUSTOMER)):
            moved = self._movements.within(windows, choice, measures)
            if CUSTOMER in by:
                moved = moved.with_columns(customer=pl.lit(None, pl.UInt32))
            return self._labelled(moved, choice, by, ["as_of"], measures)
        keys = ["group", "customer"] if CUSTOMER in by else ["group"]

        def rows(table: str, day: str) -> pl.LazyFrame:
            return choice.of(self._of_customers(table, scope).lazy().filter(met(windows, day)))

        documents, settlements = rows("documents", "posting_date"), rows("settlements", "day")
        daily = facts.flows(documents, settlements, rows("slices", "closed_on"), keys, measures)
        summed = facts.within(daily, windows).group_by("as_of", *keys).agg(pl.col(name).sum() for name in measures)
        return self._labelled(summed.collect(), choice, by, ["as_of"], measures)

    @cached_property
    def _movements(self) -> Movements:
        return Movements(self.frames["flows"])

    def _revalued(
        self, moved: pl.DataFrame, windows: Sequence[Window], scope: Scope, by: Sequence[str]
    ) -> pl.DataFrame:
        """At closing rates a balance also moves with the rates: that movement belongs to ``fx``."""
        keys = ["as_of", *self.by_columns(by), CURRENCY]
        measures = [name for name in FLOWS if name in moved.columns]
        opening_day = pl.DataFrame(
            {"_end": [w.end for w in windows], "as_of": [w.opening for w in windows]},
            schema={"_end": pl.Date, "as_of": pl.Date},
        )
        balances = self.positions([d for w in windows for d in (w.opening, w.end)], scope, by, ["amount"])
        total = balances.group_by(keys).agg(_total=pl.col("amount").sum())
        opening = total.join(opening_day, on="as_of").drop("as_of").rename({"_end": "as_of", "_total": "_opening"})
        closing = total.filter(pl.col("as_of").is_in([w.end for w in windows]))
        both = (
            pl.concat([frame.select(keys) for frame in (moved, opening, closing)])
            .unique()
            .join(moved, on=keys, how="left", nulls_equal=True)
            .join(opening.select(*keys, "_opening"), on=keys, how="left", nulls_equal=True)
            .join(closing, on=keys, how="left", nulls_equal=True)
            .with_columns(pl.col(*measures, "_opening", "_total").fill_null(0))
        )
        others = sum((pl.col(name) for name in facts.MOVEMENT if name not in ("billed", "fx")), pl.lit(0))
        fx = pl.col("_opening") + pl.col("billed") - others - pl.col("_total")
        return both.with_columns(fx=fx).select(*keys, *measures).sort(keys, nulls_last=True)

    def _labelled(
        self, summed: pl.DataFrame, choice: Choice, by: Sequence[str], keys: list[str], measures: Sequence[str]
    ) -> pl.DataFrame:
        """Groups by their labels instead of numbers, in a fixed order."""
        order = [keys[0], *self.by_columns(by), CURRENCY, *keys[1:]]
        whose = [CUSTOMER] if CUSTOMER in by else []
        if not whose or self.by_columns(by) == whose:
            # Groups and customers are numbered in the order of their labels: numbers are sorted much faster.
            rows = in_order(summed, [keys[0], *whose, "group", *keys[1:]])
            return self._named(rows, choice, whose).select(*order, *measures)
        return self._named(summed, choice, whose).select(*order, *measures).sort(order, nulls_last=True)

    def _named(self, rows: pl.DataFrame, choice: Choice, whose: Sequence[str]) -> pl.DataFrame:
        """Labels instead of numbers, fetched by number: groups and customers are rows of their tables."""
        labels = choice.groups.drop("group")[rows["group"]]
        ids = [self.frames["customers"]["customer_id"].gather(rows["customer"]).alias(CUSTOMER) for _ in whose]
        return rows.drop("group", "customer", strict=False).hstack([*labels.get_columns(), *ids])
