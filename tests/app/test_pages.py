"""Every page through app.py, in every state a company can be in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache, partial

import polars as pl
import pytest

from config.advice import command
from ledger.build import build_book
from metrics import CATALOG, evaluate, text
from tests.app import company
from ui import states
from ui.markdown import prose

PAGES = (
    "summary/overview",
    "receivables/aging",
    "receivables/customers",
    "receivables/segments",
    "receivables/cohorts",
    "collections/effectiveness",
    "risk/provision",
    "risk/concentration",
    "summary/changes",
    "data/health",
    "alerts/inbox",
    "help/glossary",
)
WITH_DATA = PAGES[:-1]
UNEXPECTED = states.unexpected


def _with_hardly_any_rows(folder, rows):
    tables = {name: frame.head(rows) for name, frame in company.tables().items()}
    company.publish(folder, tables | {"settlements": tables["settlements"].head(0)})


def _in_two_currencies(folder):
    tables = company.tables()
    mixed = tables["documents"].with_columns(
        currency=pl.when(pl.col("customer_id") > "C05").then(pl.lit("EUR")).otherwise(pl.lit("USD"))
    )
    company.publish(folder, tables | {"documents": mixed})


def _with_old_data(folder):
    company.publish(folder, made_at=datetime.now(UTC) - timedelta(days=5))


def _after_a_failed_refresh(folder):
    company.publish(folder)
    company.Store(folder / "data").note_attempt(
        datetime.now(UTC) + timedelta(seconds=1), "The database cannot be reached."
    )


STATES = {
    "without a row": partial(_with_hardly_any_rows, rows=0),
    "with a row": partial(_with_hardly_any_rows, rows=1),
    "in two currencies": _in_two_currencies,
    "with old data": _with_old_data,
    "after a failed refresh": _after_a_failed_refresh,
    "not refreshed yet": lambda _: None,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The company's settings, with its data in a state; each is made once, and its pages are only looked at."""

    @cache
    def config(state):
        folder = tmp_path_factory.mktemp("state")
        settings = company.settle_in(folder)
        STATES[state](folder)
        return settings

    return config


@pytest.fixture
def company_that_is(made, monkeypatch):
    """Puts the company of a state before the screen."""
    return lambda state: monkeypatch.setenv("OUTSTANDING_CONFIG", str(made(state)))


def titles(app):
    return [element.value for element in app.title]


def words(app):
    kinds = ("title", "markdown", "caption", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind))


@pytest.mark.parametrize("script", PAGES)
@pytest.mark.usefixtures("published")
def test_page_runs(opened, script):
    app = opened(script)
    assert not app.exception
    assert not app.error
    assert len(titles(app)) == 1


@pytest.mark.parametrize("script", WITH_DATA)
@pytest.mark.parametrize("day", ["1990-01-01", "2099-12-31", "2026-05-14"])
@pytest.mark.usefixtures("published")
def test_page_runs_on_any_day(opened, script, day):
    app = opened(script, as_of=day)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("script", WITH_DATA[:2])
@pytest.mark.usefixtures("published")
def test_nothing_open_says_what_to_change(opened, script):
    app = opened(script, as_of="1990-01-01")
    assert [info.value for info in app.info if "Latest" in info.value and "filters" not in info.value]
    assert not app.metric
    app.button(key="show_latest").click().run()
    assert app.metric or app.get("vega_lite_chart")


@pytest.mark.usefixtures("published")
def test_a_day_before_the_history_is_no_good_news(opened):
    title = titles(opened(as_of="1990-01-01"))[0]
    assert title.startswith("No data on 1")
    assert "the history runs from" in title


def test_an_empty_filter_is_named(settled, opened):
    tables = company.tables()
    gone = tables["documents"].filter((pl.col("region") == "North") | (pl.col("document_date") < company.LAST))
    gone = gone.filter((pl.col("region") != "South") | (pl.col("document_date") > company.LAST - timedelta(days=60)))
    company.publish(settled, tables | {"documents": gone})
    app = opened(as_of="2025-01-31", region="South")
    assert not app.exception
    assert [info.value for info in app.info if "widen the filters" in info.value and "South" in info.value]


@pytest.mark.usefixtures("published")
def test_cash_says_what_it_was_measured_over(opened):
    app = opened()
    said = words(app).replace("\u00a0", " ")
    labels = {element.proto.label for element in app.get("page_link")}
    assert "Cash collected, 3\u00a0months" in labels
    assert "3 months to" in said


@pytest.mark.parametrize("script", WITH_DATA)
@pytest.mark.parametrize("state", ["without a row", "with a row"])
def test_page_runs_on_a_company_with_hardly_any_rows(company_that_is, opened, script, state):
    company_that_is(state)
    app = opened(script)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("script", WITH_DATA)
def test_page_runs_with_several_currencies_and_no_rates(company_that_is, opened, script):
    company_that_is("in two currencies")
    app = opened(script, currency="EUR")
    assert not app.exception
    assert app.selectbox(key="currency").value == "EUR"
    assert "EUR" in words(app)


@pytest.mark.parametrize("script", WITH_DATA)
def test_no_snapshot_says_what_to_run(company_that_is, opened, script):
    company_that_is("not refreshed yet")
    app = opened(script)
    assert not app.exception
    assert titles(app) == ["No data yet"]
    assert [code.value for code in app.code] == [command("refresh")]


@pytest.mark.usefixtures("settled")
def test_glossary_needs_no_data(opened):
    app = opened("help/glossary")
    assert not app.exception
    assert titles(app) == ["What every number means"]
    assert "id dso" in words(app)


@pytest.mark.usefixtures("settled")
def test_glossary_is_searched(opened):
    app = opened("help/glossary", glossary_find="countback")
    assert len(app.subheader) == 1


@pytest.mark.usefixtures("published")
def test_glossary_tells_the_value_of_every_metric_here_and_now(opened):
    app = opened("help/glossary", as_of="2026-06-30")
    assert not app.exception
    told = [each.value for each in app.markdown if f"as of {text.day(date(2026, 6, 30))}" in each.value]
    assert len(told) == len(CATALOG)
    # The same number as the overview's tile: one evaluation, one text.
    tile = next(each.value for each in opened().metric if each.label == "DSO")
    assert any(prose(tile) in words for words in told)


@pytest.mark.usefixtures("published")
def test_glossary_shows_how_count_back_counts(opened):
    app = opened("help/glossary", glossary_find="countback")
    (table,) = (frame.value for frame in app.dataframe)
    value = evaluate(build_book(company.tables(), company.rules()), ["dso_countback"])["value"].item()
    assert table["Counted days"].sum() == pytest.approx(value)


@pytest.mark.parametrize("script", WITH_DATA)
def test_old_data_is_called_old(company_that_is, opened, script):
    company_that_is("with old data")
    app = opened(script)
    assert not app.exception
    assert any("5" in warning.value and "days old" in warning.value for warning in app.warning)


@pytest.mark.parametrize("script", WITH_DATA)
def test_a_failed_refresh_is_told_and_the_last_good_snapshot_serves(company_that_is, opened, script):
    company_that_is("after a failed refresh")
    app = opened(script)
    assert not app.exception
    assert any("The database cannot be reached" in warning.value for warning in app.warning)
    assert titles(app) != ["No data yet"]


def rewritten(settled, old, new):
    file = settled / "config" / "app.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_settings_that_the_snapshot_does_not_know_yet_are_told(settled, opened):
    company.publish(settled)
    assert not opened().warning
    rewritten(settled, "[dimensions]", "[capital]\nannual_rate = 0.12\n[dimensions]")
    rewritten(settled, 'segment = "Segment"', "")
    (told,) = opened().warning
    assert told.value == prose(
        "[dimensions] and [capital] annual_rate changed since the data was loaded: refresh to put it to use."
    )


def test_the_data_of_another_company_is_not_shown(settled, opened):
    company.publish(settled)
    rewritten(settled, "Test & Sons", "Daughters")
    app = opened()
    assert titles(app) == ["This page cannot be shown"]
    assert not app.metric
    (told,) = app.error
    assert "holds the books of 'Test & Sons'; these settings are of 'Daughters'" in told.value.replace(
        "\\", ""
    ).replace("\u2060", "")


def test_a_broken_snapshot_is_one_sentence(settled, opened):
    company.publish(settled)
    store = company.Store(settled / "data")
    (store.snapshots / str(store.current()) / "about.json").write_text("{", encoding="utf-8")
    app = opened()
    assert not app.exception
    assert titles(app) == ["This page cannot be shown"]
    assert len(app.error) == 1


def test_a_fault_of_ours_is_one_sentence_and_a_line_in_the_log(settled, opened, monkeypatch, caplog):
    company.publish(settled)
    monkeypatch.setattr("ui.states.unexpected", UNEXPECTED)
    monkeypatch.setattr("ui.story.message", lambda *_: 1 / 0)
    app = opened()
    assert not app.exception
    assert titles(app) == ["This page failed"]
    assert "ZeroDivisionError" in caplog.text


def test_broken_settings_are_one_sentence(settled, opened):
    company.publish(settled)
    (settled / "config" / "app.toml").write_text("company = [", encoding="utf-8")
    app = opened()
    assert not app.exception
    assert "app" in app.error[0].value


def test_a_new_snapshot_is_noticed_without_a_restart(settled, opened):
    company.publish(settled)
    app = opened()
    before = [metric.value for metric in app.metric]
    doubled = company.tables()
    doubled["documents"] = doubled["documents"].with_columns(pl.col("amount") * 2)
    company.publish(settled, doubled)
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] != before


@pytest.mark.usefixtures("published")
def test_overview_leads_with_a_message_and_six_tiles(opened):
    app = opened()
    assert titles(app)[0].startswith("Overdue")
    assert len(app.metric) == 6
    assert len(app.get("vega_lite_chart")) == 5


@pytest.mark.usefixtures("published")
def test_a_tile_without_a_year_before_says_so(opened):
    app = opened(as_of="2024-09-30")
    assert "PY n/a" in {metric.proto.delta_description for metric in app.metric}
