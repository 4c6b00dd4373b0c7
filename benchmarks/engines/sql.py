"""The questions in SQL, for DuckDB and PostgreSQL alike. Ages and buckets are those of ``ledger.aging.USUAL``."""

from __future__ import annotations

from typing import Any

BUCKET = """CASE
    WHEN s.credit THEN 6
    WHEN d.as_of - s.basis > 120 THEN 5
    WHEN d.as_of - s.basis > 90 THEN 4
    WHEN d.as_of - s.basis > 60 THEN 3
    WHEN d.as_of - s.basis > 30 THEN 2
    WHEN d.as_of - s.basis > 0 THEN 1
    ELSE 0
END"""

POSITIONS = f"""
SELECT
    d.as_of,
    s.cell,
    {BUCKET} AS bucket,
    sum(s.amount) AS amount,
    sum(CASE WHEN s.credit THEN s.amount ELSE 0 END) AS credit,
    sum(CASE WHEN s.credit AND s.kind = 3 THEN s.amount ELSE 0 END) AS unapplied_cash,
    sum(s.first) AS count,
    sum(CASE WHEN NOT s.credit AND d.as_of > s.late_from THEN s.amount ELSE 0 END) AS overdue,
    sum(CASE WHEN NOT s.credit AND d.as_of - s.late_from > 90 THEN s.amount ELSE 0 END) AS over_90,
    sum(CASE WHEN NOT s.credit AND d.as_of > s.late_from THEN s.amount * (d.as_of - s.late_from) ELSE 0 END)
        AS overdue_days,
    sum(CASE WHEN s.disputed AND NOT s.credit THEN s.amount ELSE 0 END) AS disputed
FROM days AS d
JOIN slices AS s ON s.opened_on <= d.as_of AND s.closed_on > d.as_of
GROUP BY 1, 2, 3
"""
"""Of the days in the table ``days``."""

_AGEING = f"""
SELECT {BUCKET} AS bucket, sum(s.amount) AS amount, sum(s.first) AS count
FROM (SELECT CAST('{{day}}' AS DATE) AS as_of) AS d
JOIN slices AS s ON s.opened_on <= CAST('{{day}}' AS DATE) AND s.closed_on > CAST('{{day}}' AS DATE)
{{cells}}
GROUP BY 1
"""

_OPEN_ITEMS = """
SELECT t.document_id, sum(s.amount) AS open
FROM slices AS s
JOIN documents AS t ON t.document = s.document
WHERE s.customer = {number} AND s.opened_on <= CAST('{day}' AS DATE) AND s.closed_on > CAST('{day}' AS DATE)
GROUP BY 1
"""


def ageing(question: dict[str, Any]) -> str:
    """Total and number of documents by bucket, for a filter, at the close of a day."""
    chosen = [
        f"c.{dimension} IN ({', '.join(map(_text, values))})" for dimension, values in question["where"].items()
    ]  # fmt: skip
    cells = f"JOIN cells AS c ON c.cell = s.cell AND {' AND '.join(chosen)}" if chosen else ""
    return _AGEING.format(day=question["day"], cells=cells)


def open_items(question: dict[str, Any]) -> str:
    """What a customer owes at the close of a day, by document."""
    return _OPEN_ITEMS.format(day=question["day"], number=question["number"])


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
