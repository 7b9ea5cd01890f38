"""The worker with short waits: the SDK sleeps for seconds below us, and cannot be told not to.

Only the length of its sleeps and time-outs differs; what it repeats, and how often, does not.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

ANSWER = 1.5
"""Seconds that an answer may take."""
SHARE = 0.01
"""Of the SDK's sleeps that is really slept."""
_sleep = time.sleep
_send: Callable[..., Response] = HTTPAdapter.send


def _nap(seconds: float) -> None:
    _sleep(seconds * SHARE)


def _hasty(adapter: HTTPAdapter, request: PreparedRequest, **options: object) -> Response:
    # What waits for ever by itself still does: that is for our own limit to end.
    if options.get("timeout") is not None:
        options["timeout"] = ANSWER
    return _send(adapter, request, **options)


def hurry(owner: object, name: str, instead: Callable[..., object]) -> None:
    setattr(owner, name, instead)


if __name__ == "__main__":
    hurry(time, "sleep", _nap)
    hurry(HTTPAdapter, "send", _hasty)
    from reconciler.providers.azure.workspace.worker import main

    main()
