"""Segments, effectiveness, cohorts and how customers pay: the message, the clicks, what an address may say."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from briefing.view import View
from charts.lines import Line
from charts.pace import Pace
from ledger.scope import COMPANY
from metrics import text
from tests.app import company
from ui import cohorts, effectiveness, paying, performance

N = text.NBSP
_PLAIN = str.maketrans({N: " ", "\\": None, "\u2060": None})


def words(app):
    kinds = ("title", "markdown", "caption", "info", "warning")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind)).translate(_PLAIN)


def title(app):
    return app.title[0].value.translate(_PLAIN)


def charts(app):
    return [element.proto for element in app.get("vega_lite_chart")]


# --- segments -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_segments_lead_with_who_needs_action_or_says_that_nobody_does(opened):
    said = title(opened("receivables/segments"))
    # Both pay late alike, the two who never pay among them: 11 customers are too few to tell anybody apart.
    assert said.startswith("No segment is flagged; overdue runs from")


@pytest.mark.usefixtures("published")
def test_segments_draw_a_league_the_stakes_and_the_trend(opened):
    app = opened("receivables/segments")
    assert not app.exception
    assert len(charts(app)) == 3
    assert "difference from the rest of the company" in words(app)


@pytest.mark.parametrize(
    ("against", "said"),
    [("Previous year", "previous year"), ("Target", "Target below"), ("Rank", "Rank below")],
)
@pytest.mark.usefixtures("published")
def test_what_the_second_figure_compares_with_is_in_the_address(opened, against, said):
    app = opened("receivables/segments", league_against=against)
    assert not app.exception
    assert said in words(app)


@pytest.mark.usefixtures("published")
def test_an_address_with_nonsense_falls_back(opened):
    app = opened("receivables/segments", league_against="nonsense", group="nonsense")
    assert not app.exception
    assert "difference from the rest of the company" in words(app)


@pytest.mark.parametrize("group", ["region", "segment", "customer"])
@pytest.mark.usefixtures("published")
def test_segments_by_anything(opened, group):
    app = opened("receivables/segments", group=group)
    assert not app.exception
    assert len(charts(app)) == 3


def test_a_click_on_a_group_narrows_to_it(monkeypatch):
    narrowed = {}
    monkeypatch.setattr(performance.filters, "narrow", lambda by, value: narrowed.update({by: value}))
    monkeypatch.setattr(performance.drill, "to", lambda *_: None)
    performance.picker("region")("South")
    performance.picker("segment")(performance.NONE)
    performance.picker("segment")("")  # the line of the whole
    performance.picker("segment")(None)
    assert narrowed == {"region": "South", "segment": None}


def test_a_flagged_group_is_a_button_that_narrows(settled, opened):
    company.publish(settled, one_bad_segment())
    app = opened("receivables/segments")
    assert title(app).startswith("Retail needs action: $")
    button = next(button for button in app.button if button.label == "Retail")
    button.click()
    app.run()
    assert not app.exception
    assert app.multiselect(key="segment").value == ["Retail"]
    assert "Retail" not in {button.label for button in app.button if (button.key or "").startswith("flag_")}


def test_a_click_on_a_customer_opens_it(settled, opened):
    company.publish(settled)
    app = opened("receivables/segments", group="customer")
    app.session_state["_going"] = ("pages/receivables/customers.py", {"customer": ["0011"]})
    app.run()
    assert not app.exception
    assert title(app).startswith("O'Neil & Sons")


def one_bad_segment():
    """Both segments paid when due for a year; in the last half year Retail pays less with every month."""
    tables = company.tables()
    documents = tables["documents"].with_columns(
        segment=pl.when(pl.col("customer_id") > "C05").then(pl.lit("Retail")).otherwise(pl.lit("Industry"))
    )
    due = documents.filter(pl.col("kind") == "invoice")
    late = (pl.col("segment") == "Retail") & (pl.col("due_date") >= date(2026, 1, 1))
    paid = due.filter(~late & (pl.col("due_date") <= company.LAST))
    settlements = paid.select(
        pl.format("S-{}", "document_id").alias("settlement_id"),
        "document_id",
        pl.col("due_date").alias("settled_on"),
        "amount",
        pl.lit("cash").alias("kind"),
    )
    return tables | {"documents": documents, "settlements": settlements}


def told(*flagged):
    columns = ("key", "label", "flag", "at_stake", "reason")
    return pl.DataFrame(
        [(name, name, flag, stake, "why") for name, flag, stake in flagged], schema=columns, orient="row"
    )


def shares(**by_group):
    rows = [(n, n, m, v) for n, share in by_group.items() for m, v in (("overdue_share", share), ("total_ar", 100.0))]
    return pl.DataFrame(rows, schema=["key", "label", "metric", "value"], orient="row")


@pytest.mark.parametrize(
    ("flagged", "said"),
    [
        ([("A", "act", 5e5)], "A needs action: $500.0k would not be overdue at the rest's share"),
        (
            [("A", "act", 5e5), ("B", "act", 3e5), ("C", "watch", 1e5), ("D", None, -1.0)],
            "A needs action: $500.0k would not be overdue at the rest's share; B needs action too; C needs watching",
        ),
        ([("A", "watch", -5.0), ("B", "watch", -9.0)], "A needs watching; B needs watching too"),
        ([("A", None, 0.0)], f"No segment is flagged; overdue runs from 10.0{N}% (A) to 20.0{N}% (B)"),
    ],
)
def test_the_message_names_who_and_how_much(monkeypatch, flagged, said):
    monkeypatch.setattr(performance, "_label", lambda _by: "Segment")
    view = View(company.LAST, "3mo", COMPANY, "USD")
    assert performance.headline(told(*flagged), shares(A=0.1, B=0.2), "segment", view) == said


def test_one_group_is_no_comparison(monkeypatch):
    monkeypatch.setattr(performance, "_label", lambda _by: "Segment")
    said = performance.headline(told(), shares(A=0.1), "segment", View(company.LAST, "3mo", COMPANY, "USD"))
    assert said == "One segment holds everything: there is nothing to compare"


DAYS = (date(2026, 4, 30), date(2026, 10, 31))


def line(name, *values):
    return Line(name, dict(zip(DAYS, values, strict=True)), "#000000")


@pytest.mark.parametrize(
    ("lines", "eased", "said"),
    [
        ([("A", 0.2, 0.3), ("B", 0.2, 0.25), ("all", 0.2, 0.28)], (), f"A rose most, +10.0{N}pts since Apr{N}2026"),
        # The flag beside it says that A came nearer to the rest: no word of A rising most.
        (
            [("A", 0.2, 0.3), ("B", 0.4, 0.45), ("all", 0.2, 0.28)],
            {"A"},
            f"B is highest at 45.0{N}%; all together +8.0{N}pts since Apr{N}2026",
        ),
        ([("A", 0.2, 0.3), ("all", 0.2, 0.3)], (), f"Overdue share +10.0{N}pts since Apr{N}2026, to 30.0{N}%"),
        ([("A", 0.3, 0.2), ("B", 0.3, 0.2), ("all", 0.3, 0.2)], (), f"No overdue share rose since Apr{N}2026"),
    ],
)
def test_the_trend_in_words(lines, eased, said):
    found = [line(*each) for each in lines]
    assert performance._trend_finding(found, DAYS, eased).startswith(said)


# --- effectiveness ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_effectiveness_leads_with_the_index_and_who_falls_short(opened):
    app = opened("collections/effectiveness")
    assert not app.exception
    assert title(app).startswith("CEI ")
    assert len(app.metric) == len(effectiveness.TILES)
    assert len(charts(app)) == 4
    assert "Expected: what each segment would have" in words(app)


@pytest.mark.usefixtures("published")
def test_effectiveness_before_a_year_compares_with_nothing(opened):
    assert title(opened("collections/effectiveness", as_of="2024-12-31")).startswith("CEI is ")


@pytest.mark.usefixtures("published")
def test_effectiveness_says_when_nothing_is_left_to_compare(opened):
    app = opened("collections/effectiveness", region="South", segment="Retail")
    assert not app.exception
    assert any("widen one to compare" in info.value for info in app.info)


@pytest.mark.usefixtures("published")
def test_what_makes_customers_alike_can_be_chosen(opened):
    app = opened("collections/effectiveness", group="region")
    assert "the same segment" in words(app)
    app.button_group(key="fair_mix").set_value([]).run()
    assert not app.exception
    assert "paid as the company's average" in words(app)


# --- cohorts ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_cohorts_lead_with_the_pace_at_one_age(opened):
    app = opened("receivables/cohorts")
    assert not app.exception
    assert "within 60 days" in title(app)
    assert len(charts(app)) == 4


@pytest.mark.usefixtures("published")
def test_the_age_is_in_the_address(opened):
    assert "within 90 days" in title(opened("receivables/cohorts", cohort_age="90 days"))
    assert "within 60 days" in title(opened("receivables/cohorts", cohort_age="nonsense"))


@pytest.mark.usefixtures("published")
def test_cohorts_without_a_year_before_say_so(opened):
    app = opened("receivables/cohorts", as_of="2025-02-28")
    assert not app.exception
    assert "no year before to compare with" in title(app)


@pytest.mark.usefixtures("published")
def test_cohorts_before_any_month_is_old_enough(opened):
    app = opened("receivables/cohorts", as_of="2024-07-31")
    assert not app.exception
    assert title(app).startswith("No month is old enough")


@pytest.mark.parametrize(
    ("share", "before", "said"),
    [
        (0.70, 0.75, f"is paid slower: 70.0{N}% within 60{N}days, 5.0{N}pts less than a year before"),
        (0.80, 0.75, f"is paid faster: 80.0{N}% within 60{N}days, 5.0{N}pts more than a year before"),
        (0.751, 0.75, f"is paid as fast as a year before: 75.1{N}% within 60{N}days"),
        (0.70, None, f"70.0{N}% of what was billed in Jun to Aug{N}2026 was paid within 60{N}days; no year before"),
    ],
)
def test_the_pace_in_words(share, before, said):
    pace = Pace((date(2026, 6, 30), date(2026, 8, 31)), 60, share, before)
    assert f"hat was billed in Jun to Aug{N}2026" in pace.finding()
    assert said in pace.finding()


def cells(*rows):
    columns = {"month": pl.Date, "age": pl.Int32, "billed": pl.Float64, "paid": pl.Float64, "note": pl.String}
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(share=pl.col("paid") / pl.col("billed"))


def test_the_pace_compares_equal_months_at_an_equal_age():
    # Three newest months known to 60 days: 60 + 120 + 30 of 100 + 200 + 100 = 210 of 400 = 52.5 %. A year before
    # 80 + 80 + 80 of 300 = 80 %. What is known to 30 days only, or not yet, does not count.
    found = cells(
        (date(2026, 6, 30), 60, 100.0, 60.0, None),
        (date(2026, 7, 31), 60, 200.0, 120.0, None),
        (date(2026, 8, 31), 60, 100.0, 30.0, None),
        (date(2026, 9, 30), 60, 100.0, None, "known from 2026-11-29"),
        (date(2026, 9, 30), 30, 100.0, 1.0, None),
        *((day, 60, 100.0, 80.0, None) for day in (date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31))),
    )
    pace = cohorts.measured(found, 60)
    assert pace is not None
    assert (pace.share, pace.previous) == (pytest.approx(0.525), pytest.approx(0.8))
    assert pace.months[-1] == date(2026, 8, 31)


def test_a_year_before_with_a_month_missing_is_no_comparison():
    found = cells(
        *((day, 60, 100.0, 50.0, None) for day in (date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31))),
        (date(2025, 8, 31), 60, 100.0, 80.0, None),
    )
    pace = cohorts.measured(found, 60)
    assert pace is not None
    assert pace.previous is None


# --- how customers pay --------------------------------------------------------------------------------------------


def test_the_list_says_how_each_customer_pays(settled, opened):
    company.publish(settled)
    app = opened("receivables/customers")
    listed = app.dataframe[0].value.set_index("Id")
    # C01 pays on the due date; the last of the list 30 days after it; C02 left half a year unpaid.
    assert list(listed.loc["C01", "Pays"]) == ["Prompt"]
    assert list(listed.loc["0011", "Pays"]) == ["Late"]
    assert list(listed.loc["C02", "Pays"]) == ["At risk"]
    assert listed.loc["0011", "How it pays"].replace(N, " ").startswith("30 days beyond terms")


@pytest.mark.usefixtures("published")
def test_the_customer_page_says_how_it_pays_and_why(opened):
    app = opened("receivables/customers", customer="0011")
    said = words(app)
    assert "Late" in said
    assert "beyond terms on average" in said


@pytest.mark.usefixtures("published")
def test_a_customer_without_any_payment_has_no_class_on_an_early_day(opened):
    app = opened("receivables/customers", customer="0011", as_of="1999-01-01")
    assert not app.exception
    assert "Pays" not in {element.value for element in app.markdown}


def test_own_words_of_a_company_are_not_mistaken_for_the_classes():
    assert paying.is_ours(pl.DataFrame({"behaviour": ["late", None, "at risk"]}))
    assert not paying.is_ours(pl.DataFrame({"behaviour": ["late", "VIP"]}))
    assert not paying.is_ours(pl.DataFrame({"region": ["late"]}))


def test_every_class_has_a_colour():
    assert set(paying.COLOURS) == {str(name) for name in paying.Behaviour}
