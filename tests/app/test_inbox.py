"""The inbox of alerts: what it lists and shows, what people do there, its empty states, and links to it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from alerts import lifecycle
from alerts.body import Body
from metrics import text
from tests.app import company
from tests.app.alerted import PAGE, RULES, ask, kinds, links, listed, press, raised, title, words
from ui import reader
from ui.alerts import today
from ui.markdown import prose

# --- the inbox ----------------------------------------------------------------------------------------------------


def test_the_message_counts_who_waits_and_names_the_most_money_of_the_most_urgent(opened, asked):
    app = opened(PAGE)
    own = [each for each in asked.alerting.alerts() if each.under is None and each.severity in ("act", "watch")]
    most = max((each for each in own if each.severity == "act"), key=lambda each: each.money or 0)
    assert (
        title(app)
        == f"{len(own)} alerts need someone; the most at stake is at {most.who}, {text.money(most.money, 'USD')}"
    )


def test_the_list_has_acts_first_and_leaves_out_what_is_the_same_money(opened, asked):
    app = opened(PAGE)
    rows = [parse_qs(link.query_string)["alert"][0] for link in listed(app)]
    own = {each.id: each.severity for each in asked.alerting.alerts() if each.under is None}
    assert sorted(rows) == sorted(own)
    assert [own[id] for id in rows] == sorted(own.values())


def test_an_alert_shows_its_words_history_cause_rule_and_what_happened(opened, asked):
    (dso,) = raised(asked, "company-dso")
    app = opened(PAGE, alert=dso.id)
    body = Body.of(dso)
    assert [element.value for element in app.subheader] == [prose(body.words)]
    drawn = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    assert len(drawn) == 1 + bool(body.cause and body.cause.contributors)
    said = words(app)
    assert body.told in said
    assert "What happened" in said
    assert "**The run** raised" in said


def test_what_is_the_same_money_is_shown_inside_with_the_reason(opened, asked):
    inside = next(each for each in asked.alerting.alerts() if each.under is not None)
    root = next(each for each in asked.alerting.alerts() if each.key == inside.under)
    app = opened(PAGE, alert=root.id)
    assert "The same money" in words(app)
    assert [link for link in links(app) if parse_qs(link.query_string).get("alert") == [inside.id]]
    lower = opened(PAGE, alert=inside.id)
    (back,) = [link for link in links(lower) if "The same money as" in link.label.replace("\\", "")]
    assert parse_qs(back.query_string)["alert"] == [root.id]


def test_the_same_money_has_one_figure_and_names_the_other_alert_once(opened, asked):
    inside = next(each for each in asked.alerting.alerts() if each.under is not None)
    root = next(each for each in asked.alerting.alerts() if each.key == inside.under)
    app = opened(PAGE, alert=inside.id)
    head = next(caption.value for caption in app.caption if "raised" in caption.value and "owner" in caption.value)
    assert "at stake" not in head
    (back,) = [link for link in links(app) if "The same money as" in link.label.replace("\\", "")]
    assert prose(f"The same money as {root.who} →") in back.label


def test_what_is_done_to_the_first_of_the_list_leaves_it_in_sight(opened, asked):
    app = opened(PAGE)
    (shown,) = [element.value for element in app.subheader]
    press(app, "alert_acknowledge")
    assert [element.value for element in app.subheader] == [shown]
    (seen,) = [each for each in asked.alerting.alerts() if each.status == "acknowledged"]
    assert app.query_params["alert"] == seen.id


def test_an_alert_that_has_ended_is_not_urgent(opened, asked):
    (dso,) = raised(asked, "company-dso")
    lifecycle.close(asked, dso.id, "Ann", "done")
    app = opened(PAGE, alert=dso.id)
    assert ":gray-badge[Resolved]" in words(app)
    assert words(app).count(":orange-badge[Act]") == len(listed(app))


def test_choices_stand_in_the_address_and_are_kept_by_the_links_of_the_list(opened, asked):
    app = opened(PAGE)
    app.segmented_control(key="alerts_status").set_value("open").run()
    app.pills(key="alerts_severity").set_value(["act"]).run()
    assert app.query_params["alerts_severity"] == "act"
    rows = listed(app)
    acts = [each for each in asked.alerting.alerts() if each.severity == "act" and each.under is None]
    assert len(rows) == len(acts)
    assert all(parse_qs(link.query_string)["alerts_severity"] == ["act"] for link in rows)


@pytest.mark.usefixtures("asked")
def test_another_owner_has_other_alerts(opened):
    app = opened(PAGE, alerts_owner="north")
    assert "choose another severity or owner" in words(app)
    press(app, "alerts_all")
    assert "alerts_owner" not in app.query_params


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("id", ["nothere", "../x", "<b>", "ü" * 300])
def test_an_alert_that_is_not_there_is_a_sentence(opened, id):
    app = opened(PAGE, alert=id)
    assert not app.exception
    assert any("does not exist here" in warning.value for warning in app.warning)


def test_no_name_or_word_reaches_the_page_as_markup(opened, asked):
    for each in asked.alerting.alerts():
        app = opened(PAGE, alert=each.id)
        assert not app.exception
        drawn = [
            str(getattr(element, "value", "") or getattr(element, "label", ""))
            for kind in ("title", "subheader", "markdown", "caption", "button", "warning", "info")
            for element in getattr(app, kind)
        ]
        drawn += [link.label for link in links(app)]
        for name in (*company.NASTY.values(), "<b>office</b>", "**late**", "<i>why</i>"):
            if set(name) & set("<*[`=:|$"):
                assert not [said for said in drawn if name in said], name


# --- what people do -----------------------------------------------------------------------------------------------


def test_acknowledging_says_who_and_takes_it_from_the_count(opened, asked):
    (dso,) = raised(asked, "company-dso")
    app = opened(PAGE, alert=dso.id)
    before = badge(app)
    app = press(app, "alert_acknowledge")
    kept = asked.alerting.alert(dso.id)
    assert (kept.status, kept.acknowledged_by) == ("acknowledged", reader.LOCAL)
    assert kinds(asked, dso.id) == ["opened", "acknowledged"]
    assert badge(app) == before - 1
    assert "seen to by you" in words(app)
    press(app, "alert_take_back")
    assert asked.alerting.alert(dso.id).status == "open"


def badge(app):
    (entry,) = [link.label for link in links(app) if link.label.startswith("Alerts")]
    return int(entry.partition("[")[2].rstrip("]") or 0)


def test_snoozing_waking_noting_assigning_and_closing_are_written_down(opened, asked):
    (dso,) = raised(asked, "company-dso")
    app = opened(PAGE, alert=dso.id)
    until = today() + timedelta(days=3)
    app.date_input(key=f"alert_until_{dso.id}_1").set_value(until)
    app.text_input(key=f"alert_snooze_words_{dso.id}_1").set_value("back on Monday")
    app = press(app, "alert_snooze_it")
    assert asked.alerting.alert(dso.id).snoozed_until == until
    app = press(app, "alert_wake")
    app.text_area(key=f"alert_note_words_{dso.id}_3").set_value("He <b>promised</b>")
    app = press(app, "alert_note_it")
    assert "noted: He <b>promised</b>" in words(app)
    app.selectbox(key=f"alert_owner_{dso.id}_4").set_value("north")
    app = press(app, "alert_assign_it")
    assert asked.alerting.alert(dso.id).owner == "north"
    app.text_input(key=f"alert_close_words_{dso.id}_5").set_value("settled")
    app = press(app, "alert_close_it")
    assert kinds(asked, dso.id) == ["opened", "snoozed", "woken", "noted", "assigned", "closed"]
    assert all(event.who == reader.LOCAL for event in asked.alerting.events(dso.id)[1:])
    press(app, "alert_reopen")
    assert asked.alerting.alert(dso.id).status == "open"


def test_an_empty_note_is_refused_in_a_sentence(opened, asked):
    (dso,) = raised(asked, "company-dso")
    app = press(opened(PAGE, alert=dso.id), "alert_note_it")
    assert any("The note is empty" in warning.value for warning in app.warning)
    assert kinds(asked, dso.id) == ["opened"]


@pytest.mark.usefixtures("home")
def test_asking_the_rules_on_the_page_raises_and_says_what_came_of_it(opened, keep):
    app = opened(PAGE)
    assert title(app) == "The rules have not been asked yet"
    app = press(app, "alerts_run_now")
    assert keep.alerting.alerts()
    assert keep.alerting.runs()[0].by == "page"
    assert "alerts need someone" in title(app)
    assert any("rules asked" in info.value for info in app.info)


# --- nothing to show ----------------------------------------------------------------------------------------------


def test_without_a_rule_the_page_says_where_to_write_one(settled, opened):
    company.publish(settled)
    app = opened(PAGE)
    assert not app.exception
    assert title(app) == "No alert can be raised yet: no rule is set"
    assert "alerts.toml" in words(app)
    assert not badge(app)


def test_nothing_beyond_a_limit_is_good_news(home, keep, opened):
    (home / "alerts.toml").write_text(RULES[: RULES.index("[rules")] + RULES[RULES.index("[rules.old]") :], "utf-8")
    ask(home, keep)
    app = opened(PAGE)
    assert title(app) == "No alert is open: every number is within its limit"
    assert "once, with its cause" in words(app)


def test_alerts_that_somebody_sees_to_need_nobody(opened, asked):
    for each in asked.alerting.alerts():
        with asked.alerting.desk() as desk:
            desk.put(replace(each, status="acknowledged", acknowledged_by="anna@example.com"))
    app = opened(PAGE)
    assert title(app).startswith("No alert needs anyone: ")
    assert "seen to" in title(app)


def test_a_database_that_cannot_be_read_is_one_sentence_and_the_other_pages_serve(home, opened):
    file = home.parent / "data" / "state.sqlite"
    file.write_bytes(b"no database" * 100)
    app = opened(PAGE)
    assert not app.exception
    assert title(app) == "Alerts cannot be shown"
    assert str(file) in app.error[0].value.replace("\\", "")
    overview = opened()
    assert not overview.exception
    assert len(overview.metric) == 6
    assert "Alerts are left out" in words(overview)


@pytest.mark.usefixtures("asked")
def test_a_newer_snapshot_than_the_last_run_is_told(home, opened):
    company.publish(home.parent, made_at=datetime.now(UTC) + timedelta(seconds=5))
    assert "newer data has come since" in words(opened(PAGE))


def test_a_broken_rule_is_a_sentence_and_stops_no_other(home, keep, opened):
    (home / "alerts.toml").write_text(f'{RULES}\n[rules.bad]\ntitle = "Bad"\nmetric = "dsoo"\nvalue = 1\n', "utf-8")
    ask(home, keep)
    app = opened(PAGE)
    assert "1 rule cannot be asked" in words(app).replace(text.NBSP, " ")
    log = opened(PAGE, alerts_show="deliveries", alerts_run=keep.alerting.runs()[0].id)
    assert any("did you mean" in warning.value for warning in log.warning)


# --- following a link ---------------------------------------------------------------------------------------------


def test_a_link_opens_the_page_of_the_alert_narrowed_to_what_it_is_about(opened, asked):
    late = raised(asked, "customer-late")[0]
    app = opened(PAGE, follow=late.id, region="North", window="6mo")
    assert not app.exception
    customer = dict(Body.of(late).group)["customer"]
    assert app.query_params["customer"] == customer
    assert "region" not in app.query_params
    assert "window" not in app.query_params
    assert title(app).startswith(text.name(late.who))


@pytest.mark.usefixtures("asked")
def test_a_link_to_no_alert_is_a_sentence(opened):
    app = opened(PAGE, follow="nothere")
    assert not app.exception
    assert any("does not exist here" in warning.value for warning in app.warning)


def test_an_alert_of_another_day_opens_on_that_day(opened, asked):
    late = raised(asked, "customer-late")[0]
    day = late.day - timedelta(days=30)
    with asked.alerting.desk() as desk:
        desk.put(replace(late, day=day))
    assert opened(PAGE, follow=late.id).query_params["as_of"] == day.isoformat()


def test_a_page_that_no_longer_exists_is_the_overview(opened, asked):
    (dso,) = raised(asked, "company-dso")
    with asked.alerting.desk() as desk:
        desk.put(replace(dso, body={**dso.body, "page": "pages/gone/away.py"}))
    app = opened(PAGE, follow=dso.id)
    assert not app.exception
    assert title(app).startswith("Overdue")
