"""Why, who and what may be lost, from the command line: worked out by hand from the five documents of the company.

I1 100.10 of 10 January, 40 of it paid on 20 February; I2 200.20 of 15 February, paid on 25 March; I3 50.05 and I4 10.00
of March; a payment of 20.00 on 20 March that nothing was matched to.
"""

from __future__ import annotations

from decimal import Decimal
from math import fsum

import pytest


def cents(rows, name):
    return sum(Decimal(str(row[name])) for row in rows)


def test_contributions_are_of_groups_and_add_up_to_the_change(published):
    asked = ("explain", "--metric", "total_ar", "--from", "2024-02-29", "--to", "2024-03-31", "--window", "1mo")
    # 60.10 + 200.20 were owed at the end of February, 60.10 + 50.05 + 10.00 − 20.00 at the end of March.
    for by in ((), ("--by", "region"), ("--by", "customer"), ("--by", "entity", "--by", "region")):
        rows = published.rows(*asked, *by)
        assert cents(rows, "contribution") == Decimal("-160.15")
        assert list(rows[0]) == [
            "from",
            "to",
            "window",
            *by[1::2],
            "currency",
            "metric",
            "part",
            "contribution",
            "unit",
        ]
    regions = {row["region"] for row in published.rows(*asked, "--by", "region")}
    assert regions == {"EMEA", "APAC", "a=b", None}
    told = published(*asked, "--by", "region").stdout
    assert told.startswith("Total AR fell $160 from 29\u00a0Feb to 31\u00a0Mar\u00a02024")
    assert "Unassigned" in told


def test_a_ratio_is_explained_to_the_last_digit(published):
    days = ("2024-02-29", "2024-03-31")
    before, after = (
        published.rows("kpi", "--metric", "dso", "--as-of", day, "--window", "1mo")[0]["value"] for day in days
    )
    rows = published.rows(
        "explain", "--metric", "dso", "--from", days[0], "--to", days[1], "--window", "1mo", "--by", "region"
    )
    assert fsum(row["contribution"] for row in rows) == after - before


def test_a_change_says_what_kpi_would_say_of_its_ends(published):
    told = published("explain", "--metric", "dso", "--from", "2024-02-29", "--to", "2024-03-31", "--window", "3mo")
    assert told.exit_code == 0
    assert told.stderr == "Note: dso on 2024-02-29: the window begins before the first document (2024-01-10).\n"


def test_a_change_is_counted_over_the_window_when_no_days_are_named(published):
    rows = published.rows("explain", "--metric", "billed", "--window", "1mo")
    assert {(row["from"], row["to"]) for row in rows} == {("2024-02-25", "2024-03-25")}


def test_segments_stand_beside_the_rest_of_the_company(published):
    rows = published.rows("segments", "--by", "region", "--as-of", "2024-03-31", "--metric", "overdue_share,total_ar")
    (emea,) = [row for row in rows if (row["region"], row["metric"]) == ("EMEA", "overdue_share")]
    # All 60.10 of EMEA is overdue, nothing of the 60.05 that others owe.
    assert (emea["value"], emea["rest"], emea["gap"]) == (1.0, 0.0, 1.0)
    assert emea["rank"] == emea["groups"] == 3
    (flagged,) = [
        row for row in published.rows("segments", "--by", "region", "--as-of", "2024-03-31", "--flags")
        if row["region"] == "EMEA"
    ]  # fmt: skip
    assert flagged["level"] == 1.0
    assert flagged["at_stake"] == 60.10


def test_cohorts_know_what_is_old_enough(published):
    rows = published.rows("cohorts", "--as-of", "2024-04-30", "--months", "4")
    january = {row["age"]: row for row in rows if row["month"] == "2024-01-31"}
    # 40 of 100.10 came on day 41.
    assert (january[30]["paid"], january[60]["paid"], january[60]["share"]) == (0.0, 40.0, pytest.approx(40 / 100.10))
    assert january[120]["share"] is None
    assert "120 days old" in january[120]["note"]
    risk = published.rows("cohorts", "--at-risk", "--as-of", "2024-05-31", "--months", "4")
    # I1 fell due on 9 February; 60.10 was open on 9 May, 90 days later.
    assert [(row["due"], row["unpaid"]) for row in risk if row["month"] == "2024-02-29"] == [(100.10, 60.10)]


def test_rolls_follow_the_invoices_of_a_bucket(published):
    rows = published.rows("rolls", "--as-of", "2024-03-25", "--months", "1")
    # From 31 January to 29 February: I1, 100.10 and current, became 40.00 paid and 60.10 that is 20 days late.
    followed = {(row["bucket"], row["to"]): row["amount"] for row in rows if row["method"] == "followed"}
    assert followed == {("current", "1–30"): 60.10, ("current", "paid"): 40.0}
    assert [row["rate"] for row in rows if row["method"] == "net flow" and row["bucket"] == "current"] == [
        pytest.approx(60.10 / 100.10)
    ]


def test_the_provision_adds_up_and_falls_when_collection_improves(published):
    rows = published.rows("provision", "--as-of", "2024-03-31")
    assert cents(rows, "amount") == Decimal("120.15")  # gross open: the unapplied 20.00 is no exposure
    better = published.rows("provision", "--as-of", "2024-03-31", "--improvement", "0.5")
    assert 0 < cents(better, "allowance") < cents(rows, "allowance")
    moved = {row["line"]: row["amount"] for row in published.rows("provision", "--movement", "--as-of", "2024-03-31")}
    assert Decimal(str(moved["closing"])) == cents(rows, "allowance")
    assert fsum(moved[line] for line in ("opening", "charge", "write_offs", "recoveries", "fx")) == moved["closing"]


def test_countback_shows_its_working(published):
    rows = published.rows("countback", "--as-of", "2024-03-31")
    (value,) = [row["value"] for row in published.rows("kpi", "--metric", "dso_countback", "--as-of", "2024-03-31")]
    # 100.15 owed: March's 60.05 counts its 31 days, February's 200.20 the other 40.10.
    assert [(row["sales"], row["taken"]) for row in rows] == [(60.05, 60.05), (200.2, 40.1)]
    assert fsum(row["counted"] for row in rows) == pytest.approx(value) == pytest.approx(31 + 29 * 40.10 / 200.20)


def test_nothing_worth_a_headline_is_an_empty_answer(published):
    assert published.rows("headlines") == []
    assert published("headlines").stdout.strip() == "No rows."
    assert published("headlines", "--format", "csv").stdout.startswith("rank,as_of,kind,metric,money,currency,words")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["explain", "--metric", "dos"], "There is no metric 'dos'; did you mean 'dso'?"),
        (["explain", "--metric", "dso_countback"], "cannot be split"),
        (["explain", "--metric", "dso", "--from", "2024-03-31", "--to", "2024-02-29"], "is not before"),
        (
            ["explain", "--metric", "total_ar", "--by", "regoin"],
            "There is no dimension 'regoin'; did you mean 'region'?",
        ),
        (["explain", "--metric", "dso", "--from", "2023-12-31"], "not defined on 31\u00a0Dec\u00a02023"),
        (["segments", "--by", "region,entity"], "along one dimension"),
        (["segments", "--flags", "--metric", "dso"], "leave out --metric"),
        (["explain", "--metric", "xxx"], "There is no metric 'xxx'; 'metrics' lists them."),
        (["segments", "--by", "regoin"], "did you mean 'region'?"),
        (["provision", "--movement", "--by", "region"], "leave out --by"),
        (["cohorts", "--by", "regoin"], "did you mean 'region'?"),
        (["rolls", "--by", "regoin"], "did you mean 'region'?"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_a_slip_is_told_in_one_sentence(published, asked, said):
    assert said in published.refused(*asked)
