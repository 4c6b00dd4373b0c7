"""Object stores: what lies at an address such as ``s3://bucket/folder/file``, listed and copied.

Polars reads Parquet there by itself, a few columns at a time. Any other file is copied first, a block at a time, so
that it is held to the same rules as one on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from obstore.exceptions import BaseError, UnknownConfigurationKeyError
from obstore.store import from_url

from data_sources import storage_errors
from data_sources.storage import Storage
from ledger.errors import ConfigError, SourceError, did_you_mean

_SCHEMES = MappingProxyType(
    {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs", "az": "az", "azure": "az", "abfs": "az", "abfss": "az"}
)
_WRITTEN = MappingProxyType({"s3a": "s3", "gcs": "gs", "azure": "az"})
_ADDRESS = re.compile(r"(?P<scheme>[a-z0-9]+)://(?P<bucket>[^/]+)/?(?P<key>.*)", re.DOTALL)
_MAGIC = re.compile(r"[*?\[]")
_BLOCK = 8 << 20

_NAMES = (
    *("region", "endpoint_url", "access_key_id", "secret_access_key", "session_token", "virtual_hosted_style_request"),
    *("service_account", "service_account_key", "account_name", "account_key", "sas_token", "skip_signature"),
    *("client_id", "client_secret", "tenant_id", "allow_http", "proxy_url"),
)


@dataclass(frozen=True)
class Address:
    """A place in an object store. ``root``: its bucket, as readers are told it; ``key``: the rest, without slashes."""

    scheme: str
    root: str
    bucket: str
    key: str

    def at(self, key: str) -> str:
        """The address of another key in the same bucket."""
        return f"{self.root}/{key}" if key else self.root


def address(written: str) -> Address | None:
    """What ``written`` says, or None where it is no address of an object store."""
    match = _ADDRESS.fullmatch(written)
    if match is None or match["scheme"] not in _SCHEMES:
        return None
    scheme = _WRITTEN.get(match["scheme"], match["scheme"])
    bucket = match["bucket"].partition("@")[0]
    return Address(_SCHEMES[match["scheme"]], f"{scheme}://{match['bucket']}", bucket, match["key"].strip("/"))


@dataclass(frozen=True)
class Level:
    """What lies directly in a folder: keys of files, keys of folders."""

    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bucket:
    """The bucket of ``place``, opened. ``origin``: where it is named, for messages."""

    place: Address
    storage: Storage
    origin: str
    _client: Any = field(repr=False)

    @classmethod
    def open(cls, place: Address, storage: Storage, origin: str) -> Bucket:
        """Nothing is asked of the store yet.

        Raises:
            ConfigError: An option of [storage] is unknown, or its value does not fit.
            SourceError: What every request needs is missing, such as the account.
        """
        told = storage.for_store()
        try:
            return cls(place, storage, origin, from_url(place.root, **told))
        except UnknownConfigurationKeyError as error:
            match = re.search(r"key: '([^']*)'", str(error))
            name = match[1] if match else "an option"
            hint = did_you_mean(name, _NAMES) or "docs/connectors.md lists the most used."
            raise ConfigError(f"{storage.file}: storage.{name} is no option of {place.root}; {hint}") from None
        except (BaseError, ValueError) as error:
            said = storage_errors.first_line(str(error))
            if "Config error" in said or "Duplicate key" in said:
                # The value is repeated in what was said, and may be a secret.
                raise ConfigError(f"{storage.file}: a value in [storage] does not fit {place.root}.") from None
            raise SourceError(_sentence(place, place.root, storage, origin, error)) from None

    def level(self, folder: str) -> Level:
        """What lies directly in ``folder``, sorted; nothing where there is no such folder."""
        with self._asking(folder):
            found = self._client.list_with_delimiter(folder or None)
        files = (str(one["path"]) for one in found["objects"])
        return Level(tuple(sorted(files)), tuple(sorted(str(one) for one in found["common_prefixes"])))

    def below(self, folder: str) -> list[str]:
        """Keys of every file in ``folder`` and the folders in it, sorted."""
        with self._asking(folder):
            return sorted(str(one["path"]) for batch in self._client.list(folder or None) for one in batch)

    def matching(self, pattern: str) -> list[str]:
        """Keys that fit a pattern: ``*`` and ``?`` within a name, ``**`` across folders."""
        fixed = pattern[: _magic_at(pattern)].rpartition("/")[0]
        further = pattern[len(fixed) :].strip("/")
        found = self.below(fixed) if "/" in further or "**" in further else self.level(fixed).files
        wanted = re.compile(_expression(pattern))
        return [key for key in found if wanted.fullmatch(key) and visible(key)]

    def holds(self, key: str) -> bool:
        """Whether there is a file ``key``. A file may be readable where nothing may be listed."""
        try:
            with self._asking(key):
                # Asked for, not only looked at: the answer to a mere look does not say what is missing.
                self._client.get(key)
        except _NotThereError:
            return False
        return True

    def text(self, key: str) -> str:
        """What the small file ``key`` says."""
        with self._asking(key):
            return bytes(self._client.get(key).bytes()).decode("utf-8", errors="replace")

    def nearest(self, key: str) -> str:
        """The tail of a sentence on ``key``, which is not there."""
        folder, _, name = key.rpartition("/")
        try:
            present = [one.rpartition("/")[2] for one in self.level(folder).files]
        except SourceError:
            present = []
        return did_you_mean(name, present)

    def copy(self, key: str, to: Path) -> Path:
        """The file ``key`` as a file of the same name in the folder ``to``."""
        to.mkdir(parents=True)
        file = to / key.rpartition("/")[2]
        with self._asking(key), file.open("wb") as copied:
            for block in self._client.get(key).stream(min_chunk_size=_BLOCK):
                copied.write(block)
        return file

    @contextmanager
    def _asking(self, key: str) -> Generator[None]:
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error) or "ContainerNotFound" in str(error):
                raise SourceError(_sentence(self.place, self.place.root, self.storage, self.origin, error)) from None
            raise _NotThereError(f"{self.origin}: {self.place.at(key)} does not exist.") from None
        except (BaseError, OSError, ValueError) as error:
            raise SourceError(_sentence(self.place, self.place.at(key), self.storage, self.origin, error)) from None


class _NotThereError(SourceError):
    """The bucket answers, and has no such file."""


def is_pattern(key: str) -> bool:
    """Whether ``key`` stands for any number of files."""
    return _MAGIC.search(key) is not None


def _sentence(place: Address, asked: str, storage: Storage, origin: str, error: Exception) -> str:
    endpoint = storage.endpoint if place.scheme == "s3" else ""
    said = storage_errors.reason(str(error), asked, place.bucket, place.scheme, endpoint)
    return storage.hidden(f"{origin}: {said}")


def visible(key: str) -> bool:
    """Whether a file is meant to be seen; "~$" marks the lock file of a workbook that somebody has open."""
    return not key.rpartition("/")[2].startswith((".", "~$"))


def _magic_at(pattern: str) -> int:
    match = _MAGIC.search(pattern)
    return match.start() if match else len(pattern)


def _expression(pattern: str) -> str:
    """A glob as a regular expression."""
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\])", pattern)
    choices = {part: part.replace("[!", "[^") for part in parts[1::2] if part.startswith("[")}
    return "".join({**signs, **choices}.get(part) or re.escape(part) for part in parts)
