"""How a customer pays: a class in a word, and why."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import polars as pl
import streamlit as st

import metrics
from briefing.view import View
from ledger.behaviour import BEHAVIOUR, RULES, Behaviour
from metrics import text
from ui import store
from ui.markdown import prose

Colour = Literal["blue", "yellow", "orange", "gray"]

COLOURS: dict[str, Colour] = {
    Behaviour.AT_RISK: "orange",
    Behaviour.SLIPPING: "orange",
    Behaviour.ERRATIC: "yellow",
    Behaviour.LATE: "yellow",
    Behaviour.NEW: "gray",
    Behaviour.PROMPT: "blue",
}

HELP = (
    "Judged on the year to the day, on everything the customer does."
    f" At risk: {text.share(RULES.over_90_share)} of what it owes is over 90 days late, or it has stopped paying."
    f" Slipping: lately {RULES.slipping_days:g} days later than before."
    f" Erratic: days late spread by more than {RULES.spread_days:g}."
    f" Late: more than {RULES.late_days:g} days beyond terms on average."
    f" New: fewer than {RULES.least_items} documents paid. Prompt: everyone else."
)


def classes(view: View) -> pl.DataFrame:
    """``customer_id, pays, why`` of every customer on the view's day; ``pays`` is null where there is no class."""
    return store.remembered(_classes, view.day)


def _classes(day: date) -> pl.DataFrame:
    found = metrics.behaviour(store.book(), day)
    return found.select(
        pl.col("customer").alias("customer_id"),
        pl.col("class").alias("pays"),
        pl.when(pl.col("class").is_not_null()).then(_sentence(pl.col("reason"))).alias("why"),
    )


def joined(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    """``rows`` of customers with ``why`` and ``pays``: a list of one word or of none, as a coloured label wants it."""
    joined = rows.join(classes(view), on="customer_id", how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(labels(pl.col("pays")).alias("pays"))


def labels(pays: pl.Expr) -> pl.Expr:
    """Classes as coloured labels want them: a list of one word or of none."""
    return pl.concat_list(_sentence(pays)).list.drop_nulls()


def column() -> Any:
    """The column of a list."""
    return st.column_config.MultiselectColumn(
        "Pays",
        help=HELP,
        options=[text.capital(name) for name in COLOURS],
        color=list(COLOURS.values()),
        width="small",
    )


def is_ours(master: pl.DataFrame) -> bool:
    """Whether a column named as the dimension holds these classes, and not words of the company's own."""
    return BEHAVIOUR in master.columns and set(master[BEHAVIOUR].drop_nulls()) <= {str(name) for name in Behaviour}


def judged(customer_id: str | None, view: View) -> tuple[str, str] | None:
    """One customer's class and its reason in words; ``None`` where nothing is to be judged."""
    found = classes(view).filter(pl.col("customer_id").eq_missing(pl.lit(customer_id, pl.String)))
    if found.is_empty() or found["pays"][0] is None or found["why"][0] is None:
        return None
    pays, why = found.select("pays", "why").row(0)
    return str(pays), str(why)


def badge(pays: str) -> str:
    """A class as a coloured label, as Markdown."""
    return f":{COLOURS.get(pays, 'gray')}-badge[{prose(text.capital(pays))}]"


def _sentence(words: pl.Expr) -> pl.Expr:
    return words.str.slice(0, 1).str.to_uppercase() + words.str.slice(1)
