"""One level down from the explorer: what a click on a bar, a cell or a row narrows to, and what then divides it."""

from __future__ import annotations

from ledger.scope import CURRENCY, CUSTOMER
from ui import address, drill, filters
from ui.explorer_answer import Answer
from ui.explorer_figures import Where, where_of
from ui.explorer_question import ALL, METRICS, TIME, Asked
from ui.explorer_ranking import day_of, is_one, is_others, value_of


def from_mark(asked: Asked, key: str | None) -> None:
    """Go down from a clicked mark, from a callback."""
    if key:
        go(asked, where_of(key))


def from_cell(answer: Answer, row: int, column: int | None) -> None:
    """Go down from a clicked cell of the table, from a callback; without a column from the name of a row."""
    asked = answer.asked
    where = list(zip(asked.rows, answer.rows[row].codes, strict=True))
    if column is not None and asked.column is not None:
        where.append((asked.column, answer.columns[column].codes[0]))
    go(asked, where)


def go(asked: Asked, where: Where) -> None:
    """Narrow to what was clicked and divide it further; a customer is opened, those left over are shown each.

    A click on a sum goes nowhere, one on a day alone makes it the as-of day. Currencies have no filter: not narrowed.
    """
    if any(is_others(code) for _, code in where):
        address.put(x_top=ALL)
        return
    single = [(level, code) for level, code in where if is_one(code)]
    groups = [(level, value_of(code)) for level, code in single if level not in (TIME, CURRENCY)]
    if any(level == CUSTOMER for level, _ in groups):
        address.go(drill.CUSTOMERS, filters.leading(groups))
    elif groups:
        for level, value in groups:
            filters.narrow(level, value)
        address.put(_divided(asked, {level for level, _ in groups}))
    elif single and asked.rows == (TIME,):
        address.put({address.AS_OF: day_of(single[0][1]).isoformat()})


def _divided(asked: Asked, narrowed: set[str]) -> dict[str, address.Change]:
    """The rows one level further down: what is narrowed gives its place to the next dimension, at last to customers."""
    held = narrowed | {name for name, _ in asked.labels if len(asked.scope.values(name)) == 1}
    rows = [level for level in asked.rows if level not in held]
    if not any(level != TIME for level in rows):
        free = [name for name, _ in asked.labels if name not in held and name != asked.columns]
        deeper = free[0] if free else CUSTOMER
        rows = [TIME, deeper] if asked.rows[0] == TIME else [deeper, *rows]
    return {
        "x_rows": rows[0],
        "x_then": rows[1] if len(rows) > 1 else None,
        "x_columns": None if asked.columns in (*held, METRICS) else asked.columns,
        "x_sort": None,
    }
