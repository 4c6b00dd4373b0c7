"""Every colour of the product, by meaning, for a light and a dark ground.

The notation is that of the international business communication standards: actuals in a dark neutral, the previous year
in light grey, a plan as an outline, variances by their effect, never by their sign. Good is blue and bad is orange-red,
which readers with any colour vision tell apart; a state always carries a word as well.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache


@dataclass(frozen=True)
class Palette:
    """Colours for one ground. ``ramp`` runs from just overdue to oldest; ``edges`` outlines it step by step."""

    name: str
    ground: str
    panel: str
    text: str
    quiet: str
    grid: str
    border: str
    actual: str
    previous: str
    neutral: str
    good: str
    bad: str
    watch: str
    current: str
    unapplied: str
    ramp: tuple[str, ...]
    edges: tuple[str, ...]

    def aging(self, buckets: tuple[str, ...]) -> dict[str, str]:
        """Fill per bucket. ``buckets``: current first, unapplied last, any number of overdue ones between."""
        return self._buckets(buckets, self.ramp, self.current, self.unapplied)

    def aging_edges(self, buckets: tuple[str, ...]) -> dict[str, str]:
        """Outline per bucket; with its fill, one of the two stands out from the ground by 3 to 1."""
        return self._buckets(buckets, self.edges, self.current, self.quiet)

    @property
    def late(self) -> tuple[str, ...]:
        """Fills by how much of something is overdue: nothing, then four steps that are each further from the ground."""
        return (self.grid, *self.ramp[:4])

    def state(self, state: str | None) -> str:
        """The colour of ``good``, ``watch`` or ``act``; the neutral one for none."""
        return {"good": self.good, "watch": self.watch, "act": self.bad}.get(state or "", self.actual)

    @staticmethod
    def _buckets(buckets: tuple[str, ...], ramp: tuple[str, ...], first: str, last: str) -> dict[str, str]:
        overdue = buckets[1:-1]
        steps = spread(ramp, len(overdue))
        return {buckets[0]: first, **dict(zip(overdue, steps, strict=True)), buckets[-1]: last}


LIGHT = Palette(
    name="light",
    ground="#ffffff",
    panel="#f6f7f9",
    text="#22262f",
    quiet="#636a76",
    grid="#e6e8ec",
    border="#dfe2e7",
    actual="#2b303b",
    previous="#949494",
    neutral="#5b616e",
    good="#0072b2",
    bad="#b84a00",
    watch="#8a6100",
    current="#7d8ba1",
    unapplied="#c9ced6",
    ramp=("#efd9ab", "#e6a75f", "#d27040", "#a93a24", "#6f1d1b"),
    edges=("#a87c2c", "#b06c1d", "#b0532a", "#a93a24", "#6f1d1b"),
)

DARK = Palette(
    name="dark",
    ground="#14171d",
    panel="#1b1f27",
    text="#e8eaee",
    quiet="#a2a9b5",
    grid="#2a2f39",
    border="#323843",
    actual="#d5d9e0",
    previous="#7d8490",
    neutral="#9aa1ad",
    good="#58aee6",
    bad="#f0853c",
    watch="#e0b23c",
    current="#6f8099",
    unapplied="#454c59",
    ramp=("#59441a", "#805b25", "#b56d2d", "#f08149", "#ffb19e"),
    edges=("#83672c", "#8f6a30", "#b56d2d", "#f08149", "#ffb19e"),
)


def palette(theme: str | None) -> Palette:
    """The palette for the theme's name; light for anything but ``dark``."""
    return DARK if theme == "dark" else LIGHT


def on_white(colour: str) -> str:
    """A colour of either palette, its tints and the steps of its ramps, as the light one has it; any other as it is."""
    return _on_white().get(colour, colour)


@lru_cache(maxsize=1)
def _on_white() -> dict[str, str]:
    """The light palette's colours by the dark one's. Of one that stands for a fill and a line, the fill counts."""
    plain = [each.name for each in fields(Palette) if each.name not in ("name", "ramp", "edges")]
    tints = [tuple(spread((one.ground, getattr(one, name)), _TINTS) for one in (DARK, LIGHT)) for name in plain]
    steps = [
        tuple(spread(getattr(one, ramp), count) for one in (DARK, LIGHT))
        for ramp in ("edges", "ramp")
        for count in range(1, _MOST_STEPS + 1)
    ]
    known = {dark: light for pair in (*tints, *steps) for dark, light in zip(*pair, strict=True)}
    return {**known, **{getattr(DARK, name): getattr(LIGHT, name) for name in plain}}


_TINTS, _MOST_STEPS = 101, 12

_INKS = ("#0d0f13", "#ffffff")


def ink(fill: str) -> str:
    """The colour of words on ``fill``: dark or white, whichever is read better."""
    return max(_INKS, key=lambda colour: contrast(colour, fill))


def clear(colour: str, opacity: float) -> str:
    """``colour`` for what lets its ground show through, as CSS writes it."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


_LINEAR = 0.04045
"""Below this a channel of sRGB is linear."""


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb``, 0 to 1, as WCAG 2 defines it."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= _LINEAR else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=32)
def spread(ramp: tuple[str, ...], steps: int) -> tuple[str, ...]:
    """``steps`` colours evenly along ``ramp``, both ends kept; a single step is its middle."""
    if steps == 1:
        return (ramp[len(ramp) // 2],)
    places = [step * (len(ramp) - 1) / (steps - 1) for step in range(steps)]
    return tuple(_between(ramp[int(p)], ramp[min(int(p) + 1, len(ramp) - 1)], p % 1) for p in places)


def _between(one: str, other: str, share: float) -> str:
    mixed = (
        round(int(one[place : place + 2], 16) * (1 - share) + int(other[place : place + 2], 16) * share)
        for place in (1, 3, 5)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
