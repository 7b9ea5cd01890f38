"""The kind that CONTRIBUTING.md adds, step by step, works as that page says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from reconciler.apply import execute
from reconciler.diff import Action
from reconciler.model import Commit, FieldRule, Kind, Kinds, Resource, ResourceId, Scope, Spec
from reconciler.plan import Plan, Wish, build
from reconciler.providers.memory import MemoryCloud

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
PYTHON = r"^```python\n(.*?)^```$"
SCOPE = Scope("plant", "test")
GROUP = Kind(
    name="DeviceGroup",
    rules={("targetCondition",): FieldRule.UPDATE},
    stand_in=lambda spec: spec["targetCondition"],
    managed=lambda _spec: False,
)
WRITTEN: Spec = {"group": "line-1", "priority": 10, "properties": {"telemetry": {"seconds": 5}}}


@pytest.fixture(scope="module")
def kind(tmp_path_factory: pytest.TempPathFactory) -> Kind:
    (code,) = re.findall(PYTHON, PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    spec = tmp_path_factory.mktemp("kind") / "spec.py"
    spec.write_text(code, encoding="utf-8")
    found = runpy.run_path(str(spec))["KIND"]
    assert isinstance(found, Kind)
    return found


def planned(
    kind: Kind, cloud: MemoryCloud, written: Spec, condition: str = "tags.line = 1"
) -> Plan:
    kinds: Kinds = {kind.name: kind, GROUP.name: GROUP}
    spec = kind.normalize(written, {})
    drafts = (
        Resource(ResourceId("DeviceGroup", "line-1"), {"targetCondition": condition}),
        Resource(ResourceId(kind.name, "telemetry"), spec, kind.refs(spec)),
    )
    return build(Wish(Commit(), SCOPE, drafts), cloud.provider.read(drafts), kinds)


def applied(kind: Kind, written: Spec) -> MemoryCloud:
    cloud = MemoryCloud.of({kind.name: kind, GROUP.name: GROUP}, SCOPE)
    list(execute(planned(kind, cloud, written), cloud.provider))
    return cloud


def actions(plan: Plan) -> list[Action]:
    return [change.action for change in plan.changes]


def test_it_is_created_once(kind: Kind) -> None:
    cloud = applied(kind, WRITTEN)
    assert cloud.writes == 1
    assert actions(planned(kind, cloud, WRITTEN)) == []


def test_what_changes_in_place_is_updated(kind: Kind) -> None:
    cloud = applied(kind, WRITTEN)
    assert actions(planned(kind, cloud, {**WRITTEN, "priority": 20})) == [Action.UPDATE]
    assert actions(planned(kind, cloud, WRITTEN, "tags.line = 2")) == [Action.UPDATE]


def test_content_is_replaced_and_the_new_one_comes_first(kind: Kind) -> None:
    cloud = applied(kind, WRITTEN)
    plan = planned(kind, cloud, {**WRITTEN, "properties": {"telemetry": {"seconds": 9}}})
    assert actions(plan) == [Action.CREATE, Action.DELETE]


def test_an_unknown_field_is_content(kind: Kind) -> None:
    cloud = applied(kind, WRITTEN)
    assert actions(planned(kind, cloud, {**WRITTEN, "more": 1})) == [Action.CREATE, Action.DELETE]


def test_the_document_for_the_hub_has_full_paths(kind: Kind) -> None:
    spec = {**kind.normalize(WRITTEN, {}), "targetCondition": "tags.line = 1"}
    want = Resource(ResourceId(kind.name, "telemetry"), spec)
    assert kind.render(want, {})["content"] == {
        "deviceContent": {"properties.desired.telemetry": {"seconds": 5}}
    }


def test_a_key_that_no_twin_takes_is_a_fault(kind: Kind) -> None:
    faults = list(kind.check("telemetry", {**WRITTEN, "properties": {"a.b": 1}}, {}))
    assert [(fault.path, fault.code) for fault in faults] == [
        (("properties", "a.b"), "configuration.key")
    ]
