"""Rolling and true DSO, and collection efficiency: metrics with evaluators of their own."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.aging import AgingRule
from ledger.conversion import Conversion
from ledger.scope import Scope
from metrics import evaluate
from tests.ledger.books import book, day, invoice, payment, rate, settled


def row(of, metric, on, window="3mo", **how):
    return evaluate(of, [metric], [day(on)], window, **how).row(0, named=True)


def told(of, metric, on, window="3mo", **how):
    found = row(of, metric, on, window, **how)
    return found["value"], found["note"]


# True DSO ---------------------------------------------------------------------------------------------------------

# Oracle Advanced Collections' form: January sales of 100 with 20 left of 15 January, March sales of 100 with 50 left
# of 10 March. On 31 March: 75 days × 20/100 = 15, and 21 days × 50/100 = 10.5.
TWO_MONTHS = [
    invoice("J", "100", document_date="2023-01-15"),
    invoice("M", "100", document_date="2023-03-10"),
]
PAID = [settled("1", "80", "2023-02-01", of="J"), settled("2", "50", "2023-03-20", of="M")]


def test_true_dso_of_the_published_example():
    found = row(book(TWO_MONTHS, PAID), "dso_true", "2023-03-31")
    assert found["value"] == pytest.approx(25.5)
    # What is open, and the sales of the months it is from.
    assert (found["numerator"], found["denominator"], found["note"]) == (70, 200, None)


def test_true_dso_takes_the_sales_of_the_month_of_posting_and_the_age_from_the_document_date():
    # Dated 20 January, posted 3 February: 20 of February's 100, 39 days old on 28 February.
    late = invoice("F", "100", document_date="2023-01-20", posting_date="2023-02-03")
    done = book([late], [settled("1", "80", "2023-02-05", of="F")])
    assert told(done, "dso_true", "2023-02-28") == (pytest.approx(39 * 20 / 100), None)


def test_true_dso_within_a_month_knows_the_sales_so_far():
    done = book([invoice("A", "30", document_date="2023-03-10"), invoice("B", "70", document_date="2023-03-20")])
    assert told(done, "dso_true", "2023-03-15")[0] == pytest.approx(5 * 30 / 30)
    assert told(done, "dso_true", "2023-03-31")[0] == pytest.approx(21 * 30 / 100 + 11 * 70 / 100)


def test_true_dso_leaves_out_months_without_sales():
    # A journal of 40 in January raises the balance and is no sale.
    journal = invoice("X", "40", kind="journal", document_date="2023-01-05")
    only = book([journal])
    note = "open items of months without credit sales are left out"
    assert told(only, "dso_true", "2023-03-31") == (None, note)
    both = book([journal, TWO_MONTHS[1]])
    assert told(both, "dso_true", "2023-03-31") == (pytest.approx(21 * 100 / 100), note)


def test_true_dso_leaves_credits_out_and_nothing_open_is_no_days():
    done = book([*TWO_MONTHS, payment("P", "-30", "2023-03-20")], PAID)
    assert told(done, "dso_true", "2023-03-31")[0] == pytest.approx(25.5)
    assert told(done, "dso_true", "2022-12-31") == (0, None)


def test_true_dso_of_groups_is_against_their_own_sales():
    asia = invoice("A", "50", document_date="2023-03-01", region="APAC")
    done = book([*TWO_MONTHS, asia], PAID)
    rows = evaluate(done, ["dso_true"], [day("2023-03-31")], by=["region"])
    assert rows.select("region", "value").rows() == [("APAC", 30.0), ("EMEA", pytest.approx(25.5))]
    assert told(done, "dso_true", "2023-03-31", scope=Scope.of(region="APAC"))[0] == 30
    # Together: 15 + 21 × 50/150 + 30 × 50/150.
    assert told(done, "dso_true", "2023-03-31")[0] == pytest.approx(15 + 21 / 3 + 30 / 3)


# Rolling DSO ------------------------------------------------------------------------------------------------------


def test_rolling_dso_is_over_twelve_months_whatever_the_window():
    done = book([invoice("A", "900", document_date="2023-01-15"), invoice("B", "100", document_date="2023-12-10")])
    paid = book(
        [invoice("A", "900", document_date="2023-01-15"), invoice("B", "100", document_date="2023-12-10")],
        [settled("1", "850", "2023-06-01", of="A")],
    )
    for window in ("1mo", "3mo", "90d"):
        assert told(done, "dso_rolling", "2023-12-31", window) == (365, None)
        # 150 ÷ 1 000 × 365.
        found = row(paid, "dso_rolling", "2023-12-31", window)
        assert (found["value"], found["numerator"], found["denominator"]) == (pytest.approx(54.75), 150, 1000)


def test_rolling_dso_notes_months_before_the_history_and_has_no_value_without_sales():
    done = book([invoice("A", "100", document_date="2023-02-15")])
    early = "the 12 months begin before the first document (2023-02-15)"
    assert told(done, "dso_rolling", "2023-12-31") == (365, early)
    assert told(done, "dso_rolling", "2024-01-31") == (365, None)
    assert told(done, "dso_rolling", "2024-02-29") == (None, "no credit sales in the 12 months")
    assert told(done, "dso_rolling", "2022-12-31") == (None, "no credit sales in the 12 months")


# Collection efficiency --------------------------------------------------------------------------------------------


def test_collection_efficiency_of_the_published_example():
    """ciproiv: 1 123 000 to collect, 581 000 left: 48.3 %."""
    done = book(
        [invoice("A", "1123000", due_date="2024-02-09"), invoice("B", "700000", due_date="2024-03-31")],
        [settled("1", "542000", "2024-04-30", of="A"), settled("2", "700000", "2024-04-15", of="B")],
    )
    found = row(done, "collection_efficiency", "2024-04-30", "1mo")
    # B is due on the opening day itself: not overdue, and no part of the target.
    assert found["value"] == pytest.approx(0.4826, abs=5e-5)
    assert (found["numerator"], found["denominator"], found["note"]) == (542000, 1123000, None)


@pytest.mark.parametrize("by", ["cash", "credit", "write_off"])
def test_what_is_cleared_counts_by_whatever_means(by):
    done = book([invoice("A", "100")], [settled("1", "25", "2024-04-01", by, of="A")])
    assert told(done, "collection_efficiency", "2024-04-30", "1mo")[0] == pytest.approx(0.25)


def test_what_is_cleared_after_the_window_does_not_count():
    done = book([invoice("A", "100")], [settled("1", "25", "2024-05-01", of="A")])
    assert told(done, "collection_efficiency", "2024-04-30", "1mo")[0] == 0


def test_nothing_overdue_at_the_opening_leaves_no_efficiency():
    done = book(
        [invoice("A", "100", document_date="2024-03-20", due_date="2024-04-02"), payment("P", "-9", "2024-01-20")]
    )
    assert told(done, "collection_efficiency", "2024-04-30", "1mo") == (None, "nothing was overdue at the opening")


def test_due_on_the_opening_day_follows_the_rule():
    rows = [invoice("B", "100", due_date="2024-03-31")], [settled("1", "60", "2024-04-15", of="B")]
    overdue = book(*rows, rules={"aging": AgingRule(due_today="overdue")})
    assert told(overdue, "collection_efficiency", "2024-04-30", "1mo")[0] == pytest.approx(0.6)


def test_two_windows_with_one_opening_are_each_their_own():
    """A month back from 30 and from 31 March begins on 1 March: both open with the close of 29 February."""
    done = book([invoice("A", "100")], [settled("1", "40", "2024-03-31", of="A")])
    days = [day("2024-03-30"), day("2024-03-31")]
    rows = evaluate(done, ["collection_efficiency"], days, "1mo")
    assert rows["value"].to_list() == [0.0, pytest.approx(0.4)]


def test_exchange_rates_clear_nothing():
    """At closing rates 100 EUR are worth 110 at the opening and 220 at the end; half of them are paid."""
    rates = [rate("EUR", "2024-01-01", "1.10"), rate("EUR", "2024-04-15", "2.20")]
    done = book(
        [invoice("A", "100", currency="EUR")],
        [settled("1", "50", "2024-04-20", of="A")],
        rules={"conversion": Conversion.CLOSING},
        fx_rates=rates,
    )
    found = row(done, "collection_efficiency", "2024-04-30", "1mo")
    assert (found["value"], found["numerator"], found["denominator"]) == (0.5, 55, 110)


@pytest.mark.parametrize("metric", ["dso_rolling", "dso_true", "collection_efficiency"])
def test_currencies_that_are_never_added_have_a_row_each(metric):
    documents = [
        invoice("A", "100", document_date="2024-03-10", due_date="2024-03-20"),
        invoice("B", "200", document_date="2024-03-10", due_date="2024-03-20", currency="EUR"),
    ]
    done = book(documents, [settled("1", "50", "2024-04-20", of="B")])
    rows = evaluate(done, [metric], [day("2024-04-30")], "1mo").select("currency", "value").rows()
    want = {
        "dso_rolling": (("EUR", 0.75 * 366), ("USD", 366.0)),
        "dso_true": (("EUR", 0.75 * 51), ("USD", 51.0)),
        "collection_efficiency": (("EUR", 0.25), ("USD", 0.0)),
    }
    assert rows == [(currency, pytest.approx(value)) for currency, value in want[metric]]


def test_nothing_at_all_is_no_error():
    nothing = book()
    ids = [
        "dso_rolling",
        "dso_true",
        "collection_efficiency",
        "top_10_share",
        "hhi",
        "credit_utilisation",
        "over_limit",
    ]
    assert evaluate(nothing, ids).is_empty()
    rows = evaluate(nothing, ids, [day("2024-01-31")])
    assert rows.filter(pl.col("value").is_not_null()).select("metric", "value").rows() == [("dso_true", 0.0)]
    assert rows.filter(pl.col("value").is_null())["note"].null_count() == 0
