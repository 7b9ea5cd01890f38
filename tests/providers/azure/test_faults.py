"""What the services say when they refuse, and what a person is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reconciler.providers.azure.fault import Cause, Fault, FaultError, refusal
from reconciler.providers.azure.once import once, removed
from reconciler.providers.azure.patience import Patience
from reconciler.providers.azure.wire import explained
from reconciler.providers.port import ConflictError, DeniedError, ProviderError

TRACKED = "Tracking ID:0123-G:0-TimeStamp:11/21/2026 20:56:38"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"Message": "ErrorCode:IotHubUnauthorizedAccess;Unauthorized", "ExceptionMessage": ""},
            ("IotHubUnauthorizedAccess", "Unauthorized"),
        ),
        ({"errorCode": 409301, "message": "Device d ..."}, ("409301", "Device d ...")),
        (
            {"Message": '{"errorCode":404103,"message":"not online"}', "ExceptionMessage": ""},
            ("404103", "not online"),
        ),
        (
            {"error": {"code": "ResourceNotFound", "message": "no workspace"}},
            ("ResourceNotFound", "no workspace"),
        ),
        (
            {"code": "NotFound", "message": "m", "details": [{"message": "ModelNotFound"}]},
            ("NotFound", "m; ModelNotFound"),
        ),
        (
            {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown"}]},
            ("MANIFEST_UNKNOWN", "unknown"),
        ),
        (
            {"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"},
            ("invalid_client", "AADSTS7000215: wrong secret"),
        ),
        ([], ("", "")),
        ("text", ("", "")),
    ],
)
def test_every_service_s_errors_are_understood(body: object, said: tuple[str, str]) -> None:
    assert explained(body) == said


def answered(status: int, code: str = "", service: str = "IoT Hub") -> Fault:
    return Fault(service, "doing", Cause.ANSWERED, status, code, "its words", "req-1")


@pytest.mark.parametrize(
    ("fault", "error", "remedy"),
    [
        (answered(401), DeniedError, "IoT Hub Data Contributor"),
        (answered(401, service="workspace"), DeniedError, "sign in again"),
        (answered(403, service="workspace"), DeniedError, "AzureML Data Scientist"),
        (answered(403, service="registry"), DeniedError, "AcrPull"),
        (
            answered(403, "OperationNotAvailableInCurrentTier"),
            ProviderError,
            "the free or the standard tier",
        ),
        (
            Fault("workspace", "connect", Cause.ANSWERED, 404),
            ProviderError,
            "subscriptionId",
        ),
        (answered(404, service="workspace"), ProviderError, "still exists"),
        (answered(409), ConflictError, "plan again"),
        (answered(412), ConflictError, "plan again"),
        (answered(413, "ConfigurationCountLimitExceeded"), ProviderError, "100 configurations"),
        (answered(429), ProviderError, "try again"),
        (answered(500), ProviderError, "try again later"),
        (Fault("IoT Hub", "doing", Cause.UNREACHABLE), ProviderError, "host name"),
        (Fault("IoT Hub", "doing", Cause.UNTRUSTED), ProviderError, "REQUESTS_CA_BUNDLE"),
        (Fault("IoT Hub", "doing", Cause.DROPPED), ProviderError, "run again"),
        (Fault("IoT Hub", "doing", Cause.BROKEN), ProviderError, "in the service's place"),
        (Fault("IoT Hub", "doing", Cause.REFUSED), ProviderError, "correct what it names"),
        (answered(400), ProviderError, "correct what the service names"),
        (answered(404, service="registry"), ProviderError, "still exists"),
        (answered(403, "IotHubQuotaExceeded"), ProviderError, "midnight"),
        (Fault("IoT Hub", "doing", Cause.NOBODY), DeniedError, "az login"),
    ],
)
def test_a_refusal_says_what_to_do(fault: Fault, error: type[Exception], remedy: str) -> None:
    found = refusal(fault)
    assert type(found) is error
    assert remedy in found.remedy


def test_a_refusal_repeats_the_service_s_words_and_its_request_id() -> None:
    assert str(refusal(answered(500, "ServerError"))) == (
        "IoT Hub, doing: ServerError: its words (HTTP 500) [request req-1]"
    )


class Flaky:
    """Fails with each fault in turn, then gives a value."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = list(faults)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.faults:
            raise FaultError(self.faults.pop(0))
        return "done"


class Clock:
    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return sum(self.slept)

    @property
    def patience(self) -> Patience:
        return Patience(self.now, self.slept.append)


LOST = Fault("IoT Hub", "doing", Cause.DROPPED)


def test_a_read_is_repeated_after_what_can_pass() -> None:
    clock, call = Clock(), Flaky(answered(429), answered(503), LOST)
    assert clock.patience.read(call) == "done"
    assert call.calls == 4
    assert clock.slept[0] >= 10
    assert max(clock.slept[1:]) < 10


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412])
def test_a_read_is_not_repeated_after_a_clear_answer(status: int) -> None:
    clock, call = Clock(), Flaky(answered(status))
    with pytest.raises(FaultError):
        clock.patience.read(call)
    assert call.calls == 1


@pytest.mark.parametrize("repeat", [Patience.read, Patience.write])
def test_whoever_is_not_let_in_signs_in_once_more(
    repeat: Callable[[Patience, Callable[[], str]], str],
) -> None:
    clock, call = Clock(), Flaky(answered(401))
    assert repeat(clock.patience, call) == "done"
    assert clock.slept == [0]
    refused = Flaky(*[answered(401)] * 9)
    with pytest.raises(FaultError):
        repeat(clock.patience, refused)
    assert refused.calls == 2


@pytest.mark.parametrize("fault", [LOST, answered(500), answered(503)])
def test_a_write_is_not_repeated_when_it_may_have_happened(fault: Fault) -> None:
    clock, call = Clock(), Flaky(fault)
    with pytest.raises(FaultError):
        clock.patience.write(call)
    assert call.calls == 1


def test_waiting_for_a_throttle_ends() -> None:
    clock, call = Clock(), Flaky(*[answered(429)] * 1000)
    with pytest.raises(FaultError):
        clock.patience.write(call)
    assert 600 < clock.now() <= 900


def test_making_once_looks_before_it_repeats() -> None:
    seen: list[str] = []

    def make() -> str:
        seen.append("made")
        raise FaultError(LOST)

    assert once(lambda: seen[0] if seen else None, make) == "made"
    assert seen == ["made"]


def test_making_once_sends_again_what_left_nothing() -> None:
    call = Flaky(LOST)
    assert once(lambda: None, call) == "done"
    assert call.calls == 2


def gone(fault: Fault) -> Callable[[], None]:
    """A removal that fails."""

    def remove() -> None:
        raise FaultError(fault)

    return remove


def test_what_is_gone_need_not_be_removed() -> None:
    removed(lambda: True, gone(answered(404)))


def test_a_removal_whose_answer_is_lost_is_looked_up() -> None:
    removed(lambda: False, gone(LOST))
    with pytest.raises(FaultError):
        removed(lambda: True, gone(LOST))


def test_making_once_gives_up_on_a_clear_answer() -> None:
    call = Flaky(answered(400))
    with pytest.raises(FaultError):
        once(lambda: None, call)
    assert call.calls == 1
