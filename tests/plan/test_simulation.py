"""One device, and who put each part there."""

from __future__ import annotations

from dataclasses import replace

from reconciler.diff import Action, Change, Reason
from reconciler.edge import plain
from reconciler.edge.condition_text import parse
from reconciler.edge.layering import Layered
from reconciler.edge.place import in_manifest, in_spec
from reconciler.edge.twin import Twin
from reconciler.model import FieldPath, Observed, Origin, Resource, ResourceId, Spec, mapping
from reconciler.plan.assessment import simulated, simulated_group, with_known_tags
from reconciler.plan.deployed import Course, Deployed, Move
from reconciler.plan.simulation import Group, Simulation, simulate, simulate_group
from reconciler.plan.tagging import taggings
from reconciler.report import simulation
from tests.edge.manifests import base, module
from tests.report import scenes

DEVICE = Twin("gw-1", tags={"line": 1})


def deployed(name: str, content: Spec, condition: str, priority: int = 0) -> Deployed:
    own, origin = ResourceId("Deployment", name), Origin(f"{name}.yaml", 2)
    return Deployed(Layered(name, priority, 0, content), parse(condition), own, origin)


UNDER = deployed("base", base(a=module("x/one:1")), "*")
OVER = deployed(
    "layer",
    mapping(plain({"$edgeAgent": {"properties.desired.modules.a": module("x/two:2")}})),
    "tags.line = 1",
    5,
)


def where(origin: Origin, path: FieldPath) -> Origin:
    return Origin(f"{origin.path}#{'.'.join(path)}", 7)


def shown(found: Simulation) -> list[str]:
    return [" ".join(line.split()) for line in simulation.text(found, where).splitlines()]


def test_each_part_is_told_with_the_line_that_puts_it_there() -> None:
    lines = shown(simulate(Course((UNDER,), (UNDER, OVER)), DEVICE))
    assert lines[:4] == [
        "gw-1",
        "runs now: base (priority 0)",
        "will run: base (priority 0) + layer (priority 5)",
        "a restarts",
    ]
    assert "module a x/two:2 layer.yaml#modules.a:7 over base" in lines
    assert "route up base.yaml#routes.up:7" in lines


def test_a_device_that_no_deployment_is_for() -> None:
    leaf = simulate(Course((UNDER,), (UNDER,)), DEVICE._replace(edge=False))
    assert shown(leaf)[3:] == ["it has no IoT Edge: no deployment is for it"]


def test_a_device_that_loses_its_base_goes_on() -> None:
    found = simulate(Course((UNDER,), ()), DEVICE)
    assert shown(found)[2] == "will run: what it runs now; no base is left"


def test_programs_get_every_part_with_its_place() -> None:
    told = simulation.document(simulate(Course((), (UNDER,)), DEVICE), where)
    assert told["before"] == {"base": None, "layers": ()}
    assert {
        "section": "$edgeHub",
        "path": ("routes", "up"),
        "by": "base",
        "over": (),
        "place": "base.yaml#routes.up:7",
    } in list(plain_parts(told["parts"]))


def plain_parts(value: object) -> tuple[object, ...]:
    assert isinstance(value, tuple)
    return value


def test_a_place_in_a_spec_leads_to_the_manifest_and_back() -> None:
    for path in (("modules", "a"), ("routes", "up"), ("edgeHub",), ("registryCredentials", "acr")):
        section, _, *inside = in_manifest(path, base=True)
        assert in_spec(section, tuple(inside)) == path


FLEET = [Twin(f"gw-{at}", tags={"line": at % 2, "at": at}) for at in range(6)]
LEAVES = [Twin("leaf", edge=False, tags={"line": 1})]
EVERYBODY = Group("everybody", parse("*"))


def test_devices_of_a_group_are_folded_into_what_they_run() -> None:
    found = simulate_group(Course((UNDER,), (UNDER, OVER)), EVERYBODY, [*FLEET, *LEAVES])
    assert (found.devices, found.of) == (6, 6)
    told = [(e.devices, e.examples, e.simulation.after.applied) for e in found.alike]
    assert told == [
        (3, ("gw-0", "gw-2", "gw-4"), ("base",)),
        (3, ("gw-1", "gw-3", "gw-5"), ("base", "layer")),
    ]


def test_a_group_is_who_will_be_in_it() -> None:
    """`gw-0` joins line 1 by the plan, `gw-1` leaves it, and `gw-9` is not registered."""
    leaf = ("reconciler", "plant", "line-1")
    condition = parse("tags.reconciler.plant.[[line-1]] = true")
    joined = Twin("gw-1", tags={"reconciler": {"plant": {"line-1": True}}})
    move = Move(ResourceId("DeviceGroup", "line-1"), leaf, frozenset({"gw-0"}), frozenset({"gw-1"}))
    more = Deployed(OVER.layered, condition, OVER.id)
    group = Group("line-1", condition, frozenset({"gw-0", "gw-9"}))
    way = Course((UNDER, more), (UNDER, more), (move,))
    found = simulate_group(way, group, [FLEET[0], joined, *FLEET[2:]])
    [alike] = found.alike
    assert alike.examples == ("gw-0",)
    assert (alike.simulation.before.layers, alike.simulation.after.layers) == ((), ("layer",))
    assert found.unregistered == ("gw-9",)


def test_a_group_is_told_manifest_by_manifest() -> None:
    found = simulate_group(Course((UNDER,), (UNDER, OVER)), EVERYBODY, [*FLEET[:4], *LEAVES])
    lines = [" ".join(line.split()) for line in simulation.group_text(found, where).splitlines()]
    assert lines[:4] == [
        "everybody: 4 of 4 devices, 2 different manifests",
        "",
        "2 devices: gw-0, gw-2",
        "runs now: base (priority 0)",
    ]
    assert "2 devices: gw-1, gw-3" in lines
    assert "module a x/two:2 layer.yaml#modules.a:7 over base" in lines


def test_a_group_without_devices_says_so() -> None:
    missing = Group("g", parse("tags.x = 1"), frozenset(f"gw-{at}" for at in range(20, 32)))
    told = simulation.group_text(simulate_group(Course(), missing, FLEET), where)
    assert told.splitlines()[0] == "g: 0 of 6 devices"
    assert told.splitlines()[1].endswith("gw-29 and 2 more")


def test_programs_get_each_manifest_of_a_group() -> None:
    found = simulate_group(Course((), (UNDER, OVER)), EVERYBODY, FLEET)
    told = simulation.group_document(found, where)
    assert told["devices"] == 6
    first, second = plain_parts(told["manifests"])
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert [first["examples"], second["devices"]] == [("gw-0", "gw-2", "gw-4"), 3]
    assert first["parts"]


NEW = ResourceId("Device", "cameras")
REGISTERED = Change(
    NEW,
    Action.CREATE,
    Reason.MISSING,
    None,
    Resource(NEW, {"devices": {"cam-1": {"tags": {"line": 1}}}}),
)


def test_a_device_that_the_plan_registers_runs_nothing_yet() -> None:
    plan = replace(scenes.nothing(), waves=((REGISTERED,),))
    found = simulated(plan, "cam-1", lambda _fields: [])
    assert found is not None
    assert shown(found)[:2] == ["cam-1", "runs now: nothing: the plan registers it"]
    assert simulation.document(found, where)["registered"] is False
    late = simulated(plan, "cam-1", lambda _fields: [Twin("cam-1")])
    assert late is not None
    assert not late.new
    assert simulated(plan, "cam-2", lambda _fields: []) is None


def test_devices_that_the_plan_registers_are_among_those_of_a_group() -> None:
    way = Course((UNDER,), (UNDER, OVER), tagging=taggings([REGISTERED]))
    lines = Group("line-1", parse("tags.line = 1"), None)
    found = simulate_group(way, lines, FLEET)
    assert (found.devices, found.of) == (4, 7)
    told = [(e.examples, e.simulation.new, e.simulation.before.applied) for e in found.alike]
    assert told == [(("gw-1", "gw-3", "gw-5"), False, ("base",)), (("cam-1",), True, ())]
    assert {e.simulation.after.applied for e in found.alike} == {("base", "layer")}


def test_a_group_of_a_plan_is_found_by_name() -> None:
    fleet = [Twin("gw-1"), Twin("gw-2"), Twin("gw-3")]
    found = simulated_group(scenes.nothing(), "vision", lambda _fields: fleet)
    assert found is not None
    assert (found.devices, found.of) == (2, 3)
    assert simulated_group(scenes.nothing(), "lost", lambda _fields: fleet) is None


def test_devices_of_a_file_have_the_tags_that_the_hub_is_known_to_hold() -> None:
    leaf: Spec = {"targetCondition": "tags.reconciler.p.g = true", "devices": ("gw-1",)}
    own = ResourceId("DeviceGroup", "g")
    change = Change(own, Action.NOOP, Reason.SAME, Observed(own, leaf), Resource(own, leaf))
    plan = replace(scenes.nothing(), unchanged=(change,))
    told = list(with_known_tags(plan, [Twin("gw-1", tags={"line": 1}), Twin("gw-2")]))
    assert told == [
        Twin("gw-1", tags={"line": 1, "reconciler": {"p": {"g": True}}}),
        Twin("gw-2"),
    ]
