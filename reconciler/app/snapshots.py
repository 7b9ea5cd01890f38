"""The live state in a file: whoever has it can plan without any service."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.app.fleet import Fleet
from reconciler.app.planning import Undoing, plan_of
from reconciler.app.saved import check_shape, target, write_privately
from reconciler.edge.condition import path_text
from reconciler.model import Spec, Value, canonical, mapping, text
from reconciler.plan import Plan
from reconciler.plan.assessment import asked_of_devices
from reconciler.providers import recorded as recording
from reconciler.providers import snapshot
from reconciler.providers.port import Provider
from reconciler.providers.recorded import Recorded
from reconciler.registry import KINDS, Cloud
from reconciler.report.saved import UnreadableError, check_version, parsed

FORMAT = "1.0"
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of one environment, as it was at one moment."""

    environment: str
    owner: str
    target: dict[str, Value]
    read_at: str
    recorded: Recorded

    def unfit(self, fleet: Fleet) -> str:
        """Why it is not for this fleet; empty if it is."""
        ours, its = fleet.scope, (self.owner, self.environment)
        if (ours.owner, ours.environment) != its:
            return (
                f"the snapshot is of the environment {self.environment} of {self.owner},"
                f" and this is {ours.environment} of {ours.owner}"
            )
        if canonical(self.target) != canonical(target(fleet.settings)):
            return "the snapshot is of other services than those of this environment"
        return ""


def take(fleet: Fleet, provider: Provider, read_at: str) -> Snapshot:
    """Read everything that a plan of this fleet is made from."""
    actual = provider.read(fleet.drafts)
    plan = plan_of(fleet, actual, undoing=Undoing())
    fields = asked_of_devices(plan, plan)
    twins = tuple(provider.devices(fields)) if provider.devices else None
    loose = {d.id.lineage for d in fleet.drafts if not KINDS[d.id.kind].managed(d.spec)}
    return Snapshot(
        fleet.scope.environment,
        fleet.scope.owner,
        dict(target(fleet.settings)),
        read_at,
        Recorded(
            actual.provider,
            actual.requests,
            provider.requests(),
            tuple(item for key, item in actual.resources.items() if key not in loose),
            {key: item for key, item in actual.resources.items() if key in loose},
            {draft.id.lineage: snapshot.asked(draft) for draft in fleet.drafts},
            actual.diagnostics,
            fields,
            twins,
        ),
    )


def write(file: Path, taken: Snapshot, hide: Callable[[str], str]) -> None:
    """Write it for its owner only, compressed where the name says so."""
    body: Spec = {
        "environment": taken.environment,
        "owner": taken.owner,
        "target": taken.target,
        "complete": True,
        **recording.document(taken.recorded),
    }
    hidden = mapping(parsed(hide(_compact(body))))
    whole: Spec = {
        "format_version": FORMAT,
        "read_at": taken.read_at,
        "state_digest": _digest(hidden),
        **hidden,
    }
    content = f"{_compact(whole)}\n".encode("ascii")
    write_privately(file, gzip.compress(content, mtime=0) if _packed(file) else content)


def read(file: Path) -> Snapshot:
    """The snapshot in a file; an `UnreadableError` where it holds none, or was edited."""
    body = parsed(_unpacked(file))
    if not isinstance(body, dict) or "state_digest" not in body:
        raise UnreadableError("this is no snapshot: write one with snapshot --out", "")
    check_version(text(body.get("format_version")), FORMAT, "snapshot")
    apart = ("format_version", "read_at", "state_digest")
    state = {key: value for key, value in body.items() if key not in apart}
    if body["state_digest"] != _digest(state):
        raise UnreadableError("its digest is not that of its content: it was edited", "")
    check_shape(body, "Snapshot")
    try:
        return Snapshot(
            text(body.get("environment")),
            text(body.get("owner")),
            dict(mapping(body.get("target"))),
            text(body.get("read_at")),
            recording.recorded(body),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise UnreadableError(f"it lacks what a plan needs: {error}", "") from error


def provider_of(taken: Snapshot) -> Provider:
    return snapshot.provider(taken.recorded, KINDS)


@contextmanager
def cloud_of(taken: Snapshot) -> Iterator[Cloud]:
    """What was recorded, in place of a cloud."""
    yield Cloud(provider_of(taken), dict, tuple)


def doubted(taken: Snapshot, whole: Plan, part: Plan) -> Plan:
    """The part, with what the snapshot does not know of devices though the plan asks for it."""
    if part.impact is None:
        return part
    lacking = {*asked_of_devices(whole, part)} - {*taken.recorded.fields}
    names = sorted(path_text(each.path) for each in lacking if each.path != ("deviceId",))
    if not names:
        return part
    doubt = f"the snapshot does not hold {', '.join(names)} of the devices"
    return replace(part, impact=replace(part.impact, doubts=(*part.impact.doubts, doubt)))


def _digest(state: Spec) -> str:
    return "sha256:" + hashlib.sha256(canonical(state).encode()).hexdigest()


def _compact(body: Spec) -> str:
    """In one order and without white space; numbers as they were read."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def _packed(file: Path) -> bool:
    return file.name.endswith(".gz")


def _unpacked(file: Path) -> str:
    content = file.read_bytes()
    try:
        return (gzip.decompress(content) if content.startswith(GZIP) else content).decode("utf-8")
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableError(f"this is no text, or not all of it: {error}", "") from error
