"""Which bucket: edges, basis, credits, and the two conventions at the edges."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from ledger import listing
from ledger.aging import AgingRule
from metrics import aging
from tests.ledger.books import balance, book, day, invoice, payment, settled, value

AS_OF = day("2026-11-21")
TODAY = {"today": AS_OF}


def bucket(due: str, rule: AgingRule) -> str:
    """Where an invoice due on this day stands on 21 November 2026."""
    age = (AS_OF - day(due)).days
    return rule.labels[pl.select(rule.code(pl.lit(age))).item()]


@pytest.mark.parametrize(
    ("due", "usual", "outside", "overdue"),
    [
        ("2026-11-22", "current", "current", "current"),
        ("2026-11-21", "current", "current", "1–30"),
        ("2026-11-20", "1–30", "1–30", "1–30"),
        ("2026-10-22", "1–30", "31–60", "1–30"),
        ("2026-10-21", "31–60", "31–60", "31–60"),
        ("2026-09-22", "31–60", "61–90", "31–60"),
        ("2026-09-21", "61–90", "61–90", "61–90"),
        ("2026-08-23", "61–90", "91–120", "61–90"),
        ("2026-08-22", "91–120", "91–120", "91–120"),
        ("2026-07-24", "91–120", "120+", "91–120"),
        ("2026-07-23", "120+", "120+", "120+"),
        ("1970-01-01", "120+", "120+", "120+"),
    ],
)
def test_days_at_the_edges(due, usual, outside, overdue):
    """The golden days of the aging examples: 0, 1, 30, 31, 60, 61, 90 and 91 days past due on 21 November 2026."""
    assert bucket(due, AgingRule()) == usual
    assert bucket(due, AgingRule(last_day="outside")) == outside
    assert bucket(due, AgingRule(due_today="overdue")) == overdue


def test_the_books_agree_with_the_rule_day_by_day():
    dues = [AS_OF - timedelta(days=age) for age in (-1, 0, 1, 30, 31, 60, 61, 90, 91, 120, 121)]
    documents = [
        invoice(f"D{n}", str(2**n), document_date="2026-01-01", due_date=str(due)) for n, due in enumerate(dues)
    ]
    done = book(documents, rules=TODAY)
    assert balance(done, "2026-11-21") == {
        "current": 1 + 2, "1–30": 4 + 8, "31–60": 16 + 32, "61–90": 64 + 128, "91–120": 256 + 512, "120+": 1024,
    }  # fmt: skip
    items = listing.open_items(done, AS_OF).sort("days_past_due")
    assert items["days_past_due"].to_list() == [-1, 0, 1, 30, 31, 60, 61, 90, 91, 120, 121]
    assert items["bucket"].to_list() == [bucket(str(due), AgingRule()) for due in dues]


@pytest.mark.parametrize(
    ("edges", "labels"),
    [
        ((30, 60, 90, 120), ("current", "1–30", "31–60", "61–90", "91–120", "120+")),
        ((30,), ("current", "1–30", "30+")),
        ((1, 2), ("current", "1–1", "2–2", "2+")),
        (
            (7, 14, 21, 28, 60, 90, 180, 365),
            ("current", "1–7", "8–14", "15–21", "22–28", "29–60", "61–90", "91–180", "181–365", "365+"),
        ),
    ],
)
def test_any_number_of_edges(edges, labels):
    rule = AgingRule(edges=edges)
    assert rule.labels == labels
    assert rule.buckets == (*labels, "unapplied")
    assert [bucket(str(AS_OF - timedelta(days=edge)), rule) for edge in edges] == list(labels[1:-1])
    assert bucket(str(AS_OF - timedelta(days=edges[-1] + 1)), rule) == labels[-1]


@pytest.mark.parametrize(
    ("basis", "on"), [("due_date", "2024-03-10"), ("document_date", "2024-02-09"), ("posting_date", "2024-02-14")]
)
def test_age_counts_from_the_basis(basis, on):
    # Issued 10 January, posted 15 January, due 9 February: 30 days later is still in 1–30, the day after is not.
    done = book([invoice(posting_date="2024-01-15")], rules={"aging": AgingRule(basis=basis)})
    assert balance(done, on) == {"1–30": 100}
    assert balance(done, str(day(on) + timedelta(days=1))) == {"31–60": 100}


def test_over_90_days_and_overdue_follow_the_rule_at_the_edge():
    documents = [invoice("A", due_date="2026-08-23", document_date="2026-01-01"), invoice("B", due_date="2026-11-21")]
    inside, outside = (
        book(documents, rules={**TODAY, "aging": AgingRule(last_day=last)}) for last in ("inside", "outside")
    )
    assert [value(of, "over_90_share", "2026-11-21") for of in (inside, outside)] == [0.0, 0.5]
    late = book(documents, rules={**TODAY, "aging": AgingRule(due_today="overdue")})
    assert [value(of, "overdue", "2026-11-21") for of in (inside, late)] == [100.0, 200.0]


CREDITS = [
    invoice("I", "100"),
    payment("P", "-30", "2024-01-20"),
    invoice("M", "-20", kind="credit_memo", due_date="2024-02-09"),
]


def test_credits_stand_apart():
    done = book(CREDITS)
    assert balance(done, "2024-02-15") == {"1–30": 100, "unapplied": -50}
    rows = aging(done, [day("2024-02-15")])
    assert rows.filter(pl.col("bucket") == "1–30")["share"].item() == 1.0
    assert rows.filter(pl.col("bucket") == "unapplied")["share"].item() is None


def test_aged_credits_fall_into_the_bucket_of_their_own_dates():
    done = book(CREDITS, rules={"aging": AgingRule(credits="aged")})
    # The payment dates from 20 January: 26 days; the memo was due on 9 February, as the invoice.
    assert balance(done, "2024-02-15") == {"1–30": 50}
    assert balance(done, "2024-01-25") == {"current": 80, "1–30": -30}


@pytest.mark.parametrize(
    "metric", ["total_ar", "gross_open", "overdue", "overdue_share", "over_90_share", "unapplied_credits"]
)
def test_how_credits_are_shown_changes_no_metric(metric):
    apart, aged = (book(CREDITS, rules={"aging": AgingRule(credits=way)}) for way in ("separate", "aged"))
    for on in ("2024-01-25", "2024-02-15", "2024-06-30"):
        assert value(apart, metric, on) == value(aged, metric, on)


def test_an_overpayment_is_as_old_as_itself_when_credits_are_aged():
    done = book([invoice()], [settled("1", "130", "2024-04-01")], rules={"aging": AgingRule(credits="aged")})
    assert balance(done, "2024-04-01") == {"current": -30}
    assert balance(done, "2024-04-02") == {"1–30": -30}


def test_no_due_date_means_due_on_the_document_date():
    done = book([invoice(due_date=None)])
    assert balance(done, "2024-01-10") == {"current": 100}
    assert balance(done, "2024-01-11") == {"1–30": 100}
    assert str(listing.open_items(done, day("2024-01-11"))["due_date"].item()) == "2024-01-10"
