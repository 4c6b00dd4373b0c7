"""Cached access to settings, the current snapshot and what is computed from it. The only caches of the app.

Each snapshot has a memory of its own for what was asked of it, by the frozen question. A new snapshot is noticed by its
pointer on the next run of a page, without a restart.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import streamlit as st

import alerts as alerts_package
import briefing
import charts
import exports
import ledger
import metrics
import state as keeping
import ui
from briefing.answers import Answers, Direct
from config import settings as configuration
from config.settings import Settings
from data_sources.refresh import refuse_others
from ledger import listing
from ledger.book import Book
from ledger.errors import NoSnapshotError, OutstandingError
from ledger.fingerprint import stamp_of
from ledger.scope import Scope
from ledger.store import Store
from metrics import Targets
from state import State
from state.alert_records import Alert
from state.alert_records import Status as AlertStatus
from ui.memory import Memory

Answer = TypeVar("Answer")

_NOW = "_now"

_ANSWERS, _BYTES = 2_500, 200 * 2**20
"""Answers kept of one snapshot, and about how much memory they may take."""

_ROWS_DRAWN = 1_000
"""Rows of a long list that are sent to the browser; a download has all of them."""

_FRESH, _ENDED_FRESH, _PATIENT = 5.0, 300.0, 60.0
"""Seconds for which alerts read are believed: those that live, those that have ended, and that none can be read."""

_LIVE: tuple[AlertStatus, ...] = ("open", "acknowledged")
_ENDED: tuple[AlertStatus, ...] = ("resolved",)

_STALE_AFTER_HOURS = 36
"""A snapshot older than this is called old on every page: a nightly refresh was missed."""


@dataclass(frozen=True)
class Status:
    """How fresh the snapshot is, and how the last refresh ended."""

    made_at: datetime | None
    age_seconds: float
    problem: str | None
    tried_at: datetime | None

    @property
    def is_stale(self) -> bool:
        return self.age_seconds > _STALE_AFTER_HOURS * 3600


@dataclass(frozen=True)
class Kept:
    """Alerts as the state database had them at a moment of this process, or the sentence why it cannot be read.

    ``asked``: the last day of the data that the rules were asked of.
    """

    alerts: tuple[Alert, ...] = ()
    problem: str = ""
    read_at: float = 0.0
    asked: date | None = None

    def is_fresh(self, for_seconds: float) -> bool:
        """Whether it may still be believed; a database that does not answer is not asked by every click."""
        return time.monotonic() - self.read_at < (_PATIENT if self.problem else for_seconds)


@dataclass(frozen=True)
class Current:
    """What one run of the app sees, so that a refresh in the middle of it cannot mix two snapshots."""

    settings: Settings
    targets: Targets
    store: Store
    book: Book | None
    key: tuple[str, str]
    memory: Memory
    changed: float
    problem: OutstandingError | None = None


def begin() -> None:
    """Look at settings and pointer once, for this run and for the fragments that follow it.

    Raises:
        ConfigError: the settings cannot be read.
    """
    chosen, targets, changed = _chosen()
    place = Store(chosen.store.path, chosen.store.keep)
    try:
        found, problem = _current(place), None
        if found:
            refuse_others(chosen, found)
    except OutstandingError as error:
        found, problem = None, error
    id = str(found.about.get("id") or found.fingerprint) if found else ""
    key = (id, code_stamp())
    st.session_state[_NOW] = Current(chosen, targets, place, found, key, _memory(*key), changed, problem)


def prepare() -> None:
    """Read settings and snapshot ahead of the first visitor; one that is missing is told to whoever comes."""
    code_stamp()
    with suppress(OutstandingError):
        chosen, _, _ = _chosen()
        _current(Store(chosen.store.path, chosen.store.keep))


def settings() -> Settings:
    """The company's settings."""
    return _now().settings


def targets() -> Targets:
    """The company's targets."""
    return _now().targets


def store() -> Store:
    """Where the snapshots are."""
    return _now().store


def state() -> State:
    """What people keep: saved views, favourites, notices seen. Opened once a process and database.

    Raises:
        ConfigError: ``[state] url`` is no URL, or needs a variable that is not set.
        StateError: the database cannot be opened or brought up to date.
    """
    chosen = settings()
    return _state(keeping.place(chosen).key, chosen)


def alerts() -> Kept:
    """Alerts that have not ended, at most some seconds old. A page that changes them reads the state itself."""
    return _kept(_LIVE, _FRESH)


def ended_alerts() -> Kept:
    """Alerts that have ended, at most some minutes old."""
    return _kept(_ENDED, _ENDED_FRESH)


def alerts_changed() -> None:
    """Read alerts anew the next time: somebody has changed one here."""
    _alerts.clear()


def _kept(statuses: tuple[AlertStatus, ...], fresh: float) -> Kept:
    chosen = settings()
    try:
        key = keeping.place(chosen).key
    except OutstandingError as error:
        return Kept(problem=str(error))
    found = _alerts(key, chosen, statuses)
    if found.is_fresh(fresh):
        return found
    _alerts.clear(key, chosen, statuses)
    return _alerts(key, chosen, statuses)


def book() -> Book:
    """The current snapshot.

    Raises:
        NoSnapshotError: nothing has been published yet.
        OutstandingError: it cannot be read.
    """
    now = _now()
    if now.problem:
        raise now.problem
    return now.book  # type: ignore[return-value]


def is_ready() -> bool:
    """Whether there is a snapshot to read."""
    return _now().book is not None


def status() -> Status:
    """How fresh the snapshot is, and how the last refresh ended."""
    attempt = store().last_attempt()
    made_at = book().about.get("made_at") if is_ready() else None
    age = (datetime.now(UTC) - made_at).total_seconds() if made_at else 0.0
    tried_at, problem = attempt or (None, None)
    failed_since = bool(problem and tried_at and (made_at is None or tried_at > made_at))
    return Status(made_at, age, problem if failed_since else None, tried_at)


def history() -> list[dict[str, Any]]:
    """What is known of each snapshot kept, newest first."""
    return store().history()


def findings() -> pl.DataFrame:
    """What each rule found in the refreshes that are known: ``ledger.trend.FINDINGS``."""
    return remembered(_findings)


def evaluate(
    ids: tuple[str, ...] | None, days: tuple[date, ...], window: str, scope: Scope, by: tuple[str, ...] = ()
) -> pl.DataFrame:
    """``metrics.evaluate`` over the current snapshot."""
    return answers().evaluate(ids, days, window, scope, by)


def aging(days: tuple[date, ...], scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """``metrics.aging`` over the current snapshot."""
    return answers().aging(days, scope, by)


def disputed(day: date, scope: Scope) -> pl.DataFrame:
    """``metrics.disputed_aging`` of one day over the current snapshot."""
    return remembered(_disputed, day, scope)


def movement(day: date, window: str, scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """``metrics.movement`` over the current snapshot."""
    return answers().movement(day, window, scope, by)


def explain(metric: str, start: date, end: date, window: str, scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """``metrics.explain`` over the current snapshot."""
    return answers().explain(metric, start, end, window, scope, by)


def open_items(day: date, scope: Scope, bucket: str | None = None, most: int = _ROWS_DRAWN) -> tuple[pl.DataFrame, int]:
    """Open items, the overdue ones first and the largest on top, and how many there are in all."""
    return remembered(_open_items, day, scope, bucket, most)


def most_overdue_first(items: pl.DataFrame) -> pl.DataFrame:
    """Overdue items by amount, then what is not yet due and credits, by size."""
    late = (pl.col("days_past_due").fill_null(0) > 0) & (pl.col("open") > 0)
    return items.sort(late, pl.col("open").abs(), descending=True, maintain_order=True)


def all_open_items(day: date, scope: Scope, bucket: str | None = None) -> Callable[[], pl.DataFrame]:
    """A maker of the list of every open item, for a download: it runs later, outside the page."""
    current = book()

    def made() -> pl.DataFrame:
        items = listing.open_items(current, day, scope)
        return items if bucket is None else items.filter(pl.col("bucket") == bucket)

    return made


def documents(day: date, customer_id: str | None) -> pl.DataFrame:
    """Every document of a customer."""
    return remembered(_documents, day, customer_id)


def document_number(day: date, customer_id: str | None, document_id: str) -> str:
    """What a document of a customer is called: its number, or its id where it has none or is not the customer's."""
    found = documents(day, customer_id).filter(pl.col("document_id") == document_id)["number"]
    return document_id if found.is_empty() or found[0] is None else found[0]


def history_of(document_id: str) -> pl.DataFrame:
    """What settled a document."""
    return listing.history(book(), document_id)


def customers() -> pl.DataFrame:
    """Customer master: ``customer_id, label, known`` and the master columns."""
    return answers().customers()


def has_customer(customer_id: str | None) -> bool:
    """Whether there is such a customer, in the master or on a document."""
    ids = customers()["customer_id"]
    return bool(ids.null_count()) if customer_id is None else bool((ids == customer_id).any())


def customer(customer_id: str | None) -> Mapping[str, Any]:
    """Master data of one customer."""
    return listing.customer(book(), customer_id)


def values(dimension: str) -> list[str | None]:
    """The values of a dimension."""
    return remembered(_values, dimension)


def remembered(made: Callable[..., Answer], *question: Any) -> Answer:
    """What ``made(*question)`` answers, kept for this snapshot; ``made`` is a function of a module, not of a page.

    It is one object for all readers: nobody changes it.
    """
    return _now().memory.answer((_named(made), *question), lambda: made(*question))


class _Cached(Direct):
    """Answers from this app's memory: of one snapshot, also outside the page."""

    def __init__(self, memory: Memory, book: Book, targets: Targets) -> None:
        super().__init__(book, targets)
        self._memory = memory

    def remembered(self, made: Callable[..., Answer], *question: Any) -> Answer:
        """What ``made(book, *question)`` answers."""
        return self._memory.answer((_named(made), *question), lambda: made(self.book, *question))


def answers() -> Answers:
    """What is told of a view asks through this."""
    return _Cached(_now().memory, book(), targets())


def kept(what: str, made: Callable[[], Answer], *question: Any) -> Answer:
    """What ``made()`` gives: made once for this snapshot, these settings and the question.

    It is one object for all readers: nobody changes it.

    Args:
        what: names what is made.
        made: makes it; what it knows beyond snapshot and settings is in ``question``.
        question: texts, numbers, days and frozen dataclasses of them.
    """
    return once(what, made, *question)()


def once(what: str, made: Callable[[], Answer], *question: Any) -> Callable[[], Answer]:
    """A maker of what ``kept`` gives, that may be asked outside the page, as by a download."""
    now = _now()
    return partial(now.memory.answer, (what, now.changed, *question), made)


def forget() -> None:
    """Forget every answer, of every snapshot."""
    _memory.clear()


def _disputed(day: date, scope: Scope) -> pl.DataFrame:
    return metrics.disputed_aging(book(), [day], scope)


def _now() -> Current:
    return st.session_state[_NOW]


def _named(made: Callable[..., Any]) -> str:
    return f"{made.__module__}.{made.__qualname__}"


def _chosen() -> tuple[Settings, Targets, float]:
    """Settings, targets, and when their files were changed last."""
    folder = os.environ.get("OUTSTANDING_CONFIG") or str(Path(configuration.__file__).parent)
    changed = _newest(Path(folder))
    return *_settings(folder, changed), changed


def _current(place: Store) -> Book:
    id = place.current()
    if id is None:
        raise NoSnapshotError(f"There is no snapshot in {place.path} yet: refresh first.")
    return _book(str(place.path.resolve()), place.keep, id)


@lru_cache(maxsize=1)
def code_stamp() -> str:
    """Names the code that computes: an edited formula must not meet an old result."""
    return stamp_of([ledger, metrics, charts, alerts_package, briefing, exports, ui])


def _newest(folder: Path) -> float:
    """The latest change of a settings file, so that an edit is seen on the next run."""
    files = [*folder.glob("*.toml"), *folder.glob("sources/*.toml"), *folder.glob("sources/**/*.sql")]
    return max((file.stat().st_mtime for file in files), default=0.0)


@st.cache_resource(max_entries=4, show_spinner=False)
def _settings(folder: str, changed: float) -> tuple[Settings, Targets]:  # noqa: ARG001
    loaded = configuration.load(folder)
    return loaded, Targets.of(loaded.targets, str(loaded.folder / "targets.toml"))


@st.cache_resource(max_entries=2, show_spinner=False, on_release=State.close)
def _state(key: str, _settings: Settings) -> State:  # noqa: ARG001
    return State.open(_settings)


@st.cache_resource(max_entries=8, show_spinner=False)
def _alerts(key: str, _settings: Settings, statuses: tuple[AlertStatus, ...]) -> Kept:
    try:
        kept = _state(key, _settings).alerting
        return Kept(tuple(kept.alerts(statuses)), "", time.monotonic(), kept.asked())
    except OutstandingError as error:
        return Kept((), str(error), time.monotonic())


@st.cache_resource(max_entries=2, show_spinner=False)
def _book(path: str, keep: int, id: str) -> Book:
    return Store(Path(path), keep).load(id)


@st.cache_resource(max_entries=2, show_spinner=False)
def _memory(id: str, stamp: str) -> Memory:  # noqa: ARG001
    return Memory(_ANSWERS, _BYTES)


def _open_items(day: date, scope: Scope, bucket: str | None, most: int) -> tuple[pl.DataFrame, int]:
    items = listing.open_items(book(), day, scope)
    chosen = items if bucket is None else items.filter(pl.col("bucket") == bucket)
    return most_overdue_first(chosen).head(most), chosen.height


def _documents(day: date, customer_id: str | None) -> pl.DataFrame:
    return listing.documents(book(), day, Scope.of(customer=[customer_id]))


def _findings() -> pl.DataFrame:
    return store().findings()


def _values(dimension: str) -> list[str | None]:
    return book().values(dimension)
