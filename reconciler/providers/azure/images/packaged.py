"""Images of the builder `azureml-package`: only a tag in the registry says that they are there.

The tag is the generation. A package has no object in the workspace, so the operation that builds
it is noted on the first of its models that is ours: a run that comes after a cancelled one finds
the build there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from reconciler.model import Observed, Resolved, Resource, ResourceId, Spec, State, short
from reconciler.providers.azure.images.built import failed, state_of
from reconciler.providers.azure.images.inputs import described, folder_for, model_ids
from reconciler.providers.azure.marks import marker_in
from reconciler.providers.azure.poll import until
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.staging import staged
from reconciler.providers.azure.values import words
from reconciler.providers.azure.workspace.client import Item
from reconciler.providers.port import Progress, ProviderError

KIND = "Image"
NOTE = "reconciler-package"
DIGITS = 64
"""Of a SHA-256."""


@dataclass(frozen=True, slots=True)
class PackagedImages:
    session: AzureSession

    def observe(self, wanted: Sequence[Resource]) -> Iterator[Observed]:
        """One list of tags per image; which of them git asks for is known after linking."""
        for want in wanted:
            for tag in self._tags(want.id.name):
                if generation := generation_of(tag):
                    yield self._observed(want, ResourceId(KIND, want.id.name, generation))

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        if tag_of(want.id) not in self._tags(want.id.name):
            self._built(want, resolved)
        return self._observed(want, want.id)

    def update(self, have: Observed, want: Resource) -> Observed:
        """A package has no tags of its own: there is nothing to write."""
        return self._observed(want, have.id)

    def delete(self, have: Observed) -> None:
        raise ProviderError(
            f"{have.address} is a package, and packages are never deleted",
            "delete the tag in the registry if nobody needs it",
        )

    def _built(self, want: Resource, resolved: Resolved) -> None:
        models = model_ids(want, resolved)
        noted = self._noted(want, models)
        operation = noted if noted and self._goes_on(noted) else ""
        state = self._awaited(want, operation or self._start(want, resolved, models))
        if state_of(state) is State.FAILED:
            log = self.session.workspace.build_log(state["log"]).strip()
            raise failed(str(want.id), state["state"], log or state["error"])

    def _start(self, want: Resource, resolved: Resolved, models: Sequence[str]) -> str:
        given, workspace = self.session.surroundings, self.session.workspace
        given.notify(Progress(want.id, "uploading"))
        build = described(self.session, want, resolved)
        with staged(want.spec, given.files, folder_for(self.session, want)) as files:
            operation = workspace.create_package(build, files, tag_of(want.id))
        if holder := self._holder(models):
            workspace.note_on_model(holder["id"], {_note(want.id, holder): operation})
        return operation

    def _awaited(self, want: Resource, operation: str) -> Item:
        given, workspace = self.session.surroundings, self.session.workspace
        state: Item = {}
        for state in until(
            given.patience,
            str(want.id),
            partial(workspace.operation, operation),
            lambda item: state_of(item) is not State.PENDING,
        ):
            where = str(state["log"]).partition("?")[0] or "none yet"
            given.notify(Progress(want.id, f"building (log: {where})"))
        return state

    def _noted(self, want: Resource, models: Sequence[str]) -> str:
        """The last operation that was started for this generation."""
        holder = self._holder(models)
        notes = words(holder["properties"]) if holder else {}
        prefix = _prefix(want.id)
        ours = [key for key in notes if key.startswith(prefix)]
        return notes[max(ours, key=lambda key: int(key.rpartition("-")[2]))] if ours else ""

    def _goes_on(self, operation: str) -> bool:
        return state_of(self.session.workspace.operation(operation)) is not State.FAILED

    def _holder(self, models: Sequence[str]) -> Item | None:
        """The first model that carries our mark: nothing else is written on."""
        for model in models:
            name, _, _ = model.rpartition(":")
            for version in self.session.workspace.models(name):
                marker = marker_in(words(version["properties"]))
                if version["id"] == model and self.session.scribe.owns(marker):
                    return version
        return None

    def _tags(self, name: str) -> Sequence[str]:
        if not (server := self.session.login_server()):
            return ()
        return self.session.registry.tags(server, name, self.session.registry_login())

    def _observed(self, want: Resource, identity: ResourceId) -> Observed:
        address = f"{self.session.login_server()}/{identity.name}:{tag_of(identity)}"
        status: Spec = {"location": address}
        tags = words(want.spec.get("tags"))
        return Observed(identity, {"tags": tags}, owned=True, address=address, status=status)


def tag_of(identity: ResourceId) -> str:
    return identity.generation.replace(":", "-")


def generation_of(tag: str) -> str:
    """The generation that a tag stands for; empty for a tag that is not ours."""
    version, dash, digits = tag.partition("-")
    is_ours = version.startswith("v") and dash and len(digits) == DIGITS
    return f"{version}:{digits}" if is_ours else ""


def _prefix(identity: ResourceId) -> str:
    return f"{NOTE}-{identity.name}-{short(identity.generation)}-"


def _note(identity: ResourceId, holder: Item) -> str:
    """A new property each time: the service keeps a property's first value for ever."""
    prefix = _prefix(identity)
    return f"{prefix}{sum(key.startswith(prefix) for key in holder['properties']) + 1}"
