"""The tables of the state database, as the code reads and writes them. A change here needs a migration.

Those of alerts are in ``state.alert_tables``, in the same ``METADATA``. Readers are opaque text: who a reader is, the
screen decides. Times are UTC, with their offset on the way in and out.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Index,
    MetaData,
    String,
    Table,
    Text,
    TypedColumns,
    TypeDecorator,
    UniqueConstraint,
)

LONGEST_ID = 32
LONGEST_READER = 254
LONGEST_NAME = 80
LONGEST_PAGE = 200
LONGEST_KIND = 20
LONGEST_KEY = 400
LONGEST_LABEL = 200
LONGEST_NOTICE = 80
LONGEST_PACK = 60
LONGEST_SECTION = 60

# Names that a later migration can refer to, the same in every database.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment. SQLite keeps no offset, PostgreSQL answers in the session's: both come back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("A moment needs its offset; pass a datetime in UTC.")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class _SavedViews(TypedColumns):
    id = Column(String(LONGEST_ID), primary_key=True)
    owner = Column(String(LONGEST_READER), nullable=False)
    name = Column(String(LONGEST_NAME), nullable=False)
    # The name as it is compared: "Weekly" and "weekly " are one name.
    name_key = Column(Text, nullable=False)
    page = Column(String(LONGEST_PAGE), nullable=False)
    # JSON, written and read whole: never searched, and a JSON column could not hold every text that an address can.
    parameters = Column(Text, nullable=False)
    shared = Column(Boolean, nullable=False)
    created_at = Column(Utc, nullable=False)
    changed_at = Column(Utc, nullable=False)


class _Favourites(TypedColumns):
    reader = Column(String(LONGEST_READER), primary_key=True)
    kind = Column(String(LONGEST_KIND), primary_key=True)
    key = Column(String(LONGEST_KEY), primary_key=True)
    label = Column(String(LONGEST_LABEL), nullable=False)
    added_at = Column(Utc, nullable=False)


class _SeenNotices(TypedColumns):
    reader = Column(String(LONGEST_READER), primary_key=True)
    notice = Column(String(LONGEST_NOTICE), primary_key=True)
    seen_at = Column(Utc, nullable=False)


class _Commentary(TypedColumns):
    pack = Column(String(LONGEST_PACK), primary_key=True)
    # The period, by its last day.
    day = Column(Date, primary_key=True)
    section = Column(String(LONGEST_SECTION), primary_key=True)
    words = Column(Text, nullable=False)
    by = Column(String(LONGEST_READER), nullable=False)
    at = Column(Utc, nullable=False)


class _Fixes(TypedColumns):
    id = Column(String(LONGEST_ID), primary_key=True)
    # A correction of a value or of a reading, or a suspicion that somebody passed.
    kind = Column(String(LONGEST_KIND), nullable=False)
    column = Column(String(LONGEST_NAME), nullable=False)
    key = Column(String(LONGEST_KEY), nullable=False)
    was = Column(Text)
    value = Column(Text, nullable=False)
    why = Column(Text, nullable=False)
    by = Column(String(LONGEST_READER), nullable=False)
    at = Column(Utc, nullable=False)
    withdrawn_by = Column(String(LONGEST_READER))
    withdrawn_at = Column(Utc)


saved_views = Table("saved_views", METADATA, _SavedViews, UniqueConstraint("owner", "name_key"))
favourites = Table("favourites", METADATA, _Favourites, Index(None, "kind", "key"))
seen_notices = Table("seen_notices", METADATA, _SeenNotices)
commentary = Table("commentary", METADATA, _Commentary)
fixes = Table("fixes", METADATA, _Fixes, Index(None, "at"))
