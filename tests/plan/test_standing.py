"""Deployments counted over devices, and device by device."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge import plain
from reconciler.edge.condition_text import parse
from reconciler.edge.layering import Layered
from reconciler.edge.reported import AgentTwin, Health, Reason, Verdict
from reconciler.model import ResourceId, Spec, mapping
from reconciler.plan.deployed import Deployed
from reconciler.plan.standing import (
    Told,
    Wanted,
    applied_elsewhere,
    looked_at,
    on_devices,
    tallied,
)
from tests.edge.manifests import base, module


def deployed(name: str, content: Spec, priority: int) -> Deployed:
    layered = Layered(name, priority, 0, content)
    return Deployed(layered, parse("*"), ResourceId("Deployment", name))


def layer(content: dict[str, object]) -> Spec:
    return mapping(plain(content))


UNDER = deployed("base", base(a=module()), 1)
LOW = deployed("low", base(old=module()), 0)
OVER = deployed("layer", layer({"$edgeAgent": {"properties.desired.modules.b": module()}}), 5)
TWINS = deployed("twins", layer({"a": {"properties.desired.x": {"y": 1}}}), 6)
ALL = (UNDER, LOW, OVER, TWINS)
APPLIED, MEANT = "Applied", "Targeted"


def agent(device: str, **configurations: str) -> AgentTwin:
    return AgentTwin(device, configurations=configurations, code=int(device[-1]))


def judge(wanted: Wanted, twin: AgentTwin, *, applied: bool) -> Verdict:
    """Devices whose number is odd fail, each a bit differently."""
    if not applied:
        return Verdict(Health.PENDING, (Reason("waits"),))
    if twin.code is None or twin.code % 2 == 0:
        return Verdict(Health.HEALTHY)
    modules = ", ".join(path[-1] for path in sorted(wanted))
    return Verdict(Health.FAILING, (Reason(f"{modules} broke", twin.device),))


def counts(twins: Iterable[AgentTwin], of: str) -> tuple[int, int, dict[Health, int]]:
    tally = tallied(on_devices(ALL, twins, judge))[of]
    return tally.targeted, tally.applied, dict(tally.counts)


def test_a_deployment_is_judged_by_the_modules_on_which_it_has_the_last_word() -> None:
    [found] = on_devices(ALL, [agent("gw-1", base=APPLIED, layer=APPLIED)], judge)
    assert found.verdicts["base"].reasons == (Reason("a, edgeAgent, edgeHub broke", "gw-1"),)
    assert found.verdicts["layer"].reasons == (Reason("b broke", "gw-1"),)
    assert (found.base, found.layers, found.health) == ("base", ("layer",), Health.FAILING)


def test_what_devices_say_alike_is_told_once_with_an_example() -> None:
    fleet = [agent(f"gw-{at}", base=APPLIED) for at in (5, 3, 2)]
    fleet += [agent("gw-4", base=MEANT)]
    tally = tallied(on_devices(ALL, fleet, judge))["base"]
    assert tally.told == (
        Told(Health.FAILING, 2, "gw-3", Reason("a, edgeAgent, edgeHub broke", "gw-3")),
        Told(Health.PENDING, 1, "gw-4", Reason("waits")),
    )
    assert (tally.targeted, tally.applied) == (4, 3)


def test_what_is_outranked_is_idle_and_not_pending() -> None:
    fleet = [agent("gw-2", base=APPLIED, low=MEANT)]
    assert counts(fleet, "low") == (1, 0, {Health.IDLE: 1})
    assert counts([agent("gw-2", layer=MEANT)], "layer") == (1, 0, {Health.IDLE: 1})


def test_a_layer_of_twins_only_is_applied_where_the_modules_twin_says_so() -> None:
    assert applied_elsewhere(ALL) == ("twins",)
    fleet = [agent("gw-2", base=APPLIED, twins=MEANT), agent("gw-4", base=APPLIED, twins=MEANT)]
    found = tallied(on_devices(ALL, fleet, judge, frozenset({("gw-4", "twins")})))["twins"]
    assert (found.applied, found.count(Health.HEALTHY), found.count(Health.PENDING)) == (1, 1, 1)


def test_devices_of_no_deployment_and_deployments_that_are_gone_do_not_count() -> None:
    fleet = [agent("gw-1"), agent("gw-2", gone=APPLIED), agent("gw-4", gone=APPLIED, base=APPLIED)]
    assert [each.device for each in on_devices(ALL, fleet, judge)] == ["gw-4"]


def test_only_modules_that_deployments_name_are_read() -> None:
    assert looked_at([UNDER, OVER]) == ("a", "b", "edgeAgent", "edgeHub")


AGENTS = st.lists(
    st.builds(
        AgentTwin,
        st.integers(1, 99).map("gw-{}".format),
        configurations=st.dictionaries(
            st.sampled_from([each.layered.id for each in ALL] + ["gone"]),
            st.sampled_from([APPLIED, MEANT]),
        ),
        code=st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda twin: twin.device,
)


@given(AGENTS, st.randoms(use_true_random=False))
def test_every_targeted_device_is_counted_once_in_whatever_order(
    fleet: list[AgentTwin], random: Random
) -> None:
    found = tallied(on_devices(ALL, fleet, judge))
    for id_, tally in found.items():
        assert tally.targeted == sum(id_ in twin.configurations for twin in fleet)
        assert sum(tally.counts.values()) == tally.targeted >= tally.applied
        assert tally.applied >= tally.count(Health.HEALTHY)
    shuffled = random.sample(fleet, len(fleet))
    assert tallied(on_devices(ALL, shuffled, judge)) == found
