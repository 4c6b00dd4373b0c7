"""Groups compared at the same mix of customers: worked by hand, and what must hold for any ledger."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.errors import OutstandingError
from ledger.scope import Scope
from metrics import evaluate
from metrics.fairness import ALONE, at_same_mix, fairness
from tests.ledger.books import book, day, invoice, settled

END = day("2024-03-31")
LATE, IN_TIME = {"due_date": "2024-02-09"}, {"due_date": "2024-05-09"}


def owed(who: str, where: str | None, late: int, in_time: int):
    """Open invoices of a collector (here: an entity) in a region."""
    id = f"{who}-{where}"
    rows = [(f"{id}-late", late, LATE), (f"{id}-due", in_time, IN_TIME)]
    return [invoice(name, str(amount), entity=who, region=where, **due) for name, amount, due in rows if amount]


def by_group(rows: pl.DataFrame, group: str = "entity", metric: str = "overdue_share"):
    return {row[group]: row for row in rows.filter(pl.col("metric") == metric).iter_rows(named=True)}


# Customers in EMEA pay late whoever asks them: 350 of 500 is overdue there, 100 of 500 in APAC.
#   E1 has 400 in EMEA, 300 of it late, and 100 in APAC, nothing late: 300 of 500, 60 %.
#   E2 has 100 in EMEA, 50 of it late, and 400 in APAC, 100 late: 150 of 500, 30 %.
HARD_AND_EASY = [
    *owed("E1", "EMEA", 300, 100),
    *owed("E1", "APAC", 0, 100),
    *owed("E2", "EMEA", 50, 50),
    *owed("E2", "APAC", 100, 300),
]


def test_who_has_the_hard_customers_is_not_blamed():
    rows = by_group(fairness(book(HARD_AND_EASY), END, by="entity", mix=["region"]))
    # E1: 400 × 350/500 + 100 × 100/500 = 280 + 20 = 300. E2: 100 × 350/500 + 400 × 100/500 = 70 + 80 = 150.
    assert (rows["E1"]["value"], rows["E2"]["value"]) == (0.6, 0.3)
    for who, amount, share in (("E1", 300, 0.6), ("E2", 150, 0.3)):
        assert rows[who]["expected_amount"] == pytest.approx(amount)
        assert rows[who]["expected"] == pytest.approx(share)
        assert rows[who]["difference"] == pytest.approx(0)
        assert rows[who]["gap"] == pytest.approx(0)


def test_without_a_mix_everyone_is_held_against_the_company():
    rows = by_group(fairness(book(HARD_AND_EASY), END, by="entity"))
    # 450 of 1,000 is overdue: 225 of each one's 500.
    assert rows["E1"]["difference"] == pytest.approx(75)
    assert rows["E2"]["difference"] == pytest.approx(-75)
    assert rows["E1"]["gap"] == pytest.approx(0.15)


def test_what_is_worse_than_the_same_kind_of_customers_is_told_in_money():
    # 100 of E2's APAC money is late now: 300 of 400 in all; the company's rates are 350/500 and 300/500.
    ledger = book([*HARD_AND_EASY[:-2], *owed("E2", "APAC", 300, 100)])
    rows = by_group(fairness(ledger, END, by="entity", mix=["region"]))
    # E2: 100 × 0.7 + 400 × 0.6 = 310 against 350. E1: 400 × 0.7 + 100 × 0.6 = 340 against 300.
    assert rows["E2"]["difference"] == pytest.approx(40)
    assert rows["E1"]["difference"] == pytest.approx(-40)
    assert rows["E2"]["gap"] == pytest.approx(40 / 500)


def test_who_is_alone_with_a_kind_of_customers_is_not_judged():
    ledger = book([*HARD_AND_EASY, *owed("E3", "LATAM", 90, 10)])
    alone = by_group(fairness(ledger, END, by="entity", mix=["region"]))["E3"]
    assert alone["value"] == pytest.approx(0.9)
    assert (alone["expected"], alone["gap"], alone["difference"], alone["peers"]) == (None, None, None, 0)
    assert alone["note"] == ALONE


def test_a_crumb_of_others_makes_no_company():
    # 5 of 105 in LATAM are somebody else's: less than a tenth. E1 has 500 elsewhere, so it is judged all the same.
    ledger = book([*HARD_AND_EASY, *owed("E3", "LATAM", 90, 10), *owed("E1", "LATAM", 0, 5)])
    rows = by_group(fairness(ledger, END, by="entity", mix=["region"]))
    assert rows["E3"]["note"] == ALONE
    assert rows["E1"]["peers"] == pytest.approx(1.0)


def test_effectiveness_at_the_same_mix():
    # All billed in the window: collectible is what was billed less what is not yet due. In EMEA E1 collected 60 of 100
    # and E2 20 of 100, together 80 of 200; in APAC E2 alone collected 100 of 100.
    bills = [
        invoice("A", "100", entity="E1"),
        invoice("B", "100", entity="E2"),
        invoice("C", "100", entity="E2", region="APAC"),
    ]
    paid = [
        settled("1", "60", "2024-03-05", of="A"),
        settled("2", "20", "2024-03-05", of="B"),
        settled("3", "100", "2024-03-05", of="C"),
    ]
    rows = by_group(fairness(book(bills, paid), END, by="entity", mix=["region"]), metric="cei")
    assert (rows["E1"]["value"], rows["E1"]["expected"]) == (pytest.approx(60), pytest.approx(40))
    assert (rows["E1"]["difference"], rows["E1"]["gap"]) == (pytest.approx(20), pytest.approx(20))
    # E2: (40 + 100) of 200 would be 70; it collected 120 of 200. Half of its money has company: that is enough.
    assert (rows["E2"]["value"], rows["E2"]["expected"]) == (pytest.approx(60), pytest.approx(70))
    assert rows["E2"]["peers"] == pytest.approx(0.5)


def test_a_kind_without_a_rate_is_taken_as_it_is():
    rows = pl.DataFrame(
        {
            "who": ["a", "b", "a"],
            "kind": ["x", "x", "y"],
            "currency": ["USD"] * 3,
            "metric": ["cei"] * 3,
            "numerator": [5.0, 2.0, 30.0],
            "denominator": [-10.0, 4.0, 100.0],
        }
    )
    found = at_same_mix(rows, "who", ["kind"])
    # x: −10 + 4 is no denominator, so each keeps its own 5 and 2; y is a's alone.
    assert found.select("who", "_expected", "peers").rows() == [("a", 35.0, 0.0), ("b", 2.0, 0.0)]


@pytest.mark.parametrize("mix", [[], ["region"]])
def test_differences_add_up_to_nothing(mix):
    rows = evaluate(book(HARD_AND_EASY), ["overdue_share"], [END], by=["entity", *mix])
    assert at_same_mix(rows, "entity", mix)["_expected"].sum() == pytest.approx(rows["numerator"].sum())


def test_a_group_without_a_name_is_a_group():
    ledger = book([*HARD_AND_EASY, *owed("E1", None, 10, 10), *owed("E2", None, 0, 20)])
    rows = by_group(fairness(ledger, END, by="region", mix=["entity"]), group="region")
    assert rows[None]["value"] == pytest.approx(0.25)
    assert rows[None]["expected"] is not None


def test_only_the_scope_is_compared():
    rows = by_group(fairness(book(HARD_AND_EASY), END, by="entity", scope=Scope.of(region=["EMEA"])))
    assert rows["E1"]["difference"] == pytest.approx(300 - 400 * 0.7)


def test_nothing_open_compares_nothing():
    assert fairness(book(), END, by="entity", mix=["region"]).is_empty()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"mix": ["regoin"]}, "region"),
        ({"mix": ["entity"]}, "'entity' cannot make groups comparable"),
        ({"metrics": ["dso"]}, "DSO is no share"),
        ({"metrics": ["collection_efficiency"]}, "Collection efficiency is no share"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(how, said):
    with pytest.raises(OutstandingError, match=said):
        fairness(book(HARD_AND_EASY), END, by="entity", **how)
