"""TOML files with ``${NAME}`` variables: found, parsed and filled in, or one sentence that says what is wrong."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from ledger.errors import ConfigError, did_you_mean

_VARIABLE = re.compile(r"\$(\$\{)|\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def read_toml(file: Path, named_in: str = "") -> dict[str, Any]:
    """The tables of ``file`` as they are written, variables not yet replaced.

    Args:
        file: The file to read.
        named_in: Where the file is named, for the message when it is missing.

    Raises:
        ConfigError: The file is missing, unreadable, not UTF-8, or not TOML (with its line).
    """
    text = ""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigError(missing_file(file, named_in)) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        last = f"at line {len(text.splitlines())}, the last"
        said = _first_lower(str(error)).replace("at end of document", last)
        raise ConfigError(f"{file} is not valid TOML: {said}.") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {_first_lower(error.strerror or 'the system refused')}.") from None


def read_sql(file: Path, named_in: str) -> str:
    """The ``SELECT`` that stands in ``file``. ``named_in``: where the file is named, for messages.

    Raises:
        ConfigError: The file is missing, unreadable, not UTF-8, or empty.
    """
    if not file.is_file():
        raise ConfigError(missing_file(file, named_in))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError:
        raise ConfigError(f"{file} cannot be read.") from None
    if not text.strip():
        raise ConfigError(f"{file} is empty; it must hold the SELECT that {named_in} asks for.")
    return text


def missing_file(file: Path, named_in: str = "") -> str:
    """The sentence for a file that is not there, with the nearest of those that are."""
    said = f"{named_in} names {file}, which does not exist" if named_in else f"{file} does not exist"
    if not file.parent.is_dir():
        return f"{said}: there is no folder {file.parent}."
    present = [other.name for other in file.parent.iterdir() if other.suffix == file.suffix and other.is_file()]
    hint = did_you_mean(file.name, present)
    return f"{said}; {hint}" if hint else f"{said}."


def filled(value: Any, variables: Mapping[str, str], file: Path, key: str = "") -> Any:
    """``value`` with every ``${NAME}`` in its strings replaced, at any depth. ``$${`` stands for a plain ``${``.

    In a URL, a variable that stands alone as the user name or the password is percent-encoded, so that a password
    may hold any character.

    Raises:
        ConfigError: A variable is not set; the sentence names it, ``file`` and ``key``.
    """
    if isinstance(value, str):
        return _VARIABLE.sub(_replacement(value, variables, file, key), value)
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return {name: filled(inner, variables, file, f"{key}.{name}" if key else name) for name, inner in table.items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [filled(inner, variables, file, f"{key}[{at}]") for at, inner in enumerate(items)]
    return value


def variables(secrets: Mapping[str, str]) -> dict[str, str]:
    """What ``${NAME}`` may stand for: ``secrets``, and the environment, which wins."""
    return {**secrets, **os.environ}


def _replacement(text: str, values: Mapping[str, str], file: Path, key: str) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if match.group(1):
            return "${"
        name = match.group(2)
        if not _NAME.match(name):
            raise ConfigError(
                f"{file}: {key} holds '{match.group()}', which names no variable; write '$${{' for a plain '${{'."
            )
        if name not in values:
            raise ConfigError(f"{file}: {key} needs the environment variable {name}, which is not set.")
        return quote(values[name], safe="") if _is_credential(text, match) else values[name]

    return replace


def _is_credential(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()], text[match.end() :]
    if "://" not in before or "@" not in after:
        return False
    in_authority = "/" not in before.split("://", 1)[1] and "@" not in before.split("://", 1)[1]
    return in_authority and before.endswith(("/", ":")) and after.startswith(("@", ":"))


def _first_lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")
