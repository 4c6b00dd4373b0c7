"""Fixes: signed, listed, withdrawn and never deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.errors import OutstandingError, StateError
from ledger.fixes import Fix
from state.fixing import AlreadyInForceError
from tests.state.conftest import NOON

DIMENSIONS = ("entity", "region")
LATER = NOON + timedelta(hours=1)


def fix(was: str | None = "Nord", value="North", column="region", key="C1"):
    return Fix("", "value", column, key, was, value)


def test_a_fix_is_kept_with_who_why_and_when(home, keep):
    made = keep.fixes.accept(fix(), DIMENSIONS, "a slip of the pen", "anna", NOON)
    again = home.open()
    (kept,) = again.fixes.all()
    again.close()
    assert kept.fix == made
    assert (kept.why, kept.by, kept.at, kept.in_force) == ("a slip of the pen", "anna", NOON, True)
    assert made.id
    assert keep.fixes.in_force() == (made,)


def test_the_oldest_is_applied_first_and_the_newest_listed_first(keep):
    first = keep.fixes.accept(fix(), DIMENSIONS, "", "anna", NOON)
    second = keep.fixes.accept(fix("North", "East"), DIMENSIONS, "", "bob", LATER)
    assert keep.fixes.in_force() == (first, second)
    assert [one.fix for one in keep.fixes.all()] == [second, first]


def test_a_withdrawn_fix_is_listed_with_who_withdrew_it_and_no_longer_applied(keep):
    made = keep.fixes.accept(fix(), DIMENSIONS, "", "anna", NOON)
    taken = keep.fixes.withdraw(made.id, "bob", LATER)
    assert (taken.withdrawn_by, taken.withdrawn_at, taken.in_force) == ("bob", LATER, False)
    assert keep.fixes.in_force() == ()
    assert [one.withdrawn_by for one in keep.fixes.all()] == ["bob"]
    with pytest.raises(StateError, match="bob withdrew"):
        keep.fixes.withdraw(made.id, "anna", LATER)
    with pytest.raises(StateError, match="no fix 'none'"):
        keep.fixes.withdraw("none", "anna", LATER)


def test_the_same_fix_is_not_accepted_twice_but_again_after_it_was_withdrawn(keep):
    made = keep.fixes.accept(fix(), DIMENSIONS, "", "anna", NOON)
    with pytest.raises(AlreadyInForceError, match="is in force already, by anna since 2") as refused:
        keep.fixes.accept(fix(), DIMENSIONS, "", "bob", LATER)
    assert refused.value.signed.fix == made
    with pytest.raises(AlreadyInForceError, match="by anna"):
        keep.fixes.accept(fix("North"), DIMENSIONS, "", "bob", LATER)
    keep.fixes.withdraw(made.id, "anna", LATER)
    assert keep.fixes.accept(fix(), DIMENSIONS, "", "bob", LATER).id != made.id


def test_another_correction_of_the_same_is_refused_until_the_first_is_withdrawn(keep):
    made = keep.fixes.accept(fix(), DIMENSIONS, "", "anna", NOON)
    with pytest.raises(StateError, match="anna accepted another correction of that"):
        keep.fixes.accept(fix(value="South"), DIMENSIONS, "", "bob", LATER)
    keep.fixes.withdraw(made.id, "anna", LATER)
    keep.fixes.accept(fix(value="South"), DIMENSIONS, "", "bob", LATER)


def test_two_customers_are_not_part_of_each_other(keep):
    keep.fixes.accept(fix(None, "C2", "parent_id", "C1"), DIMENSIONS, "", "anna", NOON)
    with pytest.raises(StateError, match="the other way round"):
        keep.fixes.accept(fix(None, "C1", "parent_id", "C2"), DIMENSIONS, "", "bob", LATER)


@pytest.mark.parametrize("wrong", [fix(column="amount"), fix(value=""), fix(key=""), fix(value="x" * 401)])
def test_what_cannot_be_applied_is_not_kept(keep, wrong):
    with pytest.raises(OutstandingError):
        keep.fixes.accept(wrong, DIMENSIONS, "", "anna", NOON)
    assert keep.fixes.all() == []


def test_what_somebody_passed_is_remembered_and_is_no_fix(keep):
    keep.fixes.pass_by("same_name", "same_name|A|B", "two shops", "anna", NOON)
    assert keep.fixes.passed() == {"same_name|A|B"}
    assert keep.fixes.all() == []
    assert keep.fixes.in_force() == ()
