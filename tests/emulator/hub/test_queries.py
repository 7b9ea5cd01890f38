"""Queries, throttles and lagging answers through the unmodified SDK."""

from __future__ import annotations

from tests.emulator.hub.fleet import Hub, Sdk, manifest

ALL = "SELECT * FROM devices"
IDS = "SELECT deviceId FROM devices"


def ids(hub: Hub) -> list[str]:
    return [row["deviceId"] for row in hub.query(IDS)]


def page(hub: Hub, text: str, size: int | None = None, token: str | None = None) -> Sdk:
    specification = hub.models.QuerySpecification(query=text)
    return hub.registry.query_iot_hub(specification, token, size)


def response(hub: Hub, text: str) -> Sdk:
    specification = hub.models.QuerySpecification(query=text)
    return hub.registry.protocol.query.get_twins(specification, raw=True).response


def test_pages_follow_each_other_by_continuation(hub: Hub) -> None:
    hub.seed(*({"deviceId": f"d{number}"} for number in range(5)))
    first = page(hub, ALL, 2)
    second = page(hub, ALL, 2, first.continuation_token)
    third = page(hub, ALL, 2, second.continuation_token)
    assert [len(each.items) for each in (first, second, third)] == [2, 2, 1]
    assert third.continuation_token is None
    found = [twin.device_id for each in (first, second, third) for twin in each.items]
    assert found == [f"d{number}" for number in range(5)]


def test_the_last_page_has_no_continuation_even_when_it_is_full(hub: Hub) -> None:
    hub.seed(*({"deviceId": f"d{number}"} for number in range(4)))
    first = page(hub, ALL, 2)
    assert page(hub, ALL, 2, first.continuation_token).continuation_token is None


def test_the_page_size_is_a_wish_with_a_limit(hub: Hub) -> None:
    hub.switch(page_size=3)
    hub.seed(*({"deviceId": f"d{number}"} for number in range(5)))
    assert [len(page(hub, ALL, size).items) for size in (2, 100, None)] == [2, 3, 3]


def test_item_types_say_what_a_row_is(hub: Hub) -> None:
    kinds = [response(hub, each).headers["x-ms-item-type"] for each in (ALL, IDS)]
    assert kinds == ["Twin", "Raw"]


def test_a_selected_twin_is_the_twin(hub: Hub) -> None:
    hub.seed({"deviceId": "a", "tags": {"env": "x"}})
    hub.deploy("base", manifest({}))
    hub.tick()
    assert hub.query(ALL) == [hub.twin("a")]
    assert hub.query("SELECT * FROM devices.modules WHERE moduleId = '$edgeAgent'") == [
        hub.agent("a")
    ]


def test_what_the_sdk_does_not_know_of_a_row_is_additional(hub: Hub) -> None:
    hub.seed({"deviceId": "a"})
    row = page(hub, "SELECT COUNT() AS n FROM devices").items[0]
    assert row.additional_properties == {"n": 1}
    assert row.as_dict() == {}


def test_a_bad_query_is_a_bare_argument_invalid(hub: Hub) -> None:
    status, code, body = hub.refused(lambda: page(hub, "SELECT * FROM nowhere"))
    assert (status, code) == (400, "ArgumentInvalid")
    assert '"ErrorCode:ArgumentInvalid;BadRequest"' in body


def test_statuses_of_deployments_can_be_asked_for(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "b", "tags": {"x": 1}})
    hub.deploy("base-1", manifest({}), "tags.x = 1")
    hub.tick()
    text = (
        "SELECT deviceId, configurations.[[base-1]].status AS status,"
        " properties.reported.lastDesiredStatus.code FROM devices.modules"
        " WHERE moduleId = '$edgeAgent' AND configurations.[[base-1]].status = 'Applied'"
    )
    assert hub.query(text) == [{"deviceId": "b", "status": "Applied", "code": 200}]


def test_queries_may_lag_while_point_reads_do_not(hub: Hub) -> None:
    hub.switch(query_lag_seconds=5)
    hub.seed({"deviceId": "a", "edge": False})
    assert ids(hub) == []
    assert hub.registry.get_twin("a").device_id == "a"
    hub.tick(5)
    assert ids(hub) == ["a"]
    hub.registry.update_twin("a", hub.models.Twin(tags={"env": "x"}))
    assert hub.query("SELECT tags FROM devices") == [{}]
    hub.tick(5)
    assert hub.query("SELECT tags FROM devices") == [{"tags": {"env": "x"}}]


def test_deleted_devices_may_haunt_queries(hub: Hub) -> None:
    hub.switch(ghost_seconds=1500)
    hub.seed({"deviceId": "a"}, {"deviceId": "b"})
    assert ids(hub) == ["a", "b"]
    hub.registry.delete_device("a")
    hub.tick(1499)
    assert ids(hub) == ["a", "b"]
    assert hub.query("SELECT COUNT() AS n FROM devices") == [{"n": 2}]
    assert hub.refused(lambda: hub.registry.get_twin("a"))[0] == 404
    hub.tick(1)
    assert ids(hub) == ["b"]


def test_without_a_lag_queries_are_current(hub: Hub) -> None:
    hub.seed({"deviceId": "a"}, {"deviceId": "b"})
    hub.registry.delete_device("a")
    assert ids(hub) == ["b"]


def test_configurations_are_throttled_after_a_burst_until_the_next_minute(hub: Hub) -> None:
    hub.switch(throttles=True)
    for _ in range(40):
        hub.deployments.get_configurations()
    status, code, body = hub.refused(lambda: hub.deploy("base", manifest({})))
    assert (status, code) == (429, "ThrottlingException")
    assert "Wait 10 seconds and try again. Operation type: ConfigurationWrite" in body
    hub.tick(60)
    assert hub.deploy("base", manifest({})).etag == "MQ=="


def test_a_throttled_answer_names_no_time_and_ends_the_connection(hub: Hub) -> None:
    hub.switch(throttles=True)
    for _ in range(40):
        page(hub, IDS)
    try:
        page(hub, IDS)
    except hub.error as error:
        headers = error.response.headers
        assert "Retry-After" not in headers
        assert headers["Connection"].lower() == "close"
    else:
        raise AssertionError("not throttled")


def test_classes_of_operations_do_not_share_a_limit(hub: Hub) -> None:
    hub.switch(throttles=True)
    hub.seed({"deviceId": "a"})
    for _ in range(40):
        page(hub, IDS)
    assert hub.refused(lambda: page(hub, IDS))[0] == 429
    assert hub.registry.get_twin("a").device_id == "a"
    assert hub.deployments.get_configurations() == []


def test_more_units_allow_more(hub: Hub) -> None:
    hub.switch(throttles=True, units=2)
    for _ in range(41):
        page(hub, IDS)
    assert ids(hub) == []


def test_bulk_operations_are_throttled_by_the_device(hub: Hub) -> None:
    hub.switch(throttles=True)
    device = hub.models.ExportImportDevice

    def create(start: int) -> Sdk:
        many = [device(id=f"d{start + n}", import_mode="create") for n in range(100)]
        return hub.registry.bulk_create_or_update_devices(many)

    assert [create(0).is_successful, create(100).is_successful] == [True, True]
    assert hub.refused(lambda: create(200))[:2] == (429, "ThrottlingException")


def test_a_switch_that_does_not_exist_is_refused(hub: Hub) -> None:
    response = hub.client.request("POST", "/_emulator/hub", {"warp": True})
    assert response.status_code == 400
    assert hub.client.control("GET", "hub")["configuration_limit"] == 100
