"""A refresh: extract, check, build, publish. Nothing is published that was not read whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any

import polars as pl

import data_sources
import ledger
from config.settings import Settings
from data_sources.connector import Connector, Remembering
from data_sources.landing import LANDED, Landing, forget
from data_sources.registry import open_connector
from ledger.book import Book, BookRules
from ledger.build import Built, Origin, build
from ledger.cast import Formats
from ledger.conversion import Conversion
from ledger.errors import OutstandingError, RefreshError
from ledger.fingerprint import stamp_of
from ledger.fixes import Fix
from ledger.schema import TABLES
from ledger.shelf import Folder
from ledger.store import Store

Progress = Callable[[str, float], None]


def rules(settings: Settings, now: datetime) -> BookRules:
    """What turns rows into numbers, as set."""
    return BookRules(
        company=settings.company,
        reporting_currency=settings.reporting_currency,
        dimensions=dict(settings.dimensions),
        aging=settings.aging,
        conversion=Conversion(settings.currency.conversion),
        annual_rate=settings.capital.annual_rate,
        today=now.astimezone().date(),  # where the books are kept, not in Greenwich
    )


def changed(settings: Settings, book: Book) -> list[str]:
    """The settings that a snapshot was made with and that say something else by now, as app.toml calls them.

    Numbers go by the snapshot until the next refresh. Whose snapshot it is, ``refuse_others`` asks.
    """
    held = book.rules
    pairs = {
        "company": (held.company, settings.company),
        "reporting_currency": (held.reporting_currency, settings.reporting_currency),
        "[aging]": (held.aging, settings.aging),
        "[dimensions]": (dict(held.dimensions), dict(settings.dimensions)),
        "[capital] annual_rate": (held.annual_rate, settings.capital.annual_rate),
    }
    return [name for name, (then, now) in pairs.items() if then != now]


def refuse_others(settings: Settings, book: Book) -> None:
    """Do nothing where a snapshot is this company's; one that was only renamed in its own settings still is.

    Raises:
        OutstandingError: it is another company's, and its figures must not be shown as this one's.
    """
    held, by = book.rules.company, book.about.get("settings")
    if held == settings.company or by == str(settings.folder.resolve()):
        return
    made = f", made by the settings in {by}" if by else ""
    raise OutstandingError(
        f"{settings.store.path} holds the books of '{held}'{made}; these settings are of '{settings.company}'. "
        f"Write a [store] path of its own into {settings.folder / 'app.toml'} and refresh; or, if those books and all "
        f"that was saved beside them are not needed any more, remove {settings.store.path} first."
    )


def open_store(settings: Settings) -> Store:
    """The snapshots of this company."""
    return Store(settings.store.path, settings.store.keep)


@dataclass
class _Steps:
    """Tells the progress of a refresh as a share of its usual length."""

    tell: Progress
    done: float = 0.0

    def __call__(self, step: str, share: float = 0.1) -> None:
        self.tell(step, self.done)
        self.done = min(self.done + share, 0.95)


def refresh(
    settings: Settings,
    *,
    fixes: Sequence[Fix] = (),
    force: bool = False,
    full: bool = False,
    progress: Progress = lambda _step, _share: None,
    now: datetime | None = None,
) -> Book:
    """Read the source and publish a snapshot of it.

    Args:
        fixes: what people corrected and have not withdrawn, the oldest first.
        force: publish although more of the money is in quarantine than the settings allow.
        full: read everything, although the source says what changed since the last time.
        progress: told the step and the share done, 0–1.
        now: the moment of the refresh; the clock's when left out.

    Returns:
        The published Book.

    Raises:
        OutstandingError: the source, its mapping or the disk is at fault, another refresh is running, the store holds
            another company's books, or too much was quarantined. The last good snapshot still serves, and the store
            remembers why this one failed.
    """
    at = now or datetime.now(UTC)
    store = open_store(settings)
    if (book := _last(store)) is not None:
        refuse_others(settings, book)
    with store.refreshing():
        try:
            by = replace(rules(settings, at), fixes=tuple(fixes))
            published = _published(settings, store, _Steps(progress), by, at, force=force, full=full)
        except OutstandingError as error:
            store.note_attempt(at, str(error))
            raise
        store.note_attempt(at, None)
    progress("done", 1.0)
    return published


def _published(
    settings: Settings, store: Store, step: _Steps, by: BookRules, at: datetime, *, force: bool, full: bool
) -> Book:
    with store.draft() as shelf:
        built = _built(settings, store, shelf, step, by, full=full)
        if not force:
            _gate(built, settings)
        step("writing the snapshot")
        return store.publish_draft(shelf, built.rules, built.about, at)


def _built(settings: Settings, store: Store, shelf: Folder, step: _Steps, by: BookRules, *, full: bool) -> Built:
    step("opening the source", 0.05)
    with open_connector(settings, progress=lambda what, share: step.tell(what, 0.3 * share)) as source:
        remembering = source if isinstance(source, Remembering) else None
        if remembering:
            remembering.remember(full=full)
        landing = _landing(settings, full=full)
        tables = _tables(source, landing)
        made = _made(tables, by, settings.source.formats) if landing else ""
        built = _as_before(store, shelf, made, landing.made) if landing else None
        if built is None:
            origin = Origin(source.describe(), settings.source.formats, _before(store, settings.company))
            built = build(tables, by, shelf, origin, step, shelf.path)
        if landing:
            landing.commit(f"{made} {built.about['fingerprint']}")
        if remembering:
            remembering.keep()
        ignored = {name: list(columns) for name, columns in source.ignored.items()}
        since = dict(landing.since) if landing else {}
    whose = str(settings.folder.resolve())
    return replace(built, about={**built.about, "ignored": ignored, "since": since, "settings": whose})


def _landing(settings: Settings, *, full: bool) -> Landing | None:
    """The copy of what was read before, where the source says what changed since."""
    folder = settings.store.path / "landing"
    if settings.source.changes is None:
        forget(folder)
        return None
    return Landing(folder, settings.source, settings.dimensions, full=full)


def _tables(source: Connector, landing: Landing | None) -> dict[str, Iterable[pl.DataFrame]]:
    """The canonical tables that the source has, in batches that are read when they are asked for.

    Where there is a ``landing``, tables that are not in it are read at once.
    """
    tables: dict[str, Iterable[pl.DataFrame]] = {}
    for name in TABLES:
        landed = landing if name in LANDED else None
        rows = source.batches(name, landed.since.get(name) if landed else None)
        if rows is not None:
            tables[name] = landed.rows(name, rows) if landed else list(rows) if landing else rows
    return tables


def _made(tables: Mapping[str, Iterable[pl.DataFrame]], by: BookRules, formats: Formats) -> str:
    """Names all that books come of beside the rows in a landing: other tables, settings, the day, the code."""
    rows = {
        name: [(batch.schema, batch.hash_rows(seed=13).to_list()) for batch in batches]
        for name, batches in tables.items()
        if name not in LANDED
    }
    said = [asdict(by), list(by.dimensions), formats, rows, stamp_of([ledger, data_sources])]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _as_before(store: Store, shelf: Folder, made: str, known: str) -> Built | None:
    """The published books once more, where they were made of the very same; ``known`` names what they were made of."""
    book = _last(store) if known else None
    if book is None or known != f"{made} {book.fingerprint}":
        return None
    shelf.adopt(store.snapshots / book.about["id"], list(book.frames))
    return Built(book.rules, {**book.about}, book.quarantine)


def _before(store: Store, company: str) -> Book | None:
    """The published books, where they are this company's: another's history is not this one's."""
    book = _last(store)
    return book if book is not None and book.rules.company == company else None


def _last(store: Store) -> Book | None:
    """The published books, where there are any that this version can read."""
    try:
        return store.load()
    except OutstandingError:
        return None


def _gate(built: Built, settings: Settings) -> None:
    """Refuse to publish an empty ledger, or one with too much of its money in quarantine."""
    if not built.about["rows_in"]["documents"]:
        raise RefreshError(
            f"Not published: the mapping of documents returned no rows from {built.about['source']}. "
            "Check its filters and whether the source is empty, or publish it with --force."
        )
    share, allowed = built.about["quarantined_share"], settings.quality.max_quarantined_share
    if share <= allowed:
        return
    worst = _worst(built.quarantine)
    # The key and the reason quote raw values, which may be anything.
    key, reason = (shorten(worst[name], most, placeholder="…") for name, most in (("key", 60), ("reason", 200)))
    rows = "1 row" if worst["rows"] == 1 else f"{worst['rows']:,} rows"
    raise RefreshError(
        f"Not published: {share:.1%} of the money would be quarantined, {allowed:.1%} is allowed. Mostly "
        f"'{worst['rule']}' in {worst['table']}: {rows}, for example row {worst['row']} ({key}): {reason}. "
        "Mend the mapping or its [formats], or publish it with --force."
    )


def _worst(quarantine: pl.DataFrame) -> dict[str, Any]:
    """The table and rule that keep out the most money, with the first row as the example.

    A row whose amount could not be read weighs as an average one. A settlement that lost its document is a consequence
    and named only when nothing else is wrong.
    """
    money = quarantine.filter(pl.col("table").is_in(["documents", "settlements"]))
    causes = money.filter(pl.col("rule") != "document_unknown")
    weight = pl.col("amount").cast(pl.Float64).abs()
    return (
        (money if causes.is_empty() else causes)
        .with_columns(weight=weight.fill_null(weight.mean().fill_null(1.0)))
        .group_by("table", "rule", maintain_order=True)
        .agg(pl.col("weight").sum(), pl.len().alias("rows"), pl.col("row", "key", "reason").first())
        .sort("weight", "rows", descending=True, maintain_order=True)
        .row(0, named=True)
    )
