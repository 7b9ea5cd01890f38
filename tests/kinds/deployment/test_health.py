"""The rules of health: what a deployment wants, what an agent reports, and what that comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge import plain
from reconciler.edge.reported import (
    AgentTwin,
    Connection,
    Health,
    ModuleReport,
    Verdict,
    agent_twin,
)
from reconciler.kinds.deployment.health import judged
from reconciler.model import FieldPath, Value, mapping
from tests.edge.manifests import module

ONE, TWO = "x.azurecr.io/m:1", "x.azurecr.io/m:2"
PATH = ("modules", "m")
PULL_FAILED = (
    f"One or more errors occurred. (Could not pull image {ONE}, image pull failed with reason: no)"
)
FINE = AgentTwin(
    "gw-1",
    Connection.CONNECTED,
    {"d": "Applied"},
    wanted_version=3,
    taken_version=3,
    code=200,
    modules={PATH: ModuleReport("running", 0, 0, ONE)},
)


def wanted(**fields: object) -> dict[FieldPath, Value]:
    return {PATH: plain(module(ONE, **fields))}


def having(
    status: str, exit_code: int | None = 0, restarts: int = 0, image: str = ONE
) -> AgentTwin:
    return replace(FINE, modules={PATH: ModuleReport(status, exit_code, restarts, image)})


def said(verdict: Verdict) -> tuple[Health, str]:
    return verdict.health, "; ".join(str(reason) for reason in verdict.reasons)


def on(twin: AgentTwin, **fields: object) -> tuple[Health, str]:
    return said(judged(wanted(**fields), twin, applied=True))


def test_modules_that_run_as_wanted_are_healthy() -> None:
    assert on(FINE) == (Health.HEALTHY, "")


def test_code_200_does_not_hide_a_module_that_crashes() -> None:
    assert on(having("backoff", 1, 7)) == (
        Health.FAILING,
        "m: backoff, exit code 1, restarted 7 times",
    )
    assert on(having("failed", 137, 1))[1] == "m: failed, exit code 137, restarted 1 time"
    assert on(having("unhealthy", None))[1] == "m: unhealthy"


def test_a_module_that_ended_well_is_left_alone_unless_it_always_runs() -> None:
    assert on(having("stopped", 0), restartPolicy="on-failure") == (Health.HEALTHY, "")
    assert on(having("stopped", 0))[0] is Health.FAILING
    assert on(having("stopped", 0), status="stopped")[0] is Health.HEALTHY
    assert on(FINE, status="stopped") == (Health.PENDING, "m: running, and is to stop")


def test_what_the_agent_has_not_worked_on_yet_is_pending() -> None:
    assert said(judged(wanted(), FINE, applied=False)) == (
        Health.PENDING,
        "the hub has not applied it yet",
    )
    assert on(replace(FINE, taken_version=2)) == (
        Health.PENDING,
        "its agent has not reported since it was applied",
    )
    assert on(AgentTwin("gw-1")) == (Health.PENDING, "its agent has never reported")
    assert on(having("unknown"))[0] is Health.PENDING


def test_an_image_that_cannot_be_pulled_fails_in_the_words_of_the_agent() -> None:
    twin = replace(FINE, code=500, description=PULL_FAILED, modules={})
    reason = PULL_FAILED.removeprefix("One or more errors occurred. (").removesuffix(")")
    assert on(twin) == (Health.FAILING, f"m: {reason}")
    still = replace(having("running", image=TWO), code=500, description=PULL_FAILED)
    assert on(still) == (Health.FAILING, f"m: {reason}, still runs {TWO}")


def test_a_pull_that_takes_its_time_is_no_failure() -> None:
    twin = replace(FINE, code=500, description="The operation was canceled.", modules={})
    assert on(twin) == (Health.PENDING, f"m: {ONE} is still being pulled")


@pytest.mark.parametrize("code", [406, 417])
def test_an_agent_that_starts_again_is_pending(code: int) -> None:
    assert on(replace(FINE, code=code, modules={}))[0] is Health.PENDING


def test_another_modules_trouble_is_not_this_deployments() -> None:
    other = PULL_FAILED.replace(ONE, TWO)
    assert on(replace(FINE, code=500, description=other)) == (Health.HEALTHY, "")
    waits = replace(FINE, code=500, description=other, modules={})
    assert on(waits) == (Health.PENDING, f"m: {ONE} does not run yet")


def test_a_manifest_that_the_agent_refuses_fails_for_all() -> None:
    twin = replace(FINE, code=412, description="The schema version 2.0 is not supported")
    assert on(twin) == (
        Health.FAILING,
        "its agent refuses the manifest (code 412), The schema version 2.0 is not supported",
    )


def test_a_module_that_is_not_there_although_all_is_well_fails() -> None:
    assert on(replace(FINE, modules={})) == (Health.FAILING, f"m: its agent does not run {ONE}")


def test_what_a_device_last_said_is_no_news_when_it_is_offline() -> None:
    gone = replace(FINE, connection=Connection.DISCONNECTED)
    assert on(gone) == (Health.OFFLINE, "not connected, last seen: healthy")
    silent = AgentTwin("gw-1", Connection.DISCONNECTED)
    assert on(silent) == (Health.OFFLINE, "not connected, last seen: its agent has never reported")


def test_the_worst_of_several_modules_counts() -> None:
    two = {**wanted(), ("modules", "n"): plain(module(TWO))}
    reports: dict[FieldPath, ModuleReport] = {
        PATH: ModuleReport("unknown"),
        ("modules", "n"): ModuleReport("failed", 2, 0, TWO),
    }
    verdict = judged(two, replace(FINE, modules=reports), applied=True)
    assert said(verdict) == (Health.FAILING, "n: failed, exit code 2")


@pytest.mark.parametrize(
    "reported",
    [
        {},
        {"lastDesiredStatus": None, "modules": {"m": None}},
        {"lastDesiredVersion": True, "lastDesiredStatus": {"code": "200"}, "modules": []},
        {"lastDesiredVersion": 3.0, "modules": {"m": {"settings": "x", "restartCount": None}}},
    ],
)
def test_a_twin_with_missing_sections_is_pending_with_a_reason(reported: object) -> None:
    document = {
        "deviceId": "gw-1",
        "properties": {"desired": {"$version": 3}, "reported": reported},
    }
    verdict = judged(wanted(), agent_twin(mapping(plain(document))), applied=True)
    assert verdict.health is Health.PENDING
    assert verdict.reasons[0].text


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["modules", "m", "lastDesiredStatus", "code", "settings", "image"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_no_twin_is_too_strange_to_be_judged(
    reported: object, desired: object, id_: object
) -> None:
    document = {"deviceId": id_, "properties": {"reported": reported, "desired": desired}}
    verdict = judged(wanted(), agent_twin(mapping(plain(document))), applied=True)
    assert verdict.health in Health
    assert (verdict.health is Health.HEALTHY) == (not verdict.reasons)
