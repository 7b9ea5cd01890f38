"""Writing deployments to the hub so that a lost answer never costs a second write.

A write whose answer did not come may have been carried out. So it is never repeated blindly:
the object is read again and compared with what was to be written. The rules of the hub:

- PUT without If-Match creates, and answers 409 where the id is taken;
- PUT with a quoted If-Match updates everything but the content, of which other content is
  dropped silently: an answer of 200 proves nothing, only a comparison does;
- DELETE with a quoted If-Match answers 412 to an old one and 404 where nothing is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from reconciler.model import canonical
from reconciler.providers.azure.fault import Fault, FaultError
from reconciler.providers.azure.hub import Hub
from reconciler.providers.azure.manifest import masked
from reconciler.providers.azure.marks import COMMIT, OURS
from reconciler.providers.azure.values import Entry, words
from reconciler.providers.port import ConflictError, ProviderError

ATTEMPTS = 4
"""How often a write whose answer is lost is sent, each time after a look."""
DISTINCT = (f"{OURS}digest", f"{OURS}content", f"{OURS}owner", f"{OURS}env")


class TakenError(ConflictError):
    """The id is taken by something else; another id is free."""


class Sent(Enum):
    DONE = "done"
    UNKNOWN = "unknown"  # the answer was lost
    TAKEN = "taken"
    STALE = "stale"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Attempt:
    sent: Sent
    error: FaultError | None = None
    """What the hub said, or why nothing is known."""


@dataclass(frozen=True, slots=True)
class Configurations:
    hub: Hub

    def create(self, document: Mapping[str, Any]) -> Entry:
        """Create and read back; equal content that is there already is what was asked for."""
        name = str(document["id"])
        put = partial(self.hub.put_configuration, document, None)
        for attempt in self._attempts(put):
            live = self.hub.configuration(name)
            if live is not None:
                return self._created(document, live, attempt.sent)
            if attempt.sent is Sent.DONE:
                raise ConflictError(f"{name} was created and is gone again")
        raise AssertionError("the attempts end with an error")

    def update(self, seen: Entry, document: Mapping[str, Any]) -> Entry:
        """Write labels, condition, priority and metrics over what was `seen`.

        `document` is complete, its content as the hub holds it. An ETag that moved while nothing
        else did is no reason to refuse; anything else is.
        """
        name, live = str(document["id"]), {**seen}
        for attempt in self._attempts(lambda: self.hub.put_configuration(document, live["etag"])):
            now = self.hub.configuration(name)
            if now is None:
                raise ConflictError(f"{name} is gone")
            if settled(document) == settled(now):
                return now
            if attempt.sent is Sent.DONE or settled(now) != settled(seen):
                raise ConflictError(f"{name} changed after the plan was made")
            live.update(now)
        raise AssertionError("the attempts end with an error")

    def delete(self, name: str, etag: str) -> None:
        """Delete what was seen at `etag`; what is gone already is what was asked for."""
        for attempt in self._attempts(lambda: self.hub.delete_configuration(name, etag)):
            live = None if attempt.sent is Sent.DONE else self.hub.configuration(name)
            if live is None:
                return
            if live["etag"] != etag:
                raise ConflictError(f"{name} changed after the plan was made")

    def _attempts(self, call: Callable[[], object]) -> Iterator[Attempt]:
        """Send, give what came of it to whoever must look, and send again: but not for ever."""
        for number in range(ATTEMPTS):
            attempt = self._send(call)
            yield attempt
            if attempt.error and number == ATTEMPTS - 1:
                raise attempt.error
            self.hub.patience.pause(number)

    def _created(self, document: Mapping[str, Any], live: Entry, sent: Sent) -> Entry:
        if _same(document, live):
            return live
        if sent is Sent.DONE:
            raise ProviderError(
                f"{document['id']}: the hub holds other content than was written",
                "plan again; if it repeats, look who else writes deployments",
            )
        raise TakenError(f"{document['id']} already exists with other content")

    def _send(self, call: Callable[[], object]) -> Attempt:
        try:
            call()
        except FaultError as error:
            return Attempt(_outcome(error), error)
        return Attempt(Sent.DONE)


def _outcome(error: FaultError) -> Sent:
    fault: Fault = error.fault
    if fault.ambiguous:
        return Sent.UNKNOWN
    match fault.status:
        case 409:
            return Sent.TAKEN
        case 412:
            return Sent.STALE
        case 404:
            return Sent.GONE
        case _:
            raise error


def _same(document: Mapping[str, Any], live: Entry) -> bool:
    """Whether what is live is what was to be created: by mark, and by content."""
    ours, theirs = words(document["labels"]), words(live.get("labels"))
    marks = all(ours.get(key) == theirs.get(key) for key in DISTINCT)
    return marks and masked(document["content"]) == masked(live.get("content"))


def settled(document: Mapping[str, Any]) -> str:
    """What an update writes, as text that can be compared."""
    labels = {key: value for key, value in words(document.get("labels")).items() if key != COMMIT}
    metrics = document.get("metrics") or {}
    return canonical(
        {
            "labels": labels,
            "targetCondition": document.get("targetCondition") or "",
            "priority": document.get("priority") or 0,
            "metrics": words(metrics.get("queries")),
        }
    )
