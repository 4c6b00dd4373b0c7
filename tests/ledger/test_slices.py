"""Open intervals: what a document's settlements cut off it, day by day."""

from __future__ import annotations

import polars as pl
import pytest

from ledger import listing
from tests.ledger.books import balance, book, day, invoice, lines, owed, payment, settled, value, warned

CASES = {
    "nothing": [],
    "part": [settled("1", "40", "2024-02-01")],
    "in full": [settled("1", "100", "2024-02-01")],
    "two parts": [settled("1", "40", "2024-02-01"), settled("2", "60", "2024-03-01")],
    "several a day": [settled(by, "25", "2024-02-01", by) for by in ("cash", "discount", "write_off", "credit")],
    "early": [settled("1", "100", "2023-12-01")],
    "too much": [settled("1", "130", "2024-02-01")],
    "bounced": [settled("1", "100", "2024-02-01"), settled("2", "-100", "2024-02-10", "other")],
    "zero": [settled("1", "0", "2024-02-01")],
    "refunded": [settled("1", "130", "2024-02-01"), settled("2", "-30", "2024-03-01", "refund")],
}  # fmt: skip


def cut(of):
    """``opened_on, closed_on, amount`` of every slice, by opening and closing."""
    rows = (
        of.frames["slices"].select("opened_on", "closed_on", pl.col("amount_doc") / 100).sort(pl.all(), nulls_last=True)
    )
    return [(str(a), b and str(b), c) for a, b, c in rows.iter_rows()]


@pytest.mark.parametrize("story", CASES)
@pytest.mark.parametrize("amount", ["100", "-100", "0"])
def test_slices_sum_to_their_document(story, amount):
    sign = -1 if amount == "-100" else 1
    rows = [{**row, "amount": str(sign * int(row["amount"]))} for row in CASES[story]]
    done = book([invoice("I1", amount), invoice("I2", "7")], rows)
    sums = done.frames["slices"].group_by("document").agg(pl.col("amount_doc", "amount").sum())
    told = done.frames["documents"].join(sums, on="document", how="left", suffix="_cut").fill_null(0)
    assert told["amount_doc"].to_list() == told["amount_doc_cut"].to_list()
    assert told["amount_rep"].to_list() == told["amount"].to_list()
    later = owed(done, "2024-12-31")
    assert later == int(amount) + 7 - sum(int(row["amount"]) for row in rows)


def test_a_part_payment_leaves_the_rest_open():
    done = book([invoice()], CASES["part"])
    assert cut(done) == [("2024-01-10", "2024-02-01", 40.0), ("2024-01-10", None, 60.0)]
    assert [owed(done, on) for on in ("2024-01-09", "2024-01-10", "2024-01-31", "2024-02-01")] == [0, 100, 100, 60]


def test_a_payment_before_the_invoice_never_makes_the_balance_negative():
    done = book([invoice()], CASES["early"])
    assert cut(done) == [("2024-01-10", "2024-01-10", 100.0)]
    assert [owed(done, on) for on in ("2023-12-31", "2024-01-10")] == [0, 0]
    assert warned(done) == {"settled_before_document": ["1"]}


def test_a_settlement_waits_for_its_document_to_be_posted():
    done = book([invoice(posting_date="2024-02-05")], [settled("1", "100", "2024-02-01")])
    assert lines(done, "2024-02-05", "1d") == {"billed": 100, "cash": -100, "difference": 0}
    assert lines(done, "2024-02-04", "90d") == {"difference": 0}


def test_an_overpayment_is_an_unapplied_credit_from_its_day():
    done = book([invoice()], CASES["too much"])
    assert balance(done, "2024-01-31") == {"current": 100}
    assert balance(done, "2024-02-01") == {"unapplied": -30}
    assert warned(done) == {"settled_beyond_amount": ["1"]}


def test_a_refund_closes_the_overpayment():
    done = book([invoice()], CASES["refunded"])
    assert balance(done, "2024-02-29") == {"unapplied": -30}
    assert balance(done, "2024-03-01") == {}
    assert lines(done, "2024-03-31") == {"billed": 100, "cash": -130, "refunds": 30, "difference": 0}


def test_a_bounced_payment_opens_the_invoice_again_with_its_own_due_date():
    done = book([invoice()], CASES["bounced"])
    assert balance(done, "2024-02-05") == {}
    # Due on 9 February: the day it comes back it is one day late.
    assert balance(done, "2024-02-10") == {"1–30": 100}


def test_an_unapplied_payment_is_a_credit_until_it_is_applied():
    rows = [settled("1", "60", "2024-02-20"), settled("2", "-60", "2024-02-20", of="P1")]
    done = book([invoice(), payment("P1", "-60", "2024-02-05")], rows)
    assert balance(done, "2024-02-05") == {"current": 100, "unapplied": -60}
    assert balance(done, "2024-02-20") == {"1–30": 40}
    # The cash came when the payment was posted; applying it moved nothing.
    assert lines(done, "2024-02-05", "1d")["cash"] == -60
    assert "cash" not in lines(done, "2024-02-20", "1d")


def test_an_exchange_difference_closes_no_document_money():
    done = book(
        [invoice("I1", "100", currency="EUR", amount_base="110", base_currency="USD")],
        [settled("1", "100", "2024-02-01", amount_base="108"), settled("2", "0", "2024-02-01", "fx", amount_base="2")],
    )
    assert balance(done, "2024-02-01") == {}
    assert lines(done, "2024-02-29") == {"billed": 110, "cash": -108, "fx": -2, "difference": 0}


def test_zero_documents_are_in_no_bucket_and_no_count():
    done = book([invoice("I1", "0"), invoice("I2", "0.00", kind="credit_memo")])
    assert balance(done, "2024-02-01") == {}
    assert listing.open_items(done, day("2024-02-01")).is_empty()
    assert listing.documents(done, day("2024-02-01"))["status"].to_list() == ["settled", "settled"]


def test_the_wrong_sign_is_warned_of_and_still_counted():
    done = book([invoice("I1", "-100"), payment("P1", "25", "2024-01-10")])
    assert owed(done, "2024-02-01") == -75
    assert warned(done)["sign_against_kind"] == ["I1", "P1"]


def test_the_wrong_sign_says_what_it_changes_to_the_cent_and_by_currency():
    credits = [
        invoice("G1", "1000.50", kind="credit_memo", currency="EUR"),
        invoice("G2", "234.06", kind="credit_memo", currency="EUR"),
        invoice("G3", "7", kind="payment", currency="JPY"),
        invoice("G4", "-5", kind="credit_memo", currency="EUR"),
    ]
    words = {row["rule"]: row["told"] for row in book(credits).quality.iter_rows(named=True)}
    assert words["sign_against_kind"] == (
        "counted as owed; if they are credits, total AR is 2 × 1,234.56 EUR and 2 × 7 JPY too high; "
        "as far as they are open"
    )
    done = book([*credits, invoice("I1", "-0.05")])
    (said,) = done.quality.filter(pl.col("rule") == "sign_against_kind")["told"]
    assert "; counted as credits; if they are owed, total AR is 2 × 0.05 USD too low;" in said
    assert book([credits[3]]).quality["told"].null_count() == done.quality.height, "what is right is not spoken of"


def test_a_document_is_counted_once_however_many_parts_are_open():
    rows = [settled("1", "40", "2024-02-01"), settled("2", "10", "2024-03-01"), settled("3", "10", "2024-04-01")]
    done = book([invoice(), invoice("I2")], rows)
    for on in ("2024-01-15", "2024-02-15", "2024-03-15", "2024-04-15"):
        assert done.positions([day(on)])["count"].sum() == 2


def test_days_to_pay_are_read_off_the_parts_weighted_by_amount():
    # 40 after 22 days and 60 after 51: (40 × 22 + 60 × 51) ÷ 100 = 39.4; due after 30: 9.4 late; 40 of 100 in time.
    done = book([invoice()], CASES["two parts"])
    assert value(done, "days_to_pay", "2024-03-31") == pytest.approx(39.4)
    assert value(done, "days_beyond_terms", "2024-03-31") == pytest.approx(9.4)
    assert value(done, "on_time_share", "2024-03-31") == pytest.approx(0.4)


def test_every_part_of_an_open_item_adds_up_to_the_balance():
    done = book([invoice(), invoice("I2", "7"), payment("P1", "-5", "2024-01-20")], [*CASES["two parts"]])
    for on in ("2024-01-15", "2024-01-31", "2024-02-15", "2024-06-30"):
        assert listing.open_items(done, day(on))["open"].sum() == owed(done, on)


def test_a_document_tells_what_settled_it_and_how_long_it_took():
    done = book([invoice()], CASES["two parts"])
    row = listing.documents(done, day("2024-03-31")).row(0, named=True)
    assert (row["status"], str(row["settled_on"]), row["days_to_pay"]) == ("settled", "2024-03-01", 51)
    assert listing.documents(done, day("2024-01-09"))["status"].item() == "not yet posted"
    assert listing.documents(done, day("2024-02-15")).select("status", "settled_on").row(0) == ("open", None)
    assert listing.history(done, "I1").select("kind", "amount").rows() == [("cash", 40.0), ("cash", 60.0)]
