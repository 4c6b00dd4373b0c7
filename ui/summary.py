"""What the overview shows, read once for all its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from charts import Figure, Palette, aging, bridge, groups, movement, trend
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import CATALOG, Target, Targets, chosen, text
from ui import alerts, periods, store
from ui.lead import Lead
from ui.tiles import Tile
from ui.view import Against, View

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
    book: Book
    rows: Mapping[tuple[str, date], dict[str, object]]
    targets: Targets

    @classmethod
    def read(cls, book: Book, view: View, metrics: tuple[str, ...] = READ) -> Summary:
        """One evaluation for the year shown and the year before."""
        shown = periods.trend(view.day)
        base = (view.base,) if view.base else ()
        days = tuple(sorted({*shown, *(periods.year_before(day) for day in shown), *base}))
        frame = store.evaluate(metrics, days, view.window, view.scope)
        frame = frame.filter(pl.col("currency") == view.currency)
        rows = {(row["metric"], row["as_of"]): row for row in frame.iter_rows(named=True)}
        return cls(view, book, rows, store.targets())

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

    def state(self, metric: str, value: float | None, /, **group: str | None) -> str | None:
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

    def tile(self, metric: str, leads: Lead | None = None) -> Tile:
        """A metric's tile."""
        view, day = self.view, self.view.day
        row = self.rows.get((metric, day), {})
        now = self.value(metric, day)
        raised = alerts.standing_at(metric, view)
        return Tile(
            metric=metric,
            value=now,
            base=self.value(metric, view.base) if view.base else None,
            versus=self._versus,
            trend=tuple(self.value(metric, each) for each in periods.trend(day)),
            currency=view.currency,
            state=alerts.worse(self.targets.state(metric, now, day, chosen(view.scope)), raised),
            target=self.target(metric),
            note=row.get("note"),  # type: ignore[arg-type]
            numerator=row.get("numerator"),  # type: ignore[arg-type]
            denominator=row.get("denominator"),  # type: ignore[arg-type]
            window=view.window,
            relative=view.relative,
            scale=view.scale,
            alert=raised.said if raised else "",
            leads=leads,
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
        return trend.dso(
            frame,
            self.view.over(palette),
            base=base if base.height and frame.height else None,
            target={day: goal.good for day in frame["as_of"] if (goal := self.target("dso", day))},
            to_target=self.view.against is Against.TARGET,
            marks=alerts.marks(("dso",), self.view),
            height=height,
        )

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

    def aging(self, palette: Palette, height: int) -> Figure:
        """Overdue money by age over the year."""
        aged = self._aged()
        base = aged.filter(pl.col("as_of") == self.base_day) if self.base_day else None
        aged = aged.filter(pl.col("as_of").is_in(periods.trend(self.view.day)))
        setting = self.view.as_of(palette, self.book.rules.aging.buckets)
        figure = aging.over_time(aged, setting, base=base, height=height, picked=True)
        aim = self.target("overdue_share") if self.view.against is Against.TARGET else None
        if aim is None:
            return figure
        title = aging.target_finding(aged, aim.good, setting)
        return replace(figure, title=title, alt=figure.alt.replace(figure.title, title))

    def _aged(self) -> pl.DataFrame:
        """Open money by bucket on the days shown and the one compared with, as far as the history reaches."""
        days = {*periods.trend(self.view.day), *([self.base_day] if self.base_day else [])}
        known = tuple(sorted(day for day in days if periods.is_known(self.book, day, None)))
        return self._in_currency(store.aging(known, self.view.scope))

    def oldest(self) -> str | None:
        """Of the buckets that begin beyond 90 days the one that holds most, if any holds anything."""
        lowest = dict(zip(self.book.rules.aging.buckets[2:-1], self.book.rules.aging.edges, strict=False))
        old = [bucket for bucket, edge in lowest.items() if edge >= _OLD]
        today = pl.col("as_of") == self.view.day
        aged = self._aged().filter(today & pl.col("bucket").is_in(old) & (pl.col("amount") > 0))
        return aged.sort("amount", descending=True)["bucket"][0] if aged.height else None

    def movement(self, palette: Palette, height: int) -> Figure:
        """The roll-forward over the window."""
        lines = self._in_currency(store.movement(self.view.day, self.view.window, self.view.scope))
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

    def dso_bridge(self, palette: Palette, height: int, dimension: str) -> Figure:
        """From DSO at the window's opening to DSO now, by the groups of a dimension.

        Raises:
            OutstandingError: DSO is not defined on one of the days.
        """
        span, labels = self.view.span, self.book.dimensions
        rows = self._in_currency(
            store.explain("dso", span.opening, span.end, self.view.window, self.view.scope, (dimension,))
        )
        values = self._in_currency(
            store.evaluate(("dso",), (span.opening, span.end), self.view.window, self.view.scope)
        )
        known = dict(values.select("as_of", "value").iter_rows())
        if known.get(span.opening) is None or known.get(span.end) is None:
            raise OutstandingError(f"DSO is not known on {text.day(span.opening)} or {text.day(span.end)}.")
        ends = ((span.opening, known[span.opening]), (span.end, known[span.end]))
        figure = bridge.change("dso", ends, rows, self.view.over(palette), labels=labels, most=_STEPS, height=height)
        return replace(figure, subtitle=f"By {labels[dimension].lower()} · {figure.subtitle}")

    def debtors(self, palette: Palette, most: int) -> tuple[Figure, list[tuple[str | None, str]], int]:
        """The customers that owe most, who they are in the order drawn, and how many others owe anything."""
        aged = self._in_currency(store.aging((self.view.day,), self.view.scope, (CUSTOMER,)))
        amount, (first, *late, _unapplied) = pl.col("amount"), self.book.rules.aging.buckets
        sums = aged.group_by(CUSTOMER).agg(
            amount.sum(),
            overdue=amount.filter(pl.col("bucket").is_in(late)).sum(),
            gross=amount.filter(pl.col("bucket").is_in([first, *late])).sum(),
        )
        ranked = sums.filter(pl.col("amount") != 0).sort("amount", CUSTOMER, descending=[True, False])
        largest, rest = ranked.head(most), ranked.slice(most)
        names = _named(largest)
        drawn = aged.join(names, on=CUSTOMER, how="inner", nulls_equal=True).rename({CUSTOMER: "key"})
        total = float(ranked["amount"].sum()) or 1.0
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


def _named(largest: pl.DataFrame) -> pl.DataFrame:
    """``customer, label`` in order; names that repeat are told apart by their ids."""
    names = store.customers().select(pl.col("customer_id").alias(CUSTOMER), "label")
    found = largest.select(CUSTOMER).join(names, on=CUSTOMER, how="left", nulls_equal=True, maintain_order="left")
    label = pl.col("label").fill_null(UNASSIGNED)
    apart = pl.concat_str(label, pl.lit(" ("), pl.col(CUSTOMER).fill_null("-"), pl.lit(")"))
    return found.with_columns(label=pl.when(label.is_duplicated()).then(apart).otherwise(label))
