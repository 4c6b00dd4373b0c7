"""Each quality rule: the row that breaks it, and the nearest row that does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl
import pytest

from ledger.book import BookRules
from ledger.cast import PLAIN, cast
from ledger.quality import check, every_rule
from ledger.rules import HISTORY_CHANGED, SOURCE_DIFFERS
from ledger.schema import TABLES
from tests.ledger.books import TODAY, book, customer, frame, invoice, owed, quarantined, rate, reasons, settled, warned


class Case(NamedTuple):
    """The columns of one row that break a rule, and those that just do not."""

    table: str
    rule: str
    broken: Mapping[str, Any]
    fine: Mapping[str, Any]


CASES = [
    Case("documents", "key_missing", {"document_id": " "}, {"document_id": "0"}),
    Case("documents", "kind_unknown", {"kind": "Invoice"}, {"kind": "invoice"}),
    Case("documents", "kind_unknown", {"kind": None}, {"kind": "journal"}),
    Case("documents", "date_unreadable", {"document_date": "2024-02-30"}, {"document_date": "2024-02-29", "due_date": "2024-02-29"}),  # noqa: E501 - a case a line
    Case("documents", "date_unreadable", {"document_date": ""}, {"document_date": "2024-01-10"}),
    Case("documents", "date_unreadable", {"posting_date": "later"}, {"posting_date": ""}),
    Case("documents", "date_unreadable", {"due_date": "2024-04-31"}, {"due_date": "2024-04-30"}),
    Case("documents", "date_out_of_range", {"document_date": "1969-12-31"}, {"document_date": "1970-01-01"}),
    Case("documents", "date_out_of_range", {"posting_date": "2035-01-01"}, {"posting_date": "1970-01-01"}),
    Case("documents", "currency_unknown", {"currency": "US$"}, {"currency": "usd"}),
    Case("documents", "currency_unknown", {"currency": None}, {"currency": "USD"}),
    Case("documents", "currency_unknown", {"base_currency": "DOLLAR"}, {"base_currency": "USD"}),
    Case("documents", "amount_unreadable", {"amount": "1.234,56"}, {"amount": "1234.56"}),
    Case("documents", "amount_unreadable", {"amount": None}, {"amount": "0"}),
    Case("documents", "amount_unreadable", {"amount": "1" + "0" * 14}, {"amount": "9" * 14}),
    Case("documents", "amount_unreadable", {"amount_base": "x"}, {"amount_base": None}),
    Case("documents", "amount_too_fine", {"amount": "1.234"}, {"amount": "1.230"}),
    Case("documents", "amount_too_fine", {"amount_base": "1.234"}, {"amount_base": "100"}),
    Case("documents", "base_against_amount", {"amount_base": "-100"}, {"amount_base": "100"}),
    Case("documents", "base_differs", {"amount_base": "101"}, {"amount_base": "100.00"}),
    Case("documents", "base_currency_missing", {"currency": "EUR", "amount_base": "110"}, {"currency": "EUR", "amount_base": "110", "base_currency": "USD"}),  # noqa: E501 - a case a line
    Case("documents", "due_date_missing", {"due_date": None}, {"due_date": None, "kind": "journal"}),
    Case("documents", "due_before_document", {"due_date": "2024-01-09"}, {"due_date": "2024-01-10"}),
    Case("documents", "due_date_out_of_range", {"due_date": "2099-12-31"}, {"due_date": "2034-12-31"}),
    Case("documents", "customer_unknown", {"customer_id": "C9"}, {"customer_id": "C1"}),
    Case("documents", "customer_unknown", {"customer_id": None}, {"customer_id": "C1"}),
    Case("documents", "future_dated", {"document_date": "2025-01-01", "due_date": "2025-02-01"}, {"document_date": "2024-12-31", "due_date": "2025-02-01"}),  # noqa: E501 - a case a line
    Case("documents", "future_dated", {"posting_date": "2025-01-01"}, {"posting_date": "2024-12-31"}),
    Case("documents", "sign_against_kind", {"amount": "-1"}, {"amount": "0"}),
    Case("documents", "sign_against_kind", {"kind": "payment"}, {"kind": "payment", "amount": "-100"}),
    Case("documents", "possible_duplicate", {"number": "N1"}, {"number": "N1", "amount": "101"}),
    Case("documents", "flag_unreadable", {"disputed": "perhaps"}, {"disputed": "no"}),
    Case("documents", "key_repeated", {"document_id": "before"}, {"document_id": "Before"}),
    Case("documents", "rate_missing", {"currency": "XXX"}, {"currency": "EUR"}),
    Case("documents", "rate_early", {"currency": "EUR", "document_date": "2023-12-31"}, {"currency": "EUR", "document_date": "2024-01-01"}),  # noqa: E501 - a case a line
    Case("settlements", "key_missing", {"settlement_id": None}, {"settlement_id": "S"}),
    Case("settlements", "document_unknown", {"document_id": "Before"}, {"document_id": "before"}),
    Case("settlements", "kind_unknown", {"kind": "cheque"}, {"kind": "other"}),
    Case("settlements", "date_unreadable", {"settled_on": None}, {"settled_on": "2024-03-01"}),
    Case("settlements", "date_out_of_range", {"settled_on": "2035-01-01"}, {"settled_on": "2024-12-31"}),
    Case("settlements", "amount_unreadable", {"amount": "ten"}, {"amount": "10"}),
    Case("settlements", "amount_unreadable", {"amount_base": "ten"}, {"amount_base": "10"}),
    Case("settlements", "amount_too_fine", {"amount": "0.001"}, {"amount": "0.01"}),
    Case("settlements", "amount_too_fine", {"amount_base": "0.001"}, {"amount_base": "0.01"}),
    Case("settlements", "settled_before_document", {"settled_on": "2024-01-09"}, {"settled_on": "2024-01-10"}),
    Case("settlements", "settled_beyond_amount", {"amount": "100.01"}, {"amount": "100"}),
    Case("settlements", "future_dated", {"settled_on": "2025-01-01"}, {"settled_on": "2024-12-31"}),
    Case("settlements", "key_repeated", {"settlement_id": "S-before"}, {"settlement_id": "S-new"}),
    Case("customers", "key_missing", {"customer_id": ""}, {"customer_id": "00"}),
    Case("customers", "key_repeated", {"customer_id": "C1"}, {"customer_id": "01"}),
    Case("customers", "number_unreadable", {"credit_limit": "lots"}, {"credit_limit": "1000.5"}),
    Case("customers", "number_unreadable", {"terms_days": "30.5"}, {"terms_days": "30.0"}),
    Case("fx_rates", "currency_unknown", {"currency": "€"}, {"currency": "EUR"}),
    Case("fx_rates", "date_unreadable", {"date": "never"}, {"date": "2024-02-01"}),
    Case("fx_rates", "rate_unreadable", {"rate": "0"}, {"rate": "0.000001"}),
    Case("fx_rates", "rate_unreadable", {"rate": None}, {"rate": "1"}),
    Case("fx_rates", "rate_unreadable", {"rate": "1,0931"}, {"rate": "1.0931"}),
    Case("fx_rates", "key_repeated", {"date": "2024-01-01"}, {"date": "2024-01-02"}),
    Case("gl_balances", "currency_unknown", {"currency": "US"}, {"currency": "USD"}),
    Case("gl_balances", "date_unreadable", {"as_of": "2024-06-31"}, {"as_of": "2024-06-30"}),
    Case("gl_balances", "amount_unreadable", {"balance": "-"}, {"balance": "-1"}),
    Case("gl_balances", "amount_too_fine", {"balance": "0.005"}, {"balance": "0.01"}),
    Case("gl_balances", "key_repeated", {"as_of": "2024-01-31"}, {"as_of": "2024-02-29"}),
    Case("verify", "key_missing", {"document_id": "", "customer_id": ""}, {"document_id": "", "customer_id": "C1"}),
    Case("verify", "currency_unknown", {"currency": ""}, {"currency": "USD"}),
    Case("verify", "amount_unreadable", {"amount": "none"}, {"amount": "0"}),
    Case("verify", "amount_too_fine", {"amount": "0.005"}, {"amount": "0.01"}),
    Case("verify", "key_repeated", {"document_id": "before"}, {"document_id": "new"}),
]  # fmt: skip


SEVERITY = {(table, rule): severity for rule, table, severity in every_rule().iter_rows()}


def ledger_with(table, **changed):
    """What is found in good books with one more row in ``table``, in which ``changed`` is different."""
    rows = {
        "customers": [customer()],
        "documents": [invoice("before", number="N1")],
        "settlements": [settled("S-before", "0", "2024-02-01", of="before")],
        "fx_rates": [rate("EUR", "2024-01-01", "1.1")],
        "gl_balances": [{"entity": "E1", "currency": "USD", "as_of": "2024-01-31", "balance": "100"}],
        "verify": [{"document_id": "before", "customer_id": "C1", "currency": "USD", "amount": "100"}],
    }
    usual = {
        "customers": customer("C2"),
        "documents": invoice("new", number="N2"),
        "settlements": settled("S-new", "10", "2024-03-01", of="before"),
        "fx_rates": rate("EUR", "2024-02-01", "1.2"),
        "gl_balances": {"entity": "E1", "currency": "USD", "as_of": "2024-02-29", "balance": "100"},
        "verify": {"document_id": "new", "customer_id": "C1", "currency": "USD", "amount": "100"},
    }
    rows[table].append({**usual[table], **changed})
    read = {name: cast(TABLES[name], frame(name, given), PLAIN) for name, given in rows.items()}
    return check(read, BookRules(reporting_currency="USD", today=TODAY))


def found(checked):
    """Table, rule and severity of whatever was found."""
    return set(checked.findings.select("table", "rule", "severity").iter_rows())


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.table}-{c.rule}-{c.broken}")
def test_a_row_breaks_its_rule_and_its_neighbour_does_not(case: Case):
    broken = ledger_with(case.table, **case.broken)
    severity = SEVERITY[case.table, case.rule]
    assert (case.table, case.rule, severity) in found(broken)
    assert broken.quarantine.select("table", "rule").rows() == ([case[:2]] if severity == "error" else [])
    assert found(ledger_with(case.table, **case.fine)) == set()


def test_no_rule_is_without_a_case():
    in_finished_books = {("verify", SOURCE_DIFFERS), ("documents", HISTORY_CHANGED)}
    assert {case[:2] for case in CASES} == SEVERITY.keys() - in_finished_books


def test_good_books_break_no_rule_and_every_rule_is_listed_with_nothing():
    done = book([invoice()])
    assert done.quality.select("rule", "table", "severity").equals(every_rule())
    assert done.quality["rows"].unique().to_list() == [0]
    assert done.quality["amount"].null_count() == done.quality.height


def test_accepted_and_quarantined_rows_are_the_rows_that_came():
    documents = [invoice("A"), invoice("B", "x"), invoice("A"), invoice(" "), invoice("C", currency="?")]
    settlements = [
        settled("1", "1", "2024-02-01", of="A"),
        settled("2", "1", "2024-02-01", of="B"),
        settled("", "1", "2024-02-01"),
    ]
    about = book(documents, settlements, [customer(), customer()]).about
    assert about["rows_in"] == {"customers": 2, "documents": 5, "settlements": 3}
    assert about["accepted"] == {"customers": 1, "documents": 1, "settlements": 1}
    assert about["quarantined"] == {"customers": 1, "documents": 4, "settlements": 2}


def test_the_first_good_row_of_a_repeated_key_stays():
    done = book([invoice("A", "x"), invoice("A", "20"), invoice("A", "30")])
    assert owed(done, "2024-01-31") == 20
    assert done.quarantine.select("row", "rule").rows() == [(1, "amount_unreadable"), (3, "key_repeated")]


def test_a_settlement_of_a_quarantined_document_is_quarantined_too():
    done = book([invoice("A"), invoice("B", "x")], [settled("1", "5", "2024-02-01", of="B")])
    assert quarantined(done) == [("B", "amount_unreadable"), ("1", "document_unknown")]


def test_one_broken_row_is_told_with_its_row_key_reason_money_and_raw_values():
    done = book([invoice("A"), invoice("B", "12.34", document_date="31.12.2023")])
    row = done.quarantine.row(0, named=True)
    assert (row["table"], row["row"], row["key"], row["rule"]) == ("documents", 2, "B", "date_unreadable")
    assert "document_date '31.12.2023' is not a date" in row["reason"]
    assert (row["amount"], row["currency"]) == (Decimal("12.34"), "USD")
    assert json.loads(row["raw"])["document_date"] == "31.12.2023"


STRANGE = [
    "=cmd()|' /C calc'!A0",
    "<script>alert('x')</script>",
    'say "no"',
    "株式会社 Ωμέγα Łódź",
    "{value}",
    "{}",
    "{0} {rule.__class__}",
    "100 %s %d",
    "back\\slash\ttab",
    "𝄞 🧾",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_text_is_quoted_as_it_came(text):
    done = book([invoice(text, text)])
    row = done.quarantine.row(0, named=True)
    assert row["key"] == text
    assert f"amount '{text}' is not a number" in row["reason"]
    assert json.loads(row["raw"])["amount"] == text


@pytest.mark.parametrize("text", STRANGE)
def test_strange_text_in_good_rows_survives_unchanged(text):
    done = book([invoice(text, region=text, number=text, customer_id=text)], customers=[customer(text, text)])
    assert done.quarantine.is_empty()
    assert done.values("region") == [text]
    assert done.frames["documents"].select("document_id", "number").row(0) == (text, text)
    assert done.frames["customers"].select("customer_id", "label").row(0) == (text, text)


def test_numbers_that_json_does_not_know_are_told_as_text():
    done = book([invoice("A", float("nan")), invoice("B", float("inf")), invoice("C", 1.5)])
    assert [json.loads(raw)["amount"] for raw in done.quarantine["raw"]] == ["NaN", "inf"]


def test_a_broken_row_does_not_make_its_document_look_overpaid():
    rows = [settled("1", "100", "2024-02-01"), settled("1", "100", "2024-02-01"), settled("2", "5", "x")]
    done = book([invoice("I1", "100")], rows)
    assert quarantined(done) == [("1", "key_repeated"), ("2", "date_unreadable")]
    assert warned(done) == {}


def test_settling_a_document_of_nothing_is_settling_beyond_its_amount():
    done = book([invoice("I1", "0")], [settled("1", "5", "2024-02-01")])
    assert warned(done) == {"settled_beyond_amount": ["1"]}


def test_settlements_of_credits_are_measured_on_the_credits_side():
    credit = invoice("I1", "-100", kind="credit_memo")
    assert warned(book([credit], [settled("1", "-100", "2024-02-01", by="credit")])) == {}
    assert warned(book([credit], [settled("1", "-101", "2024-02-01", by="credit")])) == {"settled_beyond_amount": ["1"]}


def test_a_finding_names_five_rows_and_counts_the_money_of_all():
    done = book([invoice(f"D{n}", "10", currency="??") for n in range(7)])
    told = done.quality.filter(pl.col("rule") == "currency_unknown").row(0, named=True)
    assert (told["rows"], told["amount"], len(told["examples"])) == (7, 70.0, 5)


def test_the_money_of_a_finding_is_weighed_in_the_reporting_currency():
    done = book(
        [invoice("A", "10", kind="?", currency="EUR"), invoice("B", "10", kind="?")],
        fx_rates=[rate("EUR", "2024-01-01", "1.5")],
    )
    told = done.quality.filter(pl.col("rule") == "kind_unknown").row(0, named=True)
    assert (told["rows"], told["amount"], told["currency"]) == (2, 25.0, "USD")


def test_the_money_of_currencies_without_rates_is_not_added():
    done = book([invoice("A", "10", kind="?", currency="EUR"), invoice("B", "10", kind="?")])
    told = done.quality.filter(pl.col("rule") == "kind_unknown").row(0, named=True)
    assert (told["rows"], told["amount"], told["currency"]) == (2, None, None)


def test_kinds_that_are_not_known_are_named():
    kinds = ["bill", "bill", None, "a", "b", "c", "d", "x" * 50]
    done = book([invoice(f"D{n}", kind=kind) for n, kind in enumerate(kinds)], [settled("1", "1", "2024-02-01", "chq")])
    words = {(row["rule"], row["table"]): row["told"] for row in done.quality.iter_rows(named=True)}
    assert words["kind_unknown", "documents"] == (
        "not known: 'bill' (2×), no kind (1×), 'a' (1×), 'b' (1×), 'c' (1×) and 2 more"
    )
    assert words["kind_unknown", "settlements"] is None, "its document is not among the accepted ones: said first"
    done = book([invoice("D", kind="y" * 50)])
    (said,) = done.quality["told"].drop_nulls()
    assert said == f"not known: '{'y' * 40}…' (1×)"


def test_reasons_name_what_would_have_been_right():
    done = book([invoice("A", kind="bill")], [settled("1", "1", "2024-02-01", of="A")])
    assert reasons(done) == [
        "kind 'bill' is not one of invoice, debit_memo, credit_memo, payment, journal",
        "document 'A' is not among the accepted documents",
    ]


def test_quarantined_share_is_the_larger_of_documents_and_settlements():
    done = book(
        [invoice("A", "99"), invoice("B", "1", kind="?")],
        [settled("1", "30", "2024-02-01", of="A"), settled("2", "10", "?", of="A")],
    )
    assert done.about["quarantined_share"] == pytest.approx(0.25)


def test_an_amount_that_cannot_be_read_weighs_as_an_average_row():
    # Two rows of 100 are good; the third counts as 100 too.
    done = book([invoice("A"), invoice("B"), invoice("C", "9" * 30)])
    assert done.about["quarantined_share"] == pytest.approx(1 / 3)


def test_nothing_readable_at_all_is_all_of_the_money():
    assert book([invoice("A", "x")]).about["quarantined_share"] == 1.0


def test_nothing_at_all_loses_nothing():
    assert book().about["quarantined_share"] == 0.0
