"""A view: which part of the company, as of which day, over which window. Every number on a page obeys one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from charts import Palette, Setting
from ledger.calendar import Window, months_before
from ledger.scope import Scope
from metrics import text


class Against(StrEnum):
    """What numbers are compared with."""

    YEAR = "year"
    PERIOD = "period"
    TARGET = "target"


@dataclass(frozen=True)
class View:
    """What the shared filters say.

    ``scope`` holds the chosen values per dimension; ``filters`` the same in words, for subtitles and exports.
    ``currency`` is the one that money is shown in. ``against`` says what numbers are compared with, ``relative``
    whether differences are told in percent, ``scale`` how money is written in tiles, charts and tables; none, as fits.
    """

    day: date
    window: str
    scope: Scope
    currency: str
    filters: tuple[str, ...] = ()
    is_latest: bool = True
    against: Against = Against.YEAR
    relative: bool = False
    scale: text.Scale | None = None

    @property
    def span(self) -> Window:
        """The days that flows are measured over."""
        return Window.ending(self.day, self.window)

    @property
    def base(self) -> date | None:
        """The day compared with: a year before, or the one that the window opens on; ``None`` for the target."""
        match self.against:
            case Against.YEAR:
                return months_before(self.day, 12)
            case Against.PERIOD:
                return self.span.opening
            case Against.TARGET:
                return None

    @property
    def versus(self) -> str:
        """What is compared with, in a few letters: ``PY``, ``31 Jul 2026``, ``target``."""
        match self.against:
            case Against.YEAR:
                return "PY"
            case Against.PERIOD:
                return text.day(self.span.opening)
            case Against.TARGET:
                return "target"

    def fitting(self, largest: float) -> text.Scale:
        """How money is written in one chart or table: as the reader chose, else as fits ``largest``."""
        return self.scale or text.Scale.fitting(largest)

    @property
    def part(self) -> str:
        """The filters in words, or nothing."""
        return " · ".join(self.filters)

    def as_of(self, palette: Palette, buckets: tuple[str, ...] = ()) -> Setting:
        """The setting of a figure about balances on the as-of day."""
        return self._setting(f"as of {text.day(self.day)}", palette, buckets)

    def over(self, palette: Palette, buckets: tuple[str, ...] = ()) -> Setting:
        """The setting of a figure about the window."""
        return self._setting(text.window(self.window, self.day), palette, buckets)

    def _setting(self, when: str, palette: Palette, buckets: tuple[str, ...]) -> Setting:
        where = f"{when} · {self.part}" if self.part else when
        return Setting(where, self.currency, palette, buckets, self.scale, self.relative)
