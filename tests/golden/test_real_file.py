"""A real ledger: the IBM late-payment histories, 2,466 invoices of 100 customers in 2012 and 2013.

The file's licence is not stated, so it does not come with the project: name a copy in ``OUTSTANDING_IBM_CSV``. The
expected figures were computed twice outside the project, in plain Python and in Polars.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import cli
from tests.plain import metrics as plain
from tests.plain.ledger import Doc, Ledger, Settlement
from tests.properties import tables
from tests.properties.product import RULES, differences

FILE = os.environ.get("OUTSTANDING_IBM_CSV", "")
pytestmark = pytest.mark.skipif(
    not FILE, reason="OUTSTANDING_IBM_CSV does not name a copy of the IBM late-payments file."
)

JUNE_END, MARCH_END = date(2013, 6, 30), date(2013, 3, 31)
JUNE = {
    "total_ar": 5119.85,
    "gross_open": 5119.85,
    "overdue": 835.56,
    "overdue_share": 0.1632,
    "unapplied_credits": 0.0,
    "billed": 20098.87,
    "cash_collected": 20882.76,
    "dso": 23.1807,
    "dso_best_possible": 19.3976,
    "days_delinquent": 3.7831,
    "dso_countback": 26.2575,
    "cei": 96.1527,
    "ar_turnover": 20098.87 / 5119.85,
    "credit_sales": 20098.87,
    "current_share": 1 - 0.1632,
    "dso_average": 24.9553,
    "cei_crf": 89.9561,
    "top_10_share": 0.3982,
    "hhi": 269.07,
    "effective_debtors": 10000 / 269.07,
    "write_offs": 0.0,
    "write_off_ratio": 0.0,
    "unapplied_cash_share": 0.0,
}
"""The quarter to 2013-06-30. Figures are rounded to the digits shown; turnover and effective debtors are derived."""

WHOLE = {
    "billed": 147703.18,
    "cash_collected": 147703.18,
    "total_ar": 0.0,
    "days_to_pay": 26.7006,
    "days_beyond_terms": -3.2994,
    "days_beyond_terms_clamped": 3.5711,
    "on_time_share": 0.6347,
    "on_time_count_share": 0.6444,
}
"""Everything, seen from 2014-01-31 through a window of 36 months."""


CONFIG = """\
company = "IBM late payments"
reporting_currency = "USD"
source = "ibm"
[store]
path = "data"
[dimensions]
entity = "Country"
"""

SOURCE = """\
kind = "files"
[tables]
invoices = {{ path = {path} }}
[formats]
date = "%m/%d/%Y"
[mapping]
customers = "SELECT DISTINCT customerID AS customer_id, customerID AS name FROM invoices"
documents = '''
SELECT invoiceNumber AS document_id, customerID AS customer_id, countryCode AS entity, 'invoice' AS kind,
       InvoiceDate AS document_date, DueDate AS due_date, 'USD' AS currency, InvoiceAmount AS amount,
       Disputed AS disputed, invoiceNumber AS number
FROM invoices'''
settlements = '''
SELECT invoiceNumber AS settlement_id, invoiceNumber AS document_id, SettledDate AS settled_on,
       InvoiceAmount AS amount, 'cash' AS kind
FROM invoices'''
"""


DISPUTED = 0.2488
"""What the disputed invoices are of all billed money: 561 of 2,466 invoices."""

DIGITS = {"hhi": 5.1e-3, "effective_debtors": 1e-3}


def assert_close(got: Mapping[str, float | None], want: Mapping[str, float]) -> None:
    assert {name: got[name] for name in want} == {
        name: pytest.approx(value, abs=DIGITS.get(name, 5.1e-5)) for name, value in want.items()
    }


def numbers(readings: Mapping[str, plain.Reading]) -> dict[str, float | None]:
    return {name: None if item.value is None else float(item.value) for name, item in readings.items()}


def plain_book(path: Path) -> Ledger:
    """The file read by hand: an invoice a row, settled in full on its day."""

    def day(text: str) -> date:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a date alone has no zone

    docs: list[Doc] = []
    rows: list[Settlement] = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key, amount = row["invoiceNumber"], Decimal(row["InvoiceAmount"])
            issued, due = day(row["InvoiceDate"]), day(row["DueDate"])
            disputed = row["Disputed"] == "Yes"
            docs.append(
                Doc(key, row["customerID"], "invoice", issued, amount, row["countryCode"], None, due, disputed=disputed)
            )
            rows.append(Settlement(f"{key}-1", key, day(row["SettledDate"]), amount, "cash"))
    return Ledger(tuple(docs), tuple(rows))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return plain_book(Path(FILE))


def test_plain_implementation_gives_the_figures(ledger: Ledger) -> None:
    assert_close(numbers(plain.evaluate(ledger, JUNE_END, "3mo")), JUNE)
    assert_close(numbers(plain.evaluate(ledger, date(2014, 1, 31), "36mo")), WHOLE)


def test_disputed_share_of_everything(ledger: Ledger) -> None:
    """Open on no day all at once: the share is of what was billed."""
    disputed = [doc for doc in ledger.docs if doc.disputed]
    assert len(disputed) == 561
    billed = sum(doc.amount for doc in ledger.docs)
    assert float(sum(doc.amount for doc in disputed) / billed) == pytest.approx(DISPUTED, abs=5.1e-5)


def test_plain_aging_gives_the_figures(ledger: Ledger) -> None:
    assert plain.aging(ledger, JUNE_END) == {0: (Decimal("4284.29"), 72), 1: (Decimal("835.56"), 12)}
    assert plain.aging(ledger, MARCH_END).keys() == {0, 1}
    assert plain.total_ar(ledger, MARCH_END) == Decimal("5903.74")
    assert plain.past_due(ledger, MARCH_END) == Decimal("681.37")


@pytest.mark.parametrize("day", [JUNE_END, date(2013, 12, 13)], ids=str)
def test_tables_that_follow_invoices_equal_the_plain_ones(ledger: Ledger, day: date) -> None:
    tables.assert_followed_rolls(ledger, day, 12, None, RULES[0])
    tables.assert_followed_rolls(ledger, day, 6, "entity", RULES[3])
    tables.assert_net_flow_rolls(ledger, day, 12, RULES[0])
    tables.assert_loss_rates(ledger, day, 12, 0.25, RULES[0])
    tables.assert_provision(ledger, day, 12, {})
    tables.assert_cohorts(ledger, day, 12, "entity")
    tables.assert_at_risk(ledger, day, 12, "entity")
    tables.assert_concentration(ledger, day, groups=False, dimension="entity")


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The command line over a fresh folder that reads the file through the files connector."""
    folder = tmp_path_factory.mktemp("ibm")
    (folder / "config" / "sources").mkdir(parents=True)
    (folder / "config" / "app.toml").write_text(CONFIG.replace('"data"', json.dumps(str(folder / "data"))), "utf-8")
    # A JSON string is a TOML string too.
    source = SOURCE.format(path=json.dumps(str(Path(FILE).resolve())))
    (folder / "config" / "sources" / "ibm.toml").write_text(source, "utf-8")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["--config", str(folder / "config"), *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    run("refresh")
    return run


def kpis(command: Callable[..., str], *arguments: str) -> dict[str, float | None]:
    rows = json.loads(command("kpi", "--format", "json", *arguments))
    return {row["metric"]: None if row["value"] is None else float(row["value"]) for row in rows}


def test_command_line_gives_the_figures(command: Callable[..., str], ledger: Ledger) -> None:
    assert_close(kpis(command, "--as-of", "2013-06-30", "--window", "3mo"), JUNE)
    # 91 days are the quarter, but not three months to divide its sales by.
    in_days = {name: value for name, value in JUNE.items() if name != "cei_crf"}
    assert_close(kpis(command, "--as-of", "2013-06-30", "--window", "91d"), in_days)
    assert_close(kpis(command, "--as-of", "2014-01-31", "--window", "36mo"), WHOLE)
    got = kpis(command, "--as-of", "2013-05-17", "--window", "90d", "--where", "entity=406")
    part = ledger.only([doc for doc in ledger.docs if doc.entity == "406"])
    want = numbers(plain.evaluate(part, date(2013, 5, 17), "90d", history=min(doc.opened_on for doc in ledger.docs)))
    assert got.keys() == want.keys()
    assert differences(got, want) == {}
    assert got["disputed"]


def test_command_line_ages_to_the_figures(command: Callable[..., str]) -> None:
    rows = json.loads(command("aging", "--as-of", "2013-06-30", "--format", "json"))
    filled = {row["bucket"]: (str(row["amount"]), row["count"]) for row in rows if row["count"]}
    assert filled == {"current": ("4284.29", 72), "1–30": ("835.56", 12)}
    rows = json.loads(command("aging", "--as-of", "2013-03-31", "--format", "json"))
    assert {row["bucket"]: str(row["amount"]) for row in rows if row["count"]} == {
        "current": "5222.37",
        "1–30": "681.37",
    }


def test_no_row_of_the_file_is_kept_out(command: Callable[..., str]) -> None:
    rules = json.loads(command("check", "--format", "json"))
    assert {row["rule"]: row["rows"] for row in rules if row["severity"] == "error" and row["rows"]} == {}
