"""Commentary on packs; a message's files of any kind instead of its pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "commentary",
        sa.Column("pack", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pack", "day", "section", name="pk_commentary"),
    )
    _files("alert_attachments", "data")
    op.execute(
        "INSERT INTO alert_attachments (message, place, name, data) "
        "SELECT message, place, name, png FROM alert_pictures"
    )
    op.drop_table("alert_pictures")


def downgrade() -> None:
    _files("alert_pictures", "png")
    # What is no picture would be sent as one.
    op.execute(
        "INSERT INTO alert_pictures (message, place, name, png) "
        "SELECT message, place, name, data FROM alert_attachments WHERE lower(name) LIKE '%.png'"
    )
    op.drop_table("alert_attachments")
    op.drop_table("commentary")


def _files(table: str, held_in: str) -> None:
    """The files of messages: made anew with what they hold, as the name of a key holds that of its table."""
    op.create_table(
        table,
        sa.Column("message", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(held_in, sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"],
            ["alert_messages.number"],
            name=f"fk_{table}_message_alert_messages",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("message", "place", name=f"pk_{table}"),
    )
