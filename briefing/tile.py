"""A number with its state, what it is compared with, its target and its trend: what a tile says, wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass

from metrics import CATALOG, Better, Metric, Target, Unit, text


@dataclass(frozen=True)
class Tile:
    """What a tile says.

    ``base`` is what ``value`` is compared with, the target apart, and ``versus`` says which: ``PY``, ``31 Jul 2026``;
    ``target`` stands for the target itself. ``trend`` ends with ``value``. ``numerator`` and ``denominator`` are those
    of ``value``, in money or as the metric has them. ``window`` is what a flow is measured over: ``3mo``. ``relative``
    tells differences in percent; ``scale`` is how the reader wants money written. ``aside`` ends the line of words.
    ``alert`` says which rule the number is beyond, where one is.
    """

    metric: str
    value: float | None
    base: float | None
    trend: tuple[float | None, ...]
    currency: str
    versus: str = "PY"
    state: str | None = None
    target: Target | None = None
    note: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    window: str = ""
    relative: bool = False
    scale: text.Scale | None = None
    aside: str = ""
    alert: str = ""

    @property
    def definition(self) -> Metric:
        return CATALOG[self.metric]

    @property
    def measured_over(self) -> str:
        """The window in words, for money that flowed; nothing for a balance or a ratio."""
        flows = self.definition.windowed and self.definition.unit is Unit.MONEY
        return text.window(self.window) if flows and self.window else ""

    @property
    def compared(self) -> float | None:
        """What the value is held against: the base, or the target."""
        if self.versus == "target":
            return self.target.good if self.target else None
        return self.base

    @property
    def change(self) -> float | None:
        """Above what it is compared with; ``None`` where one of the two is missing."""
        return None if self.value is None or self.compared is None else self.value - self.compared

    @property
    def written(self) -> str:
        """The value."""
        return text.value(self.value, self.definition.unit, self.currency, self.scale)

    @property
    def difference(self) -> str:
        """The change with its sign, or nothing."""
        if self.change is None:
            return ""
        if self.relative:
            return text.relative(self.value, self.compared)
        return text.change(self.change, self.definition.unit, self.currency, self.scale)

    @property
    def moved(self) -> bool:
        """Whether there is a difference that can be seen."""
        return self.difference not in ("", "no change", text.MISSING)

    @property
    def context(self) -> str:
        """What the difference is from, and the target: ``vs PY · target 20 %``."""
        aim = f"target {_short(self.target.good, self.definition, self.currency)}" if self.target else ""
        if self.versus == "target":
            told = [f"vs {aim}" if aim else "no target set"]
        else:
            told = [f"{self.versus} {text.MISSING}" if self.change is None else f"vs {self.versus}", aim]
        return " · ".join(part for part in (*told, self.aside) if part)

    @property
    def effect(self) -> str | None:
        """Whether the difference that can be seen is ``good`` or ``bad``."""
        return impact(self.definition, self.change) if self.moved else None

    @property
    def seen(self) -> str:
        """The trend in words; nothing where there is none."""
        known = [value for value in self.trend if value is not None]
        if not known:
            return ""
        low, high = (text.value(value, self.definition.unit, self.currency) for value in (min(known), max(known)))
        return f"{self.definition.label} over {text.count(len(known), 'month-end')}: between {low} and {high}"


def impact(metric: Metric, change: float | None) -> str | None:
    """Whether a change is ``good`` or ``bad``; ``None`` where the metric has no direction."""
    if not change or metric.better is Better.NEITHER:
        return None
    return "good" if (change > 0) == (metric.better is Better.HIGHER) else "bad"


def _short(target: float, metric: Metric, currency: str) -> str:
    """A target without a unit that the value already carries: ``38``, ``10 %``."""
    return f"{target:g}" if metric.unit is Unit.DAYS else text.goal(target, metric.unit, currency)
