"""A QuickBooks company and a Xero organisation whose objects are changed while a test runs, and that tell what changed.

``shy``: only what somebody touched is stamped as changed; what moved beside it, such as an invoice's balance when a
payment is made, is not. The documentation promises neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from tests.data_sources.rest import test_quickbooks as qbo
from tests.data_sources.rest import test_xero as xero
from tests.data_sources.rest.service import Asked, Reply

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLAIMS = ("CreditMemo", "JournalEntry", "Deposit", "Purchase")
CREDITS = ("CreditNotes", "Prepayments", "Overpayments")


@dataclass
class Stamps:
    """When each object was last changed, and when those that are gone went."""

    clock: datetime = START
    changed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    gone: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def touch(self, kind: str, id: str) -> None:
        self.clock += timedelta(seconds=1)
        self.changed[kind, id] = self.clock
        self.gone.pop((kind, id), None)

    def drop(self, kind: str, id: str) -> None:
        self.clock += timedelta(seconds=1)
        self.changed.pop((kind, id), None)
        self.gone[kind, id] = self.clock


class LivingCompany(qbo.Company):
    """A QuickBooks company with change data capture, which holds at most ``most`` objects in one answer."""

    def __init__(self, *, shy: bool = False, most: int = 1000, page: int = 1000):
        super().__init__(page=page, Customer=[])
        self.stamps = Stamps()
        self.shy, self.most = shy, most
        self.number = 100

    def answers(self, asked: Asked) -> Reply:
        if asked.path.endswith("/cdc") and self.tokens.admits(asked):
            since = datetime.fromisoformat(asked.values["changedSince"])
            reply = self.captured(asked.values["entities"].split(","), since)
        else:
            reply = super().answers(asked)
        if asked.path.startswith("/v3/") and reply.status == 200:
            reply.json["time"] = self.stamps.clock.isoformat(timespec="milliseconds")
        return reply

    def queried(self, query: str):
        if named := re.search(r"Id IN \(([^)]*)\)(?: AND )?", query):
            ids = re.findall(r"'(\d+)'", named[1])
            entity = query.split()[3]
            return {entity: [one for one in self.lists.get(entity, []) if one["Id"] in ids]}
        return super().queried(query)

    def captured(self, entities, since):
        if since < self.stamps.clock - timedelta(days=30):
            return Reply({"Fault": {"Error": [{"Message": "changedSince is too old"}]}}, 400)
        room, parts = self.most, []
        for entity in entities:
            there = [
                o for o in self.lists.get(entity, []) if self.stamps.changed.get((entity, o["Id"]), START) >= since
            ]
            gone = [
                {"Id": id, "status": "Deleted", "domain": "QBO"}
                for (kind, id), at in self.stamps.gone.items()
                if kind == entity and at >= since
            ]
            told = (there + gone)[:room]
            room -= len(told)
            parts.append({entity: told, "startPosition": 1, "maxResults": len(told)} if told else {})
        return Reply({"CDCResponse": [{"QueryResponse": parts}]})

    def find(self, entity: str, id: str) -> dict:
        return next(one for one in self.lists[entity] if one["Id"] == id)

    def put(self, entity: str, thing: dict) -> None:
        """Make or replace an object, and set right what it moves."""
        rows = self.lists.setdefault(entity, [])
        at = next((i for i, one in enumerate(rows) if one["Id"] == thing["Id"]), None)
        if at is None:
            rows.append(thing)
        else:
            rows[at] = thing
        self.stamps.touch(entity, thing["Id"])
        self.settle()

    def delete(self, entity: str, id: str) -> None:
        """Delete an object; payments that name it let go of it."""
        self.lists[entity] = [one for one in self.lists[entity] if one["Id"] != id]
        self.stamps.drop(entity, id)
        for payment in self.lists.get("Payment", []):
            payment["Line"] = [
                line
                for line in payment["Line"]
                if (line["LinkedTxn"][0]["TxnType"], line["LinkedTxn"][0]["TxnId"]) != (entity, id)
            ]
        self.settle()

    def settle(self) -> None:
        """Balances as payments leave them; what moved is stamped unless the company is shy."""
        used: dict[tuple[str, str], Decimal] = {}
        for payment in self.lists.get("Payment", []):
            for line in payment["Line"]:
                to = line["LinkedTxn"][0]
                used[to["TxnType"], to["TxnId"]] = used.get((to["TxnType"], to["TxnId"]), Decimal(0)) + line["Amount"]
        owed: dict[str, Decimal] = {}
        for entity, name in (("Invoice", "Balance"), ("CreditMemo", "RemainingCredit")):
            for one in self.lists.get(entity, []):
                left = one["TotalAmt"] - used.get((entity, one["Id"]), Decimal(0))
                sign = 1 if entity == "Invoice" else -1
                owed[one["CustomerRef"]["value"]] = owed.get(one["CustomerRef"]["value"], Decimal(0)) + sign * left
                self._moved(entity, one, {name: left, "Balance": left})
        for payment in self.lists.get("Payment", []):
            of = {"Invoice": 1, "JournalEntry": 1, "Purchase": 1}
            put = sum(
                (line["Amount"] * of.get(line["LinkedTxn"][0]["TxnType"], -1) for line in payment["Line"]), Decimal(0)
            )
            self._moved("Payment", payment, {"UnappliedAmt": max(payment["TotalAmt"] - put, Decimal(0))})
        for customer in self.lists["Customer"]:
            self._moved("Customer", customer, {"Balance": owed.get(customer["Id"], Decimal(0))})

    def _moved(self, entity: str, one: dict, values: dict) -> None:
        if any(one.get(name) != value for name, value in values.items()):
            one.update(values)
            if not self.shy:
                self.stamps.touch(entity, one["Id"])

    def some(self, random: Random, entity: str) -> dict | None:
        return random.choice(self.lists[entity]) if self.lists.get(entity) else None

    def step(self, random: Random) -> None:
        """Something that somebody does in QuickBooks."""
        self.number += 1
        day = f"2026-{random.randint(1, 9):02}-{random.randint(1, 28):02}"
        acts = [self._bill, self._pay] * 3 + [self._delete, self._void] * 2
        acts += [
            self._credit,
            self._book,
            self._bank,
            self._hire,
            self._edit,
            self._move,
            self._unlink,
            self._rename,
            self._join,
        ]
        act = random.choice(acts) if self.lists["Customer"] else self._hire
        act(random, str(self.number), day)

    def _who(self, random: Random) -> str:
        return random.choice(self.lists["Customer"])["Id"]

    def _hire(self, _: Random, new: str, __: str) -> None:
        self.put("Customer", qbo.customer(new, f"Customer {new}"))

    def _bill(self, random: Random, new: str, day: str) -> None:
        self.put("Invoice", qbo.invoice(new, day, random.randint(1, 900), due=day, customer=self._who(random)))

    def _credit(self, random: Random, new: str, day: str) -> None:
        self.put("CreditMemo", qbo.credit_memo(new, day, random.randint(1, 50), 0, customer=self._who(random)))

    def _book(self, random: Random, new: str, day: str) -> None:
        old = self.some(random, "JournalEntry") or {"Id": new}
        line = (random.randint(1, 90), random.choice(("Debit", "Credit")), "84", self._who(random))
        self.put("JournalEntry", qbo.journal(random.choice((old["Id"], new)), day, line))

    def _bank(self, random: Random, new: str, day: str) -> None:
        """Money that comes in and goes out without a payment: a deposit to receivables, a cheque to the customer."""
        amount, account, of = random.randint(1, 60), {"AccountRef": {"value": "84"}}, {"value": self._who(random)}
        deposit = {"Amount": amount, "DepositLineDetail": {**account, "Entity": of}}
        cheque = {"Amount": amount, "AccountBasedExpenseLineDetail": account}
        entity, line = random.choice((("Deposit", deposit), ("Purchase", cheque)))
        old = random.choice((self.some(random, entity), None)) or {"Id": new}
        self.put(entity, {"Id": old["Id"], "TxnDate": day, "EntityRef": {"type": "Customer", **of}, "Line": [line]})

    def _lines(self, random: Random) -> list:
        found = [(random.randint(1, 40), "Invoice", one["Id"]) for one in random.sample(self.lists["Invoice"], 1)]
        further = [(entity, self.some(random, entity)) for entity in ("Invoice", *CLAIMS)]
        return found + [
            (random.randint(1, 20), entity, one["Id"]) for entity, one in further if one and random.random() < 0.4
        ]

    def _pay(self, random: Random, new: str, day: str) -> None:
        if self.lists.get("Invoice"):
            of = self._who(random)
            self.put("Payment", qbo.payment(new, day, random.randint(1, 90), *self._lines(random), customer=of))

    def _move(self, random: Random, _: str, day: str) -> None:
        old = self.some(random, "Payment")
        if old and self.lists.get("Invoice"):
            self.put("Payment", {**old, "Line": qbo.payment("0", day, 0, *self._lines(random))["Line"]})

    def _unlink(self, random: Random, _: str, __: str) -> None:
        if old := self.some(random, "Payment"):
            self.put("Payment", {**old, "Line": []})

    def _edit(self, random: Random, _: str, day: str) -> None:
        if old := self.some(random, "Invoice"):
            self.put("Invoice", {**old, "TotalAmt": Decimal(random.randint(1, 900)), "DueDate": day})

    def _void(self, random: Random, _: str, __: str) -> None:
        if old := self.some(random, "Invoice"):
            self.delete("Invoice", old["Id"])
            self.put("Invoice", {**old, "TotalAmt": Decimal(0), "PrivateNote": "Voided"})

    def _delete(self, random: Random, _: str, __: str) -> None:
        entity = random.choice(("Invoice", "Payment", *CLAIMS))
        if old := self.some(random, entity):
            self.delete(entity, old["Id"])

    def _rename(self, random: Random, new: str, _: str) -> None:
        self.put("Customer", {**random.choice(self.lists["Customer"]), "DisplayName": f"Renamed {new}"})

    def _join(self, random: Random, _: str, __: str) -> None:
        if len(self.lists["Customer"]) > 3 and random.random() < 0.3:
            gone, into = random.sample(self.lists["Customer"], 2)
            self.merge(gone["Id"], into["Id"])

    def merge(self, gone: str, into: str) -> None:
        """One customer becomes another: it goes out of use, and its documents are the other's, unstamped."""
        for entity in ("Invoice", "CreditMemo", "Payment"):
            for one in self.lists.get(entity, []):
                if one["CustomerRef"]["value"] == gone:
                    one["CustomerRef"] = {"value": into}
        self.put("Customer", {**self.find("Customer", gone), "Active": False})


class LivingOrganisation(xero.Organisation):
    """A Xero organisation that heeds If-Modified-Since, conditions and ids."""

    def __init__(self, *, shy: bool = False, page: int = 1000, **more):
        super().__init__(Contacts=[], **more)
        self.stamps = Stamps()
        self.shy, self.page, self.number = shy, page, 100

    def answers(self, asked: Asked) -> Reply:
        name, _, id = asked.path.removeprefix("/api.xro/2.0/").partition("/")
        reply = super().answers(Asked(asked.method, asked.path, {"page": "1", **asked.values}, asked.headers))
        if reply.status == 200 and asked.path.startswith("/api.xro/") and name != "Organisation" and not id:
            reply = self.listed(name, asked)
        if reply.status == 200 and asked.path.startswith("/api.xro/"):
            reply.json["DateTimeUTC"] = f"/Date({int(self.stamps.clock.timestamp() * 1000)})/"
        return reply

    def listed(self, name: str, asked: Asked) -> Reply:
        rows = [one for one in self.lists.get(name, []) if self._wanted(name, one, asked)]
        page, size = int(asked.values["page"]), min(self.page, int(asked.values["pageSize"]))
        found = [{**one, "Allocations": []} if self.bare else one for one in rows[(page - 1) * size : page * size]]
        counted = {"pagination": {"page": page, "pageCount": -(-len(rows) // size), "itemCount": len(rows)}}
        return Reply({**(counted if self.counts else {}), name: found})

    def _wanted(self, name: str, one: dict, asked: Asked) -> bool:
        id = one[f"{name[:-1]}ID"]
        if "IDs" in asked.values and id not in asked.values["IDs"].split(","):
            return False
        if "Statuses" in asked.values and one["Status"] not in asked.values["Statuses"].split(","):
            return False
        for field_, value in re.findall(r'(\w+)=="(\w+)"', asked.values.get("where", "")):
            if one[field_] != value:
                return False
        since = asked.headers.get("if-modified-since")
        return since is None or self.stamps.changed[name, id] >= datetime.fromisoformat(since).replace(tzinfo=UTC)

    def find(self, name: str, id: str) -> dict:
        return next(one for one in self.lists[name] if one[f"{name[:-1]}ID"] == id)

    def put(self, name: str, thing: dict, *, stamped: bool = True) -> None:
        rows, key = self.lists.setdefault(name, []), f"{name[:-1]}ID"
        at = next((i for i, one in enumerate(rows) if one[key] == thing[key]), None)
        if at is None:
            rows.append(thing)
        else:
            rows[at] = thing
        if stamped or at is None:
            self.stamps.touch(name, thing[key])
        self.settle()

    def settle(self) -> None:
        used: dict[str, Decimal] = {}
        for payment in self.lists.get("Payments", []):
            if payment["Status"] == "AUTHORISED":
                to = payment["Invoice"]["InvoiceID"]
                used[to] = used.get(to, Decimal(0)) + payment["Amount"]
        for credit in self._credits():
            for one in credit["Allocations"]:
                to = one["Invoice"]["InvoiceID"]
                used[to] = used.get(to, Decimal(0)) + one["Amount"]
            credit["RemainingCredit"] = credit["Total"] - sum(
                (one["Amount"] for one in credit["Allocations"]), Decimal(0)
            )
        for invoice in self.lists.get("Invoices", []):
            left = invoice["Total"] - used.get(invoice["InvoiceID"], Decimal(0))
            if invoice["AmountDue"] != left:
                invoice["AmountDue"] = left
                if not self.shy:
                    self.stamps.touch("Invoices", invoice["InvoiceID"])

    def some(self, random: Random, name: str, status: str = "AUTHORISED") -> dict | None:
        found = [one for one in self.lists.get(name, []) if one.get("Status", one.get("ContactStatus")) == status]
        return random.choice(found) if found else None

    def step(self, random: Random) -> None:
        """Something that somebody does in Xero."""
        self.number += 1
        day = f"2026-{random.randint(1, 9):02}-{random.randint(1, 28):02}"
        acts = [self._bill, self._pay] * 3 + [self._undo, self._allocate] * 2
        acts += [self._hire, self._credit, self._release, self._end, self._edit, self._rename, self._join]
        act = random.choice(acts) if self.lists["Contacts"] else self._hire
        act(random, str(self.number), day)

    def _who(self, random: Random) -> dict:
        active = [one["ContactID"] for one in self.lists["Contacts"] if one["ContactStatus"] == "ACTIVE"]
        return {"Contact": {"ContactID": random.choice(active), "Name": "then"}}

    def _hire(self, _: Random, new: str, __: str) -> None:
        self.put("Contacts", xero.contact(f"c-{new}", f"Contact {new}"))

    def _bill(self, random: Random, new: str, day: str) -> None:
        made = xero.invoice(f"i-{new}", day, random.randint(100, 900), **self._who(random))
        self.put("Invoices", made | {"Type": random.choice(("ACCREC", "ACCREC", "ACCREC", "ACCPAY"))})

    def _pay(self, random: Random, new: str, day: str) -> None:
        if invoice := self.some(random, "Invoices"):
            self.put("Payments", xero.payment(f"p-{new}", invoice["InvoiceID"], random.randint(1, 20), day))

    def _undo(self, random: Random, _: str, __: str) -> None:
        if old := self.some(random, "Payments"):
            self.put("Payments", {**old, "Status": "DELETED"})

    def _credits(self) -> list[dict]:
        return [one for name in CREDITS for one in self.lists.get(name, [])]

    def _credit(self, random: Random, new: str, day: str) -> None:
        name = random.choice(CREDITS)
        self.put(name, xero.credit(f"n-{new}", day, 500, 500, kind=name.rstrip("s"), **self._who(random)))

    def _allocate(self, random: Random, new: str, day: str) -> None:
        name = random.choice(CREDITS)
        old, invoice = self.some(random, name), self.some(random, "Invoices")
        if old and invoice:
            more = xero.allocation(f"a-{new}", invoice["InvoiceID"], random.randint(1, 9), day)
            self.put(name, {**old, "Allocations": [*old["Allocations"], more]}, stamped=not self.shy)

    def _release(self, random: Random, _: str, __: str) -> None:
        name = random.choice(CREDITS)
        if old := self.some(random, name):
            self.put(name, {**old, "Allocations": old["Allocations"][1:]}, stamped=not self.shy)

    def _edit(self, random: Random, _: str, __: str) -> None:
        if old := self.some(random, "Invoices"):
            self.put("Invoices", {**old, "Total": Decimal(random.randint(100, 900))})

    def _rename(self, random: Random, new: str, _: str) -> None:
        if old := self.some(random, "Contacts", "ACTIVE"):
            self.put("Contacts", {**old, "Name": f"Renamed {new}"})

    def _join(self, random: Random, _: str, __: str) -> None:
        active = [one["ContactID"] for one in self.lists["Contacts"] if one["ContactStatus"] == "ACTIVE"]
        if len(active) > 3 and random.random() < 0.3:
            self.merge(*random.sample(active, 2))

    def _end(self, random: Random, _: str, __: str) -> None:
        if old := self.some(random, "Invoices"):
            self._void(old["InvoiceID"], random.choice(("VOIDED", "DELETED")))

    def _void(self, id: str, status: str) -> None:
        for payment in [one for one in self.lists.get("Payments", []) if one["Invoice"]["InvoiceID"] == id]:
            self.put("Payments", {**payment, "Status": "DELETED"})
        for credit in self._credits():
            credit["Allocations"] = [one for one in credit["Allocations"] if one["Invoice"]["InvoiceID"] != id]
        self.put("Invoices", {**self.find("Invoices", id), "Status": status})

    def merge(self, gone: str, into: str) -> None:
        for name in ("Invoices", *CREDITS):
            for one in self.lists.get(name, []):
                if one["Contact"]["ContactID"] == gone:
                    one["Contact"] = {"ContactID": into, "Name": "then"}
        self.put("Contacts", {**self.find("Contacts", gone), "ContactStatus": "ARCHIVED"})
