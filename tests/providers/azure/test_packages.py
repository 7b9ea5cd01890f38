"""Packages have no object in the workspace: how their builds are remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.diff import Action, Change, Reason
from reconciler.model import Commit, Resource, State
from reconciler.plan import Plan, Wish, build
from reconciler.providers.azure.images.notes import next_note, notes
from reconciler.providers.port import ProviderError
from reconciler.registry import KINDS
from tests.providers.azure.test_images import BROKEN, Built, builds
from tests.providers.cloud import SCOPE, Cloud
from tests.providers.resources import CONDA, image, model

PACKAGE = "azureml-package"
OTHER = "dependencies: [python=3.11]\n"


def drafts(cloud: Cloud, name: str, conda: str) -> tuple[Resource, ...]:
    return (
        model(name, cloud.folder),
        image(name, cloud.folder, [name], conda, builder=PACKAGE, tags={"team": "edge"}),
    )


def planned(cloud: Cloud, name: str, conda: str, *, retry: bool = False) -> Plan:
    wanted = drafts(cloud, name, conda)
    wish = Wish(Commit(), SCOPE, wanted, retry_failed=retry)
    return build(wish, cloud.provider.read(wanted), KINDS)


def change(plan: Plan, name: str) -> Change:
    """Of the image's wanted generation."""
    ours = [c for c in (*plan.changes, *plan.unchanged) if str(c.id) == f"Image/{name}"]
    (found,) = [c for c in ours if c.after is not None]
    return found


def failed(cloud: Cloud, name: str) -> Built:
    built = Built(cloud, name, PACKAGE, conda=BROKEN)
    with pytest.raises(ProviderError, match="does-not-exist"):
        built.create(cloud)
    return built


def interrupted(cloud: Cloud, built: Built) -> None:
    """As a run that is cancelled right after the build was started."""
    before = cloud.session.surroundings
    cloud.session.surroundings = replace(before, patience=replace(before.patience, sleep=_cancel))
    with pytest.raises(KeyboardInterrupt):
        built.create(cloud)
    cloud.session.surroundings = before


def _cancel(_seconds: float) -> None:
    raise KeyboardInterrupt


def test_a_failed_build_is_not_tried_again_by_itself(cloud: Cloud, name: str) -> None:
    failed(cloud, name)
    found = change(planned(cloud, name, BROKEN), name)
    assert (found.action, found.reason) == (Action.NOOP, Reason.BROKEN)
    assert found.before is not None
    assert "does-not-exist" in str(found.before.status["log"])
    assert builds(cloud, name) == 1


def test_a_failed_build_is_tried_again_when_somebody_says_so(cloud: Cloud, name: str) -> None:
    built = failed(cloud, name)
    found = change(planned(cloud, name, BROKEN, retry=True), name)
    assert (found.action, found.reason) == (Action.CREATE, Reason.RETRIED)
    with pytest.raises(ProviderError, match="does-not-exist"):
        built.create(cloud)
    assert builds(cloud, name) == 2


def test_another_input_is_another_build(cloud: Cloud, name: str) -> None:
    failed(cloud, name)
    assert change(planned(cloud, name, OTHER), name).reason is Reason.MISSING
    Built(cloud, name, PACKAGE, conda=OTHER).create(cloud)
    assert change(planned(cloud, name, OTHER), name).reason is Reason.SAME


def test_going_back_to_a_failed_input_builds_nothing(cloud: Cloud, name: str) -> None:
    failed(cloud, name)
    Built(cloud, name, PACKAGE, conda=OTHER).create(cloud)
    assert change(planned(cloud, name, BROKEN), name).reason is Reason.BROKEN


def test_a_build_that_goes_on_is_waited_for(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, PACKAGE)
    cloud.client.control("POST", "builds", {"match": name, "seconds": 30, "times": 1})
    interrupted(cloud, built)
    assert change(planned(cloud, name, CONDA), name).reason is Reason.PENDING
    assert built.create(cloud).state is State.READY
    assert builds(cloud, name) == 1


def test_a_build_that_failed_while_nobody_looked_is_seen(cloud: Cloud, name: str) -> None:
    built = Built(cloud, name, PACKAGE, conda=BROKEN)
    interrupted(cloud, built)
    cloud.clock.advance(60)
    found = change(planned(cloud, name, BROKEN), name)
    assert found.reason is Reason.BROKEN
    assert builds(cloud, name) == 1


def test_a_plan_asks_for_the_models_once_and_for_no_operation(cloud: Cloud, name: str) -> None:
    failed(cloud, name)
    Built(cloud, name, PACKAGE, conda=OTHER).create(cloud)
    planned(cloud, name, OTHER)
    before = cloud.cost()["workspace"]
    assert planned(cloud, name, OTHER).changes == ()
    assert cloud.cost()["workspace"] == {**before, "read": before["read"] + 1}


def test_notes_are_told_apart_by_image_and_number() -> None:
    first = next_note("app", (), "m:1", "v1:aa", "op-1")
    second = next_note("app", (first,), "m:1", "v1:bb", "op-2")
    other = next_note("app-1", (), "m:1", "v1:cc", "op-3")
    properties = {**first.begun, **second.begun, **second.ended, **other.begun, "team": "edge"}
    versions = [{"id": "m:1", "properties": properties}]
    assert notes("app", versions) == (first, replace(second, failed=True))
    assert notes("app-1", versions) == (other,)
