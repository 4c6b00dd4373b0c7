"""Every connector, over every kind of source, keeps the contract."""

from __future__ import annotations

import sqlite3

import polars as pl
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from ledger.cast import Formats
from tests.data_sources.conftest import PASSWORD
from tests.data_sources.contract import AMOUNTS, DATES, RAW, ConnectorContract, LedgerContract


def _tables(ending: str, **options: object) -> str:
    further = "".join(f", {name} = {value!r}" for name, value in options.items())
    return "\n".join(
        ['kind = "files"', "[tables]", *(f'{name} = {{ path = "{name}{ending}"{further} }}' for name in RAW)]
    )


class FilesContract(LedgerContract):
    """Files are read where they are; what changes when they are written to is their bytes."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path / "sources"
        self.folder.mkdir()

    def contents(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.suffix != ".toml"}


class TestCsv(FilesContract):
    @pytest.fixture
    def head(self):
        for name, frame in RAW.items():
            frame.write_csv(self.folder / f"{name}.csv")
        return _tables(".csv")


class TestPackedCsv(FilesContract):
    @pytest.fixture
    def head(self):
        for name, frame in RAW.items():
            frame.write_csv(self.folder / f"{name}.csv.gz", compression="gzip")
        return _tables(".csv.gz")


class TestEuropeanCsv(FilesContract):
    """Semicolons, UTF-16, commas for decimals, points for thousands, days first."""

    formats = 'date = "%d.%m.%Y"\ndecimal = ","\nthousands = "."'

    @property
    def read_formats(self):
        return Formats("%d.%m.%Y", ",", ".")

    @pytest.fixture
    def head(self):
        for name, frame in RAW.items():
            dates = [column for column in frame.columns if column in DATES]
            amounts = [column for column in frame.columns if column in AMOUNTS]
            european = frame.with_columns(
                pl.col(dates).str.to_date().dt.strftime("%d.%m.%Y"),
                pl.col(amounts)
                .str.replace("1234.56", "1.234,56", literal=True)
                .str.replace("1000000000.01", "1.000.000.000,01", literal=True)
                .str.replace(".06", ",06", literal=True)
                .str.replace("^(-?0)\\.", "$1,"),
            )
            text = european.write_csv(separator=";", line_terminator="\r\n")
            (self.folder / f"{name}.csv").write_bytes(text.encode("utf-16"))
        return _tables(".csv", delimiter=";", encoding="utf-16")


class TestCsvInParts(FilesContract):
    """One table in several files, whose columns stand in different orders, and a title above each header."""

    @pytest.fixture
    def head(self):
        for name, frame in RAW.items():
            for part, rows in enumerate((frame.head(1), frame.slice(1))):
                columns = frame.columns if part == 0 else frame.columns[::-1]
                text = "Report of the day\n" + rows.select(columns).write_csv()
                (self.folder / f"{name}_{part}.csv").write_text(text, encoding="utf-8")
        return _tables("_*.csv", skip_rows=1)


class TestParquet(FilesContract):
    @pytest.fixture
    def head(self, typed):
        for name, frame in typed.items():
            frame.write_parquet(self.folder / f"{name}.parquet")
        return _tables(".parquet")


class TestNdjson(FilesContract):
    @pytest.fixture
    def head(self):
        for name, frame in RAW.items():
            frame.write_ndjson(self.folder / f"{name}.ndjson")
        return _tables(".ndjson")


class TestExcel(FilesContract):
    """Ids as text cells, dates as dates, amounts as numbers, as a finance department keeps them."""

    @pytest.fixture
    def head(self, typed):
        for name, frame in typed.items():
            numbers = frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64))
            numbers.write_excel(self.folder / f"{name}.xlsx", "Data", autofit=False)
        return _tables(".xlsx", sheet="Data")


def _placed(place: str, further: str = "") -> str:
    named = (f'{name} = {{ path = "{place.format(name=name)}"{further} }}' for name in RAW)
    return "\n".join(['kind = "files"', "[tables]", *named])


class TestDelta(LedgerContract):
    """Folders that are known for Delta tables by their log."""

    place = "delta/{name}"

    @pytest.fixture
    def head(self, lake_folder):
        self.folder = lake_folder
        return _placed(f"{lake_folder}/{self.place}")

    def contents(self):
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


class TestIceberg(TestDelta):
    """Folders that are known for Iceberg tables by their metadata."""

    place = "iceberg/ar/{name}"


class TestParquetInAStore(LedgerContract):
    """One table in several files of an object store."""

    secret = "hushhush"  # noqa: S105 - of the store of the tests
    place = "parquet/{name}/*.parquet"
    further = ""

    @pytest.fixture
    def head(self, filled_bucket, storage_login):  # noqa: ARG002 - a fixture for its effect
        self.bucket = filled_bucket
        return _placed(f"{filled_bucket.address}/{self.place}", self.further)

    def contents(self):
        return self.bucket.contents()


class TestCsvInAStore(TestParquetInAStore):
    """Read as such files on this machine are."""

    place = "csv/{name}.csv.gz"
    further = ", skip_rows = 1"


class TestNdjsonInAStore(TestParquetInAStore):
    place = "ndjson/{name}.ndjson"


class TestDeltaInAStore(TestParquetInAStore):
    place = "delta/{name}"


class TestIcebergInAStore(TestParquetInAStore):
    place = "iceberg/ar/{name}"


class TestSqlite(LedgerContract):
    @pytest.fixture
    def head(self, ledger_sqlite):
        self.path = ledger_sqlite
        return 'kind = "sql"\nurl = "sqlite:///../erp.sqlite"'

    def contents(self):
        if not hasattr(self, "path"):
            return None
        with sqlite3.connect(f"file:{self.path}?mode=ro", uri=True) as connection:
            return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in (*RAW, "sqlite_master")]

    @pytest.fixture(autouse=True)
    def _there_before(self, head):
        """The source exists before its contents are first looked at."""


class PostgresContract(LedgerContract):
    secret = PASSWORD

    @pytest.fixture(autouse=True)
    def _server(self, postgres, password):
        self.server = postgres
        assert password == PASSWORD

    @pytest.fixture
    def head(self, postgres):
        return f'kind = "sql"\nurl = "{postgres.url()}"'

    def contents(self):
        with psycopg.connect(self.server.admin) as connection:
            tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
            names = [name for (name,) in connection.execute(tables).fetchall()]
            rows = SQL("SELECT * FROM {}")
            return {name: connection.execute(rows.format(Identifier(name))).fetchall() for name in names}


class TestPostgresInArrowBatches(PostgresContract):
    def test_it_takes_the_fast_path(self, opened):
        with opened() as source:
            source.read("documents")
            assert type(source._session).__name__ == "AdbcSession"


class TestPostgresThroughSqlalchemy(PostgresContract):
    @pytest.fixture(autouse=True)
    def _without_adbc(self, monkeypatch):
        monkeypatch.setattr("data_sources.sql.find_spec", lambda _: None)

    def test_it_takes_the_plain_path(self, opened):
        with opened() as source:
            source.read("documents")
            assert type(source._session).__name__ == "SqlalchemySession"


class TestPostgresAsOwner(TestPostgresInArrowBatches):
    """Even a user who may write cannot write through a mapping."""

    secret = ""

    @pytest.fixture
    def head(self, postgres):
        return f'kind = "sql"\nurl = "{postgres.admin}"'


class TestDemo(ConnectorContract):
    """The demonstration company has its own ledger; the laws of every connector hold for it too."""

    raw_table = "company"
    raw_column = "co_cd"
    mapping = {  # noqa: RUF012 - a table of the class, as in the contract
        "customers": "SELECT cust_no AS customer_id, name, country AS region FROM cust",
        "documents": """
            SELECT trx_no AS document_id, cust_no AS customer_id, co_cd AS entity, 'invoice' AS kind,
                trx_date AS document_date, curr_cd AS currency, '1.00' AS amount
            FROM ar_trx
        """,
        "settlements": """
            SELECT adj_id AS settlement_id, target_id AS document_id, adj_date AS settled_on, amt AS amount,
                'other' AS kind
            FROM ar_adj
        """,
    }

    @pytest.fixture
    def head(self):
        return 'kind = "demo"\ninvoices = 500'
