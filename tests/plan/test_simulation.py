"""One device, and who put each part there."""

from __future__ import annotations

from reconciler.edge import plain
from reconciler.edge.condition_text import parse
from reconciler.edge.layering import Layered
from reconciler.edge.place import in_manifest, in_spec
from reconciler.edge.twin import Twin
from reconciler.model import FieldPath, Origin, ResourceId, Spec, mapping
from reconciler.plan.deployed import Course, Deployed
from reconciler.plan.simulation import Simulation, simulate
from reconciler.report import simulation
from tests.edge.manifests import base, module

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
