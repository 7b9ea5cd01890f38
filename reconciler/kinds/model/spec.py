"""What a Model is: bytes that somebody trained, known by their digest."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import (
    Contents,
    Fault,
    FieldRule,
    FileContent,
    FileUse,
    Kind,
    Spec,
    Superseded,
    Value,
    mapping,
    text,
)

LFS_HEADER = "version https://git-lfs.github.com/spec/v1"
PATH = ("path",)


def files(spec: Spec) -> Iterator[FileUse]:
    if path := text(spec.get("path")):
        yield FileUse(PATH, path)


def check(_name: str, _spec: Spec, contents: Contents) -> Iterator[Fault]:
    if (content := contents.get(PATH)) is None:
        return
    files = {content.path: content} if content.entries is None else content.entries
    if not files:
        yield Fault(
            PATH,
            "model.empty",
            f"the folder {content.path} holds no file",
            "was it checked out? A submodule, a sparse checkout or a .gitignore may leave it out",
        )
    elif content.size == 0:
        yield Fault(
            PATH,
            "model.empty",
            f"{content.path} is empty",
            "commit the model's bytes, or correct the path",
        )
    if pointers := [files[name].path for name in sorted(files) if _is_pointer(files[name])]:
        more = f" and {len(pointers) - 1} more" if len(pointers) > 1 else ""
        yield Fault(
            PATH,
            "model.lfs",
            f"{pointers[0]}{more}: a Git LFS pointer stands there, not the model",
            "run `git lfs pull`; in CI, check out with `lfs: true`",
        )


def normalize(spec: Spec, contents: Contents) -> Spec:
    """The path relative to the repository's root, the digest of the bytes, and defaults."""
    if (content := contents.get(PATH)) is None:
        return spec
    framework = mapping(spec.get("framework"))
    found: dict[str, Value] = {
        "sha256": content.sha256,
        "size": content.size,
        "files": 1 if content.entries is None else len(content.entries),
    }
    return {
        **spec,
        "path": content.path,
        "tags": spec.get("tags", {}),
        "description": spec.get("description", ""),
        "framework": {"name": "Custom", **framework},
        "content": found,
    }


def managed(spec: Spec) -> bool:
    """A version that exists already is only referred to."""
    return "version" not in spec


def _is_pointer(content: FileContent) -> bool:
    # The format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    return content.text is not None and content.text.startswith(LFS_HEADER)


KIND = Kind(
    name="Model",
    rules={
        ("path",): FieldRule.IGNORE,
        ("content",): FieldRule.IGNORE,
        ("content", "sha256"): FieldRule.CONTENT,
        ("version",): FieldRule.CONTENT,
        ("framework",): FieldRule.IGNORE,  # set when a version is registered, never changed
        ("tags",): FieldRule.UPDATE,
        ("description",): FieldRule.UPDATE,
    },
    superseded=Superseded.KEEP,
    files=files,
    check=check,
    normalize=normalize,
    managed=managed,
)
