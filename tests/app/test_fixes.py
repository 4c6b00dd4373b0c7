"""Correcting master data on the page of health: suggested, accepted, listed, withdrawn, or passed."""

from __future__ import annotations

import polars as pl
import pytest

from config.settings import load
from ledger.store import Store
from state import State
from tests.app import company
from ui import fixes, suspects


@pytest.fixture
def lacking(settled):
    """The company with a customer who has no credit limit, and two that have nearly one name."""
    tables = company.tables()
    name = tables["customers"].filter(pl.col("customer_id") == "C01")["name"][0]
    limits = pl.when(pl.col("customer_id") == "C04").then(None).otherwise("credit_limit")
    names = pl.when(pl.col("customer_id") == "C05").then(pl.lit(f"{name} Ltd.")).otherwise("name")
    company.publish(settled, tables | {"customers": tables["customers"].with_columns(credit_limit=limits, name=names)})
    return settled


def kept(settled):
    state = State.open(load(settled / "config"))
    try:
        return state.fixes.all(), state.fixes.passed()
    finally:
        state.close()


def words(app):
    said = "\n".join(str(one.value) for kind in ("markdown", "caption", "success") for one in getattr(app, kind))
    return said.replace("\u00a0", " ").replace("\u2060", "").replace("\\", "")


def chosen(app, check, start):
    """The first row of a check whose words begin so, chosen to be mended."""
    box = next(one for one in app.selectbox if one.key.startswith(f"mend_{check}_"))
    at = next(at for at, option in enumerate(box.options) if start in option)
    return box.set_value(at).run()


def test_a_gap_is_filled_from_the_next_refresh_on(opened, lacking):
    app = opened("data/health", **{suspects.LOOK: "gap"})
    app = chosen(app, "gap", "no credit limit")
    assert app.selectbox(key="mend_column_C04").value == "credit_limit", "what is lacking is offered first"
    assert app.button(key="mend_accept").disabled, "nothing was said yet"
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    next(one for one in app.text_input if one.key.startswith("mend_why_gap_")).set_value("agreed by phone").run()
    app.button(key="mend_accept").click().run()
    assert not app.exception
    assert "It counts from the next refresh on" in words(app)
    assert "1 correction in force, 1 change waits for the next refresh" in words(app)
    (one,), _ = kept(lacking)
    assert (one.fix.column, one.fix.key, one.fix.was, one.fix.value) == ("credit_limit", "C04", None, "75000")
    assert (one.why, bool(one.by)) == ("agreed by phone", True)


def test_a_name_written_twice_becomes_a_group(opened, lacking):
    app = chosen(opened("data/health", **{suspects.LOOK: "same_name"}), "same_name", "looks like")
    app.button(key="mend_accept").click().run()
    (one,), _ = kept(lacking)
    assert (one.fix.column, {one.fix.key, one.fix.value}) == ("parent_id", {"C01", "C05"})


def test_what_is_right_is_not_shown_again(opened, lacking):
    app = chosen(opened("data/health", **{suspects.LOOK: "same_name"}), "same_name", "looks like")
    app.button(key="mend_pass").click().run()
    assert not app.exception
    assert "Remembered as right" in words(app)
    assert "nearly the same" not in "\n".join(option for box in app.selectbox for option in box.options)
    assert kept(lacking)[1], "it is remembered for everybody"


def test_a_correction_is_withdrawn_where_it_is_listed(opened, lacking):
    app = opened("data/health", **{suspects.LOOK: "gap"})
    app = chosen(app, "gap", "no credit limit")
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    app.button(key="mend_accept").click().run()
    (one,), _ = kept(lacking)
    app = opened("data/health", **{fixes.FIX: one.fix.id})
    assert "Credit_limit of C04 is '75000'" in words(app)
    app.button(key="fix_withdraw").click().run()
    assert "Withdrawn." in words(app)
    assert "No correction in force" in words(app)
    assert not kept(lacking)[0][0].in_force


def test_nothing_is_said_of_corrections_before_there_is_one(opened, lacking):
    app = opened("data/health")
    assert not app.exception
    assert "orrection" not in words(app)
    assert Store(lacking / "data").load().about["fixes"] == []
