"""The settings of one company, typed and checked: ``load()`` reads app.toml and the files beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from config.aging import Aging
from config.alerts import AlertSettings, read_alerts
from config.packs import PackBook, read_packs
from config.provision import Provision, read_provision
from config.reading import filled, read_toml, variables
from config.source import SourceSettings, read_source
from config.state import StateSettings, read_state
from config.statement import StatementSettings
from config.targets import KEYS, Goals, read_targets
from config.validation import CurrencyCode, Section, Text, Texts, Window, frozen, validated
from ledger.aging import AgingRule
from ledger.errors import ConfigError
from ledger.facts import BALANCES, FLOWS
from ledger.schema import TABLES, Column, Table, Type

PROJECT = Path(__file__).resolve().parent

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")

# Columns of the answers, the facts and the steps between them that a dimension would collide with.
_TAKEN = frozenset(
    {
        *("as_of", "window", "currency", "customer", "metric", "value", "unit", "numerator", "denominator", "note"),
        *("bucket", "amount", "count", "share", "line", "label", "known", "kind", "status", "open", "open_amount"),
        *("days_past_due", "days_to_pay", "reporting_currency", "document_currency", "amount_doc", "amount_rep"),
        *("cell", "group", "document", "base_rate", "document_rate", "rate_early", "credit", "days", "month", "row"),
        *("sales", "left", "taken", "counted", "basis", "late_from", "first", "excess", "open_doc", "open_rep"),
        *("open_on", "opened_on", "closed_on", "closed_by", "day", "due", "settlement"),
        *("total", "total_ar", "gross_open", "current", "overdue", "late_from", "over_90", "unapplied", "overdue_days"),
        *("opening", "closing", "difference", "credit_sales", "net_movement", "rate"),
        *("opening_gross", "months", "annual_rate"),
        *("rank", "balance", "cumulative"),
        *("to", "mark", "method", "written_off", "recovered"),
        *("loss_rate", "adjustment", "allowance"),
        *("expected", "expected_amount", "gap", "peers"),
        *("step", "known_on", "age", "unpaid"),
        *("from", "part", "contribution"),
        *("groups", "target", "state", "previous_year", "change", "rest"),
        *("flag", "level", "trend", "at_stake", "reason"),
        *("time", "metrics", "none"),
        *("gross", "disputed", "limit", "used", "over", "pays", "why"),
        *("quantity", "compared", "breach", "clear"),
        *("who", "new", "ended", "judged", "money", "opened_on", "ended_on", "peak"),
        *(*BALANCES, *FLOWS),
        *KEYS,
    }
)


def _dimensions(labels: dict[str, str]) -> Mapping[str, str]:
    for name in labels:
        if not _IDENTIFIER.fullmatch(name):
            raise ValueError(f"has the name '{name}'; use small letters, digits and '_', starting with a letter.")
        if name in _TAKEN:
            raise ValueError(f"has the name '{name}', which the reports use themselves; choose another.")
        if any(column.type is not Type.TEXT or table.key == (name,) for table, column in _columns(name)):
            raise ValueError(f"has '{name}', which is a key, a date or an amount; a dimension groups by text.")
    return MappingProxyType(dict(labels))


def _columns(name: str) -> Iterator[tuple[Table, Column]]:
    for table in TABLES.values():
        yield from ((table, column) for column in table.columns if column.name == name)


class Store(Section):
    """Where snapshots and state are kept, as written relative to app.toml, and how many; the newest included."""

    path: Path = Field(default=Path("data"), strict=False)
    keep: int = Field(default=10, ge=1)


class Windows(Section):
    """The window that flows are measured over when none is asked for."""

    default: Window = "3mo"


class Quality(Section):
    """The share of the money (0–1) that may be quarantined in a refresh that is still published."""

    max_quarantined_share: float = Field(default=0.01, ge=0, le=1, strict=False)


class Currency(Section):
    """How document amounts become reporting amounts."""

    conversion: Literal["booked", "historical", "closing"] = "booked"


class Capital(Section):
    """What money costs for a year (0–1): it values late payment and money that is tied up."""

    annual_rate: float = Field(default=0.08, ge=0, le=1, strict=False)


class Screen(Section):
    """The dashboard: whether a browser's first visitor is shown the five things to know."""

    tour: bool = True


class Administration(Section):
    """Who may connect sources in the dashboard, by their login; nobody named: docs/connectors.md."""

    people: tuple[Text, ...] = Field(default=(), strict=False)


class Settings(Section):
    """Everything that is set, for one company. Frozen; its text form shows no secret."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    folder: Path
    company: Text
    reporting_currency: CurrencyCode
    source: SourceSettings
    store: Store = Store()
    state: StateSettings
    aging: AgingRule = AgingRule()
    window: Windows = Windows()
    dimensions: Texts
    quality: Quality = Quality()
    currency: Currency = Currency()
    capital: Capital = Capital()
    statement: StatementSettings = StatementSettings()
    screen: Screen = Screen()
    administration: Administration = Administration()
    provision: Provision = Provision()
    alerts: AlertSettings
    packs: PackBook
    targets: Annotated[Goals, AfterValidator(frozen)]


class AppFile(Section):
    """``app.toml`` as it is written."""

    company: Text = "Our company"
    reporting_currency: CurrencyCode
    source: Text
    store: Store = Store()
    aging: Aging = Aging()
    window: Windows = Windows()
    dimensions: Annotated[dict[str, Text], AfterValidator(_dimensions)] = Field(default={"entity": "Entity"})
    quality: Quality = Quality()
    currency: Currency = Currency()
    capital: Capital = Capital()
    statement: StatementSettings = StatementSettings()
    screen: Screen = Screen()
    administration: Administration = Administration()


def load(
    folder: Path | str | None = None,
    secrets: Mapping[str, str] = MappingProxyType({}),
    source: str | None = None,
) -> Settings:
    """The settings in ``folder``.

    Args:
        folder: The configuration folder; if left out, the one that ``OUTSTANDING_CONFIG`` names, else the project's.
        secrets: Further values for ``${NAME}``, such as Streamlit's secrets. The environment wins.
        source: Another source than the one that ``app.toml`` names, to try it.

    Raises:
        ConfigError: Anything that is missing, unknown or impossible, in one sentence with its file and key. A variable
            that only the connector or the state database needs is asked for when that is opened, not here.
    """
    root = _folder(folder)
    file = root / "app.toml"
    written = read_toml(file)
    state = read_state(written.pop("state", {}), file, secrets)
    app = validated(AppFile, filled(written, variables(secrets), file), file, known=["state"])
    alerts = read_alerts(root / "alerts.toml", secrets)
    aging = app.aging.rule(file)
    return Settings(
        folder=root,
        company=app.company,
        reporting_currency=app.reporting_currency,
        source=read_source(root, source or app.source, file, secrets),
        store=app.store.model_copy(update={"path": _from(root, app.store.path)}),
        state=state,
        aging=aging,
        window=app.window,
        dimensions=app.dimensions,
        quality=app.quality,
        currency=app.currency,
        capital=app.capital,
        statement=app.statement,
        screen=app.screen,
        administration=app.administration,
        provision=read_provision(root / "provision.toml", aging.labels),
        alerts=alerts,
        packs=read_packs(root / "board_pack.toml", app.dimensions, alerts.owners),
        targets=read_targets(root / "targets.toml", app.dimensions),
    )


def place(folder: Path | str | None = None) -> Path:
    """Where ``load`` looks for settings, whether anything is there or not."""
    return Path(folder or os.environ.get("OUTSTANDING_CONFIG") or PROJECT).expanduser()


def _from(root: Path, path: Path) -> Path:
    """A path in ``root``'s files: it counts from there, so that it names one place whoever asks from wherever."""
    return Path(os.path.normpath(root / path.expanduser()))


def _folder(folder: Path | str | None) -> Path:
    root = place(folder)
    if not root.is_dir():
        raise ConfigError(f"There is no configuration folder {root}; name a folder that holds app.toml.")
    return root
