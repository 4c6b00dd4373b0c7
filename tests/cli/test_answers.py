"""What the command line answers: exact, complete, and the same as the screen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from metrics import CATALOG

KPI = ["as_of", "window", "currency", "metric", "value", "unit", "numerator", "denominator", "note"]
ON = ("--as-of", "2024-03-31")


def value(rows, metric="total_ar"):
    (found,) = [row["value"] for row in rows if row["metric"] == metric]
    return found


def test_without_a_metric_every_metric_comes_in_the_catalogues_order(published):
    rows = published.rows("kpi", *ON)
    assert [row["metric"] for row in rows] == list(CATALOG)
    assert list(rows[0]) == KPI
    assert {row["as_of"] for row in rows} == {"2024-03-31"}
    assert {row["window"] for row in rows} == {"3mo"}


def test_amounts_in_json_are_exact_to_the_cent(published):
    # 60.10 + 50.05 + 10.00 − 20.00 are open; 340.35 was billed less nothing; 40 + 200.20 + 20 came in.
    rows = published.rows("kpi", *ON)
    assert value(rows) == 100.15
    assert value(rows, "unapplied_credits") == -20.0
    assert value(rows, "billed") == 360.35
    assert value(rows, "cash_collected") == 260.2
    assert '"value": 360.35' in published("kpi", *ON, "--format", "json").stdout


def test_an_undefined_value_is_null_with_a_note(published):
    rows = published.rows("kpi", "--as-of", "2023-06-30", "--metric", "dso,total_ar")
    assert [(row["value"], bool(row["note"])) for row in rows] == [(None, True), (0.0, False)]


def test_metrics_are_named_with_commas_or_again_each_once(published):
    rows = published.rows("kpi", "--metric", "dso,total_ar", "--metric", "cei, dso")
    assert [row["metric"] for row in rows] == ["dso", "total_ar", "cei"]


def test_the_latest_day_is_asked_about_when_none_is_named(published):
    assert {row["as_of"] for row in published.rows("kpi")} == {"2024-03-25"}
    assert {row["as_of"] for row in published.rows("aging")} == {"2024-03-25"}


@pytest.mark.parametrize(("window", "days"), [("1mo", 31), ("90d", 90), ("3mo", 91)])
def test_the_window_can_be_chosen(published, window, days):
    (row,) = published.rows("kpi", *ON, "--metric", "dso", "--window", window)
    assert row["window"] == window
    assert row["value"] == pytest.approx(row["numerator"] / row["denominator"] * days)


def test_a_missing_dimension_value_is_null_in_json_and_named_in_the_table(published):
    rows = published.rows("kpi", *ON, "--metric", "total_ar", "--by", "region")
    # The paid region has no balance, but it had a movement in the window.
    assert [(row["region"], row["value"]) for row in rows] == [
        ("APAC", 0.0),
        ("EMEA", 40.1),
        ("a=b", 10.0),
        (None, 50.05),
    ]
    assert list(rows[0]) == [*KPI[:2], "region", *KPI[2:]]
    table = published("kpi", *ON, "--metric", "total_ar", "--by", "region").stdout
    assert "Unassigned" in table
    assert [row["region"] for row in published.csv("kpi", *ON, "--metric", "total_ar", "--by", "region")] == [
        "APAC",
        "EMEA",
        "a=b",
        "",
    ]


def test_a_grouping_by_customer_keeps_leading_zeros(published):
    rows = published.rows("aging", *ON, "--by", "customer")
    assert {row["customer"] for row in rows} == {"C1", "C3"}
    paid = published.rows("kpi", *ON, "--metric", "cash_collected", "--by", "customer")
    assert [row["customer"] for row in paid] == ["007", "C1", "C3"]


@pytest.mark.parametrize(
    "by",
    [
        ("--by", "entity", "--by", "region"),
        ("--by", "entity,region"),
        ("--by", "entity", "--by", "region", "--by", "entity"),
    ],
)
def test_dimensions_are_named_with_commas_or_again(published, by):
    rows = published.rows("kpi", *ON, "--metric", "total_ar", *by)
    assert list(rows[0]) == [*KPI[:2], "entity", "region", *KPI[2:]]
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("where", "total"),
    [
        (["region=EMEA"], 40.1),
        (["region=EMEA", "region=a=b"], 50.1),
        (["region=Unassigned"], 50.05),
        (["region="], 50.05),
        (["region=Unassigned", "region=EMEA"], 90.15),
        (["region=EMEA", "entity=E1"], 40.1),
        (["region=APAC", "customer=C1"], 0.0),
        (["customer=C1"], 90.15),
        (["customer=C3"], 10.0),
        (["currency=USD"], 100.15),
    ],
)
def test_where_keeps_what_is_named(published, where, total):
    words = [word for choice in where for word in ("--where", choice)]
    assert value(published.rows("kpi", *ON, "--metric", "total_ar", *words)) == total
    assert sum(Decimal(str(row["amount"])) for row in published.rows("aging", *ON, *words)) == Decimal(str(total))


def test_a_value_that_nothing_has_gives_an_empty_answer_and_a_note_beside_it(published):
    result = published("kpi", *ON, "--metric", "total_ar", "--where", "region=EMAE", "--format", "csv")
    assert result.exit_code == 0
    assert result.stderr == "Note: no region is 'EMAE'; did you mean 'EMEA'?\n"
    assert ",total_ar,0.0," in result.stdout


@pytest.mark.parametrize("by", [(), ("--by", "region"), ("--by", "customer"), ("--by", "currency")])
@pytest.mark.parametrize("on", ["2024-01-31", "2024-03-31", "2024-12-31"])
def test_buckets_and_unapplied_credits_add_up_to_total_ar(published, by, on):
    buckets = published.rows("aging", "--as-of", on, *by)
    total = published.rows("kpi", "--as-of", on, "--metric", "total_ar", *by)
    assert sum(Decimal(str(row["amount"])) for row in buckets) == sum(Decimal(str(row["value"])) for row in total)


def test_the_aging_has_every_bucket_in_order_with_its_share(published):
    rows = published.rows("aging", *ON)
    assert list(rows[0]) == ["as_of", "currency", "bucket", "amount", "count", "share"]
    told = [(row["bucket"], row["amount"], row["count"]) for row in rows]
    assert told == [
        ("current", 60.05, 2),
        ("1–30", 0.0, 0),
        ("31–60", 60.1, 1),
        ("61–90", 0.0, 0),
        ("91–120", 0.0, 0),
        ("120+", 0.0, 0),
        ("unapplied", -20.0, 1),
    ]
    shares = [row["share"] for row in rows]
    assert shares.pop() is None
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(60.05 / 120.15)


def test_the_trend_is_the_kpi_at_each_month_end(published):
    words = ("--metric", "total_ar,dso,cash_collected", "--by", "region", "--window", "2mo")
    trend = published.rows("trend", *words)
    assert sorted({row["as_of"] for row in trend}) == ["2024-01-31", "2024-02-29"]
    assert trend == [
        row for end in ("2024-01-31", "2024-02-29") for row in published.rows("kpi", "--as-of", end, *words)
    ]


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        (("--from", "2024-02-01"), ["2024-02-29"]),
        (("--to", "2024-02-28"), ["2024-01-31"]),
        (("--from", "2024-01-31", "--to", "2024-01-31"), ["2024-01-31"]),
    ],
)
def test_a_trend_keeps_to_its_days(published, words, ends):
    assert [row["as_of"] for row in published.rows("trend", "--metric", "total_ar", *words)] == ends


def test_csv_is_data_for_programs_and_is_not_changed(published):
    """Values stand as they are, formulas too: what opens in a spreadsheet is made safe by the exports of the screen."""
    rows = published.csv("kpi", *ON, "--metric", "total_ar", "--by", "region")
    assert rows[2]["region"] == "a=b"
    assert [float(row["value"]) for row in rows] == [0.0, 40.1, 10.0, 50.05]
    assert rows == [
        {name: "" if cell is None else str(cell) for name, cell in row.items()}
        for row in published.rows("kpi", *ON, "--metric", "total_ar", "--by", "region")
    ]


def test_strange_text_comes_out_as_it_went_in(fresh):
    from tests.ledger.books import customer, invoice

    texts = ["=cmd()", 'a "quoted", one', "<b>", "株式会社", "{value}", "line\nbreak"]
    fresh.company.table("customers", [customer(text) for text in texts])
    fresh.company.table(
        "documents", [invoice(str(n), "1", customer_id=text, region=text) for n, text in enumerate(texts)]
    )
    fresh.company.table("settlements", [])
    assert fresh("refresh").exit_code == 0
    words = ("kpi", "--metric", "total_ar", "--by", "region", "--by", "customer")
    assert sorted(row["region"] for row in fresh.rows(*words)) == sorted(texts)
    assert sorted(row["customer"] for row in fresh.csv(*words)) == sorted(texts)
    assert fresh(*words).exit_code == 0
    for text in texts:
        assert value(fresh.rows("kpi", "--metric", "total_ar", "--where", f"customer={text}")) == 1


def test_a_table_keeps_a_row_on_its_line_and_lets_no_data_steer_the_terminal(fresh):
    from tests.ledger.books import invoice

    fresh.company.table(
        "documents", [invoice("A", "1", region="two\nlines"), invoice("B", "1", region="\x1b[31mred\x07")]
    )
    fresh.company.table("settlements", [])
    fresh("refresh")
    lines = fresh("kpi", "--metric", "total_ar", "--by", "region").stdout.splitlines()
    assert len(lines) == 3
    assert "two lines" in lines[2]
    assert not any("\x1b" in line or "\x07" in line for line in lines)


def test_currencies_that_are_never_added_have_a_row_each(fresh):
    from tests.ledger.books import invoice

    fresh.company.table(
        "documents", [invoice("A", "1"), invoice("B", "2.345", currency="KWD"), invoice("C", "300", currency="JPY")]
    )
    fresh.company.table("settlements", [])
    result = fresh("refresh")
    assert result.exit_code == 0
    assert result.stdout.count("total AR") == 3
    for by in ((), ("--by", "currency")):
        rows = fresh.rows("kpi", "--metric", "total_ar", *by)
        assert [(row["currency"], row["value"]) for row in rows] == [("JPY", 300.0), ("KWD", 2.345), ("USD", 1.0)]
        assert list(rows[0]) == KPI
