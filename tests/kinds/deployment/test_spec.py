import json

import pytest
import yaml

from reconciler.edge import plain
from reconciler.kinds.deployment.spec import (
    KIND,
    address_name,
    content_digest,
    password_paths,
)
from reconciler.model import (
    MASK,
    Commit,
    Observed,
    Resource,
    ResourceId,
    Scope,
    Spec,
    Value,
    link,
    mapping,
)
from tests.small_kinds import KINDS

LAYER: Spec = {
    "type": "layer",
    "group": "line-1",
    "priority": 30,
    "modules": {"detector": {"image": "x.io/detector:1", "createOptions": {"A": {"B": 1, "C": 2}}}},
}

PINNED = "v1:926b13b21319ac99e1531e8dbdf75706b9dbb4166f3d4cf6985b9b0d7a36240e"


def with_module(**changes: Value) -> Spec:
    detector = mapping(mapping(LAYER["modules"])["detector"])
    return {**LAYER, "modules": {"detector": {**detector, **changes}}}


def generation(spec: Spec) -> str:
    normal = KIND.normalize(spec, {})
    group = ResourceId("DeviceGroup", "line-1")
    group_kind = KINDS["DeviceGroup"]
    lineage = ResourceId("Deployment", "detector")
    drafts = [
        Resource(lineage, normal, KIND.refs(normal)),
        Resource(group, {"targetCondition": "tags.line = '1'"}),
    ]
    kinds = {"Deployment": KIND, "DeviceGroup": group_kind}
    linked = link(Commit(), drafts, kinds, Scope("plant", "prod")).resources
    (found,) = [name for name in linked if name.kind == "Deployment"]
    return found.generation


def observed(ref: ResourceId) -> Observed:
    return Observed(ref, {}, status={"loginServer": "x.io", "username": "u"})


def test_a_generation_stays_the_same_in_every_release() -> None:
    assert generation(LAYER) == PINNED


@pytest.mark.parametrize(
    "spelling",
    [
        with_module(createOptions='{"A": {"C": 2, "B": 1}}'),
        with_module(createOptions='{"A":{"B":1.0,"C":2}}'),
        with_module(createOptions={"A": {"C": 2.0, "B": 1}}),
        with_module(status="running", restartPolicy="always", type="docker"),
        with_module(image={"reference": "x.io/detector:1"}),
        with_module(version=None),
        {**LAYER, "labels": {"team": "edge"}, "priority": 31, "metrics": {"a": "SELECT 1"}},
        {key: LAYER[key] for key in sorted(LAYER, reverse=True)},
    ],
)
def test_spelling_and_what_can_change_in_place_do_not_make_a_generation(spelling: Spec) -> None:
    assert generation(spelling) == generation(LAYER)


@pytest.mark.parametrize(
    "change",
    [
        with_module(createOptions={"A": {"B": 1, "C": 3}}),
        with_module(restartPolicy=None),
        with_module(env={"A": "1"}),
        with_module(desiredProperties={}),
        {**LAYER, "routes": {"up": "FROM /* INTO $upstream"}},
    ],
)
def test_other_content_makes_a_generation(change: Spec) -> None:
    assert generation(change) != generation(LAYER)


def test_yaml_style_does_not_matter() -> None:
    block = yaml.safe_dump(json.loads(json.dumps(LAYER)), default_flow_style=False)
    flow = yaml.safe_dump(json.loads(json.dumps(LAYER)), default_flow_style=True, width=20)
    loaded = [mapping(plain(yaml.safe_load(text))) for text in (block, flow)]
    assert [KIND.normalize(spec, {}) for spec in loaded] == [KIND.normalize(LAYER, {})] * 2


@pytest.mark.parametrize("kind", ["base", "layer"])
def test_passwords_are_found_again_in_what_was_rendered(kind: str) -> None:
    written: Spec = {
        "type": kind,
        "group": "g",
        "priority": 1,
        "registryCredentials": {"acr": "workspace-registry"},
    }
    normal = KIND.normalize(written, {})
    want = Resource(ResourceId("Deployment", "d"), normal, KIND.refs(normal))
    (path,) = password_paths(want)
    assert password_paths(want)[path] == "workspace-registry"
    (credential,) = [ref for ref in want.refs.values() if ref.kind == "RegistryCredential"]
    rendered = KIND.render(want, {credential: observed(credential)})
    value: Value = mapping(rendered["content"])["modulesContent"]
    for key in path:
        value = mapping(value)[key]
    assert value == MASK


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("detector-line-1", "detector-line-1"),
        ("Cam_A", "cam_a"),
        ("Ünï.code name", "n-code-name"),
        ("--", ""),
        ("x" * 300, "x" * 115),
    ],
)
def test_an_id_is_made_from_a_name(name: str, address: str) -> None:
    assert address_name(name) == address


@pytest.mark.parametrize("name", ["--", "x" * 116])
def test_a_name_without_an_id_is_refused(name: str) -> None:
    assert [fault.code for fault in KIND.check(name, LAYER, {})] == ["deployment.name"]


def test_a_credential_label_stands_once() -> None:
    twice = {**LAYER, "registryCredentials": ("acr", {"label": "acr", "name": "other"})}
    assert [f.code for f in KIND.check("d", twice, {})] == ["credential.repeated"]


def test_the_digest_of_a_manifest_is_the_same_after_the_hub_kept_it() -> None:
    normal = KIND.normalize(LAYER, {})
    want = Resource(ResourceId("Deployment", "d"), normal, {})
    sent = mapping(KIND.render(want, {})["content"])["modulesContent"]
    kept = plain(json.loads(json.dumps(sent)))
    returned = {**mapping(kept), "$edgeHub": {}, "other": None}
    assert content_digest(returned) == content_digest(sent)


def test_a_layer_stands_above_what_it_replaces_and_a_base_beside_it() -> None:
    assert KIND.beside(LAYER, {"priority": 30})["priority"] == 31
    assert KIND.beside({**LAYER, "type": "base"}, {"priority": 30})["priority"] == 30


def test_a_hub_holds_a_hundred_and_layers_for_the_same_devices_keep_apart() -> None:
    assert KIND.capacity == 100
    assert KIND.spacing({**LAYER, "targetCondition": "line-1"}) == ("line-1", 30)
