"""What every number means: the catalogue, declared once, and its evaluation over a Book."""

from metrics.aging import aging
from metrics.catalog import CATALOG
from metrics.countback import countback_working
from metrics.evaluate import evaluate
from metrics.movement import movement
from metrics.spec import Better, Metric, Unit
from metrics.state import known_targets, state

__all__ = [
    "CATALOG",
    "Better",
    "Metric",
    "Unit",
    "aging",
    "countback_working",
    "evaluate",
    "known_targets",
    "movement",
    "state",
]
