"""The rule editor: what is chosen is in the address, nothing is kept before it is saved, and the backtest follows."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import polars as pl
import pytest

from config.settings import load
from metrics import CATALOG
from state import State
from tests.app import company
from ui import rule_draft

PAGE = "alerts/inbox"
OVERDUE = "rule_field_overdue"
TOML = """
[owners.cfo]
name = "The chief"
[owners.north]
name = "Ms North"

[rules.overdue]
title = "Overdue of a region"
metric = "overdue_share"
by = "region"
value = 0.05
severity = "act"

[rules.dso]
title = "**DSO** <b>beyond</b> :red[target] {who}"
metric = "dso"
when = "target"

[rules.broken]
title = "No such number"
metric = "dsoo"
value = 3
"""


@pytest.fixture
def ruled(settled):
    """A company of its own with rules in its file; returns the file."""
    file = settled / "config" / "alerts.toml"
    file.write_text(TOML, encoding="utf-8")
    company.publish(settled)
    return file


def kept(settled):
    """The rules as the state database has them, opened anew."""
    state = State.open(load(settled / "config"))
    try:
        return {each.id: each for each in state.alerting.kept_rules()}, state.alerting.rule_changes()
    finally:
        state.close()


def said(app):
    """Everything written on the page, as a reader sees it."""
    kinds = ("title", "subheader", "markdown", "caption", "warning", "info", "error")
    words = " ".join(str(element.value) for kind in kinds for element in getattr(app, kind))
    return words.replace("\\", "").replace("\u2060", "").replace("\u00a0", " ")


def asked(app, key):
    told = app.query_params[key]
    return told if isinstance(told, str) else told[0]


def draft(app):
    return json.loads(asked(app, "draft"))


def rules(opened, **parameters):
    return opened(PAGE, alerts_show="rules", **parameters)


# --- the list -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("ruled")
def test_rules_are_told_in_words_and_a_broken_one_is_a_sentence(opened):
    app = rules(opened)
    words = said(app)
    assert "2 rules · 1 cannot be asked" in words
    assert "Fires when the overdue share of any region is above 5 %" in words
    assert "Not asked yet · owner: The chief · From alerts.toml" in words
    assert "rules.broken.metric is 'dsoo', which is no metric; did you mean 'dso'?" in words


@pytest.mark.usefixtures("ruled")
def test_the_list_says_what_the_last_evaluation_found(opened):
    app = rules(opened)
    app.button(key="alerts_run_now").click().run()
    # North, South and the documents without a region: two of them are beyond 5 %.
    found = pl.DataFrame(_overdue_shares())
    beyond = found.filter(pl.col("value") > 0.05).height
    assert f"{beyond} of 3 beyond their limit" in said(app)


def _overdue_shares():
    from ledger.build import build_book
    from metrics import evaluate

    book = build_book(company.tables(), company.rules(), source="books")
    return evaluate(book, ["overdue_share"], [company.LAST], "3mo", by=["region"])


def test_without_a_file_a_first_rule_can_be_made(opened, settled):
    company.publish(settled)
    app = rules(opened)
    assert "No rule is set yet" in said(app)
    app.button(key="rule_new").click().run()
    assert asked(app, "rule") == "+"
    assert app.button(key="rule_save").disabled
    assert "has no title" in said(app)
    # What it would have said is there before it has a name.
    assert "Over " in said(app)
    app.text_input(key="rule_field_new_title").set_value("Überfällig: Regionen!").run()
    app.button(key="rule_save").click().run()
    assert asked(app, "rule") == "uberfallig-regionen"
    assert "draft" not in app.query_params
    (rule,) = kept(settled)[0].values()
    assert rule.body is not None
    assert rule.body["title"] == "Überfällig: Regionen!"
    assert rule.changed_by == "local"
    assert not (settled / "config" / "alerts.toml").exists()


# --- fields -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("ruled")
def test_a_limit_is_typed_in_percent_and_words_and_backtest_follow(opened, settled):
    app = rules(opened, rule="overdue")
    before = said(app)
    assert app.number_input(key=f"{OVERDUE}_value").value == 5.0
    assert app.number_input(key=f"{OVERDUE}_value").label == "Limit, %"
    assert app.button(key="rule_save").disabled
    app.number_input(key=f"{OVERDUE}_value").set_value(99.0).run()
    assert draft(app) == {"value": 0.99}
    after = said(app)
    assert "is above 99 % (99 % itself does not count)" in after
    assert "Limit: 5 % → 99 %" in after
    assert "it would have fired" in before
    assert "it would not have fired" in after
    assert not app.button(key="rule_save").disabled
    assert kept(settled) == ({}, [])


@pytest.mark.usefixtures("ruled")
def test_a_draft_in_the_address_is_what_a_copied_link_opens(opened):
    app = rules(opened, rule="overdue", draft='{"value":0.07,"severity":"info","by":["segment"]}')
    words = said(app)
    assert app.number_input(key=f"{OVERDUE}_value").value == 7.0
    assert app.multiselect(key=f"{OVERDUE}_by").value == ["segment"]
    assert "Fires when the overdue share of any segment is above 7 %" in words
    app.run()
    assert draft(app) == {"value": 0.07, "severity": "info", "by": ["segment"]}
    app.button(key="rule_discard").click().run()
    assert "draft" not in app.query_params
    assert app.number_input(key=f"{OVERDUE}_value").value == 5.0


@pytest.mark.usefixtures("ruled")
def test_what_is_changed_back_leaves_no_draft(opened):
    app = rules(opened, rule="overdue")
    app.number_input(key=f"{OVERDUE}_value").set_value(6.0).run()
    app.number_input(key=f"{OVERDUE}_value").set_value(5.0).run()
    assert "draft" not in app.query_params


@pytest.mark.usefixtures("ruled")
def test_another_number_takes_another_limit_and_only_the_fields_it_needs(opened):
    app = rules(opened, rule="overdue")
    app.selectbox(key=f"{OVERDUE}_metric").set_value("total_ar").run()
    changed = draft(app)
    assert changed["metric"] == "total_ar"
    assert changed["value"] > 1_000
    assert app.number_input(key=f"{OVERDUE}_value").label == "Limit, USD"
    app.segmented_control(key=f"{OVERDUE}_when").set_value("unusual").run()
    assert draft(app)["when"] == "unusual"
    assert app.number_input(key=f"{OVERDUE}_value").value is None
    assert app.number_input(key=f"{OVERDUE}_value").label == "Limit, deviations"
    assert not [box for box in app.selectbox if box.key == f"{OVERDUE}_against"]


@pytest.mark.usefixtures("ruled")
def test_a_fall_is_typed_as_a_plain_number(opened):
    app = rules(opened, rule="overdue")
    app.segmented_control(key=f"{OVERDUE}_when").set_value("change").run()
    assert "has risen by more than 5 pts within a year" in said(app)
    app.selectbox(key=f"{OVERDUE}_edge").set_value("at_most").run()
    assert "has fallen by 5 pts or more within a year" in said(app)
    assert app.number_input(key=f"{OVERDUE}_value").value == 5.0
    assert draft(app)["value"] == -0.05


@pytest.mark.usefixtures("ruled")
def test_only_where_narrows_to_values_of_dimensions(opened):
    app = rules(opened, rule="overdue")
    app.multiselect(key=f"{OVERDUE}_where").set_value([("segment", "Retail"), ("region", "Unassigned")]).run()
    assert draft(app)["where"] == {"segment": ["Retail"], "region": ["Unassigned"]}
    assert "in segment Retail and region Unassigned" in said(app)


@pytest.mark.usefixtures("ruled")
def test_a_message_of_ones_own_is_shown_filled_in(opened):
    app = rules(opened, rule="overdue")
    app.text_area(key=f"{OVERDUE}_message").set_value("{who} stands at {value}, look at {money}").run()
    assert " stands at " in said(app)
    assert "look at $" in said(app)
    app.text_area(key=f"{OVERDUE}_message").set_value("{whom} is late").run()
    assert "which stands for nothing; did you mean 'who'?" in said(app)
    assert app.button(key="rule_save").disabled


# --- saving -------------------------------------------------------------------------------------------------------


def test_saving_keeps_the_rule_with_who_and_leaves_the_file(opened, settled, ruled):
    app = rules(opened, rule="overdue", draft='{"value":0.06}')
    app.button(key="rule_save").click().run()
    assert "Saved. It counts from the next evaluation." in said(app)
    assert "draft" not in app.query_params
    found, changes = kept(settled)
    assert found["overdue"].body is not None
    assert found["overdue"].body["value"] == 0.06
    assert found["overdue"].changed_by == "local"
    assert [(change.change, change.who) for change in changes] == [("kept", "local")]
    assert ruled.read_text(encoding="utf-8") == TOML
    assert "You changed Limit: 5 % → 6 %" in said(app)
    listed = said(rules(opened))
    assert "is above 6 %" in listed
    assert "Changed here by you" in listed


@pytest.mark.usefixtures("ruled")
def test_what_is_changed_asks_for_an_evaluation_until_there_was_one(opened):
    app = rules(opened, rule="overdue", draft='{"value":0.06}')
    assert not _asks(app)
    app.button(key="rule_save").click().run()
    assert _asks(app)
    assert "Rules have been changed since they were asked last." in said(rules(opened))
    app.button(key="rules_evaluate").click().run()
    assert not _asks(app)
    assert "of 3 beyond their limit" in said(rules(opened))


def _asks(app):
    return any(button.key == "rules_evaluate" for button in app.button)


@pytest.mark.usefixtures("ruled")
def test_back_to_the_file(opened, settled):
    app = rules(opened, rule="overdue", draft='{"value":0.06}')
    app.button(key="rule_save").click().run()
    assert "In the file: Limit: 6 % → 5 %" in said(app)
    app.button(key="rule_restore").click().run()
    assert app.number_input(key=f"{OVERDUE}_value").value == 5.0
    assert kept(settled)[0] == {}
    assert "You went back to the file's version" in said(app)


@pytest.mark.usefixtures("ruled")
def test_saving_what_the_file_says_keeps_nothing(opened, settled):
    app = rules(opened, rule="overdue", draft='{"value":0.06}')
    app.button(key="rule_save").click().run()
    app.number_input(key=f"{OVERDUE}_value").set_value(5.0).run()
    app.button(key="rule_save").click().run()
    assert kept(settled)[0] == {}


@pytest.mark.usefixtures("ruled")
def test_switched_off_and_on(opened, settled):
    app = rules(opened, rule="overdue", draft='{"value":0.06}')
    app.button(key="rule_switch").click().run()
    body = kept(settled)[0]["overdue"].body
    assert body is not None
    assert body["enabled"] is False
    # Only that was kept: the draft is still one.
    assert body["value"] == 0.05
    assert draft(app) == {"value": 0.06}
    assert app.button(key="rule_switch").label == "Switch on"
    assert "1 switched off" in said(rules(opened))
    app.button(key="rule_switch").click().run()
    assert kept(settled)[0] == {}


@pytest.mark.usefixtures("ruled")
def test_removed_and_brought_back(opened, settled):
    app = rules(opened, rule="overdue")
    app.button(key="rule_remove").click().run()
    assert "rule" not in app.query_params
    assert kept(settled)[0]["overdue"].body is None
    assert "Removed here" in said(app)
    app.button(key="rule_back_overdue").click().run()
    assert kept(settled)[0] == {}
    assert "Removed here" not in said(app)


@pytest.mark.usefixtures("ruled")
def test_one_that_was_added_and_removed_comes_back_as_it_was(opened, settled):
    app = rules(opened, rule="+", draft='{"title":"Mine","value":0.11}')
    app.button(key="rule_save").click().run()
    before = kept(settled)[0]["mine"].body
    app.button(key="rule_remove").click().run()
    app.button(key="rule_back_mine").click().run()
    assert kept(settled)[0]["mine"].body == before


@pytest.mark.usefixtures("ruled")
def test_a_copy_is_a_new_rule_with_an_id_of_its_own(opened, settled):
    app = rules(opened, rule="overdue")
    app.button(key="rule_copy").click().run()
    assert app.text_input(key="rule_field_new_title").value == "Overdue of a region (copy)"
    app.text_input(key="rule_field_new_title").set_value("Overdue").run()
    app.button(key="rule_save").click().run()
    assert set(kept(settled)[0]) == {"overdue-2"}


@pytest.mark.usefixtures("ruled")
def test_a_broken_rule_is_mended_by_saving_its_fields(opened, settled):
    app = rules(opened, rule="broken")
    assert "which is no metric; did you mean 'dso'?" in said(app)
    app.selectbox(key="rule_field_broken_metric").set_value("dso").run()
    app.button(key="rule_save").click().run()
    body = kept(settled)[0]["broken"].body
    assert body is not None
    assert body["metric"] == "dso"
    assert "cannot be asked" not in said(rules(opened))


def test_a_rule_that_somebody_kept_and_cannot_be_is_told(opened, settled, ruled):
    state = State.open(load(settled / "config"))
    state.alerting.keep_rule("overdue", {"title": "Odd", "metric": "overdue_share", "value": "many"}, "somebody")
    state.close()
    assert ruled.exists()
    assert "Changed on the page by somebody" in said(rules(opened))
    app = rules(opened, rule="overdue")
    assert "it must be a number" in said(app)
    assert not app.button(key="rule_save").disabled


# --- what an address may say --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("{", "The draft in this address cannot be read"),
        ("[1]", "The draft in this address cannot be read"),
        ("[" * 3_000, "The draft in this address cannot be read"),
        ('{"value":' + "9" * 7_000 + "}", "The draft in this address cannot be read"),
        ('{"valeu":1}', "which no rule has; did you mean 'value'?"),
        ('{"metric":"dsoo"}', "There is no metric 'dsoo'; did you mean 'dso'?"),
        ('{"metric":{"a":1}}', "There is no metric"),
        ('{"value":"much"}', "Its value is 'much'; it must be a number."),
        ('{"value":1e999}', "Its value"),
        ('{"value":true}', "Its value is true; it must be a number."),
        ('{"when":"sometimes"}', "Its when is 'sometimes'"),
        ('{"periods":0}', "Its periods"),
        ('{"by":[1]}', "Its by"),
        ('{"where":{"region":5}}', "Its where"),
        ('{"where":{"region":[]}}', "Its where has no text for 'region'"),
        ('{"enabled":"off"}', "Its enabled"),
        ('{"title":"' + "t" * 500 + '"}', "Its title"),
        ('{"owner":"nobody-at-all"}', "Owner is 'nobody-at-all', which is no owner"),
        ('{"owner_by":"reggion"}', "Owner by is 'reggion', which is no dimension; did you mean 'region'?"),
        ('{"by":["shoe"]}', "By has 'shoe', which is no dimension"),
        ('{"window":"5 weeks"}', "Window is '5 weeks'"),
        ('{"value":7}', "Value is 7, but a share is between 0 and 1"),
        ('{"value":null}', "needs a value: the limit"),
        ('{"when":"target"}', "takes its limit from there"),
        ('{"of":"line","when":"benchmark","value":null}', ""),
        ('{"metric":"total_ar"}', "neither more nor less is better"),
    ],
)
@pytest.mark.usefixtures("ruled")
def test_nonsense_in_a_draft_is_a_sentence(opened, written, sentence):
    app = rules(opened, rule="overdue", draft=written)
    assert not app.exception
    assert sentence in said(app)
    assert app.button(key="rule_save").disabled or not sentence


@pytest.mark.usefixtures("ruled")
def test_a_rule_that_is_not_there_is_a_sentence_above_the_list(opened):
    app = rules(opened, rule="overdew")
    assert "The rule 'overdew' does not exist. did you mean 'overdue'?".lower() in said(app).lower()
    assert "2 rules" in said(app)


@pytest.mark.usefixtures("ruled")
def test_hostile_titles_and_values_stay_words(opened):
    shown = [
        str(element.value)
        for app in (rules(opened), rules(opened, rule="dso"))
        for kind in ("subheader", "markdown", "caption", "warning", "info")
        for element in getattr(app, kind)
    ]
    assert not any("<b>" in words or ":red[target" in words or "**DSO**" in words for words in shown)
    app = rules(opened, rule="+", draft='{"title":"[x](https://a.b) :smile:","value":0.1,"note":"<img src=x>"}')
    assert "](https://a.b)" not in "".join(str(element.value) for element in app.subheader)
    assert app.button(key="rule_save").disabled is False


# --- the draft by itself ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", CATALOG)
@pytest.mark.parametrize("when", ["level", "change", "unusual"])
def test_a_change_of_the_number_leaves_a_rule_that_can_be(metric, when):
    from metrics import Targets

    begun = {"title": "T", "metric": "overdue_share", "value": 0.3, "margin": 0.01, "edge": "at_least"}
    body = rule_draft.changed(begun, {"metric": metric}, Targets(), lambda _: None)
    body = rule_draft.changed(body, {"when": when}, Targets(), lambda _: None)
    assert not isinstance(rule_draft.read(body, "t"), str)
    assert body["metric"] == metric
    assert body["when"] == when


def test_only_what_differs_is_written():
    base = {"title": "T", "metric": "dso", "value": 45, "by": "region", "periods": 1}
    assert rule_draft.written(base, {**base, "by": ["region"], "enabled": True}) == ""
    assert rule_draft.written(base, {"title": "T", "metric": "dso", "value": 50}) == '{"by":null,"value":50}'


def test_ids_are_of_small_letters_and_their_own():
    assert rule_draft.id_of("Überfällig > 30 % (Süd)", []) == "uberfallig-30-sud"
    assert rule_draft.id_of("逾期", []) == "rule"
    assert rule_draft.id_of("DSO", ["dso", "dso-2"]) == "dso-3"
    assert len(rule_draft.id_of("long " * 50, ["long"])) <= 60


def test_a_moment_of_a_change_is_written_in_utc(opened, settled, ruled):
    before = datetime.now(UTC)
    app = rules(opened, rule="overdue", draft='{"value":0.06}')
    app.button(key="rule_save").click().run()
    (change,) = kept(settled)[1]
    assert before <= change.at <= datetime.now(UTC)
    assert f"{change.at:%H:%M} UTC · You changed" in said(app)
    assert ruled.exists()
