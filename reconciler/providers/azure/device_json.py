"""How the hub writes a device, and what of that a document asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.edge.identity import PRINTS, ROOT
from reconciler.model import Spec, Value, mapping, sequence, text
from reconciler.providers.azure.values import Entry, Json, entry, frozen, plain

TYPES = {"sas": "sas", "x509Thumbprint": "selfSigned", "x509CA": "certificateAuthority"}
"""The hub's words for how a device proves who it is."""
WORDS = {hub: ours for ours, hub in TYPES.items()}
_SCOPE = re.compile(r"ms-azure-iot-edge://(.+)-\d+")


@dataclass(frozen=True, slots=True)
class Live:
    """A device as its twin, or a row of a query, shows it."""

    id: str
    edge: bool
    spec: Spec
    """Everything that a document can ask for."""

    @property
    def marks(self) -> Spec:
        """What every reconciler wrote of it, by owner."""
        return mapping(mapping(self.spec["tags"]).get(ROOT))


def live(twin: Entry) -> Live:
    parents = [parent(text(scope)) for scope in sequence(frozen(twin.get("parentScopes")))]
    told: Spec = {
        "authentication": _authentication(twin.get("authenticationType"), twin),
        "parent": parents[0] if parents else None,
        "status": text(frozen(twin.get("status"))),
        "tags": mapping(frozen(twin.get("tags"))),
    }
    edge = entry(twin.get("capabilities")).get("iotEdge") is True
    return Live(str(twin["deviceId"]), edge, told)


def parent(scope: str) -> str:
    """The device whose scope this is."""
    found = _SCOPE.fullmatch(scope)
    return found[1] if found else scope


def seen(wish: Spec, device: Live) -> Spec:
    """Of what is there, the fields that are asked for; of the tags, the leaves."""
    found = {field: device.spec[field] for field in wish}
    if "tags" in wish:
        found["tags"] = _leaves(mapping(wish["tags"]), mapping(device.spec["tags"]))
    return found


def registration(device: str, wish: Spec, scope: str) -> dict[str, Json]:
    """A device that is not there yet, as a bulk operation wants it."""
    above: dict[str, Json] = {"parentScopes": [scope]} if scope else {}
    return {
        "id": device,
        "importMode": "create",
        "status": text(wish.get("status")) or "enabled",
        "authentication": _mechanism(mapping(wish.get("authentication"))),
        "capabilities": {"iotEdge": True},
        "tags": _present(mapping(wish.get("tags"))),
        **above,
    }


def edited(identity: Entry, wish: Spec, scope: str) -> Entry:
    """An identity with what is asked for; keys, scope and capabilities as they are."""
    found = dict(identity)
    if "status" in wish:
        found["status"] = wish["status"]
    if "parent" in wish:
        found["parentScopes"] = [scope] if scope else []
    if "authentication" in wish:
        have = entry(identity.get("authentication"))
        if _authentication(have.get("type"), have) != wish["authentication"]:
            found["authentication"] = _mechanism(mapping(wish["authentication"]))
    return found


def patch(wish: Spec, tags: Spec) -> dict[str, Json]:
    """The leaves that differ; None takes one away."""
    found: dict[str, Json] = {}
    for key, value in wish.items():
        have = tags.get(key)
        if isinstance(value, Mapping):
            if inner := patch(value, mapping(have)):
                found[key] = inner
        elif (type(value), value) != (type(have), have):
            found[key] = plain(value)
    return found


def tiers(wishes: Mapping[str, Spec]) -> Iterator[list[str]]:
    """Parents before those that are below them."""
    left = dict(wishes)
    while left:
        ready = [d for d, wish in left.items() if text(wish.get("parent")) not in left]
        if not ready:
            raise AssertionError("a device is its own parent: no document of that sort is valid")
        yield ready
        for device in ready:
            del left[device]


def _leaves(wish: Spec, tags: Spec) -> Spec:
    found: dict[str, Value] = {}
    for key, value in wish.items():
        have = tags.get(key)
        inside = isinstance(value, Mapping) and isinstance(have, Mapping)
        found[key] = _leaves(mapping(value), mapping(have)) if inside else have
    return found


def _present(tags: Spec) -> dict[str, Json]:
    inner = {k: _present(v) if isinstance(v, Mapping) else plain(v) for k, v in tags.items()}
    return {key: value for key, value in inner.items() if value is not None}


def _authentication(kind: object, holder: Entry) -> Spec:
    """With thumbprints, however the hub spells their names, in capitals."""
    word = WORDS.get(str(kind), str(kind))
    if word != "x509Thumbprint":
        return {"type": word}
    told = {key[:1].lower() + key[1:]: v for key, v in entry(holder.get("x509Thumbprint")).items()}
    return {"type": word, **{name: str(told.get(name) or "").upper() for name in PRINTS}}


def kind_of(identity: Entry) -> str:
    """How it proves who it is, in our words."""
    return text(_authentication(entry(identity.get("authentication")).get("type"), {})["type"])


def _mechanism(told: Spec) -> dict[str, Json]:
    """Without keys: the hub makes those of a new device."""
    prints: dict[str, Json] = {name: text(told[name]) for name in PRINTS if told.get(name)}
    kind = TYPES[text(told.get("type")) or "sas"]
    return {"type": kind, **({"x509Thumbprint": prints} if prints else {})}
