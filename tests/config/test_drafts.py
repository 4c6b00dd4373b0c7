"""Settings files to begin with hold no secret, stand where they are put, and keep what was there."""

from __future__ import annotations

import tomllib

import pytest

from config import drafts
from config.drafts import SERVICES, Draft
from config.settings import load
from data_sources.registry import open_connector
from ledger.errors import ConfigError


@pytest.mark.parametrize(
    "options",
    [
        {"url": "postgresql://reader:geheim@host/erp"},
        {"url": "sqlite:///erp.sqlite?password=geheim"},
        {"url": "postgresql://reader:geh/eim@host/erp"},
        {"url": "mysql://h/erp?ssl_password=geheim"},
        {"url": "mssql+pyodbc:///?odbc_connect=DSN%3Derp%3BPWD%3Dgeheim"},
        {"secret_key": "rk_live_geheim"},
        {"client_id": "ok", "client_secret": "geheim"},
    ],
)
def test_a_secret_is_refused_and_not_repeated(options):
    with pytest.raises(ConfigError) as refused:
        Draft("ledger", "sql", options).text()
    assert "geheim" not in str(refused.value)
    assert "${" in str(refused.value)


def test_a_signed_path_is_refused():
    with pytest.raises(ConfigError, match="environment variable"):
        Draft("ledger", "files", tables={"a": {"path": "https://x/a.csv?sig=abc"}}).text()


def test_nothing_of_the_environment_comes_into_a_select():
    draft = Draft("ledger", "files", tables={"c": {"path": "c.csv"}}, mapping={"customers": "SELECT '${HOME}' AS name"})
    assert "$${HOME}" in draft.text()
    assert draft.variables() == []


def test_a_sign_that_toml_does_not_hold_is_escaped():
    draft = Draft(
        "ledger", "files", tables={"c": {"path": "a\x7fb.csv"}}, mapping={"customers": "SELECT '\x7f' AS name"}
    )
    read = tomllib.loads(draft.text())
    assert read["tables"]["c"] == "a\x7fb.csv"
    assert "\x7f" in read["mapping"]["customers"]


def test_variables_are_named_in_their_order():
    draft = Draft("ledger", "sql", {"url": "postgresql://${WHO}:${PASS}@h/$${no}", "x": "${WHO}"})
    assert draft.variables() == ["WHO", "PASS"]


def test_paths_that_move_with_the_file_are_anchored(tmp_path):
    tables = {"a": {"path": "in/*.csv"}, "b": {"path": "s3://bucket/b.parquet"}, "c": {"path": "${WHERE}/c.csv"}}
    anchored = Draft("ledger", "files", {"url": "sqlite:///erp.sqlite"}, tables).anchored(tmp_path)
    assert [one["path"] for one in anchored.tables.values()] == [
        str(tmp_path / "in/*.csv"),
        *[tables[n]["path"] for n in "bc"],
    ]
    assert anchored.options == {"url": f"sqlite:///{tmp_path / 'erp.sqlite'}"}


def test_a_file_that_is_there_is_kept_beside_the_new_one(tmp_path):
    file = tmp_path / "sources" / "ledger.toml"
    drafts.save(file, "one")
    drafts.save(file, "two")
    assert (file.read_text(), file.with_name("ledger.toml.before").read_text()) == ("two", "one")
    assert sorted(path.name for path in file.parent.iterdir()) == ["ledger.toml", "ledger.toml.before"]


def test_where_nothing_can_be_written_a_sentence_says_so(tmp_path):
    (tmp_path / "sources").write_text("a file in the way")
    with pytest.raises(ConfigError, match="cannot be written"):
        drafts.save(tmp_path / "sources" / "ledger.toml", "one")


@pytest.mark.parametrize("kind", sorted(SERVICES))
def test_what_a_service_asks_for_is_what_its_connector_reads(kind, tmp_path, monkeypatch):
    given = {key: "1" for key, (_, begun) in SERVICES[kind].fields.items() if not begun}
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "books.toml").write_text(drafts.of_service(kind, given), encoding="utf-8")
    (tmp_path / "app.toml").write_text(drafts.company("Mine", "EUR", "books"), encoding="utf-8")
    settings = load(tmp_path)
    for name in Draft("books", kind, settings.source.written).variables():
        monkeypatch.setenv(name, "x")
    with open_connector(settings) as source:
        assert "x" not in source.describe().split()


def test_a_company_of_its_own_has_a_store_of_its_own(tmp_path):
    stores = set()
    for folder in (tmp_path / "a" / "mine", tmp_path / "b" / "mine"):
        (folder / "sources").mkdir(parents=True)
        (folder / "app.toml").write_text(drafts.company("Mine", "EUR", "books"), encoding="utf-8")
        (folder / "sources" / "books.toml").write_text('kind = "files"\n', encoding="utf-8")
        stores.add(load(folder).store.path)
    assert stores == {tmp_path / "a" / "mine" / "data", tmp_path / "b" / "mine" / "data"}


def test_what_people_may_group_by_stands_there_to_be_uncommented():
    app = drafts.company("Mine", "EUR", "books", columns={"region"})
    assert '\nregion = "Region"\n# segment = "Segment"\n' in app
    assert tomllib.loads(app.replace("\n# ", "\n"))["dimensions"]["sales_rep"] == "Sales rep"


def test_the_columns_that_people_group_by_become_dimensions():
    app = tomllib.loads(drafts.company("Mine", "EUR", "books", columns={"region", "email", "collector"}))
    assert app["dimensions"] == {"entity": "Entity", "region": "Region", "collector": "Collector"}
