"""What the overview shows, read once for all its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from briefing import periods
from briefing.answers import Answers
from briefing.tile import Tile
from briefing.told import Raised, worse
from briefing.view import Against, View
from charts import Figure, Palette, aging, bridge, groups, movement, trend
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import CATALOG, Target, Targets, chosen, text
from metrics.state import State

TILES = ("total_ar", "overdue_share", "dso", "cei", "over_90_share", "cash_collected")
READ = (*TILES, "dso_best_possible", "days_delinquent", "billed", "overdue", "gross_open")
_STEPS = 5
"""Groups named in a bridge: more do not fit beside the other charts."""

_SMALL_STEP = 0.01
"""Steps of the roll-forward below this share of the largest are drawn together."""

_OLD = 90
"""Days past due beyond which a bucket is old."""


@dataclass(frozen=True)
class Summary:
    """Every value the overview needs: by metric and day."""

    view: View
    answers: Answers
    rows: Mapping[tuple[str, date], dict[str, object]]
    raised: Raised

    @classmethod
    def read(cls, answers: Answers, view: View, raised: Raised, metrics: tuple[str, ...] = READ) -> Summary:
        """One evaluation for the year shown and the year before."""
        shown = periods.trend(view.day)
        base = (view.base,) if view.base else ()
        days = tuple(sorted({*shown, *(periods.year_before(day) for day in shown), *base}))
        frame = answers.evaluate(metrics, days, view.window, view.scope)
        frame = frame.filter(pl.col("currency") == view.currency)
        rows = {(row["metric"], row["as_of"]): row for row in frame.iter_rows(named=True)}
        return cls(view, answers, rows, raised)

    @property
    def book(self) -> Book:
        """The books."""
        return self.answers.book

    @property
    def targets(self) -> Targets:
        """The company's targets."""
        return self.answers.targets

    @property
    def is_empty(self) -> bool:
        """Nothing is open and nothing moved."""
        return not any(self.value(metric, self.view.day) for metric in ("total_ar", "billed", "cash_collected"))

    def value(self, metric: str, day: date) -> float | None:
        """The value on a day; ``None`` where it is not defined or the history does not reach."""
        row = self.rows.get((metric, day))
        window = self.view.window if CATALOG[metric].windowed else None
        return row["value"] if row and periods.is_known(self.book, day, window) else None  # type: ignore[return-value]

    def values(self) -> dict[str, float | None]:
        """Every value on the as-of day."""
        return {metric: self.value(metric, self.view.day) for metric in READ}

    def target(self, metric: str, day: date | None = None, /, **group: str | None) -> Target | None:
        """The target in force on the as-of day (or ``day``) for what the reader narrowed to, or a group within it."""
        return self.targets.of_metric(metric, day or self.view.day, chosen(self.view.scope) | group)

    def state(self, metric: str, value: float | None, /, **group: str | None) -> State | None:
        """``good``, ``watch`` or ``act`` of a value of what the reader narrowed to, or a group within it."""
        return self.targets.state(metric, value, self.view.day, chosen(self.view.scope) | group)

    @property
    def credit_sales(self) -> float | None:
        """Credit sales of the window: what DSO divides by."""
        row = self.rows.get(("dso", self.view.day))
        return row["denominator"] if row else None  # type: ignore[return-value]

    @property
    def base_day(self) -> date | None:
        """The day compared with, where the history reaches it; ``None`` for the target."""
        day = self.view.base
        return day if day and periods.is_known(self.book, day, None) else None

    def reaches(self, metric: str) -> bool:
        """Whether the history reaches back to the day compared with, and with the metric's window before that."""
        window = self.view.window if CATALOG[metric].windowed else None
        return self.base_day is not None and periods.is_known(self.book, self.base_day, window)

    @property
    def opens(self) -> bool:
        """Whether the history reaches back to the window's opening."""
        return periods.is_known(self.book, self.view.span.opening, None)

    @property
    def too_early(self) -> str:
        """Why nothing can be told of the window, where it does not."""
        return f"The history does not reach back to {text.day(self.view.span.opening)}, where the window opens."

    def tile(self, metric: str) -> Tile:
        """A metric's tile."""
        view, day = self.view, self.view.day
        row = self.rows.get((metric, day), {})
        now = self.value(metric, day)
        raised = self.raised.standing_at(metric, view)
        return Tile(
            metric=metric,
            value=now,
            base=self.value(metric, view.base) if view.base else None,
            versus=self._versus,
            trend=tuple(self.value(metric, each) for each in periods.trend(day)),
            currency=view.currency,
            state=worse(self.targets.state(metric, now, day, chosen(view.scope)), raised),
            target=self.target(metric),
            note=row.get("note"),  # type: ignore[arg-type]
            numerator=row.get("numerator"),  # type: ignore[arg-type]
            denominator=row.get("denominator"),  # type: ignore[arg-type]
            window=view.window,
            relative=view.relative,
            scale=view.scale,
            alert=raised.said if raised else "",
        )

    @property
    def _versus(self) -> str:
        """What is compared with, without the year where it is that of the as-of day: a tile is narrow."""
        day = self.view.base
        if self.view.against is not Against.PERIOD or day is None or day.year != self.view.day.year:
            return self.view.versus
        return f"{day.day}{text.NBSP}{text.month(day)}"

    def dso(self, palette: Palette, height: int) -> Figure:
        """DSO over the year, its last value held against what the reader compares with."""
        frame = self._dso_on(*periods.trend(self.view.day))
        base = self._dso_on(self.view.base) if self.view.base else frame.head(0)
        if self.view.against is not Against.YEAR:
            frame = frame.with_columns(previous=pl.lit(None, pl.Float64))
        figure = trend.dso(
            frame,
            self.view.over(palette),
            base=base if base.height and frame.height else None,
            target={day: goal.good for day in frame["as_of"] if (goal := self.target("dso", day))},
            to_target=self.view.against is Against.TARGET,
            marks=self.raised.marks(("dso",), self.view),
            height=height,
        )
        if self.value("dso", self.view.day) is not None:
            return figure
        title = f"DSO is not known on {text.day(self.view.day)}: {self._why_not('dso')}"
        return replace(figure, title=title, alt=figure.alt.replace(figure.title, title))

    def _why_not(self, metric: str) -> str:
        """Why a metric has no value on the as-of day."""
        if not periods.is_known(self.book, self.view.day, self.view.window):
            return "the history does not reach back to the window's beginning"
        return str(self.rows.get((metric, self.view.day), {}).get("note") or CATALOG[metric].no_value)

    def _dso_on(self, *days: date) -> pl.DataFrame:
        """DSO, its parts and its value a year before, on those of ``days`` where it is defined."""
        metrics = ("dso", "dso_best_possible", "days_delinquent")
        points = [
            {
                "as_of": day,
                **{metric: self.value(metric, day) for metric in metrics},
                "previous": self.value("dso", periods.year_before(day)),
            }
            for day in days
        ]
        schema = {"as_of": pl.Date, **dict.fromkeys((*metrics, "previous"), pl.Float64)}
        return pl.DataFrame(points, schema=schema).filter(pl.col("dso").is_not_null())

    def aging(self, palette: Palette, height: int, *, whole: bool = False) -> Figure:
        """Overdue money by age over the year; ``whole``: with what is current and unapplied credits."""
        aged = self.aged()
        base = aged.filter(pl.col("as_of") == self.base_day) if self.base_day else None
        aged = aged.filter(pl.col("as_of").is_in(periods.trend(self.view.day)))
        setting = self.view.as_of(palette, self.book.rules.aging.buckets)
        figure = aging.over_time(aged, setting, base=base, height=height, picked=True, whole=whole)
        aim = self.target("overdue_share") if self.view.against is Against.TARGET else None
        if aim is None:
            return figure
        title = aging.target_finding(aged, aim.good, setting)
        return replace(figure, title=title, alt=figure.alt.replace(figure.title, title))

    def aged(self) -> pl.DataFrame:
        """Open money by bucket on the days shown and the one compared with, as far as the history reaches."""
        days = {*periods.trend(self.view.day), *([self.base_day] if self.base_day else [])}
        known = tuple(sorted(day for day in days if periods.is_known(self.book, day, None)))
        return self._in_currency(self.answers.aging(known, self.view.scope))

    def oldest(self) -> str | None:
        """Of the buckets that begin beyond 90 days the one that holds most, if any holds anything."""
        lowest = dict(zip(self.book.rules.aging.buckets[2:-1], self.book.rules.aging.edges, strict=False))
        old = [bucket for bucket, edge in lowest.items() if edge >= _OLD]
        today = pl.col("as_of") == self.view.day
        aged = self.aged().filter(today & pl.col("bucket").is_in(old) & (pl.col("amount") > 0))
        return aged.sort("amount", descending=True)["bucket"][0] if aged.height else None

    def moved(self) -> pl.DataFrame:
        """``line, amount`` of the roll-forward over the window."""
        return self._in_currency(self.answers.movement(self.view.day, self.view.window, self.view.scope))

    def movement(self, palette: Palette, height: int) -> Figure:
        """The roll-forward over the window."""
        lines = self.moved()
        span = self.view.span
        remainder = self.book.rules.conversion is Conversion.CLOSING
        return movement.bridge(
            lines,
            span.opening,
            span.end,
            self.view.over(palette),
            height=height,
            fx_is_rest=remainder,
            least=_SMALL_STEP,
        )

    def why(self, metric: str, palette: Palette, height: int | None, dimension: str) -> Figure:
        """From a metric at the window's opening to the same now, by the groups of a dimension.

        Raises:
            OutstandingError: it is not defined on one of the days.
        """
        span, labels = self.view.span, self.book.dimensions
        if not self.opens:
            raise OutstandingError(self.too_early)
        rows = self._in_currency(
            self.answers.explain(metric, span.opening, span.end, self.view.window, self.view.scope, (dimension,))
        )
        values = self._in_currency(
            self.answers.evaluate((metric,), (span.opening, span.end), self.view.window, self.view.scope)
        )
        known = dict(values.select("as_of", "value").iter_rows())
        if known.get(span.opening) is None or known.get(span.end) is None:
            label = CATALOG[metric].label
            raise OutstandingError(f"{label} is not known on {text.day(span.opening)} or {text.day(span.end)}.")
        ends = ((span.opening, known[span.opening]), (span.end, known[span.end]))
        figure = bridge.change(metric, ends, rows, self.view.over(palette), labels=labels, most=_STEPS, height=height)
        return replace(figure, subtitle=f"By {labels[dimension].lower()} · {figure.subtitle}")

    def debtors(self, palette: Palette, most: int) -> tuple[Figure, list[tuple[str | None, str]], int]:
        """The customers that owe most, who they are in the order drawn, and how many others owe anything."""
        aged = self._in_currency(self.answers.aging((self.view.day,), self.view.scope, (CUSTOMER,)))
        amount, (first, *late, _unapplied) = pl.col("amount"), self.book.rules.aging.buckets
        sums = aged.group_by(CUSTOMER).agg(
            amount.sum(),
            overdue=amount.filter(pl.col("bucket").is_in(late)).sum(),
            gross=amount.filter(pl.col("bucket").is_in([first, *late])).sum(),
        )
        ranked = sums.filter(pl.col("amount") != 0).sort("amount", CUSTOMER, descending=[True, False])
        largest, rest = ranked.head(most), ranked.slice(most)
        names = _named(largest, self.answers.customers())
        drawn = aged.join(names, on=CUSTOMER, how="inner", nulls_equal=True).rename({CUSTOMER: "key"})
        total = float(ranked.filter(pl.col("amount") > 0)["amount"].sum()) or 1.0
        figure = groups.debtors(
            drawn,
            largest.height,
            float(largest["amount"].sum()) / total,
            self.view.as_of(palette, self.book.rules.aging.buckets),
            others=groups.Others(rest.height, *(float(rest[name].sum()) for name in ("amount", "overdue", "gross")))
            if rest.height
            else None,
        )
        return figure, list(names.select(CUSTOMER, "label").iter_rows()), rest.height

    def _in_currency(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("currency") == self.view.currency)


def _named(largest: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """``customer, label`` in order; names that repeat are told apart by their ids."""
    names = customers.select(pl.col("customer_id").alias(CUSTOMER), "label")
    found = largest.select(CUSTOMER).join(names, on=CUSTOMER, how="left", nulls_equal=True, maintain_order="left")
    label = pl.col("label").fill_null(UNASSIGNED)
    apart = pl.concat_str(label, pl.lit(" ("), pl.col(CUSTOMER).fill_null("-"), pl.lit(")"))
    return found.with_columns(label=pl.when(label.is_duplicated()).then(apart).otherwise(label))
