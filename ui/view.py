"""A view: which part of the company, as of which day, over which window. Every number on a page obeys one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from charts import Palette, Setting
from ledger.calendar import Window
from ledger.scope import Scope
from metrics import text


@dataclass(frozen=True)
class View:
    """What the shared filters say.

    ``scope`` holds the chosen values per dimension; ``filters`` the same in words, for subtitles and exports.
    ``currency`` is the one that money is shown in.
    """

    day: date
    window: str
    scope: Scope
    currency: str
    filters: tuple[str, ...] = ()
    is_latest: bool = True

    @property
    def span(self) -> Window:
        """The days that flows are measured over."""
        return Window.ending(self.day, self.window)

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
        return Setting(where, self.currency, palette, buckets)
