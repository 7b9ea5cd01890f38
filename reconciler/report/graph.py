"""A fleet as a picture, in languages that others draw: Mermaid and Graphviz's DOT; and as data.

Names come from YAML. In both languages they stand in quotes, as text and nothing else; nodes are
numbered, so that no name is ever read as a word of the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.model import Value
from reconciler.plan.picture import Edge, Graph, Mark, Node
from reconciler.report import words

SILENT = frozenset({Mark.UNKNOWN, Mark.SAME})
"""What nobody needs to be told."""
SHAPES: Mapping[str, tuple[str, str, str]] = {
    "Model": ("[(", ")]", "cylinder"),
    "Image": ("[[", "]]", "component"),
    "RegistryCredential": ("{{", "}}", "hexagon"),
    "Deployment": ("[", "]", "box"),
    "DeviceGroup": ("([", "])", "oval"),
}
"""By kind: what stands around a node in Mermaid, and its shape in DOT."""
COLORS: Mapping[Mark, str] = {
    Mark.CREATE: "#1a7f37",
    Mark.UPDATE: "#9a6700",
    Mark.REPLACE: "#8250df",
    Mark.DELETE: "#cf222e",
    Mark.BROKEN: "#cf222e",
}
"""Of the line around a node; that it changes also stands in its text."""
PLAIN = frozenset(" ,/()")
"""What means nothing in a quoted text of Mermaid's, besides letters and digits."""
JOINS = re.compile(r"(?<=\w)[-.](?=\w)", re.ASCII)
"""Within a word these mean nothing either; in front of one they would begin a list."""


def mermaid(graph: Graph) -> str:
    """https://mermaid.js.org/syntax/flowchart.html, which GitHub and GitLab draw in Markdown."""
    ids = _numbered(graph)
    lines = ["flowchart LR", *(f"  {_mermaid_node(node, ids)}" for node in graph.nodes)]
    lines += [f"  {_mermaid_edge(edge, ids)}" for edge in graph.edges]
    for mark, color in COLORS.items():
        marked = [ids[str(node.id)] for node in graph.nodes if node.action is mark]
        if marked:
            name = mark.name.lower()
            lines += [f"  classDef {name} stroke:{color},stroke-width:3px"]
            lines += [f"  class {','.join(marked)} {name}"]
    return "\n".join([*lines, ""])


def dot(graph: Graph) -> str:
    """https://graphviz.org/doc/info/lang.html."""
    ids = _numbered(graph)
    return "\n".join(
        [
            "digraph fleet {",
            '  graph [rankdir="LR"]',
            '  node [fontname="Helvetica"]',
            *(f"  {_dot_node(node, ids)}" for node in graph.nodes),
            *(f"  {_dot_edge(edge, ids)}" for edge in graph.edges),
            "}",
            "",
        ]
    )


def document(graph: Graph) -> dict[str, Value]:
    return {
        "nodes": tuple(
            {
                "id": str(node.id),
                "kind": node.kind,
                "name": node.name,
                "action": node.action.name.lower(),
                "devices": node.devices,
            }
            for node in graph.nodes
        ),
        "edges": tuple(
            {"source": str(edge.source), "target": str(edge.target), "label": edge.label}
            for edge in graph.edges
        ),
    }


def _numbered(graph: Graph) -> Mapping[str, str]:
    return {str(node.id): f"n{number}" for number, node in enumerate(graph.nodes, start=1)}


def _told(node: Node) -> Iterator[str]:
    """The lines of a node's text."""
    yield node.kind
    yield node.label
    if node.action not in SILENT:
        yield node.action.value


def _mermaid_node(node: Node, ids: Mapping[str, str]) -> str:
    opening, closing, _ = SHAPES[node.kind]
    text = "<br>".join(_mermaid(line) for line in _told(node))
    return f'{ids[str(node.id)]}{opening}"{text}"{closing}'


def _mermaid_edge(edge: Edge, ids: Mapping[str, str]) -> str:
    label = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
    return f"{ids[str(edge.source)]} -->{label} {ids[str(edge.target)]}"


def _mermaid(text: str) -> str:
    """Everything that might mean something, by its number: so it is neither HTML nor Markdown."""
    told = words.plain(text)
    joins = {found.start() for found in JOINS.finditer(told)}
    return "".join(
        c if c.isalnum() or c in PLAIN or at in joins else f"#{ord(c)};"
        for at, c in enumerate(told)
    )


def _dot_node(node: Node, ids: Mapping[str, str]) -> str:
    shape = SHAPES[node.kind][2]
    text = r"\n".join(_dot(line) for line in _told(node))
    color = COLORS.get(node.action, "#57606a")
    width = "1" if node.action in SILENT else "3"
    return (
        f'{ids[str(node.id)]} [label="{text}", shape="{shape}", color="{color}",'
        f' penwidth="{width}"]'
    )


def _dot_edge(edge: Edge, ids: Mapping[str, str]) -> str:
    label = f' [label="{_dot(edge.label)}"]' if edge.label else ""
    return f"{ids[str(edge.source)]} -> {ids[str(edge.target)]}{label}"


def _dot(text: str) -> str:
    """Backslashes and quotes are doubled up; `&` would begin a character of HTML's."""
    quoted = words.plain(text).replace("\\", r"\\").replace('"', r"\"")
    return quoted.replace("&", "&amp;")
