"""The pages there are, and their list, whose links carry what pages share: Streamlit's own would leave it behind."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from ui import address, alerts, favourites, tour


@dataclass(frozen=True)
class Entry:
    """A page: its script, what it is called, its icon."""

    script: str
    title: str
    icon: str


SECTIONS = {
    "Summary": (
        Entry("pages/summary/overview.py", "Overview", "space_dashboard"),
        Entry("pages/alerts/inbox.py", "Alerts", "notifications"),
        Entry("pages/summary/changes.py", "Why it moved", "waterfall_chart"),
        Entry("pages/reports/explorer.py", "Explorer", "query_stats"),
        Entry("pages/reports/board_pack.py", "Board pack", "slideshow"),
    ),
    "Receivables": (
        Entry("pages/receivables/aging.py", "Aging", "stacked_bar_chart"),
        Entry("pages/receivables/segments.py", "Segments", "grid_on"),
        Entry("pages/receivables/cohorts.py", "Cohorts", "event_repeat"),
        Entry("pages/receivables/customers.py", "Customers", "groups"),
    ),
    "Collections and risk": (
        Entry("pages/collections/effectiveness.py", "Effectiveness", "speed"),
        Entry("pages/risk/provision.py", "Provision", "shield"),
        Entry("pages/risk/concentration.py", "Concentration", "donut_small"),
    ),
    "Data and help": (
        Entry("pages/data/health.py", "Health", "fact_check"),
        Entry("pages/data/connect.py", "Connect", "cable"),
        Entry("pages/help/glossary.py", "Glossary", "menu_book"),
    ),
}
"""In the order of the list; the first page is where a visit begins."""

WITHOUT_BOOKS = frozenset({"Glossary", "Connect"})
"""The pages that have something to say before there is a snapshot."""

WITHOUT_FILTERS = frozenset({"Connect"})
"""The pages that show nothing of the books, and so nothing that could be filtered."""

_BADGE = "_alerts_badge"

_SCRIPTS = {entry.title: entry.script for entries in SECTIONS.values() for entry in entries}


def registered() -> dict[str, list[StreamlitPage]]:
    """The pages by section, as ``st.navigation`` wants them."""
    first = next(iter(_SCRIPTS.values()))
    return {
        section: [
            st.Page(entry.script, title=entry.title, icon=f":material/{entry.icon}:", default=entry.script == first)
            for entry in entries
        ]
        for section, entries in SECTIONS.items()
    }


def draw() -> DeltaGenerator | None:
    """The list, in the sidebar; the place of the alerts' entry, for ``draw_badge``.

    The list stands before anything is read. Until then the entry has the badge of the run before.
    """
    place: DeltaGenerator | None = None
    with st.sidebar, st.container(gap=None, key="pages"):
        for section, entries in SECTIONS.items():
            st.caption(section)
            for entry in entries:
                if entry.script == alerts.PAGE:
                    place = st.empty()
                    _link(entry, st.session_state.get(_BADGE, ""), place)
                else:
                    _link(entry)
    return place


def draw_badge(place: DeltaGenerator | None) -> None:
    """How many alerts wait for somebody, beside their entry; nothing where they cannot be read."""
    counted = alerts.calling()
    colour = "orange" if "act" in counted else "yellow"
    badge = f" :{colour}-badge[{sum(counted.values())}]" if counted else ""
    if badge == st.session_state.get(_BADGE, "") or place is None:
        return
    st.session_state[_BADGE] = badge
    _link(next(entry for entry in SECTIONS["Summary"] if entry.script == alerts.PAGE), badge, place)


def _link(entry: Entry, badge: str = "", place: DeltaGenerator | None = None) -> None:
    (place or st).page_link(
        entry.script, label=f"{entry.title}{badge}", icon=f":material/{entry.icon}:", query_params=address.link()
    )


def draw_kept(page: StreamlitPage) -> None:
    """Under the list: favourites, and the five things to know. ``page``: the one that is shown."""
    with st.sidebar, st.container(horizontal=True, gap="small", key="kept", wrap=False):
        favourites.draw(_SCRIPTS[page.title], page.title, frozenset(_SCRIPTS.values()))
        st.button("Tour", icon=":material/explore:", type="tertiary", on_click=tour.open_again, key="tour")
    tour.offer()
