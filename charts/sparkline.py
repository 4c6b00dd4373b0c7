"""A year in a line: a small picture without axes, drawn by the server, for a tile.

It is a picture and not a chart, as six charts more would hold up the first look at the overview.
"""

from __future__ import annotations

from collections.abc import Sequence

from charts import Palette

WIDTH, HEIGHT = 150.0, 28.0
_EDGE = 4.0


def svg(values: Sequence[float | None], colour: str, palette: Palette, target: float | None = None) -> str | None:
    """The values as a line that ends in a dot, with the target as a dotted one where it lies among them.

    Stretched to any width: the strokes, and the dot with them, keep their size. ``None`` for fewer than two values.
    """
    known = [value for value in values if value is not None]
    if len(known) <= 1:
        return None
    low, high = min(known), max(known)
    if target is not None and low - (high - low) <= target <= high + (high - low):
        low, high = min(low, target), max(high, target)
    else:
        target = None

    def y(value: float) -> float:
        part = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - _EDGE - part * (HEIGHT - 2 * _EDGE), 1)

    step = (WIDTH - 2 * _EDGE) / (len(values) - 1)
    points = [
        None if value is None else (round(_EDGE + place * step, 1), y(value)) for place, value in enumerate(values)
    ]
    kept = "vector-effect='non-scaling-stroke' stroke-linecap='round' stroke-linejoin='round' fill='none'"
    goal = (
        f"<path d='M0 {y(target)}H{WIDTH:g}' stroke='{palette.quiet}' stroke-width='1' stroke-dasharray='1 4' {kept}/>"
        if target is not None
        else ""
    )
    x, end = next(point for point in reversed(points) if point is not None)
    return (
        f"<svg viewBox='0 0 {WIDTH:g} {HEIGHT:g}' width='{WIDTH:g}' height='{HEIGHT:g}' preserveAspectRatio='none'>"
        f"{goal}<path d='{_path(points)}' stroke='{colour}' stroke-width='1.8' {kept}/>"
        f"<path d='M{x} {end}h0.01' stroke='{colour}' stroke-width='6' {kept}/></svg>"
    )


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Lines between neighbours; a missing value leaves a gap."""
    drawn: list[str] = []
    for place, point in enumerate(points):
        if point is not None:
            starts = place == 0 or points[place - 1] is None
            drawn.append(f"{'M' if starts else 'L'}{point[0]} {point[1]}")
    return "".join(drawn)
