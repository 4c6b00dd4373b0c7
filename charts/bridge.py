"""Why it moved: from a number on one day to the same number on another, by who or what made the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

import polars as pl

from charts import native, notation, spec, steps
from charts.figure import Figure, Setting
from charts.native import Kind, Native, Series
from charts.notation import Effect
from charts.palette import LIGHT
from charts.steps import BALANCE, Step
from metrics import CATALOG, Metric, Unit, reasons, text

Ends = tuple[tuple[date, float], tuple[date, float]]
"""Day and value at the start and at the end."""

BETTER, WORSE = Effect.BETTER, Effect.WORSE

_CUT = 0.4
"""The axis is cut when all that moves lies within this share of the highest bar."""


def change(
    metric: str,
    ends: Ends,
    rows: pl.DataFrame,
    setting: Setting,
    *,
    labels: Mapping[str, str] = MappingProxyType({}),
    names: Mapping[str | None, str] = MappingProxyType({}),
    most: int = 7,
    height: int | None = None,
) -> Figure:
    """A bridge from the metric's value at the start to the one at the end, largest contribution first.

    A step is coloured by its effect, better or worse, as the metric's direction has it; neutral where it has none.
    Where the steps are small beside the values the axis is cut, and the subtitle says where.

    Args:
        metric: id in the catalogue; money, days, shares and indices are drawn alike.
        ends: day and value of the start, then of the end: the start's value plus all contributions.
        rows: an answer of ``metrics.explain``, of one currency: by group, or the parts of the whole.
        setting: the view's words, currency and colours.
        labels: a dimension's label, as in ``book.dimensions``.
        names: a customer's name by id.
        most: how many steps are drawn; what is left is summed as one more.
        height: of the plot, in pixels; by the number of steps if left out.
    """
    causes = [step for step in reasons.steps(rows, labels, names) if step[1]]
    title = _finding(CATALOG[metric], rows, labels, names)
    return of_causes(metric, ends, causes, setting, title, most=most, height=height)


def of_causes(
    metric: str,
    ends: Ends,
    causes: Sequence[tuple[str, float]],
    setting: Setting,
    title: str,
    *,
    most: int = 7,
    height: int | None = None,
) -> Figure:
    """The same bridge from steps that are known by name already.

    Args:
        metric, ends, setting, most, height: as of ``change``.
        causes: name and contribution of each step, in order.
        title: the finding.
    """
    chosen, palette = CATALOG[metric], setting.palette
    reading = _Reading.of(chosen, max(abs(value) for _, value in ends), setting.currency)
    causes = _causes(causes, most)
    drawn = _steps(chosen, ends, causes, reading)
    foot = _foot(drawn)
    fills = {BALANCE: palette.actual, **notation.effects(palette)}
    present = {kind: fills[kind] for kind in fills if kind in {step.kind for step in drawn}}
    tall = height or 26 * len(drawn) + 50
    return Figure(
        name=f"{metric}_bridge",
        title=title,
        subtitle=setting.subtitle(
            f"{chosen.label}, {reading.unit}", f"axis cut at {reading.bare(foot * reading.divisor)}" if foot else ""
        ),
        alt=f"A bridge from {chosen.label} on {text.day(ends[0][0])} to {text.day(ends[1][0])}. {title}.",
        spec=spec.chart(
            palette,
            steps.layers(drawn, palette, present, foot=foot, key=[kind for kind in (BETTER, WORSE) if kind in present]),
            tall,
        ),
        table=_twin(chosen, ends, causes, reading),
        metrics=(metric,),
        height=tall,
        palette=palette,
        native=_native(chosen, (ends[0][1], *(amount for _, amount in causes), ends[1][1]), drawn, reading),
    )


def clickable(figure: Figure, rows: pl.DataFrame, key: Callable[[str | None], str]) -> Figure:
    """A figure of ``change`` in which a click on a group picks its ``key``.

    The two ends pick nothing, nor does what sums the groups that are left.

    Args:
        figure: as drawn from ``rows``.
        rows: an answer of ``metrics.explain`` by one dimension.
        key: what a click on a group tells.
    """
    moved, groups = figure.table.height - 2, _groups(rows)
    keys = [key(group) for group in groups[: moved if len(groups) == moved else moved - 1]]
    layers = steps.picking(figure.spec["layer"], [None, *keys])
    return replace(figure, spec={**figure.spec, "layer": layers})


@dataclass(frozen=True)
class _Reading:
    """How the metric's numbers are written at the bars: divided and without their unit, which the subtitle carries."""

    kind: Unit
    currency: str
    unit: str
    divisor: float = 1.0
    places: int = 1

    @classmethod
    def of(cls, metric: Metric, largest: float, currency: str) -> _Reading:
        match metric.unit:
            case Unit.MONEY:
                scale = text.Scale.fitting(largest)
                return cls(metric.unit, currency, scale.unit(currency), scale.divisor, 1 if scale.suffix else 0)
            case Unit.RATIO:
                return cls(metric.unit, currency, "%, steps in points", 0.01)
            case Unit.PERCENT:
                return cls(metric.unit, currency, "0–100, steps in points")
            case Unit.TIMES:
                return cls(metric.unit, currency, "times", places=2)
            case Unit.DAYS:
                return cls(metric.unit, currency, "days")
            case _:
                return cls(metric.unit, currency, "number")

    def bare(self, value: float) -> str:
        return text.number(value / self.divisor, self.places)

    def signed(self, value: float) -> str:
        words = self.bare(value)
        return f"+{words}" if value > 0 and words.strip("0.") else words

    def told(self, value: float) -> str:
        """A value with its unit, money to the cent."""
        return text.exact(value, self.currency) if self.kind is Unit.MONEY else text.value(value, self.kind)

    def moved(self, value: float) -> str:
        """A step with its sign and unit, money to the cent."""
        exact = text.exact(value, self.currency)
        return (f"+{exact}" if value > 0 else exact) if self.kind is Unit.MONEY else text.change(value, self.kind)


def _finding(metric: Metric, rows: pl.DataFrame, labels: Mapping[str, str], names: Mapping[str | None, str]) -> str:
    """How far it moved, and who that is, or without groups what it is."""
    if rows.is_empty():
        return f"{metric.label} did not move"
    return reasons.sentences(rows, rows, labels=labels, names=names)[0]


def _causes(causes: Sequence[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """The largest, and all others as one. A single one left over is drawn by its name."""
    if len(causes) <= most + 1:
        return list(causes)
    rest = causes[most:]
    return [*causes[:most], (f"Other ({len(rest):,})", sum(amount for _, amount in rest))]


def _groups(rows: pl.DataFrame) -> list[str | None]:
    """The values of the one dimension of ``rows``, in the order of ``reasons.steps``."""
    dimension = rows.columns[rows.columns.index("window") + 1]
    summed = rows.group_by(dimension).agg(pl.col("contribution").sum()).filter(pl.col("contribution") != 0)
    order = pl.col("contribution").abs()
    return summed.sort(order, dimension, descending=[True, False], nulls_last=True)[dimension].to_list()


def _steps(
    metric: Metric,
    ends: Ends,
    causes: Sequence[tuple[str, float]],
    reading: _Reading,
) -> list[Step]:
    """The bars, in the unit of the axis."""
    level = ends[0][1]
    bars = [_balance(ends[0], reading)]
    for name, amount in causes:
        reach = (level / reading.divisor, (level + amount) / reading.divisor)
        effect = notation.effect(amount, metric.better)
        exact = reading.moved(amount) + (f", {effect}" if effect in (BETTER, WORSE) else "")
        bars.append(Step(name, *reach, effect, reading.signed(amount), exact))
        level += amount
    return [*bars, _balance(ends[1], reading)]


def _balance(at: tuple[date, float], reading: _Reading) -> Step:
    day, value = at
    return Step(text.day(day), 0.0, value / reading.divisor, BALANCE, reading.bare(value), reading.told(value))


def _foot(drawn: Sequence[Step]) -> float:
    """Where the axis begins: at 0, or below all that moves when that would be too small to see."""
    edges = [edge for step in drawn for edge in ((step.end,) if step.kind == BALANCE else (step.start, step.end))]
    low, high = min(edges), max(edges)
    if low <= 0 or low == high or high - low >= _CUT * high:
        return 0.0
    size = 10.0 ** len(str(int(high - low)))
    step = size / 10 if high - low >= 1 else (high - low) / 2
    below = low - (high - low) / 2
    return max(0.0, below // step * step)


def _native(metric: Metric, values: Sequence[float], drawn: Sequence[Step], reading: _Reading) -> Native:
    """The bridge as ``drawn``, of the ``values`` as they are."""
    fills = {BALANCE: LIGHT.actual, **notation.effects(LIGHT)}
    bars = Series(
        metric.label,
        tuple(values),
        LIGHT.actual,
        colours=tuple(fills[step.kind] for step in drawn),
        labels=tuple(step.label for step in drawn),
    )
    scale = text.Scale(reading.divisor, "")
    return Native(
        Kind.LYING_BRIDGE,
        native.names(step.name for step in drawn),
        (bars,),
        native.form(metric.unit, scale),
        reading.unit,
        foot=_foot(drawn) * reading.divisor or None,
        balances=frozenset({0, len(drawn) - 1}),
    )


def _twin(
    metric: Metric,
    ends: Ends,
    causes: Sequence[tuple[str, float]],
    reading: _Reading,
) -> pl.DataFrame:
    """The drawn numbers, unrounded; shares as percentages and points."""
    factor = 0.01 if reading.kind is Unit.RATIO else 1.0
    unit = {Unit.MONEY: reading.currency, Unit.RATIO: "% and points"}.get(reading.kind, reading.unit)
    first, last = ((text.day(day), value) for day, value in ends)
    lines = [first, *causes, last]
    effects = [None, *(notation.effect(amount, metric.better) for _, amount in causes), None]
    return pl.DataFrame(
        {
            "Step": [name for name, _ in lines],
            f"{metric.label}, {unit}": [amount / factor for _, amount in lines],
            "Effect": [effect if effect in (BETTER, WORSE) else None for effect in effects],
        },
        schema_overrides={"Effect": pl.String},
    )
