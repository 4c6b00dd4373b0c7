"""Why a number is where it is: who made the change, in names and parts that add up."""

from __future__ import annotations

import math
from datetime import date

import pytest

from alerts.case import Cause
from metrics import text
from tests.alerts.books import company, found, one, owes, rule
from tests.ledger.books import customer, invoice, payment, settled


def early(id: str, amount: float, paid_on: str = "2023-06-30", **place):
    """Something that was not yet due a year before, and was paid since: an invoice and its settlement."""
    row = invoice(id, str(amount), document_date="2023-03-01", due_date="2023-05-31",
                  **{"customer_id": id, "region": "EMEA", "collector": "Ann", **place})  # fmt: skip
    return row, settled(f"S-{id}", str(amount), paid_on, of=id)


def books(*rows, before=(), **more):
    """Customers as they are at the end of March 2024, and documents of the year before."""
    return company(*rows, [row for row, _ in before], settlements=[paid for _, paid in before], **more)


def adds_up(cause: Cause | None) -> Cause:
    assert cause is not None
    assert math.fsum([*(each.amount for each in cause.contributors), cause.rest]) == pytest.approx(cause.change)
    return cause


def test_a_change_is_told_by_the_groups_that_made_it():
    # A year before nothing was late. Now 400 of 2,000 is, all of it APAC's: it makes all of the 20 points.
    of = books(
        owes("A", 0, 1000), owes("B", 400, 600, region="APAC", collector="Bob"), owes("C", 0, 0.01),
        before=[early("OA", 1000), early("OB", 1000, region="APAC", collector="Bob")],
    )  # fmt: skip
    case = one(found(of, rule("company", value=0.1)), "company: Acme")
    cause = adds_up(case.cause)
    assert cause.start == date(2023, 3, 31)
    assert cause.change == pytest.approx(400 / 2000.01)
    assert [each.name for each in cause.contributors] == ["APAC"]
    assert "mostly APAC (+20.0 pts)" in cause.words.replace(text.NBSP, " ") or "all of it" in cause.words


def test_a_shorter_history_counts_from_the_opening_of_the_window():
    # The books begin in December 2023: there is no year before, and the window of three months opens on the 31st.
    of = company(
        owes("B", 400, 600), [invoice("O", "500", document_date="2023-12-01", due_date="2024-06-30", collector="Ann")]
    )
    case = one(found(of, rule("company", value=0.1)), "company: Acme")
    assert case.cause is not None
    assert case.cause.start == date(2023, 12, 31)
    # Nothing of 500 was late, and 400 of 1,500 is.
    assert case.cause.change == pytest.approx(400 / 1500)


def test_without_any_day_before_there_is_no_cause():
    case = one(found(company(owes("B", 400, 600)), rule("company", value=0.1)), "company: Acme")
    assert case.cause is None


def test_a_change_is_counted_from_the_day_that_it_is_compared_with():
    of = books(owes("B", 400, 600), before=[early("O", 1000)])
    told = found(of, rule("company", when="change", against="period", value=0.1, window="12mo"))
    # The window of twelve months opens on 31 March 2023.
    assert told.cases[0].breach.compared == adds_up(told.cases[0].cause).start == date(2023, 3, 31)


def test_what_is_the_same_money_is_told_by_the_alert_that_it_is_under():
    of = books(
        owes("Big", 500), owes("A", 0, 300), owes("B", 50, 700, region="APAC", collector="Bob"),
        before=[early("OA", 800), early("OB", 700, region="APAC", collector="Bob")],
    )  # fmt: skip
    told = found(of, rule("company", value=0.2), rule("customer", by="customer", value=0.9, least=300))
    under = one(told, "company: Acme")
    assert under.under
    assert adds_up(under.cause).contributors[0].name == "Big"


def test_a_customer_is_told_by_its_documents():
    big = [
        invoice("N1", "300", customer_id="Big", collector="Ann", number="INV-1"),
        invoice("N2", "200", customer_id="Big", collector="Ann", number="INV-2"),
        invoice("N3", "500", customer_id="Big", collector="Ann", number="INV-3", due_date="2024-06-30"),
    ]
    of = books(big, before=[early("OB", 1000, customer_id="Big")])
    case = one(found(of, rule("customer", by="customer", value=0.4)), "customer: Big")
    cause = adds_up(case.cause)
    # From nothing of 1,000 to 500 of 1,000: halfway is 25 %. A late document adds 0.75 of its share, one that is not
    # late takes off 0.25 of it. The document of the year before, which took off 25 points, is gone: it is in the rest.
    assert [(each.name, each.amount) for each in cause.contributors] == [
        ("INV-1", pytest.approx(0.225)), ("INV-2", pytest.approx(0.15)),
    ]  # fmt: skip
    assert cause.rest == pytest.approx(0.25 - 0.125)


def test_a_number_that_is_high_but_fell_is_told_since_it_last_rose():
    # All of 1,000 was late a year before, nothing of 300 at the end of December, and 400 of 1,000 now.
    late = invoice("L", "1000", document_date="2023-01-01", due_date="2023-02-01", customer_id="B", collector="Ann")
    new = invoice("N", "300", document_date="2023-12-01", due_date="2024-05-31", customer_id="B", collector="Ann")
    of = company(owes("B", 400, 300), [late, new], settlements=[settled("S", "1000", "2023-06-30", of="L")])
    case = one(found(of, rule("company", value=0.3)), "company: Acme")
    assert (adds_up(case.cause).start, adds_up(case.cause).change) == (date(2023, 12, 31), pytest.approx(0.4))


def test_a_customer_over_its_limit_is_told_by_what_it_bought():
    bought = ((1, 300), (2, 200))
    of = books(
        [invoice(f"N{place}", amount, customer_id="Big", number=f"INV-{place}") for place, amount in bought],
        before=[early("OB", 50, customer_id="Big")],
        customers=[customer("Big", "Big", credit_limit="100")],
    )  # fmt: skip
    cause = adds_up(found(of, rule("limit", metric="over_limit", by="customer", value=100)).cases[0].cause)
    # 400 over now, within the limit then: 500 were bought, 50 paid, and 50 of the limit was free.
    assert (cause.change, cause.rest) == (400.0, -100.0)
    assert [(each.name, each.amount) for each in cause.contributors] == [("INV-1", 300.0), ("INV-2", 200.0)]


def test_concentration_is_told_by_the_debtors():
    of = books(owes("Big", 0, 900), owes("B", 0, 100), before=[early("OA", 500), early("OB", 500)])
    cause = adds_up(found(of, rule("hhi", metric="hhi", value=6000)).cases[0].cause)
    # Two halves are an index of 5,000; 0.9² + 0.1² are 8,200: Big adds 8,100.
    assert cause.change == pytest.approx(3200)
    assert (cause.contributors[0].name, cause.contributors[0].amount) == ("Big", pytest.approx(8100))


def test_what_cannot_be_split_has_no_cause():
    of = books(owes("B", 400, 600), before=[early("O", 1000)])
    assert found(of, rule("true", metric="dso_true", value=1)).cases[0].cause is None


def test_customers_of_one_name_are_told_apart_by_their_ids():
    names = {f"B{number}": "Same Ltd" for number in range(4)} | {"OA": "Old"}
    rows = [owes(f"B{number}", 100, 100) for number in range(4)]
    of = books(*rows, before=[early("OA", 800)], names=names)
    cause = one(found(of, rule("region", by="region", value=0.3)), "region: EMEA").cause
    told = {each.name for each in adds_up(cause).contributors}
    assert {"Same Ltd (B0)", "Same Ltd (B3)"} <= told


def test_hostile_names_stay_on_their_line():
    of = books(owes("B", 400, 600), owes("C", 10, 100), before=[early("O", 1000)], names={"B": "Evil\n\u202eInc."})
    case = one(found(of, rule("region", by="region", value=0.1)), "region: EMEA")
    cause = adds_up(case.cause)
    for words in (cause.words, *(each.name for each in cause.contributors)):
        assert "\n" not in words
        assert "\u202e" not in words


def test_credits_of_a_customer_do_not_break_the_sum():
    of = books(
        owes("Big", 400, 600), [payment("P", "-300", "2024-03-01", customer_id="Big", collector="Ann")],
        before=[early("OB", 1000, customer_id="Big")],
    )  # fmt: skip
    case = one(found(of, rule("customer", by="customer", value=0.3)), "customer: Big")
    assert adds_up(case.cause).change == pytest.approx(0.4)


def test_where_nobody_leads_it_is_said_to_be_spread():
    place = {"customer_id": "Big", "region": "EMEA", "collector": "Ann"}
    many = [invoice(f"I{number}", "100", due_date="2024-02-09", **place) for number in range(9)]
    of = books(many, before=[early("OA", 1)])
    cause = adds_up(one(found(of, rule("customer", by="customer", metric="overdue", value=400)), "customer: Big").cause)
    assert cause.words.replace(text.NBSP, " ").endswith(", spread over many; the largest is I0 (+$100)")
