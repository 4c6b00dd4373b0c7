"""The catalogue, for reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from metrics import Better, Metric, Unit
from ui.markdown import prose

FIND = "glossary_find"

_UNITS = {
    Unit.MONEY: "money",
    Unit.DAYS: "days",
    Unit.RATIO: "share, shown in percent",
    Unit.PERCENT: "index from 0 to 100",
    Unit.TIMES: "times",
    Unit.NUMBER: "a plain number",
}
_BETTER: dict[Better, tuple[Literal["blue", "gray"], str, str]] = {
    Better.HIGHER: ("blue", ":material/arrow_upward:", "higher is better"),
    Better.LOWER: ("blue", ":material/arrow_downward:", "lower is better"),
    Better.NEITHER: ("gray", ":material/remove:", "neither way is better"),
}


def found(catalog: Mapping[str, Metric], words: str) -> list[Metric]:
    """The metrics that mention every one of ``words``, in the catalogue's order."""
    wanted = words.lower().split()
    return [metric for metric in catalog.values() if all(word in _text(metric) for word in wanted)]


def draw(metric: Metric) -> None:
    """One entry."""
    colour, icon, direction = _BETTER[metric.better]
    with st.container(border=True, gap="xsmall", key=f"glossary_{metric.id}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.subheader(prose(metric.label), anchor=metric.id.replace("_", "-"), width="content")
            st.badge(_UNITS[metric.unit], color="gray")
            st.badge(direction, icon=icon, color=colour)
            st.badge("adds up over groups" if metric.additive else "recomputed for every group", color="gray")
        st.markdown(f"*{prose(metric.question)}*")
        left, right = st.columns(2, gap="medium")
        left.markdown(f":gray[Formula]  \n{prose(metric.formula)}")
        right.markdown(f":gray[Worked example]  \n{prose(metric.example)}")
        st.caption(f"Source: {prose(metric.source)} · id {prose(metric.id)}")


def _text(metric: Metric) -> str:
    parts = (metric.id, metric.label, metric.question, metric.formula, metric.source, metric.example)
    return " ".join(parts).lower()
