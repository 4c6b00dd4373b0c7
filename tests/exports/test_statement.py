"""The figures of a statement: to the cent those of the books, per currency, for every kind of customer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from exports import Sender, statement
from ledger import listing
from ledger.aging import AgingRule
from ledger.errors import OutstandingError
from ledger.money import digits
from ledger.scope import Scope
from metrics import evaluate
from tests.exports.customers import DAY, MANY_ITEMS, NAMES, written_to
from tests.ledger.books import book, customer, invoice, payment, settled

EVERYONE = [*NAMES, "STRANGER", None]


def _exact(value, currency):
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits(currency)))


def _sums(rows, name="open"):
    """A plain sum, by currency."""
    sums = {}
    for row in rows.iter_rows(named=True):
        sums[row["currency"]] = sums.get(row["currency"], Decimal(0)) + _exact(row[name], row["currency"])
    return sums


def _totals(of, name):
    return {row["currency"]: _exact(row[name], row["currency"]) for row in of.totals.iter_rows(named=True)}


@pytest.mark.parametrize("customer_id", EVERYONE)
def test_totals_are_the_plain_sum_of_the_open_items(ledger, customer_id):
    of = statement(ledger, customer_id, DAY)
    listed = listing.open_items(ledger, DAY, Scope.of(customer=[customer_id]))
    told = listed.with_columns(pl.col("open_amount").alias("open"))
    assert of.items.height == listed.height
    assert _totals(of, "balance") == _sums(told)
    assert _totals(of, "owed") == {**dict.fromkeys(_sums(told), 0), **_sums(told.filter(pl.col("open") > 0))}


@pytest.mark.parametrize("customer_id", EVERYONE)
def test_parts_add_up(ledger, customer_id):
    of = statement(ledger, customer_id, DAY)
    balance, owed = _totals(of, "balance"), _totals(of, "owed")
    assert {c: owed[c] + amount for c, amount in _totals(of, "credits").items()} == balance
    assert {c: amount + _totals(of, "not_due")[c] for c, amount in _totals(of, "past_due").items()} == owed
    assert _sums(of.aging, "amount") == balance
    for row in of.items.iter_rows(named=True):
        parts = _exact(row["settled"], row["currency"]) + _exact(row["open"], row["currency"])
        assert parts == _exact(row["amount"], row["currency"])


@pytest.mark.parametrize("customer_id", EVERYONE)
def test_worth_is_total_ar(ledger, customer_id):
    of = statement(ledger, customer_id, DAY)
    rows = evaluate(ledger, ["total_ar"], [DAY], "3mo", Scope.of(customer=[customer_id]))
    assert of.worth["amount"].sum() == pytest.approx(rows["value"].item(), abs=0.001)


def test_past_due_is_the_metric_where_there_is_one_currency(ledger):
    of = statement(ledger, "LONG", DAY)
    rows = evaluate(ledger, ["overdue", "disputed"], [DAY], "3mo", Scope.of(customer="LONG"))
    assert of.totals.select("past_due", "disputed").row(0) == tuple(rows["value"])
    assert of.items.height == MANY_ITEMS


def test_five_currencies_by_hand(ledger):
    """USD 1200.10 − 200.05; EUR 980.55 − 980.50 and 100.00 not applied; GBP 90.00 and a credit of 310.00."""
    of = statement(ledger, "MANY", DAY)
    assert _totals(of, "balance") == {
        "EUR": Decimal("-99.95"), "GBP": Decimal("-220.00"), "JPY": Decimal(963646), "KWD": Decimal("77.125"),
        "USD": Decimal("1000.05"),
    }  # fmt: skip
    assert _totals(of, "not_due")["GBP"] == Decimal("90.00")
    assert of.items.filter(pl.col("currency") == "GBP")["number"].to_list() == ["A-5", "C-1"], "credits come last"
    assert of.items.filter(pl.col("credit"))["kind"].to_list() == ["Payment", "Credit memo"]


def test_any_past_day(ledger):
    before = statement(ledger, "MANY", date(2024, 2, 29))
    assert _totals(before, "balance")["USD"] == Decimal("1200.10"), "nothing was paid by then"
    assert statement(ledger, "MANY", date(2023, 1, 1)).is_empty


def test_oldest_first_and_days_only_where_past_due():
    of = statement(
        book(
            [
                invoice("late", due_date="2024-12-01"),
                invoice("today", due_date="2024-12-31"),
                invoice("ahead", due_date="2025-02-01"),
                invoice("oldest", due_date="2024-05-01"),
            ]
        ),
        "C1",
        DAY,
    )
    assert of.items.select("number", "days_past_due").rows() == [
        ("oldest", 244), ("late", 30), ("today", None), ("ahead", None),
    ]  # fmt: skip


def test_due_today_follows_the_rule():
    rules = {"aging": AgingRule(due_today="overdue")}
    of = statement(book([invoice(due_date="2024-12-31")], rules=rules), "C1", DAY)
    assert of.items["days_past_due"].to_list() == [0]
    assert of.totals["past_due"].to_list() == [100.0]


def test_an_overpayment_is_a_credit_of_its_invoice(ledger):
    of = statement(ledger, "OWED", DAY)
    assert of.items.select("kind", "amount", "settled", "open").row(0) == ("Invoice, overpaid", 100.0, 160.0, -60.0)
    assert _totals(of, "balance") == {"USD": Decimal("-60.00")}


def test_nothing_open(ledger):
    of = statement(ledger, "VOID", DAY)
    assert of.is_empty
    assert (of.customer, of.totals.height, of.aging.height) == ("Nothing Open AG", 0, 0)


def test_credits_that_are_aged_stay_credits():
    documents = [invoice("I1"), payment("P1", "-30", "2024-06-01")]
    of = statement(book(documents, rules={"aging": AgingRule(credits="aged")}), "C1", DAY)
    assert of.totals.select("owed", "credits", "balance").row(0) == (100.0, -30.0, 70.0)
    assert of.aging["amount"].sum() == 70.0
    assert of.aging.filter(pl.col("bucket") == "unapplied")["amount"].item() == 0


def test_an_exchange_difference_alone_is_no_item():
    """The document is paid in full; what its booking rates left over belongs to the books, not to the customer."""
    documents = [invoice(currency="EUR", amount_base="110", base_currency="USD")]
    paid = [settled("1", "100", "2024-03-01", amount_base="108")]
    books = book(documents, paid)
    assert listing.open_items(books, DAY).height == 1, "the books hold it open"
    of = statement(books, "C1", DAY)
    assert of.is_empty
    assert of.worth["amount"].to_list() == [2.0]


def test_a_part_of_the_account_says_so(ledger):
    of = statement(ledger, "MANY", DAY, scope=Scope.of(currency=["EUR", "JPY"], entity="E1"))
    assert of.totals["currency"].to_list() == ["EUR", "JPY"]
    assert of.limited_to == "Entity: E1; Currency: EUR and JPY"
    assert statement(ledger, "MANY", DAY).limited_to == ""


def test_the_sender_is_the_company_unless_named(ledger):
    assert statement(ledger, "VOID", DAY).sender == Sender("Meridian Supply Group")
    assert statement(ledger, "VOID", DAY, sender=Sender("Other")).sender.name == "Other"


def test_a_customer_that_only_documents_name(ledger):
    assert statement(ledger, "STRANGER", DAY).customer == "STRANGER"
    assert statement(ledger, None, DAY).customer == "Unassigned"


def test_no_such_customer(ledger):
    with pytest.raises(OutstandingError, match="There is no customer 'nobody'"):
        statement(ledger, "nobody", DAY)


def test_currencies_that_nothing_converts():
    of = statement(written_to(converted=False), "MANY", DAY)
    assert _totals(of, "balance")["EUR"] == Decimal("-99.95")
    assert of.worth.height == 5


def test_a_document_without_a_number_goes_by_its_id():
    of = statement(book([invoice("I77")], customers=[customer()]), "C1", DAY)
    assert of.items["number"].to_list() == ["I77"]
