"""What an Image refers to, resolved."""

from __future__ import annotations

from pathlib import Path

from reconciler.model import Resolved, Resource, sequence, short, text
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import words
from reconciler.providers.azure.workspace.client import Build


def described(session: AzureSession, want: Resource, resolved: Resolved) -> Build:
    """What to build, with our mark."""
    return Build(
        name=want.id.name,
        models=model_ids(want, resolved),
        description=text(want.spec.get("description")),
        runtime=text(want.spec.get("runtime")) or "python",
        tags=words(want.spec.get("tags")),
        properties=session.scribe.marks(want.id),
    )


def model_ids(want: Resource, resolved: Resolved) -> tuple[str, ...]:
    """Workspace ids, `name:version`, in the order of the document."""
    found = []
    for index, written in enumerate(sequence(want.spec.get("models"))):
        ref = want.refs.get(("models", str(index)))
        found.append(text(resolved[ref].status["id"]) if ref else text(written))
    return tuple(found)


def folder_for(session: AzureSession, want: Resource) -> Path:
    return session.workspace.folder / "images" / f"{want.id.name}-{short(want.id.generation)}"
