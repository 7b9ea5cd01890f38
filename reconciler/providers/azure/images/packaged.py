"""Images of the builder `azureml-package`: only a tag in the registry says that they are there.

The tag is the generation. A package has no object in the workspace, so the operation that builds
it is noted on the first of its models that is ours: a run that comes later finds the build there,
whether it goes on or has failed. Without a model of ours a failed build leaves no trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from reconciler.model import Observed, Resolved, Resource, ResourceId, Spec, State
from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.images.built import failed
from reconciler.providers.azure.images.inputs import described, folder_for, model_ids
from reconciler.providers.azure.images.notes import Note, next_note, notes
from reconciler.providers.azure.images.wait import awaited, state_of
from reconciler.providers.azure.marks import marker_in
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.staging import staged
from reconciler.providers.azure.values import words
from reconciler.providers.azure.workspace.client import Item
from reconciler.providers.port import Progress, ProviderError

KIND = "Image"
DIGITS = 64
"""Of a SHA-256."""
MISSING = 404


@dataclass(frozen=True, slots=True)
class PackagedImages:
    session: AzureSession

    def observe(self, wanted: Sequence[Resource]) -> Iterator[Observed]:
        """One list of tags per image; which of them git asks for is known after linking."""
        for want in wanted:
            there = {generation_of(tag) for tag in self._tags(want.id.name)} - {""}
            for generation in sorted(there):
                yield self._observed(want, generation)
            yield from self._unfinished(want, there)

    def create(self, want: Resource, resolved: Resolved) -> Observed:
        if not self._is_there(want.id):
            self._built(want, resolved)
        return self._observed(want, want.id.generation)

    def update(self, have: Observed, want: Resource) -> Observed:
        """A package has no tags of its own: there is nothing to write."""
        return self._observed(want, have.id.generation)

    def delete(self, have: Observed) -> None:
        raise ProviderError(
            f"{have.address} is a package, and packages are never deleted",
            "delete the tag in the registry if nobody needs it",
        )

    def _unfinished(self, want: Resource, there: Collection[str]) -> Iterator[Observed]:
        """Builds that left no tag. Only the last one is asked about: it may go on, and its log is
        what people want to read; of the others the note says enough.
        """
        found = notes(want.id.name, self._ours(self.session.models()))
        last = {note.generation: note for note in found}
        for note in last.values():
            if note.generation in there:
                continue
            if note is found[-1]:
                yield from self._asked(want, note)
            elif note.failed:
                yield self._observed(want, note.generation, State.FAILED)

    def _asked(self, want: Resource, note: Note) -> Iterator[Observed]:
        """What became of a build. One that succeeded lost its tag later: it is not there."""
        operation = self._operation(note)
        match state_of(operation) if operation else State.READY:
            case State.PENDING:
                yield self._observed(want, note.generation, State.PENDING)
            case State.FAILED:
                log = self._log(operation)
                yield self._observed(want, note.generation, State.FAILED, log)
            case State.READY:
                return

    def _built(self, want: Resource, resolved: Resolved) -> None:
        models = model_ids(want, resolved)
        versions = self._versions(models)
        earlier = notes(want.id.name, versions)
        note = self._going_on(want, earlier)
        if note is None:
            ours = {version["id"] for version in versions}
            holder = next((model for model in models if model in ours), "")
            operation = self._start(want, resolved)
            note = next_note(want.id.name, earlier, holder, want.id.generation, operation)
            self._put_down(note, note.begun)
        state = self._awaited(want, note)
        if state_of(state) is State.FAILED:
            with suppress(FaultError):  # the next run asks the operation itself
                self._put_down(note, note.ended)
            raise failed(str(want.id), state["state"], self._log(state))

    def _going_on(self, want: Resource, earlier: Iterable[Note]) -> Note | None:
        """The last build of this generation, unless it has failed or its image is gone."""
        ours = [note for note in earlier if note.generation == want.id.generation]
        operation = self._operation(ours[-1]) if ours else {}
        match state_of(operation) if operation else State.FAILED:
            case State.PENDING:
                return ours[-1]
            case State.READY if self._is_there(want.id):  # it ended after the tags were read
                return ours[-1]
            case _:
                return None

    def _start(self, want: Resource, resolved: Resolved) -> str:
        given, workspace = self.session.surroundings, self.session.workspace
        given.notify(Progress(want.id, "uploading"))
        build = described(self.session, want, resolved)
        with staged(want.spec, given.files, folder_for(self.session, want)) as files:
            return workspace.create_package(build, files, tag_of(want.id))

    def _put_down(self, note: Note, properties: Mapping[str, str]) -> None:
        if note.holder:
            self.session.workspace.note_on_model(note.holder, properties)

    def _awaited(self, want: Resource, note: Note) -> Item:
        look = partial(self.session.workspace.operation, note.operation)
        return awaited(self.session.surroundings, want.id, str(want.id), look)

    def _operation(self, note: Note) -> Item:
        """As it is now; empty for one that the workspace has forgotten."""
        try:
            return self.session.workspace.operation(note.operation)
        except FaultError as error:
            if error.fault.status != MISSING:
                raise
            return {}

    def _log(self, operation: Item) -> str:
        log = self.session.workspace.build_log(operation["log"]).strip()
        return log or str(operation["error"])

    def _versions(self, models: Iterable[str]) -> list[Item]:
        """Every version of these models that carries our mark: nothing else is written on."""
        names = sorted({model.rpartition(":")[0] for model in models})
        return self._ours(v for name in names for v in self.session.workspace.models(name))

    def _ours(self, versions: Iterable[Item]) -> list[Item]:
        owns = self.session.scribe.owns
        return [v for v in versions if owns(marker_in(words(v["properties"])))]

    def _is_there(self, identity: ResourceId) -> bool:
        return tag_of(identity) in self._tags(identity.name)

    def _tags(self, name: str) -> Sequence[str]:
        if not (server := self.session.login_server()):
            return ()
        return self.session.registry.tags(server, name, self.session.registry_login())

    def _observed(
        self, want: Resource, generation: str, state: State = State.READY, log: str = ""
    ) -> Observed:
        identity = ResourceId(KIND, want.id.name, generation)
        address = f"{self.session.login_server()}/{identity.name}:{tag_of(identity)}"
        status: Spec = {"location": address, **({"log": log} if log else {})}
        tags = words(want.spec.get("tags"))
        return Observed(
            identity, {"tags": tags}, owned=True, address=address, state=state, status=status
        )


def tag_of(identity: ResourceId) -> str:
    return identity.generation.replace(":", "-")


def generation_of(tag: str) -> str:
    """The generation that a tag stands for; empty for a tag that is not ours."""
    version, dash, digits = tag.partition("-")
    is_ours = version.startswith("v") and dash and len(digits) == DIGITS
    return f"{version}:{digits}" if is_ours else ""
