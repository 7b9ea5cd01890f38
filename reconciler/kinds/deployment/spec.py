"""What a Deployment is: the modules that run on the devices of a group."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from reconciler import edge
from reconciler.edge import Login, OptionsError, Resolutions, lint
from reconciler.model import (
    MASK,
    Contents,
    Fault,
    FieldPath,
    FieldRule,
    Kind,
    Refs,
    Resolved,
    Resource,
    ResourceId,
    Spec,
    Superseded,
    Value,
    canonical,
    mapping,
    sequence,
    short,
)

CREDENTIALS = "registryCredentials"
CONDITION: FieldPath = ("targetCondition",)
PRIORITY = "priority"
CAPACITY = 100
"""Configurations of a hub, of all sorts and owners; a free hub has 10.
https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling"""

ADDRESSES = 9
"""How many ids of one generation are tried before a person has to look."""

address_name = edge.address_name
"""A name as it stands in the hub's id; two deployments that share it cannot live together."""

content_digest = edge.content_digest
"""The digest of a `modulesContent`: the same for what was written and what the hub gives back."""


def normalize(spec: Spec, _contents: Contents) -> Spec:
    """One spelling for equal wishes; `group` becomes `targetCondition`, which names the group."""
    own = {key: value for key, value in spec.items() if key != "group"}
    whole = dict(edge.completed(own))
    whole["modules"] = {name: _module(told) for name, told in _items(whole.get("modules"))}
    for name in ("edgeAgent", "edgeHub"):
        if name in whole:
            whole[name] = _with_options(whole[name])
    if CREDENTIALS in whole:
        whole[CREDENTIALS] = _labelled(whole[CREDENTIALS])
    if whole["modules"] == {} and "modules" not in spec and spec.get("type") != edge.BASE:
        del whole["modules"]
    return _one_spelling({**whole, "targetCondition": spec.get("group", "")})


def check(name: str, spec: Spec, contents: Contents) -> Iterator[Fault]:
    yield from lint.name_faults(name)
    yield from _repeated_labels(spec.get(CREDENTIALS))
    yield from lint.faults(normalize(spec, contents))


def refs(spec: Spec) -> Refs:
    """Of a normalized spec."""
    found: dict[FieldPath, ResourceId] = {
        CONDITION: ResourceId("DeviceGroup", str(spec["targetCondition"]))
    }
    for name, module in _items(spec.get("modules")):
        image = module.get("image") if isinstance(module, Mapping) else None
        if isinstance(image, str) and not _is_reference(image):
            found["modules", name, "image"] = ResourceId("Image", image)
    for label, credential in _items(spec.get(CREDENTIALS)):
        found[CREDENTIALS, label] = ResourceId("RegistryCredential", str(credential))
    return found


def render(want: Resource, resolved: Resolved) -> Spec:
    """The document for the hub; passwords stand masked at `password_paths`."""
    images: dict[str, str] = {}
    logins: dict[str, Login] = {}
    for path, ref in want.refs.items():
        if path[0] == "modules":
            images[path[1]] = str(resolved[ref].status["location"])
        elif path[0] == CREDENTIALS:
            status = resolved[ref].status
            login = (status.get("loginServer"), status.get("username"))
            # What is not there yet has no password that could be put in later.
            logins[path[1]] = Login(*login, status.get("password", MASK))
    return {
        "labels": want.spec.get("labels", {}),
        "targetCondition": want.spec["targetCondition"],
        "priority": want.spec["priority"],
        "metrics": {"queries": want.spec.get("metrics", {})},
        "content": {"modulesContent": edge.render(want.spec, Resolutions(images, logins))},
    }


def password_paths(want: Resource) -> Mapping[FieldPath, str]:
    """Where in `modulesContent` each masked password stands, and whose credential it is."""
    names = {path[1]: ref.name for path, ref in want.refs.items() if path[0] == CREDENTIALS}
    places = edge.passwords(edge.render(want.spec, Resolutions()))
    return {path: names[path[-2].rpartition(".")[2]] for path in places}


def beside(want: Spec, have: Spec) -> Spec:
    """A priority that wins while the older generation stands.

    Among equal bases the newest wins; a layer that equals another is not sure to be applied
    (Azure/iotedge#6685), so it goes one above. A crash in between leaves a priority that the next
    run sees and settles.
    """
    lowest = _whole(have.get(PRIORITY)) + (0 if want.get("type") == edge.BASE else 1)
    return {**want, PRIORITY: max(_whole(want.get(PRIORITY)), lowest)}


def meanwhile(want: Spec, have: Spec) -> Spec:
    """A base for the devices of before and after: who goes to another base has it first."""
    if want.get("type") != edge.BASE:
        return want
    before, after = (str(side.get(CONDITION[0], "")) for side in (have, want))
    return {**want, CONDITION[0]: edge.either(before, after)}


def spacing(spec: Spec) -> tuple[Value, int]:
    """Its priority, among all that are for the same devices."""
    return spec[CONDITION[0]], _whole(spec.get(PRIORITY))


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _module(told: Value) -> Value:
    if not isinstance(told, Mapping):
        return told
    return {**mapping(_with_options(told)), "image": _image(told.get("image"))}


def _image(image: Value) -> Value:
    """A reference as text where it can be told from a name."""
    reference = image.get("reference") if isinstance(image, Mapping) else None
    return reference if isinstance(reference, str) and _is_reference(reference) else image


def _with_options(told: Value) -> Value:
    if not isinstance(told, Mapping) or "createOptions" not in told:
        return told
    try:
        return {**told, "createOptions": edge.parsed(told["createOptions"])}
    except OptionsError:
        return told  # as it is: `check` says what is wrong with it


def _labelled(credentials: Value) -> Value:
    """Credentials by label, however they were written."""
    if not isinstance(credentials, tuple):
        return credentials
    return dict(map(_label_and_name, credentials))


def _label_and_name(item: Value) -> tuple[str, Value]:
    if isinstance(item, Mapping):
        return str(item.get("label")), item.get("name")
    return str(item), item


def _repeated_labels(credentials: Value) -> Iterator[Fault]:
    labels = [_label_and_name(item)[0] for item in sequence(credentials)]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        summary = f'the registry credential label "{label}" is written twice'
        yield Fault((CREDENTIALS,), "credential.repeated", summary, "remove or rename one")


def _is_reference(image: str) -> bool:
    return "/" in image or ":" in image


def _items(value: Value) -> Iterator[tuple[str, Value]]:
    yield from mapping(value).items()


def _one_spelling(spec: Spec) -> Spec:
    """Sorted keys, and no `1.0` beside `1`."""
    return mapping(edge.plain(json.loads(canonical(spec))))


def addresses(identity: ResourceId) -> Iterator[str]:
    """The ids that a generation may have on the hub, the first one first."""
    base = f"{address_name(identity.name)}-{short(identity.generation)}"
    yield base
    yield from (f"{base}-r{number}" for number in range(2, ADDRESSES + 1))


def same(rendered: Spec, live: Spec) -> bool:
    """Whether two documents are the same modules' content, passwords aside."""
    ours, theirs = (
        content_digest(mapping(mapping(side.get("content")).get("modulesContent")))
        for side in (rendered, live)
    )
    return ours == theirs


KIND = Kind(
    name="Deployment",
    rules={
        CONDITION: FieldRule.UPDATE,
        (PRIORITY,): FieldRule.UPDATE,
        ("labels",): FieldRule.UPDATE,
        ("metrics",): FieldRule.UPDATE,
    },
    otherwise=FieldRule.CONTENT,  # the hub answers 200 to other content, and keeps the old
    superseded=Superseded.DELETE,
    scoped=True,
    beside=beside,
    meanwhile=meanwhile,
    spacing=spacing,
    capacity=CAPACITY,
    follows=("Device",),
    address=address_name,
    addresses=addresses,
    same=same,
    check=check,
    normalize=normalize,
    refs=refs,
    render=render,
)
