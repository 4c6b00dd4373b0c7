"""People at a running server: ``python -m benchmarks.load --url http://127.0.0.1:8501 --people 25 --every 8``.

Each person has a session of their own (``load_session.py``) and clicks on what the page offers: a filter, another day,
what is compared with, another page, the menu of a chart. Measured is the time from a click to the finished page. With
``--closed N`` people click without a pause, which tells how many page runs a second the server manages.

Only servers on this machine are asked, by at most 200 people for at most ten minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.Button_pb2 import Button
from streamlit.proto.MultiSelect_pb2 import MultiSelect
from streamlit.proto.Selectbox_pb2 import Selectbox

from benchmarks.load_session import Run, Session

MOST_PEOPLE, MOST_SECONDS = 200, 600

KINDS = {"filter": 35, "day": 25, "compare": 10, "page": 25, "menu": 5}
"""What people click on, and how often of a hundred times."""

_MONTHS = 24
"""Month-ends that people go back."""

_RARE = ("board_pack",)
"""Pages that nobody opens while looking around: a pack is made once a month, and its preview takes seconds."""

_OPENING = "open"
_SLICE = 0.05


@dataclass(frozen=True)
class Plan:
    """Who clicks how often on what. ``every``: seconds from one click to the next; 0 without a pause."""

    url: str
    people: int
    every: float
    seconds: float
    overview: bool
    seed: int


@dataclass
class Seen:
    """What happened: runs by kind of click, and whether anybody had asked for that address before."""

    runs: list[tuple[str, bool, Run]] = field(default_factory=list[tuple[str, bool, Run]])
    addresses: set[str] = field(default_factory=set[str])

    def add(self, kind: str, run: Run) -> None:
        address = f"{run.page}?{run.query}"
        self.runs.append((kind, address not in self.addresses, run))
        self.addresses.add(address)


def refusal(url: str, people: int, seconds: float) -> str:
    """Why this cannot be played, in a sentence; nothing where it can."""
    host = urlsplit(url).hostname or ""
    if not _is_this_machine(host):
        return f"'{url}' is not this machine: the load goes to http://127.0.0.1 or http://localhost only."
    if not 1 <= people <= MOST_PEOPLE:
        return f"{people} people cannot be played: 1 to {MOST_PEOPLE}."
    if not 0 < seconds <= MOST_SECONDS:
        return f"{seconds:g} seconds cannot be played: more than 0 and at most {MOST_SECONDS}."
    return ""


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def play(plan: Plan) -> Seen:
    """Let everybody in, one after the other within the first pause, and let them click until the time is over."""
    seen, ends = Seen(), time.monotonic() + plan.seconds
    await asyncio.gather(*(_person(plan, number, ends, seen) for number in range(plan.people)))
    return seen


async def _person(plan: Plan, number: int, ends: float, seen: Seen) -> None:
    dice = Random(f"{plan.seed}/{number}")  # noqa: S311 - nothing is kept secret by it
    await asyncio.sleep((plan.every or _SLICE) * number / plan.people)
    try:
        session = await Session.open(plan.url)
    except Exception as error:  # noqa: BLE001 - whatever it is, this person did not get in
        seen.add(_OPENING, Run("connect", 0.0, problem=f"no connection: {error}"))
        return
    clicked = time.monotonic()
    seen.add(_OPENING, await session.load())
    while (next_at := max(time.monotonic(), clicked + plan.every)) < ends:
        await asyncio.sleep(next_at - time.monotonic())
        clicked = time.monotonic()
        kind, run = await click(session, dice, overview=plan.overview)
        seen.add(kind, run)
        if run.problem.startswith("the connection ended"):
            return
    await session.close()


async def click(session: Session, dice: Random, *, overview: bool = False) -> tuple[str, Run]:
    """One click on what the page offers. ``overview``: none that leaves the page or draws but a part of it."""
    kinds = {kind: often for kind, often in KINDS.items() if not overview or kind not in ("page", "menu")}
    while kinds:
        kind = dice.choices(list(kinds), list(kinds.values()))[0]
        run = await _CLICKS[kind](session, dice)
        if run is not None:
            return kind, run
        del kinds[kind]
    return _OPENING, await session.load()


async def _filter(session: Session, dice: Random) -> Run | None:
    """One value of a dimension, or all of them again."""
    filters = [each for each in session.sidebar(MultiSelect) if each.options]
    if not filters:
        return None
    narrowed = [each for each in filters if session.chosen(each)]
    if narrowed and dice.random() < 0.5:  # noqa: PLR2004 - as often as not
        return await session.choose(dice.choice(narrowed))
    widget = dice.choice(filters)
    return await session.choose(widget, dice.choice(widget.options))


async def _day(session: Session, dice: Random) -> Run | None:
    """A month-end of the list, or the one before."""
    earlier = session.widget(Button, "Earlier")
    if earlier is not None and dice.random() < 0.5:  # noqa: PLR2004 - as often as not
        return await session.press(earlier)
    days = session.widget(Selectbox, "As of")
    return None if days is None else await session.choose(days, dice.choice(days.options[: _MONTHS + 1]))


async def _compare(session: Session, dice: Random) -> Run | None:
    widget = session.widget(Selectbox, dice.choice(("Compare with", "Window")))
    return None if widget is None else await session.choose(widget, dice.choice(widget.options))


async def _page(session: Session, dice: Random) -> Run | None:
    links = [each for each in session.links() if session.pages.get(each.page_script_hash) not in _RARE]
    return await session.follow(dice.choice(links)) if links else None


async def _menu(session: Session, dice: Random) -> Run | None:
    menus = session.menus()
    if not menus:
        return None
    menu = dice.choice(menus)
    return await session.turn(menu, opened=not session.is_open(menu))


_CLICKS = {"filter": _filter, "day": _day, "compare": _compare, "page": _page, "menu": _menu}


def report(seen: Seen, plan: Plan, lasted: float) -> dict[str, Any]:
    """``p50``, ``p95``, ``max`` seconds from a click to the finished page, ``runs_per_second``, ``errors``; details."""
    clicks = [(kind, new, run) for kind, new, run in seen.runs if kind != _OPENING]
    good = [run for _, _, run in clicks if not run.problem]
    problems = [f"{run.what}: {run.problem}" for _, _, run in seen.runs if run.problem]
    return {
        "people": plan.people,
        "every": plan.every,
        "seconds": round(lasted, 1),
        "runs_per_second": round(len(good) / lasted, 2) if lasted else 0.0,
        **spread([run.seconds for run in good]),
        "click_to_headline": spread([run.headed for run in good if run.headed is not None]),
        "opened": spread([run.seconds for kind, _, run in seen.runs if kind == _OPENING and not run.problem]),
        "asked_first": spread([run.seconds for _, new, run in clicks if new and not run.problem]),
        "asked_before": spread([run.seconds for _, new, run in clicks if not new and not run.problem]),
        "by_kind": {
            kind: spread([run.seconds for other, _, run in clicks if other == kind and not run.problem])
            for kind in KINDS
        },
        "bytes_received": spread([run.received for run in good]),
        "bytes_of_charts": spread([run.charts for run in good]),
        "messages": spread([run.messages for run in good]),
        "errors": len(problems),
        "problems": {words: problems.count(words) for words in dict.fromkeys(problems)},
    }


def spread(values: Sequence[float]) -> dict[str, float | None]:
    """How many there are, and the value that half of them, and 95 of a hundred, do not exceed; the largest."""
    if not values:
        return {"count": 0, "p50": None, "p95": None, "max": None}
    order = sorted(values)
    at = {"p50": order[(len(order) - 1) // 2], "p95": order[-(-len(order) * 95 // 100) - 1], "max": order[-1]}
    return {"count": len(order), **{name: round(value, 4) for name, value in at.items()}}


def _told(found: dict[str, Any]) -> str:
    clicks = f"{found['people']} people, {found['count']} clicks in {found['seconds']:g} s"
    lines = [f"{clicks}: {found['runs_per_second']:g} page runs a second, {found['errors']} errors"]
    lines.append(f"  {'click to finished':20} {_milliseconds(found)}")
    times = ("click_to_headline", "asked_first", "asked_before", "opened")
    lines += [f"  {name.replace('_', ' '):20} {_milliseconds(found[name])}" for name in times]
    lines += [f"  {kind:20} {_milliseconds(times)}" for kind, times in found["by_kind"].items() if times["count"]]
    lines += [f"  {words} (x {count})" for words, count in found["problems"].items()]
    return "\n".join(lines)


def _milliseconds(times: dict[str, float | None]) -> str:
    known = [f"{name} {value * 1000:7.0f} ms" for name in ("p50", "p95", "max") if (value := times[name]) is not None]
    return f"{'  '.join(known) or '-'}  ({times['count']})"


def _plan(words: Sequence[str] | None) -> tuple[Plan, Path | None]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8501", help="of the server, on this machine")
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--every", type=float, default=8.0, help="seconds from one click of a person to the next")
    parser.add_argument("--closed", type=int, default=0, metavar="N", help="N people who click without a pause")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--walk", choices=("overview", "pages"), help="stay on the overview (usual with --closed)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed clicks the same")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args(words)
    people, every = (asked.closed, 0.0) if asked.closed else (asked.people, max(asked.every, 0.0))
    why_not = refusal(asked.url, people, asked.seconds)
    if why_not:
        parser.error(why_not)
    overview = (asked.walk or ("overview" if asked.closed else "pages")) == "overview"
    return Plan(asked.url.rstrip("/"), people, every, asked.seconds, overview, asked.seed), asked.json


def main(words: Sequence[str] | None = None) -> int:
    """Play and tell; 1 when nobody got an answer."""
    plan, file = _plan(words)
    began = time.monotonic()
    seen = asyncio.run(play(plan))
    found = report(seen, plan, time.monotonic() - began)
    print(_told(found))
    if file is not None:
        file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if found["count"] else 1


if __name__ == "__main__":
    sys.exit(main())
