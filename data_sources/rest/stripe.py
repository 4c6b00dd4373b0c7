"""Stripe: invoices, what was paid on them and what was credited, by secret or restricted key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from decimal import Decimal
from http import HTTPStatus
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr

from config.settings import Settings
from config.validation import Text, validated
from data_sources.connector import Progress
from data_sources.rest import raw
from data_sources.rest.client import Client, RefusedError
from data_sources.rest.connector import Company, Rest, RestOptions, address
from data_sources.rest.objects import Thing
from ledger.errors import ConfigError, SourceError

_PAGE = 100

# Stripe counts in the smallest unit as it sees it: these have none below the unit, those have thousandths. ISK and UGX
# are sent in hundredths although they have none.
_WHOLE = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THOUSANDTHS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))

CUSTOMERS = raw.Table(
    "customers", dict.fromkeys(("id", "name", "email", "country", "currency", "description"), raw.TEXT)
)
INVOICES = raw.Table(
    "invoices",
    {
        **dict.fromkeys(("id", "number", "status", "customer", "customer_name", "customer_email"), raw.TEXT),
        **dict.fromkeys(("customer_country", "currency", "collection_method"), raw.TEXT),
        **dict.fromkeys(("finalized_on", "effective_on", "due_on", "paid_on"), raw.DAY),
        **dict.fromkeys(("voided_on", "uncollectible_on"), raw.DAY),
        **dict.fromkeys(("total", "starting_balance", "ending_balance", "amount_remaining"), raw.AMOUNT),
    },
)
INVOICE_PAYMENTS = raw.Table(
    "invoice_payments",
    {
        **dict.fromkeys(("id", "invoice", "status", "type", "currency"), raw.TEXT),
        "paid_on": raw.DAY,
        "amount_paid": raw.AMOUNT,
    },
)
CREDIT_NOTES = raw.Table(
    "credit_notes",
    {
        **dict.fromkeys(("id", "number", "status", "invoice", "customer", "currency", "reason"), raw.TEXT),
        **dict.fromkeys(("created_on", "effective_on", "voided_on"), raw.DAY),
        **dict.fromkeys(("total", "pre_payment_amount", "post_payment_amount"), raw.AMOUNT),
    },
)


class StripeOptions(RestOptions):
    """What a source file of ``kind = "stripe"`` holds besides the mapping."""

    secret_key: SecretStr
    live: bool = True
    time_zone: Text | None = None
    api_version: str = Field(default="2025-03-31.basil", pattern=r"^\d{4}-\d{2}-\d{2}(\.\w+)?$")


class _Key:
    """The key itself is the login: there is nothing to renew."""

    def __init__(self, key: SecretStr, version: str) -> None:
        self._key = key
        self._version = version

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._key.get_secret_value()}", "Stripe-Version": self._version}

    def renew(self) -> bool:
        return False

    def secrets(self) -> tuple[str, ...]:
        return (self._key.get_secret_value(),)


class Stripe(Rest):
    """Canonical tables from a Stripe account."""

    label: ClassVar[str] = "Stripe"
    name: ClassVar[str] = "stripe"
    tables: ClassVar[tuple[raw.Table, ...]] = (CUSTOMERS, INVOICES, INVOICE_PAYMENTS, CREDIT_NOTES)

    def __init__(self, settings: Settings, options: StripeOptions, progress: Progress | None) -> None:
        super().__init__(settings, options, progress)
        file = settings.source.file
        self._base = address(options.base_url, "https://api.stripe.com", "base_url", file)
        self._live = options.live
        self._zone = _zone(options.time_zone, f"{file}: time_zone") if options.time_zone else None
        key = options.secret_key.get_secret_value()
        if key.startswith("pk_") or not key.strip() or not key.isascii() or not key.isprintable():
            raise ConfigError(f"{file}: secret_key is not a secret key (sk_…) or a restricted key (rk_…).")
        self._client = Client(self.label, options.limits, _Key(options.secret_key, options.api_version))

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:
        return cls(settings, validated(StripeOptions, settings.source.options(), settings.source.file), progress)

    def describe(self) -> str:
        return f"Stripe at {self._base}{'' if self._live else ', test data'}"

    def company(self) -> Company:
        """The account; where a restricted key may not read it, what the first invoice tells."""
        try:
            account = Thing(self.label, "account", self._client.get(f"{self._base}/v1/account"))
        except RefusedError as refused:
            if refused.status != HTTPStatus.FORBIDDEN:
                raise
            return self._unknown()
        if self._zone is None:
            zone = account.text("settings", "dashboard", "timezone") or "UTC"
            self._zone = _zone(zone, f"{self._source.file}: time_zone is left out, and that of the account")
        name = account.text("settings", "dashboard", "display_name") or account.text("business_profile", "name")
        currency = (account.text("default_currency") or "").upper() or None
        self._refuse_other_mode()
        return Company(account.must("id"), name or "Stripe", currency, self._mode())

    def fetch(self, rows: raw.Rows, company: Company) -> None:  # noqa: ARG002 - of every service
        zone = self._zone
        if zone is None:  # company() was asked before
            raise SourceError(f"{self._source.file}: time_zone is missing.")
        for thing in self._all("customers", "customer"):
            rows.add(CUSTOMERS.name, _customer(thing))
        for thing in self._all("invoices", "invoice"):
            rows.add(INVOICES.name, _invoice(thing, zone))
        for thing in self._all("invoice_payments", "invoice_payment", {"status": "paid"}):
            rows.add(INVOICE_PAYMENTS.name, _payment(thing, zone))
        for thing in self._all("credit_notes", "credit_note"):
            rows.add(CREDIT_NOTES.name, _credit_note(thing, zone))

    def _unknown(self) -> Company:
        self._refuse_other_mode()
        if self._zone is None:
            raise SourceError(
                f"{self._source.file}: the key may not read the account, so that the company's time zone is not known; "
                'write it as time_zone, such as "Europe/Berlin".'
            )
        return Company("this key", "Stripe", None, self._mode())

    def _mode(self) -> str:
        return "live data" if self._live else "test data"

    def _refuse_other_mode(self) -> None:
        """A key sees either live or test data. Test invoices in the books would be noticed late."""
        found = self._page("invoices", {"limit": 1})
        for thing in found.each("data", kind="invoice", key="id"):
            if (thing.must("livemode") == "true") != self._live:
                has, wants = ("test", "live") if self._live else ("live", "test")
                other = "false" if self._live else "true"
                raise SourceError(
                    f"{self._source.file}: secret_key is for Stripe's {has} data, and the books want {wants} data; "
                    f"take the other key, or say live = {other}."
                )

    def _all(self, path: str, kind: str, asked: Mapping[str, str] | None = None) -> Iterator[Thing]:
        """Every object of a list, newest first, page by page."""
        params: dict[str, str | int] = {"limit": _PAGE, **(asked or {})}
        count = 0
        while True:
            page = self._page(path, params)
            last = None
            for thing in page.each("data", kind=kind, key="id"):
                last = thing.must("id")
                count += 1
                yield thing
            self._note(path.replace("_", " "), count)
            if page.must("has_more") != "true":
                return
            if last is None or last == params.get("starting_after"):
                raise SourceError(f"{self.label} says that there are more {path} and sends none.")
            params["starting_after"] = last

    def _page(self, path: str, params: Mapping[str, str | int]) -> Thing:
        page = Thing(self.label, f"list of {path}", self._client.get(f"{self._base}/v1/{path}", params))
        if not page.has("data"):
            raise SourceError(f"{self.label} sent no list of {path}; is base_url right?")
        return page


def _customer(thing: Thing) -> dict[str, Any]:
    return {
        "id": thing.must("id"),
        "name": thing.text("name", null=True),
        "email": thing.text("email", null=True),
        "country": thing.text("address", "country"),
        "currency": _upper(thing.text("currency")),
        "description": thing.text("description", null=True),
    }


def _invoice(thing: Thing, zone: tzinfo) -> dict[str, Any]:
    currency = thing.must("currency").upper()
    # A payment plan has a day for each part; what is asked for as a whole is late when the last of them is.
    parts = [day for part in thing.each("amounts_due") if (day := part.moment(zone, "due_date"))]
    return {
        "id": thing.must("id"),
        "number": thing.text("number", null=True),
        "status": thing.must("status"),
        "customer": thing.must("customer"),
        "customer_name": thing.text("customer_name", null=True),
        "customer_email": thing.text("customer_email", null=True),
        "customer_country": thing.text("customer_address", "country"),
        "currency": currency,
        "collection_method": thing.text("collection_method", null=True),
        "finalized_on": thing.moment(zone, "status_transitions", "finalized_at", null=True),
        "effective_on": thing.moment(zone, "effective_at", null=True),
        "due_on": thing.moment(zone, "due_date", null=True) or max(parts, default=None),
        "paid_on": thing.moment(zone, "status_transitions", "paid_at", null=True),
        "voided_on": thing.moment(zone, "status_transitions", "voided_at", null=True),
        "uncollectible_on": thing.moment(zone, "status_transitions", "marked_uncollectible_at", null=True),
        "total": major(thing.sure("total"), currency),
        "starting_balance": major(thing.sure("starting_balance"), currency),
        "ending_balance": major(thing.amount("ending_balance", null=True), currency),
        "amount_remaining": major(thing.sure("amount_remaining"), currency),
    }


def _payment(thing: Thing, zone: tzinfo) -> dict[str, Any]:
    currency = thing.must("currency").upper()
    return {
        "id": thing.must("id"),
        "invoice": thing.must("invoice"),
        "status": thing.must("status"),
        "type": thing.text("payment", "type"),
        "currency": currency,
        "paid_on": thing.moment(zone, "status_transitions", "paid_at", need=True),
        "amount_paid": major(thing.sure("amount_paid"), currency),
    }


def _credit_note(thing: Thing, zone: tzinfo) -> dict[str, Any]:
    currency = thing.must("currency").upper()
    return {
        "id": thing.must("id"),
        "number": thing.text("number", null=True),
        "status": thing.must("status"),
        "invoice": thing.must("invoice"),
        "customer": thing.must("customer"),
        "currency": currency,
        "reason": thing.text("reason", null=True),
        "created_on": thing.moment(zone, "created", need=True),
        "effective_on": thing.moment(zone, "effective_at", null=True),
        "voided_on": thing.moment(zone, "voided_at", null=True),
        "total": major(thing.sure("total"), currency),
        "pre_payment_amount": major(thing.sure("pre_payment_amount"), currency),
        "post_payment_amount": major(thing.sure("post_payment_amount"), currency),
    }


def major(minor: Decimal | None, currency: str) -> Decimal | None:
    """Stripe's smallest units in the currency's own."""
    if minor is None:
        return None
    places = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return minor.scaleb(-places)


def _upper(text: str | None) -> str | None:
    return text.upper() if text else None


def _zone(name: str, where: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f"{where} is '{name}', which is no time zone; write it like \"Europe/Berlin\".") from None
