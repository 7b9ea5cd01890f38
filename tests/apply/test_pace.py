"""How much is done at a time, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Barrier

from reconciler.apply import Pace, execute
from reconciler.model import Observed, Resolved, Resource
from reconciler.plan import Plan, Result
from reconciler.providers.memory import MemoryCloud, MemoryHandler
from reconciler.providers.port import Handler, Provider, Reading
from tests.fleets import holding, lines, plan_for, stack

FLEET = (*stack("a"), *stack("b"))


@dataclass
class Meeting:
    """A handler whose first creations go on only when as many others have begun."""

    inner: MemoryHandler
    barrier: Barrier
    begun: list[str] = field(default_factory=list)

    def observe(self, wanted: Sequence[Resource]) -> Reading:
        return self.inner.observe(wanted)

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        self.begun.append(str(want.id))
        self.barrier.wait(timeout=5)
        return self.inner.create(want, resolved)

    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        return self.inner.update(have, want, resolved)

    def delete(self, have: Observed) -> None:
        self.inner.delete(have)


def meeting(cloud: MemoryCloud, parties: int) -> Provider:
    handlers: dict[str, Handler] = {**cloud.handlers}
    handlers["Model"] = Meeting(cloud.handlers["Model"], Barrier(parties))
    return Provider("meeting", handlers)


def done(plan: Plan, provider: Provider, pace: Pace) -> list[tuple[str, Result]]:
    return [(lines([o.change])[0], o.result) for o in execute(plan, provider, pace)]


def test_what_does_not_depend_on_each_other_goes_side_by_side() -> None:
    cloud = holding()
    plan = plan_for(cloud, FLEET)
    # With one worker the first would wait for the second in vain, and fail loudly.
    outcomes = done(plan, meeting(cloud, 2), Pace(workers=4))
    assert {result for _, result in outcomes} == {Result.APPLIED}
    assert sorted(line for line, _ in outcomes) == sorted(lines(plan.changes))
    assert plan_for(cloud, FLEET).changes == ()


def test_side_by_side_nothing_comes_before_what_it_needs() -> None:
    cloud = holding()
    plan = plan_for(cloud, FLEET)
    order = [line for line, _ in done(plan, cloud.provider, Pace(workers=8))]
    for name in ("a", "b"):
        model, image, deployment = (
            order.index(f"CREATE {kind}/{name} MISSING")
            for kind in ("Model", "Image", "Deployment")
        )
        assert model < image < deployment


def test_one_at_a_time_keeps_the_order_of_the_plan() -> None:
    cloud = holding()
    plan = plan_for(cloud, FLEET)
    assert [line for line, _ in done(plan, cloud.provider, Pace())] == lines(plan.changes)


def after(writes: int, cloud: MemoryCloud) -> Callable[[], str]:
    return lambda: "the time budget is spent" if cloud.writes >= writes else ""


def test_nothing_more_is_begun_once_a_run_is_halted() -> None:
    cloud = holding()
    plan = plan_for(cloud, stack("a"))
    outcomes = list(execute(plan, cloud.provider, Pace(halted=after(2, cloud))))
    assert [outcome.result for outcome in outcomes] == [
        Result.APPLIED,
        Result.APPLIED,
        Result.BLOCKED,
        Result.BLOCKED,
    ]
    assert outcomes[2].detail == "the time budget is spent"
    assert "run again" in outcomes[2].remedy
    assert cloud.writes == 2


def test_the_next_run_goes_on_where_this_one_was_halted() -> None:
    cloud = holding()
    list(execute(plan_for(cloud, FLEET), cloud.provider, Pace(halted=after(3, cloud))))
    assert {result for _, result in done(plan_for(cloud, FLEET), cloud.provider, Pace())} == {
        Result.APPLIED
    }
    assert cloud.writes == len(FLEET)


def test_an_outcome_says_how_long_it_took() -> None:
    cloud, clock = holding(), iter(range(100))
    pace = Pace(now=lambda: float(next(clock)))
    outcomes = list(execute(plan_for(cloud, stack("a")), cloud.provider, pace))
    assert [outcome.seconds for outcome in outcomes] == [1.0] * 4


def test_what_left_git_goes_last_even_side_by_side() -> None:
    cloud = holding(*stack("a"))
    outcomes = done(plan_for(cloud, stack("b")), cloud.provider, Pace(workers=8))
    actions = [line.split()[0] for line, _ in outcomes]
    assert actions == ["CREATE"] * 4 + ["DELETE"] * 4
