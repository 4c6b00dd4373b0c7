"""Why it moved, in words: true to the numbers, no part larger than the whole, improvements told as such."""

from __future__ import annotations

import polars as pl
import pytest

from metrics import CATALOG
from metrics.explain import PARTS
from metrics.reasons import PART_LABELS, leaders, sentences, steps
from tests.ledger.books import day

LABELS = {"region": "Region", "segment": "Segment", "collector": "Collector"}
NAMES: dict[str | None, str] = {"C1": "Hansen GmbH"}
UNITS = {metric.id: metric.unit.value for metric in CATALOG.values()}


def rows(metric, *moved, by=(), currency="USD", start="2026-07-31", window="3mo"):
    """An answer of ``explain``: (*group, part, contribution) each."""
    names = ["from", "to", "window", *by, "currency", "metric", "part", "contribution", "unit"]
    found = [
        (day(start), day("2026-10-31"), window, *group, currency, metric, part, float(amount), UNITS[metric])
        for *group, part, amount in moved
    ]
    text = dict.fromkeys([*by, "window", "currency", "metric", "part", "unit"], pl.String)
    types = {"from": pl.Date, "to": pl.Date, "contribution": pl.Float64, **text}
    return pl.DataFrame(found, schema={name: types[name] for name in names}, orient="row")


def said(*answers):
    (sentence,) = sentences(*answers, labels=LABELS, names=NAMES)
    return sentence.replace("\u00a0", " ")


def dso(best=0.0, late=0.0, credits=0.0):
    return rows("dso", ("mix", 0), ("best_possible", best), ("delinquent", late), ("credits", credits))


PLACES = rows(
    "dso",
    ("Continental Europe", "Construction", "delinquent", 1.2), ("Iberia", "Retail", "delinquent", 0.6),
    ("Iberia", "Retail", "mix", 5.0), ("Nordics", "Retail", "delinquent", 0.5), ("Nordics", "Retail", "mix", -3.5),
    by=("region", "segment"),
)  # fmt: skip
COLLECTORS = rows("dso", ("Marcus Bell", "delinquent", 0.9), (None, "delinquent", 1.2), by=("collector",))


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (dso(0.6, 3.2), "DSO rose 3.8 days from 31 Jul to 31 Oct 2026: 3.2 of it is later payment"),
        (dso(-0.5, -1.5), ("DSO fell 2.0 days from 31 Jul to 31 Oct 2026, an improvement: "
            "1.5 of it is earlier payment and 0.5 of it shorter terms or earlier billing")),
        (dso(2.4, 2.3, 0.1), ("DSO rose 4.8 days from 31 Jul to 31 Oct 2026: "
            "2.4 of it is longer terms or later billing and 2.3 of it later payment")),
        (dso(-1.2, 5.0), ("DSO rose 3.8 days from 31 Jul to 31 Oct 2026: "
            "later payment added 5.0 days; shorter terms or earlier billing took off 1.2 days")),
        (dso(0.01, 2.0), "DSO rose 2.0 days from 31 Jul to 31 Oct 2026: all of it is later payment"),
        (dso(0.0, 2.04, -0.02), "DSO rose 2.0 days from 31 Jul to 31 Oct 2026: all of it is later payment"),
        (dso(0.0, 0.0, -1.5), ("DSO fell 1.5 days from 31 Jul to 31 Oct 2026, an improvement: "
            "all of it is more unapplied credits")),
        (dso(-1.2, 1.22), ("DSO held from 31 Jul to 31 Oct 2026; "
            "later payment added 1.2 days and shorter terms or earlier billing took off 1.2 days")),
        (dso(), "DSO held from 31 Jul to 31 Oct 2026"),
        (rows("overdue", ("size", 3e5), ("lateness", 9e5), start="2025-10-31"),
            ("Overdue rose $1.2m from 31 Oct 2025 to 31 Oct 2026: "
            "$900.0k of it is a higher late share and $300.0k of it a larger open balance")),
        (rows("total_ar", ("volume", -2e6), ("delinquent", 5e5)),
            ("Total AR fell $1.5m from 31 Jul to 31 Oct 2026: "
            "lower sales took off $2.0m; later payment added $500.0k")),
        (rows("overdue_share", ("mix", 0), ("rate", 0.018)), "Overdue share rose 1.8 pts from 31 Jul to 31 Oct 2026"),
        (rows("cei", ("mix", 0), ("rate", 3)), "CEI rose 3.0 pts from 31 Jul to 31 Oct 2026, an improvement"),
        (rows("cash_collected", ("change", -3e6)),
            "Cash collected fell $3.0m in the 3 months to 31 Oct 2026 against those to 31 Jul"),
        (rows("unapplied_credits", ("change", -2e5)), "Unapplied credits rose $200.0k from 31 Jul to 31 Oct 2026"),
    ],
)  # fmt: skip
def test_what_it_is(parts, sentence):
    assert said(parts) == sentence


def test_who_made_the_part():
    # 1.8 of the 3.2 days of later payment are two places: mostly. Of the collectors one is named, and the largest
    # has no name.
    assert said(dso(0.6, 3.2), PLACES, COLLECTORS) == (
        "DSO rose 3.8 days from 31 Jul to 31 Oct 2026: 3.2 of it is later payment, "
        "mostly Construction in Continental Europe (+1.2 days) and Retail in Iberia (+0.6 days); "
        "by collector, led by no collector (+1.2 days)"
    )


def test_who_made_all_of_it_where_two_parts_are_told():
    # Iberia 5.6 in all, Continental Europe 1.2, Nordics −3.0.
    assert said(dso(1.9, 1.9), PLACES).split(": ")[1] == (
        "1.9 of it is longer terms or later billing and 1.9 of it later payment; "
        "more than all of it Retail in Iberia (+5.6 days)"
    )


def test_who_stands_beside_the_part_and_not_beside_what_went_the_other_way():
    assert said(dso(-1.0, 3.0), PLACES).split(": ")[1] == (
        "later payment added 3.0 days, "
        "mostly Construction in Continental Europe (+1.2 days) and Retail in Iberia (+0.6 days); "
        "shorter terms or earlier billing took off 1.0 days"
    )


def test_groups_that_hardly_matter_are_not_named():
    few = rows("dso", *((f"C{n}", "delinquent", 0.1) for n in range(32)), by=("customer",))
    assert said(dso(0, 3.2), few) == "DSO rose 3.2 days from 31 Jul to 31 Oct 2026: all of it is later payment"


def test_a_group_that_went_the_other_way_is_not_named():
    # Later payment in all, yet the collectors' own later payment fell: what rose among them is mix.
    other = rows("dso", ("Bell", "delinquent", -0.5), ("Kim", "mix", 4.3), by=("collector",))
    assert "by collector" not in said(dso(0.6, 3.2), PLACES, other)
    assert "(−" not in said(dso(0.6, 3.2), other)


def test_a_later_grouping_is_told_where_the_first_names_nobody():
    nobody = rows("dso", *((f"R{n}", "delinquent", 0.1) for n in range(32)), by=("region",))
    assert said(dso(0, 3.2), nobody, COLLECTORS).endswith(
        "all of it is later payment; by collector, led by no collector (+1.2 days)"
    )


def test_a_part_that_no_group_has_and_an_answer_without_rows_have_no_leaders():
    assert leaders(PLACES, part="credits").is_empty()
    assert leaders(PLACES.clear()).columns == ["region", "segment", "currency", "contribution", "share"]
    assert said(dso(0, 3.2), PLACES.clear()).endswith("all of it is later payment")


def test_customers_have_names_and_the_rest_their_ids():
    for id, name in (("C1", "Hansen GmbH"), ("C2", "C2")):
        who = rows("overdue_share", (id, "rate", 0.01), by=("customer",))
        whole = rows("overdue_share", ("mix", 0), ("rate", 0.018))
        assert said(whole, who).endswith(f": mostly {name} (+1.0 pts)")


@pytest.mark.parametrize(
    ("rate", "mix", "ending"),
    [
        (1.0, 0.8, "0.8 of it is a changed mix by region"),
        (2.8, -1.0, "without a changed mix by region it would have risen 2.8 pts"),
        (-0.7, 2.5, "without a changed mix by region it would have fallen 0.7 pts"),
        (0.0, 1.8, "without a changed mix by region it would have held"),
        (1.7, 0.1, "mostly DACH (+1.8 pts)"),
    ],
)
def test_a_shift_between_groups_is_told_where_it_matters(rate, mix, ending):
    groups = rows("overdue_share", ("DACH", "rate", rate / 100), ("DACH", "mix", mix / 100), by=("region",))
    whole = rows("overdue_share", ("mix", 0), ("rate", 0.018))
    assert said(whole, groups).endswith(ending)


def test_a_currency_has_its_own_sentence():
    both = pl.concat([dso(0, 3.2), dso(0, -1.0).with_columns(currency=pl.lit("EUR"))])
    first, second = sentences(both)
    assert first.startswith("DSO in EUR fell")
    assert second.startswith("DSO in USD rose")
    assert sentences(dso().clear()) == []


def test_no_part_is_more_than_the_whole():
    for best in (-3.0, -0.04, 0.0, 0.3, 2.0):
        for late in (-2.0, -0.3, 0.04, 1.0, 2.5):
            sentence = said(dso(best, late))
            for words in sentence.split(": ")[-1].split(" of it")[:-1]:
                figure = words.split()[-1]
                assert figure == "all" or float(figure) <= abs(best + late) + 0.05


def test_leaders_are_the_largest_that_went_with_the_change():
    found = leaders(PLACES.filter(pl.col("part") != "mix"))
    assert found.columns == ["region", "segment", "currency", "contribution", "share"]
    # 1.2, 0.6 and 0.5 of 2.3: the first two make 78 %, the third is needed for four fifths.
    assert found["contribution"].to_list() == pytest.approx([1.2, 0.6, 0.5])
    assert found["share"].to_list() == pytest.approx([1.2 / 2.3, 0.6 / 2.3, 0.5 / 2.3])
    assert leaders(PLACES, 1)["region"].to_list() == ["Iberia"]
    assert leaders(PLACES, part="delinquent")["region"].to_list() == ["Continental Europe", "Iberia", "Nordics"]


def test_leaders_of_each_currency_stand_apart():
    moved = [("A", "change", 8.0), ("B", "change", 1.0), ("C", "change", -1.0)]
    both = pl.concat([rows("overdue", *moved, by=("region",), currency=code) for code in ("EUR", "USD")])
    found = leaders(both)
    # 8 of 8: nobody else is needed.
    assert found.select("currency", "region", "share").rows() == [("EUR", "A", 1.0), ("USD", "A", 1.0)]


def test_what_cancels_out_has_no_leaders():
    assert leaders(rows("overdue", ("A", "change", 8.0), ("B", "change", -8.0), by=("region",))).is_empty()


def test_steps_are_groups_or_parts_by_size():
    assert steps(PLACES, LABELS, NAMES) == [
        ("Retail in Iberia", pytest.approx(5.6)), ("Retail in Nordics", -3.0),
        ("Construction in Continental Europe", 1.2),
    ]  # fmt: skip
    assert steps(dso(-1.2, 5.0)) == [
        ("Late payment", 5.0), ("Terms and billing", -1.2), ("Unapplied credits", 0.0), ("Mix of groups", 0.0),
    ]  # fmt: skip
    assert set(PART_LABELS) == set(PARTS)
