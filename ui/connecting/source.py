"""The first step: what kind of source, whose mapping, where it is, and whether it answers."""

from __future__ import annotations

import streamlit as st

from config import presets
from config.drafts import SERVICES
from config.opening import opened
from ledger.errors import OutstandingError
from metrics import text
from ui import store
from ui.connecting import fields
from ui.connecting.writing import Writing, begin, tried
from ui.markdown import prose

_OWN = "My own tables"
_TESTED = "_connect_tested"
_NOT_OPENED = "_connecting_not_opened"
_KINDS = {"sql": "A database", "files": "Files", **{kind: one.label for kind, one in SERVICES.items()}}
_EXAMPLES = (
    "PostgreSQL `postgresql+psycopg://reader:${AR_DB_PASSWORD}@host/erp` · MariaDB, MySQL `mysql+pymysql://…` · "
    "SQL Server `mssql+pyodbc://…` · Oracle `oracle+oracledb://…` · SQLite `sqlite:////folder/erp.sqlite`"
)


def draw(writing: Writing) -> None:
    """Everything that is said of the source itself."""
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True, gap="small", key="connect_what"):
        _open(writing)
        _kind(writing)
        if writing.kind == "sql":
            _database(writing)
        elif writing.kind == "files":
            _files(writing)
        else:
            _service(writing)
        _parameters(writing)
    with right:
        _secrets(writing)
        _answer(writing)
        _about(writing)


def lacking(writing: Writing) -> str:
    """What must be said of the source before the next step; empty where nothing is."""
    return _incomplete(writing) or _problem(writing)


def _open(writing: Writing) -> None:
    """The way to a source file that is there already."""
    there = sorted(file.stem for file in (store.settings().folder / "sources").glob("*.toml"))
    if not there:
        return
    key = "connecting_opened"
    st.session_state[key] = writing.opened
    st.selectbox(
        "Source file",
        ["", *there],
        format_func=lambda name: f"{name}.toml" if name else "A new one",
        key=key,
        on_change=_opened,
        args=(key,),
        help="A file that is there is opened to be changed. What is not saved here is gone.",
    )
    if problem := st.session_state.pop(_NOT_OPENED, ""):
        st.error(prose(problem), icon=":material/error:")


def _opened(key: str) -> None:
    name = str(st.session_state[key])
    try:
        begin(Writing.of(opened(store.settings().folder / "sources" / f"{name}.toml")) if name else Writing())
    except OutstandingError as error:
        st.session_state[_NOT_OPENED] = str(error)


def _kind(writing: Writing) -> None:
    kinds = list(_KINDS)
    st.session_state.setdefault("connect_kind", writing.kind)
    chosen = st.segmented_control(
        "Where are your receivables?", kinds, format_func=_KINDS.__getitem__, required=True, key="connect_kind"
    )
    if chosen != writing.kind:
        writing.kind, writing.preset = str(chosen), ""
        writing.tables.clear()
    if writing.kind in SERVICES:
        return
    told = [presets.read_preset(name, "preset") for name in presets.names()]
    labels = {one.name: one.says.label for one in told if one.says.kind == writing.kind}
    key = f"connect_preset_{writing.kind}"
    st.session_state.setdefault(key, writing.preset)
    chosen = st.selectbox(
        "What is in it?",
        ["", *sorted(labels, key=lambda name: labels[name].lower())],
        format_func=lambda name: labels.get(name, _OWN),
        key=key,
        help="An ERP whose tables Outstanding knows needs no mapping of yours.",
    )
    if chosen != writing.preset:
        writing.preset = str(chosen)
        if writing.kind == "files" and writing.preset:
            writing.files = [{"name": name} for name in presets.read_preset(writing.preset, "preset").says.tables]


def _database(writing: Writing) -> None:
    fields.text(
        "Address of the database, with a login that may only read",
        writing.options,
        "url",
        key="connect_url",
        placeholder="postgresql+psycopg://reader:${AR_DB_PASSWORD}@db.example.com/erp",
        help="As SQLAlchemy writes it. Write the password as ${NAME}: it stays in the environment of the server.",
    )
    st.caption(_EXAMPLES)


def _files(writing: Writing) -> None:
    told = presets.read_preset(writing.preset, "preset").says.tables if writing.preset else {}
    folder = prose(str(store.settings().folder / "sources"))
    st.caption(
        f"A path counts from {folder}, `*` stands for any letters, and addresses such as `s3://…` are read as well. "
        "Delimiter, encoding and sheet are left empty where they are as usual."
    )
    for at, one in enumerate(writing.files):
        name, path, *others, out = st.columns([3, 6, 1.4, 2, 2, 1], gap="xsmall", vertical_alignment="bottom")
        # Not by how many there are: what is typed last before another is asked for would be lost.
        key = f"connect_file_{writing.row(one)}"
        shown = "visible" if at == 0 else "collapsed"
        with name:
            fields.text("Table", one, "name", key=f"{key}_name", label_visibility=shown, disabled=bool(told))
        with path:
            fields.text("Path", one, "path", key=f"{key}_path", label_visibility=shown, placeholder="export/*.csv")
        for place, (label, option, usual) in zip(
            others,
            (("Delimiter", "delimiter", ","), ("Encoding", "encoding", "utf-8"), ("Sheet", "sheet", "")),
            strict=True,
        ):
            with place:
                fields.text(label, one, option, key=f"{key}_{option}", label_visibility=shown, placeholder=usual)
        out.button(
            "",
            icon=":material/close:",
            help="Leave this table out",
            key=f"{key}_out",
            on_click=_leave_out,
            args=(writing, at),
            disabled=bool(told) or len(writing.files) == 1,
            type="tertiary",
        )
        if one.get("name") in told:
            st.caption(prose(told[one["name"]]))
    if not told:
        st.button("Another table", icon=":material/add:", on_click=writing.files.append, args=({},), type="tertiary")


def _leave_out(writing: Writing, at: int) -> None:
    del writing.files[at]


def _service(writing: Writing) -> None:
    st.caption("Secrets are written as `${NAME}`: they stay in the environment of the server.")
    for key, (said, begun) in SERVICES[writing.kind].fields.items():
        writing.options.setdefault(key, begun)
        fields.text(said, writing.options, key, key=f"connect_{writing.kind}_{key}", placeholder=begun)


def _parameters(writing: Writing) -> None:
    if not writing.preset:
        return
    known = presets.read_preset(writing.preset, "preset").says.parameters
    for name, one in known.items():
        label, key = text.capital(name.replace("_", " ")), f"connect_{writing.preset}_{name}"
        if one.choices:
            first = one.default or "Choose …"
            options = [first, *(choice for choice in one.choices if choice != first)]
            fields.choice(label, options, writing.parameters, name, key=key, help=one.meaning)
        else:
            fields.text(label, writing.parameters, name, key=key, placeholder=one.default or "", help=one.meaning)


def _secrets(writing: Writing) -> None:
    named = writing.variables()
    if not named:
        return
    with st.container(border=True, gap="small", key="connect_secrets"):
        st.markdown("**Secrets**")
        for name in named:
            if writing.is_set(name):
                st.markdown(f":green-badge[{prose(name)} is set on the server]")
                continue
            fields.text(
                f"{prose(name)} is not set on the server. Type it to try now:",
                writing.secrets,
                name,
                key=f"connect_secret_{name}",
                type="password",
                help="Kept for this visit only, and written nowhere. Set the variable before a refresh.",
            )


def _answer(writing: Writing) -> None:
    """The button that connects, and what the source answered."""
    incomplete, problem = _incomplete(writing), _problem(writing)
    with st.container(border=True, gap="small", key="connect_answer"):
        st.markdown("**Does it answer?**")
        pressed = st.button(
            "Test the connection", type="primary", key="connect_test", disabled=bool(incomplete or problem)
        )
        if problem:
            st.error(prose(problem), icon=":material/error:")
        elif incomplete:
            st.caption(incomplete)
        else:
            asked = writing.draft(mapped=False).text()
            if pressed:
                st.session_state[_TESTED] = asked
                writing.found.clear()
            if st.session_state.get(_TESTED) == asked:
                _tell(writing)


def _tell(writing: Writing) -> None:
    with st.spinner("Asking the source"):
        found = tried(writing.browsed)
    if isinstance(found, str):
        st.error(prose(found), icon=":material/error:")
    elif not found.ok:
        st.error(prose(writing.told(found.sentence)), icon=":material/error:")
    else:
        st.success(prose(writing.told(found.sentence)), icon=":material/check_circle:")
        if found.tables:
            st.caption(f"{text.count(len(found.tables), 'table')} can be seen.")


def _problem(writing: Writing) -> str:
    """Why the source cannot be written as it is; empty where it can."""
    said = tried(lambda: writing.draft(mapped=False).settings(store.settings(), {}))
    return said if isinstance(said, str) else ""


def _incomplete(writing: Writing) -> str:
    """What must be said before anything can be asked; empty where nothing is missing."""
    draft = writing.draft(mapped=False)
    if writing.kind == "files":
        names = [one["name"].strip() for one in writing.files if one.get("name", "").strip()]
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            return f"Two tables are called '{twice[0]}': give each a name of its own."
        return "" if draft.tables else "Name a table and where its files are."
    needed = SERVICES[writing.kind].fields if writing.kind in SERVICES else ("url",)
    return "" if all(draft.options.get(key) for key in needed) else "Say where it is first."


def _about(writing: Writing) -> None:
    """How far the mapping that comes with the product was proven."""
    if not writing.preset:
        return
    says = presets.read_preset(writing.preset, "preset").says
    with st.container(border=True, gap="xsmall", key="connect_about"):
        st.markdown(f"**{prose(says.label)}**")
        st.caption(prose(f"For {says.versions}."))
        st.caption(prose(f"How far it is proven: {says.proven}"))
