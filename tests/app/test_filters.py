"""The shared filters: kept across pages, checked, and told when a link asks for something else."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs

import pytest


def value(app, key):
    found = {widget.key: widget for kind in ("selectbox", "multiselect") for widget in getattr(app, kind)}
    return found[key].value


def total(app):
    return next(metric.value for metric in app.metric if metric.label == "Total AR")


@pytest.mark.usefixtures("published")
def test_filters_are_kept_across_pages(opened):
    app = opened(as_of="2026-03-31", region="South", window="6mo")
    for script in ("receivables/aging", "receivables/customers", "data/health", "help/glossary", "summary/overview"):
        app.switch_page(f"pages/{script}.py").run()
        assert not app.exception
        assert (value(app, "as_of"), value(app, "region"), value(app, "window")) == ("2026-03-31", ["South"], "6mo")


@pytest.mark.usefixtures("published")
def test_filters_narrow_every_number(opened):
    whole, part = total(opened()), total(opened(region="South"))
    assert whole != part


@pytest.mark.usefixtures("published")
def test_unassigned_is_a_choice(opened):
    app = opened(region="Unassigned")
    assert not app.exception
    assert value(app, "region") == ["Unassigned"]
    assert total(app) != total(opened())


@pytest.mark.usefixtures("published")
def test_the_parts_of_a_dimension_add_up_to_the_whole(opened):
    app = opened("receivables/aging")
    chosen = {}
    for region in (None, "North", "South", "Unassigned"):
        app = opened("receivables/aging", **({"region": region} if region else {}))
        items = next(element.value for element in app.markdown if "open item" in element.value)
        chosen[region] = int(items.strip("*").split("\u00a0")[0].replace(",", ""))
    assert chosen[None] == chosen["North"] + chosen["South"] + chosen["Unassigned"]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"as_of": "soon"}, "is not a day"),
        ({"as_of": "1066-10-14"}, "too far away"),
        ({"window": "a while"}, "is not a window"),
        ({"region": "Sout"}, "did you mean \\'South\\'"),
        ({"regoin": "South"}, "did you mean \\'region\\'"),
    ],
)
@pytest.mark.usefixtures("published")
def test_what_a_link_asks_in_vain_is_told(opened, parameters, told):
    app = opened(**parameters)
    assert not app.exception
    assert any(told in warning.value for warning in app.warning)


@pytest.mark.usefixtures("published")
def test_a_note_on_a_link_goes_when_the_reader_moves_on(opened):
    app = opened(region="Nowhere")
    app.run()
    assert any("Nowhere" in warning.value for warning in app.warning)
    app.multiselect(key="region").set_value(["South"]).run()
    assert not any("Nowhere" in warning.value for warning in app.warning)


@pytest.mark.usefixtures("published")
def test_any_day_and_any_window_can_be_typed(opened):
    app = opened(as_of="2026-05-14", window="45d")
    assert not app.warning
    facts = " ".join(caption.value for caption in app.caption)
    assert "14\u00a0May\u00a02026" in facts
    assert "45\u00a0days" in facts


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("written", "shown"), [("6mo", "6\u00a0months"), ("6 months", "6\u00a0months"), ("45 days", "45\u00a0days")]
)
def test_a_window_may_be_written_in_words(opened, written, shown):
    app = opened(window=written)
    assert not app.warning
    assert any(shown in caption.value for caption in app.caption)


@pytest.mark.usefixtures("published")
def test_a_window_of_eight_centuries_breaks_nothing(opened):
    app = opened(window="9999mo", as_of="1990-01-01")
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("published")
def test_any_day_can_be_picked_from_a_calendar(opened):
    app = opened()
    app.date_input(key="_picked_day").set_value(date(2026, 5, 14)).run()
    assert value(app, "as_of") == "2026-05-14"


@pytest.mark.usefixtures("published")
def test_reset_lifts_every_filter(opened):
    app = opened(as_of="2026-03-31", region="South", window="6mo")
    next(button for button in app.button if button.label == "Reset").click().run()
    assert (value(app, "as_of"), value(app, "region"), value(app, "window")) == ("latest", [], "3mo")


@pytest.mark.usefixtures("published")
def test_copied_link_says_every_filter(opened):
    app = opened(region=["South", "North"])
    link = next(code.value for code in app.code)
    assert "as_of=2026-06-30" in link
    assert "window=3mo" in link
    assert "region=South&region=North" in link


@pytest.mark.usefixtures("published")
def test_a_link_to_another_page_carries_all_that_pages_share_and_nothing_of_this_one(opened):
    app = opened("receivables/aging", region=["South", "North"], as_of="2026-05-31", compare="period", bucket="1–30")
    assert not app.exception
    drawn = {each.proto.label: parse_qs(each.proto.query_string) for each in app.get("page_link")}
    assert drawn["Customers"] == {"region": ["South", "North"], "as_of": ["2026-05-31"], "compare": ["period"]}


@pytest.mark.usefixtures("published")
def test_what_a_reader_chooses_is_written_and_what_is_usual_is_not(opened):
    app = opened()
    app.selectbox(key="as_of").set_value("2026-05-31").run()
    app.multiselect(key="region").set_value(["South"]).run()
    app.selectbox(key="compare").set_value("target").run()
    assert dict(app.query_params) == {"as_of": "2026-05-31", "region": "South", "compare": "target"}
    app.selectbox(key="as_of").set_value("latest").run()
    app.multiselect(key="region").set_value([]).run()
    app.selectbox(key="compare").set_value("year").run()
    assert dict(app.query_params) == {}


@pytest.mark.usefixtures("published")
def test_the_address_decides_also_when_it_changes_under_an_open_page(opened):
    """As the browser's Back does it."""
    app = opened(region="South", window="6mo")
    assert (value(app, "region"), app.selectbox(key="window").value) == (["South"], "6mo")
    app.query_params.clear()
    app.query_params["region"] = "North"
    app.run()
    assert (value(app, "region"), app.selectbox(key="window").value) == (["North"], "3mo")
