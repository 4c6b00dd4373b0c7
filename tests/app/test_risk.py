"""The pages of risk: what will be lost, on whom much hangs, and who owes more than was granted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

import metrics
from briefing import exposures, losses
from briefing.view import Against, View
from ledger.build import build_book
from ledger.scope import Scope
from metrics import Plan, text
from tests.app import company
from ui import disputes, rolls

N = "\u00a0"
VIEW = View(company.LAST, "3mo", Scope(), "USD")
PROVISION, CONCENTRATION = "risk/provision", "risk/concentration"


def said(element):
    return element.value.replace("\\", "").replace("\u2060", "")


def titled(app):
    return said(app.title[0])


def captions(app):
    return [said(caption) for caption in app.caption]


# --- provision ------------------------------------------------------------------------------------------------------


def reading(*rows):
    """``(bucket, amount, loss rate, adjustment, rate, allowance, note)``."""
    names = ["bucket", "amount", "loss_rate", "adjustment", "rate", "allowance", "note"]
    return losses.Reading(pl.DataFrame(rows, schema=names, orient="row", schema_overrides={"note": pl.String}))


NOW = reading(
    ("current", 1000.0, 0.01, 0.1, 0.011, 11.0, None),
    ("1–30", 500.0, 0.1, 0.0, 0.1, 50.0, None),
    ("individual", 200.0, 0.4, 0.0, 0.4, 80.0, "Odd Ltd: in court"),
)


def test_the_message_tells_the_allowance_its_share_and_its_change():
    before = reading(("current", 1000.0, 0.1, 0.0, 0.1, 100.0, None))
    # 11 + 50 + 80 = 141 of 1,700, 8.3 %; 41 more than 100
    assert losses.message(NOW, before, VIEW) == (
        f"$141 of $1.7k open is expected to be lost (8.3{N}%), $41 more than a year ago"
    )
    since = replace(VIEW, against=Against.PERIOD)
    assert losses.message(NOW, before, since).endswith(f"$41 more than on 31{N}Mar{N}2026")
    assert losses.message(NOW, before, replace(VIEW, relative=True)).endswith(f"41.0{N}% more than a year ago")
    assert losses.message(NOW, NOW, VIEW).endswith(", as much as a year ago")
    assert losses.message(NOW, None, VIEW).endswith(f"(8.3{N}%)")


def test_the_matrix_ends_with_its_total_and_names_what_is_judged_by_itself():
    rows = losses.matrix(NOW, None)
    assert rows["bucket"].to_list() == ["Current", "1–30", "Odd Ltd", "Total"]
    assert rows["allowance"].to_list() == [11.0, 50.0, 80.0, 141.0]
    assert rows["adjustment"].to_list() == [pytest.approx(10.0), None, None, None]
    assert rows["rate"][-1] == pytest.approx(141 / 1700 * 100)
    assert rows["note"].to_list() == [None, None, "judged by itself: in court", None]
    assert losses.notes(rows) == ["Odd Ltd: judged by itself: in court"]


def test_the_what_if_stands_beside_the_record():
    then = reading(
        ("current", 1000.0, 0.005, 0.1, 0.0055, 5.5, None),
        ("1–30", 500.0, 0.05, 0.0, 0.05, 25.0, None),
        ("individual", 200.0, 0.4, 0.0, 0.4, 80.0, "Odd Ltd: in court"),
    )
    rows = losses.matrix(NOW, then)
    assert rows["allowance"][-1] == 141.0
    assert rows["then_allowance"].to_list() == [5.5, 25.0, 80.0, 110.5]


def test_rolls_are_compared_with_the_same_months_a_year_before():
    ends = [date(2025, month, 28) for month in (1, 2, 3)] + [date(2026, month, 28) for month in (1, 2, 3)]
    rows = pl.DataFrame(
        [
            {"as_of": end, "bucket": bucket, "older": older * (1 if end.year == 2025 else grown), "opening": 100.0}
            for end in ends
            for bucket, older, grown in (("current", 10.0, 2.0), ("1–30", 20.0, 1.1))
        ]
    )
    told, lead = rolls.trend_finding(rows, ends)
    assert lead == "current"
    assert told == (
        f"20.0{N}% of what was current was overdue a month later, over the last three months; 10.0{N}% a year before"
    )
    assert rolls.trend_finding(rows, ends[3:])[1] is None


@pytest.mark.usefixtures("published")
def test_provision_leads_with_what_the_matrix_sums_to(opened):
    app = opened(PROVISION)
    assert not app.exception
    book = build_book(company.tables(), company.rules(), source="books")
    whole = metrics.provision(book, company.LAST, Plan())
    lost = text.money(whole["allowance"].sum(), "USD")
    assert titled(app).startswith(f"{lost} of {text.money(whole['amount'].sum(), 'USD')} open is expected")
    table = app.dataframe[0].value
    assert table["allowance"].iloc[-1] == pytest.approx(whole["allowance"].sum())
    assert "then_allowance" not in table.columns
    assert any("simplified approach" in words and "estimate" in words for words in captions(app))


@pytest.mark.usefixtures("published")
def test_rates_without_history_are_told(opened):
    warned = [said(warning) for warning in opened(PROVISION).warning]
    assert any("taken as lost in full" in words for words in warned)


@pytest.mark.usefixtures("published")
def test_better_collections_save_and_the_record_stays(opened):
    app = opened(PROVISION, as_of="2026-05-31")
    before = titled(app)
    app = opened(PROVISION, as_of="2026-05-31", improve="20")
    assert app.slider(key="improve").value == 20
    table = app.dataframe[0].value
    assert table["then_allowance"].iloc[-1] <= table["allowance"].iloc[-1]
    assert titled(app) == before
    assert any("In the first month about" in words for words in captions(app))


@pytest.mark.usefixtures("published")
def test_an_adjustment_is_tried_and_the_record_stays(opened):
    app = opened(PROVISION)
    before, rate = titled(app), app.dataframe[0].value["rate"].iloc[5]
    app.number_input(key="forward_120+").set_value(-50.0).run()
    table = app.dataframe[0].value
    assert table["then_rate"].iloc[5] == pytest.approx(rate / 2)
    assert table["rate"].iloc[5] == pytest.approx(rate)
    assert titled(app) == before


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(("parameter", "value"), [("improve", "banana"), ("improve", "900"), ("roll_method", "guess")])
def test_an_address_may_say_anything(opened, parameter, value):
    app = opened(PROVISION, **{parameter: value})
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("published")
def test_roll_rates_switch_their_method(opened):
    followed = captions(opened(PROVISION))
    net = captions(opened(PROVISION, roll_method="Net flow"))
    assert any(words.startswith("The same invoices are followed") for words in followed)
    assert any(words.startswith("Balances are compared") for words in net)


@pytest.mark.usefixtures("published")
def test_before_the_window_nothing_is_compared(opened):
    app = opened(PROVISION, as_of="2024-08-31", window="12mo")
    assert not app.exception
    assert " than on " not in titled(app)
    assert any("does not reach" in words for words in captions(app))


# --- concentration --------------------------------------------------------------------------------------------------


def families(settled):
    """The company with C02 and C03 below C01, limits of their own for some, none for C09 and its like."""
    tables = company.tables()
    limit = {"C01": "2000", "C02": "5000", "C04": "0"}
    ids = tables["customers"]["customer_id"]
    customers = tables["customers"].with_columns(
        pl.Series("credit_limit", [limit.get(id) for id in ids], dtype=pl.String),
        pl.Series("parent_id", ["C01" if id in ("C02", "C03") else None for id in ids], dtype=pl.String),
    )
    company.publish(settled, tables | {"customers": customers})
    return build_book(tables | {"customers": customers}, company.rules(), source="books")


@pytest.mark.usefixtures("published")
def test_concentration_names_who_is_over_its_limit_and_by_how_much(opened):
    app = opened(CONCENTRATION)
    assert not app.exception
    book = build_book(company.tables(), company.rules(), source="books")
    worst = metrics.credit_limits(book, company.LAST).row(0, named=True)
    name, over = company.NASTY[worst["customer"]], text.money(worst["over_limit"], "USD")
    assert titled(app).startswith(f"{name} is {over} over its credit limit of $5.0k")


def test_limits_count_families_and_none_is_no_zero(settled, opened):
    book = families(settled)
    app = opened(CONCENTRATION)
    assert not app.exception
    over = app.dataframe[0].value
    held = metrics.credit_limits(book, company.LAST).filter(pl.col("over_limit") > 0)
    assert sorted(over["Over by"]) == pytest.approx(sorted(held["over_limit"]))
    assert set(over["Limit"]) == {"own", "group of 3"}
    without = app.dataframe[1].value
    owing = metrics.concentration(book, company.LAST)
    free = owing.filter(~pl.col("customer").is_in(["C01", "C02", "C03", "C04"]))
    assert without["Owed"].sum() == pytest.approx(free["balance"].sum())
    assert company.NASTY["C04"] not in set(without["Customer"])


def test_overdue_and_over_stands_first(settled, opened):
    families(settled)
    over = opened(CONCENTRATION).dataframe[0].value
    late = (over["Overdue"] > 0).to_list()
    assert late == sorted(late, reverse=True)


def test_groups_roll_up_to_the_parent(settled, opened):
    families(settled)
    single, rolled = (
        {element.proto.label for element in opened(CONCENTRATION, debtors=who).get("page_link")}
        for who in ("Customers", "Groups")
    )
    member = "**bold** _it_ ~~s~~"
    assert any(said_of(label) == member for label in single)
    assert not any(said_of(label) == member for label in rolled)


def said_of(label):
    return label.replace("\\", "").replace("\u2060", "")


@pytest.mark.usefixtures("published")
def test_a_click_on_a_row_opens_the_customer(opened):
    app = opened(CONCENTRATION)
    app.session_state["_going"] = ("pages/receivables/customers.py", {"customer": ["C02"]})
    app.run()
    assert not app.exception
    assert titled(app).startswith("<script>alert(1)</script> owes")


def test_without_limits_the_largest_are_named(settled, opened):
    tables = company.tables()
    company.publish(settled, tables | {"customers": tables["customers"].drop("credit_limit")})
    app = opened(CONCENTRATION)
    assert not app.exception
    assert titled(app).startswith("The ten largest debtors owe ")
    assert any(said(element) == "**No credit limit is in use**" for element in app.markdown)
    assert any("has a credit limit in the customer table" in words for words in captions(app))


def test_limits_without_rates_are_not_compared(settled, opened):
    tables = company.tables()
    mixed = tables["documents"].with_columns(
        currency=pl.when(pl.col("customer_id") > "C05").then(pl.lit("EUR")).otherwise(pl.lit("USD"))
    )
    company.publish(settled, tables | {"documents": mixed})
    app = opened(CONCENTRATION, currency="EUR")
    assert not app.exception
    assert any("nothing converts the amounts" in words for words in captions(app))


# --- disputes -------------------------------------------------------------------------------------------------------


def disputed(*amounts):
    return pl.DataFrame({"bucket": ["current", "1–30", "31–60"], "amount": [float(amount) for amount in amounts]})


def test_disputes_say_what_of_them_is_overdue():
    assert disputes.finding(disputed(40, 10, 5), "USD") == "$55 is in dispute, $15 of it overdue"
    assert disputes.finding(disputed(0, 10, 5), "USD") == "$15 is in dispute, all of it overdue"
    assert disputes.finding(disputed(40, 0, 0), "USD") == "$40 is in dispute, none of it overdue"


def test_disputes_stand_beside_their_buckets():
    aged = pl.DataFrame({"bucket": ["current", "1–30", "31–60", "unapplied"], "amount": [400.0, 20.0, 0.0, -9.0]})
    table = disputes.by_bucket(disputed(40, 10, 0), aged, "USD")
    assert table.columns == ["", "Current", "1–30", "31–60", "All"]
    assert table.row(0) == ("Disputed, USD", 40.0, 10.0, 0.0, 50.0)
    assert table.row(1) == ("Of the bucket, %", 10.0, 50.0, None, pytest.approx(50 / 420 * 100))


def test_the_aging_page_shows_disputes_where_there_are_any(settled, opened):
    tables = company.tables()
    flagged = tables["documents"].with_columns(disputed=pl.col("customer_id") == "C02")
    company.publish(settled, tables | {"documents": flagged})
    assert any("is in dispute" in said(element) for element in opened("receivables/aging").markdown)
    company.publish(settled, tables)
    assert not any("is in dispute" in said(element) for element in opened("receivables/aging").markdown)


def test_concentration_is_silent_about_limits_that_hold():
    owing = pl.DataFrame(
        {"label": ["A", "B"], "balance": [30.0, 10.0], "share": [0.75, 0.25], "cumulative": [0.75, 1.0]}
    )
    held = pl.DataFrame({"label": ["A"], "over_limit": [0.0], "limit": [50.0]})
    assert exposures.message(VIEW, owing, held, 0.0) == (f"2{N}customers owe everything; the largest is A with $30")
