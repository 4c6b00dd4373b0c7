"""Asking only for what changed gives, row for row, what reading everything gives. Never tried on a real service."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from pydantic import TypeAdapter

from data_sources.connector import Remembering
from data_sources.refresh import refresh
from data_sources.registry import open_connector
from data_sources.rest import quickbooks_changes
from data_sources.rest.kept import _seal, _State
from tests.data_sources.contract import told
from tests.data_sources.rest import test_quickbooks as qbo
from tests.data_sources.rest import test_xero as xero
from tests.data_sources.rest.living import SWITCHED_ON, LivingCompany, LivingOrganisation, reading
from tests.data_sources.rest.service import CLIENT_SECRET, NOW, Reply, written
from tests.mappings.books import open_by_document

LIVING = {"quickbooks": LivingCompany, "xero": LivingOrganisation}
both = pytest.mark.parametrize("kind", LIVING)


DAY = "2026-03-01"


def lived(living, steps: int, seed: int = 1):
    """A service in which something was done already."""
    random = Random(seed)  # noqa: S311 - the same lives in each run
    for _ in range(steps):
        living.step(random)
    living.stamps.clock += timedelta(hours=1)
    return living


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


def open_one(living, name):
    """The last of a list that is neither voided nor deleted, nor of purchases."""
    return [one for one in living.lists[name] if (one.get("Status"), one.get("Type")) in OPEN][-1]


OPEN = ((None, None), ("AUTHORISED", None), ("AUTHORISED", "ACCREC"))


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


def change_one(living):
    """Give an open invoice another total, and nothing else."""
    name = "Invoice" if isinstance(living, LivingCompany) else "Invoices"
    one = open_one(living, name)
    amount = "TotalAmt" if name == "Invoice" else "Total"
    living.put(name, {**one, amount: one[amount] + 1000})


def asks_for_changes(asked) -> bool:
    return any(one.path.endswith("/cdc") or "if-modified-since" in one.headers for one in asked)


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


def kept(folder):
    return folder / "store" / "objects" / "cloud"


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


def without_ids(reply):
    text = written(reply.json).decode().replace('"Id":', '"No":').replace('"InvoiceID":', '"No":')
    return replace(reply, body=text.encode())


def test_a_refusal_to_tell_changes_reads_everything(tmp_path):
    living = lived(LivingOrganisation(), 40)
    with reading(tmp_path, living) as it:
        it.changed()
        lived(living, 10, seed=3)
        answers = living.answers
        living.answers = lambda asked: Reply(status=400) if "if-modified-since" in asked.headers else answers(asked)
        assert it.changed() == it.whole()


TROUBLE = {
    "limit": (lambda _: Reply(status=429, headers={"Retry-After": "9999"}), "no more requests"),
    "half a page": (lambda reply: replace(reply, cut=True), "broke off"),
    "no id": (without_ids, "may have changed"),
}
"""What a service may answer where changes are asked for, and the words it is told in."""


@both
@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_in_the_middle_is_told_and_loses_nothing(tmp_path, kind, trouble):
    living = lived(LIVING[kind](), 60)
    spoil, said = TROUBLE[trouble]
    with reading(tmp_path, living) as it:
        it.changed()
        before = contents(tmp_path)
        lived(living, 10, seed=3)
        change_one(living)
        answers = living.answers
        living.answers = lambda asked: spoil(answers(asked)) if troubled(asked) else answers(asked)
        with told(said, never=CLIENT_SECRET):
            it.changed()
        assert contents(tmp_path) == before
        living.answers = answers
        assert asks_for_changes(it.asked())
        assert it.changed() == it.whole()


def troubled(asked) -> bool:
    return asked.path.endswith("/cdc") or ("if-modified-since" in asked.headers and asked.path.endswith("/Invoices"))


def contents(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in kept(folder).iterdir()}


@both
def test_a_refresh_that_ends_before_its_end_loses_nothing(tmp_path, kind):
    """Everything was read and laid down, and the machine stops: what lies there is debris, and counts for nothing."""
    living = lived(LIVING[kind](), 60)
    with reading(tmp_path, living) as it:
        it.changed()
        before = contents(tmp_path)
        lived(living, 30, seed=3)
        stopped = open_connector(it.config)
        assert isinstance(stopped, Remembering)
        stopped.remember()
        stopped.read("documents")
        debris = set(contents(tmp_path)) - set(before)
        assert debris
        assert {name: contents(tmp_path)[name] for name in before} == before
        assert asks_for_changes(it.asked())
        assert it.changed() == it.whole()
        assert not debris & set(contents(tmp_path))
        stopped.close()


@both
def test_a_full_disk_at_the_very_end_is_told_and_loses_nothing(tmp_path, kind, monkeypatch):
    living = lived(LIVING[kind](), 40)
    with reading(tmp_path, living) as it:
        it.changed()
        before = contents(tmp_path)
        lived(living, 30, seed=3)
        with monkeypatch.context() as patch, told("cannot be used", "No space left"):
            patch.setattr(os, "fsync", full_disk)
            it.changed()
        assert contents(tmp_path) == before
        assert it.changed() == it.whole()


def full_disk(_):
    raise OSError(28, "No space left on device")


def spoilt(path):
    path.write_bytes(path.read_bytes()[:-9] + b"123456789")


def other_version(path):
    state = TypeAdapter(_State).validate_json(json.loads(path.read_bytes())["state"])
    text = TypeAdapter(_State).dump_json(replace(state, version=state.version + 1)).decode()
    path.write_text(json.dumps({"seal": _seal(text), "state": text}))


@both
@pytest.mark.parametrize(
    ("which", "spoil"),
    [
        ("objects.json", spoilt),
        ("objects.json", Path.unlink),
        ("objects.json", other_version),
        ("Invoice*", spoilt),
        ("Invoice*", Path.unlink),
    ],
)
def test_what_is_damaged_or_of_another_version_is_not_used(tmp_path, kind, which, spoil):
    living = lived(LIVING[kind](), 40)
    with reading(tmp_path, living) as it:
        it.changed()
        spoil(next(kept(tmp_path).glob(which)))
        assert not asks_for_changes(it.asked())
        assert asks_for_changes(it.asked())
        assert it.changed() == it.whole()


@both
def test_only_its_owner_can_read_it_and_no_login_is_in_it(tmp_path, kind):
    with reading(tmp_path, lived(LIVING[kind](), 40)) as it:
        it.changed()
        it.changed()
    assert kept(tmp_path).stat().st_mode & 0o777 == 0o700
    for file in kept(tmp_path).iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
        said = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        assert not any(secret in said for secret in (CLIENT_SECRET.encode(), b"refresh-", b"access-", b"-secret"))


@both
def test_amounts_are_kept_to_the_last_digit(tmp_path, kind):
    living = lived(LIVING[kind](), 40)
    name, key = ("Invoice", "TotalAmt") if kind == "quickbooks" else ("Invoices", "Total")
    living.put(name, {**open_one(living, name), key: Decimal("12345678901234.123456")})
    with reading(tmp_path, living) as it:
        it.changed()
        rows = it.changed()
        assert rows == it.whole()
    assert "12345678901234.123456" in str(rows["documents"])


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
