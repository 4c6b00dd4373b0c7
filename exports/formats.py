"""How exported documents write what screens do not: money to its last digit without a symbol, and cells of a workbook.

Days, names and everything else are written by ``metrics.text``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ledger.money import digits
from metrics.text import MINUS, NBSP

EXCEL_DAY = "yyyy-mm-dd"
EXCEL_MOMENT = "yyyy-mm-dd hh:mm"
EXCEL_SHARE = "0.0%"
EXCEL_WHOLE = "#,##0"

_LONG = 24
"""A word of more letters than this is given places to break, so that it cannot run over its column."""


def amount(value: float | Decimal, currency: str) -> str:
    """The figure alone, with the digits of its currency: ``1,522,361.27``, ``−963,646`` (JPY). For columns."""
    figure = f"{abs(value):,.{digits(currency)}f}"
    return f"{MINUS}{figure}" if value < 0 and figure.strip("0.,") else figure


def money(value: float | Decimal, currency: str) -> str:
    """The figure after its currency's code, which is clear in every country: ``USD 1,522,361.27``."""
    return f"{currency}{NBSP}{amount(value, currency)}"


def excel_number(places: int) -> str:
    """The number format of a cell with ``places`` decimals: ``#,##0.00``. Negative numbers carry their sign."""
    return EXCEL_WHOLE + ("." + "0" * places if places else "")


def excel_money(currency: str) -> str:
    """The number format of a cell that holds money: as many decimals as the currency has."""
    return excel_number(digits(currency))


def shortened(words: str, most: int) -> str:
    """``words``, or their beginning with an ellipsis where they are longer than ``most``."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def breakable(words: str) -> str:
    """``words`` with invisible places to break inside any word too long for a column."""
    return " ".join("\u200b".join(_pieces(word)) if len(word) > _LONG else word for word in words.split(" "))


def _pieces(word: str) -> Iterator[str]:
    return (word[start : start + _LONG // 2] for start in range(0, len(word), _LONG // 2))
