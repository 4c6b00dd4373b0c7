"""Why it moved: the message, who and what made the change, the clicks, and what an address may say."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from ledger.build import build_book
from metrics import CATALOG, evaluate, explain, text
from metrics.reasons import sentences
from tests.app import company
from ui import changes, contributions, store

N = text.NBSP
PAGE = "summary/changes"
MAY, MARCH = date(2026, 5, 31), date(2026, 3, 31)
_PLAIN = str.maketrans({N: " ", "\\": None, "\u2060": None})


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Answers of another test's company must not be met again."""
    store.forget()
    yield
    store.forget()


@pytest.fixture(scope="module")
def book():
    return build_book(company.tables(), company.rules(), source="books")


def title(app):
    return app.title[0].value.translate(_PLAIN)


def words(app):
    kinds = ("title", "markdown", "caption", "info", "warning")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind)).translate(_PLAIN)


def charts(app):
    return [element.proto for element in app.get("vega_lite_chart")]


def lines(app, by):
    """The groups that are named in the lines."""
    return [each for each in app.button if (each.key or "").startswith(f"line_{by}_")]


def rows(*found, by="region", metric="overdue_share"):
    """``(group, part, contribution)`` as ``metrics.explain`` answers."""
    columns = ["from", "to", "window", by, "currency", "metric", "part", "contribution", "unit"]
    unit = CATALOG[metric].unit.value
    told = [(MARCH, MAY, "3mo", group, "USD", metric, part, float(moved), unit) for group, part, moved in found]
    types = dict.fromkeys(columns, pl.String) | {"from": pl.Date, "to": pl.Date, "contribution": pl.Float64}
    return pl.DataFrame(told, schema=types, orient="row")


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_it_leads_with_the_change_and_draws_who_and_what(opened, book):
    app = opened(PAGE, as_of="2026-06-30")
    assert not app.exception
    before, now = evaluate(book, ["dso"], [MARCH, company.LAST])["value"]
    size = text.change(now - before, "days").translate(_PLAIN).strip("+−")
    assert title(app).startswith(f"DSO {text.direction(now - before)} {size} from 31 Mar to 30 Jun 2026")
    assert len(charts(app)) == 2
    assert "By segment · DSO, days" in words(app)
    assert "By part, within each segment · DSO, days" in words(app)
    assert "Late payment: what is overdue" in words(app).replace("**", "")


@pytest.mark.parametrize("metric", [id for id, metric in CATALOG.items() if not metric.own])
@pytest.mark.usefixtures("published")
def test_every_number_that_can_be_split_is_offered_and_shown(opened, metric):
    app = opened(PAGE, change_of=CATALOG[metric].label, change_since="A month before")
    assert not app.exception
    assert not app.warning
    assert app.selectbox(key="change_of").value == CATALOG[metric].label
    assert title(app).startswith(CATALOG[metric].label)
    assert charts(app) or app.info


@pytest.mark.parametrize(
    ("since", "start"),
    [("The window's opening", MARCH), ("A month before", MAY), ("A year before", date(2025, 6, 30)),
     ("2026-05-14", date(2026, 5, 14))],
)  # fmt: skip
@pytest.mark.usefixtures("published")
def test_the_day_that_it_is_counted_from_is_in_the_address(opened, book, since, start):
    app = opened(PAGE, change_of="Total AR", change_since=since)
    whole = explain(book, "total_ar", start, company.LAST)
    assert title(app).split(":")[0] == sentences(whole)[0].split(":")[0].translate(_PLAIN)


@pytest.mark.parametrize("by", ["region", "segment", "customer"])
@pytest.mark.usefixtures("published")
def test_the_table_ends_with_the_change_itself(opened, book, by):
    app = opened(PAGE, change_of="Overdue", change_since="A month before", group=by)
    table = app.dataframe[0].value
    before, now = evaluate(book, ["overdue"], [MAY, company.LAST])["value"]
    assert table.iloc[-1, 0] == "Together"
    assert table["Together"].iloc[-1] == text.change(now - before, "money", "USD")
    assert set(table.columns[1:-1]) == {"Open balance", "Late share"}


@pytest.mark.usefixtures("published")
def test_money_that_is_a_plain_sum_has_no_parts(opened):
    app = opened(PAGE, change_of="Billed", change_since="A year before")
    assert len(charts(app)) == 1
    assert list(app.dataframe[0].value.columns) == ["Segment", "Change"]


@pytest.mark.usefixtures("published")
def test_a_group_in_a_line_narrows_to_it(opened):
    app = opened(PAGE, change_of="Overdue", change_since="A month before", group="segment")
    (button, *_) = lines(app, "region")
    name = button.label.translate(_PLAIN).rpartition(" (")[0]
    button.click().run()
    assert not app.exception
    assert app.multiselect(key="region").value == ["Unassigned" if name == "no region" else name]
    assert not lines(app, "region")


@pytest.mark.usefixtures("published")
def test_a_customer_in_a_line_is_opened(opened):
    app = opened(PAGE, change_of="Overdue", change_since="A month before")
    (button, *_) = lines(app, "customer")
    button.click().run()
    assert not app.exception
    assert button.label.translate(_PLAIN).rpartition(" (")[0] in title(app)


@pytest.mark.usefixtures("published")
def test_a_link_chooses_what_is_explained(opened):
    app = opened(PAGE, change_of="Total AR", group="region")
    assert title(app).startswith("Total AR ")
    assert app.selectbox(key="change_of").value == "Total AR"
    assert "By region · Total AR" in words(app)


@pytest.mark.usefixtures("published")
def test_the_overview_leads_here(opened):
    for chosen, asked in (("Why DSO changed", "change_of=DSO&group=segment"), ("AR movement", "change_of=Total+AR")):
        app = opened(overview_change=chosen)
        assert asked in [each.proto.query_string for each in app.get("page_link") if each.proto.page == "changes"]


# --- what cannot be told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"change_of": "Count-back DSO"}, "Count-back DSO ('dso_countback') cannot be split"),
        ({"change_of": "dso_countback"}, "Count-back DSO ('dso_countback') cannot be split"),
        ({"change_since": "2026-06-30"}, "30 Jun 2026 is not before 30 Jun 2026"),
        ({"change_since": "2024-08-31"}, "the history begins on"),
        ({"as_of": "2099-12-31"}, "is not defined on 30 Sep 2099"),
    ],
)
@pytest.mark.usefixtures("published")
def test_what_cannot_be_told_is_one_sentence_and_the_choices_stay(opened, asked, said):
    app = opened(PAGE, **asked)
    assert not app.exception
    assert not app.error
    assert title(app).endswith("moved cannot be told")
    assert said in app.info[0].value.translate(_PLAIN)
    assert app.selectbox(key="change_of").value
    assert not charts(app)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"change_of": "DSI"}, "There is no number 'DSI'; did you mean 'DSO'? Shown is DSO instead."),
        ({"change_since": "yesterday"}, "'yesterday' is not a day: write it as 2026-05-15."),
        ({"change_of": ":red[**x**]"}, "There is no number ':red[**x**]'"),
    ],
)
@pytest.mark.usefixtures("published")
def test_an_address_that_is_not_understood_is_told(opened, asked, said):
    app = opened(PAGE, **asked)
    assert not app.exception
    assert said in app.warning[0].value.translate(_PLAIN)
    assert title(app).startswith("DSO ")


@pytest.mark.usefixtures("published")
def test_a_scope_with_nothing_in_it_says_what_to_change(opened):
    app = opened(PAGE, as_of="2099-12-31", change_of="Disputed")
    assert not app.exception
    assert any("choose Latest" in info.value for info in app.info)


# --- the words and the numbers ------------------------------------------------------------------------------------


def test_a_sentence_is_cut_where_it_names_groups():
    found = changes.told(
        rows(("South (old)", "rate", 0.03), ("North", "rate", 0.02), (None, "rate", -0.001)),
        "region",
        {"region": "Region"},
        {},
    )
    assert found == changes.Line(
        "region",
        (
            ("mostly", None), (f"South (old) (+3.0{N}pts)", "South (old)"),
            ("and", None), (f"North (+2.0{N}pts)", "North"),
        ),
    )  # fmt: skip


def test_a_group_without_a_name_can_be_picked_and_what_follows_is_kept():
    found = changes.told(rows((None, "rate", 0.03), ("North", "mix", -0.02)), "region", {"region": "Region"}, {})
    assert found is not None
    assert found.pieces == (
        ("more than all of it", None),
        (f"no region (+3.0{N}pts)", changes.performance.NONE),
        (f"· without a changed mix by region it would have risen 3.0{N}pts", None),
    )


def test_customers_are_told_by_name_and_picked_by_id():
    found = changes.told(rows(("C1", "rate", 0.03), by="customer"), "customer", {}, {"C1": "A: B; C (D)"})
    assert found is not None
    assert found.pieces == (("mostly", None), (f"A: B; C (D) (+3.0{N}pts)", "C1"))


def test_a_change_that_no_group_made_has_no_line():
    assert changes.told(rows(), "region", {}, {}) is None
    assert changes.told(rows(*((f"R{place}", "rate", 0.001) for place in range(40))), "region", {}, {}) is None


@pytest.fixture
def change(monkeypatch):
    """A made-up change of the overdue share by region with many groups."""
    found = [(f"R{place:02d}", "rate", 0.001 * place) for place in range(1, 20)] + [(None, "mix", -0.05)]
    of = rows(*found)
    total = math.fsum(of["contribution"])
    dimensions = type("Book", (), {"dimensions": {"region": "Region"}})()
    monkeypatch.setattr(changes.store, "book", lambda: dimensions)
    view = changes.View(MAY, "3mo", changes.Scope(), "USD")
    return changes.Change(CATALOG["overdue_share"], view, "region", of, ((MARCH, 0.1), (MAY, 0.1 + total)))


def test_groups_that_are_left_are_summed_and_the_sum_is_the_change(change):
    table = contributions.table(change)
    assert table.height == 20
    assert table.row(0) == (changes.performance.NONE, "no region", -0.05, 0.0, -0.05)
    drawn = contributions.shown(change, table)
    assert drawn["label"].to_list()[-2:] == ["Other (8)", "Together"]
    assert drawn["key"].to_list()[-2:] == [None, None]
    assert drawn["total"][:-1].sum() == pytest.approx(drawn["total"][-1])
    assert drawn["total"][-1] == change.total
    assert drawn.select("mix", "rate").row(-1) == pytest.approx((-0.05, 0.19))


def test_the_download_has_every_group_and_the_sum(change):
    table = contributions.download(change, contributions.table(change))
    assert table.height == 21
    assert table["Contribution"][:-1].sum() == pytest.approx(table["Contribution"][-1])
    assert table.row(-1, named=True) | {"Contribution": 0, "Value now": 0, "Within the groups": 0} == {
        "Metric": "Overdue share", "Unit": "ratio", "From": MARCH, "To": MAY, "Value then": 0.1, "Value now": 0,
        "Region": "Together", "Mix of groups": -0.05, "Within the groups": 0, "Contribution": 0,
    }  # fmt: skip
