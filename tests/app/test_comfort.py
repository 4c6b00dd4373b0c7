"""What makes the screen easy: favourites, the tour, stepping through the month-ends."""

from __future__ import annotations

import pytest

from config.settings import load
from ledger.build import build_book
from ledger.errors import StateError
from state import State
from tests.app import company
from ui import favourites, filters, reader, tour

MARK = "0123456789abcdef0123456789abcdef"


def kept(folder):
    """The favourites in the company's state database."""
    return State.open(load(folder / "config")).favourites(reader.LOCAL)


def show_favourites(app):
    """As a click on the list of favourites does it."""
    app.session_state["favourites"] = True
    return app.run()


def day(app):
    return app.query_params.get("as_of")


# --- stepping ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("published")
def test_earlier_and_later_walk_through_the_month_ends_and_stop_at_both_ends(opened):
    app = opened()
    assert app.button(key="day_later").disabled
    app.button(key="day_earlier").click().run()
    assert day(app) == "2026-05-31"
    app.button(key="day_earlier").click().run()
    assert day(app) == "2026-04-30"
    app.button(key="day_later").click().run()
    app.button(key="day_later").click().run()
    assert day(app) is None
    assert opened(as_of="2024-07-31").button(key="day_earlier").disabled


@pytest.mark.parametrize(
    ("asked", "before", "after"),
    [
        ("2026-05-15", "2026-04-30", "2026-05-31"),
        ("2026-05-31", "2026-04-30", "latest"),
        ("2030-01-01", "2026-05-31", "latest"),
        ("1990-01-01", None, "2024-07-31"),
    ],
)
def test_a_day_between_month_ends_steps_to_its_neighbours(asked, before, after):
    book = build_book(company.tables(), company.rules(), source="books")
    assert filters._neighbour(book, asked, -1) == before
    assert filters._neighbour(book, asked, 1) == after


# --- favourites ----------------------------------------------------------------------------------------------------


def test_a_page_is_kept_as_it_is_and_found_again(settled, opened):
    company.publish(settled)
    app = show_favourites(opened("receivables/aging", region="South", as_of="2026-05-31"))
    app.button(key="favourite_add").click().run()
    (favourite,) = kept(settled)
    assert favourite.key == "pages/receivables/aging.py?region=South&as_of=2026-05-31"
    assert favourite.label == "Aging: South, as of 31 May 2026"
    app = show_favourites(opened())
    (link,) = [each.proto for each in app.get("page_link") if each.proto.label.startswith("Aging:")]
    assert (link.page, link.query_string) == ("aging", "region=South&as_of=2026-05-31")
    app.button(key="favourite_0").click().run()
    assert kept(settled) == []


def test_a_favourite_of_a_page_that_is_gone_is_said_and_can_be_removed(settled, opened):
    company.publish(settled)
    State.open(load(settled / "config")).mark(reader.LOCAL, "page", "pages/old/gone.py", "Gone")
    app = show_favourites(opened())
    assert not app.exception
    assert any("this page no longer exists" in caption.value for caption in app.caption)
    app.button(key="favourite_0").click().run()
    assert kept(settled) == []


def test_without_the_state_database_there_is_a_sentence_and_the_page(settled, opened, monkeypatch):
    company.publish(settled)

    def broken():
        raise StateError("The state database cannot be opened.")

    monkeypatch.setattr(favourites.store, "state", broken)
    app = show_favourites(opened())
    assert not app.exception
    assert any("The state database cannot be opened" in caption.value for caption in app.caption)
    assert app.metric


# --- the tour ------------------------------------------------------------------------------------------------------


def told(app):
    return any("The headline is the message" in element.value for element in app.markdown)


def test_a_browser_sees_the_five_things_once(settled, opened, monkeypatch):
    company.publish(settled)
    monkeypatch.setattr(tour.reader, "who", lambda: MARK)
    app = opened()
    assert told(app)
    app.button(key="tour_start").click().run()
    assert not told(app)
    assert not told(opened())
    app.button(key="tour").click().run()
    assert told(app)


@pytest.mark.usefixtures("published")
def test_nobody_is_bothered_where_nothing_says_who_is_new(opened):
    assert not told(opened())


def test_a_company_can_do_without(settled, opened, monkeypatch):
    company.publish(settled)
    file = settled / "config" / "app.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n[screen]\ntour = false\n", encoding="utf-8")
    monkeypatch.setattr(tour.reader, "who", lambda: MARK)
    assert not told(opened())


def test_where_nothing_can_be_noted_the_tour_does_not_come_back_with_every_visit(settled, opened, monkeypatch):
    company.publish(settled)
    monkeypatch.setattr(tour.reader, "who", lambda: MARK)

    def broken():
        raise StateError("no")

    monkeypatch.setattr(tour.store, "state", broken)
    app = opened()
    assert not app.exception
    assert not told(app)
