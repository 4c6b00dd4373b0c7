"""docs/connectors.md says what is true: every setting is there, and its examples run as they are written."""

from __future__ import annotations

import re

import psycopg
import pytest
from pydantic import BaseModel

from config.settings import PROJECT, load
from config.source import FormatsTable, SourceFile
from data_sources.demo_source import DemoOptions
from data_sources.files import FilesOptions
from data_sources.raw_tables import RawTable
from data_sources.registry import CONNECTORS, GROUP, open_connector
from data_sources.rest.oauth import TokenOptions
from data_sources.rest.quickbooks import QuickBooksOptions
from data_sources.rest.stripe import StripeOptions
from data_sources.rest.xero import XeroOptions
from data_sources.sql import SqlOptions
from ledger.cast import cast
from ledger.schema import TABLES
from tests.data_sources.conftest import PASSWORD
from tests.data_sources.contract import mapped

DOC = (PROJECT.parent / "docs" / "connectors.md").read_text(encoding="utf-8")
# A fenced block whose first line is a comment that names its file.
BLOCKS = re.compile(r"^( *)```(?:toml|sql)\n\s*(?:#|--) mine/(\S+?)(,[^\n]*)?\n(.*?)^ *```", re.DOTALL | re.MULTILINE)

HERE = (SourceFile, FormatsTable, FilesOptions, RawTable, SqlOptions, DemoOptions)
CLOUD = (QuickBooksOptions, XeroOptions, StripeOptions, TokenOptions)
CASES = [(model, name) for model in (*HERE, *CLOUD) for name in model.model_fields]


def blocks(part: str) -> dict[str, str]:
    """File name -> text of the examples in one part of the page."""
    text = DOC.split(f"\n## {part}\n")[1].split("\n## ")[0]
    found = {}
    for indent, name, _, body in BLOCKS.findall(text):
        found[name] = "\n".join(line.removeprefix(indent) for line in body.splitlines())
    return found


def write(folder, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("model", "name"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_every_setting_is_documented_with_its_default(model: type[BaseModel], name):
    table_row = next((line for line in DOC.splitlines() if re.match(rf"\|[^|]*`\[?{name}\]?`", line)), "")
    in_table = table_row or next(
        (line for line in DOC.splitlines() if line.startswith("|") and f"`{name}`" in line), ""
    )
    assert in_table, f"{name} is in no table of docs/connectors.md"
    default = model.model_fields[name].default
    if isinstance(default, bool):
        assert f"| `{str(default).lower()}` |" in in_table
    elif isinstance(default, int):
        assert f"| `{default}` |" in in_table
    elif isinstance(default, str):
        assert f'| `"{default}"` |' in in_table


def test_every_kind_and_the_entry_point_group_are_documented():
    for kind in CONNECTORS:
        assert f'`"{kind}"`' in DOC
    assert GROUP in DOC


def test_every_canonical_column_is_documented():
    for table in TABLES.values():
        row = next(line for line in DOC.splitlines() if line.startswith(f"| `{table.name}`"))
        required, optional = row.split("|")[2:4]
        for column in table.columns:
            assert f"`{column.name}`" in (required if column.required else optional)
        assert table.optional == ("may be left out" in row)


def test_the_example_from_files_runs(tmp_path):
    write(tmp_path, blocks("In ten minutes, from files"))
    export = tmp_path / "sources" / "export"
    export.mkdir()
    header = "invoice_no;partner;kind;issued;due;total\n"
    (export / "invoices_1.csv").write_bytes((header + "0001;07;R;31.01.2026;02.03.2026;1.234,56\n").encode("cp1252"))
    (export / "invoices_2.csv").write_bytes((header + "0002;07;G;01.02.2026;;-34,50\n").encode("cp1252"))
    (export / "receipts.csv").write_bytes(b"receipt_no;invoice_no;received;paid\nZ1;0001;03.03.2026;200,06\n")
    (export / "partners.csv").write_text("id,title,area\n07,Müller,EMEA\n", encoding="utf-8")
    settings = load(tmp_path)
    with open_connector(settings) as source:
        assert source.check().ok
        read = {name: frame for name in TABLES if (frame := source.read(name)) is not None}
    assert "fx_rates" not in read
    documents = cast(TABLES["documents"], read["documents"], settings.source.formats).rows
    assert documents["document_id"].to_list() == ["0001", "0002"]
    assert [float(amount) for amount in documents["amount"]] == [1234.56, -34.5]
    assert str(documents["due_date"][0]) == "2026-03-02"
    settlements = cast(TABLES["settlements"], read["settlements"], settings.source.formats).rows
    assert float(settlements["amount"][0]) == 200.06
    assert read["customers"].row(0, named=True) == {"customer_id": "07", "name": "Müller", "region": "EMEA"}


@pytest.mark.usefixtures("password")
def test_the_example_from_a_database_runs(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("AR_DB_PASSWORD", PASSWORD)
    with psycopg.connect(postgres.admin, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS ar_documents")
        connection.execute(
            "CREATE TABLE ar_documents (doc_no text, cust_no text, company text, doc_type text, doc_date date, "
            "posted_on date, due_on date, curr text, amount numeric(18,2), debit boolean)"
        )
        connection.execute(
            "INSERT INTO ar_documents VALUES "
            "('01', '7', 'HQ', 'DG', '2026-01-31', '2026-02-01', NULL, 'EUR', 5.10, false)"
        )
        connection.execute("GRANT SELECT ON ar_documents TO reader")
    files = blocks("In ten minutes, from files") | blocks("In ten minutes, from a database")
    address = "@db.example.com/erp"
    assert address in files["sources/ledger.toml"]
    here = f"@/postgres?host={postgres.folder}"
    files["sources/ledger.toml"] = files["sources/ledger.toml"].replace(address, here)
    # The page shows one of the three mappings.
    files["sources/customers.sql"] = "SELECT cust_no AS customer_id, 'a' AS name FROM ar_documents"
    files["sources/settlements.sql"] = "SELECT 1"
    write(tmp_path, files)
    with open_connector(load(tmp_path)) as source:
        assert source.check().ok, source.check().sentence
        documents = mapped(source, "documents")
        assert mapped(source, "customers").height == 1
    assert documents["kind"].to_list() == ["credit_memo"]
    assert [float(amount) for amount in documents["amount"]] == [-5.1]


def test_turning_a_sign_in_text_works_as_the_page_says(tmp_path):
    sign = re.search(r"write `(CASE WHEN [^`]+)`", DOC)
    assert sign, "docs/connectors.md no longer shows how a sign is turned"
    write(
        tmp_path,
        {
            "app.toml": 'reporting_currency = "USD"\nsource = "it"\n',
            "sources/r.csv": "kind,total\nG,5.00\nR,6.00\n",
            "sources/it.toml": "kind = 'files'\n[tables]\nr = 'r.csv'\n[mapping]\n"
            f'fx_rates = "SELECT kind AS currency, kind AS date, {sign[1]} AS rate FROM r"\n',
        },
    )
    with open_connector(load(tmp_path)) as source:
        assert mapped(source, "fx_rates")["rate"].to_list() == ["-5.00", "6.00"]
