"""One fleet in two states: getting from the first to the second takes every kind of change."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]
PASSWORD = {"secretRef": {"workspaceRegistry": True}}

OWNER = "contoso-plant-a"
SCRIPT = '''"""Scores one request."""


def init():
    """Loads nothing."""


def run(data):
    """Answers with what it got."""
    return {answer}
'''
CONDA = "dependencies: [python=3.10.14, {pip: [azureml-defaults==1.62.0]}]\n"


def document(kind: str, name: str, **spec: object) -> Document:
    metadata = {"name": name}
    return {"apiVersion": "reconciler/v1", "kind": kind, "metadata": metadata, "spec": spec}


def layer(name: str, group: str, image: str, priority: int, **spec: object) -> Document:
    module = {"image": image, "version": "1", "status": "running", "restartPolicy": "always"}
    whole = {"type": "layer", "group": group, "priority": priority, "modules": {name: module}}
    return document("Deployment", name, **{**whole, **spec})


def base(**env: str) -> Document:
    runtime = {
        name: {"image": f"mcr.microsoft.com/azureiotedge-{image}:1.6.1"}
        for name, image in (("edgeAgent", "agent"), ("edgeHub", "hub"))
    }
    return document(
        "Deployment",
        "base",
        type="base",
        group="gateways",
        priority=10,
        modules={
            "sensor": {
                "image": "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.5",
                "version": "1.5",
                "status": "running",
                "restartPolicy": "always",
                "env": env,
            }
        },
        **runtime,
    )


def image(name: str, builder: str, model: str) -> Document:
    return document(
        "Image",
        name,
        builder=builder,
        models=[model],
        scoringScript="../files/score.py",
        condaFile="../files/conda.yml",
    )


def environment(registry: str) -> Document:
    return document(
        "Environment",
        "local",
        provider="local",
        registries=[registry],
        secrets={"allow": ["ACR_*"]},
        policy={
            "prune": True,
            "deletes": {"max": 50, "percent": 100},
            "replaces": {"max": 50, "percent": 100},
            # Signs of life go by the machine's clock, which a simulated one leaves behind.
            "leaseSeconds": 3600,
        },
    )


def before(registry: str) -> dict[str, Document | str]:
    """By path below the fleet."""
    documents = [
        environment(registry),
        document("RegistryCredential", "registry", password=PASSWORD),
        document("Model", "kept", path="../files/kept.bin", tags={"stage": "a"}, description="a"),
        document("Model", "fresh", path="../files/fresh.bin"),
        document("Model", "past", path="../files/past.bin"),
        image("past", "azureml-image", "past"),
        image("built", "azureml-image", "fresh"),
        image("tagged", "azureml-image", "kept"),
        image("packed", "azureml-package", "fresh"),
        document("Image", "bought", builder="prebuilt", reference=f"{registry}/bought:1"),
        document("DeviceGroup", "gateways", targetCondition="tags.role = 'gateway'"),
        document("DeviceGroup", "line", devices=["gw-1", "gw-2"]),
        document("DeviceGroup", "old", devices=["gw-3"]),
        base(LEVEL="a"),
        layer("replaced", "line", "built", 20, registryCredentials=["registry"]),
        layer("packed", "line", "packed", 30),
        layer("edited", "gateways", "bought", 40, labels={"team": "a"}),
        layer("gone", "old", "bought", 50),
    ]
    return {
        "reconciler.yaml": f"apiVersion: reconciler/v1\nowner: {OWNER}\n",
        "files/score.py": SCRIPT.format(answer="data"),
        "files/conda.yml": CONDA,
        "files/kept.bin": "kept",
        "files/fresh.bin": "fresh 1",
        "files/past.bin": "past",
        **placed(documents),
    }


def after(registry: str) -> dict[str, Document | str]:
    """A model, two images and two deployments anew, one of each kind in place, one of each gone."""
    files = copy.deepcopy(before(registry))
    files["files/fresh.bin"] = "fresh 2"
    for gone in ("DeviceGroup/old", "Deployment/gone", "Image/past", "Model/past"):
        del files[f"{gone}.yaml"]
    changed = [
        document("Model", "kept", path="../files/kept.bin", tags={"stage": "b"}, description="b"),
        {**image("tagged", "azureml-image", "kept")},
        document("DeviceGroup", "line", devices=["gw-2", "gw-4"]),
        base(LEVEL="b"),
        layer("edited", "gateways", "bought", 42, labels={"team": "b"}),
        layer("new", "line", "bought", 60, registryCredentials=["registry"]),
    ]
    changed[1]["spec"]["tags"] = {"stage": "b"}
    return {**files, **placed(changed)}


def write(files: Mapping[str, Document | str], folder: Path) -> None:
    """Make the folder hold these files, and no other YAML."""
    for old in folder.rglob("*.yaml"):
        old.unlink()
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        target.write_text(text, encoding="utf-8")


def write_one(document: Document, folder: Path) -> None:
    target = folder / _path(document)
    target.parent.mkdir(exist_ok=True)
    target.write_text(yaml.safe_dump(document), encoding="utf-8")


def remove(kind: str, name: str, folder: Path) -> None:
    (folder / f"{kind}/{name}.yaml").unlink()


def placed(documents: Iterable[Document]) -> dict[str, Document | str]:
    """By path below the fleet."""
    return {_path(document): document for document in documents}


def _path(document: Document) -> str:
    return f"{document['kind']}/{document['metadata']['name']}.yaml"
