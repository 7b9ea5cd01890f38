"""From a manifest found in a file to the documents of a fleet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.edge import lint
from reconciler.edge.canonical import masked, passwords
from reconciler.edge.defaults import BASE, shortened
from reconciler.edge.documents import Document, Sources, documents
from reconciler.edge.identity import OURS
from reconciler.edge.place import in_manifest
from reconciler.edge.placeholder import Variables, is_placeholder, may_be_name, variable_name
from reconciler.edge.read import Reading, read
from reconciler.edge.shape import at
from reconciler.edge.wrapper import Found
from reconciler.model import Fault, FieldPath, Severity, Spec, Value, mapping, text

TAKEN = frozenset({"host.port"})
"""What is wrong on a device alone."""
FIRST_PRIORITY: Mapping[bool, int] = {True: 10, False: 20}
"""By whether it is a base, where the file says nothing."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of one manifest."""

    documents: tuple[Document, ...]
    """None if there is an error among the faults."""
    placeholders: Mapping[str, str]
    """By variable, what stood in the file in its place."""
    faults: tuple[Fault, ...]
    """Their paths lead into the file."""


def convert(found: Found, name: str, origin: str) -> Conversion:
    """The documents for one manifest.

    `name` is the deployment's; `origin` is for people: the file it came from.
    """
    variables = Variables()
    content = (
        variables.replaced(masked(found.content))
        if isinstance(found.content, Mapping)
        else found.content
    )
    reading = read(content)
    around = variables.replaced(_kept(found.configuration))
    spec, priority = _completed(reading, mapping(around))
    faults = (
        *found.faults,
        *_below(found.path, _placeholder_keys(content, ())),
        *_below(found.path, reading.faults),
        *_around(found, mapping(around)),
        *(_told(fault, found, spec) for fault in lint.faults({**spec, "priority": priority})),
        *_below(found.path, _clear_passwords(found.content)),
    )
    if any(fault.severity is Severity.ERROR for fault in faults):
        return Conversion((), variables.placeholders, _once(faults))
    sources = Sources(
        name=name,
        origin=origin,
        spec={**shortened(spec), "priority": priority},
        condition=text(mapping(around).get("targetCondition")),
        says_priority="priority" in mapping(around),
        logins=reading.logins,
        variables=variables,
        secrets=_secrets(found.content),
    )
    return Conversion(documents(sources), variables.placeholders, _once(faults))


def _kept(configuration: Spec) -> Spec:
    """Of what stands around a manifest, what we ask for ourselves."""
    labels = mapping(configuration.get("labels")).items()
    told = {key: configuration.get(key) for key in ("targetCondition", "priority")}
    told["labels"] = {key: value for key, value in labels if not key.startswith(OURS)}
    told["metrics"] = mapping(at(configuration, "metrics", "queries"))
    return {key: value for key, value in told.items() if value is not None}


def _completed(reading: Reading, around: Spec) -> tuple[Spec, Value]:
    spec = {**reading.spec, "labels": around["labels"], "metrics": around["metrics"]}
    return spec, around.get("priority", FIRST_PRIORITY[spec["type"] == BASE])


def _around(found: Found, around: Spec) -> Iterator[Fault]:
    condition = around.get("targetCondition", "")
    path = (*found.configuration_path, "targetCondition")
    if not isinstance(condition, str):
        yield Fault(path, "condition.syntax", "a target condition is text", "put it in quotes")
    elif condition.strip() and "${" not in condition:
        yield from lint.condition_faults(path, condition)
    for key, value in mapping(around.get("labels")).items():
        if not isinstance(value, str):
            where = (*found.configuration_path, "labels", key)
            yield Fault(where, "label.type", f'the label "{key}" must be text', "put it in quotes")


def _told(fault: Fault, found: Found, spec: Spec) -> Fault:
    """What the hub takes is written down, though `validate` will want it mended."""
    severity = Severity.WARNING if fault.code in TAKEN else fault.severity
    return replace(_placed(fault, found, spec), severity=severity)


def _placed(fault: Fault, found: Found, spec: Spec) -> Fault:
    match fault.path:
        case ("priority" | "labels", *_):
            return replace(fault, path=(*found.configuration_path, *fault.path))
        case ("metrics", *rest):
            return replace(fault, path=(*found.configuration_path, "metrics", "queries", *rest))
        case _:
            inside = in_manifest(fault.path, base=spec["type"] == BASE)
            return replace(fault, path=(*found.path, *inside))


def _below(path: FieldPath, faults: Iterator[Fault] | tuple[Fault, ...]) -> Iterator[Fault]:
    for fault in faults:
        yield replace(fault, path=(*path, *fault.path))


def _once(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Errors first, and nothing twice."""
    seen: dict[tuple[FieldPath, str, str], Fault] = {}
    for fault in sorted(faults, key=lambda fault: fault.severity is not Severity.ERROR):
        seen.setdefault((fault.path, fault.code, fault.summary), fault)
    return tuple(seen.values())


def _placeholder_keys(value: Value, path: FieldPath) -> Iterator[Fault]:
    for key, inner in mapping(value).items():
        is_label = bool(path) and path[-1].endswith("registryCredentials")
        if is_placeholder(key) and not is_label:
            summary = f"the placeholder {key} stands for a name, and variables can stand for values"
            severity = Severity.WARNING if may_be_name(key) else Severity.ERROR
            hint = "write the name itself"
            yield Fault((*path, key), "placeholder.key", summary, hint, severity)
        yield from _placeholder_keys(inner, (*path, key))


def _clear_passwords(content: Value) -> Iterator[Fault]:
    for path, password in passwords(content).items():
        if password and not is_placeholder(password):
            summary = "a password stands in clear in this file"
            hint = "it is not copied: change it, and set the environment variable instead"
            yield Fault(path, "credential.clear", summary, hint, Severity.WARNING)


def _secrets(content: Value) -> Mapping[str, str]:
    """By credential label, the environment variable for its password."""
    found: dict[str, str] = {}
    for path, password in passwords(content).items():
        label = path[-2].rpartition(".")[2]
        told = variable_name(password).upper() if is_placeholder(password) else ""
        found[label] = told or re.sub(r"\W+", "_", f"{label}_PASSWORD", flags=re.ASCII).upper()
    return found
