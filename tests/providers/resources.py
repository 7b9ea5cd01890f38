"""Resources as `source` and `link` would hand them to a handler."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from reconciler.model import (
    JUNK,
    Commit,
    Contents,
    FieldPath,
    FileContent,
    HeldSecret,
    Observed,
    Origin,
    Resource,
    ResourceId,
    Secret,
    Spec,
    Value,
    link,
)
from reconciler.model.files import listing_digest
from reconciler.registry import KINDS
from tests.providers.cloud import SCOPE

ORIGIN = Origin("fleet/thing.yaml", 1)
CONDA = "dependencies: [python=3.10]\n"
LOGIN: Spec = {"loginServer": "contoso.azurecr.io", "username": "puller"}


def draft(kind: str, name: str, spec: Spec, contents: Contents | None = None) -> Resource:
    """Normalized, not linked."""
    of = KINDS[kind]
    normalized = of.normalize(spec, contents or {})
    return Resource(ResourceId(kind, name), normalized, of.refs(normalized), ORIGIN)


def group(name: str, **spec: Value) -> Resource:
    return draft("DeviceGroup", name, {"owner": SCOPE.owner, "name": name, **spec})


def device(name: str, contents: Contents | None = None, **spec: Value) -> Resource:
    asked: Spec = {"owner": SCOPE.owner, "environment": SCOPE.environment, "name": name}
    return draft("Device", name, {**asked, **spec}, contents)


def devices(name: str, *lines: Mapping[str, object], **spec: Value) -> Resource:
    """A document that names a file of these lines."""
    text = "\n".join(json.dumps(line) for line in lines)
    return device(name, {("file",): _file(f"{name}.jsonl", text)}, file=f"{name}.jsonl", **spec)


def deployment(name: str, **spec: Value) -> Resource:
    """A layer of one module, on the group of the same name."""
    module: Spec = {"image": "contoso.azurecr.io/app:1", "version": "1", "restartPolicy": "always"}
    whole: Spec = {"type": "layer", "group": name, "priority": 30, "modules": {"app": module}}
    return draft("Deployment", name, {**whole, **spec})


def credential(name: str, **spec: Value) -> Resource:
    password: Spec = {"secretRef": {"env": "ACR_PASSWORD"}}
    return draft("RegistryCredential", name, {**LOGIN, "password": password, **spec})


def linked(*drafts: Resource) -> Mapping[ResourceId, Resource]:
    """By lineage."""
    state = link(Commit(), drafts, KINDS, SCOPE)
    return {key.lineage: resource for key, resource in state.resources.items()}


def deployable(name: str, *others: Resource, **spec: Value) -> Resource:
    """A linked deployment on a group of its own."""
    drafts = (group(name, targetCondition=f"tags.line = '{name}'"), deployment(name, **spec))
    return linked(*drafts, *others)[ResourceId("Deployment", name)]


def held(
    want: Resource, name: str, password: str, counter: int = 1
) -> Mapping[ResourceId, Observed]:
    """What the references of a deployment became, its one credential among them."""
    found = {ref: Observed(ref, {}) for ref in want.refs.values()}
    for ref in found:
        if ref.kind == "RegistryCredential":
            secret = HeldSecret(counter, Secret(password))
            found[ref] = Observed(ref, {}, status=LOGIN, secrets={name: secret})
    return found


def resolved(want: Resource) -> Mapping[ResourceId, Observed]:
    return {ref: Observed(ref, {}) for ref in want.refs.values()}


def model(name: str, repository: Path, text: str = "weights", **spec: Value) -> Resource:
    """A model of one file that lies in the repository."""
    (repository / f"{name}.bin").write_text(text, encoding="utf-8")
    content = _file(f"{name}.bin", text)
    return draft("Model", name, {"path": content.path, **spec}, {("path",): content})


def model_folder(name: str, repository: Path, files: Mapping[str, str]) -> Resource:
    """A model of a folder that lies in the repository; of these files some are junk."""
    for path, text in files.items():
        file = repository / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    entries = {
        path: _file(f"{name}/{path}", text)
        for path, text in files.items()
        if not JUNK.intersection(path.split("/"))
    }
    sha256 = listing_digest({path: entry.sha256 for path, entry in entries.items()})
    size = sum(entry.size for entry in entries.values())
    content = FileContent(name, sha256, size, entries=entries)
    return draft("Model", name, {"path": name}, {("path",): content})


def image(
    name: str, repository: Path, models: Iterable[str], conda: str = CONDA, **spec: Value
) -> Resource:
    """An image whose inputs lie in the repository."""
    found: dict[FieldPath, FileContent] = {}
    for field, file, text in (
        (("scoringScript",), "score.py", "def init(): ...\ndef run(data): ...\n"),
        (("condaFile",), "conda.yml", conda),
        (("files", "0"), "lib.py", "X = 1\n"),
    ):
        path = repository / name / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        found[field] = _file(f"{name}/{file}", text)
    whole: Spec = {
        "builder": "azureml-image",
        "models": tuple(models),
        "scoringScript": "score.py",
        "condaFile": "conda.yml",
        "files": ("lib.py",),
        **spec,
    }
    return draft("Image", name, whole, found)


def _file(path: str, text: str) -> FileContent:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return FileContent(path, sha256, len(text), text)
