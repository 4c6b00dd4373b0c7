"""The report of the data: what was found, how that has changed, what speaks against it, what to look at."""

from __future__ import annotations

import json

from tests.ledger.books import customer, invoice
from tests.refresh.company import CUSTOMERS, DOCUMENTS


def told(asked):
    result = asked("report", "quality", "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_tells_what_was_read_and_found(fresh):
    fresh.company.table("documents", [*DOCUMENTS, invoice("I9", "3.00", currency="US$")])
    assert fresh("refresh").exit_code == 0
    report = told(fresh)
    rows = {row["table"]: row for row in report["rows"]}
    assert rows["documents"] == {"table": "documents", "rows_in": 6, "accepted": 5, "quarantined": 1}
    found = {row["rule"]: row for row in report["rules"]}
    assert (found["currency_unknown"]["rows"], found["currency_unknown"]["examples"]) == (1, ["I9"])
    assert any(said.endswith("kept out") for said in report["sentences"])


def test_it_compares_with_the_snapshot_before(fresh):
    fresh.company.table("documents", [*DOCUMENTS, invoice("I9", "3.00", currency="US$")])
    fresh("refresh")
    assert {row["rows_before"] for row in told(fresh)["rules"]} == {None}
    fresh.company.table("documents", DOCUMENTS)
    fresh("refresh")
    found = {row["rule"]: (row["rows_before"], row["rows"]) for row in told(fresh)["rules"]}
    assert found["currency_unknown"] == (1, 0), "a rule that no longer finds anything is told once more"


def test_it_tells_what_history_changed_and_what_to_look_at(fresh):
    fresh("refresh")
    fresh.company.table("documents", [*DOCUMENTS, invoice("LATE", "70.00", document_date="2024-01-03")])
    fresh.company.table("customers", [*CUSTOMERS, customer("C8", "Alpha Foods Ltd"), customer("C9", "Alpha Foods Inc")])
    fresh("refresh")
    report = told(fresh)
    assert [(row["document_id"], row["change"], row["now"]) for row in report["history_changed"]] == [
        ("LATE", "appeared", 70.0)
    ]
    assert [row["why"] for row in report["suspects"] if row["check"] == "same_name"] == ["looks like 'Alpha Foods Inc'"]
    assert any("than was known: $70.00 more" in said for said in report["sentences"])
    assert fresh.rows("check", "--history")[0]["document_id"] == "LATE"
    assert fresh.rows("check", "--differences") == []


def test_it_reads_well_and_cuts_what_is_long(fresh):
    people = [customer(f"N{n}", f"Alpha Foods {kind}") for n, kind in enumerate(["Ltd", "Inc", "AG", "SA"])]
    fresh.company.table("customers", [*CUSTOMERS, *people])
    fresh("refresh")
    result = fresh("report", "quality", "--most", "2")
    assert result.exit_code == 0
    assert "Customers whose names are nearly the same: 3" in result.stdout
    assert "To look at (3)" in result.stdout
    assert "… and 1 more" in result.stdout
    assert "No rows." not in result.stdout


def test_it_tells_the_trend_of_a_rule_and_what_changed_in_the_fields(fresh):
    broken = invoice("I9", "3.00", currency="US$")
    many = [*DOCUMENTS, *(invoice(f"M{n:02d}", "10.00", number=f"N{n}") for n in range(60))]
    for rows in (DOCUMENTS, [*many, broken], [{**row, "due_date": None} for row in many]):
        fresh.company.table("documents", rows)
        assert fresh("refresh").exit_code == 0
    report = told(fresh)
    rules = {row["rule"]: row for row in report["rules"]}
    assert rules["currency_unknown"]["rows_then"] == [0, 1, 0]
    assert rules["due_date_missing"]["rows_then"][-1] >= 60
    assert [(row["column"], row["shift"]) for row in report["shifts"] if row["table"] == "documents"] == [
        ("due_date", "emptied")
    ]
    was = sum(row["due_date"] is not None for row in many) / len(many)
    said = f"Due date of documents is empty; {100 * was:.1f} % of the rows had it before"
    assert said in report["sentences"]
    due = next(row for row in report["fields"] if (row["table"], row["column"]) == ("documents", "due_date"))
    assert (due["rows"], due["filled"], due["filled_before"], due["smallest"]) == (65, 0.0, was, None)
    shown = fresh("report", "quality").stdout
    assert "What the fields hold" in shown
    assert "▁█▁" in shown
