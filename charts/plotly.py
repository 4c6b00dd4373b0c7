"""The common look in Plotly's language, for the few figures that are better drawn by it. Plain data, no Plotly objects.

Plotly reads its own small HTML in every text, so each name from the data goes through ``plain``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from charts.figure import Spec
from charts.palette import Palette
from charts.spec import FONT

CONFIG: Mapping[str, Any] = MappingProxyType(
    {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showTips": False, "displaylogo": False}
)
"""No bar of buttons, and nothing that moves a chart by mistake."""

_SIZE = 12
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def chart(palette: Palette, traces: Sequence[Spec], height: int, **layout: Any) -> Spec:
    """A chart as wide as its place and ``height`` pixels tall, in the common look."""
    return {"data": list(traces), "layout": {**look(palette), "height": height, **layout}}


def look(palette: Palette) -> Spec:
    """The common look: the page's own font and ground, quiet hover cards, no dragging."""
    return {
        # A template of our own: Plotly would else add one of 7 kB, and takes an empty one for none.
        "template": {"layout": {"hovermode": "closest"}},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"family": FONT, "size": _SIZE, "color": palette.text},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "hoverlabel": {
            "bgcolor": palette.panel,
            "bordercolor": palette.border,
            "align": "left",
            "font": {"family": FONT, "size": _SIZE, "color": palette.text},
        },
        "dragmode": False,
        "showlegend": False,
    }


def words(text: str, x: float, y: float, colour: str, **rest: Any) -> Spec:
    """A line of text at a place of the whole chart, ``x`` and ``y`` from 0 to 1."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"color": colour, "size": _SIZE - 1},
        **rest,
    }


def hover(heading: str, *pairs: tuple[str, str]) -> str:
    """A hover card: a heading in bold and (name, value) lines."""
    return "<br>".join([f"<b>{plain(heading)}</b>", *(f"{plain(name)}: {plain(value)}" for name, value in pairs)])


def plain(words: str) -> str:
    """Text that Plotly shows as it stands, whatever it holds."""
    return words.translate(_ENTITIES)
