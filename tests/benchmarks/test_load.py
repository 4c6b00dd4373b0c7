"""People at a server: what they see is what the server drew, and what goes wrong is named."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest
from streamlit.proto.Button_pb2 import Button
from streamlit.proto.MultiSelect_pb2 import MultiSelect
from streamlit.proto.Selectbox_pb2 import Selectbox

from benchmarks import load
from benchmarks.load_session import Run, Session
from tests.benchmarks.conftest import apart


def title(session):
    [found] = [shown.drawn.heading.body for shown in session._elements("heading")]
    return found


def visit(url, *steps):
    """Open the app and go through ``steps``, each given the session; what each of them gave."""

    async def visited():
        session = await Session.open(url)
        try:
            return [await session.load()] + [await step(session) for step in steps]
        finally:
            await session.close()

    return apart(asyncio.run, visited())


def choosing(kind, label, *options):
    return lambda session: session.choose(session.widget(kind, label), *options)


async def _title(session):
    return title(session)


def test_filters_days_and_buttons_reach_the_page(url):
    runs = visit(
        url,
        _title,
        choosing(MultiSelect, "Region", "South", "North"),
        choosing(Selectbox, "As of", "2025-12-31"),
        lambda session: session.press(session.widget(Button, "Earlier")),
        lambda session: session.press(session.widget(Button, "Earlier")),
        _title,
        choosing(MultiSelect, "Region"),
        _title,
    )
    assert runs[1] == "First of  on Latest, 0 pressed, no day"
    assert runs[6] == "First of South+North on 2025-12-31, 2 pressed, no day"
    assert runs[8] == "First of  on 2025-12-31, 2 pressed, no day"
    played = [run for run in runs if isinstance(run, Run)]
    assert [run.problem for run in played] == [""] * 6
    assert all(run.headed is not None and 0 < run.headed <= run.seconds for run in played)
    assert all(run.received > run.charts > 0 for run in played)


def test_a_link_leads_to_another_page_with_its_parameters(url):
    async def link(session):
        [found] = session.links()
        assert found.label == "To the second"
        return await session.follow(found)

    _, run, shown = visit(url, link, _title)
    assert (run.page, run.query, run.problem) == ("second", "as_of=2026-01-31", "")
    assert shown == "Second of  on Latest, 0 pressed, 2026-01-31"
    # What a browser has already it is not sent again.
    _, _, again = visit(url, link, link)
    assert again.received < run.received - 15_000


def test_a_menu_draws_its_part_alone_and_keeps_the_page(url):
    async def turned(session):
        [menu] = session.menus()
        before = title(session)
        opened = await session.turn(menu, opened=True)
        assert session.is_open(menu)
        assert (title(session), opened.headed) == (before, None)
        return opened

    _, opened = visit(url, turned)
    assert (opened.problem, opened.received > 20_000) == ("", True)


def test_what_a_page_says_went_wrong_is_named(url):
    async def broken(session):
        return await session.load("broken")

    async def nowhere(session):
        return await session.load("nowhere")

    _, run, missing = visit(url, broken, nowhere)
    assert run.problem == "This page cannot be shown"
    assert (missing.what, missing.problem) == ("open nowhere", "there is no such page")


def test_people_play_and_are_counted(url, tmp_path, capsys):
    file = tmp_path / "load.json"
    words = ["--url", url, "--people", "3", "--every", "0.2", "--seconds", "6", "--json", str(file)]
    assert apart(load.main, words) == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["count"] >= 1
    assert set(found["problems"]) <= {"open broken: This page cannot be shown"}
    assert 0 < found["p50"] <= found["p95"] <= found["max"]
    assert found["opened"]["count"] == 3
    assert found["asked_first"]["count"] + found["asked_before"]["count"] == found["count"]
    assert "3 people" in capsys.readouterr().out


def test_the_same_dice_click_the_same(url):
    def walked():
        async def clicks(session):
            dice = Random("1/0")  # noqa: S311 - nothing is kept secret by it
            return [(await load.click(session, dice))[1].what for _ in range(6)]

        return visit(url, clicks)[1]

    assert walked() == walked()


def test_without_a_pause_nobody_leaves_the_overview(url):
    found = load.Plan(url, 2, 0.0, 1.5, overview=True, seed=3)
    seen = apart(asyncio.run, load.play(found))
    assert {run.page for _, _, run in seen.runs} == {""}
    assert {kind for kind, _, _ in seen.runs} <= {"open", "filter", "day", "compare"}


def test_nobody_there_is_told(capsys):
    assert apart(load.main, ["--url", "http://127.0.0.1:9", "--people", "1", "--seconds", "1"]) == 1
    assert "no connection" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--url", "http://example.com"], "is not this machine"),
        (["--url", "http://127.0.0.1.example.com"], "is not this machine"),
        (["--url", "http://10.0.0.1:8501"], "is not this machine"),
        (["--url", ""], "is not this machine"),
        (["--people", "201"], "201 people cannot be played"),
        (["--people", "0"], "0 people cannot be played"),
        (["--closed", "500"], "500 people cannot be played"),
        (["--seconds", "601"], "601 seconds cannot be played"),
        (["--seconds", "nan"], "nan seconds cannot be played"),
    ],
)
def test_others_are_left_alone(asked, told, capsys):
    with pytest.raises(SystemExit) as ended:
        load.main(asked)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_this_machine_has_several_names(host):
    assert load.refusal(f"http://{host}:8501", 1, 1) == ""


def test_spread():
    # Of 1 to 20, ten do not exceed 10 and nineteen, 95 of a hundred, do not exceed 19.
    assert load.spread([20 - each for each in range(20)]) == {"count": 20, "p50": 10, "p95": 19, "max": 20}
    assert load.spread([0.12345]) == {"count": 1, "p50": 0.1235, "p95": 0.1235, "max": 0.1235}
    assert load.spread([]) == {"count": 0, "p50": None, "p95": None, "max": None}
