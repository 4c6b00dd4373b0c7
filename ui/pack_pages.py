"""The pages of a pack to look at: small ones beside the choices, made while those stand, and one of them large."""

from __future__ import annotations

import logging

import streamlit as st

from ledger.errors import OutstandingError
from metrics import text
from ui import address
from ui.markdown import prose
from ui.pack import PAGE, SHEET
from ui.pack_files import SHEETS, Making, Sheets

_ACROSS = 2


@st.fragment(parallel=True)
def draw(made: Making, here: address.Parameters) -> None:
    """The pages, each a link to itself enlarged. Beside the rest of the page, which does not wait for it.

    ``here``: the address of the page as it is.
    """
    with st.container(border=True, gap="small", key="pack_pages"):
        try:
            with st.spinner("Reading the figures", show_time=True):
                made.pack()
            with st.spinner("Laying out the pages", show_time=True):
                sheets = made.sheets()
            _draw_sheets(sheets, here)
            with st.spinner("Checking the letters"):
                _draw_notes(made)
        except OutstandingError as error:
            st.error(prose(str(error)), icon=":material/error:")
        except Exception:  # app.py does not catch what happens in a fragment of its own
            logging.getLogger(__name__).exception("The pages of a pack could not be drawn")
            st.error(
                "The pages could not be drawn; what happened is in the server's log. The files may still be made.",
                icon=":material/error:",
            )


def _draw_sheets(sheets: Sheets, here: address.Parameters) -> None:
    pictures = sheets.pictures
    said = text.count(len(pictures), "page") if sheets.is_all else f"The first {SHEETS} pages; the files have all"
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("**Preview**", width="content")
        st.caption(f"{said} · click one to enlarge it", width="content")
    for start in range(0, len(pictures), _ACROSS):
        for place, at in zip(st.columns(_ACROSS, gap="small"), range(start, start + _ACROSS), strict=True):
            if at < len(pictures):
                with place, st.container(gap=None, key=f"pack_sheet_{at + 1}"):
                    st.image(pictures[at], width="stretch", alt=f"Page {at + 1} of the pack")
                    st.page_link(PAGE, label=f"Page {at + 1}", icon="", query_params={**here, SHEET: [str(at + 1)]})


def _draw_notes(made: Making) -> None:
    """What the file that is printed could not show."""
    printed = made.file["pdf"]()
    if printed.undrawn:
        letters = text.name("".join(printed.undrawn)[:40])
        said = f"This machine has no font for {letters}: in the PDF they are empty boxes. Install one that has them."
        st.caption(f":material/font_download_off: {prose(said)}")


# --- one page, large ----------------------------------------------------------------------------------------------


def enlarge(made: Making) -> None:
    """The page that the address asks for, above the others."""
    if _asked() is None:
        return
    _show(made)


@st.dialog("Preview", width="large", on_dismiss=lambda: address.put({SHEET: None}))
def _show(made: Making) -> None:
    try:
        with st.spinner("Laying out the pages", show_time=True):
            pictures = made.sheets().pictures
    except OutstandingError as error:
        st.error(prose(str(error)), icon=":material/error:")
        return
    at = min(max(_asked() or 1, 1), len(pictures))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        _step("Previous", "chevron_left", "left", at - 1, able=at > 1)
        st.caption(f"Page {at} of {len(pictures)}", width="content")
        _step("Next", "chevron_right", "right", at + 1, able=at < len(pictures))
    with st.container(key="pack_large"):
        st.image(pictures[at - 1], width="stretch", alt=f"Page {at} of the pack")


def _step(label: str, icon: str, shortcut: str, to: int, *, able: bool) -> None:
    st.button(
        label,
        key=f"pack_page_{label.lower()}",
        icon=f":material/{icon}:",
        type="tertiary",
        shortcut=shortcut,
        disabled=not able,
        on_click=_turn,
        args=(to,),
    )


def _turn(to: int) -> None:
    address.put({SHEET: str(to)})
    address.settle()


def _asked() -> int | None:
    try:
        return int(address.value(SHEET)) if address.value(SHEET) else None
    except ValueError:
        return 1
