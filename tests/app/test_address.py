"""The address decides: jumps to another page, coming back, and what a link carries."""

from __future__ import annotations

import pytest

from ui import address

pytestmark = pytest.mark.usefixtures("published")

CUSTOMERS, CHANGES = "pages/receivables/customers.py", "pages/summary/changes.py"


def jump(app, page, **parameters):
    """As a click does it that leads to another page."""
    app.session_state[address._GOING] = (page, parameters)
    return app.run()


def test_a_jump_opens_the_page_with_what_is_shared_and_its_own(opened):
    app = jump(
        opened("summary/changes", region="South", group="segment"), CUSTOMERS, region=["South"], customer=["C02"]
    )
    assert not app.exception
    assert app.title[0].value.startswith("\\<script\\>")
    mark = app.query_params["via"]
    assert dict(app.query_params) == {"region": "South", "customer": "C02", "via": mark}


def test_coming_back_from_a_jump_restores_the_page_it_left(opened):
    """Streamlit leaves the new parameters on the old page in the browser's history: that entry must not be believed."""
    app = jump(
        opened("summary/changes", region="South", group="segment"), CUSTOMERS, region=["South"], customer=["C02"]
    )
    mark = app.query_params["via"]
    app.switch_page(CHANGES)
    app.query_params.update({"region": "South", "customer": "C02", "via": mark})
    app.run()
    assert not app.exception
    assert dict(app.query_params) == {"region": "South", "group": "segment"}


@pytest.mark.parametrize("via", ["0", "7", "-1", "x", "1"])
def test_a_jump_that_this_visit_did_not_make_changes_nothing(opened, via):
    app = opened("summary/changes", region="South", via=via)
    assert not app.exception
    assert not app.warning
    assert app.multiselect(key="region").value == ["South"]


def test_a_further_choice_drops_the_number_of_the_jump(opened):
    app = jump(opened(), CUSTOMERS, customer=["C02"])
    app.multiselect(key="region").set_value(["South"]).run()
    assert dict(app.query_params) == {"customer": "C02", "region": "South"}


def test_the_link_to_copy_says_day_window_and_comparison_also_where_they_are_as_usual(opened):
    app = opened("receivables/aging", region="South")
    (link,) = [code.value for code in app.code if "?" in code.value]
    assert link.endswith("?region=South&as_of=2026-06-30&window=3mo&compare=year")


@pytest.mark.parametrize(
    ("key", "asked", "said"),
    [
        ("compare", "tomorrow", "Compare with cannot be 'tomorrow'"),
        ("numbers", "bn", "Money cannot be 'bn'"),
        ("differences", "none", "Differences cannot be 'none'"),
    ],
)
def test_what_no_widget_offers_is_said(opened, key, asked, said):
    app = opened(**{key: asked})
    assert not app.exception
    assert [warning.value.replace("\\", "").startswith(said) for warning in app.warning] == [True]


@pytest.mark.parametrize("asked", ["TARGET", "Target", "target"])
def test_capitals_do_not_matter(opened, asked):
    assert opened(compare=asked).selectbox(key="compare").value == "target"
