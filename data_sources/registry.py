"""The kinds of source there are. A connector is imported when it is first opened."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from types import MappingProxyType

from config.settings import Settings
from data_sources.connector import Connector, Progress
from ledger.errors import ConfigError, SourceError, did_you_mean

GROUP = "outstanding.connectors"
"""Entry-point group for connectors of other packages: the name is the kind, the value ``module:Class``."""


@dataclass(frozen=True)
class Entry:
    """A kind of source: what it is called, the class behind it, and what to install for it."""

    label: str
    target: str
    install: str

    def load(self) -> type[Connector]:
        """The connector's class.

        Raises:
            SourceError: A package it needs is not installed.
        """
        module, _, name = self.target.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            raise SourceError(
                f"{self.label} needs the package {error.name}; install it with: pip install {self.install}"
            ) from None


CONNECTORS: Mapping[str, Entry] = MappingProxyType(
    {
        "demo": Entry("The demonstration company", "data_sources.demo_source:DemoSource", "numpy"),
        "files": Entry("Files", "data_sources.files:Files", "polars fastexcel pyarrow obstore"),
        "quickbooks": Entry("QuickBooks Online", "data_sources.rest.quickbooks:QuickBooks", "httpx"),
        "sql": Entry("A database", "data_sources.sql:Sql", "sqlalchemy"),
        "stripe": Entry("Stripe", "data_sources.rest.stripe:Stripe", "httpx"),
        "xero": Entry("Xero", "data_sources.rest.xero:Xero", "httpx"),
    }
)


def kinds() -> Mapping[str, Entry]:
    """Every kind by name: the built-in ones, and those that installed packages register under new names."""
    others = {
        point.name: Entry(point.name, point.value, point.dist.name if point.dist else point.name)
        for point in entry_points(group=GROUP)
        if point.name not in CONNECTORS
    }
    return MappingProxyType({**others, **CONNECTORS})


def open_connector(settings: Settings, progress: Progress | None = None) -> Connector:
    """The connector that ``settings.source`` asks for. Use it in a ``with`` statement.

    Args:
        settings: What ``config.settings.load`` returned.
        progress: Told about long preparations, such as building the demonstration company.

    Raises:
        ConfigError: The kind is unknown, or its settings are wrong.
        SourceError: A package it needs is not installed.
    """
    known = kinds()
    kind = settings.source.kind
    if kind not in known:
        raise ConfigError(f"{settings.source.file}: kind is '{kind}', which is unknown; {did_you_mean(kind, known)}")
    return known[kind].load().open(settings, progress)
