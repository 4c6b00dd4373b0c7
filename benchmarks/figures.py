"""The chart of docs/performance.md: cost against size, both by powers of ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl
import vl_convert

_WIDTH, _HEIGHT = 250, 190
_COLUMNS = 3
_TITLES = {
    "documents": "documents in the ledger",
    "days": "days in one question",
    "cells": "cells",
    "customers": "customers",
    "people": "people at once, without pauses",
}


def growth(measured: Sequence[Mapping[str, Any]]) -> str:
    """A panel an axis, a line a cost, as SVG. ``measured``: what ``benchmarks.growth`` returns."""
    panels = [_panel(told) for told in measured]
    chart = alt.concat(*panels, columns=_COLUMNS).resolve_scale(y="independent")
    styled = chart.configure_view(stroke=None).configure(background="white", font="Inter, Helvetica, Arial, sans-serif")
    return vl_convert.vegalite_to_svg(styled.to_dict())


def _panel(told: Mapping[str, Any]) -> alt.Chart:
    by = told["by"]
    rows = pl.DataFrame(told["points"]).unpivot(index=by, variable_name="cost", value_name="seconds")
    named = rows.filter(pl.col("seconds") > 0).with_columns(pl.col("cost").str.replace_all("_", " "))
    axis = alt.Axis(grid=False, values=[point[by] for point in told["points"]], format=",", labelOverlap=True)
    unit = "seconds" if by == "people" else "processor seconds"
    return (
        alt.Chart(named, title=_TITLES[by], width=_WIDTH, height=_HEIGHT)
        .mark_line(point=True)
        .encode(
            alt.X(f"{by}:Q", title=None, scale=alt.Scale(type="log", nice=False), axis=axis),
            alt.Y("seconds:Q", title=unit, scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=4)),
            alt.Color("cost:N", title=None, legend=alt.Legend(orient="bottom")),
        )
    )
