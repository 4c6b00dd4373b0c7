"""The figures that Plotly draws, on their pages: what they hold, how they obey filters, and the way down from them."""

from __future__ import annotations

import json

import polars as pl
import pytest

import metrics
from charts.treemap import REST
from ledger.build import build_book
from tests.app import company
from ui import address, drill, filters, flows, treemap

pytestmark = pytest.mark.usefixtures("published")

CONCENTRATION, PROVISION = "risk/concentration", "risk/provision"


def drawn(app, key):
    """The trace of a chart, and the chart itself."""
    chart = next(each for each in app.get("plotly_chart") if f"chart_{key}" in each.proto.id)
    return json.loads(chart.proto.spec)["data"][0], chart.proto


def asked(app, key):
    """What the address says of ``key``, which AppTest gives as it was written: as text or as a list."""
    told = app.query_params[key]
    return told if isinstance(told, str) else told[0]


def groups(trace):
    outermost = (id for id, parent in zip(trace["ids"], trace["parents"], strict=True) if not parent)
    return {json.loads(id)[0] for id in outermost}


def test_the_map_holds_all_that_is_open_by_the_first_grouping(opened):
    app = opened(CONCENTRATION)
    trace, proto = drawn(app, "holders")
    assert trace["type"] == "treemap"
    assert groups(trace) == {"North", "South", None}
    assert json.loads(proto.config)["displayModeBar"] is False
    assert proto.alt
    book = build_book(company.tables(), company.rules(), source="books")
    aged = metrics.aging(book, [company.LAST]).filter(pl.col("bucket") != "unapplied")
    assert sum(trace["values"]) == pytest.approx(aged["amount"].sum())


def test_the_map_obeys_filters_and_offers_what_is_left(opened):
    trace, _ = drawn(opened(CONCENTRATION, region="North"), "holders")
    assert groups(trace) == {"Industry", "Retail"}
    trace, _ = drawn(opened(CONCENTRATION, region="North", segment="Retail"), "holders")
    assert set(trace["parents"]) == {""}


def test_an_address_chooses_the_grouping_and_one_that_is_gone_is_passed_over(opened):
    trace, _ = drawn(opened(CONCENTRATION, holders_by="segment"), "holders")
    assert groups(trace) == {"Industry", "Retail"}
    app = opened(CONCENTRATION, holders_by="region", region="North")
    trace, _ = drawn(app, "holders")
    assert groups(trace) == {"Industry", "Retail"}
    assert not app.warning


def test_a_button_leads_down_as_a_tile_does(opened):
    app = opened(CONCENTRATION)
    button = next(each for each in app.button if each.label.startswith("North"))
    app = button.click().run()
    assert asked(app, "region") == "North"
    trace, _ = drawn(app, "holders")
    assert groups(trace) == {"Industry", "Retail"}


@pytest.fixture
def gone(monkeypatch):
    """What the callbacks asked for, instead of doing it."""
    done = []
    monkeypatch.setattr(filters, "narrow", lambda *words: done.append(("narrow", *words)))
    monkeypatch.setattr(drill, "open_customer", lambda key: done.append(("customer", key)))
    monkeypatch.setattr(address, "put", lambda *changes: done.append(("put", *changes)))
    return done


@pytest.mark.parametrize(
    ("path", "by", "wanted"),
    [
        (("North",), "region", [("narrow", "region", "North"), ("put", {"holders_by": None})]),
        ((None,), "region", [("narrow", "region", None), ("put", {"holders_by": None})]),
        (("North", "C01"), "region", [("customer", "C01")]),
        (("North", None), "region", [("customer", "-")]),
        (("North", REST), "region", [("narrow", "region", "North"), ("put", {"holders_by": None})]),
        ((REST,), "region", []),
        (("C01",), None, [("customer", "C01")]),
        ((REST,), None, []),
    ],
)
def test_a_click_goes_one_level_down(gone, path, by, wanted):
    treemap._picked(json.dumps(path), by)
    assert gone == wanted


def test_a_click_beside_all_tiles_leads_nowhere(gone):
    treemap._picked(None, "region")
    assert gone == []


def test_the_ribbons_start_from_the_windows_opening_and_their_table_adds_up(opened):
    app = opened(PROVISION)
    trace, proto = drawn(app, "flows")
    assert trace["type"] == "sankey"
    assert proto.alt
    table = next(each.value for each in app.dataframe if "Still open" in each.value.columns)
    total = table.iloc[-1]
    assert total["Opening"] == pytest.approx(sum(trace["link"]["value"]))
    assert total["Opening"] == pytest.approx(table["Opening"].iloc[:-1].sum())
    parts = ["Paid", "Credited", "Still open", "Written off"]
    assert total["Opening"] == pytest.approx(total[parts].sum())


def test_what_was_current_is_followed_too_when_asked_for(opened):
    overdue, _ = drawn(opened(PROVISION), "flows")
    all_of_it, _ = drawn(opened(PROVISION, flows_of="all"), "flows")
    assert sum(all_of_it["link"]["value"]) > sum(overdue["link"]["value"])


def test_before_the_history_there_is_a_sentence_instead(opened):
    app = opened(PROVISION, window="60mo")
    assert not app.exception
    assert not [each for each in app.get("plotly_chart") if "flows" in each.proto.id]
    assert any("Nothing was overdue on" in each.value for each in app.markdown)


@pytest.mark.parametrize(("row", "bucket"), [("1–30", "1–30"), ("Total", None)])
def test_a_row_leads_to_the_items_it_was_made_of(monkeypatch, row, bucket):
    gone = []
    monkeypatch.setattr(address, "go", lambda *words: gone.append(words))
    flows._open(row, company.LAST)
    assert gone == [("pages/receivables/aging.py", {"as_of": company.LAST.isoformat(), "bucket": bucket})]
