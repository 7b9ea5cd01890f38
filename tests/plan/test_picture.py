"""A fleet as nodes and edges."""

from __future__ import annotations

from reconciler.model import ResourceId
from reconciler.plan.picture import Edge, Mark, drawn, of_plan
from tests.fleets import holding, plan_for, stack
from tests.report import scenes

MODEL, IMAGE = ResourceId("Model", "vision"), ResourceId("Image", "vision")
DEPLOYMENT, GROUP = ResourceId("Deployment", "vision"), ResourceId("DeviceGroup", "vision")


def test_what_gets_into_what_leads_from_models_to_groups() -> None:
    found = drawn(stack("vision"))
    assert [str(node.id) for node in found.nodes] == [
        "Model/vision",
        "Image/vision",
        "Deployment/vision",
        "DeviceGroup/vision",
    ]
    assert found.edges == (
        Edge(MODEL, IMAGE),
        Edge(IMAGE, DEPLOYMENT, "app"),
        Edge(DEPLOYMENT, GROUP),
    )
    assert {node.action for node in found.nodes} == {Mark.UNKNOWN}


def test_a_plan_says_of_each_node_what_becomes_of_it() -> None:
    replaced = {node.id: node.action for node in of_plan(scenes.replacement()).nodes}
    assert replaced[DEPLOYMENT] is Mark.REPLACE
    assert replaced[GROUP] is Mark.SAME
    assert {node.action for node in of_plan(scenes.nothing()).nodes} == {Mark.SAME}


def test_what_only_goes_is_drawn_without_what_it_held() -> None:
    found = of_plan(plan_for(holding(*stack("vision"), *stack("gone")), stack("vision")))
    gone = [node for node in found.nodes if node.name == "gone"]
    assert ResourceId("Deployment", "gone") in {node.id for node in gone}
    assert {node.action for node in gone} == {Mark.DELETE}
    assert not [edge for edge in found.edges if "gone" in {edge.source.name, edge.target.name}]


def test_a_count_of_devices_stands_in_the_label() -> None:
    nodes = of_plan(scenes.nothing(), {GROUP: 1}).nodes
    assert [node.label for node in nodes if node.kind == "DeviceGroup"] == ["vision (1 device)"]
    assert [node.label for node in nodes if node.kind == "Deployment"] == ["vision"]
