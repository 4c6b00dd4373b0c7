"""The list of customers and the page of one: what is said, narrowed and taken away, and where a click leads."""

from __future__ import annotations

import io
import json
import os
from decimal import Decimal

import fastexcel
import polars as pl
import pytest

import metrics
from briefing.view import View
from charts.customers import Month, pace
from charts.figure import Setting
from config.settings import load
from ledger.build import build_book
from ledger.scope import COMPANY
from ledger.store import Store
from metrics import text
from tests.app import company
from ui import customers, printing
from ui.statement import file_name, made

N = "\u00a0"


def plain(element):
    return element.value.replace("\\", "").replace("\u2060", "")


def said(app):
    return [plain(element) for element in (*app.markdown, *app.caption)]


def listed(app):
    return app.dataframe[0].value["Id"].to_list()


def press(app, key):
    next(button for button in app.button if button.key == key).click()
    return app.run()


# --- the list -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_the_list_has_units_in_its_headings_and_a_sum(opened):
    app = opened("receivables/customers")
    assert list(app.dataframe[0].value.columns)[:5] == [
        "Customer", "Id", "Overdue, USD", "Overdue share", "Over 90 days, USD",
    ]  # fmt: skip
    # Open: C02 6,615; 0011 4,001; C10 3,801; C09 3,601; C08 3,401; C07 3,201; C06 3,001; C05 to C03 3,900; C01 1,000.
    assert any("gross open $32.5k less unapplied $250 is total AR $32.3k" in words for words in said(app))


@pytest.mark.parametrize(
    ("chips", "expected"),
    [
        (["over limit"], ["C02"]),  # 6,615 of 5,000
        (["over 90 days"], ["C02"]),  # due on 18 February and 18 March
        (["disputed"], []),
        (["over limit", "slipping"], []),
    ],
)
@pytest.mark.usefixtures("published")
def test_chips_in_the_address_narrow_the_list(opened, chips, expected):
    app = opened("receivables/customers", customers_with=chips)
    assert not app.exception
    if expected:
        assert listed(app) == expected
    else:
        assert any("No customer matches" in info.value for info in app.info)


@pytest.mark.usefixtures("published")
def test_the_order_is_in_the_address(opened):
    by_name = opened("receivables/customers", customers_by="name").dataframe[0].value["Customer"].to_list()
    assert by_name == sorted(by_name, key=str.lower)
    by_size = opened("receivables/customers", customers_by="total AR").dataframe[0].value["Total AR, USD"].to_list()
    assert by_size == sorted(by_size, reverse=True)
    assert by_size[0] == 6615


@pytest.mark.usefixtures("published")
def test_an_order_that_is_none_is_said(opened):
    app = opened("receivables/customers", customers_by="luck")
    assert any("luck" in plain(warning) for warning in app.warning)
    assert listed(app)[0] == "C02"


@pytest.mark.usefixtures("published")
def test_the_first_of_the_list_open_and_the_way_back_restores_it(opened):
    app = opened("receivables/customers", customers_find="c0", customers_with=["over limit"], region="South")
    app = press(app, "customers_open_0")
    assert app.query_params["customer"] == "C02"
    app = press(app, "customers_step_0")
    assert "customer" not in app.query_params
    kept = {name: app.query_params[name] for name in ("customers_find", "customers_with", "region")}
    assert kept == {"customers_find": "c0", "customers_with": "over limit", "region": "South"}


def test_the_workbook_of_the_list_says_what_it_is_of():
    book = build_book(company.tables(), company.rules(), source="books")
    view = View(company.LAST, "3mo", COMPANY, "USD", filters=("Region South",))
    rows = pl.DataFrame({"label": ["=cmd()"], "customer_id": ["0011"], "overdue": [12.5], "overdue_share": [0.25]})
    named = {"label": "Customer", "customer_id": "Id", "overdue": "Overdue, USD", "overdue_share": "Overdue share"}
    file = fastexcel.read_excel(customers.workbook(rows, named, view, book))
    assert file.sheet_names == ["Customers", "About"]
    assert file.load_sheet("Customers").to_polars().rows() == [("=cmd()", "0011", 12.5, 0.25)]
    about = file.load_sheet("About", header_row=None).to_polars().rows()
    assert any("Region South" in str(row) for row in about)


# --- one customer -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_the_page_says_what_the_number_means(opened):
    app = opened("receivables/customers", customer="C02")
    meaning = next(words for words in said(app) if "-badge[" in words and "credit limit" in words)
    assert meaning.startswith(":orange-badge[At risk]")
    assert "It is $1.6k over its credit limit of $5.0k." in meaning
    # Of the last year it paid six invoices, each three days after its due date, and so the year before.
    assert f"Over 12{N}months paid 3{N}days after due on average, as a year ago." in meaning


@pytest.mark.usefixtures("published")
def test_a_customer_with_credits_only_owes_nothing_and_holds_them(opened):
    app = opened("receivables/customers", customer="C01", account_shows="Not applied")
    assert any("$250.00 of payments and credits wait to be applied" in words for words in said(app))


@pytest.mark.usefixtures("published")
def test_each_part_of_the_account_can_be_linked_to(opened):
    rows = {}
    for part in ("Open items", "Disputed", "Not applied", "Credit notes and write-offs", "All documents"):
        app = opened("receivables/customers", customer="C02", account_shows=part)
        assert not app.exception
        tables = [frame.value for frame in app.dataframe if "Number" in frame.value.columns]
        rows[part] = len(tables[0]) if tables else 0
    assert rows == {
        "Open items": 6, "Disputed": 0, "Not applied": 0, "Credit notes and write-offs": 0, "All documents": 24,
    }  # fmt: skip


@pytest.mark.usefixtures("published")
def test_a_bucket_lists_its_items_and_is_left_again(opened):
    app = opened("receivables/customers", customer="C02", bucket="91–120")
    assert [frame.value["Number"].to_list() for frame in app.dataframe if "Number" in frame.value.columns] == [
        ["N-C02-04"]
    ]
    app = press(app, "account_all_ages")
    assert "bucket" not in app.query_params


@pytest.mark.usefixtures("published")
def test_the_printed_account_has_every_open_item_oldest_first(opened):
    app = opened("receivables/customers", customer="C02")
    table = next(element.value for element in app.markdown if element.value.startswith("| Number"))
    numbers = [line.split("|")[1].strip().replace("\\", "") for line in table.splitlines()[2:]]
    assert numbers == [f"N-C02-0{place}" for place in (5, 4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [("customer_limit", "$1.6k over the own limit of $5.0k"), ("customer_aging", "Overdue rose $5.5k in a year")],
)
@pytest.mark.usefixtures("published")
def test_each_chart_is_titled_with_its_finding(opened, drawn, expected):
    app = opened("receivables/customers", customer="C02")
    assert any(words.startswith(f"**{expected}") for words in said(app)), drawn


def family():
    """Three companies: the first above the others, which have limits of their own."""
    rows = company.tables()
    parents = pl.Series("parent_id", [None, "C01", "C01", *[None] * 8], dtype=pl.String)
    limits = pl.Series("credit_limit", ["7000", "5000", None, *["5000"] * 8])
    return {**rows, "customers": rows["customers"].with_columns(parents, limits)}


def test_a_family_counts_as_one_against_the_parents_limit(settled, opened):
    company.publish(settled, family())
    app = opened("receivables/customers", customer="C02")
    # C01 750 (1,000 less 250), C02 6,615, C03 1,200: 8,565 of 7,000.
    assert any("$1.6k over the own limit of $5.0k and $1.6k over the group's limit of $7.0k" in w for w in said(app))
    labels = {button.key: plain_label(button) for button in app.button if str(button.key).startswith("relative_")}
    assert list(labels.values()) == ["**=cmd()** (parent) :gray[$750]", "****bold** _it_ ~~s~~** :gray[$1.2k]"]
    app = press(app, "relative_0")
    assert app.query_params["customer"] == "C01"
    assert any("It and the companies below it are $1.6k over its credit limit of $7.0k" in words for words in said(app))


def plain_label(button):
    return button.label.replace("\\", "").replace("\u2060", "")


def test_a_family_agrees_with_the_metric(settled, opened):
    company.publish(settled, family())
    app = opened("receivables/customers", customer="C02")
    book = build_book(family(), company.rules(), source="books")
    limits = {row["customer"]: row for row in metrics.credit_limits(book, company.LAST).iter_rows(named=True)}
    over = [text.money(limits[id]["over_limit"], "USD") for id in ("C02", "C01")]
    assert any(f"{over[0]} over the own" in words and f"{over[1]} over the group's" in words for words in said(app))


def test_disputes_write_offs_and_credit_notes_are_told(settled, opened):
    rows = company.tables()
    disputed = pl.when(pl.col("document_id") == "C02-03").then(pl.lit("true")).otherwise(pl.lit("false"))
    memo = rows["documents"].filter(pl.col("document_id") == "P1").with_columns(
        document_id=pl.lit("M1"), customer_id=pl.lit("C02"), kind=pl.lit("credit_memo"), number=pl.lit("M-1"),
        amount=pl.lit(Decimal(-40), pl.Decimal(scale=2)),
    )  # fmt: skip
    documents = pl.concat([rows["documents"], memo]).with_columns(
        disputed=disputed, dispute_reason=pl.when(disputed == "true").then(pl.lit("short delivery"))
    )
    lost = pl.DataFrame(
        [("W1", "C02-05", company.LAST, Decimal(105), "write_off")],
        schema=rows["settlements"].schema,
        orient="row",
    )
    company.publish(settled, {**rows, "documents": documents, "settlements": pl.concat([rows["settlements"], lost])})
    app = opened("receivables/customers", customer="C02", account_shows="Credit notes and write-offs")
    assert any("credit notes of $40.00 and write-offs of $105.00" in words for words in said(app))
    assert any("$1,103.00 is in dispute" in words for words in said(app))
    shown = app.dataframe[-1].value
    assert sorted(zip(shown["Kind"], shown["Document"], shown["Amount"], strict=True)) == [
        ("Credit note", "M-1", 40.0),
        ("Write-off", "N-C02-05", 105.0),
    ]


# --- to take away -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_the_statement_is_the_customers_and_of_the_day(opened):
    settings = load(os.environ["OUTSTANDING_CONFIG"])
    place = Store(settings.store.path, settings.store.keep)
    book = place.load(place.current())
    lines = made("csv", book, settings, "C02", company.LAST, COMPANY).decode("utf-8-sig")
    assert pl.read_csv(io.StringIO(lines))["Open"].sum() == 6615
    assert made("pdf", book, settings, "C02", company.LAST, COMPANY).startswith(b"%PDF")
    sheets = fastexcel.read_excel(made("xlsx", book, settings, "C02", company.LAST, COMPANY)).sheet_names
    assert sheets[:2] == ["Open items", "Balance"]
    app = opened("receivables/customers", customer="C02")
    assert {f"statement_{kind}" for kind in ("pdf", "xlsx", "csv")} <= {
        button.key for button in app.get("download_button")
    }


def test_a_files_name_holds_nothing_a_system_refuses():
    view = View(company.LAST, "3mo", COMPANY, "USD")
    assert file_name("../../etc/0011", view, "pdf") == "statement_etc-0011_2026-06-30.pdf"
    assert file_name(None, view, "csv") == "statement_unassigned_2026-06-30.csv"
    assert file_name("漢字", view, "csv") == "statement_customer_2026-06-30.csv"


def test_the_foot_of_a_sheet_cannot_leave_its_text():
    hostile = '</style><script>"}\\'
    written = printing.css_text(hostile)
    assert not set("<>\"'}{/") & set(written[1:-1])
    letters = [chr(int(part, 16)) for part in written[1:-1].replace("\\", "").split()]
    assert "".join(letters) == hostile


# --- currencies that are never added ------------------------------------------------------------------------------


def test_several_currencies_stand_apart(settled, opened):
    rows = company.tables()
    yen = pl.col("document_id").is_in(["C02-00", "C02-01"])
    documents = rows["documents"].with_columns(currency=pl.when(yen).then(pl.lit("JPY")).otherwise("currency"))
    company.publish(settled, {**rows, "documents": documents})
    app = opened("receivables/customers", customer="C02")
    # 6,615 less the two of 1,100 and 1,101.
    assert "owes $4.4k" in plain(app.title[0])
    other = next(button for button in app.button if button.key == "other_JPY")
    assert plain_label(other) == "¥2.2k, ¥1.1k of it overdue"
    assert any("$4,414.00" in words and "¥2,201" in words and "in all" in words for words in said(app))
    assert any(words == "**Credit limits cannot be compared**" for words in said(app))
    app = press(app, "other_JPY")
    assert app.query_params["currency"] == "JPY"
    assert "owes ¥2.2k" in plain(app.title[0])


def test_the_months_of_the_pace_chart_carry_days_and_shares():
    months = [Month(company.LAST, 40.0, 10.0, 0.25, 1000.0)]
    figure = pace(months, 9.6, 4.4, Setting("as of 30 Jun 2026", "USD"))
    assert figure.title == f"Over 12{N}months paid 10{N}days after due on average, was 4 a year ago"
    row = figure.table.row(0, named=True)
    assert (row["Days to pay, days"], row["Terms, days"], row["Late share"]) == (40, 30, 0.75)
    assert text.day(company.LAST) in json.dumps(figure.spec, ensure_ascii=False)
