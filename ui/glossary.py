"""The catalogue, for reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import polars as pl
import streamlit as st

from ledger.scope import CURRENCY, Scope
from metrics import BENCHMARKS, Better, Metric, Unit, countback_working, text
from ui import cards, filters, store
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


def values() -> dict[str, dict[str, Any]]:
    """Every metric's row for what the filters choose."""
    view = filters.current()
    rows = store.evaluate(None, (view.day,), view.window, view.scope).filter(pl.col(CURRENCY) == view.currency)
    return {row["metric"]: row for row in rows.iter_rows(named=True)}


def draw(metric: Metric, now: Mapping[str, Any] | None) -> None:
    """One entry; ``now`` is the metric's row for what the filters choose, where there is data."""
    colour, icon, direction = _BETTER[metric.better]
    with st.container(border=True, gap="xsmall", key=f"glossary_{metric.id}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.subheader(prose(metric.label), anchor=metric.id.replace("_", "-"), width="content")
            st.badge(_UNITS[metric.unit], color="gray")
            st.badge(direction, icon=icon, color=colour)
            st.badge("adds up over groups" if metric.additive else "recomputed for every group", color="gray")
        st.markdown(f"*{prose(metric.question)}*")
        if now is not None:
            _draw_value(metric, now)
        left, right = st.columns(2, gap="medium")
        left.markdown(f":gray[Formula]  \n{prose(metric.formula)}")
        right.markdown(f":gray[Worked example]  \n{prose(metric.example)}")
        benchmark = BENCHMARKS.get(metric.id)
        if benchmark:
            st.markdown(f":gray[What others report]  \n{prose(' '.join(benchmark.said(metric)))}")
        st.caption(f"Source: {prose(metric.source)} · id {prose(metric.id)}")


def _draw_value(metric: Metric, row: Mapping[str, Any]) -> None:
    """The value, what it was divided from, and why there is none or what to know of it."""
    view = filters.current()
    told = [f"**{prose(text.value(row['value'], metric.unit, view.currency))}** as of {text.day(view.day)}"]
    if row["denominator"] is not None and not metric.own:
        parts = [text.number(row[name], 0) if metric.counted else text.exact(row[name], view.currency)
                 for name in ("numerator", "denominator")]  # fmt: skip
        told.append(prose(" ÷ ".join(parts)))
    if metric.windowed:
        told.append(prose(text.window(view.window)))
    told += [prose(words) for words in (view.part, row["note"]) if words]
    st.markdown(" · ".join(told))
    if metric.own == "countback" and row["value"]:
        with st.expander("The working, month by month"):
            rows = store.remembered(_working, view.day, view.scope, view.currency)
            st.dataframe(
                rows,
                hide_index=True,
                placeholder="",
                column_config=cards.columns(rows),
                alt="Count-back DSO month by month: sales, balance before, covered, days counted",
            )
            cards.table(rows, "countback", view, key="glossary_countback")


def _working(day: date, scope: Scope, currency: str) -> pl.DataFrame:
    """The walk back under headings for reading."""
    rows = countback_working(store.book(), day, scope).filter(pl.col(CURRENCY) == currency)
    headings = {
        "month": "Month to",
        "days": "Its days",
        "sales": f"Credit sales, {currency}",
        "left": f"Balance before, {currency}",
        "taken": f"Covered by it, {currency}",
        "counted": "Counted days",
    }
    return rows.select(pl.col(name).alias(heading) for name, heading in headings.items())


def _text(metric: Metric) -> str:
    parts = (metric.id, metric.label, metric.question, metric.formula, metric.source, metric.example)
    benchmark = BENCHMARKS.get(metric.id)
    return " ".join((*parts, *(benchmark.said(metric) if benchmark else ()))).lower()
