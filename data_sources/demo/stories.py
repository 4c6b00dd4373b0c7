"""The planted stories: what a good dashboard must surface. ``docs/demo.md`` tells them with their figures.

Every story is a share of the company or a number of days, never an amount, so it weighs the same at any size.
The currency story is the yen's path in ``company.CURRENCIES``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_sources.demo.days import LAST_DAY, Days, day

Floats = NDArray[np.float64]

# Positions in company.REGIONS, SEGMENTS, COLLECTORS and TERMS.
NORTH_AMERICA, EUROPE, BRITAIN = 0, 2, 3
CONSTRUCTION = 1
BACKLOG_COLLECTOR = 1

# (a) Construction in Continental Europe: invoices due from March 2026 are paid later by this much each month.
SLOWING_FROM = day("2026-03-01")
SLOWING_DAYS_A_MONTH = 4.0

# (b) One large debtor: the second of a group of three, the first being its parent.
GROUP_NAMES = ("Calder Voss Holdings Inc.", "Calder Voss Fabrication Inc.", "Calder Voss Logistics LLC")
GROUP_SHARES = (0.0006, 0.008, 0.001)
GROUP_SIZE = len(GROUP_NAMES)
DEBTOR = 1
DEBTOR_SEGMENT, DEBTOR_TERMS, DEBTOR_COLLECTOR = 0, 1, 2
DEBTOR_STOPS = day("2026-03-10")
DEBTOR_STILL_PAYS = 0.22
DEBTOR_LIMIT_YEARS = 0.25

# (c) One collector's customers, whoever they are, drift from the turn of the year.
BACKLOG_FROM = day("2025-12-15")
BACKLOG_DAYS_A_MONTH = 2.1

# (e) Good news: the United Kingdom and Ireland start slow and improve over the last year and a half.
RECOVERY_FROM, RECOVERY_TO = day("2025-04-01"), day("2026-09-01")
RECOVERY_DAYS_BEFORE, RECOVERY_DAYS_AFTER = 10.0, -4.0


def extra_days_late(due: Days, region: Days, segment: Days, collector: Days) -> Floats:
    """Days later (or earlier, negative) than its customer's habit that each line is paid, by its due date."""
    extra = np.zeros(len(due))
    slowing = (region == EUROPE) & (segment == CONSTRUCTION)
    extra += np.where(slowing, _months_since(SLOWING_FROM, due) * SLOWING_DAYS_A_MONTH, 0.0)
    backlog = (collector == BACKLOG_COLLECTOR) & (region == NORTH_AMERICA)
    extra += np.where(backlog, _months_since(BACKLOG_FROM, due) * BACKLOG_DAYS_A_MONTH, 0.0)
    progress = np.clip((due - RECOVERY_FROM) / (RECOVERY_TO - RECOVERY_FROM), 0.0, 1.0)
    recovery = RECOVERY_DAYS_BEFORE + (RECOVERY_DAYS_AFTER - RECOVERY_DAYS_BEFORE) * progress
    return extra + np.where(region == BRITAIN, recovery, 0.0)


def unpaid_by_debtor(customer: Days, due: Days, chance: Floats) -> NDArray[np.bool_]:
    """Lines that the large debtor leaves unpaid for as long as the data goes. ``chance`` is uniform in 0–1."""
    return (customer == DEBTOR) & (due >= DEBTOR_STOPS) & (chance >= DEBTOR_STILL_PAYS)


def _months_since(start: int, due: Days) -> Floats:
    return np.clip((due - start) / 30.4, 0.0, (LAST_DAY - start) / 30.4)
