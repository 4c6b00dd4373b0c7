"""QuickBooks Online: invoices, credits, payments and whatever else stands on accounts receivable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from http import HTTPStatus
from typing import Any, ClassVar, Self

from pydantic import Field

from config.settings import Settings
from config.validation import validated
from data_sources.connector import Progress
from data_sources.rest import raw
from data_sources.rest.client import Client, RefusedError
from data_sources.rest.connector import Company, Rest, address
from data_sources.rest.linking import Link, paired
from data_sources.rest.oauth import OAuth, OAuthOptions
from data_sources.rest.objects import Thing
from ledger.errors import SourceError
from ledger.money import digits

_PAGE = 1000
_PASSES = 3
_TOKENS = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
_EVERY = "Active IN (true, false)"

# What payments call the purchases that give a customer money back.
_PURCHASES = frozenset(("Purchase", "Check", "Expense", "CreditCardCredit", "CashPurchase"))

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
        return Company(self._id, name, home)

    def fetch(self, rows: raw.Rows, company: Company) -> None:
        home = self._currency or company.currency or ""
        for thing in self._all("Customer", "customers", _EVERY):
            rows.add(CUSTOMERS.name, _customer(thing, home))
        for thing in self._all("Invoice", "invoices"):
            further = {"due": thing.day("DueDate"), "deposit": thing.amount("Deposit")}
            rows.add(INVOICES.name, {**_head(thing, home, thing.sure("Balance")), **further})
        for thing in self._all("CreditMemo", "credit memos"):
            left = thing.amount("RemainingCredit")
            rows.add(CREDIT_MEMOS.name, _head(thing, home, thing.sure("Balance") if left is None else left))
        journals = self._journals(rows, home)
        for thing in self._all("Payment", "payments"):
            rows.add(PAYMENTS.name, _head(thing, home, thing.amount("UnappliedAmt") or Decimal(0)))
            for number, link in enumerate(_links(thing, journals), start=1):
                pair = {"debit": link.debit, "credit": link.credit, "amount": link.amount}
                rows.add(LINKS.name, {"payment": f"Payment-{thing.must('Id')}", "number": str(number), **pair})

    def _journals(self, rows: raw.Rows, home: str) -> dict[str, dict[str, Decimal]]:
        """Lay down what journal entries, deposits and purchases post to receivables; amounts by id and customer."""
        where = f"AccountType = 'Accounts Receivable' AND {_EVERY}"
        accounts = {thing.must("Id") for thing in self._all("Account", "accounts", where)}
        found: dict[str, dict[str, Decimal]] = {}
        for entity, what in (("JournalEntry", "journal entries"), ("Deposit", "deposits"), ("Purchase", "purchases")):
            for thing in self._all(entity, what):
                by_customer: defaultdict[str, Decimal] = defaultdict(Decimal)
                for line in thing.each("Line", kind=f"{entity} {thing.must('Id')}, line"):
                    account, customer, amount = _posting(entity, thing, line)
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
        some = f"FROM {entity}{f' WHERE {where}' if where else ''}"
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


def _posting(entity: str, thing: Thing, line: Thing) -> tuple[str, str, Decimal]:
    """Account, customer and amount of a line, above 0 where it raises what the customer owes."""
    amount = line.amount("Amount") or Decimal(0)
    if entity == "JournalEntry":
        detail = ("JournalEntryLineDetail",)
        customer = line.text(*detail, "Entity", "EntityRef", "value")
        signed = amount if line.text(*detail, "PostingType") == "Debit" else -amount
    elif entity == "Deposit":
        detail = ("DepositLineDetail",)
        customer = line.text(*detail, "Entity", "value")
        signed = -amount
    else:
        detail = ("AccountBasedExpenseLineDetail",)
        customer = thing.text("EntityRef", "value")
        signed = -amount if thing.flag("Credit") else amount
    return line.text(*detail, "AccountRef", "value") or "", customer or "", signed


def _links(payment: Thing, journals: dict[str, dict[str, Decimal]]) -> list[Link]:
    """What a payment put together: debits and credits by document id."""
    debits: list[tuple[str, Decimal]] = []
    credits: list[tuple[str, Decimal]] = []
    customer = payment.must("CustomerRef", "value")
    for line in payment.each("Line", kind=f"Payment {payment.must('Id')}, line"):
        linked = [(one.must("TxnType"), one.must("TxnId")) for one in line.each("LinkedTxn")]
        if not linked:
            continue
        # An amount is as large as it says, whichever side it is on: credits are told from debits by their kind.
        amount = abs(line.sure("Amount"))
        id, is_credit = _document(*linked[0], customer, journals)
        if len(linked) > 1:
            id = "+".join(f"{kind}-{txn}" for kind, txn in linked)
        (credits if is_credit else debits).append((id, amount))
    return paired(debits, credits)


def _document(kind: str, txn: str, customer: str, journals: dict[str, dict[str, Decimal]]) -> tuple[str, bool]:
    """The document id that a link means, and whether it is a credit."""
    name = "Purchase" if kind in _PURCHASES else kind
    by_customer = journals.get(f"{name}-{txn}", {})
    owner = customer if customer in by_customer else next(iter(by_customer), None) if len(by_customer) == 1 else None
    if owner is not None:
        return f"{name}-{txn}-{owner}", by_customer[owner] < 0
    return f"{name}-{txn}", name in ("CreditMemo", "Deposit")
