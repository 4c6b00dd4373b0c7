"""Every click leads one level down: what it writes into the address, and what the page of that address then lists."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

import metrics
from briefing import losses
from briefing.view import View
from ledger import listing
from ledger.build import build_book
from ledger.scope import Scope
from metrics import cohorts as metric_cohorts
from metrics import text
from tests.app import company
from ui import (
    address,
    behind,
    breakdown,
    changes,
    cohorts,
    concentration,
    contributions,
    effectiveness,
    filters,
    health,
    performance,
    provision,
    quality,
    rolls,
)
from ui.behind import Behind, Kind

AGING, COHORTS, PROVISION = "receivables/aging", "receivables/cohorts", "risk/provision"
CONCENTRATION, HEALTH, CHANGES = "risk/concentration", "data/health", "summary/changes"
N = text.NBSP
VIEW = View(company.LAST, "3mo", Scope(), "USD")
BUCKETS = ("current", "1–30", "31–60", "61–90", "91–120", "120+", "unapplied")
_PLAIN = str.maketrans({N: " ", "\\": None, "\u2060": None})


@pytest.fixture
def wrote(monkeypatch):
    """What callbacks write: changes of the address, and the page they go to under ``page``."""
    found = {}
    told = lambda changes=None, **more: found.update({**(changes or {}), **more})  # noqa: E731
    monkeypatch.setattr(address, "put", told)
    monkeypatch.setattr(
        address, "go", lambda page, changes=None, **more: found.update({"page": page}, **(changes or {}), **more)
    )
    monkeypatch.setattr(filters, "narrow", lambda by, value: found.update({by: value}))
    return found


@pytest.fixture(scope="module")
def book():
    return build_book(company.tables(), company.rules(), source="books")


def words(app):
    kinds = ("title", "markdown", "caption", "info", "warning")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind)).translate(_PLAIN)


def listed(app, column):
    """The first table that has ``column``."""
    return next(frame.value for frame in app.dataframe if column in frame.value.columns)


# --- what a click writes --------------------------------------------------------------------------------------------


def test_a_bucket_is_picked_and_left_again(wrote):
    breakdown.to_bucket(None)("31–60")
    assert wrote == {"bucket": "31–60"}
    breakdown.to_bucket("31–60")("31–60")
    assert wrote == {"bucket": None}


def test_a_part_of_a_month_is_that_day_and_that_bucket(wrote):
    breakdown.to_month(VIEW, None)("2026-03-31/31–60")
    assert wrote == {"as_of": "2026-03-31", "bucket": "31–60"}


def test_a_part_of_the_last_month_leaves_the_day_alone(wrote):
    breakdown.to_month(VIEW, "31–60")(f"{company.LAST.isoformat()}/31–60")
    assert wrote == {"bucket": None}
    breakdown.to_month(VIEW, None)(None)
    assert wrote == {"bucket": None}


def test_a_month_lists_its_documents_and_closes_them_again(wrote):
    behind.to_month(Kind.BILLED, None)("2026-03-31")
    assert wrote["behind"] == "billed 2026-03"
    behind.to_month(Kind.BILLED, Behind(Kind.BILLED, date(2026, 3, 31)))("2026-03-31")
    assert wrote["behind"] is None


def test_a_cell_of_the_league_tells_why_of_that_group(wrote):
    changes.cell_picker("region")("South/overdue_share")
    assert wrote == {"page": changes.PAGE, "region": "South", "change_of": "Overdue share", "group": None}


def test_a_name_with_a_slash_is_no_metric(wrote):
    changes.cell_picker("region")("North/West/dso")
    assert wrote["region"] == "North/West"
    assert wrote["change_of"] == "DSO"


def test_a_flag_of_the_league_narrows_here(wrote):
    changes.cell_picker("region")(f"{performance.NONE}/flag")
    assert wrote == {"group": None, "region": None}


def test_the_line_of_the_whole_tells_why_of_the_whole(wrote):
    changes.cell_picker("region")("/dso")
    assert wrote == {"page": changes.PAGE, "change_of": "DSO", "group": None}
    wrote.clear()
    changes.cell_picker("region")("/flag")
    assert wrote == {}


def test_a_customer_of_the_league_is_opened(wrote):
    changes.cell_picker("customer")("C02/dso")
    assert wrote == {"page": "pages/receivables/customers.py", "customer": "C02"}


def test_a_point_of_a_line_is_its_group_on_its_day(wrote):
    performance.point_picker("region", VIEW)("South/2026-03-31")
    assert wrote == {"as_of": "2026-03-31", "group": None, "region": "South"}
    wrote.clear()
    performance.point_picker("region", VIEW)("/2026-03-31")
    assert wrote == {"as_of": "2026-03-31"}
    wrote.clear()
    performance.day_picker(VIEW)(f"/{company.LAST.isoformat()}")
    assert wrote == {}


def test_a_collector_is_opened_on_the_segments_page(wrote):
    effectiveness._opener("region")(effectiveness.NONE)
    assert wrote == {"page": "pages/receivables/segments.py", "region": "Unassigned"}


def test_an_age_of_the_curve_is_compared_at_where_it_is_offered(wrote):
    cohorts.pick_age(60)("90")
    assert wrote == {"cohort_age": "90 days"}
    cohorts.pick_age(90)("60")
    assert wrote == {"cohort_age": None}
    wrote.clear()
    cohorts.pick_age(60)("180")
    cohorts.pick_age(60)(None)
    assert wrote == {}


def test_a_rate_lists_what_rolled_and_one_that_stayed_the_bucket(wrote):
    rolls.pick_cell(None)("1–30>31–60")
    assert wrote["behind"] == "rolled 1–30>31–60"
    rolls.pick_cell(Behind(Kind.ROLLED, None, "1–30", "31–60"))("1–30>31–60")
    assert wrote["behind"] is None
    wrote.clear()
    rolls.pick_cell(None)("120+>120+")
    assert wrote == {"page": "pages/receivables/aging.py", "bucket": "120+"}
    wrote.clear()
    rolls.pick_cell(None)("")
    assert wrote == {}


def test_a_column_of_the_what_if_tries_it(wrote):
    provision.pick_improvement(0.0)("20")
    assert wrote == {"improve": "20"}
    provision.pick_improvement(0.2)("20")
    assert wrote == {"improve": None}


def test_a_line_of_the_bridge_leads_to_its_day_or_its_reason(wrote):
    provision.pick_line(VIEW)("opening")
    assert wrote == {"as_of": "2026-03-31"}
    wrote.clear()
    provision.pick_line(VIEW)("write_offs")
    assert wrote == {"page": changes.PAGE, "change_of": "Written off", "group": None}


def test_a_row_of_the_matrix_opens_its_items(wrote):
    now = losses.Reading(pl.DataFrame({"bucket": ["current", "1–30"], "note": [None, None]}))
    provision.open_row(provision.Plan(), now, 1)
    assert wrote == {"page": "pages/receivables/aging.py", "bucket": "1–30"}
    provision.open_row(provision.Plan(), now, 2)
    assert wrote["bucket"] is None


def test_a_band_of_limits_lists_its_customers(wrote):
    concentration.pick_band(None)("90 to 100 %")
    assert wrote == {"limit_used": "90 to 100 %"}
    concentration.pick_band("90 to 100 %")("90 to 100 %")
    assert wrote == {"limit_used": None}


def test_a_group_of_customers_shows_its_members(wrote):
    concentration._open_group("C01")
    assert wrote == {"family": "C01"}


def test_a_part_of_a_change_is_looked_at_by_group(wrote):
    contributions.pick_part(None)("lateness")
    assert wrote == {"change_part": "lateness"}
    contributions.pick_part("lateness")("lateness")
    assert wrote == {"change_part": None}


def test_a_balance_leads_to_the_items_of_its_entity(book):
    row = {"entity": "E1", "as_of": company.LAST}
    assert health._balance(book, row) == {"as_of": company.LAST.isoformat()}  # no entity among the dimensions


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("disputed", Behind(Kind.DISPUTED)),
        ("billed 2026-02", Behind(Kind.BILLED, date(2026, 2, 28))),
        ("unpaid 2025-12", Behind(Kind.UNPAID, date(2025, 12, 31))),
        ("rolled 1–30>paid", Behind(Kind.ROLLED, None, "1–30", "paid")),
        ("billed 2026-13", None),
        ("billed", None),
        ("rolled 1–30", None),
        ("rolled nothing>1–30", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_what_the_address_may_say(monkeypatch, asked, found):
    monkeypatch.setattr(address, "value", lambda _key, default="": asked or default)
    assert behind.asked(BUCKETS) == found
    if found:
        assert found.written == asked


# --- what the page of the address lists -----------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_the_documents_of_a_billing_month_add_up_to_what_was_billed(opened, book):
    month = date(2026, 3, 31)
    app = opened(COHORTS, behind="billed 2026-03")
    assert not app.exception
    rows = listed(app, "Still open")
    found = metric_cohorts(book, company.LAST, 6)
    billed = found.filter(pl.col("month") == month)["billed"][0]
    assert rows["Amount"].sum() == pytest.approx(billed)
    assert "billed in Mar 2026" in words(app)
    assert "**Billed in Mar 2026**" in words(app)


@pytest.mark.usefixtures("published")
def test_the_documents_of_a_due_month_are_those_unpaid_ninety_days_later(opened, book):
    month = date(2026, 2, 28)
    app = opened(COHORTS, behind="unpaid 2026-02")
    rows = listed(app, "Still open")
    unpaid = metrics.at_risk(book, company.LAST, 6).filter(pl.col("month") == month)["unpaid"][0]
    # Nothing is paid in parts here: what was unpaid is whole documents.
    assert unpaid > 0
    assert rows["Amount"].sum() == pytest.approx(unpaid)


@pytest.mark.usefixtures("published")
def test_what_rolled_is_what_was_younger_a_month_before(opened, book):
    app = opened(PROVISION, behind="rolled 1–30>31–60")
    assert not app.exception
    opening, closing = date(2026, 5, 31), company.LAST
    then = listing.open_items(book, opening).filter(pl.col("bucket") == "1–30")["document_id"]
    now = listing.open_items(book, closing).filter(
        (pl.col("bucket") == "31–60") & pl.col("document_id").is_in(then.implode())
    )
    assert now.height
    assert set(listed(app, "Days late")["Number"]) == set(now["number"])


@pytest.mark.usefixtures("published")
def test_what_was_paid_is_no_longer_open(opened, book):
    app = opened(PROVISION, behind="rolled 1–30>paid")
    then = listing.open_items(book, date(2026, 5, 31)).filter(pl.col("bucket") == "1–30")
    gone = then.filter(~pl.col("document_id").is_in(listing.open_items(book, company.LAST)["document_id"].implode()))
    assert gone.height
    assert set(listed(app, "Days late")["Number"]) == set(gone["number"])
    assert "were closed by 30 Jun 2026" in words(app)


def test_a_roll_within_a_month_is_that_of_the_last_month_ends():
    assert behind.roll_days(date(2026, 6, 15)) == (date(2026, 4, 30), date(2026, 5, 31))
    assert behind.roll_days(date(2026, 3, 31)) == (date(2026, 2, 28), date(2026, 3, 31))


def disputing(settled):
    tables = company.tables()
    flagged = tables["documents"].with_columns(disputed=pl.col("customer_id") == "C02")
    company.publish(settled, tables | {"documents": flagged})
    return build_book(tables | {"documents": flagged}, company.rules(), source="books")


def test_a_disputed_bucket_lists_its_items(settled, opened):
    book = disputing(settled)
    app = opened(AGING, behind="disputed", bucket="61–90")
    assert not app.exception
    there = listing.open_items(book, company.LAST).filter(pl.col("disputed") & (pl.col("bucket") == "61–90"))
    assert there.height
    assert set(listed(app, "Days late")["Number"]) == set(there["number"])
    crumbs = [button.label for button in app.button if "_step_" in (button.key or "")]
    assert crumbs[:2] == ["Whole company", "61–90 days"]
    assert "**In dispute**" in words(app)


def test_a_document_of_a_list_is_opened_beside_it(settled, opened):
    disputing(settled)
    app = opened(AGING, behind="disputed", customer="C02", document="C02-03")
    assert not app.exception
    assert any("Invoice N" in element.value.translate(_PLAIN) for element in app.markdown)


@pytest.mark.usefixtures("published")
def test_a_step_back_closes_the_list(opened):
    app = opened(COHORTS, behind="billed 2026-03", region="South")
    next(button for button in app.button if button.label.translate(_PLAIN) == "Region: South").click().run()
    assert "behind" not in app.query_params
    assert app.multiselect(key="region").value == ["South"]
    app = opened(COHORTS, behind="billed 2026-03")
    app.button(key="behind_close").click().run()
    assert "behind" not in app.query_params


@pytest.mark.parametrize("page", [AGING, COHORTS, PROVISION, CONCENTRATION, CHANGES, "receivables/segments"])
@pytest.mark.usefixtures("published")
def test_an_address_may_name_documents_that_there_are_none_of(opened, page):
    app = opened(page, behind="rolled current>written off", family="nobody", limit_used="none", change_part="nothing")
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("published")
def test_the_open_items_of_the_same_part_are_one_click_away(opened):
    for page in ("receivables/segments", COHORTS, PROVISION, CONCENTRATION, CHANGES, "collections/effectiveness"):
        app = opened(page, region="South")
        down = {link.proto.label: link.proto for link in app.get("page_link")}["Open items"]
        assert "region=South" in str(down)


def test_a_group_lists_its_members_with_what_each_owes(settled, opened):
    tables = company.tables()
    ids = tables["customers"]["customer_id"]
    parents = pl.Series("parent_id", ["C01" if id in ("C02", "C03") else None for id in ids], dtype=pl.String)
    joined = tables | {"customers": tables["customers"].with_columns(parents)}
    company.publish(settled, joined)
    book = build_book(joined, company.rules(), source="books")
    app = opened(CONCENTRATION, debtors="Groups", family="C01")
    assert not app.exception
    owed = listing.open_items(book, company.LAST).filter(pl.col("customer_id").is_in(["C01", "C02", "C03"]))
    rows = listed(app, "Member")
    assert rows["Owed"].sum() == pytest.approx(owed["open"].sum())
    assert set(rows["Member"]) == {company.NASTY[id] for id in owed["customer_id"].unique()}


@pytest.mark.usefixtures("published")
def test_a_band_of_limits_holds_its_customers(opened):
    app = opened(CONCENTRATION, limit_used="50 to 90 %")
    assert not app.exception
    rows = [
        frame.value
        for frame in app.dataframe
        if list(frame.value.columns) == ["Customer", "Owed", "Share of all", "Used"]
    ]
    assert all(((row["Used"] >= 50) & (row["Used"] < 90)).all() for row in rows)


@pytest.mark.usefixtures("published")
def test_a_part_is_drawn_by_group(opened):
    app = opened(CHANGES, change_of="Overdue", change_since="A month before", change_part="lateness")
    assert not app.exception
    assert "Late share: mostly" in words(app)


def broken(settled):
    tables = company.tables()
    documents = tables["documents"].with_columns(
        kind=pl.when(pl.col("document_id") == "C03-05").then(pl.lit("PRF")).otherwise("kind"),
        due_date=pl.when(pl.col("document_id") == "C04-02").then(pl.col("document_date") - pl.duration(days=9))
        .otherwise("due_date"),
    )  # fmt: skip
    company.publish(settled, tables | {"documents": documents})


def test_a_rule_lists_the_rows_it_kept_out_and_a_row_all_it_has(settled, opened):
    broken(settled)
    app = opened(HEALTH, health_rule="kind_unknown")
    assert not app.exception
    kept = listed(app, "Raw values")
    assert len(kept) == 1
    assert kept["Key"][0] == "C03-05"
    app = opened(HEALTH, health_row=f"documents:{kept['Row'][0]}")
    row = listed(app, "As the source has it").set_index("Column")["As the source has it"]
    assert row["document_id"] == "C03-05"
    assert row["kind"] == "PRF"


def test_a_warning_lists_the_documents_it_is_about(settled, opened):
    broken(settled)
    app = opened(HEALTH, health_rule="due_before_document")
    assert not app.exception
    assert "N-C04-02" in set(listed(app, "Still open")["Number"])
    assert not any("Raw values" in frame.value.columns and len(frame.value) == 0 for frame in app.dataframe)


@pytest.mark.usefixtures("published")
def test_a_rule_that_is_not_there_is_none(opened):
    app = opened(HEALTH, health_rule="nothing", health_row="documents:9")
    assert not app.exception
    assert quality.RULE == "health_rule"
