"""Writing deployments to the hub so that a lost answer never costs a second write.

A write whose answer did not come may have been carried out. So it is never repeated blindly:
the object is read again and compared with what was to be written. An answer that did come holds
the object as the hub has it now, and that is compared: reading it once more would say the same,
and cost one of the few calls that the hub takes for configurations. The rules of the hub:

- PUT without If-Match creates, and answers 409 where the id is taken;
- PUT with a quoted If-Match updates everything but the content, of which other content is
  dropped silently: an answer of 200 proves nothing, only a comparison does;
- DELETE with a quoted If-Match answers 412 to an old one and 404 where nothing is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Any

from reconciler.model import canonical
from reconciler.providers.azure.fault import Cause, Fault, FaultError
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
    answer: Entry = field(default_factory=dict, repr=False)
    """The object as the hub has it now; empty where it did not say."""


@dataclass(frozen=True, slots=True)
class Configurations:
    hub: Hub
    _seen: dict[str, Entry] = field(default_factory=dict, repr=False)
    """As the hub last told each, passwords in clear."""

    def listed(self) -> list[Entry]:
        """All of them, foreign ones too."""
        found = self.hub.configurations()
        self._seen.clear()
        self._seen.update({str(live["id"]): live for live in found})
        return found

    def seen(self, name: str) -> Entry | None:
        """As it was last told: whether it still is so, its ETag decides when it is written."""
        return self._seen.get(name) or self.hub.configuration(name)

    def create(self, document: Mapping[str, Any]) -> Entry:
        """Create and compare; equal content that is there already is what was asked for."""
        name = str(document["id"])
        put = partial(self.hub.put_configuration, document, None)
        for attempt in self._attempts(put):
            live = attempt.answer or self.hub.configuration(name)
            if live is not None:
                return self._noted(self._created(document, live, attempt.sent))
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
            now = attempt.answer or self.hub.configuration(name)
            if now is None:
                raise ConflictError(f"{name} is gone")
            if now.get("content") == seen.get("content") and settled(document) == settled(now):
                return self._noted(now)
            if attempt.sent is Sent.DONE or _differ(now, seen):
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

    def _attempts(self, call: Callable[[], Entry | None]) -> Iterator[Attempt]:
        """Send, give what came of it to whoever must look, and send again: but not for ever."""
        for number in range(ATTEMPTS):
            attempt = self._send(call)
            yield attempt
            if attempt.error and number == ATTEMPTS - 1:
                raise attempt.error
            self.hub.patience.pause(number)

    def _noted(self, live: Entry) -> Entry:
        self._seen[str(live["id"])] = live
        return live

    def _created(self, document: Mapping[str, Any], live: Entry, sent: Sent) -> Entry:
        if _same(document, live):
            return live
        if sent is Sent.DONE:
            raise ProviderError(
                f"{document['id']}: the hub holds other content than was written",
                "plan again; if it repeats, look who else writes deployments",
            )
        raise TakenError(f"{document['id']} already exists with other content")

    def _send(self, call: Callable[[], Entry | None]) -> Attempt:
        try:
            answer = call()
        except FaultError as error:
            return Attempt(_outcome(error), error)
        return Attempt(Sent.DONE, answer=answer or {})


def _outcome(error: FaultError) -> Sent:
    fault: Fault = error.fault
    if fault.ambiguous or fault.cause is Cause.BROKEN:
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


def _differ(now: Entry, seen: Entry) -> bool:
    return settled(now) != settled(seen) or now.get("content") != seen.get("content")


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
