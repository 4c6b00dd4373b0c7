"""Answers are made once, bounded in number and size, and never another question's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier, Event

import polars as pl
import pytest

from ledger.scope import Scope
from ui.memory import Memory, as_key, weight


@dataclass(frozen=True)
class Told:
    words: str
    rows: pl.DataFrame


def test_a_question_is_answered_once():
    memory, asked = Memory(10, 10_000), []
    for _ in range(3):
        assert memory.answer(("open", date(2026, 5, 31)), lambda: asked.append(1) or [1, 2]) == [1, 2]
    assert (len(asked), len(memory)) == (1, 1)


def test_nothing_is_an_answer_too():
    memory, asked = Memory(10, 10_000), []
    for _ in range(2):
        assert memory.answer("nobody", lambda: asked.append(1)) is None
    assert len(asked) == 1


def test_equal_questions_are_one_and_others_are_not():
    memory = Memory(10, 10_000)
    north = memory.answer(("total", Scope.of(region="North")), lambda: "north")
    assert memory.answer(("total", Scope.of(region=["North"])), lambda: "again") == north
    assert memory.answer(("total", Scope.of(region="South")), lambda: "south") == "south"
    assert memory.answer(("count", Scope.of(region="North")), lambda: "one") == "one"


def test_a_question_that_is_no_key_is_known_by_its_words():
    memory = Memory(10, 10_000)
    assert memory.answer(("plan", {"rate": 0.1}), lambda: "a tenth") == "a tenth"
    assert memory.answer(("plan", {"rate": 0.1}), lambda: "again") == "a tenth"
    assert memory.answer(("plan", {"rate": 0.2}), lambda: "a fifth") == "a fifth"
    assert as_key([1]) == "[1]"
    assert as_key((1,)) == (1,)


def test_what_was_not_asked_for_longest_is_forgotten_first():
    memory = Memory(2, 10_000)
    memory.answer("a", lambda: "a")
    memory.answer("b", lambda: "b")
    memory.answer("a", lambda: "again")
    memory.answer("c", lambda: "c")
    assert memory.answer("a", lambda: "anew") == "a"
    assert memory.answer("b", lambda: "anew") == "anew"


def test_large_answers_make_room_for_each_other():
    memory = Memory(100, 20_000)
    for place in range(10):
        memory.answer(place, lambda: pl.DataFrame({"n": range(1_000)}))
        assert memory.taken <= 20_000
    # 8 bytes for each of 1,000 numbers: two of them fit.
    assert len(memory) == 2
    memory.forget()
    assert (len(memory), memory.taken) == (0, 0)


def test_an_answer_larger_than_the_memory_is_kept_alone():
    memory, asked = Memory(100, 1_000), []
    memory.answer("small", lambda: 1)
    for _ in range(2):
        memory.answer("large", lambda: asked.append(1) or pl.DataFrame({"n": range(1_000)}))
    assert (len(asked), len(memory)) == (1, 1)
    memory.answer("small", lambda: 2)
    assert len(memory) == 1


def test_a_trouble_is_told_and_not_kept():
    memory = Memory(10, 10_000)

    def fails():
        raise ValueError("not now")

    for _ in range(2):
        with pytest.raises(ValueError, match="not now"):
            memory.answer("a", fails)
    assert memory.answer("a", lambda: "later") == "later"


def test_many_who_ask_at_once_wait_for_one_answer():
    memory, asked, at_once = Memory(10, 10_000), [], Barrier(8)

    def made():
        asked.append(1)
        Event().wait(0.05)
        return object()

    def asks(_):
        at_once.wait(10)
        return memory.answer("slow", made)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(asks, range(8)))
    assert len(asked) == 1
    assert len({id(answer) for answer in answers}) == 1


def test_other_questions_do_not_wait():
    memory, begun, go_on = Memory(10, 10_000), Event(), Event()

    def slow():
        begun.set()
        assert go_on.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(memory.answer, "slow", slow)
        assert begun.wait(10)
        assert memory.answer("quick", lambda: "quick") == "quick"
        go_on.set()
        assert waiting.result(10) == "slow"


def test_an_answer_may_ask_for_another():
    memory = Memory(10, 10_000)
    assert memory.answer("outer", lambda: memory.answer("inner", lambda: 1) + 1) == 2
    assert len(memory) == 2


def test_weight():
    frame = pl.DataFrame({"n": range(1_000)})
    assert weight(frame) == 64 + 8_000
    assert weight(Told("", frame)) > 8_000
    assert weight([frame] * 100) == 64 + 100 * weight(frame)
    assert weight({1: frame}) > 8_000
    assert weight(b"x" * 5_000) > 5_000
    assert weight(()) == weight(None) == 64
