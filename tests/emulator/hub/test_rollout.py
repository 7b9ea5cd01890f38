"""What deployments do to a fleet over time."""

from __future__ import annotations

from functools import partial

import pytest

from tests.emulator.hub.fleet import AGENT, ANY_IMAGE, Hub, Sdk, layer, manifest, module

TWIN_ONLY = {AGENT: {}, "m": {"properties.desired.section": {"y": 2}}}


def statuses(hub: Hub, module_id: str = AGENT) -> dict[str, str]:
    told = hub.twin("a", module_id).get("configurations", {})
    return {id_: each["status"] for id_, each in told.items()}


def delete(hub: Hub, id_: str) -> None:
    hub.deployments.delete_configuration(id_)
    hub.tick()


def change(hub: Hub, id_: str, **fields: Sdk) -> None:
    """Update in place, with the ETag that is there."""
    configuration = hub.deployments.get_configuration(id_)
    for name, value in fields.items():
        setattr(configuration, name, value)
    hub.deployments.update_configuration(configuration, f'"{configuration.etag}"')
    hub.tick()


def metrics(hub: Hub, id_: str) -> dict[str, int]:
    found: dict[str, int] = hub.deployments.get_configuration(id_).system_metrics.results
    return found


def desired_modules(hub: Hub, device: str = "a") -> set[str]:
    return set(hub.agent(device)["properties"]["desired"].get("modules", {}))


def test_nothing_happens_before_the_background_pass(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.tick()
    hub.deploy("base", manifest({"m": module()}))
    assert statuses(hub) == {}
    assert metrics(hub, "base") == {}
    hub.tick()
    assert statuses(hub) == {"base": "Applied"}
    assert hub.running("a") == {"m"}


def test_conditions_and_metrics_have_their_lags(hub: Hub) -> None:
    hub.switch(condition_lag_seconds=300, metrics_lag_seconds=60)
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({}))
    hub.tick(299)
    assert statuses(hub) == {}
    assert metrics(hub, "base") == {
        "targetedCount": 1,
        "appliedCount": 0,
        "reportedSuccessfulCount": 0,
        "reportedFailedCount": 0,
    }
    hub.tick(1)
    assert statuses(hub) == {"base": "Applied"}
    hub.tick(59)
    assert metrics(hub, "base")["appliedCount"] == 0
    hub.tick(1)
    assert metrics(hub, "base")["reportedSuccessfulCount"] == 1


def test_only_edge_devices_that_match_are_reached(hub: Hub) -> None:
    hub.seed(
        {"deviceId": "a", "tags": {"env": "x"}},
        {"deviceId": "other"},
        {"deviceId": "leaf", "edge": False, "tags": {"env": "x"}},
    )
    hub.deploy("base", manifest({"m": module()}), "tags.env = 'x'")
    hub.tick()
    assert hub.events("base-applied") == [("base-applied", "base")]
    assert metrics(hub, "base")["targetedCount"] == 1


def test_an_or_without_parentheses_counts_more_than_it_reaches(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "leaf", "edge": False})
    hub.deploy("base", manifest({}), "deviceId = 'a' OR deviceId = 'leaf'")
    hub.tick()
    assert metrics(hub, "base")["targetedCount"] == 2
    assert metrics(hub, "base")["appliedCount"] == 1


def test_an_empty_condition_reaches_nobody(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({}), "")
    hub.tick()
    assert statuses(hub) == {}
    assert metrics(hub, "base")["targetedCount"] == 0


def test_merged_properties_carry_the_deployment_in_their_metadata(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.deploy("layer", layer(n=module()), priority=2)
    hub.tick()
    modules = hub.agent("a")["properties"]["desired"]["$metadata"]["modules"]
    assert modules["m"]["$lastUpdatedBy"] == "base"
    assert modules["n"]["settings"]["$lastUpdatedBy"] == "layer"
    assert modules["n"]["$lastUpdatedByDigest"].isdigit()


def test_listed_modules_get_identities_and_twins(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    content = manifest({"m": module()}) | {"extra": {"properties.desired": {"x": 1}}}
    hub.deploy("base", content)
    hub.tick()
    names = [each.module_id for each in hub.registry.get_modules("a")]
    assert names == ["$edgeAgent", "$edgeHub", "extra", "m"]
    assert hub.twin("a", "extra")["properties"]["desired"]["x"] == 1
    assert statuses(hub, "extra") == {"base": "Applied"}


def test_the_next_best_base_takes_over_when_the_best_goes(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("low", manifest({"old": module()}), priority=1)
    hub.deploy("high", manifest({"new": module()}), priority=2)
    hub.tick()
    assert statuses(hub) == {"high": "Applied", "low": "Targeted"}
    delete(hub, "high")
    assert statuses(hub) == {"low": "Applied"}
    assert hub.running("a") == {"old"}


def test_a_base_is_replaced_by_a_newer_one_without_a_gap(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base-1", manifest({"m": module()}), priority=1)
    hub.tick(1)
    hub.deploy("base-2", manifest({"m": module(), "n": module()}), priority=1)
    hub.tick(1)
    delete(hub, "base-1")
    assert hub.events("base-applied", "base-none") == [
        ("base-applied", "base-1"),
        ("base-applied", "base-2"),
    ]
    assert ("module-stopped", "m") not in hub.events()


def test_a_base_that_goes_without_another_changes_nothing_on_the_device(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    before = hub.agent("a")["properties"]["desired"]
    delete(hub, "base")
    assert hub.agent("a")["properties"]["desired"] == before
    assert statuses(hub) == {}
    assert hub.running("a") == {"m"}
    assert hub.events("base-none") == [("base-none", "base")]


def test_a_deleted_deployment_leaves_its_desired_properties_in_module_twins(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.deploy("twin", TWIN_ONLY, priority=2)
    hub.tick()
    delete(hub, "twin")
    assert hub.twin("a", "m")["properties"]["desired"]["section"] == {"y": 2}
    assert statuses(hub, "m") == {}


def test_a_layer_that_goes_takes_its_modules_along(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.deploy("layer", layer(n=module()), priority=2)
    hub.tick()
    assert hub.running("a") == {"m", "n"}
    delete(hub, "layer")
    assert hub.running("a") == {"m"}
    assert hub.events("module-removed") == [("module-removed", "n")]


def test_a_layer_that_goes_leaves_its_modules_in_the_other_reading(hub: Hub) -> None:
    hub.switch(removed_layer="stay")
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.deploy("layer", layer(n=module()), priority=2)
    hub.tick()
    delete(hub, "layer")
    assert hub.running("a") == {"m", "n"}
    hub.deploy("base-2", manifest({"m": module()}), priority=1)
    hub.tick()
    assert hub.running("a") == {"m"}


def test_a_layer_of_twins_only_is_never_applied_in_the_agents_twin(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.deploy("twin", TWIN_ONLY, priority=2)
    hub.tick()
    assert statuses(hub)["twin"] == "Targeted"
    assert statuses(hub, "m") == {"twin": "Applied"}
    assert metrics(hub, "twin")["appliedCount"] == 0


def test_a_section_leaves_the_rest_of_a_module_twin_to_others(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "modules": ["m"]})
    mine = hub.models.Twin.from_dict({"properties": {"desired": {"mine": 1}}})
    hub.registry.update_module_twin("a", "m", mine)
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.deploy("twin", TWIN_ONLY, priority=2)
    hub.tick()
    desired = hub.twin("a", "m")["properties"]["desired"]
    assert (desired["mine"], desired["section"]) == (1, {"y": 2})
    assert desired["$metadata"]["section"]["$lastUpdatedBy"] == "twin"
    assert "$lastUpdatedBy" not in desired["$metadata"]["mine"]


@pytest.mark.parametrize("priority", [0, 5])
def test_a_layer_not_above_its_base_is_ignored(hub: Hub, priority: int) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=5)
    hub.deploy("layer", layer(n=module()), priority=priority)
    hub.tick()
    assert statuses(hub) == {"base": "Applied", "layer": "Targeted"}
    change(hub, "layer", priority=6)
    assert hub.running("a") == {"m", "n"}


def test_tags_and_conditions_move_devices_between_bases(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"ring": "one"}})
    hub.deploy("one", manifest({"m1": module()}), "tags.ring = 'one'")
    hub.deploy("two", manifest({"m2": module()}), "tags.ring = 'two'")
    hub.tick()
    hub.registry.update_twin("a", hub.models.Twin(tags={"ring": "two"}))
    hub.tick()
    assert hub.running("a") == {"m2"}
    change(hub, "two", target_condition="tags.ring = 'three'")
    change(hub, "one", target_condition="tags.ring = 'two'")
    assert hub.running("a") == {"m1"}


def test_changing_labels_touches_no_device(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick()
    before = hub.agent("a")
    change(hub, "base", labels={"commit": "abc"})
    assert hub.agent("a") == before


def test_a_lower_deployment_that_comes_or_goes_rewrites_no_twin(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("high", manifest({"m": module()}), priority=2)
    hub.tick()
    before = hub.agent("a")["properties"]
    hub.deploy("low", manifest({"m": module()}), priority=1)
    hub.tick()
    delete(hub, "low")
    assert hub.agent("a")["properties"] == before


def test_a_merged_manifest_over_32_kilobytes_is_not_applied(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}), priority=1)
    hub.tick()
    big = {f"v{number}": {"value": "x" * 4000} for number in range(5)}
    for number in (2, 3):
        hub.deploy(f"layer-{number}", layer(**{f"n{number}": module(env=big)}), priority=number)
    hub.tick()
    assert statuses(hub) == {"base": "Targeted", "layer-2": "Targeted", "layer-3": "Targeted"}
    assert hub.running("a") == {"m"}
    assert hub.events("manifest-refused") == [("manifest-refused", "base")]


def test_a_deployment_that_is_gone_counts_no_longer_when_another_one_comes(hub: Hub) -> None:
    hub.switch(condition_lag_seconds=300)
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}))
    hub.deploy("layer", layer(more=module()), priority=5)
    hub.tick(300)
    assert hub.running("a") == {"m", "more"}
    hub.deploy("later", layer(last=module()), priority=6)
    hub.tick(100)
    hub.deployments.delete_configuration("layer")
    hub.tick(200)
    assert hub.running("a") == {"m", "last"}


def test_a_manifest_by_hand_lasts_until_the_next_evaluation(hub: Hub) -> None:
    hub.switch(condition_lag_seconds=300)
    hub.seed({"deviceId": "a"}, {"deviceId": "leaf", "edge": False})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick(300)
    content = hub.models.ConfigurationContent(modules_content=manifest({"hand": module()}))
    hub.deployments.apply_configuration_on_edge_device("a", content)
    hub.tick()
    assert hub.running("a") == {"hand"}
    hub.tick(300)
    assert hub.running("a") == {"m"}
    for device, status in (("leaf", 400), ("nobody", 404)):
        refused = hub.refused(
            partial(hub.deployments.apply_configuration_on_edge_device, device, content)
        )
        assert refused[0] == status


def test_custom_metrics_count_rows(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "b", "agent": "offline"})
    queries = {
        "running": "SELECT deviceId FROM devices.modules WHERE moduleId = '$edgeAgent'"
        " AND properties.reported.modules.m.runtimeStatus = 'running'",
        "nonsense": "select *",
    }
    hub.deploy(
        "base",
        manifest({"m": module()}),
        metrics=hub.models.ConfigurationMetrics(queries=queries),
    )
    hub.tick()
    assert hub.deployments.get_configuration("base").metrics.results == {"running": 1}


def test_a_device_that_comes_later_is_reached_too(hub: Hub) -> None:
    hub.deploy("base", manifest({"m": module()}), "tags.env = 'x'")
    hub.tick()
    hub.seed({"deviceId": "a", "tags": {"env": "x"}})
    hub.tick()
    assert hub.running("a") == {"m"}


def test_a_configuration_made_again_under_its_id_is_another_one(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick(1)
    hub.deployments.delete_configuration("base")
    hub.deploy("base", manifest({"n": module()}))
    hub.tick(1)
    assert hub.running("a") == {"n"}
    assert hub.events("base-none") == []


def test_configurations_of_devices_are_kept_but_not_carried_out(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    content = hub.models.ConfigurationContent(device_content={"properties.desired.x": 1})
    hub.deployments.create_configuration(
        hub.configuration("adm", content=content, target_condition="*")
    )
    hub.tick()
    assert "x" not in hub.twin("a")["properties"]["desired"]
    assert metrics(hub, "adm") == {"targetedCount": 1, "appliedCount": 0}


def test_history_tells_the_digest_of_the_manifest_and_when(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "b"})
    hub.deploy("base", manifest({"m": module()}))
    hub.tick(5)
    told = hub.client.control("GET", "history?device=b&event=base-applied")["events"]
    assert [(each["deviceId"], each["at"][:19]) for each in told] == [("b", "2026-01-01T12:00:05")]
    assert len(told[0]["detail"]) == 64
    started = hub.client.control("GET", "history?device=b&subject=m")["events"]
    assert [(each["event"], each["detail"]) for each in started] == [("module-started", ANY_IMAGE)]
    assert "hub_history" in hub.client.control("GET", "snapshot")


def test_desired_modules_follow_the_set_of_deployments(hub: Hub) -> None:
    hub.seed(*({"deviceId": name, "tags": {name: True}} for name in ("a", "b", "c")))
    hub.deploy("base", manifest({"m": module()}), "*", 1)
    hub.deploy("for-a", layer(a=module()), "tags.a = true", 2)
    hub.deploy("for-ab", layer(ab=module()), "tags.a = true OR tags.b = true", 3)
    hub.tick()
    found = {name: desired_modules(hub, name) for name in ("a", "b", "c")}
    assert found == {"a": {"m", "a", "ab"}, "b": {"m", "ab"}, "c": {"m"}}
