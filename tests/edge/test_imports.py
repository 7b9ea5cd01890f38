"""From the text of a file to documents, or to words that help."""

import json

import pytest

from reconciler.edge import imports
from reconciler.model import Severity, Spec, Value, mapping
from tests.edge.manifests import base, module


def imported(value: object, file: str = "deployment.template.json") -> imports.Manifest:
    text = value if isinstance(value, str) else json.dumps(value)
    (manifest,) = imports.manifests_of(text, file, "plant", set())
    return manifest


def errors(manifest: imports.Manifest) -> list[str]:
    return [fault.code for fault in manifest.faults if fault.severity is Severity.ERROR]


def document(manifest: imports.Manifest, kind: str) -> Spec:
    (found,) = [found.spec for found in manifest.documents if found.kind == kind]
    return found


def with_credential(told: Spec) -> Value:
    content = json.loads(json.dumps(base()))
    settings = content["$edgeAgent"]["properties.desired"]["runtime"]["settings"]
    settings["registryCredentials"] = {"acr": told}
    found: Value = content
    return found


@pytest.mark.parametrize(
    "wrap",
    [
        lambda content: content,
        lambda content: {"modulesContent": content},
        lambda content: {"content": {"modulesContent": content}},
        lambda content: {"content": {"moduleContent": content}},
        lambda content: {"deploymentManifest": {"modulesContent": content}},
        lambda content: [{"id": "x", "content": {"modulesContent": content}}],
        lambda content: {
            "configurations": {"edgeDeployments": {"x": {"content": {"modulesContent": content}}}}
        },
    ],
)
def test_every_wrapping_is_taken_off(wrap: object) -> None:
    assert callable(wrap)
    manifest = imported(wrap(base(detector=module())))
    assert errors(manifest) == []
    assert list(mapping(document(manifest, "Deployment")["modules"])) == ["detector"]


def test_defaults_are_not_written_out() -> None:
    spec = document(imported(base(detector=module())), "Deployment")
    assert spec["modules"] == {"detector": {"image": "contoso.azurecr.io/detector:1.4"}}
    assert "storeAndForward" not in spec


def test_a_configuration_brings_its_group_and_priority() -> None:
    manifest = imported(
        {
            "id": "vision-layer",
            "targetCondition": "tags.line = '1'",
            "priority": 7,
            "labels": {"team": "edge", "reconciler-owner": "somebody"},
            "metrics": {"queries": {"all": "SELECT deviceId FROM devices"}, "results": {"all": 3}},
            "content": {
                "modulesContent": {"$edgeAgent": {}, "a": {"properties.desired": {"x": 1}}}
            },
        }
    )
    assert document(manifest, "DeviceGroup") == {"targetCondition": "tags.line = '1'"}
    assert document(manifest, "Deployment") == {
        "type": "layer",
        "group": "vision-layer-devices",
        "priority": 7,
        "twins": {"a": {"desiredProperties": {"x": 1}}},
        "metrics": {"all": "SELECT deviceId FROM devices"},
        "labels": {"team": "edge"},
    }


def test_every_device_is_meant_on_purpose() -> None:
    manifest = imported({"content": {"modulesContent": base()}, "targetCondition": "*"})
    assert document(manifest, "DeviceGroup") == {"targetCondition": "*", "allowAll": True}


def test_without_a_condition_somebody_must_choose_a_group() -> None:
    manifest = imported(base())
    assert document(manifest, "Deployment")["group"] == "choose-a-group"
    assert any("DeviceGroup" in line for line in manifest.documents[-1].comments)


def test_passwords_stay_where_they_are() -> None:
    manifest = imported(with_credential({"address": "x.io", "username": "u", "password": "s3cret"}))
    assert document(manifest, "RegistryCredential") == {
        "loginServer": "x.io",
        "username": "u",
        "password": {"secretRef": {"env": "ACR_PASSWORD"}},
    }
    assert "s3cret" not in str((manifest.documents, manifest.faults))
    assert "credential.clear" in [fault.code for fault in manifest.faults]


def test_a_placeholder_for_a_password_names_the_variable() -> None:
    manifest = imported(
        with_credential({"address": "$SERVER", "username": "$U_1", "password": "<CR.Password>"})
    )
    spec = document(manifest, "RegistryCredential")
    assert spec["password"] == {"secretRef": {"env": "CR_PASSWORD"}}
    assert manifest.placeholders == {"SERVER": "$SERVER", "U_1": "$U_1"}


def test_a_placeholder_for_a_label_is_kept_as_a_value() -> None:
    content = json.loads(
        json.dumps(with_credential({"address": "x.io", "username": "u", "password": "p"}))
    )
    runtime = content["$edgeAgent"]["properties.desired"]["runtime"]["settings"]
    runtime["registryCredentials"]["<name>"] = runtime["registryCredentials"].pop("acr")
    spec = document(imported(content), "Deployment")
    assert spec["registryCredentials"] == ({"label": "${name}", "name": "deployment-name"},)


def test_files_of_the_same_name_become_different_deployments() -> None:
    names: set[str] = set()
    text = json.dumps(base())
    found = [list(imports.manifests_of(text, "deployment.json", "", names)) for _ in range(2)]
    assert [manifest.name for (manifest,) in found] == ["deployment", "deployment-2"]


def edge_agent(**changes: object) -> Value:
    content = json.loads(json.dumps(base(detector=module())))
    content["$edgeAgent"]["properties.desired"].update(changes)
    found: Value = content
    return found


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (edge_agent(schemaVersion="1.4"), "manifest.schema", "runtime"),
        (base(a={**module(), "status": "Stopped"}), "module.status", '"stopped"'),
        (
            base(a={**module(), "restartPolicy": "on-failured"}),
            "module.restartPolicy",
            "on-failure",
        ),
        (base(a={**module(), "env": {"X": "1"}}), "env.unwrapped", '{"value": "..."}'),
        (base(a={**module(), "env": {"X": {"value": [1]}}}), "env.type", "text"),
        (base(**{"my.module": module()}), "module.name", "my-module"),
        (base(_comment="runs the model"), "manifest.shape", "comments"),
        (base(a=module("")), "image.missing", "image"),
        (base(a=module("x.io/a:1@sha256:" + "a" * 64)), "image.tag-and-digest", "tag"),
        (base(a=module("not an image")), "image.reference", "registry"),
        (base(a=module(createOptions="[1]")), "options.invalid", "HostConfig"),
        (base(a=module(createOptions="{", createOptions02="}")), "options.invalid", "01"),
        (with_credential({"username": "u", "password": "p"}), "credential.address", "contoso"),
        (
            with_credential({"address": "", "username": 1, "password": "p"}),
            "credential.username",
            "puller",
        ),
        (edge_agent(systemModules={}), "manifest.system-module", "edgeHub"),
        ({**base(), "$other": {}}, "manifest.section", "rename"),
        ({**base(), "a": {"desired": {}}}, "manifest.key", "properties.desired"),
        ({**base(), "a": {"properties.desired": {"x": None}}}, "twin.null", "leave"),
        ({"$edgeAgent": {"properties.desired.modules": {}}}, "layer.modules", "name each"),
        ({"$edgeAgent": {}, "$edgeHub": {"properties.desired": {}}}, "layer.whole", "routes"),
        ({"$edgeAgent": {"properties.desired.modules.a.b": module()}}, "module.name", "a-b"),
        ({**base(), "$edgeHub": {"properties.desired.x": 1}}, "manifest.mixed", "inside"),
        ({"modulesContent": base(), "deviceContent": {}}, "manifest.mixed", "remove"),
        (
            {"modulesContent": base(), "targetCondition": 'tags.a = "x"'},
            "condition.syntax",
            "single",
        ),
        ({"modulesContent": base(), "priority": -1}, "deployment.priority", "larger"),
        ({"modulesContent": []}, "manifest.shape", ""),
        ({"modules": []}, "manifest.missing", "list of a device's modules"),
        ('{"modulesContent": }', "json.syntax", ""),
    ],
)
def test_a_mistake_is_refused_with_a_hint(content: object, code: str, word: str) -> None:
    manifest = imported(content)
    assert manifest.documents == ()
    assert code in errors(manifest)
    assert word in str([(f.summary, f.hint) for f in manifest.faults if f.code == code])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (base(a=module("nginx:latest")), "image.latest"),
        (base(a=module("mcr.microsoft.com/azureiotedge-agent:1.4")), "image.end-of-life"),
        (base(a=module("x.io/a@sha256:" + "a" * 64)), "image.digest"),
        ({"content": {"moduleContent": base()}}, "manifest.preview"),
        ({"$edgeHub": {"properties.desired.routes.a": "FROM /* INTO $upstream"}}, "manifest.agent"),
        ({"$edgeAgent": {}, "a": {"properties.desired.x": 1}}, "layer.only-twins"),
        ({"$edgeAgent": {"properties.desired.systemModules.edgeHub": {}}}, "layer.system-module"),
    ],
)
def test_what_is_unwise_passes_with_a_warning(content: object, code: str) -> None:
    manifest = imported(content)
    assert errors(manifest) == []
    assert manifest.documents != ()
    assert code in [fault.code for fault in manifest.faults]


def test_a_port_that_two_modules_claim_is_written_down_as_it_is() -> None:
    """The hub took it: only the device knows that one of them does not start."""
    options = json.dumps({"HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}}})
    manifest = imported(base(one=module(createOptions=options), two=module(createOptions=options)))
    assert errors(manifest) == []
    assert "host.port" in {fault.code for fault in manifest.faults}
    assert set(mapping(document(manifest, "Deployment")["modules"])) == {"one", "two"}


def test_faults_are_told_where_they_stand() -> None:
    text = json.dumps({"modulesContent": base(a={**module(), "status": "Stopped"})}, indent=1)
    manifest = imported(text)
    (fault,) = [fault for fault in manifest.faults if fault.code == "module.status"]
    line = manifest.position(fault.path).line
    assert '"status": "Stopped"' in text.splitlines()[line - 1]


def test_credentials_of_long_deployments_have_names_of_their_own() -> None:
    told = with_credential({"address": "x.io", "username": "u", "password": "p"})
    taken: set[str] = set()
    names = [
        document.name
        for _ in range(2)
        for manifest in imports.manifests_of(json.dumps(told), "x" * 70 + ".json", "", taken)
        for document in manifest.documents
    ]
    assert len(names) == len(set(names)) == 4
    assert max(map(len, names)) <= 65
