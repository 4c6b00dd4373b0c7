"""MariaDB, a real server: the contract of every connector, and what docs/connectors.md promises of this database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl
import pymysql
import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from config.settings import load
from data_sources.connector import Browsable, Only
from data_sources.mapping_sql import Answer, select
from data_sources.registry import open_connector
from data_sources.sessions import Limits, SqlalchemySession
from ledger.errors import SourceError
from tests import servers
from tests.data_sources.conftest import PASSWORD
from tests.data_sources.contract import AMOUNTS, DATES, RAW, LedgerContract

LIMITS = Limits(connect=5, statement=30)


@pytest.fixture(scope="module")
def mariadb() -> Iterator[servers.Mariadb]:
    """A server with the tiny ledger, a reader of all of it who must give a password, and a table it may not read.

    To a reader of single tables, MariaDB says of any other that it is denied, whether it is there or not.
    """
    if missing := servers.mariadb_missing():
        pytest.skip(missing)
    with servers.mariadb() as server:
        with _connected(server, None) as connection:
            _fill(connection.cursor())
        yield server


def _connected(server: servers.Mariadb, database: str | None = "erp") -> pymysql.Connection[Any]:
    return pymysql.connect(
        unix_socket=str(server.socket), user=server.user, database=database, charset="utf8mb4", autocommit=True
    )


def _fill(cursor: Any) -> None:
    cursor.execute("CREATE DATABASE other")
    cursor.execute("CREATE TABLE other.hidden (x text)")
    cursor.execute("CREATE DATABASE erp")
    cursor.execute("USE erp")
    cursor.execute("CREATE USER reader@localhost IDENTIFIED BY %s", (PASSWORD,))
    cursor.execute("GRANT SELECT ON erp.* TO reader@localhost")
    cursor.execute("CREATE TABLE moving (x int)")
    for name, frame in RAW.items():
        columns = ", ".join(f"{column} {_type(column)}" for column in frame.columns)
        cursor.execute(f"CREATE TABLE {name} ({columns})")
        cursor.executemany(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * frame.width)})", frame.rows())


def _type(column: str) -> str:
    return "date" if column in DATES else "decimal(21, 2)" if column in AMOUNTS else "varchar(140)"


class TestMariadb(LedgerContract):
    secret = PASSWORD

    @pytest.fixture(autouse=True)
    def _server(self, mariadb, password):
        self.server = mariadb
        assert password == PASSWORD

    @pytest.fixture
    def head(self, mariadb):
        return f'kind = "sql"\nurl = "{mariadb.url("erp", "reader", "${TEST_PASSWORD}")}"'

    def contents(self):
        with _connected(self.server) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            found: dict[str, Any] = {}
            for (name,) in cursor.fetchall():
                cursor.execute(f"SELECT * FROM {name}")
                found[name] = cursor.fetchall()
            return found


@pytest.fixture
def session(mariadb) -> Iterator[SqlalchemySession]:
    """A session of somebody who may do anything."""
    session = SqlalchemySession(make_url(mariadb.url("erp")), LIMITS)
    yield session
    session.close()


@pytest.mark.parametrize(
    ("sql", "expected", "dtype"),
    [
        ("'001'", "001", pl.String),
        ("CAST(1234.50 AS DECIMAL(21, 9))", Decimal("1234.50"), pl.Decimal),
        ("12345678901234567890.12", Decimal("12345678901234567890.12"), pl.Decimal),
        ("1.5e0", 1.5, pl.Float64),
        ("7", 7, pl.Int64),
        ("DATE '2026-02-28'", dt.date(2026, 2, 28), pl.Date),
        ("NULL", None, pl.String),
        ("'5% of :x %(y)s'", "5% of :x %(y)s", pl.String),
    ],
)
def test_values_keep_their_type(session, sql, expected, dtype):
    column = session.frame(f"SELECT {sql} AS x")["x"]
    assert column.to_list() == [expected]
    assert column.dtype.base_type() == dtype


@pytest.mark.parametrize(
    "sql", ["UPDATE belege SET waers = 'XXX'", "DELETE FROM belege", "INSERT INTO moving VALUES (9)"]
)
def test_the_database_itself_refuses_to_be_changed(session, mariadb, sql):
    with pytest.raises(DBAPIError, match="READ ONLY transaction"):
        session._connection.exec_driver_sql(sql)
    with _connected(mariadb) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM belege WHERE waers <> 'XXX'), (SELECT count(*) FROM moving)")
        assert cursor.fetchone() == (4, 0)


def test_all_tables_are_read_in_one_state(session, mariadb):
    with _connected(mariadb) as other, other.cursor() as cursor:
        # The state is that of the beginning, not of the first look.
        cursor.execute("INSERT INTO moving VALUES (1)")
        assert session.frame("SELECT x FROM moving").height == 0
        cursor.execute("DELETE FROM moving")


def test_odd_names_enumerations_and_numbers_as_kinds_are_read(mariadb, tmp_path):
    with _connected(mariadb) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS `in:voices 5%`")
        cursor.execute(
            "CREATE TABLE `in:voices 5%` (`No %` INT, sort ENUM('R', 'G', 'X'), code INT, total DECIMAL(9, 2))"
        )
        cursor.execute("INSERT INTO `in:voices 5%` VALUES (1, 'R', 7, 5), (2, 'G', 8, 6), (3, 'X', 9, 7)")
    (tmp_path / "sources").mkdir()
    (tmp_path / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
    (tmp_path / "sources" / "it.toml").write_text(f"kind = 'sql'\nurl = '{mariadb.url('erp')}'\n")
    with open_connector(load(tmp_path)) as source:
        assert isinstance(source, Browsable)
        name = "`in:voices 5%`"
        assert source.raw_tables()[name] == ("No %", "sort", "code", "total")
        assert source.raw_rows("in:voices 5%", 9, Only("code", ["8"]))["sort"].to_list() == ["G"]
        assert sorted(source.raw_values(name, "sort", 9).rows()) == [("G", 1), ("R", 1), ("X", 1)]
        spelling = source.spelling(name)
    for kind, values, numeric in (("sort", ("R", "G", "X"), False), ("code", ("7", "8", "9"), True)):
        meanings = dict(zip(values, ("invoice", "credit_memo"), strict=False))
        answers = {
            "document_id": Answer(column="No %"),
            "kind": Answer(column=kind, values=meanings, numeric=numeric),
            "amount": Answer(column="total", numeric=True),
        }
        session = SqlalchemySession(make_url(mariadb.url("erp")), LIMITS)
        found = session.frame(select(name, answers, spelling, [values[1]]))
        session.close()
        assert found["kind"].to_list() == ["invoice", "credit_memo", values[2]], "what is unknown keeps its name"
        assert found["amount"].to_list() == [Decimal(5), Decimal(-6), Decimal(7)]


@pytest.mark.usefixtures("password")
def test_a_query_that_takes_too_long_is_stopped(mariadb, tmp_path):
    # Not SLEEP, which MariaDB ends early without a word.
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) "
    endless += "SELECT 'EUR' AS currency, '2024-01-01' AS date, COUNT(*) AS rate FROM n, n AS m, n AS o, n AS p"
    (tmp_path / "sources").mkdir()
    (tmp_path / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
    url = mariadb.url("erp", "reader", "${TEST_PASSWORD}")
    (tmp_path / "sources" / "it.toml").write_text(
        f"kind = 'sql'\nurl = '{url}'\nstatement_timeout = 1\n[mapping]\nfx_rates = '''{endless}'''\n"
    )
    with (
        open_connector(load(tmp_path)) as connector,
        pytest.raises(SourceError, match=r"mapping\.fx_rates took longer than 1 s"),
    ):
        connector.read("fx_rates")


def test_what_may_not_be_read_and_who_may_not_are_told(mariadb, tmp_path, monkeypatch):
    (tmp_path / "sources").mkdir()
    (tmp_path / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
    url = mariadb.url("erp", "reader", "${TEST_PASSWORD}")
    (tmp_path / "sources" / "it.toml").write_text(
        f"kind = 'sql'\nurl = '{url}'\n[mapping]\nfx_rates = 'SELECT x AS currency FROM other.hidden'\n"
    )
    for password, said in ((PASSWORD, "may not be read by this user"), ("wr0ng", "refused the user name or the pass")):
        monkeypatch.setenv("TEST_PASSWORD", password)
        with open_connector(load(tmp_path)) as connector, pytest.raises(SourceError, match=said) as caught:
            connector.read("fx_rates")
        assert password not in str(caught.value)
