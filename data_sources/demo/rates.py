"""Exchange rates: a working-day series per currency, and what an amount is worth in an entity's own currency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import company, days
from data_sources.demo.days import Days

RATES_FROM = days.day("2022-07-01")


@dataclass(frozen=True)
class Rates:
    """``dollars[c, d]``: US dollars for one unit of currency ``c`` on day RATES_FROM + d; a weekend has Friday's."""

    dollars: NDArray[np.float64]

    def booked(self, amounts: Days, currencies: Days, on: Days, entities: Days) -> Days:
        """Amounts in minor units of ``currencies``, as booked in minor units of each entity's own currency on a day."""
        place = on - RATES_FROM
        own = ENTITY_CURRENCY[entities]
        cross = self.dollars[currencies, place] / self.dollars[own, place]
        return np.rint(amounts * cross * SCALE[own] / SCALE[currencies]).astype(np.int64)


CURRENCY_CODES = tuple(currency.code for currency in company.CURRENCIES)
ENTITY_CURRENCY = np.array([CURRENCY_CODES.index(entity.currency) for entity in company.ENTITIES])
SCALE = np.array([10.0**currency.decimals for currency in company.CURRENCIES])


def draw_rates(rng: np.random.Generator) -> Rates:
    """Every currency's path with a day-to-day restlessness that pulls back to it."""
    calendar = np.arange(RATES_FROM, days.LAST_DAY + 1)
    is_working = days.weekday(calendar) < 5
    series: list[NDArray[np.float64]] = []
    for currency in company.CURRENCIES:
        knots = [days.day(text) for text, _ in currency.path]
        path = np.interp(calendar, knots, [rate for _, rate in currency.path])
        shocks = rng.normal(0.0, 1.0, len(calendar)) * currency.restlessness
        drift = _mean_reverting(shocks)
        # Published to five significant digits or so; the weekend shows Friday's.
        rate = np.round(path * np.exp(drift), 8 if currency.decimals == 0 else 5)
        last_working = np.maximum.accumulate(np.where(is_working, np.arange(len(calendar)), 0))
        series.append(rate[last_working])
    return Rates(np.vstack(series))


def _mean_reverting(shocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each day keeps 95 % of the day before's distance: a short exponential memory, written as a convolution."""
    memory = 0.95 ** np.arange(120)
    return np.convolve(shocks, memory)[: len(shocks)]
