"""Whatever a dimension is called, it either works or is refused by the settings."""

from __future__ import annotations

import polars as pl
import pytest

from config.settings import AppFile
from ledger import listing
from ledger.calendar import Window
from ledger.facts import BALANCES, FLOWS
from ledger.schema import DOCUMENTS, TABLES
from ledger.scope import Scope
from metrics import (
    Individual,
    Plan,
    aging,
    at_risk,
    cohorts,
    concentration,
    disputed_aging,
    evaluate,
    loss_rates,
    migration,
    movement,
    provision,
    provision_movement,
    rolls,
)
from metrics.movement import LINES
from metrics.parts import PARTS
from tests.ledger.books import book, customer, day, invoice, settled

PLAIN = book([invoice()], [settled("1", "1", "2024-02-01")], rules={"dimensions": {"entity": "Entity"}})
ON = day("2024-05-01")


def used_within():
    """Every name that is a column somewhere in the books or the answers."""
    answers = [
        evaluate(PLAIN), aging(PLAIN), disputed_aging(PLAIN), concentration(PLAIN, ON), movement(PLAIN, ON),
        listing.open_items(PLAIN, ON), listing.documents(PLAIN, ON),
        listing.history(PLAIN, "I1"), PLAIN.quality, PLAIN.quarantine, PLAIN.gl_comparison, *PLAIN.frames.values(),
        cohorts(PLAIN, ON), at_risk(PLAIN, ON),
        rolls(PLAIN, ON), loss_rates(PLAIN, ON), provision(PLAIN, ON), provision_movement(PLAIN, ON),
    ]  # fmt: skip
    names = {name for frame in answers for name in frame.columns}
    names |= {name for table in TABLES.values() for name in table.names}
    working = {"group", "left", "month", "months", "sales", "taken", "counted", "end", "index", "line", "age", "unread"}
    return sorted(names | {*BALANCES, *FLOWS, *PARTS, *LINES, *working})


def refused(name):
    try:
        AppFile(reporting_currency="USD", source="x", dimensions={name: "Its label"})
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("at", ["document", "customer"])
def test_a_dimension_may_have_any_name_that_the_settings_take(at):
    names = [
        name
        for name in used_within()
        if not refused(name) and not (at == "customer" and name in {*DOCUMENTS.names, "region"})
    ]
    there = dict.fromkeys(names, "There")
    documents = [{**invoice(), **(there if at == "document" else {})}, invoice("I2", "50", customer_id="C2")]
    customers = [customer(**(there if at == "customer" else {"name": "There"})), customer("C2")]
    done = book(
        documents, [settled("1", "30", "2024-02-01")], customers, rules={"dimensions": {n: n.title() for n in names}}
    )
    for by in (names, [*names, "customer"]):
        rows = evaluate(done, None, [ON], "12mo", by=by)
        assert dict(rows.filter(pl.col("metric") == "total_ar").select(names[-1], "value").iter_rows()) == {
            "There": 70.0,
            None: 50.0,
        }
        assert aging(done, [ON], by=by)["amount"].sum() == 120
        assert disputed_aging(done, [ON], by=by)["amount"].sum() == 0
        assert movement(done, ON, "12mo", by=by).filter(pl.col("line") == "closing")["amount"].sum() == 120
        assert provision(done, ON, Plan(individual=(Individual(0.5, "C2"),)), by=by)["amount"].sum() == 120
        assert cohorts(done, ON, by=by).filter(pl.col("age") == 30)["billed"].sum() == 150
        assert at_risk(done, ON, by=by)["due"].sum() == 150
        followed = rolls(done, ON, by=by).filter(pl.col("method") == "followed")
        # Until April: 100 current at the end of January and 30 paid, 70 + 50 at the three month-ends after it.
        assert followed["amount"].sum() == 150 + 2 * 120
        assert migration(done, Window.ending(ON, "1mo"), by=by)["amount"].sum() == 120
        assert done.written_off(Window.ending(ON, "12mo"), by=by).is_empty()
    assert concentration(done, ON, by=names)["balance"].sum() == 120
    for name in names:
        assert "There" in done.values(name), name
    chosen = Scope.of(**there)
    assert evaluate(done, ["total_ar"], [ON], scope=chosen)["value"].item() == 70
    assert evaluate(done, ["total_ar"], [ON], scope=Scope.of(customer="C1", **there))["value"].item() == 70
    assert listing.open_items(done, ON, chosen)["open"].to_list() == [70.0]
    assert set(names) <= set(listing.documents(done, ON).columns)
    assert listing.customers(done)["label"].to_list() == ["There", "One"]


@pytest.mark.parametrize(
    "name",
    [
        "as_of",
        "currency",
        "customer",
        "bucket",
        "value",
        "customer_id",
        "document_date",
        "Region",
        "1st",
        "a b",
        "_x",
        "",
    ],
)
def test_names_that_could_not_work_are_refused(name):
    assert refused(name)


@pytest.mark.parametrize(
    "name",
    ["region", "segment", "country", "collector", "sales_rep", "brand", "profit_centre", "dispute_reason", "number"],
)
def test_the_names_that_companies_use_are_taken(name):
    assert not refused(name)
