"""From one document to one draft: variables, schema, files, the kind's own rules, defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.model import (
    Contents,
    Fault,
    FieldPath,
    Kind,
    Kinds,
    Origin,
    Resource,
    ResourceId,
    Severity,
    Spec,
    Value,
    mapping,
    sequence,
    text,
)
from reconciler.source.documents import Document
from reconciler.source.files import Library
from reconciler.source.problems import Problems, identity
from reconciler.source.schemas import Schema, did_you_mean, read_schema
from reconciler.source.variables import Substitution

API_VERSION = "reconciler/v1"
OURS = "reconciler/"
ENVIRONMENT = "Environment"


@dataclass(frozen=True, slots=True)
class Context:
    """What the chosen environment gives to the documents."""

    owner: str
    environment: str
    variables: Spec
    secrets: tuple[str, ...]
    """Patterns of the environment variables that may be asked for."""


class Drafter:
    """Makes drafts, and collects all that is wrong with their documents."""

    def __init__(self, kinds: Kinds, schemas: Path, library: Library, problems: Problems) -> None:
        self._kinds = kinds
        self._schemas: Mapping[str, Schema] = {name: read_schema(schemas, name) for name in kinds}
        self._library = library
        self._problems = problems
        self.uses: dict[Origin, tuple[str, ...]] = {}
        """By where a document begins, the files and folders that it refers to."""

    def kind_of(self, document: Document) -> str:
        """The document's kind, or nothing where it is none of ours."""
        kind, version = document.data.get("kind"), document.data.get("apiVersion")
        if kind is None or not str(version).startswith(OURS):
            summary = "this is no document of a fleet"
            hint = f"begin it with apiVersion: {API_VERSION} and kind, or move it out of the fleet"
            self._problems.add_foreign(document, Fault((), "document.foreign", summary, hint))
        elif isinstance(kind, str) and kind in self._kinds:
            return kind
        else:
            summary = f'"{kind}" is no kind'
            hint = (
                did_you_mean(str(kind), self._kinds) or f"kinds: {', '.join(sorted(self._kinds))}"
            )
            self._problems.add_foreign(document, Fault(("kind",), "document.kind", summary, hint))
        return ""

    def draft(self, document: Document, context: Context | None) -> Resource | None:
        """The normalized resource, or None where it could not be made; problems are collected.

        Without a context, what would need its variables is not looked at.
        """
        kind = self._kinds[text(document.data["kind"])]
        if context is None and document.has_variables and kind.name != ENVIRONMENT:
            return None
        document, faults = _substituted(document, context)
        faults += self._schemas[kind.name].faults(document.data)
        for fault in faults:
            self._problems.add_fault(document, fault)
        if faults:
            return None
        if document.has_secrets and context is not None:
            self._add(document, _forbidden(document.data["spec"], ("spec",), context.secrets), {})
        return self._judged(document, kind, context)

    def _judged(self, document: Document, kind: Kind, context: Context | None) -> Resource | None:
        name = text(mapping(document.data["metadata"])["name"])
        spec = mapping(document.data["spec"])
        contents, unread = self._library.contents(document.path, kind.files(spec))
        faults = [_in_spec(fault) for fault in (*unread, *kind.check(name, spec, contents))]
        self._add(document, iter(faults), contents)
        if any(fault.severity is Severity.ERROR for fault in faults):
            return None
        asked = {
            "owner": context.owner if context else "",
            "environment": context.environment if context else "",
            "name": name,
        }
        given = {field: value for field, value in asked.items() if (field,) in kind.rules}
        normalized = kind.normalize({**spec, **given} if given else spec, contents)
        lineage = ResourceId(kind.name, name)
        origin = Origin(document.path, document.line)
        if contents:
            self.uses[origin] = tuple(sorted({content.path for content in contents.values()}))
        return Resource(lineage, normalized, kind.refs(normalized), origin)

    def _add(self, document: Document, faults: Iterator[Fault], contents: Contents) -> None:
        for fault in faults:
            named = contents.get(fault.path[1:]) if fault.within else None
            self._problems.add_fault(document, fault, named.path if named else "")


def incomplete(document: Document) -> Resource | None:
    """A stand-in for a document that cannot be used, so that what refers to it is not blamed."""
    lineage = identity(document)
    origin = Origin(document.path, document.line)
    return Resource(lineage, {}, {}, origin) if lineage else None


def context_of(environment: Resource, owner: str) -> Context:
    """What a normalized Environment gives to the documents."""
    spec = environment.spec
    allowed = sequence(mapping(spec["secrets"])["allow"])
    own = text(spec.get("owner"))
    patterns = tuple(text(item) for item in allowed)
    return Context(own or owner, environment.id.name, mapping(spec["variables"]), patterns)


def _substituted(document: Document, context: Context | None) -> tuple[Document, tuple[Fault, ...]]:
    if context is None or not document.has_variables or "spec" not in document.data:
        return document, ()
    substitution = Substitution(context.variables)
    spec = substitution.apply(document.data["spec"], ("spec",))
    return replace(document, data={**document.data, "spec": spec}), tuple(substitution.faults)


def _in_spec(fault: Fault) -> Fault:
    return replace(fault, path=("spec", *fault.path))


def _forbidden(value: Value, path: FieldPath, allowed: tuple[str, ...]) -> Iterator[Fault]:
    """Secret references to environment variables that the environment does not allow."""
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _forbidden(item, (*path, str(index)), allowed)
    if not isinstance(value, Mapping):
        return
    for key, inner in value.items():
        name = text(mapping(inner).get("env")) if key == "secretRef" else ""
        if name and not any(fnmatchcase(name, pattern) for pattern in allowed):
            yield Fault(
                (*path, key, "env"),
                "secret.forbidden",
                f"the environment does not allow the variable {name}",
                "add it to spec.secrets.allow of the environment, if documents may use it",
            )
        yield from _forbidden(inner, (*path, key), allowed)
