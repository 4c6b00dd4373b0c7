"""Asking only for what changed gives, row for row, what reading everything gives. Never tried on a real service."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from data_sources.refresh import refresh
from data_sources.registry import open_connector
from data_sources.rest import quickbooks_changes
from ledger.errors import ConfigError
from tests.data_sources.contract import told
from tests.data_sources.rest import test_quickbooks as qbo
from tests.data_sources.rest import test_xero as xero
from tests.data_sources.rest.living import (
    LIVING,
    SWITCHED_ON,
    asks_for_changes,
    both,
    change_one,
    kept,
    lived,
    open_one,
    reading,
)
from tests.data_sources.rest.living_services import LivingCompany, LivingOrganisation
from tests.data_sources.rest.service import NOW, Reply, settings
from tests.mappings.books import open_by_document

DAY = "2026-03-01"


@both
@pytest.mark.parametrize("shy", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_changes_give_what_reading_everything_gives(tmp_path, kind, shy, seed):
    random = Random(seed)  # noqa: S311 - the same lives in each run
    living = lived(LIVING[kind](shy=shy), 25, seed)
    with reading(tmp_path, living) as it:
        for _ in range(6):
            assert it.changed() == it.whole()
            for _ in range(random.choice((0, 1, 4, 12))):
                living.step(random)
            living.stamps.clock += timedelta(minutes=random.choice((1, 20, 600)))
        assert it.changed() == it.whole()


@both
def test_little_changed_little_is_asked_for(tmp_path, kind):
    """Some 500 objects in pages of 10."""
    living = lived(LIVING[kind](page=10), 60)
    for number in range(450):
        new = f"9{number:03}"
        if kind == "quickbooks":
            living.put("Invoice", qbo.invoice(new, DAY, 5))
        else:
            living.put("Invoices", xero.invoice(new, DAY, 5))
    living.stamps.clock += timedelta(hours=1)
    with reading(tmp_path, living) as it:
        whole = len(it.asked())
        nothing = len(it.asked())
        lived(living, 3, seed=5)
        little = len(it.asked())
        assert it.changed() == it.whole()
    assert whole > 40
    assert nothing <= 14
    assert little <= 20


@both
def test_what_a_customer_is_merged_into_is_found(tmp_path, kind):
    """Documents are another customer's without being stamped as changed."""
    living = lived(LIVING[kind](), 80)
    with reading(tmp_path, living) as it:
        before = it.changed()
        merge_two(living)
        assert it.changed() == it.whole() != before


def merge_two(living):
    if isinstance(living, LivingCompany):
        gone = living.lists["Invoice"][0]["CustomerRef"]["value"]
        others = [one["Id"] for one in living.lists["Customer"] if one["Active"]]
    else:
        gone = open_one(living, "Invoices")["Contact"]["ContactID"]
        others = [one["ContactID"] for one in living.lists["Contacts"] if one["ContactStatus"] == "ACTIVE"]
    living.merge(gone, next(one for one in others if one != gone))


@both
@pytest.mark.parametrize("what", ["Invoice", "Payment"])
def test_what_went_without_a_word_is_told_by_the_count(tmp_path, kind, what):
    living = lived(LIVING[kind](), 80)
    with reading(tmp_path, living) as it:
        before = it.changed()
        name = what if kind == "quickbooks" else f"{what}s"
        living.lists[name].remove(open_one(living, name))
        assert it.changed() == it.whole() != before


@both
def test_a_change_that_is_seen_later_than_it_is_stamped_is_found(tmp_path, kind):
    living = lived(LIVING[kind](), 80)
    with reading(tmp_path, living) as it:
        it.changed()
        change_one(living)
        for key in list(living.stamps.changed):
            living.stamps.changed[key] -= timedelta(minutes=10)
        assert it.changed() == it.whole()


@both
def test_everything_is_read_from_time_to_time(tmp_path, kind):
    with reading(tmp_path, lived(LIVING[kind](), 20), f"{SWITCHED_ON}whole_every = 2\n") as it:
        assert [asks_for_changes(it.asked()) for _ in range(7)] == [False, True, True, False, True, True, False]


@both
@pytest.mark.parametrize("days", [31, -1])
def test_beyond_the_service_s_memory_and_before_its_time_everything_is_read(tmp_path, kind, days):
    """A mark that is too old, and one in the future, as a service has whose clock was set back."""
    living = lived(LIVING[kind](), 30)
    with reading(tmp_path, living) as it:
        it.changed()
        living.stamps.clock += timedelta(days=days)
        assert not asks_for_changes(it.asked())
        assert asks_for_changes(it.asked())
        assert it.changed() == it.whole()


@both
def test_full_reads_everything(tmp_path, kind):
    with reading(tmp_path, lived(LIVING[kind](), 30)) as it:
        it.changed()
        assert not asks_for_changes(it.asked(full=True))
        assert asks_for_changes(it.asked())


@both
@pytest.mark.parametrize("more", ['entity = "Other"\n', "retries = 2\n"])
def test_other_settings_read_everything(tmp_path, kind, more):
    living = lived(LIVING[kind](), 30)
    with reading(tmp_path, living) as it:
        it.changed()
    with reading(tmp_path, living, SWITCHED_ON + more) as it:
        assert not asks_for_changes(it.asked())


def test_another_company_reads_everything(tmp_path):
    living = lived(LivingOrganisation(), 30)
    with reading(tmp_path, living) as it:
        it.changed()
        living.base = "AUD"
        assert not asks_for_changes(it.asked())


def test_other_code_reads_everything(tmp_path, monkeypatch):
    with reading(tmp_path, lived(LivingCompany(), 30)) as it:
        it.changed()
        monkeypatch.setattr("data_sources.rest.connector.stamp_of", lambda _: "another version")
        assert not asks_for_changes(it.asked())


@both
def test_a_service_that_does_not_say_the_time_is_read_whole(tmp_path, kind):
    """A mark by our own clock could be later than a change that the service stamps by its own."""
    living = lived(LIVING[kind](), 30)

    def timeless(asked, answers=living.answers):
        reply = answers(asked)
        if isinstance(reply.json, dict):
            reply.json.pop("time", None)
            reply.json.pop("DateTimeUTC", None)
        return reply

    living.answers = timeless
    with reading(tmp_path, living) as it:
        assert it.changed() == it.whole()
        assert not asks_for_changes(it.asked())
    assert not kept(tmp_path).exists()


def test_so_many_changes_that_some_are_left_out_read_that_kind_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(quickbooks_changes, "_MOST", 6)
    living = lived(LivingCompany(shy=True, most=6), 60)
    living.stamps.clock += timedelta(hours=1)
    with reading(tmp_path, living) as it:
        it.changed()
        living.stamps.clock += timedelta(hours=1)
        for number in range(7):
            who = living.lists["Customer"][0]["Id"]
            living.put("Invoice", qbo.invoice(f"9{number}", DAY, 100, customer=who))
        living.delete("Payment", living.lists["Payment"][0]["Id"])
        asked = it.asked()
        assert it.changed() == it.whole()
    whole = {one.values["query"].split()[3] for one in asked if one.values.get("query", "").startswith("SELECT * FROM")}
    assert "Invoice" in whole
    assert "JournalEntry" not in whole


@pytest.mark.parametrize(
    "said",
    [
        Reply({"CDCResponse": [{"QueryResponse": [{"Estimate": [{"Id": "1"}]}]}]}),
        Reply({"CDCResponse": [{"QueryResponse": [{"Fault": {"Error": []}}]}]}),
        Reply({"QueryResponse": {}}),
        Reply({"Fault": {"Error": [{"Message": "changedSince is too old"}]}}, 400),
        Reply({"Fault": {"Error": [{"Message": "this app may not"}]}}, 403),
    ],
    ids=["unknown kind", "a fault inside", "another answer", "refused", "not allowed"],
)
def test_an_answer_that_is_not_understood_reads_everything(tmp_path, said, monkeypatch):
    living = lived(LivingCompany(), 40)
    with reading(tmp_path, living) as it:
        it.changed()
        lived(living, 10, seed=3)
        monkeypatch.setattr(living, "captured", lambda *_: said)
        assert it.changed() == it.whole()


def test_unmodified_by_status_is_no_change(tmp_path):
    living = lived(LivingOrganisation(), 40)
    with reading(tmp_path, living) as it:
        it.changed()
        answers = living.answers
        living.answers = lambda asked: Reply(status=304) if "if-modified-since" in asked.headers else answers(asked)
        assert it.changed() == it.whole()


def test_a_refusal_to_tell_changes_reads_everything(tmp_path):
    living = lived(LivingOrganisation(), 40)
    with reading(tmp_path, living) as it:
        it.changed()
        lived(living, 10, seed=3)
        answers = living.answers
        living.answers = lambda asked: Reply(status=400) if "if-modified-since" in asked.headers else answers(asked)
        assert it.changed() == it.whole()


@both
def test_it_is_off_by_itself_and_forgets_when_it_is_switched_off(tmp_path, kind):
    living = lived(LIVING[kind](), 10)
    with reading(tmp_path, living) as it:
        it.changed()
        assert kept(tmp_path).exists()
    with reading(tmp_path, living, "") as it:
        assert not asks_for_changes(it.asked())
        assert not kept(tmp_path).exists()


@both
def test_a_look_at_the_source_keeps_nothing(tmp_path, kind):
    with reading(tmp_path, lived(LIVING[kind](), 10)) as it:
        it.whole()
    assert not kept(tmp_path).exists()


def assert_same_open(book, living):
    told = {id.partition("-")[2]: amount for id, (_, amount, _) in open_by_document(book, NOW.date()).items()}
    left = {one["Id"]: one["Balance"] for one in living.lists["Invoice"] if one["Balance"] > 0}
    assert {id: told.get(id) for id in left} == left


def test_a_refresh_asks_for_changes_and_refresh_full_for_everything(tmp_path):
    living = lived(LivingCompany(), 60)
    with reading(tmp_path, living) as it:
        found = []
        for full in (False, False, True, False):
            it.service.asked.clear()
            change_one(living)
            book = refresh(it.config, now=NOW, full=full, force=True)
            found.append(asks_for_changes(it.service.asked))
            assert_same_open(book, living)
    assert found == [False, True, False, True]


def test_a_refresh_that_fails_keeps_nothing(tmp_path):
    """Everything came, and the mapping does not fit."""
    wrong = f'{SWITCHED_ON}[mapping]\ndocuments = "SELECT nothing FROM invoices"\n'
    with reading(tmp_path, lived(LivingCompany(), 30), wrong) as it:
        with told("nothing"):
            refresh(it.config, now=NOW)
        assert not list(kept(tmp_path).iterdir())


def test_stripe_is_always_read_whole(tmp_path):
    text = f'kind = "stripe"\nsecret_key = "sk_live_1"\n{SWITCHED_ON}'
    with pytest.raises(ConfigError, match="always read whole; remove changed_since"):
        open_connector(settings(tmp_path, text))
