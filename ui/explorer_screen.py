"""The explorer's answer on the screen: a chart for each metric, and the table with its downloads."""

from __future__ import annotations

from functools import partial

import streamlit as st

from charts.figure import Figure, Setting
from metrics import CATALOG, text
from ui import cards, csv, explorer_down, explorer_figures, explorer_table, store
from ui.explorer_answer import Answer
from ui.explorer_question import Draw, Question, Show
from ui.markdown import prose

_SIDE_BY_SIDE = {1: 1, 2: 2, 3: 3, 4: 2}
_NOTES = 3


def draw_charts(answer: Answer, question: Question, setting: Setting) -> None:
    """A card for each metric that can be drawn; a click goes one level down."""
    figures = explorer_figures.figures(answer.asked, question.draw, setting)
    wide = 1 if question.draw is Draw.HEAT and len(answer.columns) > 8 else _SIDE_BY_SIDE.get(len(figures), 3)  # noqa: PLR2004
    with st.container(gap="small", key="explorer_charts"):
        for start in range(0, len(figures), wide):
            for place, figure in zip(st.columns(wide, gap="small"), figures[start : start + wide], strict=False):
                with place:
                    _card(figure, answer, question)
    left = [CATALOG[id].label for id in answer.asked.metrics if id not in {figure.metrics[0] for figure in figures}]
    if left:
        st.caption(prose(f"Only in the table: {text.listed(left, 4)}."))


def _card(figure: Figure, answer: Answer, question: Question) -> None:
    asked = answer.asked
    key = f"x_{figure.name}_{asked.mark}"
    on_pick = None if question.draw is Draw.LINES else partial(explorer_down.from_mark, asked)
    cards.chart(figure, question.view, key=key, on_pick=on_pick, stretch=True)


def draw_table(answer: Answer, question: Question, setting: Setting) -> None:
    """The table, what is said of its cells, and its downloads."""
    asked = answer.asked
    labels = [CATALOG[id].label for id in asked.metrics]
    by = " and ".join(asked.label(level).lower() for level in asked.rows)
    name = f"{text.listed(labels, 4)} by {by}"
    compared = f"Δ: change on {explorer_figures.than(asked)}" if Show.CHANGE in question.show else ""
    with st.container(border=True, gap="xsmall", key="card_explorer"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{prose(name)}**", width="stretch")
            _downloads(answer, question, name)
        st.caption(prose(setting.subtitle(compared, _kept(answer))))
        explorer_table.draw(answer, question, setting, partial(explorer_down.from_cell, answer))
        for words in _notes(answer, question):
            st.caption(prose(words))


def _kept(answer: Answer) -> str:
    asked = answer.asked
    if asked.top is None or not asked.grouped or answer.count <= asked.top:
        return ""
    return f"the {asked.top} largest of {answer.count:,} by {CATALOG[asked.rank].label}"


def _notes(answer: Answer, question: Question) -> list[str]:
    """What the reader should know of single cells, the most frequent first."""
    told = explorer_figures.notes(answer)
    words = [f"{text.count(count, 'number')}: {note}." for note, count in told[:_NOTES]]
    shown = len(answer.rows)
    if shown > explorer_table.MOST_ROWS:
        words.append(f"{explorer_table.MOST_ROWS:,} of {shown:,} rows are shown; the downloads have all.")
    if question.left_out:
        begun = text.day(store.book().first_day)
        words.append(f"{text.count(question.left_out, 'day')} before the history, which begins on {begun}, left out.")
    return words


def _downloads(answer: Answer, question: Question, name: str) -> None:
    view = question.view
    with st.container(horizontal=True, gap="xsmall", width="content"):
        st.download_button(
            "CSV",
            data=lambda: csv.encode(explorer_table.written(answer, question)),
            file_name=cards.file_name("explorer", view, "csv"),
            mime="text/csv",
            key="explorer_csv",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
        st.download_button(
            "Excel",
            data=partial(explorer_table.excel, answer, question, name, store.book()),
            file_name=cards.file_name("explorer", view, "xlsx"),
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key="explorer_xlsx",
            on_click="ignore",
            icon=":material/table_view:",
            type="tertiary",
            help="Typed cells, the numbers they are made of, definitions, day, filters and snapshot",
        )
