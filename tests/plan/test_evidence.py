"""Some devices from which something goes, and what they say themselves."""

from __future__ import annotations

from reconciler.edge import plain
from reconciler.edge.condition import Field
from reconciler.edge.condition_text import parse
from reconciler.edge.layering import Layered
from reconciler.edge.twin import Twin
from reconciler.model import ResourceId, Spec, mapping
from reconciler.plan.deployed import Course, Deployed
from reconciler.plan.evidence import EACH, SAMPLE, Evidence, contradictions, evidence
from tests.edge.manifests import base, module

LINE, RING = Field(("tags", "line")), Field(("tags", "ring"))
FLEET = tuple(Twin(f"gw-{at:03}", tags={"line": at % 2, "ring": at % 9}) for at in range(200))


def deployed(name: str, condition: str, content: Spec) -> Deployed:
    own = ResourceId("Deployment", name)
    return Deployed(Layered(name, 1, 0, content), parse(condition), own)


def layer(name: str, condition: str) -> Deployed:
    keys = {f"properties.desired.modules.{name}": module()}
    return deployed(name, condition, mapping(plain({"$edgeAgent": keys})))


UNDER = deployed("base", "*", base())


def test_a_few_devices_that_lose_a_deployment_are_kept() -> None:
    way = Course((UNDER, layer("one", "tags.line = 1")), (UNDER,))
    found = evidence(way, [LINE], FLEET)
    assert [twin.device for twin in found.twins] == [f"gw-{at:03}" for at in range(1, 2 * EACH, 2)]


def test_where_nothing_goes_no_device_is_looked_at() -> None:
    way = Course((UNDER,), (UNDER, layer("one", "tags.line = 1")))
    assert evidence(way, [LINE], FLEET) == Evidence((LINE,))


def test_devices_that_lose_their_base_because_its_condition_moved_are_kept() -> None:
    moved = deployed("base", "tags.line = 1", base())
    found = evidence(Course((UNDER,), (moved,)), [LINE], FLEET)
    assert {twin.tags["line"] for twin in found.twins} == {0}


def test_there_is_an_end_to_it_however_many_sorts_there_are() -> None:
    layers = tuple(layer(f"ring-{at}", f"tags.ring = {at}") for at in range(9))
    found = evidence(Course((UNDER, *layers), (UNDER,)), [RING], FLEET)
    assert len(found.twins) == SAMPLE


def test_only_what_conditions_look_at_can_contradict() -> None:
    said = Evidence((LINE,), FLEET[:5])
    now = {
        "gw-000": FLEET[0]._replace(tags={"line": 0, "ring": 77}),
        "gw-001": FLEET[1]._replace(tags={"line": "1"}),
        "gw-002": FLEET[2]._replace(tags={}),
        "gw-003": FLEET[3]._replace(edge=False),
    }
    assert list(contradictions(said, now.get)) == [
        "gw-001: tags.line is '1', and the query said 1",
        "gw-002: tags.line is missing, and the query said 0",
        "gw-003 has no IoT Edge any more",
        "gw-004 is not registered any more",
    ]
