"""What the pages below the overview say first, on the numbers they say it of."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from briefing import soundness
from briefing.view import View
from ledger.gl import SCHEMA
from ledger.scope import Scope
from tests.app import company
from ui import customer, customers, items, store

N = "\u00a0"
VIEW = View(company.LAST, "3mo", Scope(), "USD")


def listed(*rows):
    return pl.DataFrame(rows, schema=["label", "known", "overdue"], orient="row")


def test_the_list_leads_with_the_money_and_the_largest():
    rows = listed(("Hansen", True, 300.0), ("Krüger", False, 100.0), ("Paid Ltd", True, 0.0))
    assert customers.list_message(rows, VIEW) == (
        f"$400 is overdue at 2{N}customers; the largest, Hansen, owes 75{N}% of it"
    )
    assert customers.list_message(rows.head(1), VIEW) == "$300 is overdue, all of it at Hansen"
    assert customers.list_message(rows.tail(1), VIEW) == "No customer has anything overdue"


def test_customers_that_only_documents_name_are_counted():
    sums = {"gross": 500.0, "unapplied": -50.0, "total": 450.0, "over_90": 10.0, "disputed": 0.0}
    rows = listed(("Hansen", True, 300.0), ("Krüger", False, 100.0)).with_columns(
        pl.lit(amount).alias(name) for name, amount in sums.items()
    )
    assert customers.counted(rows, VIEW) == (
        f"2{N}customers listed, 1 of them not in the customer master"
        " · gross open $1.0k less unapplied $100 is total AR $900 · overdue $400 · over 90 days $20"
    )
    assert customers.counted(rows.head(1), VIEW).startswith(f"1{N}customer listed ·")


@pytest.mark.parametrize(
    ("share", "target", "over_90", "before", "sliding"),
    [
        (0.3, 0.2, 0.0, 0.0, True),
        (0.1, 0.2, 0.2, 0.1, True),
        (0.1, 0.2, 0.1, 0.2, False),
        (0.9, None, 0.1, 0.1, False),
        (None, 0.2, None, None, False),
    ],
)
def test_a_customer_slides_by_what_is_open(share, target, over_90, before, sliding):
    assert customer.is_sliding(share, target, over_90, before) is sliding


@pytest.mark.usefixtures("published")
def test_a_customer_page_leads_with_what_is_owed(opened):
    title = opened("receivables/customers", customer="C02").title[0].value.replace("\\", "")
    assert title.startswith("<script>alert(1)</script> owes $")
    assert "overdue, the oldest" in title


@pytest.mark.usefixtures("published")
def test_over_the_limit_calls_for_action(opened):
    app = opened("receivables/customers", customer="C02")
    drawn = [element.value for element in app.markdown]
    assert any("over its credit limit of" in words and words.startswith(":orange-badge[") for words in drawn)


@pytest.mark.usefixtures("published")
def test_overdue_never_exceeds_the_gross_that_stands_before_it(opened):
    table = opened("receivables/customers").dataframe[0].value
    names = list(table.columns)
    assert names[5:8] == ["Gross open, USD", "Unapplied, USD", "Total AR, USD"]
    assert (table["Overdue, USD"] <= table["Gross open, USD"]).all()
    unapplied = table["Unapplied, USD"].fillna(0)
    assert (abs(table["Gross open, USD"] + unapplied - table["Total AR, USD"]) < 0.005).all()


def open_items():
    return pl.DataFrame(
        {
            "number": ["early", "small", "large", "credit"],
            "days_past_due": [-14, 90, 3, 40],
            "open": [900.0, 10.0, 500.0, -700.0],
            "disputed": [False, True, False, False],
            "dispute_reason": [None, "price", None, None],
        }
    )


def test_overdue_items_stand_first_by_amount_then_the_rest():
    assert store.most_overdue_first(open_items())["number"].to_list() == ["large", "small", "early", "credit"]


def test_days_late_and_days_to_go_are_two_columns_without_a_minus():
    shown = items.readable(open_items(), {"days_late": "Days late", "due_in": "Due in, days"})
    assert shown["Days late"].to_list() == [None, 90, 3, None]
    assert shown["Due in, days"].to_list() == [14, None, None, None]


def balances(*differences):
    rows = [("UK", "GBP", date(2026, 10, 31), 0.0, 0.0, float(value)) for value in differences]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_a_differing_balance_is_named_with_side_amount_and_day():
    one = f"UK is £18,400.00 below the general ledger on 31{N}Oct{N}2026"
    assert soundness.general_ledger(balances(0, -18400)) == one
    assert soundness.general_ledger(balances(-18400, 2, 0)) == f"{one}; 1 more of 3 balances differ"
    assert soundness.general_ledger(balances(0, 0)) == "the sub-ledger equals the general ledger"
    assert soundness.general_ledger(balances()) == ""
