"""A mapping's SELECT, made of what a person said about each column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

Quoted = Callable[[str], str]


@dataclass(frozen=True)
class Answer:
    """Where a canonical column comes from.

    ``column``: the raw column. ``constant``: what it is in every row, where there is no such column. ``values``: what
    its values mean; others stay as they are, so that a refresh names them. ``numeric``: whether its values are numbers.
    """

    column: str = ""
    constant: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    numeric: bool = False

    @property
    def is_given(self) -> bool:
        return bool(self.column or self.constant)


def select(raw: str, answers: Mapping[str, Answer], quoted: Quoted, negative: Collection[str] = ()) -> str:
    """The SELECT of a canonical table.

    Args:
        raw: the raw table, as SQL writes it.
        answers: by canonical column; one without column and constant is left out.
        quoted: writes the name of a column.
        negative: values of the raw column of ``kind`` whose amounts are written without the minus that they need.
    """
    given = {name: answer for name, answer in answers.items() if answer.is_given}
    lines = [f"    {_expression(name, given, quoted, negative)} AS {name}" for name in given]
    return "SELECT\n" + ",\n".join(lines) + f"\nFROM {raw}\n"


def _expression(name: str, given: Mapping[str, Answer], quoted: Quoted, negative: Collection[str]) -> str:
    answer = given[name]
    if not answer.column:
        return text(answer.constant)
    column = quoted(answer.column)
    if answer.values:
        cases = " ".join(f"WHEN {_value(raw, answer)} THEN {text(said)}" for raw, said in answer.values.items())
        # A number beside texts would make some databases read the texts as numbers.
        return f"CASE {column} {cases} {'END' if answer.numeric else f'ELSE {column} END'}"
    kind = given.get("kind")
    if negative and name in ("amount", "amount_base") and kind is not None and kind.column:
        values = ", ".join(_value(raw, kind) for raw in negative)
        return _lowered(column, f"{quoted(kind.column)} IN ({values})", numeric=answer.numeric)
    return column


def _lowered(column: str, condition: str, *, numeric: bool) -> str:
    """``column`` with a minus where ``condition`` holds and it has none."""
    if numeric:
        return f"CASE WHEN {condition} AND {column} > 0 THEN -{column} ELSE {column} END"
    unsigned = f"{column} NOT LIKE '-%' AND {column} NOT LIKE '%-'"
    return f"CASE WHEN {condition} AND {unsigned} THEN '-' || {column} ELSE {column} END"


def _value(raw: str, answer: Answer) -> str:
    return raw if answer.numeric else text(raw)


def text(value: str) -> str:
    """``value`` as a text of SQL."""
    return "'" + value.replace("'", "''") + "'"
