"""Xero's objects, as its documentation shows them, into books. It was never tried on a real organisation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from data_sources.registry import open_connector
from tests.data_sources.contract import mapped, told
from tests.data_sources.rest.service import CLIENT_SECRET, LOGIN, Asked, Reply, Tokens, made, serving, settings
from tests.mappings.books import differences, open_by_document

TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"


def ticks(day: str) -> str:
    """A date as Xero's JSON writes it."""
    return f"/Date({int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000}+0000)/"


def contact(id="c-1", name="City Agency", **more):
    return {
        "ContactID": id, "Name": name, "ContactStatus": "ACTIVE", "EmailAddress": "",
        "Addresses": [{"AddressType": "STREET"}, {"AddressType": "POBOX", "Country": "NZ"}], **more,
    }  # fmt: skip


def head(day, total, **more):
    return {
        "Contact": {"ContactID": "c-1", "Name": "City Agency"}, "Status": "AUTHORISED", "CurrencyCode": "NZD",
        "Total": Decimal(str(total)), "DateString": f"{day}T00:00:00", "Date": ticks(day), "UpdatedDateUTC": ticks(day),
        **more,
    }  # fmt: skip


def invoice(id, day, total, due=None, **more):
    """``due``: what Xero says is open."""
    left = Decimal(str(total if due is None else due))
    return head(
        day, total, Type="ACCREC", InvoiceID=id, InvoiceNumber=f"INV-{id}", DueDateString="2026-03-31T00:00:00",
        DueDate=ticks("2026-03-31"), AmountDue=left, AmountPaid=0, AmountCredited=0, **more,
    )  # fmt: skip


def allocation(id, to, amount, day, **more):
    return {
        "AllocationID": id, "Amount": Decimal(str(amount)), "Date": ticks(day), "Invoice": {"InvoiceID": to}, **more,
    }  # fmt: skip


def credit(id, day, total, left, *allocations, kind="CreditNote", **more):
    types = {"CreditNote": "ACCRECCREDIT", "Prepayment": "RECEIVE-PREPAYMENT", "Overpayment": "RECEIVE-OVERPAYMENT"}
    further = {"Type": types[kind], f"{kind}ID": id, "RemainingCredit": Decimal(str(left))}
    return head(day, total, **further, Allocations=list(allocations), **more)


def payment(id, on, amount, day, kind="Invoice", **more):
    types = {
        "Invoice": "ACCRECPAYMENT", "CreditNote": "ARCREDITPAYMENT", "Prepayment": "ARPREPAYMENTPAYMENT",
        "Overpayment": "AROVERPAYMENTPAYMENT",
    }  # fmt: skip
    return {
        "PaymentID": id, "Date": ticks(day), "Amount": Decimal(str(amount)), "PaymentType": types[kind],
        "Status": "AUTHORISED", kind: {f"{kind}ID": on}, **more,
    }  # fmt: skip


class Organisation:
    """A Xero organisation that serves pages of 2, with or without a count of them.

    ``bare``: credits come without their allocations in lists, and whole when asked for one by one.
    """

    def __init__(self, *, counts=True, bare=False, base="NZD", **lists):
        self.counts, self.bare, self.base = counts, bare, base
        self.tokens = Tokens()
        self.lists = {"Contacts": [contact()], **lists}

    def answers(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self.tokens.answer(asked)
        if not self.tokens.admits(asked):
            return Reply({"Title": "Unauthorized", "Status": 401, "Detail": "TokenExpired"}, 401)
        if asked.headers.get("xero-tenant-id") != TENANT:
            return Reply({"Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"}, 403)
        name, _, id = asked.path.removeprefix("/api.xro/2.0/").partition("/")
        if name == "Organisation":
            return Reply({"Organisations": [{"OrganisationID": "o-1", "Name": "Acme", "BaseCurrency": self.base}]})
        rows = self.lists.get(name, [])
        if id:
            return Reply({name: [one for one in rows if one[f"{name[:-1]}ID"] == id]})
        assert "If-Modified-Since" not in asked.headers
        page, size = int(asked.values["page"]), 2
        found = [{**one, "Allocations": []} if self.bare else one for one in rows[(page - 1) * size : page * size]]
        pages = -(-len(rows) // size)
        counted = {"pagination": {"page": page, "pageSize": size, "pageCount": pages, "itemCount": len(rows)}}
        return Reply({"Id": "x", "Status": "OK", **(counted if self.counts else {}), name: found})


def source(url: str, more: str = "", tenant: str = TENANT) -> str:
    return f'kind = "xero"\ntenant_id = "{tenant}"\n{LOGIN}base_url = "{url}"\ntoken_url = "{url}/token"\n{more}'


@pytest.fixture
def books(tmp_path):
    """The books of an organisation with these objects."""

    def books_(more: str = "", currency: str = "NZD", **lists):
        with serving(Organisation(**lists).answers) as service:
            return made(tmp_path, source(service.url, more), currency=currency)

    return books_


def amounts(book, day: str) -> dict[str, Decimal]:
    return {id: amount.normalize() for id, (_, amount, _) in open_by_document(book, date.fromisoformat(day)).items()}


@pytest.mark.parametrize("counts", [True, False])
def test_a_life_is_read_page_by_page_and_agrees_with_xero(books, counts):
    book = books(
        counts=counts,
        Invoices=[
            invoice("i-1", "2026-01-10", "100.10"),
            invoice("i-2", "2026-01-12", 50, 0, Status="PAID"),
            invoice("i-3", "2026-01-12", 70, 20),
            invoice("i-4", "2026-01-12", 70, Status="DRAFT"),
            invoice("i-5", "2026-01-12", 70, 0, Status="VOIDED"),
            invoice("i-6", "2026-01-12", 70) | {"Type": "ACCPAY"},
            invoice("i-7", "2026-01-13", 7),
        ],
        Payments=[
            payment("p-1", "i-2", 50, "2026-02-01"),
            payment("p-2", "i-3", 50, "2026-02-03"),
            payment("p-3", "i-1", 100, "2026-02-03", Status="DELETED"),
            payment("p-4", "i-6", 70, "2026-02-03", PaymentType="ACCPAYPAYMENT"),
        ],
    )
    assert amounts(book, "2026-02-01") == {"i-1": Decimal("100.1"), "i-3": 70, "i-7": 7}
    assert amounts(book, "2026-11-20") == {"i-1": Decimal("100.1"), "i-3": 20, "i-7": 7}
    assert differences(book) == []
    assert book.quarantine.is_empty()


def test_a_difference_is_found(books):
    book = books(Invoices=[invoice("i-1", "2026-01-10", 100, 99)])
    assert [(one["document_id"], one["difference"]) for one in differences(book)] == [("i-1", 1.0)]


@pytest.mark.parametrize("bare", [False, True])
def test_a_credit_note_counts_from_its_allocation_not_from_the_invoice_s_copy(books, bare):
    """Credit of 10 February, allocated on 1 March. The invoice's own copy of it says 10 February."""
    copy = {"CreditNoteID": "n-1", "DateString": "2026-02-10T00:00:00", "AppliedAmount": 30}
    book = books(
        bare=bare,
        Invoices=[invoice("i-1", "2026-01-10", 100, 70, CreditNotes=[copy])],
        CreditNotes=[credit("n-1", "2026-02-10", 40, 10, allocation("a-1", "i-1", 30, "2026-03-01"))],
    )
    assert amounts(book, "2026-02-28") == {"i-1": 100, "n-1": -40}
    assert amounts(book, "2026-03-01") == {"i-1": 70, "n-1": -10}
    assert differences(book) == []


@pytest.mark.parametrize(("bare", "asked"), [(False, []), (True, ["/api.xro/2.0/CreditNotes/n-1"])])
def test_a_credit_is_asked_for_alone_only_where_its_list_left_something_out(tmp_path, bare, asked):
    whole = credit("n-1", "2026-02-10", 40, 10, allocation("a-1", "i-1", 30, "2026-03-01"))
    unused = credit("n-2", "2026-02-10", 40, 40)
    refunded = credit("n-3", "2026-02-10", 40, 0, Payments=[{"PaymentID": "p-1", "Amount": Decimal(40)}])
    there = Organisation(bare=bare, CreditNotes=[whole, unused, refunded])
    with serving(there.answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert mapped(it, "documents").height == 3
        assert [one for one in service.paths() if "/CreditNotes/" in one] == asked


def test_an_allocation_counts_from_the_latest_day_of_all(books):
    """Allocated on 1 February, to an invoice of 5 February, from a prepayment of 3 February."""
    book = books(
        Invoices=[invoice("i-1", "2026-02-05", 100, 70)],
        Prepayments=[credit("y-1", "2026-02-03", 30, 0, allocation("a-1", "i-1", 30, "2026-02-01"), kind="Prepayment")],
    )
    assert amounts(book, "2026-02-04") == {"y-1": -30}
    assert amounts(book, "2026-02-05") == {"i-1": 70}
    assert differences(book) == []


def test_an_allocation_that_was_deleted_is_none(books):
    gone = allocation("a-1", "i-1", 30, "2026-03-01", IsDeleted=True)
    book = books(
        Invoices=[invoice("i-1", "2026-01-10", 100)],
        Overpayments=[credit("o-1", "2026-02-10", 30, 30, gone, kind="Overpayment")],
    )
    assert amounts(book, "2026-11-20") == {"i-1": 100, "o-1": -30}
    assert differences(book) == []


@pytest.mark.parametrize("kind", ["CreditNote", "Prepayment", "Overpayment"])
def test_money_paid_on_a_credit_is_given_back(books, kind):
    """Credit 40, of which 15 refunded. What is owed to the customer goes down, not up."""
    nested = [{"PaymentID": "p-1", "Amount": Decimal(15)}]
    book = books(
        **{f"{kind}s": [credit("n-1", "2026-02-10", 40, 25, kind=kind, Payments=nested)]},
        Payments=[payment("p-1", "n-1", 15, "2026-03-01", kind)],
    )
    assert amounts(book, "2026-02-28") == {"n-1": -40}
    assert amounts(book, "2026-03-01") == {"n-1": -25}
    assert differences(book) == []


def test_credits_of_purchases_are_passed_over(books):
    book = books(
        Invoices=[invoice("i-1", "2026-01-10", 100)],
        CreditNotes=[credit("n-1", "2026-02-10", 40, 40) | {"Type": "ACCPAYCREDIT"}],
        Overpayments=[credit("o-1", "2026-02-10", 5, 5, kind="Overpayment") | {"Type": "SPEND-OVERPAYMENT"}],
    )
    assert amounts(book, "2026-11-20") == {"i-1": 100}


def test_base_is_the_amount_divided_by_its_rate(books):
    """100 USD at 0.6 USD for one NZD are 166.67 NZD; a credit of 30 at 0.5 is 60."""
    book = books(
        Invoices=[invoice("i-1", "2026-01-10", 100, CurrencyCode="USD", CurrencyRate=Decimal("0.6"))],
        CreditNotes=[credit("n-1", "2026-01-10", 30, 30, CurrencyCode="USD", CurrencyRate=Decimal("0.5"))],
    )
    assert open_by_document(book, date(2026, 1, 10)) == {
        "i-1": ("USD", Decimal("100.000"), Decimal("166.670")),
        "n-1": ("USD", Decimal("-30.000"), Decimal("-60.000")),
    }
    assert book.quarantine.is_empty()


def test_dates_come_as_text_or_as_ticks(tmp_path):
    only_ticks = invoice("i-1", "2026-01-31", 1)
    del only_ticks["DateString"], only_ticks["DueDateString"]
    there = Organisation(Invoices=[only_ticks])
    with serving(there.answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        rows = mapped(it, "documents").select("document_date", "due_date").rows()
    assert rows == [(date(2026, 1, 31), date(2026, 3, 31))]


def test_archived_contacts_are_asked_for_and_countries_found(tmp_path):
    with serving(Organisation().answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert mapped(it, "customers").rows() == [("c-1", "City Agency", "NZ", None)]
        asked = next(one for one in service.asked if one.path.endswith("/Contacts"))
        assert asked.values["includeArchived"] == "true"


def test_a_list_that_moves_while_it_is_read_is_read_again(tmp_path):
    there = Organisation(Invoices=[invoice(f"i-{n}", "2026-01-10", 1) for n in range(5)])
    broken = [1]

    def answers(asked: Asked) -> Reply:
        reply = there.answers(asked)
        if asked.path.endswith("/Invoices") and asked.values["page"] == "2" and broken:
            broken.clear()
            reply.json["Invoices"] = reply.json["Invoices"][1:]
        return reply

    with serving(answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert mapped(it, "documents").height == 5


def test_a_list_that_never_comes_whole_is_told(tmp_path):
    there = Organisation(Invoices=[invoice(f"i-{n}", "2026-01-10", 1) for n in range(5)])

    def answers(asked: Asked) -> Reply:
        reply = there.answers(asked)
        if asked.path.endswith("/Invoices"):
            reply.json["Invoices"] = reply.json["Invoices"][1:]
        return reply

    with (
        serving(answers) as service,
        open_connector(settings(tmp_path, source(service.url))) as it,
        told("counts 5 Invoices", never=CLIENT_SECRET),
    ):
        it.read("documents")


def test_the_minute_s_limit_is_waited_for(tmp_path, pauses):
    there = Organisation(Invoices=[invoice("i-1", "2026-01-10", 1)])
    full = [Reply(status=429, headers={"Retry-After": "42", "X-Rate-Limit-Problem": "minute"})]

    def answers(asked: Asked) -> Reply:
        return full.pop() if asked.path.endswith("/Invoices") and full else there.answers(asked)

    with serving(answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert mapped(it, "documents").height == 1
    assert pauses == [42]


def test_the_wrong_organisation_is_told(tmp_path):
    with (
        serving(Organisation().answers) as service,
        open_connector(settings(tmp_path, source(service.url, tenant="other"))) as it,
    ):
        with told("tenant_id other", "AuthenticationUnsuccessful", never=CLIENT_SECRET):
            it.read("documents")
        assert not it.check().ok


def test_a_connection_that_was_ended_is_told(tmp_path):
    there = Organisation()
    there.tokens.dead = True
    with serving(there.answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        health = it.check()
    assert not health.ok
    assert "Connect again" in health.sentence


def test_health_says_whom_one_is_connected_to(tmp_path):
    with serving(Organisation().answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert it.check().sentence == "Connected to Xero: Acme (o-1), books in NZD; it is only read."
        assert CLIENT_SECRET not in repr(it) + it.describe()


@pytest.mark.parametrize("path", ["Total", "AmountDue", "Contact", "CurrencyCode", "Status"])
def test_a_field_that_went_from_the_api_is_named(tmp_path, path):
    there = invoice("i-1", "2026-01-10", 100)
    del there[path]
    with (
        serving(Organisation(Invoices=[there]).answers) as service,
        open_connector(settings(tmp_path, source(service.url))) as it,
        told("Invoice i-1", path, "may have changed", never=CLIENT_SECRET),
    ):
        it.read("documents")


def test_only_reading_requests_and_renewals_are_sent(tmp_path):
    with serving(Organisation(Invoices=[invoice("i-1", "2026-01-10", 1)]).answers) as service:
        made(tmp_path, source(service.url), currency="NZD")
        assert {one.method for one in service.asked if one.path != "/token"} == {"GET"}
        assert {one.path for one in service.asked if one.method == "POST"} == {"/token"}


def test_no_token_is_in_the_snapshot(tmp_path):
    there = Organisation(Invoices=[invoice("i-1", "2026-01-10", 1)])
    with serving(there.answers) as service:
        made(tmp_path, source(service.url), currency="NZD")
    files = [one for one in (tmp_path / "store").rglob("*") if one.is_file()]
    holding = [one.name for one in files for said in [one.read_bytes()] if b"-secret" in said or b"refresh-" in said]
    assert holding == ["cloud.json"]
