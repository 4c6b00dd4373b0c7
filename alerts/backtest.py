"""What a rule would have said: its alerts over the months before a day, on the books as they are known now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from alerts.judging import Asking
from alerts.stake import stake_of
from alerts.wording import Names, part_of
from config.alerts import Rule
from ledger.book import Book
from ledger.scope import CURRENCY, CUSTOMER
from metrics import Targets, text

MONTHS = 24

Stake = Callable[[Mapping[str, Any]], float | None]
"""The money at stake in a row of ``judged`` that is beyond its limit, in major units."""

_OPEN = pl.col("_open")
_TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True)
class Backtest:
    """The life that a rule's alerts would have had, looked at on the same day of every month.

    Attributes:
        rule: the rule that was asked.
        days: the days that it was asked on, oldest first: as many as the history has.
        months: ``as_of, currency, open, new, ended, judged, money``: a row per day and currency. How many alerts are
            open, opened and ended on it, how many groups could be judged, and what is at stake in those beyond the
            limit (major units; groups of one rule do not overlap), null where no stake can be told.
        episodes: ``<rule.by…>, currency, who, opened_on, ended_on, months, peak, money``: a row per alert, the latest
            first. ``ended_on`` is null while it is open; ``months``: on how many of the days it was; ``peak``: the
            value furthest beyond the limit; ``money``: the most that was at stake.
        words: the same in one sentence without a full stop.
    """

    rule: Rule
    days: tuple[date, ...]
    months: pl.DataFrame
    episodes: pl.DataFrame
    words: str


def backtest(
    book: Book,
    rule: Rule,
    targets: Targets,
    window: str,
    day: date | None = None,
    months: int = MONTHS,
    stake: Stake | None = None,
) -> Backtest:
    """The rule asked on ``day`` (the book's last) and the same day of the ``months`` before it.

    An alert opens when a number is beyond the limit, and ends when it is back by the margin, or cannot be judged any
    more. What is beyond the limit on the first day counts as opened on it.

    Raises:
        OutstandingError: as ``judged``.
    """
    asking = Asking(book, rule, targets, rule.window or window)
    end = day or book.last_day
    days = [earlier for back in range(months, -1, -1) if end and (earlier := asking.back(end, back))]
    rows = asking.weighed(asking.numbers(days), days) if days else asking.weighed(asking.numbers([]), [])
    lived = _lived(rows, days, asking.labels, stake or (lambda row: stake_of(rule, row, window)))
    episodes = _episodes(lived, asking, Names.of(book, window))
    by_month = _months(lived, rows, days, book.currencies_of(asking.scope))
    return Backtest(rule, tuple(days), by_month, episodes, _words(asking, rows, days, by_month, episodes))


def _lived(rows: pl.DataFrame, days: Sequence[date], labels: Sequence[str], stake: Stake) -> pl.DataFrame:
    """The groups that ever were beyond the limit on every day, in order: ``…, _group, _open, _new, _ended, _money``."""
    beyond = rows.filter("breach")
    groups = beyond.select(labels).unique().sort(labels, nulls_last=True).with_row_index("_group")
    grid = groups.join(pl.DataFrame({"as_of": days}, schema={"as_of": pl.Date}), how="cross")
    money = beyond.select("as_of", *labels).with_columns(
        pl.Series("_money", [stake(row) for row in beyond.iter_rows(named=True)], dtype=pl.Float64)
    )
    keys = ["as_of", *labels]
    held = ~pl.col("breach") & ~pl.col("clear")
    signal = pl.when(pl.col("breach")).then(1).when(held).then(None).otherwise(0)
    return (
        grid.join(rows, on=keys, how="left", nulls_equal=True)
        .join(money, on=keys, how="left", nulls_equal=True)
        .sort("_group", "as_of")
        .with_columns(_open=signal.forward_fill().over("_group").fill_null(0) == 1)
        .with_columns(_before=_OPEN.shift(1, fill_value=False).over("_group"))
        .with_columns(_new=_OPEN & ~pl.col("_before"), _ended=~_OPEN & pl.col("_before"))
    )


def _months(lived: pl.DataFrame, rows: pl.DataFrame, days: Sequence[date], currencies: Sequence[str]) -> pl.DataFrame:
    keys = ["as_of", CURRENCY]
    grid = pl.DataFrame(
        [(day, currency) for day in days for currency in currencies],
        schema={"as_of": pl.Date, CURRENCY: pl.String},
        orient="row",
    )
    counts = {"open": "_open", "new": "_new", "ended": "_ended"}
    beyond = pl.col("breach").fill_null(value=False)
    told = lived.group_by(keys).agg(
        *(pl.col(column).sum().alias(name) for name, column in counts.items()),
        # Nothing beyond the limit is no money; a stake that cannot be told is not known.
        money=pl.when(~beyond.any() | pl.col("_money").is_not_null().any()).then(pl.col("_money").sum()),
    )
    judged = rows.group_by(keys).agg(judged=pl.col("breach").count())
    return (
        grid.join(told, on=keys, how="left")
        .join(judged, on=keys, how="left")
        .with_columns(
            money=pl.when(pl.col("open").is_null()).then(0.0).otherwise("money"),
            **{name: pl.col(name).fill_null(0).cast(pl.Int64) for name in (*counts, "judged")},
        )
        .select(*keys, *counts, "judged", "money")
        .sort(keys)
    )


def _episodes(lived: pl.DataFrame, asking: Asking, names: Names) -> pl.DataFrame:
    # Each beginning starts a number of its own, over all groups: they are sorted, and end with their days.
    numbered = lived.with_columns(_episode=pl.col("_new").cum_sum())
    size = {"above": pl.col("quantity"), "below": 0 - pl.col("quantity"), "either": pl.col("quantity").abs()}
    worst = size[asking.side.way].filter("breach").arg_max()
    found = (
        numbered.filter(_OPEN)
        .group_by("_episode", maintain_order=True)
        .agg(
            pl.col("_group").first(),
            *(pl.col(label).first() for label in asking.labels),
            opened_on=pl.col("as_of").first(),
            months=pl.len().cast(pl.Int64),
            peak=pl.col("value").filter("breach").get(worst),
            money=pl.col("_money").max(),
        )
    )
    ended = numbered.filter("_ended").select("_episode", ended_on="as_of")
    whole = found.join(ended, on="_episode", how="left")
    who = [names.who(part_of(asking.rule, asking.group(row))) for row in whole.iter_rows(named=True)]
    return (
        whole.with_columns(pl.Series("who", who, dtype=pl.String))
        .sort("opened_on", "_group", descending=[True, False])
        .select(*asking.labels, "who", "opened_on", "ended_on", "months", "peak", "money")
    )


# --- in words -----------------------------------------------------------------------------------------------------


def _words(
    asking: Asking, rows: pl.DataFrame, days: Sequence[date], months: pl.DataFrame, episodes: pl.DataFrame
) -> str:
    if not rows["breach"].count():
        why = rows["note"].drop_nulls().mode().sort().head(1).to_list()
        return f"It cannot be judged on any day: {why[0]}" if why else "There is nothing that it could be asked of"
    span = text.count(len(days) - 1, "month")
    over = f"Over {span}" if len(days) > 1 else f"As of {text.day(days[0])}"
    if episodes.is_empty():
        return f"{over} it would not have fired"
    times = _TIMES.get(episodes.height, f"{episodes.height:,} times")
    whose = f" for {_groups(asking, episodes)}" if asking.rule.by else ""
    start = episodes.filter(pl.col("opened_on") == days[0]).height
    some = "" if start == episodes.height else f"{start:,} of them "
    early = f", {some}from the first day on" if start and len(days) > 1 else ""
    return "; ".join([f"{over} it would have fired {times}{whose}{early}", *_at_once(asking, months)])


def _groups(asking: Asking, episodes: pl.DataFrame) -> str:
    groups = episodes.select(asking.labels).n_unique()
    if len(asking.rule.by) > 1:
        return text.count(groups, "group")
    name = next(iter(asking.rule.by))
    one = name if name in (CUSTOMER, CURRENCY) else text.name(asking.book.dimensions.get(name, name)).lower()
    return text.count(groups, one, _plural(one))


def _at_once(asking: Asking, months: pl.DataFrame) -> Sequence[str]:
    """The most that were open together, and those that are now."""
    open_on = months.group_by("as_of", maintain_order=True).agg(pl.col("open").sum())["open"].to_list()
    if not asking.rule.by:
        return [
            f"open on {sum(map(bool, open_on)):,} of {len(open_on):,} days asked",
            "open now" if open_on[-1] else "not now",
        ]
    return [f"at most {max(open_on):,} at once", f"now {open_on[-1]:,}" if open_on[-1] else "none now"]


def _plural(noun: str) -> str:
    if noun.endswith("y") and not noun.endswith(("ay", "ey", "oy", "uy")):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"
