"""Images that the workspace builds: one build per inputs, waited for, picked up, explained."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
import requests

from reconciler.emulator.faults import Fault
from reconciler.model import Observed, Resource, ResourceId, State
from reconciler.providers.azure.images.inputs import described
from reconciler.providers.azure.staging import staged
from reconciler.providers.port import ConflictError, ProviderError
from tests.providers.cloud import Cloud, only
from tests.providers.resources import CONDA, image, linked, model

BROKEN = "dependencies: [python=3.10, does-not-exist]\n"
START = r"POST /modelmanagement/.*/images"


class Built:
    """A model that is there, and the image that git asks for on top of it."""

    def __init__(self, cloud: Cloud, name: str, builder: str, conda: str = CONDA) -> None:
        parts = (
            model(name, cloud.folder),
            image(name, cloud.folder, [name], conda, builder=builder, tags={"team": "edge"}),
        )
        found = linked(*parts)
        self.model = found[ResourceId("Model", name)]
        self.want: Resource = found[ResourceId("Image", name)]
        self.resolved: Mapping[ResourceId, Observed] = {
            self.model.id: cloud.models.create(self.model, {})
        }

    def create(self, cloud: Cloud) -> Observed:
        return cloud.images.create(self.want, self.resolved)

    def seen(self, cloud: Cloud) -> Observed:
        return only(cloud.images.observe([self.want]), self.want)

    def start(self, cloud: Cloud) -> None:
        """As a run that is cancelled right after: nobody waits."""
        given, workspace = cloud.session.surroundings, cloud.session.workspace
        build = described(cloud.session, self.want, self.resolved)
        with staged(self.want.spec, given.files, workspace.folder / "cancelled") as files:
            workspace.create_image(build, files)


@pytest.fixture(params=["azureml-image", "azureml-package"])
def built(request: pytest.FixtureRequest, cloud: Cloud, name: str) -> Built:
    return Built(cloud, name, request.param)


def builds(cloud: Cloud, name: str) -> int:
    found = cloud.client.control("GET", "builds")["builds"]
    return sum(name in build["subject"] for build in found)


def test_a_build_ends_as_an_image_that_can_be_pulled(cloud: Cloud, built: Built) -> None:
    made = built.create(cloud)
    server = cloud.session.login_server()
    location = str(made.status["location"])
    assert location.startswith(f"{server}/{built.want.id.name}:")
    assert (made.id, made.state, made.owned) == (built.want.id, State.READY, True)
    assert cloud.session.registry.digest(location, cloud.session.registry_login())


def test_a_read_finds_what_was_built(cloud: Cloud, built: Built) -> None:
    made = built.create(cloud)
    seen = built.seen(cloud)
    assert (seen.id, seen.status["location"]) == (made.id, made.status["location"])
    assert seen.spec == {"tags": {"team": "edge"}}


def test_an_image_keeps_the_models_that_it_holds_from_going_first(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-image")
    built.create(cloud)
    assert set(built.seen(cloud).refs.values()) == {built.model.id}


@pytest.mark.parametrize(
    "fault",
    [Fault("^DELETE .*/images/", status=404), Fault("^DELETE .*/images/", drop_after=True)],
    ids=["gone", "lost"],
)
def test_an_image_that_is_gone_already_is_deleted(cloud: Cloud, name: str, fault: Fault) -> None:
    built = Built(cloud, name, "azureml-image")
    made = built.create(cloud)
    cloud.fault(fault)
    cloud.images.delete(made)
    cloud.images.delete(made)
    assert cloud.rules_left() == 0


def test_equal_inputs_are_built_once(cloud: Cloud, built: Built) -> None:
    built.create(cloud)
    built.create(cloud)
    assert builds(cloud, built.want.id.name) == 1


def test_waiting_is_announced_without_the_log_s_signature(cloud: Cloud, built: Built) -> None:
    built.create(cloud)
    said = [p.activity for p in cloud.said if p.subject == built.want.id]
    assert said[0] == "uploading"
    assert said[-1].startswith("building (log: https://")
    assert "sig=" not in "".join(said)


def test_waiting_grows_from_short_to_long(cloud: Cloud, built: Built) -> None:
    built.create(cloud)
    assert cloud.slept[0] == 0.2
    assert cloud.slept == sorted(cloud.slept)


@pytest.mark.parametrize("builder", ["azureml-image", "azureml-package"])
def test_a_failed_build_shows_the_end_of_its_log(cloud: Cloud, name: str, builder: str) -> None:
    built = Built(cloud, name, builder, conda=BROKEN)
    with pytest.raises(ProviderError, match="ResolvePackageNotFound: does-not-exist"):
        built.create(cloud)


def test_a_failed_build_is_seen_with_its_log(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-image", conda=BROKEN)
    with pytest.raises(ProviderError, match="Failed"):
        built.create(cloud)
    seen = built.seen(cloud)
    assert seen.state is State.FAILED
    assert "does-not-exist" in str(seen.status["log"])


def test_a_build_that_goes_on_is_seen_and_waited_for(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-image")
    built.start(cloud)
    assert built.seen(cloud).state is State.PENDING
    assert built.create(cloud).state is State.READY
    assert builds(cloud, name) == 1


def test_a_package_of_a_cancelled_run_is_picked_up(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-package")
    cloud.client.control("POST", "builds", {"match": name, "seconds": 30, "times": 1})
    before = cloud.session.surroundings
    impatient = replace(before.patience, sleep=_cancel)
    cloud.session.surroundings = replace(before, patience=impatient)
    with pytest.raises(KeyboardInterrupt):
        built.create(cloud)
    cloud.session.surroundings = before
    built.create(cloud)
    assert builds(cloud, name) == 1


def _cancel(_seconds: float) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fault", [Fault(START, drop_after=True), Fault(START, drop=True)])
def test_a_lost_answer_starts_no_second_build(cloud: Cloud, name: str, fault: Fault) -> None:
    built = Built(cloud, name, "azureml-image")
    cloud.fault(fault)
    built.create(cloud)
    assert builds(cloud, name) == 1


def test_tags_change_in_place(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-image")
    made = built.create(cloud)
    other = replace(built.want, spec={**built.want.spec, "tags": {"team": "core"}})
    now = cloud.images.update(made, other, built.resolved)
    assert (now.address, now.spec) == (made.address, {"tags": {"team": "core"}})
    with pytest.raises(ConflictError, match="changed after the plan was made"):
        cloud.images.delete(made)
    cloud.images.delete(now)
    assert now.address not in {i["id"] for i in cloud.session.workspace.images(name)}


def test_the_git_remote_does_not_reach_the_image(cloud: Cloud, name: str) -> None:
    Built(cloud, name, "azureml-image").create(cloud)
    (found,) = cloud.session.workspace.images(name)
    assert [key for key in found["properties"] if "git" in key] == []


def test_files_lie_in_the_image_where_the_driver_looks_for_them(cloud: Cloud, name: str) -> None:
    made = Built(cloud, name, "azureml-image").create(cloud)
    assert {"score.py", "lib.py"} <= set(_unpacked(cloud, str(made.status["location"])))


def _unpacked(cloud: Cloud, location: str) -> Iterator[str]:
    """The names in the archives that an image is put together from."""
    login = cloud.session.registry_login()
    auth = (login.username, login.password.reveal())
    _, _, path = location.partition("/")
    repository, _, tag = path.partition(":")
    base = f"{cloud.emulator.connection.url}/v2/{repository}"
    with requests.Session() as registry:
        registry.auth, registry.verify = auth, str(cloud.session.connection.ca)
        registry.trust_env = False
        manifest = registry.get(f"{base}/manifests/{tag}", timeout=20).json()
        digests = [layer["digest"] for layer in manifest["layers"]]
        blobs = [registry.get(f"{base}/blobs/{d}", timeout=20).content for d in digests]
    for blob in blobs:
        with tarfile.open(fileobj=io.BytesIO(blob)) as archive:
            for part in archive.getmembers():
                content = archive.extractfile(part)
                if part.name.endswith(".tar.gz") and content:
                    with tarfile.open(fileobj=io.BytesIO(content.read())) as inner:
                        yield from inner.getnames()


def test_a_prebuilt_image_has_the_digest_of_its_tag(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, "azureml-image").create(cloud)
    reference = str(built.status["location"])
    want = image_reference(name, reference)
    found = only(cloud.images.observe([want]), want)
    assert found.status["location"] == reference
    assert str(found.status["digest"]).startswith("sha256:")


def test_a_prebuilt_image_that_is_not_there_is_absent(cloud: Cloud, name: str) -> None:
    cloud_reference = f"{cloud.session.login_server()}/{name}:1"
    assert cloud.images.observe([image_reference(name, cloud_reference)]).items == ()


def test_a_registry_that_the_environment_does_not_name_is_not_asked(
    cloud: Cloud, name: str
) -> None:
    want = image_reference(name, "elsewhere.azurecr.io/app:1")
    before = cloud.session.tally.total()
    found = only(cloud.images.observe([want]), want)
    assert found.status == {"location": "elsewhere.azurecr.io/app:1"}
    assert cloud.session.tally.total() == before


def image_reference(name: str, reference: str) -> Resource:
    return Resource(ResourceId("Image", name), {"builder": "prebuilt", "reference": reference})
