"""Presets: which of the shipped files a source takes, and one plain sentence for each mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import presets
from config.settings import PROJECT, load
from ledger.aging import AgingRule
from ledger.cast import Formats
from ledger.errors import ConfigError
from ledger.schema import TABLES

PRESET = """
label = "An ERP"
versions = "1 and 2"
proven = "In this test."
dialects = ["postgresql", "sqlite", "mysql"]
[aging]
edges = [15, 45]
due_today = "overdue"
[parameters.version]
meaning = "the version of the ERP."
default = "1"
choices = ["1", "2"]
[parameters.company]
meaning = "the company whose books are read."
[words.sqlite]
join = "||"
[words.postgresql]
join = "&"
"""
FILES = {
    "documents.sql": "any {{company}}",
    "documents.sqlite.sql": "sqlite {{ company }}",
    "settlements.sql": "any",
    "settlements.2.sql": "two of {{version}}",
    "settlements.sqlite.sql": "sqlite",
    "customers.sql": "any",
    "customers.2.sqlite.sql": "two in sqlite",
    "verify.mysql.sql": "mysql only",
    "verify.postgresql.sql": "a {{join}} {{company}}",
    "verify.sqlite.sql": "a {{join}} {{company}}",
}
VERIFY = {"verify": "a || Us"}
SOURCE = 'kind = "sql"\nurl = "sqlite:///erp.sqlite"\npreset = "erp"\n[parameters]\ncompany = "Us"\n'


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "mappings"
    (folder / "erp").mkdir(parents=True)
    (folder / "erp" / "preset.toml").write_text(PRESET)
    for name, text in FILES.items():
        (folder / "erp" / name).write_text(text)
    monkeypatch.setattr(presets, "FOLDER", folder)
    return folder


@pytest.fixture
def settings(tmp_path, shipped):
    """Settings with this source file, and this below [aging]."""
    assert shipped == presets.FOLDER

    def of(source: str = SOURCE, aging: str = ""):
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "app.toml").write_text(f'reporting_currency = "USD"\nsource = "books"\n[aging]\n{aging}\n')
        (tmp_path / "sources" / "books.toml").write_text(source)
        return load(tmp_path)

    return of


def test_the_file_that_fits_most_precisely_is_taken(settings):
    assert settings().source.mapping == {
        "documents": "sqlite Us",
        "settlements": "sqlite",
        "customers": "any",
        **VERIFY,
    }
    two = settings(SOURCE + 'version = "2"').source
    assert two.mapping == {"documents": "sqlite Us", "settlements": "two of 2", "customers": "two in sqlite", **VERIFY}
    assert two.origin("customers").endswith("customers.2.sqlite.sql")


@pytest.mark.parametrize(
    ("url", "documents"),
    [
        ("postgresql+psycopg://h/d", "any Us"),
        ("mysql+pymysql://h/d", "any Us"),
        ("mariadb+pymysql://h/d", "any Us"),
        ("${ERP_URL}", "sqlite Us"),
    ],
)
def test_the_address_tells_the_kind_of_database(settings, monkeypatch, url, documents):
    monkeypatch.setenv("ERP_URL", "sqlite:///erp.sqlite")
    source = settings(SOURCE.replace("sqlite:///erp.sqlite", url)).source
    assert source.mapping["documents"] == documents
    assert (source.mapping["verify"] == "mysql only") == ("pymysql" in url)


def test_a_word_is_that_of_the_database(settings):
    assert settings().source.mapping["verify"] == "a || Us"
    other = settings(SOURCE.replace("sqlite:///erp.sqlite", "postgresql://h/d"))
    assert other.source.mapping["verify"] == "a & Us"


def test_a_part_can_be_written_beside_the_preset(settings):
    source = settings(SOURCE + "[mapping]\ndocuments = 'SELECT 1'\n").source
    assert source.mapping == {"documents": "SELECT 1", "settlements": "sqlite", "customers": "any", **VERIFY}
    assert source.origin("documents").endswith("books.toml, mapping.documents")


def test_messages_about_a_missing_name_say_what_the_preset_is_for(settings):
    chosen = SOURCE.replace("[parameters]", '[parameters]\nversion = "2"')
    source = settings(f'{chosen}[mapping]\nsettlements = "SELECT 1"\n').source
    shipped = source.expected(source.origin("documents"))
    assert shipped == "The preset 'erp' is for 1 and 2, here with version = 2; is that what is there?"
    assert source.expected(source.origin("settlements")) == "", "a mapping of one's own was written for what is there"


def test_a_preset_may_say_how_text_is_written(settings, shipped):
    file = shipped / "erp" / "preset.toml"
    file.write_text(PRESET + '[formats]\ndate = "%Y%m%d"\n')
    assert settings().source.formats == Formats(date="%Y%m%d")
    assert settings(SOURCE + '[formats]\ndecimal = ","\nthousands = "."').source.formats.date == "%Y-%m-%d"


def test_aging_follows_the_report_of_the_erp_and_what_is_set_beside_it(settings):
    assert settings(aging='preset = "erp"').aging == AgingRule(edges=(15, 45), due_today="overdue")
    beside = settings(aging='preset = "erp"\ndue_today = "current"\ncredits = "aged"').aging
    assert beside == AgingRule(edges=(15, 45), due_today="current", credits="aged")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (SOURCE.replace('"erp"', '"erq"'), r"books\.toml: preset is 'erq', which is no preset; did you mean 'erp'\?"),
        (SOURCE.replace('"sql"', '"files"'), r"the preset 'erp' is for kind = \"sql\", and kind is 'files'\."),
        (
            SOURCE.replace("sqlite:", "oracle:"),
            r"the preset 'erp' is written for postgresql, sqlite and mysql, not for oracle\.",
        ),
        (SOURCE.replace("company", "compny"), r"unknown key parameters\.compny: did you mean 'company'\?"),
        (SOURCE.replace('company = "Us"', ""), r"parameters\.company is missing: the company whose books are read\."),
        (SOURCE + 'version = "3"', r"parameters\.version is '3'; it must be one of 1, 2\."),
        (SOURCE.replace('"Us"', '"O\'Us"'), r"parameters\.company is 'O'Us', which cannot be: the company"),
        (
            SOURCE.replace('preset = "erp"\n', ""),
            r"parameters are those of a preset; name it, such as",
        ),
    ],
)
def test_a_mistake_is_one_sentence(settings, source, said):
    with pytest.raises(ConfigError, match=said) as caught:
        settings(source)
    assert "\n" not in str(caught.value)


def test_a_preset_without_a_report_is_no_rule_for_aging(settings, shipped):
    file = shipped / "erp" / "preset.toml"
    file.write_text(PRESET.replace('[aging]\nedges = [15, 45]\ndue_today = "overdue"\n', ""))
    with pytest.raises(ConfigError, match=r"app\.toml: aging\.preset is 'erp', which says nothing of aging"):
        settings(aging='preset = "erp"')


@pytest.mark.parametrize("name", presets.names())
def test_every_shipped_preset_is_whole(name):
    """It explains itself to people, maps what must be mapped, and asks for no place that it does not name."""
    preset = presets.read_preset(name, "a test")
    folder = preset.file.parent
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("# ")
    needed = {table.name for table in TABLES.values() if not table.optional}
    words = {word for own in preset.says.words.values() for word in own}
    assert not words & preset.says.parameters.keys()
    for dialect in preset.says.dialects:
        given = {key: _some(one) if one.default is None else one.default for key, one in preset.says.parameters.items()}
        assert needed <= preset.mapping(dialect, given, "a test").keys()
        assert preset.says.words.get(dialect, {}).keys() == words, dialect
    for file in folder.glob("*.sql"):
        asked = set(re.findall(r"\{\{\s*(\w+)\s*\}\}", file.read_text(encoding="utf-8")))
        assert asked <= preset.says.parameters.keys() | words, file
        table, *marks = file.name.removesuffix(".sql").split(".")
        known = {*preset.says.dialects, *(choice for one in preset.says.parameters.values() for choice in one.choices)}
        assert table in TABLES, file
        assert set(marks) <= known, file


@pytest.mark.parametrize("name", presets.names())
def test_the_docs_say_of_every_preset_what_it_says_of_itself(name):
    said = presets.read_preset(name, "a test").says
    row = f"| [`{name}`](../data_sources/mappings/{name}/README.md) | {said.versions} | {said.proven} |"
    assert " ".join(row.split()) in (PROJECT.parent / "docs" / "connectors.md").read_text(encoding="utf-8").splitlines()


def _some(parameter: presets.Parameter) -> str:
    """A value that ``parameter`` may have: an id, a currency or a company."""
    likely = (*parameter.choices, "437dbf0e-84ff-417a-965d-ed2bb9650972", "EUR", "A company")
    return next(one for one in likely if re.fullmatch(parameter.pattern, one))


def test_names_are_those_of_folders():
    assert presets.names() == sorted(file.parent.name for file in Path(presets.FOLDER).glob("*/preset.toml"))
