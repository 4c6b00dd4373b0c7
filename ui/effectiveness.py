"""How well receivables are collected, and which group does better or worse with the customers it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from briefing import periods
from briefing.summary import Summary
from briefing.view import Against, View
from charts import Figure, Palette, fairness, lines
from charts.lines import Line, Words
from ledger.book import Book
from ledger.scope import UNASSIGNED
from metrics import BENCHMARKS, CATALOG, Unit, text
from metrics.fairness import fairness as at_the_same_mix
from ui import address, alerts, breadcrumb, cards, changes, controls, performance, store
from ui.lead import Lead
from ui.markdown import plain, prose
from ui.tiles import Leading

TILES = ("cei", "cei_crf", "cei_cash", "collection_efficiency", "on_time_share")
READ = (*TILES, "total_ar", "billed", "cash_collected")

SEGMENTS = "pages/receivables/segments.py"

LATE, COLLECTED = "overdue_share", "cei_cash"

MIX = "fair_mix"
_USUAL_MIX = ("region", "segment")
_NO_MIX = frozenset({"behaviour", "entity"})
"""What makes no kind of customer: how they pay is the outcome itself, and an entity is whoever sends the invoice."""

NONE = "\x00"
"""The key of the group without a value."""


def tiles(summary: Summary) -> list[Leading]:
    """The tiles: the indices lead to why they moved, what is paid late to the items, what is paid in time to when."""
    leads = {
        "collection_efficiency": Lead(breadcrumb.ITEMS),
        "on_time_share": Lead("pages/receivables/cohorts.py"),
    }
    return [
        (summary.tile(metric), leads.get(metric) or Lead(changes.PAGE, changes.leading(metric))) for metric in TILES
    ]


def headline(summary: Summary, compared: pl.DataFrame | None, by: str | None, mix: Sequence[str]) -> str:
    """Effectiveness against what the reader compares with; then who has more overdue than such customers elsewhere."""
    view = summary.view
    metric = CATALOG["cei"]
    goal = summary.target("cei")
    now, before = summary.value("cei", view.day), summary.value("cei", view.base) if view.base else None
    if now is None:
        words = f"{metric.label} cannot be computed over {text.window(view.window)}: {metric.no_value}"
    elif view.against is Against.TARGET and goal is not None:
        words = _against_target(now, goal.good, view)
    elif before is None or view.base is None:
        words = f"{metric.label} is {text.value(now, metric.unit)} over {text.window(view.window)}"
    else:
        words = _moved(now, before, text.since(view.base, view.day), view)
    if compared is None or by is None:
        return words
    label, late = store.book().dimensions[by], fairness.worst_first(of(compared, LATE), LATE)
    found = fairness.by_group_finding(late, LATE, label, view.currency, mixed=bool(mix))
    if late["difference"].count() <= 1:
        return words
    return f"{words}; {found[0].lower() + found[1:] if found.startswith('No ') else found}"


def _moved(now: float, before: float, since: str, view: View) -> str:
    metric = CATALOG["cei"]
    apart = text.relative(now, before) if view.relative else text.change(now - before, metric.unit)
    if apart == "no change":
        return f"{metric.label} held {since} at {text.value(now, metric.unit)}"
    size = apart.lstrip("+" + text.MINUS)
    return f"{metric.label} {text.direction(now - before)} {size} {since}, to {text.value(now, metric.unit)}"


def _against_target(now: float, goal: float, view: View) -> str:
    metric = CATALOG["cei"]
    apart = text.relative(now, goal) if view.relative else text.change(now - goal, metric.unit)
    words = f"{metric.label} is {text.value(now, metric.unit)} over {text.window(view.window)}"
    aim = text.goal(goal, metric.unit)
    if apart == "no change":
        return f"{words}, as its target of {aim}"
    return f"{words}, {apart.lstrip('+' + text.MINUS)} {'above' if now > goal else 'below'} its target of {aim}"


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
        picked=True,
        marks=alerts.raised().marks(("cei", "cei_crf", "cei_cash"), view),
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
        picked=True,
        marks=alerts.raised().marks(tuple(shown), view),
    )


def _promptness_finding(summary: Summary) -> str:
    day, base = summary.view.day, summary.view.base
    metric = "collection_efficiency"
    now, before = summary.value(metric, day), summary.value(metric, base) if base else None
    if now is None:
        on_time = summary.value("on_time_share", day)
        return "Nothing was overdue at the opening" if on_time is None else f"{text.share(on_time)} was paid on time"
    words = f"{text.share(now)} of what was overdue at the opening has been cleared"
    if before is None or base is None:
        return words
    then = "a year ago" if summary.view.against is Against.YEAR else f"on {text.day(base)}"
    return f"{words}, {text.share(before)} {then}"


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
    """Two charts of who is above and below expectation, and the table below; a click opens a group."""
    labels = store.book().dimensions
    setting = view.as_of(cards.theme()), view.over(cards.theme())
    places = st.columns(2, gap="small")
    for place, metric, where in zip(places, (LATE, COLLECTED), setting, strict=True):
        with place:
            figure = fairness.by_group(of(rows, metric), metric, labels[by], where, mixed=bool(mix))
            cards.chart(figure, view, key=f"fair_{metric}_{by}_{len(view.filters)}", on_pick=_opener(by), stretch=True)
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


def _opener(by: str) -> cards.Picked:
    """What a click on a group does: its own page, by the next grouping."""

    def picked(key: str | None) -> None:
        if key:
            address.go(SEGMENTS, performance.where(by, key))

    return picked


def _table(view: View, rows: pl.DataFrame, by: str) -> None:
    labels = store.book().dimensions
    wide = _wide(rows)
    scale = view.fitting(float(wide["gross"].max() or 0))  # type: ignore[arg-type]
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

    key = f"fair_table_{by}_{len(view.filters)}"

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < wide.height:
            _opener(by)(wide["key"][cells[0][0]])

    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{prose(f'Every {labels[by].lower()} and what its customers would lead one to expect')}**")
        st.caption(prose(f"As of {text.day(view.day)}, CEI over {days}, {view.currency}; a click opens the row"))
        st.dataframe(
            shown.drop("key"),
            hide_index=True,
            placeholder="",
            column_config=config,
            column_order=list(names),
            key=key,
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
