"""Values of the objects that a service sends: text, exact amounts and days, or the sentence that one is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from ledger.errors import SourceError

PLACES = 6
"""Decimals of an amount: more than any currency has."""

RATE_PLACES = 12

_TICKS = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
_LACKS = object()


class Thing:
    """One object of a service, such as an invoice.

    A field is asked for as a path of names. ``need``: it is there and says something. ``null``: it is there, and may be
    null. Neither: the service leaves it out where it has no value. So a field that vanishes from an API is noticed
    wherever it can be told from a value that is absent.
    """

    def __init__(self, service: str, kind: str, values: Any, key: str = "id") -> None:
        if not isinstance(values, Mapping):
            raise SourceError(f"{service} sent a list of {kind} with something else in it; its API may have changed.")
        self._service = service
        self._kind = kind
        self._values = cast("Mapping[str, Any]", values)
        self._name = f"{kind} {self._values.get(key, '')}".rstrip()

    @property
    def values(self) -> Mapping[str, Any]:
        """The object as the service sent it."""
        return self._values

    def text(self, *path: str, need: bool = False, null: bool = False) -> str | None:
        """A field's text; numbers and truth values as JSON writes them."""
        value = self._at(path, need=need, null=null)
        match value:
            case None | str():
                return value or None
            case bool():
                return "true" if value else "false"
            case int() | Decimal():
                return str(value)
            case _:
                raise self._misfit(path, "text")

    def must(self, *path: str) -> str:
        """The text of a field that no object of its kind lacks."""
        text = self.text(*path, need=True)
        if text is None:
            raise self._lacking(path)
        return text

    def amount(self, *path: str, need: bool = False, null: bool = False) -> Decimal | None:
        """An exact number, of at most ``PLACES`` decimals."""
        value = self._number(path, need=need, null=null)
        if value is not None and value != round(value, PLACES):
            raise self._misfit(path, f"an amount of at most {PLACES} decimals")
        return value

    def sure(self, *path: str) -> Decimal:
        """The amount of a field that no object of its kind lacks."""
        value = self.amount(*path, need=True)
        if value is None:
            raise self._lacking(path)
        return value

    def rate(self, *path: str) -> Decimal | None:
        """An exchange rate, where there is one."""
        value = self._number(path, need=False, null=False)
        return None if value is None else round(value, RATE_PLACES)

    def flag(self, *path: str) -> bool:
        """Whether a field is there and true."""
        return self._at(path, need=False, null=False) in (True, "true", "True")

    def day(self, *path: str, need: bool = False, null: bool = False) -> date | None:
        """A day, from ``2026-01-31``, from a time that begins with it, or from ``/Date(1769817600000+0000)/``."""
        value = self._at(path, need=need, null=null)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            if ticks := _TICKS.fullmatch(value):
                return self._moment(path, int(ticks[1]) / 1000, UTC)
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                pass
        raise self._misfit(path, "a day")

    def moment(self, zone: tzinfo, *path: str, need: bool = False, null: bool = False) -> date | None:
        """The day in ``zone`` of a time in seconds since 1970."""
        value = self._at(path, need=need, null=null)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._misfit(path, "a time")
        return self._moment(path, value, zone)

    def clock(self, *path: str) -> datetime | None:
        """A moment with its zone, written as text or as ``/Date(…)/``; nothing where it is not that."""
        value = self._at(path, need=False, null=False)
        try:
            if ticks := _TICKS.fullmatch(str(value)):
                return datetime.fromtimestamp(int(ticks[1]) / 1000, UTC)
            moment = datetime.fromisoformat(str(value))
        except (ValueError, OverflowError, OSError):
            return None
        return moment.astimezone(UTC) if moment.tzinfo else None

    def each(self, *path: str, kind: str = "", key: str = "Id") -> Iterator[Thing]:
        """The objects in a list; of a field that is left out, none."""
        value = self._at(path, need=False, null=False)
        if value is None:
            return
        if not isinstance(value, list):
            raise self._misfit(path, "a list")
        for inner in cast("list[Any]", value):
            yield Thing(self._service, kind or f"part of {self._name}", inner, key)

    def has(self, *path: str) -> bool:
        return self._at(path, need=False, null=False) is not None

    def _moment(self, path: tuple[str, ...], seconds: float, zone: tzinfo) -> date:
        try:
            return datetime.fromtimestamp(seconds, zone).date()
        except (ValueError, OverflowError, OSError):
            raise self._misfit(path, "a time") from None

    def _number(self, path: tuple[str, ...], *, need: bool, null: bool) -> Decimal | None:
        value = self._at(path, need=need, null=null)
        if value is None or value == "":
            return None
        if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
            try:
                number = Decimal(value)
            except InvalidOperation:
                pass
            else:
                if number.is_finite() and number.adjusted() < 20:  # noqa: PLR2004 - what Decimal(38, 12) holds
                    return number
        raise self._misfit(path, "a number")

    def _at(self, path: tuple[str, ...], *, need: bool, null: bool) -> Any:
        here: Any = self._values
        for name in path:
            here = cast("Mapping[str, Any]", here).get(name, _LACKS) if isinstance(here, Mapping) else _LACKS
            if here is _LACKS or here is None:
                break
        if (here is _LACKS and (need or null)) or (here is None and need):
            raise self._lacking(path)
        return None if here is _LACKS else here

    def _lacking(self, path: tuple[str, ...]) -> SourceError:
        return SourceError(
            f"{self._service} sent {self._name} without '{'.'.join(path)}', which this connector needs; its API "
            "may have changed."
        )

    def _misfit(self, path: tuple[str, ...], what: str) -> SourceError:
        return SourceError(f"{self._service} sent {self._name} whose '{'.'.join(path)}' is not {what}.")
