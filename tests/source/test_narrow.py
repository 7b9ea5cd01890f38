"""What is left unread would have changed nothing, whatever the cache holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.app.fleet import fleet_at
from reconciler.app.preview import Between, between, plan_between
from reconciler.app.reports import plan_text
from reconciler.registry import SCHEMAS
from reconciler.source.cache import PACKS, Pack, Shelf, packed
from reconciler.source.facts import Page
from reconciler.source.revision import Place, Repository
from tests.source.clones import Clone
from tests.source.fleets import ENVIRONMENT, ROOT, group

LAYER = """\
apiVersion: reconciler/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  type: layer
  group: {group}
  priority: {priority}
  modules:
    m: {{image: {image}, env: {{SITE: "${{site}}"}}}}
"""
IMAGE = """\
apiVersion: reconciler/v1
kind: Image
metadata: {{name: {name}}}
spec: {{builder: prebuilt, reference: "contoso.azurecr.io/{name}:{tag}"}}
"""
MODEL = """\
apiVersion: reconciler/v1
kind: Model
metadata: {name: iris}
spec: {path: ../models/iris.bin}
"""


def layer(name: str, group: str = "a", priority: int = 30, image: str = "red") -> str:
    return LAYER.format(name=name, group=group, priority=priority, image=image)


def image(name: str, tag: str = "1") -> str:
    return IMAGE.format(name=name, tag=tag)


FLEET = {
    "fleet/reconciler.yaml": ROOT,
    "fleet/environment.yaml": ENVIRONMENT,
    "fleet/groups.yaml": f"{group('a')}---\n{group('b', 'matchTags: {site: b}')}",
    "fleet/images.yaml": f"{image('red')}---\n{image('blue')}",
    "fleet/one.yaml": layer("one"),
    "fleet/two.yaml": layer("two", "b", image="blue"),
    "fleet/model.yaml": MODEL,
    "models/iris.bin": "1",
}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    clone = Clone.new(tmp_path / "clone")
    clone.commit(FLEET)
    return clone


def compared(clone: Clone) -> Between:
    """The commit before the last, and the last."""
    repository = Repository(clone.folder)
    revisions = repository.read("HEAD~1"), repository.read("HEAD")
    return between(Place.of(None, clone.folder), repository, revisions, None)


def whole(clone: Clone) -> Between:
    place, repository = Place.of(None, clone.folder), Repository(clone.folder)
    before, after = repository.read("HEAD~1"), repository.read("HEAD")
    return Between(fleet_at(place, before, None), fleet_at(place, after, None))


def packs(clone: Clone) -> list[Path]:
    return sorted((clone.folder / ".git/reconciler/cache/v1").glob("*"))


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        ({"fleet/one.yaml": layer("one", priority=40)}, 4),
        ({"fleet/one.yaml": layer("one", "b", 40, "blue")}, 2),
        ({"fleet/groups.yaml": group("a", "matchTags: {site: c}")}, None),
        ({"fleet/images.yaml": f"{image('red', '2')}---\n{image('blue')}"}, 1),
        ({"fleet/three.yaml": layer("three", priority=50)}, 5),
        ({"fleet/one.yaml": ""}, 4),
        ({"models/iris.bin": "2"}, 6),
        ({"fleet/environment.yaml": ENVIRONMENT.replace("plant-a", "plant-b")}, 0),
        ({"fleet/reconciler.yaml": ROOT.replace("contoso", "fabrikam")}, 0),
    ],
)
def test_what_is_left_out_changes_nothing_of_the_plan(
    clone: Clone, change: dict[str, str], left_out: int | None
) -> None:
    clone.commit(change)
    full = whole(clone)
    if not (full.before.valid and full.after.valid):
        assert left_out is None
        assert not compared(clone).after.valid
        return
    expected = plan_text(plan_between(full))
    for _cold_then_warm in range(2):
        found = compared(clone)
        assert plan_text(plan_between(found)) == expected
        assert found.left_out == left_out


def test_a_document_that_no_longer_fits_the_others_is_told_as_ever(clone: Clone) -> None:
    clone.commit({"notes.txt": ""})
    assert compared(clone).left_out == 7
    clone.commit({"fleet/three.yaml": layer("three", priority=31)})
    said = [str(diagnostic) for diagnostic in compared(clone).after.diagnostics]
    assert said == [str(diagnostic) for diagnostic in whole(clone).after.diagnostics]
    assert "priority.crowded" in said[0]
    clone.commit({"fleet/three.yaml": layer("one", priority=60)})
    assert not compared(clone).after.valid


def test_a_warning_is_told_each_time(clone: Clone) -> None:
    clone.commit(
        {"fleet/one.yaml": layer("one").replace("group: a", "group: a\n  labels: {x: no}")}
    )
    told = [compared(clone).after.diagnostics for _ in range(2)]
    assert told[0] == told[1] == whole(clone).after.diagnostics


@pytest.mark.parametrize("junk", [b"", b"{", b"[]", b'{"pages": 3}', b"\xff", b"[" * 100_000])
def test_a_spoiled_cache_is_as_good_as_none(clone: Clone, junk: bytes) -> None:
    clone.commit({"fleet/one.yaml": layer("one", priority=40)})
    expected = plan_text(plan_between(compared(clone)))
    (pack,) = packs(clone)
    good = pack.read_bytes()
    for spoiled in (junk, good[: len(good) // 2]):
        pack.write_bytes(spoiled)
        assert plan_text(plan_between(compared(clone))) == expected
        assert pack.read_bytes() == good


def test_the_cache_holds_names_and_digests_and_no_values(clone: Clone) -> None:
    clone.commit({"fleet/one.yaml": layer("one", priority=40)})
    compared(clone)
    (pack,) = packs(clone)
    assert json.loads(pack.read_bytes())["environments"] == ["fleet/environment.yaml"]
    assert b"contoso.azurecr.io" not in pack.read_bytes()
    assert pack.stat().st_mode & 0o077 == 0


def test_a_git_folder_that_cannot_be_written_is_no_obstacle(clone: Clone) -> None:
    clone.commit({"fleet/one.yaml": layer("one", priority=40)})
    (clone.folder / ".git/reconciler").write_text("in the way")
    assert compared(clone).left_out == 4
    assert (clone.folder / ".git/reconciler").read_text() == "in the way"


def test_the_cache_stays_small(tmp_path: Path) -> None:
    shelves = [Shelf.of(tmp_path, SCHEMAS, "fleet", str(number)) for number in range(PACKS + 3)]
    for shelf in shelves:
        shelf.save(Pack(context="x"))
    assert len(list(shelves[0].file.parent.iterdir())) == PACKS
    assert shelves[-1].load().context == "x"
    assert shelves[0].load() == Pack()


def test_only_what_nothing_was_said_of_is_remembered() -> None:
    sound, unsound = Page("1"), Page("2", sound=False)
    assert packed("", (), {"a": sound, "b": unsound}).pages == {"a": (sound,)}
    both = packed("", (), {"a": sound}, {"a": replace(sound, oid="3")})
    assert [page.oid for page in both.pages["a"]] == ["1", "3"]
