"""Image builds by the clock, over plain REST."""

from __future__ import annotations

import pytest

from reconciler.emulator.oci import image_exists
from reconciler.emulator.server import Running
from tests.emulator.client import Client
from tests.emulator.workspace.rest import MANAGEMENT, build, register

IMAGES = f"{MANAGEMENT}/images"


def test_a_build_takes_its_time(client: Client) -> None:
    operation = build(client, "my-img", [])
    seen = []
    for seconds in (0, 30, 30):
        client.control("POST", "clock", {"advance": seconds})
        seen.append((client.get(operation).json(), client.get(f"{IMAGES}/my-img:1").json()))
    assert [told["state"] for told, _ in seen] == ["NotStarted", "Running", "Succeeded"]
    assert [image["creationState"] for _, image in seen] == ["NotStarted", "Running", "Succeeded"]
    assert {told["resourceLocation"].rpartition("/")[2] for told, _ in seen} == {"my-img:1"}
    locations = [image["imageLocation"] for _, image in seen]
    assert locations == [None, None, "localregistry.azurecr.io/my-img:1"]


def test_an_image_is_in_the_registry_when_it_is_done_and_not_before(
    client: Client, emulator: Running
) -> None:
    build(client, "my-img", [])
    reference = "localregistry.azurecr.io/my-img:1"
    assert not image_exists(emulator.context, reference)
    client.control("POST", "clock", {"advance": 60})
    client.control("POST", "tick")
    assert image_exists(emulator.context, reference)


def test_a_build_goes_on_while_nobody_asks(client: Client) -> None:
    build(client, "my-img", [])
    states = [row["state"] for row in client.control("GET", "builds")["builds"]]
    client.control("POST", "clock", {"now": "2026-01-02T00:00:00+00:00"})
    states += [row["state"] for row in client.control("GET", "builds")["builds"]]
    assert states == ["NotStarted", "Succeeded"]


def test_a_failing_dependency_fails_the_build_and_the_log_tells(client: Client) -> None:
    operation = build(client, "my-img", [], b"dependencies: [does-not-exist]")
    client.control("POST", "clock", {"advance": 60})
    told = client.get(operation).json()
    assert told["state"] == "Failed"
    assert told["error"]["message"] == "Docker image build failed."
    log = client.request("GET", told["operationLog"], headers={"Range": "bytes=0-"})
    assert log.status_code == 206
    assert "ResolvePackageNotFound: does-not-exist" in log.text
    beyond = {"Range": f"bytes={len(log.content)}-"}
    assert client.request("GET", told["operationLog"], headers=beyond).status_code == 416


def test_a_test_can_order_a_slow_failure_once(client: Client) -> None:
    rule = {"match": "^my-img:", "trouble": "disk full", "seconds": 600}
    client.control("POST", "builds", rule)
    slow, usual = build(client, "my-img", []), build(client, "my-img", [])
    client.control("POST", "clock", {"advance": 60})
    states = [client.get(operation).json()["state"] for operation in (slow, usual)]
    assert states == ["Running", "Succeeded"]
    client.control("POST", "clock", {"advance": 540})
    assert client.get(slow).json()["state"] == "Failed"


def test_a_failed_image_keeps_its_number(client: Client) -> None:
    client.control("POST", "builds", {"match": "", "trouble": "no", "seconds": 0})
    assert client.get(build(client, "my-img", [])).json()["state"] == "Failed"
    assert build(client, "my-img", [])
    assert client.get(f"{IMAGES}/my-img:2").json()["creationState"] == "NotStarted"


def test_images_are_listed_in_pages_with_a_link_to_follow(client: Client) -> None:
    model = register(client, "iris")["id"]
    for number in range(21):
        build(client, "my-img", [model] if number % 2 else [])
    first = client.get(f"{IMAGES}?expand=true&name=my-img").json()
    second = client.get(first["nextLink"]).json()
    assert (len(first["value"]), len(second["value"])) == (20, 1)
    assert "nextLink" not in second
    assert len(client.get(f"{IMAGES}?modelId={model}").json()["value"]) == 10


@pytest.mark.parametrize("name", ["ab", "Img", "x" * 33, "my_img"])
def test_an_invalid_image_name_is_refused(client: Client, name: str) -> None:
    body = {"name": name, "modelIds": [], "assets": []}
    assert client.request("POST", IMAGES, json=body).status_code == 400


def test_an_image_of_a_missing_model_is_refused_and_takes_no_number(client: Client) -> None:
    body = {"name": "my-img", "modelIds": ["none:1"], "assets": []}
    answer = client.request("POST", IMAGES, json=body)
    assert (answer.status_code, answer.json()["details"][0]["code"]) == (404, "ModelNotFound")
    build(client, "my-img", [])
    assert client.get(f"{IMAGES}/my-img:1").status_code == 200


def test_the_same_inputs_make_the_same_bytes(client: Client, emulator: Running) -> None:
    for _ in range(2):
        build(client, "my-img", [])
    client.control("POST", "clock", {"advance": 60})
    client.control("POST", "tick")
    with emulator.context.store.transaction() as db:
        rows = db.execute("SELECT DISTINCT digest FROM oci_blob WHERE media_type LIKE '%tar.gzip'")
        assert len(rows.fetchall()) == 1


def test_a_package_says_where_it_is_only_when_it_is_done(client: Client) -> None:
    body = {
        "imageRequest": {"assets": [], "modelIds": [], "environment": {"name": "e"}},
        "packageType": "DockerImage",
        "imageName": "pkg",
        "imageLabel": "v1",
    }
    answer = client.request("POST", f"{MANAGEMENT}/packages", json=body)
    operation = answer.headers["Operation-Location"]
    assert "resourceLocation" not in client.get(operation).json()
    client.control("POST", "clock", {"advance": 60})
    told = client.get(operation).json()
    assert told["resourceLocation"] == "localregistry.azurecr.io/pkg:v1"


def test_a_failing_package_says_so_in_the_words_of_the_service(client: Client) -> None:
    environment = {"python": {"condaDependencies": {"dependencies": ["does-not-exist"]}}}
    request = {"assets": [], "modelIds": [], "environment": environment}
    body = {"imageRequest": request, "packageType": "DockerImage"}
    answer = client.request("POST", f"{MANAGEMENT}/packages", json=body)
    client.control("POST", "clock", {"advance": 60})
    told = client.get(answer.headers["Operation-Location"]).json()
    assert (told["state"], told["error"]["code"]) == ("Failed", "EnvironmentBuildFailed")
