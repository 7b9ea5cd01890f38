"""The picture of a fleet in Mermaid and in DOT: what is drawn, and that names stay text."""

from __future__ import annotations

import re

from reconciler.model import ResourceId
from reconciler.plan.picture import Edge, Graph, Mark, Node, of_plan
from reconciler.report import graph
from tests.report import scenes

HOSTILE = '"]\n  n1 --> n9; <img src=x onerror=alert(1)> `b` \\" &lt; %%{init}%% \u202e 1. -x end'
MODEL, IMAGE = ResourceId("Model", "m"), ResourceId("Image", HOSTILE)
SPOILT = Graph((Node(MODEL), Node(IMAGE, devices=3)), (Edge(MODEL, IMAGE, HOSTILE),))


def test_mermaid_says_what_a_plan_makes_of_each_node() -> None:
    assert graph.mermaid(
        of_plan(scenes.replacement(), {ResourceId("DeviceGroup", "vision"): 2})
    ) == (
        "flowchart LR\n"
        '  n1[("Model<br>vision<br>to be created")]\n'
        '  n2[["Image<br>vision<br>to be created"]]\n'
        '  n3["Deployment<br>vision<br>to be replaced"]\n'
        '  n4(["DeviceGroup<br>vision (2 devices)"])\n'
        "  n1 --> n2\n"
        '  n2 -->|"app"| n3\n'
        "  n3 --> n4\n"
        "  classDef create stroke:#1a7f37,stroke-width:3px\n"
        "  class n1,n2 create\n"
        "  classDef replace stroke:#8250df,stroke-width:3px\n"
        "  class n3 replace\n"
    )


def test_dot_draws_the_same() -> None:
    drawn = graph.dot(of_plan(scenes.nothing())).splitlines()
    assert drawn[0] == "digraph fleet {"
    assert drawn[-1] == "}"
    assert [line.strip() for line in drawn if "->" in line] == [
        "n1 -> n2",
        'n2 -> n3 [label="app"]',
        "n3 -> n4",
    ]


def test_a_hostile_name_stays_text_in_mermaid() -> None:
    lines = graph.mermaid(SPOILT).splitlines()
    assert len(lines) == 4
    quoted = [text for line in lines for text in re.findall(r'"([^"]*)"', line)]
    assert all(line.count('"') == 2 for line in lines[1:])
    for text in quoted:
        assert not set(text.replace("<br>", "")) & set('<>`"[]{}|&\\%\n*_')
    assert all(re.sub(r"#\d+;", "", text).find("#") == -1 for text in quoted)


def test_a_hostile_name_stays_text_in_dot() -> None:
    lines = graph.dot(SPOILT).splitlines()
    assert len(lines) == 7
    for line in lines[3:6]:
        outside = re.sub(r'"(?:\\.|[^"\\])*"', "", line)
        assert re.fullmatch(r"[ \[\]=,\w>-]+", outside), outside
        assert "&lt;" not in line


def test_programs_get_names_as_they_are() -> None:
    told = graph.document(SPOILT)
    assert told["edges"] == ({"source": "Model/m", "target": str(IMAGE), "label": HOSTILE},)


def test_a_node_that_stays_as_it_is_says_nothing_of_it() -> None:
    silent = Graph((Node(MODEL, Mark.SAME),))
    assert graph.mermaid(silent) == 'flowchart LR\n  n1[("Model<br>m")]\n'
