"""A source file: which connector, the mapping, the formats, and the connector's own options as they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from config import presets
from config.formats import FormatsTable
from config.presets import Preset, read_preset
from config.reading import filled, missing_file, read_sql, read_toml, variables
from config.validation import Section, Text, Texts, validated
from ledger.cast import Formats
from ledger.errors import ConfigError, did_you_mean
from ledger.schema import TABLES


def _plain_name(text: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", text):
        raise ValueError(f"is '{text}'; name the column in lower case, with letters, digits and _ only.")
    return text


class ChangeSettings(Section):
    """``[changes]`` of a source file: how a refresh knows what is new, so that it need not read everything.

    ``column``: of documents and settlements, rises whenever a row is made or changed. ``removed``: a yes or no of both,
    for rows that are kept but count no more. ``full_every``: every so many refreshes all is read again, for rows that
    went without a trace.
    """

    column: Annotated[str, AfterValidator(_plain_name)]
    removed: Annotated[str, AfterValidator(_plain_name)] | None = None
    full_every: int = Field(default=50, ge=1)


class SourceSettings(Section):
    """A source file: which connector, the mapping and the formats, and the connector's own options.

    The options are kept as they are written, not shown. ``options()`` replaces their variables when a connector is
    opened, so that serving a published snapshot needs no password.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str
    kind: str
    file: Path
    mapping: Texts
    origins: Texts
    formats: Formats = Formats()
    written: Mapping[str, Any] = Field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = Field(default_factory=dict, repr=False, exclude=True)
    preset: str | None = None
    expects: str = ""
    """Which version of an ERP the preset is for, as a sentence; empty without one."""
    changes: ChangeSettings | None = None

    @property
    def folder(self) -> Path:
        """Where relative paths of the source start."""
        return self.file.parent

    def origin(self, table: str) -> str:
        """Where the mapping of canonical ``table`` is written, for messages."""
        return self.origins.get(table, f"{self.file}, mapping.{table}")

    def expected(self, origin: str) -> str:
        """What the preset that ``origin`` is part of was written for; empty for a mapping of one's own."""
        return self.expects if origin.startswith(str(presets.FOLDER)) else ""

    def change_columns(self, table: str) -> tuple[str, ...]:
        """The columns of ``table`` that only say what changed."""
        if self.changes is None or table not in ("documents", "settlements"):
            return ()
        return tuple(name for name in (self.changes.column, self.changes.removed) if name)

    def options(self) -> dict[str, Any]:
        """The connector's own settings, variables replaced. May hold secrets: never print it.

        Raises:
            ConfigError: A variable is not set.
        """
        return filled(self.written, variables(self.secrets), self.file)


class SourceFile(Section):
    """The part of a source file that every connector has."""

    kind: Text
    preset: Text | None = None
    parameters: dict[str, str] = Field(default_factory=dict)
    mapping: dict[str, Text] = Field(default_factory=dict)
    formats: FormatsTable | None = None
    changes: ChangeSettings | None = None


def read_source(root: Path, name: str, named_in: Path, secrets: Mapping[str, str]) -> SourceSettings:
    """The source file ``name`` below the configuration folder ``root``.

    Args:
        root: The configuration folder.
        name: The file's name without its ending.
        named_in: The file that asks for it, for messages.
        secrets: Further values for ``${NAME}``.

    Raises:
        ConfigError: The file or a mapping's file is missing, or a key that every source has is wrong.
    """
    file = root / "sources" / f"{name}.toml"
    if not file.is_file():
        raise ConfigError(missing_file(file, f'{named_in}: source = "{name}"'))
    return source_of(read_toml(file), name, file, secrets)


def source_of(written: Mapping[str, Any], name: str, file: Path, secrets: Mapping[str, str]) -> SourceSettings:
    """What a source file says, as parsed.

    Args:
        written: Its tables, variables not yet replaced.
        name: The file's name without its ending.
        file: Where it stands, or would: relative paths start there.
        secrets: Further values for ``${NAME}``.

    Raises:
        ConfigError: A mapping's file is missing, or a key that every source has is wrong.
    """
    written = dict(written)
    common = {key: written.pop(key) for key in SourceFile.model_fields if key in written}
    checked = validated(SourceFile, filled(common, variables(secrets), file), file, known=written)
    preset = _preset(checked, file)
    formats = checked.formats or (preset.says.formats if preset else None) or FormatsTable()
    _check_separators(formats, file)
    mapping, origins = _mapping(checked.mapping, file)
    if preset:
        dialect = _dialect(checked.kind, written.get("url", ""), variables(secrets))
        shipped = preset.mapping(dialect, checked.parameters, str(file))
        mapping = {**{table: sql for table, (sql, _) in shipped.items()}, **mapping}
        origins = {**{table: str(where) for table, (_, where) in shipped.items()}, **origins}
    return SourceSettings(
        name=name,
        kind=checked.kind,
        file=file,
        mapping=mapping,
        origins=origins,
        formats=Formats(**formats.model_dump()),
        preset=checked.preset,
        expects=preset.expects(checked.parameters) if preset else "",
        written=written,
        secrets=secrets,
        changes=checked.changes,
    )


def _preset(checked: SourceFile, file: Path) -> Preset | None:
    if checked.preset is None:
        if checked.parameters:
            raise ConfigError(f'{file}: parameters are those of a preset; name it, such as preset = "odoo".')
        return None
    preset = read_preset(checked.preset, f"{file}: preset")
    if preset.says.kind != checked.kind:
        raise ConfigError(
            f"{file}: the preset '{preset.name}' is for kind = \"{preset.says.kind}\", and kind is '{checked.kind}'."
        )
    return preset


def _dialect(kind: str, url: object, values: Mapping[str, str]) -> str:
    """The kind of database behind ``url``, whose variables may be missing where nothing is read; or ``files``."""
    if kind != "sql":
        return "files"
    address = re.sub(r"^\$\{(\w+)\}", lambda match: values.get(match.group(1), ""), str(url))
    name = re.match(r"\w*", address)
    return {"mariadb": "mysql", "postgres": "postgresql"}.get(name[0], name[0]) if name else ""


def _check_separators(formats: FormatsTable, file: Path) -> None:
    if formats.decimal == formats.thousands:
        raise ConfigError(
            f"{file}: formats.decimal and formats.thousands are both '{formats.decimal}'; make them differ."
        )


def _mapping(written: Mapping[str, str], file: Path) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """SQL text and its origin, by canonical table. A value that ends in ``.sql`` names a file beside the source's."""
    mapping: dict[str, str] = {}
    origins: dict[str, str] = {}
    for table, text in written.items():
        if table not in TABLES:
            raise ConfigError(f"{file}: unknown key mapping.{table}: {did_you_mean(table, TABLES)}")
        origins[table] = f"{file}, mapping.{table}"
        mapping[table] = text
        if text.strip().endswith(".sql") and len(text.split()) == 1:
            beside = file.parent / text.strip()
            mapping[table] = read_sql(beside, origins[table])
            origins[table] = str(beside)
    return mapping, origins
