"""Where a number, a title or a mark leads: the page one level down and what changes in the address on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ui import address


@dataclass(frozen=True)
class Lead:
    """A page and the changes of the address; all that pages share is carried along."""

    page: str
    changes: Mapping[str, address.Change] = field(default_factory=dict)

    @property
    def parameters(self) -> address.Parameters:
        """For a link."""
        return address.link(self.changes)

    def follow(self) -> None:
        """Go there, from a callback."""
        address.go(self.page, self.changes)
