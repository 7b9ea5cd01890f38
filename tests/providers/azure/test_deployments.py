"""Deployments on the hub: identity, lost answers, secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.emulator.faults import Fault
from reconciler.model import MASK, Marker, ResourceId, Scope, Spec, short
from reconciler.providers.azure.marks import Scribe
from reconciler.providers.port import ConflictError, ProviderError, UnavailableError
from tests.providers.cloud import COMMIT, SCOPE, Cloud, only
from tests.providers.resources import credential, deployable, held, resolved

CANARY = "hub-canary-77"


def put(cloud: Cloud, document: dict[str, Any]) -> None:
    cloud.session.hub.put_configuration(document, None)


def other_content() -> dict[str, Any]:
    return {"modulesContent": {"$edgeAgent": {"properties.desired.modules.other": {"type": "x"}}}}


def test_its_id_and_labels_say_whose_it_is(cloud: Cloud, name: str) -> None:
    want = deployable(name, labels={"team": "edge"})
    made = cloud.deployments.create(want, resolved(want))
    live = cloud.hub(f"{name}-{short(want.id.generation)}")
    assert made.address == live["id"]
    assert live["labels"] == {
        "team": "edge",
        "reconciler-owner": SCOPE.owner,
        "reconciler-env": SCOPE.environment,
        "reconciler-name": name,
        "reconciler-digest": want.id.generation,
        "reconciler-commit": COMMIT,
        "reconciler-content": live["labels"]["reconciler-content"],
    }


def test_reading_takes_one_request(cloud: Cloud) -> None:
    before = cloud.session.tally.total()
    cloud.deployments.observe([])
    assert cloud.session.tally.total() == before + 1


def test_a_create_whose_answer_is_lost_is_not_repeated(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    cloud.fault(Fault(f"PUT /configurations/{name}", drop_after=True))
    made = cloud.deployments.create(want, resolved(want))
    assert cloud.rules_left() == 0
    assert cloud.hub(made.address)["etag"] == made.version
    assert only(cloud.deployments.observe([]), want).address == made.address


def test_a_create_that_never_arrived_is_sent_again(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    cloud.fault(Fault(f"PUT /configurations/{name}", status=503))
    assert cloud.deployments.create(want, resolved(want)).id == want.id


def test_a_throttled_write_waits_ten_seconds_and_goes_on(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    cloud.fault(Fault(f"PUT /configurations/{name}", status=429))
    cloud.deployments.create(want, resolved(want))
    assert len(cloud.slept) == 1
    assert 10 <= cloud.slept[0] <= 15


def test_creating_what_is_there_already_finds_it(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    first = cloud.deployments.create(want, resolved(want))
    assert cloud.deployments.create(want, resolved(want)) == first


def test_an_id_with_other_content_is_left_and_another_one_taken(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    live = cloud.hub(made.address)
    cloud.session.hub.delete_configuration(live["id"], live["etag"])
    put(cloud, {**live, "content": other_content()})

    seen = {item.address: item for item in cloud.deployments.observe([]).items}
    assert seen[made.address].id.generation.startswith("tampered:")
    assert seen[made.address].owned
    again = cloud.deployments.create(want, resolved(want))
    assert again.address == f"{made.address}-r2"
    assert only(cloud.deployments.observe([]), want).address == again.address


def test_a_clone_made_by_hand_does_not_hide_the_original(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    put(cloud, {**cloud.hub(made.address), "id": f"a-{name}"})
    items = {item.address: item for item in cloud.deployments.observe([]).items}
    assert items[made.address].id == want.id
    assert items[f"a-{name}"].id.generation.startswith("tampered:")


def test_what_others_made_is_seen_and_not_ours(cloud: Cloud, name: str) -> None:
    document: dict[str, Any] = {
        "id": name,
        "labels": {"reconciler-owner": "somebody", "reconciler-name": "x"},
        "content": other_content(),
        "targetCondition": "*",
        "priority": 1,
        "metrics": {"queries": {}},
    }
    put(cloud, document)
    items = {item.address: item for item in cloud.deployments.observe([]).items}
    assert items[name].id == ResourceId("Deployment", name)
    assert not items[name].owned
    assert items[name].marker == Marker("somebody", "", "x", "")


def test_two_environments_do_not_own_each_other(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    cloud.session.scribe = Scribe(Scope(SCOPE.owner, "another"), COMMIT)
    items = {item.address: item for item in cloud.deployments.observe([]).items}
    assert not items[made.address].owned


def test_an_update_keeps_the_content_and_names_the_commit(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    before = cloud.hub(made.address)
    cloud.session.scribe = replace(cloud.session.scribe, commit="d" * 40)
    changed = deployable(
        name, priority=31, labels={"a": "b"}, metrics={"m": "SELECT * FROM devices"}
    )
    now = cloud.deployments.update(made, changed, resolved(changed))
    after = cloud.hub(made.address)
    assert now.spec == {
        "targetCondition": f"tags.line = '{name}'",
        "priority": 31,
        "labels": {"a": "b"},
        "metrics": {"m": "SELECT * FROM devices"},
    }
    assert after["content"] == before["content"]
    assert after["labels"]["reconciler-commit"] == "d" * 40


def test_an_update_whose_answer_is_lost_is_not_repeated(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    changed = deployable(name, priority=31)
    cloud.fault(Fault(f"PUT /configurations/{name}", drop_after=True))
    now = cloud.deployments.update(made, changed, resolved(changed))
    assert now.spec["priority"] == 31
    assert cloud.hub(made.address)["etag"] == "Mg=="  # written once: version 2


def test_an_update_of_what_somebody_changed_is_refused(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    theirs = {**cloud.hub(made.address), "priority": 99}
    cloud.session.hub.put_configuration(theirs, made.version)
    changed = deployable(name, priority=31)
    with pytest.raises(ConflictError, match="changed after the plan was made"):
        cloud.deployments.update(made, changed, resolved(changed))
    assert cloud.hub(made.address)["priority"] == 99


def test_an_etag_that_moved_alone_is_no_reason_to_refuse(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    cloud.session.hub.put_configuration(cloud.hub(made.address), made.version)
    changed = deployable(name, priority=31)
    assert cloud.deployments.update(made, changed, resolved(changed)).spec["priority"] == 31


def test_a_delete_whose_answer_is_lost_is_done(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    cloud.fault(Fault(f"DELETE /configurations/{name}", drop_after=True))
    cloud.deployments.delete(made)
    assert cloud.session.hub.configuration(made.address) is None


def test_a_full_hub_says_what_to_do(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    headers = {"iothub-errorcode": "ConfigurationCountLimitExceeded"}
    cloud.fault(Fault(f"PUT /configurations/{name}", status=413, headers=headers))
    with pytest.raises(ProviderError, match="ConfigurationCountLimitExceeded") as refused:
        cloud.deployments.create(want, resolved(want))
    assert "100 configurations" in refused.value.remedy


@pytest.mark.parametrize("kind", ["layer", "base"])
def test_a_password_reaches_the_hub_and_nobody_else(cloud: Cloud, name: str, kind: str) -> None:
    runtime: Spec = {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"}
    base: Spec = {"edgeAgent": runtime, "edgeHub": runtime} if kind == "base" else {}
    acr = f"acr-{name}"
    want = deployable(name, credential(acr), type=kind, registryCredentials=(acr,), **base)
    made = cloud.deployments.create(want, held(want, acr, CANARY, counter=3))
    assert str(cloud.hub(made.address)).count(CANARY) == 1

    seen = only(cloud.deployments.observe([]), want)
    assert CANARY not in repr(seen)
    assert CANARY not in repr(made)
    assert MASK in repr(seen.content)
    assert seen.secrets[acr].secret.reveal() == CANARY
    assert seen.secrets[acr].counter == 3


def test_a_password_that_was_changed_by_hand_is_no_other_content(cloud: Cloud, name: str) -> None:
    acr = f"acr-{name}"
    want = deployable(name, credential(acr), registryCredentials=(acr,))
    made = cloud.deployments.create(want, held(want, acr, "first-password"))
    live = cloud.hub(made.address)
    cloud.session.hub.delete_configuration(live["id"], live["etag"])
    put(cloud, json.loads(json.dumps(live).replace("first-password", "second-password")))
    seen = only(cloud.deployments.observe([]), want)
    assert seen.secrets[acr].secret.reveal() == "second-password"


def test_without_its_password_nothing_is_written(cloud: Cloud, name: str) -> None:
    acr = f"acr-{name}"
    want = deployable(name, credential(acr), registryCredentials=(acr,))
    with pytest.raises(UnavailableError, match=acr):
        cloud.deployments.create(want, resolved(want))
    assert cloud.session.hub.configuration(f"{name}-{short(want.id.generation)}") is None


def test_counts_are_unknown_until_the_hub_has_counted(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    cloud.deployments.create(want, resolved(want))
    assert only(cloud.deployments.observe([]), want).status["targeted"] is None
    cloud.client.control("POST", "tick")
    assert only(cloud.deployments.observe([]), want).status["targeted"] == 0


def test_the_answer_to_a_write_is_its_read_back(cloud: Cloud, name: str) -> None:
    cloud.deployments.observe([])
    before = dict(cloud.cost()["hub"])
    want = deployable(name)
    made = cloud.deployments.create(want, resolved(want))
    settled = deployable(name, priority=31)
    now = cloud.deployments.update(made, settled, resolved(settled))
    cloud.deployments.delete(now)
    after = cloud.cost()["hub"]
    assert {sort: after[sort] - before[sort] for sort in after} == {"read": 0, "write": 3}


def test_an_answer_that_shows_other_content_is_an_error(cloud: Cloud, name: str) -> None:
    want = deployable(name)
    answer = {"id": name, "etag": "MQ==", "labels": {}, "content": {"modulesContent": {}}}
    cloud.fault(Fault(f"PUT /configurations/{name}", status=200, body=json.dumps(answer)))
    with pytest.raises(ProviderError, match="other content than was written"):
        cloud.deployments.create(want, resolved(want))
