"""Stripe's objects, as its documentation shows them, into books. It was never tried on a real account."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from data_sources.connector import Health
from data_sources.preview import preview
from data_sources.registry import open_connector
from data_sources.rest.stripe import major
from ledger.errors import ConfigError, SourceError
from tests.data_sources.contract import mapped, told
from tests.data_sources.rest.service import Asked, Reply, made, serving, settings
from tests.mappings.books import differences, open_by_document

KEY = "sk_live_51Hsecretsecret"


def at(text: str) -> int:
    """Seconds since 1970 of a day or time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def customer(id: str = "cus_1", **more):
    return {
        "id": id, "object": "customer", "name": "Red Rock", "email": "ap@redrock.example", "description": None,
        "address": {"country": "US", "city": "Tucson"}, "balance": 0, "currency": "usd", "livemode": True, **more,
    }  # fmt: skip


def invoice(id: str, total: int, finalized: str, status: str = "open", **more):
    """An open invoice of ``total`` minor units, due 30 days after; transitions are given as ``paid_at="…"``."""
    moments = dict.fromkeys(("paid_at", "voided_at", "marked_uncollectible_at"))
    moments |= {name: at(more.pop(name)) for name in list(more) if name in moments}
    paid = more.pop("amount_paid", 0)
    due = more.pop("amount_due", total)
    return {
        "id": id, "object": "invoice", "number": id.upper(), "status": status, "customer": "cus_1",
        "customer_name": "Red Rock", "customer_email": "ap@redrock.example", "customer_address": {"country": "US"},
        "currency": "usd", "collection_method": "send_invoice", "effective_at": at(finalized),
        "created": at("2026-01-01"),
        "due_date": at(finalized) + 30 * 86400, "total": total, "starting_balance": 0, "ending_balance": 0,
        "amount_due": due, "amount_paid": paid, "amount_remaining": due - paid, "livemode": True,
        "status_transitions": {"finalized_at": at(finalized), **moments}, **more,
    }  # fmt: skip


def payment(id: str, of: str, amount: int, paid: str, **more):
    return {
        "id": id, "object": "invoice_payment", "invoice": of, "amount_paid": amount, "amount_requested": amount,
        "currency": "usd", "created": at(paid), "is_default": True, "livemode": True, "status": "paid",
        "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        "status_transitions": {"canceled_at": None, "paid_at": at(paid)}, **more,
    }  # fmt: skip


def credit_note(id: str, of: str, total: int, created: str, before: int, **more):
    return {
        "id": id, "object": "credit_note", "number": id.upper(), "invoice": of, "customer": "cus_1", "currency": "usd",
        "created": at(created), "effective_at": at(created), "amount": total, "total": total,
        "pre_payment_amount": before, "post_payment_amount": total - before, "reason": "order_change",
        "status": "issued", "voided_at": None, "livemode": True, **more,
    }  # fmt: skip


DRAFT = {
    "number": None, "effective_at": None, "ending_balance": None,
    "status_transitions": dict.fromkeys(("finalized_at", "paid_at", "voided_at", "marked_uncollectible_at")),
}  # fmt: skip

ACCOUNT = {
    "id": "acct_1", "object": "account", "default_currency": "usd", "business_profile": {"name": "Acme Ltd"},
    "settings": {"dashboard": {"display_name": "Acme", "timezone": "America/New_York"}},
}  # fmt: skip


def stripe(page: int = 2, account=ACCOUNT, **lists):
    """A Stripe with some objects, in pages of ``page``."""
    held = {"customers": [customer()], "invoices": [], "invoice_payments": [], "credit_notes": [], **lists}

    def answers(asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Reply({"error": {"message": f"Invalid API Key provided: {asked.headers['authorization']}"}}, 401)
        name = asked.path.removeprefix("/v1/")
        if name == "account":
            return Reply(account) if account else Reply({"error": {"message": "The key may not."}}, 403)
        rows = [one for one in held[name] if asked.values.get("status", one.get("status")) == one.get("status")]
        after = asked.values.get("starting_after")
        start = 1 + [one["id"] for one in rows].index(after) if after else 0
        size = min(page, int(asked.values.get("limit", 10)))
        more = start + size < len(rows)
        return Reply({"object": "list", "data": rows[start : start + size], "has_more": more, "url": asked.path})

    return answers


def source(url: str, more: str = "") -> str:
    return f'kind = "stripe"\nsecret_key = "{KEY}"\nbase_url = "{url}"\n{more}'


@pytest.fixture
def books(tmp_path):
    """The books of a Stripe with these objects."""

    def books_(more: str = "", currency: str = "USD", **lists):
        with serving(stripe(**lists)) as service:
            return made(tmp_path, source(service.url, more), currency=currency)

    return books_


def amounts(book, day: str) -> dict[str, Decimal]:
    """What is open by document, in its currency."""
    return {id: amount.normalize() for id, (_, amount, _) in open_by_document(book, date.fromisoformat(day)).items()}


def test_a_life_is_read_page_by_page_and_agrees_with_stripe(books):
    book = books(
        invoices=[
            invoice("in_1", 10000, "2026-01-10"),
            invoice("in_2", 5000, "2026-02-10", "paid", amount_paid=5000, paid_at="2026-03-01T12:00"),
            invoice("in_3", 7000, "2026-02-20", amount_paid=2000),
            invoice("in_4", 100, "2026-02-21", "draft") | DRAFT,
            invoice("in_5", 333, "2026-03-21"),
        ],
        invoice_payments=[
            payment("inpay_1", "in_2", 5000, "2026-03-01T12:00"),
            payment("inpay_2", "in_3", 2000, "2026-03-02T12:00"),
            payment("inpay_3", "in_1", 10000, "2026-03-02T12:00", status="open", amount_paid=None),
        ],
    )
    assert amounts(book, "2026-02-28") == {"in_1": 100, "in_2": 50, "in_3": 70}
    assert amounts(book, "2026-11-20") == {"in_1": 100, "in_3": 50, "in_5": Decimal("3.33")}
    assert differences(book) == []
    assert book.quarantine.is_empty()


def test_a_difference_is_found(books):
    book = books(invoices=[invoice("in_1", 10000, "2026-01-10", amount_due=9000)])
    assert [(one["document_id"], one["difference"]) for one in differences(book)] == [("in_1", 10.0)]


def test_days_are_those_of_the_company_not_of_greenwich(books):
    """Finalized on 1 March 03:00 UTC, which is 28 February in New York, where the account's clock stands."""
    there = [invoice("in_1", 10000, "2026-03-01T03:00")]
    assert amounts(books(invoices=there), "2026-02-28") == {"in_1": 100}


def test_the_source_file_may_name_another_time_zone(books):
    there = [invoice("in_1", 10000, "2026-03-01T03:00")]
    assert amounts(books('time_zone = "UTC"', invoices=there), "2026-02-28") == {}


def test_smallest_units_are_as_stripe_counts_them(books):
    there = [
        invoice("in_jpy", 1234, "2026-01-10", currency="jpy"),
        invoice("in_kwd", 1234, "2026-01-10", currency="kwd"),
    ]
    there += [invoice("in_isk", 123400, "2026-01-10", currency="isk")]
    book = books(
        '[mapping]\nfx_rates = """SELECT currency, \'2020-01-01\' AS date, 1 AS rate FROM invoices"""',
        invoices=there,
    )
    assert amounts(book, "2026-11-20") == {"in_jpy": 1234, "in_kwd": Decimal("1.234"), "in_isk": 1234}
    assert major(Decimal(250), "USD") == Decimal("2.50")


def test_a_credit_note_lowers_its_invoice_from_its_own_day(books):
    book = books(
        invoices=[invoice("in_1", 10000, "2026-01-10", amount_due=7000)],
        credit_notes=[credit_note("cn_1", "in_1", 3000, "2026-02-10T12:00", before=3000)],
    )
    assert amounts(book, "2026-02-09") == {"in_1": 100}
    assert amounts(book, "2026-02-10") == {"in_1": 70}
    assert differences(book) == []


def test_a_credit_note_after_payment_is_given_back_and_opens_nothing(books):
    """Invoice 100, paid 80, then a credit note of 50: 20 lowers what is open, 30 is refunded."""
    book = books(
        invoices=[
            invoice("in_1", 10000, "2026-01-10", "paid", amount_due=8000, amount_paid=8000, paid_at="2026-02-10T12:00")
        ],
        invoice_payments=[payment("inpay_1", "in_1", 8000, "2026-02-01T12:00")],
        credit_notes=[credit_note("cn_1", "in_1", 5000, "2026-02-10T12:00", before=2000)],
    )
    assert amounts(book, "2026-02-09") == {"in_1": 20}
    assert amounts(book, "2026-02-10") == {}
    assert differences(book) == []


def test_a_voided_credit_note_opens_its_invoice_again(books):
    note = credit_note("cn_1", "in_1", 3000, "2026-02-10T12:00", 3000, status="void", voided_at=at("2026-03-10T12:00"))
    book = books(invoices=[invoice("in_1", 10000, "2026-01-10")], credit_notes=[note])
    assert [amounts(book, day)["in_1"] for day in ("2026-02-09", "2026-02-10", "2026-03-09", "2026-03-10")] == [
        100, 70, 70, 100,
    ]  # fmt: skip
    assert differences(book) == []


def test_a_credit_on_the_balance_is_used_up_when_the_invoice_is_finalized(books):
    """amount_due counts the balance of 30 in; the total does not."""
    there = invoice("in_1", 10000, "2026-01-10", starting_balance=-3000, amount_due=7000)
    book = books(invoices=[there])
    assert amounts(book, "2026-01-10") == {"in_1": 70}
    assert differences(book) == []


def test_an_old_debt_on_the_balance_is_asked_for_with_the_invoice(books):
    book = books(invoices=[invoice("in_1", 10000, "2026-01-10", starting_balance=2000, amount_due=12000)])
    assert amounts(book, "2026-01-10") == {"in_1": 120}
    assert differences(book) == []


def test_an_invoice_below_zero_goes_to_the_balance_at_once(books):
    there = invoice("in_1", -5000, "2026-01-10", "paid", ending_balance=-5000, amount_due=0, paid_at="2026-01-10")
    assert amounts(books(invoices=[there]), "2026-11-20") == {}


def test_an_invoice_that_was_given_up_is_written_off_on_that_day(books):
    there = invoice(
        "in_1", 10000, "2026-01-10", "uncollectible", amount_paid=4000, marked_uncollectible_at="2026-06-01T12:00"
    )
    book = books(invoices=[there], invoice_payments=[payment("inpay_1", "in_1", 4000, "2026-02-01T12:00")])
    assert amounts(book, "2026-05-31") == {"in_1": 60}
    assert amounts(book, "2026-06-01") == {}
    assert differences(book) == []


def test_what_is_paid_after_all_takes_the_loss_back(books):
    there = invoice(
        "in_1", 10000, "2026-01-10", "paid", amount_paid=10000,
        marked_uncollectible_at="2026-06-01T12:00", paid_at="2026-08-01T12:00",
    )  # fmt: skip
    with_payment = {"invoices": [there], "invoice_payments": [payment("inpay_1", "in_1", 10000, "2026-08-01T12:00")]}
    book = books(**with_payment)
    lost = {day: amounts(book, day) for day in ("2026-05-31", "2026-06-01", "2026-08-01")}
    assert lost == {"2026-05-31": {"in_1": 100}, "2026-06-01": {}, "2026-08-01": {}}
    assert differences(book) == []


def test_settlements_of_a_recovered_loss_add_up(tmp_path):
    there = invoice(
        "in_1", 10000, "2026-01-10", "paid", amount_paid=10000,
        marked_uncollectible_at="2026-06-01T12:00", paid_at="2026-08-01T12:00",
    )  # fmt: skip
    with serving(stripe(invoices=[there])) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        rows = mapped(it, "settlements")
    assert sorted(rows.select("settled_on", "kind", "amount").rows()) == [
        (date(2026, 6, 1), "write_off", Decimal(100)),
        (date(2026, 8, 1), "cash", Decimal(100)),
        (date(2026, 8, 1), "write_off", Decimal(-100)),
    ]


def test_a_voided_invoice_is_closed_on_the_day_it_was_voided(books):
    book = books(invoices=[invoice("in_1", 10000, "2026-01-10", "void", voided_at="2026-03-10T12:00")])
    assert amounts(book, "2026-03-09") == {"in_1": 100}
    assert amounts(book, "2026-03-10") == {}
    assert differences(book) == []


def test_an_invoice_marked_as_paid_by_hand_has_no_payment(books):
    there = invoice("in_1", 10000, "2026-01-10", "paid", amount_paid=10000, paid_at="2026-03-10T12:00")
    book = books(invoices=[there])
    assert amounts(book, "2026-03-09") == {"in_1": 100}
    assert amounts(book, "2026-03-10") == {}


def test_without_a_due_date_it_is_due_when_issued_and_a_plan_when_its_last_part_is(tmp_path):
    plan = [{"amount": 5000, "due_date": at(day), "status": "open"} for day in ("2026-03-01T12:00", "2026-05-01T12:00")]
    there = [
        invoice("in_1", 10000, "2026-01-10T12:00", due_date=None),
        invoice("in_2", 10000, "2026-01-10T12:00", due_date=None, amounts_due=plan),
    ]
    with serving(stripe(invoices=there)) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        rows = mapped(it, "documents")
    assert dict(rows.select("document_id", "due_date").rows()) == {"in_1": date(2026, 1, 10), "in_2": date(2026, 5, 1)}


def test_a_customer_that_was_deleted_is_known_by_its_invoices(books):
    book = books(invoices=[invoice("in_1", 10000, "2026-01-10", customer="cus_gone", customer_name="Gone & Co")])
    assert "Gone & Co" in book.frames["customers"]["name"].to_list()


def test_test_data_stays_out_of_the_books(tmp_path):
    there = [invoice("in_1", 10000, "2026-01-10", livemode=False)]
    with serving(stripe(invoices=there)) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert "live = false" in it.check().sentence
        with told("secret_key is for Stripe's test data", never=KEY):
            it.read("documents")


def test_test_data_are_read_where_they_are_wanted(tmp_path):
    there = [invoice("in_1", 10000, "2026-01-10", livemode=False)]
    with (
        serving(stripe(invoices=there)) as service,
        open_connector(settings(tmp_path, source(service.url, "live = false"))) as it,
    ):
        assert mapped(it, "documents").height == 1
        assert "test data" in it.check().sentence


def test_health_says_whom_one_is_connected_to(tmp_path):
    with serving(stripe()) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert it.check() == Health(
            True, "Connected to Stripe: Acme (acct_1), books in USD, live data; it is only read."
        )
        assert KEY not in repr(it) + it.describe()


def test_a_restricted_key_needs_a_time_zone(tmp_path):
    with serving(stripe(account=None)) as service:
        with open_connector(settings(tmp_path, source(service.url))) as it, told("time_zone", never=KEY):
            it.read("documents")
        with open_connector(settings(tmp_path, source(service.url, 'time_zone = "Europe/Berlin"'))) as it:
            assert mapped(it, "documents").height == 0
            assert it.check().ok


def test_a_wrong_key_is_told_without_it(tmp_path):
    wrong = "sk_live_wrongwrong"
    with serving(stripe()) as service:
        text = source(service.url).replace(KEY, wrong)
        with open_connector(settings(tmp_path, text)) as it:
            with told("Stripe refused the login", never=wrong):
                it.read("documents")
            assert not it.check().ok
            assert wrong not in it.check().sentence
            assert wrong not in repr(vars(it))


@pytest.mark.parametrize("path", ["total", "status_transitions", "due_date", "customer", "ending_balance"])
def test_a_field_that_went_from_the_api_is_named(tmp_path, path):
    there = invoice("in_1", 10000, "2026-01-10")
    del there[path]
    with (
        serving(stripe(invoices=[there])) as service,
        open_connector(settings(tmp_path, source(service.url))) as it,
        told("invoice in_1", path, "may have changed", never=KEY),
    ):
        it.read("documents")


def test_a_list_that_never_ends_is_noticed(tmp_path):
    def answers(asked: Asked) -> Reply:
        whole = stripe()(asked)
        return Reply({"object": "list", "data": [], "has_more": True}) if "customers" in asked.path else whole

    with serving(answers) as service, open_connector(settings(tmp_path, source(service.url))) as it, told("sends none"):
        it.read("documents")


def test_a_mapping_of_ones_own_takes_the_place_of_ours(tmp_path):
    more = "[mapping]\ncustomers = \"SELECT id AS customer_id, 'x' AS name, description AS segment FROM customers\""
    with serving(stripe()) as service, open_connector(settings(tmp_path, source(service.url, more))) as it:
        assert mapped(it, "customers").rows() == [("cus_1", "x", None)]
        assert it.read("gl_balances") is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('secret_key = "pk_live_1"', "secret_key"),
        ('base_url = "http://api.example.com"', "https://"),
        ('base_url = "api.stripe.com"', "base_url"),
        ('time_zone = "Mars/Olympus"', "Mars/Olympus"),
        ('api_version = "latest"', "api_version"),
        ("livee = true", "did you mean 'live'?"),
        ('[changes]\ncolumn = "x"', "[changes]"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_named(tmp_path, wrong, words):
    name = wrong.split(" ")[0]
    lines = [line for line in source("https://api.stripe.com").splitlines() if not line.startswith(name)]
    with pytest.raises(ConfigError) as caught:
        open_connector(settings(tmp_path, "\n".join([*lines, wrong])))
    assert words in str(caught.value)
    assert KEY not in str(caught.value)


def test_a_first_look_shows_every_table(tmp_path):
    with serving(stripe(invoices=[invoice("in_1", 100, "2026-01-10")])) as service:
        seen = preview(settings(tmp_path, source(service.url)), date(2026, 11, 20))
    assert seen.ok, seen.sentence
    assert {name: looked.rows.height for name, looked in seen.tables.items()} == {
        "customers": 1, "documents": 1, "settlements": 0, "verify": 1,
    }  # fmt: skip


def test_only_reading_requests_are_sent(tmp_path):
    with serving(stripe(invoices=[invoice("in_1", 1, "2026-01-10")])) as service:
        made(tmp_path, source(service.url))
        assert {one.method for one in service.asked} == {"GET"}
        assert {one.headers["stripe-version"] for one in service.asked} == {"2025-03-31.basil"}
    with pytest.raises(SourceError):
        made(tmp_path, source(service.url, "retries = 0"))
