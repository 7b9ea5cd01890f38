"""Where in a file a field stands: asked only when a problem is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.model import FieldPath, Origin
from reconciler.source.compose import UnfitError
from reconciler.source.documents import Chunk, compose, split


@dataclass(slots=True)
class Place:
    """A field as it stands in a text."""

    line: int
    column: int
    text: str | None
    """What is written there, if that is a single value."""
    found: int
    """How many steps of the path there were."""


@dataclass(slots=True)
class Locator:
    """The places of one file."""

    path: str
    text: str
    _chunks: Sequence[Chunk] = field(init=False)

    def __post_init__(self) -> None:
        self._chunks = tuple(split(self.text))

    def place(self, line: int, path: FieldPath, near: str = "") -> Place:
        """The field at `path` of the document that starts at `line`, or what comes closest.

        Line 0 stands for the first document, wherever it starts.

        `near` is a text that the field holds: normalization may have moved it to another key.
        """
        for chunk in [self._chunk(line)] if line else self._chunks:
            for node in _nodes(chunk):
                if line in {0, chunk.line + node.start_mark.line + 1}:
                    return _place(chunk, node, path, near)
        return Place(max(line, 1), 1, None, 0)

    def origin(self, line: int, path: FieldPath, near: str = "") -> Origin:
        place = self.place(line, path, near)
        return Origin(self.path, place.line, place.column)

    def _chunk(self, line: int) -> Chunk:
        """By bisection, since a file may hold very many."""
        low, high = 0, len(self._chunks)
        while high - low > 1:
            middle = (low + high) // 2
            if self._chunks[middle].line < line:
                low = middle
            else:
                high = middle
        return self._chunks[low] if self._chunks else Chunk("", 0)


def _nodes(chunk: Chunk) -> Iterator[Node]:
    try:
        yield from compose(chunk)
    except UnfitError:
        return


def _place(chunk: Chunk, node: Node, path: FieldPath, near: str) -> Place:
    at, value, steps = node, node, 0
    for step in path:
        found = _step(value, step) or (_near(value, near) if near else None)
        if found is None:
            break
        at, value = found
        steps += 1
    mark = (value if isinstance(value, ScalarNode) else at).start_mark
    text = value.value if isinstance(value, ScalarNode) else None
    return Place(chunk.line + mark.line + 1, mark.column + 1, text, steps)


def _step(node: Node, step: str) -> tuple[Node, Node] | None:
    """The key and the value of one step; an item of a list stands for both."""
    if isinstance(node, SequenceNode):
        if step.isdecimal() and int(step) < len(node.value):
            return node.value[int(step)], node.value[int(step)]
        return None
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
        return _merged(node, step)
    return None


def _merged(node: MappingNode, step: str) -> tuple[Node, Node] | None:
    """A key that came in by `<<`."""
    for key, value in node.value:
        if key.value == "<<":
            for source in value.value if isinstance(value, SequenceNode) else [value]:
                if isinstance(source, MappingNode) and (found := _step(source, step)):
                    return found
    return None


def _near(node: Node, text: str) -> tuple[Node, Node] | None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(value, ScalarNode) and value.value == text:
                return key, value
    return None
