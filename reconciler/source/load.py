"""A fleet, read: every draft of one environment, and every problem of every file at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reconciler.model import (
    Commit,
    Diagnostic,
    Kinds,
    Origin,
    Resource,
    ResourceId,
    Scope,
    Severity,
    crowded,
    errors,
    unlinkable,
)
from reconciler.source.compose import Note
from reconciler.source.documents import Document, parse
from reconciler.source.drafts import ENVIRONMENT, Context, Drafter, context_of, incomplete
from reconciler.source.files import Library, under
from reconciler.source.fleet import find_documents, read_fleet
from reconciler.source.git import RepositoryError, find_repository, read_commit
from reconciler.source.problems import Problems
from reconciler.source.schemas import did_you_mean, read_schema
from reconciler.source.tree import Tree, WorkTree


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a fleet's files say. With errors among the diagnostics, the drafts are not all."""

    owner: str
    environments: Mapping[str, Resource]
    """By name; the paths in those that were not chosen are as written."""
    environment: Resource | None
    commit: Commit
    drafts: tuple[Resource, ...]
    """Normalized, references by lineage, sorted; environments are not among them."""
    diagnostics: tuple[Diagnostic, ...]
    files: int
    documents: int
    uses: Mapping[Origin, tuple[str, ...]] = field(default_factory=dict)
    """By where a document begins, the files and folders that it refers to."""
    read: tuple[str, ...] = ()
    """The YAML files, in the order in which they were read."""

    @property
    def scope(self) -> Scope:
        """For whom the fleet was read."""
        name = self.environment.id.name if self.environment else ""
        return Scope(self.owner, name)

    @property
    def complete(self) -> bool:
        """Whether everything could be used: only then anything may be deleted."""
        return not errors(self.diagnostics)


def load(fleet: Path, environment: str | None, kinds: Kinds, schemas: Path) -> Loaded:
    """The fleet in a folder, as it stands in the working tree.

    `environment` may be None where there is only one; `schemas` is the folder with the kinds'
    `<kind>.schema.json`.
    """
    tree = WorkTree(find_repository(fleet))
    folder = fleet.resolve().relative_to(tree.root).as_posix()
    loading = Loading(tree, "" if folder == "." else folder, kinds, schemas)
    found = loading.load(environment)
    try:
        return replace(found, commit=read_commit(fleet))
    except RepositoryError as error:
        summary = f"the commit is not known: {error}"
        said = Diagnostic(Severity.WARNING, "git.refused", summary, error.hint)
        return replace(found, diagnostics=(*found.diagnostics, said))


class Loading:
    """One pass over one tree."""

    def __init__(self, tree: Tree, folder: str, kinds: Kinds, schemas: Path) -> None:
        self._tree = tree
        self._kinds = kinds
        self._problems = Problems(tree)
        self._library = Library(tree)
        self._drafter = Drafter(kinds, schemas, self._library, self._problems)
        self._fleet = read_fleet(tree, folder, read_schema(schemas, "Fleet"), self._problems)

    def load(self, environment: str | None, only: Collection[str] | None = None) -> Loaded:
        """The fleet, or what `only` these files say: how they fit the others is then not asked."""
        files = tuple(find_documents(self._tree, self._fleet, self._problems))
        if only is not None:
            files = tuple(file for file in files if file in only)
        self._tree.expect(files)
        documents = [document for file in files for document in self._documents(file)]
        ours = [document for document in documents if self._drafter.kind_of(document)]
        environments, chosen = self._environments(ours, environment)
        context = context_of(chosen, self._fleet.owner) if chosen else None
        written = [document for document in ours if not _is_environment(document)]
        drafts = self._drafts(written, context, alone=only is not None)
        self._forget_files_that_are_used({document.path for document in ours})
        return Loaded(
            owner=context.owner if context else self._fleet.owner,
            environments=environments,
            environment=chosen,
            commit=Commit(),
            drafts=drafts,
            diagnostics=self._problems.diagnostics(),
            files=len(files),
            documents=len(ours),
            uses=self._drafter.uses,
            read=files,
        )

    def _documents(self, file: str) -> Iterator[Document]:
        try:
            content = self._tree.read(file)
        except OSError as error:
            summary = f"cannot be read: {error.strerror}"
            self._problems.add_note(file, Note(0, 0, "file.unreadable", summary))
            return
        for parsed in parse(file, content):
            match parsed:
                case Note():
                    self._problems.add_note(file, parsed)
                case Document():
                    yield parsed

    def _environments(
        self, documents: Sequence[Document], name: str | None
    ) -> tuple[Mapping[str, Resource], Resource | None]:
        written = [document for document in documents if _is_environment(document)]
        drafts = [self._drafter.draft(document, None) for document in written]
        good = [draft for draft in drafts if draft is not None]
        self._say(unlinkable(good), {})
        found = {draft.id.name: draft for draft in sorted(good, key=lambda draft: draft.id)}
        all_good = len(good) == len(written)
        if all_good:
            self._choose(found, name)
        if name is None and all_good and len(found) == 1:
            name = next(iter(found))
        return found, found.get(name or "")

    def _choose(self, found: Mapping[str, Resource], name: str | None) -> None:
        """Say so where it is not clear which environment is meant."""
        listed = ", ".join(sorted(found))
        if not found:
            hint = "add a document of kind Environment"
            self._environment_error("none", "this fleet has no environment", hint)
        elif name is None and len(found) > 1:
            summary = f"this fleet has {len(found)} environments"
            self._environment_error("several", summary, f"choose one with --env: {listed}")
        elif name is not None and name not in found:
            hint = did_you_mean(name, found) or f"there are: {listed}"
            self._environment_error("unknown", f'there is no environment "{name}"', hint)

    def _environment_error(self, code: str, summary: str, hint: str) -> None:
        if not self._fleet.paths:
            return  # nothing was read, and why has been said
        origin = Origin(self._fleet.file, 1)
        said = Diagnostic(Severity.ERROR, f"environment.{code}", summary, hint, origin=origin)
        self._problems.add_diagnostic(said)

    def _drafts(
        self, documents: Sequence[Document], context: Context | None, *, alone: bool
    ) -> tuple[Resource, ...]:
        good: list[Resource] = []
        broken: list[Resource] = []
        for document in documents:
            draft = self._drafter.draft(document, context)
            if draft is not None:
                good.append(draft)
            elif (stand_in := incomplete(document)) is not None:
                broken.append(stand_in)
        if not alone:
            self._compare(good, [*good, *broken])
        return tuple(sorted(good, key=lambda draft: (draft.id, draft.origin)))

    def _compare(self, good: Sequence[Resource], everything: Sequence[Resource]) -> None:
        """Say what is wrong between documents that are fine by themselves."""
        by_id = {draft.id: draft for draft in good}
        self._say(unlinkable(everything), by_id)
        self._say(crowded(good, self._kinds), by_id)
        self._say(self._collisions(everything), {})

    def _collisions(self, drafts: Sequence[Resource]) -> Iterator[Diagnostic]:
        """Names that a service would not tell apart."""
        first: dict[tuple[str, str], Resource] = {}
        for draft in drafts:
            address = self._kinds[draft.id.kind].address(draft.id.name)
            other = first.setdefault((draft.id.kind, address), draft)
            if other.id != draft.id:
                summary = (
                    f'becomes "{address}" in the cloud, and so does {other.id} ({other.origin})'
                )
                hint = "rename one of the two"
                yield Diagnostic(
                    Severity.ERROR, "id.collision", summary, hint, draft.id, draft.origin
                )

    def _say(
        self,
        diagnostics: Sequence[Diagnostic] | Iterator[Diagnostic],
        drafts: Mapping[ResourceId, Resource],
    ) -> None:
        for said in diagnostics:
            draft = drafts.get(said.subject) if said.subject else None
            target = draft.refs.get(said.path) if draft else None
            self._problems.add_diagnostic(said, near=target.name if target else "")

    def _forget_files_that_are_used(self, documents: set[str]) -> None:
        """A conda file ends in .yml as well; what a document names needs to be none itself."""
        files = {problem.file for problem in self._problems.found} - documents
        self._problems.drop(file for file in files if under(file, self._library.used))


def _is_environment(document: Document) -> bool:
    return document.data["kind"] == ENVIRONMENT
