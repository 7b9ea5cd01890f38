"""The fleet as a drawing: columns from models to groups of devices, changes in their colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model import ResourceId
from reconciler.plan.picture import Edge, Graph, Mark, Node
from reconciler.report import words
from reconciler.report.html.element import Attributes, Markup, block, element, scrolled

COLUMNS = {"Model": 0, "Image": 1, "RegistryCredential": 1, "Deployment": 2, "DeviceGroup": 3}
DEPLOYMENT = "Deployment"
TITLES = ("Models", "Images and credentials", "Deployments", "Groups")
MOST = 60
"""More nodes than this are narrowed to what changes, and so many are drawn at most."""
WIDTH, HEIGHT = 208, 46
ACROSS, DOWN = 272, 62
TOP = 34
LETTERS = 25
"""What fits into a node on one line."""
SWEEPS = 4
QUIET = frozenset({Mark.SAME, Mark.UNKNOWN})


Near: TypeAlias = Mapping[ResourceId, Sequence[ResourceId]]


@dataclass(frozen=True, slots=True)
class Place:
    x: int
    y: int


def section(graph: Graph) -> Iterator[Markup]:
    """Nothing for a fleet without nodes."""
    drawn = worth(graph)
    if not drawn.nodes:
        return
    places = arranged(drawn)
    left = len(graph.nodes) - len(drawn.nodes)
    caption = "What gets into what, from models to groups of devices."
    more = f" {words.counted(left, 'further node')} not drawn." if left else ""
    drawing = scrolled("Drawing", _svg(drawn, places))
    yield element(
        "section",
        {"id": "graph"},
        element("h2", {}, "Graph"),
        element(
            "figure", {}, block("figcaption", "quiet", caption + more), _legend(drawn), drawing
        ),
        _listed(drawn),
    )


def worth(graph: Graph) -> Graph:
    """All of a small fleet; of a large one what changes, deployments first, each together with
    what gets into it and where it gets, as long as there is room.
    """
    if len(graph.nodes) <= MOST:
        return graph
    sources, targets = _ends(graph.edges)
    changed = [node for node in graph.nodes if node.action not in QUIET]
    near: set[ResourceId] = set()
    for node in sorted(changed, key=lambda node: node.kind != DEPLOYMENT):
        chain = {*_upwards(node.id, sources), *targets.get(node.id, ())}
        if len(near | chain) <= MOST:
            near |= chain
    nodes = tuple(node for node in graph.nodes if node.id in near)
    edges = tuple(edge for edge in graph.edges if {edge.source, edge.target} <= near)
    return Graph(nodes, edges)


def _ends(edges: Iterable[Edge]) -> tuple[Near, Near]:
    """By node, where its edges come from, and where they go."""
    sources: dict[ResourceId, list[ResourceId]] = {}
    targets: dict[ResourceId, list[ResourceId]] = {}
    for edge in edges:
        sources.setdefault(edge.target, []).append(edge.source)
        targets.setdefault(edge.source, []).append(edge.target)
    return sources, targets


def _upwards(node: ResourceId, sources: Near) -> Iterator[ResourceId]:
    yield node
    for source in sources.get(node, ()):
        yield from _upwards(source, sources)


def arranged(graph: Graph) -> Mapping[ResourceId, Place]:
    """A place for every node: each column is ordered by where its neighbours stand."""
    columns: list[list[ResourceId]] = [[] for _ in TITLES]
    for node in graph.nodes:
        columns[COLUMNS[node.kind]].append(node.id)
    sources, targets = _ends(graph.edges)

    def around(id_: ResourceId) -> Sequence[ResourceId]:
        return *sources.get(id_, ()), *targets.get(id_, ())

    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else columns[::-1]:
            rank = {id_: at for each in columns for at, id_ in enumerate(each)}
            column.sort(key=lambda id_: (_middle(around(id_), rank), rank[id_]))
    tallest = max(map(len, columns))
    used = [column for column in columns if column]
    return {
        id_: Place(across * ACROSS, TOP + at * DOWN + (tallest - len(column)) * DOWN // 2)
        for across, column in enumerate(used)
        for at, id_ in enumerate(column)
    }


def _middle(near: Sequence[ResourceId], rank: Mapping[ResourceId, int]) -> float:
    return sum(rank[id_] for id_ in near) / len(near) if near else len(rank)


def _svg(graph: Graph, places: Mapping[ResourceId, Place]) -> Markup:
    wide = max(place.x for place in places.values()) + WIDTH
    high = max(place.y for place in places.values()) + HEIGHT
    return element(
        "svg",
        {
            "class": "graph",
            "viewBox": f"-2 0 {wide + 4} {high + 4}",
            "width": wide + 4,
            "height": high + 4,
            "role": "img",
            "aria-label": f"{len(graph.nodes)} nodes, {len(graph.edges)} edges; listed below",
        },
        *_titles(graph, places),
        *(_edge(edge, places) for edge in graph.edges),
        *(_node(node, places[node.id]) for node in graph.nodes),
    )


def _titles(graph: Graph, places: Mapping[ResourceId, Place]) -> Iterator[Markup]:
    found = {places[node.id].x: TITLES[COLUMNS[node.kind]] for node in graph.nodes}
    for x, title in sorted(found.items()):
        yield element("text", {"class": "title", "x": x, "y": 16}, title)


def _edge(edge: Edge, places: Mapping[ResourceId, Place]) -> Markup:
    start, end = places[edge.source], places[edge.target]
    x, y = start.x + WIDTH, start.y + HEIGHT // 2
    to_x, to_y = end.x, end.y + HEIGHT // 2
    bend = max(32, (to_x - x) // 2)
    return element("path", {"d": f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"})


def _node(node: Node, place: Place) -> Markup:
    shape: Attributes = {"x": place.x, "y": place.y, "width": WIDTH, "height": HEIGHT, "rx": 8}
    line: Attributes = {"x": place.x + 12, "y": place.y + 20}
    below: Attributes = {"class": "below", "x": place.x + 12, "y": place.y + 36}
    return element(
        "g",
        {"class": f"node {style(node.action)}"},
        element("title", {}, f"{node.kind}/{node.label}: {node.action.value}"),
        element("rect", shape),
        element("text", line, _short(node.name)),
        element("text", below, _told(node)),
    )


def style(mark: Mark) -> str:
    return mark.name.lower()


def _told(node: Node) -> str:
    mark = "" if node.action is Mark.UNKNOWN else node.action.value
    devices = "" if node.devices is None else words.counted(node.devices, "device")
    return " · ".join(filter(None, (_short(mark), devices)))


def _short(name: str) -> str:
    """Cut in the middle: names differ at their ends."""
    shown = words.plain(name)
    if len(shown) <= LETTERS:
        return shown
    half = (LETTERS - 1) // 2
    return f"{shown[:half]}…{shown[-half:]}"


def _legend(graph: Graph) -> Markup:
    used = {node.action for node in graph.nodes}
    items = (
        block("li", f"mark {style(mark)}", mark.value)
        for mark in Mark
        if mark in used and mark is not Mark.UNKNOWN
    )
    return block("ul", "legend", *items)


def _listed(graph: Graph) -> Markup:
    """The drawing in words, for whoever cannot see it."""
    below: dict[ResourceId, list[str]] = {}
    for edge in graph.edges:
        name = f"{edge.target}{f' ({edge.label})' if edge.label else ''}"
        below.setdefault(edge.source, []).append(name)
    lines = (
        element("li", {}, element("b", {}, str(source)), f" gets into {', '.join(below[source])}")
        for source in below
    )
    summary = element("summary", {}, "The same as a list")
    return block("details", "list", summary, element("ul", {}, *lines))
