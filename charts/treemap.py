"""Who holds the money: tiles as large as what is owed, within the groups that customers belong to, shaded by how late.

A customer that owes nothing net has no area, and a negative one cannot: what is not drawn is told in the subtitle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import polars as pl

from charts import plotly
from charts.figure import Figure, Key, Setting, Spec
from charts.palette import Palette, ink
from charts.spec import FONT
from metrics import text

MOST = 30
"""Tiles drawn in a group; the others are one tile together."""

REST = "\x00more"
"""The last step of the path of the tile that stands for all others: no key from the data can be this."""

STEPS = (0.0, 0.1, 0.25, 0.5)
"""Overdue shares up to which a tile has the fill of the same place in ``Palette.late``; beyond all, the last."""

NAMES = ("nothing overdue", f"up to 10{text.NBSP}%", f"10 to 25{text.NBSP}%", f"25 to 50{text.NBSP}%", "more than half")
"""What the fills of ``Palette.late`` stand for."""

_LEAST = 0.0005
"""Money below this has no area: less than any currency's smallest unit, it is what adding up leaves."""

_NONE = 0.0005
"""An overdue share below this reads 0.0 %, and is drawn as nothing."""

_HALF = 0.5
_WIDTH = 1000
"""Pixels that a map is wide on a laptop: how much of a name fits is reckoned with it."""

_LETTER, _INSET = 5.7, 6.0
"""Pixels of a letter, and of a tile's margins together."""

_NARROW = 0.75
"""The share of a square's side that a tile is at least wide, as a rule."""

_FEWEST, _BOTH, _TWO, _LINE = 6, 9, 12, 22
"""Letters below which a name says nothing, from which there is room for both figures and for two lines of a name, and
above which the figures stand in one line."""

_HEAD = 22
_ALL = "all"

Path = tuple[str | None, ...]


@dataclass(frozen=True)
class Level:
    """One level of the map: the columns of its keys and labels, and what it is, in the singular: ``Region``."""

    name: str
    key: str
    label: str


@dataclass(frozen=True)
class Tile:
    """A group, a customer, or the rest of either. ``count`` says for how many customers it stands."""

    path: Path
    label: str
    gross: float
    overdue: float
    count: int
    is_leaf: bool

    @property
    def is_rest(self) -> bool:
        """Whether it stands for those that are too many to draw."""
        return self.path[-1] == REST

    @property
    def share(self) -> float:
        """How much of it is overdue, 0 to 1."""
        return min(max(self.overdue / self.gross, 0.0), 1.0)

    @property
    def id(self) -> str:
        """Its path as text, the same in every picture of it."""
        return json.dumps(self.path, ensure_ascii=False)

    @property
    def parent(self) -> str:
        """The id of what it lies in; nothing for the outermost."""
        return json.dumps(self.path[:-1], ensure_ascii=False) if len(self.path) > 1 else ""


def path(id: str) -> Path:
    """The keys that lead to the tile with ``id``, from the outermost in; ``REST`` last for what is drawn together."""
    return tuple(json.loads(id))


def holders(
    owing: pl.DataFrame, levels: Sequence[Level], setting: Setting, *, most: int = MOST, height: int = 420
) -> Figure:
    """The map. Its tiles' ids are what a click tells: see ``path``.

    Args:
        owing: a row for each customer (in each group): the columns of ``levels``, ``gross`` (open, credits apart),
            ``overdue`` and ``unapplied`` (credits, negative), in major units.
        levels: from the outermost in; the last are the customers.
        setting: the view's words, currency and colours.
        most: tiles drawn in a group.
        height: of the map, in pixels.
    """
    currency, palette = setting.currency, setting.palette
    drawn = owing.filter(pl.col("gross") >= _LEAST)
    found = tiles(drawn, levels, most)
    finding = holders_finding(drawn, levels, setting)
    groups = " and ".join(level.name.lower() for level in levels)
    whole = float(drawn["gross"].sum())
    return Figure(
        name="who_holds_it",
        title=finding,
        subtitle=setting.subtitle(
            f"Gross open by {groups}, {currency}: area is money, shade is how much of it is overdue",
            _not_drawn(owing, setting),
        ),
        alt=f"A map of what is owed by {groups}, a tile's area its money. {finding}.",
        spec=_still(found, setting),
        table=_twin(owing, levels, setting),
        metrics=("gross_open", "overdue", "overdue_share"),
        height=height,
        palette=palette,
        key=tuple(Key(name, fill) for name, fill in zip(NAMES, palette.late, strict=True)),
        plot=_plot(found, whole, setting, height),
    )


def holders_finding(drawn: pl.DataFrame, levels: Sequence[Level], setting: Setting) -> str:
    """Which group holds most of the overdue, and how few customers in it hold half of that."""
    overdue, gross = float(drawn["overdue"].sum()), float(drawn["gross"].sum())
    if drawn.is_empty():
        return "Nobody owes anything"
    measure, whole = ("overdue", overdue) if overdue > 0 else ("gross", gross)
    first = levels[0]
    label = pl.col(first.label).first().alias("_label")
    top = (
        drawn.group_by(first.key)
        .agg(label, pl.col(measure).sum())
        .sort(measure, "_label", descending=True)
        .row(0, named=True)
    )
    name, share = text.name(top["_label"]), text.share(top[measure] / whole)
    all_of_it = text.money(whole, setting.currency, setting.scale)
    words = f"{name} holds {share} of the {'overdue' if overdue > 0 else 'open'} {all_of_it}"
    if overdue <= 0:
        return f"{words}; nothing is overdue"
    within = drawn.filter(pl.col(first.key).eq_missing(top[first.key])) if len(levels) > 1 else drawn
    few = _holding_half(within["overdue"])
    if few >= within.filter(pl.col("overdue") > 0).height:
        return words
    where = " there" if len(levels) > 1 else ""
    half = "half of that" if len(levels) > 1 else "half of it"
    return f"{words}; {text.count(few, 'customer', 'customers')}{where} {'owes' if few == 1 else 'owe'} {half}"


def tiles(owing: pl.DataFrame, levels: Sequence[Level], most: int = MOST) -> list[Tile]:
    """All tiles, from the outermost in, the largest first; what ``most`` leaves out is one tile of each group.

    ``owing``: as for ``holders``, without those that have no area.
    """
    found: list[Tile] = []
    rest = owing
    for depth in range(1, len(levels) + 1):
        keys, above = [level.key for level in levels[:depth]], [level.key for level in levels[: depth - 1]]
        place = pl.int_range(pl.len())
        summed = (
            rest.group_by(keys)
            .agg(
                pl.col(levels[depth - 1].label).first().alias("_label"),
                pl.col("gross", "overdue").sum().round(4),
                pl.len().alias("_count"),
            )
            .sort("gross", *keys, descending=[True, *(False for _ in keys)], nulls_last=True)
            .with_columns(_place=place.over(above) if above else place, _of=pl.len().over(above) if above else pl.len())
        )
        # A single one left out is drawn as it is.
        is_drawn = (pl.col("_place") < most) | (pl.col("_of") == most + 1)
        drawn = summed.filter(is_drawn)
        leaf = depth == len(levels)
        found += [_tile(row, keys, text.name(row["_label"]), is_leaf=leaf) for row in drawn.iter_rows(named=True)]
        others = summed.filter(~is_drawn)
        sums = [pl.col("gross", "overdue", "_count").sum(), pl.len().alias("_groups")]
        together = others.group_by(above, maintain_order=True).agg(sums) if above else others.select(sums)
        found += [
            _tile({**row, levels[depth - 1].key: REST}, keys, f"{row['_groups']:,}{text.NBSP}more", is_leaf=True)
            for row in together.iter_rows(named=True)
            if row["_groups"]
        ]
        rest = rest.join(drawn.select(keys), on=keys, how="semi", nulls_equal=True)
    return found


def _tile(row: Mapping[str, Any], keys: Sequence[str], label: str, *, is_leaf: bool) -> Tile:
    return Tile(tuple(row[key] for key in keys), label, row["gross"], row["overdue"], row["_count"], is_leaf)


def step(share: float) -> int:
    """The place in ``Palette.late`` and ``NAMES`` of an overdue share."""
    return 0 if share < _NONE else sum(share > limit for limit in STEPS)


def fill(tile: Tile, palette: Palette) -> str:
    """The fill of a tile: by how much of it is overdue, also where many are drawn together; a group's is quiet."""
    return palette.late[step(tile.share)] if tile.is_leaf else palette.panel


def edge(tile: Tile, palette: Palette) -> str:
    """The outline of a tile: only the one of many has any."""
    return palette.previous if tile.is_rest else palette.ground


def _holding_half(amounts: pl.Series) -> int:
    """How many of the largest make half of all."""
    running = amounts.sort(descending=True).cum_sum()
    return int((running < float(amounts.sum()) * _HALF).sum()) + 1


def _not_drawn(owing: pl.DataFrame, setting: Setting) -> str:
    """The credits that no area can stand for, and with how many customers they lie."""
    negative = pl.col("gross").clip(upper_bound=0) + pl.col("unapplied").clip(upper_bound=0)
    credits = owing.select(credit=negative).filter(pl.col("credit") <= -_LEAST)
    if credits.is_empty():
        return ""
    who = text.count(credits.height, "customer")
    return (
        f"{text.money(float(credits['credit'].sum()), setting.currency, setting.scale)} of credits with {who} not drawn"
    )


def _plot(found: Sequence[Tile], whole: float, setting: Setting, height: int) -> Spec:
    palette = setting.palette
    fills = [fill(tile, palette) for tile in found]
    trace = {
        "type": "treemap",
        "ids": [tile.id for tile in found],
        "parents": [tile.parent for tile in found],
        # Plotly writes a group's label into its head, and a leaf's text into its tile.
        "labels": [plotly.plain(tile.label) if tile.is_leaf else _heading(tile, setting) for tile in found],
        # A group is as large as what is in it: its own share is nothing.
        "values": [tile.gross if tile.is_leaf else 0 for tile in found],
        "branchvalues": "remainder",
        "sort": False,
        "text": [_written(tile, whole, height, setting) for tile in found],
        "textinfo": "text",
        "textposition": "top left",
        "insidetextfont": {"family": FONT, "size": 12, "color": [ink(colour) for colour in fills]},
        "customdata": [_told(tile, whole, setting.currency) for tile in found],
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {
            "colors": fills,
            "line": {"width": 1, "color": [edge(tile, palette) for tile in found]},
            "pad": {"t": _HEAD, "l": 3, "r": 3, "b": 3},
        },
        "tiling": {"packing": "squarify", "pad": 2},
        "pathbar": {"visible": False},
    }
    return plotly.chart(palette, [trace], height, uniformtext={"minsize": 10, "mode": "hide"})


def _heading(tile: Tile, setting: Setting) -> str:
    """Short, as a head that has no room for all of it is left out: on a telephone, most of them."""
    return f"<b>{plotly.plain(tile.label)}</b>  {_figures(tile, setting)[0]}"


def _written(tile: Tile, whole: float, height: int, setting: Setting) -> str:
    """A leaf's lines, with as much of its name as a square of its area holds: Plotly would write it all, but tiny."""
    side = (tile.gross / whole * _WIDTH * height) ** 0.5
    letters = int((side * _NARROW - _INSET) / _LETTER)
    if letters < _FEWEST or not tile.is_leaf:
        return ""
    name = [f"<b>{plotly.plain(line)}</b>" for line in _lines(tile.label, letters, 2 if letters >= _TWO else 1)]
    figures = _figures(tile, setting)[: 2 if letters >= _BOTH else 1]
    return "<br>".join([*name, " · ".join(figures)] if letters > _LINE else [*name, *figures])


def _lines(label: str, letters: int, most: int) -> list[str]:
    """A name on ``most`` lines or fewer, cut where it is still too long."""
    lines = wrap(label, letters, break_long_words=False) or [label]
    kept = lines if len(lines) <= most else [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [line if len(line) <= letters else f"{line[: letters - 1].rstrip()}…" for line in kept]


def _figures(tile: Tile, setting: Setting) -> list[str]:
    late = [] if step(tile.share) == 0 else [f"{text.share(tile.share)} late"]
    return [text.money(tile.gross, setting.currency, setting.scale), *late]


def _told(tile: Tile, whole: float, currency: str) -> str:
    pairs = [
        ("Open", text.exact(tile.gross, currency)),
        ("Overdue", f"{text.exact(tile.overdue, currency)} ({text.share(tile.share)})"),
        ("Share of all that is open", text.share(tile.gross / whole)),
    ]
    if not tile.is_leaf or tile.is_rest:
        pairs.append(("Customers", f"{tile.count:,}"))
    return plotly.hover(tile.label, *pairs)


def _still(found: Sequence[Tile], setting: Setting) -> Spec:
    """The same map in Vega, which lays out tiles itself and needs no browser for it."""
    palette = setting.palette
    whole = {"id": _ALL, "parent": None, "size": 0.0, "leaf": False}
    nodes = [
        whole,
        *(
            {
                "id": tile.id,
                "parent": tile.parent or _ALL,
                "size": tile.gross if tile.is_leaf else 0.0,
                "leaf": tile.is_leaf,
                "name": tile.label,
                "figures": " · ".join(_figures(tile, setting)),
                "fill": fill(tile, palette),
                "edge": edge(tile, palette),
                "ink": ink(fill(tile, palette)),
            }
            for tile in found
        ),
    ]
    layout = [
        {"type": "stratify", "key": "id", "parentKey": "parent"},
        {
            "type": "treemap",
            "field": "size",
            "method": "squarify",
            "round": True,
            "paddingInner": 2,
            "paddingTop": {"signal": f"{_HEAD}"},
            "size": [{"signal": "width"}, {"signal": "height"}],
        },
        {"type": "filter", "expr": "datum.depth > 0"},
        {"type": "formula", "as": "wide", "expr": "datum.x1 - datum.x0"},
        {"type": "formula", "as": "tall", "expr": "datum.y1 - datum.y0"},
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": 760,
        "height": 420,
        "config": {"text": {"font": FONT}, "legend": {"labelFont": FONT}, "title": {"font": FONT}},
        "data": [
            {"name": "tree", "values": nodes, "transform": layout},
            {"name": "leaves", "source": "tree", "transform": [{"type": "filter", "expr": "datum.leaf"}]},
            {"name": "groups", "source": "tree", "transform": [{"type": "filter", "expr": "!datum.leaf"}]},
        ],
        "scales": [{"name": "late", "type": "ordinal", "domain": list(NAMES), "range": list(palette.late)}],
        "legends": [
            {
                "fill": "late",
                "orient": "bottom",
                "direction": "horizontal",
                "symbolType": "square",
                "symbolStrokeWidth": 0,
                "labelColor": palette.quiet,
            }
        ],
        "marks": [
            _tiles_of("groups"),
            _tiles_of("leaves"),
            _line("groups", "datum.name + '  ' + datum.figures", 15, _HEAD, bold=True),
            _line("leaves", "datum.name", 15, 18, bold=True),
            _line("leaves", "datum.figures", 30, 34, bold=False),
        ],
    }


def _tiles_of(source: str) -> Spec:
    box = {"x": "x0", "y": "y0", "x2": "x1", "y2": "y1"}
    placed = {channel: {"field": field} for channel, field in box.items()}
    drawn = {**placed, "fill": {"field": "fill"}, "stroke": {"field": "edge"}}
    return {"type": "rect", "from": {"data": source}, "encode": {"enter": drawn}}


def _line(source: str, words: str, down: int, least: int, *, bold: bool) -> Spec:
    """A line of a tile's text, left out where the tile has no room for it."""
    return {
        "type": "text",
        "from": {"data": source},
        "encode": {
            "enter": {
                "x": {"field": "x0", "offset": 4},
                "y": {"field": "y0", "offset": down},
                "text": {"signal": f"datum.tall >= {least} && datum.wide >= 44 ? {words} : ''"},
                "limit": {"signal": "datum.wide - 8"},
                "fill": {"field": "ink"},
                "fontSize": {"value": 11},
                "fontWeight": {"value": "bold" if bold else "normal"},
            }
        },
    }


def _twin(owing: pl.DataFrame, levels: Sequence[Level], setting: Setting) -> pl.DataFrame:
    """Every customer with something open or a credit, the most money first."""
    gross = pl.col("gross")
    return owing.sort("gross", descending=True).select(
        *(pl.col(level.label).alias(level.name) for level in levels),
        gross.alias(f"Gross open, {setting.currency}"),
        pl.col("overdue").alias(f"Overdue, {setting.currency}"),
        pl.when(gross > 0).then(pl.col("overdue") / gross).alias("Overdue share"),
        pl.col("unapplied").alias(f"Unapplied credits, {setting.currency}"),
    )
