"""What was observed, as plain data that can be kept in a file and read back.

Nothing secret is in it. Of secrets only which of them are equal is kept, as numbers: that is all
that a plan makes of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.edge.condition import Field
from reconciler.edge.twin import Twin, looked_up
from reconciler.model import (
    MASK,
    Diagnostic,
    HeldSecret,
    Marker,
    Observed,
    ResourceId,
    Secret,
    Severity,
    Spec,
    State,
    Value,
    mapping,
    sequence,
    text,
)
from reconciler.model.secret import KEYS, SECRET_NAMES

COUNTED = frozenset({"targeted", "applied", "reporting", "failing", "metrics"})
"""What the hub counts from minute to minute: no plan is made from it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One read of everything that planning needs."""

    provider: str
    requests: int
    """That the read took, without that of the devices."""
    requests_in_all: int
    items: tuple[Observed, ...] = ()
    """What is there, whatever is asked for."""
    referred: Mapping[ResourceId, Observed] = field(default_factory=dict)
    """What was found of what documents only refer to, by lineage."""
    asked: Mapping[ResourceId, str] = field(default_factory=dict)
    """By lineage, the digest of each document that was asked for."""
    diagnostics: tuple[Diagnostic, ...] = ()
    fields: tuple[Field, ...] = ()
    """What is known of every device."""
    twins: tuple[Twin, ...] | None = None
    """None where it could not be known which devices there are."""


@dataclass(slots=True)
class _Secrets:
    """Numbers for secrets, by the order in which they are met."""

    known: list[Secret] = field(default_factory=list)

    def number(self, secret: Secret) -> int:
        if secret not in self.known:
            self.known.append(secret)
        return self.known.index(secret)


def document(recorded: Recorded) -> dict[str, Value]:
    """The same state gives the same document."""
    secrets = _Secrets()
    referred = [recorded.referred[lineage] for lineage in sorted(recorded.referred)]
    items = sorted(recorded.items, key=lambda item: (item.id, item.address))
    return {
        "provider": recorded.provider,
        "requests": {"read": recorded.requests, "in_all": recorded.requests_in_all},
        "items": tuple(_item(item, secrets) for item in items),
        "referred": tuple(_item(item, secrets) for item in referred),
        "asked": {str(lineage): recorded.asked[lineage] for lineage in sorted(recorded.asked)},
        "diagnostics": tuple(_diagnostic(d) for d in sorted(recorded.diagnostics, key=str)),
        "devices": _devices(recorded),
    }


def recorded(told: Spec) -> Recorded:
    """What `document` was made from, with numbers in place of secrets."""
    requests, devices = mapping(told.get("requests")), mapping(told.get("devices"))
    referred = [_observed(mapping(item)) for item in sequence(told.get("referred"))]
    asked = mapping(told.get("asked"))
    fields = tuple(Field(_texts(path)) for path in sequence(devices.get("fields")))
    rows = tuple(sequence(row) for row in sequence(devices.get("rows")))
    return Recorded(
        text(told.get("provider")),
        _number(requests.get("read")),
        _number(requests.get("in_all")),
        tuple(_observed(mapping(item)) for item in sequence(told.get("items"))),
        {item.id: item for item in referred},
        {_lineage(name): text(asked[name]) for name in asked},
        tuple(_said(mapping(said)) for said in sequence(told.get("diagnostics"))),
        fields,
        tuple(_twin(row, fields) for row in rows) if devices else None,
    )


def _item(item: Observed, secrets: _Secrets) -> Spec:
    mark = item.marker
    return {
        "kind": item.id.kind,
        "name": item.id.name,
        "generation": item.id.generation,
        "address": item.address,
        "version": item.version,
        "owned": item.owned,
        "state": item.state.value,
        "marker": (mark.owner, mark.environment, mark.name, mark.digest, mark.commit)
        if mark
        else None,
        "spec": item.spec,
        "content": item.content if item.owned else _stripped(item.content),
        "status": {key: item.status[key] for key in item.status if key not in COUNTED},
        "refs": tuple(
            (path, ref.kind, ref.name, ref.generation) for path, ref in sorted(item.refs.items())
        ),
        "secrets": {
            name: (item.secrets[name].counter, secrets.number(item.secrets[name].secret))
            for name in sorted(item.secrets)
        },
    }


def _stripped(value: Value, name: str = "") -> Value:
    """Content of others, whose environment variables may hold what they should not: a plan never
    shows it.
    """
    if isinstance(value, Mapping):
        return {
            key: _stripped(inner, name if key == "value" else key) for key, inner in value.items()
        }
    if isinstance(value, tuple):
        return tuple(_stripped(item, name) for item in value)
    if isinstance(value, str):
        return MASK if SECRET_NAMES.search(name) else KEYS.sub(MASK, value)
    return value


def _observed(told: Spec) -> Observed:
    mark = _texts(told.get("marker"))
    secrets = mapping(told.get("secrets"))
    return Observed(
        ResourceId(text(told["kind"]), text(told["name"]), text(told["generation"])),
        mapping(told["spec"]),
        text(told["version"]),
        told["owned"] is True,
        text(told["address"]),
        Marker(*mark) if mark else None,
        dict(_ref(sequence(ref)) for ref in sequence(told.get("refs"))),
        State(told["state"]),
        mapping(told["status"]),
        mapping(told["content"]),
        {name: _held(sequence(secrets[name])) for name in secrets},
    )


def _ref(told: Sequence[Value]) -> tuple[tuple[str, ...], ResourceId]:
    path, *target = told
    return _texts(path), ResourceId(*map(text, target))


def _held(told: Sequence[Value]) -> HeldSecret:
    counter, number = told
    return HeldSecret(_number(counter), Secret(f"secret number {number}"))


def _diagnostic(said: Diagnostic) -> Spec:
    return {
        "severity": said.severity.value,
        "code": said.code,
        "summary": said.summary,
        "hint": said.hint,
        "subject": str(said.subject) if said.subject else None,
        "path": said.path,
    }


def _said(told: Spec) -> Diagnostic:
    subject = told["subject"]
    return Diagnostic(
        Severity(told["severity"]),
        text(told["code"]),
        text(told["summary"]),
        text(told["hint"]),
        _lineage(subject) if isinstance(subject, str) else None,
        path=_texts(told["path"]),
    )


def _devices(recorded: Recorded) -> Spec | None:
    """A row for each device: its id, whether it is connected, and what stands at each field."""
    if recorded.twins is None:
        return None
    fields = sorted(recorded.fields, key=lambda each: each.path)
    rows = (
        (twin.device, twin.connected, *(_cell(looked_up(twin, each)) for each in fields))
        for twin in sorted(recorded.twins, key=lambda twin: twin.device)
    )
    return {"fields": tuple(each.path for each in fields), "rows": tuple(rows)}


def _cell(value: object) -> Value:
    """What a condition can see of a value: of a whole section, only that it is one."""
    return value if value is None or isinstance(value, str | int | float) else {}


def _twin(row: Sequence[Value], fields: Iterable[Field]) -> Twin:
    device, connected, *cells = row
    found: dict[str, object] = {}
    for each, value in zip(fields, cells, strict=True):
        if value is not None and each.path != ("deviceId",):
            _put(found, each.path, value)
    properties = found.get("properties")
    reported = properties.get("reported") if isinstance(properties, Mapping) else None
    return Twin(
        text(device),
        tags=_section(found.get("tags")),
        reported=_section(reported),
        connected=connected if isinstance(connected, bool) else None,
    )


def _put(into: dict[str, object], path: Sequence[str], value: Value) -> None:
    """Set a value below keys; a section that is there already stays."""
    *above, last = path
    for key in above:
        inner = into.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        into = inner
    if not isinstance(into.get(last), dict):
        into[last] = {} if isinstance(value, Mapping) else value


def _section(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _lineage(written: str) -> ResourceId:
    kind, _, name = written.partition("/")
    return ResourceId(kind, name)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(text(item) for item in sequence(value))


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
