"""A memory for answers: bounded in number and size, shared by all readers, each answer made once however many ask.

Streamlit's own cache hashes every question by walking it and unpickles every answer it gives. Questions here are keys
as they stand (days, words, frozen dataclasses), and answers are given as they are: nobody changes one.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from threading import Lock
from typing import Any, TypeVar, cast

import polars as pl

Answer = TypeVar("Answer")

_SMALL = 64
"""Bytes that an object takes at least."""

_LOOKED_AT = 8
"""Of many things in a row; the others are taken to be like these."""


class Memory:
    """Answers by question; what has not been asked for longest is forgotten first."""

    def __init__(self, most: int, size: int) -> None:
        """Hold at most ``most`` answers that take about ``size`` bytes together."""
        self._most, self._size = most, size
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._taken = 0
        self._lock = Lock()

    def answer(self, question: Hashable, made: Callable[[], Answer]) -> Answer:
        """What ``made()`` gave when this was asked first. Others who ask meanwhile wait for it.

        A question that is no key, such as one that holds a mapping, is known by its words. What ``made`` raises is
        raised, and the next one who asks tries again.
        """
        key = as_key(question)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            turn = self._making.setdefault(key, Lock())
        with turn:
            with self._lock:
                if key in self._kept:
                    return self._kept[key][0]
            try:
                found = made()
                self._keep(key, found)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            return found

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._taken = 0

    @property
    def taken(self) -> int:
        """About how many bytes the answers take."""
        return self._taken

    def __len__(self) -> int:
        return len(self._kept)

    def _keep(self, key: Hashable, found: Any) -> None:
        size = weight(found)
        with self._lock:
            self._kept[key] = (found, size)
            self._taken += size
            # The newest stays, however large: whoever asked for it asks again on the next click.
            while len(self._kept) > 1 and (len(self._kept) > self._most or self._taken > self._size):
                _, (_, freed) = self._kept.popitem(last=False)
                self._taken -= freed


def as_key(question: object) -> Hashable:
    """The question, or its words where it holds something that is no key."""
    try:
        hash(question)
    except TypeError:
        return repr(question)
    return question


def weight(answer: Any) -> int:
    """About how many bytes an answer takes: frames exactly, the rest by its parts."""
    match answer:
        case pl.DataFrame() | pl.Series():
            return _SMALL + int(answer.estimated_size())
        case str() | bytes():
            return sys.getsizeof(answer)
        case Mapping():
            known = cast("Mapping[Any, Any]", answer)
            return _SMALL + _of_many(
                [part for pair in islice(known.items(), _LOOKED_AT) for part in pair], 2 * len(known)
            )
        case list() | tuple() | set() | frozenset():
            several = cast("list[Any]", answer)
            return _SMALL + _of_many(list(islice(several, _LOOKED_AT)), len(several))
        case _ if is_dataclass(answer) and not isinstance(answer, type):
            return _SMALL + sum(weight(getattr(answer, field.name)) for field in fields(answer))
        case _:
            return _SMALL


def _of_many(first: list[Any], count: int) -> int:
    return round(sum(map(weight, first)) * count / len(first)) if first else 0
