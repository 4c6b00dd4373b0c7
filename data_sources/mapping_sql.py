"""A mapping's SELECT, made of what a person said about each column."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.schema import Kind


@dataclass(frozen=True)
class Spelling:
    """How a source's SQL writes things.

    ``quoted``: the name of a column. ``concat``: whether texts are joined by CONCAT, where ``||`` is missing or means
    *or*. ``escapes``: whether a backslash in a text begins an escape. ``text_type``: what CAST calls a text.
    ``strict``: whether a text that is no value of an enumeration is an error beside it. ``casts``: columns of the raw
    table that would be read wrong as they are, and the type to cast each to.
    """

    quoted: Callable[[str], str]
    concat: bool = False
    escapes: bool = False
    text_type: str = "VARCHAR"
    strict: bool = False
    casts: Mapping[str, str] = field(default_factory=dict[str, str])

    def column(self, name: str) -> str:
        """A column of the raw table, as it must be read."""
        cast = self.casts.get(name)
        return f"{self.quoted(name)}::{cast}" if cast else self.quoted(name)

    def as_text(self, column: str) -> str:
        """``column`` as a text."""
        return f"CAST({column} AS {self.text_type})"

    def text(self, value: str) -> str:
        """``value`` as a text of SQL."""
        plain = value.replace("\\", "\\\\") if self.escapes else value
        return "'" + plain.replace("'", "''") + "'"

    def negative(self, column: str) -> str:
        """The text of ``column`` with a minus before it."""
        return f"CONCAT('-', {column})" if self.concat else f"'-' || {column}"


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_LOWERING = (str(Kind.CREDIT_MEMO), str(Kind.PAYMENT))


@dataclass(frozen=True)
class Answer:
    """Where a canonical column comes from.

    ``column``: the raw column. ``constant``: what it is in every row, where there is no such column. ``values``: what
    its values mean; others stay as they are, as texts, so that a refresh names them. ``numeric``: whether its values
    are numbers.
    """

    column: str = ""
    constant: str = ""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    numeric: bool = False

    @property
    def is_given(self) -> bool:
        return bool(self.column or self.constant)


def select(raw: str, answers: Mapping[str, Answer], sql: Spelling, negative: Collection[str] = ()) -> str:
    """The SELECT of a canonical table.

    Args:
        raw: the raw table, as SQL writes it.
        answers: by canonical column; one without column and constant is left out.
        sql: how the source writes it.
        negative: values of the raw column of ``kind`` whose amounts are written without the minus that they need.
    """
    given = {name: answer for name, answer in answers.items() if answer.is_given}
    lines = [f"    {_expression(name, given, sql, negative)} AS {sql.quoted(name)}" for name in given]
    return "SELECT\n" + ",\n".join(lines) + f"\nFROM {raw}\n"


def _expression(name: str, given: Mapping[str, Answer], sql: Spelling, negative: Collection[str]) -> str:
    answer = given[name]
    if not answer.column:
        return sql.text(answer.constant)
    column = sql.column(answer.column)
    if answer.values:
        cases = " ".join(
            f"WHEN {_value(raw, answer, sql)} THEN {sql.text(said)}" for raw, said in answer.values.items()
        )
        # A number beside texts would make some databases read the texts as numbers, and others refuse an enumeration.
        rest = sql.as_text(column) if answer.numeric or sql.strict else column
        return f"CASE {column} {cases} ELSE {rest} END"
    kind = given.get("kind")
    if negative and name in ("amount", "amount_base") and kind is not None and kind.column:
        # The words themselves lower a debt as well, also where the first rows had none of them.
        own = [] if kind.numeric else [word for word in _LOWERING if word not in kind.values]
        return _lowered(column, _is_one_of(kind, list(negative), own, sql), sql, numeric=answer.numeric)
    return column


def _is_one_of(kind: Answer, values: Sequence[str], own: Sequence[str], sql: Spelling) -> str:
    """Whether the raw column of kinds holds one of ``values``, or of ``own``, which it may not know."""
    column = sql.column(kind.column)
    if not sql.strict:
        values, own = list(dict.fromkeys([*values, *own])), ()
    known = f"{column} IN ({', '.join(_value(raw, kind, sql) for raw in values)})"
    words = f"{sql.as_text(column)} IN ({', '.join(sql.text(word) for word in own)})"
    return f"({known} OR {words})" if own else known


def _lowered(column: str, condition: str, sql: Spelling, *, numeric: bool) -> str:
    """``column`` with a minus where ``condition`` holds and it has none."""
    if numeric:
        return f"CASE WHEN {condition} AND {column} > 0 THEN -{column} ELSE {column} END"
    unsigned = f"{column} NOT LIKE '-%' AND {column} NOT LIKE '%-'"
    return f"CASE WHEN {condition} AND {unsigned} THEN {sql.negative(column)} ELSE {column} END"


def _value(raw: str, answer: Answer, sql: Spelling) -> str:
    return raw if answer.numeric and _NUMBER.fullmatch(raw) else sql.text(raw)
