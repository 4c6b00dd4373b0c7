"""Evaluation: any metrics, days, windows, scopes and groups, and what is said where there is no value."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ledger.aging import AgingRule
from ledger.scope import Scope
from metrics import CATALOG, aging, evaluate, movement
from metrics.movement import LINES
from tests.ledger.books import book, day, invoice, payment, settled, value

END = day("2024-03-31")
COLUMNS = ["as_of", "window", "currency", "metric", "value", "unit", "numerator", "denominator", "note"]

# Three months of sales: 100, 80 and 70 in January, February and March; 40 of January's paid.
SALES = [
    invoice("J", "100"),
    invoice("F", "80", document_date="2024-02-10", due_date="2024-03-11"),
    invoice("M", "70", document_date="2024-03-10", due_date="2024-04-09", region="APAC"),
]
PAID = [settled("1", "40", "2024-03-05", of="J")]
LEDGER = book(SALES, PAID)


def told(of=LEDGER, on="2024-03-31", window="3mo", **how):
    return {row["metric"]: row for row in evaluate(of, None, [day(on)], window, **how).iter_rows(named=True)}


def test_the_numbers_of_a_small_ledger_by_hand():
    rows = told()
    # Open: J 60 (51 days late), F 80 (20 days late), M 70 (not due). Sales 250 in 91 days.
    want = {
        "total_ar": 210, "gross_open": 210, "overdue": 140, "overdue_share": 140 / 210, "over_90_share": 0,
        "unapplied_credits": 0, "billed": 250, "cash_collected": 40, "dso": 210 / 250 * 91,
        "dso_best_possible": 70 / 250 * 91, "days_delinquent": 140 / 250 * 91,
        # March 70 in 31 days, February 80 in 29, and 60 of January's 100 in 31.
        "dso_countback": 31 + 29 + 60 / 100 * 31,
        "cei": (0 + 250 - 210) / (0 + 250 - 70) * 100,
        # 40 paid on 5 March: 55 days after 10 January, 25 after 9 February.
        "days_to_pay": 55, "days_beyond_terms": 25, "on_time_share": 0, "ar_turnover": 250 / 210,
    }  # fmt: skip
    for metric, expected in want.items():
        assert rows[metric]["value"] == pytest.approx(expected), metric


def test_rows_come_in_the_order_asked_for():
    asked = ["cei", "total_ar"]
    rows = evaluate(LEDGER, asked, [END, day("2024-01-31")], "1mo", by=["region"])
    assert rows.columns == [*COLUMNS[:2], "region", *COLUMNS[2:]]
    assert rows.select("as_of", "region", "metric").rows() == [
        (when, region, metric)
        for when, regions in ((day("2024-01-31"), ["EMEA"]), (END, ["APAC", "EMEA"]))
        for region in regions
        for metric in asked
    ]


def test_numerator_and_denominator_stand_beside_a_ratio():
    row = told()["overdue_share"]
    assert (row["numerator"], row["denominator"]) == (140.0, 210.0)
    assert told()["total_ar"]["denominator"] is None


@pytest.mark.parametrize(
    ("metric", "note"),
    [
        ("overdue_share", "nothing open"), ("over_90_share", "nothing open"), ("dso", "no credit sales in the window"),
        ("dso_best_possible", "no credit sales in the window"), ("days_delinquent", "no credit sales in the window"),
        ("cei", "nothing was collectible"), ("days_to_pay", "nothing was paid in the window"),
        ("days_beyond_terms", "nothing was paid in the window"), ("on_time_share", "nothing was paid in the window"),
        ("ar_turnover", "nothing owed"),
    ],
)  # fmt: skip
def test_a_ratio_without_a_denominator_is_null_and_says_why(metric, note):
    row = told(on="2023-06-30")[metric]
    assert (row["value"], row["note"]) == (None, note)


def test_credits_beyond_sales_leave_no_dso():
    done = book([*SALES, invoice("C", "-300", kind="credit_memo", document_date="2024-03-20")])
    assert told(done)["dso"]["value"] is None


def test_a_ratio_of_a_group_is_its_own_and_no_average():
    rows = evaluate(LEDGER, ["overdue_share"], [END], by=["region"])
    assert rows.select("region", "value").rows() == [("APAC", 0.0), ("EMEA", 1.0)]
    assert value(LEDGER, "overdue_share", "2024-03-31") == pytest.approx(140 / 210)


def test_a_window_that_begins_before_the_history_is_noted_on_flows_only():
    rows = told(window="12mo")
    assert rows["dso"]["note"] == "the window begins before the first document (2024-01-10)"
    assert rows["total_ar"]["note"] is None
    assert told()["dso"]["note"] is None


def test_what_was_taken_over_is_no_month_of_sales():
    # Both were open in the older system; the books begin with them on 31 January, and January's sales are not there.
    over = [
        invoice(id, "100", document_date=on, posting_date="2024-01-31")
        for id, on in (("A", "2023-12-20"), ("B", "2024-01-20"))
    ]
    done = book([*over, invoice("C", "100", document_date="2024-02-10")])
    note = "the window begins before the first document (2024-01-31)"
    assert [told(done, window=window)["dso"]["note"] for window in ("2mo", "3mo")] == [None, note]
    # Without an older document January is a month like any other.
    fresh = book([over[1], invoice("C", "100", document_date="2024-02-10")])
    assert told(fresh)["dso"]["note"] is None


def test_collecting_more_than_was_due_is_shown_and_flagged():
    done = book([invoice("A", "100", due_date="2024-12-31"), payment("P", "-60", "2024-03-20")])
    row = told(done)["cei"]
    # (0 + 100 − 40) ÷ (0 + 100 − 100): nothing was due, so there is no value.
    assert (row["value"], row["note"]) == (None, "nothing was collectible")
    done = book([invoice("A", "100", due_date="2024-12-31"), invoice("B", "50"), payment("P", "-110", "2024-03-20")])
    row = told(done)["cei"]
    # (150 − 40) ÷ (150 − 100) × 100.
    assert (row["value"], row["note"]) == (pytest.approx(220), "above 100: credits exceed what is overdue")


@pytest.mark.parametrize(
    ("on", "days", "note"),
    [
        ("2024-03-31", 31 + 29 + 0.6 * 31, None),
        ("2024-04-30", 30 + 31 + 29 + 0.6 * 31, "months without credit sales count their days"),
    ],
)
def test_count_back_walks_over_the_months(on, days, note):
    row = told(on=on)["dso_countback"]
    assert (row["value"], row["note"]) == (pytest.approx(days), note)


def test_count_back_says_when_the_history_is_used_up():
    done = book([invoice("J", "100"), invoice("X", "500", kind="journal")])
    row = told(done, "2024-01-31")["dso_countback"]
    assert (row["value"], row["note"]) == (
        31,
        "history exhausted: the balance is larger than all credit sales on record",
    )


def test_count_back_of_a_credit_balance_is_no_days():
    done = book([invoice("J", "100"), payment("P", "-150", "2024-01-20")])
    assert told(done, "2024-01-31")["dso_countback"]["value"] == 0


def test_dso_is_best_possible_and_delinquent_and_the_credits_part():
    done = book([*SALES, payment("P", "-30", "2024-03-20")], PAID)
    rows = told(done)
    credits = rows["unapplied_credits"]["value"] / 250 * 91
    assert rows["dso"]["value"] == pytest.approx(
        rows["dso_best_possible"]["value"] + rows["days_delinquent"]["value"] + credits
    )


def test_the_roll_forward_has_every_line_in_order_and_ties():
    rows = movement(LEDGER, END, "1mo")
    assert rows["line"].to_list() == list(LINES)
    amounts = dict(rows.select("line", "amount").iter_rows())
    assert (amounts["opening"], amounts["billed"], amounts["cash"], amounts["closing"]) == (180, 70, -40, 210)
    assert amounts["difference"] == 0


def test_the_roll_forward_of_a_part_of_the_company_ties_too():
    for scope in (Scope.of(region="EMEA"), Scope.of(customer="C1", region="APAC"), Scope.of(region="Nowhere")):
        rows = movement(LEDGER, END, "1mo", scope)
        assert rows["line"].to_list() == list(LINES)
        assert rows.filter(pl.col("line") == "difference")["amount"].item() == 0


def test_shares_of_the_aging_are_of_what_is_open_and_add_up_to_one():
    done = book([*SALES, payment("P", "-30", "2024-03-20")], PAID)
    for way in ("separate", "aged"):
        again = book([*SALES, payment("P", "-30", "2024-03-20")], PAID, rules={"aging": AgingRule(credits=way)})
        assert aging(again, [END])["share"].sum() == pytest.approx(1)
        assert aging(again, [END])["amount"].sum() == aging(done, [END])["amount"].sum()


def test_an_aging_of_nothing_has_all_its_buckets_and_no_share():
    rows = aging(LEDGER, [day("2023-01-31")])
    assert rows["bucket"].to_list() == list(LEDGER.rules.aging.buckets)
    assert rows["amount"].sum() == 0
    assert rows["share"].null_count() == rows.height


def test_many_days_at_once_are_each_day_alone():
    days = [day("2024-01-31"), day("2024-02-14"), day("2024-02-29"), day("2024-03-31"), day("2024-05-05")]
    for by in ([], ["region"], ["customer"]):
        alone = pl.concat([evaluate(LEDGER, None, [one], by=by) for one in days])
        # Polars divides by a column of one row as by a scalar: the last bit of a share may differ, no more.
        assert_frame_equal(evaluate(LEDGER, None, days, by=by), alone, rel_tol=1e-15, abs_tol=0)
        assert aging(LEDGER, days, by=by).equals(pl.concat([aging(LEDGER, [one], by=by) for one in days]))


def test_one_metric_alone_is_what_it_is_among_all():
    every = told()
    for metric in CATALOG:
        assert evaluate(LEDGER, [metric], [END]).row(0, named=True) == every[metric]
