"""Correcting master data by the command line: accepted, applied by the next refresh, withdrawn."""

from __future__ import annotations

import pytest


@pytest.fixture
def asked(fresh):
    """A company after its first refresh."""
    assert fresh("refresh").exit_code == 0
    return fresh


def customers(asked):
    rows = asked.company.store.load().frames["customers"]
    return {row["customer_id"]: row for row in rows.iter_rows(named=True)}


def test_a_fix_counts_from_the_next_refresh_on_and_is_withdrawn(asked):
    before = asked.company.store.load().fingerprint
    done = asked("fix", "accept", "--customer", "007", "--column", "collector", "--value", "Ana", "--who", "bob")
    assert done.exit_code == 0, done.output
    assert "collector of 007 is 'Ana', from the next refresh on" in done.stdout
    assert customers(asked)["007"]["collector"] is None
    (listed,) = asked.rows("fix", "list")
    assert (listed["came"], listed["by"], listed["was"]) == ("waits for a refresh", "bob", None)
    result = asked("refresh")
    assert "fixes" in result.stdout
    assert customers(asked)["007"]["collector"] == "Ana"
    assert asked.rows("fix", "list")[0]["came"] == "applied"
    assert asked("fix", "withdraw", listed["id"][:6], "--who", "ana").exit_code == 0
    assert asked("refresh").exit_code == 0
    assert customers(asked)["007"]["collector"] is None
    assert asked.company.store.load().fingerprint == before
    assert asked.rows("fix", "list") == []
    (old,) = asked.rows("fix", "list", "--all")
    assert old["withdrawn_by"] == "ana"


def test_a_reading_counts_on_documents_too(asked):
    assert asked("fix", "accept", "--reading", "a=b", "--column", "region", "--value", "EMEA").exit_code == 0
    assert asked("refresh").exit_code == 0
    assert set(asked.company.store.load().frames["cells"]["region"]) == {"EMEA", "APAC", None}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--customer", "nobody", "--column", "region", "--value", "X"), "There is no customer 'nobody'"),
        (("--customer", "007", "--column", "amount", "--value", "5"), "'amount' cannot be corrected"),
        (("--customer", "007", "--column", "terms_days", "--value", "soon"), "terms_days must be a whole number"),
        (("--column", "region", "--value", "X"), "Say either --customer, or --reading"),
        (("--customer", "007", "--reading", "a", "--column", "region", "--value", "X"), "Say either"),
        (
            ("--reading", "AMEA", "--column", "region", "--value", "X"),
            "No row has the region 'AMEA'; did you mean 'EMEA'",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(asked, words, said):
    assert said in asked.refused("fix", "accept", *words)


def test_without_a_snapshot_a_reading_is_taken_as_it_is_said_and_a_customer_is_not(fresh):
    assert fresh("fix", "accept", "--reading", "a=b", "--column", "region", "--value", "EMEA").exit_code == 0
    assert "refresh" in fresh.refused("fix", "accept", "--customer", "007", "--column", "collector", "--value", "Ana")
    assert fresh("refresh").exit_code == 0
    assert fresh.rows("fix", "list")[0]["came"] == "applied"


def test_what_was_withdrawn_is_corrected_anew_before_the_next_refresh(asked):
    words = ("fix", "accept", "--customer", "007", "--column", "collector", "--value")
    assert asked(*words, "Ana").exit_code == 0
    assert asked("refresh").exit_code == 0
    assert asked("fix", "withdraw", str(asked.rows("fix", "list")[0]["id"])).exit_code == 0
    assert asked(*words, "Bo").exit_code == 0
    assert asked("refresh").exit_code == 0
    assert customers(asked)["007"]["collector"] == "Bo", "the source never said 'Ana'"


def test_what_is_in_force_already_is_told_with_who_and_when(asked):
    words = ("fix", "accept", "--customer", "007", "--column", "collector", "--value", "Ana", "--by", "Ana Kovac")
    assert asked(*words).exit_code == 0
    assert "is in force already, by Ana Kovac since 2" in asked.refused(*words)
    assert asked("refresh").exit_code == 0
    assert "is in force already, by Ana Kovac since 2" in asked.refused(*words)
    assert asked.rows("fix", "list")[0]["by"] == "Ana Kovac"


def test_withdrawing_what_is_not_there_is_one_sentence(asked):
    assert "no fix 'abcd'" in asked.refused("fix", "withdraw", "abcd")


def test_without_the_state_database_nothing_is_undone_in_silence(asked):
    assert asked("fix", "accept", "--customer", "007", "--column", "collector", "--value", "Ana").exit_code == 0
    assert asked("refresh").exit_code == 0
    for file in asked.company.store.path.glob("state.sqlite*"):
        file.unlink()
    result = asked("refresh", "--no-alerts")
    assert "Note: the corrections of the last snapshot are applied once more" in result.stderr
    assert customers(asked)["007"]["collector"] == "Ana"


def test_a_refresh_without_any_fix_makes_no_state_database(asked):
    assert asked("refresh", "--no-alerts").exit_code == 0
    assert "fixes" not in asked("refresh", "--no-alerts").stdout
