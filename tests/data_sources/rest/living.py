"""Living services, read as refreshes read them and as everybody else does, one beside the other."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest

from config.settings import Settings
from data_sources.connector import Remembering
from data_sources.registry import open_connector
from ledger.schema import TABLES
from tests.data_sources.rest import test_quickbooks as qbo
from tests.data_sources.rest import test_xero as xero
from tests.data_sources.rest.living_services import LivingCompany, LivingOrganisation
from tests.data_sources.rest.service import Asked, serving, settings

SWITCHED_ON = "changed_since = true\n"
LIVING = {"quickbooks": LivingCompany, "xero": LivingOrganisation}
both = pytest.mark.parametrize("kind", LIVING)


def lived(living, steps: int, seed: int = 1):
    """A service in which something was done already."""
    random = Random(seed)  # noqa: S311 - the same lives in each run
    for _ in range(steps):
        living.step(random)
    living.stamps.clock += timedelta(hours=1)
    return living


def open_one(living, name):
    """The last of a list that is neither voided nor deleted, nor of purchases."""
    return [one for one in living.lists[name] if (one.get("Status"), one.get("Type")) in OPEN][-1]


OPEN = ((None, None), ("AUTHORISED", None), ("AUTHORISED", "ACCREC"))


def change_one(living):
    """Give an open invoice another total, and nothing else."""
    name = "Invoice" if isinstance(living, LivingCompany) else "Invoices"
    one = open_one(living, name)
    amount = "TotalAmt" if name == "Invoice" else "Total"
    living.put(name, {**one, amount: one[amount] + 1000})


def asks_for_changes(asked) -> bool:
    return any(one.path.endswith("/cdc") or "if-modified-since" in one.headers for one in asked)


def kept(folder):
    return folder / "store" / "objects" / "cloud"


def contents(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in kept(folder).iterdir()}


def rows_of(it) -> dict[str, list[str]]:
    """Every canonical row, in an order of its own."""
    frames = {table: it.read(table) for table in TABLES}
    return {
        table: sorted(map(repr, frame.select(sorted(frame.columns)).rows()))
        for table, frame in frames.items()
        if frame is not None
    }


class Reader:
    """Reads a living service as refreshes do (``changed``), and as everybody else does (``whole``)."""

    def __init__(self, service, config: Settings):
        self.service, self.config = service, config

    def changed(self, *, full: bool = False) -> dict[str, list[str]]:
        with open_connector(self.config) as it:
            assert isinstance(it, Remembering)
            it.remember(full=full)
            rows = rows_of(it)
            it.keep()
        return rows

    def whole(self) -> dict[str, list[str]]:
        with open_connector(self.config) as it:
            return rows_of(it)

    def asked(self, *, full: bool = False) -> list[Asked]:
        """What a refresh asks for, without what it takes to know the company."""
        self.service.asked.clear()
        self.changed(full=full)
        return [one for one in self.service.asked if one.path != "/token"]


@contextmanager
def reading(folder, living, more: str = SWITCHED_ON):
    """A reader of a living service, on this machine."""
    source = qbo.source if isinstance(living, LivingCompany) else xero.source
    with serving(lambda asked: living.answers(asked)) as service:  # noqa: PLW0108 - a test may replace them
        yield Reader(service, settings(folder, source(service.url, more)))
