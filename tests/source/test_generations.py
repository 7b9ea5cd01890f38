"""Ids that stand on hubs and in workspaces: no release may rename them by accident."""

from __future__ import annotations

from reconciler.model import Commit, link
from reconciler.registry import KINDS
from tests.source.fleets import group, loaded, messages

SCORE = "def init():\n    pass\n\n\ndef run(data):\n    return data\n"
FLEET = {
    "model.yaml": (
        "apiVersion: reconciler/v1\nkind: Model\nmetadata: {name: weights}\n"
        "spec: {path: weights.bin, tags: {team: edge}}\n"
    ),
    "weights.bin": "1, 2, 3\n",
    "image.yaml": (
        "apiVersion: reconciler/v1\nkind: Image\nmetadata: {name: detector}\n"
        "spec: {builder: azureml-image, models: [weights], scoringScript: score.py,"
        " condaFile: conda.yml}\n"
    ),
    "score.py": SCORE,
    "conda.yml": "dependencies: [python=3.10]\n",
    "credential.yaml": (
        "apiVersion: reconciler/v1\nkind: RegistryCredential\nmetadata: {name: acr}\n"
        "spec: {password: {secretRef: {workspaceRegistry: true}}}\n"
    ),
    "group.yaml": group("line-1", "matchTags: {line: '${line}'}"),
    "deployment.yaml": (
        "apiVersion: reconciler/v1\nkind: Deployment\nmetadata: {name: detector}\n"
        "spec:\n  type: layer\n  group: line-1\n  priority: 30\n"
        "  modules: {detector: {image: detector, env: {SITE: '${site}'}}}\n"
        "  registryCredentials: [acr]\n"
    ),
}
PINNED = {
    "Deployment/detector": "v1:95804c3e40b07df278f29579e913fb4469dc878ee286e024a8a7f674556f8090",
    "DeviceGroup/line-1": "",
    "Image/detector": "v1:724962b53e36f4f6990b25f67b5c4c286a7ecc1f7fefd7d987e1857f0e27fc62",
    "Model/weights": "v1:f4118b5663a5532bd2675975050e7b2b6946ead20fc63988822a97a677af2c2e",
    "RegistryCredential/acr": "v1:6eabdbeda7973dc2b3fd65f88079c6cc765ed2548206828f0503d0e84958c6de",
}


def generations(**changed: str) -> dict[str, str]:
    files = {**FLEET, **{name.replace("_", "."): text for name, text in changed.items()}}
    found = loaded(files)
    assert messages(found) == []
    resources = link(Commit(), found.drafts, KINDS, found.scope).resources
    return {str(lineage): lineage.generation for lineage in resources}


def changed(**files: str) -> set[str]:
    before, after = generations(), generations(**files)
    return {name for name in before if before[name] != after[name]}


def test_the_generations_of_a_fleet_are_pinned() -> None:
    assert generations() == PINNED


def test_new_bytes_of_a_model_are_a_new_image_and_a_new_deployment() -> None:
    assert changed(weights_bin="4\n") == {
        "Model/weights",
        "Image/detector",
        "Deployment/detector",
    }


def test_a_changed_script_is_a_new_image_of_the_same_model() -> None:
    assert changed(score_py=SCORE + "# more\n") == {"Image/detector", "Deployment/detector"}


def test_tags_and_conditions_change_in_place() -> None:
    assert changed(model_yaml=FLEET["model.yaml"].replace("edge", "core")) == set()
    assert changed(group_yaml=group("line-1", "matchTags: {line: 7}")) == set()


def test_another_file_layout_of_the_same_documents_changes_nothing() -> None:
    moved = {
        name: text for name, text in FLEET.items() if name not in {"model.yaml", "weights.bin"}
    }
    moved |= {"a/b/model.yml": FLEET["model.yaml"], "a/b/weights.bin": FLEET["weights.bin"]}
    found = loaded(moved)
    resources = link(Commit(), found.drafts, KINDS, found.scope).resources
    assert {str(lineage): lineage.generation for lineage in resources} == PINNED
