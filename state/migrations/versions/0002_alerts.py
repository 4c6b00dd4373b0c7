"""Alerts: what was raised and what happened to it, runs, rules that people changed, notices and messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "alert_messages",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("repeats", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_alert_messages"),
        sa.UniqueConstraint("id", name="uq_alert_messages_id"),
    )
    op.create_table(
        "alert_rule_changes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_alert_rule_changes"),
    )
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.String(length=254), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rules"),
    )
    op.create_table(
        "alert_runs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_alert_runs"),
        sa.UniqueConstraint("id", name="uq_alert_runs_id"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("under", sa.Text(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=254), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=254), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("limit", sa.Float(), nullable=True),
        sa.Column("money", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("key_digest", name="uq_alerts_key_digest"),
    )
    op.create_table(
        "alert_events",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("run", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert"], ["alerts.id"], name="fk_alert_events_alert_alerts", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name="pk_alert_events"),
    )
    op.create_table(
        "alert_notices",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert"], ["alerts.id"], name="fk_alert_notices_alert_alerts", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name="pk_alert_notices"),
        sa.UniqueConstraint("id", name="uq_alert_notices_id"),
    )
    op.create_table(
        "alert_pictures",
        sa.Column("message", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message"],
            ["alert_messages.number"],
            name="fk_alert_pictures_message_alert_messages",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("message", "place", name="pk_alert_pictures"),
    )
    op.create_table(
        "alert_rule_runs",
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("breached", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("resolved", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run"],
            ["alert_runs.number"],
            name="fk_alert_rule_runs_run_alert_runs",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("run", "place", name="pk_alert_rule_runs"),
    )
    op.create_table(
        "alert_message_notices",
        sa.Column("message", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("notice", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["message"],
            ["alert_messages.number"],
            name="fk_alert_message_notices_message_alert_messages",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["notice"],
            ["alert_notices.number"],
            name="fk_alert_message_notices_notice_alert_notices",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("message", "notice", name="pk_alert_message_notices"),
    )
    op.create_index("ix_alerts_status", "alerts", ["status"])
    op.create_index("ix_alert_events_alert", "alert_events", ["alert"])
    op.create_index("ix_alert_rule_changes_rule", "alert_rule_changes", ["rule"])
    op.create_index("ix_alert_notices_alert", "alert_notices", ["alert"])
    op.create_index("ix_alert_notices_done_at_due_at", "alert_notices", ["done_at", "due_at"])
    op.create_index("ix_alert_messages_status_next_try_at", "alert_messages", ["status", "next_try_at"])
    op.create_index("ix_alert_messages_repeats", "alert_messages", ["repeats"])
    op.create_index("ix_alert_message_notices_notice", "alert_message_notices", ["notice"])


def downgrade() -> None:
    op.drop_table("alert_message_notices")
    op.drop_table("alert_rule_runs")
    op.drop_table("alert_pictures")
    op.drop_table("alert_notices")
    op.drop_table("alert_events")
    op.drop_table("alerts")
    op.drop_table("alert_runs")
    op.drop_table("alert_rules")
    op.drop_table("alert_rule_changes")
    op.drop_table("alert_messages")
