"""Good, watch or act: a value against its target."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.errors import ConfigError, did_you_mean
from metrics.catalog import CATALOG
from metrics.spec import Better


def known_targets(targets: Iterable[str], where: str) -> None:
    """Check that every target is for a metric of the catalogue.

    Raises:
        ConfigError: one is not; ``where`` names the file.
    """
    for metric in targets:
        if metric not in CATALOG:
            raise ConfigError(
                f"{where} has a target for '{metric}', which is no metric; {did_you_mean(metric, CATALOG)}"
            )


def state(metric: str, value: float | None, good: float | None, attention: float | None) -> str | None:
    """``"good"`` up to and including ``good``, ``"act"`` beyond ``attention``, ``"watch"`` between them.

    Which side is beyond follows the metric's direction. ``None`` without a value, a target or a direction.
    """
    better = CATALOG[metric].better
    if value is None or good is None or attention is None or better is Better.NEITHER:
        return None
    sign = 1 if better is Better.LOWER else -1
    if sign * value <= sign * good:
        return "good"
    return "act" if sign * value > sign * attention else "watch"
