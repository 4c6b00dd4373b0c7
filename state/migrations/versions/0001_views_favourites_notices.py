"""Saved views, favourites, and the notices that readers have seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("page", sa.String(length=200), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("owner", "name_key", name="uq_saved_views_owner_name_key"),
    )
    op.create_table(
        "favourites",
        sa.Column("reader", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reader", "kind", "key", name="pk_favourites"),
    )
    op.create_index("ix_favourites_kind_key", "favourites", ["kind", "key"])
    op.create_table(
        "seen_notices",
        sa.Column("reader", sa.String(length=254), nullable=False),
        sa.Column("notice", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reader", "notice", name="pk_seen_notices"),
    )


def downgrade() -> None:
    op.drop_table("seen_notices")
    op.drop_index("ix_favourites_kind_key", table_name="favourites")
    op.drop_table("favourites")
    op.drop_table("saved_views")
