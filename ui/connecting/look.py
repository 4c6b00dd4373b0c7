"""The step before the last: the first rows as they would be taken, and what would be kept out."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data_sources.preview import FEW, Looked, Preview
from metrics import text
from ui import cards
from ui.connecting.tables import LABELS
from ui.connecting.writing import Writing, tried
from ui.markdown import prose


def draw(writing: Writing) -> None:
    """What a refresh would make of the first rows of every table."""
    with st.spinner("Reading the first rows"):
        seen = tried(writing.looked)
    if isinstance(seen, str) or (not seen.ok and not seen.tables):
        said = seen if isinstance(seen, str) else writing.told(seen.sentence)
        st.error(prose(said), icon=":material/error:")
        return
    message, fine = verdict(seen)
    (st.success if fine else st.warning)(prose(message), icon=f":material/{'check_circle' if fine else 'warning'}:")
    st.caption(f"Only the first {FEW} rows of each table were read here: a refresh reads all of them.")
    for table, looked in seen.tables.items():
        _table(writing, table, looked)


def verdict(seen: Preview) -> tuple[str, bool]:
    """What the first rows say, and whether all of it is well."""
    broken = [LABELS[name][0].lower() for name, one in seen.tables.items() if one.problem]
    if broken:
        return f"{text.capital(text.listed(broken))} cannot be read yet.", False
    rows = sum(one.rows.height for one in seen.tables.values())
    out = sum(_rows_out(one) for one in seen.tables.values())
    if not rows:
        return "Nothing came back: the tables have no rows, or the mapping leaves them all out.", False
    if out:
        return f"{text.count(out, 'row')} of the first {rows:,} would be kept out, for the reasons below.", False
    return f"All of the first {rows:,} rows would be taken.", True


def _rows_out(looked: Looked) -> int:
    return looked.kept_out["row"].n_unique() if looked.kept_out.height else 0


def _table(writing: Writing, table: str, looked: Looked) -> None:
    with st.container(border=True, gap="xsmall", key=f"connect_seen_{table}"):
        out = _rows_out(looked)
        said = f"{text.count(looked.rows.height, 'row')}{f', {out} kept out' if out else ''}"
        st.markdown(f"**{prose(LABELS[table][0])}** · {prose(said)}")
        if looked.problem:
            st.error(prose(writing.told(looked.problem)), icon=":material/error:")
            return
        if out:
            reasons = looked.kept_out.group_by("reason", maintain_order=True).agg(
                rows=pl.len(), such_as=pl.col("key").first()
            )
            shown = reasons.rename({"reason": "Kept out because", "rows": "Rows", "such_as": "Such as"})
            st.dataframe(shown, hide_index=True, height=cards.table_height(shown.height, 5, row=35), alt="Kept out")
        if looked.ignored:
            st.caption(prose(f"Not used: {', '.join(looked.ignored)}."))
        if looked.rows.height:
            rows = looked.rows.head(FEW)
            st.dataframe(rows, hide_index=True, height=cards.table_height(rows.height, 7, row=35), alt=LABELS[table][0])
