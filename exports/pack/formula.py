"""A metric of the catalogue as a formula of a spreadsheet, made from the very expressions that compute it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics import Metric, Unit, text

Cell = Callable[[str], str]
"""The reference to the cell that holds a part: ``Parts!$B$5``."""

_PLAIN = frozenset({"days", "months", "annual_rate"})
"""Parts that are no money; counts are not either."""

_COMPARED = {"Gt": ">", "GtEq": ">=", "Lt": "<", "LtEq": "<=", "Eq": "=", "NotEq": "<>"}
_CONDITION, _SUM, _PRODUCT, _ATOM = range(4)
"""How tightly an expression holds together: what is looser is put in brackets."""


_SPARE = 2
"""Decimals beyond those of the currency that a sum is looked at with."""


class UntranslatableError(Exception):
    """An expression that no formula can stand for."""


@dataclass(frozen=True)
class _Told:
    """A piece of a formula. ``power``: of money in it, which is minor units inside metrics and major ones in cells."""

    words: str
    holds: int = _ATOM
    power: int | None = 0


def is_money(part: str) -> bool:
    """Whether a part is an amount, or an amount × days: in minor units inside metrics, in major ones in a pack."""
    return part not in _PLAIN and not part.endswith("_count")


def formula(metric: Metric, cell: Cell, digits: int, *, guarded: bool = False) -> str | None:
    """``=IF(denominator>0,numerator/denominator*factor,"n/a")``; ``None`` for a metric that no formula gives.

    Args:
        metric: one of the catalogue.
        cell: the reference of each part, which is in major units where it is money.
        digits: decimals of the currency, for what the metric rounds to the smallest unit.
        guarded: some part is not known: what cannot be computed is ``n/a`` as well.
    """
    if metric.numerator is None:
        return None
    try:
        value = _whole(metric, cell, digits)
    except UntranslatableError:
        return None
    return f'=IFERROR({value},"{text.MISSING}")' if guarded else f"={value}"


def _whole(metric: Metric, cell: Cell, digits: int) -> str:
    tell = _Teller(cell, 0 if metric.counted else digits)
    numerator = tell.of(metric.numerator)
    if metric.denominator is None:
        tell.same_money(numerator, _expected(metric))
        return numerator.words
    denominator = tell.of(metric.denominator)
    ratio = tell.binary("/", numerator, denominator)
    value = ratio if metric.factor is None else tell.binary("*", ratio, tell.of(metric.factor))
    tell.same_money(value, _expected(metric))
    return f'IF({tell.sized(denominator)}>0,{value.words},"{text.MISSING}")'


def _expected(metric: Metric) -> int:
    return 1 if metric.unit is Unit.MONEY and not metric.counted else 0


@dataclass(frozen=True)
class _Teller:
    """Tells expressions of one metric. ``digits``: decimals that its money has."""

    cell: Cell
    digits: int

    def of(self, expr: pl.Expr | None) -> _Told:
        if expr is None:
            raise UntranslatableError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the form is Polars' own and may change: then nothing is translated
            return self._node(json.loads(expr.meta.serialize(format="json")))

    def _node(self, node: Mapping[str, Any]) -> _Told:
        match node:
            case {"Column": str(name)}:
                return _Told(self.cell(name), power=int(is_money(name)))
            case {"Literal": {"Dyn": {"Int": value} | {"Float": value}}}:
                return _number(value)
            case {"Literal": {"Scalar": dict(held)}} if len(held) == 1:
                return _number(next(iter(held.values())))
            case {"Alias": [inner, _]}:
                return self._node(inner)
            case {"Cast": {"expr": inner, "dtype": {"Literal": str(kind)}}}:
                return self._cast(inner, kind)
            case {"BinaryExpr": {"left": left, "op": str(op), "right": right}}:
                return self._operation(op, self._node(left), self._node(right))
            case {"Function": {"input": list(inputs), "function": function}}:
                return self._function(function, [self._node(each) for each in inputs])
            case {"Ternary": {"predicate": predicate, "truthy": truthy, "falsy": falsy}}:
                first, second = self._node(truthy), self._node(falsy)
                told = f"IF({self._node(predicate).words},{first.words},{second.words})"
                return _Told(told, power=self.same_money(first, second.power))
            case _:
                raise UntranslatableError

    def _operation(self, op: str, left: _Told, right: _Told) -> _Told:
        match op:
            case "Plus" | "Minus":
                return self.binary("+" if op == "Plus" else "-", left, right)
            case "Multiply" | "TrueDivide":
                return self.binary("*" if op == "Multiply" else "/", left, right)
            case "And" | "Or":
                return _Told(f"{op.upper()}({left.words},{right.words})")
            case _ if op in _COMPARED:
                self.same_money(left, right.power)
                return _Told(f"{_held(left, _SUM)}{_COMPARED[op]}{_held(right, _SUM)}", _CONDITION)
            case _:
                raise UntranslatableError

    def binary(self, sign: str, left: _Told, right: _Told) -> _Told:
        """``left sign right``, with brackets where the sign would take them apart."""
        if sign in "+-":
            power = self.same_money(left, right.power)
            return _Told(f"{_held(left, _SUM)}{sign}{_held(right, _PRODUCT)}", _SUM, power)
        if left.power is None or right.power is None:
            power = None  # nothing times anything is nothing
        else:
            power = left.power + (right.power if sign == "*" else -right.power)
        return _Told(f"{_held(left, _PRODUCT)}{sign}{_held(right, _ATOM)}", _PRODUCT, power)

    def _function(self, function: Any, inputs: list[_Told]) -> _Told:
        match function, inputs:
            case "Negate", [only]:
                return _Told(f"-{_held(only, _ATOM)}", _PRODUCT, only.power)
            case "Abs", [only]:
                return _Told(f"ABS({only.words})", power=only.power)
            case {"Round": {"decimals": int(places), "mode": "HalfAwayFromZero"}}, [only]:
                return _Told(f"ROUND({only.words},{places + self._shift(only)})", power=only.power)
            case (("MaxHorizontal" | "MinHorizontal"), [first, *others]):
                for each in others:
                    self.same_money(first, each.power)
                told = ",".join(each.words for each in inputs)
                return _Told(f"{function[:3].upper()}({told})", power=first.power)
            case _:
                raise UntranslatableError

    def sized(self, told: _Told) -> str:
        """What a sum is, without the noise that adding doubles leaves where it should be nothing."""
        summed = told.holds == _SUM and told.power == 1
        return f"ROUND({told.words},{self.digits + _SPARE})" if summed else told.words

    def _cast(self, inner: Mapping[str, Any], kind: str) -> _Told:
        """The whole of a rounded number is itself; that of another one is cut."""
        told = self._node(inner)
        if kind.startswith(("Float", "Decimal")):
            return told
        if not kind.startswith(("Int", "UInt")):
            raise UntranslatableError
        match inner:
            case {"Function": {"function": {"Round": {"decimals": 0}}}}:
                return told
            case _:
                return _Told(f"TRUNC({told.words},{self._shift(told)})", power=told.power)

    def _shift(self, told: _Told) -> int:
        """How many decimals whole minor units have in major ones."""
        if told.power not in (0, 1):
            raise UntranslatableError
        return self.digits * told.power

    @staticmethod
    def same_money(one: _Told, power: int | None) -> int | None:
        """The power of money that both have; only the number 0 goes with any.

        Raises:
            UntranslatableError: an amount with a plain number: it would mean cents inside metrics and whole units here.
        """
        if one.power is None or power is None:
            return power if one.power is None else one.power
        if one.power != power:
            raise UntranslatableError
        return power


def _number(value: Any) -> _Told:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UntranslatableError
    return _Told(f"{value!r}", _ATOM if value >= 0 else _PRODUCT, power=0 if value else None)


def _held(told: _Told, least: int) -> str:
    return told.words if told.holds >= least else f"({told.words})"
