"""Cases that share one hand-made database: each enters what it needs, and then all go on with the books."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from ledger.book import Book
from tests.mappings import books


class Made:
    """A database that was filled, and its books through ``preset`` by whatever parameters."""

    def __init__(self, address: str, folder: Path, preset: str) -> None:
        self._address = address
        self._folder = folder
        self._preset = preset
        self._books: dict[str, Book] = {}

    def book(self, parameters: str = "", currency: str = "USD") -> Book:
        if parameters not in self._books:
            folder = self._folder / f"settings {len(self._books)}"
            source = f'kind = "sql"\nurl = "{self._address}"\n[parameters]\n{parameters}\n'
            self._books[parameters] = books.made(folder, self._preset, source, currency=currency)
        return self._books[parameters]


Case = Generator[None, Made, None]
"""Enters what it needs, yields, and goes on with the books."""


class Cases:
    """Cases that share one database.

    Args:
        preset: what reads it.
        empty: makes the ERP that cases enter their documents into.
        written: writes it into the database that a request asks for, and tells the address.
    """

    def __init__(
        self,
        preset: str,
        empty: Callable[[], Any],
        written: Callable[[Any, pytest.FixtureRequest, Path], str],
    ) -> None:
        self._preset = preset
        self._empty = empty
        self._written = written
        self._known: dict[str, Callable[[Any], Case]] = {}
        self._going: dict[tuple[int, str], Case] = {}

    def __call__(self, entering: Callable[[Any], Case]) -> Callable[[Any], Case]:
        self._known[entering.__name__] = entering
        return entering

    @property
    def names(self) -> list[str]:
        return list(self._known)

    def made(self, request: pytest.FixtureRequest, folder: Path) -> Made:
        """The database of ``request`` with what every case enters."""
        erp = self._empty()
        going = {name: entering(erp) for name, entering in self._known.items()}
        for one in going.values():
            next(one)
        made = Made(self._written(erp, request, folder), folder, self._preset)
        self._going |= {(id(made), name): one for name, one in going.items()}
        return made

    def checked(self, name: str, made: Made) -> None:
        """Go on with a case to its end."""
        with pytest.raises(StopIteration):
            self._going[id(made), name].send(made)
