"""Customers, buckets, movements and parameters of the preset for Tryton, and what is said of what does not fit."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config.presets import FOLDER
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers
from metrics.movement import movement
from tests.mappings import books
from tests.mappings.cases import Made
from tests.mappings.tryton_books import (
    BANK,
    CASH,
    EUR,
    GERMAN,
    INCOME,
    ONE,
    PAYMENTS,
    USD,
    WRITE_OFF,
    Tryton,
    euros,
    owed,
    told,
)

SERVERS = pytest.mark.parametrize("server", ["sqlite", "postgresql"])


@pytest.fixture
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Puts a small Tryton on SQLite, or on PostgreSQL under a name of its own."""

    def put(tryton: Tryton, server: str = "sqlite") -> Made:
        if server == "sqlite":
            return Made(tryton.in_sqlite(tmp_path / "tryton.sqlite"), tmp_path, "tryton")
        name = f"tryton {request.node.name}"[:60]
        return Made(tryton.in_postgres(request.getfixturevalue("postgres").admin, _plain(name)), tmp_path, "tryton")

    return put


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def owing(tryton: Tryton, *parties: int) -> list[int]:
    """An invoice of 10 dollars for each, due on its day, the first of June."""
    return [tryton.invoice("2026-06-01", party, {"amount": "10"})[0] for party in parties]


def row_of(made: Made, parameters: str, line: int) -> dict[str, Any]:
    """The customer of a line, as the list of customers has it."""
    book = made.book(parameters)
    rows = {row["customer_id"]: row for row in customers(book).rows(named=True)}
    return rows[str(told(book, line)["customer_id"])]


@SERVERS
def test_a_party_may_lack_a_code_or_a_name(filled, server):
    tryton = Tryton()
    whole, bare, empty = tryton.party("Whole", " C7 "), tryton.party("No code", None), tryton.party(" ", "C9")
    nothing = tryton.party(None, "")
    lines = owing(tryton, whole, bare, empty, nothing)
    made = filled(tryton, server)
    found = [(row_of(made, ONE, line)["customer_id"], row_of(made, ONE, line)["name"]) for line in lines]
    # Codes are often plain numbers: what stands for one must not be taken for another party's.
    assert found == [("C7", "Whole"), (f"#{bare}", "No code"), ("C9", "C9"), (f"#{nothing}", f"Party {nothing}")]
    # The companies are parties too, and owe nothing.
    assert customers(made.book(ONE)).height == 4


@SERVERS
def test_terms_have_days_where_they_are_plain(filled, server):
    tryton = Tryton()

    def terms(*instalments: list[dict[str, int]]) -> int:
        term = 1 + max((row["payment"] for row in tryton.rows.get("account_invoice_payment_term_line", ())), default=0)
        for delays in instalments:
            line = tryton.add("account_invoice_payment_term_line", payment=term, type="remainder")
            for delay in delays:
                told = {"days": 0, "weeks": 0, "months": 0} | delay
                tryton.add("account_invoice_payment_term_line_delta", line=line, **told)
        return term

    kinds = [
        terms([{"days": 30}]),
        terms([{"days": 2, "weeks": 2}, {"days": 1}]),
        terms([]),
        terms([{"months": 1}]),
        terms([{"days": 30}, {"day": 31}]),
        terms([{"days": 30}], [{"days": 60}]),
        None,
    ]
    parties = [tryton.party(f"Party of {kind}") for kind in kinds]
    for party, kind in zip(parties, kinds, strict=True):
        tryton.add("party_party_payment_term", party=party, customer_payment_term=kind)
    lines = owing(tryton, *parties, tryton.party("No terms"))
    made = filled(tryton, server)
    found = [row_of(made, ONE, line)["terms_days"] for line in lines]
    assert found == [30, 17, 0, None, None, None, None, None]


@SERVERS
def test_credit_limits_are_those_of_the_companies_that_are_read(filled, server):
    tryton = Tryton()
    limits = [
        [(1, "5000.50")],
        [(None, "300")],
        [(None, "300"), (1, "200")],
        [(1, "0"), (2, "900")],
        [(1, None)],
        [(2, "900")],
        [],
    ]
    parties = [tryton.party(f"Party with {limit}") for limit in limits]
    for party, limit in zip(parties, limits, strict=True):
        for company, amount in limit:
            tryton.add("party_party_credit_limit_amount", party=party, company=company, credit_limit_amount=amount)
    lines = owing(tryton, *parties)
    made = filled(tryton, server)
    read = f'{ONE}\ncredit_limits = "account_credit_limit"'
    found = [row_of(made, read, line)["credit_limit"] for line in lines]
    assert [None if limit is None else float(limit) for limit in found] == [5000.5, 300, 200, 0, None, None, None]
    # Without the module its table is not asked for.
    assert row_of(made, ONE, lines[0])["credit_limit"] is None


@SERVERS
def test_a_blocked_dunning_is_a_dispute(filled, server):
    tryton = Tryton()
    lines = owing(tryton, *(tryton.party(name) for name in ("Objects", "Is late", "Pays")))
    tryton.add("account_dunning", line=lines[0], blocked=True)
    # One for each procedure that a line was in.
    tryton.add("account_dunning", line=lines[0], blocked=True)
    tryton.add("account_dunning", line=lines[1], blocked=False)
    made = filled(tryton, server)
    book = made.book(f'{ONE}\ndunning = "account_dunning"')
    assert [told(book, line)["disputed"] for line in lines] == [True, False, False]
    assert [told(made.book(ONE), line)["disputed"] for line in lines] == [False, False, False]


@SERVERS
def test_a_party_has_its_category_and_the_country_of_its_first_address(filled, server):
    tryton = Tryton()
    party, other = tryton.party("Placed"), tryton.party("Nowhere")
    here, there = (tryton.add("country_country", name=name) for name in ("Chile", "Peru"))
    for place in ((3, here, True), (2, there, True), (1, here, False), (None, None, True)):
        sequence, country, active = place
        tryton.add("party_address", party=party, sequence=sequence, country=country, active=active)
    for name in ("Wholesale", "Retail"):
        category = tryton.add("party_category", name=name)
        tryton.add("party_party-party_category", party=party, category=category)
    lines = owing(tryton, party, other)
    made = filled(tryton, server)
    rows = [row_of(made, ONE, line) for line in lines]
    assert [(row["segment"], row["country"]) for row in rows] == [("Retail", "Peru"), (None, None)]


def test_the_columns_of_the_report_begin_on_the_day_itself(filled):
    tryton = Tryton()
    who, day = tryton.party("All ages"), date(2026, 6, 30)
    late = {-1: "1", 0: "2", 29: "4", 30: "8", 59: "16", 60: "32", 89: "64", 90: "128"}
    for days, amount in late.items():
        line = {"party": who, "amount": amount, "maturity_date": str(day - timedelta(days=days))}
        tryton.move("2026-01-01", line, {"account": INCOME, "amount": f"-{amount}"})
    # Credits are aged like everything else, by their own dates.
    tryton.receipt("2026-06-30", who, "0.50")
    tryton.receipt("2026-05-31", who, "0.25")
    found = books.buckets(filled(tryton).book(ONE), day)
    expected = {"current": "1", "1–30": "5.50", "31–60": "23.75", "61–90": "96", "90+": "128"}
    assert found == {(bucket,): Decimal(amount) for bucket, amount in expected.items()}


@SERVERS
def test_every_kind_of_money_is_counted_once(filled, server):
    tryton = Tryton()
    who = tryton.party("Everything")
    # Paid with an exchange gain of 58.48: all that came is cash.
    invoice = tryton.invoice("2026-06-01", who, euros("1000", amount="1052.63"))[0]
    paid = tryton.receipt("2026-06-02", who, "1111.11", pays=invoice, line=euros("-1000"))
    gain = ({"party": who, "amount": "58.48"}, {"account": INCOME, "amount": "-58.48"})
    tryton.reconcile(invoice, paid, tryton.move("2026-06-03", *gain, journal=WRITE_OFF)[0])
    # Paid 880 of 900, the rest written off.
    short = tryton.invoice("2026-06-01", who, {"amount": "900"})[0]
    most = tryton.receipt("2026-06-05", who, "880", pays=short)
    rest = ({"party": who, "amount": "-20"}, {"account": INCOME, "amount": "20"})
    tryton.reconcile(short, most, tryton.move("2026-06-05", *rest, journal=WRITE_OFF)[0])
    # Bounced, then credited; and a credit note that was paid out.
    bounced = tryton.invoice("2026-06-01", who, {"amount": "420"})[0]
    bad = tryton.receipt("2026-06-06", who, "420", pays=bounced)
    back = ({"party": who, "amount": "420"}, {"account": BANK, "amount": "-420"})
    origin = f"account.move,{tryton.line(bad)['move']}"
    tryton.reconcile(bad, tryton.move("2026-06-07", *back, origin=origin, journal=CASH)[0])
    tryton.reconcile(bounced, tryton.invoice("2026-06-08", who, {"amount": "-420"})[0])
    note = tryton.invoice("2026-06-09", who, {"amount": "-30"})[0]
    tryton.reconcile(note, tryton.receipt("2026-06-10", who, "-30", pays=note))
    made = filled(tryton, server)
    expected = {
        "opening": 0,
        "billed": 2372.63,  # 1052.63 + 900 + 420
        "cash": -1991.11,  # 1111.11 + 880; what bounced came and went
        "credits": -450.0,  # 420 + 30
        "write_offs": -20.0,
        "fx": 58.48,
        "refunds": 30.0,
        "discounts": 0,
        "other": 0,
        "closing": 0,
        "difference": 0,
    }
    for parameters in (ONE, PAYMENTS):
        rows = movement(made.book(parameters), date(2026, 6, 30), "1mo").select("line", "amount").iter_rows()
        assert {line: round(amount, 2) for line, amount in rows} == expected, parameters


@SERVERS
def test_two_companies_are_added_with_tryton_s_rates(filled, server):
    tryton = Tryton()
    who = tryton.party("Customer of both")
    ours = tryton.invoice("2026-03-03", who, {"amount": "10"})[0]
    lines = ({"party": who, "account": GERMAN, "amount": "100"}, {"account": INCOME, "amount": "-100"})
    theirs = tryton.move("2026-03-03", *lines, company=2)[0]
    # Units of a currency for one of a third: from February two euros are three dollars.
    rates = ((EUR, "2026-01-01", "2"), (USD, "2026-01-01", "4"), (USD, "2026-02-01", "3"), (EUR, "2026-04-01", "1"))
    for currency, day, rate in rates:
        tryton.add("currency_currency_rate", currency=currency, date=day, rate=rate)
    made = filled(tryton, server)
    book = made.book('rates = "tryton"\nreporting_currency = "USD"')
    found = {**owed(book, "2026-03-31", ours), **owed(book, "2026-03-31", theirs)}
    assert found == {ours: ("10.00",), theirs: ("EUR", "100.00", "150.00")}
    assert {told(book, ours)["entity"], told(book, theirs)["entity"]} == {"Main", "Zweite"}
    given = book.frames["fx_rates"].filter(pl.col("currency") == "EUR").select("date", "rate").rows()
    assert [(str(day), float(rate)) for day, rate in given] == [
        ("2026-01-01", 2.0),
        ("2026-02-01", 1.5),
        ("2026-04-01", 3.0),
    ]
    # One company alone needs none.
    assert owed(made.book(ONE), "2026-03-31", ours, theirs) == {ours: ("10.00",)}


@SERVERS
def test_a_reconciliation_that_is_gone_is_found(filled, server):
    tryton = Tryton()
    first, second = owing(tryton, tryton.party("Sound"), tryton.party("Broken"))
    receipt = tryton.receipt("2026-06-05", tryton.line(first)["party"], "10")
    tryton.reconcile(first, receipt)
    # No such reconciliation: to Tryton the line is closed, and nothing says when.
    tryton.line(second)["reconciliation"] = 99
    found = books.differences(filled(tryton, server).book(ONE))
    assert [(row["document_id"], row["customer_id"], row["difference"]) for row in found] == [
        (str(second), tryton.code(tryton.line(second)["party"]), 10.0)
    ]


def test_a_column_of_another_version_is_one_sentence(filled, tmp_path):
    tryton = Tryton()
    owing(tryton, tryton.party("Customer"))
    made = filled(tryton)
    with sqlite3.connect(tmp_path / "tryton.sqlite") as base:
        base.execute("ALTER TABLE account_move_line RENAME COLUMN second_currency TO other_currency")
    with pytest.raises(SourceError, match=r"documents\.sql.*second_currency") as caught:
        made.book(ONE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "parameters", "said"),
    [
        ("sqlite:///x", 'draft = "counted"', "unknown key parameters.draft: .*drafts"),
        ("sqlite:///x", 'applied = "cash"', "parameters.applied is 'cash'; it must be one of reconciliation, payments"),
        ("sqlite:///x", 'companies = "1; DROP"', "parameters.companies is '1; DROP', which cannot be"),
        ("mysql+pymysql://x/y", "", "written for postgresql and sqlite, not for mysql"),
    ],
)
def test_what_cannot_be_asked_for_is_said(tmp_path, url, parameters, said):
    source = f'kind = "sql"\nurl = "{url}"\n[parameters]\n{parameters}'
    with pytest.raises(ConfigError, match=said):
        books.made(tmp_path / "settings", "tryton", source, currency="USD")


@pytest.mark.parametrize(
    ("usual", "other", "further"),
    [
        ("documents.sql", "documents.account_dunning.sql", {"disputed", "account_dunning"}),
        ("customers.sql", "customers.account_credit_limit.sql", {"limits", "party_party_credit_limit_amount"}),
    ],
)
def test_files_with_a_module_only_add_to_those_without(usual, other, further):
    folder = FOLDER / "tryton"
    lines = [[line.rstrip(",") for line in (folder / name).read_text().splitlines()] for name in (usual, other)]
    left = iter(lines[1])
    assert all(line in left for line in lines[0])
    assert all(
        any(word in line for line in lines[1]) and not any(word in line for line in lines[0]) for word in further
    )
