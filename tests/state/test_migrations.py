"""Migrations: from nothing to what the code says, back and forth, whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger.errors import StateError
from scripts.migration import write
from state import migrate, tables
from state.database import engine, place, writing
from state.migrate import VERSION_TABLE, bring_up_to_date, numbers, version
from tests.state.alarms import message
from tests.state.conftest import NOON, PAGE

LAST = numbers()[-1]
NEXT = f"{int(LAST) + 1:04d}"

BROKEN = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{LAST}"


def upgrade():
    op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("DELETE FROM saved_views")
    op.execute("INSERT INTO nowhere VALUES (1)")


def downgrade():
    op.drop_table("half_done")
"""


@pytest.fixture
def where(home):
    home.store.mkdir(exist_ok=True)
    return place(home.settings)


@pytest.fixture
def database(where):
    made = engine(where)
    yield made
    made.dispose()


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A copy of the migrations that a test may add to."""
    copy = tmp_path / "100% migrations"
    shutil.copytree(migrate._SCRIPTS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "_SCRIPTS", copy)
    return copy


@pytest.fixture
def more_tables(monkeypatch):
    """The code's tables and one more; a column more in one of the others."""
    more = sa.MetaData(naming_convention=tables.METADATA.naming_convention)
    for table in tables.METADATA.sorted_tables:
        table.to_metadata(more)
    more.tables["favourites"].append_column(sa.Column("place", sa.Integer))
    sa.Table(
        "rules",
        more,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("view", sa.ForeignKey("saved_views.id"), nullable=False),
        sa.Column("made_at", tables.Utc, nullable=False),
    )
    monkeypatch.setattr(tables, "METADATA", more)
    return more


def differences(database, metadata=None):
    with database.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, metadata or tables.METADATA)


def tables_in(database):
    return set(sa.inspect(database).get_table_names())


def test_the_migrations_make_what_the_code_says(database, where):
    assert version(database) is None
    bring_up_to_date(database, where)
    assert version(database) == numbers()[-1]
    assert tables_in(database) == {*tables.METADATA.tables, VERSION_TABLE}
    assert differences(database) == []


def test_the_comparison_sees_a_difference(database, where, more_tables):
    bring_up_to_date(database, where)
    assert {change[0] for change in differences(database, more_tables)} == {"add_table", "add_column"}


def test_there_and_back_and_there_again_by_every_step(database, where):
    for number in numbers():
        bring_up_to_date(database, where)
        bring_up_to_date(database, where, to=number)
        assert version(database) == number
    bring_up_to_date(database, where, to="base")
    assert version(database) is None
    assert tables_in(database) == {VERSION_TABLE}
    bring_up_to_date(database, where)
    assert differences(database) == []


def test_files_of_messages_outlive_the_third_migration_and_back(home, database, where):
    """What was kept as pictures is kept as files; back there are pictures alone."""
    bring_up_to_date(database, where)
    bring_up_to_date(database, where, to="0002")
    old = sa.MetaData()
    old.reflect(database)
    plain = {"owner": "cfo", "channel": "mail", "mode": "immediate", "subject": "S", "text": "T", "html": "H"}
    with writing(database).begin() as connection:
        more = {"id": "m1", "status": "waiting", "created_at": NOON, "attempts": 0, "next_try_at": NOON}
        none = {"error": "", "repeats": "", "asked_by": ""}
        kept = old.tables["alert_messages"]
        made = connection.execute(sa.insert(kept).values(**plain, **more, **none).returning(kept.c.number)).scalar_one()
        drawn = [
            {"message": made, "place": place, "name": f"{place}.png", "png": bytes([place, 0])} for place in (0, 1)
        ]
        connection.execute(sa.insert(old.tables["alert_pictures"]), drawn)
    pictures = (("0.png", b"\0\0"), ("1.png", b"\1\0"))
    keep = home.open()
    assert keep.outbox.message("m1").attachments == pictures
    (id,) = keep.outbox.post([message(attachments=(("a.PNG", b"x"), ("a.pdf", b"y"), ("b.png", b"z")))], NOON, "anna")
    keep.commentary.put("board", NOON.date(), "dso", "Words", "anna", NOON)
    keep.close()
    bring_up_to_date(database, where, to="0002")
    assert "commentary" not in tables_in(database)
    again = home.open()
    assert again.outbox.message("m1").attachments == pictures
    assert again.outbox.message(id).attachments == (("a.PNG", b"x"), ("b.png", b"z"))
    again.close()


def test_file_names_begin_with_the_number_alembic_knows_in_one_line():
    known = ScriptDirectory.from_config(migrate.alembic_settings())
    revisions = [script.revision for script in known.walk_revisions()]
    assert sorted(revisions) == numbers()
    assert known.get_heads() == [numbers()[-1]]
    assert known.get_bases() == [numbers()[0]]


def test_opened_again_nothing_is_lost_or_done(home, monkeypatch):
    first = home.open()
    saved = first.save_view("Weekly", PAGE, {"q": ["x"]}, "anna")
    first.close()
    monkeypatch.setattr(migrate, "_transaction", lambda *_: pytest.fail("migrated again"))
    again = home.open()
    assert again.views("anna") == [saved]
    again.close()


def test_a_migration_that_fails_leaves_everything_as_it_was(home, keep, database, scripts):
    saved = keep.save_view("Weekly", PAGE, {}, "anna")
    (scripts / "versions" / f"{NEXT}_broken.py").write_text(BROKEN)
    with pytest.raises(StateError):
        home.open()
    assert version(database) == LAST
    assert "half_done" not in tables_in(database)
    assert keep.views("anna") == [saved]


def test_a_newer_database_is_left_alone_and_said(home, keep, database):
    saved = keep.save_view("Weekly", PAGE, {}, "anna")
    with writing(database).begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StateError) as caught:
        home.open()
    said = str(caught.value)
    assert "newer version of Outstanding" in said
    assert "9999" in said
    assert numbers()[-1] in said
    assert version(database) == "9999"
    assert keep.view(saved.id) == saved


def test_a_migration_is_written_from_a_change_of_the_tables(home, keep, database, where, scripts, more_tables):
    """What a later version does: its tables change, a command writes the migration, and old databases follow."""
    saved = keep.save_view("Weekly", PAGE, {}, "anna")
    keep.mark("anna", "view", saved.id, "Weekly")
    made = write("Rules", NEXT, f"{NEXT}_rules")
    assert made == scripts / "versions" / f"{NEXT}_rules.py"
    text = made.read_text()
    assert text.startswith('"""Rules."""')
    assert "sa.DateTime(timezone=True)" in text
    assert "Utc" not in text
    home.open().close()
    assert version(database) == NEXT
    assert differences(database, more_tables) == []
    assert keep.views("anna") == [saved]
    assert [one.key for one in keep.favourites("anna")] == [saved.id]
    bring_up_to_date(database, where, to=LAST)
    assert "rules" not in tables_in(database)
    assert keep.views("anna") == [saved]


def test_a_file_is_written_ahead_and_keeps_its_foreign_keys(on_file):
    keep = on_file.open()
    with engine(keep.where).connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_migration_that_breaks_a_foreign_key_is_undone(on_file, scripts):
    keep = on_file.open()
    keep.save_view("Weekly", PAGE, {}, "anna")
    (scripts / "versions" / f"{NEXT}_orphans.py").write_text(
        f'from alembic import op\nrevision = "{NEXT}"\ndown_revision = "{LAST}"\n\n\ndef upgrade():\n'
        '    op.execute("CREATE TABLE child (view TEXT REFERENCES saved_views (id))")\n'
        "    op.execute(\"INSERT INTO child VALUES ('nobody')\")\n"
    )
    with pytest.raises(StateError):
        on_file.open()
    with sqlite3.connect(on_file.file) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'child'").fetchone() == (0,)
    assert len(keep.views("anna")) == 1


def test_a_schema_of_its_own_on_a_shared_server(on_server, postgres):
    """As docs/state.md advises where a database holds other things too."""
    name = place(on_server.settings).url.database
    postgres.run("CREATE TABLE saved_views (theirs int)", database=name)
    postgres.run("CREATE SCHEMA outstanding AUTHORIZATION keeper", database=name)
    on_server.url += "&options=-csearch_path%3Doutstanding"
    keep = on_server.write().open()
    keep.save_view("Weekly", PAGE, {}, "anna")
    assert postgres.run("SELECT count(*) FROM outstanding.saved_views", database=name) == [(1,)]
    assert postgres.run("SELECT count(*) FROM public.saved_views", database=name) == [(0,)]
    keep.close()
