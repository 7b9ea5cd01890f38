"""One simulated agent, turn by turn."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from reconciler.emulator.hub import agent, state
from reconciler.emulator.hub.agent import PullError, Step, World
from reconciler.emulator.hub.behaviour import Behaviour, Mode
from reconciler.emulator.hub.history import Event
from reconciler.emulator.hub.manifest import Credential
from reconciler.emulator.hub.state import State
from tests.emulator.hub.fleet import AGENT, Json, manifest, module

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
ONLINE = Behaviour()


def desired(modules: dict[str, Any], **more: Json) -> dict[str, Any]:
    content: dict[str, Any] = manifest(modules, **more)[AGENT]["properties.desired"]
    return content


def turn(before: State, wanted: dict[str, Any], at: float = 0, told: Behaviour = ONLINE) -> Step:
    def pull(reference: str, _credential: Credential | None) -> str:
        if "missing" in reference:
            raise PullError("manifest unknown")
        return f"hash of {reference}"

    world = World(START + timedelta(seconds=at), told, pull)
    # as between two turns of a real pass
    return agent.advance(state.stored(before.as_text()), wanted, world)


def happened(step: Step) -> list[tuple[Event, str]]:
    return [(each.event, each.subject) for each in step.happenings]


def code(step: Step) -> int:
    assert step.report is not None
    told: int = step.report["lastDesiredStatus"]["code"]
    return told


def started(modules: dict[str, Any]) -> State:
    return turn(State(), desired(modules)).state


def test_a_first_manifest_starts_the_runtime_and_the_modules() -> None:
    step = turn(State(), desired({"m": module(startupOrder=1), "n": module(startupOrder=0)}))
    order = [subject for event, subject in happened(step) if event is Event.MODULE_STARTED]
    assert order == ["edgeAgent", "edgeHub", "n", "m"]
    assert code(step) == 200
    assert step.report is not None
    told = step.report["modules"]["m"]
    assert (told["runtimeStatus"], told["restartCount"]) == ("running", 0)
    assert told["settings"]["imageHash"] == f"hash of {told['settings']['image']}"


def test_the_same_manifest_again_restarts_nothing() -> None:
    step = turn(started({"m": module()}), desired({"m": module()}), at=9)
    assert happened(step) == []
    assert step.report is not None
    assert step.report["modules"]["m"]["lastStartTimeUtc"].startswith("2026-01-01T00:00:00")


def test_another_image_environment_or_version_creates_the_module_anew() -> None:
    for changed in (
        module("mcr.microsoft.com/thing:2"),
        module(env={"A": {"value": 1}}),
        module(version="2"),
        module(createOptions='{"HostConfig":{}}'),
        module(restartPolicy="never"),
    ):
        step = turn(started({"m": module()}), desired({"m": changed}))
        assert happened(step) == [(Event.MODULE_STOPPED, "m"), (Event.MODULE_STARTED, "m")]


def test_white_space_in_create_options_restarts_nothing() -> None:
    before = started({"m": module(createOptions='{"a": {"b": 1}}')})
    assert happened(turn(before, desired({"m": module(createOptions='{"a":{"b":1}}')}))) == []


def test_create_options_in_chunks_are_one_text() -> None:
    chunked = module(createOptions='{"a":')
    chunked["settings"]["createOptions01"] = '{"b": 1}}'
    before = started({"m": module(createOptions='{"a": {"b": 1}}')})
    assert happened(turn(before, desired({"m": chunked}))) == []


def test_a_status_only_stops_and_starts() -> None:
    stopped = turn(started({"m": module()}), desired({"m": module(status="stopped")}))
    assert happened(stopped) == [(Event.MODULE_STOPPED, "m")]
    again = turn(stopped.state, desired({"m": module()}))
    assert happened(again) == [(Event.MODULE_STARTED, "m")]


def test_other_registry_credentials_restart_nothing() -> None:
    acr = {"acr": {"address": "h", "username": "u", "password": "p"}}
    step = turn(started({"m": module()}), desired({"m": module()}, credentials=acr))
    assert happened(step) == []
    assert code(step) == 200


def test_a_module_that_is_not_wanted_any_more_is_removed() -> None:
    step = turn(started({"m": module(), "n": module()}), desired({"n": module()}))
    assert happened(step) == [(Event.MODULE_STOPPED, "m"), (Event.MODULE_REMOVED, "m")]


def test_a_slow_pull_is_silent_for_a_minute_then_reports_500_then_200() -> None:
    slow = Behaviour(Mode.SLOW, 90, ("m",))
    wanted = desired({"m": module("mcr.microsoft.com/big:1")})
    first = turn(started({}), wanted, told=slow)
    assert first.report is None
    assert first.wake_at == START + timedelta(seconds=61)
    second = turn(first.state, wanted, at=61, told=slow)
    assert code(second) == 500
    assert second.report is not None
    assert second.report["lastDesiredStatus"]["description"] == "The operation was canceled."
    assert second.wake_at == START + timedelta(seconds=90)
    third = turn(second.state, wanted, at=90, told=slow)
    assert code(third) == 200
    assert happened(third) == [(Event.MODULE_STARTED, "m")]


def test_modules_are_swapped_as_they_are_ready_unless_told_to_wait() -> None:
    slow = Behaviour(Mode.SLOW, 90, ("m",))
    new = {"m": module("mcr.microsoft.com/m:2"), "n": module("mcr.microsoft.com/n:2")}
    before = started({"m": module(), "n": module()})
    assert (Event.MODULE_STARTED, "n") in happened(turn(before, desired(new), told=slow))
    waits = desired(new, mode="WaitForAllPulls")
    assert happened(turn(before, waits, told=slow)) == []


def test_the_old_module_runs_until_the_new_image_is_there() -> None:
    step = turn(started({"m": module()}), desired({"m": module("mcr.microsoft.com/missing:1")}))
    assert happened(step) == [(Event.PULL_FAILED, "m")]
    assert code(step) == 500
    assert step.state.containers["m"].status == "running"
    assert step.wake_at == START + timedelta(seconds=60)


def test_a_failing_device_pulls_nothing() -> None:
    step = turn(State(), desired({"m": module()}), told=Behaviour(Mode.FAILING))
    assert code(step) == 500
    assert (Event.PULL_FAILED, "m") in happened(step)


def test_a_crashing_module_backs_off_while_the_code_stays_200() -> None:
    crashing = Behaviour(Mode.CRASHING, 0, ("m",))
    wanted = desired({"m": module(), "n": module()})
    first = turn(State(), wanted, told=crashing)
    second = turn(first.state, wanted, at=10, told=crashing)
    third = turn(second.state, wanted, at=30, told=crashing)
    assert [code(step) for step in (first, second, third)] == [200, 200, 200]
    assert third.report is not None
    told = third.report["modules"]["m"]
    assert (told["runtimeStatus"], told["restartCount"], told["exitCode"]) == ("backoff", 2, 1)
    assert third.report["modules"]["n"]["runtimeStatus"] == "running"
    healed = turn(third.state, wanted, at=31)
    assert (Event.MODULE_STARTED, "m") in happened(healed)


def test_a_module_that_must_not_restart_stays_failed() -> None:
    crashing = Behaviour(Mode.CRASHING, 0, ("m",))
    wanted = desired({"m": module(restartPolicy="never")})
    first = turn(State(), wanted, told=crashing)
    second = turn(first.state, wanted, at=999, told=crashing)
    assert second.report is not None
    assert second.report["modules"]["m"]["runtimeStatus"] == "failed"
    assert happened(second) == []


def test_a_tag_that_moves_is_not_pulled_again() -> None:
    before = started({"m": module()})
    before.images[module()["settings"]["image"]] = "the old hash"
    step = turn(before, desired({"m": module(version="2")}))
    assert step.report is not None
    assert step.report["modules"]["m"]["settings"]["imageHash"] == "the old hash"


def test_an_empty_an_alien_and_a_broken_manifest_have_their_codes() -> None:
    alien = desired({}) | {"schemaVersion": "2.0"}
    broken = {"schemaVersion": "1.1", "modules": {}}
    bad_options = desired({"m": module(createOptions="{")})
    codes = [code(turn(State(), each)) for each in ({}, alien, broken, bad_options)]
    assert codes == [417, 412, 400, 400]


def test_a_manifest_that_is_refused_leaves_the_modules_running() -> None:
    step = turn(started({"m": module()}), {"schemaVersion": "1.1"})
    assert step.report is not None
    assert step.report["modules"]["m"]["runtimeStatus"] == "running"
