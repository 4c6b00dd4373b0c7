"""How each customer pays, in a class and in words."""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.behaviour import RULES, Behaviour, BehaviourRules, judged
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope
from metrics.text import NBSP


def behaviour(book: Book, day: date, scope: Scope = COMPANY, rules: BehaviourRules = RULES) -> pl.DataFrame:
    """The class of every customer at the close of ``day``, one row each, sorted by ``customer`` (id).

    ``customer, class, reason, paid_count, days_beyond_terms, change, spread, currency, overdue, over_90_share``, as
    ``ledger.behaviour`` defines them: ``class`` is one of ``Behaviour``, null where nothing was paid in the year and
    nothing is owed; ``paid_count`` the documents paid, wholly or in part; ``change`` the last months' days beyond
    terms less those of the rest of the year; ``spread`` the standard deviation of days late; all in days, weighted by
    amount. ``overdue`` is in major units of ``currency``; both are null for a customer with several currencies that
    are never added. ``over_90_share`` is of what is owed, 0–1.

    ``scope`` chooses the customers, those with a document in it by ``day``; each is judged on everything it does, so
    that its class is the same wherever one looks.
    """
    chosen = book.select("documents", scope).filter(pl.col("posting_date") <= day).select("customer").unique().collect()
    found = judged(book, day, rules, None if scope == COMPANY else chosen["customer"])
    default = None if book.rules.conversion is Conversion.NONE else book.rules.reporting_currency
    ids = book.frames["customers"].select("customer", pl.col("customer_id").alias("_id"))
    return (
        chosen.join(ids, on="customer")
        .join(found, on="customer", how="left")
        .with_columns(
            pl.col("paid_count", "owed", "overdue", "over_90").fill_null(0),
            pl.coalesce(CURRENCY, pl.lit(default, pl.String)),
        )
        .sort("_id", nulls_last=True)
        .select(
            pl.col("_id").alias(CUSTOMER),
            "class",
            _reason(day, rules).alias("reason"),
            pl.col("paid_count").cast(pl.Int64),
            "days_beyond_terms",
            "change",
            "spread",
            CURRENCY,
            pl.when(pl.col(CURRENCY).is_not_null()).then(major(pl.col("overdue"), pl.col(CURRENCY))).alias("overdue"),
            _over_90_share().alias("over_90_share"),
        )
    )


def _over_90_share() -> pl.Expr:
    return pl.when(pl.col("owed") > 0).then(pl.col("over_90").cast(pl.Float64) / pl.col("owed"))


_MONTHS = {3: "three", 6: "six", 9: "nine"}


def _reason(day: date, rules: BehaviourRules) -> pl.Expr:
    """Why a customer is in its class, in a few words."""
    beyond, change = pl.col("days_beyond_terms"), pl.col("change")
    old = _over_90_share() >= rules.over_90_share
    words = {
        Behaviour.AT_RISK: pl.when(old).then(_old()).otherwise(_silent(day)),
        Behaviour.NEW: pl.when(pl.col("paid_count") == 0)
        .then(pl.lit("nothing paid in a year: too little to judge"))
        .otherwise(pl.format("{} paid in a year: too few to judge", _counted(pl.col("paid_count"), "document"))),
        Behaviour.SLIPPING: pl.format(
            "{} later than in the {} months before, {} in the last {}",
            _days(change),
            pl.lit(_month_words(12 - rules.recent_months)),
            _beyond(pl.col("recent")),
            pl.lit(_month_words(rules.recent_months)),
        ),
        Behaviour.ERRATIC: pl.format("days late spread by {}, {} on average", _days(pl.col("spread")), _beyond(beyond)),
        Behaviour.LATE: pl.format("{} on average", _beyond(beyond)),
        Behaviour.PROMPT: pl.format("{} on average", _beyond(beyond)),
    }
    reason = pl.lit("nothing was paid in a year and nothing is owed")
    for name, why in words.items():
        reason = pl.when(pl.col("class") == name.value).then(why).otherwise(reason)
    return reason


def _month_words(months: int) -> str:
    return _MONTHS.get(months, str(months))


def _old() -> pl.Expr:
    share = (_over_90_share() * 100).round(0, mode="half_away_from_zero").cast(pl.Int64)
    return pl.format(f"{{}}{NBSP}% of what it owes is more than 90{NBSP}days late", share)


def _silent(day: date) -> pl.Expr:
    since = (pl.lit(day) - pl.col("last_paid")).dt.total_days()
    pause = pl.when(since.is_null()).then(pl.lit("a year")).otherwise(_days(since))
    return pl.format("nothing paid for {}, and the oldest item is {} late", pause, _days(pl.col("oldest")))


def _beyond(days: pl.Expr) -> pl.Expr:
    """Signed days in words: beyond terms, before them, or neither."""
    whole = days.round(0, mode="half_away_from_zero")
    return (
        pl.when(whole == 0)
        .then(pl.lit("paid when due"))
        .when(whole > 0)
        .then(pl.format("{} beyond terms", _days(days)))
        .otherwise(pl.format("{} before due", _days(days)))
    )


def _days(size: pl.Expr) -> pl.Expr:
    return _counted(size.abs().cast(pl.Float64).round(0, mode="half_away_from_zero"), "day")


def _counted(amount: pl.Expr, one: str) -> pl.Expr:
    number = amount.cast(pl.Int64)
    return pl.when(number == 1).then(pl.lit(f"1{NBSP}{one}")).otherwise(pl.format(f"{{}}{NBSP}{one}s", number))
