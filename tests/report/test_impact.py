"""What becomes of devices, as people and programs read it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.edge.effects import Effects
from reconciler.edge.layering import Effective, Section
from reconciler.model import ResourceId, Value, mapping, sequence
from reconciler.plan import Plan
from reconciler.plan.impact import EffectiveChange, Impact, Reach
from reconciler.report import json, text
from tests.report.scenes import SCENES

BEFORE = Effective("vision-11", sections={"$edgeAgent": Section(())})
AFTER = replace(BEFORE, base="vision-22", layers=("detector-33",))
LESS = Impact(of=4)
MORE = Impact(
    of=3120,
    changes=(
        EffectiveChange(
            400,
            "gw-1",
            BEFORE,
            AFTER,
            Effects(restarts=("app",), twins=("app",), untouched=("a", "b"), pulls=("x/y:1",)),
            offline=30,
        ),
        EffectiveChange(12, "gw-\x1b7", BEFORE, replace(BEFORE, base=""), Effects()),
    ),
    reach={ResourceId("Deployment", "vision"): Reach(412, ("app",), gains=5, offline=31)},
    doubts=("theirs: its condition cannot be read",),
    connected=3000,
)


def shown(impact: Impact) -> str:
    return text.render(scene(impact), "sha256:00")


def scene(impact: Impact) -> Plan:
    return replace(SCENES["replacement"](), impact=impact)


def test_each_change_says_whom_it_reaches_and_the_summary_says_it_of_all() -> None:
    found = shown(MORE)
    assert "   412 of 3,120 devices (31 offline now)\n" in found
    assert "      on the device: app restarts\n      5 devices get it\n" in found
    assert "  Devices: 412 of 3,120 (13.2 %) (30 offline now).  Guards:" in found


def test_where_the_hub_sees_no_device_nothing_is_said_of_their_connections() -> None:
    unseen = replace(MORE, connected=0)
    assert "offline" not in shown(unseen)
    assert mapping(json.document(scene(unseen))["devices"])["offline"] is None


def test_the_manifests_that_devices_go_to_are_listed() -> None:
    found = shown(MORE)
    start = found.index("On the devices:")
    assert found[start : found.index("\n\n", start)].splitlines() == [
        "On the devices:",
        "  400 devices (30 offline now), such as gw-1: vision-22 + detector-33",
        "    app restarts",
        "    2 modules untouched",
        "    desired properties sent: app",
        "    images to pull: x/y:1",
        "  12 devices, such as gw-\\x1b7: no base is left",
        "  12 devices left without a base: what runs there goes on, and nobody manages it",
        "  In all: 400 modules restart, 400 twins are sent, 400 images are pulled.",
        "  These counts may be incomplete: theirs: its condition cannot be read",
    ]


def test_devices_come_and_go_without_another_digest() -> None:
    digests = {
        json.document(plan)["plan_digest"]
        for plan in (SCENES["replacement"](), scene(LESS), scene(MORE))
    }
    assert len(digests) == 1


def test_programs_get_every_entry() -> None:
    found = json.document(scene(MORE))
    impacts: list[Value] = [
        mapping(entry)["impact"]
        for entry in sequence(found["resource_changes"])
        if mapping(entry)["type"] == "Deployment"
    ]
    counts = {"devices": 412, "of": 3120, "offline": 31, "gains": 5, "loses": 0}
    names = {"restarts": ("app",), "appears": (), "vanishes": (), "twins": (), "pulls": ()}
    assert impacts == [{**counts, **names}]
    whole = mapping(found["devices"])
    assert (whole["changed"], whole["offline"], whole["restarts"]) == (412, 30, 400)
    assert [mapping(each)["devices"] for each in sequence(found["effective_changes"])] == [400, 12]


def test_a_plan_that_looked_at_no_device_says_nothing_of_them() -> None:
    found = json.document(SCENES["replacement"]())
    assert "effective_changes" not in found
    assert "devices" not in found
