"""The table of targets: what each line promises at each size, and where its measured value is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SIZES = (1_000_000, 10_000_000, 100_000_000)
"""Documents that targets are set for. Another size has those of the next one."""

_WHOLE, _WHOLE_THOUSANDTHS, _GIGABYTE = 100, 10, 1_000
"""From here on, no decimals; a larger unit."""

Results = Mapping[str, Any]
"""What was measured at one size, by part."""

Pick = Callable[[Results], float | None]


@dataclass(frozen=True)
class Line:
    """A line of the table. ``goals``: one a size, ``None`` for what is measured only. ``least``: more is better.

    ``pick`` takes the value, ``show`` writes a value or a goal.
    """

    title: str
    goals: tuple[float | None, float | None, float | None]
    pick: Pick
    show: Callable[[float], str]
    least: bool = False

    def goal(self, documents: int) -> float | None:
        """Of the size, or of the next larger one."""
        place = next((at for at, size in enumerate(SIZES) if documents <= size * 1.1), len(SIZES) - 1)
        return self.goals[place]

    def met(self, value: float, documents: int) -> bool | None:
        """``None`` where there is no goal."""
        goal = self.goal(documents)
        if goal is None:
            return None
        return value >= goal if self.least else value < goal


def found(results: Results, path: str) -> float | None:
    """A number of ``results`` by its names, parted by slashes; ``None`` where it was not measured or went wrong."""
    at: Any = results
    for name in path.split("/"):
        at = at.get(name) if isinstance(at, Mapping) else None
    return float(at) if isinstance(at, int | float) else None


def at(path: str) -> Pick:
    return lambda results: found(results, path)


def over(above: str, below: str) -> Pick:
    """One measured number divided by another."""

    def ratio(results: Results) -> float | None:
        one, other = found(results, above), found(results, below)
        return one / other if one is not None and other else None

    return ratio


def seconds(value: float) -> str:
    """With two or three digits, in the unit that fits."""
    if round(value, 3) >= 1:
        return f"{value:,.0f} s" if round(value) >= _WHOLE else f"{value:,.1f} s"
    thousandths = value * 1_000
    return f"{thousandths:.0f} ms" if round(thousandths) >= _WHOLE_THOUSANDTHS else f"{thousandths:.1f} ms"


def megabytes(value: float) -> str:
    return f"{value / 1_000:.1f} GB" if round(value) >= _GIGABYTE else f"{value:,.0f} MB"


def times(value: float) -> str:
    return f"{value:,.1f} ×"


def each_second(value: float) -> str:
    return f"{value:.1f}"


_OURS = "positions.ours/result/positions/wall"

LINES = (
    Line(
        "`refresh` from Parquet, checks and quarantine included, against a bare scan of the same files",
        (15, 15, None),
        over("refresh.product/result/wall", "refresh.scan/result/wall"),
        times,
    ),
    Line(
        "60 positions over all cells, against DuckDB's range join",
        (3, 3, None),
        over("positions.duckdb/result/positions/wall", _OURS),
        times,
        least=True,
    ),
    Line(
        "the same, against a pandas loop over the days",
        (3, 3, None),
        over("positions.pandas/result/positions/wall", _OURS),
        times,
        least=True,
    ),
    Line(
        "any set of metrics for any filter, as of a month-end, p95",
        (0.02, 0.05, 0.2),
        at("kpis.asked/result/month_end/p95"),
        seconds,
    ),
    Line("the same as of any past day, p95", (0.05, 0.25, 3), at("kpis.asked/result/any_day/p95"), seconds),
    Line(
        "drill to one customer's open items, p95",
        (0.03, 0.08, 0.25),
        at("kpis.drilled/result/open_items/p95"),
        seconds,
    ),
    Line(
        "one run of the overview on the server, a view that nobody has asked for, p95",
        (0.25, 0.35, 0.8),
        at("pages.overview/result/asked_first/p95"),
        seconds,
    ),
    Line(
        "memory of the serving process after a minute of clicks, its own",
        (700, 2_500, 12_000),
        at("pages.people/result/memory/anonymous"),
        megabytes,
    ),
    Line("memory of `refresh`, all at its highest", (1_500, 6_000, 20_000), at("refresh.product/peak"), megabytes),
    Line(
        "25 people, a click each every 8 s: click to finished page, p95",
        (1, 1.5, None),
        at("pages.people/result/many/p95"),
        seconds,
    ),
    Line(
        "page runs a second, people without pauses",
        (8, 6, None),
        at("pages.people/result/busy/runs_per_second"),
        each_second,
        least=True,
    ),
)
