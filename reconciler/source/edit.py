"""Changes to single fields of a YAML file; every other line of it stays as somebody wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yaml import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from reconciler.model import FieldPath, Value
from reconciler.source.documents import Chunk, Document, compose, parse, split
from reconciler.source.export import block, flow


class EditError(Exception):
    """A field that cannot be changed where it stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A field of a document and its new value; None takes it away."""

    path: FieldPath
    value: Value


@dataclass(frozen=True, slots=True)
class _Splice:
    """Characters of a chunk, and what takes their place."""

    start: int
    end: int
    text: str


def edited(text: str, line: int, edits: Sequence[Edit]) -> str:
    """The text of a file with other values in the document that starts at `line`.

    Comments, order, quotes and blank lines of everything else are kept. Raises an EditError where
    a value comes from a variable or an anchor, and where the result would say anything else.
    """
    for edit in edits:
        chunk, before, root = _chunk(text, line)
        wanted = _with(_data(text, line), edit.path, edit.value)
        for splice in sorted(_splices(chunk.text, root, edit), key=lambda s: -s.start):
            start, end = before + splice.start, before + splice.end
            text = text[:start] + splice.text + text[end:]
        if _data(text, line) != wanted:
            raise EditError(f"{_name(edit.path)} cannot be changed without touching other lines")
    return text


def _chunk(text: str, line: int) -> tuple[Chunk, int, Node]:
    """The stretch of the text that holds the document, and how many characters stand before it."""
    before = 0
    for chunk in split(text):
        before = text.index(chunk.text, before)
        for node in compose(chunk):
            if chunk.line + node.start_mark.line + 1 == line:
                return chunk, before, node
        before += len(chunk.text)
    raise EditError(f"no document starts at line {line}")


def _data(text: str, line: int) -> Mapping[str, Value]:
    for parsed in parse("", text.encode()):
        if isinstance(parsed, Document) and parsed.line == line:
            return parsed.data
    raise EditError("the document could not be read after the change")


def _with(value: Value, path: FieldPath, new: Value) -> dict[str, Value]:
    """The same document with one other field."""
    first, rest = path[0], path[1:]
    found = dict(value) if isinstance(value, Mapping) else {}
    if rest:
        found[first] = _with(found.get(first), rest, new)
    elif new is None:
        found.pop(first, None)
    else:
        found[first] = new
    return found


def _splices(text: str, root: Node, edit: Edit) -> Sequence[_Splice]:
    node, key = root, root
    for number, step in enumerate(edit.path):
        if not isinstance(node, MappingNode):
            raise EditError(f"{_name(edit.path)} stands in a list, or in a single value")
        entry = next((pair for pair in node.value if pair[0].value == step), None)
        if entry is None:
            return [_insertion(text, node, edit.path[number:], edit.value)]
        parent, (key, node) = node, entry
        if number + 1 == len(edit.path):
            _refuse_shared(text, key, node, edit.path)
            if edit.value is None:
                return [_removal(text, parent, key, node)]
    if isinstance(node, SequenceNode) and isinstance(edit.value, tuple) and not node.flow_style:
        return _members(text, node, edit.value)
    return [_replacement(text, key, node, edit.value)]


def _refuse_shared(text: str, key: Node, node: Node, path: FieldPath) -> None:
    raw = text[node.start_mark.index : _end(text, node)]
    if node.start_mark.index < key.end_mark.index or raw[:1] in {"&", "!", "*"}:
        raise EditError(f"{_name(path)} is shared by an anchor, or has a tag; change it by hand")
    if "${" in raw:
        raise EditError(f"{_name(path)} comes from a variable ({raw.strip()}); change it by hand")


def _insertion(text: str, parent: MappingNode, path: FieldPath, value: Value) -> _Splice:
    """A field that is not there yet, at the end of the mapping that it belongs to."""
    new: Value = value
    for step in reversed(path[1:]):
        new = {step: new}
    if parent.flow_style or not parent.value:
        brace = parent.end_mark.index - 1
        comma = ", " if parent.value else ""
        start = len(text[:brace].rstrip())
        return _Splice(start, brace, f"{comma}{flow({path[0]: new})[1:-1]}")
    last_key, last = parent.value[-1]
    start = _line_end(text, max(_end(text, last), last_key.end_mark.index))
    return _Splice(start, start, "\n" + block({path[0]: new}, last_key.start_mark.column))


def _removal(text: str, parent: MappingNode, key: Node, node: Node) -> _Splice:
    end = _end(text, node)
    if len(parent.value) == 1:
        start = len(text[: parent.start_mark.index].rstrip())
        return _Splice(start, max(end, _end(text, parent)), " {}")
    if not parent.flow_style:
        start = text.rfind("\n", 0, key.start_mark.index) + 1
        return _Splice(start, min(_line_end(text, end) + 1, len(text)), "")
    following = next((k for k, _ in parent.value if k.start_mark.index > end), None)
    if following:
        return _Splice(key.start_mark.index, following.start_mark.index, "")
    return _Splice(text.rindex(",", 0, key.start_mark.index), end, "")


def _replacement(text: str, key: Node, node: Node, value: Value) -> _Splice:
    single = not isinstance(value, (Mapping, tuple)) or not value
    inline = isinstance(node, ScalarNode) and node.style not in {"|", ">"}
    inline = inline or (isinstance(node, CollectionNode) and bool(node.flow_style))
    if inline and (single or not isinstance(node, ScalarNode)):
        return _Splice(node.start_mark.index, _end(text, node), flow(value))
    start = text.index(":", key.end_mark.index) + 1
    below = f" {flow(value)}" if single else "\n" + block(value, key.start_mark.column + 2)
    return _Splice(start, _end(text, node), below)


def _members(text: str, node: SequenceNode, value: tuple[Value, ...]) -> Sequence[_Splice]:
    """A list, an item a line: what goes takes its line with it, what comes stands at the end."""
    wanted = [flow(item) for item in value]
    found = [flow(item.value) if isinstance(item, ScalarNode) else "" for item in node.value]
    if not all(isinstance(item, ScalarNode) for item in node.value) or not set(wanted) & set(found):
        raise EditError("a list of other things than names; change it by hand")
    gone = [item for item, told in zip(node.value, found, strict=True) if told not in wanted]
    splices = []
    for item in gone:
        start = text.rfind("\n", 0, item.start_mark.index) + 1
        splices.append(_Splice(start, min(_line_end(text, _end(text, item)) + 1, len(text)), ""))
    end = _line_end(text, _end(text, node.value[-1]))
    dash = " " * (node.start_mark.column) + "- "
    new = "".join(f"\n{dash}{told}" for told in wanted if told not in found)
    return [*splices, _Splice(end, end, new)] if new else splices


def _end(text: str, node: Node) -> int:
    """Behind the last character of a value; the parser counts what follows a block to it."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(text[start:end].rstrip())
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found


def _name(path: FieldPath) -> str:
    return ".".join(path)
