"""Which builds of a package were started, and how they ended, noted on a model version.

A package has no object in the workspace, and nothing there lists operations. A property of a
model is written once and then kept for ever, so every build has a note of its own:
`reconciler-package-<image>-<number>` says `<generation> <operation>`, and the same name with
`-failed` is added by the run that saw it fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.providers.azure.values import words
from reconciler.providers.azure.workspace.client import Item

NOTE = "reconciler-package"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Note:
    """One build that was started."""

    holder: str
    """The model version that it stands on."""
    name: str
    number: int
    generation: str
    operation: str
    failed: bool = False

    @property
    def begun(self) -> Mapping[str, str]:
        return {self.name: f"{self.generation} {self.operation}"}

    @property
    def ended(self) -> Mapping[str, str]:
        return {f"{self.name}-{FAILED}": "yes"}


def notes(image: str, versions: Iterable[Item]) -> tuple[Note, ...]:
    """All builds of an image, in the order in which they were started."""
    name = re.compile(rf"{NOTE}-{re.escape(image)}-(\d+)")
    found = []
    for version in versions:
        properties = words(version["properties"])
        for key, value in properties.items():
            generation, _, operation = value.partition(" ")
            if (matched := name.fullmatch(key)) and operation:
                failed = f"{key}-{FAILED}" in properties
                number = int(matched[1])
                found.append(Note(version["id"], key, number, generation, operation, failed))
    return tuple(sorted(found, key=lambda note: (note.number, note.holder)))


def next_note(
    image: str, earlier: Iterable[Note], holder: str, generation: str, operation: str
) -> Note:
    number = 1 + max((note.number for note in earlier), default=0)
    return Note(holder, f"{NOTE}-{image}-{number}", number, generation, operation)
