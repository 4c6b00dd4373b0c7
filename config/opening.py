"""Source files that are there, as the drafts they could have come from: to be changed and written again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from config.drafts import SERVICES, Draft
from config.reading import read_sql, read_toml
from ledger.errors import ConfigError

_HEAD = ("kind", "preset", "parameters", "mapping", "formats")
_OF_A_FILE = ("path", "delimiter", "encoding", "sheet")
_VARIABLE = re.compile(r"(?<!\$)\$\{\w+\}")


def opened(file: Path) -> Draft:
    """The draft of a source file; SELECTs that stand in files of their own become part of it.

    Raises:
        ConfigError: it cannot be read, it holds a secret, or it says what a draft cannot say, which would be lost.
    """
    written = read_toml(file)
    kind = str(written.get("kind", ""))
    known = {"sql": ("url",), "files": ("tables",), **{name: tuple(one.fields) for name, one in SERVICES.items()}}
    if kind not in known:
        raise ConfigError(f'{file}: kind = "{kind}" cannot be changed here; change it in an editor.')
    if further := [key for key in written if key not in (*_HEAD, *known[kind])]:
        raise ConfigError(f"{file} has {', '.join(further)}, which cannot be changed here; change it in an editor.")
    draft = Draft(
        name=file.stem,
        kind=kind,
        options={key: _text(written[key], key, file) for key in known[kind] if key in written and key != "tables"},
        tables={name: _raw(one, name, file) for name, one in _table(written, "tables", file).items()},
        preset=_text(written["preset"], "preset", file) if "preset" in written else None,
        parameters={key: _plain(one, key, file) for key, one in _table(written, "parameters", file).items()},
        mapping={key: _select(one, key, file) for key, one in _table(written, "mapping", file).items()},
        formats={key: _text(one, key, file) for key, one in _table(written, "formats", file).items()},
    )
    draft.text()  # which refuses secrets
    if draft.preset and draft.mapping:
        raise ConfigError(f"{file} has a preset and a [mapping] beside it; change it in an editor.")
    return draft


def _table(written: Mapping[str, Any], key: str, file: Path) -> Mapping[str, Any]:
    found = written.get(key, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{file}: {key} must be a table, [{key}].")
    return cast("Mapping[str, Any]", found)


def _text(value: object, key: str, file: Path) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{file}: {key} is no text; change it in an editor.")
    return value


def _plain(value: object, key: str, file: Path) -> str:
    """A text whose ``$${`` stands for ``${``; a variable in it would be taken for that when it is written again."""
    text = _text(value, key, file)
    if _VARIABLE.search(text):
        raise ConfigError(f"{file}: {key} names a variable, which cannot be written here; change it in an editor.")
    return text.replace("$${", "${")


def _select(value: object, table: str, file: Path) -> str:
    text = _plain(value, f"mapping.{table}", file)
    if text.strip().endswith(".sql") and len(text.split()) == 1:
        return read_sql(file.parent / text.strip(), f"{file}, mapping.{table}")
    return text


def _raw(value: object, name: str, file: Path) -> dict[str, str | int]:
    """What is said of a raw table of files."""
    if isinstance(value, str):
        return {"path": value}
    options = cast("dict[str, object]", value) if isinstance(value, dict) else dict[str, object]()
    if not options.get("path") or set(options) - set(_OF_A_FILE):
        raise ConfigError(f"{file}: tables.{name} says what cannot be changed here; change it in an editor.")
    return {key: _text(said, f"tables.{name}.{key}", file) for key, said in options.items()}
