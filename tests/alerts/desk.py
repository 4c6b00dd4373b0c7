"""A company with owners and channels, and alerts put straight into its state, for the tests of messages."""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from alerts.delivery import Delivered, Post, deliver
from alerts.letter import Sender
from alerts.messages import write
from config.alerts import AlertSettings
from config.settings import load
from state import State
from state.alert_records import Alert, Message, Notice

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = date(2026, 10, 31)

BODY: Mapping[str, Any] = {
    "words": "Calder Voss Fabrication owes $873.5k that is more than 90 days late",
    "brief": "$873.5k more than 90 days late",
    "same": "",
    "cause": {
        "words": "Calder Voss Fabrication paid nothing since July",
        "start": "2026-07-31",
        "change": 900_000.0,
        "contributors": [["Meridian US", 800_000.0], ["Meridian UK", 60_000.0]],
        "rest": 40_000.0,
    },
    "page": "pages/receivables/customers.py",
    "where": [["customer", "0010002"]],
    "group": [["customer", "0010002"]],
    "note": "Stop deliveries above $500k.",
    "told": "Over 90 days above $500k, each customer",
    "unit": "money",
    "when": "level",
    "history": [["2026-09-30", 700_000.0, 500_000.0], ["2026-10-31", 873_512.2, 500_000.0]],
}


def alert(id: str = "a1", **changes: Any) -> Alert:
    body = {**BODY, **changes.pop("body", {})}
    plain: dict[str, Any] = {
        "key": f'["over_90",[["customer","{id}"]],"USD"]',
        "rule": "over-90",
        "title": "Very late money",
        "metric": "over_90",
        "who": "Calder Voss Fabrication",
        "severity": "act",
        "owner": "cfo",
        "status": "open",
        "currency": "USD",
        "day": DAY,
        "since": date(2026, 7, 31),
        "opened_at": NOW,
        "opened_on": DAY,
        "value": 873_512.2,
        "limit": 500_000.0,
        "money": 873_512.2,
    }
    return Alert(id=id, body=body, **{**plain, **changes})


def notice(id: str = "n1", **changes: Any) -> Notice:
    plain: dict[str, Any] = {
        "alert": "a1", "kind": "opened", "owner": "cfo", "mode": "immediate", "created_at": NOW, "due_at": NOW,
    }  # fmt: skip
    return Notice(id=id, **{**plain, **changes})


@lru_cache(maxsize=1)
def _empty_database() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="outstanding-office-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "sources").mkdir()
    (folder / "sources" / "books.toml").write_text('kind = "files"\n[tables]\n', encoding="utf-8")
    (folder / "app.toml").write_text(
        f'reporting_currency = "USD"\nsource = "books"\n[store]\npath = "{folder.as_posix()}"\n', encoding="utf-8"
    )
    State.open(load(folder)).close()
    return folder / "state.sqlite"


def png() -> bytes:
    """A picture."""
    made = io.BytesIO()
    Image.new("RGB", (8, 6), "#b84a00").save(made, "PNG")
    return made.getvalue()


def mail_to(port: int, *, user: str = "", to: str = "cfo@meridian.example", more: str = "") -> str:
    """The address of a mail server on this machine."""
    return f"mailto://{user}127.0.0.1:{port}?from=alerts@meridian.example&name=Receivables&to={to}{more}"


@dataclass
class Office:
    """A configuration folder with its state, and a clock that stands still until it is put on."""

    folder: Path
    channels: Mapping[str, str] = field(default_factory=dict)
    owners: str = '[owners.cfo]\nname = "Ada Marsh"\nchannels = ["main"]\n'
    delivery: str = 'url = "https://ar.example.com"\n'
    clock: datetime = NOW

    def __post_init__(self) -> None:
        (self.folder / "sources").mkdir(parents=True)
        (self.folder / "sources" / "books.toml").write_text('kind = "files"\n[tables]\n', encoding="utf-8")
        (self.folder / "app.toml").write_text(
            'company = "Meridian Supply Group"\nreporting_currency = "USD"\nsource = "books"\n'
            f'[store]\npath = "{(self.folder / "data").as_posix()}"\n',
            encoding="utf-8",
        )
        listed = "".join(f"{name} = '{address}'\n" for name, address in self.channels.items())
        (self.folder / "alerts.toml").write_text(
            f"[delivery]\n{self.delivery}[channels]\n{listed}{self.owners}", encoding="utf-8"
        )
        # Made once and copied: to make a database anew takes longer than most tests.
        (self.folder / "data").mkdir()
        shutil.copy(_empty_database(), self.folder / "data" / "state.sqlite")
        self.state = State.open(load(self.folder), now=lambda: self.clock)

    @property
    def settings(self) -> AlertSettings:
        return load(self.folder).alerts

    def post(self, **options: Any) -> Post:
        plain: dict[str, Any] = {"now": lambda: self.clock, "spread": lambda: 1.0, "seconds": 10.0}
        return Post(self.settings, Sender("Meridian Supply Group", "20261101-abcdef"), **{**plain, **options})

    def keep(self, *things: Alert | Notice) -> None:
        """Alerts and notices, kept in one transaction."""
        with self.state.alerting.desk() as desk:
            for thing in things:
                if isinstance(thing, Alert):
                    desk.put(thing)
                else:
                    desk.post(thing)

    def deliver(self, **options: Any) -> Delivered:
        return deliver(self.state, self.post(**options))

    def compose(self) -> int:
        """Make messages of what is due, and send none."""
        post = self.post()
        known = {each.id: each for each in self.state.alerting.alerts()}
        return self.state.outbox.compose(
            self.clock, lambda notices: write(notices, known, post.settings, post.sender, self.clock)
        )

    @property
    def message(self) -> Message:
        """The only message there is."""
        (message,) = self.state.outbox.messages()
        return message

    def later(self, **span: float) -> None:
        self.clock += timedelta(**span)
