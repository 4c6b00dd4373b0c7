"""Saved views: kept as they were, one name an owner, changed by their owner only, opened by whoever has the link."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ledger.errors import StateError
from state import SavedView
from tests.state.conftest import NOON, PAGE

ADDRESS = {"region": ["North", "South"], "as_of": ["2026-02-28"]}

# What names and addresses may hold: markup, SQL, formulas, other scripts, both directions, and nothing.
HOSTILE = [
    "=cmd()",
    "<script>alert(1)</script>",
    "'; DROP TABLE saved_views; --",
    "%s %(name)s :name ? $1 {0}",
    "**bold** [link](https://example.com) :red[x] $x$",
    "漢字 شركة \u202etfel",
    "O'Neil \\ \" `",
    "👩‍👩‍👧 🇵🇹",
]


def refused(call, *words):
    with pytest.raises(StateError) as caught:
        call()
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    for word in words:
        assert word in said
    return said


def test_nothing_is_kept_at_first(keep):
    assert keep.views("anna") == []
    assert keep.view("wugxti2uotde4udu") is None


def test_a_view_comes_back_as_it_was_saved(home, keep):
    saved = keep.save_view("Weekly", PAGE, ADDRESS, "anna")
    assert saved == SavedView(saved.id, "Weekly", PAGE, ADDRESS, "anna", True, NOON, NOON)
    assert keep.view(saved.id) == saved
    assert keep.views("anna") == [saved]
    # And to another process, which is what another State is.
    again = home.open()
    assert again.view(saved.id) == saved
    again.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_values_are_kept_as_they_are(keep, text):
    saved = keep.save_view(text, PAGE, {text: [text, ""]}, text)
    assert keep.view(saved.id) == saved
    assert (saved.name, saved.owner) == (text, text)
    assert saved.parameters == {text: [text, ""]}
    assert keep.views(text) == [saved]


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "two\nlines", "\u2028", "x" * 3000])
def test_an_address_may_hold_any_text(keep, value):
    saved = keep.save_view("Any", PAGE, {"q": [value]}, "anna")
    assert keep.view(saved.id).parameters == {"q": [value]}


def test_several_values_keep_their_order_and_a_single_text_is_one_value(keep):
    saved = keep.save_view("Order", PAGE, {"metric": ("dso", "cei", "dso"), "by": "region", "none": []}, "anna")
    assert keep.view(saved.id).parameters == {"metric": ["dso", "cei", "dso"], "by": ["region"], "none": []}


def test_ids_are_short_safe_in_an_address_and_never_the_same(keep):
    ids = {keep.save_view(f"View {n}", PAGE, {}, "anna").id for n in range(20)}
    assert len(ids) == 20
    assert all(re.fullmatch(r"[a-z2-7]{16}", id) for id in ids)
    # Random at every place: an id that counts up, or begins alike, could be guessed.
    assert min(len({id[place] for id in ids}) for place in range(16)) > 5


@pytest.mark.parametrize("id", ["", "x", "' OR 1=1", "%", "\0", "a" * 5000, "ſ" * 16])
def test_an_id_that_is_none_finds_nothing(keep, id):
    keep.save_view("Weekly", PAGE, {}, "anna")
    assert keep.view(id) is None


def test_times_are_utc_whatever_the_clock_says(home, keep):
    home.clock = datetime(2026, 3, 1, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    saved = keep.view(keep.save_view("Late", PAGE, {}, "anna").id)
    assert saved.created_at == home.clock
    assert saved.created_at.tzinfo is UTC
    assert saved.created_at.isoformat() == "2026-03-02T04:30:00.123456+00:00"


def test_own_views_come_first_then_what_others_share_each_by_name(keep):
    for name, reader, shared in [
        ("zebra", "anna", True),
        ("Élan", "anna", False),
        ("apple", "bob", True),
        ("Beta", "bob", True),
        ("secret", "bob", False),
        ("alpha", "anna", True),
    ]:
        keep.save_view(name, PAGE, {}, reader, shared=shared)
    assert [view.name for view in keep.views("anna")] == ["alpha", "zebra", "Élan", "apple", "Beta"]
    assert [view.name for view in keep.views("bob")] == ["apple", "Beta", "secret", "alpha", "zebra"]
    assert [view.name for view in keep.views("carl")] == ["alpha", "apple", "Beta", "zebra"]


def test_whoever_has_the_link_may_open_a_view_that_is_not_shared(keep):
    saved = keep.save_view("Mine", PAGE, ADDRESS, "anna", shared=False)
    assert keep.views("bob") == []
    assert keep.view(saved.id) == saved


@pytest.mark.parametrize("name", ["Weekly", "weekly", " WEEKLY ", "Weekly\u00a0"])
def test_a_name_is_used_once_by_an_owner(keep, name):
    keep.save_view("Weekly", PAGE, ADDRESS, "anna")
    said = refused(lambda: keep.save_view(name, PAGE, {}, "anna"), "already", "another name")
    assert name.strip() in said
    assert [view.parameters for view in keep.views("anna")] == [ADDRESS]


def test_two_ways_of_writing_an_accent_are_one_name(keep):
    keep.save_view("Caf\u00e9", PAGE, {}, "anna")
    refused(lambda: keep.save_view("Cafe\u0301", PAGE, {}, "anna"), "already")


def test_others_may_use_the_same_name(keep):
    keep.save_view("Weekly", PAGE, {}, "anna")
    keep.save_view("Weekly", PAGE, {}, "bob")
    assert len(keep.views("anna")) == 2


def test_saving_with_the_id_replaces_all_but_when_it_was_made(home, keep):
    saved = keep.save_view("Weekly", PAGE, ADDRESS, "anna")
    home.clock = NOON + timedelta(days=1)
    again = keep.save_view("Monthly", "pages/summary/overview.py", {"q": ["x"]}, "anna", shared=False, id=saved.id)
    assert again == SavedView(
        saved.id, "Monthly", "pages/summary/overview.py", {"q": ["x"]}, "anna", False, NOON, home.clock
    )
    assert keep.views("anna") == [again]


def test_saving_again_under_its_own_name_is_no_clash(keep):
    saved = keep.save_view("Weekly", PAGE, {}, "anna")
    assert keep.save_view("weekly", PAGE, ADDRESS, "anna", id=saved.id).name == "weekly"


def test_only_the_owner_changes_a_view(keep):
    saved = keep.save_view("Weekly", PAGE, ADDRESS, "anna")
    for call in (
        lambda: keep.save_view("Weekly", PAGE, {}, "bob", id=saved.id),
        lambda: keep.rename_view(saved.id, "Stolen", "bob"),
        lambda: keep.delete_view(saved.id, "bob"),
    ):
        refused(call, "'Weekly'", "somebody else")
    assert keep.view(saved.id) == saved


def test_a_view_is_renamed(home, keep):
    saved = keep.save_view("Weekly", PAGE, ADDRESS, "anna")
    home.clock = NOON + timedelta(hours=1)
    assert keep.rename_view(saved.id, " Daily ", "anna").name == "Daily"
    found = keep.view(saved.id)
    assert (found.name, found.parameters, found.created_at, found.changed_at) == ("Daily", ADDRESS, NOON, home.clock)


def test_a_view_cannot_take_the_name_of_another(keep):
    first = keep.save_view("Weekly", PAGE, {}, "anna")
    second = keep.save_view("Daily", PAGE, {}, "anna")
    refused(lambda: keep.rename_view(second.id, "weekly", "anna"), "'weekly'", "already")
    refused(lambda: keep.save_view("WEEKLY", PAGE, {}, "anna", id=second.id), "already")
    assert {keep.view(first.id).name, keep.view(second.id).name} == {"Weekly", "Daily"}


def test_a_view_is_deleted_and_its_name_is_free(keep):
    saved = keep.save_view("Weekly", PAGE, {}, "anna")
    keep.delete_view(saved.id, "anna")
    assert keep.view(saved.id) is None
    assert keep.views("anna") == []
    keep.delete_view(saved.id, "anna")
    assert keep.save_view("Weekly", PAGE, {}, "anna").id != saved.id


def test_what_is_gone_cannot_be_changed(keep):
    refused(lambda: keep.rename_view("gone", "Weekly", "anna"), "no longer exists")
    refused(lambda: keep.save_view("Weekly", PAGE, {}, "anna", id="gone"), "no longer exists")
    assert keep.views("anna") == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", ["empty"]),
        (" \u3000 ", ["empty"]),
        ("x" * 81, ["81 characters", "80"]),
        ("two\nlines", ["one line"]),
        ("tab\there", ["one line"]),
        ("nul\0", ["one line"]),
        ("\ud800", ["no text"]),
    ],
)
def test_a_name_that_cannot_be_is_refused(keep, name, words):
    refused(lambda: keep.save_view(name, PAGE, {}, "anna"), "name of a view", *words)
    assert keep.views("anna") == []


def test_a_name_may_be_as_long_as_is_said(keep):
    assert keep.save_view("ΐ" * 80, PAGE, {}, "ŵ" * 254).name == "ΐ" * 80


@pytest.mark.parametrize("reader", ["", " ", "x" * 255, "a\0b"])
def test_a_reader_that_cannot_be_is_refused(keep, reader):
    refused(lambda: keep.save_view("Weekly", PAGE, {}, reader), "reader")
    refused(lambda: keep.views(reader), "reader")


@pytest.mark.parametrize(
    "page", ["", "/etc/passwd", "pages/../app.py", "pages/x.py", "https://example.com", "pages/a/b.py\n"]
)
def test_a_view_is_of_one_of_our_pages(keep, page):
    refused(lambda: keep.save_view("Weekly", page, {}, "anna"), "pages/summary/overview.py")


def test_an_address_that_is_too_long_is_refused(keep):
    refused(lambda: keep.save_view("All", PAGE, {"customer": [f"C{n:06d}" for n in range(3000)]}, "anna"), "too many")
    assert keep.views("anna") == []
