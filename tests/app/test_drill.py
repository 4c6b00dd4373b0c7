"""Down from the company to a document, and back."""

from __future__ import annotations

import pytest

from tests.app import company


def buttons(app):
    return [button.label for button in app.button]


def press(app, label):
    next(button for button in app.button if button.label == label).click()
    return app.run()


@pytest.mark.usefixtures("published")
def test_a_customer_in_the_address_opens_its_items(opened):
    app = opened("receivables/aging", customer="0011")
    assert not app.exception
    assert any("**O\\'Neil \\& Sons**" in element.value for element in app.markdown)
    assert app.title[0].value.startswith("O\\'Neil \\& Sons:")


@pytest.mark.usefixtures("published")
def test_a_document_in_the_address_opens_what_settled_it(opened):
    app = opened("receivables/aging", customer="C06", document="C06-05")
    assert not app.exception
    settlements = next(frame.value for frame in app.dataframe if "Left open" in frame.value.columns)
    assert settlements["Left open"].to_list()[-1] == 0


@pytest.mark.usefixtures("published")
def test_an_unknown_document_is_told(opened):
    app = opened("receivables/aging", customer="C06", document="none")
    assert not app.exception
    assert any("is not in this view" in warning.value for warning in app.warning)


@pytest.mark.usefixtures("published")
def test_an_unknown_customer_is_told_and_the_list_is_shown(opened):
    app = opened("receivables/customers", customer="nobody")
    assert not app.exception
    assert any("nobody" in warning.value for warning in app.warning)
    assert app.dataframe


@pytest.mark.usefixtures("published")
def test_an_unknown_customer_on_aging_is_one_sentence(opened):
    app = opened("receivables/aging", customer="nobody")
    assert not app.exception
    assert len(app.error) + len(app.warning) == 1


@pytest.mark.usefixtures("published")
def test_breadcrumbs_lead_back_to_the_company(opened):
    app = opened("receivables/aging", region="South", segment="Retail", customer="C02", bucket="1–30")
    press(app, "Test \\& Sons" if "Test \\& Sons" in buttons(app) else buttons(app)[2])
    assert not app.exception


@pytest.mark.usefixtures("published")
def test_a_group_without_a_value_is_told_once(opened):
    app = opened("receivables/aging", region="Unassigned")
    assert not app.exception
    told = [each.value for each in app.markdown if "Region: Unassigned" in each.value.replace("\u2060", "")]
    assert len(told) == 1
    assert "Unassigned and" not in told[0]


@pytest.mark.usefixtures("published")
def test_grouping_by_customer_lists_customers(opened):
    app = opened("receivables/aging", group="customer")
    assert not app.exception
    assert any("open item" in element.value for element in app.markdown)


@pytest.mark.parametrize("customer", list(company.NASTY))
@pytest.mark.usefixtures("published")
def test_every_customer_has_a_page(opened, customer):
    app = opened("receivables/customers", customer=customer)
    assert not app.exception
    assert not app.error
    assert "Days beyond terms" in {metric.label for metric in app.metric}
    assert any("credit limit of" in element.value for element in app.markdown)


@pytest.mark.usefixtures("published")
def test_search_finds_by_name_and_by_id_in_any_case(opened):
    for words, expected in (("o'neil", ["0011"]), ("c0", [f"C0{n}" for n in range(1, 10)])):
        app = opened("receivables/customers", customers_find=words)
        assert sorted(app.dataframe[0].value["Id"].to_list()) == expected


@pytest.mark.usefixtures("published")
def test_search_without_a_match_says_so(opened):
    app = opened("receivables/customers", customers_find="zzz")
    assert any("No customer matches" in info.value for info in app.info)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", ["receivables/aging", "receivables/cohorts"])
def test_a_link_to_a_customer_that_is_gone_shows_the_page(opened, page):
    app = opened(page, customer="nobody")
    assert not app.exception
    assert not app.error
    assert not any("cannot be shown" in title.value for title in app.title)
    assert bool(app.warning) == (page == "receivables/aging")
