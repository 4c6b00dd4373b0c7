"""A small SAP: its customer items, the lists that people export of them, and its own way to a past day."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier, Placeholder

from ledger.book import Book
from tests.mappings.books import made, sqlite_of

Row = dict[str, Any]

OPEN = "00000000"
TABLES = {
    "T001": [{"MANDT": "100", "BUKRS": "1000", "WAERS": "EUR"}, {"MANDT": "100", "BUKRS": "2000", "WAERS": "USD"}],
    # What SAP brings along, in part: currencies that have other than two decimals.
    "TCURX": [{"CURRKEY": "JPY", "CURRDEC": 0}, {"CURRKEY": "KWD", "CURRDEC": 3}],
    "T052": [{"MANDT": "100", "ZTERM": "N030", "ZTAGG": 0, "ZTAG1": 30, "ZTAG2": 0, "ZTAG3": 0}],
    "T001S": [{"MANDT": "100", "BUKRS": "1000", "BUSAB": "A1", "SNAME": "Ada"}],
    "T014": [{"MANDT": "100", "KKBER": "C1", "WAERS": "EUR"}],
    "KNKK": [{"MANDT": "100", "KUNNR": "0000001001", "KKBER": "C1", "KLIMK": 5000, "CTLPC": "LOW"}],
}
DAYS = ("BUDAT", "BLDAT", "ZFBDT", "AUGDT")
AMOUNTS = ("WRBTR", "DMBTR")


class Sap:
    """Items as SAP keeps them. A test adds and clears some; ``tables`` sorts them into BSID and BSAD."""

    def __init__(self) -> None:
        self.items: list[Row] = []
        self.others: dict[str, list[Row]] = {name: [dict(row) for row in rows] for name, rows in TABLES.items()}
        self.others["KNA1"], self.others["KNB1"] = [], []
        self.customer("0000001001", "Adler")
        self.customer("0000001002", "Berg")
        self._number = 1800000000

    def customer(self, number: str, name: str, *codes: Row, **fields: Any) -> None:
        """A customer in the company codes of ``codes``, or in 1000."""
        shared = {"KTOKD": "0001", "REGIO": "09", "LAND1": "DE", "BRSCH": "MACH", "MANDT": "100"}
        self.others["KNA1"].append({**shared, "KUNNR": number, "NAME1": name, **fields})
        for code in codes or ({},):
            known = {"MANDT": "100", "BUKRS": "1000", "BUSAB": "A1", "ZTERM": "N030", "KNRZE": ""}
            self.others["KNB1"].append({**known, "KUNNR": number, **code})

    def item(self, posted: str, amount: float, type: str = "RV", *, days: Sequence[int] = (), **fields: Any) -> Row:
        """A line of a new document: debit, or credit where the amount is negative; amounts are kept without sign."""
        self._number += 1
        day = posted.replace("-", "")
        terms = dict(zip(("ZBD1T", "ZBD2T", "ZBD3T"), (*days, 0, 0, 0), strict=False))
        size = abs(Decimal(str(amount)))
        row = {
            "MANDT": "100",
            "BUKRS": "1000",
            "GJAHR": day[:4],
            "BELNR": str(self._number),
            "BUZEI": "001",
            "KUNNR": "0000001001",
            "BLART": type,
            "BSTAT": "",
            "UMSKZ": "",
            "SHKZG": "H" if amount < 0 else "S",
            "BUDAT": day,
            "BLDAT": day,
            "ZFBDT": day,
            **terms,
            "REBZG": "",
            "REBZJ": "0000",
            "REBZZ": "000",
            "WRBTR": size,
            "WAERS": "EUR",
            "DMBTR": size,
            "MANSP": "",
            "AUGDT": OPEN,
            "AUGBL": "",
            **fields,
        }
        self.items.append(row)
        return row

    def clear(self, day: str, *rows: Row, number: str | None = None) -> None:
        """Clears ``rows`` together: all of them whole, as SAP does."""
        self._number += 1
        for row in rows:
            row.update(AUGDT=day.replace("-", ""), AUGBL=number or str(self._number))

    def reset(self, *rows: Row) -> None:
        """Takes a clearing back (FBRA): the items are open again, and no trace of it is left on them."""
        for row in rows:
            row.update(AUGDT=OPEN, AUGBL="")

    def tables(self) -> dict[str, list[Row]]:
        """Everything by table. Amounts as text, so that SQLite keeps them whole."""
        empty = dict.fromkeys(self.items[0]) if self.items else {}
        stored = [{**row, **{name: str(row[name]) for name in AMOUNTS}} for row in self.items]
        # A table has its columns even where it has no rows of this client.
        blank = {**empty, "MANDT": "999", "BUZEI": "999"}
        return {
            "BSID": [blank, *(row for row in stored if row["AUGDT"] == OPEN)],
            "BSAD": [blank, *(row for row in stored if row["AUGDT"] != OPEN)],
            **self.others,
        }

    def in_sqlite(self, file: Path, blank: str | None = "") -> str:
        """An SQLite file. ``blank``: what stands in an empty text field."""
        tables = {
            name: [{column: blank if value == "" else value for column, value in row.items()} for row in rows]
            for name, rows in self.tables().items()
        }
        return sqlite_of(file, tables)

    def in_postgres(self, admin: str, name: str) -> str:
        """A database of its own on a server, with SAP's types: text in CHAR's place, amounts as decimals."""
        with psycopg.connect(admin, autocommit=True) as server:
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        address = admin.replace("/postgres?", f"/{name}?")
        with psycopg.connect(address) as base, base.cursor() as cursor:
            for table, rows in self.tables().items():
                columns = list(dict.fromkeys(column for row in rows for column in row))
                # Lower case is what a name without quotes means there.
                place = Identifier(table.lower())
                typed = [SQL("{} {}").format(Identifier(column.lower()), SQL(_type(column))) for column in columns]
                cursor.execute(SQL("CREATE TABLE {} ({})").format(place, SQL(", ").join(typed)))
                holes = SQL(", ").join([Placeholder()] * len(columns))
                values = [[row.get(column) for column in columns] for row in rows]
                cursor.executemany(SQL("INSERT INTO {} VALUES ({})").format(place, holes), values)
        return address

    def as_lists(self, folder: Path, *, local: bool = True) -> Path:
        """The exported lists: as people see them in Germany, or as they are stored."""
        folder.mkdir()
        for name in ("BSID", "BSAD", "KNA1", "KNB1", "T001"):
            rows = [row for row in self.tables()[name] if row["MANDT"] == "100"]
            columns = [column for column in self.tables()[name][0] if column != "MANDT"]
            with (folder / f"{name.lower()}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                writer.writerow(columns)
                writer.writerows([_seen(column, row[column], row, local=local) for column in columns] for row in rows)
        return folder

    def books(self, folder: Path, way: str, parameters: str = "", *, force: bool = False) -> Book:
        """Books below ``folder``, by ``way``: over "tables" in SQLite, or over "lists" as people see them."""
        home = folder / f"{way} {len(list(folder.iterdir()))}"
        home.mkdir()
        if way == "tables":
            source = f'kind = "sql"\nurl = "{self.in_sqlite(home / "sap.sqlite")}"\n[parameters]\nclient = "100"\n'
            return made(home / "config", "sap", source + parameters, currency="EUR", force=force)
        source = f'kind = "files"\n{lists(self.as_lists(home / "lists"))}\n[parameters]\ndate = "%d.%m.%Y"\n'
        return made(home / "config", "sap_extract", source + parameters, currency="EUR", force=force)

    def open_at(self, day: date) -> dict[str, Decimal]:
        """Open items at a key date: posted by then, and not cleared or cleared later. By item, in its currency."""
        key = day.strftime("%Y%m%d")
        return {
            named(row): signed(row)
            for row in self.items
            if row["BUDAT"] <= key and (row["AUGDT"] == OPEN or row["AUGDT"] > key) and _counts(row)
        }

    def buckets(self, day: date) -> dict[str, Decimal]:
        """What is open at a key date by days in arrears, in company-code currency."""
        found: Counter[str] = Counter()
        for row in self.items:
            if named(row) in self.open_at(day):
                late = (day - self.net_due(row)).days
                edges = ((0, "current"), (30, "1–30"), (60, "31–60"), (90, "61–90"), (120, "91–120"))
                name = next((name for edge, name in edges if late <= edge), "120+")
                found[name] += signed(row, "DMBTR")  # pyright: ignore[reportArgumentType] - Counter adds any number
        return {name: Decimal(amount) for name, amount in found.items() if amount}

    def net_due(self, row: Row) -> date:
        """The net due date, as SAP's documentation has it."""
        if row["SHKZG"] == "H" and row["REBZG"] not in {"", "V"}:
            key = (row["BUKRS"], row["REBZG"], row["REBZJ"], row["REBZZ"])
            for other in self.items:
                if (other["BUKRS"], other["BELNR"], other["GJAHR"], other["BUZEI"]) == key and other["SHKZG"] == "S":
                    return self.net_due(other)
        base = row["ZFBDT"] if row["ZFBDT"] != OPEN else row["BLDAT"]
        days = next((row[name] for name in ("ZBD3T", "ZBD2T", "ZBD1T") if row[name]), 0)
        if row["SHKZG"] == "H" and row["REBZG"] == "":
            days = 0
        return date.fromisoformat(f"{base[:4]}-{base[4:6]}-{base[6:]}") + timedelta(days=days)

    def grown(self, count: int, seed: int = 11) -> None:
        """Many items at random: terms of all kinds, references, instalments, partial payments, clearings of several."""
        dice = random.Random(seed)  # noqa: S311 - the same company at every run
        first = date(2025, 1, 1)
        for _ in range(count):
            posted = first + timedelta(days=dice.randrange(400))
            invoice = self._invoice(dice, posted)
            rows = [invoice]
            while dice.random() < 0.4:
                later = posted + timedelta(days=dice.randrange(-10, 90))
                named_invoice = refers_to(invoice) if dice.random() < 0.6 else {}
                part = -round(float(invoice["WRBTR"]) * dice.random(), 2) or -0.01
                rows.append(
                    self.item(f"{later}", part, dice.choice(("DZ", "DG", "AB")), days=(14, 30), **named_invoice)
                )
            if dice.random() < 0.7:
                self.clear(f"{posted + timedelta(days=dice.randrange(150))}", *rows)

    def _invoice(self, dice: random.Random, posted: date) -> Row:
        days = dice.choice(((), (30,), (10, 30), (10, 20, 45)))
        amount = round(dice.uniform(1, 90000), 2)
        customer = dice.choice(("0000001001", "0000001002"))
        return self.item(f"{posted}", amount, dice.choice(("RV", "DR")), days=days, KUNNR=customer)

    def days(self) -> Iterator[date]:
        """Each day on which something happens, and the one before: between them nothing changes."""
        told = {row[name] for row in self.items for name in ("BUDAT", "AUGDT")} - {OPEN}
        days = {date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}") for day in told}
        yield from sorted(days | {day - timedelta(days=1) for day in days})


def lists(folder: Path) -> str:
    """``[tables]`` of a source file over the lists in ``folder``."""
    names = ("bsid", "bsad", "kna1", "knb1", "t001")
    return "[tables]\n" + "\n".join(f'{name} = {{ path = "{folder}/{name}.csv", delimiter = ";" }}' for name in names)


def named(row: Row) -> str:
    """The id that the books give an item."""
    return "-".join(row[name] for name in ("MANDT", "BUKRS", "GJAHR", "BELNR", "BUZEI"))


def signed(row: Row, column: str = "WRBTR") -> Decimal:
    return -row[column] if row["SHKZG"] == "H" else row[column]


def refers_to(row: Row) -> Row:
    """The fields of an item that names ``row`` as its invoice."""
    return {"REBZG": row["BELNR"], "REBZJ": row["GJAHR"], "REBZZ": row["BUZEI"], "KUNNR": row["KUNNR"]}


def _counts(row: Row) -> bool:
    return not row["UMSKZ"] and row["BSTAT"] != "S" and row["MANDT"] == "100"


def _type(column: str) -> LiteralString:
    if column in {*AMOUNTS, "KLIMK"}:
        return "NUMERIC(23, 2)"
    return "INTEGER" if column.startswith(("ZBD", "ZTAG")) or column == "CURRDEC" else "VARCHAR(40)"


def _seen(column: str, value: Any, row: Row, *, local: bool) -> str:
    """A value as a list shows it: days and amounts as written there, keys without zeros, credits with their minus."""
    text = str(value)
    if not local:
        return text
    if column in DAYS:
        return "" if text == OPEN else f"{text[6:]}.{text[4:6]}.{text[:4]}"
    if column in AMOUNTS:
        written = f"{Decimal(text):,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
        return written + ("-" if row["SHKZG"] == "H" else "")
    if column in {"KUNNR", "REBZG", "BUZEI", "REBZZ", "REBZJ", "AUGBL"} and text.isdigit():
        return text.lstrip("0")
    return text
