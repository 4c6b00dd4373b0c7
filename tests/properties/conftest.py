"""How much is drawn: enough to find things while working, the same books every time in continuous integration."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest.register_assert_rewrite("tests.properties.product", "tests.properties.tables")
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

# Saying which lines only failing cases run takes minutes and tells little here.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]

settings.register_profile("work", deadline=None, max_examples=7, suppress_health_check=QUIET, phases=PHASES)
settings.register_profile("ci", parent=settings.get_profile("work"), derandomize=True)
settings.register_profile("thorough", parent=settings.get_profile("work"), max_examples=400)
settings.register_profile("look", parent=settings.get_profile("work"), phases=[Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "work"))
