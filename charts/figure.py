"""A figure: what a chart says, shows and rests on, in one value that screens, downloads and exports draw from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from textwrap import wrap
from typing import Any, cast

import polars as pl

from charts.native import Native
from charts.palette import LIGHT, Palette, on_white
from metrics import text

Spec = dict[str, Any]

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML, which pictures are written in, cannot hold, and two ends of lines that end an expression."""

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

    ``names_beside``: a card has a list of the names beside the drawing, level with its bars, which then carry none; a
    picture that travels alone has them at its axis.

    ``native`` is the same chart for programs that draw it themselves, so that it can be edited there; figures that no
    such program can draw have none, and travel as pictures.
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
    names_beside: bool = False
    native: Native | None = None

    @property
    def on_screen(self) -> Spec:
        """What a card draws: without legends where its subtitle has the key, and without names that stand beside."""
        spec = _without_names(self.spec) if self.names_beside else self.spec
        return _without_legends(spec) if self.key else spec

    @property
    def is_empty(self) -> bool:
        return self.table.is_empty()

    def on_white(self) -> Figure:
        """The same in the colours of the light palette, for a picture that goes onto paper."""
        return self if self.palette == LIGHT else replace(self, spec=_recoloured(self.spec), palette=LIGHT)

    def standalone(self, note: str = "") -> Spec:
        """The chart with title, subtitle and a footnote drawn in, for a picture that travels alone."""
        spec = _writable(self.spec)
        lines = [line for words in (self.subtitle, note) for line in wrap(_writable(words), _SUBTITLE_WIDTH)]
        spec["title"] = {
            "text": wrap(_writable(self.title), _TITLE_WIDTH),
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

    def pdf(self, note: str = "") -> bytes:
        """The chart as a page of its own size, in vectors with the fonts inside."""
        drawn = self.standalone(note)
        return _converter().vega_to_pdf(drawn) if _is_vega(drawn) else _converter().vegalite_to_pdf(drawn)

    def drawn(self, width: int, height: int, font: str) -> str:
        """The plot alone as SVG of this size in pixels, its words in ``font``; legends only where there is no ``key``.

        For a page that sets title, subtitle and key itself.
        """
        spec = _still(_writable(_without_legends(self.spec) if self.key and "layer" in self.spec else self.spec))
        spec["width"], spec["height"] = width, height
        _in_font(spec.get("config", {}), font)
        return draw(spec)


def _writable(part: Any) -> Any:
    """A copy without what no picture may hold: the maker of pictures ends its whole process over a NUL in a name."""
    match part:
        case str():
            return _UNWRITABLE.sub("", part)
        case dict():
            known = cast("Spec", part)
            return {_writable(name): _writable(value) for name, value in known.items()}
        case list() | tuple():
            return [_writable(each) for each in cast("Sequence[Any]", part)]
        case _:
            return part


def _recoloured(part: Any) -> Any:
    match part:
        case str():
            return on_white(part)
        case dict():
            return {name: _recoloured(value) for name, value in cast("Spec", part).items()}
        case list() | tuple():
            return [_recoloured(each) for each in cast("Sequence[Any]", part)]
        case _:
            return part


def _without_names(spec: Spec) -> Spec:
    layers = [
        {**layer, "encoding": {**layer["encoding"], "y": {**layer["encoding"]["y"], "axis": None}}}
        for layer in spec["layer"]
    ]
    return {**spec, "layer": layers}


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


def _still(spec: Spec) -> Spec:
    """Without what answers a mouse, which takes a fifth of the time of drawing."""
    for layer in spec.get("layer", ()):
        layer.pop("params", None)
        layer.get("encoding", {}).pop("tooltip", None)
    return spec


def _in_font(config: Spec, font: str) -> None:
    """Every typeface that ``config`` names becomes ``font``."""
    for name, value in config.items():
        if isinstance(value, dict):
            _in_font(cast("Spec", value), font)
        elif name in ("font", "labelFont", "titleFont"):
            config[name] = font


def draw(spec: Spec) -> str:
    """A description as SVG; kept for the next time, as a document and the preview of it draw the same."""
    return _drawn(json.dumps(spec, ensure_ascii=False), is_vega=_is_vega(spec))


@lru_cache(maxsize=64)
def _drawn(spec: str, *, is_vega: bool) -> str:
    return _converter().vega_to_svg(spec) if is_vega else _converter().vegalite_to_svg(spec)


def learn(folder: Path) -> None:
    """Makes the typefaces in ``folder`` known to pictures drawn from now on."""
    _converter().register_font_directory(str(folder))


def _is_vega(spec: Spec) -> bool:
    return "/vega/" in spec["$schema"]


def _converter() -> Any:
    """The picture maker, loaded on first use. It draws with the fonts of the machine, else with its own."""
    import vl_convert

    return vl_convert
