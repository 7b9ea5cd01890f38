"""Reads and writes Models in a workspace: a generation is a registered version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reconciler.model import (
    Diagnostic,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Severity,
    Spec,
    mapping,
    short,
    text,
)
from reconciler.providers.azure.fault import told
from reconciler.providers.azure.marks import DIGEST, marker_in
from reconciler.providers.azure.once import once, removed
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.staging import CHANGED, staged_model
from reconciler.providers.azure.values import frozen, words
from reconciler.providers.azure.workspace.client import Item
from reconciler.providers.azure.workspace.protocol import Sent
from reconciler.providers.port import ConflictError, Progress, Reading

KIND = "Model"
CONTENT = "content-sha256"
DESCRIPTION = "description"


@dataclass(frozen=True, slots=True)
class ModelHandler:
    session: AzureSession

    @told()
    def observe(self, wanted: Sequence[Resource]) -> Reading:
        """One list of all versions; nothing is asked where no model is wanted or pruned."""
        if not self.session.looks_for(wanted):
            return Reading(())
        versions = self.session.models()
        items = [*self._generations(versions), *_referred(wanted, versions)]
        emptied = {want.id.name: want for want in wanted if want.spec.get(DESCRIPTION) == ""}
        stuck = [item for item in items if item.owned and item.spec[DESCRIPTION]]
        said = [_unclearable(emptied[i.id.name]) for i in stuck if i.id.name in emptied]
        return Reading(tuple(_settled(item, emptied) for item in items), tuple(said))

    @told()
    def create(self, want: Resource, resolved: Resolved) -> Observed:
        """Register the bytes, unless a version with this generation is there already."""
        del resolved  # a model refers to nothing
        total = _size(want, "size")
        self.session.surroundings.notify(Progress(want.id, "uploading", 0, total))
        workspace = self.session.workspace
        find = partial(workspace.models, want.id.name, (DIGEST, want.id.generation))
        version = once(lambda: _first(find()), partial(self._register, want))
        self.session.surroundings.notify(Progress(want.id, "registered", total, total))
        return self._observed(version)

    @told()
    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # as above
        now = self._live(have)
        if now is None:
            raise ConflictError(f"{have.address} is gone")
        _expect(now, have)
        spec = want.spec
        changed = self.session.workspace.update_model(
            have.address, words(spec.get("tags")), text(spec.get("description"))
        )
        return self._observed(changed)

    @told()
    def delete(self, have: Observed) -> None:
        now = self._live(have)
        if now is None:
            return
        _expect(now, have)
        remove = partial(self.session.workspace.delete_model, have.address)
        removed(lambda: self._live(have) is not None, remove)

    def _register(self, want: Resource) -> Item:
        """Upload the bytes of the plan; a version that got others is taken back."""
        workspace, spec = self.session.workspace, want.spec
        folder = workspace.folder / "models" / f"{want.id.name}-{short(want.id.generation)}"
        with staged_model(spec, self.session.surroundings.files, folder) as files:
            version = workspace.register_model(
                files.path,
                partial(self._sent, want),
                name=want.id.name,
                tags=words(spec.get("tags")),
                description=text(spec.get("description")),
                framework=words(spec.get("framework")),
                properties={
                    **self.session.scribe.marks(want.id),
                    CONTENT: text(mapping(spec["content"])["sha256"]),
                },
            )
            if files.changed:
                workspace.delete_model(version["id"])
                raise ConflictError(f"{text(spec['path'])} {CHANGED}")
        return version

    def _sent(self, want: Resource, sent: Sent) -> None:
        total, files = _size(want, "size"), _size(want, "files")
        if sent.size < total:  # the end is told when the version is there
            which = f"uploading ({sent.files} of {files} files)" if files > 1 else "uploading"
            self.session.surroundings.notify(Progress(want.id, which, sent.size, total))

    def _live(self, have: Observed) -> Item | None:
        """The same version as it is now, if it is there."""
        mark = (DIGEST, have.id.generation)
        found = self.session.workspace.models(have.id.name, mark)
        return next((item for item in found if item["id"] == have.address), None)

    def _generations(self, versions: Iterable[Item]) -> Iterator[Observed]:
        """Every version once by its id; of versions with equal content the lowest stands."""
        seen: set[ResourceId] = set()
        ranked = sorted(versions, key=lambda v: (not self._ours(v), v["name"], v["version"]))
        for version in ranked:
            item = self._observed(version)
            if item.id not in seen:
                seen.add(item.id)
                yield item

    def _ours(self, version: Item) -> bool:
        return self.session.scribe.owns(marker_in(words(version["properties"])))

    def _observed(self, version: Item) -> Observed:
        marker = marker_in(words(version["properties"]))
        identity = (
            ResourceId(KIND, marker.name, marker.digest)
            if marker and marker.digest
            else ResourceId(KIND, version["id"])
        )
        return Observed(
            id=identity,
            spec=_editable(version),
            owned=self.session.scribe.owns(marker),
            address=version["id"],
            marker=marker,
            status=_status(version),
            content={"content": {"sha256": version["properties"].get(CONTENT, "")}},
        )


def _expect(now: Item, have: Observed) -> None:
    """The workspace has no ETags for models, so one looks before one writes."""
    if words(now["tags"]) != have.spec.get("tags"):
        raise ConflictError(f"{have.address} changed after the plan was made")


def _referred(wanted: Iterable[Resource], versions: Iterable[Item]) -> Iterator[Observed]:
    """The versions that documents only name, under their lineages."""
    by_id = {version["id"]: version for version in versions}
    for want in wanted:
        found = by_id.get(f"{want.id.name}:{want.spec.get('version')}")
        if found:
            lineage = want.id.lineage
            yield Observed(lineage, _editable(found), address=found["id"], status=_status(found))


def _settled(item: Observed, emptied: Mapping[str, Resource]) -> Observed:
    """As if a description that cannot be emptied were empty: else every run would try again."""
    if item.owned and item.id.name in emptied:
        return replace(item, spec={**item.spec, DESCRIPTION: ""})
    return item


def _unclearable(want: Resource) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        "model.description",
        "the workspace cannot empty a description that was set",
        "write another one; the old one stays until then",
        want.id,
        want.origin,
        (DESCRIPTION,),
    )


def _size(want: Resource, name: str) -> int:
    found = mapping(want.spec["content"]).get(name)
    return found if isinstance(found, int) else 0


def _first(versions: Iterable[Item]) -> Item | None:
    return min(versions, key=lambda version: int(version["version"]), default=None)


def _editable(version: Mapping[str, object]) -> Spec:
    return {"tags": words(version["tags"]), "description": frozen(version["description"])}


def _status(version: Item) -> Spec:
    return {"id": version["id"], "name": version["name"], "version": version["version"]}
