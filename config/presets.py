"""Presets: the mappings that come with the product, a folder of SQL for each ERP.

A folder holds ``preset.toml``, a ``README.md`` for people, and one ``SELECT`` a table. Where kinds of databases or
versions of the ERP differ, a file for one of them stands beside the usual one: ``documents.sqlite.sql`` for a kind of
database, ``documents.18.sql`` for a choice of a parameter, ``documents.18.sqlite.sql`` for both. Where they differ in
single words, such as the sign that joins texts, ``[words.<dialect>]`` gives each its own for one and the same SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from config.formats import FormatsTable
from config.reading import read_sql, read_toml
from config.validation import Section, Text, validated
from ledger.errors import ConfigError, did_you_mean
from ledger.schema import TABLES

FOLDER = Path(__file__).parents[1] / "data_sources" / "mappings"
"""Where the presets are."""

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")

# Nothing that could end a text or a name in SQL.
_HARMLESS = r"[^'\"`\[\]\\;\x00-\x1f]*"


class Parameter(Section):
    """What a preset leaves to who uses it; its value takes the place of ``{{name}}`` in the preset's SQL.

    ``choices``: the values it may have, each of which may have files of its own. ``pattern``: what its text must match.
    """

    meaning: Text
    default: str | None = None
    choices: tuple[Text, ...] = Field(default=(), strict=False)
    pattern: Text = _HARMLESS


class PresetFile(Section):
    """``preset.toml``: what a preset is for, and how far it was proven.

    ``dialects``: the databases that its SQL is written for; of a preset for files, ``files``. ``tables``: of a preset
    for files, the raw tables that ``[tables]`` must name, each with what it is. ``aging``: how the ERP's own report
    cuts its buckets. ``words``: by dialect, what takes the place of ``{{word}}`` there; each has the same words.
    """

    label: Text
    versions: Text
    proven: Text
    kind: Literal["sql", "files"] = "sql"
    dialects: tuple[Text, ...] = Field(min_length=1, strict=False)
    tables: dict[str, Text] = Field(default_factory=dict)
    formats: FormatsTable | None = None
    aging: dict[str, Any] = Field(default_factory=dict)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    words: dict[str, dict[str, Text]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Preset:
    """A preset as it is written: its ``name``, its ``file`` and what that says."""

    name: str
    file: Path
    says: PresetFile

    def mapping(self, dialect: str, given: Mapping[str, str], named_in: str) -> dict[str, tuple[str, Path]]:
        """The SQL of every table that the preset maps and the file it stands in, by canonical table.

        Args:
            dialect: the kind of database, as SQLAlchemy calls it, or ``files``.
            given: values for parameters.
            named_in: the file that uses the preset, for messages.

        Raises:
            ConfigError: the preset is for other databases, or a parameter is missing, unknown or impossible.
        """
        if dialect not in self.says.dialects:
            known = " and ".join([", ".join(self.says.dialects[:-1]), self.says.dialects[-1]]).removeprefix(" and ")
            raise ConfigError(
                f"{named_in}: the preset '{self.name}' is written for {known}, not for {dialect or 'such an address'}. "
                "Write the tables that differ below [mapping], or copy the preset's files and change them."
            )
        values = self._values(given, named_in)
        chosen = [values[name] for name, one in self.says.parameters.items() if one.choices]
        places = {**values, **self.says.words.get(dialect, {})}
        found: dict[str, tuple[str, Path]] = {}
        for table in TABLES:
            if file := self._nearest(table, dialect, chosen):
                text = read_sql(file, f"the preset '{self.name}'")
                found[table] = _PLACE.sub(lambda match: places[match.group(1)], text), file
        return found

    def expects(self, given: Mapping[str, str]) -> str:
        """What the preset was written for, and which of its choices was said, for messages about a missing name."""
        said = [
            f"{name} = {given[name]}" for name, one in self.says.parameters.items() if one.choices and name in given
        ]
        chosen = f", here with {', '.join(said)}" if said else ""
        return f"The preset '{self.name}' is for {self.says.versions}{chosen}; is that what is there?"

    def _nearest(self, table: str, dialect: str, chosen: list[str]) -> Path | None:
        """The file that says most precisely how ``table`` is read there."""
        names = [f"{one}." for one in chosen]
        marks = [*(f"{one}{dialect}." for one in names), *names, f"{dialect}.", ""]
        files = (self.file.parent / f"{table}.{mark}sql" for mark in marks)
        return next((file for file in files if file.is_file()), None)

    def _values(self, given: Mapping[str, str], named_in: str) -> dict[str, str]:
        known = self.says.parameters
        for name in given:
            if name not in known:
                raise ConfigError(
                    f"{named_in}: unknown key parameters.{name}: {did_you_mean(name, known)}".rstrip(": ")
                )
        values: dict[str, str] = {}
        for name, one in known.items():
            value = given.get(name, one.default)
            if value is None:
                raise ConfigError(f"{named_in}: parameters.{name} is missing: {one.meaning}")
            if one.choices and value not in one.choices:
                raise ConfigError(
                    f"{named_in}: parameters.{name} is '{value}'; it must be one of {', '.join(one.choices)}."
                )
            if not re.fullmatch(one.pattern, value):
                raise ConfigError(f"{named_in}: parameters.{name} is '{value}', which cannot be: {one.meaning}")
            values[name] = value
        return values


def names() -> list[str]:
    """The presets there are."""
    return sorted(file.parent.name for file in FOLDER.glob("*/preset.toml"))


def read_preset(name: str, named_in: str) -> Preset:
    """The preset ``name``. ``named_in``: the file and key that ask for it, for messages.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in names():
        raise ConfigError(f"{named_in} is '{name}', which is no preset; {did_you_mean(name, names())}")
    file = FOLDER / name / "preset.toml"
    return Preset(name, file, validated(PresetFile, read_toml(file), file))
