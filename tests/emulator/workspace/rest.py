"""The workspace's REST calls in the shapes that the SDK sends."""

from __future__ import annotations

from typing import Any

import requests

from tests.emulator.client import Client

SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"
PROVIDERS = f"{SUBSCRIPTION}/resourceGroups/local/providers"
WORKSPACE = f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/local"
REGISTRY = f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/localregistry"
MANAGEMENT = f"/modelmanagement/v1.0{WORKSPACE}"
ARTIFACTS = f"/artifact/v2.0{WORKSPACE}/artifacts"


def upload_url(client: Client, path: str, container: str = "c1") -> str:
    body = {"paths": [{"path": path}]}
    place = f"{ARTIFACTS}/batch/metadata/LocalUpload/{container}"
    told = client.request("POST", place, json=body).json()
    return str(told["artifactContentInformation"][path]["contentUri"])


def put(client: Client, url: str, data: bytes, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request("PUT", url, data=data, headers=named)


def upload(client: Client, path: str, data: bytes, container: str = "c1") -> str:
    """Upload a file; returns the URL by which models and images refer to it."""
    assert put(client, upload_url(client, path, container), data).status_code == 201
    return f"aml://artifact/LocalUpload/{container}/{path}"


def register(client: Client, name: str, **fields: object) -> dict[str, Any]:
    prefix = upload(client, "w.bin", b"w").removeprefix("aml://artifact/")
    asset = {"name": name, "artifacts": [{"prefix": prefix}]}
    identifier = client.request("POST", f"{MANAGEMENT}/assets", json=asset).json()["id"]
    body = {"name": name, "url": f"aml://asset/{identifier}", **fields}
    model: dict[str, Any] = client.request("POST", f"{MANAGEMENT}/models", json=body).json()
    return model


def build(client: Client, name: str, models: list[str], conda: bytes = b"numpy") -> str:
    """Start an image build; returns the path of its operation."""
    body = {
        "name": name,
        "driverProgram": "driver",
        "imageType": "Docker",
        "modelIds": models,
        "assets": [],
        "targetRuntime": {
            "runtimeType": "Python",
            "properties": {"condaEnvFile": upload(client, "conda.yml", conda, name)},
        },
    }
    answer = client.request("POST", f"{MANAGEMENT}/images", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Operation-Location"])
