"""YAML text to plain data, within limits, with a note for whatever is wrong or easily misread.

The nodes come from libyaml. What PyYAML makes of them is not used: it keeps the last of two equal
keys, reads `no` as false, and unfolds aliases without limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern
from typing import TypeAlias

from yaml import MappingNode, Node, ScalarNode, SequenceNode
from yaml._yaml import CParser

from reconciler.model import Severity, Value
from reconciler.source.scalars import Ambiguous, Scalar, plain

DEEPEST = 64
"""Levels of nesting; the services take ten, and libyaml's own stack ends somewhere above."""
MOST = 200_000
"""Values in one document, aliases unfolded."""
PLAIN = "plain"
QUOTED = "quoted"
MERGE = "<<"
TAG = "tag:yaml.org,2002:"
EXPLICIT = {f"{TAG}int": int, f"{TAG}float": float, f"{TAG}bool": bool, f"{TAG}null": type(None)}
COLLECTIONS = frozenset({PLAIN, f"{TAG}map", f"{TAG}seq"})


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one place of a text; line and column count from 0."""

    line: int
    column: int
    code: str
    summary: str
    hint: str = ""
    severity: Severity = Severity.ERROR


class UnfitError(Exception):
    """A document that cannot be read to its end."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.summary)
        self.note = note


Notes: TypeAlias = list[Note]


class Composer(CParser):
    """libyaml's nodes, with a cheap tag: whether a scalar was quoted is all we need to know."""

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        self._depth = 0

    def resolve(self, kind: type[Node], _value: object, implicit: tuple[bool, bool]) -> str:
        """Called by libyaml's binding for each node without a tag of its own."""
        return QUOTED if kind is ScalarNode and not implicit[0] else PLAIN

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        """Called before each node: its C code recurses, and would overflow the stack."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnfitError(_note(parent, "yaml.deep", f"is nested deeper than {DEEPEST} levels"))

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def nodes(self) -> Iterator[Node]:
        """The root of each document."""
        while self.check_node():
            if (node := self.get_node()) is not None:
                yield node


class Builder:
    """Makes plain data of one document's nodes, and remembers what was odd about them."""

    __slots__ = ("_count", "_first_line", "notes")

    def __init__(self, first_line: int = 0) -> None:
        self.notes: Notes = []
        self._first_line = first_line
        self._count = 0

    def build(self, node: Node, depth: int = 0) -> Value:
        """Lists become tuples; what cannot stand as it is becomes None, with a note."""
        if isinstance(node, ScalarNode):
            return node.value if node.tag is QUOTED else self._scalar(node)
        self._count += len(node.value)
        if self._count > MOST or depth > DEEPEST:
            summary = "unfolds to more than can be meant: its aliases repeat each other"
            raise UnfitError(_note(node, "yaml.large", summary))
        if node.tag not in COLLECTIONS:
            self._note(node, "yaml.tag", f"has the tag {node.tag}, which is not supported")
        if isinstance(node, SequenceNode):
            return tuple([self.build(item, depth + 1) for item in node.value])
        return self._mapping(node, depth + 1)

    def _mapping(self, node: Node, depth: int) -> Value:
        result: dict[str, Value] = {}
        merged: list[Node] = []
        for key_node, value_node in node.value:
            key = key_node.value
            if key == MERGE and key_node.tag is PLAIN:
                merged.append(value_node)
                continue
            if not self._is_key(key_node):
                continue
            if key in result:
                self._repeated(key_node, node)
            result[intern(key)] = self.build(value_node, depth)
        for source in merged:
            self._merge(source, result, depth)
        return result

    def _is_key(self, node: Node) -> bool:
        if isinstance(node, ScalarNode):
            value = node.value if node.tag is QUOTED else plain(node.value)
            if isinstance(value, str) or (
                isinstance(value, Ambiguous) and isinstance(value.value, str)
            ):
                return True
        key = f"the key {node.value}" if isinstance(node, ScalarNode) else "this key"
        self._note(node, "yaml.key", f"{key} is no text", "put it in quotes")
        return False

    def _repeated(self, key: Node, mapping: Node) -> None:
        first = next(other for other, _ in mapping.value if other.value == key.value)
        line = self._first_line + first.start_mark.line + 1
        place = f"line {line}, column {first.start_mark.column + 1}"
        summary = f'"{key.value}" is written twice in one mapping, first at {place}'
        self._note(key, "yaml.repeated", summary, "keep one of the two")

    def _merge(self, source: Node, result: dict[str, Value], depth: int) -> None:
        """`<<: *other`, or a list of them: keys of the mapping itself win, then the earlier."""
        sources = source.value if isinstance(source, SequenceNode) else [source]
        for each in sources:
            if not isinstance(each, MappingNode):
                self._note(each, "yaml.merge", "only mappings can be merged with <<")
                continue
            found = self.build(each, depth)
            if isinstance(found, dict):
                for key, value in found.items():
                    result.setdefault(key, value)

    def _scalar(self, node: Node) -> Scalar:
        if node.tag is not PLAIN:
            return self._tagged(node)
        value = plain(node.value)
        if not isinstance(value, Ambiguous):
            return value
        summary = f"{node.value} {value.summary}"
        hint = f'write "{node.value}" if it is text; otherwise spell it out (true, false, 1000)'
        self.notes.append(_note(node, "yaml.ambiguous", summary, hint, Severity.WARNING))
        return value.value

    def _tagged(self, node: Node) -> Scalar:
        if node.tag == f"{TAG}str":
            return str(node.value)
        value = plain(node.value)
        value = value.value if isinstance(value, Ambiguous) else value
        if (wanted := EXPLICIT.get(node.tag)) is None:
            self._note(node, "yaml.tag", f"has the tag {node.tag}, which is not supported")
        elif not isinstance(value, wanted):
            self._note(node, "yaml.tag", f"is no {wanted.__name__}, though its tag says so")
        return value

    def _note(self, node: Node, code: str, summary: str, hint: str = "") -> None:
        self.notes.append(_note(node, code, summary, hint))


def _note(
    node: Node | None,
    code: str,
    summary: str,
    hint: str = "",
    severity: Severity = Severity.ERROR,
) -> Note:
    mark = node.start_mark if node is not None else None
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    return Note(line, column, code, summary, hint, severity)
