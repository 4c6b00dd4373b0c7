"""The customer master: who buys, how much, on what terms, and how they pay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import company, rates, stories
from data_sources.demo.names import firm_names, mailboxes

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FIRST_NUMBER = 10_001
NO_COLLECTOR = -1


@dataclass(frozen=True)
class Customers:
    """One element per customer. Codes are positions in the tuples of ``company``; dollars are whole reporting units.

    ``share`` is of group revenue; ``odds`` is the chance that the next invoice is theirs; ``usual_amount`` is the mean
    invoice in US dollars; ``late`` and ``spread`` are days; ``run_day`` is the weekday of the payment run, or the day
    of the month where ``monthly``; ``parent`` is a position here or -1; ``limit`` is -1 where none is set.
    """

    numbers: list[str]
    names: list[str]
    emails: list[str]
    region: Ints
    segment: Ints
    industry: list[str]
    country: list[str]
    entity: Ints
    currency: Ints
    collector: Ints
    sales_rep: list[str]
    terms: Ints
    risk: Ints
    late: Floats
    spread: Floats
    bad_debt: Floats
    run_day: Ints
    monthly: Flags
    parent: Ints
    limit: Ints
    odds: Floats
    usual_amount: Floats
    has_segment: Flags


def draw_customers(count: int, invoices: int, rng: np.random.Generator) -> Customers:
    """``count`` customers who share out ``invoices``; the first three are the group of the large-debtor story."""
    region = _pick(rng, [r.share for r in company.REGIONS], count)
    segment = _pick(rng, [s.share for s in company.SEGMENTS], count)
    risk = _pick(rng, [r.share for r in company.RISKS], count)
    terms = _pick(rng, [t.share for t in company.TERMS], count)
    group = slice(0, stories.GROUP_SIZE)
    region[group], segment[group], risk[group], terms[group] = 0, stories.DEBTOR_SEGMENT, 1, stories.DEBTOR_TERMS
    country, currency, entity, style = _homes(region, rng)
    share, odds = _sizes(region, segment, invoices, rng)
    late = np.array([r.late for r in company.RISKS])[risk]
    spread_between = np.array([r.spread for r in company.RISKS])[risk]
    late = late + rng.normal(0, 1, count) * spread_between
    numbers = [f"{number:07d}" for number in range(FIRST_NUMBER, FIRST_NUMBER + count)]
    names = _names(style, rng)
    monthly = rng.random(count) < 0.12
    collector = _collectors(region, rng)
    # A few small accounts were never given to anyone, or never classified.
    small = (odds < np.median(odds)) & (np.arange(count) >= stories.GROUP_SIZE)
    collector[small & (rng.random(count) < 0.04)] = NO_COLLECTOR
    usual = company.AVERAGE_INVOICE_USD * share / odds
    return Customers(
        numbers=numbers,
        names=names,
        emails=mailboxes(names, numbers),
        region=region,
        segment=segment,
        industry=_industries(segment, rng),
        country=country,
        entity=entity,
        currency=currency,
        collector=collector,
        sales_rep=_sales_reps(region, rng),
        terms=terms,
        risk=risk,
        late=late,
        spread=5.0 + 0.45 * np.maximum(late, 0.0),
        bad_debt=np.array([r.bad_debt for r in company.RISKS])[risk],
        run_day=np.where(monthly, rng.choice([5, 10, 15, 20, 25], count), rng.integers(0, 5, count)),
        monthly=monthly,
        parent=(parent := _parents(region, rng)),
        limit=_limits(share, terms, late, usual, parent, invoices, rng),
        odds=odds,
        usual_amount=usual,
        has_segment=~(small & (rng.random(count) < 0.02)),
    )


def _pick(rng: np.random.Generator, shares: list[float], count: int) -> Ints:
    weights = np.asarray(shares)
    return rng.choice(len(shares), count, p=weights / weights.sum())


def _homes(region: Ints, rng: np.random.Generator) -> tuple[list[str], Ints, Ints, NDArray[np.str_]]:
    """Country, currency, entity and naming style of each customer."""
    places = [(code, home) for code, r in enumerate(company.REGIONS) for home in r.countries]
    place = np.empty(len(region), dtype=np.int64)
    for code, where in enumerate(company.REGIONS):
        here = np.flatnonzero(region == code)
        offset = next(i for i, (owner, _) in enumerate(places) if owner == code)
        place[here] = offset + _pick(rng, [home.share for home in where.countries], len(here))
    place[: stories.GROUP_SIZE] = 0
    country = np.array([home.code for _, home in places])[place].tolist()
    currency = np.array([rates.CURRENCY_CODES.index(home.currency) for _, home in places])[place]
    entity = np.array([home.entity for _, home in places])[place]
    return country, currency, entity, np.array([home.style for _, home in places])[place]


def _sizes(region: Ints, segment: Ints, invoices: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Share of group revenue and chance of being invoiced: heavy-tailed within each region and segment.

    Each region and segment has its planned share of revenue exactly, so that the stories weigh the same at any size.
    """
    raw = np.exp(rng.normal(0.0, 1.25, len(region)))
    raw[: stories.GROUP_SIZE] = 0.0
    cell = region * len(company.SEGMENTS) + segment
    planned = np.outer([r.share for r in company.REGIONS], [s.share for s in company.SEGMENTS]).ravel()
    share = raw / np.maximum(np.bincount(cell, raw, len(planned)), 1e-9)[cell] * planned[cell]
    # Big customers are both invoiced more often and for more.
    often = share**0.6
    share *= (1 - sum(stories.GROUP_SHARES)) / share.sum()
    share[: stories.GROUP_SIZE] = stories.GROUP_SHARES
    often[: stories.GROUP_SIZE] = 0.0
    # Even a very small company bills the debtor often enough to see it slide.
    debtor_odds = [max(part / 2, min(60.0 / invoices, 0.1)) for part in stories.GROUP_SHARES]
    odds = often / often.sum() * (1 - sum(debtor_odds))
    odds[: stories.GROUP_SIZE] = debtor_odds
    return share, odds


def _names(style: NDArray[np.str_], rng: np.random.Generator) -> list[str]:
    names = np.empty(len(style), dtype=object)
    for spoken in sorted(set(style.tolist())):
        here = np.flatnonzero(style == spoken)
        names[here] = firm_names(spoken, len(here), rng)
    names[: stories.GROUP_SIZE] = stories.GROUP_NAMES
    return names.tolist()


def _collectors(region: Ints, rng: np.random.Generator) -> Ints:
    collector = np.empty(len(region), dtype=np.int64)
    for code, where in enumerate(company.REGIONS):
        here = np.flatnonzero(region == code)
        people = np.array([person for person, _ in where.collectors])
        collector[here] = people[_pick(rng, [part for _, part in where.collectors], len(here))]
    collector[: stories.GROUP_SIZE] = stories.DEBTOR_COLLECTOR
    return collector


def _industries(segment: Ints, rng: np.random.Generator) -> list[str]:
    industry = np.empty(len(segment), dtype=object)
    for code, market in enumerate(company.SEGMENTS):
        here = np.flatnonzero(segment == code)
        industry[here] = np.array(market.industries, dtype=object)[rng.integers(0, len(market.industries), len(here))]
    return industry.tolist()


def _sales_reps(region: Ints, rng: np.random.Generator) -> list[str]:
    rep = np.empty(len(region), dtype=object)
    for code, where in enumerate(company.REGIONS):
        here = np.flatnonzero(region == code)
        team = np.array([person for person, _, patch in company.SALES_REPS if patch == where.code], dtype=object)
        rep[here] = team[rng.integers(0, len(team), len(here))]
    return rep.tolist()


def _parents(region: Ints, rng: np.random.Generator) -> Ints:
    """About one customer in eight belongs to a parent of its region that itself has none."""
    count = len(region)
    parent = np.full(count, -1)
    is_parent = rng.random(count) < 0.05
    is_child = ~is_parent & (rng.random(count) < 0.12)
    group = np.arange(count) < stories.GROUP_SIZE
    for code in range(len(company.REGIONS)):
        parents = np.flatnonzero(is_parent & (region == code) & ~group)
        children = np.flatnonzero(is_child & (region == code) & ~group)
        if len(parents):
            parent[children] = parents[rng.integers(0, len(parents), len(children))]
    parent[1 : stories.GROUP_SIZE] = 0
    return parent


def _limits(
    share: Floats,
    terms: Ints,
    late: Floats,
    usual_amount: Floats,
    parent: Ints,
    invoices: int,
    rng: np.random.Generator,
) -> Ints:
    """Credit limits in US dollars, tight to generous against the usual balance; one customer in twelve has none."""
    yearly = share * invoices * company.AVERAGE_INVOICE_USD / company.YEARS_OF_POSTINGS
    usual_days = np.array([t.days for t in company.TERMS])[terms] + np.maximum(late, 0.0) + 8.0
    room = np.exp(rng.normal(1.0, 0.35, len(share)))
    # Room for a few invoices at once, however rarely the customer buys.
    wanted = yearly * usual_days / 365.0 * room + usual_amount * rng.uniform(1.5, 4.0, len(share))
    step = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(wanted, 1.0))) - 1, 3)
    limit = (np.ceil(wanted / step) * step).astype(np.int64)
    limit[stories.DEBTOR] = int(round(yearly[stories.DEBTOR] * stories.DEBTOR_LIMIT_YEARS, -4))
    # A parent's limit is its family's: it covers those below it, too.
    families = limit.copy()
    children = np.flatnonzero(parent >= 0)
    np.add.at(families, parent[children], limit[children])
    families[(rng.random(len(share)) < 1 / 12) & (np.arange(len(share)) != stories.DEBTOR)] = -1
    return families
