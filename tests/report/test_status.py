"""The table of deployments and that of devices."""

from __future__ import annotations

from dataclasses import replace

from reconciler.edge.reported import Health, ModuleReport, Reason, Verdict
from reconciler.plan import Plan
from reconciler.plan.standing import OnDevice, Tally, Told
from reconciler.report import devices, status
from tests.report import scenes

BROKEN = Reason("app: backoff, exit code 1", "restarted 7 times")
DEVICE = OnDevice(
    "gw-1",
    "base",
    ("layer",),
    {
        "base": Verdict(Health.HEALTHY),
        "layer": Verdict(Health.FAILING, (BROKEN,)),
        "low": Verdict(Health.IDLE, (Reason("outranked"),)),
    },
    frozenset({"base"}),
    {
        ("modules", "app"): ModuleReport("backoff", 1, 7, "x.io/app:1"),
        ("modules", "b"): ModuleReport("running", 0, 0, "x.io/b:1"),
    },
)


def tally(*told: Told, **counts: int) -> Tally:
    healths = {Health(name): count for name, count in counts.items()}
    return Tally(sum(counts.values()), counts.get("healthy", 0), healths, told)


def live(plan: Plan) -> str:
    [row] = status.rows(plan, {})
    return row.address


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_each_deployment_is_counted_and_its_reasons_stand_below_it() -> None:
    plan = scenes.nothing()
    told = Told(Health.FAILING, 2, "gw-1", BROKEN)
    found = status.rows(plan, {live(plan): tally(told, healthy=3, failing=2, offline=1)})
    assert squeezed(status.table(found)) == [
        "DEPLOYMENT CONFIGURATION SYNC TARGETED APPLIED HEALTHY FAILING PENDING OFFLINE",
        f"vision {live(plan)} in sync 6 3 3 2 0 1",
        "failing: 2 devices, such as gw-1: app: backoff, exit code 1, restarted 7 times",
    ]
    assert status.failing(found)
    assert not status.unfinished(found)


def test_what_the_hub_has_not_counted_yet_is_not_zero() -> None:
    assert squeezed(status.table(status.rows(scenes.create(), {})))[1:] == [
        "vision - to be created - - - - - -"
    ]
    assert status.unfinished(status.rows(scenes.create(), {}))


def test_what_is_pending_is_unfinished_and_what_is_offline_is_not() -> None:
    plan = scenes.nothing()
    assert status.unfinished(status.rows(plan, {live(plan): tally(pending=1)}))
    assert not status.unfinished(status.rows(plan, {live(plan): tally(offline=1)}))


def test_a_count_that_the_hub_does_not_share_is_doubted() -> None:
    plan = scenes.nothing()
    counting = replace(
        plan,
        unchanged=tuple(
            replace(c, before=replace(c.before, status={"targeted": 8})) if c.before else c
            for c in plan.unchanged
        ),
    )
    found = status.rows(counting, {live(plan): tally(healthy=7)})
    assert squeezed(status.table(found))[2] == (
        "the hub itself counts 8 targeted devices: one of its two answers is late"
    )
    assert found[0].document()["targeted_by_hub"] == 8
    assert status.rows(counting, {})[0].counts == (8, None, None, None, None, None)


def test_many_reasons_are_counted_and_long_ones_cut() -> None:
    plan = scenes.nothing()
    many = [Told(Health.FAILING, 1, "gw-1", Reason(f"{at}" * 400)) for at in range(8)]
    lines = status.table(status.rows(plan, {live(plan): tally(*many, failing=8)})).splitlines()
    assert lines[-1] == "  ... and 3 reasons more (--format json)"
    assert max(len(line) for line in lines[2:]) < 300


def test_a_glob_narrows_the_table() -> None:
    plan = scenes.removal()
    assert [row.name for row in status.rows(plan, {}, ["Deployment/g*"])] == ["gone"]
    assert status.rows(plan, {}, ["Image/*"]) == ()


def test_programs_get_counts_and_every_reason() -> None:
    plan = scenes.nothing()
    told = Told(Health.FAILING, 2, "gw-1", BROKEN)
    [row] = status.rows(plan, {live(plan): tally(told, failing=2)})
    found = row.document()
    assert (found["targeted"], found["failing"], found["pending"]) == (2, 2, 0)
    assert found["reasons"] == (
        {
            "health": "failing",
            "reason": "app: backoff, exit code 1",
            "devices": 2,
            "example": {"device": "gw-1", "detail": "restarted 7 times"},
        },
    )


def test_a_device_says_what_it_runs_and_what_is_amiss() -> None:
    assert squeezed(devices.table([DEVICE], {"base", "layer", "low"})) == [
        "DEVICE HEALTH BASE LAYERS APPLIED MODULES",
        "gw-1 failing base layer 1 of 2 1 running, app backoff",
        "layer: app: backoff, exit code 1, restarted 7 times",
        "low: outranked",
    ]


def test_a_device_is_as_healthy_as_the_deployments_that_are_asked_for() -> None:
    [told] = devices.concerned([DEVICE], {"base"})
    assert told[1] is Health.HEALTHY
    assert devices.table([DEVICE], {"other"}) == "No device.\n"


def test_programs_get_every_module_of_a_device() -> None:
    [told] = devices.documents([DEVICE], {"layer"})
    assert isinstance(told, dict)
    assert told["deployments"] == (
        {
            "configuration": "layer",
            "applied": False,
            "health": "failing",
            "reasons": ("app: backoff, exit code 1, restarted 7 times",),
        },
    )
    assert [each["name"] for each in told["modules"]] == ["app", "b"]


def test_what_comes_from_devices_cannot_act_on_a_terminal() -> None:
    hostile = OnDevice(
        "gw\x1b[31m", "b\n", (), {"b": Verdict(Health.FAILING, (Reason("x\x9b"),))}, frozenset()
    )
    assert devices.table([hostile], {"b"}).isprintable() is False  # for its line ends alone
    assert all(line.isprintable() for line in devices.table([hostile], {"b"}).splitlines())
