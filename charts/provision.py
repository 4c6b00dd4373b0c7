"""Risk of loss: how the provision moved, what better collection would save, and how money ages from month to month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from charts import native, spec, steps
from charts.figure import Figure, Setting, Spec
from charts.native import Kind, Native, Series
from charts.palette import LIGHT, Palette, on_white, spread
from charts.steps import BALANCE, Step
from metrics import text

HEADINGS = {
    "opening": "Opening",
    "charge": "Charge",
    "write_offs": "Written off",
    "recoveries": "Recovered",
    "fx": "FX",
    "closing": "Closing",
}
ENDED = ("paid", "credited", "written off", "other")
"""What becomes of money that is no longer open, after the buckets."""

HARDER, EASIER, MOVED = "charged", "released", "used or recovered"

_STRONGEST = 55
"""Per cent of the colour in the strongest cell: the figure on it must stay readable."""

_TINY = 0.0005
"""A rate below this is written as less than a tenth of a per cent."""


def movement(
    lines: pl.DataFrame, opening: date, closing: date, setting: Setting, *, height: int | None = None
) -> Figure:
    """The provision from opening to closing; lines that are nil are left out; a click picks the ``key`` of a line.

    Args:
        lines: ``line, amount``: opening, charge, write_offs, recoveries and fx signed as they add, closing.
        opening: the day whose close is the opening.
        closing: the day whose close is the closing.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels; by the number of lines if left out.
    """
    currency, palette = setting.currency, setting.palette
    amounts = {line: float(amount or 0) for line, amount in lines.select("line", "amount").iter_rows()}
    scale = setting.scale or _scale(amounts.values())
    drawn = _movement_steps(amounts, opening, closing, scale, currency)
    fills = {BALANCE: palette.actual, HARDER: palette.bad, EASIER: palette.good, MOVED: palette.neutral}
    present = {kind: fills[kind] for kind in fills if kind in {step.kind for step in drawn}}
    finding = movement_finding(amounts, opening, currency)
    lines_by_name = {name: line for line, name in HEADINGS.items()}
    keys = ["opening", *(lines_by_name[step.name] for step in drawn[1:-1]), "closing"]
    tall = height or 26 * len(drawn) + 40
    return Figure(
        name="provision_movement",
        title=finding,
        subtitle=setting.subtitle(
            f"Allowance, {scale.unit(currency)}", "the charge is the balancing figure, not read from any account"
        ),
        alt=f"A bridge from the opening to the closing allowance. {finding}.",
        spec=spec.chart(palette, steps.picking(steps.layers(drawn, palette, present), keys), tall),
        table=pl.DataFrame(
            {
                "Line": list(HEADINGS.values()),
                f"Amount, {currency}": [amounts.get(line, 0.0) for line in HEADINGS],
            }
        ),
        height=tall,
        palette=palette,
        native=_native_movement([amounts.get(key, 0.0) for key in keys], drawn, fills, scale, currency)
        if lines.height
        else None,
    )


def _native_movement(
    amounts: Sequence[float], drawn: Sequence[Step], fills: Mapping[str, str], scale: text.Scale, currency: str
) -> Native:
    """The bridge as ``drawn``, of the ``amounts`` as they are."""
    bars = Series(
        "Allowance",
        tuple(amounts),
        on_white(fills[BALANCE]),
        colours=tuple(on_white(fills[step.kind]) for step in drawn),
        labels=tuple(step.label for step in drawn),
    )
    return Native(
        Kind.LYING_BRIDGE,
        native.names(step.name for step in drawn),
        (bars,),
        native.money(scale),
        scale.unit(currency),
        balances=frozenset({0, len(drawn) - 1}),
    )


def _scale(amounts: Iterable[float]) -> text.Scale:
    """One for all, with a digit more than usual: steps are small beside the whole."""
    return text.Scale.fitting(max((abs(amount) for amount in amounts), default=0.0) / 10)


def movement_finding(amounts: Mapping[str, float], opening: date, currency: str) -> str:
    """What the result had to bear, and what was used."""
    charge, used = amounts.get("charge", 0.0), -amounts.get("write_offs", 0.0)
    if round(charge, 2) > 0:
        words = f"{text.money(charge, currency)} had to be set aside since {text.day(opening)}"
    elif round(charge, 2) < 0:
        words = f"{text.money(-charge, currency)} could be released since {text.day(opening)}"
    else:
        words = f"Nothing had to be set aside since {text.day(opening)}"
    if round(used, 2) > 0:
        words += f"; {text.money(used, currency)} was written off"
    back = amounts.get("recoveries", 0.0)
    return f"{words}, {text.money(back, currency)} recovered" if round(back, 2) > 0 else words


def _movement_steps(
    amounts: Mapping[str, float], opening: date, closing: date, scale: text.Scale, currency: str
) -> list[Step]:
    level = amounts.get("opening", 0.0)
    drawn = [(text.day(opening), 0.0, level, level, BALANCE)]
    for line in list(HEADINGS)[1:-1]:
        amount = amounts.get(line, 0.0)
        if round(amount, 2) == 0 and line != "charge":
            continue
        kind = MOVED if line != "charge" else HARDER if amount > 0 else EASIER
        drawn.append((HEADINGS[line], level, level + amount, amount, kind))
        level += amount
    end = amounts.get("closing", 0.0)
    drawn.append((text.day(closing), 0.0, end, end, BALANCE))
    return [
        Step(
            name,
            start / scale.divisor,
            stop / scale.divisor,
            kind,
            scale.bare(amount) if kind == BALANCE or amount <= 0 else f"+{scale.bare(amount)}",
            text.exact(amount, currency),
        )
        for name, start, stop, amount, kind in drawn
    ]


def what_if(points: Sequence[tuple[float, float]], chosen: float, setting: Setting, *, height: int = 120) -> Figure:
    """The allowance by how much better collections would be; a click picks ``key``, the improvement in per cent.

    Args:
        points: improvement (0–1) and the allowance with it, the first without any.
        chosen: the improvement that the reader asks about, one of them.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
    """
    palette, currency = setting.palette, setting.currency
    scale = setting.scale or _scale(amount for _, amount in points)
    finding = what_if_finding(points, chosen, currency)
    values = [
        {
            "key": f"{share * 100:.0f}",
            "place": f"{share * 100:.0f}{text.NBSP}%",
            "size": amount / scale.divisor,
            "label": scale.bare(amount) if scale.divisor > 1 else text.number(amount),
            "exact": text.exact(amount, currency),
            "saved": text.exact(points[0][1] - amount, currency),
            "colour": palette.actual if place == 0 else palette.good if share == chosen else palette.previous,
        }
        for place, (share, amount) in enumerate(points)
    ]
    x: Spec = {
        "field": "place",
        "type": "ordinal",
        "sort": [value["place"] for value in values],
        "axis": {"labelOverlap": False, "title": None},
    }
    words = spec.tip(("place", "Improvement"), ("exact", "Allowance"), ("saved", "Saved"))
    top = max((amount for _, amount in points), default=0.0) / scale.divisor
    y = spec.quantity("size", axis=None, scale={"domainMin": 0, "domainMax": top * 1.2 or 1.0})
    bars: Spec = {
        "mark": {"type": "bar", "aria": False},
        "encoding": {"x": x, "y": y, "color": spec.literal("colour")},
    }
    clicks = spec.target("key", {"x": x, "y": {"value": 0}, "y2": {"value": "height"}, "tooltip": words})
    labels: Spec = {
        "mark": {"type": "text", "dy": -7, "fontWeight": 600, "color": palette.text},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
    }
    return Figure(
        name="provision_what_if",
        title=finding,
        subtitle=setting.subtitle(f"Allowance by improvement of collections, {scale.unit(currency)}"),
        alt=f"Columns of the allowance by improvement of collections. {finding}.",
        spec=spec.chart(palette, [bars, labels, clicks], height, data=spec.data(values)),
        table=pl.DataFrame(
            {
                "Improvement, share": [share for share, _ in points],
                f"Allowance, {currency}": [amount for _, amount in points],
                f"Saved, {currency}": [points[0][1] - amount for _, amount in points],
            }
        ),
        height=height,
        palette=palette,
        native=_native_what_if(points, values, scale, currency) if points else None,
    )


def _native_what_if(
    points: Sequence[tuple[float, float]], values: Sequence[Mapping[str, object]], scale: text.Scale, currency: str
) -> Native:
    """The columns as drawn from ``values``, of the ``points`` as they are."""
    columns = Series(
        "Allowance",
        tuple(amount for _, amount in points),
        LIGHT.actual,
        colours=tuple(on_white(str(value["colour"])) for value in values),
        labels=tuple(str(value["label"]) for value in values),
    )
    places = tuple(str(value["place"]) for value in values)
    return Native(Kind.COLUMNS, places, (columns,), native.money(scale), scale.unit(currency))


def what_if_finding(points: Sequence[tuple[float, float]], chosen: float, currency: str) -> str:
    """What the chosen improvement would save; the smallest there is where none is chosen."""
    known = dict(points)
    asked = chosen or next((share for share, _ in points if share), 0.0)
    saved = points[0][1] - known[asked]
    words = f"Collections better by {asked * 100:.0f}{text.NBSP}% would"
    if round(saved, 2) <= 0:
        return f"{words} save nothing"
    return f"{words} save {text.money(saved, currency)}: {text.money(known[asked], currency)} to set aside"


@dataclass(frozen=True)
class Rolls:
    """What a roll-rate figure shows.

    ``rows``: ``bucket, to, amount, opening, rate`` of one method. ``is_followed``: the same invoices are tracked;
    otherwise balances are compared. ``months``: how many rolls are summed.
    """

    rows: pl.DataFrame
    is_followed: bool
    months: int


def rolls(found: Rolls, setting: Setting, *, height: int | None = None, chosen: str | None = None) -> Figure:
    """Buckets down, what became of them a month later across: the rate in each cell, coloured by its effect.

    A click picks the ``key`` of a cell that holds anything: ``bucket>outcome``. The one that is ``chosen`` is framed.
    """
    labels = setting.buckets[:-1]
    across = (*labels, *ENDED) if found.is_followed else labels[1:]
    known = {(row["bucket"], row["to"]): row for row in found.rows.iter_rows(named=True)}
    down = [label for label in labels if any(bucket == label for bucket, _ in known)]
    columns = [to for to in across if any(each == to for _, each in known)]
    values = [
        _cell(bucket, to, known.get((bucket, to)), labels, setting, is_followed=found.is_followed)
        for bucket in down
        for to in columns
    ]
    finding = rolls_finding(found, labels)
    tall = height or 26 * max(len(down), 1) + 34
    span = text.count(found.months, "month-end roll")
    what = (
        "Same invoices a month later" if found.is_followed else "Next bucket's balance ÷ this bucket's a month before"
    )
    return Figure(
        name="roll_rates",
        title=finding,
        subtitle=setting.subtitle(f"{what}, % of the bucket, {span}"),
        alt=f"A table of aging buckets by what became of them a month later. {finding}.",
        spec=_map(values, down, columns, setting.palette, tall, chosen),
        table=found.rows.select(
            pl.col("bucket").alias("From"),
            pl.col("to").alias("To"),
            pl.col("amount").alias(f"Amount, {setting.currency}"),
            pl.col("opening").alias(f"Opening, {setting.currency}"),
            pl.col("rate").alias("Share of opening" if found.is_followed else "Rate"),
        ),
        height=tall,
        palette=setting.palette,
    )


def rolls_finding(found: Rolls, labels: Sequence[str]) -> str:
    """How much of what is not yet due becomes overdue, and from which bucket on most money only gets older."""
    forward = (
        forward_rates(found.rows, labels)
        if found.is_followed
        else {row["bucket"]: row["rate"] for row in found.rows.iter_rows(named=True) if row["rate"] is not None}
    )
    if not forward:
        return "Nothing has rolled yet: the history has no two month-ends"
    current = forward.get(labels[0])
    late = {label: rate for label, rate in forward.items() if label != labels[0]}
    words: list[str] = []
    if not found.is_followed:
        if current is not None:
            words.append(f"{labels[1]} days hold {text.share(current)} of what was current a month before")
        if late:
            worst = max(late, key=lambda label: late[label])
            older = labels[list(labels).index(worst) + 1]
            words.append(f"{older} days hold {text.share(late[worst])} of what was in {worst}")
        return "; ".join(words)
    if current is not None:
        words.append(f"{text.share(current)} of what is current is overdue a month later")
    if late:
        worst = max(late, key=lambda label: late[label])
        words.append(f"{text.share(late[worst])} of {worst} days gets older")
    told = "; ".join(words)
    return f"Over {text.count(found.months, 'month')}, {told}" if found.months > 1 else told


def forward_rates(rows: pl.DataFrame, labels: Sequence[str]) -> dict[str, float]:
    """Of each bucket but the oldest, the share that a month later was in an older one: followed rows."""
    place = {label: at for at, label in enumerate(labels)}
    found: dict[str, float] = {}
    for label in labels[:-1]:
        of = rows.filter(pl.col("bucket") == label)
        opening = of["opening"].max()
        if not isinstance(opening, int | float) or opening <= 0:
            continue
        older = of.filter(pl.col("to").is_in([other for other in labels if place[other] > place[label]]))
        found[label] = float(older["amount"].sum() or 0.0) / float(opening)
    return found


def _cell(
    bucket: str, to: str, row: dict[str, Any] | None, labels: Sequence[str], setting: Setting, *, is_followed: bool
) -> dict[str, object]:
    rate = None if row is None else row["rate"]
    palette = setting.palette
    return {
        "key": "" if rate is None else f"{bucket}>{to}",
        "from": _heading(bucket),
        "to": _heading(to),
        "label": "" if rate is None else f"<{text.NBSP}0.1" if 0 < rate < _TINY else f"{rate * 100:.1f}",
        "fill": palette.ground if rate is None else _fill(rate, _effect(bucket, to, labels, palette), palette),
        "exact": text.MISSING if row is None else text.exact(row["amount"], setting.currency),
        "opening": text.MISSING if row is None else text.exact(row["opening"], setting.currency),
        "words": ("none" if is_followed else text.MISSING) if rate is None else text.share(rate),
    }


def _effect(bucket: str, to: str, labels: Sequence[str], palette: Palette) -> str:
    """Getting older or lost is bad, paid is good, anything else neither."""
    if to == "paid":
        return palette.good
    order = list(labels)
    if to == "written off" or (to in order and order.index(to) > order.index(bucket)):
        return palette.bad
    return palette.neutral


def _fill(rate: float, colour: str, palette: Palette) -> str:
    tones = spread((palette.ground, colour), 101)
    return tones[round(min(abs(rate), 1.0) * _STRONGEST)]


def _heading(name: str) -> str:
    return name[:1].upper() + name[1:]


def _map(
    values: list[dict[str, object]],
    down: Sequence[str],
    columns: Sequence[str],
    palette: Palette,
    height: int,
    chosen: str | None,
) -> Spec:
    y: Spec = {
        "field": "from",
        "type": "ordinal",
        "sort": [_heading(name) for name in down],
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelFontSize": 12},
    }
    x: Spec = {
        "field": "to",
        "type": "ordinal",
        "sort": [_heading(name) for name in columns],
        "axis": {"orient": "top", "domain": False, "labelOverlap": False},
    }
    cells: Spec = {
        "mark": {"type": "rect", "stroke": palette.ground, "strokeWidth": 2, "aria": False},
        "encoding": {"x": x, "y": y, "color": spec.literal("fill")},
    }
    figures: Spec = {
        "mark": {"type": "text", "color": palette.text, "aria": False},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
    }
    ring: Spec = {
        "transform": [{"filter": {"field": "key", "equal": chosen or "none"}}],
        "mark": {"type": "rect", "fillOpacity": 0, "stroke": palette.actual, "strokeWidth": 1.6, "aria": False},
        "encoding": {"x": x, "y": y},
    }
    words = spec.tip(("from", "From"), ("to", "To"), ("words", "Rate"), ("exact", "Amount"), ("opening", "Of"))
    clicks = spec.cells("key", {"x": x, "y": y, "tooltip": words})
    return spec.chart(palette, [cells, figures, *([ring] if chosen else []), clicks], height, data=spec.data(values))
