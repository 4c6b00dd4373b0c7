"""Books that are odd but legal: credits that are aged, currencies that are never added, names that pages use, too."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from config.settings import AppFile
from ledger.aging import AgingRule
from ledger.store import Store
from metrics import evaluate
from tests.ledger.books import TODAY, book, customer, invoice, payment, settled
from ui import address, treemap

UI = Path(address.__file__).parent


def published(settled, of):
    """Publishes books as those of the company in ``settled``; returns its app.toml."""
    Store(settled / "data").publish(of, datetime.now(UTC))
    file = settled / "config" / "app.toml"
    file.write_text(file.read_text().replace("Test & Sons", of.rules.company))
    return file


@pytest.fixture
def opened_with(settled, opened):
    """Publishes books, and opens a page of theirs; further dimensions go into the settings."""

    def open_page(of, page, dimensions=(), **parameters):
        file = published(settled, of)
        file.write_text(file.read_text() + "".join(f'{name} = "{name}"\n' for name in dimensions))
        return opened(page, **parameters)

    return open_page


def said(app):
    words = [element.value for element in (*app.title, *app.markdown, *app.caption)]
    return [each.replace("\\", "").replace("\u2060", "") for each in words]


def the_list(app):
    return pl.from_pandas(app.dataframe[0].value)


# --- credits in the buckets of their own dates --------------------------------------------------------------------


@pytest.fixture
def aged():
    """C1 owes 100, all of it late, and is owed 30 that is as old; C2 owes 40 that is not due."""
    documents = [
        invoice(amount="100"),
        payment("P1", "-30", "2024-03-01"),
        invoice("I2", "40", customer_id="C2", document_date="2024-12-10", due_date="2025-01-10"),
    ]
    return book(documents, customers=[customer("C1"), customer("C2")], rules={"aging": AgingRule(credits="aged")})


def test_the_list_of_customers_says_what_the_metrics_say_where_credits_are_aged(aged, opened_with):
    app = opened_with(aged, "receivables/customers")
    row = the_list(app).filter(pl.col("Id") == "C1").row(0, named=True)
    read = evaluate(aged, None, [TODAY], "3mo", by=["customer"]).filter(pl.col("customer") == "C1")
    metrics = dict(read.select("metric", "value").iter_rows())
    assert row["Overdue, USD"] == metrics["overdue"] == 100
    assert row["Gross open, USD"] == metrics["gross_open"] == 100
    assert row["Unapplied, USD"] == metrics["unapplied_credits"] == -30
    assert row["Overdue share"] == 100 * metrics["overdue_share"] == 100
    assert any("gross open $140 less unapplied $30 is total AR $110" in words for words in said(app))
    assert app.title[0].value.replace("\\", "").startswith("$100 is overdue")


def test_the_map_of_who_owes_says_what_the_metrics_say_where_credits_are_aged(aged):
    read = evaluate(aged, ["gross_open", "overdue", "unapplied_credits"], [TODAY], "3mo", by=["region", "customer"])
    rows = treemap._summed(read, "region").filter(pl.col("customer") == "C1")
    assert rows.select("gross", "overdue", "unapplied").row(0) == (100, 100, -30)


def _balances():
    import streamlit as st

    from briefing.view import View
    from ledger.scope import COMPANY
    from tests.ledger.books import TODAY
    from ui import exposure, store

    store.begin()
    st.text(exposure.balances(View(TODAY, "3mo", COMPANY, "USD"))["C1"])


def test_what_is_overdue_under_a_limit_is_not_less_its_credits(settled):
    """100 is overdue, 30 is not due, and 30 is owed back."""
    documents = [
        invoice(amount="100"),
        payment("P1", "-30", "2024-03-01"),
        invoice("I2", "30", document_date="2024-12-10", due_date="2025-01-10"),
    ]
    of = book(documents, customers=[customer("C1", credit_limit="200")], rules={"aging": AgingRule(credits="aged")})
    published(settled, of)
    assert AppTest.from_function(_balances).run().text[0].value == "(100.0, 100.0)"


# --- currencies that are never added ------------------------------------------------------------------------------


@pytest.fixture
def apart():
    """C1 owes 50,000 yen and has a limit of 2,000 dollars; C2 owes dinars, of which a thousandth is money."""
    documents = [
        invoice("I1", "50000", currency="JPY"),
        invoice("I2", "10.125", currency="KWD", customer_id="C2", document_date="2024-11-01", due_date="2024-11-30"),
        payment("P", "-0.006", "2024-12-01", currency="KWD", customer_id="C2"),
        invoice("I3", "7"),
    ]
    paid = [settled("1", "5.001", "2024-12-05", of="I2"), settled("2", "0.004", "2024-12-06", of="I2")]
    return book(documents, paid, [customer("C1", credit_limit="2000"), customer("C2", credit_limit="5")])


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_a_limit_is_not_held_against_money_of_another_currency(apart, opened_with, currency):
    app = opened_with(apart, "receivables/customers", currency=currency)
    rows = the_list(app)
    assert rows["Limit used"].null_count() == rows.height
    assert rows[f"Credit limit, {currency}"].null_count() == rows.height
    chosen = opened_with(apart, "receivables/customers", currency=currency, customers_with="over limit")
    assert any("No customer matches" in info.value for info in chosen.info)


def test_nothing_is_said_of_limits_that_cannot_be_compared(apart, opened_with):
    words = said(opened_with(apart, "risk/concentration", currency="JPY"))
    assert "**Credit limits cannot be compared**" in words
    assert "**Everything owed is covered by a credit limit**" not in words
    assert "**Nobody is over a credit limit**" not in words


def test_a_parent_over_its_limit_with_all_below_it_is_in_the_list_that_the_tile_leads_to(opened_with):
    """The limit of 100 is the family's, which owes 550."""
    documents = [invoice(customer_id="K", amount="500"), invoice("I2", "50", customer_id="P")]
    of = book(documents, customers=[customer("P", credit_limit="100"), customer("K", parent_id="P")])
    rows = the_list(opened_with(of, "receivables/customers", customers_with="over limit"))
    assert rows.select("Id", "Limit used").rows() == [("P", 550.0)]


def test_a_limit_below_zero_is_none(opened_with):
    of = book([invoice()], customers=[customer("C1", credit_limit="-1")])
    assert the_list(opened_with(of, "receivables/customers"))["Credit limit, USD"].to_list() == [None]


def test_money_with_three_decimals_keeps_them(apart, opened_with):
    rows = the_list(opened_with(apart, "receivables/customers", currency="KWD")).filter(pl.col("Id") == "C2")
    assert rows.select("Unapplied, KWD", "Total AR, KWD").row(0) == (-0.006, pytest.approx(5.114))
    app = opened_with(apart, "receivables/customers", currency="KWD", customer="C2", document="I2")
    left = next(each.value for each in app.dataframe if "Left open" in each.value.columns)
    assert left["Left open"].to_list() == [5.124, 5.12]


@pytest.mark.parametrize("labels", [("Group", "Group"), ("Customer", "Id"), ("Overdue, USD", "Pays")])
def test_dimensions_may_share_a_label_with_each_other_or_with_a_column(labels, opened_with):
    named = dict(zip(("channel", "team"), labels, strict=True))
    documents = [{**invoice(), "channel": "A", "team": "X"}, {**invoice("I2", customer_id="C2"), "channel": "B"}]
    customers = [customer("C1", channel="A", team="X"), customer("C2", channel="B", team="Y")]
    app = opened_with(book(documents, customers=customers, rules={"dimensions": named}), "receivables/customers")
    assert not app.exception
    assert app.dataframe[0].value.columns.is_unique


# --- addresses and names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["--5", "9" * 5_000, "1e3", "٣x"])
@pytest.mark.usefixtures("published")
def test_a_number_in_the_address_may_be_anything(opened, written):
    app = opened("risk/provision", improve=written)
    assert not app.exception


PARTS = ("tour", "print", "filters", "over_limit", "tiles")


@pytest.mark.parametrize(
    ("page", "more"),
    [("summary/overview", {}), ("receivables/customers", {"customer": "C1"}), ("risk/concentration", {})],
)
def test_dimensions_may_have_the_names_of_parts_of_the_screen(opened_with, page, more):
    of_a, of_b = dict.fromkeys(PARTS, "A"), dict.fromkeys(PARTS, "B")
    documents = [{**invoice(), **of_a}, {**invoice("I2", customer_id="C2"), **of_b}]
    customers = [customer("C1", credit_limit="50"), customer("C2", credit_limit="60")]
    of = book(documents, customers=customers, rules={"dimensions": {name: name for name in PARTS}})
    app = opened_with(of, page, **more, **{f"by_{name}": "A" for name in PARTS})
    assert not app.exception
    assert {name: app.multiselect(key=f"by_{name}").value for name in PARTS} == {key: ["A"] for key in PARTS}


def test_no_part_of_the_screen_can_meet_a_filter():
    """A filter has the key of its parameter; names with '_' in them are left out, since a dimension has hardly one."""
    sources = [*UI.glob("*.py"), *UI.parent.glob("pages/*/*.py")]
    named = {key for file in sources for key in re.findall(r'\bkey="([a-z][a-z0-9]*)"', file.read_text())}
    assert {"tour", "print", "filters"} <= named
    assert {name for name in named if address.dimension(name) == name and not _refused(name)} == set()


@pytest.mark.parametrize("name", ["gross", "limit", "used", "over", "pays", "why", "none"])
def test_names_that_the_list_of_customers_and_the_explorer_use_are_refused(name):
    assert _refused(name)


def _refused(name):
    try:
        AppFile(reporting_currency="USD", source="x", dimensions={name: "Its label"})
    except ValueError:
        return True
    return False
