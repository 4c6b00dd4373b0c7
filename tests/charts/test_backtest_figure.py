"""What a rule would have said: bars that add up to what was open, the newest named, a twin with the same numbers."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, backtest
from charts.backtest import FROM_BEFORE, RAISED
from ledger.calendar import month_ends
from tests.charts import grammar

ENDS = month_ends(date(2026, 5, 1), date(2026, 9, 30))
TITLE = "Over 4 months it would have fired 3 times; at most 2 at once; now 1"
#                open, new, ended
LIFE = ((1, 1, 0), (2, 1, 0), (0, 0, 2), (0, 0, 0), (1, 1, 0))


def months(life=LIFE, currency="USD"):
    return pl.DataFrame(
        [
            {"as_of": end, "currency": currency, "open": count, "new": new, "ended": ended, "judged": 9, "money": 1e3}
            for end, (count, new, ended) in zip(ENDS, life, strict=True)
        ]
    )


def figure(rows, palette=LIGHT):
    return backtest.by_month(rows, TITLE, "dso", Setting("as of 30 Sep 2026", "USD", palette))


def bars(drawn):
    return {(each["as_of"], each["part"]): each["count"] for each in drawn.spec["layer"][0]["data"]["values"]}


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_it_is_valid_and_says_what_the_rule_would_have(palette):
    drawn = figure(months(), palette)
    grammar.holds(drawn.spec)
    assert drawn.title == TITLE
    assert drawn.alt.startswith("Bars of the alerts that would have been open, by month; at most 2. Now 1")
    assert drawn.metrics == ("dso",)


def test_bars_add_up_to_what_is_open_and_those_just_raised_stand_apart():
    # June: two open, one of them raised in it. July and August: none, so no bar.
    assert bars(figure(months())) == {
        ("2026-05-31", RAISED): 1,
        ("2026-06-30", FROM_BEFORE): 1,
        ("2026-06-30", RAISED): 1,
        ("2026-09-30", RAISED): 1,
    }


def test_the_newest_is_named():
    (now,) = figure(months()).spec["layer"][1]["data"]["values"]
    assert (now["as_of"], now["open"], now["words"]) == ("2026-09-30", 1, "now 1")


def test_a_month_without_alerts_has_a_tooltip_too():
    told = figure(months()).spec["layer"][2]["data"]["values"]
    assert [row["told"].replace("\u00a0", " ") for row in told] == ["1 alert", "2 alerts", "none", "none", "1 alert"]


def test_alerts_of_several_currencies_are_counted_together_and_their_money_is_not():
    rows = pl.concat([months(), months(life=((2, 2, 0),) * 5, currency="EUR").with_columns(money=pl.lit(7e6))])
    drawn = figure(rows)
    assert bars(drawn)["2026-05-31", RAISED] == 3
    assert drawn.spec["layer"][2]["data"]["values"][0]["stake"] == "$1.0k"
    assert drawn.table.columns == ["As of", "Currency", "Open", "Raised", "Ended", "Judged", "At stake"]


def test_the_twin_has_the_numbers():
    table = figure(months()).table
    assert table["Open"].to_list() == [1, 2, 0, 0, 1]
    assert table["At stake, USD"].to_list() == [1e3] * 5


def test_nothing_to_ask_of_draws_nothing():
    drawn = figure(months().clear())
    assert drawn.is_empty
    assert drawn.spec["layer"] == []


def test_the_picture_needs_no_browser():
    assert figure(months()).png("note")[:8] == b"\x89PNG\r\n\x1a\n"
