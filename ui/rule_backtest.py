"""What a rule would have said over two years, drawn while somebody writes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from alerts.backtest import Backtest, backtest
from alerts.case import Breach, Point
from alerts.judging import breaches, judged
from alerts.limits import Side
from alerts.stake import stake_of
from alerts.wording import Names, words
from briefing.view import View
from charts import alert as histories
from charts import backtest as figures
from config.alerts import Rule
from ledger.errors import OutstandingError
from ledger.scope import CURRENCY
from metrics import CATALOG, Targets, Unit, text
from ui import cards, store
from ui.markdown import prose

_SEEN = 8
"""Rows of the list of alerts in sight."""

_FORMS = {Unit.RATIO: cards.PERCENT, Unit.MONEY: "%,.0f", Unit.TIMES: "%.2f"}


def draw(rule: Rule, asked: Rule, view: View) -> None:
    """The backtest of a rule: in words, by month, and each alert that it would have raised.

    Args:
        rule: as it would be saved.
        asked: the same without the words that change no number, so that they do not ask it anew.
        view: the page's; a rule is asked of the books' last day and of its own part of the company.
    """
    book = store.book()
    if book.last_day is None:
        st.caption("There are no books to ask the rule of yet.")
        return
    window = store.settings().window.default
    seen = replace(view, day=book.last_day, filters=())
    try:
        test = store.remembered(_test, asked, store.targets(), window)
        _chart(asked, test, seen, window)
        _said(rule, test, window)
        _episodes(asked, test, seen)
    except OutstandingError as error:
        st.warning(prose(str(error)), icon=":material/rule:")


def _test(rule: Rule, targets: Targets, window: str) -> Backtest:
    return backtest(store.book(), rule, targets, window)


# --- by month -----------------------------------------------------------------------------------------------------


def _chart(rule: Rule, test: Backtest, seen: View, window: str) -> None:
    """One number is drawn as its line with the limit, groups as a count of those that are beyond it."""
    setting = seen.as_of(cards.theme())
    points = () if rule.by else store.remembered(_points, rule, test.days, store.targets(), window, seen.currency)
    if any(point.value is not None for point in points):
        way = Side.of(rule).way
        above = None if way == "either" else way == "above"
        figure = histories.history(points, rule.metric, setting, title=test.words, above=above, height=150)
    else:
        figure = figures.by_month(test.months, test.words, rule.metric, setting)
    cards.chart(figure, seen, key="rule_backtest")


def _points(rule: Rule, days: tuple[date, ...], targets: Targets, window: str, currency: str) -> tuple[Point, ...]:
    """The number and its limit on each day, in the unit of the number."""
    rows = judged(store.book(), rule, days, targets, window).filter(pl.col(CURRENCY) == currency).sort("as_of")
    return tuple(Point(*row) for row in rows.select("as_of", "value", "line").iter_rows())


# --- in its words -------------------------------------------------------------------------------------------------


def _said(rule: Rule, test: Backtest, window: str) -> None:
    """What a message would have said the last time."""
    raised = test.months.filter(pl.col("new") > 0)["as_of"].max()
    if not isinstance(raised, date):
        return
    day, said = store.remembered(_words, rule, (test.days[-1], raised), store.targets(), window)
    if said:
        begins = "It would say now" if day == test.days[-1] else f"On {text.day(day)} it would have said"
        with st.container(border=True, gap="xxsmall", key="rule_says"):
            st.caption(prose(f"{begins}:"))
            st.markdown(prose(f"{said}."))


def _words(rule: Rule, days: tuple[date, ...], targets: Targets, window: str) -> tuple[date, str]:
    """The sentence of the first number that is beyond the limit, on the first of the days that has one."""
    book = store.book()
    for day in days:
        found, _, _ = breaches(book, rule, day, targets, window)
        if found:
            return day, words(found[0], Names.of(book, window), _stake(found[0], targets, window))
    return days[-1], ""


def _stake(breach: Breach, targets: Targets, window: str) -> float | None:
    """The money at stake in a breach, as an evaluation tells it."""
    book, rule = store.book(), breach.rule
    group = [*(value for _, value in breach.group), breach.currency]
    labels = [*book.by_columns(rule.by), CURRENCY]
    rows = judged(book, rule, [breach.day], targets, window)
    found = next((row for row in rows.iter_rows(named=True) if [row[label] for label in labels] == group), None)
    return None if found is None else stake_of(rule, found, window)


# --- one by one ---------------------------------------------------------------------------------------------------


def _episodes(rule: Rule, test: Backtest, seen: View) -> None:
    rows = test.episodes
    if rows.is_empty():
        return
    shown = _table(rule, rows)
    with st.container(border=True, gap="xsmall", key="card_rule_episodes"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            counted = text.count(rows.height, "alert")
            st.markdown(f"**{prose(f'{counted} it would have raised, the latest first')}**")
            cards.table(shown, "rule_backtest", seen, key="rule_episodes")
        config = cards.columns(shown)
        peak = _peak(rule)
        config[peak] = st.column_config.NumberColumn(peak, format=_FORMS.get(CATALOG[rule.metric].unit, "%,.1f"))
        for name in shown.columns:
            if name.startswith("At stake"):
                config[name] = st.column_config.NumberColumn(name, format="%,.0f")
        config["Ended"] = st.column_config.DateColumn("Ended", format="YYYY-MM-DD", help="Empty: it is open now")
        config["Who"] = st.column_config.TextColumn("Who", width="medium")
        st.dataframe(
            shown,
            hide_index=True,
            placeholder="",
            column_config=config,
            height=cards.table_height(rows.height, _SEEN),
            key="rule_episodes_table",
            alt="The alerts that the rule would have raised, one row each",
        )


def _table(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    many = rows[CURRENCY].n_unique() > 1
    unit = "" if many else f", {rows[CURRENCY][0]}"
    factor = 100 if CATALOG[rule.metric].unit is Unit.RATIO else 1
    return rows.select(
        pl.col("who").alias("Who"),
        *([pl.col(CURRENCY).alias("Currency")] if many else []),
        pl.col("opened_on").alias("Raised"),
        pl.col("ended_on").alias("Ended"),
        pl.col("months").alias("Months"),
        (pl.col("peak") * factor).alias(_peak(rule)),
        pl.col("money").alias(f"At stake{unit}"),
    )


def _peak(rule: Rule) -> str:
    unit = CATALOG[rule.metric].unit
    return {Unit.DAYS: "Peak, days", Unit.MONEY: "Peak, money", Unit.RATIO: "Peak, %"}.get(unit, "Peak")
