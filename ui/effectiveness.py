"""How well receivables are collected, and which group does better or worse with the customers it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from charts import Figure, Palette, fairness, lines
from charts.lines import Line, Words
from ledger.book import Book
from ledger.scope import UNASSIGNED
from metrics import BENCHMARKS, CATALOG, Unit, text
from metrics.fairness import fairness as at_the_same_mix
from ui import cards, controls, filters, periods, store
from ui.markdown import plain, prose
from ui.summary import Summary
from ui.view import View

TILES = ("cei", "cei_crf", "cei_cash", "collection_efficiency", "on_time_share")
READ = (*TILES, "total_ar", "billed", "cash_collected")

LATE, COLLECTED = "overdue_share", "cei_cash"

MIX = "fair_mix"
_USUAL_MIX = ("region", "segment")
_NO_MIX = frozenset({"behaviour", "entity"})
"""What makes no kind of customer: how they pay is the outcome itself, and an entity is whoever sends the invoice."""

NONE = "\x00"
"""The key of the group without a value."""


def headline(summary: Summary, compared: pl.DataFrame | None, by: str | None, mix: Sequence[str]) -> str:
    """Effectiveness and its change over a year; then who has more overdue than the same customers show elsewhere."""
    view = summary.view
    now, before = summary.value("cei", view.day), summary.value("cei", periods.year_before(view.day))
    metric = CATALOG["cei"]
    if now is None:
        words = f"{metric.label} cannot be computed over {text.window(view.window)}: {metric.no_value}"
    elif before is None:
        words = f"{metric.label} is {text.value(now, metric.unit)} over {text.window(view.window)}"
    else:
        apart = text.change(now - before, metric.unit)
        moved = "held" if apart == "no change" else text.direction(now - before)
        by_how_much = "" if moved == "held" else f" {apart.lstrip('+' + text.MINUS)}"
        words = f"{metric.label} {moved}{by_how_much} in a year, to {text.value(now, metric.unit)}"
        words = words.replace("held in a year, to", "held over the year at")
    if compared is None or by is None:
        return words
    label, late = store.book().dimensions[by], fairness.worst_first(of(compared, LATE), LATE)
    found = fairness.by_group_finding(late, LATE, label, view.currency, mixed=bool(mix))
    if late["difference"].count() <= 1:
        return words
    return f"{words}; {found[0].lower() + found[1:] if found.startswith('No ') else found}"


def index(summary: Summary, palette: Palette, height: int) -> Figure:
    """The index in its three forms over the year, with the published median beside the form that it is of."""
    view = summary.view
    days = [day for day in periods.trend(view.day) if summary.value("cei", day) is not None]
    median = BENCHMARKS["cei_crf"]
    drawn = [
        *_ours(
            summary, {"cei_cash": ("Cash only", palette.neutral), "cei_crf": ("Average month", palette.previous)}, days
        ),
        *_ours(summary, {"cei": ("Full period", palette.actual)}, days, is_strong=True),
    ]
    if median.line is not None and days:
        values = dict.fromkeys(days, median.line)
        drawn.append(Line(f"{median.line_label} of average month", values, palette.quiet, is_dotted=True))
    return lines.over_time(
        drawn,
        days,
        Words(
            "cei_family", _index_finding(summary, days), "CEI in three forms, 0 to 100", ("cei", "cei_crf", "cei_cash")
        ),
        Unit.PERCENT,
        view.over(palette),
        height=height,
    )


def _index_finding(summary: Summary, days: Sequence[date]) -> str:
    """Whether what was cleared was cleared by cash, and where the comparable form stands against the median."""
    if not days:
        return "Nothing was collectible"
    cei, cash, month = (summary.value(metric, days[-1]) for metric in ("cei", "cei_cash", "cei_crf"))
    if cei is None or cash is None:
        return "CEI cannot be computed"
    gap = text.change(cei - cash, Unit.PERCENT)
    words = "All of it came in as cash" if gap == "no change" else f"Cash alone makes {cash:.1f} of the {cei:.1f}"
    median = BENCHMARKS["cei_crf"].line
    if month is None or median is None:
        return words
    apart = text.change(month - median, Unit.PERCENT)
    if apart == "no change":
        return f"{words}; the average-month form meets the published median"
    side = "above" if month > median else "below"
    return f"{words}; in the average-month form {apart.lstrip('+' + text.MINUS)} {side} the published median"


def promptness(summary: Summary, palette: Palette, height: int) -> Figure:
    """What of the overdue is cleared, and what of the money comes on time, over the year."""
    view = summary.view
    shown = {"collection_efficiency": "Overdue cleared", "on_time_share": "Paid on time"}
    days = [day for day in periods.trend(view.day) if any(summary.value(metric, day) is not None for metric in shown)]
    drawn = [
        *_ours(summary, {"on_time_share": (shown["on_time_share"], palette.neutral)}, days),
        *_ours(
            summary, {"collection_efficiency": (shown["collection_efficiency"], palette.actual)}, days, is_strong=True
        ),
    ]
    return lines.over_time(
        drawn,
        days,
        Words(
            "collection_efficiency",
            _promptness_finding(summary),
            "Overdue at the opening cleared by the close, and money paid by its due date, %",
            tuple(shown),
        ),
        Unit.RATIO,
        view.over(palette),
        height=height,
    )


def _promptness_finding(summary: Summary) -> str:
    day, year = summary.view.day, periods.year_before(summary.view.day)
    metric = "collection_efficiency"
    now, before = summary.value(metric, day), summary.value(metric, year)
    if now is None:
        on_time = summary.value("on_time_share", day)
        return "Nothing was overdue at the opening" if on_time is None else f"{text.share(on_time)} was paid on time"
    words = f"{text.share(now)} of what was overdue at the opening has been cleared"
    return words if before is None else f"{words}, {text.share(before)} a year ago"


def _ours(
    summary: Summary, names: Mapping[str, tuple[str, str]], days: Sequence[date], *, is_strong: bool = False
) -> list[Line]:
    return [
        Line(name, {day: summary.value(metric, day) for day in days}, colour, is_strong=is_strong)
        for metric, (name, colour) in names.items()
    ]


def choose_mix(book: Book, by: str) -> tuple[str, ...]:
    """The dimensions that make customers comparable: regions and segments to begin with. Draws the choice."""
    offered = {name: label for name, label in book.dimensions.items() if name != by and name not in _NO_MIX}
    if not offered:
        return ()
    usual = [name for name in _USUAL_MIX if name in offered] or list(offered)[:2]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
        st.caption("at the same mix of", width="content")
        chosen = controls.pills(
            "At the same mix of",
            list(offered),
            key=MIX,
            default=usual,
            format_func=lambda name: offered[name],
        )
    return tuple(name for name in offered if name in chosen)


def compared(view: View, by: str, mix: tuple[str, ...]) -> pl.DataFrame:
    """Every group of ``by`` against what its customers would lead one to expect, as ``metrics.fairness`` has it.

    With ``key`` and ``label`` in place of the group.
    """
    return store.remembered(_compared, view, by, mix)


def _compared(view: View, by: str, mix: tuple[str, ...]) -> pl.DataFrame:
    rows = at_the_same_mix(store.book(), view.day, view.window, by, mix, view.scope, (LATE, COLLECTED))
    return rows.filter(pl.col("currency") == view.currency).select(
        pl.col(by).fill_null(NONE).alias("key"),
        pl.col(by).fill_null(UNASSIGNED).alias("label"),
        pl.exclude(by),
    )


def of(rows: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The rows of one metric."""
    return rows.filter(pl.col("metric") == metric)


def draw_comparison(view: View, rows: pl.DataFrame, by: str, mix: Sequence[str]) -> None:
    """Two charts of who is above and below expectation, and the table below; a click narrows to a group."""
    labels = store.book().dimensions
    setting = view.as_of(cards.theme()), view.over(cards.theme())
    places = st.columns(2, gap="small")
    for place, metric, where in zip(places, (LATE, COLLECTED), setting, strict=True):
        with place:
            figure = fairness.by_group(of(rows, metric), metric, labels[by], where, mixed=bool(mix))
            cards.chart(
                figure, view, key=f"fair_{metric}_{by}_{len(view.filters)}", on_pick=_narrower(by), stretch=True
            )
    _table(view, rows, by)


def method(labels: Mapping[str, str], by: str, mix: Sequence[str]) -> str:
    """How the comparison is made, in a line."""
    kinds = text.listed([labels[name].lower() for name in mix], 9)
    if not mix:
        return (
            f"Expected: what each {labels[by].lower()} would have if its customers paid as the company's average. "
            "Choose what makes customers alike to compare at the same mix."
        )
    return (
        f"Expected: what each {labels[by].lower()} would have if its customers paid like all of the same {kinds}, "
        "its own included. Not compared: too few others there."
    )


def _narrower(by: str) -> cards.Picked:
    def picked(key: str | None) -> None:
        if key is not None:
            filters.narrow(by, None if key == NONE else key)

    return picked


def _table(view: View, rows: pl.DataFrame, by: str) -> None:
    labels = store.book().dimensions
    wide = _wide(rows)
    scale = text.Scale.fitting(float(wide["gross"].max() or 0))  # type: ignore[arg-type]
    money, days = scale.unit(view.currency), text.window(view.window)
    names = {
        "label": labels[by],
        "gross": f"Gross open, {money}",
        "late": "Overdue, %",
        "late_expected": "Expected, %",
        "late_gap": "Gap, pts",
        "late_money": f"Overdue less expected, {money}",
        "cei": "CEI, cash only",
        "cei_expected": "Expected CEI",
        "cei_gap": "Gap in CEI, pts",
        "cei_money": f"Collected less expected, {money}",
        "peers": "Comparable",
    }
    shown = wide.with_columns(
        pl.col("gross", "late_money", "cei_money") / scale.divisor,
        pl.col("late", "late_expected", "late_gap", "peers") * 100,
    )
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(label, format="%.2f" if name.endswith("money") else "%.1f")
        for name, label in names.items()
        if name not in ("label", "peers")
    }
    config["label"] = st.column_config.TextColumn(names["label"])
    config["peers"] = st.column_config.NumberColumn(
        names["peers"], format=cards.PERCENT, help="Share of the money with customers of whom others have like ones"
    )

    def picked() -> None:
        cells = st.session_state["fair_table"]["selection"]["cells"]
        if cells and cells[0][0] < wide.height:
            _narrower(by)(wide["key"][cells[0][0]])

    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{prose(f'Every {labels[by].lower()} and what its customers would lead one to expect')}**")
        st.caption(prose(f"As of {text.day(view.day)}, CEI over {days}, {view.currency}; a click narrows to a row"))
        st.dataframe(
            shown.drop("key"),
            hide_index=True,
            placeholder="",
            column_config=config,
            column_order=list(names),
            key="fair_table",
            on_select=picked,
            selection_mode="single-cell",
            height=cards.table_height(wide.height, 12),
            alt=f"{plain(labels[by])}: overdue share and collected share, own and expected",
        )
        cards.table(
            wide.drop("key").rename(
                {name: label.split(", ")[0] if "money" in name else label for name, label in names.items()},
                strict=False,
            ),
            f"fair_by_{by}",
            view,
            key="fair_download",
        )


def _wide(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a group, the most overdue beyond expectation first."""
    late = of(rows, LATE).select(
        "key",
        "label",
        pl.col("denominator").alias("gross"),
        pl.col("value").alias("late"),
        pl.col("expected").alias("late_expected"),
        pl.col("gap").alias("late_gap"),
        pl.col("difference").alias("late_money"),
        "peers",
    )
    cash = of(rows, COLLECTED).select(
        "key",
        pl.col("value").alias("cei"),
        pl.col("expected").alias("cei_expected"),
        pl.col("gap").alias("cei_gap"),
        pl.col("difference").alias("cei_money"),
    )
    return late.join(cash, on="key", how="left").sort(
        "late_money", "gross", "label", descending=[True, True, False], nulls_last=True
    )
