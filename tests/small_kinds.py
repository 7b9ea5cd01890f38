"""Five kinds in small, one for each way in which a kind can behave."""

from __future__ import annotations

from reconciler.model import (
    MASK,
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
    mapping,
    sequence,
    short,
    text,
)


def image_refs(spec: Spec) -> Refs:
    models = enumerate(sequence(spec.get("models")))
    return {("models", str(index)): ResourceId("Model", text(name)) for index, name in models}


def deployment_refs(spec: Spec) -> Refs:
    refs: dict[FieldPath, ResourceId] = {
        ("targetCondition",): ResourceId("DeviceGroup", text(spec["targetCondition"]))
    }
    for name, module in mapping(spec.get("modules")).items():
        image = text(mapping(module).get("image"))
        if ":" not in image:
            refs["modules", name, "image"] = ResourceId("Image", image)
    for index, credential in enumerate(sequence(spec.get("registryCredentials"))):
        path = ("registryCredentials", str(index))
        refs[path] = ResourceId("RegistryCredential", text(credential))
    return refs


def manifest(want: Resource, resolved: Resolved) -> Spec:
    """The document that is written: real image locations, no real passwords."""
    return {
        "priority": want.spec["priority"],
        "targetCondition": want.spec["targetCondition"],
        "content": {
            "routes": want.spec.get("routes", {}),
            "modules": {
                name: _module(name, mapping(module), want.refs, resolved)
                for name, module in mapping(want.spec.get("modules")).items()
            },
            "registries": {
                ref.name: {
                    "address": resolved[ref].status.get("loginServer"),
                    "username": resolved[ref].status.get("username"),
                    "password": MASK,
                }
                for ref in want.refs.values()
                if ref.kind == "RegistryCredential"
            },
        },
    }


def _module(name: str, module: Spec, refs: Refs, resolved: Resolved) -> Spec:
    ref = refs.get(("modules", name, "image"))
    location: Value = resolved[ref].status.get("location") if ref else module["image"]
    return {**module, "image": location}


def beside(want: Spec, have: Spec) -> Spec:
    """A layer wins over an older one above it, and nowhere else."""
    return {**want, "priority": max(_priority(want), _priority(have) + 1)}


def spacing(spec: Spec) -> tuple[Value, int]:
    return spec["targetCondition"], _priority(spec)


def _priority(spec: Spec) -> int:
    found = spec.get("priority")
    return found if isinstance(found, int) else 0


MODEL = Kind(
    "Model",
    rules={
        ("sha256",): FieldRule.CONTENT,
        ("version",): FieldRule.CONTENT,
        ("path",): FieldRule.IGNORE,
    },
    superseded=Superseded.KEEP,
    managed=lambda spec: "version" not in spec,
)
IMAGE = Kind(
    "Image",
    rules={
        ("models",): FieldRule.CONTENT,
        ("base",): FieldRule.CONTENT,
        ("reference",): FieldRule.CONTENT,
    },
    superseded=Superseded.KEEP,
    refs=image_refs,
    managed=lambda spec: "reference" not in spec,
)
GROUP = Kind(
    "DeviceGroup",
    rules={},
    stand_in=lambda spec: spec["targetCondition"],
    managed=lambda spec: "devices" in spec,
)
CREDENTIAL = Kind(
    "RegistryCredential",
    rules={},
    otherwise=FieldRule.CONTENT,
    rotates=True,
    managed=lambda _spec: False,
    comes_with="Image",
)
DEPLOYMENT = Kind(
    "Deployment",
    rules={
        ("targetCondition",): FieldRule.UPDATE,
        ("priority",): FieldRule.UPDATE,
        ("labels",): FieldRule.UPDATE,
    },
    otherwise=FieldRule.CONTENT,
    scoped=True,
    beside=beside,
    spacing=spacing,
    addresses=lambda identity: (f"{identity.name}-{short(identity.generation)}",),
    refs=deployment_refs,
    render=manifest,
)
KINDS = {kind.name: kind for kind in (MODEL, IMAGE, GROUP, CREDENTIAL, DEPLOYMENT)}
