"""How soon a month's billing is paid, and how much of what fell due stays open: worked out by hand."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from ledger.calendar import Window
from ledger.errors import OutstandingError
from ledger.scope import Scope
from metrics import at_risk, cohorts
from metrics.cohorts import FIRST_MONTH
from tests.ledger.books import book, customer, day, invoice, payment, rate, settled

JANUARY = date(2024, 1, 31)


def shares(of, on, month=JANUARY, **more):
    """Age to share paid, of one month."""
    rows = cohorts(of, day(on), **more).filter(pl.col("month") == month)
    return dict(rows.select("age", "share").iter_rows())


def risk(of, on, month, **more):
    """What fell due, what was unpaid 90 days later, and the share."""
    rows = at_risk(of, day(on), **more).filter(pl.col("month") == month)
    return rows.select("due", "unpaid", "share").row(0)


# Two invoices of 10 and 31 January, 100 and 300. The first is paid in halves after exactly 30 and 31 days (9 and
# 10 February); of the second 60 after 91 days (1 May), 200 after 366 (31 January 2025), and 40 is credited.
# Within 30 days 50 of 400, within 60 and 90 days 100, within 120 days 160; the 200 come a day too late for 365.
STEPS = book(
    [invoice("I1", "100"), invoice("I2", "300", document_date="2024-01-31", due_date="2024-03-01")],
    [
        settled("1", "50", "2024-02-09"),
        settled("2", "50", "2024-02-10"),
        settled("3", "60", "2024-05-01", of="I2"),
        settled("4", "40", "2024-03-01", of="I2", by="credit"),
        settled("5", "200", "2025-01-31", of="I2"),
    ],
    rules={"today": date(2025, 12, 31)},
)


def test_shares_of_a_month_by_age():
    want = {30: 0.125, 60: 0.25, 90: 0.25, 120: 0.4, 180: 0.4, 365: 0.4}
    assert shares(STEPS, "2025-01-30", months=13) == want
    assert shares(STEPS, "2025-12-31", months=24) == want
    assert shares(STEPS, "2025-12-31", months=23) == {}


def test_paid_and_billed_are_money_and_the_age_rises():
    rows = cohorts(STEPS, day("2025-01-30"), 13).filter(pl.col("month") == JANUARY)
    assert rows["billed"].to_list() == [400.0] * 6
    assert rows["age"].to_list() == [30, 60, 90, 120, 180, 365]
    assert rows["paid"].to_list() == [50.0, 100.0, 100.0, 160.0, 160.0, 160.0]
    assert rows["note"].unique().to_list() == [FIRST_MONTH]


# 31 January + 30 days is 1 March (2024 is a leap year), + 90 days is 30 April, + 365 days is 30 January 2025.
@pytest.mark.parametrize(
    ("on", "known"),
    [
        ("2024-01-31", []),
        ("2024-02-29", []),
        ("2024-03-01", [30]),
        ("2024-04-29", [30, 60]),
        ("2024-04-30", [30, 60, 90]),
        ("2025-01-29", [30, 60, 90, 120, 180]),
        ("2025-01-30", [30, 60, 90, 120, 180, 365]),
    ],
)
def test_a_share_is_known_when_the_whole_month_has_reached_the_age(on, known):
    rows = cohorts(STEPS, day(on), 24).filter(pl.col("month") == JANUARY)
    assert rows.filter(pl.col("share").is_not_null())["age"].to_list() == known
    assert rows.filter(pl.col("paid").is_not_null())["age"].to_list() == known
    young = rows.filter(pl.col("share").is_null())
    assert young["note"].str.starts_with("known from ").all()


def test_the_note_names_the_day_on_which_a_share_is_known():
    rows = cohorts(STEPS, day("2024-02-29")).filter((pl.col("month") == JANUARY) & (pl.col("age") == 30))
    assert rows["note"].item() == "known from 2024-03-01, when the whole month is 30 days old"


def test_what_happens_later_does_not_change_what_was_known():
    then = cohorts(STEPS, day("2024-06-30"), 24)
    shorter = book(
        [invoice("I1", "100"), invoice("I2", "300", document_date="2024-01-31", due_date="2024-03-01")],
        [
            settled("1", "50", "2024-02-09"), settled("2", "50", "2024-02-10"),
            settled("3", "60", "2024-05-01", of="I2"), settled("4", "40", "2024-03-01", of="I2", by="credit"),
        ],
        rules={"today": date(2024, 6, 30)},
    )  # fmt: skip
    assert then.equals(cohorts(shorter, day("2024-06-30"), 24))


def test_a_document_dated_after_its_posting_month_obeys_the_day():
    # Posted 31 January, dated 20 March, paid 10 April: within 30 days of its date, but not before 10 April.
    ahead = book(
        [invoice("I1", document_date="2024-03-20", posting_date="2024-01-31")], [settled("1", "100", "2024-04-10")]
    )
    assert shares(ahead, "2024-04-09")[30] == 0.0
    assert shares(ahead, "2024-04-10")[30] == 1.0
    assert shares(ahead, "2024-04-10", scope=Scope.of(customer="C1"))[30] == 1.0


def test_the_month_is_that_of_posting_and_the_days_count_from_the_document():
    # Dated 20 January, posted 5 February, paid 18 February: 29 days.
    late = book(
        [invoice("I1", document_date="2024-01-20", posting_date="2024-02-05")], [settled("1", "100", "2024-02-18")]
    )
    rows = cohorts(late, day("2024-12-31"))
    assert rows["month"].min() == date(2024, 2, 29)
    assert shares(late, "2024-12-31", date(2024, 2, 29))[30] == 1.0


def test_payments_count_where_they_are_applied_and_a_bounced_one_does_not_move_the_month():
    # The payment of 1 February is applied on 20 March, 70 days after the invoice; bounced on 1 April, and paid again
    # on 5 May (116 days): cash closed the invoice twice, as paid counts it.
    bounced = book(
        [invoice("I1"), payment("P1", "-100", "2024-02-01")],
        [
            settled("1", "100", "2024-03-20"), settled("2", "-100", "2024-03-20", of="P1"),
            settled("3", "-100", "2024-04-01"), settled("4", "100", "2024-05-05"),
        ],
    )  # fmt: skip
    assert shares(bounced, "2024-12-31") == {30: 0.0, 60: 0.0, 90: 1.0, 120: 2.0, 180: 2.0, 365: None}


def test_the_month_of_the_day_itself_is_billed_up_to_that_day():
    two = book([invoice("I1"), invoice("I2", "40", document_date="2024-02-20")])
    rows = cohorts(two, day("2024-02-19")).unique(["month", "billed"]).sort("month")
    assert rows.select("month", "billed").rows() == [(JANUARY, 100.0), (date(2024, 2, 29), 0.0)]


def test_months_without_billing_are_there_with_a_note():
    apart = book([invoice("I1"), invoice("I2", document_date="2024-03-10")], rules={"today": date(2024, 12, 31)})
    rows = cohorts(apart, day("2024-12-31")).filter((pl.col("month") == date(2024, 2, 29)) & (pl.col("age") == 30))
    assert rows.select("billed", "paid", "share", "note").rows() == [
        (0.0, 0.0, None, "nothing was billed in the month")
    ]


@pytest.mark.parametrize("by", [["region"], ["customer"], ["region", "customer"], ["currency"]])
def test_groups_add_up_to_the_whole(by):
    several = book(
        [
            invoice("I1"), invoice("I2", "70", region="APAC"), invoice("I3", "30", customer_id="C2"),
            invoice("I4", "55", region=None, customer_id=None, document_date="2024-02-02"),
            invoice("I5", "20", currency="EUR", amount_base="22", base_currency="USD"),
        ],
        [
            settled("1", "60", "2024-01-20"), settled("2", "70", "2024-03-20", of="I2"),
            settled("3", "5", "2024-02-03", of="I4"),
        ],
        [customer(), customer("C2")],
    )  # fmt: skip
    whole = cohorts(several, day("2024-12-31"))
    parts = cohorts(several, day("2024-12-31"), by=by)
    keys = ["month", "age"]
    summed = parts.group_by(keys).agg(pl.col("billed", "paid").sum()).sort(keys)
    there = whole.filter(pl.col("billed") > 0).sort(keys)
    assert summed["billed"].to_list() == there["billed"].to_list()
    assert summed["paid"].to_list() == there["paid"].fill_null(0).to_list()
    late = at_risk(several, day("2024-12-31"), by=by)
    assert late["due"].sum() == at_risk(several, day("2024-12-31"))["due"].sum() == 277.0


def test_a_customer_is_answered_from_slices_with_the_same_numbers():
    for on in ("2024-02-10", "2024-05-15", "2025-06-30"):
        one = Scope.of(customer="C1")
        assert cohorts(STEPS, day(on), 24).equals(cohorts(STEPS, day(on), 24, one))
        assert at_risk(STEPS, day(on), 24).equals(at_risk(STEPS, day(on), 24, one))


def test_currencies_that_are_never_added_stand_apart():
    two = book(
        [invoice("I1"), invoice("I2", "1000", currency="JPY")],
        [settled("1", "50", "2024-01-20"), settled("2", "1000", "2024-01-31", of="I2")],
    )
    rows = cohorts(two, day("2024-12-31")).filter((pl.col("month") == JANUARY) & (pl.col("age") == 30))
    assert rows.select("currency", "billed", "paid", "share").rows() == [
        ("JPY", 1000.0, 1000.0, 1.0),
        ("USD", 100.0, 50.0, 0.5),
    ]


def test_billed_is_that_of_the_flows_at_any_rate():
    for conversion in ("booked", "historical", "closing"):
        two = book(
            [invoice("I1"), invoice("I2", "50", currency="EUR")],
            rules={"conversion": conversion},
            fx_rates=[rate("EUR", "2024-01-01", "1.1"), rate("EUR", "2024-02-01", "1.2")],
        )
        flows = two.flows([Window(date(2024, 1, 1), JANUARY)])["billed"].sum() / 100
        assert cohorts(two, JANUARY)["billed"][0] == flows == 155.0


# Of 100 due on 9 February, 90 days later is 9 May: 30 are paid by then, 20 on 10 May, the rest never.
# Of 200 due on 29 February, 90 days later is 29 May: all are paid on 29 May, in time.
LATE = book(
    [invoice("I1"), invoice("I2", "200", due_date="2024-02-29"), invoice("C", "-80", kind="credit_memo")],
    [settled("1", "30", "2024-05-09"), settled("2", "20", "2024-05-10"), settled("3", "200", "2024-05-29", of="I2")],
)


def test_at_risk_is_what_was_open_ninety_days_after_its_own_due_date():
    assert risk(LATE, "2024-12-31", date(2024, 2, 29)) == (300.0, 70.0, 70 / 300)


def test_at_risk_is_known_ninety_days_after_the_end_of_the_month():
    # 29 February + 90 days is 29 May.
    assert risk(LATE, "2024-05-28", date(2024, 2, 29)) == (300.0, None, None)
    assert risk(LATE, "2024-05-29", date(2024, 2, 29)) == (300.0, 70.0, 70 / 300)
    rows = at_risk(LATE, day("2024-05-28")).filter(pl.col("month") == date(2024, 2, 29))
    assert rows["note"].item() == "known from 2024-05-29, 90 days after the month's end"


def test_what_was_paid_early_fell_due_all_the_same():
    early = book([invoice("I1")], [settled("1", "100", "2024-01-12")])
    assert risk(early, "2024-12-31", date(2024, 2, 29)) == (100.0, 0.0, 0.0)


def test_what_was_posted_too_late_to_be_paid_in_time_is_left_out():
    # Due 9 February, + 90 days is 9 May: posted on 9 May it counts, on 10 May it does not.
    for posted, want in (("2024-05-09", (100.0, 100.0, 1.0)), ("2024-05-10", (0.0, 0.0, None))):
        late = book([invoice("I1", posting_date=posted), invoice("I0", "1", document_date="2024-02-01", due_date=None)])
        due, unpaid, _ = risk(late, "2024-12-31", date(2024, 2, 29))
        # The other invoice, due on its day and never paid, makes the history begin early enough.
        assert (due - 1, unpaid - 1) == want[:2]


def test_money_taken_back_never_makes_more_unpaid_than_fell_due():
    # 40 of nothing paid are taken back: 140 are open, and only the 100 fell due.
    odd = book([invoice("I1")], [settled("1", "-40", "2024-03-01")])
    assert risk(odd, "2024-12-31", date(2024, 2, 29)) == (100.0, 100.0, 1.0)


def test_due_of_a_young_month_is_as_known_on_the_day():
    # Both due on 9 February; the second is posted on 20 March.
    two = book([invoice("I1"), invoice("I2", "50", posting_date="2024-03-20")])
    assert risk(two, "2024-03-19", date(2024, 2, 29)) == (100.0, None, None)
    assert risk(two, "2024-03-20", date(2024, 2, 29)) == (150.0, None, None)
    assert risk(two, "2024-12-31", date(2024, 2, 29)) == (150.0, 150.0, 1.0)


@pytest.mark.parametrize("ask", [cohorts, at_risk])
def test_nothing_and_the_impossible(ask):
    empty = book()
    assert ask(empty, day("2024-12-31")).is_empty()
    assert ask(empty, day("2024-12-31"), by=["region", "customer"]).is_empty()
    assert ask(STEPS, day("2023-12-31")).is_empty()
    assert ask(STEPS, day("2024-12-31"), scope=Scope.of(region="nowhere"), by=["region"]).is_empty()
    with pytest.raises(OutstandingError, match="0 months"):
        ask(STEPS, day("2024-12-31"), 0)


def test_a_due_date_at_the_end_of_the_calendar_does_no_harm():
    far = book([invoice("I1", due_date="9999-12-31")], [settled("1", "100", "2024-02-09")])
    assert far.frames["falling_due"].select("month", "due", "unpaid").rows() == [(date(9999, 12, 31), 10000, 0)]
    assert shares(far, "2024-12-31")[30] == 1.0
    assert at_risk(far, day("2024-12-31"))["due"].sum() == 0
