"""A source file that is opened and written again says the same, or it is not opened."""

from __future__ import annotations

import tomllib

import pytest

from config import drafts
from config.opening import opened
from config.source import source_of
from ledger.errors import ConfigError

FILES = """
kind = "files"   # a comment
[tables]
invoices = { path = "x/*.csv", delimiter = ";", encoding = "cp1252" }
"odd name" = "y.csv"
[formats]
date = "%d.%m.%Y"
decimal = ","
thousands = "."
[mapping]
customers = "SELECT '$${A}' AS customer_id, 'x' AS name FROM invoices"
documents = "documents.sql"
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "documents.sql").write_text("SELECT '${B}' AS document_id\nFROM invoices\n", encoding="utf-8")
    return tmp_path / "ledger.toml"


def meant(text, file):
    return source_of(tomllib.loads(text), "ledger", file, {})


@pytest.mark.parametrize(
    "text",
    [
        FILES,
        'kind = "sql"\nurl = "postgresql://reader:${PW}@host/erp"\n[mapping]\ncustomers = "SELECT 1 AS customer_id"\n',
        'kind = "sql"\nurl = "postgresql://host/erp"\npreset = "odoo"\n[parameters]\nversion = "17"\n',
        'kind = "stripe"\nsecret_key = "${STRIPE_KEY}"\n',
    ],
)
def test_what_is_opened_and_written_again_means_the_same(file, text):
    file.write_text(text, encoding="utf-8")
    again = opened(file).text()
    before, after = meant(text, file), meant(again, file)
    stripped = [{table: sql.strip() for table, sql in each.mapping.items()} for each in (before, after)]
    assert stripped[0] == stripped[1]
    said = [(each.kind, each.preset, each.formats, each.written) for each in (before, after)]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('kind = "demo"\n', 'kind = "demo" cannot be changed here'),
        ('kind = "sql"\nurl = "sqlite:///x"\n[changes]\ncolumn = "c"\n', "has changes, which cannot be changed here"),
        ('kind = "sql"\nurl = "postgresql://me:secret@host/erp"\n', "holds a password"),
        ('kind = "stripe"\nsecret_key = "rk_live"\n', "secret_key is a secret"),
        ('kind = "files"\n[tables]\na = ["x"]\n', "tables.a says what cannot be changed here"),
        ('kind = "files"\n[tables]\na = { path = "x", skip_rows = 3 }\n', "tables.a says what cannot be changed here"),
        ('kind = "files"\n[mapping]\ncustomers = "SELECT ${X}"\n', "mapping.customers names a variable"),
        ('kind = "files"\ntables = "a"\n', "tables must be a table"),
        ('kind = "sql"\npreset = "odoo"\n[mapping]\ncustomers = "SELECT 1"\n', "a preset and a [mapping] beside it"),
    ],
)
def test_what_would_be_lost_is_not_opened(file, text, why):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        opened(file)
    assert why in str(told.value)
    assert "secret@" not in str(told.value)
    assert "rk_live" not in str(told.value)


def test_every_earlier_text_of_a_file_is_kept(tmp_path):
    file = tmp_path / "ledger.toml"
    for text in ("one", "two", "three"):
        drafts.save(file, text)
    assert file.read_text() == "three"
    assert [(tmp_path / f"ledger.toml.before{end}").read_text() for end in ("", "-2")] == ["one", "two"]
