"""The files and folders that documents name: found, hashed and, where a kind asks, read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.model import (
    JUNK,
    Contents,
    Fault,
    FieldPath,
    FileContent,
    FileUse,
    Origin,
    Severity,
)
from reconciler.model.files import listing_digest
from reconciler.source.documents import parse_data
from reconciler.source.schemas import did_you_mean
from reconciler.source.tree import Found, Tree, decoded, walk

DRIVE = re.compile(r"[A-Za-z]:")


class RefusedError(Exception):
    """A path that cannot be used."""

    def __init__(self, code: str, summary: str, hint: str = "") -> None:
        super().__init__(summary)
        self.code = code
        self.hint = hint

    def at(self, path: FieldPath) -> Fault:
        return Fault(path, self.code, str(self), self.hint)


@dataclass(slots=True)
class Library:
    """Reads each file of a tree once, however many documents name it."""

    tree: Tree
    used: set[str] = field(default_factory=set)
    """Every path that a document names, so that a conda file is not taken for a document."""
    _known: dict[str, FileContent] = field(default_factory=dict)

    def contents(
        self, document: str, uses: Iterable[FileUse]
    ) -> tuple[Contents, tuple[Fault, ...]]:
        """What the paths of one document lead to, and what is wrong with them."""
        found: dict[FieldPath, FileContent] = {}
        faults: list[Fault] = []
        for use in uses:
            content, problems = self._used(document, use)
            faults.extend(problems)
            if content is not None:
                found[use.at] = content
        return found, tuple(faults)

    def _used(self, document: str, use: FileUse) -> tuple[FileContent | None, tuple[Fault, ...]]:
        try:
            path = self._resolve(document, use)
            self.used.add(path)
            return self._read(self._content(path), use)
        except RefusedError as error:
            return None, (error.at(use.at),)
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            return None, (Fault(use.at, "file.unreadable", f'"{use.path}": {reason}'),)

    def _resolve(self, document: str, use: FileUse) -> str:
        path = resolve(document, use.path)
        found = self.tree.find(path)
        if found is Found.OUTSIDE:
            hint = "put the file itself there; paths may not leave the repository"
            raise RefusedError(
                "file.outside", f'"{use.path}" is a link out of the repository', hint
            )
        if found is Found.SUBMODULE:
            raise _submodule(f'"{use.path}"')
        if found is Found.NOTHING and not use.optional:
            hint = self._similar(path) or "paths are relative to the file of this document"
            raise RefusedError("file.missing", f'"{use.path}" is not there ({path})', hint)
        if found is Found.FOLDER and not use.folder:
            raise RefusedError("file.folder", f'"{use.path}" is a folder', "name one file")
        return path

    def _similar(self, path: str) -> str:
        folder, name = posixpath.split(path)
        while folder and self.tree.find(folder) is not Found.FOLDER:
            folder, name = posixpath.split(folder)
        names = [entry.path.rpartition("/")[2] for entry in self.tree.entries(folder)]
        return did_you_mean(name, names)

    def _content(self, path: str) -> FileContent:
        if path not in self._known:
            match self.tree.find(path):
                case Found.FOLDER | Found.LINK:
                    self._known[path] = self._folder(path)
                case Found.FILE:
                    self._known[path] = self.tree.content(path)
                case Found.NOTHING | Found.OUTSIDE | Found.SUBMODULE:
                    self._known[path] = FileContent(path, "", 0)
        return self._known[path]

    def _folder(self, path: str) -> FileContent:
        """Names and bytes make the digest; what tools leave behind is not part of it."""
        entries = dict(self._files(path))
        sha256 = listing_digest({name: content.sha256 for name, content in entries.items()})
        size = sum(content.size for content in entries.values())
        return FileContent(path, sha256, size, entries=entries)

    def _files(self, folder: str) -> Iterator[tuple[str, FileContent]]:
        for entry in walk(self.tree, folder, JUNK):
            if entry.found is Found.SUBMODULE:
                raise _submodule(entry.path)
            if entry.found is not Found.FILE:
                where = "out of the repository" if entry.found is Found.OUTSIDE else "to a folder"
                hint = "put the files themselves there"
                raise RefusedError("file.outside", f"{entry.path} is a link {where}", hint)
            yield posixpath.relpath(entry.path, folder or "."), self._content(entry.path)

    def _read(
        self, content: FileContent, use: FileUse
    ) -> tuple[FileContent | None, tuple[Fault, ...]]:
        """With its text or data, where the kind asks for them; nothing if they are broken."""
        if content.entries is not None or not (use.text or use.data):
            return content, ()
        if content.size > use.largest:
            summary = f'"{use.path}" is larger than {use.largest >> 20} MiB'
            raise RefusedError("file.large", summary, "is this the right file?")
        data = self.tree.read(content.path)
        if use.text:
            return replace(content, text=decoded(data)), ()
        value, notes = parse_data(content.path, data)
        faults = tuple(
            Fault(
                use.at,
                note.code,
                note.summary,
                note.hint,
                note.severity,
                origin=Origin(content.path, note.line + 1, note.column + 1),
            )
            for note in notes
        )
        broken = any(fault.severity is Severity.ERROR for fault in faults)
        return None if broken else replace(content, data=value), faults


def resolve(document: str, written: str) -> str:
    """The path in the repository that a document means: POSIX, relative to its own file."""
    if "\\" in written:
        hint = f"write {written.replace(chr(92), '/')}"
        raise RefusedError("file.path", f'"{written}" uses Windows separators', hint)
    if written.startswith("/") or DRIVE.match(written):
        hint = "write it relative to the file of this document"
        raise RefusedError("file.path", f'"{written}" is an absolute path', hint)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(document), written))
    if path == ".." or path.startswith("../"):
        hint = "copy the file into the repository, or add it as a submodule"
        raise RefusedError("file.outside", f'"{written}" leaves the repository', hint)
    return "" if path == "." else path


def _submodule(what: str) -> RefusedError:
    """A commit holds no file of a submodule, only which commit of it was meant."""
    summary = f"{what} is in a submodule: this commit only names a commit of another repository"
    return RefusedError("file.submodule", summary, "put the files themselves into this repository")


def under(path: str, folders: Mapping[str, object] | set[str]) -> bool:
    """Whether a path is one of these or lies below one of them."""
    while path:
        if path in folders:
            return True
        path = path.rpartition("/")[0]
    return "" in folders
