"""Changes to single fields of a YAML file; every other line of it stays as somebody wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from yaml import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from reconciler.model import FieldPath, Spec, Value, sequence
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
class Addition:
    """One more item, a mapping, at the end of a list of the document; the list may be new."""

    path: FieldPath
    value: Spec


@dataclass(frozen=True, slots=True)
class _Splice:
    """Characters of a chunk, and what takes their place."""

    start: int
    end: int
    text: str


def edited(text: str, line: int, edits: Sequence[Edit | Addition]) -> str:
    """The text of a file with other values in the document that starts at `line`.

    Comments, order, quotes and blank lines of everything else are kept. Raises an EditError where
    a value comes from a variable or an anchor, and where the result would say anything else.
    """
    for edit in edits:
        chunk, before, root = _chunk(text, line)
        had = document(text, line)
        wanted = _with(had, edit.path, edit)
        sides = _at(had, edit.path), _at(wanted, edit.path)
        splices = _splices(chunk.text, root, edit.path, sides)
        for splice in sorted(splices, key=lambda s: -s.start):
            start, end = before + splice.start, before + splice.end
            text = text[:start] + splice.text + text[end:]
        if document(text, line) != wanted:
            raise EditError(f"{_name(edit.path)} cannot be changed without touching other lines")
    return text


def document(text: str, line: int) -> Mapping[str, Value]:
    """What the document says that starts at `line`."""
    for parsed in parse("", text.encode()):
        if isinstance(parsed, Document) and parsed.line == line:
            return parsed.data
    raise EditError(f"no document can be read at line {line}")


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


def _with(value: Value, path: FieldPath, edit: Edit | Addition) -> dict[str, Value]:
    """The same document with one other field."""
    first, rest = path[0], path[1:]
    found = dict(value) if isinstance(value, Mapping) else {}
    if rest:
        found[first] = _with(found.get(first), rest, edit)
        return found
    new = _meant(found.get(first), edit)
    if new is None:
        found.pop(first, None)
    else:
        found[first] = new
    return found


def _meant(old: Value, edit: Edit | Addition) -> Value:
    """In a list, what stays keeps its place."""
    if isinstance(edit, Addition):
        return (*sequence(old), edit.value)
    if isinstance(old, tuple) and isinstance(edit.value, tuple):
        stays = tuple(item for item in old if item in edit.value)
        return (*stays, *(item for item in edit.value if item not in stays))
    return edit.value


def _at(value: Value, path: FieldPath) -> Value:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _splices(
    text: str, root: Node, path: FieldPath, sides: tuple[Value, Value]
) -> Iterable[_Splice]:
    """What becomes of the text where a field was one thing and is to be another."""
    old, new = sides
    node = key = root
    for number, step in enumerate(path):
        if not isinstance(node, MappingNode):
            raise EditError(f"{_name(path)} stands in a list, or in a single value")
        entry = next((pair for pair in node.value if pair[0].value == step), None)
        if entry is None:
            return [_insertion(text, node, path[number:], new)]
        parent, (key, node) = node, entry
        _refuse_shared(text, key, node, path)
        if new is None and number + 1 == len(path):
            return [_removal(text, parent, key, node)]
    stays: list[Node] = []
    if isinstance(node, SequenceNode) and isinstance(new, tuple) and not node.flow_style:
        stays = [item for item, was in zip(node.value, sequence(old), strict=True) if was in new]
    if stays and isinstance(new, tuple):
        gone = [item for item in node.value if item not in stays]
        return _members(text, stays, gone, new[len(stays) :])
    return [_replacement(text, key, node, new)]


def _refuse_shared(text: str, key: Node, node: Node, path: FieldPath) -> None:
    raw = text[node.start_mark.index : _end(text, node)]
    if node.start_mark.index < key.end_mark.index or raw[:1] in {"&", "!", "*"}:
        raise EditError(f"{_name(path)} is shared by an anchor, or has a tag; change it by hand")
    if "${" in raw and isinstance(node, ScalarNode):
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


def _members(
    text: str, stays: Sequence[Node], gone: Sequence[Node], came: Sequence[Value]
) -> Iterator[_Splice]:
    """What goes takes its lines with it, and what comes stands behind the last that stays."""
    for item in gone:
        start = text.rfind("\n", 0, item.start_mark.index) + 1
        yield _Splice(start, min(_line_end(text, _end(text, item)) + 1, len(text)), "")
    last = stays[-1]
    end = _line_end(text, _end(text, last))
    dash = (
        text.rfind("-", 0, last.start_mark.index) - text.rfind("\n", 0, last.start_mark.index) - 1
    )
    yield _Splice(end, end, "".join(f"\n{' ' * dash}- {_item(new, dash + 2)}" for new in came))


def _item(value: Value, column: int) -> str:
    return block(value, column).lstrip() if isinstance(value, Mapping) and value else flow(value)


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
