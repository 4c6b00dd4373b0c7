"""A small Oracle Receivables: what its tables hold after each act, and its own way back to a past day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]

DEFAULTS: Mapping[str, Any] = {
    "ar_payment_schedules_all": {
        "reversed_cash_receipt_id": None,
        "receipt_confirmed_flag": None,
        "amount_in_dispute": None,
    },
    "ar_receivable_applications_all": {
        "applied_payment_schedule_id": None,
        "amount_applied_from": None,
        "earned_discount_taken": None,
        "unearned_discount_taken": None,
        "acctd_earned_discount_taken": None,
        "acctd_unearned_discount_taken": None,
        "confirmed_flag": None,
    },
    "ar_adjustments_all": {
        "chargeback_customer_trx_id": None,
        "subsequent_trx_id": None,
        "receivables_trx_id": 1001,
        "type": "LINE",
    },
}

EMPTY: Mapping[str, tuple[str, ...]] = {
    "ar_payment_schedules_all": (
        *("payment_schedule_id", "class", "trx_date", "gl_date", "due_date", "customer_id", "org_id", "trx_number"),
        *("invoice_currency_code", "exchange_rate", "cash_receipt_id", "amount_due_original", "amount_due_remaining"),
        *DEFAULTS["ar_payment_schedules_all"],
    ),
    "ar_receivable_applications_all": (
        *("receivable_application_id", "status", "gl_date", "amount_applied", "application_type", "cash_receipt_id"),
        *("payment_schedule_id", "acctd_amount_applied_from", "acctd_amount_applied_to"),
        *DEFAULTS["ar_receivable_applications_all"],
    ),
    "ar_adjustments_all": (
        *("adjustment_id", "payment_schedule_id", "gl_date", "status", "amount", "acctd_amount"),
        *DEFAULTS["ar_adjustments_all"],
    ),
    "ar_cash_receipts_all": ("cash_receipt_id", "amount", "confirmed_flag"),
}


class Receivables:
    """Tables as Oracle leaves them. Remaining amounts are kept as the acts go, as Oracle does."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {
            "ar_payment_schedules_all": [],
            "ar_receivable_applications_all": [],
            "ar_adjustments_all": [],
            "ar_cash_receipts_all": [],
            "hr_all_organization_units": [{"organization_id": 204, "name": "Vision Operations"}],
            "ar_system_parameters_all": [{"org_id": 204, "set_of_books_id": 1}, {"org_id": 458, "set_of_books_id": 2}],
            "gl_ledgers": [{"ledger_id": 1, "currency_code": "USD"}, {"ledger_id": 2, "currency_code": "JPY"}],
            "fnd_currencies": [{"currency_code": "USD", "precision": 2}, {"currency_code": "JPY", "precision": 0}],
            "hz_cust_accounts": [{"cust_account_id": 1290, "party_id": 900, "customer_class_code": "HIGH TECH"}],
            "hz_parties": [
                {"party_id": 900, "party_name": "AT&T", "state": "NY", "country": "US", "email_address": "ap@att.test"}
            ],
            "hz_customer_profiles": [
                {"cust_account_profile_id": 70, "cust_account_id": 1290, "site_use_id": None, "collector_id": 5,
                 "standard_terms": 4, "risk_code": "LOW"},
                {"cust_account_profile_id": 71, "cust_account_id": 1290, "site_use_id": 33, "collector_id": 6,
                 "standard_terms": 4, "risk_code": "HIGH"},
            ],
            "hz_cust_profile_amts": [
                {"cust_account_profile_id": 70, "currency_code": "USD", "site_use_id": None,
                 "overall_credit_limit": 50000},
                {"cust_account_profile_id": 70, "currency_code": "EUR", "site_use_id": None,
                 "overall_credit_limit": 40000},
            ],
            "ar_collectors": [{"collector_id": 5, "name": "Smith"}, {"collector_id": 6, "name": "Jones"}],
            "ra_terms_lines": [{"term_id": 4, "sequence_num": 1, "due_days": 30}],
        }  # fmt: skip
        self._ids = iter(range(1000, 9999))

    def _add(self, table: str, **row: Any) -> Row:
        row = {**DEFAULTS.get(table, {}), **row}
        self.tables[table].append(row)
        return row

    def schedule(self, kind: str, day: str, amount: float, *, due: str | None = None, rate: float | None = None,
                 **more: Any) -> Row:  # fmt: skip
        """A payment schedule: an instalment of a transaction, or a receipt."""
        id = next(self._ids)
        row = {
            "payment_schedule_id": id, "class": kind, "trx_date": day, "gl_date": day, "due_date": due or day,
            "customer_id": 1290, "org_id": 204, "invoice_currency_code": "USD", "exchange_rate": rate,
            "cash_receipt_id": None, "trx_number": f"{kind}-{id}", "amount_due_original": amount,
            "amount_due_remaining": amount, **more,
        }  # fmt: skip
        return self._add("ar_payment_schedules_all", **row)

    def receipt(self, day: str, amount: float, *, confirmed: str | None = "Y", **more: Any) -> Row:
        receipt = next(self._ids)
        self._add("ar_cash_receipts_all", cash_receipt_id=receipt, amount=amount, confirmed_flag=confirmed)
        row = self.schedule("PMT", day, -amount, cash_receipt_id=receipt, receipt_confirmed_flag=confirmed, **more)
        self.application(row, "UNAPP", day, amount, confirmed_flag=confirmed)
        return row

    def application(self, own: Row, status: str, day: str, amount: float, **more: Any) -> Row:
        """A row of applications; base amounts are at the rate of ``own`` where nothing else is said."""
        base = amount * (own["exchange_rate"] or 1)
        row = {
            "receivable_application_id": next(self._ids), "status": status, "gl_date": day, "amount_applied": amount,
            "application_type": "CM" if own["class"] == "CM" else "CASH", "payment_schedule_id":
            own["payment_schedule_id"], "cash_receipt_id": own["cash_receipt_id"], "acctd_amount_applied_from": base,
            "acctd_amount_applied_to": base if status == "APP" else None, **more,
        }  # fmt: skip
        return self._add("ar_receivable_applications_all", **row)

    def apply(self, own: Row, to: Row, day: str, amount: float, *, earned: float = 0, unearned: float = 0,
              amount_from: float | None = None, status: str = "APP") -> None:  # fmt: skip
        """Apply a receipt or credit memo; a negative amount takes an application back."""
        part = amount if amount_from is None else amount_from
        rate = to["exchange_rate"] or 1
        self.application(
            own, status, day, amount, amount_applied_from=amount_from,
            applied_payment_schedule_id=to["payment_schedule_id"], earned_discount_taken=earned or None,
            unearned_discount_taken=unearned or None, acctd_earned_discount_taken=earned * rate or None,
            acctd_unearned_discount_taken=unearned * rate or None, acctd_amount_applied_to=amount * rate,
            acctd_amount_applied_from=part * (own["exchange_rate"] or 1),
            confirmed_flag=own["receipt_confirmed_flag"],
        )  # fmt: skip
        if own["class"] != "CM":
            self.application(own, "UNAPP", day, -part, confirmed_flag=own["receipt_confirmed_flag"])
        if own["receipt_confirmed_flag"] != "N":
            own["amount_due_remaining"] += part
            if to["payment_schedule_id"] > 0 and status == "APP":
                to["amount_due_remaining"] -= amount + earned + unearned

    def reverse(self, receipt: Row, day: str) -> None:
        """A receipt that was never money: what is unapplied goes too."""
        self.application(receipt, "UNAPP", day, receipt["amount_due_original"])
        receipt["amount_due_remaining"] -= receipt["amount_due_original"]

    def adjust(self, to: Row, day: str, amount: float, status: str = "A", **more: Any) -> None:
        base = amount * (to["exchange_rate"] or 1)
        id, schedule = next(self._ids), to["payment_schedule_id"]
        row = {"adjustment_id": id, "payment_schedule_id": schedule, "gl_date": day, "status": status}
        self._add("ar_adjustments_all", **row, amount=amount, acctd_amount=base, **more)
        to["amount_due_remaining"] += amount if status == "A" else 0

    def filled(self) -> dict[str, list[Row]]:
        """The tables; one without rows has a row of nothing, so that it has its columns."""
        return {name: rows or [dict.fromkeys(EMPTY[name])] for name, rows in self.tables.items()}

    def rolled_back(self, day: str) -> dict[str, float]:
        """Oracle's own way: from what is left now back to ``day``, by the accounting dates alone."""
        found: dict[str, float] = defaultdict(float)
        schedules = {row["payment_schedule_id"]: row for row in self.tables["ar_payment_schedules_all"]}
        known = {id: row for id, row in schedules.items() if id > 0 and row["receipt_confirmed_flag"] != "N"}
        for id, row in known.items():
            if row["gl_date"] <= day and row["class"] != "PMT":
                found[str(id)] += row["amount_due_remaining"]
        for row in self.tables["ar_receivable_applications_all"]:
            if row["confirmed_flag"] == "N":
                continue
            own, to = known[row["payment_schedule_id"]], known.get(row["applied_payment_schedule_id"])
            if to and row["status"] == "APP" and row["gl_date"] > day >= to["gl_date"]:
                taken = (row["earned_discount_taken"] or 0) + (row["unearned_discount_taken"] or 0)
                found[str(to["payment_schedule_id"])] += row["amount_applied"] + taken
            if row["application_type"] == "CM" and row["gl_date"] > day >= own["gl_date"]:
                found[str(own["payment_schedule_id"])] -= row["amount_applied"]
            # Of receipts Oracle sums what was not applied up to the day.
            if row["status"] in {"UNAPP", "ACC", "UNID", "OTHER ACC"} and row["gl_date"] <= day:
                found[str(own["payment_schedule_id"])] -= row["amount_applied"]
        for row in self.tables["ar_adjustments_all"]:
            to = known[row["payment_schedule_id"]]
            if row["status"] == "A" and row["gl_date"] > day >= to["gl_date"]:
                found[str(row["payment_schedule_id"])] -= row["amount"]
        return {id: round(amount, 2) for id, amount in found.items() if round(amount, 2)}
