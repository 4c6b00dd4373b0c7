"""Connecting a source by the command line: presets, a settings file to begin with, a first look."""

from __future__ import annotations

import sqlite3
import tomllib

import pytest
from click.testing import CliRunner

from cli import cli
from config import presets
from config.settings import load
from config.source import SourceFile


def asked(folder, *words):
    return CliRunner().invoke(cli, ["--config", str(folder), "source", *words])


def refused(folder, *words):
    result = asked(folder, *words)
    assert result.exit_code == 1, result.output
    (line,) = result.stderr.splitlines()
    return line


@pytest.fixture
def database(tmp_path):
    base = sqlite3.connect(tmp_path / "erp.sqlite")
    base.executescript(
        "CREATE TABLE docs (id, cust, day, amount);"
        "INSERT INTO docs VALUES ('1', 'A', '2024-01-05', '10.00'), ('2', 'A', '2024-02-30', '5.00'),"
        " ('3', 'B', 'soon', '1');"
    )
    base.close()
    return f"sqlite:///{tmp_path / 'erp.sqlite'}"


def test_presets_are_listed_with_what_they_are_proven_by():
    result = CliRunner().invoke(cli, ["source", "presets"])
    assert result.exit_code == 0
    assert all(name in result.stdout for name in presets.names())


def test_a_source_is_begun_and_a_company_around_it(tmp_path):
    folder = tmp_path / "mine"
    result = asked(folder, "init", "erp", "--kind", "sql", "--url", "sqlite:///erp.sqlite", "--currency", "EUR")
    assert result.exit_code == 0, result.output
    assert "source test erp" in result.stdout
    settings = load(folder)
    assert (settings.reporting_currency, settings.source.name, settings.source.kind) == ("EUR", "erp", "sql")
    assert {"customers", "documents", "settlements"} <= set(settings.source.mapping)
    assert "document_id" in settings.source.mapping["documents"]


def test_nothing_is_written_over(tmp_path):
    assert asked(tmp_path, "init", "erp").exit_code == 0
    before = (tmp_path / "sources" / "erp.toml").read_text()
    assert "erp.toml is there already" in refused(tmp_path, "init", "erp", "--url", "sqlite:///other.sqlite")
    assert (tmp_path / "sources" / "erp.toml").read_text() == before
    second = asked(tmp_path, "init", "more")
    assert 'write source = "more"' in second.stdout


def test_a_password_is_neither_written_nor_repeated(tmp_path):
    said = refused(tmp_path, "init", "erp", "--url", "postgresql://reader:hush@host/erp")
    assert "hush" not in said
    assert "${AR_DB_PASSWORD}" in said
    assert not (tmp_path / "sources").exists()


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_can_be_begun(tmp_path, name):
    assert asked(tmp_path, "init", "erp", "--preset", name).exit_code == 0
    written = tomllib.loads((tmp_path / "sources" / "erp.toml").read_text(encoding="utf-8"))
    said = presets.read_preset(name, "a test").says
    assert SourceFile.model_validate({key: written[key] for key in SourceFile.model_fields if key in written})
    assert written["preset"] == name
    assert (written["kind"], set(said.tables) <= set(written.get("tables", {}))) == (said.kind, True)


def test_parameters_are_explained_and_only_the_needed_ones_asked_for(tmp_path):
    result = asked(
        tmp_path, "init", "erp", "--preset", "odoo", "--url", "sqlite:///x.sqlite", "--parameter", "version=17"
    )
    assert result.exit_code == 0, result.output
    text = (tmp_path / "sources" / "erp.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["parameters"] == {"version": "17"}
    assert 'One of: 16, 17, 18.\nversion = "17"' in text
    assert '\n# language = "en_US"\n' in text
    assert load(tmp_path).source.mapping.keys() >= {"documents", "verify"}


def test_files_are_named_as_they_are_given(tmp_path):
    assert asked(tmp_path, "init", "erp", "--kind", "files", "--table", "bills=in/bills_*.csv").exit_code == 0
    written = tomllib.loads((tmp_path / "sources" / "erp.toml").read_text(encoding="utf-8"))
    assert written["tables"] == {"bills": "in/bills_*.csv"}
    assert "NAME=VALUE" in refused(tmp_path, "init", "other", "--kind", "files", "--table", "bills")


def mapped(folder, database, **changed):
    """A company whose documents come from ``database`` and whose other tables are right."""
    tables = {
        "customers": "SELECT 'A' AS customer_id, 'One' AS name",
        "documents": (
            "SELECT id AS document_id, cust AS customer_id, 'E' AS entity, 'invoice' AS kind, day AS document_date,"
            " 'USD' AS currency, amount, 7 AS further FROM docs"
        ),
        "settlements": (
            "SELECT 'S' AS settlement_id, 'gone' AS document_id, '2024-01-09' AS settled_on, '1' AS amount,"
            " 'cash' AS kind"
        ),
        **changed,
    }
    (folder / "sources").mkdir(parents=True)
    (folder / "app.toml").write_text('reporting_currency = "USD"\nsource = "erp"\n')
    mapping = "\n".join(f'{name} = "{sql}"' for name, sql in tables.items())
    (folder / "sources" / "erp.toml").write_text(f'kind = "sql"\nurl = "{database}"\n[mapping]\n{mapping}\n')


def test_a_first_look_says_what_would_be_kept_out(tmp_path, database):
    mapped(tmp_path / "mine", database)
    result = asked(tmp_path / "mine", "test")
    assert result.exit_code == 0, result.output
    assert "read-only" in result.stdout
    assert "Only the first 100 rows of each table were read here: a refresh reads all of them." in result.stdout
    said = " ".join(result.stdout.split())
    assert "documents 3 2 document_date '2024-02-30' is not a date in the [formats] given (1×);" in said
    assert "document_date 'soon'" in said
    assert "further" in said
    assert "settlements 1 0" in said, "a settlement whose document was not looked at is no fault"
    assert not (tmp_path / "mine" / "data").exists()


def test_a_first_look_shows_rows_as_they_would_be_taken(tmp_path, database):
    mapped(tmp_path / "mine", database)
    result = asked(tmp_path / "mine", "test", "--rows", "2", "--table", "documents", "--format", "csv")
    assert result.stdout.splitlines() == [
        "document_id,customer_id,entity,kind,document_date,currency,amount",
        "1,A,E,invoice,2024-01-05,USD,10.00",
        "2,A,E,invoice,2024-02-30,USD,5.00",
    ]
    assert "gives no table 'verify'" in refused(tmp_path / "mine", "test", "--table", "verify")


def test_a_table_that_cannot_be_read_does_not_hide_the_others(tmp_path, database):
    mapped(tmp_path / "mine", database, settlements="SELECT 1 AS one FROM doc")
    result = asked(tmp_path / "mine", "test")
    assert result.exit_code == 1
    assert "did you mean 'docs'" in " ".join(result.stdout.split())
    assert "documents 3 2" in " ".join(result.stdout.split())


def test_another_source_than_the_companys_can_be_tried(tmp_path, database):
    mapped(tmp_path / "mine", database)
    (tmp_path / "mine" / "sources" / "next.toml").write_text('kind = "sql"\nurl = "sqlite:///nowhere.sqlite"\n')
    assert "nowhere.sqlite" in refused(tmp_path / "mine", "test", "next")


def test_a_service_is_begun_with_its_secrets_as_variables(tmp_path):
    folder = tmp_path / "mine"
    result = asked(folder, "init", "shop", "--kind", "xero", "--parameter", "tenant_id=45e4")
    assert result.exit_code == 0, result.output
    written = tomllib.loads((folder / "sources" / "shop.toml").read_text())
    assert written["tenant_id"] == "45e4"
    assert "${XERO_CLIENT_SECRET}" in written.values()
    assert "secret" in refused(folder, "init", "other", "--kind", "stripe", "--parameter", "secret_key=rk_live")
    assert "no key 'tenant'" in refused(folder, "init", "third", "--kind", "xero", "--parameter", "tenant=1")


def test_tables_are_listed_and_a_mapping_suggested(tmp_path, database):
    folder = tmp_path / "mine"
    assert asked(folder, "init", "erp", "--url", database).exit_code == 0
    assert "docs" in asked(folder, "tables", "erp").stdout
    assert "2024-02-30" in asked(folder, "tables", "erp", "--table", "docs").stdout
    assert "docs2" in refused(folder, "tables", "erp", "--table", "docs2")
    assert "--from documents=bills" in refused(folder, "suggest", "erp")
    base = sqlite3.connect(tmp_path / "erp.sqlite")
    base.execute("CREATE TABLE invoices (invoice_no, customer_id, invoice_date, total)")
    base.execute("INSERT INTO invoices VALUES ('1', 'A', '31.01.2024', '1.000,00')")
    base.commit()
    base.close()
    suggested = tomllib.loads(asked(folder, "suggest", "erp").stdout)
    assert "# documents.currency is taken to be 'USD' in every row" in asked(folder, "suggest", "erp").stdout
    assert suggested["formats"] == {"date": "%d.%m.%Y", "decimal": ",", "thousands": "."}
    assert "invoice_no AS document_id" in suggested["mapping"]["documents"]


def test_which_table_is_which_can_be_said(tmp_path):
    base = sqlite3.connect(tmp_path / "erp.sqlite")
    base.executescript(
        "CREATE TABLE [order] (invoice_no, customer_id, invoice_date, total);"
        "INSERT INTO [order] VALUES ('1', 'A', '2024-01-31', '10.00');"
        "CREATE TABLE invoices (invoice_no, customer_id, invoice_date, total);"
    )
    base.close()
    folder = tmp_path / "mine"
    assert asked(folder, "init", "erp", "--url", f"sqlite:///{tmp_path / 'erp.sqlite'}").exit_code == 0
    assert "2024-01-31" in asked(folder, "tables", "erp", "--table", "order").stdout, "no quotes are needed"
    assert "FROM invoices" in asked(folder, "suggest", "erp").stdout
    suggested = tomllib.loads(asked(folder, "suggest", "erp", "--from", "documents=order").stdout)
    assert 'FROM "order"' in suggested["mapping"]["documents"]
    assert "did you mean 'order'" in refused(folder, "suggest", "erp", "--from", "documents=orders")
    assert "did you mean 'documents'" in refused(folder, "suggest", "erp", "--from", "document=order")
    assert "not of the form TABLE=RAW" in refused(folder, "suggest", "erp", "--from", "order")


def test_a_template_that_was_not_filled_in_is_told_as_one(tmp_path, database):
    folder = tmp_path / "mine"
    assert asked(folder, "init", "erp", "--url", database).exit_code == 0
    said = " ".join(asked(folder, "test", "erp").stdout.split())
    for table in ("customers", "documents", "settlements"):
        assert f"erp.toml, mapping.{table} is still to be filled in: replace each … with a column or table" in said
