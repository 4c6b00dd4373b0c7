"""Figures to charts: one function a figure, from a frame to a drawn chart in one notation. Knows no Streamlit.

A chart is a Vega-Lite description, the language that Altair writes: building it here as plain data takes well under a
millisecond, and ``altair.Chart.from_dict(figure.spec)`` turns it into an Altair object for whoever wants one.
The map of debtors and the ribbons of an opening balance are drawn by Plotly, which has layouts for them that Vega-Lite
lacks; they are plain data too (``figure.plot``).
"""

from __future__ import annotations

from charts.figure import Figure, Setting
from charts.palette import DARK, LIGHT, Palette, palette

__all__ = ["DARK", "LIGHT", "Figure", "Palette", "Setting", "palette"]
