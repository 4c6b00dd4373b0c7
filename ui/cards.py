"""A chart as a card: finding, subtitle, drawing, and a small menu with table, downloads and how it is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl
import streamlit as st

from briefing.view import View
from charts import Figure, Palette, palette, plotly
from exports.about import About
from exports.chart_files import chart_workbook
from exports.pack import files as pack
from metrics import CATALOG, text
from ui import csv, store
from ui.lead import Lead
from ui.markdown import plain, prose

PERCENT = "%.1f\u00a0%%"
"""How a table writes a share: of 100, one decimal, as everywhere else."""

_OFFICE = "application/vnd.openxmlformats-officedocument."

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
    leads: Lead | None = None,
) -> None:
    """Draw a figure as a card.

    Args:
        figure: what to draw.
        view: printed on whatever is downloaded.
        key: names the chart on its page; a selection belongs to it.
        on_pick: called with the value of ``field`` of a clicked mark, before the page is drawn again.
        field: what a click tells.
        stretch: as tall as the tallest card beside it.
        leads: where its title leads.
    """
    with st.container(border=True, height="stretch" if stretch else "content", gap="xxsmall", key=f"card_{key}"):
        title(figure, view, key, leads)
        if figure.is_empty:
            st.caption("Nothing to draw: choose another day or widen the filters.")
            return
        draw(figure, key, on_pick, field)


def title(figure: Figure, view: View, key: str, leads: Lead | None = None) -> None:
    """The finding with the card's menu at its right, subtitle and key below."""
    heading(figure, view, key, leads)
    st.caption(subtitle(figure))


def heading(figure: Figure, view: View, key: str, leads: Lead | None = None) -> None:
    """The finding, as a link where it leads somewhere, with the card's menu at its right."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="top", wrap=False):
        words = f"**{prose(figure.title)}**"
        if leads is None:
            st.markdown(words, width="stretch")
        else:
            with st.container(key=f"title_{key}"):
                st.page_link(leads.page, label=words, icon="", query_params=leads.parameters)
        with st.container(width="content"):
            menu(figure, view, key)


def subtitle(figure: Figure) -> str:
    """Measure, unit, day and filter, then the key of the marks, as Markdown."""
    marks = [f':color[{each.mark}]{{foreground="{each.colour}"}}\u00a0{_unbroken(each.label)}' for each in figure.key]
    return "\u2002".join([prose(figure.subtitle), *marks])


def _unbroken(label: str) -> str:
    """A name in a key as Markdown, on one line: a range is not torn at its dash."""
    return prose(label).replace("–", "\u2060–\u2060").replace(" ", "\u00a0")


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


def about(figure: Figure, view: View) -> About:
    """What a file with one chart says of itself."""
    book = store.book()
    return About(
        title=figure.title,
        company=book.rules.company,
        as_of=view.day,
        currency=view.currency,
        window=view.window if any(CATALOG[id].windowed for id in figure.metrics) else "",
        filters=view.part,
        snapshot=book.fingerprint,
        metrics=figure.metrics,
        notes=(figure.method,) if figure.method else (),
        paper=store.settings().packs.first.paper,
    )


def draw(figure: Figure, key: str, on_pick: Picked | None = None, field: str = "key") -> None:
    """The drawing alone, for a card that is put together by hand."""
    if figure.plot is not None:
        _draw_plot(figure, figure.plot, key, on_pick)
        return
    words: dict[str, Any] = {"key": f"chart_{key}", "alt": figure.alt, "width": "stretch", "theme": None}
    if on_pick is None:
        st.vega_lite_chart(spec=figure.on_screen, **words)
        return

    def picked() -> None:
        chosen = st.session_state[f"chart_{key}"]["selection"].get("pick") or []
        on_pick(chosen[0].get(field) if chosen else None)

    st.vega_lite_chart(spec=figure.on_screen, on_select=picked, **words)


def _draw_plot(figure: Figure, plot: Mapping[str, Any], key: str, on_pick: Picked | None) -> None:
    """A drawing by Plotly, in which a click tells the ``id`` of a tile.

    Plotly zooms into whatever is clicked, and Streamlit would keep that view for the same chart: after a click the
    chart is another one, so that what it shows follows from the page alone.
    """
    turn = st.session_state.get(f"turn_{key}", 0)
    name = f"chart_{key}_{turn}"
    words: dict[str, Any] = {"key": name, "alt": figure.alt, "theme": None, "config": dict(plotly.CONFIG)}
    if on_pick is None:
        st.plotly_chart(dict(plot), **words)
        return

    def picked() -> None:
        points = st.session_state[name]["selection"]["points"]
        st.session_state[f"turn_{key}"] = turn + 1
        on_pick(points[0].get("id") if points else None)

    st.plotly_chart(dict(plot), on_select=picked, selection_mode="points", **words)


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
        with st.container(horizontal=True, gap="small"):
            for kind, files in enumerate(_files(figure, view)):
                # In a narrow place the second kind stands on a line of its own.
                with st.container(horizontal=True, gap="small", width="content", key=f"menu_{key}_files_{kind}"):
                    for file in files:
                        _download(file, figure, view, key)
        st.dataframe(
            figure.table,
            hide_index=True,
            placeholder="",
            column_config=columns(figure.table),
            height=230,
            key=f"menu_{key}_table",
            alt=figure.alt,
        )
        if figure.method:
            st.markdown(prose(figure.method))
        if figure.metrics:
            st.markdown(computed(figure.metrics))


def _download(file: _File, figure: Figure, view: View, key: str) -> None:
    st.download_button(
        file.label,
        data=file.made,
        file_name=file_name(figure.name, view, file.ending),
        mime=file.mime,
        key=f"menu_{key}_{file.ending}",
        on_click="ignore",
        icon=f":material/{file.icon}:",
        type="tertiary",
    )


@dataclass(frozen=True)
class _File:
    """A kind of file that a chart is taken away as; ``made`` on the click."""

    label: str
    ending: str
    mime: str
    icon: str
    made: Callable[[], bytes]


def _files(figure: Figure, view: View) -> tuple[list[_File], list[_File]]:
    """What can be worked on with others' programs, and pictures.

    Files are made outside the run of the page, where nobody knows the current book: what they say of it is made here.
    """
    said, note, slides = about(figure, view), footnote(view), store.settings().packs.slides
    slide = _File(
        "PowerPoint",
        "pptx",
        _OFFICE + "presentationml.presentation",
        "co_present",
        lambda: pack.slide(figure, said, slides),
    )
    return (
        [
            *([slide] if figure.native else []),
            _File(
                "Excel",
                "xlsx",
                _OFFICE + "spreadsheetml.sheet",
                "table_chart",
                lambda: chart_workbook(figure.on_white(), said),
            ),
            _File("CSV", "csv", "text/csv", "csv", lambda: csv.encode(figure.table)),
        ],
        [
            _File("PNG", "png", "image/png", "image", lambda: figure.on_white().png(note)),
            _File("SVG", "svg", "image/svg+xml", "polyline", lambda: figure.on_white().svg(note).encode()),
            _File("PDF", "pdf", "application/pdf", "picture_as_pdf", lambda: figure.on_white().pdf(note)),
        ],
    )


def columns(rows: pl.DataFrame) -> dict[str, Any]:
    """How the columns of a table are written: days as ISO dates, whole numbers and amounts with thousands separated.

    A negative number has the hyphen that the grid writes. A true minus takes a column of words, which would sort by
    letters and be no number in a copy.
    """
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
