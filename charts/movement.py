"""The roll-forward: how the opening balance became the closing one, as a bridge that ties out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from charts import native, spec, steps
from charts.figure import Figure, Setting
from charts.native import Kind, Native, Series
from charts.palette import on_white
from charts.steps import BALANCE, Step
from metrics import text

HEADINGS = {
    "opening": "Opening",
    "billed": "Billed",
    "credits": "Credits",
    "cash": "Cash",
    "write_offs": "Write-offs",
    "discounts": "Discounts",
    "fx": "FX",
    "refunds": "Refunds",
    "other": "Other",
    "closing": "Closing",
}
_STEPS = tuple(HEADINGS)[1:-1]
_ALWAYS = ("billed", "cash")
"""Steps that are drawn also when they are nil: that nothing was collected is news."""

_METRICS = ("total_ar", "billed", "cash_collected")


def bridge(
    lines: pl.DataFrame,
    opening: date,
    closing: date,
    setting: Setting,
    *,
    height: int = 230,
    fx_is_rest: bool = False,
    least: float = 0.0,
) -> Figure:
    """The bridge from opening to closing balance, as columns; steps that are nil are left out. A click picks a line.

    Args:
        lines: ``line, amount``: opening, the steps signed as they add, closing, and ``difference``.
        opening: the day whose close is the opening balance.
        closing: the day whose close is the closing balance.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
        fx_is_rest: the exchange line is whatever the others leave, as at closing rates, so that tying out says nothing.
        least: steps below this share of the largest are drawn as one, with what is "other"; the table has each.
    """
    currency, palette = setting.currency, setting.palette
    amounts = {line: float(amount or 0) for line, amount in lines.select("line", "amount").iter_rows()}
    scale = setting.fitting(max(abs(amounts.get(line, 0)) for line in ("opening", "billed", "closing")))
    fills = {BALANCE: palette.actual, "up": palette.neutral, "down": palette.neutral, "cash": palette.good}
    shown = _merged(amounts, least)
    drawn = _steps(shown, opening, closing, scale, currency)
    difference = amounts.get("difference", 0.0)
    finding = bridge_finding(amounts, opening, currency)
    tie = "ties out" if round(difference, 2) == 0 else f"difference {text.exact(difference, currency)}"
    tie = "FX is the remainder, at closing rates" if fx_is_rest else tie
    return Figure(
        name="ar_movement",
        title=finding,
        subtitle=setting.subtitle(scale.unit(currency), tie),
        alt=f"A bridge from the opening to the closing balance. {finding}. {tie[:1].upper()}{tie[1:]}.",
        spec=spec.chart(palette, steps.columns(drawn, palette, fills, ["opening", *_lines(shown), "closing"]), height),
        table=pl.DataFrame(
            {
                "Line": [HEADINGS[line] for line in HEADINGS] + ["Difference"],
                f"Amount, {currency}": [amounts.get(line, 0.0) for line in HEADINGS] + [difference],
            }
        ),
        metrics=_METRICS,
        height=height,
        palette=palette,
        native=_native(shown, drawn, fills, scale, currency) if lines.height else None,
    )


def _native(
    amounts: Mapping[str, float], drawn: Sequence[Step], fills: Mapping[str, str], scale: text.Scale, currency: str
) -> Native:
    """The bridge as ``drawn``, of the ``amounts`` as they are."""
    bars = Series(
        "Total AR",
        tuple(amounts.get(line, 0.0) for line in ("opening", *_lines(amounts), "closing")),
        on_white(fills[BALANCE]),
        colours=tuple(on_white(fills[step.kind]) for step in drawn),
        labels=tuple(step.label for step in drawn),
    )
    return Native(
        Kind.BRIDGE,
        native.names(step.name for step in drawn),
        (bars,),
        native.money(scale),
        scale.unit(currency),
        balances=frozenset({0, len(drawn) - 1}),
    )


def bridge_finding(amounts: dict[str, float], opening: date, currency: str) -> str:
    """Whether more was billed than collected, by how much, and what the balance did with that and all else."""
    moved = amounts.get("closing", 0) - amounts.get("opening", 0)
    gap = amounts.get("billed", 0) + amounts.get("cash", 0)
    if not amounts.get("billed") and not amounts.get("cash"):
        return f"Nothing was billed or collected since {text.day(opening)}"
    change = f"AR {text.direction(moved)}{f' {text.money(abs(moved), currency)}' if moved else ''}"
    if not gap:
        return f"Billed as much as collected; {change}"
    return f"Billed {text.money(abs(gap), currency)} {'more' if gap > 0 else 'less'} than collected; {change}"


def _merged(amounts: dict[str, float], least: float) -> dict[str, float]:
    """The amounts with every step below ``least`` of the largest added to the other ones."""
    limit = least * max((abs(amounts.get(line, 0.0)) for line in _STEPS), default=0.0)
    small = [line for line in _STEPS if line not in _ALWAYS and abs(amounts.get(line, 0.0)) < limit]
    if len([line for line in small if round(amounts.get(line, 0.0), 2)]) <= 1:
        return amounts
    rest = sum(amounts.get(line, 0.0) for line in small) + (0.0 if "other" in small else amounts.get("other", 0.0))
    return {**{line: amount for line, amount in amounts.items() if line not in small}, "other": rest}


def _lines(amounts: Mapping[str, float]) -> list[str]:
    """The steps that are drawn."""
    return [line for line in _STEPS if line in _ALWAYS or round(amounts.get(line, 0.0), 2)]


def _steps(amounts: dict[str, float], opening: date, closing: date, scale: text.Scale, currency: str) -> list[Step]:
    """The columns of the bridge, in units of ``scale``."""
    level = amounts.get("opening", 0.0)
    drawn = [(text.day(opening), 0.0, level, level, BALANCE)]
    for line in _lines(amounts):
        amount = amounts.get(line, 0.0)
        kind = line if line == "cash" else "up" if amount > 0 else "down"
        drawn.append((HEADINGS[line], level, level + amount, amount, kind))
        level += amount
    end = amounts.get("closing", 0.0)
    return [
        Step(
            name,
            start / scale.divisor,
            stop / scale.divisor,
            kind,
            _label(amount, kind, scale),
            text.exact(amount, currency),
        )
        for name, start, stop, amount, kind in [*drawn, (text.day(closing), 0.0, end, end, BALANCE)]
    ]


def _label(amount: float, kind: str, scale: text.Scale) -> str:
    words = scale.bare(amount)
    if amount and not words.strip(f"0.,{text.MINUS}"):
        # Too small for the unit of the chart: in its own, with its letter.
        own = text.Scale.fitting(amount)
        words = f"{own.bare(amount)}{own.suffix}"
    return words if kind == BALANCE or amount <= 0 else f"+{words}"
