"""The books of the demonstration company are the same wherever its tables lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from config.settings import load
from data_sources.refresh import refresh
from ledger.book import Book
from tests import servers
from tests.data_sources import lake_tables
from tests.data_sources.demo_company import company
from tests.refresh.test_changed import HISTORY

INVOICES = 500
BUCKET = "meridian"
APP = """
reporting_currency = "USD"
source = "it"
[store]
path = "{store}"
[dimensions]
entity = "Entity"
region = "Region"
"""


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return company(INVOICES).tables()


@pytest.fixture(scope="module")
def store(tables, tmp_path_factory):
    """An object store that holds the tables as files and as tables of lakes."""
    if missing := servers.object_store_missing():
        pytest.skip(missing)
    with servers.object_store() as server:
        server.bucket(BUCKET)
        here = tmp_path_factory.mktemp("company")
        keys = server.environment
        names = {"AWS_ENDPOINT_URL": "endpoint", "AWS_REGION": "region"}
        names |= {"AWS_ACCESS_KEY_ID": "access-key-id", "AWS_SECRET_ACCESS_KEY": "secret-access-key"}
        told = {f"s3.{name}": keys[variable] for variable, name in names.items()}
        with lake_tables.Catalogue(f"s3://{BUCKET}/iceberg", **told) as catalogue:
            for name, rows in tables.items():
                _in_parts(here, name, rows)
                lake_tables.delta(f"s3://{BUCKET}/delta/{name}", rows, {**keys, "allow_http": "true"})
                catalogue.table(name, rows)
        server.put_folder(BUCKET, here, "parquet/")
        yield server


@pytest.fixture
def _reader(store, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)


def _in_parts(folder: Path, name: str, rows: pl.DataFrame) -> None:
    """One table in three files."""
    (folder / name).mkdir(parents=True)
    part = rows.height // 3 + 1
    for number, some in enumerate(rows.iter_slices(part)):
        some.write_parquet(folder / name / f"part-{number}.parquet")


def _books(folder: Path, where: Callable[[str], str], names: list[str]) -> Book:
    """The books of a company whose raw tables are ``where`` says, mapped by SQL."""
    (folder / "sources").mkdir(parents=True)
    (folder / "app.toml").write_text(APP.format(store=folder / "store"), encoding="utf-8")
    raw = "\n".join(f'raw_{name} = "{where(name)}"' for name in names)
    mapping = "\n".join(f'{name} = "SELECT * FROM raw_{name}"' for name in names)
    (folder / "sources" / "it.toml").write_text(f'kind = "files"\n[tables]\n{raw}\n[mapping]\n{mapping}\n')
    # The planted rows that cannot be believed are more than one percent of so small a company.
    return refresh(load(folder), force=True)


@pytest.fixture(scope="module")
def from_parquet(tables, tmp_path_factory) -> Book:
    """The books from Parquet files on this machine."""
    folder = tmp_path_factory.mktemp("local")
    for name, rows in tables.items():
        _in_parts(folder / "export", name, rows)
    return _books(folder / "config", partial("{0}/export/{1}/*.parquet".format, folder), list(tables))


def _same(book: Book, wanted: Book) -> None:
    assert book.fingerprint == wanted.fingerprint
    assert wanted.about["rows_in"]["documents"] > INVOICES
    for name in sorted(wanted.frames.keys() - HISTORY):
        assert_frame_equal(book.frames[name], wanted.frames[name])


@pytest.mark.usefixtures("_reader")
@pytest.mark.parametrize("place", ["parquet/{}/*.parquet", "parquet/{}", "delta/{}", "iceberg/ar/{}"])
def test_from_an_object_store(tmp_path, tables, from_parquet, place):
    book = _books(tmp_path / "config", f"s3://{BUCKET}/{place}".format, list(tables))
    _same(book, from_parquet)


def test_from_delta_tables_on_this_machine(tmp_path, tables, from_parquet):
    for name, rows in tables.items():
        lake_tables.delta(tmp_path / "lake" / name, rows)
    _same(_books(tmp_path / "config", f"{tmp_path}/lake/{{}}".format, list(tables)), from_parquet)


def test_from_iceberg_tables_on_this_machine(tmp_path, tables, from_parquet):
    for name, rows in tables.items():
        lake_tables.iceberg(tmp_path / "lake", name, rows)
    _same(_books(tmp_path / "config", f"{tmp_path}/lake/ar/{{}}".format, list(tables)), from_parquet)
