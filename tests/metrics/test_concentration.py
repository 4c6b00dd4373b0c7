"""Concentration on few customers, as metrics and as a table."""

from __future__ import annotations

import pytest

from ledger.errors import OutstandingError
from ledger.scope import Scope
from metrics import concentration, evaluate
from tests.ledger.books import book, customer, day, invoice, payment

END = day("2024-03-31")
SHARES = {"A": "40", "B": "25", "C": "15", "D": "10", "E": "5", "F": "5"}


def owing(balances, *more, customers=()):
    documents = [invoice(f"I-{id}", amount, customer_id=id) for id, amount in balances.items()]
    return book([*documents, *more], customers=customers or [customer(id) for id in balances])


def told(of, *metrics, **how):
    rows = evaluate(of, list(metrics), [END], **how)
    return {row["metric"]: (row["value"], row["note"]) for row in rows.iter_rows(named=True)}


def test_the_worked_example():
    """Shares 40/25/15/10/5/5: the index is 1 600 + 625 + 225 + 100 + 25 + 25, and 10 000 of it 3.85 debtors."""
    rows = evaluate(owing(SHARES), ["top_10_share", "hhi", "effective_debtors"], [END])
    assert rows["value"].to_list() == [1.0, pytest.approx(2600), pytest.approx(10_000 / 2600)]
    assert rows["unit"].to_list() == ["ratio", "number", "number"]
    # Numerator and denominator give the value again: the usual balance is 26 of 100.
    assert rows.select("numerator", "denominator").rows() == [(100, 100), (26, 100), (100, 26)]


def test_only_the_ten_largest_are_in_the_top_share():
    done = owing({f"K{number:02}": str(number) for number in range(1, 13)})
    # 12 + 11 + … + 3 = 75 of 78.
    assert told(done, "top_10_share")["top_10_share"][0] == pytest.approx(75 / 78)


def test_balances_are_net_of_credits_and_a_customer_in_credit_is_no_debtor():
    credits = [
        payment("P1", "-20", "2024-03-01", customer_id="A"),
        payment("P2", "-7", "2024-03-01", customer_id="F"),
    ]
    done = owing(SHARES, *credits)
    # A 20, B 25, C 15, D 10, E 5 of 75; F is 2 in credit.
    want = (20**2 + 25**2 + 15**2 + 10**2 + 5**2) / 75**2 * 10_000
    assert told(done, "hhi")["hhi"][0] == pytest.approx(want)
    table = concentration(done, END)
    assert table.select("customer", "balance").rows() == [("B", 25), ("A", 20), ("C", 15), ("D", 10), ("E", 5)]


def test_where_nobody_owes_there_is_no_value():
    done = owing({"A": "10"}, payment("P", "-15", "2024-03-01", customer_id="A"))
    nothing = (None, "nobody owes anything")
    assert set(told(done, "top_10_share", "hhi", "effective_debtors").values()) == {nothing}
    assert concentration(done, END).is_empty()


def test_groups_are_concentrated_by_themselves():
    documents = [
        invoice("1", "30", customer_id="A"),
        invoice("2", "10", customer_id="B"),
        invoice("3", "60", customer_id="A", region="APAC"),
    ]
    done = book(documents, customers=[customer("A"), customer("B")])
    rows = evaluate(done, ["hhi"], [END], by=["region"])
    assert rows.select("region", "value").rows() == [("APAC", 10_000), ("EMEA", pytest.approx(5625 + 625))]
    assert told(done, "hhi", scope=Scope.of(region="EMEA"))["hhi"][0] == pytest.approx(6250)
    table = concentration(done, END, by=["region"])
    assert table.columns == ["as_of", "region", "currency", "rank", "customer", "balance", "share", "cumulative"]
    assert table.drop("as_of", "currency").rows() == [
        ("APAC", 1, "A", 60, 1, 1), ("EMEA", 1, "A", 30, 0.75, 0.75), ("EMEA", 2, "B", 10, 0.25, 1),
    ]  # fmt: skip


def test_the_table_ranks_all_debtors_and_equal_ones_by_id():
    table = concentration(owing(SHARES), END)
    assert table["rank"].to_list() == [1, 2, 3, 4, 5, 6]
    assert table["customer"].to_list() == ["A", "B", "C", "D", "E", "F"]
    assert table["share"].to_list() == pytest.approx([0.40, 0.25, 0.15, 0.10, 0.05, 0.05])
    assert table["cumulative"].to_list() == pytest.approx([0.40, 0.65, 0.80, 0.90, 0.95, 1])


def test_families_are_rolled_up_to_the_ultimate_parent():
    family = [
        customer("A", parent_id="P"), customer("B", parent_id="A"), customer("C"), customer("P", parent_id="nobody"),
    ]  # fmt: skip
    done = owing({"A": "40", "B": "25", "C": "50"}, payment("X", "-5", "2024-03-01", customer_id="P"), customers=family)
    table = concentration(done, END, groups=True)
    # P owes nothing itself: A 40 and B 25 less P's own credit of 5.
    assert table.select("rank", "customer", "balance").rows() == [(1, "P", 60), (2, "C", 50)]
    assert table["share"].to_list() == pytest.approx([60 / 110, 50 / 110])


def test_a_customer_that_the_master_does_not_know_is_a_debtor_too():
    done = owing({"A": "10"}, invoice("X", "30", customer_id="stranger"))
    assert concentration(done, END, groups=True)["customer"].to_list() == ["stranger", "A"]


def test_currencies_that_are_never_added_are_ranked_apart():
    done = owing({"A": "10"}, invoice("X", "30", customer_id="A", currency="EUR"))
    assert concentration(done, END).select("currency", "rank", "share").rows() == [("EUR", 1, 1), ("USD", 1, 1)]


def test_grouping_concentration_by_customer_is_refused():
    with pytest.raises(OutstandingError, match="group it by another dimension"):
        concentration(owing(SHARES), END, by=["customer"])


def test_a_past_day_and_many_days():
    later = invoice("L", "300", customer_id="B", document_date="2024-03-10")
    done = owing({"A": "30", "B": "10"}, later)
    days = [day("2023-12-31"), day("2024-02-29"), END]
    rows = evaluate(done, ["top_10_share", "hhi"], days)
    assert rows.filter(metric="hhi")["value"].to_list() == [
        None, pytest.approx(6250), pytest.approx((30**2 + 310**2) / 340**2 * 10_000),
    ]  # fmt: skip
    assert concentration(done, days[1])["customer"].to_list() == ["A", "B"]
