"""The documents of a YAML file, each with the line where it starts.

Each document is read by itself, so that a broken one says nothing about its neighbours. Places of
single fields are not kept: `locate` reads a document again when a problem needs one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from yaml import MarkedYAMLError, Node, ScalarNode
from yaml.reader import ReaderError

from reconciler.model import Value
from reconciler.source.compose import PLAIN, Builder, Composer, Note, Notes, UnfitError

LARGEST = 1 << 20
"""Bytes of one document."""
MARKER = re.compile(r"^(---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
"""Between documents; no text of YAML can hold it at the beginning of a line."""
PREAMBLE = re.compile(r"(?:\s*(?:[%#].*)?(?:\r?\n|\Z))*")
"""Directives and comments: `%YAML 1.2` says nothing that we would heed."""


@dataclass(frozen=True, slots=True)
class Document:
    """One mapping of a file; lines count from 1."""

    path: str
    line: int
    data: Mapping[str, Value]
    has_variables: bool
    has_secrets: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a file between two markers."""

    text: str
    line: int
    """The number of lines before it."""


Parsed: TypeAlias = "Document | Note"
"""A document, or a problem; lines and columns of a note count from 0, in the whole file."""


def parse(path: str, content: bytes) -> Iterator[Parsed]:
    """Everything in one file, in order; what cannot be read becomes a note."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n"), error.start - before.rfind(b"\n") - 1
        yield Note(line, column, "yaml.encoding", "is not UTF-8 text", "save it as UTF-8")
        return
    for chunk in split(text):
        yield from _parse_chunk(path, chunk)


def parse_data(path: str, content: bytes) -> tuple[Value, Notes]:
    """What a file that is no document of ours says (a conda file)."""
    notes: Notes = []
    found: list[Value] = []
    for parsed in parse(path, content):
        match parsed:
            case Note():
                notes.append(parsed)
            case Document(data=data):
                found.append(data)
    if len(found) > 1:
        notes.append(Note(0, 0, "yaml.several", "holds several documents", "keep one"))
    return (found[0] if found else None), notes


def split(text: str) -> Iterator[Chunk]:
    """The stretches between `---` and `...`; a `---` belongs to what follows it."""
    marks = [
        (0, 0),
        *((m.start(), m.end() if m[0] == "..." else m.start()) for m in MARKER.finditer(text)),
    ]
    line = 0
    for (start, begin), (end, _) in pairwise([*marks, (len(text), len(text))]):
        if end > begin:
            yield Chunk(text[begin:end], line)
        line += text.count("\n", start, end)


def compose(chunk: Chunk) -> Iterator[Node]:
    """The roots of a chunk's documents: one, unless it uses line breaks that only YAML knows."""
    if PREAMBLE.fullmatch(chunk.text):
        return
    try:
        yield from Composer(chunk.text).nodes()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        summary = " ".join(part for part in (error.context, error.problem) if part)
        raise UnfitError(
            Note(line, column, "yaml.syntax", summary, _hint(chunk, line, summary))
        ) from error
    except ReaderError as error:
        before = chunk.text[: error.position]
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        summary = f"holds the character {error.character!r}, which YAML does not allow"
        raise UnfitError(Note(line, column, "yaml.character", summary)) from error


def _parse_chunk(path: str, chunk: Chunk) -> Iterator[Parsed]:
    if len(chunk.text) > LARGEST:
        summary = f"is larger than {LARGEST >> 20} MiB"
        yield Note(
            chunk.line, 0, "yaml.large", summary, "split it; data belongs in files beside it"
        )
        return
    try:
        for node in compose(chunk):
            yield from _document(path, chunk, node)
    except UnfitError as error:
        yield _moved(error.note, chunk)


def _document(path: str, chunk: Chunk, node: Node) -> Iterator[Parsed]:
    if isinstance(node, ScalarNode) and node.tag is PLAIN and not node.value:
        return  # nothing between two markers
    builder = Builder(chunk.line)
    data = builder.build(node)
    yield from (_moved(note, chunk) for note in builder.notes)
    line, column = chunk.line + node.start_mark.line, node.start_mark.column
    if isinstance(data, dict):
        yield Document(path, line + 1, data, "${" in chunk.text, "secretRef" in chunk.text)
    else:
        hint = "begin it with apiVersion and kind"
        yield Note(line, column, "yaml.mapping", "the document is no mapping", hint)


def _moved(note: Note, chunk: Chunk) -> Note:
    """The same note, as a place in the whole file."""
    line = note.line + chunk.line
    return Note(line, note.column, note.code, note.summary, note.hint, note.severity)


def _hint(chunk: Chunk, line: int, problem: str) -> str:
    """What is most likely wrong with a line that is not YAML."""
    lines = chunk.text.split("\n")
    found = lines[line] if line < len(lines) else ""
    if "\t" in found[: len(found) - len(found.lstrip())]:
        return "indent with blanks: YAML does not allow tabs"
    if "mapping values" in problem or "alphabetic" in problem:
        return "put a text that holds one of : { * & # @ in quotes"
    return "check indentation, brackets and quotes here and just above"
