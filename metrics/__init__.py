"""What every number means: the catalogue, declared once, and its evaluation over a Book."""

from metrics.aging import aging, disputed_aging
from metrics.behaviour import behaviour
from metrics.benchmarks import BENCHMARKS, Benchmark
from metrics.catalog import CATALOG
from metrics.cohorts import at_risk, cohorts
from metrics.concentration import concentration
from metrics.countback import countback_working
from metrics.evaluate import evaluate
from metrics.explain import explain
from metrics.headlines import headlines
from metrics.limits import credit_limits
from metrics.losses import loss_rates
from metrics.migration import migration
from metrics.movement import movement
from metrics.overall import overall
from metrics.performance import flags, segments
from metrics.provision import Individual, Plan, provision
from metrics.provision_movement import provision_movement
from metrics.rolls import rolls
from metrics.spec import Better, Metric, Unit
from metrics.state import state
from metrics.stories import Headline
from metrics.targets import Target, Targets, chosen

__all__ = [
    "BENCHMARKS",
    "CATALOG",
    "Benchmark",
    "Better",
    "Headline",
    "Individual",
    "Metric",
    "Plan",
    "Target",
    "Targets",
    "Unit",
    "aging",
    "at_risk",
    "behaviour",
    "chosen",
    "cohorts",
    "concentration",
    "countback_working",
    "credit_limits",
    "disputed_aging",
    "evaluate",
    "explain",
    "flags",
    "headlines",
    "loss_rates",
    "migration",
    "movement",
    "overall",
    "provision",
    "provision_movement",
    "rolls",
    "segments",
    "state",
]
