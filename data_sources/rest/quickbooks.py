"""QuickBooks Online: invoices, credits, payments and whatever else stands on accounts receivable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pydantic import Field

from config.settings import Settings
from config.validation import validated
from data_sources.connector import Progress
from data_sources.rest import raw
from data_sources.rest.client import Client, RefusedError
from data_sources.rest.connector import Company, Rest, address
from data_sources.rest.kept import Kept
from data_sources.rest.oauth import OAuth, OAuthOptions
from data_sources.rest.objects import Thing
from data_sources.rest.quickbooks_changes import captured, refuse_merged, to_ask_again
from data_sources.rest.quickbooks_links import links, posting
from ledger.errors import SourceError
from ledger.money import digits

_PAGE = 1000
_PASSES = 3
_NAMED = 100
"""Ids in one request, whose address must not become too long."""

_TOKENS = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
_EVERY = "Active IN (true, false)"

# What is read: its name for people, and which of them.
_READ: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Customer": ("customers", _EVERY),
        "Invoice": ("invoices", ""),
        "CreditMemo": ("credit memos", ""),
        "JournalEntry": ("journal entries", ""),
        "Deposit": ("deposits", ""),
        "Purchase": ("purchases", ""),
        "Payment": ("payments", ""),
    }
)

_HEAD = {
    **dict.fromkeys(("id", "number", "customer", "currency", "note"), raw.TEXT),
    "date": raw.DAY,
    "rate": raw.RATE,
    **dict.fromkeys(("total", "home_total", "open"), raw.AMOUNT),
}
CUSTOMERS = raw.Table(
    "customers",
    {
        **dict.fromkeys(("id", "name", "parent", "email", "country", "currency", "active"), raw.TEXT),
        "balance": raw.AMOUNT,
    },
)
INVOICES = raw.Table("invoices", {**_HEAD, "due": raw.DAY, "deposit": raw.AMOUNT})
CREDIT_MEMOS = raw.Table("credit_memos", _HEAD)
PAYMENTS = raw.Table("payments", _HEAD)
JOURNALS = raw.Table("journals", {**_HEAD, "type": raw.TEXT})
LINKS = raw.Table(
    "payment_links",
    {
        **dict.fromkeys(("payment", "number", "debit", "credit"), raw.TEXT),
        "amount": raw.AMOUNT,
    },
    key=("payment", "number"),
)


class QuickBooksOptions(OAuthOptions):
    """What a source file of ``kind = "quickbooks"`` holds besides the mapping."""

    company_id: str = Field(pattern=r"^\d{1,30}$")
    minor_version: int = Field(default=75, ge=1)


class QuickBooks(Rest):
    """Canonical tables from a QuickBooks Online company."""

    label: ClassVar[str] = "QuickBooks Online"
    name: ClassVar[str] = "quickbooks"
    tables: ClassVar[tuple[raw.Table, ...]] = (CUSTOMERS, INVOICES, CREDIT_MEMOS, PAYMENTS, JOURNALS, LINKS)
    ids: ClassVar[Mapping[str, str]] = MappingProxyType(dict.fromkeys(_READ, "Id"))

    def __init__(self, settings: Settings, options: QuickBooksOptions, progress: Progress | None) -> None:
        super().__init__(settings, options, progress)
        file = settings.source.file
        host = address(options.base_url, "https://quickbooks.api.intuit.com", "base_url", file)
        self._id = options.company_id
        self._base = f"{host}/v3/company/{self._id}"
        self._minor = options.minor_version
        self._auth = OAuth(self.label, options, settings, _TOKENS)
        self._client = Client(self.label, options.limits, self._auth)

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:
        return cls(settings, validated(QuickBooksOptions, settings.source.options(), settings.source.file), progress)

    def describe(self) -> str:
        return f"QuickBooks Online company {self._id} at {self._base.partition('/v3/')[0]}"

    def close(self) -> None:
        super().close()
        self._auth.close()

    def company(self) -> Company:
        try:
            said = self._client.get(f"{self._base}/companyinfo/{self._id}", {"minorversion": self._minor})
        except RefusedError as refused:
            if refused.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
                raise
            raise SourceError(
                f"{str(refused).rstrip('.')}; is company_id {self._id} the company that this connection was made for?"
            ) from None
        answer = Thing(self.label, "company", said)
        name = answer.must("CompanyInfo", "CompanyName")
        preferences = next(self._page("SELECT * FROM Preferences", "Preferences"), None)
        home = preferences.text("CurrencyPrefs", "HomeCurrency", "value") if preferences else None
        if not home and not self._currency:
            raise SourceError(
                f"QuickBooks Online does not say in which currency it keeps the books; write it as base_currency in "
                f"{self._source.file}."
            )
        return Company(self._id, name, home, clock=answer.clock("time"))

    def fetch(self, rows: raw.Rows, company: Company) -> None:
        home = self._currency or company.currency or ""
        for thing in self.objects("Customer"):
            rows.add(CUSTOMERS.name, _customer(thing, home))
        for thing in self.objects("Invoice"):
            further = {"due": thing.day("DueDate"), "deposit": thing.amount("Deposit")}
            rows.add(INVOICES.name, {**_head(thing, home, thing.sure("Balance")), **further})
        for thing in self.objects("CreditMemo"):
            left = thing.amount("RemainingCredit")
            rows.add(CREDIT_MEMOS.name, _head(thing, home, thing.sure("Balance") if left is None else left))
        journals = self._journals(rows, home)
        for thing in self.objects("Payment"):
            rows.add(PAYMENTS.name, _head(thing, home, thing.amount("UnappliedAmt") or Decimal(0)))
            for number, link in enumerate(links(thing, journals), start=1):
                pair = {"debit": link.debit, "credit": link.credit, "amount": link.amount}
                rows.add(LINKS.name, {"payment": f"Payment-{thing.must('Id')}", "number": str(number), **pair})

    def whole(self, kind: str) -> Iterator[Thing]:
        yield from self._all(kind, *_READ[kind])

    def changes(self, kept: Kept, since: datetime) -> None:
        told, too_many = captured(self._captured, list(_READ), since)
        for kind in _READ:
            if kind in too_many:
                self.lay(kept, kind)
            else:
                kept.change(kind, told.get(kind, {}))
        asked = {kind: set(told.get(kind, {})) for kind in _READ if kind not in too_many}
        # A payment moves what is open on what it names, and the balance of whom it is from. Whether QuickBooks stamps
        # these as changed is not written anywhere: they are asked for by their ids, until nothing new comes.
        while again := to_ask_again(kept, self.thing, asked):
            for kind, ids in again.items():
                kept.change(kind, self._named(kind, ids))
                asked[kind] |= ids
        refuse_merged(kept)
        for kind, (_, where) in _READ.items():
            if self._count(_from(kind, where)) != kept.count(kind):
                self.lay(kept, kind)

    def _captured(self, kinds: Iterable[str], since: datetime) -> Thing:
        values = {"entities": ",".join(kinds), "changedSince": since.isoformat(timespec="seconds")}
        said = self._client.get(f"{self._base}/cdc", {**values, "minorversion": self._minor})
        return Thing(self.label, "an answer", said)

    def _named(self, kind: str, ids: Iterable[str]) -> dict[str, Any]:
        """Objects by their ids; those that are not there any more are left out, and the counts tell."""
        found: dict[str, Any] = {}
        wanted = sorted(ids)
        for start in range(0, len(wanted), _NAMED):
            inner = ", ".join("'{}'".format(id.replace("'", "")) for id in wanted[start : start + _NAMED])
            active = f" AND {_EVERY}" if kind == "Customer" else ""
            query = f"SELECT * {_from(kind, f'Id IN ({inner}){active}')} ORDERBY Id STARTPOSITION 1 MAXRESULTS {_PAGE}"
            found |= {thing.must("Id"): thing.values for thing in self._page(query, kind)}
        return found

    def _journals(self, rows: raw.Rows, home: str) -> dict[str, dict[str, Decimal]]:
        """Lay down what journal entries, deposits and purchases post to receivables; amounts by id and customer."""
        where = f"AccountType = 'Accounts Receivable' AND {_EVERY}"
        accounts = {thing.must("Id") for thing in self._all("Account", "accounts", where)}
        found: dict[str, dict[str, Decimal]] = {}
        for entity in ("JournalEntry", "Deposit", "Purchase"):
            for thing in self.objects(entity):
                by_customer: defaultdict[str, Decimal] = defaultdict(Decimal)
                for line in thing.each("Line", kind=f"{entity} {thing.must('Id')}, line"):
                    account, customer, amount = posting(entity, thing, line)
                    if account in accounts:
                        by_customer[customer] += amount
                if by_customer:
                    found[f"{entity}-{thing.must('Id')}"] = dict(by_customer)
                for customer, amount in by_customer.items():
                    head = _head(thing, home, None, amount)
                    id = f"{entity}-{thing.must('Id')}-{customer}"
                    rows.add(JOURNALS.name, {**head, "id": id, "customer": customer or None, "type": entity})
        return found

    def _all(self, entity: str, what: str, where: str = "") -> Iterator[Thing]:
        """Every object of ``entity`` once, page by page.

        Pages are places in a list that moves while it is read: where objects were skipped, it is read again.
        """
        some = _from(entity, where)
        seen: set[str] = set()
        total = 0
        for _ in range(_PASSES):
            total = self._count(some)
            start, got = 1, -1
            while got and start <= total:
                got = 0
                for thing in self._page(f"SELECT * {some} ORDERBY Id STARTPOSITION {start} MAXRESULTS {_PAGE}", entity):
                    got += 1
                    if thing.must("Id") not in seen:
                        seen.add(thing.must("Id"))
                        yield thing
                start += got
                self._note(what, len(seen))
            if len(seen) >= total:
                return
        raise SourceError(
            f"QuickBooks Online counts {total} {what} and sends {len(seen)}, however often it is asked; refresh again "
            "when fewer people work in it."
        )

    def _page(self, query: str, entity: str) -> Iterator[Thing]:
        yield from self._answer(query).each("QueryResponse", entity, kind=entity, key="Id")

    def _count(self, some: str) -> int:
        return int(self._answer(f"SELECT COUNT(*) {some}").amount("QueryResponse", "totalCount", need=True) or 0)

    def _answer(self, query: str) -> Thing:
        said = self._client.get(f"{self._base}/query", {"query": query, "minorversion": self._minor})
        answer = Thing(self.label, "an answer", said)
        if not answer.has("QueryResponse"):
            raise SourceError("QuickBooks Online answered without a QueryResponse; is base_url right?")
        return answer


def _from(entity: str, where: str) -> str:
    return f"FROM {entity} WHERE {where}" if where else f"FROM {entity}"


def _customer(thing: Thing, home: str) -> dict[str, Any]:
    return {
        "id": thing.must("Id"),
        "name": thing.must("DisplayName"),
        "parent": thing.text("ParentRef", "value"),
        "email": thing.text("PrimaryEmailAddr", "Address"),
        "country": thing.text("BillAddr", "Country"),
        "currency": thing.text("CurrencyRef", "value") or home,
        "active": thing.text("Active"),
        "balance": thing.amount("Balance"),
    }


def _head(thing: Thing, home: str, still_open: Decimal | None, total: Decimal | None = None) -> dict[str, Any]:
    """What all documents have. Without multi-currency nothing is said of currencies: all is in the home currency."""
    currency = thing.text("CurrencyRef", "value") or home
    rate = Decimal(1) if currency == home else thing.rate("ExchangeRate")
    amount = thing.sure("TotalAmt") if total is None else total
    return {
        "id": thing.must("Id"),
        "number": thing.text("DocNumber") or thing.text("PaymentRefNum"),
        "customer": thing.must("CustomerRef", "value") if total is None else None,
        "currency": currency,
        "note": thing.text("PrivateNote"),
        "date": thing.day("TxnDate", need=True),
        "rate": rate,
        "total": amount,
        "home_total": None if rate is None else in_home(amount, rate, home),
        "open": still_open,
    }


def in_home(amount: Decimal, rate: Decimal, home: str) -> Decimal:
    """``amount`` at home units for one, rounded as money is."""
    return (amount * rate).quantize(Decimal(1).scaleb(-digits(home)), ROUND_HALF_UP)
