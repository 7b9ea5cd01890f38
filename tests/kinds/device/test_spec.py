"""What cannot be said as a case."""

from __future__ import annotations

from reconciler.kinds.device.spec import KIND
from reconciler.model import (
    Commit,
    Contents,
    FileContent,
    Resource,
    ResourceId,
    Scope,
    Spec,
    Value,
    link,
    mapping,
)

ASKED: Spec = {"owner": "contoso-a", "environment": "test"}


def draft(name: str, **spec: Value) -> Resource:
    normal = KIND.normalize({**ASKED, "name": name, **spec}, {})
    return Resource(ResourceId("Device", name), normal, KIND.refs(normal))


def test_the_parent_becomes_the_id_of_the_device_that_is_named() -> None:
    drafts = (draft("top", id="plant-a:top"), draft("below", parent="top"))
    linked = link(Commit(), drafts, {KIND.name: KIND}, Scope("contoso-a", "test"))
    below = linked.resources[ResourceId("Device", "below")]
    assert mapping(mapping(below.spec["devices"])["below"])["parent"] == "plant-a:top"
    assert below.refs == {("devices", "below", "parent"): ResourceId("Device", "top")}


def test_a_device_has_no_generation() -> None:
    assert not KIND.has_generations


def test_a_file_may_be_as_large_as_a_hub_needs() -> None:
    (use,) = KIND.files({"file": "plant-a.jsonl"})
    assert (use.path, use.text, use.folder, use.largest) == ("plant-a.jsonl", True, False, 16 << 20)


def test_a_file_that_is_no_text_is_a_fault() -> None:
    contents: Contents = {("file",): FileContent("fleet/plant-a.jsonl", "", 3, None)}
    faults = list(KIND.check("cameras", {"file": "plant-a.jsonl"}, contents))
    assert [fault.code for fault in faults] == ["device.file"]


def test_tags_that_no_device_holds_are_a_fault() -> None:
    tags: Spec = {f"key-{n}": "x" * 1000 for n in range(9)}
    assert [f.code for f in KIND.check("gw-1", {"tags": tags}, {})] == ["device.tags"]
    assert [f.code for f in KIND.check("gw-1", {"tags": {"a": "x" * 5000}}, {})] == ["device.tag"]
    deep: Value = 1
    for _ in range(12):
        deep = {"a": deep}
    assert [f.code for f in KIND.check("gw-1", {"tags": {"a": deep}}, {})] == ["device.tag"]
