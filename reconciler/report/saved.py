"""A plan that was written to a file, read back by whoever is to apply it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from reconciler.model import ResourceId, Spec, Value, mapping, sequence, text
from reconciler.report.json import FORMAT, digest

REMEDY = "plan again, and apply what that writes"


class UnreadableError(ValueError):
    """A file is no plan that can be applied; the message says why."""

    def __init__(self, message: str, remedy: str = REMEDY) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Saved:
    """A plan as it was written, untouched since."""

    body: Spec

    @property
    def digest(self) -> str:
        return text(self.body["plan_digest"])

    @property
    def environment(self) -> str:
        return text(self.body["environment"])

    @property
    def owner(self) -> str:
        return text(self.body["owner"])

    @property
    def target(self) -> Spec:
        """The services that it is for, by name."""
        return mapping(self.body.get("target"))

    @property
    def commit(self) -> str:
        return text(mapping(self.body["source"]).get("commit"))

    @property
    def dirty(self) -> bool:
        """Whether it was made from files that no commit holds."""
        return mapping(self.body["source"]).get("dirty") is not False

    @property
    def selection(self) -> Spec:
        """Which part of a plan was asked for."""
        return mapping(self.body.get("selection"))

    @property
    def changes(self) -> tuple[Spec, ...]:
        return tuple(map(mapping, sequence(self.body["resource_changes"])))

    @property
    def lineages(self) -> frozenset[ResourceId]:
        return frozenset(ResourceId(text(c["type"]), text(c["name"])) for c in self.changes)

    @property
    def expires_at(self) -> datetime:
        return datetime.fromisoformat(text(self.body["expires_at"]))


def read(written: str) -> Saved:
    """The plan in a file's text; an `UnreadableError` where it is none, or not as it was written.

    Keys that a newer minor version added are passed over; a newer major version is refused.
    """
    body = parsed(written)
    if not isinstance(body, dict) or "resource_changes" not in body:
        raise UnreadableError("this is no plan: write one with plan --out")
    check_version(text(body.get("format_version")), FORMAT, "plan")
    if body.get("redacted") is True:
        raise UnreadableError(
            "this plan would show a secret, which was taken out when it was written",
            "let the document refer to the secret, or apply without a saved plan",
        )
    if digest(body) != body.get("plan_digest"):
        raise UnreadableError("its digest is not that of its content: it was edited after planning")
    try:
        Saved(body).expires_at.utcoffset()
    except ValueError as error:
        raise UnreadableError("it does not say until when it may be applied") from error
    return Saved(body)


def parsed(written: str) -> Value:
    """JSON as plain data; an `UnreadableError` where the text is none."""
    try:
        return _value(json.loads(written))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"this is no JSON, or not all of it: {error}") from error


def check_version(found: str, ours: str, what: str) -> None:
    """Raise an `UnreadableError` for another major version; a newer minor one can be read."""
    major, _, minor = found.partition(".")
    if not (major.isdigit() and minor.isdigit()):
        raise UnreadableError(f"this is no {what}: it has no format_version")
    if int(major) != int(ours.partition(".")[0]):
        raise UnreadableError(
            f"its format {found} is not one that this version reads ({ours})",
            f"use the version of reconciler that wrote the {what}, or write it again with this one",
        )


def _value(told: object) -> Value:
    match told:
        case dict():
            return {str(key): _value(inner) for key, inner in told.items()}
        case list():
            return tuple(_value(item) for item in told)
        case str() | bool() | int() | float() | None:
            return told
        case _:
            raise AssertionError("JSON holds nothing else")
