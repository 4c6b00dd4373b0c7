"""One person's browser, without a browser: speaks to a running server as Streamlit's own page does.

What the server draws is kept as the page keeps it, so that a click is one that the screen offers: a link that is there,
a widget with its options. The address and the states of widgets go with every click, as a browser sends them.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.MultiSelect_pb2 import MultiSelect
from streamlit.proto.PageLink_pb2 import PageLink
from streamlit.proto.Selectbox_pb2 import Selectbox
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

Widget = TypeVar("Widget", MultiSelect, Selectbox, Button)

_PATIENCE = 60.0
"""Seconds that a page may take before it counts as failed."""

_LARGEST = 64 * 2**20
"""Bytes of one message."""

_CHARTS = ("vega_lite_chart", "plotly_chart")

_SIDEBAR = 1
"""Where a path begins that leads to the sidebar."""

_ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True)
class Run:
    """One click and what became of it.

    ``seconds``: from the click to the finished page; ``headed``: to the page's title, ``None`` where none was drawn.
    ``received``: bytes that the server sent, of which ``charts`` are descriptions of charts. ``page`` and ``query``:
    the address afterwards. ``problem``: what the page showed or the connection did instead of answering.
    """

    what: str
    seconds: float
    headed: float | None = None
    received: int = 0
    charts: int = 0
    messages: int = 0
    page: str = ""
    query: str = ""
    problem: str = ""


@dataclass
class _Shown:
    """Something on the page: what it is, the run that drew it last, the fragment it belongs to."""

    drawn: Any
    run: int
    fragment: str = ""


@dataclass
class Session:
    """A connection and the page as it is shown there."""

    url: str
    socket: ClientConnection
    page: str = ""
    query: str = ""
    pages: dict[str, str] = field(default_factory=dict[str, str])
    _shown: dict[tuple[int, ...], _Shown] = field(default_factory=dict[tuple[int, ...], _Shown])
    _states: dict[str, WidgetState] = field(default_factory=dict[str, WidgetState])
    _cached: dict[str, ForwardMsg] = field(default_factory=dict[str, ForwardMsg])
    _script: str = ""
    _run: int = 0

    @classmethod
    async def open(cls, url: str, cookie: str = "") -> Session:
        """Connect, as the browser does once the page's scripts are there. ``url``: ``http://127.0.0.1:8501``.

        Raises:
            OSError: nobody answers there.
        """
        headers = {"Cookie": cookie} if cookie else {}
        host = urlsplit(url)
        socket = await connect(
            f"ws://{host.netloc}{host.path.rstrip('/')}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=headers,
            max_size=_LARGEST,
            open_timeout=_PATIENCE,
        )
        return cls(url, socket)

    async def load(self, page: str = "", query: str = "") -> Run:
        """Open a page by its address: ``page`` as in the address, such as ``aging``; ``""`` is where a visit begins."""
        self._states.clear()
        self._shown.clear()
        self.query, self._script = query, ""
        return await self._ask(f"open {page or 'the first page'}", page_name=page)

    async def follow(self, link: PageLink) -> Run:
        """Click on a link within the app."""
        self.query, self._script = link.query_string, link.page_script_hash
        return await self._ask(f"follow {link.label}", page_script_hash=link.page_script_hash)

    async def choose(self, widget: MultiSelect | Selectbox, *options: str) -> Run:
        """Choose in a list."""
        state = WidgetState(id=widget.id)
        if isinstance(widget, MultiSelect):
            state.string_array_value.data.extend(options)
        else:
            state.string_value = options[0]
        self._states[widget.id] = state
        return await self._ask(f"{widget.label}: {', '.join(options) or 'all'}", page_script_hash=self._script)

    async def press(self, button: Button) -> Run:
        """Click on a button."""
        pressed = WidgetState(id=button.id, trigger_value=True)
        return await self._ask(f"press {button.label}", pressed, page_script_hash=self._script)

    async def turn(self, popover: str, *, opened: bool) -> Run:
        """Open or close a menu that fills itself: only its part of the page is drawn again."""
        fragment = self._fragment_of(popover)
        self._states[popover] = WidgetState(id=popover, bool_value=opened)
        what = "open a menu" if opened else "close a menu"
        return await self._ask(what, page_script_hash=self._script, fragment_id=fragment)

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()

    def links(self) -> list[PageLink]:
        """The links on the page that stay in the app."""
        found = (shown.drawn.page_link for shown in self._elements("page_link"))
        return [link for link in found if not link.external and not link.disabled]

    def widget(self, kind: type[Widget], label: str) -> Widget | None:
        """The widget of that label, unless it cannot be used now."""
        name = kind.DESCRIPTOR.name.lower()
        found = (getattr(shown.drawn, name) for shown in self._elements(name))
        return next((each for each in found if each.label == label and not each.disabled), None)

    def sidebar(self, kind: type[Widget]) -> list[Widget]:
        """The widgets of a kind beside the page, which all pages share."""
        name = kind.DESCRIPTOR.name.lower()
        found = (getattr(shown.drawn, name) for shown in self._elements(name, within=_SIDEBAR))
        return [each for each in found if not each.disabled]

    def chosen(self, widget: MultiSelect) -> tuple[str, ...]:
        """What is chosen in a list."""
        state = self._states.get(widget.id)
        return tuple(state.string_array_value.data) if state else ()

    def menus(self) -> list[str]:
        """The ids of the menus that fill themselves."""
        return [
            shown.drawn.popover.id
            for shown in self._shown.values()
            if shown.fragment and shown.drawn.DESCRIPTOR.name == "Block" and shown.drawn.popover.id
        ]

    def is_open(self, popover: str) -> bool:
        """Whether a menu is open."""
        state = self._states.get(popover)
        return state is not None and state.bool_value

    def _elements(self, kind: str, within: int | None = None) -> list[_Shown]:
        return [
            shown
            for path, shown in self._shown.items()
            if within in (None, path[0])
            and shown.drawn.DESCRIPTOR.name == "Element"
            and shown.drawn.WhichOneof("type") == kind
        ]

    def _fragment_of(self, popover: str) -> str:
        return next(
            shown.fragment
            for shown in self._shown.values()
            if shown.drawn.DESCRIPTOR.name == "Block" and shown.drawn.popover.id == popover
        )

    async def _ask(self, what: str, *pressed: WidgetState, **rerun: str) -> Run:
        """Send a click and take what comes until the run it caused has finished."""
        self._run += 1
        asked = BackMsg()
        told = asked.rerun_script
        told.query_string = self.query
        told.page_name, told.page_script_hash = rerun.get("page_name", ""), rerun.get("page_script_hash", "")
        told.fragment_id = rerun.get("fragment_id", "")
        told.widget_states.widgets.extend([*self._states.values(), *pressed])
        told.cached_message_hashes.extend(self._cached)
        told.context_info.timezone, told.context_info.locale = "UTC", "en"
        told.context_info.url, told.context_info.color_scheme = f"{self.url}/{rerun.get('page_name', '')}", "light"
        began = time.perf_counter()
        heard = _Heard(began)
        try:
            await self.socket.send(asked.SerializeToString())
            async with asyncio.timeout(_PATIENCE):
                await self._listen(heard)
        except TimeoutError:
            heard.problem = heard.problem or f"nothing finished within {_PATIENCE:g} seconds"
        except Exception as error:  # noqa: BLE001 - whatever ends the connection is what became of this click
            heard.problem = f"the connection ended: {error}"
        return Run(
            what,
            time.perf_counter() - began,
            heard.headed,
            heard.received,
            heard.charts,
            heard.messages,
            self.page,
            self.query,
            heard.problem,
        )

    async def _listen(self, heard: _Heard) -> None:
        whole = True
        while True:
            data = await self.socket.recv(decode=False)
            heard.received += len(data)
            heard.messages += 1
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "ref_hash":
                kept = ForwardMsg()
                kept.CopyFrom(self._cached[message.ref_hash])
                kept.metadata.CopyFrom(message.metadata)
                message, kind = kept, kept.WhichOneof("type")
            elif message.metadata.cacheable:
                self._cached[message.hash] = message
            if kind == "script_finished":
                if message.script_finished not in _ENDED:
                    heard.problem = heard.problem or _unless_again(message)
                    continue
                whole = message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
                break
            self._take(kind or "", message, heard)
            if kind == "delta" and message.delta.new_element.WhichOneof("type") in _CHARTS:
                heard.charts += len(data)
        if whole:
            self._shown = {path: shown for path, shown in self._shown.items() if shown.run == self._run}

    def _take(self, kind: str, message: ForwardMsg, heard: _Heard) -> None:
        match kind:
            case "navigation":
                self._script = message.navigation.page_script_hash
                self.pages = {each.page_script_hash: each.url_pathname for each in message.navigation.app_pages}
                self.page = self.pages.get(self._script, "")
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "page_not_found":
                heard.problem = "there is no such page"
            case "delta":
                self._draw(message, heard)
            case _:
                pass

    def _draw(self, message: ForwardMsg, heard: _Heard) -> None:
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "add_block":
            self._shown[path] = _Shown(delta.add_block, self._run, delta.fragment_id)
            return
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        self._shown[path] = _Shown(element, self._run, delta.fragment_id)
        match element.WhichOneof("type"):
            case "heading":
                heard.headed = heard.headed or time.perf_counter() - heard.began
            case "exception":
                heard.problem = f"{element.exception.type}: {element.exception.message}"
            case "alert" if element.alert.format == Alert.ERROR:
                heard.problem = element.alert.body
            case "selectbox" | "multiselect" as kind:
                self._heed(getattr(element, kind))
            case _:
                pass

    def _heed(self, widget: MultiSelect | Selectbox) -> None:
        """What the server puts into a widget is what the browser sends from then on."""
        if not widget.set_value:
            return
        state = WidgetState(id=widget.id)
        if isinstance(widget, MultiSelect):
            state.string_array_value.data.extend(widget.raw_values)
        else:
            state.string_value = widget.raw_value
        self._states[widget.id] = state


@dataclass
class _Heard:
    """What has come of one click so far."""

    began: float
    headed: float | None = None
    received: int = 0
    charts: int = 0
    messages: int = 0
    problem: str = ""


def _unless_again(message: ForwardMsg) -> str:
    """A run that makes way for the next one is no failure."""
    again = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return "" if again else "the script cannot be compiled"
