"""The worker: `python -m reconciler.providers.azure.workspace.worker`.

Reads a request per line, carries it out, writes an answer per line. Ends when its input does, in
the middle of a request too: whoever asked is gone, and the next run must not meet a second writer.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import IO, Any

from azureml.core import Workspace

from reconciler.providers.azure.fault import FaultError
from reconciler.providers.azure.workspace import images, models, packages
from reconciler.providers.azure.workspace.connect import connect, login_server, registry_login
from reconciler.providers.azure.workspace.failures import fault_of
from reconciler.providers.azure.workspace.protocol import Answer, Request, Sent, attended
from reconciler.providers.azure.workspace.traffic import Traffic
from reconciler.providers.azure.workspace.uploads import EVERY, Uploads

Arguments = dict[str, Any]

OPERATIONS: Mapping[str, Callable[[Workspace, Arguments], Any]] = {
    "models": models.models,
    "register model": models.register_model,
    "update model": models.update_model,
    "note on model": models.note_on_model,
    "delete model": models.delete_model,
    "images": images.images,
    "image": images.image,
    "create image": images.create_image,
    "tag image": images.tag_image,
    "delete image": images.delete_image,
    "build log": images.build_log,
    "create package": packages.create_package,
    "operation": packages.operation,
    "login server": lambda workspace, _: login_server(workspace),
    "registry login": lambda workspace, _: registry_login(workspace),
}


@dataclass(slots=True)
class Worker:
    """Keeps the workspace open between requests."""

    traffic: Traffic
    uploads: Uploads
    workspace: Workspace | None = None
    token: str = ""

    def answer(self, request: Request) -> Answer:
        self.token = request.token or self.token
        result, fault = None, None
        try:
            with self.uploads.counted():
                result = self._result(request)
        except FaultError as error:
            fault = error.fault
        except Exception as error:  # noqa: BLE001 - the SDK raises anything, bare Exception too
            fault = fault_of(request.doing, error)
        sent = self.traffic.taken()
        if fault and sent.made:
            fault = replace(fault, begun=True)
        return Answer(result, fault, sent.reads, sent.writes)

    def _result(self, request: Request) -> object:
        if request.operation == "connect":
            self.workspace = connect(request.arguments, lambda: self.token)
            return None
        return OPERATIONS[request.operation](self.workspace, request.arguments)


def serve(requests: IO[str], answers: IO[str], every: float) -> None:
    def tell(sent: Sent) -> None:
        answers.write(sent.line())
        answers.flush()

    traffic = Traffic()
    traffic.listen()
    worker = Worker(traffic, Uploads(tell, time.monotonic, every))
    for line in attended(requests, lambda: os._exit(1)):
        answers.write(worker.answer(Request.of(line)).line())
        answers.flush()


def main(every: float = EVERY) -> None:
    # The SDK prints; only answers may reach the parent.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin, answers, every)


if __name__ == "__main__":
    main()
