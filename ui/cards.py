"""A chart as a card: finding, subtitle, drawing, and a small menu with table, downloads and how it is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import polars as pl
import streamlit as st

from charts import Figure, Palette, palette
from metrics import CATALOG, text
from ui import csv, store
from ui.markdown import plain, prose
from ui.view import View

PERCENT = "%.1f\u00a0%%"
"""How a table writes a share: of 100, one decimal, as everywhere else."""

Picked = Callable[[str | None], None]


def theme() -> Palette:
    """The palette of the reader's theme."""
    return palette(st.context.theme.type)


def chart(
    figure: Figure,
    view: View,
    *,
    key: str,
    on_pick: Picked | None = None,
    field: str = "key",
    stretch: bool = False,
) -> None:
    """Draw a figure as a card.

    Args:
        figure: what to draw.
        view: printed on whatever is downloaded.
        key: names the chart on its page; a selection belongs to it.
        on_pick: called with the value of ``field`` of a clicked mark, before the page is drawn again.
        field: what a click tells.
        stretch: as tall as the tallest card beside it.
    """
    with st.container(border=True, height="stretch" if stretch else "content", gap="xxsmall", key=f"card_{key}"):
        title(figure, view, key)
        if figure.is_empty:
            st.caption("Nothing to draw: choose another day or widen the filters.")
            return
        _draw(figure, key, on_pick, field)


def title(figure: Figure, view: View, key: str) -> None:
    """The finding with the card's menu at its right, and the subtitle."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="top", wrap=False):
        st.markdown(f"**{prose(figure.title)}**", width="stretch")
        with st.container(width="content"):
            menu(figure, view, key)
    st.caption(prose(figure.subtitle))


def table(rows: pl.DataFrame | Callable[[], pl.DataFrame], name: str, view: View, *, key: str) -> None:
    """A CSV download of ``rows``, made when it is asked for."""
    st.download_button(
        "CSV",
        data=lambda: csv.encode(rows if isinstance(rows, pl.DataFrame) else rows()),
        file_name=file_name(name, view, "csv"),
        mime="text/csv",
        key=f"{key}_csv",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def table_height(count: int, most: int, *, row: int = 31) -> int | Literal["content"]:
    """Pixels of a table of ``count`` rows, of which at most ``most`` are seen at once; ``row`` is one's height."""
    return "content" if 0 < count <= most else row * (min(max(count, 1), most) + 1) + 2


def file_name(name: str, view: View, ending: str) -> str:
    """``aging_over_time_2026-10-31.csv``."""
    return f"{name}_{view.day.isoformat()}.{ending}"


def computed(ids: Sequence[str]) -> str:
    """How metrics are computed, as Markdown, from the catalogue."""
    return "\n\n".join(
        f"**{plain(CATALOG[id].label)}**: {prose(CATALOG[id].formula)}  \n:gray[{prose(CATALOG[id].source)}]"
        for id in ids
    )


def footnote(view: View) -> str:
    """What a picture that travels alone must say of itself."""
    book = store.book()
    return " · ".join(
        [
            book.rules.company,
            f"as of {text.day(view.day)}",
            view.part or "no filter",
            f"snapshot {book.fingerprint[:12]}",
        ]
    )


def _draw(figure: Figure, key: str, on_pick: Picked | None, field: str) -> None:
    words: dict[str, Any] = {"key": f"chart_{key}", "alt": figure.alt, "width": "stretch", "theme": None}
    if on_pick is None:
        st.vega_lite_chart(spec=figure.spec, **words)
        return

    def picked() -> None:
        chosen = st.session_state[f"chart_{key}"]["selection"].get("pick") or []
        on_pick(chosen[0].get(field) if chosen else None)

    st.vega_lite_chart(spec=figure.spec, on_select=picked, **words)


@st.fragment
def menu(figure: Figure, view: View, key: str) -> None:
    """Filled when it is opened, by itself: the page is not drawn again for it."""
    opened = st.popover(
        "",
        icon=":material/more_vert:",
        type="tertiary",
        help="Table, download, how computed",
        on_change="rerun",
        key=f"menu_{key}",
    )
    if not opened.open:
        return
    with opened:
        note = footnote(view)
        with st.container(horizontal=True, gap="small"):
            table(figure.table, figure.name, view, key=f"menu_{key}")
            for label, ending, mime, data in (
                ("PNG", "png", "image/png", lambda: figure.png(note)),
                ("SVG", "svg", "image/svg+xml", lambda: figure.svg(note).encode()),
            ):
                st.download_button(
                    label,
                    data=data,
                    file_name=file_name(figure.name, view, ending),
                    mime=mime,
                    key=f"menu_{key}_{ending}",
                    on_click="ignore",
                    icon=":material/image:",
                    type="tertiary",
                )
        st.dataframe(
            figure.table,
            hide_index=True,
            placeholder="",
            column_config=columns(figure.table),
            height=230,
            key=f"menu_{key}_table",
            alt=figure.alt,
        )
        if figure.metrics:
            st.markdown(computed(figure.metrics))


def columns(rows: pl.DataFrame) -> dict[str, Any]:
    """How the columns of a table are written: days as ISO dates, whole numbers and amounts with thousands separated."""
    shown: dict[str, Any] = {}
    for name, kind in rows.schema.items():
        if kind == pl.Date:
            shown[name] = st.column_config.DateColumn(name, format="YYYY-MM-DD")
        elif kind.is_integer():
            shown[name] = st.column_config.NumberColumn(name, format="%,d")
        elif kind.is_numeric():
            form = "percent" if "share" in name.lower() else "%,.1f" if name.endswith("days") else "%,.2f"
            shown[name] = st.column_config.NumberColumn(name, format=form)
    return shown
