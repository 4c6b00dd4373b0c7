"""What people keep: saved views, favourites, and the notices they have seen. One small database beside the snapshots.

``State.open(settings)`` brings the database to the shape this code knows, and is then safe to share between threads.
"""

from __future__ import annotations

from state.database import Place, place
from state.people import State
from state.records import KINDS, Favourite, Kind, SavedView

__all__ = ["KINDS", "Favourite", "Kind", "Place", "SavedView", "State", "place"]
