from __future__ import annotations

from reconciler.kinds.model.spec import KIND
from reconciler.model import FieldRule, FileContent

AT = ("path",)
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def codes(content: FileContent) -> list[str]:
    return [fault.code for fault in KIND.check("m", {"path": content.path}, {AT: content})]


def test_a_file_and_a_folder_with_files_are_models() -> None:
    file = FileContent("m/weights.bin", "aa", 3)
    assert codes(file) == []
    assert codes(FileContent("m", "bb", 3, entries={"weights.bin": file})) == []


def test_an_empty_file_or_folder_is_no_model() -> None:
    empty = FileContent("m/__init__.py", "aa", 0)
    assert codes(empty) == ["model.empty"]
    assert codes(FileContent("m", "bb", 0, entries={})) == ["model.empty"]
    assert codes(FileContent("m", "bb", 0, entries={"__init__.py": empty})) == ["model.empty"]


def test_a_pointer_of_git_lfs_is_no_model_alone_or_in_a_folder() -> None:
    pointer = FileContent("m/a.bin", "aa", len(POINTER), POINTER)
    assert codes(pointer) == ["model.lfs"]
    folder = FileContent("m", "bb", 99, entries={"b.bin": pointer, "a.bin": pointer})
    (fault,) = KIND.check("m", {"path": "m"}, {AT: folder})
    assert fault.summary == "m/a.bin and 1 more: a Git LFS pointer stands there, not the model"


def test_the_digest_is_the_content_and_nothing_else() -> None:
    content = FileContent("fleet/m/weights.bin", "aa", 3)
    spec = KIND.normalize({"path": "weights.bin", "framework": {"name": "Onnx"}}, {AT: content})
    assert spec == {
        "path": "fleet/m/weights.bin",
        "content": {"sha256": "aa", "size": 3, "files": 1},
        "framework": {"name": "Onnx"},
        "tags": {},
        "description": "",
    }
    assert KIND.rule(("content", "sha256")) is FieldRule.CONTENT
    ignored = (("path",), ("content", "size"), ("framework", "name"))
    assert {KIND.rule(path) for path in ignored} == {FieldRule.IGNORE}
    assert KIND.rule(("tags", "team")) is FieldRule.UPDATE


def test_an_existing_version_is_only_referred_to() -> None:
    spec = KIND.normalize({"version": 3}, {})
    assert spec == {"version": 3}
    assert not KIND.managed(spec)
    assert KIND.managed({"path": "m"})
    assert list(KIND.files(spec)) == []
