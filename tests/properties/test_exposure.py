"""Laws of concentration and credit limits, and limits checked against a walk through each family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book
from ledger.families import families
from metrics import aging, concentration, credit_limits, disputed_aging, evaluate
from tests.ledger.books import book, customer, day, invoice, payment
from tests.plain.ledger import Ledger
from tests.plain.strategies import ledgers
from tests.properties.product import book_of

END = day("2024-03-31")
near = partial(pytest.approx, rel=1e-9, abs=1e-6)


@dataclass(frozen=True)
class Member:
    """A customer: the place of its parent in the list (itself and circles allowed), its limit and what it owes."""

    parent: int | None
    limit: int | None
    balance: int


members = st.lists(
    st.builds(
        Member,
        st.one_of(st.none(), st.integers(0, 7)),
        st.sampled_from([None, 0, 10, 50, 200]),
        st.integers(-40, 120),
    ),
    min_size=1,
    max_size=8,
)


def books(given: list[Member]) -> Book:
    documents = [
        (invoice if one.balance > 0 else payment)(f"D{place}", str(one.balance), **_dated(one), customer_id=f"C{place}")
        for place, one in enumerate(given)
        if one.balance
    ]
    rows = [
        customer(f"C{place}", parent_id=_id(one.parent), credit_limit=None if one.limit is None else str(one.limit))
        for place, one in enumerate(given)
    ]
    return book(documents, customers=rows)


def _dated(one: Member) -> dict[str, str]:
    return {"document_date": "2024-01-10"} if one.balance > 0 else {"on": "2024-01-10"}


def _id(place: int | None) -> str | None:
    return None if place is None else f"C{place}"


def plain_parents(given: list[Member]) -> dict[int, int | None]:
    """Everyone's parent, walking up from each: the lowest of a circle has none."""
    above = {
        place: one.parent if one.parent is not None and one.parent < len(given) and one.parent != place else None
        for place, one in enumerate(given)
    }
    for place in range(len(given)):
        seen, at = [place], above[place]
        while at is not None and at not in seen:
            seen.append(at)
            at = above[at]
        if at == place:
            above[min(seen)] = None
    return above


def plain_over_limit(given: list[Member]) -> int:
    """By recursion: the larger of a member's own excess and the sum of its children's."""
    above = plain_parents(given)
    children = {place: [child for child, parent in above.items() if parent == place] for place in above}

    def family(place: int) -> Iterator[int]:
        yield place
        for child in children[place]:
            yield from family(child)

    def excess(place: int) -> int:
        limit = given[place].limit
        exposure = max(0, sum(given[one].balance for one in family(place)))
        own = 0 if limit is None else max(0, exposure - limit)
        return max(own, sum(excess(child) for child in children[place]))

    return sum(excess(place) for place, parent in above.items() if parent is None)


@given(members)
def test_over_limit_is_what_a_walk_through_the_families_finds(given: list[Member]):
    done = books(given)
    found = evaluate(done, ["over_limit"], [END]).row(0, named=True)
    table = credit_limits(done, END)
    if found["value"] is None:
        assert table.is_empty()
    else:
        assert found["value"] == plain_over_limit(given)
        assert found["value"] <= sum(max(0, one.balance) for one in given)
        assert table["over_limit"].max() <= found["value"] <= table["over_limit"].sum()


@given(members)
def test_families_are_what_a_walk_up_finds(given: list[Member]):
    above = plain_parents(given)
    want = []
    for place in above:
        at, depth = place, 0
        while at is not None:
            want.append((place, at, depth))
            at, depth = above[at], depth + 1
    # Numbers of customers follow their ids, which are one digit here.
    assert families(books(given).frames["customers"]).rows() == want


@given(ledgers())
def test_shares_add_up_and_no_more_debtors_count_than_there_are(ledger: Ledger):
    done = book_of(ledger)
    on = done.last_day
    if on is None:
        return
    rows = evaluate(done, ["top_10_share", "hhi", "effective_debtors"], [on])
    top, index, effective = rows["value"]
    for groups in (False, True):
        table = concentration(done, on, groups=groups)
        if table.is_empty():
            continue
        assert table["share"].sum() == near(1)
        assert table["cumulative"][-1] == 1
        assert table["balance"].is_sorted(descending=True)
        assert (table["share"] ** 2).sum() * 10_000 == near(index) or groups
    debtors = concentration(done, on).height
    if debtors:
        assert 0 < top <= 1
        assert effective * index == near(10_000)
        assert 1 - 1e-9 <= effective <= debtors + 1e-9
    else:
        assert (top, index, effective) == (None, None, None)


@given(ledgers())
def test_disputed_buckets_are_within_those_of_the_aging_table(ledger: Ledger):
    done = book_of(ledger)
    if done.last_day is None:
        return
    disputed, whole = disputed_aging(done), aging(done)
    assert disputed["amount"].sum() == near(evaluate(done, ["disputed"])["value"].item())
    for part, all_of_it in zip(disputed["amount"], whole["amount"], strict=False):
        assert 0 <= part <= all_of_it
    assert disputed["share"].sum() == near(1 if disputed["amount"].sum() else 0)


@given(ledgers())
def test_collection_efficiency_is_a_share(ledger: Ledger):
    done = book_of(ledger)
    rows = evaluate(done, ["collection_efficiency"], done.month_ends, "1mo").drop_nulls("value")
    assert rows["value"].is_between(0, 1).all()
