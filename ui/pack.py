"""A pack on the screen: which one, of which sections, told of which view; all of it from the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from briefing.part import in_words
from briefing.view import Against, View
from config.packs import MOST_ROWS, PackSettings, SectionSettings
from exports.pack.compose import LABELS
from ledger.book import Book
from ledger.errors import did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text
from ui import address, controls, store
from ui.markdown import prose

PAGE = "pages/reports/board_pack.py"
PACK, SECTIONS, ROWS, BY, SHEET = "pack", "pack_sections", "pack_rows", "pack_by", "pack_page"
"""Which pack; its sections in order; rows and grouping as ``section=…``; the page that is shown large."""

_FIXED = {CUSTOMER: "Customer", CURRENCY: "Currency"}


@dataclass(frozen=True)
class Chosen:
    """The pack that the address asks for.

    Attributes:
        own: as its file defines it.
        pack: with the sections that are chosen here.
        view: what it is told of: the shared filters, within what the pack's definition alone can narrow.
        differs: which filters are others than the pack's own, in words.
        is_own_part: whether it is of the part of the company that the pack is about: commentary is about that.
    """

    own: PackSettings
    pack: PackSettings
    view: View
    differs: tuple[str, ...]
    is_own_part: bool

    @property
    def sections(self) -> tuple[str, ...]:
        """The ids of what is chosen, in order."""
        return tuple(each.section for each in self.pack.sections)


def chosen(book: Book, view: View) -> tuple[Chosen, list[str]]:
    """The pack as the address has it, and what of the address was not understood."""
    problems: list[str] = []
    packs = store.settings().packs
    asked = address.value(PACK, packs.first.name)
    if asked not in packs.packs:
        hint = did_you_mean(asked, packs.packs)
        problems.append(f"There is no pack '{text.name(asked[:60])}'; {hint} Shown is {packs.first.name}.")
    own = packs.packs.get(asked, packs.first)
    pack = own.model_copy(update={"sections": _sections(own, book, problems)})
    narrowed = _narrowed(own, view, book)
    differs = tuple(_differs(own, view, book))
    return Chosen(own, pack, narrowed, differs, _part(view, book) == _own_part(own, book)), problems


def message(now: Chosen, commented: int) -> str:
    """``Receivables report: 10 sections as of 31 Oct 2026, 3 with commentary``."""
    if not now.sections:
        return f"{now.own.title}: no section is chosen"
    words = f", {commented} with commentary" if commented else ""
    return f"{now.own.title}: {text.count(len(now.sections), 'section')} as of {text.day(now.view.day)}{words}"


def label(pack: PackSettings, section: str) -> str:
    """What a section of a pack is called."""
    titles = {each.section: each.title for each in pack.sections}
    return titles.get(section) or LABELS[section]


def in_order(own: PackSettings) -> tuple[str, ...]:
    """Every section there is: those of the pack in its order, then the others."""
    names = tuple(each.section for each in own.sections)
    return (*names, *(name for name in LABELS if name not in names))


# --- sections -----------------------------------------------------------------------------------------------------


def _sections(own: PackSettings, book: Book, problems: list[str]) -> tuple[SectionSettings, ...]:
    asked = address.values(SECTIONS) or tuple(each.section for each in own.sections)
    problems += [
        f"There is no section '{text.name(name[:60])}'; {did_you_mean(name, LABELS)}".removesuffix("; ")
        for name in asked
        if name not in LABELS and name != controls.NONE
    ]
    rows, by = parts(ROWS), parts(BY)
    known = {each.section: each for each in own.sections}
    found: list[SectionSettings] = []
    for name in dict.fromkeys(name for name in asked if name in LABELS):
        section = known.get(name) or SectionSettings(section=name)
        changes: dict[str, object] = {}
        if name in rows:
            changes["rows"] = _whole(rows[name]) or section.rows
        if by.get(name) in book.dimensions:
            changes["by"] = by[name]
        elif name in by:
            problems.append(f"'{text.name(by[name][:60])}' is no dimension; {did_you_mean(by[name], book.dimensions)}")
        found.append(section.model_copy(update=changes))
    return tuple(found)


def parts(key: str) -> dict[str, str]:
    """What a parameter says of each section, as ``section=…``."""
    told = (each.partition("=") for each in address.values(key))
    return {name: said for name, sign, said in told if sign and said and name in LABELS}


def _whole(words: str) -> int | None:
    try:
        return min(max(int(words), 1), MOST_ROWS)
    except ValueError:
        return None


# --- filters ------------------------------------------------------------------------------------------------------


def draw_choice(now: Chosen) -> None:
    """Which pack, where there are several; and whether it is shown with its own filters."""
    packs = store.settings().packs.packs
    if len(packs) > 1:
        titles = [pack.title for pack in packs.values()]
        if PACK not in st.session_state or st.session_state[PACK] != now.own.name:
            st.session_state[PACK] = now.own.name
        st.selectbox(
            "Pack",
            list(packs),
            key=PACK,
            on_change=_choose,
            format_func=lambda name: (
                packs[name].title if titles.count(packs[name].title) == 1 else f"{packs[name].title} ({name})"
            ),
            width=260,
            label_visibility="collapsed",
        )
    if now.differs:
        # Another part under the pack's own title could be taken for the pack's.
        mark = "" if now.is_own_part else ":orange[:material/warning:] "
        apart = prose(f"Not the pack's own {text.listed(now.differs, 4)}.")
        st.caption(f"{mark}{apart}", width="content")
        st.button(
            "Use the pack's own filters",
            key="pack_own_filters",
            icon=":material/filter_alt:",
            type="tertiary",
            on_click=address.put,
            args=(_own_filters(now.own, store.book()),),
            help=_defined(now.own, store.book()),
        )


def _choose() -> None:
    """Another pack, as it is defined: its own sections and its own filters."""
    packs = store.settings().packs
    name = str(st.session_state[PACK])
    fresh = {PACK: None if name == packs.first.name else name, **dict.fromkeys((SECTIONS, ROWS, BY, SHEET))}
    address.put({**fresh, **_own_filters(packs.packs[name], store.book())})
    address.settle()


def _own_filters(own: PackSettings, book: Book) -> dict[str, address.Change]:
    """The parameters of the filters that a pack defines; the day stays."""
    default, usual = store.settings().window.default, _usual_currency(book)
    return {
        **{address.dimension(name): own.where.get(name) for name in book.dimensions},
        address.WINDOW: own.window if own.window != default else None,
        address.COMPARE: own.against if own.against != Against.YEAR else None,
        address.CURRENCY: own.currency if own.currency in book.currencies and own.currency != usual else None,
    }


def _defined(own: PackSettings, book: Book) -> str:
    """The filters of a pack in words, for the help of the button."""
    where = in_words(_scope(own.where), {**book.dimensions, **_FIXED})
    said = [
        text.window(own.window or store.settings().window.default),
        {"year": "against last year", "period": "against the opening", "target": "against the target"}[own.against],
        *(where or ("the whole company",)),
    ]
    return prose(", ".join(said))


def _usual_currency(book: Book) -> str:
    usual = book.rules.reporting_currency
    return usual if usual in book.currencies or not book.currencies else book.currencies[0]


def _differs(own: PackSettings, view: View, book: Book) -> list[str]:
    apart = {
        "window": view.window != (own.window or store.settings().window.default),
        "comparison": view.against != own.against,
        "currency": len(book.currencies) > 1 and view.currency != (own.currency or _usual_currency(book)),
        "part of the company": _part(view, book) != _own_part(own, book),
    }
    return [name for name, is_other in apart.items() if is_other]


def _scope(where: Mapping[str, tuple[str, ...]]) -> Scope:
    return Scope.of(**{name: {None if one == UNASSIGNED else one for one in told} for name, told in where.items()})


def _offered(book: Book) -> set[str]:
    """The dimensions that the shared filters let choose from."""
    return {name for name in book.dimensions if len(store.values(name)) > 1}


def _part(view: View, book: Book) -> Scope:
    """The part of the company that the shared filters choose."""
    offered = _offered(book)
    return Scope(tuple(pair for pair in view.scope.where if pair[0] in offered))


def _own_part(own: PackSettings, book: Book) -> Scope:
    """The part that a pack is about, as far as the shared filters can say it."""
    offered = _offered(book)
    return _scope({name: values for name, values in own.where.items() if name in offered})


def _narrowed(own: PackSettings, view: View, book: Book) -> View:
    """The view within what only the pack's definition can say, such as a customer."""
    offered = _offered(book) | ({CURRENCY} if len(book.currencies) > 1 else set[str]())
    fixed = _scope({name: values for name, values in own.where.items() if name not in offered})
    scope = view.scope
    for name, values in fixed.where:
        scope = scope.narrowed(name, *values)
    if not fixed.where:
        return view
    return replace(view, scope=scope, filters=(*view.filters, *in_words(fixed, {**book.dimensions, **_FIXED})))
