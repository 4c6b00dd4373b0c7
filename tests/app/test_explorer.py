"""The explorer: the same numbers as everywhere else, totals and others evaluated, sentences for what cannot be."""

from __future__ import annotations

import io
import json
from datetime import date
from urllib.parse import parse_qs

import polars as pl
import pytest
from click.testing import CliRunner

from briefing.view import Against, View
from cli import cli
from exports import About, Sheet, workbook
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, evaluate, text
from tests.app import company
from ui import address, csv, explorer, explorer_table, store
from ui.explorer_answer import Kind, answer
from ui.explorer_question import (
    DAY,
    METRICS,
    TIME,
    Asked,
    Draw,
    Question,
    Show,
    days,
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


# --- the same numbers as the command line -------------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("by", ["region", "segment", "customer", "currency"])
def test_every_number_is_that_of_the_command_line(by):
    metrics = tuple(CATALOG)
    found = explorer_table.long_rows(answer(asked(*metrics, rows=(by,), top=None)))
    label = str({"customer": "Customer", "currency": "Currency"}.get(by, by.title()))
    names = dict(store.customers().select("customer_id", "label").iter_rows()) if by == "customer" else {}
    here = {(row[label], row["Metric"]): row for row in found.iter_rows(named=True)}
    column = "document_currency" if by == "currency" else by
    there = kpi("--as-of", LAST.isoformat(), "--by", by)
    assert len(there) == len(metrics) * (len({row[column] for row in there}))
    for row in there:
        group = row[column]
        ours = here[text.name(names.get(group, group)), row["metric"]]
        assert ours["Value"] == pytest.approx(row["value"]) if row["value"] is not None else ours["Value"] is None
        assert (ours["Unit"], ours["Note"]) == (row["unit"], row["note"])
        for side in ("numerator", "denominator"):
            assert ours[side.title()] == (row[side] if row[side] is None else pytest.approx(row[side]))
    for row in kpi("--as-of", LAST.isoformat()):
        assert here["Together", row["metric"]]["Value"] == (
            None if row["value"] is None else pytest.approx(row["value"])
        )


@pytest.mark.usefixtures("begun")
def test_every_day_of_a_series_is_that_of_the_command_line():
    on = days("6m", LAST)
    found = explorer_table.long_rows(answer(asked("dso", "overdue", rows=("segment",), columns=TIME, on=on)))
    for day in on:
        for row in kpi("--as-of", day.isoformat(), "--by", "segment", "--metric", "dso,overdue"):
            ours = found.filter(
                (pl.col("As of") == day) & (pl.col("Segment") == row["segment"]) & (pl.col("Metric") == row["metric"])
            )
            assert ours["Value"].to_list() == [pytest.approx(row["value"])]


@pytest.mark.usefixtures("published")
def test_the_page_shows_those_numbers(opened):
    app = opened(PAGE, x_metrics=["overdue", "dso"], x_rows="region", x_show="value", numbers="exact")
    shown = table(app)
    rows = {(row["region"] or "Unassigned", row["metric"]): row["value"] for row in kpi("--by", "region")}
    for _, row in shown.iterrows():
        if row.iloc[0] != "Together":
            assert row.iloc[1] == pytest.approx(rows[row.iloc[0], "overdue"])
            assert row.iloc[2] == pytest.approx(rows[row.iloc[0], "dso"])
    assert shown.iloc[-1, 0] == "Together"
    whole = {row["metric"]: row["value"] for row in kpi()}
    assert shown.iloc[-1, 1] == pytest.approx(whole["overdue"])
    assert shown.iloc[-1, 2] == pytest.approx(whole["dso"])


# --- totals, others, shares, changes ------------------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
def test_others_are_their_own_evaluation_and_no_average():
    of = asked("overdue", "overdue_share", "dso", rows=("customer",), top=3)
    found = answer(of)
    assert [row.kind for row in found.rows] == [Kind.GROUP] * 3 + [Kind.OTHERS, Kind.TOGETHER]
    each = evaluate(store.book(), ["overdue", "overdue_share", "dso"], [LAST], "3mo", COMPANY, ["customer"])
    largest = each.filter(pl.col("metric") == "overdue").sort("value", descending=True)["customer"].head(3)
    rest = (
        each.filter(~pl.col("customer").is_in(largest.implode()))
        .group_by("metric")
        .agg(pl.col("numerator", "denominator").sum())
    )
    sums = {name: (above, below) for name, above, below in rest.iter_rows()}
    told = dict(found.cells.filter(pl.col("row") == 3).select("metric", "value").iter_rows())
    assert told["overdue"] == pytest.approx(sums["overdue"][0])
    assert told["overdue_share"] == pytest.approx(sums["overdue_share"][0] / sums["overdue_share"][1])
    # April, May and June have 91 days.
    assert told["dso"] == pytest.approx(sums["dso"][0] / sums["dso"][1] * 91)


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("rows", "columns", "top"),
    [
        (("region",), METRICS, 1),
        (("customer",), "region", 2),
        (("region", "customer"), METRICS, 2),
        (("region", "segment"), TIME, 1),
        (("segment", TIME), "region", 1),
        ((TIME, "region"), METRICS, 1),
    ],
)
def test_groups_and_others_add_up_to_all_together(rows, columns, top):
    on = days("4m", LAST) if TIME in (*rows, columns) else (LAST,)
    of = asked("overdue", "billed", rows=rows, columns=columns, on=on, top=top)
    found = answer(of)
    leaf = [place for place, row in enumerate(found.rows) if row.kind is not Kind.TOGETHER]
    if len(of.grouped) == 2:
        # What is left over of the first level stands for all that it would divide into.
        assert any(found.rows[place].kind is Kind.OTHERS for place in leaf)
    together = [
        place for place, row in enumerate(found.rows) if all(code == "*" or code[0] == "@" for code in row.codes)
    ]
    keys = ["metric", "column", "as_of"]
    parts, whole = (
        found.cells.filter(pl.col("row").is_in(places)).group_by(keys).agg(pl.col("value").sum()).sort(keys)
        for places in (leaf, together)
    )
    assert parts["value"].to_list() == pytest.approx(whole["value"].to_list())
    assert whole["value"].abs().sum() > 0
    if of.column:
        across = found.cells.filter(pl.col("column") < len(found.columns) - 1)
        summed = across.group_by("row", "metric", "as_of").agg(pl.col("value").sum()).sort("row", "metric", "as_of")
        last = found.cells.filter(pl.col("column") == len(found.columns) - 1).sort("row", "metric", "as_of")
        assert summed["value"].to_list() == pytest.approx(last["value"].to_list())


@pytest.mark.usefixtures("begun")
def test_a_change_is_against_what_the_view_compares_with():
    year, opening = (
        answer(asked("overdue_share", against=against)).of("overdue_share")
        for against in (Against.YEAR, Against.PERIOD)
    )
    for found, day in ((year, "2025-06-30"), (opening, "2026-03-31")):
        rows = kpi("--as-of", day, "--by", "segment", "--metric", "overdue_share")
        wanted = sorted(row["value"] for row in rows)
        assert sorted(found["base"].head(2)) == pytest.approx(wanted)


@pytest.mark.usefixtures("begun")
def test_a_change_against_a_target_takes_the_target_of_the_day():
    found = answer(asked("dso", "overdue_share", "cei", against=Against.TARGET)).cells
    told = {metric: set(rows["base"]) for (metric,), rows in found.partition_by("metric", as_dict=True).items()}
    # The company's own targets; nobody has set one for CEI.
    assert (told["dso"], told["overdue_share"], told["cei"]) == ({30.0}, {0.1}, {None})


@pytest.mark.usefixtures("begun")
def test_a_year_before_the_history_nothing_is_compared_with():
    found = answer(asked("overdue", "dso", on=(date(2025, 3, 31),))).cells
    assert found["base"].null_count() == found.height


@pytest.mark.usefixtures("begun")
def test_a_share_is_of_all_together_and_only_of_what_adds_up():
    found = answer(asked("overdue", "dso"))
    columns = explorer_table.heads(found, (Show.SHARE,))
    assert [head.metric.id for head in columns] == ["overdue"]
    shares = explorer_table.numbers(found, columns, relative=False).to_series()
    assert shares[-1] == 1.0
    assert shares.head(2).sum() == pytest.approx(1.0)


@pytest.mark.usefixtures("begun")
def test_a_group_that_a_filter_leaves_out_is_in_no_row_and_no_total():
    scope = Scope.of(region=["North"])
    found = answer(asked("total_ar", rows=("customer",), scope=scope, top=2))
    whole = found.cells.filter((pl.col("row") == len(found.rows) - 1) & (pl.col("metric") == "total_ar"))["value"][0]
    (row,) = kpi("--metric", "total_ar", "--where", "region=North")
    assert whole == pytest.approx(row["value"])


# --- downloads ----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("begun")
def test_a_csv_has_the_numbers_unrounded_and_runs_nothing():
    of = asked("overdue", "overdue_share", rows=("customer",), top=None)
    written = csv.encode(explorer_table.written(answer(of), question(of))).decode("utf-8-sig")
    read = pl.read_csv(io.StringIO(written))
    assert read.columns[:3] == ["Customer", "Overdue, USD", "Overdue, change on PY, USD"]
    assert "'=cmd()" in read["Customer"].to_list()
    rows = {row["customer"]: row["value"] for row in kpi("--by", "customer", "--metric", "overdue_share")}
    assert read.filter(pl.col("Customer") == "'=cmd()")["Overdue share, ratio"][0] == pytest.approx(
        rows["C01"], abs=1e-6
    )


@pytest.mark.usefixtures("begun")
def test_a_workbook_has_typed_cells_the_rows_behind_them_and_definitions():
    openpyxl = pytest.importorskip("openpyxl")
    of = asked("overdue", "overdue_share", rows=("customer", TIME), on=days("3m", LAST), top=3)
    made = explorer_table.excel(answer(of), question(of), "Overdue by customer", store.book())
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Table", "Numbers", "About"]
    sheet = book["Table"]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:3] == ["Customer", "As of", "Overdue, USD"]
    first = next(sheet.iter_rows(min_row=2, max_row=2))
    assert first[1].is_date
    assert isinstance(first[2].value, int | float)
    assert all(cell.data_type != "f" for page in book for row in page.iter_rows() for cell in row)
    about = " ".join(str(cell.value) for row in book["About"].iter_rows() for cell in row)
    assert CATALOG["overdue_share"].formula in about
    assert store.book().fingerprint[:12] in about


def test_the_workbook_of_nothing_is_a_workbook():
    assert workbook([Sheet("Table", pl.DataFrame())], About("t", "c", LAST))


@pytest.mark.usefixtures("begun")
def test_headings_of_a_download_are_all_different():
    of = asked("overdue", columns="region")
    names = explorer_table.written(answer(of), question(of)).columns
    assert len(set(names)) == len(names)


def test_the_explorers_parameters_are_its_own_and_stay_on_its_page():
    keys = {f"x_{key}" for key in explorer._KEYS} | {"view", "saved"}
    assert keys <= set(address.PAGES)
    assert not parse_qs("x=1").keys() & keys
