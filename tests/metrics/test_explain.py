"""Why it moved: contributions by hand, groups that come and go, and what cannot be explained."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from ledger.errors import OutstandingError
from ledger.scope import Scope
from metrics import CATALOG, evaluate, explain
from metrics.explain import adding_up
from tests.ledger.books import book, day, invoice, payment, settled

START, END = day("2024-03-31"), day("2024-04-30")
WINDOW = "30d"  # 2 to 31 March, and April: thirty days each


def traded(region, side, sales=0, current=0, late=0, credits=0, currency="USD"):
    """Documents and settlements that give a region these numbers on one of the days, and nothing on the other.

    Sales are settled on the day. What is open is journals, which are no sales; all of March is closed on 1 April.
    """
    on = "2024-04-10" if side else "2024-03-10"
    named = {"region": region, "currency": currency}
    docs, rows = [], []

    def posted(doc, closed_on, by):
        docs.append(doc)
        if closed_on:
            rows.append(settled(f"S-{doc['document_id']}", doc["amount"], closed_on, by, of=doc["document_id"]))

    key = f"{region}-{side}-{currency}"
    if sales:
        kind = "invoice" if float(sales) > 0 else "credit_memo"
        sold = invoice(f"{key}-sales", str(sales), kind=kind, document_date=on, due_date="2024-12-31", **named)
        posted(sold, on, "cash" if kind == "invoice" else "refund")
    for what, amount, due in (("current", current, "2024-12-31"), ("late", late, on)):
        if amount:
            open_item = invoice(f"{key}-{what}", str(amount), kind="journal", document_date=on, due_date=due, **named)
            posted(open_item, None if side else "2024-04-01", "other")
    if credits:
        posted(payment(f"{key}-credit", str(-credits), on, **named), None if side else "2024-04-01", "cash")
    return docs, rows


def company(**regions):
    """A book from ``region=(numbers in March, numbers in April)``."""
    docs, rows = [], []
    for region, sides in regions.items():
        for side, numbers in enumerate(sides):
            more = traded(region, side, **(numbers or {}))
            docs += more[0]
            rows += more[1]
    return book(docs, rows)


def told(of, metric, by=("region",), window=WINDOW, **how):
    """(region, part) to contribution."""
    rows = explain(of, metric, START, END, window, by=by, **how)
    return {tuple(row[:-1]): row[-1] for row in rows.select(*by, "part", "contribution").iter_rows()}


def change(of, metric, window=WINDOW):
    before, after = evaluate(of, [metric], [START, END], window)["value"]
    return after - before


# DSO: EMEA sells 300 in both windows, a day 10; APAC 100, a day 10/3. DSO 200 ÷ 400 × 30 = 15, then 22.5.
LATER = company(
    EMEA=({"sales": 300, "current": 100}, {"sales": 300, "current": 150, "late": 100}),
    APAC=({"sales": 100, "current": 100}, {"sales": 100, "current": 50}),
)


def test_dso_that_moves_within_the_groups():
    # EMEA is three quarters of sales: 10 to 15 days of current, 0 to 10 days of overdue. APAC a quarter: 30 to 15 days.
    want = {
        ("EMEA", "best_possible"): 0.75 * 5,
        ("EMEA", "delinquent"): 0.75 * 10,
        ("APAC", "best_possible"): 0.25 * -15,
    }
    assert told(LATER, "dso") == pytest.approx(want)
    assert change(LATER, "dso") == pytest.approx(7.5)


def test_dso_that_moves_between_the_groups():
    # EMEA stays at 10 days, APAC at 30; EMEA's share of sales goes from 3/4 to 1/2. DSO 15 to 20, halfway 17.5.
    of = company(
        EMEA=({"sales": 300, "current": 100}, {"sales": 300, "current": 100}),
        APAC=({"sales": 100, "current": 100}, {"sales": 300, "current": 300}),
    )
    want = {("EMEA", "mix"): -0.25 * (10 - 17.5), ("APAC", "mix"): 0.25 * (30 - 17.5)}
    assert told(of, "dso") == pytest.approx(want)


def test_without_by_every_part_of_the_whole_has_a_row_and_there_is_no_mix():
    of = company(EMEA=({"sales": 300, "current": 100}, {"sales": 300, "current": 100, "late": 60, "credits": 20}))
    rows = explain(of, "dso", START, END, WINDOW)
    # 60 overdue are 6 days of sales of 10 a day, 20 of unapplied credits take 2 off.
    want = {"mix": 0.0, "best_possible": 0.0, "delinquent": 6.0, "credits": -2.0}
    assert dict(rows.select("part", "contribution").iter_rows()) == pytest.approx(want)
    assert rows["part"].to_list() == list(want)


def test_what_comes_back():
    rows = explain(LATER, "overdue_share", START, END, WINDOW, by=["region"])
    assert rows.columns == [
        "from", "to", "window", "region", "currency", "metric", "part", "contribution", "unit",
    ]  # fmt: skip
    # Nothing was overdue at the start, 100 of 300 at the end; APAC, never late, fell from 1/2 to 1/6 of what is open.
    assert rows.drop("contribution").rows() == [
        (START, END, WINDOW, "APAC", "USD", "overdue_share", "mix", "ratio"),
        (START, END, WINDOW, "EMEA", "USD", "overdue_share", "mix", "ratio"),
        (START, END, WINDOW, "EMEA", "USD", "overdue_share", "rate", "ratio"),
    ]
    # Halfway 1/6. EMEA: mean weight 2/3 × 0.4, and 1/3 × (0.2 − 1/6); APAC: −1/3 × (0 − 1/6).
    assert rows["contribution"].to_list() == pytest.approx([1 / 18, 1 / 90, 4 / 15])


def test_a_group_that_comes_or_goes_is_mix():
    of = company(
        EMEA=({"sales": 300, "current": 300}, {"sales": 300, "current": 300}),
        NEW=(None, {"sales": 100, "current": 200}),
        GONE=({"sales": 100, "late": 20}, None),
    )
    # DSO 320 ÷ 400 × 30 = 24 and 500 ÷ 400 × 30 = 37.5, halfway 30.75; a day's sales are 40/3.
    found = told(of, "dso")
    assert found["NEW", "mix"] == pytest.approx((200 - 30.75 * 100 / 30) / (40 / 3))
    assert found["GONE", "mix"] == pytest.approx(-(20 - 30.75 * 100 / 30) / (40 / 3))
    assert set(found) == {("NEW", "mix"), ("GONE", "mix")}
    assert math.fsum(found.values()) == pytest.approx(13.5)


def test_a_group_with_negative_sales_is_mix_and_all_adds_up():
    of = company(
        EMEA=({"sales": 400, "current": 300}, {"sales": 400, "current": 300}),
        APAC=({"sales": 100, "current": 50}, {"sales": -100, "current": 50}),
    )
    # DSO 350 ÷ 500 × 30 = 21, 350 ÷ 300 × 30 = 35, halfway 28; a day's sales are 50/3, then 10.
    found = told(of, "dso")
    assert found["APAC", "mix"] == pytest.approx((50 + 28 * 100 / 30) / 10 - (50 - 28 * 100 / 30) / (50 / 3))
    assert ("APAC", "best_possible") not in found
    assert math.fsum(found.values()) == change(of, "dso") == pytest.approx(14)


def test_a_group_whose_share_changed_more_than_tenfold_has_no_rate():
    def of(sales):
        return company(
            EMEA=({"sales": 1000, "current": 500}, {"sales": 1000, "current": 500}),
            APAC=({"sales": 10, "late": 100}, {"sales": sales, "late": 100}),
        )

    # 10 of 1 010 in March; 100 of 1 100 is 9.2 times that share, 200 of 1 200 is 16.8 times.
    assert ("APAC", "delinquent") in told(of(100), "dso")
    assert {part for region, part in told(of(200), "dso") if region == "APAC"} == {"mix"}


def test_days_of_windows_that_differ_belong_to_the_sales():
    # 310 in the 31 days of March and 300 in the 30 of April are both 10 a day: 10 and 15 days, all of it terms.
    of = company(EMEA=({"sales": 310, "current": 100}, {"sales": 300, "current": 150}))
    assert told(of, "dso", window="1mo") == pytest.approx({("EMEA", "best_possible"): 5.0})


def test_total_ar_is_volume_and_timing():
    # 10 a day and 10 days become 20 a day and 15 days: volume 10 × 12.5, timing 15 × 5, of which 15 × −4 + 15 × 9.
    of = company(EMEA=({"sales": 300, "current": 100}, {"sales": 600, "current": 120, "late": 180}))
    assert told(of, "total_ar") == {
        ("EMEA", "volume"): 125.0,
        ("EMEA", "best_possible"): -60.0,
        ("EMEA", "delinquent"): 135.0,
    }


@pytest.mark.parametrize(
    ("march", "april", "want"),
    [
        (None, {"sales": 300, "current": 100}, {"volume": 100.0}),
        ({"sales": 300, "current": 100}, None, {"volume": -100.0}),
        ({"sales": 300, "current": 100}, {"late": 60}, {"best_possible": -100.0, "delinquent": 60.0}),
        ({"current": 100}, {"sales": 300, "late": 60}, {"best_possible": -100.0, "delinquent": 60.0}),
        ({"sales": 10, "late": 90}, {"sales": 300, "late": 190}, {"volume": 100.0}),
        ({"sales": 10, "late": 90}, {"sales": 300, "late": 30}, {"delinquent": -60.0}),
        (None, {"credits": 50}, {"volume": -50.0}),
        ({"sales": 300, "credits": 30}, {"credits": 50}, {"credits": -20.0}),
    ],
    ids=["began", "ended", "stopped buying", "began buying", "grew", "grew and paid", "prepaid", "holds credits"],
)
def test_total_ar_of_a_group_without_days_of_sales_to_compare(march, april, want):
    found = told(company(EMEA=(march, april)), "total_ar")
    assert {part: amount for (_, part), amount in found.items()} == want


def test_parts_of_money_add_up_to_the_cent_however_they_round():
    of = company(EMEA=({"sales": 100, "current": "33.33"}, {"sales": 170, "current": "70.01", "late": "0.07"}))
    rows = explain(of, "total_ar", START, END, WINDOW)
    cents = [round(amount * 100) for amount in rows["contribution"]]
    assert rows["contribution"].to_list() == [cent / 100 for cent in cents]
    assert sum(cents) == 7008 - 3333


def test_overdue_money_is_size_and_lateness():
    # 20 of 100 and 80 of 200: 100 more at a mean share of 0.3, and 0.2 more of a mean of 150.
    of = company(
        EMEA=({"current": 80, "late": 20}, {"current": 120, "late": 80}),
        NEW=(None, {"late": 7}),
    )
    want = {("EMEA", "size"): 30.0, ("EMEA", "lateness"): 30.0, ("NEW", "size"): 7.0}
    assert told(of, "overdue") == want


def test_any_other_money_has_one_part():
    assert told(LATER, "gross_open") == {("EMEA", "change"): 150.0, ("APAC", "change"): -50.0}


def test_a_metric_that_rounds_for_each_group_still_adds_up_to_the_cent():
    # A day of sales: 100.01 ÷ 30 is 3.33, three times 3.33 is 9.99, and all of it 300.03 ÷ 30 is 10.00.
    of = company(A=(None, {"sales": "100.01"}), B=(None, {"sales": "100.01"}), C=(None, {"sales": "100.01"}))
    found = told(of, "dso_day_value")
    assert sorted(found.values()) == [3.33, 3.33, 3.34]
    assert change(of, "dso_day_value") == 10.0


# Something of every kind moves: bills, payments early and late, credits, a dispute, losses, very old money.
MOVING = book(
    [
        invoice("J", "100", document_date="2024-03-05", due_date="2024-03-09"),
        invoice("F", "80", document_date="2024-03-10", due_date="2024-04-11", region="APAC"),
        invoice("M", "70", document_date="2024-04-10", due_date="2024-05-09", disputed="true"),
        invoice("O", "9", document_date="2024-01-05", due_date="2024-01-20"),
        payment("P", "-5", "2024-03-20"),
        payment("Q", "-3", "2024-04-20", region="APAC"),
    ],
    [
        settled("1", "40", "2024-03-20", of="J"),
        settled("2", "30", "2024-04-10", of="F"),
        settled("3", "2", "2024-04-21", "write_off", of="J"),
        settled("4", "5", "2024-04-22", of="J"),
        settled("5", "1", "2024-04-22", "fx", of="J"),
    ],
)


@pytest.mark.parametrize("metric", [metric for metric in CATALOG if not CATALOG[metric].own])
def test_every_metric_made_of_sums_can_be_split(metric):
    assert change(MOVING, metric) != 0
    for by in ([], ["region"], ["customer"]):
        found = explain(MOVING, metric, START, END, WINDOW, by=by)
        assert math.fsum(found["contribution"]) == pytest.approx(change(MOVING, metric), abs=1e-12)
        assert found["unit"].unique().to_list() == [CATALOG[metric].unit.value]


def test_a_scope_is_explained_alone():
    alone = explain(LATER, "dso", START, END, WINDOW, Scope.of(region="EMEA"))
    # 10 days become 25: EMEA's own DSO.
    assert math.fsum(alone["contribution"]) == pytest.approx(15)


def test_several_currencies_have_a_change_each_and_one_without_a_value_has_none():
    docs, rows = [], []
    for currency, numbers in {
        "EUR": ({"sales": 300, "current": 100}, {"sales": 300, "current": 150}),
        "GBP": ({"sales": 300, "current": 150}, {"sales": 300, "current": 100}),
        "CHF": ({"current": 70}, {"sales": 300, "current": 100}),
    }.items():
        for side, given in enumerate(numbers):
            more = traded("EMEA", side, **given, currency=currency)
            docs += more[0]
            rows += more[1]
    of = book(docs, rows, rules={"conversion": "none"})
    assert len(of.currencies) == 3
    found = explain(of, "dso", START, END, WINDOW, by=["region"])
    assert found.select("currency", "part", "contribution").rows() == [
        ("EUR", "best_possible", pytest.approx(5.0)),
        ("GBP", "best_possible", pytest.approx(-5.0)),
    ]
    moved = explain(of, "gross_open", START, END, WINDOW, by=["currency"])
    assert moved.select("currency", "contribution").rows() == [("CHF", 30.0), ("EUR", 50.0), ("GBP", -50.0)]


@pytest.mark.parametrize(
    ("metric", "days", "sentence"),
    [
        ("dso_countback", (START, END), "A change of Count-back DSO ('dso_countback') cannot be split"),
        ("dso", (END, END), "30 Apr 2024 is not before 30 Apr 2024"),
        ("dso", (END, START), "30 Apr 2024 is not before 31 Mar 2024"),
        ("dso", (day("2024-01-31"), END), "DSO ('dso') is not defined on 31 Jan 2024: no credit sales in the window"),
        ("overdue_share", (day("2024-01-31"), END), "is not defined on 31 Jan 2024: nothing open"),
        ("dsoo", (START, END), "There is no metric 'dsoo'; did you mean 'dso'?"),
    ],
)
def test_what_cannot_be_explained_is_told_in_a_sentence(metric, days, sentence):
    with pytest.raises(OutstandingError) as raised:
        explain(LATER, metric, days[0], days[1], WINDOW)
    assert sentence in str(raised.value).replace("\u00a0", " ")
    assert str(raised.value).endswith((".", "?"))


def test_an_unknown_dimension_is_told():
    with pytest.raises(OutstandingError, match="There is no dimension 'regoin'; did you mean 'region'"):
        explain(LATER, "dso", START, END, WINDOW, by=["regoin"])


def test_money_is_explained_from_nothing():
    found = explain(LATER, "total_ar", date(2020, 1, 31), END, WINDOW, by=["region"])
    assert found.select("region", "part", "contribution").rows() == [
        ("APAC", "volume", 50.0),
        ("EMEA", "volume", 250.0),
    ]


def test_an_empty_book_has_nothing_to_explain():
    assert explain(book(), "total_ar", START, END, by=["region"]).is_empty()
    assert explain(book(), "total_ar", START, END)["contribution"].to_list() == [0.0] * 4
    with pytest.raises(OutstandingError, match="is not defined"):
        explain(book(), "dso", START, END)


@pytest.mark.parametrize(
    ("shares", "total"),
    [
        ([0.1] * 10, 1.0), ([0.1, 0.2], 0.3), ([1e9, -1e9, 0.1], 0.30000000000000004), ([0.0, 0.0], 5e-324),
        ([3.0, -1.0], math.nextafter(2.0, 3.0)), ([], 0.0), ([1 / 3, 1 / 7, -1 / 11], 1 / 3 + 1 / 7 - 1 / 11),
    ],
)  # fmt: skip
def test_shares_add_up_to_the_last_bit(shares, total):
    done = adding_up(shares, total)
    assert math.fsum(done) == total
    assert len(done) == len(shares)


def test_only_last_digits_move():
    done = adding_up([0.1] * 10, 1.0)
    assert max(abs(share - 0.1) for share in done) < 1e-15


def test_all_rows_are_finite():
    rows = explain(LATER, "dso", START, END, WINDOW, by=["region", "customer"])
    assert rows.select(pl.col("contribution").is_finite().all()).item()
