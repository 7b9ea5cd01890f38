"""The page of a plan, as a parser reads it; test_page.py has what a browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import itertools
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from reconciler.app import pages
from reconciler.model import ResourceId
from reconciler.plan import Plan
from reconciler.plan.picture import Edge, Graph, Mark, Node
from reconciler.report.about import About
from reconciler.report.html.element import block, element
from reconciler.report.html.picture import HEIGHT, MOST, WIDTH, arranged, worth
from tests.report.scenes import SCENES
from tests.report.test_impact import MORE, scene

ABOUT = About("sha256:e7b4", "2026-03-14T09:26:53+00:00")


def read(plan: Plan, about: About = ABOUT) -> LexborHTMLParser:
    return LexborHTMLParser(pages.plan_html(plan, about))


def texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


@pytest.mark.parametrize("name", SCENES)
def test_headings_go_down_one_step_at_a_time(name: str) -> None:
    page = read(replace(SCENES[name](), impact=MORE))
    levels = [int(str(node.tag)[1]) for node in page.css("h1, h2, h3, h4, h5, h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_a_page_has_its_landmarks_and_links_lead_into_them() -> None:
    page = read(SCENES["replacement"]())
    assert [len(page.css(name)) for name in ("header", "nav", "main", "footer")] == [1] * 4
    assert page.css_first("html[lang=en]") is not None
    ids = {node.attributes.get("id") for node in page.css("[id]")}
    links = [str(node.attributes["href"]) for node in page.css("a")]
    assert links == ["#changes", "#changes", "#graph", "#checks"]
    assert {link[1:] for link in links} <= ids


def test_only_our_own_style_and_script_are_let_in() -> None:
    page, dress = read(SCENES["update"]()), pages.dress()
    policy = page.css_first("meta[http-equiv]")
    assert policy is not None
    digests = [
        base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        for source in (dress.style, dress.script)
    ]
    assert policy.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digests[0]}'; script-src 'sha256-{digests[1]}';"
        " base-uri 'none'; form-action 'none'"
    )
    assert "</" not in dress.style + dress.script


def test_every_change_is_a_fold_with_its_fields() -> None:
    page = read(SCENES["update"]())
    assert texts(page, "details.change summary .name") == [
        "DeviceGroup/vision",
        "Image/vision",
        "Deployment/vision",
    ]
    assert texts(page, "details.change.update:first-child tbody th")[:2] == [
        "devices",
        "targetCondition",
    ]


def test_the_figures_count_changes_as_people_do() -> None:
    page = read(SCENES["replacement"]())
    assert texts(page, ".tile") == ["create2", "replace1", "objects4 of 7"]


def test_a_deployment_has_a_bar_below_its_group() -> None:
    page = read(scene(MORE))
    assert texts(page, ".group") == ["vision tags.line = 'vision'vision412 of 3,120"]
    bar = page.css_first(".bars rect:last-child")
    assert bar is not None
    assert bar.attributes["width"] == "13.21"


def test_what_devices_lose_and_what_is_not_known_of_them_is_said() -> None:
    assert texts(read(scene(MORE)), "#devices .banner") == [
        "12 devices left without a base: what runs there goes on, and nobody manages it.",
        "These counts may be incomplete: theirs: its condition cannot be read",
    ]


def test_a_plan_that_cannot_be_applied_says_so_and_why() -> None:
    page = read(SCENES["refused"]())
    assert texts(page, ".banner") == ["This plan cannot be applied: 2 errors."]
    assert texts(page, ".checks .severity") == ["error", "error"]


def test_a_stale_plan_says_so_first() -> None:
    page = read(SCENES["update"](), replace(ABOUT, stale="a commit came since"))
    assert texts(page, "main > .banner") == ["This plan is stale: a commit came since"]


def test_what_left_git_and_stays_is_listed() -> None:
    [first, *_] = texts(read(SCENES["extras"]()), "#extras tbody tr")
    assert first == (
        "Deployment/gonegone-3000c366no longer in git; nothing is deleted without prune"
    )


def test_nothing_to_do_is_a_page_too() -> None:
    page = read(SCENES["nothing"]())
    assert texts(page, ".lead") == ["No changes. Your infrastructure matches the configuration."]
    assert texts(page, "#changes p") == ["There is nothing to change."]


def test_text_is_escaped_where_it_becomes_markup() -> None:
    made = element("a", {"title": '"><b>', "hidden": None}, "<b>&\x1b", block("p", "", "x"))
    assert made.source == ('<a title="&quot;&gt;&lt;b&gt;" hidden>&lt;b&gt;&amp;\\x1b<p>x</p></a>')


def chain(count: int, changed: int) -> Graph:
    """That many models, each in a deployment of its own; the first few deployments change."""
    models = [ResourceId("Model", f"m{number:03}") for number in range(count)]
    users = [ResourceId("Deployment", f"d{number:03}") for number in range(count)]
    marks = [Mark.UPDATE if at < changed else Mark.SAME for at in range(count)]
    nodes = (
        *(Node(id_, Mark.SAME) for id_ in models),
        *(Node(id_, mark) for id_, mark in zip(users, marks, strict=True)),
    )
    return Graph(nodes, tuple(Edge(*ends) for ends in zip(models, users, strict=True)))


def test_no_two_nodes_stand_on_each_other() -> None:
    places = list(arranged(chain(20, 3)).values())
    for at, one in enumerate(places):
        for other in places[at + 1 :]:
            assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT


def test_neighbours_stand_side_by_side() -> None:
    graph = chain(10, 0)
    turned = Graph(
        graph.nodes,
        tuple(Edge(e.source, graph.edges[-1 - at].target) for at, e in enumerate(graph.edges)),
    )
    places = arranged(turned)
    assert all(places[edge.source].y == places[edge.target].y for edge in turned.edges)


def test_of_a_large_fleet_only_what_changes_is_drawn_with_what_it_hangs_on() -> None:
    assert worth(chain(MOST // 2, 0)) == chain(MOST // 2, 0)
    drawn = worth(chain(500, 2))
    assert [node.name for node in drawn.nodes] == ["m000", "m001", "d000", "d001"]
    assert len(drawn.edges) == 2
    assert len(worth(chain(500, 400)).nodes) == MOST
