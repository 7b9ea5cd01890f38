"""What the workspace's SDK raises, told in one way."""

from __future__ import annotations

import io

import pytest
import requests
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ServiceRequestError
from azureml.exceptions import AuthenticationException, WebserviceException

from reconciler.providers.azure.fault import Cause
from reconciler.providers.azure.workspace.failures import fault_of, scrubbed


def response(status: int, body: str) -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found.raw = io.BytesIO(body.encode())
    found.headers["x-ms-request-id"] = "req-7"
    return found


def wrapped(inner: Exception) -> Exception:
    """As the SDK raises: from another exception."""
    error: Exception = WebserviceException("Received bad response")
    error.__cause__ = inner
    return error


def stored(code: str) -> ResourceExistsError:
    """As the storage client raises: the service's own code stands beside the text."""
    error = ResourceExistsError(f"it is there\nErrorCode:{code}")
    error.error_code = code
    return error


def test_the_answer_is_found_below_whatever_wraps_it() -> None:
    body = '{"code": "Conflict", "message": "in use"}'
    error = wrapped(requests.HTTPError(response=response(409, body)))
    found = fault_of("delete model m:1", error)
    assert (found.cause, found.status, found.code) == (Cause.ANSWERED, 409, "Conflict")
    assert (found.text, found.request_id) == ("in use", "req-7")


@pytest.mark.parametrize(
    ("error", "cause", "status"),
    [
        (WebserviceException("bad response\nResponse Code: 429\n"), Cause.ANSWERED, 429),
        (AuthenticationException("no credential"), Cause.ANSWERED, 401),
        (RuntimeError("AADSTS7000215: invalid secret"), Cause.ANSWERED, 401),
        (stored("BlobAlreadyExists"), Cause.DROPPED, 0),
        (stored("ContainerBeingDeleted"), Cause.REFUSED, 0),
        (HttpResponseError("nothing known"), Cause.REFUSED, 0),
        (ServiceRequestError("x", error=requests.ConnectionError()), Cause.DROPPED, 0),
        (wrapped(requests.ReadTimeout()), Cause.DROPPED, 0),
        (ValueError("max() arg is an empty sequence"), Cause.REFUSED, 0),
    ],
)
def test_each_kind_of_exception_says_what_is_known(
    error: Exception, cause: Cause, status: int
) -> None:
    found = fault_of("doing", error)
    assert (found.cause, found.status) == (cause, status)


def test_texts_lose_signatures_tokens_and_queries() -> None:
    text = "PUT https://x/y?sv=1&sig=canary failed\nAuthorization: Bearer canary\nsig=canary&x"
    assert "canary" not in scrubbed(text)
    assert scrubbed(text).startswith("PUT https://x/y?... failed")
