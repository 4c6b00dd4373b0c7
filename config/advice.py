"""Commands as a person types them in the project's folder, for messages that say what to do."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from config.settings import PROJECT, place

_ROOT = PROJECT.parent


def command(words: str, folder: Path | str | None = None) -> str:
    """``words`` as one calls the command line for the settings in ``folder``, or for those that are in use.

    It names the Python that runs now: the one that a fresh shell finds may lack what is needed.
    """
    settings = place(folder)
    chosen = [] if settings.resolve() == PROJECT else ["--config", shlex.quote(shown(settings))]
    return " ".join([shlex.quote(shown(Path(sys.executable))), "cli.py", *chosen, words])


def shown(path: Path) -> str:
    """A path as one types it in the project's folder."""
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else str(path)
