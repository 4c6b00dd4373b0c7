"""A rule asked of the books: which numbers are beyond its limit, on any days, for all groups at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from alerts import limits, unusual
from alerts.case import Breach, Point, Where, key_of
from alerts.limits import Side
from config.alerts import Rule
from ledger.book import Book
from ledger.calendar import Window, months_before
from ledger.errors import ConfigError
from ledger.money import to_the_cent
from ledger.scope import CURRENCY, CUSTOMER, Scope
from metrics import CATALOG, Metric, Targets, Unit, evaluate, text

ANSWER = (
    "value", "numerator", "denominator", "quantity", "limit", "line", "expected", "compared", "open", "breach", "clear",
    "note",
)  # fmt: skip
"""What is told of each day and group; see ``judged``."""

NUMBERS = ("value", "numerator", "denominator", "open", "note")
"""What a rule is judged by; see ``numbers``."""

PAST = 24
"""How many months before the day the history of a breach goes back."""

_YEAR = 12
_GROSS = "gross_open"


def judged(book: Book, rule: Rule, days: Sequence[date], targets: Targets, window: str) -> pl.DataFrame:
    """Every group on every day against the rule's limit: ``as_of, <rule.by…>, currency, …ANSWER``.

    ``value``, ``numerator`` and ``denominator`` are the metric's; ``quantity`` is what is held against ``limit``, and
    ``line`` is that limit in the unit of the value. ``expected``: the value that would be no news. ``compared``: the
    day that a change is from. ``open``: gross open in major units. ``breach``: whether it is beyond the limit;
    ``clear``: whether it is within it by the margin, which ends an alert; both null where that cannot be judged, and
    ``note`` says why.

    Rows as ``evaluate`` has them, sorted; of a change of money also groups that are gone, with 0.

    Args:
        book: the books.
        rule: one that ``alerts.rules`` has checked.
        days: as-of days; each is judged as if it were asked alone.
        targets: of the company.
        window: the company's default, where the rule has none of its own.

    Raises:
        OutstandingError: an unknown metric, dimension or window; no side of the limit is the worse one.
    """
    asking = Asking(book, rule, targets, rule.window or window)
    return asking.weighed(asking.numbers(days), days)


def breaches(
    book: Book, rule: Rule, day: date, targets: Targets, window: str
) -> tuple[list[Breach], frozenset[str], int]:
    """What is beyond the limit on ``day``, the keys that are neither beyond it nor clear, and how many were judged."""
    asking = Asking(book, rule, targets, rule.window or window)
    rows = asking.weighed(asking.numbers([day]), [day])
    beyond = rows.filter("breach")
    held = rows.filter(~pl.col("breach") & ~pl.col("clear"))
    histories = asking.histories(beyond, day)
    found = [asking.breach(row, histories[key]) for key, row in asking.by_key(beyond).items()]
    return found, frozenset(asking.by_key(held)), rows["breach"].count()


@dataclass(frozen=True)
class Asking:
    """A rule asked of a book; ``window`` is the one that is meant. ``part``: the scope, the rule's own if ``None``."""

    book: Book
    rule: Rule
    targets: Targets
    window: str
    part: Scope | None = None

    @property
    def metric(self) -> Metric:
        return CATALOG[self.rule.metric]

    @property
    def labels(self) -> list[str]:
        """The columns that name a group."""
        return [*self.book.by_columns(self.rule.by), CURRENCY]

    @property
    def scope(self) -> Scope:
        return limits.scope_of(self.rule) if self.part is None else self.part

    @cached_property
    def side(self) -> Side:
        return Side.of(self.rule)

    # --- the days that count ------------------------------------------------------------------------------------

    def known(self, day: date) -> bool:
        """Whether the history reaches back far enough for the metric to be whole on a day."""
        if self.book.first_day is None or not self.metric.windowed:
            return self.book.first_day is not None and day >= self.book.first_day
        try:
            return self.book.covers(Window.ending(day, self.window))
        except ConfigError:
            return False

    def back(self, day: date, months: int) -> date | None:
        """The same day so many months before; ``None`` where the history does not reach."""
        if day.year * _YEAR + day.month - 1 - months < _YEAR:
            return None
        earlier = months_before(day, months)
        return earlier if self.known(earlier) else None

    def compared(self, day: date) -> date | None:
        """The day that a change is from; ``None`` where the history does not reach."""
        if self.rule.against == "year":
            return self.back(day, _YEAR)
        opening = Window.ending(day, self.window).opening
        return opening if self.known(opening) else None

    def months(self, days: Sequence[date]) -> pl.DataFrame:
        """``as_of, _back, _day``: each day, and the months before it that are history."""
        pairs = [(day, back, self.back(day, back)) for day in days for back in range(1, unusual.MONTHS + 1)]
        rows = [*((day, 0, day) for day in days), *(pair for pair in pairs if pair[2])]
        return pl.DataFrame(rows, schema={"as_of": pl.Date, "_back": pl.Int64, "_day": pl.Date}, orient="row")

    def running(self, days: Sequence[date]) -> dict[date, list[date]]:
        """Each day with the months before it on which it has to be beyond the limit too."""
        back = range(1, self.rule.periods)
        return {day: [earlier for k in back if (earlier := self.back(day, k))] for day in days}

    def judged_days(self, days: Sequence[date]) -> list[date]:
        """The days asked and those before them, sorted."""
        return sorted({each for day, before in self.running(days).items() for each in (day, *before)})

    def days(self, days: Sequence[date]) -> list[date]:
        """Every day whose numbers are needed to judge ``days``, sorted."""
        own = self.judged_days(days)
        match self.rule.when:
            case "change":
                return sorted({*own, *(earlier for day in own if (earlier := self.compared(day)))})
            case "unusual":
                return sorted(set(self.months(own)["_day"]))
            case _:
                return own

    # --- numbers ------------------------------------------------------------------------------------------------

    def numbers(self, days: Sequence[date]) -> pl.DataFrame:
        """The metric on every day that judging ``days`` takes: ``as_of, <rule.by…>, currency, …NUMBERS``.

        ``open`` is null on days that are only history: nothing has to be open on them.
        """
        if self.rule.when != "unusual":
            return self._read(self.days(days) or [date.max], self.scope)
        own = self.judged_days(days)
        now = self._read(own or [date.max], self.scope)
        before = [day for day in self.days(days) if day not in set(own)]
        if not before:
            return now
        past = self._read(before, self._large_enough(now)).with_columns(open=pl.lit(None, pl.Float64))
        return pl.concat([now, past])

    def _read(self, days: Sequence[date], scope: Scope) -> pl.DataFrame:
        keys = ["as_of", *self.labels]
        ids = list(dict.fromkeys([self.metric.id, _GROSS]))
        rows = evaluate(self.book, ids, days, self.window, scope, self.rule.by)
        gross = rows.filter(pl.col("metric") == _GROSS).select(*keys, open="value")
        asked = rows.filter(pl.col("metric") == self.metric.id)
        return asked.join(gross, on=keys, how="left", nulls_equal=True, maintain_order="left").select(*keys, *NUMBERS)

    def _large_enough(self, now: pl.DataFrame) -> Scope:
        """The scope, of customers only those that can be judged: the history of thousands is not read for a few."""
        if CUSTOMER not in self.rule.by or not self.rule.least:
            return self.scope
        large = now.filter(pl.col("open") >= limits.STAYS * self.rule.least)[CUSTOMER].unique()
        return self.scope.narrowed(CUSTOMER, *large) if large.len() else self.scope

    # --- judging ------------------------------------------------------------------------------------------------

    def weighed(self, numbers: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
        """``judged`` of numbers that are known: those of ``numbers``, or what they would be without a part of them.

        Args:
            numbers: ``as_of, <rule.by…>, currency, …NUMBERS`` for the days of ``days(days)``.
            days: the as-of days to answer for.
        """
        asked = sorted(set(days))
        own = self.judged_days(asked)
        match self.rule.when:
            case "change":
                rows = self._changes(numbers, own)
            case "unusual":
                rows = self._unusual(numbers, own)
            case _:
                rows = self._levels(numbers, own)
        noted = self._noted(rows)
        ends = {limit: limits.ends_at(self.rule, limit) for limit in noted["limit"].drop_nulls().unique()}
        end = pl.col("limit").replace_strict(ends, default=None, return_dtype=pl.Float64)
        quantity, limit, end = (
            limits.compared(self.metric, each) for each in (pl.col("quantity"), pl.col("limit"), end)
        )
        beyond = self.side.beyond(quantity, limit)
        judgeable = pl.col("note").is_null()
        enough = pl.all_horizontal(pl.lit(value=True), *(amount >= self.rule.least for amount in self._behind()))
        judged = noted.with_columns(
            breach=pl.when(judgeable).then(beyond & enough),
            clear=pl.when(judgeable).then(self.side.back(quantity, end) & ~beyond),
        )
        return (
            self._run(judged, asked)
            .filter(pl.col("as_of").is_in(asked))
            .select("as_of", *self.labels, *ANSWER)
            .sort("as_of", *self.labels, nulls_last=True)
        )

    def _levels(self, numbers: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
        rows = limits.with_limits(self.book, self.rule, self.targets, numbers.filter(pl.col("as_of").is_in(days)))
        return rows.with_columns(
            quantity="value",
            line="limit",
            expected="limit",
            compared=pl.lit(None, pl.Date),
            _why=pl.when(pl.col("limit").is_null()).then(pl.lit(f"no {self.rule.when} holds")),
        )

    def _changes(self, numbers: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
        keys = ["as_of", *self.labels]
        pairs = [(day, self.compared(day)) for day in days]
        told = {then: text.day(then) for _, then in pairs if then}
        compared = pl.DataFrame(pairs, schema={"as_of": pl.Date, "compared": pl.Date}, orient="row")
        before = (
            numbers.rename({"as_of": "compared"})
            .join(compared, on="compared")
            .select(*keys, _from="value", _then=pl.lit(value=True), _open_then="open")
        )
        # A group that was there and is gone has fallen to nothing, where that can be said.
        now = numbers.filter(pl.col("as_of").is_in(days)).with_columns(_now=pl.lit(value=True))
        how = "full" if self._absent_is_zero else "left"
        both = now.join(before, on=keys, how=how, nulls_equal=True, coalesce=True).join(compared, on="as_of")
        nothing = pl.lit(0.0 if self._absent_is_zero else None, pl.Float64)
        gone, new = pl.col("_now").is_null(), pl.col("_then").is_null() & pl.col("compared").is_not_null()
        start, reached = pl.col("_from"), pl.col("compared").is_not_null()
        then = pl.col("compared").replace_strict(told, default=None, return_dtype=pl.String)
        return (
            both.with_columns(
                *(pl.when(gone).then(0.0).otherwise(name).alias(name) for name in ("value", "numerator", "open")),
                _when=then,
                _from=pl.when(new).then(nothing).otherwise("_from"),
                _open_then=pl.when(new).then(0.0).otherwise("_open_then"),
                limit=pl.lit(self.rule.value, pl.Float64),
            )
            .with_columns(
                quantity=self._moved(pl.col("value"), start),
                line=start + (pl.col("limit") * start.abs() if self.rule.percent else pl.col("limit")),
                expected=start,
                _why=pl.when(~reached)
                .then(pl.lit("the history does not reach back to a day to compare with"))
                .when(start.is_null())
                .then(pl.format("it has no value on {}", "_when"))
                .when(pl.lit(self.rule.percent) & (start == 0))
                .then(pl.format("it was 0 on {}, and no change from 0 is a percentage", "_when")),
            )
            .drop("_now", "_then")
        )

    def _moved(self, value: pl.Expr, start: pl.Expr) -> pl.Expr:
        change = limits.compared(self.metric, value - start)
        if self.metric.unit is Unit.MONEY:
            change = to_the_cent(value - start, pl.col(CURRENCY))
        return pl.when(start != 0).then(change / start.abs()) if self.rule.percent else change

    def _unusual(self, numbers: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
        rows = numbers.filter(pl.col("as_of").is_in(days))
        asked = rows.filter(pl.col("value").is_not_null() & (pl.col("open") >= limits.STAYS * self.rule.least))
        found = unusual.deviations(
            numbers.select("as_of", *self.labels, "value"),
            asked.select("as_of", *self.labels),
            self.months(days),
            self.labels,
            absent_is_zero=self._absent_is_zero,
        )
        rows = rows.join(found, on=["as_of", *self.labels], how="left", nulls_equal=True)
        limit, points = limits.constant(self.rule) or limits.DEVIATIONS, pl.col("_points")
        either = pl.when(pl.col("quantity") < 0).then(-limit).otherwise(limit)
        return (
            rows.with_columns(limit=either if self.side.way == "either" else pl.lit(limit, pl.Float64))
            .with_columns(
                line=pl.col("expected") + pl.col("limit") * pl.col("_spread"),
                compared=pl.lit(None, pl.Date),
                _why=pl.when(points < unusual.LEAST).then(
                    pl.format(f"{{}} earlier months have a value, and it takes {unusual.LEAST}", points)
                ),
            )
            .drop("_spread", "_points")
        )

    @property
    def _absent_is_zero(self) -> bool:
        """Whether a group without a row has the value 0, as ``evaluate`` would say, and not no value."""
        return not self.metric.no_value and self.metric.denominator is None

    # --- what is not judged -------------------------------------------------------------------------------------

    def _noted(self, rows: pl.DataFrame) -> pl.DataFrame:
        """``note`` says why a row is not judged, the first reason that holds; null where it is."""
        unknown = [day for day in rows["as_of"].unique() if not self.known(day)]
        reasons = [
            pl.when(pl.col("as_of").is_in(unknown)).then(pl.lit(self._too_early())),
            self._foreign(),
            pl.when(pl.col("value").is_null()).then(pl.coalesce("note", pl.lit("it has no value"))),
            pl.col("_why"),
            *self._too_little(rows),
        ]
        return rows.with_columns(note=pl.coalesce(reasons))

    def _too_early(self) -> str:
        first = self.book.first_day
        return f"the history does not reach back far enough: it begins on {text.day(first)}" if first else "no history"

    def _foreign(self) -> pl.Expr:
        meant = limits.money_in(self.book, self.rule)
        if meant is None:
            return pl.lit(None, pl.String)
        words = f"the limit is in {text.listed(meant)}, and nothing converts amounts to it"
        other = ~pl.col(CURRENCY).is_in(meant)
        return pl.when(other & ~pl.col("_meant") if self.rule.when == "target" else other).then(pl.lit(words))

    def _too_little(self, rows: pl.DataFrame) -> Sequence[pl.Expr]:
        """Too little money stands behind a number, also for an alert to stay."""
        words = {each: text.money(self.rule.least, each) for each in rows[CURRENCY].unique()}
        least = pl.col(CURRENCY).replace_strict(words, default="", return_dtype=pl.String)
        said = ("less than {} is open", "less than {} was open on {}", "it is a change from less than {}")
        told = [pl.format(form, *[least, pl.col("_when")][: form.count("{}")]) for form in said]
        return [
            pl.when(amount < limits.STAYS * self.rule.least).then(why)
            for amount, why in zip(self._behind(), told, strict=False)
        ]

    def _behind(self) -> Sequence[pl.Expr]:
        """The amounts that must be large enough: what is open now and was then, and what a change is from."""
        if not self.rule.least:
            return []
        if self.rule.when != "change":
            return [pl.col("open")]
        from_money = limits.told_in_percent(self.rule) and self.metric.unit is Unit.MONEY
        return [pl.col("open"), pl.col("_open_then"), *([pl.col("_from").abs()] if from_money else [])]

    # --- months running -----------------------------------------------------------------------------------------

    def _run(self, judged: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
        """A breach only where the months before are beyond the limit too; one that is not judged is not beyond it."""
        if self.rule.periods == 1:
            return judged
        pairs = [(day, earlier) for day, before in self.running(days).items() for earlier in before]
        before = pl.DataFrame(pairs, schema={"as_of": pl.Date, "_day": pl.Date}, orient="row")
        keys = ["as_of", *self.labels]
        beyond = judged.filter("breach").select(*self.labels, _day="as_of")
        counted = before.join(beyond, on="_day").group_by(keys).agg(_beyond=pl.len())
        ran = pl.col("_beyond").fill_null(0) == self.rule.periods - 1
        joined = judged.join(counted, on=keys, how="left", nulls_equal=True)
        return joined.with_columns(breach=pl.when(pl.col("breach").is_not_null()).then(pl.col("breach") & ran)).drop(
            "_beyond"
        )

    # --- breaches -----------------------------------------------------------------------------------------------

    def by_key(self, rows: pl.DataFrame) -> dict[str, dict[str, Any]]:
        """The rows by the keys of their alerts, in order."""
        return {self.key(row): row for row in rows.iter_rows(named=True)}

    def group(self, row: dict[str, Any]) -> Where:
        columns = {name: limits.column_of(self.book, name) for name in self.rule.by}
        return tuple((name, row[column]) for name, column in columns.items())

    def key(self, row: dict[str, Any]) -> str:
        return key_of(self.rule.id, self.group(row), row[CURRENCY])

    def breach(self, row: dict[str, Any], history: Sequence[tuple[Point, bool]]) -> Breach:
        """A row that is beyond the limit, as a breach. ``history``: oldest first, and whether it was beyond."""
        since = row["as_of"]
        for point, beyond in reversed(history):
            if not beyond:
                break
            since = point.day
        return Breach(
            rule=self.rule,
            group=self.group(row),
            currency=row[CURRENCY],
            day=row["as_of"],
            since=since,
            history=tuple(point for point, _ in history),
            **{name: row[name] for name in ("value", "quantity", "limit", "expected", "compared")},
        )

    def histories(self, beyond: pl.DataFrame, day: date) -> dict[str, list[tuple[Point, bool]]]:
        """Of the groups in ``beyond`` the points a month apart to ``day``, and whether each was beyond the limit."""
        if beyond.is_empty():
            return {}
        once = self.rule.model_copy(update={"periods": 1})
        narrowed = Asking(self.book, once, self.targets, self.window, self._narrowed(beyond))
        days = [earlier for k in range(PAST, 0, -1) if (earlier := self.back(day, k))]
        rows = narrowed.weighed(narrowed.numbers([*days, day]), [*days, day])
        found: dict[str, list[tuple[Point, bool]]] = {self.key(row): [] for row in beyond.iter_rows(named=True)}
        for row in rows.join(beyond, on=self.labels, how="semi", nulls_equal=True).iter_rows(named=True):
            found[self.key(row)].append((Point(row["as_of"], row["value"], row["line"]), bool(row["breach"])))
        return found

    def _narrowed(self, rows: pl.DataFrame) -> Scope:
        """The scope with only the groups of ``rows``."""
        scope = self.scope
        for name in self.rule.by:
            scope = scope.narrowed(name, *rows[limits.column_of(self.book, name)].unique())
        return scope
