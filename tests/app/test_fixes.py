"""Correcting master data on the page of health: suggested, accepted, listed, withdrawn, or passed."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from config.advice import command
from config.settings import load
from ledger.book import Book
from ledger.fixes import Came, Fix
from ledger.store import Store
from state import State
from state.fixing import Signed
from tests.app import company
from ui import fixes, suspects

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


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
    said = "\n".join(
        str(one.value) for kind in ("markdown", "caption", "success", "warning") for one in getattr(app, kind)
    )
    return said.replace("\u00a0", " ").replace("\u2060", "").replace("\\", "")


def chosen(app, check, start):
    """The first row of a check whose words begin so, chosen to be mended."""
    box = next(one for one in app.selectbox if one.key.startswith(f"mend_{check}_"))
    at = next(at for at, option in enumerate(box.options) if start in option)
    return box.set_value(at).run()


def signed(app, place="mend", name="Ana Kovac"):
    return app.text_input(key=f"signer_{place}").set_value(name)


def why(app, place="mend"):
    return next(one for one in app.text_input if one.key.startswith(f"{place}_why_"))


def test_a_gap_is_filled_from_the_next_refresh_on(opened, lacking):
    app = opened("data/health", **{suspects.LOOK: "gap"})
    app = chosen(app, "gap", "no credit limit")
    assert app.selectbox(key="mend_column_C04").value == "credit_limit", "what is lacking is offered first"
    assert app.button(key="mend_accept").disabled, "nothing was said yet"
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    why(app).set_value("agreed by phone").run()
    signed(app)
    app.button(key="mend_accept").click().run()
    assert not app.exception
    assert f"It counts from the next refresh on: {command('refresh')}." in words(app)
    assert "No correction in force, 1 waiting for the next refresh" in words(app)
    (one,), _ = kept(lacking)
    assert (one.fix.column, one.fix.key, one.fix.was, one.fix.value) == ("credit_limit", "C04", None, "75000")
    assert (one.why, one.by) == ("agreed by phone", "Ana Kovac (not logged in)")


def test_after_an_accept_the_form_is_empty_and_a_second_click_says_what_is_in_force(opened, lacking):
    app = chosen(opened("data/health", **{suspects.LOOK: "gap"}), "gap", "no credit limit")
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    signed(app)
    second = opened("data/health", **{suspects.LOOK: "gap"})
    second = chosen(second, "gap", "no credit limit")
    app.button(key="mend_accept").click().run()
    assert all(box.value is None for box in app.selectbox if box.key.startswith("mend_gap_"))
    assert not [one for one in app.text_input if one.key.startswith("mend_value_")]
    app = chosen(app, "gap", "no credit limit")
    assert app.text_input(key="mend_value_C04_credit_limit").value == ""
    assert app.text_input(key="signer_mend").value == "Ana Kovac", "asked for once"
    second.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    signed(second, name="Bob")
    second.button(key="mend_accept").click().run()
    assert "this is in force already, by Ana Kovac (not logged in) since" in words(second)
    assert all(box.value is None for box in second.selectbox if box.key.startswith("mend_gap_"))
    assert len(kept(lacking)[0]) == 1


def test_nothing_is_signed_by_nobody_and_what_was_written_stays(opened, lacking):
    app = chosen(opened("data/health", **{suspects.LOOK: "gap"}), "gap", "no credit limit")
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    app.button(key="mend_accept").click().run()
    assert "Write your name first" in words(app)
    assert app.text_input(key="mend_value_C04_credit_limit").value == "75000"
    assert kept(lacking) == ([], frozenset())


def test_who_is_logged_in_is_not_asked_for_a_name(opened, lacking):
    app = opened("data/health", **{suspects.LOOK: "gap"})
    app.user = {"is_logged_in": True, "email": "Anna@example.com"}
    app = chosen(app.run(), "gap", "no credit limit")
    assert not [one for one in app.text_input if one.key.startswith("signer_")]
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    app.button(key="mend_accept").click().run()
    assert kept(lacking)[0][0].by == "anna@example.com"


def test_a_missing_value_is_proposed_with_the_reason(opened, settled):
    tables = company.tables()
    collector = pl.when(pl.col("customer_id") == "C04").then(None).otherwise(pl.lit("Ana"))
    people = tables["customers"].with_columns(collector=collector, country=pl.lit("Germany"))
    company.publish(settled, tables | {"customers": people})
    app = chosen(opened("data/health", **{suspects.LOOK: "gap"}), "gap", "no collector")
    assert "Proposed: Ana, as 10 of 10 customers in Germany have it" in words(app)
    assert app.selectbox(key="mend_value_C04_collector").value == "Ana"
    assert not kept(settled)[0], "nobody accepted it yet"


def test_any_value_of_any_customer_is_corrected_without_a_flag(opened, lacking):
    app = opened("data/health")
    app.text_input(key="correct_search_0").set_value("neil").run()
    assert app.selectbox(key="correct_customer_0_neil").options == ["O'Neil & Sons (0011)"]
    app.selectbox(key="correct_column_0").set_value("credit_limit").run()
    assert "Now: 5000" in words(app)
    app.text_input(key="correct_value_0_0011_credit_limit").set_value("9000").run()
    signed(app, "correct")
    app.button(key="correct_accept").click().run()
    assert not app.exception
    (one,), _ = kept(lacking)
    assert (one.fix.column, one.fix.key, one.fix.was, one.fix.value) == ("credit_limit", "0011", "5000", "9000")
    assert app.text_input(key="correct_search_1").value == ""
    app.text_input(key="correct_search_1").set_value("nobody of that name").run()
    assert "No customer of the master has 'nobody of that name'" in words(app)


def test_any_value_of_a_dimension_is_read_as_another(opened, lacking):
    app = opened("data/health")
    app.segmented_control(key="correct_kind").set_value("reading").run()
    app.selectbox(key="correct_dimension_0").set_value("segment").run()
    app.selectbox(key="correct_was_0_segment").set_value("Retail").run()
    app.selectbox(key="correct_reading_0_segment_Retail").set_value("Industry").run()
    signed(app, "correct")
    app.button(key="correct_accept").click().run()
    assert not app.exception
    (one,), _ = kept(lacking)
    assert (one.fix.kind, one.fix.column, one.fix.was, one.fix.value) == ("reading", "segment", "Retail", "Industry")


def test_a_name_written_twice_becomes_a_group(opened, lacking):
    app = chosen(opened("data/health", **{suspects.LOOK: "same_name"}), "same_name", "looks like")
    signed(app)
    app.button(key="mend_accept").click().run()
    (one,), _ = kept(lacking)
    assert (one.fix.column, {one.fix.key, one.fix.value}) == ("parent_id", {"C01", "C05"})


def test_what_is_right_is_not_shown_again(opened, lacking):
    app = chosen(opened("data/health", **{suspects.LOOK: "same_name"}), "same_name", "looks like")
    signed(app)
    app.button(key="mend_pass").click().run()
    assert not app.exception
    assert "Remembered as right" in words(app)
    assert "nearly the same" not in "\n".join(option for box in app.selectbox for option in box.options)
    assert kept(lacking)[1], "it is remembered for everybody"


def test_a_correction_is_withdrawn_where_it_is_listed(opened, lacking):
    app = opened("data/health", **{suspects.LOOK: "gap"})
    app = chosen(app, "gap", "no credit limit")
    app.text_input(key="mend_value_C04_credit_limit").set_value("75000").run()
    signed(app)
    app.button(key="mend_accept").click().run()
    (one,), _ = kept(lacking)
    app = opened("data/health", **{fixes.FIX: one.fix.id})
    assert "Credit_limit of C04 is '75000'" in words(app)
    assert "Click a row to see who signed it, and to withdraw it" in words(app)
    signed(app, "list", "Bob")
    app.button(key="fix_withdraw").click().run()
    assert "Withdrawn." in words(app)
    assert "No correction in force" in words(app)
    assert "waiting" not in words(app), "what was withdrawn is only in the list"
    assert kept(lacking)[0][0].withdrawn_by == "Bob (not logged in)"


def test_before_there_is_a_correction_one_can_be_made(opened, lacking):
    app = opened("data/health")
    assert not app.exception
    assert "No correction in force" in words(app)
    assert "Click a row to see who signed it" not in words(app)
    assert [one.label for one in app.expander if one.label == "Correct something else"]
    assert Store(lacking / "data").load().about["fixes"] == []


def test_the_headline_tells_what_became_of_those_in_force_and_leaves_out_the_withdrawn():
    def one(id, **more):
        return Signed(fix=Fix(id, "value", "region", id, None, "x"), why="", by="ana", at=NOON, **more)

    came = [("a", Came.APPLIED), ("b", Came.APPLIED), ("c", Came.OVERTAKEN), ("gone", Came.APPLIED)]
    about = {"fixes": [{"id": id, "came": state, "rows": 1} for id, state in came]}
    book = cast("Book", SimpleNamespace(about=about))
    gone = one("gone", withdrawn_by="bob", withdrawn_at=NOON)
    every = [one("a"), one("b"), one("c"), one("new"), gone]
    said = fixes.finding(book, every).replace("\u00a0", " ")
    assert said == "3 corrections in force (2 applied, 1 overtaken), 1 waiting for the next refresh"
    assert fixes.finding(book, [gone]) == "No correction in force"
