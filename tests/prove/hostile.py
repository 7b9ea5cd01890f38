"""Proves that no text gets out of its place: `python -m tests.prove.hostile [--sample]`.

Each of a hundred texts is put wherever a name, a tag, a condition, a message of the cloud or a
path can stand in a plan, and the plan is printed in every form. What is printed must be read back
by another's parser, with the very same elements as a plan of harmless text. Prints
`hostile: tried=N violations=N`, counting texts and forms.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reconciler.app import pages
from reconciler.diff import Action, Change, FieldChange, Reason
from reconciler.edge.effects import Effects
from reconciler.edge.layering import Effective
from reconciler.model import (
    Commit,
    Diagnostic,
    FieldRule,
    Observed,
    Origin,
    Refs,
    Resource,
    ResourceId,
    Scope,
    Severity,
    Spec,
)
from reconciler.plan import Plan
from reconciler.plan.impact import EffectiveChange, Impact, Reach
from reconciler.report import json as data
from reconciler.report import text as terminal
from reconciler.report import words
from reconciler.report.about import About
from reconciler.report.markdown import GITHUB
from tests.prove.hostile_texts import sample, texts
from tests.prove.verdict import Verdict
from tests.report.comment import rendered

HARMLESS = "x"
RUN = "https://ci.example/runs/1"
SAMPLE = 20
SHOWN = 5
SENT = re.compile(r"@\w|#\d|\b[0-9a-f]{7,40}\b|://|www\.|\w+@\w|(^|\s)[!~%&$]\w|:\w+:|[A-Z]+-\d")
"""What a service makes a mention, a reference or a link of, outside of code."""
IN_CODE = frozenset({"code", "pre"})


def plan(text: str) -> Plan:
    """Something of everything, with the text wherever text can stand."""
    spec: Spec = {
        "tags": {text: text},
        "description": text,
        "priority": text,
        "targetCondition": text,
        "list": (text, {text: text}),
    }
    origin = Origin(text, 1)
    group = Resource(ResourceId("DeviceGroup", text), spec, origin=origin)
    refs: Refs = {("targetCondition",): group.id}
    want = Resource(ResourceId("Deployment", text, "v1:" + "2" * 64), spec, refs, origin)
    old = ResourceId("Deployment", text, "v1:" + "1" * 64)
    have = Observed(old, spec, "1", owned=True, address=text, refs=refs, content={text: text})
    field = FieldChange((text,), text, f"{text}2", FieldRule.UPDATE)
    live = Observed(group.id, spec, "1", owned=True, address=text)
    gone = Observed(ResourceId("Image", text), {}, owned=True, address=text)
    model = Resource(ResourceId("Model", text), spec, origin=origin)
    first = (
        Change(model.id, Action.CREATE, Reason.MISSING, None, model, content=spec),
        Change(want.id, Action.CREATE, Reason.MISSING, None, want, content={text: f"{text}2"}),
        Change(group.id, Action.UPDATE, Reason.CHANGED, live, group, (field,)),
    )
    last = (
        Change(old, Action.DELETE, Reason.SUPERSEDED, have, None),
        Change(gone.id, Action.DELETE, Reason.REMOVED, gone, None),
    )
    extra = Change(gone.id, Action.NOOP, Reason.EXTRA, gone, None)
    return Plan(
        Commit("abc1234", dirty=True, repository=text),
        Scope(text, text),
        "memory",
        (first, last),
        unchanged=(extra,),
        diagnostics=(
            Diagnostic(Severity.WARNING, text, text, text, want.id, origin),
            Diagnostic(Severity.ERROR, "odd", f"{text}: {text}", text, model.id, origin),
        ),
        objects=4,
        desired={each.id: each for each in (model, want, group)},
        impact=_impact(text),
    )


def _impact(text: str) -> Impact:
    named = (text,)
    before, after = Effective(text), Effective(text, named)
    told = Effects(named, named, named, named, named, named, named)
    lost = EffectiveChange(1, text, after, Effective(), Effects())
    return Impact(
        5,
        (EffectiveChange(3, text, before, after, told), lost),
        {ResourceId("Deployment", text): Reach(3, named, named, named)},
        doubts=named,
    )


def as_text(text: str) -> Iterator[str]:
    """Nothing for a terminal to act on, and no line more than there would be."""
    shown = terminal.render(plan(text), "sha256:0")
    if odd := sorted({c for c in shown if not c.isprintable() and c != "\n"}):
        yield f"raw characters {odd}"
    if len(shown.splitlines()) < len(terminal.render(plan(HARMLESS), "sha256:0").splitlines()):
        yield "fewer lines than expected"
    if [line for line in shown.splitlines() if line.startswith("Plan: ")] != [
        "Plan: 2 to add, 1 to change, 2 to destroy."
    ]:
        yield "another summary"


def as_json(text: str) -> Iterator[str]:
    """Read back, it is the same text."""
    shown = data.render(data.document(plan(text)))
    if not shown.isascii():
        yield "raw characters"
    names = {change["name"] for change in json.loads(shown)["resource_changes"]}
    if names != {text}:
        yield f"another name: {names}"


def as_markdown(text: str) -> Iterator[str]:
    shown = pages.plan_markdown(plan(text), About("sha256:0", full=RUN, stale=text))
    if odd := sorted({c for c in shown if not c.isprintable() and c != "\n"}):
        yield f"raw characters {odd}"
    if len(shown.encode()) > GITHUB:
        yield "too long"
    yield from elements(rendered(shown), usual_comment(), apart={"code"})
    tree = LexborHTMLParser(rendered(shown))
    for said in outside_of_code(tree.root):
        if found := SENT.search(said):
            yield f"acts outside of code: {found[0]!r} in {said!r}"
    if "\n/" in shown:
        yield "a command to the service"


def as_html(text: str) -> Iterator[str]:
    shown = pages.plan_html(plan(text), About("sha256:0", stale=text))
    if odd := sorted({c for c in shown if not c.isprintable() and c != "\n"}):
        yield f"raw characters {odd}"
    yield from elements(shown, _usual_page(), apart=set())
    tree = LexborHTMLParser(shown)
    dress = pages.dress()
    for name, source in (("style", dress.style), ("script", dress.script)):
        if [node.text() for node in tree.css(name)] != [source]:
            yield f"another {name}"
    names = {node.text() for node in tree.css("summary b")}
    if names != {words.plain(text)}:
        yield "the name is not shown"


FORMS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "html": as_html,
}


def run(found: Sequence[str]) -> Verdict:
    violations = [
        f"{form}: {text[:60]!r}: {said[:300]}"
        for text in found
        for form, read in FORMS.items()
        for said in read(text)
    ]
    return Verdict("hostile", len(found) * len(FORMS), tuple(violations))


def elements(shown: str, usual: Counter[str], apart: set[str]) -> Iterator[str]:
    """Whatever differs from what harmless text gives: elements, attributes, addresses."""
    found = _counted(shown)
    for name in sorted(found.keys() | usual.keys()):
        if name.split(maxsplit=1)[0] not in apart and found[name] != usual[name]:
            yield f"{found[name]} {name} and not {usual[name]}"


def _counted(shown: str) -> Counter[str]:
    root = LexborHTMLParser(shown).root
    assert root is not None
    return Counter(map(_told, root.traverse(include_text=False)))


def _told(node: LexborNode) -> str:
    """A tag with the names of its attributes, and addresses in full."""
    held = {key: value for key, value in node.attributes.items() if key in {"href", "src"}}
    names = sorted(node.attributes)
    return " ".join([str(node.tag), *names, *(str(value) for value in held.values())])


@cache
def usual_comment() -> Counter[str]:
    about = About("sha256:0", full=RUN, stale=HARMLESS)
    return _counted(rendered(pages.plan_markdown(plan(HARMLESS), about)))


@cache
def _usual_page() -> Counter[str]:
    return _counted(pages.plan_html(plan(HARMLESS), About("sha256:0", stale=HARMLESS)))


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
