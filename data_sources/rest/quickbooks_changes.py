"""What QuickBooks Online says changed, and what must be asked for again because of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from data_sources.rest.client import RefusedError
from data_sources.rest.connector import UnclearError
from data_sources.rest.kept import Kept, Moved
from data_sources.rest.objects import Thing
from data_sources.rest.quickbooks_links import customers, linked

_MOST = 1000
"""Objects in one answer about changes; where there are so many, some may be left out."""

_ABOUT = frozenset(("startPosition", "maxResults", "totalCount"))

Told = Mapping[str, Mapping[str, Any]]
"""Changed objects by kind and id; ``None`` for those that were deleted."""

Things = Callable[[str, Any], Thing]
"""An object of a kind from its values."""


def captured(
    ask: Callable[[Sequence[str], datetime], Thing], kinds: Sequence[str], since: datetime
) -> tuple[Told, set[str]]:
    """What changed ``since``, and the kinds of which so much changed that they must be read whole.

    Raises:
        UnclearError: the service does not tell, or tells of something else.
    """
    try:
        told = _understood(ask(kinds, since), kinds)
        if _number(told) < _MOST:
            return told, set()
        # The limit is one of the whole answer: each kind for itself may be below it.
        apart = {kind: _understood(ask([kind], since), [kind]) for kind in kinds}
    except RefusedError as refused:
        # Whoever may not ask for changes may still read.
        if refused.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            raise
        raise UnclearError(str(refused)) from None
    too_many = {kind for kind, told in apart.items() if _number(told) >= _MOST}
    return {kind: told.get(kind, {}) for kind, told in apart.items() if kind not in too_many}, too_many


def _understood(answer: Thing, kinds: Sequence[str]) -> Told:
    if not answer.has("CDCResponse"):
        raise UnclearError("its answer about changes is another than expected")
    told: dict[str, dict[str, Any]] = {}
    for response in answer.each("CDCResponse", kind="changes"):
        for part in response.each("QueryResponse", kind="changes"):
            for kind in set(part.values) - _ABOUT:
                if kind not in kinds:
                    raise UnclearError(f"it tells of changes to '{kind}', which were not asked for")
                for thing in part.each(kind, kind=kind):
                    gone = thing.text("status") == "Deleted"
                    told.setdefault(kind, {})[thing.must("Id")] = None if gone else thing.values
    return told


def _number(told: Told) -> int:
    return sum(len(objects) for objects in told.values())


def to_ask_again(kept: Kept, thing: Things, asked: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Ids by kind that stand beside something that moved, without those that were ``asked`` for already.

    A kind that is not in ``asked`` was read whole.
    """
    moved = {kind: kept.moved(kind) for kind in kept.kinds}
    beside: defaultdict[str, set[str]] = defaultdict(set)
    for kind, objects in moved.items():
        if kind == "Customer":
            continue
        for version in _versions(objects):
            one = thing(kind, version)
            beside["Customer"].update(customers(kind, one))
            if kind == "Payment":
                for other, id in linked(one):
                    beside[other].add(id)
    documents = {(kind, id) for kind, objects in moved.items() if kind not in ("Customer", "Payment") for id in objects}
    if documents and "Payment" in asked:
        pairs = ((id, thing("Payment", values)) for id, values in kept.each("Payment"))
        beside["Payment"] = {id for id, one in pairs if not documents.isdisjoint(linked(one))}
    left = {kind: beside[kind] - asked[kind] for kind in asked}
    return {kind: ids for kind, ids in left.items() if ids}


def refuse_merged(kept: Kept) -> None:
    """Have all read when a customer goes out of use.

    It may have been merged into another, whose documents then name that one without being stamped as changed.

    Raises:
        UnclearError: so it is.
    """
    for old, new in kept.moved("Customer").values():
        if old is not None and (new is None or (old.get("Active", True) and not new.get("Active", True))):
            raise UnclearError("a customer was merged or is no longer active")


def _versions(objects: Moved) -> list[Any]:
    return [one for pair in objects.values() for one in pair if one is not None]
