"""The SQLite file: a small ERP's receivables tables, written in bulk and moved into place whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Amounts are whole minor units of their currency (cents, pence, whole yen), unsigned unless said otherwise.
# ``_loc`` is the same in the company's own currency. Days are ISO text.
TABLES = {
    "company": "co_cd TEXT PRIMARY KEY, name TEXT, curr_cd TEXT",
    "curr": "curr_cd TEXT PRIMARY KEY, decimals INTEGER",
    "territory": "terr_cd TEXT PRIMARY KEY, name TEXT",
    "segment": "seg_cd TEXT PRIMARY KEY, name TEXT",
    "staff": "staff_cd TEXT PRIMARY KEY, name TEXT, role TEXT",
    "pay_terms": "terms_cd TEXT PRIMARY KEY, net_days INTEGER, disc_days INTEGER, disc_pct TEXT",
    "risk": "risk_cd TEXT PRIMARY KEY, name TEXT",
    "reason": "reason_cd TEXT PRIMARY KEY, name TEXT",
    "fx": "curr_cd TEXT, fx_date TEXT, per INTEGER, usd TEXT, PRIMARY KEY (curr_cd, fx_date)",
    "cust": (
        "cust_no TEXT PRIMARY KEY, name TEXT, group_no TEXT, terr_cd TEXT, seg_cd TEXT, country TEXT, industry TEXT,"
        " collector_cd TEXT, rep_cd TEXT, terms_cd TEXT, risk_cd TEXT, credit_limit INTEGER, ap_email TEXT"
    ),
    # INV invoice, DBM debit memo, CRM credit memo, JNL journal.
    "ar_trx": (
        "trx_id INTEGER PRIMARY KEY, trx_no TEXT, co_cd TEXT, cust_no TEXT, trx_type TEXT, trx_date TEXT,"
        " post_date TEXT, curr_cd TEXT, doc_ref TEXT, dispute_cd TEXT"
    ),
    "ar_sched": "trx_id INTEGER, line_no INTEGER, due_date TEXT, amt INTEGER, amt_loc INTEGER",
    "ar_rcpt": (
        "rcpt_id INTEGER PRIMARY KEY, rcpt_no TEXT, co_cd TEXT, cust_no TEXT, rcpt_date TEXT, post_date TEXT,"
        " curr_cd TEXT, amt INTEGER, amt_loc INTEGER"
    ),
    # fx_loc is signed: a positive difference is a loss, booked to close what the receipt did not bring.
    "ar_appl": (
        "appl_id INTEGER PRIMARY KEY, rcpt_id INTEGER, trx_id INTEGER, line_no INTEGER, appl_date TEXT, amt INTEGER,"
        " amt_loc INTEGER, disc INTEGER, disc_loc INTEGER, fx_loc INTEGER"
    ),
    "ar_cm_appl": (
        "cma_id INTEGER PRIMARY KEY, cm_trx_id INTEGER, trx_id INTEGER, line_no INTEGER, appl_date TEXT, amt INTEGER,"
        " amt_loc INTEGER"
    ),
    # BAD bad debt, SML small balance, NSF bounced payment (negative), RCL reclassified by journal, RFD refund.
    # The target is a transaction line (T) or a receipt (R).
    "ar_adj": (
        "adj_id INTEGER PRIMARY KEY, target TEXT, target_id INTEGER, line_no INTEGER, adj_cd TEXT, adj_date TEXT,"
        " amt INTEGER, amt_loc INTEGER"
    ),
    "gl_balance": "co_cd TEXT, account TEXT, period_end TEXT, bal INTEGER, PRIMARY KEY (co_cd, account, period_end)",
    "gl_journal": "co_cd TEXT, account TEXT, entry_no TEXT, entry_date TEXT, amt INTEGER, memo TEXT",
}

INDEXES = (
    "CREATE INDEX ar_sched_trx ON ar_sched (trx_id, line_no)",
    "CREATE INDEX ar_trx_no ON ar_trx (trx_no)",
    "CREATE INDEX ar_trx_cust ON ar_trx (cust_no)",
    "CREATE INDEX ar_rcpt_cust ON ar_rcpt (cust_no)",
)

Column = Sequence[Any] | NDArray[Any]


class Database:
    """An open, still nameless database. ``add`` appends rows and gives them consecutive numbers."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._next: dict[str, int] = {}
        for table, columns in TABLES.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")

    def reserve(self, table: str, count: int) -> NDArray[np.int64]:
        """Next ``count`` row numbers of a table, from 1."""
        first = self._next.get(table, 1)
        self._next[table] = first + count
        return np.arange(first, first + count)

    def add(self, table: str, *columns: Column) -> None:
        """Append rows, given as whole columns in the table's order. None is null."""
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 (a table of TABLES, never a value)
        self._connection.executemany(statement, rows(columns))

    def finish(self) -> None:
        """Commit and index."""
        self._connection.commit()
        for statement in INDEXES:
            self._connection.execute(statement)
        self._connection.commit()


def rows(columns: Iterable[Column]) -> Iterator[tuple[Any, ...]]:
    """Turn columns into rows of plain Python values."""
    plain = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
    return zip(*plain, strict=True)


@contextmanager
def new_database(path: Path) -> Generator[Database]:
    """Open a database that appears at ``path`` only when the block ends well; a failure replaces nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    connection = sqlite3.connect(draft)
    try:
        # The draft is thrown away on any failure, so it needs no journal of its own.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -65536")
        database = Database(connection)
        yield database
        database.finish()
        connection.close()
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        draft.replace(path)
    finally:
        connection.close()
        draft.unlink(missing_ok=True)
