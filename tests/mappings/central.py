"""A small Business Central: what its two ledger tables hold after each act, and report 120's way to a past day."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

Row = dict[str, Any]

COMPANY = "CRONUS International Ltd_"
APP = "$437dbf0e-84ff-417a-965d-ed2bb9650972"
PAYMENT, INVOICE, MEMO, FINANCE, REMINDER, REFUND = range(1, 7)
INITIAL, APPLICATION, LOSS, GAIN, REALIZED_LOSS, REALIZED_GAIN, DISCOUNT = range(1, 8)
ROUNDING, CORRECTION, TOLERANCE = 10, 11, 12
NEVER = "1753-01-01 00:00:00"


class Central:
    """Tables as Business Central leaves them. ``entry`` posts, ``detail`` adds a row, ``apply`` adds the usual two."""

    def __init__(self, company: str = COMPANY, app: str = APP) -> None:
        self._suffix = app
        self._prefix = company
        self.entries: list[Row] = []
        self.details: list[Row] = []
        self._trans = 100
        self.customers: list[Row] = [
            {"No_": "10000", "Name": "Adatum Corporation", "Bill-to Customer No_": "", "Territory Code": "NORTH",
             "Customer Posting Group": "DOMESTIC", "Country_Region Code": "GB", "Salesperson Code": "PS",
             "Credit Limit (LCY)": 0, "E-Mail": "robert@adatum.test"},
            {"No_": "20000", "Name": "Trey Research", "Bill-to Customer No_": "10000", "Territory Code": "",
             "Customer Posting Group": "DOMESTIC", "Country_Region Code": "", "Salesperson Code": "XX",
             "Credit Limit (LCY)": 5000, "E-Mail": ""},
        ]  # fmt: skip

    def tables(self) -> dict[str, list[Row]]:
        named = {
            "Cust_ Ledger Entry": self.entries,
            "Detailed Cust_ Ledg_ Entry": self.details,
            "Customer": self.customers,
            "Salesperson_Purchaser": [{"Code": "PS", "Name": "Peter Saddow"}],
        }
        return {f"{self._prefix}${name}{self._suffix}": rows for name, rows in named.items()}

    def entry(self, kind: int, day: str, amount: float, *, due: str | None = None, rate: float = 1, currency: str = "",
              **more: Any) -> Row:  # fmt: skip
        """A posted ledger entry with its Initial Entry."""
        number = len(self.entries) + 2500
        row = {
            "Entry No_": number, "Customer No_": "10000", "Posting Date": f"{day} 00:00:00", "Document Type": kind,
            "Document No_": f"D{number}", "Document Date": f"{day} 00:00:00",
            "Due Date": f"{due or day} 00:00:00", "Currency Code": currency, "Open": 1, "On Hold": "", **more,
        }  # fmt: skip
        self.entries.append(row)
        self._trans += 1
        self.detail(row, INITIAL, day, amount, round(amount * rate, 2))
        return row

    def detail(self, of: Row, kind: int, day: str, amount: float, base: float | None = None, applied: int = 0,
               unapplied: int = 0) -> Row:  # fmt: skip
        row = {
            "Entry No_": len(self.details) + 9000, "Cust_ Ledger Entry No_": of["Entry No_"], "Entry Type": kind,
            "Posting Date": f"{day} 00:00:00", "Amount": amount, "Amount (LCY)": amount if base is None else base,
            "Transaction No_": self._trans, "Applied Cust_ Ledger Entry No_": applied, "Unapplied": unapplied,
        }  # fmt: skip
        self.details.append(row)
        left = sum(one["Amount"] for one in self.details if one["Cust_ Ledger Entry No_"] == of["Entry No_"])
        of["Open"] = int(round(left, 2) != 0)
        return row

    def apply(self, applying: Row, to: Row, day: str, amount: float, *, base: float | None = None,
              unapplied: int = 0) -> list[Row]:  # fmt: skip
        """Take ``amount`` off ``to`` with ``applying``: both rows name the latter. Negative where ``to`` is."""
        self._trans += 1
        number = applying["Entry No_"]
        both = [(to, -amount, base and -base), (applying, amount, base)]
        return [self.detail(of, APPLICATION, day, part, value, number, unapplied) for of, part, value in both]

    def unapply(self, rows: list[Row], day: str) -> None:
        """Both rows of an application again with the opposite sign, and all four marked."""
        self._trans += 1
        entries = {row["Entry No_"]: row for row in self.entries}
        for row in rows:
            row["Unapplied"] = 1
            of, applied = entries[row["Cust_ Ledger Entry No_"]], row["Applied Cust_ Ledger Entry No_"]
            self.detail(of, APPLICATION, day, -row["Amount"], -row["Amount (LCY)"], applied, unapplied=1)

    def remaining(self, day: str) -> dict[str, float]:
        """Report 120, aged by posting date: detailed entries posted by ``day`` of entries posted by ``day``."""
        found: dict[str, float] = defaultdict(float)
        posted = {row["Entry No_"] for row in self.entries if row["Posting Date"][:10] <= day}
        for row in self.details:
            if row["Cust_ Ledger Entry No_"] in posted and row["Posting Date"][:10] <= day:
                found[str(row["Cust_ Ledger Entry No_"])] += row["Amount"]
        return {id: round(amount, 2) for id, amount in found.items() if round(amount, 2)}
