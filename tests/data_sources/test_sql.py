"""The SQL connector against real servers: read-only, in time, in one state, and clear when something is wrong."""

from __future__ import annotations

import datetime as dt
import re
import socket
import sqlite3
import traceback
from decimal import Decimal
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg
import pyarrow as pa
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from config.settings import load
from data_sources.database_errors import scrubbed, secrets_of
from data_sources.postgres import AdbcSession
from data_sources.registry import open_connector
from data_sources.sessions import Limits, SqlalchemySession, SqliteSession
from ledger.cast import Formats, cast
from ledger.errors import ConfigError, OutstandingError, SourceError
from ledger.schema import TABLES

# What SQLAlchemy, ADBC, and Arrow while it streams, raise.
REFUSALS = (DBAPIError, adbc.Error, pa.ArrowException)
LIMITS = Limits(connect=5, statement=30)
RATES = "SELECT 'USD' AS currency, '2026-01-01' AS date, {} AS rate"


@pytest.fixture
def source(tmp_path):
    """Open the connector for an address, with a mapping of ``fx_rates``."""
    opened = []

    def open_(url: str, sql: str = RATES.format(1), options: str = ""):
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
        text = f"kind = 'sql'\nurl = '{url}'\n{options}\n[mapping]\nfx_rates = '''{sql}'''\n"
        (tmp_path / "sources" / "it.toml").write_text(text)
        opened.append(open_connector(load(tmp_path)))
        return opened[-1]

    yield open_
    for connector in opened:
        connector.close()


@pytest.fixture(params=["arrow", "sqlalchemy"])
def path(request, monkeypatch):
    """Both ways to read PostgreSQL."""
    if request.param == "sqlalchemy":
        monkeypatch.setattr("data_sources.sql.find_spec", lambda _: None)
    return request.param


def sentence(connector, never: str = "") -> str:
    """What reading says, and what checking says instead of raising."""
    with pytest.raises(OutstandingError) as caught:
        connector.read("fx_rates")
    said = str(caught.value)
    assert "\n" not in said
    if never:
        assert never not in "".join(traceback.format_exception(caught.value))
        assert never not in connector.check().sentence
    return said


class TestSqlite:
    @pytest.fixture
    def database(self, tmp_path) -> Path:
        return tmp_path / "erp.sqlite"

    @pytest.fixture
    def filled(self, database):
        def fill(column: str, values: list) -> Path:
            with sqlite3.connect(database) as connection:
                connection.execute(f"CREATE TABLE t ({column})")
                connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
            connection.close()
            return database

        return fill

    @pytest.mark.parametrize(
        ("column", "values", "expected", "dtype"),
        [
            ("x TEXT", ["001", None], ["001", None], pl.String),
            ("x INTEGER", [1, None], [1, None], pl.Int64),
            ("x REAL", [1, 2.5], [1.0, 2.5], pl.Float64),
            ("x NUMERIC", [100, 100.5], [100.0, 100.5], pl.Float64),
            ("x", ["A7", 7, 2.5, None], ["A7", "7", "2.5", None], pl.String),
            ("x", [1e20, "x"], ["100000000000000000000", "x"], pl.String),
            ("x", [b"caf\xc3\xa9", "x"], ["café", "x"], pl.String),
            ("x BLOB", [b"\xff\x00"], ["ff00"], pl.String),
            ("x", [None, None], [None, None], pl.String),
            ("x", [], [], pl.String),
            ("x INTEGER", [2**63 - 1, -(2**63)], [2**63 - 1, -(2**63)], pl.Int64),
        ],
    )
    def test_values_keep_their_type_and_mixed_columns_are_text(self, filled, column, values, expected, dtype):
        session = SqliteSession(filled(column, values), LIMITS)
        frame = session.frame("SELECT x FROM t")
        session.close()
        assert frame["x"].dtype == dtype
        assert frame["x"].to_list() == expected

    def test_a_column_may_change_its_kind_far_below(self, filled):
        session = SqliteSession(filled("x", [*range(25_000), "last"]), LIMITS)
        column = session.frame("SELECT x FROM t")["x"]
        session.close()
        assert (column.dtype, column[0], column[24_999], column[25_000]) == (pl.String, "0", "24999", "last")

    @pytest.mark.parametrize(
        "sql",
        ["DELETE FROM t", "INSERT INTO t VALUES (2)", "DROP TABLE t", "CREATE TABLE u (x)", "PRAGMA user_version = 9"],
    )
    def test_the_database_itself_refuses_to_be_changed(self, filled, sql):
        database = filled("x", [1])
        before = database.read_bytes()
        session = SqliteSession(database, LIMITS)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            session._connection.execute(sql)
        session.close()
        assert database.read_bytes() == before

    def test_all_tables_are_read_in_one_state(self, filled):
        database = filled("x", [1])
        with sqlite3.connect(database) as other:
            other.execute("PRAGMA journal_mode = WAL")
            session = SqliteSession(database, LIMITS)
            first = session.frame("SELECT x FROM t").height
            other.execute("INSERT INTO t VALUES (2)")
            other.commit()
            assert session.frame("SELECT x FROM t").height == first
            session.close()
        other.close()

    def test_a_query_that_takes_too_long_is_stopped(self, source, filled):
        filled("x", [1])
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        endless += "SELECT 'EUR' AS currency, '2024-01-01' AS date, i AS rate FROM n"
        connector = source("sqlite:///../erp.sqlite", endless, "statement_timeout = 1")
        assert re.search(r"took longer than 1 s; raise statement_timeout in .*it\.toml", sentence(connector))

    def test_a_missing_file_suggests_the_nearest_and_is_not_made(self, source, filled, tmp_path):
        filled("x", [1])
        said = sentence(source("sqlite:///../epr.sqlite"))
        assert "epr.sqlite, which does not exist; did you mean 'erp.sqlite'?" in said
        assert not (tmp_path / "epr.sqlite").exists()

    def test_a_file_that_is_no_database_is_named(self, source, database):
        database.write_text("this is no database, whatever its name may say")
        said = sentence(source("sqlite:///../erp.sqlite"))
        assert "erp.sqlite" in said
        assert "not a database" in said

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
    def test_a_database_in_memory_is_refused(self, source, url):
        with pytest.raises(ConfigError, match="names no file"):
            source(url)

    def test_no_rows_is_an_answer(self, source, filled):
        filled("x", [])
        frame = source("sqlite:///../erp.sqlite", RATES.format("x") + " FROM t").read("fx_rates")
        assert frame.shape == (0, 3)

    def test_a_name_with_spaces_and_signs_is_found(self, source, tmp_path):
        with sqlite3.connect(tmp_path / "my erp #1 ü.sqlite"):
            pass
        assert source("sqlite:///../my erp #1 ü.sqlite").read("fx_rates").height == 1


class TestPostgres:
    @pytest.fixture(params=["arrow", "sqlalchemy"])
    def session(self, request, postgres):
        url = make_url(postgres.admin).set(drivername="postgresql+psycopg")
        session = (AdbcSession if request.param == "arrow" else SqlalchemySession)(url, LIMITS)
        yield session
        session.close()

    @pytest.mark.parametrize(
        ("sql", "expected", "dtype"),
        [
            ("'001'::text", "001", pl.String),
            ("1234.50::numeric(18,2)", Decimal("1234.50"), pl.Decimal),
            ("0.000001::numeric", Decimal("0.000001"), pl.Decimal),
            ("12345678901234567890.12::numeric", Decimal("12345678901234567890.12"), pl.Decimal),
            ("1.5::float8", 1.5, pl.Float64),
            ("7::int", 7, None),
            ("true", True, pl.Boolean),
            ("date '2026-02-28'", dt.date(2026, 2, 28), pl.Date),
            ("timestamp '2026-02-28 10:00'", dt.datetime(2026, 2, 28, 10), pl.Datetime),  # noqa: DTZ001
            ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", pl.String),
            ("'x'::char(3)", "x  ", pl.String),
            ("null::text", None, pl.String),
            ("'5% of :x %(y)s'", "5% of :x %(y)s", pl.String),
        ],
    )
    def test_values_keep_their_type(self, session, sql, expected, dtype):
        column = session.frame(f"SELECT {sql} AS x")["x"]
        assert column.to_list() == [expected]
        assert dtype is None or column.dtype.base_type() == dtype

    def test_a_number_that_is_none_leaves_the_others_as_they_are(self, session):
        column = session.frame("SELECT v::numeric AS x FROM (VALUES ('1.50'), ('NaN'), ('-2')) AS t (v)")["x"]
        assert [text.lower() for text in column.to_list()] == ["1.50", "nan", "-2"]

    def test_types_without_a_counterpart_arrive_as_text(self, session):
        frame = session.frame('SELECT \'{"a": 1}\'::jsonb AS "a b", interval \'1 day\' AS i, \'x\' AS "q""t"')
        assert frame.columns == ["a b", "i", 'q"t']
        assert frame["i"].dtype == pl.String

    @pytest.mark.parametrize("typed", ["money", "cash"])
    def test_money_is_known_as_what_it_is(self, session, postgres, typed):
        with psycopg.connect(postgres.admin, autocommit=True) as connection:
            connection.execute("DROP DOMAIN IF EXISTS cash; CREATE DOMAIN cash AS money")
        session.frame(f'SELECT 12.34::{typed} AS "To%tal", 12.34::{typed}::numeric AS rest')
        assert session.money == {"To%tal"}
        session.frame("SELECT 1 AS x")
        assert session.money == set()

    @pytest.mark.parametrize(
        ("sql", "expected"),
        [
            ("ARRAY[1, 2]", None),
            ("interval '1 day'", None),
            ("CAST(1234567.25 AS real)", 1234567.2),
            ("4294967295::oid", 4294967295),
            ("'NaN'::float8", None),
            ("0.1::numeric + 0.2::numeric", Decimal("0.3")),
        ],
    )
    def test_an_odd_type_is_the_right_amount_or_none(self, session, sql, expected):
        read = cast(TABLES["documents"], session.frame(f"SELECT {sql} AS amount"), Formats())
        assert read.rows["amount"].item() == (None if expected is None else Decimal(str(expected)))
        assert read.unreadable["amount"].item() == (expected is None)

    def test_a_number_beside_one_that_is_none_is_never_read_a_thousandfold(self, session):
        frame = session.frame("SELECT v::numeric AS amount FROM (VALUES ('1.234'), ('NaN'), ('-12.500')) AS t (v)")
        german = cast(TABLES["documents"], frame, Formats(decimal=",", thousands="."))
        assert german.rows["amount"].to_list() == [None, None, None]
        assert cast(TABLES["documents"], frame, Formats()).rows["amount"].to_list()[0] == Decimal("1.234")

    def test_amounts_of_many_batches_are_exact(self, session):
        frame = session.frame("SELECT i AS id, i / 100.0 AS x FROM generate_series(1, 30000) AS i ORDER BY i")
        assert frame["x"].cast(pl.Decimal(38, 2)).sum() == Decimal("4500150.00")
        assert frame["id"].to_list() == list(range(1, 30001))

    @pytest.mark.parametrize(
        "sql",
        [
            "WITH gone AS (DELETE FROM belege RETURNING *) SELECT * FROM gone",
            "SELECT setval('s', 1) FROM (SELECT 1) AS x",
        ],
    )
    def test_the_database_itself_refuses_to_be_changed(self, session, postgres, sql):
        with psycopg.connect(postgres.admin, autocommit=True) as connection:
            connection.execute("CREATE SEQUENCE IF NOT EXISTS s")
            with pytest.raises(REFUSALS, match=r"read-only|data-modifying"):
                session.frame(sql)
            assert connection.execute("SELECT count(*) FROM belege").fetchone() == (4,)

    def test_all_tables_are_read_in_one_state(self, session, postgres):
        with psycopg.connect(postgres.admin, autocommit=True) as other:
            other.execute("CREATE TABLE IF NOT EXISTS moving (x int)")
            first = session.frame("SELECT x FROM moving").height
            other.execute("INSERT INTO moving VALUES (1)")
            assert session.frame("SELECT x FROM moving").height == first

    def test_the_transaction_is_the_promised_one(self, session):
        frame = session.frame(
            "SELECT current_setting('transaction_isolation') AS i, current_setting('transaction_read_only') AS r, "
            "current_setting('statement_timeout') AS t"
        )
        assert frame.row(0) == ("repeatable read", "on", "30s")


class TestPostgresTrouble:
    @pytest.mark.usefixtures("path")
    def test_a_wrong_password_is_refused_and_not_shown(self, source, postgres, monkeypatch):
        monkeypatch.setenv("TEST_PASSWORD", "n0t-the-right/one@all")
        said = sentence(source(postgres.url()), never="n0t-the-right")
        assert re.search(r"refused the user name or the password; check url in .*it\.toml", said)

    @pytest.mark.usefixtures("path", "password")
    def test_a_missing_database_is_named(self, source, postgres):
        said = sentence(source(postgres.url(database="epr")))
        assert "database epr" in said
        assert "does not exist" in said

    @pytest.mark.usefixtures("path")
    @pytest.mark.parametrize("host", ["localhost:1", "no-such-host.invalid"])
    def test_an_unreachable_server_is_named(self, source, host):
        said = sentence(source(f"postgresql+psycopg://reader:hushhush@{host}/erp"), never="hushhush")
        assert f"database erp on {host} as reader cannot be reached" in said

    @pytest.mark.usefixtures("path")
    def test_a_server_that_does_not_answer_is_given_up(self, source):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"postgresql+psycopg://reader:hushhush@127.0.0.1:{silent.getsockname()[1]}/erp"
            connector = source(url, options="connect_timeout = 2")
            with pytest.raises(SourceError, match="cannot be reached"):
                connector.read("fx_rates")

    @pytest.mark.usefixtures("path", "password")
    def test_a_table_that_may_not_be_read_is_named(self, source, postgres):
        said = sentence(source(postgres.url(), RATES.format("x") + " FROM hidden"))
        assert "mapping.fx_rates may not be read by this user" in said
        assert "hidden" in said

    @pytest.mark.usefixtures("path", "password")
    @pytest.mark.parametrize("name", ["rate", "currency", "date"])
    def test_money_is_refused_in_whatever_column_it_comes(self, source, postgres, name):
        columns = {"currency": "'USD'", "date": "DATE '2026-01-01'", "rate": "1.5"} | {name: "12.34::money"}
        sql = "SELECT " + ", ".join(f'{said} AS "{column.upper()}"' for column, said in columns.items())
        said = sentence(source(postgres.url(), sql))
        assert f"mapping.fx_rates returns '{name}' for fx_rates as PostgreSQL's type money" in said
        assert f"total::numeric AS {name}." in said

    @pytest.mark.usefixtures("path", "password")
    @pytest.mark.parametrize("day", ["'infinity'::date", "'-infinity'::timestamp", "DATE '0044-03-15 BC'"])
    def test_a_day_beyond_the_calendar_is_refused(self, source, postgres, day):
        said = sentence(source(postgres.url(), f"SELECT 'USD' AS currency, {day} AS date, 1 AS rate"))
        assert re.search(r"mapping\.fx_rates .*(returns a day .* in 'date'|too (large|small))", said)

    @pytest.mark.usefixtures("path", "password")
    def test_money_in_a_column_that_nothing_uses_is_no_trouble(self, source, postgres):
        assert source(postgres.url(), RATES.format("1.5") + ", 12.34::money AS other").read("fx_rates").height == 1

    @pytest.mark.usefixtures("path", "password")
    def test_a_query_that_takes_too_long_is_stopped(self, source, postgres):
        connector = source(postgres.url(), RATES.format("pg_sleep(20)::text"), "statement_timeout = 1")
        assert "mapping.fx_rates took longer than 1 s" in sentence(connector)

    @pytest.mark.usefixtures("path", "password")
    def test_what_goes_wrong_far_below_is_told_as_well(self, source, postgres):
        late = (
            "SELECT i::text AS currency, i::text AS date, 1 / (90000 - i) AS rate FROM generate_series(1, 99999) AS i"
        )
        said = sentence(source(postgres.url(), late))
        assert said.endswith("mapping.fx_rates cannot be read; the database says: division by zero.")

    @pytest.mark.usefixtures("path", "password")
    def test_after_a_mistake_the_next_table_can_be_read(self, source, postgres):
        connector = source(postgres.url(), RATES.format("nothing"))
        sentence(connector)
        connector._source = connector._source.model_copy(update={"mapping": {"fx_rates": RATES.format("1.5")}})
        assert connector.read("fx_rates").height == 1


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("mysql+cymysql://u:hushhush@h/d", "needs the driver cymysql; install it with: pip install cymysql"),
            ("mysql+mysqldb://u:hushhush@h/d", "needs the driver MySQLdb; install it with: pip install mysqlclient"),
            ("postgresql+psycopg2://u:hushhush@h/d", "pip install psycopg2-binary"),
            ("foo://u:hushhush@h/d", "starts with 'foo', which no installed package knows"),
        ],
    )
    def test_a_missing_driver_is_named_with_what_to_install(self, source, monkeypatch, url, said):
        monkeypatch.setattr("data_sources.sql.find_spec", lambda _: None)
        assert said in sentence(source(url), never="hushhush")

    @pytest.mark.parametrize("url", ["hushhush", "postgresql://u:hushhush@h:port/d"])
    def test_an_address_that_is_none_is_not_repeated(self, source, url):
        with pytest.raises(ConfigError, match="not a database address") as caught:
            source(url)
        assert "hushhush" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ("connect_timout = 3", "unknown key connect_timout: did you mean 'connect_timeout'?"),
            ("statement_timeout = 0", "statement_timeout is 0"),
            ("statement_timeout = '1'", "statement_timeout is '1'; it must be a whole number"),
        ],
    )
    def test_a_wrong_option_is_named(self, source, options, said):
        with pytest.raises(ConfigError) as caught:
            source("sqlite:///x.sqlite", options=options)
        assert said in str(caught.value)

    def test_a_url_that_is_missing_is_asked_for(self, tmp_path, source):
        source("sqlite:///x.sqlite")
        (tmp_path / "sources" / "it.toml").write_text("kind = 'sql'\n")
        with pytest.raises(ConfigError, match="url is missing"):
            open_connector(load(tmp_path))

    @pytest.mark.parametrize("form", ["p@ss/w%C3%B6rd", "p%40ss%2Fw%C3%B6rd", "p@ss/wörd"])
    def test_a_secret_is_blotted_out_in_every_form(self, form):
        secrets = secrets_of(make_url("postgresql://u:p%40ss%2Fw%C3%B6rd@h/d?sslpassword=second"))
        assert scrubbed(f"cannot use {form} or second", secrets) == "cannot use *** or ***"
