"""Models and assets over plain REST: what the SDK would hide."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.emulator.client import Client
from tests.emulator.workspace.rest import MANAGEMENT, build, register

MODELS = f"{MANAGEMENT}/models"


def test_a_page_ends_where_the_next_begins_even_if_a_model_is_added(client: Client) -> None:
    for _ in range(3):
        register(client, "iris")
    first = client.get(f"{MODELS}?count=2").json()
    register(client, "iris")
    token = parse_qs(urlsplit(first["nextLink"]).query)["$skipToken"][0]
    second = client.get(f"{MODELS}?count=2&%24skipToken={token}").json()
    ids = [model["id"] for model in first["value"] + second["value"]]
    assert ids == ["iris:3", "iris:2", "iris:1"]
    assert second["nextLink"] is None


def test_only_the_latest_version_of_each_name_is_listed_on_demand(client: Client) -> None:
    for name in ("a", "b", "a"):
        register(client, name)
    latest = client.get(f"{MODELS}?latestVersionOnly=true").json()["value"]
    assert [model["id"] for model in latest] == ["a:2", "b:1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tags=team", ["one:1", "two:1"]),
        ("tags=team%3Dx", ["one:1"]),
        ("tags=team,line", ["two:1"]),
        ("properties=digest%3Dff", ["one:1"]),
        ("name=two", ["two:1"]),
        ("tags=none", []),
    ],
)
def test_filters_hold_all_at_once(client: Client, query: str, found: list[str]) -> None:
    register(client, "one", kvTags={"team": "x"}, properties={"digest": "ff"})
    register(client, "two", kvTags={"team": "y", "line": "1"})
    models = client.get(f"{MODELS}?{query}").json()["value"]
    assert sorted(model["id"] for model in models) == found


def test_a_deleted_version_is_never_given_out_again(client: Client) -> None:
    register(client, "iris")
    assert client.request("DELETE", f"{MODELS}/iris:1").status_code == 200
    assert client.request("DELETE", f"{MODELS}/iris:1").status_code == 204
    assert register(client, "iris")["id"] == "iris:2"


def test_a_model_in_an_image_cannot_be_deleted(client: Client) -> None:
    build(client, "my-img", [register(client, "iris")["id"]])
    refused = client.request("DELETE", f"{MODELS}/iris:1")
    assert refused.status_code == 412
    assert refused.json()["statusCode"] == 412
    assert client.get(f"{MODELS}/iris:1").status_code == 200


def test_a_property_can_be_added_but_not_changed(client: Client) -> None:
    register(client, "iris", properties={"digest": "ff"})

    def patch(value: dict[str, str]) -> int:
        change = [{"op": "add", "path": "/properties", "value": value}]
        return client.request("PATCH", f"{MODELS}/iris:1", json=change).status_code

    assert patch({"digest": "00"}) == 400
    assert patch({}) == 400
    assert patch({"digest": "ff", "commit": "1"}) == 200
    model = client.get(f"{MODELS}/iris:1").json()
    assert model["properties"] == {"digest": "ff", "commit": "1"}


def test_an_empty_patch_changes_nothing(client: Client) -> None:
    before = register(client, "iris", description="d", kvTags={"a": "b"})
    after = client.request("PATCH", f"{MODELS}/iris:1", json=[]).json()
    assert after == before


@pytest.mark.parametrize("name", ["", "-iris", "a b", "x" * 256])
def test_an_invalid_name_is_refused(client: Client, name: str) -> None:
    answer = client.request("POST", MODELS, json={"name": name, "url": "aml://asset/x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")


def test_a_missing_model_says_so_in_the_details(client: Client) -> None:
    answer = client.get(f"{MODELS}/iris:9")
    assert (answer.status_code, answer.json()["statusCode"]) == (404, 404)
    assert answer.json()["details"][0]["code"] == "ModelNotFound"


def test_another_workspace_does_not_exist(client: Client) -> None:
    answer = client.get(MODELS.replace("workspaces/local", "workspaces/other"))
    assert (answer.status_code, answer.json()["details"][0]["code"]) == (404, "WorkspaceNotFound")


@pytest.mark.parametrize("authorization", ["", "Basic eA==", "Bearer", "Bearer a.b.c"])
def test_no_valid_token_no_models(client: Client, authorization: str) -> None:
    answer = client.request("GET", MODELS, headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["statusCode"]) == (401, 401)
