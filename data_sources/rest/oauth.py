"""Logins that are renewed: a refresh token is good for one renewal, and the next one must be kept or all is lost."""

from __future__ import annotations

import hashlib
import json
import os
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Any, cast

from filelock import FileLock, Timeout
from pydantic import Field, SecretStr, TypeAdapter

from config.settings import Settings
from config.validation import Section, Text
from data_sources.rest.client import Answer, Client
from data_sources.rest.connector import RestOptions, address
from ledger.errors import SourceError

_EARLY = 60
"""Seconds before its end that an access token is renewed."""

_PATIENCE = 90
"""Seconds to wait for another refresh that renews the same login."""


class TokenOptions(Section):
    """``[token]``: where the tokens are kept that come with each renewal."""

    path: Text | None = None


class OAuthOptions(RestOptions):
    """What every service with renewed logins asks for."""

    client_id: Text
    client_secret: SecretStr
    refresh_token: SecretStr
    token_url: Text | None = None
    token: TokenOptions = Field(default_factory=TokenOptions)


@dataclass(frozen=True)
class _Kept:
    """What the token file holds; ``seed`` marks the refresh token of the source file that it came from."""

    seed: str
    refresh_token: str = field(repr=False)
    access_token: str = field(default="", repr=False)
    until: float = 0.0


class OAuth:
    """Headers of a login with OAuth 2.0, renewed when they run out, by one process at a time."""

    def __init__(
        self,
        label: str,
        options: OAuthOptions,
        settings: Settings,
        token_url: str,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        source = settings.source
        written = options.token.path
        beside = settings.store.path / "tokens" / f"{source.name}.json"
        self._label = label
        self._options = options
        self._file = source.folder / Path(written).expanduser() if written else beside
        self._source = source.file
        self._url = address(options.token_url, token_url, "token_url", source.file)
        self._further = headers
        self._client = Client(label, options.limits)
        self._known: _Kept | None = None

    def headers(self) -> Mapping[str, str]:
        kept = self._known or self._read()
        if not kept.access_token or kept.until < time.time() + _EARLY:
            kept = self._renewed(kept.access_token)
        self._known = kept
        return {"Authorization": f"Bearer {kept.access_token}", **self._further}

    def renew(self) -> bool:
        self._known = self._renewed(self._known.access_token if self._known else "")
        return True

    def secrets(self) -> tuple[str, ...]:
        """Longest first, so that none is left as a part of another."""
        given = (self._options.client_secret, self._options.refresh_token)
        found = [one.get_secret_value() for one in given]
        if self._known:
            found += [self._known.refresh_token, self._known.access_token]
        found.append(b64encode(f"{self._options.client_id}:{found[0]}".encode()).decode())
        return tuple(sorted((one for one in found if one), key=len, reverse=True))

    def close(self) -> None:
        self._client.close()

    def _renewed(self, refused: str) -> _Kept:
        """Other tokens than ``refused``: those that another process has got meanwhile, or new ones.

        Raises:
            SourceError: the service takes the refresh token no more, or there is no place to keep the next.
        """
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with FileLock(f"{self._file}.lock", timeout=_PATIENCE, mode=0o600):
                kept = self._read()
                if kept.access_token not in ("", refused) and kept.until >= time.time() + _EARLY:
                    return kept
                return self._exchanged(kept)
        except Timeout:
            said = (
                f"another refresh has been renewing the {self._label} login for {_PATIENCE} seconds; try again later."
            )
        except OSError as error:
            said = (
                f"{self._file} cannot be written ({error.strerror or error}), and without its next token the "
                f"{self._label} login would be lost. Make the folder writable, or name another as [token] path."
            )
        raise SourceError(said)

    def _exchanged(self, kept: _Kept) -> _Kept:
        # The file is opened before the service is asked: a full disk is noticed while the old token is still good.
        with _draft(self._file) as keep:
            form = {"grant_type": "refresh_token", "refresh_token": kept.refresh_token}
            login = (self._options.client_id, self._options.client_secret.get_secret_value())
            self._known = kept
            answer = self._client.post(self._url, form, login, self.secrets())
            if answer.status != HTTPStatus.OK:
                raise SourceError(self._refusal(answer))
            new = self._understood(answer.json, kept)
            keep(json.dumps(asdict(new)))
        return new

    def _understood(self, said: Any, kept: _Kept) -> _Kept:
        values = _table(said)
        access, lasts = values.get("access_token"), values.get("expires_in", 1800)
        if not isinstance(access, str) or not access or not isinstance(lasts, int):
            raise SourceError(f"{self._label} answered without an access token; is token_url right?")
        following = values.get("refresh_token")
        refresh = following if isinstance(following, str) and following else kept.refresh_token
        return _Kept(kept.seed, refresh, access, time.time() + lasts)

    def _refusal(self, answer: Answer) -> str:
        code = _table(answer.json).get("error")
        if code == "invalid_client" or answer.status == HTTPStatus.UNAUTHORIZED:
            return (
                f"{self._label} does not know this client; check client_id and client_secret in {self._source}: they "
                "are those of the app that the connection was made with."
            )
        if code == "invalid_grant":
            return (
                f"{self._label} takes the refresh token no more: it was used elsewhere, is too old, or the connection "
                f"was ended. Connect again, and write the new refresh_token where {self._source} takes it from."
            )
        said = f": {answer.told.rstrip('.')}" if answer.told else ""
        return f"{self._label} did not renew the login (status {answer.status}){said}. Connect again if it stays so."

    def _read(self) -> _Kept:
        """The tokens kept; those of the source file where it names others than the kept ones began with."""
        given = self._options.refresh_token.get_secret_value()
        seed = hashlib.sha256(given.encode()).hexdigest()
        try:
            kept = TypeAdapter(_Kept).validate_json(self._file.read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return _Kept(seed, given)
        except OSError as error:
            said = f"{self._file}, which holds the {self._label} login, cannot be read: {error.strerror or error}."
            raise SourceError(said) from None
        return kept if kept.seed == seed and kept.refresh_token else _Kept(seed, given)


def _table(said: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", said) if isinstance(said, Mapping) else {}


class _draft:  # noqa: N801 - reads as a function
    """A private file beside ``file`` that takes its place when it was written, whole and on the disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._path = file.with_name(f".{file.name}.{token_hex(4)}")
        self._open = -1

    def __enter__(self) -> Callable[[str], None]:
        self._open = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        return self._keep

    def _keep(self, text: str) -> None:
        os.write(self._open, text.encode())
        os.fsync(self._open)
        os.close(self._open)
        self._open = -1
        self._path.replace(self._file)

    def __exit__(self, *_: object) -> None:
        if self._open >= 0:
            os.close(self._open)
        with suppress(FileNotFoundError):
            self._path.unlink()
