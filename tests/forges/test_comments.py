"""The one comment, on three services: written, edited in place, never there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconciler.forges import connect
from reconciler.forges.client import BusyError, ForgeError, LostError
from reconciler.forges.comments import Forge, post
from reconciler.forges.place import PlaceError, Service, found
from tests.forges.stand_in import (
    ACCESS,
    AzureDevOps,
    GitHub,
    GitLab,
    Reply,
    StandIn,
    serving,
    variables,
)

MARK = "<!-- reconciler:plan:v1 env=prod -->"
SERVICES = (GitHub, AzureDevOps, GitLab)


def read(path: str) -> str:
    return Path(path).read_text("utf-8")


@pytest.fixture(params=SERVICES, ids=lambda made: made.__name__)
def service(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with serving(request.param()) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def forge(service: StandIn, slept: list[float]) -> Iterator[Forge]:
    with ExitStack() as stack:
        made = connect.forge(found(variables(service), read), slept.append)
        stack.callback(made.close)
        yield made


def bodies(service: StandIn) -> list[str]:
    return [note.body.replace("\r\n", "\n") for note in service.notes]


def test_the_first_comment_is_written(service: StandIn, forge: Forge) -> None:
    assert post(forge, MARK, f"{MARK}\nPlan: 1 to add.\n")
    assert bodies(service) == [f"{MARK}\nPlan: 1 to add.\n"]


def test_the_next_one_takes_its_place(service: StandIn, forge: Forge) -> None:
    service.add("Looks good to me")
    for count in (1, 2, 3):
        assert post(forge, MARK, f"{MARK}\nPlan: {count} to add.\n")
    assert bodies(service) == ["Looks good to me", f"{MARK}\nPlan: 3 to add.\n"]


def test_what_stands_there_already_is_not_written_again(service: StandIn, forge: Forge) -> None:
    body = f"{MARK}\nPlan: 1 to add.\n"
    assert post(forge, MARK, body)
    assert not post(forge, MARK, body)
    assert len(service.written()) == 1


def test_another_environment_has_a_comment_of_its_own(service: StandIn, forge: Forge) -> None:
    other = MARK.replace("prod", "test")
    post(forge, MARK, f"{MARK}\none")
    post(forge, other, f"{other}\ntwo")
    assert bodies(service) == [f"{MARK}\none", f"{other}\ntwo"]


def test_a_marker_that_somebody_else_wrote_is_left_alone(service: StandIn, forge: Forge) -> None:
    service.add(f"{MARK}\nEverything is fine, merge it", author="somebody")
    post(forge, MARK, f"{MARK}\nPlan: 1 to destroy.")
    assert bodies(service) == [
        f"{MARK}\nEverything is fine, merge it",
        f"{MARK}\nPlan: 1 to destroy.",
    ]


def test_a_marker_that_is_only_quoted_is_no_comment_of_ours(service: StandIn, forge: Forge) -> None:
    service.add(f"The comment begins with\n{MARK}")
    post(forge, MARK, f"{MARK}\nPlan")
    assert len(service.notes) == 2


def test_it_is_found_behind_hundreds_of_others(service: StandIn, forge: Forge) -> None:
    for number in range(250):
        service.add(f"comment {number}", author="somebody")
    service.add(f"{MARK}\nold")
    post(forge, MARK, f"{MARK}\nnew")
    assert len(service.notes) == 251
    assert bodies(service)[-1] == f"{MARK}\nnew"


def test_a_lost_answer_leaves_one_comment(service: StandIn, forge: Forge) -> None:
    service.faults = [None]
    assert post(forge, MARK, f"{MARK}\nPlan")
    assert bodies(service) == [f"{MARK}\nPlan"]


def test_a_failure_before_anything_was_written_is_tried_again(
    service: StandIn, forge: Forge
) -> None:
    service.faults = [Reply(502, {"message": "Bad gateway"})]
    assert post(forge, MARK, f"{MARK}\nPlan")
    assert bodies(service) == [f"{MARK}\nPlan"]


def test_a_service_that_is_down_is_no_comment(service: StandIn, forge: Forge) -> None:
    service.faults = [Reply(500, {"message": "down"})] * 2
    with pytest.raises(LostError, match=r"failed \(500\): down"):
        post(forge, MARK, f"{MARK}\nPlan")


def test_it_waits_as_long_as_it_is_asked_to(
    service: StandIn, forge: Forge, slept: list[float]
) -> None:
    service.faults = [Reply(429, {"message": "slow down"}, {"Retry-After": "7"})] * 2
    assert post(forge, MARK, f"{MARK}\nPlan")
    assert slept == [7.0, 7.0]
    assert len(service.notes) == 1


def test_it_does_not_wait_for_ever(service: StandIn, forge: Forge, slept: list[float]) -> None:
    service.faults = [Reply(429, {"message": "slow down"}, {"Retry-After": "7"})] * 9
    with pytest.raises(BusyError, match="slow down"):
        post(forge, MARK, f"{MARK}\nPlan")
    assert slept == [7.0] * 4


def test_it_does_not_wait_for_an_hour(service: StandIn, forge: Forge, slept: list[float]) -> None:
    service.faults = [Reply(403, {"message": "quota"}, {"X-RateLimit-Remaining": "0"})]
    with pytest.raises(ForgeError, match="asked too often"):
        post(forge, MARK, f"{MARK}\nPlan")
    assert slept == []


def test_a_missing_permission_says_which(service: StandIn, forge: Forge) -> None:
    service.faults = [Reply(403, {"message": "not allowed"})]
    with pytest.raises(ForgeError, match="not allowed") as caught:
        post(forge, MARK, f"{MARK}\nPlan")
    assert caught.value.remedy


def test_a_token_that_is_not_accepted_says_so(service: StandIn) -> None:
    environ = {k: "wrong" if v == ACCESS else v for k, v in variables(service).items()}
    made = connect.forge(found(environ, read), lambda _seconds: None)
    with pytest.raises(ForgeError, match="does not accept the token"):
        made.pull()
    made.close()


def test_a_pull_request_says_whether_it_is_open(service: StandIn, forge: Forge) -> None:
    assert (forge.pull().open, forge.pull().head) == (True, "a" * 40)
    service.open = False
    assert not forge.pull().open


def test_a_token_goes_over_no_open_line(service: StandIn) -> None:
    environ = {
        k: v.replace(service.url, "http://example.com") for k, v in variables(service).items()
    }
    made = connect.forge(found(environ, read), lambda _seconds: None)
    with pytest.raises(ForgeError, match="open line"):
        made.pull()
    made.close()


def test_a_personal_token_of_azure_devops_is_a_password() -> None:
    with serving(AzureDevOps()) as service:
        environ = {k: v for k, v in variables(service).items() if k != "SYSTEM_ACCESSTOKEN"}
        place = found({**environ, "AZURE_DEVOPS_EXT_PAT": ACCESS}, read)
        made = connect.forge(place, lambda _seconds: None)
        assert made.pull().open
        made.close()


@pytest.mark.parametrize(
    ("without", "why"),
    [
        ("GITHUB_TOKEN", "GITHUB_TOKEN is not set"),
        ("GITHUB_REF", "belongs to no pull request"),
        ("GITHUB_REPOSITORY", "did not name the repository"),
        ("GITHUB_ACTIONS", "no job of GitHub Actions"),
    ],
)
def test_what_is_missing_is_named(without: str, why: str) -> None:
    environ = {key: value for key, value in variables(GitHub()).items() if key != without}
    with pytest.raises(PlaceError, match=why) as caught:
        found(environ, read)
    assert caught.value.remedy


def test_the_pull_request_is_that_of_the_event(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"workflow_run": {"pull_requests": [{"number": 12}]}}', encoding="utf-8")
    environ = {**variables(GitHub()), "GITHUB_EVENT_PATH": str(event)}
    place = found(environ, read)
    assert (place.service, place.number) == (Service.GITHUB, "12")
    event.write_text("no JSON", encoding="utf-8")
    assert found(environ, read).number == "7"
