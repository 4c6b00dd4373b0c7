"""Pydantic models filled from TOML, and what is wrong with a file said in the words of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from ledger.errors import ConfigError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)
Value = TypeVar("Value")

_SHORT = 60
_WINDOW = re.compile(r"[1-9][0-9]{0,3}(d|mo)")
_CURRENCY = re.compile(r"[A-Z]{3}")

_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "float_parsing": "a number",
    "path_type": "text in quotes",
    "tuple_type": "a list",
    "list_type": "a list",
}


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty.")
    return text


def window_text(text: str) -> str:
    """A window that can be, such as ``3mo``; pydantic tells the ``ValueError`` of any other."""
    if not _WINDOW.fullmatch(text):
        raise ValueError(f"is '{text}'; it must be a number of months or days, such as '3mo' or '90d'.")
    return text


def currency_code(code: str) -> str:
    """A currency's letters; pydantic tells the ``ValueError`` of anything else."""
    if not _CURRENCY.fullmatch(code):
        raise ValueError(f"is '{code}'; it must be a currency's three capital letters, such as 'USD'.")
    return code


def frozen(values: Mapping[str, Value]) -> Mapping[str, Value]:
    """A copy of ``values`` that cannot be changed."""
    return MappingProxyType(dict(values))


Text = Annotated[str, AfterValidator(_not_blank)]
"""Text that says something."""

Texts = Annotated[Mapping[str, str], AfterValidator(frozen)]
"""Texts by name, frozen."""


Window = Annotated[str, AfterValidator(window_text)]
"""What flows are measured over."""

CurrencyCode = Annotated[str, AfterValidator(currency_code)]
"""A currency's three letters."""


class Section(BaseModel):
    """A table of a settings file: values cannot change, keys must be known, types are not coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def validated(
    model: type[Model], values: Mapping[str, Any], file: Path, known: Iterable[str] = (), inside: str = ""
) -> Model:
    """``values`` as a ``model``.

    Args:
        model: The section's class.
        values: The parsed table, variables replaced.
        file: Named in the message.
        known: Further keys that are legal at the top of the file, for suggestions only.
        inside: A leading part of the keys that the file itself does not have, left out of messages.

    Raises:
        ConfigError: One sentence for every problem of the file, each with the key's full dotted path. Values are
            repeated only where they are neither secret nor long.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        # A value may be a secret: the cause, which holds it, is not kept.
        details = error.errors(include_url=False)
    problems = [_problem(model, detail, frozenset(known)).removesuffix(".") for detail in details]
    said = "; ".join(problem.replace(inside, "", 1) for problem in dict.fromkeys(problems))
    raise ConfigError(f"{file}: {said}{'' if said.endswith('?') else '.'}") from None


def _problem(model: type[BaseModel], detail: ErrorDetails, known: frozenset[str]) -> str:
    path = [part for part in detail["loc"] if part != "[key]"]
    key = _dotted(path) or "the file"
    match detail["type"]:
        case "extra_forbidden":
            options = _fields(model, path[:-1]) | (known if len(path) == 1 else frozenset[str]())
            return f"unknown key {key}: {did_you_mean(str(path[-1]), options)}".rstrip(": ")
        case "missing":
            return f"{key} is missing."
        case "value_error":
            reason = str(detail["ctx"]["error"]) if "ctx" in detail else detail["msg"]
            return f"{key} {reason}"
        case "literal_error":
            allowed = detail["ctx"]["expected"] if "ctx" in detail else ""
            return f"{key} is {_shown(model, path, detail['input'])}; it must be {allowed}."
        case kind if kind in _EXPECTED:
            return f"{key} is {_shown(model, path, detail['input'])}; it must be {_EXPECTED[kind]}."
        case _:
            reason = detail["msg"].removeprefix("Input ")
            return f"{key} is {_shown(model, path, detail['input'])}; it {reason[:1].lower()}{reason[1:]}."


def _dotted(path: Sequence[int | str]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _fields(model: type[BaseModel], path: Sequence[int | str]) -> frozenset[str]:
    """The legal keys at ``path`` below ``model``; empty where keys are free."""
    inner = _at(model, path)
    return frozenset(field.alias or name for name, field in inner.model_fields.items()) if inner else frozenset()


def _at(model: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel] | None:
    here: type[BaseModel] | None = model
    free = False
    for part in path:
        if free:
            free = False
            continue
        field = here.model_fields.get(str(part)) if here else None
        if field is None:
            return None
        here, free = _section_of(field.annotation)
    return here


def _section_of(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """The section class inside ``annotation``, and whether it stands behind a free key: in a mapping or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for inner in get_args(annotation):
        found, _ = _section_of(inner)
        if found:
            return found, get_origin(annotation) in (dict, Mapping, tuple, list)
    return None, False


def _shown(model: type[BaseModel], path: Sequence[int | str], value: object) -> str:
    """``value`` for a message; never that of a secret field."""
    owner = _at(model, path[:-1])
    field = owner.model_fields.get(str(path[-1])) if owner and path else None
    if isinstance(value, SecretStr) or (field and (not field.repr or SecretStr in _flat(field.annotation))):
        return "not usable"
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str() if len(value) <= _SHORT:
            return f"'{value}'"
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return "not usable"


def _flat(annotation: Any) -> tuple[Any, ...]:
    return (annotation, *get_args(annotation))
