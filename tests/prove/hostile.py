"""Proves that no text gets out of its place: `python -m tests.prove.hostile [--sample]`.

Each of a hundred texts is put wherever a name, a tag, a condition, a message of the cloud or a
path can stand in a plan, and into documents of a fleet that is read from files. Both are printed
in every form. What is printed must be read back by another's parser, with the very same elements
as harmless text gives. Prints `hostile: tried=N violations=N`, counting texts and forms.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reconciler.app import pages
from reconciler.plan import Plan
from reconciler.report import json as data
from reconciler.report import text as terminal
from reconciler.report import words
from reconciler.report.about import About
from reconciler.report.markup import WIDTH, inert
from tests.prove import hostile_fleet, hostile_plan
from tests.prove.hostile_texts import sample, texts
from tests.prove.verdict import Verdict
from tests.report.comment import rendered

HARMLESS = "x"
RUN = "https://ci.example/runs/1"
ROOM = 100_000_000
"""Nothing is left out, so that everything is looked at."""
SAMPLE = 20
SHOWN = 5
SENT = re.compile(r"@\w|#\d|\b[0-9a-f]{7,40}\b|://|www\.|\w+@\w|(^|\s)[!~%&$]\w|:\w+:|[A-Z]+-\d")
"""What a service makes a mention, a reference or a link of, outside of code."""
IN_CODE = frozenset({"code", "pre"})
SUMMARY = "Plan: "


@dataclass(frozen=True)
class Printed:
    """One plan in every form, with a text said to be the reason why it is stale."""

    text: str
    json: str
    markdown: str
    html: str

    @classmethod
    def of(cls, plan: Plan, stale: str) -> Printed:
        return cls(
            terminal.render(plan, "sha256:0"),
            data.render(data.document(plan)),
            pages.plan_markdown(plan, About("sha256:0", full=RUN, stale=stale), ROOM),
            pages.plan_html(plan, About("sha256:0", stale=stale)),
        )


def as_text(found: Printed, usual: Printed) -> Iterator[str]:
    """Nothing for a terminal to act on, and no summary but ours."""
    yield from _raw(found.text)
    summaries = [
        [line for line in each.text.splitlines() if line.startswith(SUMMARY)]
        for each in (found, usual)
    ]
    if summaries[0] != summaries[1]:
        yield f"another summary: {summaries[0]}"


def as_json(found: Printed, usual: Printed) -> Iterator[str]:
    """Nothing raw, and as many changes as there are."""
    if not found.json.isascii():
        yield "raw characters"
    counts = [len(json.loads(each.json)["resource_changes"]) for each in (found, usual)]
    if counts[0] != counts[1]:
        yield f"{counts[0]} changes and not {counts[1]}"


def as_markdown(found: Printed, usual: Printed) -> Iterator[str]:
    """No element but ours, and nothing that a service acts on."""
    yield from _raw(found.markdown)
    shown = rendered(found.markdown)
    yield from elements(shown, counted(rendered(usual.markdown)), apart={"code"})
    for said in outside_of_code(LexborHTMLParser(shown).root):
        if acts := SENT.search(said):
            yield f"acts outside of code: {acts[0]!r} in {said!r}"
    if "\n/" in found.markdown:
        yield "a command to the service"


def as_html(found: Printed, usual: Printed) -> Iterator[str]:
    """No element but ours, and no script or style but the page's own."""
    yield from _raw(found.html)
    yield from elements(found.html, counted(usual.html), apart=set())
    page, dress = LexborHTMLParser(found.html), pages.dress()
    for name, source in (("style", dress.style), ("script", dress.script)):
        if [node.text() for node in page.css(name)] != [source]:
            yield f"another {name}"


FORMS: Mapping[str, Callable[[Printed, Printed], Iterator[str]]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "html": as_html,
}


def run(found: Sequence[str]) -> Verdict:
    """Each text in each form, in a plan of its own and among all others in a fleet."""
    violations = (*_plans(found), *_documents(found))
    return Verdict("hostile", 2 * len(found) * len(FORMS), violations)


def _plans(found: Sequence[str]) -> Iterator[str]:
    """Each text in a plan of its own, which holds it everywhere."""
    usual = Printed.of(hostile_plan.plan(HARMLESS), HARMLESS)
    for text in found:
        printed = Printed.of(hostile_plan.plan(text), text)
        said = (*_judged(printed, usual), *_lost(text, printed))
        yield from (f"{text[:60]!r}: {each[:300]}" for each in said)


def _lost(text: str, printed: Printed) -> Iterator[str]:
    """What is not shown cannot do harm, and nobody sees it."""
    if {change["name"] for change in json.loads(printed.json)["resource_changes"]} != {text}:
        yield "json: the name is another one"
    names = {node.text() for node in LexborHTMLParser(printed.html).css("details.change b")}
    if names != {words.plain(text)}:
        yield "html: the name is not shown"
    comment = LexborHTMLParser(rendered(printed.markdown))
    cells = {node.text() for node in comment.css("td:nth-child(2)")}
    if cells != {inert(f"{kind}/{text}", WIDTH) for kind in hostile_plan.KINDS}:
        yield "markdown: the name is not shown"


def _documents(found: Sequence[str]) -> Iterator[str]:
    """All texts in one fleet, a document for each."""
    with tempfile.TemporaryDirectory() as name:
        ours, usual = (
            Printed.of(hostile_fleet.plan(Path(name, folder), each), HARMLESS)
            for folder, each in (("hostile", found), ("usual", [HARMLESS] * len(found)))
        )
    yield from _judged(ours, usual)
    told = hostile_fleet.described(json.loads(ours.json))
    yield from (f"json: {text[:60]!r} is lost" for text in hostile_fleet.said(found) - told)


def _judged(printed: Printed, usual: Printed) -> Iterator[str]:
    for form, read in FORMS.items():
        yield from (f"{form}: {said}" for said in read(printed, usual))


def _raw(shown: str) -> Iterator[str]:
    if odd := sorted({c for c in shown if not c.isprintable() and c != "\n"}):
        yield f"raw characters {odd}"


def elements(shown: str, usual: Counter[str], apart: set[str]) -> Iterator[str]:
    """Whatever differs from what harmless text gives: elements, attributes, addresses."""
    found = counted(shown)
    for name in sorted(found.keys() | usual.keys()):
        if name.split(maxsplit=1)[0] not in apart and found[name] != usual[name]:
            yield f"{found[name]} {name} and not {usual[name]}"


def counted(shown: str) -> Counter[str]:
    root = LexborHTMLParser(shown).root
    assert root is not None
    return Counter(map(_named, root.traverse(include_text=False)))


def _named(node: LexborNode) -> str:
    """A tag with the names of its attributes, and addresses in full."""
    held = {key: value for key, value in node.attributes.items() if key in {"href", "src"}}
    names = sorted(node.attributes)
    return " ".join([str(node.tag), *names, *(str(value) for value in held.values())])


def outside_of_code(root: LexborNode | None) -> Iterator[str]:
    for node in root.traverse(include_text=True) if root else ():
        if node.tag == "-text" and not _inside(node) and node.text_content:
            yield node.text_content


def _inside(node: LexborNode) -> bool:
    above = node.parent
    while above is not None:
        if above.tag in IN_CODE:
            return True
        above = above.parent
    return False


def main(arguments: Sequence[str]) -> int:
    """Print the line; 1 if there was a violation."""
    verdict = run(sample(SAMPLE) if "--sample" in arguments else texts())
    sys.stdout.write("\n".join([str(verdict), *(f"  {v}" for v in verdict.violations[:SHOWN]), ""]))
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
