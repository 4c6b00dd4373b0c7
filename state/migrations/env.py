"""How Alembic runs a migration: in the transaction it is handed, which ``state.migrate`` or a script has begun."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from state.migrate import VERSION_TABLE
from state.tables import METADATA, Utc


def _rendered(kind: str, item: Any, _autogenerate: object) -> str | Literal[False]:
    """A migration names SQL's own type: it must read the same when the code has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Utc) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    compare_type=True,
    compare_server_default=True,
    render_item=_rendered,
    # SQLite changes a column by making its table anew.
    render_as_batch=True,
    # The transaction is the caller's.
    transactional_ddl=False,
)
context.run_migrations()
