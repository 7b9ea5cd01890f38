"""Making something that has no id of its own choosing, without making it twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reconciler.providers.azure.fault import FaultError

T = TypeVar("T")
MISSING = 404


def once(find: Callable[[], T | None], make: Callable[[], T]) -> T:
    """What `find` finds, else what `make` makes.

    The workspace numbers what it is given, so a repeated request makes a second version. A
    request whose answer was lost is looked for first, and sent again only if it left nothing.
    """
    found = find()
    if found is not None:
        return found
    try:
        return make()
    except FaultError as error:
        if not error.fault.ambiguous:
            raise
    found = find()
    return make() if found is None else found


def removed(is_there: Callable[[], bool], remove: Callable[[], None]) -> None:
    """Remove something; what is gone already is what was asked for."""
    try:
        remove()
    except FaultError as error:
        if error.fault.status == MISSING:
            return
        if not error.fault.ambiguous or is_there():
            raise
