"""Which column is what: suggested from names and values, and silent where nobody could know."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_sources import suggestions
from ledger.schema import TABLES

INVOICES = pl.DataFrame(
    {
        "Invoice No.": ["1", "2"],
        "Cust": ["A", "B"],
        "InvDate": ["01.02.2024", "13.02.2024"],
        "Due Date": ["01.03.2024", "13.03.2024"],
        "Gross": ["1.234,50", "12,00"],
        "Curr.": ["EUR", "EUR"],
        "Type": ["R", "G"],
        "Region": ["N", "S"],
    }
)


def test_columns_of_an_english_list_of_invoices():
    assert suggestions.columns("documents", INVOICES, ("entity", "region")) == {
        "document_id": "Invoice No.",
        "customer_id": "Cust",
        "kind": "Type",
        "document_date": "InvDate",
        "due_date": "Due Date",
        "currency": "Curr.",
        "amount": "Gross",
        "region": "Region",
    }


def test_columns_of_sap_and_of_a_german_list():
    sap = pl.DataFrame(
        {"KUNNR": ["1"], "BELNR": ["9"], "BUKRS": ["1000"], "BLART": ["RV"], "BLDAT": ["20240131"], "WAERS": ["EUR"]}
    )
    assert suggestions.columns("documents", sap) == {
        "document_id": "BELNR",
        "customer_id": "KUNNR",
        "entity": "BUKRS",
        "kind": "BLART",
        "document_date": "BLDAT",
        "currency": "WAERS",
    }
    german = pl.DataFrame(
        {"Zahlungsnummer": ["1"], "Rechnungsnummer": ["9"], "Zahlungsdatum": ["01.02.2024"], "Betrag": ["5,00"]}
    )
    assert suggestions.columns("settlements", german) == {
        "settlement_id": "Zahlungsnummer",
        "document_id": "Rechnungsnummer",
        "settled_on": "Zahlungsdatum",
        "amount": "Betrag",
    }


def test_a_column_whose_values_do_not_fit_is_not_suggested():
    wrong = pl.DataFrame({"invoice_date": ["soon", "later"], "amount": ["much", "more"], "due_date": [None, None]})
    assert suggestions.columns("documents", wrong) == {"due_date": "due_date"}, "a name alone is enough without values"


def test_typed_columns_fit_by_their_type():
    typed = pl.DataFrame(
        {"date": [date(2024, 1, 1)], "total": [Decimal("1.50")], "id": [7], "customer": [1], "disputed": [True]}
    )
    found = suggestions.columns("documents", typed)
    assert found == {
        "document_id": "id",
        "customer_id": "customer",
        "document_date": "date",
        "amount": "total",
        "disputed": "disputed",
    }


@given(
    st.sampled_from(["customers", "documents", "settlements", "fx_rates", "gl_balances"]),
    st.dictionaries(
        st.text(min_size=1, max_size=12), st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=8
    ),
)
def test_whatever_the_columns_are_each_is_suggested_once_and_is_there(table, columns):
    rows = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    found = suggestions.columns(table, rows, ("entity", "plant"))
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= set(rows.columns)
    assert set(found) <= {*TABLES[table].names, "plant"}


@pytest.mark.parametrize(
    ("wanted", "names", "found"),
    [
        ("customers", ["kna1", "bsid"], "kna1"),
        ("documents", ["Rechnungen", "Kunden"], "Rechnungen"),
        ("settlements", ["sales.payments", "sales.orders"], "sales.payments"),
        ("documents", ["weather", "stock"], ""),
        ("documents", [], ""),
    ],
)
def test_a_table_is_found_by_its_name_or_not_at_all(wanted, names, found):
    assert suggestions.table(wanted, dict.fromkeys(names, ())) == found


@pytest.mark.parametrize(
    ("values", "styles"),
    [
        (["1.234,50", "12,00"], [(",", ".")]),
        (["12.50", "3"], [(".", "")]),
        (["100", "7"], [(".", "")]),
        (["1,234.5", "3"], [(".", ",")]),
        (["1 234", "5"], [(".", " ")]),
        (["-5,00", "1,5"], [(",", "")]),
        (["5.00-"], [(".", "")]),
        (["1'200.00"], [(".", "'")]),
        (["1.5", "much"], []),
        ([], []),
    ],
)
def test_numbers_say_how_they_are_written(values, styles):
    assert suggestions.numbers(values) == styles


def test_numbers_that_can_be_read_in_two_ways_are_told_as_two():
    assert set(suggestions.numbers(["1.234", "2.500"])) == {(".", ""), (",", ".")}


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2024-01-31"], ["%Y-%m-%d"]),
        (["2024-01-31 00:00:00"], ["%Y-%m-%d"]),
        (["31.01.2024", ""], ["%d.%m.%Y"]),
        (["01/02/2024", "13/02/2024"] * 5, ["%d/%m/%Y"]),
        (["01/02/2024"], ["%d/%m/%Y", "%m/%d/%Y"]),
        (["20240131"], ["%Y%m%d"]),
        (["31/12/25", "15/01/26"], ["%d/%m/%y"]),
        (["soon"], []),
        ([], []),
    ],
)
def test_dates_say_how_they_are_written(values, formats):
    assert suggestions.dates(values) == formats


def test_one_impossible_day_among_many_does_not_hide_the_format():
    assert suggestions.dates(["31.02.2024", *["15.02.2024"] * 20]) == ["%d.%m.%Y"]


def test_columns_of_lists_and_bytes_are_nobodys():
    odd = pl.DataFrame({"name": [["a"], ["b"]], "customer_id": [b"\xff", b"\xfe"], "id": ["1", "2"]})
    assert suggestions.columns("customers", odd) == {"customer_id": "id"}
    assert suggestions.values(odd["name"]) == []


def test_kinds_are_known_by_their_usual_words_and_no_others():
    found = suggestions.kinds("documents", ["Invoice", "Credit Notes", "DZ", "X1"])
    assert found == {"Invoice": "invoice", "Credit Notes": "credit_memo", "DZ": "payment"}
    assert suggestions.kinds("settlements", ["Skonto", "Write-off"]) == {"Skonto": "discount", "Write-off": "write_off"}
    assert suggestions.lowering(found, ["Invoice", "Credit Notes", "DZ", "X1", "payment"]) == [
        "Credit Notes",
        "DZ",
        "payment",
    ]


@pytest.mark.parametrize(
    ("amounts", "unsigned"),
    [
        (["5", "7", "9"], True),
        (["5", "-7", "9"], False),
        (["5", "7-", "9"], False),
        ([5, 7, 9], True),
        ([5, -7, 9], False),
    ],
)
def test_credits_without_a_minus_are_noticed(amounts, unsigned):
    rows = pl.DataFrame({"type": ["R", "G", "R"], "amount": amounts})
    assert suggestions.unsigned(rows, "type", "amount", ["G"]) is unsigned
    assert not suggestions.unsigned(rows, "type", "amount", []), "without credits there is nothing to turn"


DAYS, MONEY = ["2024-01-05", "2024-02-06"], ["1.50", "2.00"]


@pytest.mark.parametrize(
    ("table", "names", "found"),
    [
        ("customers", ["Code", "Full name", "City"], {"customer_id": "Code", "name": "Full name"}),
        ("customers", ["ID", "Name"], {"customer_id": "ID", "name": "Name"}),
        ("customers", ["No.", "Name"], {"customer_id": "No.", "name": "Name"}),
        ("customers", ["Customer Code", "Id", "Name"], {"customer_id": "Customer Code", "name": "Name"}),
        ("customers", ["Zip Code", "Country Code", "Order No"], {"country": "Country Code"}),
        ("customers", ["First Name", "File Name", "Code Name"], {}),
        ("documents", ["Order No", "Customer Code"], {"document_id": "Order No", "customer_id": "Customer Code"}),
        ("documents", ["Order No", "Inv #"], {"document_id": "Inv #"}),
        ("documents", ["Code", "Order No"], {"document_id": "Order No"}),
        ("documents", ["Order No", "ID", "Name"], {"document_id": "ID"}),
        ("documents", ["No.", "Name"], {"document_id": "No."}),
        ("documents", ["ID", "Number"], {"document_id": "ID", "number": "Number"}),
        ("documents", ["Line No", "Zip Code", "Tax ID", "Full name"], {}),
        ("settlements", ["No", "Inv #"], {"settlement_id": "No", "document_id": "Inv #"}),
        ("settlements", ["Code", "Order No"], {}),
        ("fx_rates", ["Code", "ID"], {}),
    ],
)
def test_a_bare_key_or_name_is_the_tables_own(table, names, found):
    assert suggestions.columns(table, pl.DataFrame({key: ["a", "b"] for key in names})) == found


def test_a_list_with_short_names_is_known_by_them():
    rows = pl.DataFrame({"Inv #": ["1", "2"], "Customer Code": ["A", "B"], "Inv Date": DAYS, "Amt": MONEY})
    assert suggestions.columns("documents", rows) == {
        "document_id": "Inv #",
        "customer_id": "Customer Code",
        "document_date": "Inv Date",
        "amount": "Amt",
    }
