"""What a RegistryCredential is: how devices sign in at a registry. It never holds the password."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import Contents, Fault, FieldRule, Kind, Spec, Superseded, mapping, text


def check(_name: str, spec: Spec, _contents: Contents) -> Iterator[Fault]:
    """A password of our own says nothing about where and as whom it is used."""
    if "env" not in mapping(mapping(spec["password"])["secretRef"]):
        return
    for field in ("loginServer", "username"):
        if field not in spec:
            yield Fault(
                (),
                "credential.incomplete",
                f"spec.{field} is missing",
                f"add {field}; only with secretRef: {{workspaceRegistry: true}} it may be left out",
            )


def normalize(spec: Spec, _contents: Contents) -> Spec:
    """Host names do not tell capitals from small letters; the spelling is made one."""
    if "loginServer" not in spec:
        return spec
    return {**spec, "loginServer": text(spec["loginServer"]).lower()}


KIND = Kind(
    name="RegistryCredential",
    rules={
        ("loginServer",): FieldRule.CONTENT,
        ("username",): FieldRule.CONTENT,
        ("password",): FieldRule.CONTENT,  # the reference: the password itself is not here
        ("counter",): FieldRule.CONTENT,  # how often it was rotated, put in before linking
    },
    otherwise=FieldRule.IGNORE,
    superseded=Superseded.KEEP,
    check=check,
    normalize=normalize,
    managed=lambda _spec: False,
    rotates=True,
    comes_with="Image",
)
