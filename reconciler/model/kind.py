"""What a kind of resource must say about itself for the core to handle it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from reconciler.model.diagnostic import Fault
from reconciler.model.files import Contents, FileUse
from reconciler.model.resource import (
    FieldPath,
    Refs,
    Resolved,
    Resource,
    ResourceId,
    Spec,
    Value,
)


class FieldRule(Enum):
    """How one field is treated. Fields without a rule follow the kind's `otherwise`."""

    UPDATE = "update"  # changes in place, and so does what it refers to
    CONTENT = "content"  # cannot change in place: the generation is the digest of these fields
    IGNORE = "ignore"  # the cloud owns it, or it says nothing about what will be there
    HIDDEN = "hidden"  # compared, never printed


class Superseded(Enum):
    """What becomes of a generation when another takes its place."""

    KEEP = "keep"
    DELETE = "delete"  # once the new one exists


def _no_files(_spec: Spec) -> Iterable[FileUse]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource, as the pure core sees it. Every function in it is pure.

    The order of their calls: `files` on the document as written, `check` and `normalize` with
    what was found in those files, `refs` on the normalized spec, `link`, then `render`.
    """

    name: str
    rules: Mapping[FieldPath, FieldRule]
    otherwise: FieldRule = FieldRule.UPDATE
    """For fields without a rule: CONTENT where the service ignores what it cannot change."""
    superseded: Superseded = Superseded.DELETE
    scoped: bool = False
    """Whether owner and environment enter the generation, so that no two share an id."""
    files: Callable[[Spec], Iterable[FileUse]] = _no_files
    address: Callable[[str], str] = lambda name: name
    """What a service makes of a name: two of a kind that become the same are refused."""
    addresses: Callable[[ResourceId], Iterable[str]] = lambda _id: ()
    """The ids that a generation may have at a service, the first one first: where it is looked
    for when it lost its mark."""
    same: Callable[[Spec, Spec], bool] = lambda rendered, live: rendered == live
    """Whether the content of a rendered document is what a live one holds."""
    check: Callable[[str, Spec, Contents], Iterable[Fault]] = lambda _name, _spec, _contents: ()
    """Everything that can be known to be wrong with one document without a cloud."""
    normalize: Callable[[Spec, Contents], Spec] = lambda spec, _contents: spec
    """Defaults filled in, spellings made one, digests of files put in. Part of the contract."""
    refs: Callable[[Spec], Refs] = lambda _spec: {}
    stand_in: Callable[[Spec], Value] | None = None
    """What a kind without generations puts in place of a reference to it (a group's condition)."""
    comes_with: str = ""
    """The kind whose creation may bring it about, for what is only referred to and not there yet:
    the workspace makes its registry, and so the login of it, with its first image."""
    follows: tuple[str, ...] = ()
    """Kinds whose changes are over before one of these begins, done or not: nothing refers to what
    a list of devices names."""
    succeeds: Callable[[Spec], str] = lambda _spec: ""
    """The name that it had before: what bears that goes once nothing refers to it any more."""
    rotates: bool = False
    """Whether it stands for a secret: its generation then counts how often that was rotated."""
    beside: Callable[[Spec, Spec], Spec] = lambda want, _have: want
    """How a new generation is written while an older one, whose live fields are given second,
    still stands beside it. It is settled to what was wanted once the older one is gone."""
    meanwhile: Callable[[Spec, Spec], Spec] = lambda want, _have: want
    """What an object in place, whose live fields are given second, is updated to at first: what it
    gives up is given up when everything else of the plan is there to take over."""
    spacing: Callable[[Spec], tuple[Value, int] | None] = lambda _spec: None
    """A place in an order, such as a priority, and among whom: two of a kind that are less than
    two apart there leave no room for a replacement."""
    capacity: int = 0
    """How many objects a provider holds at most, foreign ones too; 0 where there is no limit."""
    managed: Callable[[Spec], bool] = lambda _spec: True
    """Whether we write it; what is only referred to must exist, and is never written."""
    render: Callable[[Resource, Resolved], Spec] = lambda want, _resolved: want.spec
    """What is written to the cloud, once it is known what the references became."""

    @property
    def reads_files(self) -> bool:
        """Whether documents of this kind may refer to files."""
        return self.files is not _no_files

    @property
    def has_generations(self) -> bool:
        return FieldRule.CONTENT in (self.otherwise, *self.rules.values())

    def rule(self, path: FieldPath) -> FieldRule:
        """The rule of the longest prefix of `path` that has one."""
        for end in range(len(path), 0, -1):
            if (found := self.rules.get(path[:end])) is not None:
                return found
        return self.otherwise


Kinds: TypeAlias = Mapping[str, Kind]
