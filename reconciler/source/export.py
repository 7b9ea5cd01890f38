"""Writing documents as YAML that a person would have written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml

from reconciler.model import Spec, Value
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
