"""Settings: what the shipped ones say, and one plain sentence for each mistake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr

from config.settings import PROJECT, load
from config.validation import Section, validated
from ledger.aging import AgingRule
from ledger.cast import Formats
from ledger.errors import ConfigError

APP = 'reporting_currency = "USD"\nsource = "books"\n'
SOURCE = 'kind = "sql"\nurl = "sqlite:///erp.sqlite"\n[mapping]\ndocuments = "SELECT 1"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("OUTSTANDING_CONFIG", raising=False)
    (tmp_path / "sources").mkdir()
    (tmp_path / "app.toml").write_text(APP)
    (tmp_path / "sources" / "books.toml").write_text(SOURCE)
    return tmp_path


def sentence(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said


def test_the_shipped_settings_are_the_demonstration_company():
    settings = load()
    assert settings.company == "Meridian Supply Group"
    assert settings.reporting_currency == "USD"
    assert settings.source.kind == "demo"
    assert list(settings.dimensions) == ["entity", "region", "segment", "collector", "risk_class", "behaviour"]
    assert settings.aging == AgingRule()
    assert settings.window.default == "3mo"
    assert (settings.store.path, settings.store.keep) == (PROJECT.parent / "data", 10)
    assert settings.quality.max_quarantined_share == 0.01
    assert settings.currency.conversion == "booked"


def test_what_is_left_out_has_a_default(folder):
    settings = load(folder)
    assert settings.aging == AgingRule()
    assert settings.targets == {}
    assert settings.source.formats == Formats()
    assert list(settings.dimensions) == ["entity"]


def test_the_folder_is_the_argument_then_the_environment_then_the_projects(folder, monkeypatch):
    assert load(folder).folder == folder
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(folder))
    assert load().folder == folder
    monkeypatch.delenv("OUTSTANDING_CONFIG")
    assert load().folder == PROJECT


def test_every_setting_is_read(folder):
    (folder / "app.toml").write_text(
        APP + 'company = "Ünïted"\n[store]\npath = "elsewhere"\nkeep = 3\n'
        '[aging]\nedges = [15, 45]\nbasis = "document_date"\ncredits = "aged"\ndue_today = "overdue"\n'
        'last_day = "outside"\n[window]\ndefault = "90d"\n[quality]\nmax_quarantined_share = 0\n'
        '[currency]\nconversion = "closing"\n[dimensions]\nregion = "Gebiet"\nplant = "Plant"\n'
    )
    settings = load(folder)
    assert settings.company == "Ünïted"
    assert (settings.store.path, settings.store.keep) == (folder / "elsewhere", 3)
    assert settings.aging == AgingRule((15, 45), "document_date", "aged", "overdue", "outside")
    assert settings.window.default == "90d"
    assert settings.quality.max_quarantined_share == 0
    assert settings.currency.conversion == "closing"
    assert settings.dimensions == {"region": "Gebiet", "plant": "Plant"}


@pytest.mark.parametrize(
    ("app", "words"),
    [
        ("compny = 'x'\n" + APP, ["unknown key compny", "did you mean 'company'?"]),
        (APP + "[aging]\nedgs = [30]", ["unknown key aging.edgs", "did you mean 'edges'?"]),
        (APP + "[agng]\nedges = [30]", ["unknown key agng", "did you mean 'aging'?"]),
        (APP + "[aging]\nedges = [30, 30]", ["aging.edges is [30, 30]", "rising"]),
        (APP + "[aging]\nedges = [0, 30]", ["aging.edges", "rising"]),
        (APP + "[aging]\nedges = []", ["aging.edges", "rising"]),
        (APP + "[aging]\nedges = [30, '60']", ["aging.edges[1] is '60'", "whole number"]),
        (APP + "[aging]\nedges = 30", ["aging.edges is 30", "a list"]),
        (APP + "[aging]\nbasis = 'duedate'", ["aging.basis is 'duedate'", "'due_date', 'document_date'"]),
        (APP + "aging = 3", ["aging is 3", "a table"]),
        (APP + "[window]\ndefault = '3 months'", ["window.default is '3 months'", "'3mo'", "'90d'"]),
        (APP + "[window]\ndefault = '0d'", ["window.default is '0d'"]),
        (APP + "[store]\nkeep = '10'", ["store.keep is '10'", "whole number"]),
        (APP + "[store]\nkeep = -1", ["store.keep is -1", "greater than or equal to 1"]),
        (APP + "[quality]\nmax_quarantined_share = 2", ["quality.max_quarantined_share is 2", "equal to 1"]),
        (APP + "[currency]\nconversion = 'spot'", ["currency.conversion is 'spot'", "'booked'", "'closing'"]),
        (APP + "[dimensions]\nRegion = 'R'", ["dimensions has the name 'Region'", "small letters"]),
        (APP + "[dimensions]\n'sales area' = 'R'", ["dimensions has the name 'sales area'"]),
        (APP + "[dimensions]\namount = 'A'", ["dimensions has the name 'amount'", "reports"]),
        (APP + "[dimensions]\ncredit_limit = 'A'", ["dimensions has 'credit_limit'", "groups by text"]),
        (APP + "[dimensions]\ndocument_id = 'A'", ["dimensions has 'document_id'"]),
        (APP + "[dimensions]\nregion = ''", ["dimensions.region", "is empty"]),
        ('source = "books"', ["reporting_currency is missing"]),
        ('reporting_currency = "usd"\nsource = "books"', ["reporting_currency is 'usd'", "three capital letters"]),
        ('reporting_currency = "USD"\nsource = "boks"', ["boks.toml", "did you mean 'books.toml'?"]),
        (APP + "x = \n", ["not valid TOML", "line 3"]),
        (APP + "company = '${NOBODY_SETS_THIS}'", ["company", "NOBODY_SETS_THIS", "not set"]),
        (APP + "company = '${not a name}'", ["company", "${not a name}", "$${"]),
    ],
)
def test_a_mistake_in_app_toml_is_named(folder, app, words):
    (folder / "app.toml").write_text(app)
    said = sentence(folder)
    assert "app.toml" in said
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("[mapping]\ndocuments = 'SELECT 1'", ["kind is missing"]),
        ("kind = 3", ["kind is 3", "text in quotes"]),
        ("kind = 'sql'\n[mapping]\ndocumnets = 'SELECT 1'", ["mapping.documnets", "did you mean 'documents'?"]),
        ("kind = 'sql'\n[mapping]\ndocuments = ''", ["mapping.documents", "is empty"]),
        ("kind = 'sql'\n[mapping]\ndocuments = 'docs.sql'", ["mapping.documents names", "did you mean 'doc.sql'?"]),
        ("kind = 'sql'\n[mapping]\ndocuments = 'hollow.sql'", ["hollow.sql is empty"]),
        ("kind = 'sql'\n[formats]\ndecmal = ','", ["formats.decmal", "did you mean 'decimal'?"]),
        ("kind = 'sql'\n[formats]\ndecimal = ';'", ["formats.decimal is ';'", "'.' or ','"]),
        ("kind = 'sql'\n[formats]\ndecimal = ','\nthousands = ','", ["formats.decimal and formats.thousands"]),
        ("kind = 'sql'\n[formats]\nthousands = '0'", ["formats.thousands is '0'"]),
        ("kind = 'sql'\n[formats]\ndate = 'dd.mm.yyyy'", ["formats.date is 'dd.mm.yyyy'", "%d.%m.%Y"]),
        ("kind = 'sql'\nurl = ", ["not valid TOML", "line 2"]),
    ],
)
def test_a_mistake_in_a_source_file_is_named(folder, source, words):
    (folder / "sources" / "books.toml").write_text(source)
    (folder / "sources" / "doc.sql").write_text("SELECT 1")
    (folder / "sources" / "hollow.sql").write_text(" \n")
    said = sentence(folder)
    for word in ["sources", *words]:
        assert word in said


def test_all_mistakes_of_a_file_are_told_at_once(folder):
    (folder / "app.toml").write_text(APP + "compny = 'x'\n[aging]\nbasis = 'x'\n[window]\ndefault = 'x'\n")
    said = sentence(folder)
    assert re.search("compny.*;|;.*compny", said)
    assert "aging.basis" in said
    assert "window.default" in said


def test_missing_files_and_folders_are_named(folder):
    assert "no configuration folder" in sentence(folder / "nowhere")
    (folder / "app.toml").unlink()
    assert f"{folder / 'app.toml'} does not exist" in sentence(folder)


def test_a_file_that_is_not_utf_8_is_named(folder):
    (folder / "app.toml").write_bytes(b'company = "M\xfcller"\n' + APP.encode())
    assert "not UTF-8" in sentence(folder)


def test_variables_are_replaced_at_any_depth(folder, monkeypatch):
    monkeypatch.setenv("PLACE", "there")
    monkeypatch.setenv("FILE", "erp.csv")
    (folder / "app.toml").write_text(APP + 'company = "A ${PLACE} B $${PLACE} $1"\n[store]\npath = "${PLACE}/x"\n')
    (folder / "sources" / "books.toml").write_text(
        'kind = "files"\n[tables]\na = { path = "x/${FILE}" }\nb = ["${FILE}"]\n'
    )
    settings = load(folder)
    assert settings.company == "A there B ${PLACE} $1"
    assert settings.store.path == folder / "there/x"
    assert settings.source.options()["tables"] == {"a": {"path": "x/erp.csv"}, "b": ["erp.csv"]}


def test_a_connectors_variables_are_asked_for_when_it_is_opened(folder):
    (folder / "sources" / "books.toml").write_text('kind = "sql"\nurl = "x://u:${NOT_SET_ANYWHERE}@h/d"\n')
    source = load(folder).source
    with pytest.raises(ConfigError, match=r"books\.toml: url needs the environment variable NOT_SET_ANYWHERE"):
        source.options()


def test_secrets_may_come_from_elsewhere_and_the_environment_wins(folder, monkeypatch):
    (folder / "sources" / "books.toml").write_text('kind = "sql"\nurl = "${ONE}"\nother = "${TWO}"\n')
    monkeypatch.setenv("TWO", "from the environment")
    options = load(folder, {"ONE": "from secrets", "TWO": "hidden"}).source.options()
    assert options == {"url": "from secrets", "other": "from the environment"}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("x://u:${SECRET}@h/d", "x://u:p%40ss%2F%3A%251@h/d"),
        ("x://${SECRET}:y@h/d", "x://p%40ss%2F%3A%251:y@h/d"),
        ("${SECRET}", "p@ss/:%1"),
        ("x://h/${SECRET}", "x://h/p@ss/:%1"),
        ("x://u:y@h/d?password=${SECRET}", "x://u:y@h/d?password=p@ss/:%1"),
    ],
)
def test_a_password_in_a_url_may_hold_any_sign(folder, monkeypatch, url, expected):
    monkeypatch.setenv("SECRET", "p@ss/:%1")
    (folder / "sources" / "books.toml").write_text(f'kind = "sql"\nurl = "{url}"\n')
    assert load(folder).source.options()["url"] == expected


def test_settings_show_no_secret(folder, monkeypatch):
    monkeypatch.setenv("SECRET", "hush")
    (folder / "sources" / "books.toml").write_text('kind = "sql"\nurl = "x://u:${SECRET}@h"\npassword = "murmur"\n')
    settings = load(folder, {"OTHER": "whisper"})
    settings.source.options()
    assert not re.search("hush|murmur|whisper", repr(settings) + str(settings))


def test_a_wrong_secret_is_not_repeated(tmp_path):
    class Options(Section):
        password: SecretStr

    with pytest.raises(ConfigError, match="password") as caught:
        validated(Options, {"password": 123454321}, tmp_path / "x.toml")
    assert "123454321" not in str(caught.value)
    assert caught.value.__context__ is None


def test_mappings_are_read_from_files_beside_the_source(folder):
    (folder / "sources" / "docs.sql").write_text("\ufeffSELECT 1 AS document_id")
    (folder / "sources" / "books.toml").write_text(
        "kind = 'sql'\n[mapping]\ndocuments = 'docs.sql'\ncustomers = 'SELECT 2'\n"
    )
    source = load(folder).source
    assert source.mapping == {"documents": "SELECT 1 AS document_id", "customers": "SELECT 2"}
    assert source.origin("documents").endswith("docs.sql")
    assert source.origin("customers").endswith("books.toml, mapping.customers")


def test_settings_cannot_be_changed(folder):
    settings = load(folder)
    with pytest.raises(Exception, match="frozen"):
        settings.company = "other"
    with pytest.raises(TypeError):
        cast("dict[str, str]", settings.source.mapping)["documents"] = "other"
