"""A pack made: its pages to look at and its files to take away, each once for the same figures and words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from alerts.report import channels_of
from config.advice import command
from config.packs import Shape, Slides
from exports.pack import files
from exports.pack.beginning import beginning
from exports.pack.compose import compose
from exports.pack.content import Pack
from exports.pack.files import Written
from exports.pack.paper import previews
from ledger.errors import OutstandingError
from metrics import Plan, text
from ui import alerts, store
from ui.markdown import prose
from ui.pack import Chosen

SHEETS = 40
"""So many pages are drawn to look at; the files have all."""

_WIDTH = 1120
"""Pixels of a page's picture: sharp where it is shown large."""

KINDS: Mapping[Shape, tuple[str, str, str]] = {
    "pptx": (
        "PowerPoint",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ":material/slideshow:",
    ),
    "pdf": ("PDF", "application/pdf", ":material/picture_as_pdf:"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ":material/table:"),
}
"""What each kind of file is called, its type, its icon."""


@dataclass(frozen=True)
class Sheets:
    """The pages as pictures; ``is_all``: whether there are no more."""

    pictures: tuple[bytes, ...]
    is_all: bool


@dataclass(frozen=True)
class Making:
    """Makers of a pack's content, of its pages as pictures and of its files: on the page and outside of it."""

    pack: Callable[[], Pack]
    sheets: Callable[[], Sheets]
    file: Mapping[Shape, Callable[[], Written]]


def making(now: Chosen, words: Mapping[str, str]) -> Making:
    """How the pack that is chosen is made, with ``words`` by section."""
    settings, raised = store.settings(), alerts.raised(ended=False)
    slides = settings.packs.slides
    question = (
        repr(now.pack),
        now.view,
        tuple(sorted(words.items())),
        raised.today,
        tuple(repr(alert) for alert in raised.living),
    )
    plan = Plan.of(settings.provision)
    composed = store.once(
        "pack",
        partial(compose, now.pack, now.view, store.answers(), raised=raised, plan=plan, commentary=dict(words)),
        *question,
    )
    return Making(
        composed,
        store.once("sheets", lambda: _sheets(composed()), *question),
        {
            shape: store.once(shape, partial(_written, composed, shape, slides), *question, _mark(slides))
            for shape in KINDS
        },
    )


def _sheets(pack: Pack) -> Sheets:
    shown = beginning(pack, SHEETS)
    found = previews(shown, _WIDTH, counted=shown is pack)
    return Sheets(tuple(found[:SHEETS]), shown is pack and len(found) <= SHEETS)


def _written(composed: Callable[[], Pack], shape: Shape, slides: Slides) -> Written:
    """The file. Whatever keeps it from being made is one sentence: Streamlit shows a browser the words of an error."""
    try:
        return files.write(composed(), shape, slides)
    except OutstandingError:
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("A pack could not be written")
        raise OutstandingError("The file could not be made; the server's log says why.") from error


def _mark(slides: Slides) -> float:
    """Tells a template from what it was before it was changed."""
    try:
        return slides.template.stat().st_mtime if slides.template else 0.0
    except OSError:
        return -1.0


# --- on the screen ------------------------------------------------------------------------------------------------


def draw(now: Chosen, made: Making) -> None:
    """The buttons; a file is made when it is asked for."""
    problem = _problem(store.settings().packs.slides)
    with st.container(horizontal=True, gap="small", width="content", key="pack_files"):
        for shape, (label, mime, icon) in KINDS.items():
            cannot = problem if shape == "pptx" else ""
            st.download_button(
                label,
                data=partial(_data, made.file[shape]),
                file_name=files.file_name(now.own.name, now.view.day, shape),
                mime=mime,
                key=f"pack_{shape}",
                on_click="ignore",
                icon=icon,
                type="primary" if shape == "pptx" else "secondary",
                disabled=bool(cannot),
                help=prose(cannot) if cannot else None,
            )


def tell(now: Chosen) -> None:
    """What keeps slides from being made, and how the pack is sent by itself."""
    problem = _problem(store.settings().packs.slides)
    if problem:
        st.warning(prose(f"Slides cannot be made: {problem}"), icon=":material/slideshow:")
    if not now.own.send_to:
        return
    settings = store.settings().alerts
    try:
        channels = channels_of(now.own.send_to, settings)
    except OutstandingError as error:
        st.caption(prose(f"Not sent to anybody yet: {error}"))
        return
    kinds = text.listed([KINDS[shape][0] for shape in now.own.formats])
    to = text.listed([alerts.called_owner(key) for key in now.own.send_to], 4)
    over = text.listed([text.name(channel) for channel in channels], 4)
    said = prose(f"As {kinds} to {to} over {over}, with its own filters, by")
    st.caption(f":material/schedule_send: {said} `{command(f'export pack {now.own.name} --send')}`")


def _data(made: Callable[[], Written]) -> bytes:
    return made().data


def _problem(slides: Slides) -> str:
    """Why there can be no slides; empty where there can."""
    checked = store.once("template", partial(_checked, slides), repr(slides), _mark(slides))
    return checked()


def _checked(slides: Slides) -> str:
    try:
        files.check(slides)
    except OutstandingError as error:
        return str(error)
    return ""
