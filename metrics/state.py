"""Good, watch or act: a value against its target."""

from __future__ import annotations

from typing import Literal

from metrics.catalog import CATALOG
from metrics.spec import Better

State = Literal["good", "watch", "act"]


def state(metric: str, value: float | None, good: float | None, attention: float | None) -> State | None:
    """``"good"`` up to and including ``good``, ``"act"`` beyond ``attention``, ``"watch"`` between them.

    Which side is beyond follows the metric's direction: where lower is better, value ≤ good is good and value >
    attention is act; where higher is better, value ≥ good is good and value < attention is act. A value equal to
    ``attention`` is still watch. ``None`` without a value, a target or a direction.
    """
    better = CATALOG[metric].better
    if value is None or good is None or attention is None or better is Better.NEITHER:
        return None
    sign = 1 if better is Better.LOWER else -1
    if sign * value <= sign * good:
        return "good"
    return "act" if sign * value > sign * attention else "watch"
