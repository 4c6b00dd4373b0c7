"""Settings files to begin with, as text: what a new company and a new source need, and nothing else."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qsl

from config.presets import Preset, read_preset
from config.settings import Settings
from config.source import source_of
from ledger.errors import ConfigError, did_you_mean
from ledger.schema import TABLES

_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)\}")
_SECRET = re.compile(r"secret|password|token|key", re.IGNORECASE)
_LOGIN = re.compile(r"://(?P<login>.*)@")
_QUERY_SECRET = re.compile(r"pass|pwd|secret|token|signature|credential|api.?key|^sig$|^code$|^key$", re.IGNORECASE)
_ODBC_SECRET = re.compile(r"(?:pwd|password)\s*=\s*(?!\$\{)[^;\s]", re.IGNORECASE)

_COMPANY = """company = {name}
reporting_currency = {currency}
source = {source}
{aging}
[store]
path = "data"    # counted from this file's folder: a store holds one company

[dimensions]     # name = label, in drill order: columns of customers or documents
entity = "Entity"
{dimensions}"""

_GROUPED = {
    "region": "Region",
    "segment": "Segment",
    "country": "Country",
    "industry": "Industry",
    "collector": "Collector",
    "sales_rep": "Sales rep",
    "risk_class": "Risk class",
}


@dataclass(frozen=True)
class Service:
    """A service that is read over the web: what it is called, and what its source file must hold.

    ``fields``: by key what a person reads, and what stands there to begin with; secrets are variables.
    """

    label: str
    fields: Mapping[str, tuple[str, str]]


_APP_LOGIN = {
    "client_id": ("Client id of your app", "${%s_CLIENT_ID}"),
    "client_secret": ("Client secret of your app", "${%s_CLIENT_SECRET}"),
    "refresh_token": ("The refresh token that the connection began with", "${%s_REFRESH_TOKEN}"),
}


def _login(mark: str) -> dict[str, tuple[str, str]]:
    return {key: (said, begun % mark) for key, (said, begun) in _APP_LOGIN.items()}


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "quickbooks": Service("QuickBooks Online", {"company_id": ("Company id, digits only", ""), **_login("QBO")}),
        "stripe": Service("Stripe", {"secret_key": ("A restricted key that may only read", "${STRIPE_KEY}")}),
        "xero": Service("Xero", {"tenant_id": ("Id of the organisation (tenant)", ""), **_login("XERO")}),
    }
)
"""The services that need no mapping, by kind."""


@dataclass(frozen=True)
class Draft:
    """A source file that somebody is writing.

    ``options``: the connector's own texts, such as ``url``. ``tables``: of files, the options of each raw table.
    ``mapping``: SQL by canonical table. ``parameters`` are those of ``preset``; ``formats`` as in ``[formats]``.
    """

    name: str
    kind: str
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    tables: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict[str, Mapping[str, str | int]])
    preset: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    mapping: Mapping[str, str] = field(default_factory=dict[str, str])
    formats: Mapping[str, str] = field(default_factory=dict[str, str])

    def text(self) -> str:
        """The source file.

        Raises:
            ConfigError: a secret stands in it.
        """
        for key, value in self.options.items():
            refuse_secret(key, value)
        for address in (self.options.get("url", ""), *(str(one.get("path", "")) for one in self.tables.values())):
            refuse_password(address)
        lines = [f"kind = {quoted(self.kind)}", *(f"{key} = {quoted(said)}" for key, said in self.options.items())]
        if self.preset:
            lines.append(f"preset = {quoted(self.preset)}")
        given = {name: _without_variables(said) for name, said in self.parameters.items()}
        lines += _table("parameters", given) + _table("formats", self.formats)
        if self.tables:
            lines += ["", "[tables]", *(f"{_key(name)} = {_inline(one)}" for name, one in self.tables.items())]
        if self.mapping:
            plain = {table: _without_variables(sql) for table, sql in self.mapping.items()}
            lines += ["", "[mapping]", *(f"{table} = {long_text(sql)}" for table, sql in plain.items())]
        return "\n".join(lines) + "\n"

    def settings(self, company: Settings, secrets: Mapping[str, str]) -> Settings:
        """The settings of ``company`` with this source in place of its own, which need not be saved for it.

        Raises:
            ConfigError: what is written cannot be a source file.
        """
        file = company.folder / "sources" / f"{self.name}.toml"
        source = source_of(tomllib.loads(self.text()), self.name, file, secrets)
        return company.model_copy(update={"source": source})

    def anchored(self, folder: Path) -> Draft:
        """The same with paths that do not depend on where the file stands; they counted from ``folder``."""

        def path(written: str) -> str:
            return (
                written if "://" in written or "${" in written else str((folder / Path(written).expanduser()).resolve())
            )

        tables = {name: {**one, "path": path(str(one.get("path", "")))} for name, one in self.tables.items()}
        head, mark, file = self.options.get("url", "").partition("sqlite:///")
        url = {"url": f"{mark}{path(file)}"} if mark and not head and file else {}
        return replace(self, tables=tables, options={**self.options, **url})

    def variables(self) -> list[str]:
        """The variables that it names, in their order."""
        said = [*self.options.values(), *(str(value) for one in self.tables.values() for value in one.values())]
        return list(dict.fromkeys(_VARIABLE.findall(" ".join(said))))


def company(
    name: str,
    reporting_currency: str,
    source: str,
    preset: str | None = None,
    columns: Collection[str] = (),
) -> str:
    """``app.toml`` of a company of its own.

    ``preset``: whose report's buckets are followed. ``columns``: what customers and documents have values in; of
    these, what people usually group by becomes a dimension, the rest a comment.
    """
    aging = f"\n[aging]\npreset = {quoted(preset)}\n" if preset and read_preset(preset, "preset").says.aging else ""
    return _COMPANY.format(
        name=quoted(name),
        currency=quoted(reporting_currency),
        source=quoted(source),
        aging=aging,
        # What is not known to have values stands there to be uncommented.
        dimensions="".join(
            f"{'' if key in columns else '# '}{key} = {quoted(label)}\n" for key, label in _GROUPED.items()
        ),
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
    head = f'kind = "sql"\nurl = {quoted(url)}\n'
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
    written = "\n[tables]\n" + "".join(f"{name} = {quoted(path)}\n" for name, path in named.items())
    if chosen:
        return head + _of_preset(chosen, parameters or {}) + written
    return f"{head}{written}\n[mapping]\n" + "\n".join(_begun(name) for name in TABLES if not TABLES[name].optional)


def of_service(kind: str, given: Mapping[str, str]) -> str:
    """A source file of a service that is read over the web. ``given``: values for its keys.

    Raises:
        ConfigError: there is no such key, or a secret stands in it.
    """
    known = SERVICES[kind].fields
    for key, value in given.items():
        if key not in known:
            raise ConfigError(f"kind = \"{kind}\" has no key '{key}'; {did_you_mean(key, known)}")
        refuse_secret(key, value)
    lines = [f"# {said}\n{key} = {quoted(given.get(key, begun or '…'))}" for key, (said, begun) in known.items()]
    return "\n".join([f"kind = {quoted(kind)}", *lines]) + "\n"


def refuse_secret(key: str, value: str) -> None:
    """Raise ``ConfigError`` where ``key`` is that of a secret and ``value`` is one; the sentence does not repeat it."""
    if _SECRET.search(key) and value and not _VARIABLE.fullmatch(value):
        raise ConfigError(
            f"{key} is a secret, which a settings file must not hold: write ${{{key.upper()}}} in its place, and set "
            "that environment variable."
        )


def refuse_password(url: str) -> None:
    """Raise ``ConfigError`` where a password stands in ``url`` itself; the sentence does not repeat it."""
    login = _LOGIN.search(url.partition("?")[0])
    _, mark, password = login["login"].partition(":") if login else ("", "", "")
    given = parse_qsl(url.partition("?")[2], keep_blank_values=True)
    signed = any(
        (_QUERY_SECRET.search(key) and value and not _VARIABLE.fullmatch(value)) or _ODBC_SECRET.search(value)
        for key, value in given
    )
    if (mark and password and not _VARIABLE.fullmatch(password)) or signed:
        raise ConfigError(
            "The address holds a password, which a settings file must not: write ${AR_DB_PASSWORD} in its place, and "
            "set that environment variable."
        )


def _of_preset(preset: Preset, parameters: Mapping[str, str]) -> str:
    text = f"preset = {quoted(preset.name)}   # {preset.says.versions}\n"
    if not preset.says.parameters:
        return text
    text += "\n[parameters]\n"
    for name, one in preset.says.parameters.items():
        said = " ".join(one.meaning.split()).rstrip(".")
        choices = f". One of: {', '.join(one.choices)}" if one.choices else ""
        # What has a default is left out, and shown as one who wants something else would write it.
        mark = "" if name in parameters or one.default is None else "# "
        value = parameters.get(name, "…" if one.default is None else one.default)
        text += f"# {said}{choices}.\n{mark}{name} = {quoted(value)}\n"
    return text


def _begun(table: str) -> str:
    """A mapping to be filled in: every required column, and the others as a comment."""
    columns = TABLES[table].columns
    needed = [f"    … AS {column.name}" for column in columns if column.required]
    others = ", ".join(column.name for column in columns if not column.required)
    further = f"\n-- further columns, where there are any: {others}" if others else ""
    return f"{table} = '''\nSELECT\n" + ",\n".join(needed) + f"\nFROM …{further}\n'''\n"


def quoted(text: str | int | None) -> str:
    """A text or number as TOML writes it."""
    return json.dumps("" if text is None else text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(name: str, values: Mapping[str, str]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {quoted(said)}" for key, said in values.items())] if values else []


def _without_variables(text: str) -> str:
    """``text`` as it stands: nothing of the server's environment belongs into a SELECT."""
    return text.replace("${", "$${")


def _inline(options: Mapping[str, str | int]) -> str:
    """A raw table: its path alone where nothing else is said."""
    if list(options) == ["path"]:
        return quoted(options["path"])
    return "{ " + ", ".join(f"{key} = {quoted(said)}" for key, said in options.items()) + " }"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def long_text(text: str) -> str:
    """A text of several lines, so that a person reads it as it is."""
    if "'''" in text or any((sign < " " and sign not in "\n\t") or sign == "\x7f" for sign in text):
        return quoted(text)
    return f"'''\n{text.rstrip()}\n'''"


def save(file: Path, text: str) -> None:
    """Write a settings file whole, or not at all; one that is there is kept beside it, as ``….toml.before`` or ``-2``.

    Raises:
        ConfigError: it cannot be written.
    """
    fresh = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        if file.exists():
            shutil.copy2(file, _unused(file.with_name(f"{file.name}.before")))
        fresh.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror or error}.") from None


def _unused(file: Path) -> Path:
    """``file``, or the first of ``file-2``, ``file-3`` … that is not there."""
    names = (file if at == 1 else file.with_name(f"{file.name}-{at}") for at in count(1))
    return next(one for one in names if not one.exists())
