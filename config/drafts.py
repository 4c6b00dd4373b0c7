"""Settings files to begin with, as text: what a new company and a new source need, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from config.presets import Preset, read_preset
from ledger.errors import ConfigError
from ledger.schema import TABLES

_LOGIN = re.compile(r"://[^/@\s]*:(?P<password>[^/@\s]+)@")

_COMPANY = """company = {name}
reporting_currency = {currency}
source = {source}
{aging}
[store]
path = {store}   # its own: a store holds one company

[dimensions]     # name = label, in drill order: columns of customers or documents
entity = "Entity"
"""


def company(name: str, reporting_currency: str, source: str, preset: str | None = None) -> str:
    """``app.toml`` of a company of its own. ``preset``: whose report's buckets are followed."""
    aging = f"\n[aging]\npreset = {_quoted(preset)}\n" if preset and read_preset(preset, "preset").says.aging else ""
    return _COMPANY.format(
        name=_quoted(name),
        currency=_quoted(reporting_currency),
        source=_quoted(source),
        aging=aging,
        store=_quoted(f"data/{source}"),
    )


def of_database(url: str, preset: str | None = None, parameters: Mapping[str, str] | None = None) -> str:
    """A source file of ``kind = "sql"``.

    Args:
        url: an SQLAlchemy address; a password in it must be a variable.
        preset: the mapping that comes with the product; without one every table is begun by hand.
        parameters: values of the preset's parameters; others stand there with their default.

    Raises:
        ConfigError: the address holds a password, or there is no such preset.
    """
    refuse_password(url)
    head = f'kind = "sql"\nurl = {_quoted(url)}\n'
    if preset is None:
        return f"{head}\n[mapping]\n" + "\n".join(_begun(name) for name in TABLES if not TABLES[name].optional)
    return head + _of_preset(read_preset(preset, "preset"), parameters or {})


def of_files(tables: Mapping[str, str], preset: str | None = None, parameters: Mapping[str, str] | None = None) -> str:
    """A source file of ``kind = "files"``. ``tables``: where each raw table is, by name.

    Raises:
        ConfigError: there is no such preset.
    """
    chosen = read_preset(preset, "preset") if preset else None
    needed = {name: f"{name}.csv" for name in chosen.says.tables} if chosen else {}
    named = {**needed, **tables} or {"invoices": "invoices.csv"}
    head = 'kind = "files"\n'
    written = "\n[tables]\n" + "".join(f"{name} = {_quoted(path)}\n" for name, path in named.items())
    if chosen:
        return head + _of_preset(chosen, parameters or {}) + written
    return f"{head}{written}\n[mapping]\n" + "\n".join(_begun(name) for name in TABLES if not TABLES[name].optional)


def refuse_password(url: str) -> None:
    """Raise ``ConfigError`` where a password stands in ``url`` itself; the sentence does not repeat it."""
    login = _LOGIN.search(url)
    if login and not re.fullmatch(r"\$\{\w+\}", login["password"]):
        raise ConfigError(
            "The address holds a password, which a settings file must not: write ${AR_DB_PASSWORD} in its place, and "
            "set that environment variable."
        )


def _of_preset(preset: Preset, parameters: Mapping[str, str]) -> str:
    text = f"preset = {_quoted(preset.name)}   # {preset.says.versions}\n"
    if not preset.says.parameters:
        return text
    text += "\n[parameters]\n"
    for name, one in preset.says.parameters.items():
        said = " ".join(one.meaning.split()).rstrip(".")
        choices = f". One of: {', '.join(one.choices)}" if one.choices else ""
        # What has a default is left out, and shown as one who wants something else would write it.
        mark = "" if name in parameters or one.default is None else "# "
        value = parameters.get(name, "…" if one.default is None else one.default)
        text += f"# {said}{choices}.\n{mark}{name} = {_quoted(value)}\n"
    return text


def _begun(table: str) -> str:
    """A mapping to be filled in: every required column, and the others as a comment."""
    columns = TABLES[table].columns
    needed = [f"    … AS {column.name}" for column in columns if column.required]
    others = ", ".join(column.name for column in columns if not column.required)
    further = f"\n-- further columns, where there are any: {others}" if others else ""
    return f"{table} = '''\nSELECT\n" + ",\n".join(needed) + f"\nFROM …{further}\n'''\n"


def _quoted(text: str | None) -> str:
    return json.dumps(text or "", ensure_ascii=False)
