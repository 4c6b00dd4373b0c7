"""Corrections that people accepted: what they change, and that they never change what is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from ledger.book import BookRules
from ledger.build import build_book
from ledger.corrections import check_in, of_customers, readable, value_of, values
from ledger.errors import OutstandingError
from ledger.fixes import Fix, check

DIMENSIONS = {"entity": "Entity", "region": "Region", "segment": "Segment"}
RULES = BookRules(dimensions=DIMENSIONS, today=date(2025, 12, 31))
TABLES = {
    "customers": pl.DataFrame(
        {
            "customer_id": ["A", "B", "C"],
            "name": ["Ann", "Ben", "Cy"],
            "region": ["North", "Nord", None],
            "credit_limit": ["1000.50", None, "5"],
            "terms_days": ["30", None, "14"],
        }
    ),
    "documents": pl.DataFrame(
        {
            "document_id": ["1", "2", "3"],
            "customer_id": ["A", "B", "C"],
            "entity": ["Main", "Mian", "Main"],
            "kind": ["invoice"] * 3,
            "document_date": ["2025-01-10"] * 3,
            "due_date": ["2025-02-10"] * 3,
            "currency": ["USD"] * 3,
            "amount": ["100.00", "50.25", "7.00"],
        }
    ),
    "settlements": pl.DataFrame(
        schema={
            "settlement_id": pl.String,
            "document_id": pl.String,
            "settled_on": pl.String,
            "amount": pl.String,
            "kind": pl.String,
        }
    ),
}


def book(*fixes: Fix, tables=TABLES):
    return build_book(tables, replace(RULES, fixes=fixes))


def came(made):
    return {one["id"]: (str(one["came"]), one["rows"]) for one in made.about["fixes"]}


def value(column, key, was, to, id="1"):
    return Fix(id, "value", column, key, was, to)


def reading(column, was, to, id="1"):
    return Fix(id, "reading", column, "", was, to)


def test_a_value_of_one_customer_is_corrected():
    made = book(value("region", "C", None, "North"))
    assert made.frames["customers"]["region"].to_list() == ["North", "Nord", "North"]
    assert came(made) == {"1": ("applied", 1)}


def test_a_reading_counts_on_every_row_of_customers_and_documents():
    made = book(reading("region", "Nord", "North"), reading("entity", "Mian", "Main", "2"))
    assert set(made.frames["cells"]["region"]) == {"North", None}
    assert set(made.frames["cells"]["entity"]) == {"Main"}
    assert came(made) == {"1": ("applied", 1), "2": ("applied", 1)}


def test_numbers_are_compared_as_numbers_and_kept_as_such():
    made = book(value("credit_limit", "A", "1000.500", "2000"), value("terms_days", "B", None, "45", "2"))
    assert [float(each) if each is not None else None for each in made.frames["customers"]["credit_limit"]] == [
        2000,
        None,
        5,
    ]
    assert made.frames["customers"]["terms_days"].to_list() == [30, 45, 14]


def test_a_fix_that_the_source_has_overtaken_is_not_applied():
    made = book(value("region", "A", "South", "West"))
    assert made.frames["customers"]["region"][0] == "North", "the source says another thing than when it was accepted"
    assert came(made) == {"1": ("overtaken", 0)}


def test_a_fix_that_the_source_has_made_is_needless():
    assert came(book(value("region", "A", None, "North"))) == {"1": ("needless", 0)}


def test_a_fix_of_somebody_who_is_no_longer_there_does_nothing():
    assert came(book(value("region", "Z", None, "North"), reading("segment", "x", "y", "2"))) == {
        "1": ("nothing", 0),
        "2": ("nothing", 0),
    }


def test_fixes_of_one_field_follow_each_other():
    chain = value("region", "B", "Nord", "North"), value("region", "B", "North", "East", "2")
    made = book(*chain)
    assert made.frames["customers"]["region"][1] == "East"
    assert came(made) == {"1": ("applied", 1), "2": ("applied", 1)}
    alone = book(chain[1])
    assert (alone.frames["customers"]["region"][1], came(alone)) == ("Nord", {"2": ("overtaken", 0)})


def test_without_fixes_the_books_are_what_they_were_and_a_withdrawn_one_leaves_nothing():
    plain, fixed = book(), book(reading("region", "Nord", "North"))
    assert plain.fingerprint != fixed.fingerprint
    assert book().fingerprint == plain.fingerprint
    assert book(value("region", "Z", None, "North")).fingerprint == plain.fingerprint, (
        "what does nothing changes nothing"
    )


def test_quarantine_shows_what_the_source_gave():
    broken = TABLES | {"documents": TABLES["documents"].with_columns(amount=pl.Series(["much", "50.25", "7.00"]))}
    made = book(reading("entity", "Main", "Head"), tables=broken)
    (raw,) = made.quarantine.filter(pl.col("table") == "documents")["raw"]
    assert "Main" in raw
    assert "Head" not in raw


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        (value("amount", "A", None, "5"), "cannot be corrected"),
        (value("customer_id", "A", "A", "B"), "cannot be corrected"),
        (value("entity", "A", "Main", "Head"), "cannot be corrected"),
        (reading("credit_limit", "5", "6"), "cannot be corrected"),
        (value("region", "A", "North", " "), "Say what region is to be"),
        (value("region", "", None, "North"), "the customer's id is missing"),
        (reading("region", None, "North"), "which value"),
        (value("region", "A", "North", "North"), "already"),
        (value("parent_id", "A", None, "A"), "its own parent"),
        (value("terms_days", "A", "30", "soon"), "whole number"),
        (value("terms_days", "A", "30", "-1"), "whole number"),
        (value("credit_limit", "A", "x", "5"), "a number"),
        (value("terms_days", "A", "30", "99999999999"), "whole number"),
        (value("credit_limit", "A", "5", "1e30"), "a number"),
        (reading("entity", "Mian", "Main"), "cannot be corrected"),
    ],
)
def test_what_cannot_be_corrected_is_refused_with_a_sentence(fix, said):
    with pytest.raises(OutstandingError, match=said):
        check(fix, DIMENSIONS)


def test_a_negative_value_of_the_source_can_be_corrected_and_a_fine_one_too():
    odd = TABLES["customers"].with_columns(terms_days=pl.lit("-5"), credit_limit=pl.lit("0.0000001"))
    made = book(tables=TABLES | {"customers": odd})
    for column in ("terms_days", "credit_limit"):
        fix = value(column, "A", value_of(made, "A", column), "30")
        check(fix, DIMENSIONS)
        assert came(book(fix, tables=TABLES | {"customers": odd})) == {"1": ("applied", 1)}


def test_parents_that_are_not_there_or_go_in_circles_are_refused():
    made = book(value("parent_id", "B", None, "A"))
    check_in(made, value("parent_id", "C", None, "A"))
    with pytest.raises(OutstandingError, match="no customer 'Z'"):
        check_in(made, value("parent_id", "C", None, "Z"))
    with pytest.raises(OutstandingError, match="the other way round"):
        check_in(made, value("parent_id", "A", None, "B"))


def test_who_is_only_on_documents_is_not_corrected():
    """A fix changes a row that the source gives, and here it gives none: the fix would never be applied."""
    stranger = TABLES | {"documents": TABLES["documents"].with_columns(customer_id=pl.Series(["A", "B", "Z"]))}
    made = book(tables=stranger)
    with pytest.raises(OutstandingError, match="customer master does not have Z"):
        check_in(made, value("region", "Z", None, "North"))
    with pytest.raises(OutstandingError, match="no customer 'Y'"):
        check_in(made, value("region", "Y", None, "North"))
    assert came(book(value("region", "Z", None, "North"), tables=stranger)) == {"1": ("nothing", 0)}


def test_a_dimension_that_customers_do_not_have_is_not_corrected_customer_by_customer():
    own = replace(RULES, dimensions={**DIMENSIONS, "channel": "Channel"})
    wide = {"documents": TABLES["documents"].with_columns(channel=pl.lit("Web"))}
    made = build_book(TABLES | wide, own)
    with pytest.raises(OutstandingError, match="Customers have no channel here"):
        check_in(made, value("channel", "A", None, "Shop"))


def test_only_what_can_be_corrected_is_offered():
    """How customers pay is worked out, and the general ledger's balances name the entity."""
    own = replace(RULES, dimensions={**DIMENSIONS, "behaviour": "Payment behaviour", "channel": "Channel"})
    made = build_book(TABLES, own)
    assert readable(made) == {"region": "Region"}, "nobody has a segment or a channel"
    assert "behaviour" not in of_customers(made)
    assert not {"entity", "channel", "customer_id"} & set(of_customers(made))
    for fix in (value("behaviour", "A", None, "Prompt"), reading("behaviour", "Prompt", "Late")):
        with pytest.raises(OutstandingError, match="How customers pay is worked out"):
            check_in(made, fix)


def test_a_reading_of_a_value_that_no_row_has_is_refused_with_the_nearest():
    made = book(reading("entity", "Mian", "Main"))
    with pytest.raises(OutstandingError, match="No row has the region 'Norht'; did you mean 'North'"):
        check_in(made, reading("region", "Norht", "North"))
    check_in(made, reading("region", "Nord", "North"))
    check_in(made, reading("entity", "Mian", "Head"))


def test_what_the_books_say_is_what_a_fix_expects():
    made = book()
    for column in ("region", "credit_limit", "terms_days"):
        for key in ("A", "B", "C"):
            to = "9" if column != "region" else "Elsewhere"
            fix = value(column, key, value_of(made, key, column), to)
            check(fix, DIMENSIONS)
            assert came(book(fix)) == {"1": ("applied", 1)}
    assert values(made, "region") == ["Nord", "North"]
