"""What is drawn of a native chart: its series, and the invisible ones that carry bars and labels to their places.

Office programs know no waterfall that every one of them can open, and no sum above a stack. Both are drawn the accepted
way, with further series that are not seen: their names say so to whoever edits the data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from charts import native as natives
from charts.native import Kind, Look, Native, Series, Value
from charts.palette import ink
from exports.slide_words import clean
from metrics import text

FOOT, ROOM, TOTAL, TOP = "Foot (hidden)", "Room for labels (hidden)", "Total", "Place of totals (hidden)"

LabelPlace = Literal["outEnd", "ctr", "inBase", "t"]

_LONGEST = 60
_MANY, _THOUSAND, _PERCENT = 3, 1_000.0, 100.0

_JUST_BELOW, _JUST_ABOVE = 0.94, 1.12

_ROOM_OF_LETTER = 0.016
"""Of the longest bar: what a letter of a label beside it takes, about."""


@dataclass(frozen=True)
class Drawn:
    """One series as it is drawn: ``colour`` is ``None`` for those that are not seen.

    ``values`` are finite or missing. ``place``: where labels stand. ``ink``: of labels within bars. ``is_live``: the
    labels say what the number format makes of the values, so that they may follow when these are edited.
    """

    name: str
    values: tuple[Value, ...]
    look: Look = Look.BAR
    colour: str | None = None
    colours: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    place: LabelPlace = "outEnd"
    ink: str = ""
    is_strong: bool = False
    is_live: bool = False


def drawn(of: Native) -> list[Drawn]:
    """The series of ``of`` in the order of their columns, with those that are not seen."""
    if of.kind.is_bridge:
        return _bridge(of)
    found = [_series(each, of) for each in of.series]
    beside = _totals(of)
    if of.kind.lies and beside:
        # Programs count the entries of a lying chart's legend from either end: one unseen series at each serves both.
        return [Drawn(FOOT, tuple(0.0 for _ in of.categories)), *found, *beside]
    return [*found, *beside]


def can_draw(of: Native) -> bool:
    """Whether office programs draw it: something to show, and no lines over stacks that lie, which they cannot."""
    looks = {each.look for each in of.series}
    return bool(of.series and of.categories) and not (of.kind is Kind.STACKED_BARS and looks - {Look.BAR})


def categories(of: Native) -> list[str]:
    """Their names, each on one line and not too long to be read."""
    return [_cut(clean(words)) for words in of.categories]


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def known(values: Sequence[Value]) -> tuple[Value, ...]:
    """``values``, those that are no numbers missing."""
    return tuple(None if value is None or not math.isfinite(value) else value for value in values)


def _series(each: Series, of: Native) -> Drawn:
    stacked = of.kind in (Kind.STACKED, Kind.STACKED_BARS)
    look = Look.BAR if of.kind.lies else Look.LINE if of.kind is Kind.LINES and each.look is Look.BAR else each.look
    within = look is Look.BAR and stacked
    place: LabelPlace = "ctr" if within else "outEnd" if look is Look.BAR else "t"
    values = known(each.values)
    return Drawn(
        _cut(clean(each.name, "Series")), values, look, each.colour, each.colours, each.labels, place,
        ink(each.colour) if within else "", each.is_strong, _tells(values, each.labels, of.form),
    )  # fmt: skip


def _totals(of: Native) -> list[Drawn]:
    """What carries the sums of stacks: a line above columns, a further part of each lying bar."""
    if not any(of.totals):
        return []
    stacks = [known(each.values) for each in of.series if each.look is Look.BAR]
    rows = [[value or 0.0 for value in row] for row in zip(*stacks, strict=True)] or [[0.0] for _ in of.categories]
    tops = [math.fsum(value for value in row if value > 0) for row in rows]
    if of.kind.lies:
        room = _room(max(map(abs, tops), default=0.0), of.totals)
        return [Drawn(ROOM, tuple(room for _ in tops), labels=of.totals, place="inBase")]
    sums = tuple(math.fsum(row) for row in rows)
    values = tuple(_clear(top, place, of) for place, top in enumerate(tops))
    is_sum = values == sums
    is_live = is_sum and _tells(values, of.totals, of.form)
    return [Drawn(TOTAL if is_sum else TOP, values, Look.LINE, labels=of.totals, place="t", is_live=is_live)]


def _clear(top: float, place: int, of: Native) -> float:
    """The top of a stack, or of what lies so near above it that a label between them would be crossed."""
    over = [known(each.values)[place] for each in of.series if each.look is not Look.BAR]
    for value in sorted(value for value in over if value is not None):
        if top * _JUST_BELOW <= value <= top * _JUST_ABOVE:
            top = max(top, value)
    return top


def _bridge(of: Native) -> list[Drawn]:
    """Feet, what is seen above and below zero, and room for the labels beyond."""
    only = replace(of, series=(replace(of.series[0], values=known(of.series[0].values)),))
    bars, one = natives.bars(only), of.series[0]
    name = _cut(clean(one.name, "Value"))
    reach = longest(bars) - (of.foot or 0.0)
    room = _room(reach, one.labels) if of.kind.lies else reach * 0.08
    above = [bar.hidden + bar.seen > 0 or not bar.hidden_below + bar.seen_below for bar in bars]
    return [
        Drawn(FOOT, tuple(bar.hidden + bar.hidden_below for bar in bars)),
        Drawn(name, tuple(bar.seen for bar in bars), colour=one.colour, colours=one.colours),
        Drawn(f"{name}, below zero", tuple(bar.seen_below for bar in bars), colour=one.colour, colours=one.colours),
        Drawn(ROOM, tuple(room if is_above else -room for is_above in above), labels=one.labels, place="inBase"),
    ]


def longest(bars: Sequence[natives.Bar]) -> float:
    """How far from zero a bridge reaches."""
    return max((max(bar.hidden + bar.seen, -bar.hidden_below - bar.seen_below) for bar in bars), default=0.0)


def _room(reach: float, labels: Sequence[str]) -> float:
    return reach * max(0.05, min(max(map(len, labels), default=0) * _ROOM_OF_LETTER, 0.4))


# --- labels that follow the values --------------------------------------------------------------------------------


def _tells(values: Sequence[Value], labels: Sequence[str], form: str) -> bool:
    """Whether each label that is there says what ``form`` makes of its value."""
    pairs = [(value, label) for value, label in zip(values, labels, strict=False) if label]
    return bool(pairs) and all(value is not None and told(value, form) == _plain(label) for value, label in pairs)


def told(value: float, form: str) -> str | None:
    """``value`` in a simple number format: ``#,##0.0,,``, ``0.0%``. ``None`` for formats that say more."""
    body = form.removesuffix("%")
    digits = body.rstrip(",")
    if digits.strip("#,0.") or not digits.endswith("0"):
        return None
    scaled = value * (_PERCENT if form.endswith("%") else 1.0) / _THOUSAND ** (len(body) - len(digits))
    places = len(digits.partition(".")[2])
    return _plain(f"{scaled:,.{places}f}" + ("%" if form.endswith("%") else ""))


def _plain(words: str) -> str:
    """Without what differs by the writer: the kind of minus, the space before a percent sign, a zero's sign."""
    bare = words.replace(text.MINUS, "-").replace(text.NBSP, "").replace(" ", "").replace(",", "")
    return bare[1:] if bare.startswith("-") and not bare.strip("-0.%") else bare
