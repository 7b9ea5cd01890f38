"""A commit is read as its checkout would be, and without one."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from reconciler.model import JUNK, FileContent
from reconciler.source.git import RepositoryError, RevisionError
from reconciler.source.objects import BrokenObjectError, MissingObjectError
from reconciler.source.revision import Repository
from reconciler.source.tree import Found, Tree, WorkTree, walk
from tests.source.clones import Clone

MODEL = b"\x00weights" * 1000
SHA256 = hashlib.sha256(MODEL).hexdigest()
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA256}\nsize {len(MODEL)}\n"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone.new(tmp_path / "clone")


def told(tree: Tree) -> list[tuple[str, Found, str]]:
    """All that a loader could learn of a tree."""
    entries = walk(tree, "", JUNK)
    return [
        (e.path, e.found, tree.content(e.path).sha256 if e.found is Found.FILE else "")
        for e in entries
    ]


def test_a_commit_says_what_its_checkout_says(clone: Clone) -> None:
    clone.commit(
        {
            "fleet/a.yaml": "a: 1\n",
            "fleet/deep/er/b c.yaml": "b: 1\n",
            'fleet/a "quoted"\nname.yaml': "c: 1\n",
            "fleet/.hidden": "",
            "model/weights.bin": MODEL,
            os.fsdecode(b"fleet/caf\xe9.yaml"): "d: 1\n",
            "fleet/café.yaml": "e: 1\n",
        }
    )
    here = told(WorkTree(clone.folder))
    assert told(clone.tree()) == here
    assert len(here) == 7


def test_links_lead_where_they_lead_in_a_checkout(clone: Clone) -> None:
    links = {
        "to-file": "model/weights.bin",
        "to-folder": "model",
        "out": "../../outside",
        "absolute": "/etc/passwd",
        "dangling": "nowhere",
        "round": "round",
        "model/up": "../to-file",
    }
    (clone.folder / "model").mkdir()
    (clone.folder / "model/weights.bin").write_bytes(MODEL)
    for name, target in links.items():
        (clone.folder / name).symlink_to(target)
    clone.commit()
    (clone.folder.parent.parent / "outside").write_text("not ours")
    commit, here = clone.tree(), WorkTree(clone.folder)
    for path in (*links, "to-folder/weights.bin", "to-folder/up", "model", "", "no/such"):
        assert commit.find(path) is here.find(path), path
    assert told(commit) == told(here)
    assert commit.read("to-folder/up") == MODEL


def test_what_is_dirty_or_only_staged_is_not_in_the_commit(clone: Clone) -> None:
    clone.commit({"a.yaml": "a: 1\n"})
    (clone.folder / "a.yaml").write_text("a: 2\n")
    (clone.folder / "b.yaml").write_text("b: 1\n")
    clone.git("add", "b.yaml")
    assert clone.tree().read("a.yaml") == b"a: 1\n"
    assert clone.tree().find("b.yaml") is Found.NOTHING


def test_a_submodule_is_known_for_what_it_is(clone: Clone, tmp_path: Path) -> None:
    other = Clone.new(tmp_path / "other")
    sha = other.commit({"model.bin": "1"})
    clone.commit({"a.yaml": ""})
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{sha},models")
    clone.git("commit", "--quiet", "--message=submodule")
    tree = clone.tree()
    assert tree.find("models") is Found.SUBMODULE
    assert tree.find("models/model.bin") is Found.SUBMODULE
    assert told(tree)[-1] == ("models", Found.SUBMODULE, "")


def test_a_pointer_of_git_lfs_stands_for_the_bytes_that_it_names(clone: Clone) -> None:
    clone.commit({"model.bin": POINTER, "copy.bin": MODEL, "notes.txt": POINTER + "and more\n"})
    tree = clone.tree()
    assert tree.content("model.bin") == FileContent("model.bin", SHA256, len(MODEL))
    assert tree.content("copy.bin").sha256 == SHA256
    assert tree.content("notes.txt").text == POINTER + "and more\n"


def test_files_are_laid_out_as_they_were_committed_and_gone_afterwards(clone: Clone) -> None:
    clone.commit({"model/a.bin": MODEL, "model/deep/b.bin": "b", "model/.DS_Store": "junk"})
    (clone.folder / "model/a.bin").write_text("dirty")
    with clone.tree().laid_out() as local:
        folder = local("model")
        assert (folder / "a.bin").read_bytes() == MODEL
        assert local("model/a.bin").read_bytes() == MODEL
        assert sorted(file.name for file in folder.rglob("*")) == ["a.bin", "b.bin", "deep"]
        assert not local("nowhere").exists()
        assert not folder.is_relative_to(clone.folder)
    assert not folder.exists()


def test_what_git_lfs_has_downloaded_is_laid_out_and_the_rest_is_said_to_be_missing(
    clone: Clone,
) -> None:
    clone.commit({"model.bin": POINTER})
    with clone.tree().laid_out() as local, pytest.raises(MissingObjectError) as refused:
        local("model.bin")
    assert "git lfs fetch" in refused.value.hint
    store = clone.folder / ".git/lfs/objects" / SHA256[:2] / SHA256[2:4]
    store.mkdir(parents=True)
    (store / SHA256).write_bytes(MODEL)
    with clone.tree().laid_out() as local:
        assert local("model.bin").read_bytes() == MODEL


def test_reading_leaves_the_repository_and_the_temporary_folder_as_they_were(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = clone.commit({"a.yaml": "a: 1\n"})
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    before = sorted((p, p.stat().st_mtime_ns) for p in clone.folder.rglob("*"))
    tree = clone.tree(sha)
    assert tree.read("a.yaml") == b"a: 1\n"
    del tree
    assert sorted((p, p.stat().st_mtime_ns) for p in clone.folder.rglob("*")) == before
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_name_that_would_leave_the_folder_is_refused(clone: Clone) -> None:
    blob = clone.git("hash-object", "-w", "--stdin")
    raw = b"100644 ..\0" + bytes.fromhex(blob)
    (clone.folder / "raw").write_bytes(raw)
    tree = clone.git("hash-object", "-w", "--literally", "-t", "tree", "raw")
    sha = clone.git("commit-tree", "-m", "hostile", tree)
    with pytest.raises(BrokenObjectError):
        clone.tree(sha).entries("")


def test_a_revision_that_does_not_exist_says_so(clone: Clone, tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="no commit yet"):
        clone.tree()
    clone.commit()
    for written in ("nowhere", "--all", "f" * 40, "HEAD~5", "HEAD:a.yaml"):
        with pytest.raises(RevisionError, match="there is no commit"):
            clone.tree(written)
    with pytest.raises(RevisionError, match="in no git repository"):
        Repository(tmp_path)


def test_a_shallow_clone_says_what_to_fetch(clone: Clone, tmp_path: Path) -> None:
    first = clone.commit({"a.yaml": "a: 1\n"})
    clone.commit({"a.yaml": "a: 2\n"})
    shallow = clone.copied(tmp_path / "shallow", "--depth=1")
    with pytest.raises(RevisionError, match="in this shallow clone") as refused:
        shallow.tree(first)
    assert f"git fetch --depth=1 origin {first}" in refused.value.hint
    shallow.git("fetch", "--quiet", "--depth=1", "origin", first)
    assert shallow.tree(first).read("a.yaml") == b"a: 1\n"


def test_a_partial_clone_says_what_to_fetch_and_nothing_is_fetched_unasked(
    clone: Clone, tmp_path: Path
) -> None:
    clone.git("config", "uploadpack.allowFilter", "true")
    clone.git("config", "uploadpack.allowAnySHA1InWant", "true")
    sha = clone.commit({"a.yaml": "a: 1\n"})
    partial = clone.copied(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    packs = sorted((partial.folder / ".git/objects/pack").iterdir())
    with pytest.raises(MissingObjectError) as refused:
        partial.tree(sha).read("a.yaml")
    assert sorted((partial.folder / ".git/objects/pack").iterdir()) == packs
    assert "git fetch --refetch --no-filter origin" in refused.value.hint
    partial.git("fetch", "--quiet", "--refetch", "--no-filter", "origin")
    assert partial.tree(sha).read("a.yaml") == b"a: 1\n"


def test_variables_of_a_calling_hook_lead_nowhere_else(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.commit({"a.yaml": "a: 1\n"})
    other = Clone.new(tmp_path / "other")
    other.commit({"a.yaml": "a: 2\n"})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git/index"))
    assert clone.tree("main").read("a.yaml") == b"a: 1\n"


def test_a_repository_that_git_refuses_is_not_read(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = clone.commit()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(RepositoryError, match="ownership") as refused:
        clone.tree(sha)
    assert "safe.directory" in refused.value.hint
