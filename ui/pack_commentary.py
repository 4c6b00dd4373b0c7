"""What people write about the sections of a pack: kept with the pack and the day, everybody's, saved as it is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import streamlit as st

from ledger.errors import OutstandingError
from metrics import text
from state.commentary import LONGEST_WORDS, Comment
from ui import pack, reader, store
from ui.alerts import person
from ui.markdown import prose
from ui.pack import Chosen

_NOTHING: Mapping[str, Comment] = MappingProxyType({})
_SEEN, _OPENED, _UNSAVED, _REPLACED = "_pack_seen", "_pack_opened", "_pack_unsaved", "_pack_replaced"
"""By pack, day and section: when what the reader has before him was written; when what he found on opening was; words
that could not be kept, with the reason; what his words took the place of."""

_HEIGHT = 130

Key = tuple[str, date, str]


@dataclass(frozen=True)
class Written:
    """The commentary of a pack's day, and that of the newest day before; ``problem``: why nothing can be read."""

    now: Mapping[str, Comment] = field(default_factory=lambda: _NOTHING)
    before: Mapping[str, Comment] = field(default_factory=lambda: _NOTHING)
    problem: str = ""

    def words(self, now: Chosen) -> dict[str, str]:
        """By section, what goes into the pack as it is chosen: nothing beside another part of the company."""
        if not now.is_own_part:
            return {}
        return {name: self.now[name].words for name in now.sections if name in self.now}


def read(now: Chosen) -> Written:
    """Read anew in every run: others write meanwhile."""
    try:
        kept = store.state().commentary
        return Written(kept.of(now.own.name, now.view.day), kept.previous(now.own.name, now.view.day))
    except OutstandingError as error:
        return Written(problem=str(error))


def draw(now: Chosen, written: Written) -> None:
    """A box for each section that is chosen."""
    with st.container(border=True, gap="xsmall", key="pack_commentary"):
        st.markdown("**Commentary**")
        if written.problem:
            st.warning(prose(f"Commentary cannot be read or kept: {written.problem}"), icon=":material/cloud_off:")
            return
        if not now.is_own_part:
            st.caption(
                "Commentary is about the part of the company that the pack is defined for, so that it stands beside no"
                " other. Use the pack's own filters to read and write it."
            )
            return
        st.caption(prose(f"Everybody's, for {text.day(now.view.day)}. Kept when you leave the box."))
        for name in now.sections:
            _draw_box(now, name, written)


def _draw_box(now: Chosen, name: str, written: Written) -> None:
    key: Key = (now.own.name, now.view.day, name)
    kept, unsaved = written.now.get(name), _memory(_UNSAVED).get(key)
    has_news = _is_news(key, kept) or key in _memory(_REPLACED) or unsaved is not None
    label = prose(text.name(pack.label(now.own, name)))
    icon = ":material/error:" if unsaved else ":material/edit_note:" if kept else ":material/add_comment:"
    with st.expander(label, icon=icon, expanded=has_news, key=f"pack_comment_{now.own.name}_{name}"):
        _tell(key, kept, unsaved)
        _draw_words(key, label, kept.words if kept else "", unsaved[0] if unsaved else None)
        if kept:
            st.caption(prose(f"{_by(kept)}, {text.moment(kept.at)} UTC"))
        before = written.before.get(name)
        if before is not None and kept is None:
            st.button(
                prose(f"Start from {text.day(before.day)}"),
                key=f"pack_start_{name}",
                icon=":material/history:",
                type="tertiary",
                on_click=_put,
                args=(key, before.words),
                help=prose(f"Takes over what {person(before.by)} wrote then, to be changed"),
            )
    _memory(_SEEN)[key] = kept.at if kept else None


def _draw_words(key: Key, label: str, kept: str, unsaved: str | None) -> None:
    own, day, section = key
    box = f"pack_words_{own}_{day.isoformat()}_{section}"
    shown = kept if unsaved is None else unsaved
    if st.session_state.get(box) != shown:
        st.session_state[box] = shown
    st.text_area(
        f"Commentary on {label}",
        key=box,
        height=_HEIGHT,
        max_chars=LONGEST_WORDS,
        label_visibility="collapsed",
        placeholder="What the figures do not say: why, what is done about it, what is expected",
        on_change=lambda: _put(key, str(st.session_state[box] or "")),
    )


def _by(comment: Comment) -> str:
    who = person(comment.by)
    return who if "@" in who else f"{who[:1].upper()}{who[1:]}"


# --- others who write at the same time ----------------------------------------------------------------------------


def _is_news(key: Key, kept: Comment | None) -> bool:
    """Whether somebody else has written since the reader opened the page."""
    opened: datetime | None = _memory(_OPENED).setdefault(key, kept.at if kept else None)
    return kept is not None and kept.by != reader.who() and kept.at != opened


def _tell(key: Key, kept: Comment | None, unsaved: tuple[str, str] | None) -> None:
    if unsaved is not None:
        st.error(prose(f"Not kept: {unsaved[1]}"), icon=":material/error:")
    replaced: Comment | None = _memory(_REPLACED).get(key)
    if replaced is not None:
        said = f"{_by(replaced)} wrote here at {replaced.at:%H:%M} UTC while you did. Yours is kept; this was theirs:"
        st.warning(prose(said), icon=":material/group:")
        st.code(replaced.words, language=None, wrap_lines=True)
    elif kept is not None and _is_news(key, kept):
        st.info(prose(f"{_by(kept)} has changed this since you opened the page."), icon=":material/group:")


def _put(key: Key, words: str) -> None:
    """Keep words, from a callback: the last writer wins, and is told whose words he replaced."""
    own, day, section = key
    for memory in (_UNSAVED, _REPLACED):
        _memory(memory).pop(key, None)
    try:
        state = store.state()
        there = state.commentary.of(own, day).get(section)
        state.commentary.put(own, day, section, words, reader.who(), state.now())
    except OutstandingError as error:
        _memory(_UNSAVED)[key] = (words, str(error))
        return
    seen = _memory(_SEEN).get(key)
    if there is not None and there.by != reader.who() and there.at != seen and there.words != words.strip():
        _memory(_REPLACED)[key] = there


def _memory(name: str) -> dict[Key, Any]:
    return st.session_state.setdefault(name, {})
