"""A SELECT made of what a person said is run by what it was made for, and the books come of it."""

from __future__ import annotations

import sqlite3
import tomllib
from datetime import date
from pathlib import Path

import polars as pl
import psycopg
import pytest

from config.drafts import Draft
from config.settings import Settings, load
from data_sources import mapping_sql, preview
from data_sources.mapping_sql import Answer
from data_sources.refresh import refresh
from data_sources.table_mapping import all_suggested, formats
from ledger.errors import SourceError

APP = 'company = "Muster"\nreporting_currency = "EUR"\nsource = "ledger"\n[store]\npath = "{store}"\n'
CUSTOMERS = [("K1", "Erste GmbH"), ("K2", "O'Hara & Söhne")]
INVOICES = [
    ("R1", "K1", "R", "05.01.2026", "04.02.2026", "1.200,50"),
    ("R2", "K2", "R", "15.01.2026", "14.02.2026", "300,00"),
    ("G1", "K1", "G", "20.01.2026", "20.01.2026", "100,00"),
]
PAYMENTS = [("Z1", "R2", "30.01.2026", "300,00")]
HEADS = {
    "kunden": ("Kundennummer", "Firma"),
    "rechnungen": ("Rechnungsnummer", "Kunde", "Belegart", "Rechnungsdatum", "Fälligkeit", "Betrag"),
    "zahlungen": ("Zahlungsnummer", "Rechnungsnummer", "Zahlungsdatum", "Betrag"),
}
ROWS = {"kunden": CUSTOMERS, "rechnungen": INVOICES, "zahlungen": PAYMENTS}


def made(folder: Path, source: str) -> Settings:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "app.toml").write_text(APP.format(store=(folder / "data").as_posix()), encoding="utf-8")
    (folder / "sources" / "ledger.toml").write_text(source, encoding="utf-8")
    return load(folder)


@pytest.fixture(params=["files", "sqlite"])
def begun(request, tmp_path):
    """A source without a mapping: the same three tables as CSV files and as a database."""
    if request.param == "files":
        for name, rows in ROWS.items():
            pl.DataFrame(rows, schema=list(HEADS[name]), orient="row").write_csv(
                tmp_path / f"{name}.csv", separator=";"
            )
        tables = "".join(f'{name} = {{ path = "../{name}.csv", delimiter = ";" }}\n' for name in ROWS)
        return made(tmp_path, f'kind = "files"\n[tables]\n{tables}')
    base = sqlite3.connect(tmp_path / "erp.sqlite")
    for name, rows in ROWS.items():
        columns = ", ".join(f'"{head}" TEXT' for head in HEADS[name])
        base.execute(f"CREATE TABLE {name} ({columns})")
        base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(HEADS[name]))})", rows)
    base.commit()
    base.close()
    return made(tmp_path, 'kind = "sql"\nurl = "sqlite:///../erp.sqlite"\n')


def test_what_is_suggested_becomes_the_books(begun):
    found = all_suggested(begun)
    assert found.keys() == {"customers", "documents", "settlements"}
    assert found["documents"].mapping.negative == ["G"], "a credit memo without a minus gets one"
    draft = Draft(
        "ledger",
        begun.source.kind,
        {key: said for key, said in begun.source.written.items() if isinstance(said, str)},
        begun.source.written.get("tables", {}),
        mapping={table: one.select for table, one in found.items()},
        formats=formats(["05.01.2026", "20.01.2026"], ["1.200,50"]),
    )
    begun.source.file.write_text(draft.text(), encoding="utf-8")
    book = refresh(load(begun.folder))
    assert book.about["accepted"] == {"customers": 2, "documents": 3, "settlements": 1}
    amounts = dict(book.frames["documents"].select("document_id", "amount_rep").iter_rows())
    assert {key: int(value) for key, value in amounts.items()} == {"R1": 120_050, "R2": 30_000, "G1": -10_000}


def test_the_sources_own_tables_are_listed_and_shown(begun):
    found = preview.browse(begun)
    assert found.ok
    assert dict(found.tables) == HEADS
    rows = preview.raw_rows(begun, "rechnungen", 2)
    assert rows.rows() == INVOICES[:2]
    with pytest.raises(SourceError, match="stock"):
        preview.raw_rows(begun, "stock", 2)


def test_tables_of_other_schemas_are_named_with_them(postgres, tmp_path):
    with psycopg.connect(postgres.admin, autocommit=True) as base:
        base.execute('DROP SCHEMA IF EXISTS "Sales" CASCADE')
        base.execute('CREATE SCHEMA "Sales"')
        base.execute('CREATE TABLE "Sales"."Open Items" (id int, "Due Date" date)')
        base.execute("""INSERT INTO "Sales"."Open Items" VALUES (1, '2026-01-31'), (2, '2026-02-28')""")
    settings = made(tmp_path, f'kind = "sql"\nurl = "{postgres.admin}"')
    name = '"Sales"."Open Items"'
    assert preview.browse(settings).tables[name] == ("id", "Due Date")
    assert preview.raw_rows(settings, name, 1).height == 1
    assert preview.spelling(settings).quoted("Due Date") == '"Due Date"'


def test_what_cannot_be_reached_is_a_sentence_without_the_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("AR_DB_PASSWORD", "geheim-42")
    url = "postgresql+psycopg://reader:${AR_DB_PASSWORD}@127.0.0.1:9/erp"
    found = preview.browse(made(tmp_path, f'kind = "sql"\nurl = "{url}"\nconnect_timeout = 2'))
    assert not found.ok
    assert "127.0.0.1" in found.sentence
    assert "geheim" not in found.sentence


def test_values_that_would_end_a_text_stay_inside_it():
    answers = {
        "name": Answer(constant="O'Hara"),
        "kind": Answer(column="type", values={"it's": "invoice"}),
        "amount": Answer(column="total", numeric=True),
    }
    written = mapping_sql.select("t", answers, mapping_sql.Spelling(str), ["it's"])
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (type, total)")
    base.executemany("INSERT INTO t VALUES (?, ?)", [("it's", 5), ("it's", -6), ("other", 7)])
    assert base.execute(written).fetchall() == [
        ("O'Hara", "invoice", -5),
        ("O'Hara", "invoice", -6),
        ("O'Hara", "other", 7),
    ]


def test_numbers_as_kinds_are_compared_as_numbers():
    answers = {"kind": Answer(column="type", values={"1": "invoice"}, numeric=True), "amount": Answer(column="total")}
    written = mapping_sql.select("t", answers, mapping_sql.Spelling(str), ["2"])
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (type INTEGER, total TEXT)")
    base.executemany("INSERT INTO t VALUES (?, ?)", [(1, "5,00"), (2, "6,00"), (2, "7,00-")])
    assert base.execute(written).fetchall() == [("invoice", "5,00"), (None, "-6,00"), (None, "7,00-")]


def test_a_draft_is_the_file_that_is_read():
    draft = Draft(
        "ledger",
        "files",
        tables={"a b": {"path": 'in "here"/*.csv', "delimiter": ";"}, "plain": {"path": "p.csv"}},
        mapping={"documents": "SELECT 'it''s' AS x\nFROM plain", "customers": "SELECT '''' AS y"},
        formats={"date": "%d.%m.%Y"},
    )
    read = tomllib.loads(draft.text())
    assert read["tables"] == {"a b": {"path": 'in "here"/*.csv', "delimiter": ";"}, "plain": "p.csv"}
    assert read["mapping"]["documents"].strip() == "SELECT 'it''s' AS x\nFROM plain"
    assert read["mapping"]["customers"].strip() == "SELECT '''' AS y"
    assert read["formats"] == {"date": "%d.%m.%Y"}


def test_another_version_of_an_erp_is_told_by_what_the_preset_was_written_for(tmp_path):
    sqlite3.connect(tmp_path / "erp.sqlite").close()
    database = f'kind = "sql"\nurl = "sqlite:///{tmp_path}/erp.sqlite"\npreset = "odoo"\n[parameters]\nversion = "17"\n'
    seen = preview.preview(made(tmp_path, database), date(2026, 1, 31))
    assert "The preset 'odoo' is for Odoo 16, 17 and 18" in seen.tables["customers"].problem
    assert "here with version = 17" in seen.tables["customers"].problem
    for name in ("bsid", "bsad", "kna1", "knb1", "t001"):
        (tmp_path / f"{name}.csv").write_text("A;B\n1;2\n", encoding="utf-8")
    tables = "".join(
        f'{name} = {{ path = "../{name}.csv", delimiter = ";" }}\n' for name in ("bsid", "bsad", "kna1", "knb1", "t001")
    )
    seen = preview.preview(
        made(tmp_path, f'kind = "files"\npreset = "sap_extract"\n[tables]\n{tables}'), date(2026, 1, 31)
    )
    assert "which its tables do not have" in seen.tables["customers"].problem
    assert "is that what is there?" in seen.tables["customers"].problem


def test_texts_are_joined_and_escaped_as_the_database_does():
    answers = {"kind": Answer(column="type", values={"C\\": "credit_memo"}), "amount": Answer(column="total")}
    plain = mapping_sql.select("t", answers, mapping_sql.Spelling(str), ["C\\"])
    mysql = mapping_sql.select("t", answers, mapping_sql.Spelling(str, concat=True, escapes=True), ["C\\"])
    assert "'-' || total" in plain
    assert "CONCAT('-', total)" in mysql
    assert "||" not in mysql, "there it means OR, and the amount would be 1"
    assert "'C\\\\'" in mysql


def test_the_words_themselves_lower_a_debt_where_the_first_rows_had_none_of_them():
    answers = {
        "kind": Answer(column="type", values={"CN": "credit_memo"}),
        "amount": Answer(column="total", numeric=True),
    }
    written = mapping_sql.select("t", answers, mapping_sql.Spelling(str), ["CN"])
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE t (type, total)")
    base.executemany("INSERT INTO t VALUES (?, ?)", [("CN", 5), ("payment", 6), ("invoice", 7)])
    assert [amount for _, amount in base.execute(written)] == [-5, -6, 7]


def test_numbers_that_can_be_read_in_two_ways_are_not_read_a_thousandfold():
    assert formats([], ["100.000", "250.500"]) == {}
