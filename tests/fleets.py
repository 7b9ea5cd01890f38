"""Small fleets, as people would write them, and a cloud that already holds some."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from reconciler.apply import execute
from reconciler.diff import Change
from reconciler.model import (
    ActualState,
    Commit,
    DesiredState,
    Observed,
    Origin,
    Resource,
    ResourceId,
    Scope,
    Secret,
    Spec,
    State,
    link,
)
from reconciler.plan import Limit, Outcome, Plan, Policy, Result, Wish, build
from reconciler.providers.memory import MemoryCloud
from tests.small_kinds import KINDS

SCOPE = Scope("plant-a", "prod")
COMMIT = Commit("3f2c9e1" + "0" * 33, repository="https://git.example/fleet")
UNLIMITED = Limit(1_000_000, 100.0)
KEEPING = Policy(deletes=UNLIMITED, replaces=UNLIMITED)
PRUNING = Policy(prune=True, deletes=UNLIMITED, replaces=UNLIMITED)
REGISTRY = ResourceId("RegistryCredential", "registry")


def draft(kind: str, name: str, spec: Spec) -> Resource:
    """One document as `source` hands it over: normalized, its references known by lineage."""
    origin = Origin(f"fleet/{kind.lower()}s/{name}.yaml", 1)
    return Resource(ResourceId(kind, name), spec, KINDS[kind].refs(spec), origin)


def stack(name: str, **changes: Spec) -> tuple[Resource, ...]:
    """A model, its image, a group and a deployment, all of one name, with some fields changed."""
    specs: dict[str, Spec] = {
        "Model": {"sha256": "11"},
        "Image": {"models": (name,), "base": "python"},
        "DeviceGroup": {"targetCondition": f"tags.line = '{name}'", "devices": ("gw-1", "gw-2")},
        "Deployment": {
            "targetCondition": name,
            "priority": 10,
            "modules": {"app": {"image": name}},
        },
    }
    return tuple(
        draft(kind, name, {**spec, **changes.get(kind, {})}) for kind, spec in specs.items()
    )


def guarded(name: str, **changes: Spec) -> tuple[Resource, ...]:
    """A stack whose image is pulled with a secret."""
    secret: Spec = {"secretRef": {"env": "ACR_PASSWORD"}}
    login: Spec = {"loginServer": "plant.azurecr.io", "username": "puller", "password": secret}
    deployment: Spec = {"registryCredentials": ("registry",), **changes.get("Deployment", {})}
    return (
        *stack(name, **{**changes, "Deployment": deployment}),
        draft(REGISTRY.kind, REGISTRY.name, login),
    )


def linked(*fleet: Resource) -> DesiredState:
    return link(COMMIT, fleet, KINDS, SCOPE)


def only(state: DesiredState | ActualState, kind: str) -> ResourceId:
    """The id of the one resource of that kind."""
    [found] = [resource_id for resource_id in state.resources if resource_id.kind == kind]
    return found


def plan_for(cloud: MemoryCloud, fleet: Iterable[Resource], policy: Policy = PRUNING) -> Plan:
    drafts = tuple(fleet)
    return build(Wish(COMMIT, SCOPE, drafts, policy), cloud.provider.read(drafts), KINDS)


def apply(
    cloud: MemoryCloud, fleet: Iterable[Resource], policy: Policy = PRUNING
) -> tuple[Outcome, ...]:
    return tuple(execute(plan_for(cloud, fleet, policy), cloud.provider))


def settle(cloud: MemoryCloud, fleet: Iterable[Resource], policy: Policy = PRUNING) -> None:
    """Apply, and nothing may go wrong."""
    for outcome in apply(cloud, fleet, policy):
        assert outcome.result is Result.APPLIED, (outcome.change.id, outcome.detail)


def holding(*fleet: Resource) -> MemoryCloud:
    cloud = MemoryCloud.of(KINDS, SCOPE)
    know(cloud, "first")
    settle(cloud, fleet)
    return cloud


def become(
    cloud: MemoryCloud, fleet: Iterable[Resource], kind: str, state: State, log: str = ""
) -> None:
    """Let the build of the one resource of that kind stand half done, or failed."""
    desired = linked(*fleet)
    want = desired.resources[only(desired, kind)]
    cloud.hold(Observed(want.id, {}, owned=True, refs=want.refs, state=state, status={"log": log}))


def know(cloud: MemoryCloud, secret: str) -> None:
    """What the reference of the one credential leads to; nothing, if it is empty."""
    known = {REGISTRY.name: Secret(secret)} if secret else {}
    cloud.handlers[REGISTRY.kind].secrets = known


def live(cloud: MemoryCloud, kind: str, name: str) -> tuple[Observed, ...]:
    """Every generation of it that is there."""
    items = cloud.handlers[kind].items.values()
    return tuple(item for item in items if item.id.name == name)


def lines(changes: Iterable[Change]) -> list[str]:
    """What a test compares: `CREATE Model/vision MISSING`, with the names of changed fields."""
    return [
        " ".join(
            [change.action.name, str(change.id), change.reason.name]
            + [".".join(field.path) for field in change.fields]
        )
        for change in changes
    ]


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Resource, ...]:
    """Up to three stacks that may use each other's models, images and groups."""
    names = draw(st.lists(st.sampled_from("abc"), unique=True))
    if not names:
        return ()
    one = st.sampled_from(names)
    fleet: dict[ResourceId, Resource] = {}
    for name in names:
        make = guarded if draw(st.booleans()) else stack
        resources = make(
            name,
            Model={"sha256": draw(st.sampled_from(["11", "22"]))},
            Image={"models": (draw(one),), "tags": draw(st.sampled_from([{}, {"team": "edge"}]))},
            DeviceGroup={"devices": draw(st.sampled_from([("gw-1",), ("gw-2", "gw-3")]))},
            Deployment={
                "modules": {"app": {"image": draw(one)}},
                "targetCondition": draw(one),
                "priority": draw(st.sampled_from([10, 20])),
            },
        )
        fleet.update({resource.id: resource for resource in resources})
    return tuple(fleet.values())
