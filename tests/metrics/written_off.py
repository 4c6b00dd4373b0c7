"""A small history that ends in a write-off, and words for telling books and matrices."""

from __future__ import annotations

from tests.ledger.books import day, invoice, settled

END = day("2024-06-30")


def late(id, amount, days, at="2024-06-30", **more):
    """An invoice that is ``days`` late at ``at``, issued in January."""
    due = day(at).toordinal() - days
    return invoice(id, amount, document_date="2024-01-01", due_date=day(at).fromordinal(due).isoformat(), **more)


HISTORY = [
    # 1,000, due on 31 January: current that day, 29 days late in February, 60 in March, 90 in
    # April, 121 in May. 600 are paid in February, 300 more in March, 60 in April, and 30 in May; 10 are written off
    # in June.
    invoice("H", "1000", document_date="2024-01-02", due_date="2024-01-31"),
]
HISTORY_CLOSED = [
    settled("h1", "600", "2024-02-10", of="H"),
    settled("h2", "300", "2024-03-10", of="H"),
    settled("h3", "60", "2024-04-10", of="H"),
    settled("h4", "30", "2024-05-10", of="H"),
    settled("h5", "10", "2024-06-10", "write_off", of="H"),
]


def matrix(rows, *columns):
    return {row[0]: row[1:] if len(columns) > 1 else row[1] for row in rows.select("bucket", *columns).iter_rows()}


def sentence(raises):
    said = str(raises.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    return said
