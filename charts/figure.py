"""A figure: what a chart says, shows and rests on, in one value that screens, downloads and exports draw from."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import polars as pl

from charts.palette import LIGHT, Palette
from metrics import text

Spec = dict[str, Any]

_TITLE_WIDTH, _SUBTITLE_WIDTH = 80, 100
"""Letters that a line above a picture holds."""


@dataclass(frozen=True)
class Setting:
    """What every figure of a view shares.

    ``where`` ends a subtitle: day, window, filter. ``buckets`` are all aging buckets in order, current first and
    unapplied last. ``scale`` is how the reader wants money written; none, as fits. ``relative``: findings tell changes
    in percent.
    """

    where: str
    currency: str
    palette: Palette = LIGHT
    buckets: tuple[str, ...] = ()
    scale: text.Scale | None = None
    relative: bool = False

    def fitting(self, largest: float) -> text.Scale:
        """How money is written in one chart: as the reader chose, else as fits ``largest``."""
        return self.scale or text.Scale.fitting(largest)

    def subtitle(self, *parts: str) -> str:
        """``parts``, then where."""
        return " · ".join(part for part in (*parts, self.where) if part)


@dataclass(frozen=True)
class Key:
    """A mark of a chart that its subtitle explains, where a legend inside would cost height: colour and name."""

    label: str
    colour: str
    mark: str = "■"


LINE, DOTS = "━", "┅"
"""Marks of a key that stand for lines."""


@dataclass(frozen=True)
class Figure:
    """One chart with its words, its table twin and the metrics it rests on.

    ``title`` is the finding in words, made from the data; ``subtitle`` carries measure, unit, day, currency and filter;
    ``alt`` is one sentence for whoever cannot see the chart. ``table`` has the drawn numbers, unrounded, under headings
    meant for reading. ``metrics`` names the catalogue entries that say how the numbers are computed. ``key`` explains
    the marks in the subtitle of a card; a picture that travels alone keeps the legends of ``spec``.

    ``method`` says in a few sentences how the numbers come about where that is more than their metrics tell.

    ``spec`` is Vega-Lite, or Vega where a chart needs what only that has. With a ``plot``, Plotly's description of the
    same data in the same colours, a screen draws that instead, and ``spec`` is the still that pictures are made from:
    without a browser, as all are.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    spec: Spec
    table: pl.DataFrame
    metrics: tuple[str, ...] = ()
    height: int = 230
    palette: Palette = field(default=LIGHT)
    key: tuple[Key, ...] = ()
    plot: Mapping[str, Any] | None = None
    method: str = ""

    @property
    def on_screen(self) -> Spec:
        """What a card draws: without legends where its subtitle has the key."""
        return _without_legends(self.spec) if self.key else self.spec

    @property
    def is_empty(self) -> bool:
        return self.table.is_empty()

    def standalone(self, note: str = "") -> Spec:
        """The chart with title, subtitle and a footnote drawn in, for a picture that travels alone."""
        spec = copy.deepcopy(self.spec)
        lines = [line for words in (self.subtitle, note) for line in wrap(words, _SUBTITLE_WIDTH)]
        spec["title"] = {
            "text": wrap(self.title, _TITLE_WIDTH),
            "subtitle": lines,
            "anchor": "start",
            "frame": "bounds",
            "fontSize": 17,
            "subtitleFontSize": 12,
            "subtitleColor": self.palette.quiet,
            "color": self.palette.text,
            "offset": 14,
        }
        spec["width"], spec["height"] = 760, max(self.height, 300)
        spec["background"] = self.palette.ground
        spec["padding"] = 18
        return spec

    def svg(self, note: str = "") -> str:
        """The chart as an SVG picture, its text kept as text."""
        drawn = self.standalone(note)
        return _converter().vega_to_svg(drawn) if _is_vega(drawn) else _converter().vegalite_to_svg(drawn)

    def png(self, note: str = "", scale: float = 2.0) -> bytes:
        """The chart as a PNG picture."""
        drawn = self.standalone(note)
        convert = _converter().vega_to_png if _is_vega(drawn) else _converter().vegalite_to_png
        return convert(drawn, scale=scale)


def _without_legends(spec: Spec) -> Spec:
    layers = [
        {
            **layer,
            "encoding": {
                channel: {**coded, "legend": None} if channel in _SHADED else coded
                for channel, coded in layer["encoding"].items()
            },
        }
        for layer in spec["layer"]
    ]
    return {**spec, "layer": layers}


_SHADED = frozenset({"color", "stroke", "strokeDash"})


def _is_vega(spec: Spec) -> bool:
    return "/vega/" in spec["$schema"]


def _converter() -> Any:
    """The picture maker, loaded on first use. It draws with the fonts of the machine, else with its own."""
    import vl_convert

    return vl_convert
