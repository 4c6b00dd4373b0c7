"""A small Dynamics 365 Finance: what its tables hold after each act, and its own way back to a past day."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

Row = dict[str, Any]

NEVER = "1900-01-01 00:00:00"
PAYMENT, SALES, REVALUED, DISCOUNT, PENNY, JOURNAL = 15, 2, 9, 27, 29, 36

_DATES = ("transdate", "duedate", "documentdate")
_AMOUNTS = ("amountcur", "amountmst", "settleamountcur", "settleamountmst", "exchadjustment", "creditmax")
_NUMBERS = ("recid", "transrecid", "offsetrecid", "refrecid", "party", "transtype")
EMPTY: dict[str, tuple[str, ...]] = {
    "custsettlement": (
        *("recid", "dataareaid", "transrecid", "transcompany", "offsetrecid", "offsetcompany"),
        *("transdate", "settleamountcur", "settleamountmst", "exchadjustment"),
    ),
    "custtransopen": ("recid", "dataareaid", "accountnum", "refrecid", "duedate", "amountcur", "amountmst"),
}


class Finance:
    """Tables as Dynamics leaves them; open rows are kept as the acts go."""

    def __init__(self) -> None:
        customer = {"custgroup": "10", "creditrating": "", "creditmax": 0}
        self.tables: dict[str, list[Row]] = {
            "custtrans": [],
            "custsettlement": [],
            "custtransopen": [],
            "custtable": [
                {"recid": 501, "accountnum": "US-001", "dataareaid": "usmf", "party": 1, **customer, "creditmax": 9000},
                {"recid": 502, "accountnum": "US-001", "dataareaid": "demf", "party": 2, **customer},
            ],
            "dirpartytable": [{"recid": 1, "name": "Contoso Retail"}, {"recid": 2, "name": "Litware GmbH"}],
            "ledger": [{"name": "usmf", "accountingcurrency": "USD"}, {"name": "DEMF", "accountingcurrency": "EUR"}],
        }
        self._ids = iter(range(5637144576, 5637149999))

    def trans(self, kind: int, day: str, amount: float, *, company: str = "usmf", rate: float = 1, **more: Any) -> Row:
        """A posted transaction, with its open row."""
        id = next(self._ids)
        row = {
            "recid": id, "dataareaid": company, "accountnum": "US-001", "transtype": kind, "transdate": day,
            "documentdate": NEVER, "duedate": day, "currencycode": "USD", "amountcur": amount,
            "amountmst": round(amount * rate, 2), "invoice": f"FTI-{id % 1000}" if kind == SALES else "",
            "voucher": f"V-{id % 1000}", **more,
        }  # fmt: skip
        self.tables["custtrans"].append(row)
        self.opened(row, row["duedate"], amount)
        return row

    def opened(self, row: Row, due: str, amount: float) -> None:
        of = {"dataareaid": row["dataareaid"], "accountnum": row["accountnum"], "refrecid": row["recid"]}
        base = round(amount * row["amountmst"] / row["amountcur"], 2) if row["amountcur"] else row["amountmst"]
        self.tables["custtransopen"].append(
            {"recid": next(self._ids), **of, "duedate": due, "amountcur": amount, "amountmst": base}
        )

    def settle(self, one: Row, other: Row, day: str, amount: float, *, offset: float | None = None, rate: float = 1,
               adjustment: float = 0) -> None:  # fmt: skip
        """Settle ``amount`` of ``one`` with ``other``; a negative amount takes it back. ``rate``: the settlement's."""
        sides = [(one, other, amount, adjustment), (other, one, -amount if offset is None else offset, 0)]
        for own, beside, part, exchange in sides:
            self.tables["custsettlement"].append(
                {
                    "recid": next(self._ids), "dataareaid": own["dataareaid"], "transrecid": own["recid"],
                    "transcompany": own["dataareaid"], "offsetrecid": beside["recid"],
                    "offsetcompany": beside["dataareaid"], "transdate": day, "settleamountcur": part,
                    "settleamountmst": round(part * rate, 2), "exchadjustment": exchange,
                }
            )  # fmt: skip
            self._close(own, part)

    def _close(self, own: Row, part: float) -> None:
        """The oldest open rows go first; what is taken back opens one on the transaction's own date."""
        rows = [row for row in self.tables["custtransopen"] if row["refrecid"] == own["recid"]]
        if not rows or (part < 0) != (own["amountcur"] < 0):
            self.opened(own, own["duedate"], -part)
            return
        for row in rows:
            took = min(part, row["amountcur"], key=abs)
            part, row["amountcur"] = part - took, row["amountcur"] - took
        self.tables["custtransopen"] = [row for row in self.tables["custtransopen"] if row["amountcur"]]

    def balance(self, day: str) -> dict[str, float]:
        """Dynamics' own way: what is open now, and what was settled after ``day``, of what was posted by then."""
        found: dict[str, float] = defaultdict(float)
        posted = {row["recid"] for row in self.tables["custtrans"] if row["transdate"] <= day}
        for row in self.tables["custtransopen"]:
            if row["refrecid"] in posted:
                found[str(row["refrecid"])] += row["amountcur"]
        for row in self.tables["custsettlement"]:
            if row["transrecid"] in posted and row["transdate"] > day:
                found[str(row["transrecid"])] += row["settleamountcur"]
        return {id: round(amount, 2) for id, amount in found.items() if round(amount, 2)}

    def shouted(self) -> dict[str, list[Row]]:
        """The tables of a database, names in capitals; one without rows has a row of nothing."""
        filled = {name: rows or [dict.fromkeys(EMPTY[name])] for name, rows in self.tables.items()}
        return {name.upper(): [{key.upper(): row[key] for key in row} for row in rows] for name, rows in filled.items()}

    def exported(self, folder: Path) -> str:
        """The tables as Parquet files with typed columns, and the ``[tables]`` that name them."""
        said = ["[tables]"]
        for name, rows in self.tables.items():
            keys = list(rows[0]) if rows else EMPTY[name]
            typed = [{key: _typed(key, row[key]) for key in keys} for row in rows]
            pl.DataFrame(typed, {key: _dtype(key) for key in keys}).write_parquet(folder / f"{name}.parquet")
            said.append(f'{name} = "{folder / name}.parquet"')
        return "\n".join(said)


def _dtype(key: str) -> pl.DataType:
    if key in _AMOUNTS:
        return pl.Decimal(38, 6)
    if key in _DATES:
        return pl.Datetime()
    return pl.Int64() if key in _NUMBERS else pl.String()


def _typed(key: str, value: Any) -> Any:
    if key in _AMOUNTS:
        return Decimal(str(value))
    return datetime.fromisoformat(value) if key in _DATES else value
