"""A merge is computed beside the repository, and nothing of the repository has a say in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.git import RevisionError
from reconciler.source.merge import ConflictingError, Merge, merge
from reconciler.source.revision import Repository
from reconciler.source.touch import Change, Touched, touched
from tests.source.clones import Clone
from tests.source.fleets import ENVIRONMENT, ROOT, group

MODEL = """\
apiVersion: reconciler/v1
kind: Model
metadata: {name: iris}
spec: {path: ../models/iris}
"""
FLEET = {
    "fleet/reconciler.yaml": ROOT,
    "fleet/environment.yaml": ENVIRONMENT,
    "fleet/a.yaml": group("a"),
    "fleet/model.yaml": MODEL,
    "models/iris/weights.bin": "1",
    "README.md": "hello",
}


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """`main` and `work` part at a fleet of two documents."""
    clone = Clone.new(tmp_path / "clone")
    clone.commit(FLEET)
    clone.git("branch", "work")
    return clone


def diverged(clone: Clone, ours: dict[str, str], theirs: dict[str, str]) -> Merge:
    clone.commit(ours)
    clone.git("checkout", "--quiet", "work")
    clone.commit(theirs)
    return merge(Repository(clone.folder), "main", "work")


def seen(found: Merge, *, links: bool = False) -> Touched | None:
    change = Change(found.base.tree, found.result.tree, found.changed, links)
    return touched(change, "fleet", KINDS, SCHEMAS)


def test_a_merge_holds_what_both_sides_did(clone: Clone) -> None:
    found = diverged(clone, {"fleet/b.yaml": group("b")}, {"fleet/c.yaml": group("c")})
    names = [entry.path for entry in found.result.tree.entries("fleet")]
    assert names[:3] == ["fleet/a.yaml", "fleet/b.yaml", "fleet/c.yaml"]
    assert found.changed == ("fleet/c.yaml",)
    assert found.result.commit == found.head.commit


def test_a_merge_leaves_the_repository_as_it_was(clone: Clone) -> None:
    clone.commit({"fleet/b.yaml": group("b")})
    clone.git("checkout", "--quiet", "work")
    clone.commit({"fleet/c.yaml": group("c")})
    before = sorted((p, p.stat().st_mtime_ns) for p in clone.folder.rglob("*"))
    assert merge(Repository(clone.folder), "main", "work").changed
    assert sorted((p, p.stat().st_mtime_ns) for p in clone.folder.rglob("*")) == before


def test_what_was_merged_before_changes_nothing(clone: Clone) -> None:
    clone.commit({"fleet/b.yaml": group("b")})
    assert merge(Repository(clone.folder), "main", "work").changed == ()
    assert merge(Repository(clone.folder), "work", "main").changed == ("fleet/b.yaml",)


def test_a_conflict_names_the_files(clone: Clone) -> None:
    name = 'fleet/odd "name"\nerror: of a stranger.yaml'
    ours = {"fleet/a.yaml": group("a1"), name: group("b")}
    theirs = {"fleet/a.yaml": group("a2"), name: group("c"), "fleet/d.yaml": group("d")}
    with pytest.raises(ConflictingError) as refused:
        diverged(clone, ours, theirs)
    assert refused.value.files == ("fleet/a.yaml", name)
    assert str(refused.value).splitlines()[1:] == ["  fleet/a.yaml", f"  {name!a}"]


def test_strangers_cannot_be_merged_and_a_shallow_clone_says_what_to_fetch(
    clone: Clone, tmp_path: Path
) -> None:
    clone.commit({"fleet/b.yaml": group("b")})
    shallow = clone.copied(tmp_path / "shallow", "--depth=1", "--no-single-branch")
    with pytest.raises(RevisionError, match="in this shallow clone") as refused:
        merge(Repository(shallow.folder), "origin/main", "origin/work")
    assert "git fetch --unshallow origin" in refused.value.hint
    clone.git("checkout", "--quiet", "--orphan", "stranger")
    clone.commit({"x": "1"})
    with pytest.raises(RevisionError, match="no ancestor in common"):
        merge(Repository(clone.folder), "main", "stranger")


def test_a_merge_driver_of_the_repository_is_not_run(clone: Clone, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    clone.git("config", "merge.theirs.driver", f"touch {canary}")
    clone.commit({".gitattributes": "*.yaml merge=theirs\n"})
    clone.git("branch", "--force", "work")
    with pytest.raises(ConflictingError):
        diverged(clone, {"fleet/a.yaml": group("a1")}, {"fleet/a.yaml": group("a2")})
    assert not canary.exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"README.md": "new"}, Touched(())),
        ({"fleet/notes.txt": "new"}, Touched(())),
        ({"fleet/.hidden/a.yaml": "new"}, Touched(())),
        ({"models/other.bin": "2"}, Touched(())),
        ({"fleet/b.yaml": "new"}, Touched(("fleet/b.yaml",))),
        ({"fleet/reconciler.yaml": f"{ROOT}paths: [sub]\n", "fleet/sub/a.yaml": ""}, None),
        ({"models/iris/weights.bin": "2"}, Touched((), ("models/iris",))),
        ({"models/iris/more.bin": "2"}, Touched((), ("models/iris",))),
    ],
)
def test_a_merge_touches_a_fleet_by_documents_and_by_what_they_refer_to(
    clone: Clone, change: dict[str, str], told: Touched | None
) -> None:
    found = seen(diverged(clone, {"other.txt": ""}, change))
    if told is None:
        assert found
        assert "fleet/reconciler.yaml" in found.documents
    else:
        assert found == told
        assert seen(merge(Repository(clone.folder), "main", "work"), links=True) == told


@pytest.mark.parametrize(
    "written",
    [
        "../models/iris",
        "../models/",
        '".."',
        "../",
        "../models/iris/weights.bin # ours",
        '"../m\\x6fdels"',
    ],
)
def test_however_a_path_is_written_a_file_that_it_leads_to_is_found(
    clone: Clone, written: str
) -> None:
    text = (
        f"apiVersion: reconciler/v1\nkind: Model\nmetadata: {{name: x}}\nspec:\n  path: {written}\n"
    )
    clone.git("checkout", "--quiet", "work")
    clone.commit({"fleet/model.yaml": text})
    clone.git("branch", "--force", "main")
    found = seen(diverged(clone, {}, {"models/iris/weights.bin": "2"}))
    assert found
    assert found.files


def test_what_a_link_leads_to_is_found_under_its_other_name(clone: Clone) -> None:
    (clone.folder / "latest").symlink_to("models/iris")
    clone.commit({"fleet/model.yaml": MODEL.replace("../models/iris", "../latest")})
    clone.git("branch", "--force", "work")
    assert Repository(clone.folder).has_links(clone.tree())
    found = diverged(clone, {}, {"models/iris/weights.bin": "2"})
    assert seen(found, links=True) == Touched((), ("latest",))


def test_what_only_reading_everything_could_tell_is_left_open(clone: Clone) -> None:
    found = diverged(clone, {"fleet/model.yaml": MODEL.replace("iris}", "${x}}")}, {"a.txt": "1"})
    assert seen(found) is None
