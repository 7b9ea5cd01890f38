"""How many devices each group has."""

from __future__ import annotations

from reconciler.edge.condition import Field
from reconciler.edge.twin import Twin
from reconciler.model import Resource, ResourceId, Spec
from reconciler.plan.membership import looked_at, members

FLEET = [Twin(f"gw-{at}", tags={"line": at % 2}) for at in range(5)]


def group(name: str, spec: Spec) -> Resource:
    return Resource(ResourceId("DeviceGroup", name), spec)


TAGGED = group("tagged", {"targetCondition": "tags.line = 1"})
LISTED = group("listed", {"targetCondition": "tags.x = true", "devices": ("gw-0", "gw-9")})
BROKEN = group("broken", {"targetCondition": "tags.line ="})


def test_a_group_has_the_devices_of_its_condition_or_of_its_list() -> None:
    found = members([TAGGED, LISTED], [*FLEET, Twin("leaf", edge=False, tags={"line": 1})])
    assert found == {TAGGED.id: 2, LISTED.id: 1}


def test_a_condition_that_cannot_be_read_has_no_count() -> None:
    assert members([BROKEN], FLEET) == {}


def test_only_what_conditions_mention_is_needed() -> None:
    assert looked_at([TAGGED, LISTED, BROKEN]) == (Field(("tags", "line")),)
