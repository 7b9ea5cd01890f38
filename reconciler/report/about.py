"""What a report says of a plan that the plan itself does not know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    digest: str
    read_at: str = ""
    """When the live state was read: a moment in UTC."""
    full: str = ""
    """Address of the whole plan: of a run, or of a page."""
    stale: str = ""
    """Why the plan may not hold any more; empty while it does."""

    @property
    def moment(self) -> str:
        """The same for people: `2026-03-14 09:26:53 UTC`."""
        return self.read_at.replace("T", " ").replace("+00:00", " UTC")
