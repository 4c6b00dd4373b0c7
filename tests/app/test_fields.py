"""The fields of the source on the health page: how much is filled, what changed, one's values, money unassigned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from briefing import fields as told
from ledger.build import build_book
from ledger.store import Store
from tests.app import company
from ui import fields


@pytest.fixture
def emptied(settled):
    """Two snapshots: by the second half of the documents have lost their number, and there is a new region."""
    store, rows = Store(settled / "data"), company.tables()
    now = datetime.now(UTC)
    first = store.publish(build_book(rows, company.rules(), source="books"), now - timedelta(days=1))
    place = pl.int_range(pl.len())
    region = pl.when(pl.col("document_id") == "P1").then(pl.lit("Atlantis")).otherwise("region")
    changed = rows["documents"].with_columns(
        number=pl.when(place % 2 == 0).then(pl.col("number")),
        region=region.alias("region"),
        due_date=pl.when(place > 1).then(pl.col("due_date")),
    )
    second = build_book(rows | {"documents": changed}, company.rules(), source="books", before=first)
    store.publish(second, now)


def words(app):
    said = "\n".join(element.value for kind in ("markdown", "caption") for element in getattr(app, kind))
    return said.replace("\u00a0", " ").replace("\u2060", "").replace("\\", "")


def table(app, column):
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


@pytest.mark.usefixtures("emptied")
def test_fields_that_changed_come_first_with_what_changed(opened):
    app = opened("data/health")
    assert not app.exception
    assert "2 of 19 fields have changed sharply since the snapshot before" in words(app)
    rows = table(app, "Change")
    assert rows["Change"][:3].to_list() == ["less filled", "new value", ""]
    assert rows["Field"][0] == "number"
    assert (rows["Filled"][0], rows["Before"][0]) == (133 / 265, 1.0)


@pytest.mark.usefixtures("emptied")
def test_a_field_shows_its_values_beside_those_before(opened):
    app = opened("data/health", **{fields.FIELD: "documents.region"})
    assert not app.exception
    assert "Region of documents has a value that never was" in words(app)
    rows = table(app, "Share before")
    # 11 customers in turn: four are of the North, four of the South, three of none; the payment was of the North.
    assert rows[["Value", "Rows"]].to_numpy().tolist() == [["North", 96], ["South", 96], ["Atlantis", 1]]
    assert rows["Share"][0] == 96 / 193
    app.button(key=f"close_{fields.FIELD}").click().run()
    assert fields.FIELD not in app.query_params


def test_a_field_that_is_gone_is_still_listed():
    rows = company.tables()
    first = build_book(rows, company.rules())
    without = build_book(rows | {"documents": rows["documents"].drop("number")}, company.rules(), before=first)
    row = told.table(without).row(0, named=True)
    assert (row["column"], row["shift"], row["filled"], row["filled_before"]) == ("number", "gone", None, 1.0)
    assert told.sentences(without) == ["number of documents is no longer given; 100.0\u00a0% of the rows had it"]


@pytest.mark.usefixtures("published")
def test_an_unknown_field_and_a_first_snapshot_are_no_fault(opened):
    for nonsense in ("documents.nonsense", "x", "."):
        app = opened("data/health", **{fields.FIELD: nonsense})
        assert not app.exception
    assert "there is no snapshot before to compare with" in words(app)
    assert "Change" not in table(app, "Its share").columns


@pytest.mark.usefixtures("published")
def test_money_without_a_region_is_told(opened):
    app = opened("data/health")
    rows = table(app, "Share of all that is open")
    assert rows["Dimension"].to_list() == ["Region"]
    # C03, C06 and C09.
    assert rows["Customers"].to_list() == [3]


@pytest.mark.usefixtures("emptied")
def test_rules_have_a_trend(opened):
    trend = table(opened("data/health"), "Trend")
    (found,) = trend[["Rule", "Rows", "Trend"]].to_numpy().tolist()
    assert (found[0], found[1], list(found[2])) == ("due date missing", 2, [0, 2])
