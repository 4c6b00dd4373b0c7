"""The provision matrix and its movement, by worked examples."""

from __future__ import annotations

from types import SimpleNamespace

import polars as pl
import pytest

from config.provision import Individual as Item
from config.provision import Provision
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.scope import COMPANY, Scope
from metrics import Individual, Plan, provision, provision_movement
from metrics.losses import BY_HAND
from metrics.provision import INDIVIDUAL, OWN_HISTORY, expected_loss, unknown_items
from tests.ledger.books import book, customer, day, invoice, payment, rate, settled
from tests.metrics.written_off import END, HISTORY, HISTORY_CLOSED, late, matrix, sentence

LABELS = ("current", "1–30", "31–60", "61–90", "91–120", "120+")
HAND = {"current": 0.01, "1–30": 0.02, "31–60": 0.05, "61–90": 0.1, "91–120": 0.2, "120+": 0.5}


# The matrix ----------------------------------------------------------------------------------------------------------


def test_a_provision_is_money_times_rate_times_adjustment():
    of = book(
        [
            late("A", "1000", 0),
            late("B", "200.10", 1),
            late("C", "333.33", 45),
            late("D", "400", 200),
            payment("P", "-5000", "2024-06-01"),
        ]
    )
    rows = provision(of, END, Plan(rates=HAND, adjustments={"31–60": 0.1, "120+": 1.5, "current": -1}))
    # 200.10 × 0.02 = 4.002; 333.33 × 0.05 × 1.1 = 18.333; 0.5 × 2.5 is more than everything: 400. Credits are left out.
    assert matrix(rows, "amount", "loss_rate", "adjustment", "rate", "allowance", "note") == {
        "current": (1000, 0.01, -1, 0, 0, f"{BY_HAND}"),
        "1–30": (200.10, 0.02, 0, 0.02, 4.00, BY_HAND),
        "31–60": (333.33, 0.05, 0.1, pytest.approx(0.055), 18.33, BY_HAND),
        "61–90": (0, 0.1, 0, 0.1, 0, BY_HAND),
        "91–120": (0, 0.2, 0, 0.2, 0, BY_HAND),
        "120+": (400, 0.5, 1.5, 1, 400, BY_HAND),
    }


def test_half_a_cent_goes_up_whatever_binary_fractions_say():
    # 0.35 × 0.1 is 0.034999… in binary; 3.5 cents are 4.
    rows = provision(book([late("A", "0.35", 5)]), END, Plan(rates={"1–30": 0.1}))
    assert matrix(rows, "allowance")["1–30"] == 0.04


def test_rates_come_from_history_where_none_are_set():
    of = book([*HISTORY, late("N", "1000", 0), late("M", "40", 30)], HISTORY_CLOSED)
    rows = matrix(provision(of, END, Plan(rates={"1–30": 0.5})), "amount", "loss_rate", "allowance", "note")
    # M is due on 31 May: current on every month-end until then. Of current, H's 400 of 1,000 rolled on, and M's 40, to
    # be lost at the rate that was set for 1–30.
    assert rows["61–90"] == (0, 0.25, 0, "falls with age: below the rate of 1–30")
    assert rows["1–30"] == (40, 0.5, 20, BY_HAND)
    assert rows["current"][:2] == (1000, pytest.approx((400 * 0.5 + 40 * 0.5) / 1040))


def test_what_is_assessed_individually_is_in_no_other_row():
    of = book(
        [
            late("A", "100", 0, customer_id="C1"),
            late("B", "100", 50, customer_id="C1"),
            late("C", "70", 50, customer_id="C2"),
            late("D", "30", 50, customer_id="C2"),
            late("E", "8", 50, customer_id="C3", region="APAC"),
        ],
        customers=[customer(), customer("C2", "Two"), customer("C3", "Three")],
    )
    plan = Plan(
        rates=HAND,
        individual=(
            Individual(0.9, customer="C2", note="insolvent"),
            Individual(0.25, document="C"),
            Individual(1, "C9"),
        ),
    )
    rows = provision(of, END, plan)
    assert rows.filter(pl.col("amount") > 0).select("bucket", "amount", "rate", "allowance", "note").rows() == [
        ("current", 100, 0.01, 1, BY_HAND),
        ("31–60", 108, 0.05, 5.4, BY_HAND),
        (INDIVIDUAL, 30, 0.9, 27, "Two: insolvent"),
        (INDIVIDUAL, 70, 0.25, 17.5, "document C"),
    ]
    apart = provision(of, END, plan, by=["region"]).filter(pl.col("amount") > 0)
    assert apart.select("region", "bucket", "amount").rows() == [
        ("APAC", "31–60", 8),
        ("EMEA", "current", 100),
        ("EMEA", "31–60", 100),
        ("EMEA", INDIVIDUAL, 30),
        ("EMEA", INDIVIDUAL, 70),
    ]
    assert provision(of, END, plan, Scope.of(customer="C3")).filter(bucket=INDIVIDUAL).is_empty()
    assert unknown_items(of, plan) == ["The customer C9 is assessed individually, but is not in the books."]


def test_groups_share_the_cents_of_the_whole():
    # Three groups of 0.10 at 5 %: half a cent each. The company's 0.30 makes 1.5 cents, 2; the groups have them between
    # them: running totals of 0.5, 1.0 and 1.5 cents are 1, 1 and 2.
    of = book([late(f"I{n}", "0.10", 5, region=f"R{n}") for n in (1, 2, 3)])
    plan = Plan(rates={"1–30": 0.05})
    assert matrix(provision(of, END, plan), "allowance")["1–30"] == 0.02
    parts = provision(of, END, plan, by=["region"]).filter(bucket="1–30")
    assert parts.select("region", "allowance").rows() == [("R1", 0.01), ("R2", 0), ("R3", 0.01)]


def test_a_part_of_the_company_is_provided_for_at_the_companys_rates():
    # EMEA lost everything that left, APAC nothing: 10 of 40 in all. Either region's money is worth the same, unless the
    # plan says that EMEA learns from its own.
    of = book(
        [
            late("A", "10", 200),
            late("B", "30", 200, region="APAC"),
            late("C", "100", 200),
            late("D", "100", 200, region="APAC"),
            late("N", "1", 0),
        ],
        [settled("1", "10", "2024-06-05", "write_off", of="A"), settled("2", "30", "2024-06-05", of="B")],
    )
    emea = Scope.of(region="EMEA")
    assert matrix(provision(of, END, scope=emea), "allowance")["120+"] == 25
    assert provision(of, END, by=["region"]).filter(bucket="120+")["allowance"].to_list() == [25, 25]
    assert matrix(provision(of, END, Plan(history=emea), emea), "allowance")["120+"] == 100


def test_better_collection_lowers_rates_set_by_hand_by_its_share():
    of = book([late("A", "100", 5)])
    plan = Plan(rates=HAND, individual=(Individual(0.5, customer="C2"),))
    assert matrix(provision(of, END, plan, improvement=0.25), "allowance")["1–30"] == 1.5
    assert provision(of, END, plan, improvement=1)["allowance"].sum() == 0


def test_a_rate_set_by_hand_is_passed_down_to_younger_buckets():
    of = book([*HISTORY, late("N", "1000", 0)], HISTORY_CLOSED)
    # 10 of the 40 that left 61–90 went to 120+, whose rate is 0.6 by hand: 0.25 × 0.6. 31–60: 40 of 100 × that, 1–30:
    # 100 of 400, current: 400 of 1,000. Nothing was in 91–120: the rate of 120+. The adjustment is 120+'s own affair.
    rows = matrix(provision(of, END, Plan(rates={"120+": 0.6}, adjustments={"120+": 0.5})), "loss_rate", "rate", "note")
    assert {bucket: row[0] for bucket, row in rows.items()} == pytest.approx(
        {"current": 0.006, "1–30": 0.015, "31–60": 0.06, "61–90": 0.15, "91–120": 0.6, "120+": 0.6}
    )
    assert rows["120+"][1:] == (pytest.approx(0.9), BY_HAND)
    assert rows["91–120"][1:] == (0.6, "nothing left this bucket in these months: the rate of 120+")
    # By hand in the middle: 31–60 is 0.5, 1–30 a quarter of that, and what is older stays as it was learnt.
    rates = matrix(provision(of, END, Plan(rates={"31–60": 0.5})), "loss_rate")
    assert rates == pytest.approx({"current": 0.05, "1–30": 0.125, "31–60": 0.5, "61–90": 0.25, "91–120": 1, "120+": 1})


def test_without_history_a_bucket_takes_the_rate_that_was_set_by_hand_for_the_next_older_one():
    # 110 days late on 20 May. Nothing had left 91–120 by April: the rate of 120+, 0.5 by hand. 100 × 0.5.
    of = book([invoice("I1", "100", document_date="2024-01-01", due_date="2024-01-31")])
    rows = matrix(provision(of, day("2024-05-20"), Plan(rates={"120+": 0.5})), "amount", "rate", "allowance", "note")
    assert rows["91–120"] == (100, 0.5, 50, "nothing left this bucket in these months: the rate of 120+")
    assert rows["120+"] == (0, 0.5, 0, BY_HAND)


def test_better_collection_lowers_a_rate_set_by_hand_once_and_the_younger_ones_use_it_so():
    of = book([*HISTORY, late("N", "1000", 0)], HISTORY_CLOSED)
    # 120+: 0.6 × 0.9. 61–90: a quarter of it goes there, a tenth of that is collected: 0.25 × 0.54 × 0.9. 31–60: × 0.4
    # × 0.9. Nothing left 91–120: the rate of 120+.
    rates = matrix(provision(of, END, Plan(rates={"120+": 0.6}), improvement=0.1), "loss_rate")
    assert rates["120+"] == rates["91–120"] == pytest.approx(0.54)
    assert rates["61–90"] == pytest.approx(0.1215)
    assert rates["31–60"] == pytest.approx(0.04374)


def left_over(id, base, beyond, **more):
    """An invoice of 100 euros that is paid in full with ``beyond`` dollars more than it was booked at; documents first.

    The exchange difference that makes up for it is booked in July only: until then ``-beyond`` is open.
    """
    due = {"currency": "EUR", "amount_base": base, "base_currency": "USD", "due_date": "2024-06-10", **more}
    paid = settled(f"{id}1", "100", "2024-06-20", of=id, amount_base=str(float(base) + beyond))
    return invoice(id, "100", **due), [
        paid,
        settled(f"{id}2", "0", "2024-07-05", "fx", of=id, amount_base=str(-beyond)),
    ]


def dollars(id, amount, **more):
    return late(id, amount, 20, amount_base=amount, base_currency="USD", **more)


def test_a_negative_bucket_is_shown_and_is_no_exposure():
    gone, paid = left_over("X", "110", 40)
    plan = Plan(rates={"1–30": 0.5, "31–60": 0.5})
    of = book([gone, late("B", "30", 45, amount_base="30", base_currency="USD")], paid)
    rows = matrix(provision(of, END, plan), "amount", "rate", "allowance")
    assert rows["1–30"] == (-40, 0.5, 0)
    assert rows["31–60"] == (30, 0.5, 15)
    alone = Plan(individual=(Individual(0.5, document="X"),))
    assert provision(of, END, alone).filter(bucket=INDIVIDUAL).select("amount", "allowance").rows() == [(-40, 0)]


@pytest.mark.parametrize(
    ("apac", "america", "allowances", "whole"),
    [
        # −40 + 90 + 30 = 80, half of it 40. 90 and 30 are 120 in all: 40 × 90 ÷ 120 and 40 × 30 ÷ 120.
        ("90", "30", {"EMEA": 0, "APAC": 30, "NA": 10}, 40),
        # −40 + 10 + 30 = 0: no exposure in all, so none in any part.
        ("10", "30", {"EMEA": 0, "APAC": 0, "NA": 0}, 0),
        # −40 + 10 + 20 = −10.
        ("10", "20", {"EMEA": 0, "APAC": 0, "NA": 0}, 0),
        # −40 + 0.03 + 40 = 0.03, half of it 1.5 cents, 2. Of the 3 cents the first 0.03 ÷ 40.03 are none.
        ("0.03", "40", {"EMEA": 0, "APAC": 0, "NA": 0.02}, 0.02),
    ],
)
def test_groups_beside_a_negative_one_share_what_the_whole_has(apac, america, allowances, whole):
    gone, paid = left_over("X", "110", 40)
    of = book([gone, dollars("A", apac, region="APAC"), dollars("N", america, region="NA")], paid)
    plan = Plan(rates={"1–30": 0.5})
    parts = provision(of, END, plan, by=["region"]).filter(bucket="1–30")
    assert dict(parts.select("region", "allowance").iter_rows()) == allowances
    assert dict(parts.select("region", "amount").iter_rows()) == {
        "EMEA": -40, "APAC": float(apac), "NA": float(america),
    }  # fmt: skip
    assert matrix(provision(of, END, plan), "allowance")["1–30"] == whole
    # A region looked at by itself is a whole of its own.
    assert matrix(provision(of, END, plan, Scope.of(region="NA")), "allowance")["1–30"] == float(america) / 2


def test_a_day_in_the_past_is_provided_for_by_what_was_known_then():
    of = book([*HISTORY, late("N", "1000", 0)], HISTORY_CLOSED)
    april = day("2024-04-30")
    rows = matrix(provision(of, april), "amount", "loss_rate", "note")
    # Nothing had left the buckets from 61 days on by April: lost in full, as far as anybody knew.
    assert rows["61–90"] == (40, 1, "nothing left this bucket in these months: the rate of 91–120")
    assert rows["31–60"] == (0, 0.4, None)


# What a plan may not say ---------------------------------------------------------------------------------------------


def refused(make):
    with pytest.raises(OutstandingError) as raises:
        make()
    return sentence(raises)


def test_a_share_outside_nothing_and_everything_is_refused():
    assert (
        refused(lambda: Plan(rates={"current": 1.5}))
        == "The loss rate of bucket current is 1.5; a rate is a share between 0 and 1."
    )
    assert (
        refused(lambda: Plan(individual=(Individual(-1, "C1"),)))
        == "The loss rate of customer C1 is -1; a rate is a share between 0 and 1."
    )
    for wrong in (-2, 10, float("inf"), float("nan")):
        assert refused(lambda change=wrong: Plan(adjustments={"current": change})) == (
            f"The adjustment of bucket current is {wrong:g}; it is a share of the rate, from −1 to below 10: "
            "0.1 raises it by a tenth."
        )
    assert Plan(adjustments={"current": 9.99, "1–30": -1}).adjustments["current"] == 9.99
    assert (
        refused(lambda: provision(book([invoice()]), END, improvement=2))
        == "An improvement of 2 cannot be; it is a share between 0 and 1."
    )


def test_an_item_is_assessed_once_and_by_one_id():
    twice = (Individual(0, "C1"), Individual(1, "C1"))
    assert (
        refused(lambda: Plan(individual=twice))
        == "The customer C1 is assessed individually twice; leave one of them out."
    )
    assert (
        refused(lambda: Plan(individual=(Individual(0, "C1", "D1"),)))
        == "An individual assessment names a customer or a document: one of them."
    )


def test_a_bucket_must_be_one_that_the_books_have():
    of = book([invoice()])
    assert (
        refused(lambda: provision(of, END, Plan(rates={"1-30": 0.1})))
        == "There is no aging bucket '1-30'; did you mean '1–30'?"
    )
    assert refused(lambda: provision(of, END, Plan(adjustments={"unapplied": 0.1}))) == (
        "There is no aging bucket 'unapplied'; known are '120+', '1–30', '31–60', '61–90', '91–120', 'current'."
    )


def test_rates_by_hand_that_fall_with_age_are_allowed_and_reported():
    plan = Plan(rates={"current": 0.01, "31–60": 0.2, "61–90": 0.05, "120+": 0.3})
    assert [text.replace("\xa0", " ") for text in plan.warnings(LABELS)] == [
        "The loss rate of 61–90, 5.0 %, is below that of 31–60, 20.0 %: rates usually rise with age."
    ]
    rows = provision(book([late("A", "100", 70)]), END, Plan(rates={**HAND, "91–120": 0.04}))
    assert matrix(rows, "note")["91–120"] == f"{BY_HAND}; falls with age: below the rate of 61–90"
    assert matrix(rows, "note")["120+"] == BY_HAND
    assert Plan(rates=HAND).warnings(LABELS) == []


def test_a_plan_is_what_the_settings_say():
    told = Provision(
        months=6,
        rates={"current": 0.1},
        adjustments={"120+": 0.2},
        individual=(Item(rate=0.5, customer="C1", note="x"),),
    )
    want = Plan(6, {"current": 0.1}, {"120+": 0.2}, (Individual(0.5, customer="C1", note="x"),))
    assert Plan.of(told) == want
    bare = SimpleNamespace(months=12, rates={}, adjustments={}, individual=())
    assert Plan.of(bare) == Plan()


def test_the_plain_formula_leaves_negative_balances_out():
    assert expected_loss([100, -50], [0.1, 0.5], [0.5, 0]) == [pytest.approx(15), 0]


# The movement --------------------------------------------------------------------------------------------------------


def moved(of, on, window, plan=OWN_HISTORY, scope=COMPANY):
    rows = provision_movement(of, day(on), window, plan, scope)
    return dict(rows.select("line", "amount").iter_rows())


def test_a_movement_leads_from_opening_to_closing():
    # Every bucket at 10 %. 31 March: 1,000 + 500 owed, 150. By 30 June 100 of A are written off and 40 of that taken
    # back, B is paid, and C of 300 is billed: 940 + 300 are owed, 124. 150 − 100 + 40 + charge = 124.
    of = book(
        [
            late("A", "1000", 100),
            late("B", "500", 100),
            invoice("C", "300", document_date="2024-05-01", due_date="2024-06-01"),
        ],
        [
            settled("1", "100", "2024-04-10", "write_off", of="A"),
            settled("2", "-40", "2024-05-10", "write_off", of="A"),
            settled("3", "500", "2024-05-20", of="B"),
        ],
    )
    plan = Plan(rates=dict.fromkeys(LABELS, 0.1))
    assert moved(of, "2024-06-30", "3mo", plan) == {
        "opening": 150, "charge": 34, "write_offs": -100, "recoveries": 40, "fx": 0, "closing": 124,
    }  # fmt: skip
    assert list(moved(of, "2024-06-30", "3mo", plan)) == [
        "opening", "charge", "write_offs", "recoveries", "fx", "closing",
    ]  # fmt: skip
    assert moved(of, "2024-06-30", "3mo", plan, Scope.of(customer="C2")) == dict.fromkeys(
        ("opening", "charge", "write_offs", "recoveries", "fx", "closing"), 0
    )


def test_opening_and_closing_are_by_the_rates_known_on_their_own_days():
    of = book([*HISTORY, late("N", "1000", 0)], HISTORY_CLOSED)
    lines = moved(of, "2024-06-30", "2mo")
    assert lines["opening"] == provision(of, day("2024-04-30"))["allowance"].sum()
    assert lines["closing"] == provision(of, END)["allowance"].sum()
    assert lines["write_offs"] == -10
    assert sum(lines.values()) - 2 * lines["closing"] == pytest.approx(0, abs=1e-9)


def test_before_the_history_there_was_no_provision():
    of = book([late("A", "100", 5)])
    assert moved(of, "2024-06-30", "12mo", Plan(rates=HAND)) == {
        "opening": 0, "charge": 2, "write_offs": 0, "recoveries": 0, "fx": 0, "closing": 2,
    }  # fmt: skip


def test_at_closing_rates_the_opening_provision_moves_with_the_rates():
    # 1,000 euros at 10 %: 100 euros, 110 dollars on 31 March and 125 on 30 June. 1,000 dollars: 100 both days.
    of = book(
        [late("A", "1000", 100, currency="EUR"), late("B", "1000", 100)],
        fx_rates=[rate("EUR", "2024-01-01", "1.1"), rate("EUR", "2024-06-01", "1.25")],
        rules={"conversion": Conversion.CLOSING},
    )
    plan = Plan(rates=dict.fromkeys(LABELS, 0.1))
    assert moved(of, "2024-06-30", "3mo", plan) == {
        "opening": 210, "charge": 0, "write_offs": 0, "recoveries": 0, "fx": 15, "closing": 225,
    }  # fmt: skip


def test_currencies_that_are_never_added_move_apart():
    of = book([late("A", "1000", 100, currency="EUR"), late("B", "500", 100)])
    rows = provision_movement(of, END, "3mo", Plan(rates=dict.fromkeys(LABELS, 0.1)))
    assert rows.filter(line="closing").select("currency", "amount").rows() == [("EUR", 100), ("USD", 50)]
