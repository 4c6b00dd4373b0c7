"""The presets for SAP, over its tables and over exported lists: one test for each thing that is easily got wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ledger.book import Book
from ledger.listing import customers, documents, open_items
from tests.mappings.books import buckets, differences
from tests.mappings.looks import kinds, moved, open_amounts, open_base, settled, warned
from tests.mappings.sap_books import Row, Sap, named, refers_to

LAST = date(2025, 12, 31)
Made = Callable[..., Book]


@pytest.fixture
def sap() -> Sap:
    return Sap()


@pytest.fixture(params=["tables", "lists"])
def book(request: pytest.FixtureRequest, sap: Sap, tmp_path: Path) -> Made:
    """Books of ``sap``, through its tables in SQLite or through lists as people see them."""

    def made_of(parameters: str = "", *, force: bool = False) -> Book:
        return sap.books(tmp_path, request.param, parameters, force=force)

    return made_of


def at(book: Book, day: date, *rows: Row) -> list[float]:
    """What is open of each of ``rows``."""
    found = open_amounts(book, day)
    return [found.get(named(row), 0) for row in rows]


def due(book: Book, row: Row) -> date:
    found = documents(book, LAST).filter(document_id=named(row))
    return found["due_date"].item()


def test_an_item_is_open_until_its_clearing_date_and_then_closed_whole(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 1000, days=(30,))
    payment = sap.item("2025-02-20", -1000, "DZ")
    sap.clear("2025-03-05", invoice, payment)
    books = book()
    assert at(books, date(2025, 1, 9), invoice, payment) == [0, 0]
    assert at(books, date(2025, 2, 20), invoice, payment) == [1000, -1000]
    assert at(books, date(2025, 3, 4), invoice, payment) == [1000, -1000]
    assert at(books, date(2025, 3, 5), invoice, payment) == [0, 0]
    assert moved(books, LAST) == {"billed": 1000, "cash": -1000}
    assert differences(books) == []


def test_the_clearing_date_of_an_item_is_not_moved_to_the_posting_date_of_another(sap: Sap, book: Made):
    payment = sap.item("2025-01-25", -500, "DZ")
    invoice = sap.item("2025-03-01", 500)
    sap.clear("2025-02-10", invoice, payment)
    books = book()
    # At a key date between them SAP shows neither: one is cleared, the other is not yet posted, and later is cleared.
    assert at(books, date(2025, 2, 9), invoice, payment) == [0, -500]
    assert at(books, date(2025, 2, 10), invoice, payment) == [0, 0]
    assert at(books, date(2025, 3, 1), invoice, payment) == [0, 0]


def test_the_indicator_gives_the_sign_and_the_posting_date_the_day(sap: Sap, book: Made):
    memo = sap.item("2025-02-03", -80, "DG", BLDAT="20250128")
    books = book()
    assert at(books, date(2025, 2, 2), memo) == [0]
    assert at(books, date(2025, 2, 3), memo) == [-80]
    assert open_items(books, LAST)["document_date"].to_list() == [date(2025, 1, 28)]


def test_items_of_one_document_stand_alone_and_numbers_repeat_from_year_to_year_and_company(sap: Sap, book: Made):
    first = sap.item("2025-01-10", 100, days=(30,))
    second = sap.item("2025-01-10", 200, days=(60,), BELNR=first["BELNR"], BUZEI="002")
    old = sap.item("2024-01-10", 40, BELNR=first["BELNR"])
    other = sap.item("2025-01-10", 8, BELNR=first["BELNR"], BUKRS="2000", WAERS="USD")
    sap.clear("2025-02-01", first)
    books = book()
    assert at(books, LAST, first, second, old, other) == [0, 200, 40, 8]
    assert [due(books, row) for row in (first, second)] == [date(2025, 2, 9), date(2025, 3, 11)]


def test_the_net_due_date_is_the_baseline_date_and_the_last_days_there_are(sap: Sap, book: Made):
    def made(amount: float, *days: int, **fields: str) -> Row:
        return sap.item("2025-01-31", amount, days=days, **fields)

    expected = [
        # 31 January + 45, the net days; then the second days; then the first; then none.
        (made(100, 14, 30, 45), date(2025, 3, 17)),
        (made(100, 14, 30), date(2025, 3, 2)),
        (made(100, 14), date(2025, 2, 14)),
        (made(100), date(2025, 1, 31)),
        # Days count from the baseline date, and from the document date where there is none.
        (made(100, 14, ZFBDT="20250210"), date(2025, 2, 24)),
        (made(100, 14, ZFBDT="00000000", BLDAT="20250120"), date(2025, 2, 3)),
        # A credit is due at once whatever its terms, unless V says that they hold, or a reference is there.
        (made(-100, 14, 30, 45), date(2025, 1, 31)),
        (made(-100, 14, REBZG="V"), date(2025, 2, 14)),
        (made(-100, 14, REBZG="1700000001", REBZJ="2024", REBZZ="001"), date(2025, 2, 14)),
    ]
    books = book()
    assert [due(books, row) for row, _ in expected] == [day for _, day in expected]


def test_a_credit_that_names_an_invoice_is_due_with_it(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 500, days=(60,))
    # The reference leads to a credit: a slip.
    slip = sap.item("2025-01-11", -500, "DG")
    rows = [sap.item("2025-02-20", -100, "DG", days=(7,), **refers_to(one)) for one in (invoice, slip)]
    sap.clear("2025-02-25", invoice)
    assert [due(book(), row) for row in rows] == [date(2025, 3, 11), date(2025, 2, 27)]


@pytest.mark.parametrize(("way", "more"), [("own", ""), ("invoice", 'residual_items = "invoice"')])
def test_a_residual_item_is_as_old_as_it_says_or_as_its_invoice(sap: Sap, book: Made, way, more):
    invoice = sap.item("2025-01-10", 1000, days=(30,))
    payment = sap.item("2025-03-03", -1000, "DZ")
    residual = sap.item("2025-03-03", 100, "DZ", days=(30,), **refers_to(invoice))
    sap.clear("2025-03-03", invoice, payment)
    books = book(more)
    assert due(books, residual) == {"own": date(2025, 4, 2), "invoice": date(2025, 2, 9)}[way]
    assert moved(books, LAST) == {"billed": 1000, "cash": -900, "closing": 100}


def test_noted_statistical_parked_and_sample_items_are_no_postings(sap: Sap, book: Made):
    row = sap.item("2025-01-10", 100)
    for status in "SVWZDM":
        sap.item("2025-01-10", 7, BSTAT=status)
    for indicator in "FG":
        sap.item("2025-01-10", 7, UMSKZ=indicator)
    books = book('special_gl = "keep"')
    assert open_amounts(books, LAST) == {named(row): 100}
    assert differences(books) == []


def test_special_gl_items_are_left_out_or_kept(sap: Sap, book: Made):
    row = sap.item("2025-01-10", 100)
    down = sap.item("2025-01-10", -60, "DZ", UMSKZ="A")
    used = sap.item("2025-01-10", -40, "DZ", UMSKZ="A")
    sap.clear("2025-02-01", row, used)
    books = book()
    assert at(books, date(2025, 1, 31), row, down, used) == [100, 0, 0]
    # What it was cleared with tells what for, though it is left out itself.
    assert settled(books, named(row)) == [(date(2025, 2, 1), "cash", 100)]
    assert differences(books) == []


def test_special_gl_items_that_are_kept_are_credits(sap: Sap, book: Made):
    down = sap.item("2025-01-10", -60, "DZ", UMSKZ="A")
    books = book('special_gl = "keep"')
    assert at(books, LAST, down) == [-60]
    assert differences(books) == []


def test_a_partial_payment_stands_apart_as_in_sap(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 1000, days=(30,))
    part = sap.item("2025-03-01", -300, "DZ", days=(30,), **refers_to(invoice))
    books = book()
    assert at(books, LAST, invoice, part) == [1000, -300]
    # Due with its invoice (9 February, 51 days before), it is in the invoice's bucket: 1,000 − 300.
    assert buckets(books, date(2025, 4, 1)) == {("31–60",): 700}
    assert differences(books) == []


def test_a_partial_payment_is_netted_from_the_later_posting_date(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 1000, days=(30,), DMBTR=900)
    part = sap.item("2025-03-01", -300, "DZ", DMBTR=240, **refers_to(invoice))
    memo = sap.item("2025-01-05", -100, "DG", DMBTR=90, **refers_to(invoice))
    rest = sap.item("2025-04-10", -600, "DZ", DMBTR=570)
    sap.clear("2025-04-10", invoice, part, memo, rest)
    books = book('partial_payments = "net"')
    assert at(books, date(2025, 1, 9), invoice, memo) == [0, -100]
    assert at(books, date(2025, 1, 10), invoice, memo) == [900, 0]
    assert at(books, date(2025, 3, 1), invoice, part, memo) == [600, 0, 0]
    # 900 − 90 − 240 of company-code currency, as SAP's items sum to.
    assert open_base(books, date(2025, 3, 1)) == {named(invoice): 570}
    assert open_amounts(books, date(2025, 4, 10)) == {}
    assert open_base(books, date(2025, 4, 10)) == {}
    assert moved(books, LAST) == {"billed": 900, "cash": -810, "credits": -90}
    assert differences(books) == []


def test_what_is_left_in_base_of_an_invoice_netted_in_full_is_an_exchange_difference(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 1000, WAERS="USD", DMBTR=900)
    part = sap.item("2025-03-01", -1000, "DZ", WAERS="USD", DMBTR=880, **refers_to(invoice))
    sap.clear("2025-04-10", invoice, part)
    books = book('partial_payments = "net"')
    assert open_base(books, date(2025, 3, 1)) == {named(invoice): 20}
    assert settled(books, named(invoice))[1:] == [(date(2025, 4, 10), "fx", 0)]
    assert open_base(books, LAST) == {}


def test_nothing_is_netted_that_was_not_cleared_together_or_is_more_than_the_invoice(sap: Sap, book: Made):
    apart = sap.item("2025-01-10", 100)
    taken = sap.item("2025-01-20", -100, "DZ", **refers_to(apart))
    own = sap.item("2025-02-20", -100, "DZ")
    sap.clear("2025-03-01", apart, own)
    much = sap.item("2025-01-10", 100)
    parts = [sap.item("2025-01-20", -60, "DZ", **refers_to(much)) for _ in range(2)]
    foreign = sap.item("2025-01-20", -50, "DZ", **{**refers_to(much), "WAERS": "USD"})
    another = sap.item("2025-01-20", -9, "DZ", **{**refers_to(much), "KUNNR": "0000001002"})
    books = book('partial_payments = "net"')
    assert at(books, date(2025, 2, 1), apart, taken) == [100, -100]
    assert at(books, LAST, apart, taken, much, *parts) == [0, -100, 100, -60, -60]
    assert at(books, LAST, foreign, another) == [-50, -9]
    assert differences(books) == []


def test_a_clearing_that_is_reset_never_was(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 1000)
    payment = sap.item("2025-02-20", -1000, "DZ")
    sap.clear("2025-03-05", invoice, payment)
    sap.reset(invoice, payment)
    books = book()
    assert at(books, date(2025, 3, 5), invoice, payment) == [1000, -1000]
    assert settled(books, named(invoice)) == []


def test_only_the_company_codes_that_are_asked_for(sap: Sap, book: Made):
    sap.customer("0000001003", "Calau", {"BUKRS": "2000"})
    row = sap.item("2025-01-10", 100)
    other = sap.item("2025-01-10", 7, BUKRS="2000", WAERS="USD", KUNNR="0000001003")
    assert at(book(), LAST, row, other) == [100, 7]
    books = book("company_codes = \"'1000', '3000'\"")
    assert at(books, LAST, row, other) == [100, 0]
    assert sorted(customers(books)["customer_id"]) == ["0000001001", "0000001002"]
    assert differences(books) == []


def test_documents_are_told_apart_by_their_types(sap: Sap, book: Made):
    rows = {
        ("RV", 1): "invoice",
        ("DR", 1): "invoice",
        ("RV", -1): "credit_memo",
        ("DG", -1): "credit_memo",
        ("DG", 1): "credit_memo",
        ("DZ", -1): "payment",
        ("DZ", 1): "payment",
        ("AB", -1): "journal",
        ("SA", 1): "journal",
    }
    made = {named(sap.item("2025-01-10", sign, type)): kind for (type, sign), kind in rows.items()}
    assert kinds(book()) == {id.split("-")[3]: kind for id, kind in made.items()}


def test_types_of_a_company_are_its_own(sap: Sap, book: Made):
    row = sap.item("2025-01-10", -5, "Z9")
    assert list(kinds(book("payment_types = \"'DZ', 'Z9'\"")).values()) == ["payment"]
    assert list(kinds(book()).values()) == ["journal"]
    assert row["BLART"] == "Z9"


def test_a_clearing_is_told_by_what_it_was_made_of(sap: Sap, book: Made):
    # Cleared by AB, which has no line of its own: the other items say what for. A small rest written off with a payment
    # is in what is left over.
    cases = {
        ("DZ",): ("cash", {"cash": -100}),
        ("DG",): ("credit", {"credits": -100}),
        ("RV",): ("credit", {"credits": -100}),
        ("DG", "DZ"): ("cash", {"cash": -50, "credits": -50}),
        ("AB",): ("other", {"other": -100}),
        ("WO",): ("write_off", {"write_offs": -100}),
        ("WO", "DG"): ("write_off", {"write_offs": -50, "credits": -50}),
        ("WO", "DZ"): ("cash", {"cash": -50, "other": -50}),
    }
    made = {}
    for number, types in enumerate(cases):
        # A case has a year of its own, so that what moved can be told apart.
        made[types] = sap.item(f"{2010 + number}-01-10", 100)
        others = [sap.item(f"{2010 + number}-02-10", -100 / len(types), type) for type in types]
        sap.clear(f"{2010 + number}-02-10", made[types], *others)
    books = book("write_off_types = \"'WO'\"")
    for number, (types, (kind, lines)) in enumerate(cases.items()):
        assert settled(books, named(made[types])) == [(date(2010 + number, 2, 10), kind, 100)], types
        assert moved(books, date(2010 + number, 12, 31)) == {"billed": 100, **lines}, types


def test_clearings_of_one_number_in_two_years_or_company_codes_are_two(sap: Sap, book: Made):
    expected = {}
    for posted, code, type, kind in (
        ("2025-01-10", "1000", "DZ", "cash"),
        ("2024-01-10", "1000", "DG", "credit"),
        ("2025-01-10", "2000", "AB", "other"),
    ):
        rows = [sap.item(posted, sign, what, BUKRS=code) for sign, what in ((5, "RV"), (-5, type))]
        sap.clear(posted, *rows, number="0100000001")
        expected |= {named(row): kind for row in rows}
    books = book()
    assert {id: settled(books, id)[0][1] for id in expected} == expected


def test_amounts_in_company_code_currency_are_as_booked(sap: Sap, book: Made):
    invoice = sap.item("2025-01-10", 1000, WAERS="USD", DMBTR=900)
    payment = sap.item("2025-02-20", -1000, "DZ", WAERS="USD", DMBTR=880)
    # The rest of the rates, posted by the clearing: nothing in dollars.
    rest = sap.item("2025-02-20", 0, "AB", WAERS="USD", DMBTR=20, SHKZG="H")
    books = book()
    assert open_base(books, LAST) == {named(invoice): 900, named(payment): -880, named(rest): -20}
    sap.clear("2025-02-20", invoice, payment, rest)
    books = book()
    assert open_base(books, date(2025, 2, 19)) == {named(invoice): 900}
    assert open_base(books, date(2025, 2, 20)) == {}


def test_a_dunning_block_on_an_item_is_a_dispute(sap: Sap, book: Made):
    rows = [sap.item("2025-01-10", 1, MANSP=block) for block in ("A", "B", "")]
    found = open_items(book("dispute_blocks = \"'A'\""), LAST).select("document_id", "dispute_reason", "disputed")
    assert {id: (said, is_so) for id, said, is_so in found.iter_rows()} == {
        named(rows[0]): ("Dunning block A", True),
        named(rows[1]): (None, False),
        named(rows[2]): (None, False),
    }
    assert open_items(book(), LAST)["disputed"].sum() == 2


def test_an_item_in_both_tables_is_found_by_the_second_look(sap: Sap, book: Made):
    sound = sap.item("2025-01-10", 100)
    torn = sap.item("2025-01-10", 70, days=(30,))
    sap.clear("2025-02-01", torn)
    sap.items.append({**torn, "AUGDT": "00000000", "AUGBL": ""})
    books = book(force=True)
    assert at(books, LAST, sound, torn) == [100, 0]
    assert "key_repeated" in warned(books)
    assert differences(books) == [
        {
            "customer_id": "0000001001",
            "document_id": named(torn),
            "currency": "EUR",
            "source": 70.0,
            "books": 0.0,
            "difference": -70.0,
        }
    ]


def test_buckets_are_by_net_due_date_with_credits_aged(sap: Sap, book: Made):
    # 31 December is 0, 1, 30 and 31 days after.
    for posted, amount in (("2025-12-31", 1), ("2025-12-30", 20), ("2025-12-01", 300), ("2025-11-30", 4000)):
        sap.item(posted, amount)
    sap.item("2025-12-01", -50, "DZ")
    found = buckets(book(), LAST)
    assert found == {("current",): 1, ("1–30",): 270, ("31–60",): 4000}


def test_every_day_is_as_a_second_reading_of_the_tables_has_it(sap: Sap, book: Made):
    sap.grown(30)
    books = book()
    assert differences(books) == []
    for day in list(sap.days())[::5]:
        assert open_amounts(books, day) == {id: float(amount) for id, amount in sap.open_at(day).items()}, day
        assert {name: amount for (name,), amount in buckets(books, day).items()} == sap.buckets(day), day


def test_netted_or_not_customers_owe_the_same_on_every_day(sap: Sap, book: Made):
    sap.grown(30, seed=5)
    apart, net = book(), book('partial_payments = "net"')
    assert differences(net) == []
    netted = 0
    for day in list(sap.days())[::5]:
        by_customer = [
            {
                name: round(open, 2)
                for name, open in rows.group_by("customer_id").agg(pl.col("open").sum()).iter_rows()
                if round(open, 2)
            }
            for rows in (open_items(books, day) for books in (apart, net))
        ]
        assert by_customer[0] == by_customer[1], day
        netted += open_amounts(apart, day) != open_amounts(net, day)
    assert netted > 10
