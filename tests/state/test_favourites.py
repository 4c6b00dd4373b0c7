"""Favourites and notices: each reader's own, marked once however often, and following the view they stand for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from state import Favourite
from tests.state.conftest import NOON, PAGE
from tests.state.test_views import HOSTILE, refused


def test_favourites_are_each_readers_own_in_the_order_they_were_marked(home, keep):
    for hours, (reader, kind, key) in enumerate(
        [("anna", "page", "pages/risk/provision.py"), ("bob", "customer", "C1"), ("anna", "customer", "0011")]
    ):
        home.clock = NOON + timedelta(hours=hours)
        keep.mark(reader, kind, key, key.upper())
    assert keep.favourites("anna") == [
        Favourite("page", "pages/risk/provision.py", "PAGES/RISK/PROVISION.PY", NOON),
        Favourite("customer", "0011", "0011", NOON + timedelta(hours=2)),
    ]
    assert [one.key for one in keep.favourites("bob")] == ["C1"]
    assert keep.favourites("carl") == []


def test_marked_again_it_keeps_its_place_and_takes_the_new_label(home, keep):
    keep.mark("anna", "customer", "C1", "Old name")
    home.clock = NOON + timedelta(days=1)
    keep.mark("anna", "customer", "C2", "Other")
    keep.mark("anna", "customer", "C1", "New name")
    assert [(one.key, one.label, one.added_at) for one in keep.favourites("anna")] == [
        ("C1", "New name", NOON),
        ("C2", "Other", home.clock),
    ]


def test_unmarked_it_is_gone_and_once_more_is_no_error(keep):
    keep.mark("anna", "customer", "C1", "One")
    keep.mark("anna", "page", "C1", "A page of the same key")
    keep.mark("bob", "customer", "C1", "One")
    keep.unmark("anna", "customer", "C1")
    keep.unmark("anna", "customer", "C1")
    assert [one.kind for one in keep.favourites("anna")] == ["page"]
    assert [one.kind for one in keep.favourites("bob")] == ["customer"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_keys_and_labels_are_kept_as_they_are(keep, text):
    keep.mark(text, "customer", text, text)
    assert [(one.key, one.label) for one in keep.favourites(text)] == [(text, text)]
    keep.unmark(text, "customer", text)
    assert keep.favourites(text) == []


def test_keys_differ_by_capitals_and_spaces(keep):
    """Customers' ids are what the books say they are."""
    for key in ("c1", "C1", " C1", "C1 "):
        keep.mark("anna", "customer", key, "One")
    assert sorted(one.key for one in keep.favourites("anna")) == [" C1", "C1", "C1 ", "c1"]


def test_a_label_is_one_line_and_cut_where_it_is_long(keep):
    keep.mark("anna", "customer", "C1", "two\nlines\tand " + "x" * 300)
    label = keep.favourites("anna")[0].label
    assert label.startswith("two lines and xxx")
    assert label.endswith("x…")
    assert len(label) == 200


def test_the_longest_keys_fit(keep):
    keep.mark("ŵ" * 254, "customer", "漢" * 400, "Long")
    assert keep.favourites("ŵ" * 254)[0].key == "漢" * 400
    refused(lambda: keep.mark("anna", "customer", "x" * 401, "Long"), "401", "400")


def test_what_cannot_be_a_favourite_is_refused(keep):
    refused(lambda: keep.mark("anna", "custmer", "C1", "One"), "'custmer'", "did you mean 'customer'?")
    refused(lambda: keep.mark("anna", "customer", "", "Nobody"), "key", "empty")
    refused(lambda: keep.unmark("anna", "custmer", "C1"), "'custmer'")
    assert keep.favourites("anna") == []


def test_favourites_of_a_view_follow_its_name_and_go_with_it(keep):
    view, other = (keep.save_view(name, PAGE, {}, "anna") for name in ("Weekly", "Daily"))
    for reader in ("anna", "bob"):
        keep.mark(reader, "view", view.id, view.name)
        keep.mark(reader, "view", other.id, other.name)
        keep.mark(reader, "customer", view.id, "A customer with the id of a view")
    keep.rename_view(view.id, "Monthly", "anna")
    assert {one.label for one in keep.favourites("bob")} == {"Monthly", "Daily", "A customer with the id of a view"}
    keep.save_view("Yearly", PAGE, {}, "anna", id=view.id)
    assert "Yearly" in {one.label for one in keep.favourites("bob")}
    keep.delete_view(view.id, "anna")
    for reader in ("anna", "bob"):
        assert {(one.kind, one.key) for one in keep.favourites(reader)} == {("view", other.id), ("customer", view.id)}


def test_a_notice_is_seen_by_who_saw_it(home, keep):
    assert not keep.seen("anna", "tour")
    keep.note_seen("anna", "tour")
    keep.note_seen("anna", "tour")
    assert keep.seen("anna", "tour")
    assert not keep.seen("anna", "news")
    assert not keep.seen("bob", "tour")
    again = home.open()
    assert again.seen("anna", "tour")
    again.close()


def test_a_notice_has_a_name(keep):
    refused(lambda: keep.note_seen("anna", ""), "notice", "empty")
    refused(lambda: keep.seen("anna", "x" * 81), "81", "80")
