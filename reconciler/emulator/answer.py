"""What a handler answers, apart from any web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """A status, a body (bytes, or a file that is streamed) and headers."""

    status: int = 200
    body: bytes | Path = b""
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        return replace(self, headers={**self.headers, **headers})


def json_answer(content: object, status: int = 200, **headers: str) -> Answer:
    """`json_answer({...}, 202, Operation_Location=url)`: underscores stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(content).encode(), headers=named)
