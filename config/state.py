"""``[state]`` of app.toml: which database keeps what people save. Its address may hold a password."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from config.reading import filled, variables
from config.validation import Section, validated
from ledger.errors import did_you_mean

BACKENDS = ("postgresql", "sqlite")
"""The databases that saved views and favourites can be kept in."""

_INSTEAD = "write 'postgresql://user:${PASSWORD}@host/database', or leave url out for a file in the store's folder."


def _database(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    if "${" in scheme or (separator and scheme.partition("+")[0] in BACKENDS):
        return url
    if not separator:
        raise ValueError(f"is not a database URL; {_INSTEAD}")
    # What stands before "://" is no secret.
    raise ValueError(f"names the database '{scheme}', which cannot keep state: {did_you_mean(scheme, BACKENDS)}")


class StateTable(Section):
    """``[state]`` as it is written, variables not yet replaced."""

    url: Annotated[str, AfterValidator(_database)] = Field(default="", repr=False, validate_default=False)


class _Inside(Section):
    """So that messages say ``state.url``."""

    state: StateTable = StateTable()


class StateSettings(Section):
    """Where the state database is; its text form shows no secret.

    The URL is kept as it is written. ``url()`` replaces its variables when the database is opened, so that a refresh
    or a report needs no password of it.
    """

    file: Path
    written: str = Field(default="", repr=False)
    secrets: Mapping[str, str] = Field(default_factory=dict, repr=False, exclude=True)

    def url(self) -> str | None:
        """The database's URL, or ``None`` for a file in the store's folder. May hold a secret: never print it.

        Raises:
            ConfigError: A variable is not set, or what came of it is no URL of a database that can keep state.
        """
        if not self.written:
            return None
        values = filled({"state": {"url": self.written}}, variables(self.secrets), self.file)
        return validated(_Inside, values, self.file).state.url


def read_state(written: Any, file: Path, secrets: Mapping[str, str]) -> StateSettings:
    """``[state]`` of ``file``.

    Args:
        written: The table as it is parsed; empty when the file has none.
        file: app.toml, for messages.
        secrets: Further values for ``${NAME}``.

    Raises:
        ConfigError: A key is unknown, or ``url`` is no URL of a database that can keep state.
    """
    table = validated(_Inside, {"state": written}, file).state
    return StateSettings(file=file, written=table.url, secrets=secrets)
