"""What only the devices at hand can show, each with what causes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.edge import plain
from reconciler.edge.condition_text import parse
from reconciler.edge.layering import Layered
from reconciler.edge.size import twin_size
from reconciler.edge.twin import Twin
from reconciler.model import (
    Diagnostic,
    Origin,
    Resource,
    ResourceId,
    Severity,
    Spec,
    Value,
    mapping,
)
from reconciler.plan.deployed import Course, Deployed, Move
from reconciler.plan.impact import assess
from reconciler.plan.tagging import Tagging
from tests.edge.manifests import base, module

FLEET = tuple(Twin(f"gw-{at}", tags={"line": at % 3, "site": "x"}) for at in range(9))


def ours(name: str, content: Spec, condition: str = "*", priority: int = 0) -> Deployed:
    own, origin = ResourceId("Deployment", name), Origin(f"{name}.yaml", 2)
    return Deployed(Layered(name, priority, 0, content), parse(condition), own, origin)


def over(**modules: object) -> Spec:
    keys = {f"properties.desired.modules.{name}": told for name, told in modules.items()}
    return mapping(plain({"$edgeAgent": keys}))


def said(*after: Deployed) -> list[str]:
    return [f"{d.origin}: {d.code}: {d.summary}" for d in found(*after)]


def found(*after: Deployed) -> tuple[Diagnostic, ...]:
    return assess(Course((), after), FLEET).diagnostics


def test_a_sound_fleet_has_nothing_said_of_it() -> None:
    layer = ours("layer", over(b=module()), "tags.line = 1", 1)
    assert said(ours("base", base(a=module())), layer) == []


def test_a_condition_that_matches_nobody() -> None:
    [problem] = found(ours("base", base()), ours("typo", over(b=module()), "tags.lin = 1", 1))
    assert problem.code == "device.nobody"
    assert "typo" in problem.hint


def test_a_condition_that_asks_for_another_type_than_devices_hold() -> None:
    [problem] = found(ours("base", base()), ours("text", over(b=module()), "tags.line = '1'", 1))
    assert problem.code == "condition.type"
    assert problem.summary == "it asks for text in tags.line, where 9 devices hold a number"
    assert problem.hint == "none can match: write 1 without quotes"


def test_a_condition_that_some_devices_cannot_match_for_their_type() -> None:
    odd = Twin("odd", tags={"line": "1"})
    deployed = ours("base", base(), "tags.line = 1")
    [problem] = assess(Course((), (deployed,)), (*FLEET, odd)).diagnostics
    assert problem.summary == "it asks for a number in tags.line, where 1 device holds text"


def test_a_condition_that_asks_for_both_types_misses_nobody() -> None:
    odd = Twin("odd", tags={"line": "1"})
    deployed = ours("base", base(), "tags.line = 1 OR tags.line = '1'")
    assert assess(Course((), (deployed,)), (*FLEET, odd)).diagnostics == ()


def test_types_are_those_of_the_tags_that_the_plan_itself_gives() -> None:
    deployed = ours("base", base(), "tags.line = 1")

    def told(fleet: Iterable[Twin], line: Value) -> list[str]:
        given = {"gw-1": Tagging(ResourceId("Device", "gw-1"), {"line": line})}
        way = Course((), (deployed,), tagging=given)
        return [problem.code for problem in assess(way, fleet).diagnostics]

    odd = Twin("gw-1", tags={"line": "1"})
    assert told([odd, *FLEET[2:]], 1) == []
    assert told(FLEET, "1") == ["condition.type"]


def test_a_layer_without_a_base_is_told_how_many_devices_miss_it() -> None:
    layer = ours("layer", over(b=module()), "tags.line > 0", 1)
    assert said(ours("base", base(), "tags.line = 1"), layer) == [
        (
            "layer.yaml:2: layer.no-base: 3 of its 6 devices have no base, and a layer alone does"
            " nothing"
        )
    ]


def test_a_base_that_another_one_of_ours_keeps_from_every_device() -> None:
    low = ours("low", base(), "tags.line = 1", 1)
    [problem] = found(ours("base", base(), "*", 5), low)
    assert (problem.code, problem.path) == ("device.shadowed", ("priority",))
    assert "Deployment/base (priority 5) wins there" in problem.summary


def test_a_fallback_for_the_devices_that_have_no_base_of_their_own_is_no_mistake() -> None:
    assert said(ours("all", base()), ours("some", base(), "tags.line = 1", 1)) == []


def test_a_layer_whose_priority_is_not_above_the_base() -> None:
    low = ours("low", over(b=module()), "tags.line = 1", 5)
    above = ours("two", base(), "tags.line = 2", 1)
    [problem] = found(ours("base", base(), "NOT (tags.line = 2)", 5), above, low)
    assert (problem.code, problem.path) == ("layer.priority", ("priority",))
    assert problem.summary == (
        "its priority 5 is not above 5 of Deployment/base, so 3 of its 3 devices will not get it"
    )


def test_equal_priorities_on_the_same_devices() -> None:
    one = ours("one", over(b=module()), "tags.line = 1", 3)
    two = ours("two", over(c=module()), "tags.line > 0", 3)
    apart = ours("apart", over(d=module()), "tags.line = 0", 3)
    assert said(ours("base", base()), one, two, apart) == [
        "one.yaml:2: device.tie: Deployment/two has the same priority 3 on 3 devices"
    ]


def test_two_layers_that_set_one_path() -> None:
    one, two = (ours(n, over(b=module()), "*", p) for n, p in (("one", 3), ("two", 4)))
    assert said(ours("base", base()), one, two) == [
        (
            "two.yaml:2: layer.overlap: the module b is set by Deployment/one, too, and this one"
            " wins on 9 devices"
        )
    ]


def test_manifests_that_fit_alone_and_not_together() -> None:
    half = {f"m{at}": module(env={"A": {"value": "x" * 4000}}) for at in range(4)}
    more = {f"n{at}": module(env={"A": {"value": "x" * 4000}}) for at in range(5)}
    [problem] = found(ours("base", base(**half)), ours("layer", over(**more), "*", 1))
    assert (problem.code, problem.severity) == ("twin.merged", Severity.ERROR)
    assert "base + layer" in problem.summary


def test_a_merged_agent_without_headroom_is_a_warning() -> None:
    many = {f"m{at}": module(env={"A": {"value": "x" * 4000}}) for at in range(5)}
    [problem] = found(ours("base", base(**many)))
    assert (problem.code, problem.severity) == ("twin.merged", Severity.WARNING)


def test_a_layer_for_everybody_may_be_meant() -> None:
    many = tuple(Twin(f"gw-{at}", tags={"line": 1}) for at in range(10))
    group = ResourceId("DeviceGroup", "all")
    layer = replace(ours("layer", over(b=module()), "tags.line = 1", 1), group=group)
    after = (ours("base", base()), layer)

    def codes(**spec: Value) -> list[str]:
        found = Resource(group, {"targetCondition": "tags.line = 1", **spec})
        way = Course((), after, groups={group: found})
        return [d.code for d in assess(way, many).diagnostics]

    assert codes() == ["device.everybody"]
    assert codes(allowAll=True) == []
    assert codes(devices=tuple(twin.device for twin in many)) == []


def test_the_only_base_may_be_for_everybody_and_a_second_one_is_told() -> None:
    many = tuple(Twin(f"gw-{at}", tags={"line": at % 2}) for at in range(10))
    one, two = ours("one", base(), "tags.line < 2", 1), ours("two", base(), "tags.line = 1", 3)
    assert assess(Course((), (one,)), many).diagnostics == ()
    assert [d.code for d in assess(Course((), (one, two)), many).diagnostics] == [
        "device.everybody"
    ]


def test_a_condition_may_grow_by_a_few_devices_or_by_a_small_part() -> None:
    many = tuple(Twin(f"gw-{at}", tags={"n": at}) for at in range(40))

    def codes(was: int, will: int) -> list[str]:
        before, after = (ours("base", base(), f"tags.n < {n}") for n in (was, will))
        found = assess(Course((before,), (after,)), many).diagnostics
        return [d.code for d in found]

    assert codes(1, 10) == []
    assert codes(20, 39) == []
    assert codes(10, 21) == ["condition.grows"]
    assert codes(0, 10) == ["condition.grows"]


def test_devices_that_join_a_group_count_among_those_that_hold_a_tag() -> None:
    group = ResourceId("DeviceGroup", "group")
    every = frozenset(twin.device for twin in FLEET)
    way = Course((), (ours("base", base(), "tags.line = 1"),), (Move(group, ("x",), every),))
    assert assess(way, FLEET).diagnostics == ()


def test_a_foreign_layer_over_ours_is_told_at_what_it_replaces() -> None:
    theirs = replace(ours("theirs", over(a=module("x.azurecr.io/x:2")), "*", 5), origin=None)
    [problem] = found(ours("base", base(a=module())), theirs)
    assert (problem.code, problem.path) == ("foreign.layer", ("modules", "a"))
    assert "replaces the module a on 9 devices" in problem.summary


def test_a_foreign_base_is_told_with_how_many_devices_it_takes() -> None:
    theirs = replace(ours("theirs", base(), "tags.line = 1", 5), origin=None)
    [problem] = found(ours("base", base()), theirs)
    assert problem.code == "foreign.base"
    assert "wins on 3 of its 9 devices" in problem.summary


def test_what_git_no_longer_asks_for_is_not_called_foreign() -> None:
    left = replace(ours("left", base(), "tags.line = 1", 5), origin=None, owned=True)
    [problem] = found(ours("base", base()), left)
    assert problem.summary.startswith("left (no longer in git, priority 5) wins on 3 of its 9")


def test_a_port_that_base_and_layer_claim_is_an_error_of_the_layer() -> None:
    options = '{"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}}'
    under, above = (module(createOptions=options) for _ in range(2))
    stopped = {**above, "status": "stopped"}
    layer = ours("layer", over(b=above), "tags.line = 1", 1)
    [problem] = found(ours("base", base(a=under)), layer)
    assert (problem.code, problem.severity) == ("host.port", Severity.ERROR)
    assert str(problem.origin) == "layer.yaml:2"
    assert said(ours("base", base(a=under)), ours("layer", over(b=stopped), "*", 1)) == []


def test_a_port_that_a_foreign_deployment_claims_is_a_warning_that_names_it() -> None:
    options = '{"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}}'
    theirs = replace(ours("theirs", over(b=module(createOptions=options)), "*", 1), origin=None)
    [problem] = found(ours("base", base(a=module(createOptions=options))), theirs)
    assert (problem.code, problem.severity) == ("host.port", Severity.WARNING)
    assert problem.summary.endswith('and so does "b" of theirs (not ours)')


def test_what_one_document_gives_away_twice_is_told_with_that_document() -> None:
    device = module(createOptions='{"HostConfig": {"Devices": [{"PathOnHost": "/dev/ttyS0"}]}}')
    port = module(createOptions='{"HostConfig": {"PortBindings": {"1/tcp": [{"HostPort": "1"}]}}}')
    assert said(ours("base", base(a=device, b=device, c=port, d=port))) == []
    layer = ours("layer", over(b=device, d=port), "*", 1)
    both = found(ours("base", base(a=device, c=port)), layer)
    assert [problem.code for problem in both] == ["host.device", "host.port"]


def test_a_route_to_a_module_that_nobody_has_is_a_typo() -> None:
    key = "properties.desired.routes.up"
    rule = "FROM /messages/modules/gone/outputs/* INTO $upstream"
    layer = ours("layer", {**over(b=module()), "$edgeHub": {key: rule}}, "tags.line = 1", 1)
    [problem] = found(ours("base", base()), layer)
    assert (problem.code, problem.path) == ("route.absent", ("routes", "up"))
    assert problem.summary.endswith('the module "gone", which none of its 3 devices has')


def test_nothing_is_said_of_what_is_not_ours() -> None:
    foreign = replace(ours("theirs", over(b=module()), "tags.lin = 1"), origin=None)
    assert said(ours("base", base()), foreign) == []


def test_sizes_are_counted_as_the_hub_does() -> None:
    assert twin_size({"a": "é\n", "b": (True, 1.5), "c": {"d": 7}}) == 1 + 2 + 1 + 12 + 1 + 1 + 8
