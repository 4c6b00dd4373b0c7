"""What other pages say of alerts: tiles, marks on charts, who needs someone; and which alert is about which number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from briefing import needs
from briefing.needs import Need
from briefing.told import Standing, worse
from briefing.view import View
from ledger.scope import Scope
from metrics import text
from state.alert_records import Run
from tests.app import company
from tests.app.alerted import links, raised
from ui import alerts, attention, inbox, store
from ui.alerts import Told, today

# --- other pages --------------------------------------------------------------------------------------------------


def test_a_tile_is_no_better_than_the_alert_about_its_number(opened, asked):
    (dso,) = raised(asked, "company-dso")
    helps = [element.proto.help for element in opened().get("markdown") if element.proto.help]
    assert [words for words in helps if "Alert: DSO is long, since" in words.replace("\\", "").replace(text.NBSP, " ")]
    assert dso.severity == "act"


def test_the_chart_of_dso_marks_when_the_alert_was_raised(opened, asked):
    (dso,) = raised(asked, "company-dso")
    with asked.alerting.desk() as desk:
        desk.put(replace(dso, since=company.LAST - timedelta(days=60)))
    assert _marked(opened(), "DSO is long")
    assert not _marked(opened(region="North"), "DSO is long")
    assert not _marked(opened(window="6mo"), "DSO is long")


def _marked(app, name):
    return [chart for chart in app.get("vega_lite_chart") if f"Alert: {name}" in chart.proto.spec]


def test_the_overview_lists_alerts_with_what_else_stands_out_each_once(opened, asked):
    app = opened()
    lines = [link for link in links(app) if "alert=" in link.query_string]
    assert lines
    ids = [parse_qs(link.query_string)["alert"][0] for link in lines]
    assert len(ids) == len(set(ids))
    own = {each.id for each in asked.alerting.alerts() if each.under is None}
    assert set(ids) <= own
    assert not [link for link in links(opened(as_of="2026-03-31")) if "alert=" in link.query_string]


# --- which alert is about which number ----------------------------------------------------------------------------

VIEW = View(day=company.LAST, window="3mo", scope=Scope(), currency="USD")


def made(asked, rule="customer-late", group=(), only=(), **changes):
    found = raised(asked, rule)[0]
    body = {
        **found.body,
        "group": [list(pair) for pair in group],
        "only": [[name, list(values)] for name, values in only],
    }
    return Told(replace(found, body=body, under=None, **changes))


def finding(**changes):
    told = {"words": "w", "who": "North", "urgency": "watch", "money": 5.0, "where": (("region", "North"),)}
    return Need(**told | changes)


@pytest.fixture
def begun(home, monkeypatch):
    """As at the start of a run of the page, without a browser."""
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(home))
    monkeypatch.setattr(store.st, "session_state", {})
    store.begin()


@pytest.mark.usefixtures("begun")
def test_a_finding_takes_the_state_of_the_alert_about_the_same_part_and_leads_to_it(asked):
    alert = made(asked, group=(("region", "North"),), severity="act")
    (line,) = needs.merged([finding()], [alert], VIEW)
    assert (line.urgency, line.alert, attention.page(line)) == ("act", alert.id, alerts.PAGE)
    seen = Told(replace(alert.alert, status="acknowledged"))
    (line,) = needs.merged([finding()], [seen], VIEW)
    assert line.urgency == needs.SEEN
    asleep = Told(replace(alert.alert, snoozed_until=today() + timedelta(days=1)))
    (line,) = needs.merged([finding()], [asleep], VIEW)
    assert line.urgency == needs.SNOOZED


@pytest.mark.usefixtures("begun")
def test_what_somebody_closed_calls_for_nobody_on_the_overview_either(asked):
    alert = made(asked, group=(("region", "North"),), severity="act")
    closed = Told(replace(alert.alert, status="resolved", closed_by="Ann"))
    (line,) = needs.merged([finding()], [closed], VIEW)
    assert line.urgency == needs.CLOSED
    assert needs.title([line], VIEW) == "Nothing calls for action"
    (line,) = needs.merged([finding()], [closed, alert], VIEW)
    assert line.urgency == "act"
    assert not needs.merged([], [closed], VIEW)


@pytest.mark.usefixtures("begun")
def test_an_alert_has_one_name_here_and_in_the_inbox(asked):
    alert = made(asked, group=(("region", "North"),), severity="act", who="North")
    told = finding(who="Region North", kind="worse")
    (line,) = needs.merged([told], [alert], VIEW)
    assert line.who == "North"
    two = [told, replace(told, money=1.0)]
    assert needs.title(two, VIEW) == "2 need someone; the most is at region North"
    worth = text.money(told.money, "USD")
    assert needs.title([replace(told, brief=f"{worth} at stake"), two[1]], VIEW).endswith(f"at region North, {worth}")
    owes = replace(told, who="Acme", kind="debtor", brief="$24.5k overdue")
    assert needs.title([owes], VIEW) == "One needs someone: Acme", "its rank is no figure that its line tells"


@pytest.mark.usefixtures("begun")
def test_an_alert_of_its_own_has_a_line_while_it_waits(asked):
    alert = made(asked, group=(("region", "South"),), severity="act", money=3.0)
    lines = needs.merged([finding()], [alert], VIEW)
    assert [line.urgency for line in lines] == ["act", "watch"]
    for quiet in ({"status": "acknowledged"}, {"severity": "info"}, {"currency": "EUR"}):
        assert len(needs.merged([finding()], [Told(replace(alert.alert, **quiet))], VIEW)) == 1


@pytest.mark.usefixtures("begun")
def test_alerts_outside_of_what_the_reader_narrowed_to_have_no_line(asked):
    narrowed = replace(VIEW, scope=Scope.of(region=["South", "West"]))
    inside = made(asked, group=(("region", "South"),))
    assert len(needs.merged([], [inside], narrowed)) == 1
    assert not needs.merged([], [made(asked, group=(("region", "North"),))], narrowed)
    assert not needs.merged([], [made(asked)], narrowed)


def test_good_news_does_not_count_as_needing_someone():
    told = [finding(urgency="better"), finding(urgency=needs.SEEN)]
    assert needs.title(told, VIEW) == "Nothing calls for action"


@pytest.mark.parametrize(
    ("state", "severity", "expected"),
    [
        ("good", "act", "act"), ("act", "watch", "act"), (None, "watch", "watch"), ("good", "info", "good"),
        (None, "info", None), ("watch", "watch", "watch"),
    ],
)  # fmt: skip
def test_the_worse_of_two_states(asked, state, severity, expected):
    assert worse(state, made(asked, severity=severity)) == expected


def test_without_an_alert_a_state_stays():
    assert worse("good", None) == "good"
    assert worse(None, None) is None


@pytest.mark.usefixtures("begun")
def test_an_alert_is_about_exactly_its_metric_part_window_and_currency(asked, monkeypatch):
    def found(alert, metric="overdue", view=VIEW, scope=None):
        monkeypatch.setattr(store, "alerts", lambda: store.Kept((alert.alert,)))
        return [each.id for each in alerts.raised(ended=False).about((metric,), view, scope)]

    north = made(asked, group=(("region", "North"),))
    assert found(north, scope=Scope.of(region="North"))
    assert not found(north)
    assert not found(north, scope=Scope.of(region=["North", "South"]))
    assert not found(north, metric="total_ar", scope=Scope.of(region="North"))
    assert not found(north, view=replace(VIEW, currency="EUR"), scope=Scope.of(region="North"))
    several = made(asked, only=(("region", ("North", "South")),))
    assert found(several, scope=Scope.of(region=["North", "South"]))
    assert not found(several)
    nobody = made(asked, group=(("region", None),))
    assert found(nobody, scope=Scope.of(region=[None]))
    dso = made(asked, rule="company-dso")
    assert found(dso, metric="dso")
    assert not found(dso, metric="dso", view=replace(VIEW, window="12mo"))
    yearly = Told(replace(dso.alert, body={**dso.alert.body, "window": "12mo"}))
    assert found(yearly, metric="dso", view=replace(VIEW, window="12mo"))
    yen = made(asked, group=(("currency", "JPY"),))
    assert not found(yen)


def test_where_an_alert_stands(asked):
    told = made(asked)
    assert told.standing is Standing.OPEN
    assert told.calls
    tomorrow, yesterday = today() + timedelta(days=1), today() - timedelta(days=1)
    assert made(asked, snoozed_until=tomorrow).standing is Standing.SNOOZED
    assert made(asked, snoozed_until=today()).standing is Standing.OPEN
    assert made(asked, snoozed_until=yesterday).standing is Standing.OPEN
    assert made(asked, status="acknowledged", snoozed_until=tomorrow).standing is Standing.SNOOZED
    assert made(asked, status="resolved", snoozed_until=tomorrow).standing is Standing.RESOLVED
    assert not made(asked, severity="info").calls


@pytest.mark.usefixtures("begun")
def test_when_the_rules_were_asked():
    at = datetime.now(UTC) - timedelta(hours=3)
    kept = Run(
        id="r", started_at=at, finished_at=at, by="refresh", outcome="failed", snapshot="s", made_at=None, day=None,
        words="the disk is full",
    )  # fmt: skip
    assert inbox.asked_when(None, VIEW) == "Never asked"
    assert inbox.asked_when(kept, VIEW).replace(text.NBSP, " ") == "The last try 3 h ago failed: the disk is full"
    assert "0 rules asked 3 h ago" in inbox.asked_when(replace(kept, outcome="applied"), VIEW).replace(text.NBSP, " ")


def test_readers_are_called_by_what_tells_them_apart():
    assert alerts.person("") == "the run"
    assert alerts.person("anna@example.com") == "anna@example.com"
    assert alerts.person("ab" * 16) == "browser abab"
