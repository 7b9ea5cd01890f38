"""Configurations through the unmodified SDK."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.client import Client
from tests.emulator.hub.fleet import AGENT, Hub, Json, Sdk, layer, manifest, module


def quoted(configuration: Sdk) -> str:
    return f'"{configuration.etag}"'


def raw(hub: Hub, id_: str) -> Json:
    return hub.deployments.protocol.configuration.get(id_, raw=True).response


def test_a_created_configuration_reads_as_the_service_words_it(hub: Hub) -> None:
    hub.deploy("base-1", manifest({}), "tags.env='x'", 7)
    response = raw(hub, "base-1")
    assert response.headers["ETag"] == '"MQ=="'
    told = response.json()
    assert told.pop("content") == {"modulesContent": manifest({})}
    at = "2026-01-01T12:00:00.0000000Z"
    applied = (
        "select deviceId from devices.modules where moduleId = '$edgeAgent'"
        " and configurations.[[base-1]].status = 'Applied'"
    )
    seen = (
        f"{applied} and properties.desired.$version = properties.reported.lastDesiredVersion"
        " and properties.reported.lastDesiredStatus.code"
    )
    assert told == {
        "id": "base-1",
        "schemaVersion": None,
        "labels": None,
        "targetCondition": "tags.env='x'",
        "createdTimeUtc": at,
        "lastUpdatedTimeUtc": at,
        "priority": 7,
        "systemMetrics": {
            "results": {},
            "queries": {
                "targetedCount": "select deviceId from devices"
                " where capabilities.iotEdge = true and tags.env='x'",
                "appliedCount": applied,
                "reportedSuccessfulCount": f"{seen} = 200",
                "reportedFailedCount": f"{seen} != 200",
            },
        },
        "metrics": {"results": {}, "queries": {}},
        "etag": "MQ==",
    }


def test_a_put_without_if_match_only_creates(hub: Hub) -> None:
    hub.deploy("base", manifest({}))
    status, code, body = hub.refused(lambda: hub.deploy("base", manifest({})))
    assert (status, code) == (409, "ConfigurationAlreadyExists")
    assert "Configuration with id 'base' already exist on IotHub." in body


def test_an_etag_as_the_sdk_documents_it_answers_409(hub: Hub) -> None:
    created = hub.deploy("base", manifest({}))
    refused = hub.refused(lambda: hub.deployments.update_configuration(created, created.etag))
    assert refused[:2] == (409, "ConfigurationAlreadyExists")


def test_a_quoted_etag_updates_once(hub: Hub) -> None:
    created = hub.deploy("base", manifest({}))
    created.priority = 5
    updated = hub.deployments.update_configuration(created, quoted(created))
    assert (updated.priority, updated.etag) == (5, "Mg==")
    stale = hub.refused(lambda: hub.deployments.update_configuration(created, quoted(created)))
    assert stale[:2] == (412, "PreconditionFailed")


@pytest.mark.parametrize("anything", ["*", '"*"'])
def test_a_star_updates_whatever_is_there_and_nothing_else(hub: Hub, anything: str) -> None:
    created = hub.deploy("base", manifest({}))
    assert hub.deployments.update_configuration(created, anything).etag == "Mg=="
    created.id = "other"
    refused = hub.refused(lambda: hub.deployments.update_configuration(created, anything))
    assert refused[:2] == (404, "ConfigurationNotFound")


def test_changed_content_answers_200_and_is_not_kept(hub: Hub) -> None:
    created = hub.deploy("base", manifest({"a": module()}))
    created.content.modules_content = manifest({"b": module()})
    updated = hub.deployments.update_configuration(created, quoted(created))
    assert updated.content.modules_content == manifest({"a": module()})
    assert updated.etag == "Mg=="


def test_changed_content_can_be_switched_to_what_is_documented(hub: Hub) -> None:
    hub.switch(content_change_fails=True)
    created = hub.deploy("base", manifest({"a": module()}))
    created.content.modules_content = manifest({"b": module()})
    refused = hub.refused(lambda: hub.deployments.update_configuration(created, quoted(created)))
    assert refused[:2] == (400, "CannotModifyImmutableConfigurationContent")


def test_an_update_without_content_is_refused(hub: Hub) -> None:
    created = hub.deploy("base", manifest({}))
    created.content = None
    refused = hub.refused(lambda: hub.deployments.update_configuration(created, quoted(created)))
    assert refused[:2] == (400, "InvalidConfigurationContent")


def test_labels_condition_priority_metrics_and_schema_version_change_in_place(hub: Hub) -> None:
    created = hub.deploy("base", manifest({}))
    created.labels = {"owner": "plant-a"}
    created.target_condition = "deviceId='a'"
    created.priority = 9
    created.schema_version = "2.0"
    created.metrics.queries = {"all": "SELECT deviceId FROM devices"}
    hub.deployments.update_configuration(created, quoted(created))
    told = raw(hub, "base").json()
    assert told["labels"] == {"owner": "plant-a"}
    assert (told["targetCondition"], told["priority"]) == ("deviceId='a'", 9)
    assert told["schemaVersion"] == "2.0"
    assert told["metrics"]["queries"] == {"all": "SELECT deviceId FROM devices"}


def test_delete_looks_at_quoted_etags_only(hub: Hub) -> None:
    hub.deploy("base", manifest({}))
    stale = hub.refused(lambda: hub.deployments.delete_configuration("base", '"OTk="'))
    assert stale[:2] == (412, "PreconditionFailed")
    hub.deployments.delete_configuration("base", "OTk=")
    gone = hub.refused(lambda: hub.deployments.delete_configuration("base"))
    assert gone[:2] == (404, "ConfigurationNotFound")
    assert hub.refused(lambda: hub.deployments.get_configuration("base"))[0] == 404


def test_the_list_has_no_pages_and_ignores_top(hub: Hub) -> None:
    for number in range(3):
        hub.deploy(f"base-{number}", manifest({}))
    assert [each.id for each in hub.deployments.get_configurations(1)] == [
        "base-0",
        "base-1",
        "base-2",
    ]


def test_the_hub_is_full_at_its_limit(hub: Hub) -> None:
    hub.switch(configuration_limit=2)
    hub.deploy("one", manifest({}))
    hub.deploy("two", manifest({}))
    refused = hub.refused(lambda: hub.deploy("three", manifest({})))
    assert refused[:2] == (413, "ConfigurationCountLimitExceeded")
    hub.deployments.delete_configuration("one")
    assert hub.deploy("three", manifest({})).etag == "MQ=="


@pytest.mark.parametrize("id_", ["Base", "a.b", "a b", "x" * 129])
def test_ids_are_short_and_in_lower_case(hub: Hub, id_: str) -> None:
    assert hub.refused(lambda: hub.deploy(id_, manifest({})))[0] == 400


def test_an_id_may_have_every_letter_that_is_allowed(hub: Hub) -> None:
    hub.deploy("a-0+%_*!'", manifest({}))
    assert hub.deployments.get_configuration("a-0+%_*!'").id == "a-0+%_*!'"


@pytest.mark.parametrize("labels", [{"a": "x y"}, {"$a": "x"}, {"a": ""}, {"a": "x" * 129}])
def test_labels_are_short_plain_text(hub: Hub, labels: dict[str, str]) -> None:
    refused = hub.refused(lambda: hub.deploy("base", manifest({}), labels=labels))
    assert refused[:2] == (400, "ArgumentInvalid")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"modulesContent": {"m": {"properties.desired": {}}}},
        {"modulesContent": {AGENT: {"desired": {}}}},
        {"modulesContent": {AGENT: {"properties.desired.": {}}}},
        {"modulesContent": {AGENT: {}}, "deviceContent": {"properties.desired.a": 1}},
        {"deviceContent": {"tags.a": 1}},
        {"modulesContent": {AGENT: {"properties.desired": {"a.b": 1}}}},
        {"modulesContent": {AGENT: {"properties.desired": {"a": None}}}},
        {"modulesContent": {AGENT: {"properties.desired": {"a": "x" * 4097}}}},
        {"modulesContent": {AGENT: {"properties.desired": {"a": ["x" * 4000] * 9}}}},
    ],
)
def test_content_that_no_hub_takes_is_refused(hub: Hub, content: dict[str, Any]) -> None:
    service = hub.deployments.protocol.configuration
    given = hub.models.Configuration(id="base", content=content)
    refused = hub.refused(lambda: service.create_or_update("base", given))
    assert refused[:2] == (400, "InvalidConfigurationContent")


def test_a_layer_may_have_routes_only(hub: Hub) -> None:
    routes = {AGENT: {}, "$edgeHub": {"properties.desired.routes.a": "FROM /* INTO $upstream"}}
    assert hub.deploy("routes", routes).etag == "MQ=="


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ('tags.a = "x"', "BadRequest"),
        ("tags.a IN ['x']", "BadRequest"),
        ("capabilities.iotEdge = true", "It contains: capabilities.iotEdge"),
    ],
)
def test_a_target_condition_is_read_at_once(hub: Hub, target: str, message: str) -> None:
    status, code, body = hub.refused(lambda: hub.deploy("base", manifest({}), target))
    assert (status, code) == (400, "InvalidConfigurationTargetCondition")
    assert message in body


def test_queries_are_tested_without_being_refused(hub: Hub) -> None:
    def tested(target: str, **queries: str) -> tuple[str | None, dict[str, str]]:
        told = hub.deployments.test_configuration_queries(
            hub.models.ConfigurationQueriesTestInput(
                target_condition=target, custom_metric_queries=queries
            )
        )
        return told.target_condition_error, told.custom_metric_query_errors

    assert tested("tags.a='x'", n="SELECT deviceId FROM devices") == (None, {})
    error, errors = tested("tags.a IN ['x']", n="SELECT deviceId")
    assert error == "BadRequest"
    assert set(errors) == {"n"}


def test_a_star_is_a_target_condition_but_fails_the_test(hub: Hub, client: Client) -> None:
    hub.deploy("base", manifest({}), "*")
    tested = hub.models.ConfigurationQueriesTestInput(target_condition="*")
    told = hub.deployments.test_configuration_queries(tested)
    assert told.target_condition_error == "BadRequest"
    assert client.control("GET", "requests")["unknown"] == []


def test_a_fetched_configuration_may_be_sent_back_whole(hub: Hub) -> None:
    hub.deploy("base", layer(m=module()), "*", 3)
    fetched = hub.deployments.get_configuration("base")
    assert hub.deployments.update_configuration(fetched, quoted(fetched)).etag == "Mg=="


def test_the_sdk_turns_labels_into_text(hub: Hub) -> None:
    hub.deploy("base", manifest({}), labels={"n": 5})
    assert hub.deployments.get_configuration("base").labels == {"n": "5"}


def test_configurations_of_devices_have_two_metrics(hub: Hub) -> None:
    content = hub.models.ConfigurationContent(device_content={"properties.desired.a": 1})
    hub.deployments.create_configuration(
        hub.configuration("adm", content=content, target_condition="*")
    )
    assert raw(hub, "adm").json()["systemMetrics"]["queries"] == {
        "targetedCount": "select deviceId from devices",
        "appliedCount": "select deviceId from devices"
        " where configurations.[[adm]].status = 'Applied'",
    }
