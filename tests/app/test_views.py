"""Named views: kept with their address, opened by link, shared, renamed, deleted; each trouble is a sentence."""

from __future__ import annotations

import pytest

from metrics import text
from tests.app import company
from ui import reader, store, views

PAGE = "pages/reports/explorer.py"
OPEN = "reports/explorer"
HOSTILE = [
    "=cmd()",
    "<script>alert(1)</script>",
    "**bold** $x$ :smile:",
    "漢字",
    "شركة",
    "[l](https://example.com)",
    "%00",
]
_PLAIN = str.maketrans({text.NBSP: " ", "\\": None, "\u2060": None})


def plain(words):
    return words.translate(_PLAIN)


def labels(app):
    return [plain(button.label) for button in app.button]


def warned(app):
    return plain(" ".join(element.value for element in app.warning))


def address_of(app):
    return {key: told if isinstance(told, list) else [told] for key, told in dict(app.query_params).items()}


@pytest.fixture
def own(settled):
    """The company with its snapshot and a state of the test's own."""
    company.publish(settled)
    store.begin()
    return store.state()


def save(app, name):
    app.text_input(key="_view_name").set_value(name)
    app.button(key="view_save").click().run()
    return app


@pytest.mark.usefixtures("own")
def test_a_view_keeps_the_address_and_its_link_restores_the_page(opened):
    app = save(opened(OPEN, x_metrics=["overdue", "dso"], x_rows="region", region="North"), "North in numbers")
    assert not app.exception
    (id,) = address_of(app)["saved"]
    kept = store.state().view(id)
    assert kept
    assert kept.parameters == {"x_metrics": ["overdue", "dso"], "x_rows": ["region"], "region": ["North"]}
    assert (kept.page, kept.owner, kept.shared) == (PAGE, reader.LOCAL, True)
    again = opened(OPEN, view=id)
    assert not again.exception
    assert address_of(again) == {**kept.parameters, "saved": [id]}
    assert again.title[0].value == app.title[0].value
    assert again.dataframe[0].value.equals(app.dataframe[0].value)


def test_what_has_changed_since_is_told_and_saved_again(own, opened):
    kept = own.save_view("By region", PAGE, {"x_rows": ["region"]}, reader.LOCAL)
    app = opened(OPEN, view=kept.id)
    assert "Save again" not in labels(app)
    app.selectbox(key="x_rows").select("segment").run()
    assert "Save again" in labels(app)
    app.button(key="view_save_again").click().run()
    assert own.view(kept.id).parameters == {}
    assert "Save again" not in labels(app)


def test_only_its_owner_changes_a_view(own, opened):
    kept = own.save_view("Theirs", PAGE, {"x_rows": ["region"]}, "somebody@example.com")
    app = opened(OPEN, view=kept.id)
    app.selectbox(key="x_rows").select("segment").run()
    assert "Save again" not in labels(app)
    assert "Delete" not in labels(app)
    assert any("changed" in caption.value for caption in app.caption)


def test_two_views_of_one_name_are_one_sentence(own, opened):
    own.save_view("Monthly", PAGE, {}, reader.LOCAL)
    app = save(opened(OPEN), "  monthly ")
    assert "already; choose another name" in warned(app)
    assert len(own.views(reader.LOCAL)) == 1
    # The sentence is told once.
    assert not app.run().warning


@pytest.mark.parametrize(("name", "words"), [("", "is empty"), ("x" * 81, "80 is the most"), ("a\nb", "one line")])
@pytest.mark.usefixtures("own")
def test_a_name_that_cannot_be_is_one_sentence(opened, name, words):
    assert words in warned(save(opened(OPEN), name))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_kept_and_shown_as_it_is(own, opened, name):
    app = save(opened(OPEN), name)
    assert not app.exception
    assert [view.name for view in own.views(reader.LOCAL)] == [name]
    assert name in labels(app)


def test_a_view_is_renamed_and_deleted_after_a_second_word(own, opened):
    kept = own.save_view("Old", PAGE, {"x_rows": ["region"]}, reader.LOCAL)
    app = opened(OPEN, view=kept.id)
    app.text_input(key="_view_new_name").set_value("New")
    app.button(key="view_rename").click().run()
    assert own.view(kept.id).name == "New"
    app.button(key="view_delete").click().run()
    assert own.view(kept.id) is not None
    app.button(key="view_delete_sure").click().run()
    assert own.view(kept.id) is None
    assert not app.warning
    assert address_of(app) == {"x_rows": ["region"]}


def test_a_view_deleted_meanwhile_leaves_its_page_and_says_so(own, opened):
    kept = own.save_view("Short-lived", PAGE, {"x_rows": ["region"]}, reader.LOCAL)
    app = opened(OPEN, view=kept.id)
    title = app.title[0].value
    own.delete_view(kept.id, reader.LOCAL)
    app.run()
    assert not app.exception
    assert "has been deleted meanwhile" in warned(app)
    assert app.title[0].value == title
    assert "no longer exists" in warned(opened(OPEN, view=kept.id))


def test_a_view_opened_from_the_list_replaces_the_address(own, opened):
    kept = own.save_view("By region", PAGE, {"x_rows": ["region"]}, reader.LOCAL)
    app = opened(OPEN, x_metrics="overdue", region="North")
    app.button(key=f"view_{kept.id}").click().run()
    assert address_of(app) == {"x_rows": ["region"], "saved": [kept.id]}


@pytest.mark.parametrize("asked", ["none", "../etc/passwd", "' OR 1=1 --", "漢字"])
@pytest.mark.usefixtures("own")
def test_an_unknown_view_is_one_sentence_and_the_usual_page(opened, asked):
    app = opened(OPEN, view=asked)
    assert not app.exception
    assert views.GONE in warned(app)
    assert app.dataframe


def test_a_state_that_cannot_be_read_is_told_beside_the_page(own, opened):
    own.close()
    own.where.file.write_bytes(b"no database at all" * 100)
    app = opened(OPEN)
    assert not app.exception
    assert app.dataframe
