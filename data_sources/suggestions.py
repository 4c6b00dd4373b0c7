"""Which column of a raw table is most likely which canonical one, and how its text is written.

A suggestion is made of names and of the first rows, and a person looks at it: nothing here is used unseen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

import polars as pl
from rapidfuzz import fuzz

from ledger.schema import TABLES, Column, Kind, SettledBy, Type

_ALIKE = 86
"""How alike two names must be, 0–100: "invoice nr" and "invoice no" are."""

_SAME_TABLE = 90
_MUST = 2.0

_FITS = 0.9
"""The share of values that must read as dates or numbers, for a column of these."""

_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "customer_id": (
            *("customer id", "customer", "customer no", "customer number", "customer code", "cust no", "cust", "kunnr"),
            *("account", "account no", "account number", "debtor", "debtor no", "client", "client id", "partner"),
            *(
                "partner id",
                "partner code",
                "partner no",
                "account code",
                "client code",
                "debtor code",
                "party",
                "bill to",
                "sold to",
                "kunde",
                "kundennummer",
                "debitor",
                "client no",
            ),
        ),
        "name": (
            *("name", "customer name", "company", "company name", "display name", "title", "name1", "legal name"),
            *("account name", "client name", "partner name", "debtor name", "kundenname", "firma", "nom", "nombre"),
            *("full name", "vollname"),
        ),
        "parent_id": ("parent", "parent id", "parent customer", "parent account", "group id", "head office", "konzern"),
        "segment": ("segment", "customer group", "category", "customer type", "class", "channel", "kundengruppe"),
        "region": ("region", "area", "territory", "state", "district", "gebiet", "sales region"),
        "country": ("country", "country code", "land", "land1", "pays", "pais", "billing country"),
        "industry": ("industry", "sector", "branch", "brsch"),
        "collector": ("collector", "credit controller", "dunning clerk", "collections agent", "busab"),
        "sales_rep": ("sales rep", "salesperson", "salesman", "account manager", "sales person", "owner", "vertreter"),
        "risk_class": ("risk class", "risk", "risk category", "credit rating", "rating", "risikoklasse", "ctlpc"),
        "credit_limit": ("credit limit", "limit", "kreditlimit", "klimk", "credit line"),
        "terms_days": ("terms days", "payment terms", "terms", "net days", "due days", "zahlungsziel"),
        "email": ("email", "e mail", "mail", "email address", "contact email"),
        "document_id": (
            *("document id", "document", "invoice", "invoice id", "invoice no", "invoice number", "doc no", "doc id"),
            *("document no", "document number", "belnr", "voucher", "voucher no", "transaction id", "rechnungsnummer"),
            *("belegnummer", "inv no", "reference", "facture", "factura", "id"),
        ),
        "entity": ("entity", "company code", "bukrs", "legal entity", "business unit", "subsidiary", "buchungskreis"),
        "kind": ("kind", "document type", "doc type", "type", "transaction type", "blart", "belegart", "voucher type"),
        "document_date": (
            *("document date", "invoice date", "date", "doc date", "issue date", "issued", "issued on", "bldat"),
            *("transaction date", "belegdatum", "rechnungsdatum", "date facture", "fecha", "billed on", "order date"),
        ),
        "posting_date": ("posting date", "posted", "posted on", "gl date", "budat", "booking date", "buchungsdatum"),
        "due_date": ("due date", "due", "due on", "payment due", "fällig", "fälligkeit", "faelligkeit", "net due date"),
        "currency": ("currency", "currency code", "curr", "waers", "währung", "waehrung", "devise", "moneda", "ccy"),
        "amount": (
            *("amount", "total", "gross amount", "invoice amount", "total amount", "gross", "value", "wrbtr", "betrag"),
            *("bruttobetrag", "amount total", "grand total", "montant", "importe", "document amount"),
        ),
        "amount_base": (
            *("amount base", "base amount", "local amount", "amount in local currency", "dmbtr", "home amount"),
            *("company currency amount", "betrag hauswährung", "functional amount"),
        ),
        "base_currency": ("base currency", "local currency", "home currency", "company currency", "hwaer"),
        "disputed": ("disputed", "dispute", "in dispute", "is disputed", "blocked"),
        "dispute_reason": ("dispute reason", "reason", "dispute code"),
        "number": ("number", "document number", "external number", "invoice number", "reference", "xblnr"),
        "settlement_id": (
            *("settlement id", "payment id", "receipt id", "receipt no", "receipt", "payment no", "payment number"),
            *("application id", "allocation id", "clearing", "clearing no", "zahlungsnummer", "augbl", "id"),
        ),
        "settled_on": (
            *("settled on", "payment date", "paid on", "received", "received on", "receipt date", "applied on"),
            *("clearing date", "allocation date", "date", "zahlungsdatum", "augdt", "value date", "date paid"),
        ),
        "rate": ("rate", "exchange rate", "fx rate", "kurs"),
        "date": ("date", "rate date", "valid from", "day"),
        "as_of": ("as of", "date", "period end", "balance date"),
        "balance": ("balance", "amount", "closing balance", "saldo"),
    }
)

_OWN: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("customers", "customer_id"): ("id", "code", "no"),
        ("documents", "document_id"): ("id", "no", "order no", "order id", "code"),
        ("settlements", "settlement_id"): ("id", "no"),
    }
)
"""What a table calls its own key, where no column is called after what it holds: in any other table it is another's."""

_PAID = ("amount", "paid", "amount paid", "applied", "applied amount", "payment amount", "allocated", "betrag")

_TABLE_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "customers": ("customers", "customer", "debtors", "clients", "accounts", "partners", "kunden", "kna1"),
        "documents": ("documents", "invoices", "invoice", "open items", "ar", "transactions", "bsid", "rechnungen"),
        "settlements": ("settlements", "payments", "payment", "receipts", "allocations", "applications", "zahlungen"),
        "fx_rates": ("fx rates", "exchange rates", "currency rates", "rates", "kurse", "tcurr"),
        "gl_balances": ("gl balances", "gl", "trial balance", "general ledger"),
    }
)

_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "documents": {
            Kind.INVOICE: ("invoice", "inv", "in", "i", "r", "rv", "re", "dr", "rechnung", "facture", "factura"),
            Kind.DEBIT_MEMO: ("debit memo", "debit note", "dm", "dn", "belastung", "note de débit"),
            Kind.CREDIT_MEMO: (
                "credit memo",
                "credit note",
                "cm",
                "cn",
                "crn",
                "c",
                "g",
                "gs",
                "gu",
                "dg",
                "gutschrift",
                "avoir",
                "abono",
            ),
            Kind.PAYMENT: ("payment", "pmt", "pay", "p", "dz", "receipt", "cash", "zahlung", "paiement", "pago"),
            Kind.JOURNAL: ("journal", "journal entry", "je", "gl", "ab", "adjustment", "buchung"),
        },
        "settlements": {
            SettledBy.CASH: ("cash", "payment", "pmt", "receipt", "bank", "zahlung", "transfer", "cheque", "check"),
            SettledBy.CREDIT: ("credit", "credit memo", "credit note", "cm", "cn", "gutschrift"),
            SettledBy.DISCOUNT: ("discount", "cash discount", "skonto", "escompte", "early payment discount"),
            SettledBy.WRITE_OFF: ("write off", "writeoff", "bad debt", "wo", "ausbuchung", "abschreibung"),
            SettledBy.FX: ("fx", "exchange difference", "exchange gain", "exchange loss", "kursdifferenz"),
            SettledBy.REFUND: ("refund", "erstattung", "remboursement"),
            SettledBy.OTHER: ("other", "misc"),
        },
    }
)

DATES = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y"),
)
"""The ways to write a date that are tried, the likeliest first."""

_STYLES = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "\u00a0"))
_NUMBER = re.compile(r"[+-]?\d+(?:[ .,'\u00a0\u202f]\d+)*-?")
_ISO_TIMED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_SHORT = MappingProxyType(
    {
        **dict.fromkeys(("nr", "num", "nbr", "number", "nummer"), "no"),
        "amt": "amount",
        "cust": "customer",
        "curr": "currency",
        "doc": "document",
        "dt": "date",
        "inv": "invoice",
    }
)
"""Words that mean the same in the names of columns."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def table(name: str, raw: Mapping[str, Sequence[str]]) -> str:
    """Which raw table is most likely the canonical table ``name``; empty where none is like it."""
    wanted = _TABLE_NAMES.get(name, (name,))
    scored = {one: max(_alike(one.rpartition(".")[2], other) for other in wanted) for one in raw}
    best = max(scored, key=lambda one: (scored[one], -len(one)), default="")
    return best if best and scored[best] >= _SAME_TABLE else ""


def columns(name: str, rows: pl.DataFrame, dimensions: Iterable[str] = ()) -> dict[str, str]:
    """Which raw column is most likely each column of the canonical table ``name``.

    Args:
        name: a canonical table.
        rows: the first rows of the raw table; none are enough for names alone.
        dimensions: the configured dimensions, which customers and documents may have as columns.

    Returns:
        Raw column by canonical column. A raw column is suggested once; what nothing is like is left out.
    """
    further = [one for one in dimensions if one not in TABLES[name].names] if name in ("customers", "documents") else []
    wanted = [*TABLES[name].columns, *(Column(one) for one in further)]
    fits = {raw: _fitting(rows[raw]) for raw in rows.columns}
    scores = [
        # What a mapping must return goes before what it may.
        (score + (_MUST if column.required else 0), -place, column.name, raw)
        for place, column in enumerate(wanted)
        for raw in rows.columns
        if column.type in fits[raw] and (score := _score(name, column.name, raw)) >= _ALIKE
    ]
    found: dict[str, str] = {}
    for _, _, column, raw in sorted(scores, reverse=True):
        if column not in found and raw not in found.values():
            found[column] = raw
    return {column.name: found[column.name] for column in wanted if column.name in found}


def kinds(table: str, values: Iterable[str]) -> dict[str, str]:
    """What each value of a column most likely means as ``kind`` of ``table``; without those nobody could know."""
    words = {_plain(word): kind for kind, said in _WORDS[table].items() for word in said}
    told = {value: words.get(_plain(value)) or words.get(_plain(value).removesuffix("s")) for value in values}
    return {value: str(kind) for value, kind in told.items() if kind}


def values(column: pl.Series) -> list[str]:
    """The values of a raw column as text, the most frequent first, fifty at most."""
    told = pl.Series("value", texts(column), pl.String)
    counted = told.value_counts().sort("count", "value", descending=[True, False])
    return counted["value"].to_list()[:50]


def texts(column: pl.Series) -> list[str]:
    """The values of a raw column as they are compared with: as text, none of what is no single value."""
    if not _is_plain(column.dtype):
        return []
    return column.drop_nulls().cast(pl.String, strict=False).drop_nulls().to_list()


def lowering(meanings: Mapping[str, str], values: Iterable[str]) -> list[str]:
    """Of the ``values`` of a column, those whose documents lower what a customer owes: credit memos and payments."""
    return [value for value in values if meanings.get(value, value) in (Kind.CREDIT_MEMO, Kind.PAYMENT)]


def unsigned(rows: pl.DataFrame, kind: str, amount: str, lowers: Collection[str]) -> bool:
    """Whether no amount of documents of such kinds has a minus, and there are some.

    Args:
        rows: the first rows of a raw table.
        kind: its column of kinds.
        amount: its column of amounts, numbers or text.
        lowers: the kinds, from ``lowering``.
    """
    found = rows.filter(pl.col(kind).cast(pl.String).is_in(list(lowers)))[amount].drop_nulls()
    if found.dtype.is_numeric():
        return len(found) > 0 and not (found < 0).any()
    return len(found) > 0 and not found.cast(pl.String).str.contains("-", literal=True).any()


def dates(values: Iterable[str]) -> list[str]:
    """How these dates may be written: the formats of ``DATES`` that read the most. Several: nobody could know."""
    told = pl.Series(list(values), dtype=pl.String).str.strip_chars()
    told = told.filter((told != "") & told.is_not_null())
    if told.is_empty():
        return []
    if told.str.contains(_ISO_TIMED.pattern).all():
        return [DATES[0]]
    # "%Y" reads "25" as a year of antiquity.
    read = {
        one: int(told.str.to_date(one, strict=False, exact=True).dt.year().is_between(1900, 2199).sum())
        for one in DATES
    }
    most = max(read.values())
    # A few impossible days do not hide how the others are written.
    few = max(1, round(len(told) * (1 - _FITS)))
    return [one for one in DATES if read[one] == most > len(told) - most <= few]


def numbers(values: Iterable[str]) -> list[tuple[str, str]]:
    """How these numbers may be written: decimal sign and thousands separator. Several: nobody could know."""
    told = [value.strip() for value in values if value and value.strip()]
    if not told or not all(_NUMBER.fullmatch(value) for value in told):
        return []
    signs = {sign for value in told for sign in value if not sign.isdigit()} - {"+", "-"}
    reads = [one for one in _STYLES if one[1] in {"", *signs} and all(_written_so(value, *one) for value in told)]
    # Where no decimals are in sight, their sign makes no difference.
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for decimal, mark in reads:
        found.setdefault((decimal if decimal in signs else "", mark), (decimal, mark))
    return list(found.values())


def _score(table: str, column: str, raw: str) -> float:
    names = _NAMES.get(column, (column,))
    if table == "settlements" and column == "amount":
        names = _PAID
    if table == "settlements" and column == "kind":
        names = (*names, "method", "payment method", "application type")
    names = (*names, *_OWN.get((table, column), ()))
    ranked = max((_alike(raw, one) - place / 100 for place, one in enumerate(names)), default=0.0)
    return max(ranked, _alike(raw, column))


def _alike(one: str, other: str) -> float:
    return fuzz.token_sort_ratio(_plain(one), _plain(other))


def _plain(name: str) -> str:
    """A name as words in small letters: ``InvoiceNo``, ``invoice_no`` and ``Invoice No.`` are one."""
    letters = unicodedata.normalize("NFKD", _CAMEL.sub(" ", name).casefold())
    words = re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one)))
    return " ".join(_SHORT.get(word, word) for word in words)


def _is_plain(dtype: pl.DataType) -> bool:
    """Whether a value can stand in a column of ours: no list, bytes or span of time."""
    return not (dtype.is_nested() or isinstance(dtype, (pl.Binary, pl.Object, pl.Duration)))


def _fitting(values: pl.Series) -> frozenset[Type]:
    """The types that a column could be read as."""
    dtype = values.dtype
    if not _is_plain(dtype):
        return frozenset()
    if dtype.is_temporal():
        return frozenset({Type.DATE})
    if dtype == pl.Boolean:
        return frozenset({Type.FLAG, Type.TEXT})
    text = frozenset({Type.TEXT, Type.CURRENCY, Type.FLAG})
    if dtype.is_numeric():
        return text - {Type.CURRENCY} | {Type.AMOUNT, Type.NUMBER, Type.INTEGER}
    told = values.drop_nulls().cast(pl.String, strict=False).drop_nulls().str.strip_chars()
    told = told.filter(told != "")
    if told.is_empty():
        return frozenset(Type)
    if told.str.contains(rf"^(?:{_NUMBER.pattern})$").mean() >= _FITS:  # type: ignore[operator] - there are values
        number = text | {Type.AMOUNT, Type.NUMBER, Type.INTEGER}
        return number | {Type.DATE} if dates(told) else number
    return frozenset({Type.DATE}) if dates(told) else text


def _written_so(value: str, decimal: str, thousands: str) -> bool:
    whole, _, fraction = value.strip("+-").partition(decimal)
    if fraction and not fraction.isdigit():
        return False
    if not thousands:
        return whole.isdigit()
    head, *groups = whole.split(thousands)
    return 1 <= len(head) <= 3 and head.isdigit() and all(len(one) == 3 and one.isdigit() for one in groups)  # noqa: PLR2004 - thousands
