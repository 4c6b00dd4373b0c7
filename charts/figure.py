"""A figure: what a chart says, shows and rests on, in one value that screens, downloads and exports draw from."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import polars as pl

from charts.palette import LIGHT, Palette

Spec = dict[str, Any]

_TITLE_WIDTH, _SUBTITLE_WIDTH = 80, 100
"""Letters that a line above a picture holds."""


@dataclass(frozen=True)
class Setting:
    """What every figure of a view shares.

    ``where`` ends a subtitle: day, window, filter. ``buckets`` are all aging buckets in order, current first and
    unapplied last.
    """

    where: str
    currency: str
    palette: Palette = LIGHT
    buckets: tuple[str, ...] = ()

    def subtitle(self, *parts: str) -> str:
        """``parts``, then where."""
        return " · ".join(part for part in (*parts, self.where) if part)


@dataclass(frozen=True)
class Figure:
    """One chart with its words, its table twin and the metrics it rests on.

    ``title`` is the finding in words, made from the data; ``subtitle`` carries measure, unit, day, currency and filter;
    ``alt`` is one sentence for whoever cannot see the chart. ``table`` has the drawn numbers, unrounded, under headings
    meant for reading. ``metrics`` names the catalogue entries that say how the numbers are computed.
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
        return _converter().vegalite_to_svg(self.standalone(note))

    def png(self, note: str = "", scale: float = 2.0) -> bytes:
        """The chart as a PNG picture."""
        return _converter().vegalite_to_png(self.standalone(note), scale=scale)


def _converter() -> Any:
    """The picture maker, loaded on first use. It draws with the fonts of the machine, else with its own."""
    import vl_convert

    return vl_convert
