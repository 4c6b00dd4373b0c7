"""The search for who moved, on small companies made for it: what is told, what is left unsaid, and the arithmetic."""

from __future__ import annotations

import math
from datetime import date, timedelta

import polars as pl
import pytest

from config.targets import Goal
from ledger.calendar import month_ends
from ledger.scope import COMPANY, Scope
from metrics import Targets, headlines, overall
from metrics.evidence import OPEN, PAID, SUMS, Horizon, evidence
from metrics.overall import cause
from metrics.scan import Rules, Search
from metrics.stories import Report
from metrics.weighing import MEASURES, judged, nothing, only, row_of, summed
from tests.ledger.books import book, customer, day, invoice, settled

LAST = date(2024, 12, 31)
REGIONS = ("North", "South", "West", "East", "Islands")
SEGMENTS = ("Retail", "Industry", "Public", "Trade")
DIMENSIONS = {"region": "Region", "segment": "Segment", "entity": "Entity"}
CUSTOMERS = 100


def steady(_who, _when):
    """Nobody pays later or earlier than ever."""
    return 0


def trading(later=steady, since=date(2022, 1, 1), rules=None, **more):
    """A hundred customers that get two invoices a month, due after 30 days, and pay each after a habit of its own.

    ``later``: days that a customer, by its number, pays later when an invoice falls due; ``None`` for never.
    """
    documents, settlements = [], []
    for who in range(CUSTOMERS):
        for month, end in enumerate(month_ends(since, LAST)):
            for half in (3, 17):
                dated = end.replace(day=half)
                due = dated + timedelta(days=30)
                # Between 10 days early and 25 late; the same weeks for nobody.
                habit = (who * 7 + month * 5 + half * 3) % 36 - 10
                extra = later(who, due)
                id = f"{who}-{month}-{half}"
                amount = 1000 + 37 * ((who * 13 + month) % 50)
                place = {"region": REGIONS[who % 5], "segment": SEGMENTS[who // 5 % 4]}
                given = {
                    "document_date": str(dated),
                    "due_date": str(due),
                    "customer_id": f"C{who:02}",
                    **place,
                    **more,
                }
                documents.append(invoice(id, str(amount), **given))
                paid = due + timedelta(days=habit + (extra or 0))
                if extra is not None and paid <= LAST:
                    settlements.append(settled(id, str(amount), str(paid), of=id))
    names = [customer(f"C{who:02}", f"Customer {who}") for who in range(CUSTOMERS)]
    return book(documents, settlements, names, rules={"dimensions": DIMENSIONS, "today": LAST, **(rules or {})})


@pytest.fixture(scope="module")
def calm():
    return trading()


def west_pays_later(who, due):
    """Every customer in the West pays 25 days later from the middle of 2024."""
    return 25 if REGIONS[who % 5] == "West" and due >= date(2024, 6, 1) else 0


def test_a_steady_company_gives_no_alarm(calm):
    assert headlines(calm, LAST) == []


def test_an_empty_company_gives_none_either():
    empty = book([], [])
    assert headlines(empty, LAST) == []
    assert overall(empty, LAST).words == "Nothing is overdue"


def test_a_region_that_pays_later_is_told_and_is_the_only_one():
    (found,) = headlines(trading(west_pays_later), LAST)
    assert (found.kind, found.where) == ("worse", (("region", "West"),))
    # Due since June, paid until December: all of what was paid in the last quarter, by 25 days.
    assert "Region West: customers pay 2" in found.words
    assert "later than a year ago" in found.words


def test_a_region_that_pays_earlier_is_good_news():
    (found,) = headlines(trading(lambda who, due: -west_pays_later(who, due)), LAST)
    assert (found.kind, found.where) == ("better", (("region", "West"),))
    assert "earlier than a year ago" in found.words
    assert "less than if it had moved like the rest" in found.words


def test_a_part_of_a_region_is_told_rather_than_the_region():
    def retail(who, due):
        return 40 if SEGMENTS[who // 5 % 4] == "Retail" and west_pays_later(who, due) else 0

    (found,) = headlines(trading(retail), LAST)
    assert found.where == (("region", "West"), ("segment", "Retail"))
    assert found.words.startswith("Segment Retail in region West: ")


def test_everybody_paying_later_is_no_groups_story():
    later = trading(lambda _who, due: 25 if due >= date(2024, 6, 1) else 0)
    assert headlines(later, LAST) == []
    # It is the title's.
    assert overall(later, LAST, "6mo").money > 0


def test_one_customer_is_a_debtor_and_not_its_groups_story():
    def stops(who, due):
        return None if who == 42 and due >= date(2024, 3, 1) else 0

    found = headlines(trading(stops), LAST)
    assert [(each.kind, each.where) for each in found] == [("debtor", (("customer", "C42"),))]
    assert found[0].words.startswith("Customer 42 owes $")
    assert "limit" not in found[0].words


def test_a_class_made_from_how_customers_pay_is_never_a_cause():
    rules = {"dimensions": {"behaviour": "Behaviour", "entity": "Entity"}}
    rows = trading(west_pays_later, rules=rules)
    cells = rows.frames["cells"].with_columns(behaviour=pl.lit("slipping"))
    rows = type(rows)(rows.rules, {**rows.frames, "cells": cells}, rows.about)
    assert Report(rows, LAST, "3mo", COMPANY, Targets(), "USD").groups == []


def test_currencies_that_are_never_added_are_told_each_by_itself():
    euros = trading(west_pays_later, rules={"reporting_currency": "USD"}, currency="EUR")
    assert euros.currencies == ("EUR",)
    (found,) = headlines(euros, LAST)
    assert (found.currency, found.where) == ("EUR", (("region", "West"),))
    assert "€" in found.words


# How far it looks back


def test_a_year_is_compared_where_the_history_reaches_else_half_a_year_else_the_window(calm):
    def start(on, window="1mo"):
        horizon = Horizon.of(calm, day(on), window)
        return horizon and str(horizon.start)

    # The first invoice is of 3 January 2022; a quarter before the start must be known.
    assert start("2024-12-31") == "2023-12-31"
    assert start("2023-04-30") == "2022-04-30"
    assert start("2023-03-31") == "2022-09-30"
    assert start("2022-10-31") == "2022-04-30"
    assert start("2022-06-30") == "2022-05-31"
    assert start("2022-01-31") is None


def test_payments_of_half_a_year_are_weighed_where_they_are_known(calm):
    def lengths(on):
        horizon = Horizon.of(calm, day(on), "1mo")
        assert horizon is not None
        return [round(window.months) for window in (*horizon.paid, *horizon.recent)]

    assert lengths("2024-12-31") == [6, 6, 3, 3]
    assert lengths("2023-05-31") == [3, 3, 3, 3]


def test_evidence_is_what_was_owed_and_paid():
    of = book(
        [
            invoice("A", "100", document_date="2023-01-10", due_date="2023-02-09"),
            invoice("B", "300", document_date="2024-01-10", due_date="2024-02-09"),
            invoice("C", "50", document_date="2024-05-10", due_date="2024-06-09"),
        ],
        [settled("1", "100", "2023-05-20", of="A"), settled("2", "300", "2024-04-19", of="B")],
    )
    start, end = day("2023-05-31"), day("2024-05-31")
    horizon = Horizon.of(of, end, "3mo")
    assert horizon is not None
    assert horizon.start == start
    (row,) = evidence(of, horizon).to_dicts()
    # Year ends 31 May. A was open and late on 31 March and 30 April 2023, B on 31 March 2024; C is open on 31 May.
    assert [row[name] for name in OPEN] == [20_000, 20_000, 30_000 + 5_000, 30_000]
    # A was paid 100 days late in the half-year to May 2023, B 70 days late in that to May 2024: in cents.
    assert [row[name] for name in PAID] == [10_000, 10_000 * 100, 30_000, 30_000 * 70]
    assert (row["_open_then"], row["_open_now"], row["_late_now"]) == (0, 5_000, 0)


def test_the_evidence_of_a_part_of_the_company_is_the_companys_as_far_as_it_is_in_it():
    documents = [
        invoice(f"{place}-{who}", document_date="2023-01-10", due_date="2023-02-09", region=place, customer_id=who)
        for place in ("North", "South")
        for who in ("C1", "C2")
    ]
    whole = book(documents, customers=[customer("C1"), customer("C2")])
    horizon = Horizon.of(whole, day("2024-05-31"), "3mo")
    assert horizon is not None
    everybody = evidence(whole, horizon)
    assert everybody.height == 4
    for scope, there in (
        (Scope.of(region="North"), 2),
        (Scope.of(customer="C2"), 2),
        (Scope.of(region="South", customer=["C1"]), 1),
        (Scope.of(region="East"), 0),
        (COMPANY, 4),
    ):
        part = whole.within(everybody, scope)
        assert part.height == there
        owed = whole.positions([horizon.day], scope)["overdue"].sum()
        assert part["_late_now"].sum() == owed


# The arithmetic of the score


def rows(*customers):
    """Evidence by hand: ``(group, open0, late0, open1, late1)``, nothing paid."""
    return pl.DataFrame(
        [
            {
                **dict.fromkeys(SUMS, 0),
                **dict(zip(OPEN, money, strict=True)),
                **dict(zip(("_open_then", "_late_then", "_open_now", "_late_now"), money, strict=True)),
                "customer": number,
                "cell": number,
                "region": group,
            }
            for number, (group, *money) in enumerate(customers)
        ]
    )


PLAIN = (
    *(("A", 100 + i, 20 + 3 * (i % 4), 110 + i, 50 + 5 * (i % 3)) for i in range(12)),
    *(("B", 200 + i, 40 + 7 * (i % 5), 190 + i, 45 + 6 * (i % 4)) for i in range(20)),
)


def plain_score(customers, group):
    """The same with loops: damped by the root of the base, linearised, t as a normal deviate."""

    def side(members):
        damped = [[amount / math.sqrt(open0 + open1) for amount in (open0, late0, open1, late1)]
                  for _, open0, late0, open1, late1 in members]  # fmt: skip
        base0, part0, base1, part1 = (sum(column) for column in zip(*damped, strict=True))
        moved = part1 / base1 - part0 / base0
        squares = sum(((b - part1 / base1 * a) / base1 - (d - part0 / base0 * c) / base0) ** 2 for c, d, a, b in damped)
        alike = min(base**2 / sum(each[at] ** 2 for each in damped) for at, base in ((0, base0), (2, base1)))
        return moved, squares, alike - 1

    own, own_squares, known = side([c for c in customers if c[0] == group])
    others, other_squares, _ = side([c for c in customers if c[0] != group])
    t = (own - others) / math.sqrt(own_squares + other_squares)
    size = math.sqrt(known * math.log(1 + t * t / known)) * (8 * known + 1) / (8 * known + 3)
    return math.copysign(size, t)


@pytest.mark.parametrize("group", ["A", "B"])
def test_the_score_is_that_of_plain_loops(group):
    frame = rows(*PLAIN)
    cells = summed(frame, ["cell", "region"])
    (found,) = judged(only(cells.filter(pl.col("region") == group)), row_of(cells)).to_dicts()
    assert found["_score"] == pytest.approx(plain_score(PLAIN, group), abs=1e-5)


def test_the_stake_is_the_movement_beyond_the_rest_in_money():
    # A from 20 of 100 to 50 of 100, the rest from 40 of 200 to 40 of 200: 100 × (0.30 − 0).
    cells = summed(rows(("A", 100, 20, 100, 50), ("B", 200, 40, 200, 40)), ["cell", "region"])
    (found,) = judged(only(cells.filter(pl.col("region") == "A")), row_of(cells)).to_dicts()
    assert found["_stake"] == pytest.approx(30)
    assert found["_score"] == 0, "one customer says nothing about a group"


def test_the_rest_of_a_company_outside_the_scope_counts():
    frame = rows(*PLAIN)
    inside, outside = frame.filter(pl.col("region") == "A"), frame.filter(pl.col("region") == "B")
    rules = Rules(score=0.1)
    rest = row_of(summed(outside, ["cell"]))
    (seen,) = Search(inside, rest, [], whole=True, rules=rules).findings()
    assert seen.where == ()
    assert seen.score == pytest.approx(plain_score(PLAIN, "A"), abs=1e-5)
    assert Search(frame, nothing(), ["region"], rules=Rules(score=99)).findings() == []
    assert set(MEASURES) == set(nothing())


# The title


def moved(*groups):
    """``(region, segment, before, now, open)``."""
    schema = ["region", "segment", "_before", "_now", "_open"]
    return pl.DataFrame(groups, schema=schema, orient="row")


def who(*groups, customers=()):
    owing = [(*each, each[1]) for each in customers]
    named = pl.DataFrame(owing, schema=["customer", "_before", "_now", "_open"], orient="row")
    return cause(moved(*groups), named, ["region", "segment"])


def test_the_cause_makes_most_beyond_its_size():
    found = who(
        ("North", "Retail", 10, 60, 100), ("North", "Public", 100, 101, 500), ("South", "Retail", 100, 101, 500),
        ("South", "Public", 100, 101, 500), ("West", "Retail", 100, 101, 500), ("West", "Public", 100, 101, 500),
        ("West", "Trade", 100, 101, 500),
    )  # fmt: skip
    assert found is not None
    assert found.where == (("region", "North"), ("segment", "Retail"))
    assert found.share == pytest.approx(50 / 56)


def test_a_small_odd_group_does_not_hide_the_large_one_that_made_the_change():
    # South makes 81 of 100 with 30 % of the balance: 51 beyond its size. Trade makes 52 with 5 %: 47.
    found = who(
        ("South", "Trade", 0, 42, 40), ("South", "Public", 0, 39, 260), ("North", "Trade", 0, 10, 10),
        ("North", "Public", 0, 5, 390), ("West", "Retail", 0, 4, 300),
    )  # fmt: skip
    assert found is not None
    assert found.where == (("region", "South"),)


def test_a_change_spread_evenly_has_no_cause():
    regions, segments = ("North", "South", "West", "East"), ("Retail", "Public", "Trade", "Industry")
    assert who(*((region, segment, 100, 110, 500) for region in regions for segment in segments)) is None


def test_a_fall_has_a_cause_too():
    found = who(
        ("North", "A", 100, 20, 400), ("South", "A", 100, 98, 400), ("West", "A", 100, 99, 400),
        ("East", "A", 100, 99, 400),
    )  # fmt: skip
    assert found is not None
    assert found.where == (("region", "North"),)
    assert found.share == pytest.approx(80 / 84)


def test_two_groups_explain_nothing():
    assert who(("North", "A", 100, 200, 400), ("South", "A", 100, 101, 400)) is None


def test_a_group_without_a_name_can_be_the_cause():
    found = who((None, "A", 10, 100, 100), ("South", "A", 100, 101, 400), ("West", "A", 100, 101, 400))
    assert found is not None
    assert found.where == (("region", None),)


def test_one_customer_can_be_the_cause():
    groups = [(region, "A", 100, 130, 400) for region in ("North", "South", "West", "East")]
    customers = [("C1", 10, 80), ("C2", 190, 210), ("C3", 200, 230)]
    found = who(*groups, customers=customers)
    assert found is not None
    assert found.where == (("customer", "C1"),)
    assert found.share == pytest.approx(70 / 120)


def test_the_title_says_when_little_moved(calm):
    title = overall(calm, LAST, scope=Scope.of(customer="nobody"))
    assert title.words == "Nothing is overdue"
    assert title.where == ()


def test_the_title_claims_no_change_from_before_the_history(calm):
    title = overall(calm, day("2022-03-31"), "12mo")
    assert title.words.endswith(" is overdue")
    assert title.money == 0


def test_dso_before_the_history_is_whole_is_no_headline():
    # 1 000 is taken over on 31 January; 100 is sold in February. Three months to 29 February have no sales of December.
    over = invoice("A", "1000", document_date="2023-12-20", posting_date="2024-01-31", due_date="2024-03-31")
    done = book([over, invoice("B", "100", document_date="2024-02-10", due_date="2024-03-31")])
    goal = Goal(key="dso", good=20.0, attention=25.0)
    targets = Targets.of({"dso": [goal]}, "targets.toml")
    assert headlines(done, day("2024-02-29"), "3mo", targets=targets) == []
    # One month is whole: 1 100 ÷ 100 × 29 = 319 days, 299 above the goal, 100 ÷ 29 a day: 1 031.03 tied up.
    (told,) = headlines(done, day("2024-02-29"), "1mo", targets=targets)
    assert (told.kind, told.money) == ("dso", 1031.03)
