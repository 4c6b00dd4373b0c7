"""``[storage]`` of a files source, as each reader of an object store wants to be told it.

The names are those of Polars, Delta Lake and obstore, which share one client; Iceberg has names of its own. What is not
written comes from the environment (``AWS_…``, ``GOOGLE_…``, ``AZURE_…``). Every reader gives up in bounded time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr

from ledger.errors import ConfigError

Option = SecretStr | int | bool

LIMITS: Mapping[str, int] = MappingProxyType({"connect_timeout": 10, "timeout": 60, "max_retries": 3})
"""Seconds to connect, seconds for one answer, and how often a request is sent again, where [storage] says nothing."""

_RETRY_SECONDS = 30
"""No further try after so long, however many are left."""

_SECRET = re.compile(r"secret|token|password|passwd|credential|sas|(?<!_id)_key$|_account_key$|^account_key$|^key$")
_NO_SECRET = re.compile(r"key_id$|^skip_|_endpoint$|_file$|_uri$|_path$")
_CLIENT = re.compile(r"^(allow_|connect_timeout$|timeout$|http[12]_|pool_|proxy_|user_agent$|randomize_)")
_VARIABLE = re.compile(r"(?<!\$)\$\{")
_FEWEST_LETTERS = 4

_ICEBERG = MappingProxyType(
    {
        "endpoint": "s3.endpoint",
        "endpoint_url": "s3.endpoint",
        "region": "s3.region",
        "default_region": "s3.region",
        "access_key_id": "s3.access-key-id",
        "secret_access_key": "s3.secret-access-key",
        "session_token": "s3.session-token",
        "token": "s3.session-token",
        "account_name": "adls.account-name",
        "account_key": "adls.account-key",
        "sas_token": "adls.sas-token",
        "tenant_id": "adls.tenant-id",
        "client_id": "adls.client-id",
        "client_secret": "adls.client-secret",
    }
)


@dataclass(frozen=True)
class Storage:
    """What ``[storage]`` of ``file`` says. Holds secrets, and shows none."""

    file: Path
    options: Mapping[str, str | int | bool] = field(default_factory=dict[str, str | int | bool], repr=False)

    @classmethod
    def read(cls, file: Path, options: Mapping[str, Option], written: Mapping[str, Any]) -> Storage:
        """``written``: the same options with their variables not yet replaced.

        Raises:
            ConfigError: A secret is written out, or a limit is no whole number.
        """
        for name, value in written.items():
            if _is_secret(name) and isinstance(value, str) and not _VARIABLE.search(value):
                raise ConfigError(
                    f'{file}: storage.{name} is a secret and stands in the file; write a variable, such as "${{NAME}}".'
                )
        plain = {name: _plain(value) for name, value in options.items()}
        for name in LIMITS:
            if name in plain and not str(plain[name]).isdecimal():
                raise ConfigError(f"{file}: storage.{name} has a value that does not fit; write a whole number.")
        return cls(file, MappingProxyType(plain))

    @property
    def limits(self) -> Mapping[str, int]:
        """``LIMITS``, as far as nothing else is written."""
        return {name: int(self.options.get(name, value)) for name, value in LIMITS.items()}

    @property
    def endpoint(self) -> str:
        """The address of an S3-compatible store, if one is written or in the environment."""
        named = (self.options.get(name) for name in ("endpoint_url", "aws_endpoint_url", "endpoint", "aws_endpoint"))
        outside = (os.environ.get(name) for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"))
        return next((str(one) for one in (*named, *outside) if one), "")

    def for_store(self) -> dict[str, Any]:
        """Arguments of obstore's ``from_url``."""
        config = {name: _text(value) for name, value in self._access().items() if not _CLIENT.match(name)}
        retries = {"max_retries": self.limits["max_retries"], "retry_timeout": timedelta(seconds=_RETRY_SECONDS)}
        return {"config": config, "client_options": self._client(), "retry_config": retries}

    def for_polars(self) -> dict[str, Any]:
        """``storage_options`` of a scan."""
        bounds = {"max_retries": self.limits["max_retries"], "retry_timeout_ms": _RETRY_SECONDS * 1000}
        return {**self._texts(), **bounds}

    def for_delta(self) -> dict[str, str]:
        """``storage_options`` of a Delta table."""
        return {**self._texts(), "max_retries": str(self.limits["max_retries"]), "retry_timeout": f"{_RETRY_SECONDS}s"}

    def for_iceberg(self) -> dict[str, Any]:
        """Properties of an Iceberg table, followed by those that Polars wants for its files."""
        outside = {"region": os.environ.get("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION", ""))}
        given = {_bare(name): _text(value) for name, value in self._access().items()}
        named = {**outside, "endpoint_url": self.endpoint, **given}
        own = {_ICEBERG[name]: value for name, value in named.items() if value and name in _ICEBERG}
        seconds = {"s3.connect-timeout": self.limits["connect_timeout"], "s3.request-timeout": self.limits["timeout"]}
        return {**own, **{name: str(value) for name, value in seconds.items()}, **self.for_polars()}

    def hidden(self, text: str) -> str:
        """``text`` without any secret that is known here."""
        known = [str(value) for name, value in self.options.items() if _is_secret(name)]
        outside = [value for name, value in os.environ.items() if _STORE.match(name) and _is_secret(name.lower())]
        for secret in (*known, *outside):
            if len(secret) >= _FEWEST_LETTERS:
                text = text.replace(secret, "…")
        return text

    def _access(self) -> dict[str, str | int | bool]:
        return {name.lower(): value for name, value in self.options.items() if name not in LIMITS}

    def _client(self) -> dict[str, str]:
        given = {name: _text(value) for name, value in self._access().items() if _CLIENT.match(name)}
        seconds = {name: f"{self.limits[name]}s" for name in ("connect_timeout", "timeout")}
        # An address that begins with http:// is only ever used where somebody wrote one.
        return {"allow_http": "true", **seconds, **given}

    def _texts(self) -> dict[str, str]:
        return {**self._client(), **{name: _text(value) for name, value in self._access().items()}}


_STORE = re.compile(r"AWS_|AZURE_|GOOGLE_")


def _is_secret(name: str) -> bool:
    low = name.lower()
    return bool(_SECRET.search(low)) and not _NO_SECRET.search(low)


def _plain(value: Option) -> str | int | bool:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(name: str) -> str:
    return re.sub(r"^(aws|azure_storage|azure|google)_", "", name)
