"""Images that somebody else built: looked for where the environment allows it, never written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.model import Observed, Resource, text
from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.registry import Reference
from reconciler.providers.azure.session import AzureSession

DENIED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class PrebuiltImages:
    session: AzureSession

    def observe(self, wanted: Sequence[Resource]) -> Iterator[Observed]:
        """One question per distinct reference; what may not be asked about counts as there."""
        digests: dict[str, str | None] = {}
        for want in wanted:
            reference = text(want.spec["reference"])
            if reference not in digests:
                digests[reference] = self._digest(reference)
            found = digests[reference]
            if found is not None:
                status = {"location": reference, **({"digest": found} if found else {})}
                yield Observed(want.id.lineage, {}, address=reference, status=status)

    def _digest(self, reference: str) -> str | None:
        """Of the image; empty where it may not be asked, None where there is none."""
        server = Reference.of(reference).server
        if server not in self.session.allowed.registries:
            return ""
        try:
            return self.session.registry.digest(reference)
        except FaultError as error:
            if error.fault.status not in DENIED or not self._is_ours(server):
                raise
        return self.session.registry.digest(reference, self.session.registry_login())

    def _is_ours(self, server: str) -> bool:
        """Whether it is the workspace's registry: only that one has a login that we know."""
        if self.session.connection.workspace is None:
            return False
        return self.session.login_server() == server
