"""Which alerts are the same money: under one another, or beside one another."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.holdings import without
from ledger.conversion import Conversion
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, evaluate, text
from tests.alerts.books import END, company, folded, found, one, owes, rule
from tests.ledger.books import customer, invoice, payment, rate, settled

CUSTOMER = rule("customer", by="customer", value=0.9, least=300)
REGION = rule("region", by="region", value=0.3)
COLLECTOR = rule("collector", by="collector", value=0.3)
COMPANY_RULE = rule("company", value=0.2)
EVERY = (COMPANY_RULE, REGION, COLLECTOR, CUSTOMER)

ELSEWHERE = owes("Calm", 100, 900, region="APAC", collector="Bob")


def plain(words: str) -> str:
    return words.replace(text.NBSP, " ")


def test_a_slide_of_one_customer_is_one_alert():
    # Without Big nothing of the 500 left in EMEA is late, and 100 of 1,500 in the company: 6.7 %.
    books = company(owes("Big", 500), owes("Small", 0, 500), ELSEWHERE)
    told = found(books, *EVERY)
    assert folded(told) == {
        "customer: Big": None,
        "company: Acme": "customer: Big",
        "region: EMEA": "customer: Big",
        "collector: Ann": "customer: Big",
    }
    assert plain(one(told, "company: Acme").same) == "without Big it would be 6.7 %"
    assert plain(one(told, "region: EMEA").same) == "without Big it would be 0.0 %"


def test_two_slides_together_are_the_companys():
    # 900 of 2,900 is late; without One 500 of 2,500 is 20 %, at the limit of 15 % still; without both nothing is.
    books = company(owes("One", 500), owes("Two", 400), owes("Rest", 0, 2000, region="APAC", collector="Bob"))
    told = found(books, rule("company", value=0.15), CUSTOMER)
    assert folded(told) == {
        "customer: One": None,
        "customer: Two": None,
        "company: Acme": "customer: One",
    }
    assert plain(one(told, "company: Acme").same) == "without One and Two it would be 0.0 %"


def test_one_that_is_enough_alone_is_preferred_to_two():
    # 900 of 2,900; without Two 500 of 2,500 is 20 %, and without One 400 of 2,400 is 16.7 %: either is enough.
    books = company(owes("One", 500), owes("Two", 400), owes("Rest", 0, 2000, region="APAC", collector="Bob"))
    assert plain(one(found(books, rule("company", value=0.25), CUSTOMER), "company: Acme").same) == (
        "without One it would be 16.7 %"
    )


def test_a_broad_slide_is_the_regions():
    # Ten customers, half of what each owes is late: no customer stands out, and the company is its region.
    many = [owes(f"C{number}", 50, 50) for number in range(10)]
    told = found(company(*many, owes("Calm", 0, 1000, region="APAC", collector="Bob")), *EVERY)
    assert folded(told) == {
        "region: EMEA": None,
        "company: Acme": "region: EMEA",
        "collector: Ann": "region: EMEA",
    }
    assert one(told, "collector: Ann").same == "the same money as in “Region”"


def test_what_more_than_three_alerts_make_stands_by_itself_and_says_so():
    # 5 × 400 of 3,000 is late. Without three of them 800 of 1,800 is 44 %, without all nothing.
    many = [owes(f"C{number}", 400) for number in range(5)]
    told = found(company(*many, owes("Calm", 0, 1000)), rule("company", value=0.2), CUSTOMER)
    assert set(folded(told).values()) == {None}
    words = plain(one(told, "company: Acme").words)
    assert words == (
        "Acme: overdue share 66.7 %; the limit is 20 %; 5 other alerts lie within it and make 100.0 % of it"
    )


def test_the_part_that_others_make_is_counted_in_money():
    # 400 of 1,000 beyond the limit of 30 %: 100. Small's alert is 50 of it: without it 350 of 950 is late, 65 too many.
    books = company(owes("Small", 50), owes("Many", 350, 600))
    told = found(books, rule("company", value=0.3), rule("customer", by="customer", value=0.9))
    assert plain(one(told, "company: Acme").words).endswith("1 other alert lies within it and makes 35.0 % of it")


def test_a_customer_that_two_rules_tell_of_is_one_alert():
    books = company(owes("Big", 500), ELSEWHERE)
    money = rule("money", metric="overdue", by="customer", value=400, severity="act")
    told = found(books, CUSTOMER, money)
    assert folded(told) == {"money: Big": None, "customer: Big": "money: Big"}
    assert one(told, "customer: Big").same == "the same customer as in “Money”"


def test_of_equal_severity_the_most_money_stands():
    books = company(owes("Big", 500), ELSEWHERE)
    # All of 500 is overdue, and 100 is over a limit of 500 for what is owed.
    owed = rule("owed", metric="gross_open", by="customer", value=400, edge="above")
    told = folded(found(books, owed, CUSTOMER))
    assert (told["customer: Big"], told["owed: Big"]) == (None, "customer: Big")


def test_what_must_be_acted_on_is_never_hidden_under_something_milder():
    books = company(owes("Big", 500), owes("Small", 0, 500), ELSEWHERE)
    told = found(books, rule("company", value=0.2, severity="act"), CUSTOMER)
    assert set(folded(told).values()) == {None}
    assert folded(
        found(books, COMPANY_RULE, rule("customer", by="customer", value=0.9, least=300, severity="act"))
    ) == {
        "customer: Big": None,
        "company: Acme": "customer: Big",
    }


def test_good_news_hides_no_bad_news():
    # EMEA owes nothing late, and without it the company is worse still.
    books = company(owes("Good", 0, 500), owes("Bad", 400, 600, region="APAC", collector="Bob"))
    told = found(books, rule("good", by="region", edge="at_most", value=0.0, severity="act"), COMPANY_RULE)
    assert folded(told) == {"good: EMEA": None, "company: Acme": None}


def test_different_troubles_of_one_region_are_two_alerts():
    # Cash that nobody applied says nothing about what is paid late.
    books = company(
        owes("Big", 500), ELSEWHERE, [payment("P", "-400", "2024-03-01", customer_id="Big", collector="Ann")],
    )  # fmt: skip
    told = found(books, REGION, rule("cash", metric="unapplied_cash_share", by="region", value=0.5))
    assert folded(told) == {"cash: EMEA": None, "region: EMEA": None}


def test_a_part_that_lies_mostly_elsewhere_is_no_cause():
    # Big owes 500, of it 100 in Ann's book: hers is late by herself too, whoever is left out.
    books = company(
        owes("Big", 400, collector="Bob"), [invoice("Big-A", "100", customer_id="Big", region="EMEA", collector="Ann")],
        owes("Other", 100, 400),
    )  # fmt: skip
    told = found(books, rule("collector", by="collector", where={"collector": "Ann"}, value=0.3), CUSTOMER)
    assert folded(told) == {"customer: Big": None, "collector: Ann": None}


def test_limits_of_one_customer_are_the_companys_too():
    # Metrics of an evaluator of their own are asked of the books without the customer, as any other.
    names = [customer("Big", "Big", credit_limit="100"), customer("Small", "Small", credit_limit="100")]
    books = company(owes("Big", 500), owes("Small", 120), customers=names)
    told = found(
        books, rule("all", metric="over_limit", value=100), rule("each", metric="over_limit", by="customer", value=100)
    )
    assert folded(told) == {"each: Big": None, "all: Acme": "each: Big"}
    assert one(told, "all: Acme").same == "without Big it would be $20"


def test_a_change_is_taken_out_on_both_days():
    # Big owed 300 of 1,000 late in March 2023 as it does now; the 400 late of Small are new.
    early = {"document_date": "2023-01-10", "due_date": "2023-02-09", "customer_id": "Old", "region": "EMEA"}
    books = company(
        owes("Small", 400), owes("Rest", 0, 600), [invoice("O", "1000", collector="Ann", **early)],
        settlements=[settled("S", "1000", "2023-06-01", of="O")],
    )  # fmt: skip
    # A year before all of 1,000 was late: 100 %; now 40 %, and without Small nothing.
    better = rule("better", when="change", edge="below", value=-0.5)
    assert plain(found(books, better).cases[0].words) == (
        "Acme: overdue share 40.0 %, 60.0 pts less than a year before; told beyond 50 pts less"
    )


def test_currencies_that_are_never_added_are_apart():
    books = company(
        owes("Big", 500, currency="EUR"), owes("Small", 0, 500, currency="EUR"), owes("Calm", 10, 1000),
        rules={"conversion": Conversion.NONE},
    )  # fmt: skip
    told = found(books, rule("company", value=0.2), CUSTOMER)
    assert folded(told) == {"customer: Big in EUR": None, "company: Acme in EUR": "customer: Big in EUR"}
    assert {case.breach.currency for case in told.cases} == {"EUR"}


# --- books without a part ------------------------------------------------------------------------------------------

DOCUMENTS = [
    *owes("Z", 5), *owes("A", 500, 200), *owes("B", 300, 100, region="APAC"), *owes("A2", 50, 70, collector="Bob"),
    *owes("A", 11, 7, region="APAC", collector=None, entity="E2"), *owes("E", 30, 40, currency="EUR"),
]  # fmt: skip
SETTLED = [
    settled("1", "100", "2024-03-15", of="A-L"), settled("2", "30", "2024-03-20", "write_off", of="B-L"),
    settled("3", "20", "2024-03-28", of="E-C"),
]  # fmt: skip
PARTS = (
    [Scope.of(region="APAC")],
    [Scope.of(customer="A")],
    [Scope.of(customer="A", region="EMEA")],
    [Scope.of(collector=[None])],
    [Scope.of(currency="EUR")],
    [Scope.of(customer=["A", "B"], collector="Ann"), Scope.of(entity="E2")],
)


def unique(rows):
    return [{**row, "document_id": f"{row['document_id']}-{place}"} for place, row in enumerate(rows)]


def in_scope(row, scope):
    return all(row.get("customer_id" if name == "customer" else name) in values for name, values in scope.where)


@pytest.mark.parametrize("gone", PARTS)
def test_books_without_a_part_are_those_of_the_other_documents(gone):
    rows = unique(DOCUMENTS)
    ids = [row["document_id"] for row in rows]
    own = [{**each, "document_id": next(id for id in ids if id.startswith(each["document_id"]))} for each in SETTLED]
    left = [row for row in rows if not any(in_scope(row, scope) for scope in gone)]
    kept = [each for each in own if each["document_id"] in {row["document_id"] for row in left}]
    names = [customer(id, id, credit_limit="60") for id in ("A", "A2", "B", "E", "Z")]
    rates = [rate("EUR", "2024-01-01", "2")]
    rules = {"conversion": "historical"}
    whole = company(rows, settlements=own, customers=names, fx_rates=rates, rules=rules)
    rest = company(left, settlements=kept, customers=names, fx_rates=rates, rules=rules)
    everyone = Scope.of(customer=["A", "A2", "B", "E", "Z"])
    scope = everyone if any(each.values("customer") for each in gone) else COMPANY
    got = evaluate(without(whole, gone), list(CATALOG), [END], "3mo", scope, ["region"])
    want = evaluate(rest, list(CATALOG), [END], "3mo", everyone, ["region"])
    columns = ["region", "metric", "value", "numerator", "denominator"]
    there = got.filter(pl.col("region").is_in(want["region"].unique().implode(), nulls_equal=True))
    assert there.select(columns).equals(want.select(columns))


# --- laws ----------------------------------------------------------------------------------------------------------

amounts = st.integers(0, 6).map(lambda hundreds: hundreds * 100)
customers = st.lists(
    st.tuples(amounts, amounts, st.sampled_from(["EMEA", "APAC"]), st.sampled_from(["Ann", "Bob"])), min_size=2,
    max_size=7,
)  # fmt: skip
severities = st.lists(st.sampled_from(["act", "watch", "info"]), min_size=4, max_size=4)


@settings(deadline=None, max_examples=12)
@given(customers, severities)
def test_there_is_no_chain_and_no_cycle_and_order_matters_for_ties_alone(people, ranks):
    rows = [
        owes(f"C{number}", late, current, region=region, collector=collector)
        for number, (late, current, region, collector) in enumerate(people)
    ]
    if not any(rows):
        return
    books = company(*rows)
    rules = [each.model_copy(update={"severity": rank}) for each, rank in zip(EVERY, ranks, strict=True)]
    told = found(books, *rules)
    assert not [tally for tally in told.tallies if tally.problem]
    standing = {case.key for case in told.cases if case.under is None}
    assert all(case.under in standing for case in told.cases if case.under)
    assert bool(standing) == bool(told.cases)
    rank = {"info": 0, "watch": 1, "act": 2}
    severity = {case.key: rank[case.severity] for case in told.cases}
    assert all(severity[case.under] >= severity[case.key] for case in told.cases if case.under)
    assert all(bool(case.same) == bool(case.under) for case in told.cases)
    # Of two rules about the same documents and the same money either may stand: the number of alerts stays.
    again = found(books, *reversed(rules))
    assert sum(case.under is None for case in again.cases) == len(standing)
