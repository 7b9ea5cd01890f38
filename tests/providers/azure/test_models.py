"""Models in the workspace: one version per content, whatever the network does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.emulator.faults import Fault
from reconciler.emulator.workspace import storage
from reconciler.model import Resource, ResourceId, mapping
from reconciler.providers.port import ConflictError, ProviderError
from tests.providers.cloud import Cloud, only
from tests.providers.resources import draft, linked, model, model_folder

REGISTER = r"POST /modelmanagement/.*/models"


def wanted(cloud: Cloud, name: str, text: str = "weights", **spec: str) -> Resource:
    found = model(name, cloud.folder, text, **spec)
    return linked(found)[found.id]


def versions(cloud: Cloud, name: str) -> list[str]:
    return sorted(version["id"] for version in cloud.session.workspace.models(name))


def uploaded(cloud: Cloud, folder: str) -> list[str]:
    """What of a folder arrived in the workspace's storage."""
    paths = storage.under(cloud.emulator.context, "LocalUpload")
    return [path.partition(f"/{folder}/")[2] for path in paths if f"/{folder}/" in path]


def test_a_version_carries_our_mark_and_its_content(cloud: Cloud, name: str) -> None:
    want = wanted(cloud, name, description="a model")
    made = cloud.models.create(want, {})
    assert made.address == f"{name}:1"
    assert made.status == {"id": f"{name}:1", "name": name, "version": 1}
    (version,) = cloud.session.workspace.models(name)
    assert version["description"] == "a model"
    assert version["properties"]["reconciler-digest"] == want.id.generation
    assert version["properties"]["content-sha256"] == mapping(want.spec["content"])["sha256"]


def test_a_folder_is_registered_whole(cloud: Cloud, name: str) -> None:
    files = {"a.json": "{}", "deep/b.json": "[]", "__pycache__/a.pyc": "x", "deep/.DS_Store": "x"}
    found = model_folder(name, cloud.folder, files)
    want = linked(found)[found.id]
    made = cloud.models.create(want, {})
    assert made.id == want.id
    assert uploaded(cloud, name) == ["a.json", "deep/b.json"]


def test_files_that_changed_since_the_plan_are_not_sent(cloud: Cloud, name: str) -> None:
    want = wanted(cloud, name)
    (cloud.folder / f"{name}.bin").write_text("other weights", encoding="utf-8")
    writes = cloud.sent("workspace", "write")
    with pytest.raises(ConflictError, match=f"{name}.bin changed while this ran; plan again"):
        cloud.models.create(want, {})
    assert cloud.sent("workspace", "write") == writes
    assert versions(cloud, name) == []


def test_equal_content_is_registered_once(cloud: Cloud, name: str) -> None:
    want = wanted(cloud, name)
    first = cloud.models.create(want, {})
    assert cloud.models.create(want, {}).address == first.address
    assert versions(cloud, name) == [f"{name}:1"]


def test_other_content_is_another_version(cloud: Cloud, name: str) -> None:
    cloud.models.create(wanted(cloud, name), {})
    cloud.models.create(wanted(cloud, name, "other weights"), {})
    assert versions(cloud, name) == [f"{name}:1", f"{name}:2"]
    found = [i for i in cloud.models.observe([wanted(cloud, name)]).items if i.id.name == name]
    assert len({item.id for item in found}) == 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(REGISTER, drop_after=True),
        Fault(REGISTER, drop=True),
        Fault(REGISTER, status=503),
        Fault(REGISTER, status=429),
    ],
)
def test_a_lost_answer_makes_no_second_version(cloud: Cloud, name: str, fault: Fault) -> None:
    want = wanted(cloud, name)
    cloud.fault(fault)
    assert cloud.models.create(want, {}).id == want.id
    assert versions(cloud, name) == [f"{name}:1"]


def test_of_two_versions_with_equal_content_the_lowest_stands(cloud: Cloud, name: str) -> None:
    want = wanted(cloud, name)
    cloud.models.create(want, {})
    (first,) = cloud.session.workspace.models(name)
    cloud.session.workspace.register_model(
        cloud.folder / f"{name}.bin",
        name=name,
        tags={},
        description="",
        framework={},
        properties=first["properties"],
    )
    assert len(versions(cloud, name)) == 2
    assert only(cloud.models.observe([want]), want).address == f"{name}:1"


def test_tags_can_be_cleared(cloud: Cloud, name: str) -> None:
    made = cloud.models.create(wanted(cloud, name), {})
    tagged = linked(model(name, cloud.folder, tags={"a": "1", "b": "2"}))
    now = cloud.models.update(made, tagged[ResourceId("Model", name)], {})
    assert now.spec["tags"] == {"a": "1", "b": "2"}
    assert cloud.models.update(now, wanted(cloud, name), {}).spec["tags"] == {}


def test_a_description_cannot_be_emptied_and_a_plan_says_so(cloud: Cloud, name: str) -> None:
    cloud.models.create(wanted(cloud, name, description="old"), {})
    want = wanted(cloud, name)
    reading = cloud.models.observe([want])
    assert only(reading, want).spec["description"] == ""
    assert [d.code for d in reading.diagnostics] == ["model.description"]


def test_a_version_that_is_only_referred_to_is_found(cloud: Cloud, name: str) -> None:
    cloud.models.create(wanted(cloud, name), {})
    there, missing = draft("Model", name, {"version": 1}), draft("Model", name, {"version": 7})
    found = only(cloud.models.observe([there]), there)
    assert (found.address, found.owned) == (f"{name}:1", False)
    assert missing.id not in {item.id for item in cloud.models.observe([missing]).items}


def test_nothing_is_asked_where_git_has_no_model(cloud: Cloud) -> None:
    before = cloud.session.tally.total()
    assert cloud.models.observe([]).items == ()
    assert cloud.session.tally.total() == before


def test_with_prune_the_last_model_of_the_fleet_is_seen(cloud: Cloud, name: str) -> None:
    made = cloud.models.create(wanted(cloud, name), {})
    before = cloud.session.allowed
    cloud.session.allowed = replace(before, prune=True)
    try:
        assert made.id in {item.id for item in cloud.models.observe([]).items}
    finally:
        cloud.session.allowed = before


def test_a_page_of_models_is_one_request(cloud: Cloud, name: str) -> None:
    want = wanted(cloud, name)
    cloud.models.create(want, {})
    before = cloud.cost()["workspace"]
    cloud.models.observe([want])
    assert cloud.cost()["workspace"] == {**before, "read": before["read"] + 1}


def test_a_refusal_has_the_service_s_words_and_a_remedy(cloud: Cloud, name: str) -> None:
    body = '{"error": {"code": "Forbidden", "message": "no rights on models"}}'
    for _ in range(2):
        cloud.fault(Fault(r"GET /modelmanagement/.*/models", status=403, body=body))
    with pytest.raises(ProviderError, match="403") as refused:
        cloud.models.observe([wanted(cloud, name)])
    assert "AzureML Data Scientist" in refused.value.remedy


def test_uploading_is_announced(cloud: Cloud, name: str) -> None:
    want = wanted(cloud, name)
    cloud.models.create(want, {})
    assert [(p.subject, p.activity) for p in cloud.said] == [
        (want.id, "uploading"),
        (want.id, "registered"),
    ]
