"""How a source writes dates and numbers in text."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from config.validation import Section
from ledger.cast import Formats


def _separator(text: str) -> str:
    if len(text) > 1 or text.isalnum():
        raise ValueError(f"is '{text}'; it must be one sign, such as '.', ',' or a space, or '' for none.")
    return text


def _decimal(text: str) -> str:
    if text not in {".", ","}:
        raise ValueError(f"is '{text}'; it must be '.' or ','.")
    return text


def _date(text: str) -> str:
    if "%" not in text:
        raise ValueError(f"is '{text}'; write it with %d, %m and %Y, such as '%d.%m.%Y'.")
    return text


class FormatsTable(Section):
    """``[formats]`` of a source file or a preset: how text is read."""

    date: Annotated[str, AfterValidator(_date)] = Formats().date
    decimal: Annotated[str, AfterValidator(_decimal)] = Formats().decimal
    thousands: Annotated[str, AfterValidator(_separator)] = Formats().thousands
