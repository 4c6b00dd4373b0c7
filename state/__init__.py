"""What is kept beside the snapshots, in one small database: saved views, favourites, notices seen; alerts and messages.

``State.open(settings)`` brings the database to the shape this code knows, and is then safe to share between threads.
"""

from __future__ import annotations

from state.database import Place, place
from state.people import State
from state.records import KINDS, Favourite, Kind, SavedView

__all__ = ["KINDS", "Favourite", "Kind", "Place", "SavedView", "State", "place"]
