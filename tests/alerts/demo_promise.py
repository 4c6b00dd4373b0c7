"""The tables of ``docs/demo.md`` that promise which alerts the shipped rules raise."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alerts.case import Case, Evaluation
from metrics import CATALOG, text

PAGE = Path(__file__).parents[2] / "docs" / "demo.md"

RAISED = "| alert | about | severity | number | limit | since | money at stake |"
INSIDE = "| shown inside | rule | about | number | why it is the same money |"


def raised(found: Evaluation) -> list[str]:
    """A line of the table for each alert of its own."""
    own = [case for case in found.cases if case.under is None]
    return [_line(_rule(case), case.who, case.severity, _number(case), _limit(case), *_since(case)) for case in own]


def inside(found: Evaluation) -> list[str]:
    """A line for each that is the same money as another."""
    named = {case.key: case for case in found.cases}
    return [
        _line(named[case.under].who, _rule(case), case.who, _number(case), case.same)
        for case in found.cases
        if case.under
    ]


def promised(head: str) -> list[str]:
    """The lines below ``head`` on the page."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = lines.index(head) + 2
    end = next(at for at in range(start, len(lines)) if not lines[at].startswith("|"))
    return lines[start:end]


def _rule(case: Case) -> str:
    return f"`{case.breach.rule.id}`"


def _number(case: Case) -> str:
    breach = case.breach
    unit = CATALOG[breach.rule.metric].unit
    value = text.value(breach.value, unit, breach.currency)
    if breach.rule.when == "change":
        return f"{value} ({text.change(breach.quantity, unit, breach.currency)})"
    return f"{value} ({breach.quantity:.1f} deviations)" if breach.rule.when == "unusual" else value


def _limit(case: Case) -> str:
    breach = case.breach
    unit = CATALOG[breach.rule.metric].unit
    if breach.rule.when == "change":
        return text.change(breach.limit, unit, breach.currency)
    return text.value(breach.limit, unit, breach.currency)


def _since(case: Case) -> tuple[str, str]:
    return text.day(case.breach.since), text.money(case.money, case.breach.currency)


def _line(*cells: str) -> str:
    return f"| {' | '.join(plain(cells))} |"


def plain(cells: Iterable[str]) -> list[str]:
    """Without spaces that do not break, which nobody types."""
    return [cell.replace(text.NBSP, " ") for cell in cells]
