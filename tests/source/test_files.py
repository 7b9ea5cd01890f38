from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import FileContent, FileUse
from reconciler.source.files import Library, RefusedError, resolve, under
from reconciler.source.tree import WorkTree
from tests.source.fleets import MemoryTree

AT = ("path",)


def content(root: Path, path: str, **asked: bool) -> FileContent:
    found, faults = Library(WorkTree(root)).contents("a.yaml", [FileUse(AT, path, **asked)])
    assert faults == ()
    return found[AT]


def refused(root: Path, path: str) -> list[str]:
    _found, faults = Library(WorkTree(root)).contents("m/a.yaml", [FileUse(AT, path)])
    return [fault.code for fault in faults]


def test_a_file_is_known_by_the_digest_of_its_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5_000
    (tmp_path / "model.pkl").write_bytes(data)
    found = content(tmp_path, "model.pkl")
    assert found == FileContent("model.pkl", hashlib.sha256(data).hexdigest(), len(data))


def test_the_text_of_a_small_file_is_handed_over_unasked(tmp_path: Path) -> None:
    (tmp_path / "pointer").write_text("version https://git-lfs.github.com/spec/v1\n")
    (tmp_path / "bytes").write_bytes(b"\xff")
    assert content(tmp_path, "pointer").text == "version https://git-lfs.github.com/spec/v1\n"
    assert content(tmp_path, "bytes").text is None


def test_the_text_of_a_large_file_is_handed_over_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "score.py").write_text("#" * 5_000)
    assert content(tmp_path, "score.py").text is None
    assert content(tmp_path, "score.py", text=True).text == "#" * 5_000


def test_a_folder_is_known_by_the_names_and_bytes_of_its_files(tmp_path: Path) -> None:
    for folder in ("one", "other/deeper"):
        (tmp_path / folder / "b").mkdir(parents=True)
        (tmp_path / folder / "a").write_text("a")
        (tmp_path / folder / "b" / "c").write_text("c")
    one, other = content(tmp_path, "one/"), content(tmp_path, "other/deeper")
    assert one.entries is not None
    assert sorted(one.entries) == ["a", "b/c"]
    assert one.size == 2
    assert one.sha256 == other.sha256
    (tmp_path / "one" / "b" / "c").rename(tmp_path / "one" / "b" / "d")
    assert content(tmp_path, "one").sha256 != one.sha256


def test_what_tools_leave_behind_is_not_part_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model" / "__pycache__").mkdir(parents=True)
    (tmp_path / "model" / "weights").write_text("1")
    before = content(tmp_path, "model")
    (tmp_path / "model" / "__pycache__" / "x.pyc").write_text("x")
    (tmp_path / "model" / ".DS_Store").write_text("x")
    assert content(tmp_path, "model") == before


def test_a_link_may_not_leave_the_repository(tmp_path: Path) -> None:
    (tmp_path / "repository" / "m" / "folder").mkdir(parents=True)
    root = tmp_path / "repository"
    (tmp_path / "secret").write_text("x")
    (root / "m" / "out").symlink_to(tmp_path / "secret")
    (root / "m" / "folder" / "out").symlink_to(tmp_path / "secret")
    (root / "m" / "up").symlink_to(tmp_path)
    assert refused(root, "out") == ["file.outside"]
    assert refused(root, "folder") == ["file.outside"]
    assert refused(root, "up/secret") == ["file.outside"]


def test_a_link_inside_the_repository_is_followed(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_text("1")
    (tmp_path / "latest.pkl").symlink_to("model.pkl")
    assert content(tmp_path, "latest.pkl").sha256 == content(tmp_path, "model.pkl").sha256


def test_a_folder_that_links_to_itself_is_refused_and_ends(tmp_path: Path) -> None:
    (tmp_path / "m" / "model").mkdir(parents=True)
    (tmp_path / "m" / "model" / "again").symlink_to(tmp_path / "m" / "model")
    assert refused(tmp_path, "model") == ["file.outside"]


def test_a_link_to_nothing_and_a_name_that_no_file_can_have_are_missing(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "dangling").symlink_to("nowhere")
    assert refused(tmp_path, "dangling") == ["file.missing"]
    assert refused(tmp_path, "a\0b") == ["file.missing"]
    assert refused(tmp_path, "x" * 5_000) == ["file.missing"]


def test_a_file_that_may_be_missing_has_a_path_all_the_same(tmp_path: Path) -> None:
    assert content(tmp_path, "./config.json", optional=True) == FileContent("config.json", "", 0)


def test_a_file_is_read_once_however_many_name_it() -> None:
    tree = CountingTree({"shared/lib.py": b"1"})
    library = Library(tree)
    for document in ("a/a.yaml", "b/b.yaml"):
        library.contents(document, [FileUse(AT, "../shared/lib.py")])
    assert tree.opened == ["shared/lib.py"]


class CountingTree(MemoryTree):
    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.opened: list[str] = []

    def content(self, path: str) -> FileContent:
        self.opened.append(path)
        return super().content(path)


@pytest.mark.parametrize(
    ("document", "written", "path"),
    [
        ("a.yaml", "m", "m"),
        ("a/b/c.yaml", "./m/", "a/b/m"),
        ("a/b/c.yaml", "../../m", "m"),
        ("a.yaml", ".", ""),
        ("a/b.yaml", "..", ""),
    ],
)
def test_paths_are_relative_to_the_document(document: str, written: str, path: str) -> None:
    assert resolve(document, written) == path


@given(st.text("ab./\\:", max_size=10), st.sampled_from(["x.yaml", "a/b/x.yaml"]))
def test_no_path_leads_out_of_the_repository(written: str, document: str) -> None:
    try:
        path = resolve(document, written)
    except RefusedError:
        return
    assert not path.startswith("/")
    assert ".." not in path.split("/")


def test_a_path_is_under_the_folders_that_hold_it() -> None:
    assert under("a/b/c", {"a"})
    assert under("a", {"a"})
    assert under("a", {""})
    assert not under("ab/c", {"a"})
