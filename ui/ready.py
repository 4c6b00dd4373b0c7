"""What a server does before its first visitor: load the code and the books, and keep both out of what is searched."""

from __future__ import annotations

import gc
import importlib
import logging
import pkgutil

import ui
from ui import store


def get_ready() -> None:
    """Load what the pages need. What cannot be read is left to the page, which says so to whoever opens it.

    Code and books are there for as long as the server is. Frozen, they are no longer searched for garbage: a full
    search goes through every object there is, and takes its time from whatever page is drawn meanwhile.
    """
    try:
        for module in pkgutil.iter_modules(ui.__path__, f"{ui.__name__}."):
            importlib.import_module(module.name)
        store.prepare()
    except Exception:  # the server is to answer whatever is the matter
        logging.getLogger(__name__).exception("Not everything could be loaded ahead of the first visitor")
    gc.collect()
    gc.freeze()
