"""Named views: a page's address under a name, kept for its reader or shared; any page can be kept so."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import streamlit as st

from ledger.errors import OutstandingError
from metrics import text
from state import SavedView
from ui import address, reader, store
from ui.markdown import plain, prose

VIEW, SAVED = "view", "saved"
"""Opens a view with what it holds; says which view an address came from, and changes nothing."""

_TOLD, _SURE = "_views_told", "_views_sure"
_NAME, _SHARED, _NEW_NAME = "_view_name", "_view_shared", "_view_new_name"

GONE = "The view that this link names no longer exists; somebody has deleted it. Shown is the page as it usually is."


def arrive(page: str) -> None:
    """Open the view that the address asks for: the address then holds all of it, and the name it came from."""
    asked = address.value(VIEW)
    if not asked:
        return
    try:
        found = store.state().view(asked)
    except OutstandingError as error:
        st.warning(prose(str(error)), icon=":material/bookmark:")
        return
    if found is None:
        st.warning(prose(GONE), icon=":material/link_off:")
        return
    if found.page != page:
        st.switch_page(found.page, query_params=parameters(found))
    st.query_params.from_dict(parameters(found))
    st.rerun()


def parameters(view: SavedView) -> address.Parameters:
    """The address that a view stands for."""
    held = {key: list(told) for key, told in view.parameters.items() if key not in (VIEW, SAVED)}
    return {**held, SAVED: [view.id]}


def follow(view: SavedView, page: str) -> None:
    """Open a view, from a callback on ``page``."""
    if view.page != page:
        address.go(view.page, {VIEW: view.id})
        return
    address.put({**dict.fromkeys(address.here()), **parameters(view)})


def current() -> address.Parameters:
    """What a view of the page as it is would hold."""
    return {
        key: told for key, told in address.here().items() if key not in (VIEW, SAVED) and not key.startswith("embed")
    }


def draw(page: str) -> None:
    """The reader's views and those that others share: open, save, rename, delete."""
    try:
        kept = [view for view in store.state().views(reader.who()) if view.page == page]
        opened = store.state().view(address.value(SAVED)) if address.value(SAVED) else None
    except OutstandingError as error:
        st.caption(prose(f"Views cannot be read: {error}"))
        return
    mine = opened is not None and opened.owner == reader.who()
    changed = opened is not None and dict(opened.parameters) != current()
    name = "Views" if opened is None else plain(opened.name)
    with st.popover(name, icon=":material/bookmarks:", type="tertiary", help="Saved views: open, save, share"):
        _list(kept, page)
        if opened is not None:
            _one(opened, mine=mine)
        _save_form(page)
    if changed and opened is not None:
        st.caption("changed", width="content")
        if mine:
            st.button(
                "Save again", key="view_save_again", type="tertiary", icon=":material/save:",
                on_click=_tried, args=(lambda: _save_again(opened),),
            )  # fmt: skip


def tell() -> None:
    """What came of the last change, in a sentence, where it did not work; and where a view has gone meanwhile."""
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.warning(prose(told), icon=":material/bookmark:")
    elif address.value(SAVED) and _is_gone(address.value(SAVED)):
        words = (
            "The view that this page came from has been deleted meanwhile. What it showed is still here; save it anew"
        )
        st.warning(prose(f"{words} to keep it."), icon=":material/bookmark:")


def _is_gone(id: str) -> bool:
    try:
        return store.state().view(id) is None
    except OutstandingError:
        return False


def _list(kept: list[SavedView], page: str) -> None:
    if not kept:
        st.caption("No view is saved yet.")
    for view in kept:
        whose = "shared" if view.owner != reader.who() else "mine, shared" if view.shared else "mine"
        with st.container(horizontal=True, gap="small", vertical_alignment="center", wrap=False):
            st.button(plain(view.name), key=f"view_{view.id}", type="tertiary", on_click=follow, args=(view, page))
            st.caption(whose, width="content")


def _one(opened: SavedView, *, mine: bool) -> None:
    """The view that is open: its link, and for its owner another name, or its end."""
    st.divider()
    st.caption(f"Link to **{plain(opened.name)}**: it opens the view as it was last saved.")
    st.code(f"{st.context.url or ''}?{urlencode({VIEW: opened.id})}", language=None, wrap_lines=True)
    if not mine:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.text_input("Another name", key=_NEW_NAME, placeholder=text.name(opened.name), width=220)
        st.button("Rename", key="view_rename", on_click=_tried, args=(lambda: _rename(opened),))
        if st.session_state.get(_SURE) == opened.id:
            st.button("Delete it", key="view_delete_sure", on_click=_tried, args=(lambda: _delete(opened),))
        else:
            st.button("Delete", key="view_delete", type="tertiary", on_click=_ask, args=(opened.id,))


def _save_form(page: str) -> None:
    st.divider()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.text_input("Save this page as", key=_NAME, placeholder="A name", width=220)
        st.button("Save", key="view_save", icon=":material/save:", on_click=_tried, args=(lambda: _save(page),))
    st.toggle("Others find it too", value=True, key=_SHARED)


def _tried(change: Callable[[], None]) -> None:
    """Make a change; what keeps it from being made is a sentence for the reader."""
    st.session_state.pop(_SURE, None)
    try:
        change()
    except OutstandingError as error:
        st.session_state[_TOLD] = str(error)


def _save(page: str) -> None:
    name, shared = st.session_state.get(_NAME) or "", bool(st.session_state.get(_SHARED, True))
    made = store.state().save_view(name, page, current(), reader.who(), shared=shared)
    st.session_state[_NAME] = ""
    address.put({SAVED: made.id})


def _save_again(opened: SavedView) -> None:
    store.state().save_view(opened.name, opened.page, current(), reader.who(), shared=opened.shared, id=opened.id)


def _rename(opened: SavedView) -> None:
    store.state().rename_view(opened.id, st.session_state.get(_NEW_NAME) or "", reader.who())
    st.session_state[_NEW_NAME] = ""


def _ask(id: str) -> None:
    st.session_state[_SURE] = id


def _delete(opened: SavedView) -> None:
    store.state().delete_view(opened.id, reader.who())
    address.put({SAVED: None})
