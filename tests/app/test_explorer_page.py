"""The explorer on the screen: which days, what cannot be asked, starting points, the address, and the way down."""

from __future__ import annotations

import json
from datetime import date

import pytest
from click.testing import CliRunner

from briefing.view import View
from cli import cli
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, text
from tests.app import company
from ui import address, explorer, explorer_down, explorer_figures, explorer_table, store
from ui.explorer_answer import Kind, answer
from ui.explorer_question import (
    ALL,
    DAY,
    METRICS,
    TIME,
    Asked,
    Draw,
    Question,
    Show,
    days,
    is_days,
    problem,
    undrawable,
    usual_rank,
)

PAGE = "reports/explorer"
LABELS = (("region", "Region"), ("segment", "Segment"))
LAST = company.LAST
_PLAIN = str.maketrans({text.NBSP: " ", "\\": None, "\u2060": None})


def plain(words):
    return words.translate(_PLAIN)


def said(app):
    kinds = ("title", "markdown", "caption", "info", "warning", "error")
    return plain("\n".join(element.value for kind in kinds for element in getattr(app, kind)))


def charts(app):
    return app.get("vega_lite_chart")


def table(app):
    return app.dataframe[0].value


def asked(*metrics, rows=("segment",), columns=METRICS, on=(LAST,), **how):
    how = {"rank": usual_rank(metrics), "window": "3mo", "scope": COMPANY, "currency": "USD", "labels": LABELS, **how}
    return Asked(tuple(metrics), tuple(rows), columns, tuple(on), **how)


def question(of, *, dates=DAY, show=(Show.VALUE, Show.CHANGE), draw=Draw.TABLE):
    view = View(of.day, of.window, of.scope, of.currency, against=of.against)
    return Question(view, of, dates, show, draw)


@pytest.fixture
def begun(published):  # noqa: ARG001
    """The shared company with the caches of the app, without a page."""
    store.begin()


def kpi(*words):
    """What the command line answers, as rows."""
    made = CliRunner().invoke(cli, ["kpi", *words, "--format", "json"], catch_exceptions=False)
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)


# --- which days ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("day", ["2026-06-30"]),
        ("3m", ["2026-04-30", "2026-05-31", "2026-06-30"]),
        ("3q", ["2025-12-31", "2026-03-31", "2026-06-30"]),
        ("2y", ["2025-12-31", "2026-06-30"]),
        ("2026-05-15", ["2026-05-15", "2026-05-31", "2026-06-30"]),
        ("2026-05-31", ["2026-05-31", "2026-06-30"]),
        ("2027-01-01", ["2026-06-30"]),
    ],
)
def test_days_are_the_ends_of_periods_and_the_as_of_day_last(written, meant):
    assert is_days(written)
    assert [day.isoformat() for day in days(written, date(2026, 6, 30))] == meant


def test_the_as_of_day_ends_a_series_also_within_a_month():
    assert days("2q", date(2026, 5, 15)) == (date(2026, 3, 31), date(2026, 5, 15))


@pytest.mark.parametrize("written", ["", "13", "m", "0m", "13w", "2026-02-30", "9999m"])
def test_anything_else_is_no_choice_of_dates(written):
    assert not is_days(written)


# --- what cannot be asked -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"x_metrics": "-"}, "choose at least one"),
        ({"x_rows": "segment", "x_then": "segment"}, "choose another second level"),
        ({"x_rows": "region", "x_columns": "region"}, "put something else in the columns"),
        ({"x_dates": "13m"}, "put time in the columns"),
        ({"x_metrics": "dso", "x_show": "share"}, "choose an amount such as Overdue"),
        ({"x_metrics": "overdue", "x_show": "share", "x_rows": "time"}, "group the rows or the columns"),
        (
            {"x_metrics": list(CATALOG)[:20], "x_columns": "time", "x_dates": "13m"},
            "choose fewer metrics or days",
        ),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_that_says_what_to_change(opened, parameters, words):
    app = opened(PAGE, **parameters)
    assert not app.exception
    assert words in said(app)
    assert not charts(app)
    assert not app.dataframe
    assert len(app.info) == 1


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"x_draw": "lines"}, "put time in the columns"),
        ({"x_draw": "bars", "x_columns": "region"}, "choose lines or a heat map"),
        ({"x_metrics": "dso", "x_draw": "stacked", "x_columns": "region"}, "choose a heat map"),
        ({"x_metrics": "overdue", "x_draw": "stacked"}, "put time or a dimension in the columns"),
        ({"x_draw": "heat"}, "put time or a dimension in the columns"),
    ],
)
def test_what_cannot_be_drawn_leaves_the_table(opened, parameters, words):
    app = opened(PAGE, **parameters)
    assert not app.exception
    assert words in said(app)
    assert not charts(app)
    assert len(app.dataframe) == 1


@pytest.mark.parametrize(
    ("of", "draw"),
    [
        (asked("dso"), Draw.LINES),
        (asked("dso", columns="region"), Draw.BARS),
        (asked("dso", columns="region"), Draw.STACKED),
        (asked("dso"), Draw.HEAT),
    ],
)
def test_the_button_beside_a_sentence_mends_it(of, draw):
    trouble = undrawable(question(of, draw=draw))
    assert trouble
    changed = dict(trouble.changes)
    columns = changed.get("x_columns") or of.columns
    on = days("13m", LAST) if columns == TIME else of.days
    mended = question(asked(*of.metrics, columns=columns, on=on), draw=Draw(changed.get("x_draw", draw)))
    assert problem(mended) is None
    assert undrawable(mended) is None


@pytest.mark.usefixtures("published")
def test_what_an_address_asks_for_and_nobody_knows_is_told(opened):
    app = opened(PAGE, x_metrics=["dso", "dzo"], x_rows="nowhere", x_dates="soon", x_top="7")
    assert not app.exception
    told = said(app)
    assert "There is no metric 'dzo'" in told
    assert "'soon' is no choice of dates" in told
    assert len(app.warning) == 4
    assert len(app.dataframe) == 1


@pytest.mark.usefixtures("published")
def test_days_before_the_history_are_left_out_and_told(opened):
    app = opened(PAGE, x_metrics="overdue", x_columns="time", x_dates="36m", x_show="value")
    assert "before the history" in said(app)
    # Two years of invoices: 24 month-ends and the name of the group.
    assert table(app).shape[1] == 25


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_the_first_screen_is_a_useful_view(opened):
    app = opened(PAGE)
    assert not app.exception
    assert plain(app.title[0].value).startswith(("Industry has the highest overdue share", "Retail has the highest"))
    assert len(charts(app)) == 3
    assert table(app).shape == (3, 7)


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("number", range(len(explorer.starts(dict(LABELS)))))
def test_every_starting_point_leads_to_numbers(opened, number):
    app = opened(PAGE, x_rows="time", x_metrics="dso")
    app.button(key=f"x_start_{number}").click().run()
    assert not app.exception
    assert not app.info
    assert charts(app)
    assert app.dataframe
    assert address_of(app) == {
        key: [told] if isinstance(told, str) else list(told)
        for key, told in explorer.starts(dict(LABELS))[number].parameters.items()
    }


def address_of(app):
    return {key: told if isinstance(told, list) else [told] for key, told in dict(app.query_params).items()}


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("draw", list(Draw))
def test_every_drawing_has_its_card_and_the_table(opened, draw):
    app = opened(PAGE, x_metrics="overdue", x_rows="region", x_columns="time", x_draw=draw)
    assert not app.exception
    assert len(app.dataframe) == 1
    assert len(charts(app)) == (0 if draw in (Draw.TABLE, Draw.BARS) else 1)


@pytest.mark.usefixtures("published")
def test_a_choice_is_written_to_the_address_and_restores_the_page(opened):
    app = opened(PAGE)
    app.selectbox(key="x_rows").select("region").run()
    app.multiselect(key="x_metrics").set_value(["overdue"]).run()
    app.selectbox(key="x_columns").select("time").run()
    kept = address_of(app)
    assert kept == {"x_rows": ["region"], "x_metrics": ["overdue"], "x_columns": ["time"]}
    again = opened(PAGE, **kept)
    assert again.title[0].value == app.title[0].value
    assert table(again).equals(table(app))


@pytest.mark.usefixtures("published")
def test_customers_with_hostile_names_are_rows_like_others(opened):
    app = opened(PAGE, x_rows="customer", x_top="all", x_metrics="overdue")
    assert not app.exception
    shown = set(table(app).iloc[:, 0])
    assert {text.name(name) for name in company.NASTY.values()} <= shown


@pytest.mark.parametrize("name", ["O'Neil", 'A "quoted" one', "back\\slash", "no\u00a0break", "tab\tin it", "漢字"])
def test_headings_of_two_lines_hold_no_sign_that_the_browser_would_stumble_over(name):
    told = explorer_table._heading(name)
    # The browser reads Python's notation of a pair of texts as JSON, quotes changed.
    assert json.loads(repr((told, told)).replace("(", "[").replace(")", "]").replace("'", '"')) == [told, told]


# --- down ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def gone(monkeypatch, begun):  # noqa: ARG001
    """What a click changes in the address, and the page it opens."""
    seen: dict[str, object] = {}
    monkeypatch.setattr(address, "put", lambda changes=None, **more: seen.update({**(changes or {}), **more}))
    monkeypatch.setattr(
        address, "go", lambda page, changes=None, **more: seen.update(page=page, **(changes or {}), **more)
    )
    return seen


def click(of, row, column=None):
    explorer_down.from_cell(answer(of), row, column)


def test_a_group_is_narrowed_to_and_divided_by_the_next_dimension(gone):
    click(asked("overdue", rows=("region",)), 0)
    assert gone["region"] in ("North", "South", "Unassigned")
    assert gone["x_rows"] == "segment"


def test_below_the_last_dimension_stand_the_customers(gone):
    click(asked("overdue", rows=("segment",), scope=Scope.of(region="North")), 0)
    assert gone["x_rows"] == "customer"


def test_a_cell_narrows_to_its_row_and_its_column(gone):
    of = asked("overdue", rows=("segment",), columns="region")
    click(of, 0, 0)
    assert gone["segment"] in ("Retail", "Industry")
    assert gone["region"] == answer(of).columns[0].labels[0]
    assert (gone["x_rows"], gone["x_columns"]) == ("customer", None)


def test_a_customer_is_opened_within_what_it_was_clicked_in(gone):
    of = asked("overdue", rows=("region", "customer"), top=20)
    place = next(place for place, row in enumerate(answer(of).rows) if row.kind is Kind.GROUP)
    click(of, place)
    assert gone["page"] == "pages/receivables/customers.py"
    assert gone["customer"] == [answer(of).rows[place].codes[1][1:]]
    assert gone["region"]


def test_the_others_are_shown_each(gone):
    of = asked("overdue", rows=("customer",), top=2)
    click(of, 2)
    assert gone == {"x_top": ALL}


def test_a_sum_leads_nowhere_and_a_day_becomes_the_as_of_day(gone):
    click(asked("overdue"), 2)
    assert gone == {}
    click(asked("overdue", rows=(TIME,), on=days("3m", LAST)), 0)
    assert gone == {"as_of": "2026-04-30"}


def test_a_mark_of_a_chart_means_the_same_as_its_row(gone):
    of = asked("overdue", rows=("region",), columns="segment")
    panel = explorer_figures.panel(answer(of), "overdue", "segment")
    explorer_down.from_mark(of, f"{panel.rows[0].key}\x1e{panel.columns[0].key}")
    assert {"region", "segment"} <= set(gone)
