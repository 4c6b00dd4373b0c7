"""Places on a slide, in the units of presentations: 914,400 to the inch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

INCH = 914_400
POINT = 12_700


@dataclass(frozen=True)
class Box:
    """A place on a slide."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def inside(self, across: int, down: int) -> Box:
        """Without a margin at each side."""
        return Box(self.left + across, self.top + down, self.width - 2 * across, self.height - 2 * down)

    def from_top(self, height: int) -> Box:
        """Its upper ``height``."""
        return replace(self, height=height)

    def below(self, height: int) -> Box:
        """What is left under its upper ``height``; nothing where it is not so high."""
        kept = min(height, self.height)
        return Box(self.left, self.top + kept, self.width, self.height - kept)

    def above(self, height: int) -> Box:
        """What is left over its lower ``height``."""
        return replace(self, height=max(self.height - height, 0))

    def columns(self, shares: Sequence[float], gap: int) -> list[Box]:
        """Side by side, as wide as ``shares`` say, ``gap`` between them."""
        room = self.width - gap * (len(shares) - 1)
        whole, left, found = sum(shares), float(self.left), list[Box]()
        for share in shares:
            wide = room * share / whole
            found.append(Box(round(left), self.top, round(wide), self.height))
            left += wide + gap
        return found
