"""The last step: the file as it will stand, where, and what to do then."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import streamlit as st

from config import drafts
from config.advice import command, shown
from config.settings import PROJECT
from ledger.errors import OutstandingError
from metrics import text as text_of
from ui import store
from ui.connecting import columns, fields
from ui.connecting.writing import Writing, tried
from ui.markdown import prose

_HERE = "Into these settings"
_NEW = "As a company of its own"
_SAVED = "_connect_saved"
_CURRENCY = re.compile(r"[A-Z]{3}")


def draw(writing: Writing) -> None:
    """Where it goes, what will stand there, and the button."""
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True, gap="small", key="connect_where"):
        files = _where(writing)
        problems = _problems(writing, files)
        there = [file for file in files if file.exists()] if not problems else []
        over = bool(there) and st.checkbox(
            prose(f"Write over {text_of.listed([file.name for file in there])}; the old is kept beside it"),
            key="connect_over",
        )
        for problem in problems:
            st.error(prose(problem), icon=":material/error:")
        if there and not over:
            st.warning(prose(f"{there[0]} is there already."), icon=":material/warning:")
        blocked = bool(problems) or (bool(there) and not over)
        if st.button("Save", type="primary", icon=":material/save:", disabled=blocked, key="connect_save"):
            _save(files)
        _saved(files)
    with right:
        for file, text in files.items():
            with st.container(border=True, gap="xsmall", key=f"connect_text_{file.name}"):
                st.markdown(f"**{prose(str(file))}**")
                st.code(text, language="toml", wrap_lines=True)


def _where(writing: Writing) -> dict[Path, str]:
    """The files that will be written, with their text; none while something is missing."""
    settings = store.settings()
    options = [_NEW, _HERE] if settings.source.kind == "demo" and not writing.opened else [_HERE, _NEW]
    where = st.radio("Where does it go?", options, key="connect_into", captions=[_caption(one) for one in options])
    held = {"name": writing.name}
    fields.text("Name of the source", held, "name", key="connect_name", help="Small letters, digits and _.")
    writing.name = held.get("name", "")
    folder = settings.folder
    company: dict[str, str] = st.session_state.setdefault("_connect_company", {"folder": "mine"})
    if where == _NEW:
        fields.text("Folder of its settings", company, "folder", key="connect_folder")
        fields.text("Company", company, "company", key="connect_company", placeholder="Our company")
        said = writing.tables["documents"].constants.get("currency") if "documents" in writing.tables else None
        currency = {"currency": company.get("currency", said or settings.reporting_currency)}
        fields.text("Reporting currency", currency, "currency", key="connect_currency", max_chars=3)
        company["currency"] = currency.get("currency", "").upper()
        folder = PROJECT.parent / company.get("folder", "mine")
    draft = tried(writing.draft)
    if isinstance(draft, str):
        return {}
    if where == _NEW:
        draft = draft.anchored(settings.folder / "sources")
    text = tried(draft.text)
    if text.startswith("kind ="):
        files = {folder / "sources" / f"{writing.name}.toml": text}
        if where == _NEW:
            files[folder / "app.toml"] = drafts.company(
                company.get("company", "Our company"),
                company["currency"],
                writing.name,
                writing.preset or None,
                _columns(writing),
            )
        return files
    return {}


def _columns(writing: Writing) -> set[str]:
    """The columns that have values in the first rows."""
    seen = tried(writing.looked)
    frames = [] if isinstance(seen, str) else [one.rows for one in seen.tables.values()]
    return {column for rows in frames for column in rows.columns if rows[column].null_count() < rows.height}


def _caption(where: str) -> str:
    if where == _HERE:
        return f"{store.settings().folder}/sources; app.toml stays as it is"
    return "A folder of its own, with an app.toml and a store"


def _problems(writing: Writing, files: dict[Path, str]) -> list[str]:
    """What keeps the file from being saved."""
    told = (
        []
        if writing.is_mapped
        else (missing if isinstance(missing := tried(lambda: columns.missing(writing)), list) else [missing])
    )
    if not re.fullmatch(r"[a-z][a-z0-9_]*", writing.name):
        told.append("The name of the source must have small letters, digits and _, and begin with a letter.")
    if not files and not told:
        problem = tried(lambda: writing.draft().text())
        told.append(str(problem))
    company = st.session_state.get("_connect_company", {})
    if any(file.name == "app.toml" for file in files) and not _CURRENCY.fullmatch(company.get("currency", "")):
        told.append("The reporting currency must be a currency's three capital letters, such as EUR.")
    return told


def _save(files: dict[Path, str]) -> None:
    try:
        for file, text in files.items():
            drafts.save(file, text)
    except OutstandingError as error:
        st.error(prose(str(error)), icon=":material/error:")
        return
    st.session_state[_SAVED] = {str(file): text for file, text in files.items()}


def _saved(files: dict[Path, str]) -> None:
    if not files or st.session_state.get(_SAVED) != {str(file): text for file, text in files.items()}:
        return
    source = next(file for file in files if file.parent.name == "sources")
    folder, name = source.parent.parent, source.stem
    own = len(files) > 1
    st.success("Saved. Now, on the server, with its variables set:", icon=":material/check_circle:")
    if not own:
        st.caption(
            prose(f'Write source = "{name}" in {folder / "app.toml"} to use it, with a [store] path of its own.')
        )
    lines = [command(f"source test {name}", folder), command("refresh", folder)]
    opening = [f"OUTSTANDING_CONFIG={shlex.quote(shown(folder))} make run"] if own else []
    st.code("\n".join([*lines, *opening]), language=None, wrap_lines=True)
