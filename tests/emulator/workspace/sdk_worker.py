"""A process that holds the Azure ML SDK: one JSON request a line in, one answer a line out."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.emulator.workspace.sdk_calls import Session


def main() -> None:
    """The SDK prints to stdout, so the answers go to a stream of their own."""
    answers, sys.stdout = sys.stdout, sys.stderr
    session: Session | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            session = session or Session(request["connection"])
            answer: dict[str, Any] = getattr(session, request["call"])(**request["arguments"])
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
