"""Payment behaviour: each class worked out by hand, its reason in words, and the class as a dimension."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from ledger.behaviour import BEHAVIOUR, Behaviour
from ledger.listing import customers as master
from ledger.scope import Scope
from ledger.store import Store
from metrics import behaviour, evaluate
from tests.ledger.books import DIMENSIONS, book, customer, day, invoice, settled

ON = date(2024, 12, 31)
WITH = {"dimensions": {**DIMENSIONS, BEHAVIOUR: "Payment behaviour"}}
N = "\u00a0"


def history(late, recent=(), *, open_late=(), of="C1", amount="100", **more):
    """Documents and settlements of one customer.

    ``late``: days late of what was paid from February to July, ``recent`` from October to December; ``open_late``:
    days late on 31 December of what is open. Every invoice has 30 days to pay.
    """
    documents, settlements = [], []
    for start, lateness in ((date(2024, 2, 10), late), (date(2024, 10, 5), recent)):
        for place, days in enumerate(lateness):
            paid = start + timedelta(days=10 * place)
            add(documents, settlements, of, amount, due=paid - timedelta(days=days), paid=paid, **more)
    for days in open_late:
        add(documents, settlements, of, amount, due=ON - timedelta(days=days), paid=None, **more)
    return documents, settlements


def add(documents, settlements, of, amount, due, paid, **more):
    id = f"{of}-{len(documents)}"
    issued = due - timedelta(days=30)
    documents.append(invoice(id, amount, customer_id=of, document_date=str(issued), due_date=str(due), **more))
    if paid:
        settlements.append(settled(f"S{id}", amount, str(paid), of=id))


def judged(documents, settlements, on=ON, **rules):
    rows = behaviour(book(documents, settlements, **rules), on)
    return rows.filter(pl.col("customer") == "C1").row(0, named=True)


# In the words of the rules: last three months October to December, nine months before January to September.
@pytest.mark.parametrize(
    ("paid", "recent", "open_late", "kind", "reason"),
    [
        # 0, 4, 5 days late: 3 on average, at most 5.
        ((0, 4, 5), (), (), "prompt", f"3{N}days beyond terms on average"),
        ((-4, -2, -6), (), (), "prompt", f"4{N}days before due on average"),
        ((-1, 1, 0), (), (), "prompt", "paid when due on average"),
        # exactly 5 on average is not more than 5
        ((5, 5, 5), (), (), "prompt", f"5{N}days beyond terms on average"),
        ((5, 5, 6), (), (), "late", f"5{N}days beyond terms on average"),
        ((10, 12, 14), (), (), "late", f"12{N}days beyond terms on average"),
        # −30 and 30 around 0: spread 30; 0 and 40 around 20: spread 20, which is not more than 20.
        ((-30, 30, -30, 30), (), (), "erratic", f"days late spread by 30{N}days, paid when due on average"),
        ((0, 40, 0, 40), (), (), "late", f"20{N}days beyond terms on average"),
        # 3 before, 10 after: 7 later and more than 5 beyond terms.
        ((3, 3, 3), (10, 10), (), "slipping",
         f"7{N}days later than in the nine months before, 10{N}days beyond terms in the last three"),
        # 4 before, 10 after: 6 later; all five: 6.4.
        ((4, 4, 4), (10, 10), (), "late", f"6{N}days beyond terms on average"),
        # from 5 early to 5 late: 10 later, yet not late
        ((-5, -5, -5), (5, 5), (), "prompt", f"1{N}day before due on average"),
        # one late payment is no trend; nor are two before it a history
        ((3, 3, 3), (30,), (), "late", f"10{N}days beyond terms on average"),
        ((3, 3), (30, 30), (), "late", f"17{N}days beyond terms on average"),
        # 1 of 4 open is over 90 days late: a quarter; 1 of 5 is not. 90 days are not over 90.
        ((0, 0, 0), (0,), (91, 5, 5, 5), "at risk", f"25{N}% of what it owes is more than 90{N}days late"),
        ((0, 0, 0), (0,), (91, 5, 5, 5, 5), "prompt", "paid when due on average"),
        ((0, 0, 0), (0,), (90,), "prompt", "paid when due on average"),
        # The last payment was on 1 March: 305 days. 61 days late is over 60.
        ((0, 0, 0), (), (61, 1, 1, 1), "at risk",
         f"nothing paid for 305{N}days, and the oldest item is 61{N}days late"),
        ((0, 0, 0), (), (60,), "prompt", "paid when due on average"),
        ((), (), (100,), "at risk", f"100{N}% of what it owes is more than 90{N}days late"),
        ((), (), (70, 5), "at risk", f"nothing paid for a year, and the oldest item is 70{N}days late"),
        ((0, 0), (), (), "new", f"2{N}documents paid in a year: too few to judge"),
        ((0,), (), (), "new", f"1{N}document paid in a year: too few to judge"),
        ((), (), (20,), "new", "nothing paid in a year: too little to judge"),
    ],
)  # fmt: skip
def test_classes_and_their_reasons(paid, recent, open_late, kind, reason):
    found = judged(*history(paid, recent, open_late=open_late))
    assert (found["class"], found["reason"]) == (kind, reason)


def test_the_numbers_behind_a_class():
    # 100 paid 0 days late and 300 paid 40 days late, by amount: 30 on average; the squares 300 × 1600 ÷ 400 = 1200
    # less 900 leave 300, whose root is the spread. 50 of 200 owed are 100 days late, 150 are not due.
    documents, settlements = history((0,))
    more, paid = history((40,), amount="300", of="X")
    documents += [{**row, "customer_id": "C1"} for row in more]
    documents.append(invoice("Old", "50", due_date=str(ON - timedelta(days=100))))
    documents.append(invoice("New", "150", due_date="2025-01-31"))
    found = judged(documents, settlements + paid)
    assert found["paid_count"] == 2
    assert found["days_beyond_terms"] == 30.0
    assert found["spread"] == pytest.approx(300**0.5)
    assert (found["overdue"], found["over_90_share"], found["change"]) == (50.0, 0.25, None)


def test_change_is_recent_less_the_months_before():
    found = judged(*history((0, 2, 4), (10, 12)))
    assert found["change"] == 11.0 - 2.0


def test_a_document_paid_in_parts_counts_once():
    parts = [settled(str(n), "20", f"2024-0{n}-15") for n in range(2, 6)]
    assert judged([invoice()], parts)["paid_count"] == 1


def test_a_forgotten_rest_raises_no_alarm():
    # 3 × 100 were paid: a rest of 3 is 1 % of it, one of 4 is more.
    documents, settlements = history((0, 0, 0))
    for rest, kind in (("3", "prompt"), ("4", "at risk")):
        assert judged([*documents, invoice("Rest", rest)], settlements)["class"] == kind


def test_unapplied_credits_stand_against_what_is_late():
    late = invoice("Old", "100", due_date="2024-03-01")
    credit = invoice("P", "-90", kind="payment", document_date="2024-12-01", due_date=None)
    assert judged([late], [])["class"] == "at risk"
    # 10 of 100 are left: less than a quarter. Nothing was paid for a year, though.
    assert judged([late, credit], [])["class"] == "at risk"
    documents, settlements = history((), (0, 0, 0))
    assert judged([*documents, late, credit], settlements)["class"] == "prompt"


def test_who_paid_nothing_and_owes_nothing_has_no_class():
    old = [invoice("I1", document_date="2023-01-01", due_date="2023-01-31")]
    found = judged(old, [settled("1", "100", "2023-02-01")])
    assert (found["class"], found["reason"]) == (None, "nothing was paid in a year and nothing is owed")
    assert (found["paid_count"], found["overdue"], found["over_90_share"]) == (0, 0.0, None)


def test_the_year_has_365_days():
    # 2024-01-02 is the first of the 365 days to 31 December of a leap year.
    for paid, count in (("2024-01-01", 0), ("2024-01-02", 1)):
        found = judged([invoice("I1", document_date="2023-12-01")], [settled("1", "100", paid)])
        assert found["paid_count"] == count


def test_a_past_day_is_judged_by_what_was_known_then():
    documents, settlements = history((3, 3, 3), (20, 20))
    whole = behaviour(book(documents, settlements), date(2024, 9, 30))
    then = [row for row in settlements if row["settled_on"] <= "2024-09-30"]
    known = [row for row in documents if row["document_date"] <= "2024-09-30"]
    assert whole.equals(behaviour(book(known, then), date(2024, 9, 30)))
    assert whole["class"].item() == "prompt"
    assert behaviour(book(documents, settlements), ON)["class"].item() == "slipping"


def test_a_scope_chooses_customers_and_judges_them_whole():
    documents, settlements = history((0, 0, 0), region="EMEA")
    late, paid = history((60, 60, 60), of="C1b", region="APAC")
    documents += [{**row, "customer_id": "C1"} for row in late]
    other, _ = history((), of="C2", open_late=(5,), region="APAC")
    done = book([*documents, *other], settlements + paid, [customer(), customer("C2")])
    whole = behaviour(done, ON)
    assert behaviour(done, ON, Scope.of(region="EMEA")).equals(whole.filter(pl.col("customer") == "C1"))
    assert behaviour(done, ON, Scope.of(region="APAC")).equals(whole)
    assert behaviour(done, ON, Scope.of(customer="C2")).equals(whole.filter(pl.col("customer") == "C2"))
    assert behaviour(done, ON, Scope.of(region="nowhere")).is_empty()


def test_currencies_that_are_never_added_weigh_alike():
    # 100 dollars on time thrice, 9000 yen 30 days late once: by part 7.5 days, not by the sum of dollars and yen.
    documents, settlements = history((0, 0, 0))
    more, paid = history((30,), of="Y", amount="9000", currency="JPY")
    documents += [{**row, "customer_id": "C1"} for row in more]
    found = judged(documents, settlements + paid)
    assert (found["days_beyond_terms"], found["currency"], found["overdue"]) == (7.5, None, None)
    alone = behaviour(book(more, paid), ON).row(0, named=True)
    assert (alone["currency"], alone["days_beyond_terms"]) == ("JPY", 30.0)


def test_nothing_at_all():
    assert behaviour(book(), ON).is_empty()
    assert book(rules=WITH).values(BEHAVIOUR) == []


# --- as a dimension -----------------------------------------------------------------------------------------------

SEVERAL = [history((0, 0, 0)), history((20, 20, 20), of="C2"), history((), of="C3", open_late=(100,), region=None)]
DOCUMENTS = [row for documents, _ in SEVERAL for row in documents] + [
    invoice("Gone", customer_id="C4", document_date="2022-01-01", due_date="2022-02-01"),
    invoice("Nobody", "7", customer_id=None, document_date="2024-12-30", due_date="2025-01-30"),
]
SETTLEMENTS = [row for _, settlements in SEVERAL for row in settlements] + [
    settled("G", "100", "2022-02-01", of="Gone")
]
CUSTOMERS = [customer(), customer("C2"), customer("C3"), customer("C4")]


def test_the_refresh_fills_the_dimension_with_the_classes_of_the_last_day():
    done = book(DOCUMENTS, SETTLEMENTS, CUSTOMERS, rules=WITH)
    assert done.values(BEHAVIOUR) == ["at risk", "late", "new", "prompt", None]
    assert done.last_day
    table = dict(behaviour(done, done.last_day).select("customer", "class").iter_rows())
    owners = evaluate(done, ["billed"], [done.last_day], "48mo", by=["customer", BEHAVIOUR])
    assert dict(owners.select("customer", BEHAVIOUR).iter_rows()) == table
    assert dict(master(done).select("customer_id", BEHAVIOUR).iter_rows()) == table


@pytest.mark.parametrize("conversion", ["booked", "closing"])
def test_the_dimension_changes_no_other_number(conversion):
    plain = book(DOCUMENTS, SETTLEMENTS, CUSTOMERS, rules={"conversion": conversion})
    done = book(DOCUMENTS, SETTLEMENTS, CUSTOMERS, rules={**WITH, "conversion": conversion})
    days = [ON, date(2024, 6, 15), date(2024, 5, 31)]
    for by in ([], ["region"], ["entity", "customer"], ["currency"]):
        assert evaluate(plain, days=days, by=by).equals(evaluate(done, days=days, by=by))
    grouped = evaluate(done, ["total_ar", "billed"], days, "12mo", by=[BEHAVIOUR])
    whole = evaluate(done, ["total_ar", "billed"], days, "12mo")
    sums = grouped.group_by("as_of", "metric").agg(pl.col("value").sum()).sort("as_of", "metric")
    assert sums.equals(whole.select("as_of", "metric", "value").sort("as_of", "metric"))


def test_a_filter_on_the_dimension_is_one_on_its_customers():
    done = book(DOCUMENTS, SETTLEMENTS, CUSTOMERS, rules=WITH)
    by_class = evaluate(done, days=[ON], scope=Scope.of(behaviour="late"))
    assert by_class.equals(evaluate(done, days=[ON], scope=Scope.of(customer="C2")))


def test_a_column_of_the_mapping_wins():
    own = book([invoice(behaviour="VIP")], rules=WITH)
    assert own.values(BEHAVIOUR) == ["VIP"]
    own = book([invoice()], customers=[customer(behaviour="VIP")], rules=WITH)
    assert own.values(BEHAVIOUR) == ["VIP"]


def test_a_computed_dimension_is_never_told_as_unfilled():
    gone = [invoice("Gone", document_date="2022-01-01", due_date="2022-02-01"), invoice("Z", "0")]
    empty = book(gone, [settled("G", "100", "2022-02-01", of="Gone")], rules=WITH)
    assert empty.values(BEHAVIOUR) == [None]
    assert empty.about["unfilled"] == []
    assert book([invoice(behaviour=None)], rules=WITH).about["unfilled"] == [BEHAVIOUR]


def test_without_the_dimension_nothing_is_split():
    assert BEHAVIOUR not in book(DOCUMENTS, SETTLEMENTS, CUSTOMERS).frames["cells"].columns


def test_a_snapshot_keeps_the_classes(tmp_path):
    done = book(DOCUMENTS, SETTLEMENTS, CUSTOMERS, rules=WITH)
    store = Store(tmp_path)
    store.publish(done, datetime(2024, 12, 31, tzinfo=UTC))
    loaded = store.load()
    assert loaded.values(BEHAVIOUR) == done.values(BEHAVIOUR)
    assert behaviour(loaded, ON).equals(behaviour(done, ON))


def test_every_class_has_a_reason_of_its_own():
    done = book(DOCUMENTS, SETTLEMENTS, CUSTOMERS)
    rows = behaviour(done, day("2024-12-31"))
    assert set(rows["class"].drop_nulls()) <= {kind.value for kind in Behaviour}
    assert rows["reason"].null_count() == 0
    # More than one word each, and no class without its own.
    assert rows["reason"].n_unique() == rows.height == 5
