"""What the overview shows, read once for all its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from charts import Figure, Palette, aging, bridge, groups, movement, trend
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.scope import CUSTOMER
from metrics import BENCHMARKS, CATALOG, Target, Targets, chosen, text
from ui import periods, store
from ui.tiles import Tile
from ui.view import View

TILES = ("total_ar", "overdue_share", "dso", "cei", "over_90_share", "cash_collected")
READ = (*TILES, "dso_best_possible", "days_delinquent", "billed")
_STEPS = 5
"""Groups named in a bridge: more do not fit beside the other charts."""

GROUP_METRICS = ("total_ar", "overdue", "dso", "overdue_share", "cei", "over_90_share")


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
        days = tuple(sorted({*shown, *(periods.year_before(day) for day in shown)}))
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

    def target(self, metric: str, day: date | None = None, **group: str | None) -> Target | None:
        """The target in force on the as-of day (or ``day``) for what the reader narrowed to, or a group within it."""
        return self.targets.of_metric(metric, day or self.view.day, chosen(self.view.scope) | group)

    @property
    def credit_sales(self) -> float | None:
        """Credit sales of the window: what DSO divides by."""
        row = self.rows.get(("dso", self.view.day))
        return row["denominator"] if row else None  # type: ignore[return-value]

    def tile(self, metric: str) -> Tile:
        """A metric's tile."""
        day = self.view.day
        before = periods.period_before(day)
        row = self.rows.get((metric, day), {})
        now = self.value(metric, day)
        return Tile(
            metric=metric,
            value=now,
            year=self.value(metric, periods.year_before(day)),
            period=self.value(metric, before),
            trend=tuple(self.value(metric, each) for each in periods.trend(day)),
            currency=self.view.currency,
            state=self.targets.state(metric, now, day, chosen(self.view.scope)),
            target=self.target(metric),
            period_name=text.month(before),
            note=row.get("note"),  # type: ignore[arg-type]
            numerator=row.get("numerator"),  # type: ignore[arg-type]
            denominator=row.get("denominator"),  # type: ignore[arg-type]
            window=self.view.window,
        )

    def dso(self, palette: Palette, height: int) -> Figure:
        """DSO over the year."""
        frame, base = self._dso_on(*periods.trend(self.view.day)), self._dso_on(periods.year_before(self.view.day))
        return trend.dso(
            frame,
            self.view.over(palette),
            base=base if base.height and frame.height else None,
            target={day: goal.good for day in frame["as_of"] if (goal := self.target("dso", day))},
            benchmark=BENCHMARKS["dso"],
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
        days = tuple(day for day in periods.trend(self.view.day) if periods.is_known(self.book, day, None))
        aged = self._in_currency(store.aging(days, self.view.scope))
        year = periods.year_before_if_known(self.book, self.view.day)
        base = self._in_currency(store.aging((year,), self.view.scope)) if year else None
        setting = self.view.as_of(palette, self.book.rules.aging.buckets)
        return aging.over_time(aged, setting, base=base, height=height)

    def movement(self, palette: Palette, height: int) -> Figure:
        """The roll-forward over the window."""
        lines = self._in_currency(store.movement(self.view.day, self.view.window, self.view.scope))
        span = self.view.span
        remainder = self.book.rules.conversion is Conversion.CLOSING
        return movement.bridge(
            lines, span.opening, span.end, self.view.over(palette), height=height, fx_is_rest=remainder
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

    def debtors(self, palette: Palette, most: int) -> tuple[Figure, list[tuple[str | None, str]]]:
        """The customers that owe most, and who they are, in the order drawn."""
        aged = self._in_currency(store.aging((self.view.day,), self.view.scope, (CUSTOMER,)))
        total = pl.col("amount").sum()
        largest = aged.group_by(CUSTOMER).agg(total).sort("amount", CUSTOMER, descending=[True, False]).head(most)
        names = store.customers().select(pl.col("customer_id").alias(CUSTOMER), "label")
        named = aged.join(largest.select(CUSTOMER), on=CUSTOMER, how="semi", nulls_equal=True).join(
            names, on=CUSTOMER, how="left", nulls_equal=True
        )
        setting = self.view.as_of(palette, self.book.rules.aging.buckets)
        share = float(largest["amount"].sum()) / (float(aged["amount"].sum()) or 1.0)
        figure = groups.debtors(named.rename({CUSTOMER: "key"}), largest.height, share, setting)
        order = largest.join(names, on=CUSTOMER, how="left", nulls_equal=True, maintain_order="left")
        return figure, list(order.select(CUSTOMER, "label").iter_rows())

    def by_group(self, dimension: str) -> pl.DataFrame:
        """The main metrics per value of a dimension, the most overdue first; ``state`` is its metrics' worst."""
        rows = self._in_currency(
            store.evaluate(GROUP_METRICS, (self.view.day,), self.view.window, self.view.scope, (dimension,))
        )
        wide = rows.pivot(on="metric", index=dimension, values="value").sort(
            "overdue", "total_ar", descending=True, nulls_last=True
        )
        return wide.with_columns(
            pl.Series("state", [self._worst(row, dimension) for row in wide.iter_rows(named=True)], dtype=pl.String)
        ).select(dimension, *GROUP_METRICS, "state")

    def _worst(self, row: Mapping[str, Any], dimension: str) -> str | None:
        """The worst state of a group's metrics, each against the target for that group."""
        values = chosen(self.view.scope) | {dimension: row[dimension]}
        found = {self.targets.state(metric, row[metric], self.view.day, values) for metric in GROUP_METRICS}
        return next((name for name in ("act", "watch", "good") if name in found), None)

    def _in_currency(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("currency") == self.view.currency)
