"""QuickBooks Online's objects, as its documentation shows them, into books. It was never tried on a real company."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from data_sources.registry import open_connector
from ledger.errors import ConfigError
from tests.data_sources.contract import mapped, told
from tests.data_sources.rest.service import CLIENT_SECRET, LOGIN, Asked, Reply, Tokens, made, serving, settings
from tests.mappings.books import differences, open_by_document

COMPANY = "1386066315"


def money(amount) -> Decimal:
    return Decimal(str(amount))


def customer(id="20", name="Red Rock Diner", **more):
    return {"Id": id, "DisplayName": name, "Active": True, "Balance": Decimal(0), **more}


def head(id, day, total, customer="20", **more):
    """What all documents have; without multi-currency, no word on currencies."""
    return {
        "Id": id, "SyncToken": "0", "domain": "QBO", "TxnDate": day, "TotalAmt": money(total),
        "CustomerRef": {"value": customer, "name": "Red Rock Diner"}, **more,
    }  # fmt: skip


def invoice(id, day, total, still=None, due=None, **more):
    left = money(total if still is None else still)
    return head(id, day, total, DocNumber=f"10{id}", Balance=left, **({"DueDate": due} if due else {}), **more)


def credit_memo(id, day, total, still, **more):
    return head(id, day, total, RemainingCredit=money(still), Balance=money(still), **more)


def payment(id, day, total, *lines, unapplied=0, **more):
    """A payment with lines ``(amount, type, id)``."""
    linked = [{"Amount": money(a), "LinkedTxn": [{"TxnId": i, "TxnType": t}]} for a, t, i in lines]
    return head(id, day, total, UnappliedAmt=money(unapplied), Line=linked, PaymentRefNum=f"P{id}", **more)


def journal(id, day, *lines):
    """A journal entry with lines ``(amount, posting type, account, customer)``."""
    made_of = [
        {
            "Id": str(at), "Amount": money(amount), "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {
                "PostingType": side, "AccountRef": {"value": account},
                **({"Entity": {"Type": "Customer", "EntityRef": {"value": who}}} if who else {}),
            },
        }
        for at, (amount, side, account, who) in enumerate(lines)
    ]  # fmt: skip
    return {"Id": id, "TxnDate": day, "DocNumber": f"J{id}", "Line": made_of}


ACCOUNTS = [{"Id": "84", "Name": "Accounts Receivable (A/R)", "AccountType": "Accounts Receivable", "Active": True}]


class Company:
    """A QuickBooks company that serves pages of ``page``."""

    def __init__(self, page=2, home="USD", **lists):
        self.page, self.home = page, home
        self.tokens = Tokens()
        self.lists = {"Account": ACCOUNTS, "Customer": [customer()], **lists}
        self.hidden = 0

    def answers(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self.tokens.answer(asked)
        if not self.tokens.admits(asked):
            return Reply({"fault": {"error": [{"message": "AuthenticationFailed", "detail": "Token expired"}]}}, 401)
        if not asked.path.startswith(f"/v3/company/{COMPANY}/"):
            return Reply({"Fault": {"Error": [{"Message": "Not found", "Detail": "no such realm"}]}}, 404)
        if asked.path.endswith(f"/companyinfo/{COMPANY}"):
            return Reply({"CompanyInfo": {"CompanyName": "Acme Inc", "Country": "US"}, "time": "2026-11-20"})
        return Reply({"QueryResponse": self.queried(asked.values["query"]), "time": "2026-11-20"})

    def queried(self, query: str):
        if query == "SELECT * FROM Preferences":
            home = {"HomeCurrency": {"value": self.home}} if self.home else {}
            return {"Preferences": [{"Id": "1", "CurrencyPrefs": {"MultiCurrencyEnabled": True, **home}}]}
        form = r"SELECT (.*) FROM (\w+)(?: WHERE (.*?))?(?: ORDERBY Id STARTPOSITION (\d+) MAXRESULTS (\d+))?"
        match = re.fullmatch(form, query)
        assert match, query
        what, entity, where, start, most = match.groups()
        rows = self.lists.get(entity, [])
        if "Active" not in (where or ""):
            rows = [one for one in rows if one.get("Active", True)]
        if what == "COUNT(*)":
            return {"totalCount": len(rows)}
        assert int(most) <= 1000
        found = rows[int(start) - 1 :][: min(self.page, int(most))]
        if entity == "Invoice" and self.hidden:
            # Somebody deletes a row of an earlier page: the others move up, and one is skipped.
            self.hidden -= 1
            found = found[1:]
        return {entity: found, "startPosition": int(start), "maxResults": len(found)} if found else {}


def source(url: str, more: str = "", company: str = COMPANY) -> str:
    return (
        f'kind = "quickbooks"\ncompany_id = "{company}"\n{LOGIN}base_url = "{url}"\ntoken_url = "{url}/token"\n{more}'
    )


@pytest.fixture
def books(tmp_path):
    """The books of a company with these objects."""

    def books_(more: str = "", currency: str = "USD", *, force: bool = False, **lists):
        with serving(Company(**lists).answers) as service:
            return made(tmp_path, source(service.url, more), currency=currency, force=force)

    return books_


def amounts(book, day: str) -> dict[str, Decimal]:
    return {id: amount.normalize() for id, (_, amount, _) in open_by_document(book, date.fromisoformat(day)).items()}


def based(book, day: str) -> dict[str, Decimal]:
    return {id: amount.normalize() for id, (_, _, amount) in open_by_document(book, date.fromisoformat(day)).items()}


def test_a_payment_of_65_with_55_on_an_invoice_leaves_10(books):
    """The documented sample, read page by page."""
    book = books(
        Invoice=[
            invoice("70", "2026-01-05", "55.00", 0, "2026-02-04"),
            invoice("71", "2026-01-06", "20.10"),
            invoice("72", "2026-01-07", "30.00"),
        ],
        Payment=[payment("163", "2026-01-16", "65.00", ("55.00", "Invoice", "70"), unapplied=10)],
    )
    assert amounts(book, "2026-01-15") == {"Invoice-70": 55, "Invoice-71": Decimal("20.1"), "Invoice-72": 30}
    assert amounts(book, "2026-01-16") == {
        "Payment-163": -10, "Invoice-71": Decimal("20.1"), "Invoice-72": 30,
    }  # fmt: skip
    assert differences(book) == []
    assert book.quarantine.is_empty()


def test_a_difference_is_found(books):
    book = books(Invoice=[invoice("70", "2026-01-05", "55.00", "54.00")])
    assert [(one["document_id"], one["difference"]) for one in differences(book)] == [("Invoice-70", 1.0)]


def test_an_application_counts_from_the_later_day_of_both(books):
    """Paid on 10 January; the invoice it was applied to is of 20 January."""
    book = books(
        Invoice=[invoice("70", "2026-01-20", "55.00", 0)],
        Payment=[payment("163", "2026-01-10", "55.00", ("55.00", "Invoice", "70"))],
    )
    assert amounts(book, "2026-01-10") == {"Payment-163": -55}
    assert amounts(book, "2026-01-19") == {"Payment-163": -55}
    assert amounts(book, "2026-01-20") == {}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_payment_of_nothing_applies_a_credit_memo(books, sign):
    """The line of the credit memo is the amount used, whichever sign it has."""
    book = books(
        Invoice=[invoice("70", "2026-01-05", 100, 40)],
        CreditMemo=[credit_memo("80", "2026-02-10", 90, 30)],
        Payment=[payment("163", "2026-02-01", 0, (60, "Invoice", "70"), (60 * sign, "CreditMemo", "80"))],
    )
    assert amounts(book, "2026-02-09") == {"Invoice-70": 100}
    assert amounts(book, "2026-02-10") == {"Invoice-70": 40, "CreditMemo-80": -30}
    assert differences(book) == []


def test_money_and_a_credit_together_close_what_they_close(tmp_path):
    """Invoices of 30 and 20, by a credit memo of 25 and 25 in money: the credit is put on the first."""
    company = Company(
        Invoice=[invoice("70", "2026-01-05", 30, 0), invoice("71", "2026-01-05", 20, 0)],
        CreditMemo=[credit_memo("80", "2026-01-06", 25, 0)],
        Payment=[
            payment("1", "2026-02-01", 25, (30, "Invoice", "70"), (20, "Invoice", "71"), (25, "CreditMemo", "80"))
        ],
    )
    with serving(company.answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        rows = mapped(it, "settlements").select("document_id", "kind", "amount").rows()
    assert sorted(rows) == sorted(
        [
            ("Invoice-70", "credit", Decimal(25)),
            ("CreditMemo-80", "credit", Decimal(-25)),
            ("Invoice-70", "cash", Decimal(5)),
            ("Payment-1", "cash", Decimal(-5)),
            ("Invoice-71", "cash", Decimal(20)),
            ("Payment-1", "cash", Decimal(-20)),
        ]
    )


def test_amounts_in_foreign_money_are_booked_at_their_own_rate(books):
    """100.10 EUR at 1.2345 is 123.57345, rounded 123.57. Of 60.05 paid at 1.3 stay 10, which are 13; and a credit."""
    euro = {"CurrencyRef": {"value": "EUR"}, "ExchangeRate": Decimal("1.2345")}
    later = euro | {"ExchangeRate": Decimal("1.3")}
    book = books(
        Invoice=[invoice("70", "2026-01-05", "100.10", "50.05", **euro)],
        Payment=[payment("1", "2026-02-01", "60.05", ("50.05", "Invoice", "70"), unapplied=10, **later)],
        CreditMemo=[credit_memo("80", "2026-02-01", 5, 5, **later)],
    )
    assert amounts(book, "2026-01-31") == {"Invoice-70": Decimal("100.1")}
    assert based(book, "2026-01-31") == {"Invoice-70": Decimal("123.57")}
    left = {"Invoice-70": Decimal("50.05"), "Payment-1": -10, "CreditMemo-80": -5}
    assert amounts(book, "2026-02-01") == left
    credits = based(book, "2026-02-01")
    assert (credits["Payment-1"], credits["CreditMemo-80"]) == (-13, Decimal("-6.5"))
    assert differences(book) == []


def test_a_home_currency_without_cents_is_rounded_to_its_own_unit(books):
    dollars = {"CurrencyRef": {"value": "USD"}, "ExchangeRate": Decimal("149.995")}
    book = books(home="JPY", currency="JPY", Invoice=[invoice("70", "2026-01-05", "10.10", **dollars)])
    assert based(book, "2026-01-31") == {"Invoice-70": 1515}  # 1514.9495
    assert book.quarantine.is_empty()


def test_a_void_is_no_claim(books):
    book = books(
        Invoice=[invoice("70", "2026-01-05", 0, PrivateNote="Voided"), invoice("71", "2026-01-05", 5)],
        Payment=[payment("1", "2026-02-01", 0, PrivateNote="Voided")],
    )
    assert book.about["rows_in"]["documents"] == 1
    assert amounts(book, "2026-02-01") == {"Invoice-71": 5}


def test_a_deposit_on_the_invoice_was_paid_at_once(books):
    book = books(Invoice=[invoice("70", "2026-01-05", 100, 80, Deposit=Decimal(20))])
    assert amounts(book, "2026-01-05") == {"Invoice-70": 80}
    assert differences(book) == []


def test_journal_entries_count_with_what_they_post_to_receivables(books):
    """An opening balance of 500, and 40 of it written off; income and other accounts are passed over."""
    book = books(
        Customer=[customer(Balance=Decimal(460))],
        JournalEntry=[
            journal("5", "2026-01-01", (500, "Debit", "84", "20"), (500, "Credit", "79", None)),
            journal("6", "2026-03-01", (40, "Credit", "84", "20"), (40, "Debit", "88", None)),
            journal("7", "2026-03-01", (9, "Credit", "33", "20"), (9, "Debit", "88", None)),
        ],
        Payment=[payment("1", "2026-03-02", 0, (40, "JournalEntry", "5"), (40, "JournalEntry", "6"))],
    )
    assert amounts(book, "2026-02-28") == {"JournalEntry-5-20": 500}
    assert amounts(book, "2026-03-01") == {"JournalEntry-5-20": 500, "JournalEntry-6-20": -40}
    assert amounts(book, "2026-03-02") == {"JournalEntry-5-20": 460}
    assert differences(book) == []


def test_with_journal_entries_customers_are_compared(books):
    entry = journal("5", "2026-01-01", (500, "Debit", "84", "20"), (500, "Credit", "79", None))
    book = books(Customer=[customer(Balance=Decimal(450))], JournalEntry=[entry])
    assert [(one["customer_id"], one["difference"]) for one in differences(book)] == [("20", 50.0)]


def test_a_deposit_to_receivables_is_a_credit_and_a_refund_by_cheque_takes_it_back(books):
    deposit = {
        "Id": "30", "TxnDate": "2026-01-10",
        "Line": [
            {"Amount": Decimal(70), "DepositLineDetail": {"AccountRef": {"value": "84"}, "Entity": {"value": "20"}}},
            {"Amount": Decimal(10), "DepositLineDetail": {"AccountRef": {"value": "79"}}},
        ],
    }  # fmt: skip
    cheque = {
        "Id": "31", "TxnDate": "2026-01-20", "PaymentType": "Check", "EntityRef": {"value": "20", "type": "Customer"},
        "Line": [{"Amount": Decimal(25), "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "84"}}}],
    }  # fmt: skip
    book = books(
        Customer=[customer(Balance=Decimal(-45))],
        Deposit=[deposit],
        Purchase=[cheque],
        Payment=[payment("1", "2026-01-21", 0, (25, "Check", "31"), (25, "Deposit", "30"))],
    )
    assert amounts(book, "2026-01-10") == {"Deposit-30-20": -70}
    assert amounts(book, "2026-01-20") == {"Deposit-30-20": -70, "Purchase-31-20": 25}
    assert amounts(book, "2026-01-21") == {"Deposit-30-20": -45}
    assert differences(book) == []


def test_a_link_to_something_unread_is_kept_out_and_told(books):
    """A statement charge has no object in the API: the money that went there is no longer open on the payment."""
    book = books(
        force=True,
        Invoice=[invoice("70", "2026-01-05", 100)],
        Payment=[payment("1", "2026-02-01", 30, (30, "Charge", "99"))],
    )
    assert amounts(book, "2026-02-01") == {"Invoice-70": 100}
    assert book.quarantine.select("rule", "key").rows() == [("document_unknown", "Payment-1/1/debit")]
    assert "Charge-99" in book.quarantine["reason"][0]


def test_inactive_customers_are_read_with_their_parents(tmp_path):
    there = [customer("20"), customer("21", "Job", ParentRef={"value": "20"}, Active=False), customer("22", "C")]
    with (
        serving(Company(Customer=there).answers) as service,
        open_connector(settings(tmp_path, source(service.url))) as it,
    ):
        rows = mapped(it, "customers").select("customer_id", "parent_id").rows()
    assert rows == [("20", None), ("21", "20"), ("22", None)]


def test_a_list_that_moves_while_it_is_read_is_read_again(tmp_path):
    company = Company(Invoice=[invoice(str(n), "2026-01-05", 1) for n in range(7)])
    company.hidden = 1
    with serving(company.answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert mapped(it, "documents").height == 7


def test_a_list_that_never_comes_whole_is_told(tmp_path):
    company = Company(Invoice=[invoice(str(n), "2026-01-05", 1) for n in range(7)])
    company.hidden = 1000
    with (
        serving(company.answers) as service,
        open_connector(settings(tmp_path, source(service.url))) as it,
        told("counts 7 invoices", never=CLIENT_SECRET),
    ):
        it.read("documents")


def test_the_wrong_company_is_told(tmp_path):
    with serving(Company().answers) as service:
        text = source(service.url, company="999")
        with open_connector(settings(tmp_path, text)) as it:
            with told("company_id 999", "no such realm", never=CLIENT_SECRET):
                it.read("documents")
            assert "company_id 999" in it.check().sentence


def test_health_says_whom_one_is_connected_to(tmp_path):
    with serving(Company().answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert it.check().sentence == (
            "Connected to QuickBooks Online: Acme Inc (1386066315), books in USD; it is only read."
        )
        assert CLIENT_SECRET not in repr(it) + it.describe()


def test_without_a_home_currency_one_is_asked_for(tmp_path):
    with serving(Company(home="").answers) as service:
        with open_connector(settings(tmp_path, source(service.url))) as it, told("base_currency"):
            it.read("documents")
        with open_connector(settings(tmp_path, source(service.url, 'base_currency = "CAD"'))) as it:
            assert it.check().ok


def test_a_token_that_ends_while_pages_are_read_is_renewed(tmp_path):
    company = Company(Invoice=[invoice(str(n), "2026-01-05", 1) for n in range(7)])

    def answers(asked: Asked) -> Reply:
        if "STARTPOSITION 3 " in asked.values.get("query", "") and company.tokens.renewals == 1:
            company.tokens.access = "ended"
        return company.answers(asked)

    with serving(answers) as service, open_connector(settings(tmp_path, source(service.url))) as it:
        assert mapped(it, "documents").height == 7
    assert company.tokens.renewals == 2


@pytest.mark.parametrize("path", ["TotalAmt", "TxnDate", "CustomerRef", "Balance", "Id"])
def test_a_field_that_went_from_the_api_is_named(tmp_path, path):
    there = invoice("70", "2026-01-05", 100)
    del there[path]
    with (
        serving(Company(Invoice=[there]).answers) as service,
        open_connector(settings(tmp_path, source(service.url))) as it,
        told("Invoice", path, "may have changed", never=CLIENT_SECRET),
    ):
        it.read("documents")


@pytest.mark.parametrize("id", ["12/../9", "", "abc"])
def test_a_company_id_is_a_number(tmp_path, id):
    with pytest.raises(ConfigError, match="company_id"):
        open_connector(settings(tmp_path, source("https://quickbooks.api.intuit.com", company=id)))
