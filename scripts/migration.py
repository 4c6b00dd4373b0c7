"""``python -m scripts.migration "Alert rules"``: write the migration that a change of ``state/tables.py`` needs.

It compares the tables in the code with what the migrations so far make of an empty database, and writes the
difference into ``state/migrations/versions``. Read it before you keep it: a renamed column looks like one that went and
one that came.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import URL

from state.database import Place, engine
from state.migrate import alembic_settings, bring_up_to_date, numbers


def main() -> None:
    """Write the migration named on the command line, and say where it is."""
    words = " ".join(sys.argv[1:]).strip()
    if not words:
        sys.exit('Say in a few words what changes: python -m scripts.migration "Alert rules"')
    number = f"{int(max(numbers(), default='0')) + 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    print(
        f"Wrote {write(words[:1].upper() + words[1:], number, f'{number}_{slug}')}. Read it, and complete it by hand."
    )


def write(words: str, number: str, name: str) -> Path:
    """The new file, for a migration ``number`` after the newest."""
    with tempfile.TemporaryDirectory() as folder:
        where = Place(URL.create("sqlite", database=f"{folder}/state.sqlite"))
        database = engine(where)
        if numbers():
            bring_up_to_date(database, where)
        config = alembic_settings()
        config.set_main_option("file_template", name)
        with database.connect() as connection:
            config.attributes["connection"] = connection
            script = command.revision(config, message=words, rev_id=number, autogenerate=True)
    if script is None or isinstance(script, list):
        sys.exit("Alembic wrote no single migration.")
    path = Path(script.path)
    subprocess.run([sys.executable, "-m", "ruff", "check", "--fix-only", "--quiet", path], check=False)  # noqa: S603
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=False)  # noqa: S603
    return path


if __name__ == "__main__":
    main()
