"""Connecting a source: which mappings there are, a settings file to begin with, and a first look."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import polars as pl

from commands.options import CONTROL, as_format, asking, configured, plainly
from commands.printing import show
from config import drafts, presets
from config.advice import command
from config.settings import load, place
from data_sources import suggestions
from data_sources.preview import FEW, Looked, browse, preview, raw_rows
from data_sources.table_mapping import NUMBERS, TableMapping, all_suggested, formats
from ledger.errors import ConfigError, OutstandingError, did_you_mean
from ledger.schema import TABLES, Type

_MOST_KINDS = 10


@click.group("source")
def source_command() -> None:
    """Connect a source: list presets, begin a settings file, take a first look."""


@source_command.command("presets")
@as_format
@plainly
def presets_command(shape: str) -> None:
    """The mappings for ERPs that come with Outstanding."""
    told = [presets.read_preset(name, "preset") for name in presets.names()]
    columns = {
        "preset": [each.name for each in told],
        "for": [each.says.versions for each in told],
        "kind": [each.says.kind for each in told],
        "databases": [", ".join(each.says.dialects) if each.says.kind == "sql" else "" for each in told],
        "proven": [each.says.proven for each in told],
    }
    show(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), shape)


@source_command.command("init")
@click.argument("name", default="ledger")
@click.option(
    "--kind",
    type=click.Choice(["sql", "files", *drafts.SERVICES]),
    help="The kind of source; that of the preset if left out.",
)
@click.option("--preset", help="The mapping that comes with Outstanding; see 'source presets'.")
@click.option("--url", help="A database's address, its password written as ${AR_DB_PASSWORD}.")
@click.option("--table", "tables", multiple=True, metavar="NAME=PATH", help="Where a raw table's files are; repeat.")
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Of a preset or a service; repeat."
)
@click.option("--company", default="Our company", show_default=True, help="For an app.toml where there is none.")
@click.option("--currency", default="USD", show_default=True, help="Reporting currency, for such an app.toml.")
@configured
@click.pass_context
@plainly
def init_command(
    context: click.Context,
    name: str,
    kind: str | None,
    preset: str | None,
    url: str | None,
    tables: tuple[str, ...],
    parameters: tuple[str, ...],
    company: str,
    currency: str,
) -> None:
    """Begin the source file NAME (and an app.toml, where there is none). Nothing is written over."""
    folder = place(context.obj)
    kind = kind or (presets.read_preset(preset, "--preset").says.kind if preset else "sql")
    given, located = _pairs(parameters, "--parameter"), _pairs(tables, "--table")
    if kind == "sql":
        text = drafts.of_database(url or "postgresql+psycopg://reader:${AR_DB_PASSWORD}@host:5432/erp", preset, given)
    elif kind == "files":
        text = drafts.of_files(located, preset, given)
    else:
        text = drafts.of_service(kind, given)
    file, app = folder / "sources" / f"{name}.toml", folder / "app.toml"
    _written(file, text)
    if app.exists():
        click.echo(f'In {app}, write source = "{name}".')
    else:
        _written(app, drafts.company(company, currency, name, preset))
    click.echo(f"Fill in what stands as …, then look: {command(f'source test {name}', folder)}")


@source_command.command("tables")
@click.argument("name", required=False)
@click.option("--table", "table", help="Print the first rows of one of them.")
@click.option("--rows", "most", type=click.IntRange(1), default=20, show_default=True, help="Rows to print.")
@asking()
def tables_command(context: click.Context, name: str | None, table: str | None, most: int, shape: str) -> None:
    """The source's own tables with their columns, before anything is mapped."""
    settings = load(context.obj, source=name)
    if table is not None:
        show(raw_rows(settings, table, most), shape)
        return
    found = browse(settings)
    if not found.ok:
        raise OutstandingError(found.sentence)
    columns = {"table": list(found.tables), "columns": [", ".join(one) for one in found.tables.values()]}
    show(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), shape)


@source_command.command("suggest")
@click.argument("name", required=False)
@click.option(
    "--from", "given", multiple=True, metavar="TABLE=RAW", help="Which raw table is which, as documents=bills; repeat."
)
@configured
@click.pass_context
@plainly
def suggest_command(context: click.Context, name: str | None, given: tuple[str, ...]) -> None:
    """A [mapping] to begin with, from the names and first rows of the source's own tables. Nothing is written."""
    chosen = _pairs(given, "--from", "TABLE=RAW")
    for table in chosen:
        if table not in TABLES:
            raise OutstandingError(f"--from '{table}' is no table of Outstanding; {did_you_mean(table, TABLES)}")
    settings = load(context.obj, source=name)
    made = all_suggested(settings, chosen)
    if not made:
        raise OutstandingError(
            "No table's name says that it holds customers, documents or settlements; say which does, as in "
            "--from documents=bills ('source tables' lists them)."
        )
    dates, numbers = (
        [value for table, one in made.items() for value in one.mapping.texts(table, one.rows, types)]
        for types in ((Type.DATE,), NUMBERS)
    )
    if found := formats(dates, numbers):
        click.echo("\n".join(["[formats]", *(f"{key} = {drafts.quoted(said)}" for key, said in found.items()), ""]))
    for said, readings in ((dates, suggestions.dates(dates)), (numbers, suggestions.numbers(numbers))):
        if len(readings) > 1:
            click.echo(f"# '{said[0]}' can be read in several ways, {readings}: make sure which it is.")
    click.echo("[mapping]")
    for table, one in made.items():
        for said in _open_questions(table, one.mapping):
            click.echo(CONTROL.sub(" ", f"# {table}.{said}"))
        click.echo(f"{table} = {drafts.long_text(one.select)}")


def _open_questions(table: str, mapping: TableMapping) -> Iterator[str]:
    """What a person must say or look at before a suggested mapping is right."""
    for column in mapping.missing(table):
        yield f"{column} must come from somewhere: nothing looks like it."
    for column in filter(mapping.is_assumed, mapping.constants):
        yield f"{column} is taken to be '{mapping.constants[column]}' in every row: no column says it. Is that right?"
    if mapping.unmeant:
        listed = ", ".join(f"'{value}'" for value in mapping.unmeant[:_MOST_KINDS])
        yield f"kind: say what {listed} means, by WHEN … THEN …, or such rows are kept out."


@source_command.command("test")
@click.argument("name", required=False)
@click.option("--rows", "most", type=click.IntRange(1), default=FEW, show_default=True, help="Rows a table to look at.")
@click.option("--table", "table", help="Print the rows of one table as they would be taken, instead of the report.")
@asking()
def try_command(context: click.Context, name: str | None, most: int, table: str | None, shape: str) -> None:
    """Connect, read the first rows of every table, and say what would be wrong with them. Publishes nothing."""
    settings = load(context.obj, source=name)
    seen = preview(settings, datetime.now(UTC).astimezone().date(), most)
    if not seen.ok and not seen.tables:
        raise OutstandingError(seen.sentence)
    if table is not None:
        if table not in seen.tables:
            raise ConfigError(f"{settings.source.file} gives no table '{table}'; it gives {', '.join(seen.tables)}.")
        show(seen.tables[table].rows, shape)
        return
    rows = "row" if most == 1 else f"{most:,} rows"
    seen_of_it = f"Only the first {rows} of each table were read here: a refresh reads all of them."
    click.echo(CONTROL.sub(" ", f"{seen.sentence} {seen_of_it}"))
    show(pl.concat([_row(each, looked) for each, looked in seen.tables.items()]), shape)
    if not seen.ok:
        sys.exit(1)


def _row(table: str, looked: Looked) -> pl.DataFrame:
    """A table of the report."""
    reasons = looked.kept_out.group_by("reason", maintain_order=True).len() if looked.kept_out.height else None
    said = [f"{reason} ({rows}×)" for reason, rows in reasons.iter_rows()] if reasons is not None else []
    columns = {
        "table": table,
        "rows": looked.rows.height,
        "kept_out": looked.kept_out.height,
        "found": looked.problem or "; ".join(said[:3]),
        "not_used": ", ".join(looked.ignored),
    }
    return pl.DataFrame([columns], schema_overrides={"rows": pl.Int64, "kept_out": pl.Int64})


def _pairs(written: tuple[str, ...], option: str, form: str = "NAME=VALUE") -> dict[str, str]:
    pairs: dict[str, str] = {}
    for each in written:
        name, mark, value = each.partition("=")
        if not mark or not name:
            raise OutstandingError(f"{option} '{each}' is not of the form {form}.")
        pairs[name.strip()] = value.strip() if option == "--from" else value
    return pairs


def _written(file: Path, text: str) -> None:
    """Write a new file.

    Raises:
        OutstandingError: it is there already, or cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as fresh:
            fresh.write(text)
    except FileExistsError:
        raise OutstandingError(f"{file} is there already; name another source, or edit it.") from None
    except OSError as error:
        raise OutstandingError(f"{file} cannot be written: {error.strerror or error}.") from None
    click.echo(f"Written: {file}")
