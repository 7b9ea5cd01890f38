"""Writing documents as YAML that a person would have written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from reconciler.model import Spec, Value, mapping, sequence
from reconciler.source.scalars import plain

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Commented:
    """A document, and the lines that stand above it."""

    document: Spec
    comments: Sequence[str] = ()


def as_yaml(documents: Iterable[Commented]) -> str:
    """One YAML stream; keys stay in their order, and every comment on a line of its own."""
    return "---\n".join(_one(commented) for commented in documents)


def _one(commented: Commented) -> str:
    comments = "".join(f"# {_line(comment)}".rstrip() + "\n" for comment in commented.comments)
    body: str = yaml.dump(
        _plain(commented.document),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        default_flow_style=False,
    )
    return comments + body


def flow(value: Value) -> str:
    """A value on one line, as it stands behind a colon."""
    written: str = yaml.dump(
        _plain(value),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=10**9,
        default_flow_style=True,
    )
    return written.removesuffix("...\n").strip()


def block(value: Value, column: int) -> str:
    """A mapping or a list on lines of its own, each with so many blanks before it."""
    lines = _one(Commented(mapping(value))) if isinstance(value, Mapping) else _listed(value)
    return "\n".join(" " * column + line for line in lines.rstrip("\n").split("\n"))


def _listed(value: Value) -> str:
    return "".join(f"- {flow(item)}\n" for item in sequence(value))


class _Dumper(yaml.SafeDumper):
    """Indents lists, writes texts with line breaks as blocks, and knows no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the signature is PyYAML's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text.strip("\n") else None
    if not text.replace("\n", "").isprintable():
        style = '"'  # the only one with escapes
    elif text and plain(text) != text:
        style = "'"  # some reader of YAML sees a number or a switch in it
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _line(comment: str) -> str:
    """A comment is one line, whatever a file is called or holds."""
    return "".join(character if character.isprintable() else " " for character in comment)


def _plain(value: Value) -> object:
    """What PyYAML can write: its own lists and mappings."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    return {key: _plain(inner) for key, inner in value.items()}
