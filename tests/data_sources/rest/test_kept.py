"""What is kept between refreshes is whole or counts for nothing, and is lost by nothing that breaks off."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from data_sources.connector import Remembering
from data_sources.registry import open_connector
from data_sources.rest.kept import _seal, _State
from tests.data_sources.contract import told
from tests.data_sources.rest.living import (
    LIVING,
    asks_for_changes,
    both,
    change_one,
    contents,
    kept,
    lived,
    open_one,
    reading,
)
from tests.data_sources.rest.service import CLIENT_SECRET, Reply, written


def without_ids(reply):
    text = written(reply.json).decode().replace('"Id":', '"No":').replace('"InvoiceID":', '"No":')
    return replace(reply, body=text.encode())


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
