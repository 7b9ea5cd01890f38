"""Long work says how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest

from reconciler.kinds.model.azure import ModelHandler
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.workspace.process import WorkerProcess
from reconciler.providers.azure.workspace.protocol import Answer, Sent
from reconciler.providers.port import ConflictError, Progress
from tests.providers.azure.test_images import Built
from tests.providers.cloud import Cloud
from tests.providers.resources import linked, model_folder

FILES = {f"{number}.bin": str(number) * 1000 for number in range(3)}


@pytest.fixture(scope="module")
def eager(shared: Cloud) -> Iterator[AzureSession]:
    worker = partial(WorkerProcess, module="tests.providers.eager_worker")
    given = replace(shared.session.surroundings, worker=worker)
    session = AzureSession(shared.session.connection, shared.session.scribe, given)
    with closing(session):
        yield session


def test_an_upload_says_how_many_bytes_and_files_are_gone(
    cloud: Cloud, eager: AzureSession, name: str
) -> None:
    found = model_folder(name, cloud.folder, FILES)
    want = linked(found)[found.id]
    ModelHandler(eager).create(want, {})
    told = [event for event in cloud.said if 0 < event.done < event.total]
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert {event.total for event in told} == {3000}
    assert all("of 3 files" in event.activity for event in told)
    assert told


def test_a_version_whose_bytes_changed_on_the_way_is_taken_back(
    cloud: Cloud, eager: AzureSession, name: str
) -> None:
    found = model_folder(name, cloud.folder, FILES)
    want = linked(found)[found.id]

    def meddle(event: Progress) -> None:
        if event.done:
            (cloud.folder / name / "2.bin").write_text("other", encoding="utf-8")

    before = eager.surroundings
    eager.surroundings = replace(before, notify=meddle)
    with pytest.raises(ConflictError, match=f"{name} changed while this ran; plan again"):
        ModelHandler(eager).create(want, {})
    eager.surroundings = before
    assert cloud.session.workspace.models(name) == []


@pytest.mark.parametrize("builder", ["azureml-image", "azureml-package"])
def test_a_long_build_says_every_few_seconds_that_it_goes_on(
    cloud: Cloud, name: str, builder: str
) -> None:
    built = Built(cloud, name, builder)
    cloud.client.control("POST", "builds", {"match": name, "seconds": 60, "times": 1})
    built.create(cloud)
    told = [event for event in cloud.said if event.activity.startswith("building")]
    seconds = [event.seconds for event in told]
    assert seconds[0] == 0
    assert all(later - earlier >= 3 for earlier, later in pairwise(seconds))
    assert 50 < seconds[-1] <= 65
    assert len(told) < len(cloud.slept)


def test_signs_of_life_are_told_from_answers() -> None:
    sent = Sent(1200, 2)
    assert Sent.of(sent.line()) == sent
    assert Sent.of(Answer("sent").line()) is None
