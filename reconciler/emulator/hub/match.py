"""`If-Match`, which every part of the hub reads in its own way."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.emulator.hub import refusal
from reconciler.emulator.hub.wire import counter_etag, twin_etag


@dataclass(frozen=True)
class Match:
    """The header as sent; empty when there is none (the .NET SDK sends `""` for none)."""

    header: str = ""

    @property
    def is_absent(self) -> bool:
        return self.header in {"", '""'}

    @property
    def is_any(self) -> bool:
        return self.header in {"*", '"*"'}

    @property
    def is_quoted(self) -> bool:
        return len(self.header) > 1 and self.header[0] == '"' == self.header[-1]

    def check_identity(self, version: int) -> None:
        """Identities take the tag with or without quotes."""
        if self.is_absent or self.is_any or self.header.strip('"') == counter_etag(version):
            return
        raise refusal.precondition_failed(
            "Precondition failed: Device version did not match, "
            f"existingVersion:{version} newVersion:{version - 1}"
        )

    def check_twin(self, device_id: str, version: int) -> None:
        """Twins ignore a tag without quotes (Azure/azure-iot-sdk-node#606)."""
        if self.is_absent or self.is_any or not self.is_quoted:
            return
        if self.header.strip('"') != twin_etag(version):
            raise refusal.precondition_failed(f"ETag mismatch for device ID '{device_id}'")

    def check_configuration(self, configuration_id: str, version: int) -> None:
        """Configurations ignore a tag without quotes: a PUT is then a create, a DELETE bare."""
        if self.is_absent or self.is_any or not self.is_quoted:
            return
        if self.header.strip('"') != counter_etag(version):
            raise refusal.precondition_failed(
                f"ETag mismatch for configuration ID '{configuration_id}'"
            )
