"""Which part of the company does worse, against what, and who should act?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import polars as pl
import streamlit as st

from briefing import periods
from briefing.view import View
from charts import Figure, Palette, league, lines, stake
from charts.league import Against
from charts.lines import Line, Words
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics import CATALOG, Better, Targets, Unit, text
from metrics.performance import flags as flagged
from metrics.performance import segments
from ui import address, cards, controls, drill, filters, store
from ui.markdown import plain, prose

AGAINST = "league_against"

NONE = "\x00"
"""The key of the group without a value."""

TOGETHER = "Together"
"""What the reader's part of the company is called below its groups."""

MOST = 12
"""Groups drawn."""

_MONTHS = 7
"""Month-ends of a trend over six months."""

_NAMED = 8
"""Lines named in one chart; of more groups only the flagged and the largest are drawn."""

_TOLD = 4
"""Flagged groups told in a line each; the table flags all of them."""

_SMALL = 0.01
"""A group with less than this share of the receivables is no message, and has no line of its own unless flagged."""

_BADGES = {"act": (":orange-badge[Act]", 0), "watch": (":yellow-badge[Watch]", 1)}


def choose_against() -> Against:
    """What the second figure compares with. Draws the choice."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
        st.caption("Compare with", width="content")
        chosen = controls.segmented(
            "Compare with",
            [str(each) for each in Against],
            key=AGAINST,
            default=str(Against.REST),
            format_func=lambda name: "The rest" if name == Against.REST else name.capitalize(),
        )
    return Against(chosen)


def rows(view: View, by: str) -> pl.DataFrame:
    """``metrics.segments`` with ``key`` and ``label`` in place of the group, in the view's currency."""
    found = store.remembered(_segments, view.day, view.window, by, view.scope, store.targets())
    return _labelled(found.filter(pl.col("currency") == view.currency), by)


def has_values(of: pl.DataFrame) -> bool:
    """Whether any group has a number other than 0."""
    return bool(of["value"].abs().sum())


def flags(view: View, by: str) -> pl.DataFrame:
    """``metrics.flags`` with ``key`` and ``label``: to act on first, then by what is at stake."""
    found = store.remembered(_flags, view.day, by, view.scope)
    order = pl.col("flag").replace_strict({name: place for name, (_, place) in _BADGES.items()}, default=2)
    return _labelled(found.filter(pl.col("currency") == view.currency), by).sort(
        order, "at_stake", "label", descending=[False, True, False], nulls_last=True
    )


def _segments(day: date, window: str, by: str, scope: Scope, targets: Targets) -> pl.DataFrame:
    return segments(store.book(), day, window, by, scope, targets=targets)


def _flags(day: date, by: str, scope: Scope) -> pl.DataFrame:
    return flagged(store.book(), day, by, scope)


def _labelled(found: pl.DataFrame, by: str) -> pl.DataFrame:
    """The group as ``key`` (for clicks) and ``label`` (for reading); names that repeat are told apart."""
    if by == CUSTOMER:
        names = store.customers().select(pl.col("customer_id").alias(CUSTOMER), "label")
        repeated = pl.col("_ids") > 1
        apart = pl.concat_str("label", pl.lit(" ("), pl.col(CUSTOMER).fill_null("-"), pl.lit(")"))
        named = (
            found.join(names, on=CUSTOMER, how="left", nulls_equal=True, maintain_order="left")
            .with_columns(_ids=pl.col(CUSTOMER).n_unique().over("label"))
            .with_columns(label=pl.when(repeated).then(apart).otherwise(pl.col("label").fill_null(UNASSIGNED)))
        )
        return named.with_columns(key=pl.col(CUSTOMER).fill_null(drill.customer_key(None))).drop(CUSTOMER, "_ids")
    value = pl.col(by)
    return found.select(value.fill_null(NONE).alias("key"), value.fill_null(UNASSIGNED).alias("label"), pl.exclude(by))


def headline(told: pl.DataFrame, of: pl.DataFrame, by: str, view: View) -> str:
    """Who should act, by how much it matters; or that nobody stands out. ``told``: as ``flags`` has it."""
    label = _label(by).lower()
    act, watch = (told.filter(pl.col("flag") == flag) for flag in ("act", "watch"))
    if act.height or watch.height:
        what, first = ("action", act) if act.height else ("watching", watch)
        lead, others = first.row(0, named=True), first.slice(1)
        words = f"{text.name(lead['label'])} needs {what}"
        if lead["at_stake"] > 0:
            words += f": {text.money(lead['at_stake'], view.currency)} would not be overdue at the rest's share"
        also = [(others, f"{what} too"), (watch if act.height else watch.clear(), "watching")]
        return "; ".join([words, *(f"{_named(found)} {need}" for found, need in also if found.height)])
    size = of.filter(pl.col("metric") == "total_ar").filter(pl.col("value") >= _SMALL * pl.col("value").sum())
    share = of.filter((pl.col("metric") == "overdue_share") & pl.col("value").is_not_null())
    share = share.join(size, on="key", how="semi").sort("value", "label", descending=[True, False])
    if share.height <= 1:
        return f"One {label} holds everything: there is nothing to compare" if share.height else "Nothing is open"
    worst, best = share.row(0, named=True), share.row(-1, named=True)
    return (
        f"No {label} is flagged; overdue runs from {text.share(best['value'])} ({text.name(best['label'])}) "
        f"to {text.share(worst['value'])} ({text.name(worst['label'])})"
    )


def _named(found: pl.DataFrame) -> str:
    """``Retail needs``, ``Retail and Healthcare need``."""
    return f"{text.listed([text.name(name) for name in found['label']])} {'needs' if found.height == 1 else 'need'}"


def draw_flags(told: pl.DataFrame, by: str) -> None:
    """Whoever is flagged, in a line each; the name narrows to it."""
    with st.container(gap=None):
        for row in told.filter(pl.col("flag").is_not_null()).head(_TOLD).iter_rows(named=True):
            badge, _place = _BADGES[row["flag"]]
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.markdown(badge, width="content")
                st.button(
                    plain(row["label"]),
                    key=f"flag_{row['key']}",
                    type="tertiary",
                    on_click=_narrow,
                    args=(by, row["key"]),
                )
                st.caption(prose(row["reason"]), width="content")


def table(of: pl.DataFrame, told: pl.DataFrame, by: str, against: Against, view: View, palette: Palette) -> Figure:
    """The league of groups by metrics, the flagged first, with the company as a whole below."""
    order = told.select("key").with_row_index("_flagged")
    size = of.filter(pl.col("metric") == "total_ar").select("key", pl.col("value").alias("_size"))
    sorted_rows = (
        of.join(order, on="key", how="left")
        .join(size, on="key", how="left")
        .with_row_index("_metric")
        .sort("_flagged", pl.col("_size"), "label", "_metric", descending=[False, True, False, False], nulls_last=True)
    )
    keys = sorted_rows["key"].unique(maintain_order=True).head(MOST)
    drawn = sorted_rows.filter(pl.col("key").is_in(keys.implode()))
    ids = tuple(drawn["metric"].unique(maintain_order=True))
    whole = store.evaluate(ids, (view.day,), view.window, view.scope).filter(pl.col("currency") == view.currency)
    total = whole.select("metric", "value", "unit", key=pl.lit(""), label=pl.lit(TOGETHER))
    named = {row["key"]: (row["flag"], row["reason"]) for row in told.iter_rows(named=True)}
    return league.league(
        pl.concat([drawn, total], how="diagonal"),
        named,
        _label(by),
        against,
        view.over(palette),
        title=_table_finding(of, told, by),
        by_cell=True,
    )


def _table_finding(of: pl.DataFrame, told: pl.DataFrame, by: str) -> str:
    """Who is behind the rest in most respects; of equals the one with more at stake."""
    sign = {id: (1 if CATALOG[id].better is Better.LOWER else -1) for id in of["metric"].unique()}
    judged = of.filter(pl.col("rank").is_not_null() & pl.col("gap").is_not_null()).filter(
        ~pl.col("metric").is_in([id for id in sign if CATALOG[id].additive])
    )
    worse = judged.with_columns(worse=(pl.col("gap") * pl.col("metric").replace_strict(sign)) > 0)
    counted = worse.group_by("key", "label").agg(pl.col("worse").sum(), pl.len().alias("of"))
    if counted.height <= 1:
        return f"Every {_label(by).lower()} in numbers"
    ranked = counted.join(told.select("key", "at_stake"), on="key", how="left")
    top = ranked.sort("worse", "at_stake", "label", descending=[True, True, False], nulls_last=True).row(0, named=True)
    if not top["worse"]:
        return f"Every {_label(by).lower()} does as the rest"
    return f"{text.name(top['label'])} is behind the rest in {top['worse']} of {text.count(top['of'], 'metric')}"


def trend(of: pl.DataFrame, told: pl.DataFrame, by: str, view: View, palette: Palette, height: int) -> Figure:
    """Overdue share over six months: the flagged groups stand out, the company as a whole is drawn dark."""
    days = [day for day in periods.trend(view.day, _MONTHS) if periods.is_known(store.book(), day, None)]
    asked = tuple(days)
    shares = store.evaluate(("overdue_share",), asked, view.window, view.scope, (by,))
    shares = _labelled(shares.filter(pl.col("currency") == view.currency), by)
    whole = store.evaluate(("overdue_share",), asked, view.window, view.scope)
    whole = whole.filter(pl.col("currency") == view.currency)
    marked = {row["key"]: row["flag"] for row in told.iter_rows(named=True) if row["flag"]}
    drawn = _drawn(of, told, marked)
    shades = {"act": palette.bad, "watch": palette.watch}
    found = [
        Line(
            label,
            dict(rows.select("as_of", "value").iter_rows()),
            shades.get(marked.get(key, ""), palette.previous),
            is_strong=key in marked,
            key=key,
        )
        for key in drawn
        if (rows := shares.filter(pl.col("key") == key)).height
        for label in (text.name(rows["label"][0]),)
    ]
    found.sort(key=lambda line: line.is_strong)
    found.append(Line(TOGETHER, dict(whole.select("as_of", "value").iter_rows()), palette.actual, is_strong=True))
    eased = {text.name(row["label"]) for row in told.iter_rows(named=True) if row["flag"] and (row["trend"] or 0) < 0}
    finding = _trend_finding(found, days, eased)
    words = Words("overdue_share_trend", finding, "Overdue share, %", ("overdue_share",))
    return lines.over_time(found, days, words, Unit.RATIO, view.as_of(palette), height=height, picked=True)


def _drawn(of: pl.DataFrame, told: pl.DataFrame, marked: dict[str, str]) -> list[str]:
    """Every group where there are few, else the flagged and the largest."""
    size = of.filter(pl.col("metric") == "total_ar").sort("value", "label", descending=[True, False], nulls_last=True)
    large = pl.col("value") >= _SMALL * pl.col("value").sum()
    keys = size.filter(large | pl.col("key").is_in(list(marked)))["key"].to_list()
    if len(keys) <= _NAMED:
        return keys
    first = [key for key in told["key"] if key in marked]
    return [*first, *(key for key in keys if key not in marked)][:_NAMED]


def _trend_finding(found: Sequence[Line], days: Sequence[date], eased: Collection[str] = ()) -> str:
    """Whose overdue share rose most over the months drawn, beside the company's.

    ``eased``: flagged groups that came nearer to the rest by all months together. Their flag says so, and two ends of
    a jumping line do not contradict it.
    """
    if len(days) <= 1:
        return "The history is too short for a trend"
    moved = [(line, _moved(line, days)) for line in found]
    groups = [(line, change) for line, change in moved[:-1] if change is not None]
    whole = moved[-1][1]
    if not groups or whole is None:
        return "No overdue share can be followed over these months"
    line, change = max(groups, key=lambda pair: (pair[1], pair[0].name))
    since = text.since(days[0], days[-1])
    if len(groups) == 1:
        now = text.share(line.values.get(days[-1]))
        return f"Overdue share {text.change(change, Unit.RATIO)} {since}, to {now}"
    if change <= 0:
        return f"No overdue share rose {since}; the whole moved {text.change(whole, Unit.RATIO)}"
    together = f"all together {text.change(whole, Unit.RATIO)}"
    if line.name in eased:
        top, share = max(((each.name, each.values[days[-1]] or 0.0) for each, _ in groups), key=lambda pair: pair[1])
        return f"{top} is highest at {text.share(share)}; {together} {since}"
    return f"{line.name} rose most, {text.change(change, Unit.RATIO)} {since}; {together}"


def _moved(line: Line, days: Sequence[date]) -> float | None:
    first, last = line.values.get(days[0]), line.values.get(days[-1])
    return None if first is None or last is None else last - first


def at_stake(told: pl.DataFrame, by: str, view: View, palette: Palette) -> Figure:
    """The money that would not be overdue if a group paid like the rest."""
    return stake.by_group(told, _label(by), view.as_of(palette))


def picker(by: str) -> cards.Picked:
    """What a click on a group does: it narrows to it, or opens the customer."""

    def picked(key: str | None) -> None:
        if key:
            _narrow(by, key)

    return picked


def point_picker(by: str, view: View) -> cards.Picked:
    """What a click on a point of a line does: its group, as of its day; the line of the whole, its day alone."""

    def picked(point: str | None) -> None:
        if not point:
            return
        key, _, day = point.rpartition("/")
        if day != view.day.isoformat():
            address.put({address.AS_OF: day})
        if key and by == CUSTOMER:
            address.go(drill.CUSTOMERS, {drill.CUSTOMER: key, address.AS_OF: day})
        elif key:
            _narrow(by, key)

    return picked


def day_picker(view: View) -> cards.Picked:
    """What a click on a point of a line of the whole does: the page as of its day."""

    def picked(point: str | None) -> None:
        day = (point or "").rpartition("/")[2]
        if day and day != view.day.isoformat():
            address.put({address.AS_OF: day})

    return picked


def where(by: str, key: str) -> dict[str, address.Change]:
    """What a link to a group, or to a customer, changes in the address."""
    if by == CUSTOMER:
        return {drill.CUSTOMER: key}
    return {address.dimension(by): UNASSIGNED if key == NONE else key}


def _narrow(by: str, key: str) -> None:
    if by == CUSTOMER:
        drill.open_customer(key)
        return
    drill.to(drill.GROUP, None)
    filters.narrow(by, None if key == NONE else key)


def _label(by: str) -> str:
    return "Customer" if by == CUSTOMER else store.book().dimensions[by]
