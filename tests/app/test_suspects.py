"""What a person should look at, on the health page: searched for when asked, a check at a time."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from tests.app import company
from ui import suspects


@pytest.fixture
def written_twice(settled):
    """The company with an invoice that was billed twice, and customers of whom one has no credit limit."""
    tables = company.tables()
    again = tables["documents"].filter(pl.col("document_id") == "C03-00").with_columns(document_id=pl.lit("AGAIN"))
    limits = pl.when(pl.col("customer_id") == "C04").then(None).otherwise("credit_limit")
    people = tables["customers"].with_columns(credit_limit=limits)
    company.publish(settled, tables | {"documents": pl.concat([tables["documents"], again]), "customers": people})


def words(app):
    said = "\n".join(element.value for kind in ("markdown", "caption") for element in getattr(app, kind))
    return said.replace("\u00a0", " ").replace("\u2060", "").replace("\\", "")


@pytest.mark.usefixtures("written_twice")
def test_nothing_is_searched_before_somebody_asks(opened):
    app = opened("data/health")
    assert "Look-alikes, outliers and gaps" in words(app)
    assert "to look at" not in words(app)
    app.button(key="suspects_search").click().run()
    assert not app.exception
    assert "2 rows to look at, by 2 checks" in words(app)
    assert "gap" in app.query_params[suspects.LOOK]


@pytest.mark.usefixtures("written_twice")
def test_each_check_lists_its_rows(opened):
    app = opened("data/health", health_look="same_amount")
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "Why" in frame.value.columns)
    (row,) = table[["Document", "Why", "Amount"]].to_numpy().tolist()
    assert row == ["C03-00", "the same amount as AGAIN, 0 days apart", float(Decimal(1200))]
    gaps = opened("data/health", health_look="gap")
    table = next(frame.value for frame in gaps.dataframe if "Why" in frame.value.columns)
    assert list(table.columns) == ["Customer", "Why", "Amount", "Currency"], "a column of nothing is not shown"
    assert table["Why"].to_list() == ["no credit limit"]


@pytest.mark.usefixtures("published")
def test_an_unknown_check_and_nothing_found_are_no_fault(opened):
    app = opened("data/health", health_look="nonsense")
    assert not app.exception
    assert "Nothing to look at" in words(app)
