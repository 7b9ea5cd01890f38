"""A run that dies anywhere is healed by the next one, without a state file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.apply import execute
from reconciler.model import Observed, Resolved, Resource, ResourceId, canonical
from reconciler.plan import Policy, Wish, build
from reconciler.providers.memory import MemoryCloud, MemoryHandler
from reconciler.providers.port import Provider, ProviderError, Reading
from tests.fleets import (
    COMMIT,
    KEEPING,
    PRUNING,
    SCOPE,
    fleets,
    holding,
    know,
    plan_for,
    settle,
)
from tests.small_kinds import KINDS

T = TypeVar("T")
THEIRS = [
    Observed(ResourceId(kind, name, "0"), {"tags": "x"}, version="1", address="theirs")
    for kind in KINDS
    for name in ("a", "theirs")
]


class KilledError(BaseException):
    """The process ends: nothing may catch this."""


@dataclass
class Wire:
    """The way to a cloud. It breaks once, before or after the write it carries took effect."""

    cloud: MemoryCloud
    good_writes: int
    fault: type[BaseException]
    lost_answer: bool
    created: list[ResourceId] = field(default_factory=list)
    standing: set[ResourceId] = field(default_factory=set)
    """Deployments that must have a generation at every moment."""

    def carry(self, write: Callable[[], T]) -> T:
        self.good_writes -= 1
        if self.good_writes == -1 and not self.lost_answer:
            raise self.fault("the connection broke")
        answer = write()
        self._check()
        if self.good_writes == -1:
            raise self.fault("the answer was lost")
        return answer

    def _check(self) -> None:
        kept = {name: handler.items.values() for name, handler in self.cloud.handlers.items()}
        ours = {item.id: item for items in kept.values() for item in items if item.owned}
        assert self.standing <= {resource_id.lineage for resource_id in ours}
        # Credentials are nowhere: they are only looked up.
        refs = {ref for item in ours.values() for ref in item.refs.values()}
        assert {ref for ref in refs if ref.kind != "RegistryCredential"} <= ours.keys()


@dataclass
class WiredHandler:
    inner: MemoryHandler
    wire: Wire

    def observe(self, wanted: Sequence[Resource]) -> Reading:
        return self.inner.observe(wanted)

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        def write() -> Observed:
            now = self.inner.create(want, resolved)
            self.wire.created.append(want.id)
            return now

        return self.wire.carry(write)

    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        return self.wire.carry(lambda: self.inner.update(have, want, resolved))

    def delete(self, have: Observed) -> None:
        self.wire.carry(lambda: self.inner.delete(have))


def cloud_with(before: tuple[Resource, ...]) -> MemoryCloud:
    cloud = holding(*before)
    for item in THEIRS:
        cloud.hold(item)
    know(cloud, "second")
    return cloud


def run(wire: Wire, after: tuple[Resource, ...], policy: Policy) -> None:
    handlers = {name: WiredHandler(inner, wire) for name, inner in wire.cloud.handlers.items()}
    provider = Provider("wired", {**handlers})
    plan = build(Wish(COMMIT, SCOPE, after, policy), provider.read(after), KINDS)
    with suppress(KilledError):
        list(execute(plan, provider))


def contents(cloud: MemoryCloud) -> list[str]:
    """What is there, without the versions, which count writes, and the generations: the counter
    in them may start anew once nothing holds the secret any more.
    """
    return sorted(
        f"{item.id} {canonical(item.spec)} {canonical(item.content)} "
        + " ".join(held.secret.reveal() for held in item.secrets.values())
        for handler in cloud.handlers.values()
        for item in handler.items.values()
    )


@settings(max_examples=150, deadline=None)
@given(
    before=fleets(),
    after=fleets(),
    good_writes=st.integers(0, 12),
    fault=st.sampled_from([KilledError, ProviderError]),
    way=st.tuples(st.booleans(), st.sampled_from([KEEPING, PRUNING])),
)
def test_the_next_run_finishes_what_a_broken_one_began(
    before: tuple[Resource, ...],
    after: tuple[Resource, ...],
    good_writes: int,
    fault: type[BaseException],
    way: tuple[bool, Policy],
) -> None:
    lost_answer, policy = way
    if not after and policy.prune:
        policy = KEEPING  # an empty fleet is refused
    undisturbed, disturbed = cloud_with(before), cloud_with(before)
    settle(undisturbed, after, policy)
    wire = Wire(disturbed, good_writes, fault, lost_answer)
    asked = {resource.id for resource in after if resource.id.kind == "Deployment"}
    wire.standing = asked & {resource.id for resource in before}
    run(wire, after, policy)
    settle(disturbed, after, policy)
    assert contents(disturbed) == contents(undisturbed)
    assert len(wire.created) == len(set(wire.created))
    assert plan_for(disturbed, after, policy).changes == ()
    for item in THEIRS:
        assert disturbed.handlers[item.id.kind].items[item.id] == item
