"""The app's one way to what people keep: opened once a database, and a sentence on the page when it cannot be."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.app import company


def _page():
    import streamlit as st

    from ledger.errors import OutstandingError
    from ui import reader, store

    store.begin()
    try:
        keep = store.state()
        keep.mark(reader.who(), "page", "pages/summary/overview.py", "Overview")
        st.text(f"{id(keep)} {[one.label for one in keep.favourites(reader.who())]}")
    except OutstandingError as error:
        st.error(str(error))


def test_it_is_opened_once_and_lies_beside_the_snapshots(tmp_path, monkeypatch):
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(company.settle_in(tmp_path)))
    first, second = (AppTest.from_function(_page).run().text[0].value for _ in range(2))
    assert first.endswith("['Overview']")
    assert first == second
    assert (tmp_path / "data" / "state.sqlite").is_file()


def test_another_company_has_another(tmp_path, monkeypatch):
    shown = []
    for name in ("one", "two"):
        monkeypatch.setenv("OUTSTANDING_CONFIG", str(company.settle_in(tmp_path / name)))
        shown.append(AppTest.from_function(_page).run().text[0].value)
    assert shown[0] != shown[1]


def test_a_database_that_cannot_be_opened_is_a_sentence_and_tried_again(tmp_path, monkeypatch):
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(company.settle_in(tmp_path)))
    file = tmp_path / "data" / "state.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"no database" * 100)
    app = AppTest.from_function(_page).run()
    assert not app.exception
    assert str(file) in app.error[0].value
    file.unlink()
    assert app.run().text[0].value.endswith("['Overview']")
