"""Where an opening balance went: from each aging bucket when a window opens to what it is when the window closes.

Ribbons are as thick as their money. Left stand the buckets of the opening day; right what was paid and credited, what
is still open by its bucket then, and what was lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from charts import plotly
from charts.figure import Figure, Key, Setting, Spec
from charts.palette import Palette, clear
from charts.spec import FONT
from ledger.rolls import CREDITED, OTHER, PAID, WRITTEN_OFF
from metrics import text

_GAP, _THICK = 15, 14
"""Pixels between two nodes, and of a node's width."""

_BESIDE = _THICK // 2 + 5
"""Pixels from the middle of a node to its label: Plotly puts a node's middle on the edge of the drawing."""

_TOP = 22
"""Pixels above the nodes, for the two days."""

_SEEN = 0.5
"""How much of its colour a ribbon has."""


@dataclass(frozen=True)
class Node:
    """A bar at the left or right: ``top`` and ``tall`` in pixels of the drawing."""

    name: str
    label: str
    amount: float
    colour: str
    top: float
    tall: float

    @property
    def middle(self) -> float:
        return self.top + self.tall / 2


@dataclass(frozen=True)
class Ribbon:
    """What went from one node to another: ``start`` and ``end`` are its upper edges, in pixels."""

    source: int
    target: int
    amount: float
    share: float
    start: float
    end: float
    thick: float


@dataclass(frozen=True)
class Layout:
    """Everything placed; targets follow sources in the numbering of ``Ribbon``."""

    sources: tuple[Node, ...]
    targets: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    tall: float

    @property
    def margins(self) -> tuple[int, int]:
        """Pixels that the longest label at the left and at the right takes."""
        left, right = (max((len(node.label) for node in side), default=0) for side in (self.sources, self.targets))
        return _letters(left), _letters(right)


METHOD = (
    "The same invoices are followed from the day the window opens to the day it closes, so that what became of a "
    "bucket adds up to what stood in it. What was billed in between is not in here, nor are unapplied credits. "
    "Discounts and refunds are other; exchange differences are with what was paid."
)


def flows(moved: pl.DataFrame, ends: tuple[date, date], setting: Setting, *, height: int = 360) -> Figure:
    """The ribbons.

    Args:
        moved: ``bucket, to, amount, opening, rate``, as ``metrics.migration`` has them, of one currency.
        ends: the days that the window opens on and closes on.
        setting: the view's words, currency, colours and buckets.
        height: of the drawing, in pixels.
    """
    currency, labels = setting.currency, setting.buckets[:-1]
    finding = flows_finding(moved, ends, setting)
    placed = lay_out(moved.filter(pl.col("amount") > 0), setting, height - _TOP)
    negative = float(moved.filter(pl.col("amount") < 0)["amount"].sum())
    odd = f"{text.money(negative, currency, setting.scale)} of exchange differences not drawn" if negative < 0 else ""
    return Figure(
        name="where_it_went",
        title=finding,
        subtitle=setting.subtitle(
            f"Open on {text.day(ends[0])} by days past due, and what became of it, {currency}", odd
        ),
        alt=f"Ribbons from aging buckets to what became of their money. {finding}.",
        spec=_still(placed, ends, setting, height),
        table=moved.select(
            pl.col("bucket").alias("From"),
            pl.col("to").alias("To"),
            pl.col("amount").alias(f"Amount, {currency}"),
            pl.col("opening").alias(f"Opening, {currency}"),
            pl.col("rate").alias("Share of opening"),
        ),
        height=height,
        palette=setting.palette,
        key=_key(placed, labels, setting.palette),
        plot=_plot(placed, ends, setting, height),
        method=METHOD,
    )


def flows_finding(moved: pl.DataFrame, ends: tuple[date, date], setting: Setting) -> str:
    """How much of what was overdue was paid, how much is still open, and from which bucket most of that comes."""
    labels = setting.buckets[:-1]
    opened, closed = text.day(ends[0]), text.day(ends[1])
    late = moved.filter(pl.col("bucket").is_in(list(labels[1:])))
    is_late = late["amount"].sum() > 0
    of = late if is_late else moved
    whole = float(of["amount"].sum())
    if whole <= 0:
        return f"Nothing was owed on {opened}"
    paid = float(of.filter(pl.col("to") == PAID)["amount"].sum())
    still = of.filter(pl.col("to").is_in(list(labels)))
    open_share = float(still["amount"].sum()) / whole
    what = "was overdue" if is_late else "was owed, none of it overdue,"
    words = f"{text.share(paid / whole)} of what {what} on {opened} was paid by {closed}"
    if open_share <= 0:
        return f"{words}; none of it is still open"
    words += f"; {text.share(open_share)} is still open"
    sums = still.group_by("bucket").agg(pl.col("amount").sum()).sort("amount", "bucket", descending=True)
    if not is_late or sums.height == 1:
        return words
    top = sums.row(0, named=True)
    return f"{words}, {text.money(top['amount'], setting.currency, setting.scale)} of it from {top['bucket']} days"


def lay_out(drawn: pl.DataFrame, setting: Setting, tall: float) -> Layout:
    """Place nodes and ribbons in ``tall`` pixels, one scale for both sides; ``drawn``: positive ``bucket, to, amount``.

    Every ribbon leaves its node and meets its target in the order of the other side's nodes, so that few cross.
    """
    labels = setting.buckets[:-1]
    into = (PAID, CREDITED, OTHER, *labels, WRITTEN_OFF)
    amounts = {(row["bucket"], row["to"]): float(row["amount"]) for row in drawn.iter_rows(named=True)}
    left = [name for name in labels if any(name == bucket for bucket, _ in amounts)]
    right = [name for name in into if any(name == to for _, to in amounts)]
    whole = sum(amounts.values())
    scale = (tall - _GAP * max(len(left) - 1, len(right) - 1, 0)) / whole if whole > 0 else 0.0
    came = {name: sum(amount for (bucket, _), amount in amounts.items() if bucket == name) for name in left}
    went = {name: sum(amount for (_, to), amount in amounts.items() if to == name) for name in right}
    sources = _stacked(came, scale, setting, None)
    targets = _stacked(went, scale, setting, whole)
    return Layout(sources, targets, _ribbons(amounts, sources, targets, scale), tall)


def _stacked(sums: Mapping[str, float], scale: float, setting: Setting, whole: float | None) -> tuple[Node, ...]:
    """Nodes under each other, labelled with their money; with a ``whole``, with their share of it."""
    found: list[Node] = []
    top = 0.0
    fills = _colours(setting)
    for name, amount in sums.items():
        told = text.share(amount / whole) if whole else text.money(amount, setting.currency, setting.scale)
        found.append(Node(name, f"{name[:1].upper()}{name[1:]} · {told}", amount, fills[name], top, amount * scale))
        top += amount * scale + _GAP
    return tuple(found)


def _ribbons(
    amounts: Mapping[tuple[str, str], float], sources: Sequence[Node], targets: Sequence[Node], scale: float
) -> tuple[Ribbon, ...]:
    found: list[Ribbon] = []
    starts, ends = [node.top for node in sources], [node.top for node in targets]
    for source, came in enumerate(sources):
        for target, went in enumerate(targets):
            amount = amounts.get((came.name, went.name), 0.0)
            if amount <= 0:
                continue
            thick = amount * scale
            found.append(Ribbon(source, target, amount, amount / came.amount, starts[source], ends[target], thick))
            starts[source] += thick
            ends[target] += thick
    return tuple(found)


def _colours(setting: Setting) -> dict[str, str]:
    """Fill by node: buckets by age, what was paid as good, what was lost as bad, the rest neutral."""
    palette = setting.palette
    ended = {PAID: palette.good, CREDITED: palette.previous, OTHER: palette.previous, WRITTEN_OFF: palette.bad}
    return {**palette.aging(setting.buckets), **ended}


def _key(placed: Layout, labels: Sequence[str], palette: Palette) -> tuple[Key, ...]:
    """What the ribbons' colours mean, as far as they are drawn."""
    present = {node.name for node in placed.targets}
    colours = [(PAID, "paid", palette.good), (CREDITED, "credited or other", palette.previous)]
    colours += [(OTHER, "credited or other", palette.previous), (labels[0], "not yet due", palette.current)]
    colours += [(label, "still open, darker is older", palette.ramp[2]) for label in labels[1:]]
    colours += [(WRITTEN_OFF, "written off", palette.bad)]
    return tuple(dict.fromkeys(Key(told, colour) for name, told, colour in colours if name in present))


def _letters(count: int) -> int:
    """Pixels of a label of so many letters, and the space beside it."""
    return round(6.3 * count) + 8


def _heading(name: str) -> str:
    return f"{name} days" if name[:1].isdigit() else name[:1].upper() + name[1:]


def _heads(ends: tuple[date, date]) -> tuple[str, str]:
    return f"Open on {text.day(ends[0])}", f"By {text.day(ends[1])}"


def _plot(placed: Layout, ends: tuple[date, date], setting: Setting, height: int) -> Spec:
    palette, currency = setting.palette, setting.currency
    nodes = [*placed.sources, *placed.targets]
    count = len(placed.sources)
    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "domain": {"x": [0, 1], "y": [0, placed.tall / height]},
        "node": {
            "color": [node.colour for node in nodes],
            "line": {"color": palette.quiet, "width": 0.5},
            # Plotly takes a place of exactly 0 for one that is not given.
            "x": [0.0001 if place < count else 0.9999 for place in range(len(nodes))],
            "y": [max(node.middle / placed.tall, 0.0001) for node in nodes],
            "pad": _GAP,
            "thickness": _THICK,
            "customdata": [
                plotly.hover(_heading(node.name), ("Amount", text.exact(node.amount, currency))) for node in nodes
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        "link": {
            "source": [ribbon.source for ribbon in placed.ribbons],
            "target": [count + ribbon.target for ribbon in placed.ribbons],
            "value": [ribbon.amount for ribbon in placed.ribbons],
            "color": [clear(placed.targets[ribbon.target].colour, _SEEN) for ribbon in placed.ribbons],
            "customdata": [_told(ribbon, placed, currency) for ribbon in placed.ribbons],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }
    left, right = placed.margins
    written = [*_heads_of(ends, left, right, palette), *_names_of(placed, height, palette)]
    margin = {"l": left, "r": right, "t": 0, "b": 0}
    return plotly.chart(palette, [trace] if nodes else [], height, annotations=written, margin=margin)


def _heads_of(ends: tuple[date, date], left: int, right: int, palette: Palette) -> list[Spec]:
    opened, closed = _heads(ends)
    return [
        plotly.words(opened, 0, 1, palette.quiet, xanchor="left", yanchor="top", xshift=-left),
        plotly.words(closed, 1, 1, palette.quiet, xanchor="right", yanchor="top", xshift=right),
    ]


def _names_of(placed: Layout, height: int, palette: Palette) -> list[Spec]:
    """Labels outside the nodes: Plotly's own would lie over the ribbons."""
    sides = ((0, "right", -_BESIDE, placed.sources), (1, "left", _BESIDE, placed.targets))
    return [
        plotly.words(
            plotly.plain(node.label),
            x,
            1 - (_TOP + node.middle) / height,
            palette.text,
            xanchor=anchor,
            yanchor="middle",
            xshift=shift,
        )
        for x, anchor, shift, nodes in sides
        for node in nodes
    ]


def _told(ribbon: Ribbon, placed: Layout, currency: str) -> str:
    came, went = placed.sources[ribbon.source].name, placed.targets[ribbon.target].name
    return plotly.hover(
        f"{_heading(came)} → {_heading(went)}",
        ("Amount", text.exact(ribbon.amount, currency)),
        (f"Share of {came}", text.share(ribbon.share)),
    )


def _still(placed: Layout, ends: tuple[date, date], setting: Setting, height: int) -> Spec:
    """The same ribbons in Vega, at any size: places are given in shares of the drawing."""
    palette, tall = setting.palette, placed.tall
    nodes = [
        {
            "side": side,
            "y": node.top / tall,
            "tall": node.tall / tall,
            "label": node.label,
            "fill": node.colour,
        }
        for side, each in enumerate((placed.sources, placed.targets))
        for node in each
    ]
    ribbons = [
        {
            "start": ribbon.start / tall,
            "end": ribbon.end / tall,
            "thick": ribbon.thick / tall,
            "fill": placed.targets[ribbon.target].colour,
        }
        for ribbon in placed.ribbons
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": 760,
        "height": height,
        "config": {"text": {"font": FONT}, "title": {"font": FONT}},
        "signals": [
            {"name": "tall", "update": f"height - {_TOP}"},
            {"name": "left", "update": str(placed.margins[0])},
            {"name": "right", "update": f"width - {placed.margins[1]}"},
        ],
        "data": [{"name": "nodes", "values": nodes}, {"name": "ribbons", "values": ribbons}],
        "marks": [
            {
                "type": "path",
                "from": {"data": "ribbons"},
                "encode": {
                    "enter": {
                        "path": {"signal": _curve()},
                        "fill": {"field": "fill"},
                        "fillOpacity": {"value": _SEEN},
                    }
                },
            },
            {
                "type": "rect",
                "from": {"data": "nodes"},
                "encode": {
                    "enter": {
                        "x": {"signal": f"datum.side ? right - {_THICK} : left"},
                        "width": {"value": _THICK},
                        "y": {"signal": f"{_TOP} + datum.y * tall"},
                        "height": {"signal": "max(datum.tall * tall, 0.5)"},
                        "fill": {"field": "fill"},
                        "stroke": {"value": palette.quiet},
                        "strokeWidth": {"value": 0.5},
                    }
                },
            },
            *_labels(ends, palette),
        ],
    }


def _curve() -> str:
    """A ribbon's outline as an SVG path: level where it leaves and where it arrives."""
    left, half, right = f"left + {_THICK}", "(left + right) / 2", f"right - {_THICK}"

    def at(x: str, edge: str, lower: str = "") -> str:
        return f"({x}) + ',' + ({_TOP} + (datum.{edge}{lower}) * tall)"

    over = f"{at(half, 'start')} + ' ' + {at(half, 'end')} + ' ' + {at(right, 'end')}"
    below = " + datum.thick"
    under = f"{at(half, 'end', below)} + ' ' + {at(half, 'start', below)} + ' ' + {at(left, 'start', below)}"
    return f"'M' + {at(left, 'start')} + 'C' + {over} + 'L' + {at(right, 'end', below)} + 'C' + {under} + 'Z'"


def _labels(ends: tuple[date, date], palette: Palette) -> list[Spec]:
    named: dict[str, Any] = {
        "y": {"signal": f"{_TOP} + (datum.y + datum.tall / 2) * tall"},
        "x": {"signal": "datum.side ? right + 5 : left - 5"},
        "align": {"signal": "datum.side ? 'left' : 'right'"},
        "baseline": {"value": "middle"},
        "text": {"field": "label"},
        "fill": {"value": palette.text},
    }
    opened, closed = _heads(ends)
    heads = [
        {
            "type": "text",
            "encode": {
                "enter": {
                    "x": {"signal": place},
                    "y": {"value": 10},
                    "align": {"value": align},
                    "text": {"value": words},
                    "fill": {"value": palette.quiet},
                }
            },
        }
        for place, align, words in (("0", "left", opened), ("width", "right", closed))
    ]
    return [{"type": "text", "from": {"data": "nodes"}, "encode": {"enter": named}}, *heads]
