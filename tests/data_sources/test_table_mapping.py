"""A SELECT made of what a person said is run by what it was made for, and the books come of it."""

from __future__ import annotations

import sqlite3
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import psycopg
import pytest

from config.drafts import Draft
from config.settings import Settings, load
from data_sources import mapping_sql, preview
from data_sources.mapping_sql import Answer
from data_sources.refresh import refresh
from data_sources.table_mapping import RawTable, TableMapping, all_suggested, formats, suggested
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


def test_what_no_column_says_is_marked_as_assumed_and_another_companys_currency_is_not(begun):
    made = all_suggested(begun)["documents"].mapping
    assert made.constants == {"entity": "Muster", "currency": "EUR"}
    assert made.is_assumed("currency")
    made.constants["currency"] = "CHF"
    assert not made.is_assumed("currency"), "somebody said it"
    assert not made.is_assumed("document_id")
    raw = RawTable.read(begun, made.raw)
    beside_demo = begun.model_copy(update={"source": begun.source.model_copy(update={"kind": "demo"})})
    assert "currency" in suggested("documents", raw, beside_demo).missing("documents")


def test_a_kind_that_nobody_can_know_is_named(begun, monkeypatch):
    made = all_suggested(begun)["documents"].mapping
    assert made.unmeant == []
    monkeypatch.setattr(RawTable, "values", lambda *_: ["R", "XY", "credit_memo"])
    made.meant = ("", "")
    made.suggest_meanings("documents", RawTable.read(begun, made.raw))
    assert made.unmeant == ["XY"]


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
        base.execute("CREATE SCHEMA IF NOT EXISTS main")
        base.execute("CREATE TABLE IF NOT EXISTS main.ledger_of_main (x int)")
    settings = made(tmp_path, f'kind = "sql"\nurl = "{postgres.admin}"')
    name = '"Sales"."Open Items"'
    tables = preview.browse(settings).tables
    assert tables[name] == ("id", "Due Date")
    assert {"main.ledger_of_main", "belege"} <= tables.keys(), "main is not the usual one"
    assert preview.raw_rows(settings, "main.ledger_of_main", 1).height == 0
    assert preview.raw_rows(settings, name, 1).height == 1
    assert preview.raw_rows(settings, "Sales.Open Items", 2).height == 2, "no quotes are needed to name it"
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
    assert base.execute(written).fetchall() == [("invoice", "5,00"), ("2", "-6,00"), ("2", "7,00-")]


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


ODD = """
    DROP TABLE IF EXISTS "belege: 5%", customers, payments; DROP TYPE IF EXISTS sort;
    CREATE TYPE sort AS ENUM ('R', 'G', 'X');
    CREATE TABLE "belege: 5%" AS
        SELECT 'D' || i AS "Invoice %", 'K1' AS customer, DATE '2026-01-05' AS "Invoice Date", i * 10.5::money AS total,
            (CASE i WHEN 3 THEN 'G' WHEN 4 THEN 'X' ELSE 'R' END)::sort AS kind
        FROM generate_series(1, 4) AS i;
    CREATE TABLE customers AS SELECT 'K1' AS customer_id, 'One' AS name;
    CREATE TABLE payments AS
        SELECT 'Z1' AS payment_id, 'D1' AS invoice_id, DATE '2026-01-30' AS payment_date, 10.5::money AS amount;
"""


@pytest.mark.parametrize("driver", ["arrow", "sqlalchemy"])
def test_money_enumerations_and_odd_names_of_postgresql_become_the_books(postgres, tmp_path, monkeypatch, driver):
    if driver == "sqlalchemy":
        monkeypatch.setattr("data_sources.sql.find_spec", lambda _: None)
    with psycopg.connect(postgres.admin, autocommit=True) as base:
        base.execute(ODD)
    head = f'kind = "sql"\nurl = "{postgres.admin.replace("postgresql:", "postgresql+psycopg:")}"\n'
    begun = made(tmp_path, head)
    name = '"belege: 5%"'
    assert preview.raw_rows(begun, name, 1)["total"].item() == Decimal("10.50"), "not 1050, as the driver has it"
    found = all_suggested(begun, {"documents": "belege: 5%"})
    assert "total::numeric" in found["documents"].select
    assert found["documents"].mapping.negative == ["G"]
    draft = Draft(
        "ledger", "sql", {"url": begun.source.written["url"]}, mapping={k: v.select for k, v in found.items()}
    )
    begun.source.file.write_text(draft.text(), encoding="utf-8")
    seen = preview.preview(load(tmp_path), date(2026, 1, 31))
    documents = seen.tables["documents"]
    assert documents.problem == ""
    assert documents.rows["amount"].to_list() == [
        Decimal("10.50"),
        Decimal("21.00"),
        Decimal("-31.50"),
        Decimal("42.00"),
    ]
    assert documents.kept_out["reason"].str.contains("kind 'X'").to_list() == [True]
    assert seen.tables["settlements"].rows["amount"].to_list() == [Decimal("10.50")]


@pytest.mark.parametrize("kind", ["files", "sqlite"])
def test_kinds_that_come_late_are_known_with_their_sign(tmp_path, kind):
    rows = [(f"R{i}", "Rechnung", "5.00") for i in range(300)] + [("G1", "Gutschrift", "7.00"), ("?", "Sonstiges", "1")]
    heads = ("invoice_no", "type", "amount")
    if kind == "files":
        pl.DataFrame(rows, schema=list(heads), orient="row").write_csv(tmp_path / "invoices.csv")
        begun = made(tmp_path, 'kind = "files"\n[tables]\ninvoices = "../invoices.csv"\n')
    else:
        base = sqlite3.connect(tmp_path / "erp.sqlite")
        base.execute("CREATE TABLE invoices (invoice_no, type, amount)")
        base.executemany("INSERT INTO invoices VALUES (?, ?, ?)", rows)
        base.commit()
        base.close()
        begun = made(tmp_path, 'kind = "sql"\nurl = "sqlite:///../erp.sqlite"\n')
    mapping = all_suggested(begun)["documents"].mapping
    assert mapping.meanings == {"Rechnung": "invoice", "Gutschrift": "credit_memo"}
    assert mapping.negative == ["Gutschrift"], "it is written without a minus, far below the first rows"
    counted = preview.raw_values(begun, "invoices", "type", 2)
    assert counted.rows() == [("Rechnung", 300), *counted.rows()[1:]]
    assert counted.height == 2


def test_kinds_of_the_first_rows_are_taken_where_the_source_does_not_answer(begun, monkeypatch):
    raw = RawTable.read(begun, "rechnungen")

    def silent(*_):
        raise SourceError("It took longer than 600 s.")

    monkeypatch.setattr(preview, "raw_values", silent)
    monkeypatch.setattr(preview, "raw_rows", silent)
    assert raw.values("Belegart") == ["R", "G"]
    assert raw.having("Belegart", ["G"]).height == 3


def test_a_column_of_kinds_that_was_chosen_by_hand_has_its_meanings_suggested(begun):
    raw = RawTable.read(begun, "rechnungen")
    mapping = TableMapping("rechnungen", {"amount": "Betrag"})
    assert not mapping.suggest_meanings("documents", raw) or not mapping.meanings
    mapping.columns["kind"] = "Belegart"
    assert mapping.suggest_meanings("documents", raw)
    assert (mapping.meanings, mapping.negative) == ({"R": "invoice", "G": "credit_memo"}, ["G"])
    mapping.meanings["R"] = "debit_memo"
    assert not mapping.suggest_meanings("documents", raw), "what a person said stays"
    mapping.columns["amount"] = "Kunde"
    assert mapping.suggest_meanings("documents", raw)
    assert mapping.meanings["R"] == "debit_memo", "another amount changes no kind"


def test_names_that_sql_reserves_are_quoted_where_they_are_given():
    answers = {"group": Answer(column="order"), "region": Answer(column="area")}
    spelled = mapping_sql.Spelling(lambda name: f'"{name}"' if name in ("group", "order") else name)
    written = mapping_sql.select("t", answers, spelled)
    base = sqlite3.connect(":memory:")
    base.execute('CREATE TABLE t ("order", area)')
    base.execute("INSERT INTO t VALUES (1, 'N')")
    assert base.execute(written).fetchall() == [(1, "N")]


def test_a_table_that_is_named_wrong_has_the_nearest_suggested():
    assert preview.written("order", ['"order"', "orders"]) == '"order"'
    with pytest.raises(SourceError, match="did you mean 'invoices'"):
        preview.written("invoice", ["invoices", "kunden"])
    with pytest.raises(SourceError, match="no table 'x'"):
        preview.written("x", [])
