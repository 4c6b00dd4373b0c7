"""Formulas of a workbook computed without a spreadsheet: the few functions that ours use, written independently."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries

_TOKEN = re.compile(
    r"""\s*(?P<text>"(?:[^"]|"")*")
    |\s*(?P<cell>(?:(?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)
    |\s*(?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    |\s*(?P<name>[A-Z]+)(?=\()
    |\s*(?P<sign><=|>=|<>|[-+*/<>=&(),])""",
    re.VERBOSE,
)


class WrongError(Exception):
    """What a spreadsheet shows as #VALUE! or #DIV/0!."""


class Sheets:
    """A workbook whose formulas are computed anew, whatever values were written with them."""

    def __init__(self, data: bytes) -> None:
        self.book: Any = openpyxl.load_workbook(io.BytesIO(data))
        self.known: dict[tuple[str, str], Any] = {}

    def value(self, sheet: str, cell: str) -> Any:
        """What stands in a cell; ``WrongError`` is raised where a spreadsheet shows an error."""
        key = (sheet, cell.replace("$", ""))
        if key not in self.known:
            held = self.book[sheet][key[1]]
            self.known[key] = self.computed(sheet, held.value[1:]) if held.data_type == "f" else held.value
        return self.known[key]

    def computed(self, sheet: str, formula: str) -> Any:
        return _Reading(self, sheet, formula).whole()

    def range(self, sheet: str, told: str) -> list[Any]:
        left, top, right, bottom = (edge or 0 for edge in range_boundaries(told.replace("$", "")))
        names = [self.book[sheet].cell(row, column).coordinate for row in range(top, bottom + 1) for column in
                 range(left, right + 1)]  # fmt: skip
        return [self.value(sheet, name) for name in names]


class Given(Sheets):
    """Cells of one sheet, ``S``, that are given."""

    def __init__(self, cells: dict[str, Any]) -> None:
        self.known = {("S", name.replace("$", "")): value for name, value in cells.items()}


class _Reading:
    """One formula, read from left to right; what is not asked for is not computed."""

    def __init__(self, sheets: Sheets, sheet: str, formula: str) -> None:
        self.sheets, self.sheet = sheets, sheet
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(formula):
            found = _TOKEN.match(formula, at)
            assert found, f"not understood: {formula[at:]}"
            self.tokens.append((found.lastgroup or "", found[found.lastgroup or 0]))
            at = found.end()
        self.at = 0

    def whole(self) -> Any:
        value = self._compared()
        assert self.at == len(self.tokens)
        return value()

    def _is(self, *signs: str) -> str:
        kind, words = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        if kind == "sign" and words in signs:
            self.at += 1
            return words
        return ""

    def _binary(self, below: Callable[[], Any], *signs: str) -> Any:
        value = below()
        while sign := self._is(*signs):
            value = partial(_apply, sign, value, below())
        return value

    def _compared(self) -> Any:
        return self._binary(self._joined, "=", "<>", "<=", ">=", "<", ">")

    def _joined(self) -> Any:
        return self._binary(self._sum, "&")

    def _sum(self) -> Any:
        return self._binary(self._product, "+", "-")

    def _product(self) -> Any:
        return self._binary(self._single, "*", "/")

    def _single(self) -> Any:
        if self._is("-"):
            value = self._single()
            return lambda: -_number(value())
        if self._is("("):
            value = self._compared()
            assert self._is(")")
            return value
        kind, words = self.tokens[self.at]
        self.at += 1
        match kind:
            case "text":
                return lambda: words[1:-1].replace('""', '"')
            case "number":
                return lambda: float(words)
            case "cell":
                sheet, _, place = words.rpartition("!")
                name = sheet.strip("'").replace("''", "'") or self.sheet
                if ":" in place:
                    return lambda: self.sheets.range(name, place)
                return lambda: self.sheets.value(name, place)
            case _:
                return self._call(words)

    def _call(self, name: str) -> Any:
        assert self._is("(")
        given = [self._compared()]
        while self._is(","):
            given.append(self._compared())
        assert self._is(")")
        return lambda: _FUNCTIONS[name](*given)


def _number(value: Any) -> float:
    if value is None:
        return 0.0
    if not isinstance(value, int | float):
        raise WrongError(value)
    return float(value)


def _apply(sign: str, one: Any, other: Any) -> Any:
    first, second = one(), other()
    match sign:
        case "&":
            told = [f"{each:g}" if isinstance(each, int | float) else str(each) for each in (first, second)]
            return "".join(told)
        case "=":
            return first == second
        case "<>":
            return first != second
        case "<" | ">" | "<=" | ">=":
            # In a spreadsheet every word is larger than every number.
            high, low = (
                (1.0, str(each)) if isinstance(each, str) else (0.0, _number(each)) for each in (first, second)
            )
            return {"<": high < low, ">": high > low, "<=": high <= low, ">=": high >= low}[sign]
        case "/":
            if not _number(second):
                raise WrongError("division by nothing")
            return _number(first) / _number(second)
        case _:
            one_, other_ = _number(first), _number(second)
            return {"+": one_ + other_, "-": one_ - other_, "*": one_ * other_}[sign]


def _flat(given: tuple[Any, ...]) -> list[float]:
    values = [each() for each in given]
    listed = [value for each in values for value in (each if isinstance(each, list) else [each])]
    return [float(value) for value in listed if isinstance(value, int | float)]


def _rounded(value: Any, places: Any) -> float:
    scale = 10.0 ** places()
    size = _number(value()) * scale
    return math.copysign(math.floor(abs(size) + 0.5), size) / scale


def _safe(value: Any, otherwise: Any) -> Any:
    try:
        return value()
    except WrongError:
        return otherwise()


def _counted(cells: Any, what: Any) -> float:
    return float(sum(value == what() for value in cells()))


def _summed_if(cells: Any, what: Any) -> float:
    assert what() == ">0"
    held = cells()
    return float(sum(value for value in (held if isinstance(held, list) else [held]) if value and value > 0))


_FUNCTIONS: dict[str, Any] = {
    "IF": lambda test, yes, no: yes() if test() else no(),
    "IFERROR": _safe,
    "AND": lambda *given: all(each() for each in given),
    "OR": lambda *given: any(each() for each in given),
    "ISNUMBER": lambda value: isinstance(value(), int | float),
    "ABS": lambda value: abs(_number(value())),
    "ROUND": _rounded,
    "TRUNC": lambda value, places: math.trunc(_number(value()) * 10 ** places()) / 10 ** places(),
    "SUM": lambda *given: math.fsum(_flat(given)),
    "MIN": lambda *given: min(_flat(given)),
    "MAX": lambda *given: max(_flat(given)),
    "COUNTIF": _counted,
    "SUMIF": _summed_if,
}
