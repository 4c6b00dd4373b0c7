"""Xero: sales invoices, credit notes, prepayments and overpayments, and what was paid and allocated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Self

from config.settings import Settings
from config.validation import Text, validated
from data_sources.connector import Progress
from data_sources.rest import raw
from data_sources.rest.client import Client, RefusedError
from data_sources.rest.connector import Company, Rest, UnclearError, address
from data_sources.rest.kept import Kept
from data_sources.rest.oauth import OAuth, OAuthOptions
from data_sources.rest.objects import Thing
from ledger.errors import SourceError
from ledger.money import digits

_PAGE = 1000
_PASSES = 3
_NAMED = 40
"""Ids in one request, whose address must not become too long."""

_TOKENS = "https://identity.xero.com/connect/token"
_ALIVE = frozenset(("AUTHORISED", "PAID"))

_HEAD = {
    **dict.fromkeys(("id", "number", "customer", "customer_name", "status", "currency"), raw.TEXT),
    "date": raw.DAY,
    "rate": raw.RATE,
    **dict.fromkeys(("total", "base_total", "open"), raw.AMOUNT),
}
CONTACTS = raw.Table("contacts", dict.fromkeys(("id", "name", "email", "country", "status", "account"), raw.TEXT))
INVOICES = raw.Table("invoices", {**_HEAD, "due": raw.DAY})
CREDITS = raw.Table("credits", {**_HEAD, "type": raw.TEXT})
PAYMENTS = raw.Table(
    "payments",
    {
        **dict.fromkeys(("id", "type", "document"), raw.TEXT),
        "date": raw.DAY,
        "amount": raw.AMOUNT,
    },
)
ALLOCATIONS = raw.Table(
    "allocations",
    {
        **dict.fromkeys(("id", "type", "credit", "invoice"), raw.TEXT),
        "date": raw.DAY,
        "amount": raw.AMOUNT,
    },
)

# What lowers a debt: endpoint, name of its id, and the type it has on the side of sales.
_CREDITS = (
    ("CreditNotes", "CreditNoteID", "ACCRECCREDIT"),
    ("Prepayments", "PrepaymentID", "RECEIVE-PREPAYMENT"),
    ("Overpayments", "OverpaymentID", "RECEIVE-OVERPAYMENT"),
)

_SALES = 'Type=="ACCREC"'

# What is read: the name of its id, and which of them.
_READ: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Contacts": ("ContactID", {"includeArchived": "true"}),
        "Invoices": ("InvoiceID", {"where": _SALES, "Statuses": ",".join(sorted(_ALIVE))}),
        **{endpoint: (id, {}) for endpoint, id, _ in _CREDITS},
        "Payments": ("PaymentID", {"where": 'Status=="AUTHORISED"'}),
    }
)

# What of these is asked for where only changes are: documents that were voided or deleted come too.
_CHANGED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"Contacts": {"includeArchived": "true"}, "Invoices": {"where": _SALES}, "Payments": {}}
)

# Payments on the side of sales, and what each is made on.
_PAYMENTS = {
    "ACCRECPAYMENT": ("Invoice", "InvoiceID"),
    "ARCREDITPAYMENT": ("CreditNote", "CreditNoteID"),
    "ARPREPAYMENTPAYMENT": ("Prepayment", "PrepaymentID"),
    "AROVERPAYMENTPAYMENT": ("Overpayment", "OverpaymentID"),
}


class XeroOptions(OAuthOptions):
    """What a source file of ``kind = "xero"`` holds besides the mapping."""

    tenant_id: Text


class Xero(Rest):
    """Canonical tables from a Xero organisation."""

    label: ClassVar[str] = "Xero"
    name: ClassVar[str] = "xero"
    tables: ClassVar[tuple[raw.Table, ...]] = (CONTACTS, INVOICES, CREDITS, PAYMENTS, ALLOCATIONS)
    ids: ClassVar[Mapping[str, str]] = MappingProxyType({kind: id for kind, (id, _) in _READ.items()})

    def __init__(self, settings: Settings, options: XeroOptions, progress: Progress | None) -> None:
        super().__init__(settings, options, progress)
        host = address(options.base_url, "https://api.xero.com", "base_url", settings.source.file)
        self._base = f"{host}/api.xro/2.0"
        self._tenant = options.tenant_id
        self._auth = OAuth(self.label, options, settings, _TOKENS, {"Xero-tenant-id": options.tenant_id})
        self._client = Client(self.label, options.limits, self._auth)

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:
        return cls(settings, validated(XeroOptions, settings.source.options(), settings.source.file), progress)

    def describe(self) -> str:
        return f"Xero organisation {self._tenant} at {self._base.partition('/api.xro/')[0]}"

    def close(self) -> None:
        super().close()
        self._auth.close()

    def company(self) -> Company:
        try:
            said = self._client.get(f"{self._base}/Organisation")
        except RefusedError as refused:
            if refused.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
                raise
            raise SourceError(
                f"{str(refused).rstrip('.')}; is tenant_id {self._tenant} an organisation that this connection was "
                "made for, and may it read accounting settings?"
            ) from None
        answer = Thing(self.label, "an answer", said)
        found = next(answer.each("Organisations", kind="organisation"), None)
        if found is None:
            raise SourceError("Xero names no organisation; is base_url right?")
        id = found.text("OrganisationID") or self._tenant
        return Company(id, found.must("Name"), found.must("BaseCurrency"), clock=answer.clock("DateTimeUTC"))

    def fetch(self, rows: raw.Rows, company: Company) -> None:
        base = self._currency or company.currency or ""
        names: dict[str, str] = {}
        for thing in self.objects("Contacts"):
            contact = _contact(thing)
            names[contact["id"]] = contact["name"]
            rows.add(CONTACTS.name, contact)
        for thing in self.objects("Invoices"):
            if _counts("Invoices", thing):
                head = _head(thing, "InvoiceID", base, thing.sure("AmountDue"), names)
                rows.add(INVOICES.name, {**head, "due": _day(thing, "DueDate")})
        for endpoint, id, kind in _CREDITS:
            for thing in self.objects(endpoint):
                if thing.must("Type") == kind and thing.must("Status") in _ALIVE:
                    head = _head(thing, id, base, thing.sure("RemainingCredit"), names)
                    self._credit(rows, thing, endpoint, head)
        for thing in self.objects("Payments"):
            kind = thing.must("PaymentType")
            if kind in _PAYMENTS and _counts("Payments", thing):
                rows.add(PAYMENTS.name, _payment(thing, kind))

    def whole(self, kind: str) -> Iterator[Thing]:
        id, asked = _READ[kind]
        sales = {endpoint: type for endpoint, _, type in _CREDITS}.get(kind)
        for thing in self._all(kind, id, asked):
            used = sales and thing.must("Type") == sales and thing.must("Status") in _ALIVE
            yield self._complete(thing, kind, id) if used else thing

    def changes(self, kept: Kept, since: datetime) -> None:
        asked: set[str] = set()
        for kind in _CHANGED:
            told = self._changed(kind, since)
            kept.change(kind, told)
            asked |= set(told) if kind == "Invoices" else set()
        _refuse_merged(kept)
        # An allocation that is made or taken back does not always stamp its credit, nor its invoice, as changed.
        for kind, _, _ in _CREDITS:
            self.lay(kept, kind)
        wanted = sorted(_paid(kept) - asked)
        for start in range(0, len(wanted), _NAMED):
            named = {"IDs": ",".join(wanted[start : start + _NAMED])}
            kept.change("Invoices", _living("Invoices", self._all("Invoices", "InvoiceID", named)))
        for kind in _CHANGED:
            if self._count(kind) != kept.count(kind):
                self.lay(kept, kind)

    def _changed(self, kind: str, since: datetime) -> dict[str, Any]:
        """The objects of a kind that changed; ``None`` for those that count no more."""
        stamp = {"If-Modified-Since": since.strftime("%Y-%m-%dT%H:%M:%S")}
        try:
            return _living(kind, self._all(kind, self.ids[kind], _CHANGED[kind], stamp))
        except RefusedError as refused:
            if refused.status == HTTPStatus.NOT_MODIFIED:
                return {}
            if refused.status != HTTPStatus.BAD_REQUEST:
                raise
            raise UnclearError(str(refused)) from None

    def _count(self, kind: str) -> int | None:
        """How many objects of a kind Xero has; nothing where it does not count."""
        answer = self._page(kind, {**_READ[kind][1], "page": 1, "pageSize": 1})
        count = answer.amount("pagination", "itemCount")
        return None if count is None else int(count)

    def _credit(self, rows: raw.Rows, thing: Thing, endpoint: str, head: Mapping[str, Any]) -> None:
        rows.add(CREDITS.name, {**head, "type": endpoint})
        credit = head["id"]
        for number, one in enumerate(_allocated(thing), start=1):
            row = {
                "id": one.text("AllocationID") or f"{credit}/{number}",
                "type": endpoint,
                "credit": credit,
                "invoice": one.must("Invoice", "InvoiceID"),
                "date": _day(one, "Date"),
                "amount": one.sure("Amount"),
            }
            rows.add(ALLOCATIONS.name, row)

    def _complete(self, thing: Thing, endpoint: str, id: str) -> Thing:
        """The credit with all its allocations: lists may leave some out, and an invoice's own copy of it has none."""
        used = thing.sure("Total") - thing.sure("RemainingCredit")
        told = sum((one.sure("Amount") for one in _allocated(thing)), Decimal(0))
        refunded = sum((one.sure("Amount") for one in thing.each("Payments")), Decimal(0))
        if used == told + refunded:
            return thing
        said = self._client.get(f"{self._base}/{endpoint}/{thing.must(id)}")
        found = next(Thing(self.label, "an answer", said).each(endpoint, kind=endpoint.rstrip("s"), key=id), None)
        return found or thing

    def _all(
        self, endpoint: str, id: str, asked: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Iterator[Thing]:
        """Every object of an endpoint once, page by page; again where the count says that some were skipped."""
        seen: set[str] = set()
        expected = 0
        for _ in range(_PASSES):
            expected = None
            page = 0
            while True:
                page += 1
                params = {**asked, "order": f"{id} ASC", "page": page, "pageSize": _PAGE}
                answer = self._page(endpoint, params, headers)
                got = 0
                for thing in answer.each(endpoint, kind=endpoint.rstrip("s"), key=id):
                    if thing.must(id) not in seen:
                        got += 1
                        seen.add(thing.must(id))
                        yield thing
                expected, last = answer.amount("pagination", "itemCount"), answer.amount("pagination", "pageCount")
                self._note(endpoint.lower(), len(seen))
                # Without a count the list ends at a page that brings nothing new.
                if (last is None and not got) or (last is not None and page >= last):
                    break
            if expected is None or len(seen) >= expected:
                return
        raise SourceError(
            f"Xero counts {expected} {endpoint} and sends {len(seen)}, however often it is asked; refresh again when "
            "fewer people work in it."
        )

    def _page(self, endpoint: str, params: Mapping[str, str | int], headers: Mapping[str, str] | None = None) -> Thing:
        answer = Thing(self.label, "an answer", self._client.get(f"{self._base}/{endpoint}", params, headers))
        if not answer.has(endpoint):
            raise SourceError(f"Xero answered without {endpoint}; is base_url right?")
        return answer


def _contact(thing: Thing) -> dict[str, Any]:
    countries = (one.text("Country") for one in thing.each("Addresses"))
    return {
        "id": thing.must("ContactID"),
        "name": thing.must("Name"),
        "email": thing.text("EmailAddress"),
        "country": next((one for one in countries if one), None),
        "status": thing.text("ContactStatus"),
        "account": thing.text("AccountNumber"),
    }


def _counts(kind: str, thing: Thing) -> bool:
    """Whether an object is one that reading everything asks for."""
    if kind == "Invoices":
        return thing.must("Type") == "ACCREC" and thing.must("Status") in _ALIVE
    return kind != "Payments" or thing.must("Status") == "AUTHORISED"


def _living(kind: str, things: Iterable[Thing]) -> dict[str, Any]:
    id = _READ[kind][0]
    return {thing.must(id): thing.values if _counts(kind, thing) else None for thing in things}


def _refuse_merged(kept: Kept) -> None:
    """Have all read when a contact is archived: it may have been merged into another, which documents then name."""
    for old, new in kept.moved("Contacts").values():
        if old is not None and (new is None or old.get("ContactStatus") != new.get("ContactStatus")):
            raise UnclearError("a contact was merged or archived")


def _paid(kept: Kept) -> set[str]:
    """The invoices that a payment or an allocation names which is not what it was."""
    found: set[str] = set()
    for kind in ("Payments", *(endpoint for endpoint, _, _ in _CREDITS)):
        for pair in kept.moved(kind).values():
            for thing in (Thing("Xero", kind.rstrip("s"), one, _READ[kind][0]) for one in pair if one is not None):
                parts = (thing,) if kind == "Payments" else thing.each("Allocations")
                found.update(id for part in parts if (id := part.text("Invoice", "InvoiceID")))
    return found


def _head(thing: Thing, id: str, base: str, still_open: Decimal, names: Mapping[str, str]) -> dict[str, Any]:
    customer = thing.must("Contact", "ContactID")
    currency = thing.must("CurrencyCode")
    rate = Decimal(1) if currency == base else thing.rate("CurrencyRate")
    total = thing.sure("Total")
    return {
        "id": thing.must(id),
        "number": thing.text("InvoiceNumber") or thing.text("CreditNoteNumber") or thing.text("Reference"),
        "customer": customer,
        # The contact's own name: a document's copy of it may be older.
        "customer_name": names.get(customer) or thing.text("Contact", "Name"),
        "status": thing.must("Status"),
        "currency": currency,
        "date": _day(thing, "Date"),
        "rate": rate,
        "total": total,
        "base_total": in_base(total, rate, base) if rate else None,
        "open": still_open,
    }


def in_base(amount: Decimal, rate: Decimal, base: str) -> Decimal:
    """``amount`` at foreign units for one of the base currency, rounded as money is."""
    return (amount / rate).quantize(Decimal(1).scaleb(-digits(base)), ROUND_HALF_UP)


def _day(thing: Thing, name: str) -> date | None:
    """A date of Xero, which comes as text beside the form with ticks, or in that form alone."""
    return thing.day(f"{name}String") or thing.day(name, need=name == "Date")


def _allocated(thing: Thing) -> Iterator[Thing]:
    return (one for one in thing.each("Allocations") if not (one.flag("IsDeleted") or one.flag("isDeleted")))


def _payment(thing: Thing, kind: str) -> dict[str, Any]:
    return {
        "id": thing.must("PaymentID"),
        "type": kind,
        "document": thing.must(*_PAYMENTS[kind]),
        "date": _day(thing, "Date"),
        "amount": thing.sure("Amount"),
    }
