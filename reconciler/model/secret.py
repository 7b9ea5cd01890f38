"""A value that may be compared and used, and never shown."""

from __future__ import annotations

import re

MASK = "(sensitive value)"

SECRET_NAMES = re.compile(
    r"(^|_)(CONNECTION_STRING|KEY|PASSWD|PASSWORD|PAT|SECRET|TOKEN)(_|$)", re.IGNORECASE
)
"""Of variables that hold secrets by custom, whether we are told to use them or not."""
KEYS = re.compile(r"(?:AccountKey|SharedAccessKey)=([^;]+)")
"""What is secret in a connection string."""


class Secret:
    """Text that no printer, log or JSON encoder can show by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: call it only where it is sent to the service that it is for."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")
