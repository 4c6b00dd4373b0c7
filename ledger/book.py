"""The Book: the only way to read a snapshot. Immutable; safe to share between threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from ledger import facts, rolls
from ledger.aging import USUAL, AgingRule
from ledger.calendar import Window, month_end, month_ends
from ledger.conversion import Conversion, Rates, day_rates
from ledger.errors import OutstandingError, did_you_mean
from ledger.facts import BALANCES, FLOWS
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope

DOCUMENT_CURRENCY = "document_currency"

_FEW = 4
"""So many windows are worth a filter each."""


@dataclass(frozen=True)
class BookRules:
    """What turns rows into numbers. Two books with the same rows and rules have the same fingerprint.

    ``dimensions``: name to label, in drill order. ``today``: the day of the refresh; nothing else knows the date.
    ``annual_rate``: what money costs for a year, 0–1, for the cost of late payment.
    """

    company: str = "Company"
    reporting_currency: str = "USD"
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    aging: AgingRule = USUAL
    conversion: Conversion = Conversion.BOOKED
    today: date = date(9999, 1, 1)
    annual_rate: float = 0.08

    def converted_by(self, conversion: Conversion) -> BookRules:
        return replace(self, conversion=conversion)


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
        """Every rule: ``rule, table, severity, rows, amount, currency, examples``; rules that nothing broke with 0."""
        return self.frames["quality"]

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

    def rates(self) -> Rates:
        return Rates.of(self.frames["fx_rates"], self.rules.reporting_currency)

    # --- choosing ---------------------------------------------------------------------------------------------

    def _column(self, dimension: str) -> str:
        if dimension in (CURRENCY, DOCUMENT_CURRENCY):
            return DOCUMENT_CURRENCY
        if dimension in self.rules.dimensions:
            return dimension
        known = [*self.rules.dimensions, CUSTOMER, CURRENCY]
        hint = did_you_mean(dimension, known) or "see [dimensions] in app.toml."
        raise OutstandingError(f"There is no dimension '{dimension}'; {hint}")

    def _cells(self, scope: Scope, by: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The chosen cells with their group number, and the groups with their labels (``by`` and ``currency``)."""
        cells = self.frames["cells"]
        for dimension, values in scope.where:
            if dimension != CUSTOMER:
                column = self._column(dimension)
                wanted = pl.Series(list(values - {None}), dtype=pl.String)
                hit = pl.col(column).is_in(wanted.implode()).fill_null(value=False)
                cells = cells.filter(hit | pl.col(column).is_null() if None in values else hit)
        # Currencies that are never added stand in every answer anyway: grouping by them adds no column.
        asked = {self._label(name): self._column(name) for name in by if name != CUSTOMER}
        labels = {label: column for label, column in asked.items() if label != CURRENCY}
        own = (
            pl.col(DOCUMENT_CURRENCY)
            if self.rules.conversion is Conversion.NONE
            else pl.lit(self.rules.reporting_currency)
        )
        labelled = cells.select("cell", *(pl.col(c).alias(n) for n, c in labels.items()), own.alias(CURRENCY))
        keys = [*labels, CURRENCY]
        groups = labelled.select(keys).unique().sort(keys, nulls_last=True).with_row_index("group")
        return labelled.join(groups, on=keys, nulls_equal=True).select("cell", "group"), groups

    def _label(self, dimension: str) -> str:
        """Name of the column that a dimension gets in an answer; ``currency`` itself is that of the amounts."""
        return (
            DOCUMENT_CURRENCY if dimension == CURRENCY and self.rules.conversion is not Conversion.NONE else dimension
        )

    def by_columns(self, by: Sequence[str]) -> list[str]:
        """The columns that ``by`` becomes in an answer, each once, without the currency of the amounts."""
        return list(dict.fromkeys(label for label in map(self._label, by) if label != CURRENCY))

    def _customers(self, scope: Scope) -> pl.Series | None:
        """Numbers of the chosen customers, or ``None`` when all are meant."""
        wanted = scope.values(CUSTOMER)
        if not wanted:
            return None
        customers = self.frames["customers"]
        hit = pl.col("customer_id").is_in(list(wanted - {None}))
        return customers.filter(hit | pl.col("customer_id").is_null() if None in wanted else hit)["customer"]

    def select(self, table: str, scope: Scope, cells: pl.DataFrame | None = None) -> pl.LazyFrame:
        """Rows of ``documents``, ``settlements`` or ``slices`` in ``scope``; with ``cells``, their group too."""
        rows = self.frames[table].lazy()
        customers = self._customers(scope)
        if customers is not None:
            rows = rows.filter(pl.col("customer").is_in(customers.implode()))
        if cells is None:
            cells, _ = self._cells(scope, ())
        return rows.join(cells.lazy(), on="cell", how="inner")

    # --- balances and movements -------------------------------------------------------------------------------

    def positions(self, days: Sequence[date], scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """Balances at the close of each of ``days``: ``as_of, <by…>, currency, bucket, …BALANCES``.

        ``bucket`` is the code of ``rules.aging.buckets``. Only groups with something open appear. Amounts are minor
        units of ``currency``.
        """
        asked = sorted(set(days))
        cells, groups = self._cells(scope, by)
        customer = CUSTOMER in by or bool(scope.values(CUSTOMER))
        ready = [] if customer else [day for day in asked if day in set(self.position_days)]
        parts: list[pl.LazyFrame] = []
        if ready:
            parts.append(
                self.frames["positions"]
                .lazy()
                .filter(pl.col("as_of").is_in(ready))
                .join(cells.lazy(), on="cell")
                .group_by("as_of", "group", "bucket")
                .agg(pl.col(name).sum() for name in BALANCES)
            )
        rest = [day for day in asked if day not in ready]
        keys = ["group", "customer"] if CUSTOMER in by else ["group"]
        if rest:
            open_slices = facts.alive(self.select("slices", scope, cells), rest)
            parts.append(facts.positions(self.valued(open_slices, rest), keys, self.rules.aging))
        summed = (
            pl.concat(parts, how="diagonal")
            if parts
            else self.frames["positions"].lazy().with_columns(group="cell", customer="cell").head(0)
        )
        return self._labelled(summed, groups, by, ["as_of", "bucket"], BALANCES)

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
        cells, groups = self._cells(scope, by)
        rows = prepare(self.valued(facts.alive(self.select("slices", scope, cells), asked), asked))
        own = ["group", "customer"] if CUSTOMER in by else ["group"]
        summed = rows.group_by("as_of", *own, *keys).agg(expr.alias(name) for name, expr in measures.items())
        return self._labelled(summed, groups, by, ["as_of", *keys], list(measures))

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
        cells, groups = self._cells(scope, by)
        own = ["group", "customer"] if CUSTOMER in by else ["group"]
        return self._labelled(sum_up(cells, own), groups, by, list(keys), measures)

    # --- following the same money -----------------------------------------------------------------------------

    def rolls(self, days: Sequence[date], scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """What was open and owed at a month-end, and what became of it by the next: see ``ledger.rolls``.

        ``as_of`` (the later month-end), ``<by…>, currency, bucket`` (code at the earlier one), ``to`` (code of
        ``rolls.outcomes``), ``amount`` (minor units). ``days`` are month-ends; those that have none before them in
        the history, and other days, have no rows. At closing rates the amount is that of the earlier day at both ends.
        The amounts of a bucket add up to its debit side in ``positions`` at the earlier month-end.
        """
        asked = sorted({day for day in days if day == month_end(day) and self._begun(rolls.opening(day))})
        cells, groups = self._cells(scope, by)
        customer = CUSTOMER in by or bool(scope.values(CUSTOMER))
        ready = [] if customer else [day for day in asked if day in set(self.month_ends)]
        summed = (
            self.frames["rolls"]
            .lazy()
            .filter(pl.col("as_of").is_in(ready))
            .join(cells.lazy(), on="cell")
            .group_by("as_of", "group", "bucket", "to")
            .agg(pl.col("amount").sum())
        )
        earlier = [rolls.opening(day) for day in asked if day not in ready]
        if earlier:
            keys = ["group", "customer"] if CUSTOMER in by else ["group"]
            open_slices = facts.alive(rolls.owing(self.select("slices", scope, cells)), earlier)
            followed = rolls.followed(self.valued(open_slices, earlier), keys, self.rules.aging)
            summed = pl.concat([summed, followed], how="diagonal") if ready else followed
        elif CUSTOMER in by:
            summed = summed.with_columns(customer=pl.lit(None, pl.UInt32))
        return self._labelled(summed, groups, by, ["as_of", "bucket", "to"], ("amount",))

    def _begun(self, day: date) -> bool:
        return self.first_day is not None and self.first_day <= day

    def owed_of(self, day: date, marks: pl.DataFrame, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """What is open and owed of chosen documents: ``as_of, <by…>, currency, mark, bucket`` (code), ``amount``.

        ``marks``: ``document`` (its number) and ``mark``, a number that stands for why it was chosen.
        """
        cells, groups = self._cells(scope, by)
        chosen = rolls.owing(self.select("slices", scope, cells)).join(marks.lazy(), on="document")
        keys = ["group", "customer"] if CUSTOMER in by else ["group"]
        age = (pl.col("as_of") - pl.col("basis")).dt.total_days()
        summed = (
            self.valued(facts.alive(chosen, [day]), [day])
            .with_columns(bucket=self.rules.aging.code(age))
            .group_by("as_of", *keys, "mark", "bucket")
            .agg(pl.col("amount").sum())
        )
        return self._labelled(summed, groups, by, ["as_of", "mark", "bucket"], ("amount",))

    def written_off(self, window: Window, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
        """Losses on invoices and debit memos: ``as_of, <by…>, currency, written_off, recovered``, both 0 or more.

        A write-off taken back is a recovery. What a customer pays after it was written off is cash like any other: the
        ledger does not tell it apart.
        """
        cells, groups = self._cells(scope, by)
        keys = ["group", "customer"] if CUSTOMER in by else ["group"]
        settlements, documents = self.select("settlements", scope, cells), self.frames["documents"].lazy()
        summed = rolls.written_off(settlements, documents, window, keys)
        return self._labelled(summed, groups, by, ["as_of"], ("written_off", "recovered"))

    def _summed(
        self, windows: Sequence[Window], scope: Scope, by: Sequence[str], measures: Sequence[str]
    ) -> pl.DataFrame:
        cells, groups = self._cells(scope, by)
        keys = ["group", "customer"] if CUSTOMER in by else ["group"]
        if CUSTOMER in by or scope.values(CUSTOMER):
            daily = facts.flows(
                self.select("documents", scope, cells).filter(_met(windows, "posting_date")),
                self.select("settlements", scope, cells).filter(_met(windows, "day")),
                self.select("slices", scope, cells).filter(_met(windows, "closed_on")),
                keys,
                measures,
            )
        else:
            daily = (
                self.frames["flows"]
                .lazy()
                .filter(_met(windows, "day"))
                .join(cells.lazy(), on="cell")
                .group_by("day", "group")
                .agg(pl.col(name).sum() for name in measures)
            )
        summed = facts.within(daily, windows).group_by("as_of", *keys).agg(pl.col(name).sum() for name in measures)
        return self._labelled(summed, groups, by, ["as_of"], measures)

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
        balances = self.positions([d for w in windows for d in (w.opening, w.end)], scope, by)
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
        self, summed: pl.LazyFrame, groups: pl.DataFrame, by: Sequence[str], keys: list[str], measures: Sequence[str]
    ) -> pl.DataFrame:
        """Groups by their labels instead of numbers, in a fixed order."""
        named = summed.join(groups.lazy(), on="group")
        if CUSTOMER in by:
            ids = self.frames["customers"].lazy().select(pl.col("customer"), pl.col("customer_id").alias("_id"))
            named = named.join(ids, on="customer").drop("customer").rename({"_id": CUSTOMER})
        order = [keys[0], *self.by_columns(by), CURRENCY, *keys[1:]]
        return named.select(*order, *measures).sort(order, nulls_last=True).collect()


def _met(windows: Sequence[Window], day: str) -> pl.Expr:
    """Whether ``day`` lies between the first day of all windows and the last, and of a few in one of them."""
    if not windows:
        return pl.lit(value=False)
    if len(windows) <= _FEW:
        return pl.any_horizontal(pl.col(day).is_between(window.start, window.end) for window in windows)
    return pl.col(day).is_between(min(window.start for window in windows), max(window.end for window in windows))
