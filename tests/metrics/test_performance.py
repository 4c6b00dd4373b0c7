"""The league of groups, and the flags: worked examples by hand."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from config.targets import Goal
from ledger.calendar import month_ends
from ledger.errors import OutstandingError
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, Targets, evaluate, flags, segments
from metrics.performance import LARGEST, METRICS, TOO_SHORT, FlagRules
from tests.ledger.books import book, customer, day, invoice, settled
from tests.metrics.demo_books import LAST_DAY, demo

ON = day("2024-03-31")

# Open on 31 March: EMEA 300 (100 of it late), APAC 200 (all late), LATAM 100 (none late). Sales of March: 400.
LEDGER = book(
    [
        invoice("E1", "100", document_date="2024-01-10", due_date="2024-02-09"),
        invoice("E2", "200", document_date="2024-03-10", due_date="2024-04-09"),
        invoice("A1", "200", document_date="2024-01-10", due_date="2024-02-09", region="APAC", customer_id="C2"),
        invoice("A2", "100", document_date="2024-03-10", due_date="2024-04-09", region="APAC", customer_id="C2"),
        invoice("L1", "100", document_date="2024-03-10", due_date="2024-04-09", region="LATAM", customer_id="C3"),
    ],
    [settled("1", "100", "2024-03-20", of="A2")],
    [customer("C1", "One"), customer("C2", "Two"), customer("C3", "Three")],
)


def league(metric, of=LEDGER, on=ON, by="region", **how):
    rows = segments(of, on, "1mo", by, metrics=[metric], **how)
    return {row[by]: row for row in rows.iter_rows(named=True)}


def test_columns_and_rows_are_those_of_the_contract():
    rows = segments(LEDGER, ON, "1mo", "region")
    assert rows.columns == [
        "as_of", "window", "region", "currency", "metric", "value", "unit", "rank", "groups", "target", "state",
        "previous_year", "change", "rest", "gap", "note",
    ]  # fmt: skip
    assert rows.select("region", "metric").rows() == [(r, m) for r in ("APAC", "EMEA", "LATAM") for m in METRICS]


def test_values_are_those_of_evaluate():
    rows = segments(LEDGER, ON, "1mo", "region").select("region", "metric", "value", "unit")
    assert rows.equals(evaluate(LEDGER, METRICS, [ON], "1mo", by=["region"]).select(rows.columns))


def test_a_window_that_begins_before_the_history_has_no_value_no_rank_and_no_state():
    rows = segments(LEDGER, ON, "12mo", "region", metrics=["total_ar", "dso", "cei"])
    windowed = rows.filter(pl.col("metric") != "total_ar")
    for column in ("value", "rank", "state", "gap"):
        assert windowed[column].null_count() == windowed.height == 6, column
    assert windowed["note"].unique().to_list() == ["the window begins before the first document (2024-01-10)"]
    assert rows.filter(pl.col("metric") == "total_ar")["value"].sum() == 600


def test_rank_one_is_the_best_and_equals_share_it():
    rows = league("overdue_share")
    # EMEA 1/3, APAC 1, LATAM 0.
    assert {group: (row["rank"], row["groups"]) for group, row in rows.items()} == {
        "LATAM": (1, 3), "EMEA": (2, 3), "APAC": (3, 3),
    }  # fmt: skip
    # On the last day of February EMEA and APAC had everything late, and LATAM nothing at all.
    early = league("overdue_share", on=day("2024-02-29"))
    assert {group: (row["rank"], row["groups"]) for group, row in early.items()} == {"EMEA": (1, 2), "APAC": (1, 2)}


def test_where_higher_is_better_the_highest_is_first():
    # March: sales 200, 100 and 100; collected of it by APAC only.
    rows = league("cash_collected")
    assert [rows[group]["rank"] for group in ("APAC", "EMEA", "LATAM")] == [1, 2, 2]


def test_nothing_is_best_where_neither_way_is():
    assert {row["rank"] for row in league("total_ar").values()} == {None}


def test_the_rest_is_the_company_without_the_group_and_no_average():
    rows = league("overdue_share")
    # Without EMEA: 200 late of 300. Without APAC: 100 of 400. Without LATAM: 300 of 500.
    assert rows["EMEA"]["rest"] == pytest.approx(200 / 300)
    assert rows["APAC"]["rest"] == pytest.approx(100 / 400)
    assert rows["LATAM"]["rest"] == pytest.approx(300 / 500)
    assert rows["EMEA"]["gap"] == pytest.approx(100 / 300 - 200 / 300)


def test_the_rest_keeps_the_days_of_the_window():
    # DSO of EMEA's rest: 300 owed ÷ 200 of sales (APAC 100, LATAM 100) × 31 days.
    assert league("dso")["EMEA"]["rest"] == pytest.approx(300 / 200 * 31)


def test_the_rest_of_money_is_told_and_no_gap():
    row = league("overdue")["APAC"]
    assert (row["rest"], row["gap"]) == (100, None)


def test_the_rest_is_that_of_the_company_when_the_scope_is_narrower():
    rows = league("overdue_share", scope=Scope.of(region="EMEA"))
    assert rows.keys() == {"EMEA"}
    assert rows["EMEA"]["rest"] == pytest.approx(200 / 300)


def test_a_metric_that_is_not_made_of_parts_has_no_rest():
    assert league("dso_countback")["EMEA"]["rest"] is None


def test_the_rest_equals_an_evaluation_of_everybody_else():
    company = demo(6_000, 1, quiet=True)
    rows = segments(company, LAST_DAY, "3mo", "segment")
    others = [value for value in company.values("segment") if value != "Retail"]
    want = evaluate(company, METRICS, [LAST_DAY], "3mo", Scope.of(segment=others))
    for metric, value in want.select("metric", "value").iter_rows():
        got = rows.row(by_predicate=(_is("segment", "Retail") & _is("metric", metric)), named=True)
        assert got["rest"] == pytest.approx(value), metric


def _is(column, value):
    return pl.col(column) == value


def test_last_year_stands_beside_where_the_history_reaches():
    of = book([
        invoice("Old", "400", document_date="2023-01-10", due_date="2023-02-09"),
        invoice("New", "300", document_date="2024-03-10", due_date="2024-04-09"),
    ], [settled("1", "400", "2023-06-01", of="Old")])  # fmt: skip
    row = league("total_ar", of)["EMEA"]
    assert (row["value"], row["previous_year"], row["change"], row["note"]) == (300, 400, -100, None)
    row = league("total_ar", of, day("2023-03-31"))["EMEA"]
    assert (row["previous_year"], row["change"], row["note"]) == (None, None, TOO_SHORT)


def test_the_target_of_the_group_holds():
    def goal(good, *where):
        return Goal(key="overdue_share", good=good, attention=good + 0.1, where=where)

    targets = Targets.of({"overdue_share": [goal(0.5, ("region", "EMEA")), goal(0.1)]}, "targets.toml")
    rows = league("overdue_share", targets=targets)
    assert {group: (row["target"], row["state"]) for group, row in rows.items()} == {
        "EMEA": (0.5, "good"), "APAC": (0.1, "act"), "LATAM": (0.1, "good"),
    }  # fmt: skip


def test_customers_are_the_largest_ones():
    many = [invoice(f"I{n}", str(100 + n), customer_id=f"C{n:02}") for n in range(LARGEST + 5)]
    rows = league("total_ar", book(many, (), [customer(f"C{n:02}") for n in range(LARGEST + 5)]), by="customer")
    assert len(rows) == LARGEST
    assert "C04" not in rows
    assert "C05" in rows


def test_by_currency():
    names = segments(LEDGER, ON, "1mo", "currency", metrics=["total_ar"])
    assert names.select("document_currency", "value").rows() == [("USD", 600.0)]


def test_an_unknown_dimension_or_metric_is_one_sentence():
    with pytest.raises(OutstandingError, match="no dimension 'regoin'"):
        segments(LEDGER, ON, "1mo", "regoin")
    with pytest.raises(OutstandingError, match="no metric 'dsoo'"):
        segments(LEDGER, ON, "1mo", "region", metrics=["dsoo"])
    with pytest.raises(OutstandingError, match="no dimension 'regoin'"):
        flags(LEDGER, ON, by="regoin")


def test_every_metric_of_the_catalogue_has_a_league():
    rows = segments(LEDGER, ON, "1mo", "region", metrics=list(CATALOG))
    assert set(rows["metric"]) == set(CATALOG)


# Flags

ENDS = month_ends(date(2024, 1, 1), date(2024, 7, 31))
RULES = FlagRules(documents=1, size=0.0)


def owing(**late):
    """Seven month-ends at which each region owes 100 in two parts: ``late[region]`` is how much of it is overdue.

    Every part is an invoice posted on the month-end, settled the day after: due the day before it or a month later.
    """
    documents, settlements = [], []
    for region, amounts in late.items():
        for end, amount in zip(ENDS, amounts, strict=True):
            for part, of, due in (
                ("L", amount, end - timedelta(days=1)),
                ("C", 100 - amount, end + timedelta(days=30)),
            ):
                id = f"{region}{end}{part}"
                if of:
                    given = {"document_date": str(end - timedelta(days=5)), "due_date": str(due), "region": region}
                    documents.append(invoice(id, str(of), posting_date=str(end), **given))
                    settlements.append(settled(id, str(of), str(end + timedelta(days=1)), of=id))
    # The history begins before the first of the month-ends.
    documents.append(invoice("First", "1", document_date="2023-12-01", region="Nobody"))
    settlements.append(settled("First", "1", "2023-12-02", of="First"))
    return book(documents, settlements)


def flagged(of, region, rules=RULES, on="2024-07-31", scope=COMPANY):
    rows = flags(of, day(on), by="region", scope=scope, rules=rules)
    assert rows.columns == ["as_of", "region", "currency", "flag", "level", "trend", "at_stake", "reason"]
    return next(row for row in rows.iter_rows(named=True) if row["region"] == region)


STEADY = [20] * 7
RISING = [20, 22, 24, 26, 28, 30, 32]
HIGH = [32] * 7


def test_worse_growing_worse_and_worth_it_is_to_act_on():
    row = flagged(owing(A=RISING, B=STEADY), "A")
    # 32 of 100 against 20 of 100; two points more with every month, the rest none; 32 − 100 × 0.20.
    assert row["flag"] == "act"
    assert (row["level"], row["trend"], row["at_stake"]) == (
        pytest.approx(0.12), pytest.approx(0.02), pytest.approx(12),
    )  # fmt: skip
    assert row["reason"] == (
        "32.0\u00a0% is overdue, 12.0\u00a0pts above the rest of the company, growing 2.0\u00a0pts a month "
        "faster than it; $12 would not be late at the rest's share"
    )


def test_the_slope_is_that_of_least_squares():
    # 0.20 0.20 0.20 0.20 0.20 0.20 0.34: Σ (t − 3) × y ÷ 28 = 3 × 0.14 ÷ 28 = 0.015.
    assert flagged(owing(A=[20] * 6 + [34], B=STEADY), "A")["trend"] == pytest.approx(0.015)


def test_the_trend_is_beyond_the_rests():
    row = flagged(owing(A=RISING, B=RISING), "A")
    assert (row["flag"], row["level"], row["trend"], row["reason"]) == (
        None, pytest.approx(0), pytest.approx(0), None,
    )  # fmt: skip


def test_clearly_worsening_before_it_is_worse_is_to_watch():
    row = flagged(owing(A=[8, 10, 12, 14, 16, 18, 20], B=STEADY), "A")
    assert (row["flag"], row["level"]) == ("watch", pytest.approx(0))


def test_worse_and_not_recovering_is_to_watch():
    row = flagged(owing(A=HIGH, B=STEADY), "A")
    assert row["flag"] == "watch"
    assert "growing as the rest does" in row["reason"]


def test_worse_but_recovering_is_let_be():
    assert flagged(owing(A=[50, 47, 44, 41, 38, 35, 32], B=STEADY), "A")["flag"] is None


def test_better_than_the_rest_is_let_be_and_has_nothing_at_stake():
    row = flagged(owing(A=HIGH, B=STEADY), "B")
    assert (row["flag"], row["at_stake"]) == (None, pytest.approx(-12))


def test_small_change_is_not_worth_a_flag():
    # 12 at stake of 200 in all: 6 %.
    rules = FlagRules(documents=1, size=0.0, stake=0.07)
    assert flagged(owing(A=RISING, B=STEADY), "A", rules)["flag"] == "watch"
    assert flagged(owing(A=HIGH, B=STEADY), "A", rules)["flag"] is None


def test_a_small_group_is_not_judged():
    row = flagged(owing(A=RISING, B=STEADY), "A", FlagRules(documents=3))
    assert (row["flag"], row["reason"]) == (None, "too small to judge: 2\u00a0open documents")
    assert flagged(owing(A=RISING, B=STEADY), "A", FlagRules(documents=1, size=0.6))["flag"] is None


def test_a_short_history_is_not_judged():
    row = flagged(owing(A=RISING, B=STEADY), "A", on="2024-05-31")
    assert (row["flag"], row["trend"]) == (None, None)
    assert row["reason"] == "the history is too short to judge: it takes seven month-ends"


def test_the_only_group_has_no_rest():
    row = flagged(owing(A=RISING), "A")
    assert (row["flag"], row["level"], row["reason"]) == (None, None, "there is no rest of the company to compare with")


def test_within_a_scope_the_rest_is_still_the_companys():
    company = owing(A=RISING, B=STEADY)
    assert flagged(company, "A", scope=Scope.of(region="A")) == flagged(company, "A")


def test_the_planted_collector_and_debtor_are_to_act_on():
    company = demo(60_000)
    people = flags(company, LAST_DAY, by="collector")
    assert people.filter(_is("flag", "act"))["collector"].to_list() == ["Marcus Bell"]
    customers = flags(company, LAST_DAY, by="customer")
    assert customers.filter(_is("flag", "act"))["customer"].to_list() == ["0010002"]
