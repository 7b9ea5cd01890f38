"""The unmodified Azure ML SDK against the emulator."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from reconciler.emulator.contents import Contents
from tests.emulator.client import Client
from tests.emulator.workspace.conftest import Sdk

WORKSPACE = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/local"
    "/providers/Microsoft.MachineLearningServices/workspaces/local"
)
MODELS = f"/modelmanagement/v1.0{WORKSPACE}"
CONDA = "dependencies:\n- python=3.11\n- {package}\n"


@pytest.fixture
def weights(tmp_path: Path) -> str:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"weights")
    return str(path)


@pytest.fixture
def score(tmp_path: Path) -> str:
    (tmp_path / "score.py").write_text("def init(): ...\ndef run(data): return data\n")
    (tmp_path / "conda.yml").write_text(CONDA.format(package="numpy"))
    (tmp_path / "broken.yml").write_text(CONDA.format(package="does-not-exist"))
    return str(tmp_path)


def served(cloud: Client, operation: str) -> int:
    rows = cloud.control("GET", "requests")["served"]
    return sum(row["count"] for row in rows if row["operation"] == operation)


def manifest(cloud: Client, sdk: Sdk, location: str) -> dict[str, Any]:
    """Fetch the image as a device would: login server, keys, token, manifest, digest check."""
    keys = sdk("keys")["credentials"]
    login = f"{keys['username']}:{keys['passwords'][0]['value']}"
    basic = {"Authorization": "Basic " + b64encode(login.encode()).decode()}
    token = cloud.request("GET", "/oauth2/token", headers=basic).json()["access_token"]
    repository, _, tag = location.removeprefix("localregistry.azurecr.io/").rpartition(":")
    path = f"/v2/{repository}/manifests/{tag}"
    answer = cloud.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()
    digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
    assert answer.headers["Docker-Content-Digest"] == digest
    content: dict[str, Any] = answer.json()
    return content


def test_the_workspace_is_found(sdk: Sdk) -> None:
    assert sdk("describe") == {
        "name": "local",
        "answered": True,
        "workspaceId": "00000000-0000-4000-8000-000000000003",
        "containerRegistry": WORKSPACE.partition("Microsoft.MachineLearning")[0]
        + "Microsoft.ContainerRegistry/registries/localregistry",
    }


def test_a_service_principal_signs_in_with_the_right_secret_only(sdk: Sdk, cloud: Client) -> None:
    right = cloud.connection.identity.client_secret
    assert sdk("sign_in", password=right) == {"name": "local"}
    assert "AADSTS7000215" in sdk.refused("sign_in", password=right[1:])


def test_a_forged_token_does_not_connect(sdk: Sdk, cloud: Client) -> None:
    forged = cloud.connection.token[:-4] + "AAAA"
    assert "InvalidAuthenticationToken" in sdk.refused("connect_with", token=forged)


def test_registering_twice_makes_two_versions(sdk: Sdk, weights: str) -> None:
    ids = [sdk("register", path=weights, name="twice")["id"] for _ in range(2)]
    assert ids == ["twice:1", "twice:2"]


def test_a_folder_comes_back_as_it_was(sdk: Sdk, tmp_path: Path) -> None:
    source = tmp_path / "model"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text("a")
    (source / "deep" / "b c.txt").write_text("b")
    assert sdk("register", path=str(source), name="folder")["id"] == "folder:1"
    path = Path(sdk("download", name="folder", folder=str(tmp_path / "back"))["path"])
    assert (path / "a.txt").read_text() == "a"
    assert (path / "deep" / "b c.txt").read_text() == "b"


def test_a_large_file_arrives_in_blocks(sdk: Sdk, cloud: Client, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as stream:
        stream.truncate(65 * 2**20)
    before = served(cloud, "PutBlob")
    assert sdk("register", path=str(large), name="large")["id"] == "large:1"
    assert served(cloud, "PutBlob") - before == 18
    digest = hashlib.sha256(large.read_bytes()).hexdigest()
    blobs = cloud.connection.cloud_metadata.parent / "blobs"
    assert Contents(blobs).path(digest).stat().st_size == 65 * 2**20


def test_a_list_is_read_page_by_page(sdk: Sdk, cloud: Client) -> None:
    asset = cloud.request("POST", f"{MODELS}/assets", json={"name": "x", "artifacts": []}).json()
    for number in range(256):
        body = {"name": "paged", "url": f"aml://asset/{asset['id']}", "kvTags": {"n": str(number)}}
        cloud.request("POST", f"{MODELS}/models", json=body)
    before = served(cloud, "ListModels")
    models = sdk("models", name="paged")["models"]
    assert [model["id"] for model in models] == [f"paged:{n}" for n in range(256, 0, -1)]
    assert served(cloud, "ListModels") - before == 2
    assert [model["id"] for model in sdk("models", tags=[["n", "7"]])["models"]] == ["paged:8"]


def test_tags_properties_and_description_change_in_place(sdk: Sdk, weights: str) -> None:
    given = {"tags": {"team": "x"}, "properties": {"commit": "1"}}
    sdk("register", path=weights, name="changing", **given)
    assert sdk("change", identifier="changing:1") == {
        "id": "changing:1",
        "tags": {"team": "x", "line": "a"},
        "properties": {"commit": "1", "digest": "ff"},
        "description": "better",
    }


def test_an_image_is_built_and_can_be_pulled(sdk: Sdk, cloud: Client, score: str) -> None:
    Path(score, "w.bin").write_text("w")
    model = sdk("register", path=f"{score}/w.bin", name="inside")["id"]
    image = sdk("image", folder=score, name="my-img", models=[model], conda="conda.yml")
    assert (image["id"], image["state"]) == ("my-img:1", "Succeeded")
    assert image["location"] == "localregistry.azurecr.io/my-img:1"
    assert len(manifest(cloud, sdk, image["location"])["layers"]) == 1
    assert "412" in sdk.refused("delete", identifier=model)
    assert [model["id"] for model in sdk("models", name="inside")["models"]] == [model]
    assert "my-img:1" in sdk("images")["ids"]


def test_a_failed_image_keeps_its_number_and_has_a_log(sdk: Sdk, cloud: Client, score: str) -> None:
    asked: dict[str, Any] = {"folder": score, "name": "broken", "models": []}
    assert "Docker image build failed" in sdk.refused("image", **asked, conda="broken.yml")
    failed = sdk("image_state", identifier="broken:1")
    assert (failed["state"], failed["location"]) == ("Failed", None)
    assert "does-not-exist" in cloud.get(failed["log"]).text
    assert sdk("image", **asked, conda="conda.yml")["id"] == "broken:2"


def test_a_package_is_built_and_can_be_pulled(
    sdk: Sdk, cloud: Client, score: str, weights: str
) -> None:
    model = sdk("register", path=weights, name="packed")["id"]
    package = sdk("package", folder=score, models=[model], output="image")
    assert package["state"] == "Succeeded"
    assert package["location"] == "localregistry.azurecr.io/packaged:v1"
    assert package["log"].endswith("Done\n")
    assert manifest(cloud, sdk, package["location"])["schemaVersion"] == 2


def test_a_package_can_be_a_folder_to_build_elsewhere(sdk: Sdk, score: str, weights: str) -> None:
    model = sdk("register", path=weights, name="context")["id"]
    package = sdk("package", folder=score, models=[model], output="dockerfile")
    assert package["state"] == "Succeeded"
    context = Path(score, "context")
    assert (context / "Dockerfile").read_text().startswith("FROM ")
    assert (context / "models/context/1/weights.bin").read_bytes() == b"weights"


def test_an_environment_is_registered_once_and_built(sdk: Sdk) -> None:
    told = sdk("environment", name="scoring-env")
    assert told["versions"] == ["1", "1"]
    assert told["exists"] == [False, True]
    assert told["status"] == "Succeeded"
    assert "scoring-env" in told["names"]


def test_both_ways_to_the_registry_keys_agree(sdk: Sdk) -> None:
    keys = sdk("keys")["credentials"]
    registry = sdk("registry")
    assert registry["loginServer"] == "localregistry.azurecr.io"
    assert registry["username"] == keys["username"]
    assert registry["passwords"] == {each["name"]: each["value"] for each in keys["passwords"]}


def test_a_lost_answer_makes_two_versions(sdk: Sdk, cloud: Client, weights: str) -> None:
    cloud.control("POST", "faults", {"match": "POST .*/models$", "drop_after": True})
    assert sdk("register", path=weights, name="lost")["id"] == "lost:2"
    models = sdk("models", name="lost")["models"]
    assert [model["id"] for model in models] == ["lost:2", "lost:1"]


def test_throttling_is_survived(sdk: Sdk, cloud: Client, weights: str) -> None:
    rule = {"match": "POST .*/assets", "status": 429, "body": "{}", "times": 2}
    cloud.control("POST", "faults", rule)
    assert sdk("register", path=weights, name="throttled")["id"] == "throttled:1"
