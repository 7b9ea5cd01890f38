"""What every backend must do, whatever is behind it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from reconciler.diff import Action, Change, Reason
from reconciler.model import Observed, Resource, ResourceId
from reconciler.providers.memory import MemoryCloud
from reconciler.providers.port import ConflictError, Provider
from reconciler.registry import KINDS
from tests.providers.cloud import SCOPE, Cloud
from tests.providers.resources import deployable, device, group, linked, model, resolved


@dataclass
class Case:
    """One resource, the same resource changed in place, and the backend to try them on."""

    provider: Provider
    want: Resource
    changed: Resource

    def create(self) -> Observed:
        change = Change(self.want.id, Action.CREATE, Reason.MISSING, None, self.want)
        now = self.provider.apply(change, resolved(self.want))
        assert now is not None
        return now

    def update(self, have: Observed) -> Observed:
        change = Change(self.want.id, Action.UPDATE, Reason.CHANGED, have, self.changed)
        now = self.provider.apply(change, resolved(self.want))
        assert now is not None
        return now

    def delete(self, have: Observed) -> None:
        self.provider.apply(Change(have.id, Action.DELETE, Reason.REMOVED, have, None), {})

    def read(self) -> Observed | None:
        found = self.provider.handlers[self.want.id.kind].observe([self.want])
        return {item.id: item for item in found.items}.get(self.want.id)


@pytest.fixture(params=["memory", "azure at the emulator"])
def provider(request: pytest.FixtureRequest, cloud: Cloud) -> Provider:
    if request.param == "memory":
        return MemoryCloud.of(KINDS, SCOPE).provider
    return cloud.provider


@pytest.fixture(params=["Device", "DeviceGroup", "Deployment", "Model"])
def case(request: pytest.FixtureRequest, provider: Provider, cloud: Cloud, name: str) -> Case:
    cloud.seed(f"{name}-a", f"{name}-b")
    match request.param:
        case "Device":
            want, changed = device(name, tags={"line": 1}), device(name, tags={"line": 2})
        case "DeviceGroup":
            want = group(name, devices=(f"{name}-a",))
            changed = group(name, devices=(f"{name}-b",))
        case "Deployment":
            want, changed = deployable(name, priority=30), deployable(name, priority=31)
        case _:
            want, changed = (
                linked(model(name, cloud.folder, tags={"team": team}))[ResourceId("Model", name)]
                for team in ("edge", "core")
            )
    return Case(provider, want, changed)


def test_nothing_is_there_before_it_is_made(case: Case) -> None:
    assert case.read() is None


def test_a_write_returns_what_a_read_would(case: Case) -> None:
    now = case.create()
    seen = case.read()
    assert seen is not None
    assert (seen.id, seen.spec, seen.address) == (now.id, now.spec, now.address)
    assert seen.owned
    assert seen.id == case.want.id


def test_what_git_asks_for_can_be_compared_with_what_is_there(case: Case) -> None:
    made = case.create()
    assert {key: case.want.spec.get(key) for key in made.spec} == dict(made.spec)


def test_a_change_in_place_keeps_the_address(case: Case) -> None:
    before = case.create()
    after = case.update(before)
    assert after.address == before.address
    assert after.spec != before.spec
    seen = case.read()
    assert seen is not None
    assert seen.spec == after.spec


def test_what_was_deleted_is_gone(case: Case) -> None:
    case.delete(case.create())
    assert case.read() is None


@pytest.mark.parametrize("case", ["Deployment", "Model"], indirect=True)
def test_a_stale_plan_is_refused(case: Case) -> None:
    seen = case.create()
    case.update(seen)
    with pytest.raises(ConflictError, match="changed after the plan was made"):
        case.delete(seen)


@pytest.mark.parametrize("case", ["Deployment"], indirect=True)
def test_a_content_of_its_own_gets_an_address_of_its_own(case: Case, name: str) -> None:
    first = case.create()
    other = deployable(name, routes={"all": "FROM /messages/* INTO $upstream"})
    second = Case(case.provider, other, other).create()
    assert second.id.lineage == first.id.lineage
    assert second.address != first.address


def test_what_is_only_referred_to_stands_under_its_lineage(provider: Provider, name: str) -> None:
    want = group(name, targetCondition="tags.line = '1'")
    found = provider.handlers["DeviceGroup"].observe([want])
    assert [(item.id, item.owned) for item in found.items if item.id == want.id] == [
        (ResourceId("DeviceGroup", name), False)
    ]
