"""Images of the builder `azureml-image`: versions in the workspace, known by their properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reconciler.model import Observed, Refs, Resolved, Resource, ResourceId, Spec, State
from reconciler.providers.azure.images.inputs import described, folder_for
from reconciler.providers.azure.images.wait import awaited, state_of
from reconciler.providers.azure.marks import DIGEST, marker_in
from reconciler.providers.azure.once import once, removed
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.staging import staged
from reconciler.providers.azure.values import words
from reconciler.providers.azure.workspace.client import Item
from reconciler.providers.port import ConflictError, Progress, ProviderError

KIND, MODEL = "Image", "Model"
_RANKS = (State.READY, State.PENDING, State.FAILED)


@dataclass(frozen=True, slots=True)
class BuiltImages:
    session: AzureSession

    def observe(self, wanted: Sequence[Resource]) -> Iterator[Observed]:
        """One list; of versions with equal inputs the best stands, then the lowest."""
        if not self.session.looks_for(wanted):
            return
        versions = self.session.workspace.images()
        models = self._models() if versions else {}
        newest = _newest(versions, {want.id.name for want in wanted})
        seen: set[ResourceId] = set()
        for version in sorted(versions, key=self._rank):
            item = self.observed(version, log=version["id"] in newest)
            if item.id not in seen:
                seen.add(item.id)
                yield replace(item, refs=_refs(version, models))

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        """Find or start the build, and wait for its end."""
        version = once(partial(self._alive, want), partial(self._start, want, resolved))
        return self._awaited(want, version)

    def update(self, have: Observed, want: Resource) -> Observed:
        self._unchanged(have)
        tagged = self.session.workspace.tag_image(have.address, words(want.spec.get("tags")))
        return self.observed(tagged)

    def delete(self, have: Observed) -> None:
        if self._is_there(have):
            self._unchanged(have)
            remove = partial(self.session.workspace.delete_image, have.address)
            removed(lambda: self._is_there(have), remove)

    def observed(self, version: Item, *, log: bool = False) -> Observed:
        marker = marker_in(words(version["properties"]))
        identity = (
            ResourceId(KIND, marker.name, marker.digest)
            if marker and marker.digest
            else ResourceId(KIND, version["id"])
        )
        state = state_of(version)
        tail = self._log(version) if log and state is State.FAILED else ""
        return Observed(
            id=identity,
            spec={"tags": words(version["tags"])},
            owned=self.session.scribe.owns(marker),
            address=version["id"],
            marker=marker,
            state=state,
            status=_status(version, tail),
        )

    def _models(self) -> Mapping[str, ResourceId]:
        """By their ids in the workspace, the models that carry our mark."""
        found = {}
        for model in self.session.models():
            marker = marker_in(words(model["properties"]))
            if marker and self.session.scribe.owns(marker):
                found[model["id"]] = ResourceId(MODEL, marker.name, marker.digest)
        return found

    def _alive(self, want: Resource) -> Item | None:
        """A version of these inputs that is there or on its way."""
        found = self.session.workspace.images(want.id.name, (DIGEST, want.id.generation))
        alive = [version for version in found if state_of(version) is not State.FAILED]
        return min(alive, key=self._rank, default=None)

    def _start(self, want: Resource, resolved: Resolved) -> Item:
        given = self.session.surroundings
        given.notify(Progress(want.id, "uploading"))
        build = described(self.session, want, resolved)
        with staged(want.spec, given.files, folder_for(self.session, want)) as files:
            return self.session.workspace.create_image(build, files)

    def _awaited(self, want: Resource, version: Item) -> Observed:
        look = partial(self.session.workspace.image, version["id"])
        state = awaited(self.session.surroundings, want.id, version["id"], look)
        if state_of(state) is State.FAILED:
            raise failed(version["id"], state["state"], self._log(state))
        return self.observed(state)

    def _log(self, version: Item) -> str:
        return self.session.workspace.build_log(version["log"]).strip()

    def _is_there(self, have: Observed) -> bool:
        found = self.session.workspace.images(have.id.name)
        return any(version["id"] == have.address for version in found)

    def _unchanged(self, have: Observed) -> None:
        """The workspace has no ETags for images: look before a write."""
        now = self.session.workspace.image(have.address)
        if words(now["tags"]) != have.spec.get("tags"):
            raise ConflictError(f"{have.address} changed after the plan was made")

    def _rank(self, version: Item) -> tuple[bool, int, str, int]:
        ours = self.session.scribe.owns(marker_in(words(version["properties"])))
        rank = _RANKS.index(state_of(version))
        return not ours, rank, version["name"], int(version["version"])


def _refs(version: Item, models: Mapping[str, ResourceId]) -> Refs:
    """What it holds: a model cannot go before the images that it is in."""
    held = enumerate(version["models"])
    return {("models", str(index)): models[name] for index, name in held if name in models}


def failed(what: str, state: str, log: str) -> ProviderError:
    """A failed build, with the end of its log."""
    end = f"; the end of its log:\n{log}" if log else "; it left no log"
    return ProviderError(
        f"building {what} ended as {state}{end}",
        "correct the image's inputs; the same inputs are tried again only when asked to",
    )


def _status(version: Item, tail: str) -> Spec:
    return {
        "id": version["id"],
        "location": version["location"],
        "state": version["state"],
        **({"log": tail} if tail else {}),
    }


def _newest(versions: Iterable[Item], names: set[str]) -> set[str]:
    newest: dict[str, Item] = {}
    for version in versions:
        best = newest.get(version["name"])
        if version["name"] in names and (best is None or version["version"] > best["version"]):
            newest[version["name"]] = version
    return {version["id"] for version in newest.values()}
