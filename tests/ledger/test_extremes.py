"""Books with next to nothing in them, and days on which nothing has happened yet."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from ledger import listing
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, aging, evaluate, movement
from tests.ledger.books import TODAY, balance, book, customer, day, frame, invoice, lines, owed, settled, value, warned

RATIOS = [metric.id for metric in CATALOG.values() if metric.no_value]


@pytest.mark.parametrize("conversion", list(Conversion))
def test_empty_books_give_zeros_and_nulls_with_notes(conversion):
    done = book(rules={"conversion": conversion})
    assert (done.first_day, done.last_day, done.month_ends) == (None, None, ())
    rows = evaluate(done, None, [day("2024-01-31")])
    if conversion is not Conversion.NONE:
        assert rows["metric"].to_list() == list(CATALOG)
    for metric, number, note in rows.select("metric", "value", "note").iter_rows():
        assert (number is None and note) if metric in RATIOS else number == 0
    assert aging(done, [day("2024-01-31")])["amount"].sum() == 0
    assert movement(done, day("2024-01-31"))["amount"].sum() == 0
    assert evaluate(done).is_empty()
    assert evaluate(done, None, [day("2024-01-31")], by=["region", "customer"]).is_empty()
    assert listing.open_items(done, day("2024-01-31")).is_empty()
    assert listing.documents(done, day("2024-01-31")).is_empty()


def test_books_without_any_table_are_empty_books():
    assert book(customers=[], rules={"dimensions": {}}).frames["documents"].is_empty()


@pytest.mark.parametrize("on", ["0001-06-01", "1999-12-31", "2024-01-09"])
def test_before_the_first_document_nothing_is_owed(on):
    done = book([invoice()])
    assert owed(done, on) == 0
    rows = evaluate(done, RATIOS, [day(on)], "90d")
    assert rows["value"].null_count() == rows.height
    assert rows["note"].null_count() == 0


@pytest.mark.parametrize("on", ["2024-01-10", "2024-12-31", "2030-06-15", "9999-12-31"])
def test_after_the_last_event_the_balance_stays(on):
    done = book([invoice(), invoice("I2", "50")], [settled("1", "30", "2024-01-10")])
    assert owed(done, on) == 120
    assert evaluate(done, None, [day(on)]).height == len(CATALOG)
    assert sum(balance(done, on).values()) == 120


def test_the_latest_day_is_that_of_the_last_event_not_after_the_refresh():
    assert book([invoice()], [settled("1", "1", "2024-06-03")]).last_day == day("2024-06-03")
    assert book([invoice()], [settled("1", "1", "2025-06-03")]).last_day == day("2024-01-10")
    ahead = book([invoice(document_date="2025-02-01", due_date="2025-03-01")])
    assert (ahead.first_day, ahead.last_day) == (day("2025-02-01"), day("2025-02-01"))


def test_what_is_posted_after_the_refresh_is_not_owed_yet():
    done = book([invoice(), invoice("F", "7", document_date="2025-02-01", due_date="2025-03-01")])
    assert [owed(done, on) for on in ("2024-12-31", "2025-02-01")] == [100, 107]


def test_a_single_row_is_a_company():
    done = book([invoice("I1", "0.01")])
    assert lines(done, "2024-01-31") == {"billed": Decimal("0.01"), "closing": Decimal("0.01"), "difference": 0}
    # All that was sold in the three months to 31 January, 92 days, is still owed.
    assert value(done, "dso", "2024-01-31") == 92


def test_a_customer_without_documents_is_listed_and_owes_nothing():
    done = book([invoice()], customers=[customer(), customer("C2", "Two")])
    assert listing.customers(done)["label"].to_list() == ["One", "Two"]
    assert value(done, "total_ar", "2024-01-31", scope=Scope.of(customer="C2")) == 0
    assert listing.documents(done, TODAY, Scope.of(customer="C2")).is_empty()


def test_a_document_of_an_unknown_customer_or_none_is_owed_all_the_same():
    done = book([invoice("A", "1", customer_id="C9"), invoice("B", "2", customer_id=None), invoice("C", "4")])
    assert owed(done, "2024-01-31") == 7
    assert warned(done) == {"customer_unknown": ["A", "B"]}
    labels = dict(listing.customers(done).select("customer_id", "label").iter_rows())
    assert labels == {"C1": "One", "C9": "Unknown customer C9", None: "Unknown customer"}
    by = evaluate(done, ["total_ar"], [day("2024-01-31")], by=["customer"])
    assert dict(by.select("customer", "value").iter_rows()) == {"C1": 4.0, "C9": 1.0, None: 2.0}
    for id, amount in {"C1": 4, "C9": 1, None: 2}.items():
        assert value(done, "total_ar", "2024-01-31", scope=Scope.of(customer=[id])) == amount


def test_a_company_without_a_customer_table_still_counts():
    from ledger.book import BookRules
    from ledger.build import build_book

    done = build_book({"documents": frame("documents", [invoice()])}, BookRules(today=TODAY))
    assert value(done, "total_ar", "2024-01-31") == 100


def test_a_missing_dimension_value_is_its_own_group_and_can_be_chosen():
    done = book([invoice("A", "1"), invoice("B", "2", region=None), invoice("C", "4", region="")])
    rows = evaluate(done, ["total_ar"], [day("2024-01-31")], by=["region"])
    assert rows.select("region", "value").rows() == [("EMEA", 1.0), (None, 6.0)]
    assert done.values("region") == ["EMEA", None]
    for chosen, amount in ((["EMEA"], 1), ([None], 6), (["EMEA", None], 7), (["Nowhere"], 0)):
        assert value(done, "total_ar", "2024-01-31", scope=Scope.of(region=chosen)) == amount


def test_a_dimension_of_the_document_goes_before_that_of_its_customer():
    done = book([invoice("A", "1"), invoice("B", "2", region=None)], customers=[customer(region="APAC")])
    assert evaluate(done, ["total_ar"], [day("2024-01-31")], by=["region"]).select("region", "value").rows() == [
        ("APAC", 2.0),
        ("EMEA", 1.0),
    ]


def test_a_dimension_that_no_table_has_is_unassigned_everywhere():
    done = book([invoice()], rules={"dimensions": {"brand": "Brand"}})
    assert evaluate(done, ["total_ar"], [day("2024-01-31")], by=["brand"]).select("brand", "value").rows() == [
        (None, 100.0)
    ]


@pytest.mark.parametrize(
    "by", [["region", "region"], ["customer", "customer"], ["currency", "document_currency"], ["currency", "currency"]]
)
def test_a_grouping_named_twice_is_one_grouping(by):
    done = book([invoice("A", "1"), invoice("B", "2", region=None)])
    once, twice = (evaluate(done, None, [day("2024-01-31")], by=names) for names in (by[:1], by))
    assert once.equals(twice)


ASKED = {
    "evaluate": lambda of, scope, by: evaluate(of, ["total_ar"], [TODAY], "3mo", scope, by),
    "aging": lambda of, scope, by: aging(of, [TODAY], scope, by),
    "movement": lambda of, scope, by: movement(of, TODAY, "3mo", scope, by),
}


@pytest.mark.parametrize("question", ASKED)
def test_an_unknown_dimension_is_refused_with_the_nearest(question):
    done, ask = book([invoice()]), ASKED[question]
    with pytest.raises(OutstandingError, match=r"no dimension 'regoin'; did you mean 'region'\?"):
        ask(done, COMPANY, ["regoin"])
    with pytest.raises(OutstandingError, match=r"no dimension 'regoin'; did you mean 'region'\?"):
        ask(done, Scope.of(regoin="EMEA"), [])


def test_a_scope_can_name_any_word():
    assert Scope.of(cls="a", self="b", where="c").dimensions == ("cls", "self", "where")


def test_a_scope_is_a_value():
    scope = Scope.of(region=["EMEA", None], customer="C1")
    assert hash(scope) == hash(Scope.of(customer=["C1"], region=[None, "EMEA"]))
    assert scope.without("region", "customer") == COMPANY == Scope.of(region=[])
    assert scope.narrowed("region", "APAC").values("region") == {"APAC"}


def test_ids_with_leading_zeros_are_different_customers():
    done = book(
        [invoice("1", "1", customer_id="007"), invoice("01", "2", customer_id="7")],
        customers=[customer("007"), customer("7")],
    )
    assert value(done, "total_ar", "2024-01-31", scope=Scope.of(customer="007")) == 1
    assert listing.history(done, "01").is_empty()


def test_what_is_not_there_is_refused_in_a_sentence():
    done = book([invoice()])
    with pytest.raises(OutstandingError, match="no document 'I2'"):
        listing.history(done, "I2")
    with pytest.raises(OutstandingError, match="no customer 'C2'"):
        listing.customer(done, "C2")


def test_the_order_of_days_asked_for_does_not_matter():
    done = book([invoice()], [settled("1", "40", "2024-02-15")])
    asked = [day("2024-03-01"), day("2024-01-31"), day("2024-02-29"), day("2024-01-31")]
    rows = evaluate(done, ["total_ar", "cash_collected"], asked)
    assert rows.equals(evaluate(done, ["total_ar", "cash_collected"], sorted(set(asked))))
    assert rows.filter(pl.col("metric") == "total_ar")["value"].to_list() == [100.0, 60.0, 60.0]


def test_a_history_of_fifty_years_has_every_month_end():
    done = book(
        [invoice("A", document_date="1970-01-01", due_date="1970-02-01"), invoice("B")],
        [settled("1", "100", "2024-12-31", of="A")],
    )
    assert len(done.month_ends) == 55 * 12
    assert done.month_ends[0] == date(1970, 1, 31)
    assert owed(done, "1999-12-31") == 100
