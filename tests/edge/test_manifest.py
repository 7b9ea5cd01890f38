"""Rendering and reading are each other's inverse, and spelling does not matter."""

import json

from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge import (
    Login,
    Resolutions,
    canonical_content,
    completed,
    content_digest,
    masked,
    passwords,
    plain,
    read,
    render,
    shortened,
)
from reconciler.model import MASK, Severity, Spec, Value, mapping
from tests.edge.manifests import base, module

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,8}", fullmatch=True)
SCALARS = st.one_of(st.text(max_size=12), st.booleans(), st.integers(-(2**50), 2**50))
DATA = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple) | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, DATA, max_size=3)
SECTIONS = st.dictionaries(st.lists(NAMES, min_size=1, max_size=2).map(".".join), DATA, max_size=2)
TWIN = {"desiredProperties": OBJECTS, "desiredPropertySections": SECTIONS}
MODULE = st.fixed_dictionaries(
    {"image": st.sampled_from(["contoso.azurecr.io/detector:1.4", {"reference": "nginx"}])},
    optional={
        "type": st.just("docker"),
        "version": st.text(max_size=5),
        "status": st.sampled_from(["running", "stopped", None]),
        "restartPolicy": st.sampled_from(["never", "always", None]),
        "imagePullPolicy": st.sampled_from(["on-create", "never"]),
        "startupOrder": st.integers(0, 9),
        "env": st.dictionaries(NAMES, SCALARS, max_size=3),
        "createOptions": st.dictionaries(NAMES, DATA, max_size=3),
        **TWIN,
    },
)
ROUTE = st.one_of(
    st.just("FROM /messages/* INTO $upstream"),
    st.fixed_dictionaries(
        {"route": st.just("FROM /* INTO $upstream")},
        optional={"priority": st.integers(0, 9), "timeToLiveSecs": st.integers(0, 99)},
    ),
)
BOTH = {
    "modules": st.dictionaries(NAMES, MODULE, max_size=3),
    "registryCredentials": st.dictionaries(NAMES, st.just(""), max_size=2),
}
BASES = st.fixed_dictionaries(
    {"type": st.just("base")},
    optional={
        **BOTH,
        "routes": st.one_of(st.none(), st.dictionaries(NAMES, ROUTE, max_size=3)),
        "storeAndForward": st.one_of(
            st.none(), st.fixed_dictionaries({"timeToLiveSecs": st.integers(-1, 9)})
        ),
        "runtime": st.one_of(st.none(), st.just({"minDockerVersion": "v1.25"})),
        "schemaVersions": st.just({"edgeHub": "1.2", "edgeAgent": None}),
        "edgeHub": st.one_of(st.just({"createOptions": None}), st.just({"status": None})),
        "mqttBroker": OBJECTS,
        "edgeAgentProperties": st.fixed_dictionaries({"extra": OBJECTS}),
        "edgeHubProperties": st.fixed_dictionaries({"integrity": OBJECTS}),
    },
)
LAYERS = st.fixed_dictionaries(
    {"type": st.just("layer")},
    optional={
        **BOTH,
        "routes": st.dictionaries(NAMES, ROUTE, max_size=3),
        "edgeAgentProperties": st.fixed_dictionaries({"systemModules.edgeHub": OBJECTS}),
        "edgeHubProperties": st.fixed_dictionaries({"integrity": OBJECTS}),
    },
)


def rendered(spec: Spec) -> Spec:
    """As it comes back from the hub."""
    labels = mapping(spec.get("registryCredentials"))
    logins = {label: Login("contoso.azurecr.io", "puller") for label in labels}
    return mapping(plain(json.loads(json.dumps(render(spec, Resolutions({}, logins))))))


@given(st.one_of(BASES, LAYERS))
def test_what_was_rendered_reads_and_renders_the_same(written: Spec) -> None:
    manifest = rendered(completed(written))
    reading = read(manifest)
    assert [fault for fault in reading.faults if fault.severity is Severity.ERROR] == []
    assert rendered(reading.spec) == manifest


@given(st.one_of(BASES, LAYERS))
def test_what_was_read_can_be_written_short(written: Spec) -> None:
    spec = read(rendered(completed(written))).spec
    assert completed(shortened(spec)) == spec


@given(st.one_of(BASES, LAYERS))
def test_the_spelling_of_a_manifest_does_not_matter(written: Spec) -> None:
    manifest = rendered(completed(written))
    assert content_digest(respelled(manifest)) == content_digest(manifest)


def respelled(value: Value, key: str = "") -> Value:
    """The same manifest with its keys turned round and its options spelled otherwise."""
    if key == "createOptions" and isinstance(value, str) and value.endswith("}"):
        return json.dumps(json.loads(value), indent=1)
    if isinstance(value, dict):
        return {name: respelled(value[name], name) for name in reversed(value)}
    return value


def test_what_is_absent_and_what_is_empty_is_the_same() -> None:
    full = base(detector=module())
    bare = base(detector={**module(createOptions="{}"), "env": {}, "version": None})
    assert content_digest(full) == content_digest(bare)


def test_inside_a_twin_empty_and_absent_differ() -> None:
    whole = {**base(), "camera": {"properties.desired": {"areas": {}}}}
    less = {**base(), "camera": {"properties.desired": {}}}
    assert content_digest(whole) != content_digest(less)


def test_one_changed_value_changes_the_digest() -> None:
    assert content_digest(base(a=module("x.io/a:1"))) != content_digest(base(a=module("x.io/a:2")))


def test_passwords_make_no_difference_and_are_never_shown() -> None:
    where = "properties.desired.runtime.settings.registryCredentials.acr"
    told = {"address": "x.io", "username": "u", "password": "secret"}
    content: Spec = {"$edgeAgent": {where: told}}
    other: Spec = {"$edgeAgent": {where: {**told, "password": "other"}}}
    assert content_digest(content) == content_digest(other)
    assert passwords(content) == {("$edgeAgent", where, "password"): "secret"}
    assert "secret" not in str((masked(content), canonical_content(content)))
    assert MASK in str(masked(content))


def test_a_password_of_a_module_is_its_own_affair() -> None:
    twin: Spec = {**base(), "camera": {"properties.desired": {"password": "p"}}}
    assert masked(twin) == twin


def test_options_are_cut_into_pieces_only_where_they_are_long() -> None:
    spec = completed(
        {
            "type": "layer",
            "modules": {"a": {"image": "x.io/a:1", "createOptions": {"E": "x" * 600}}},
        }
    )
    agent = mapping(rendered(spec)["$edgeAgent"])
    settings = mapping(mapping(agent["properties.desired.modules.a"])["settings"])
    assert sorted(settings) == ["createOptions", "createOptions01", "image"]


def test_a_layer_says_nothing_that_it_was_not_told() -> None:
    assert rendered(completed({"type": "layer"})) == {"$edgeAgent": {}}


def test_unknown_fields_of_a_module_are_kept_and_told() -> None:
    manifest = base(detector={**module(), "https_proxy": {"value": "http://proxy"}})
    reading = read(manifest)
    assert rendered(reading.spec) == manifest
    assert [fault.code for fault in reading.faults] == ["manifest.ignored"]
