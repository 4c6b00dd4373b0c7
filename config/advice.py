"""Commands as a person types them where this program was started, for messages that say what to do."""

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
    settings = place(folder).absolute()
    chosen = [] if settings.resolve() == PROJECT else ["--config", shlex.quote(shown(settings))]
    program = [shlex.quote(shown(each)) for each in (Path(sys.executable), _ROOT / "cli.py")]
    return " ".join([*program, *chosen, words])


def shown(path: Path) -> str:
    """A path as one types it: whole, but for what lies in the project's folder where one stands there."""
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) and Path.cwd() == _ROOT else str(path)
