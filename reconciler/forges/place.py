"""Which pull request a run in CI belongs to: read from what the service tells its jobs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from reconciler.model import Secret

MERGE_REF = re.compile(r"refs/pull/(\d+)/(?:merge|head)")


class Service(Enum):
    GITHUB = "GitHub"
    AZURE_DEVOPS = "Azure DevOps"
    GITLAB = "GitLab"


@dataclass(frozen=True, slots=True)
class Place:
    """One pull request, and how to reach it."""

    service: Service
    api: str
    """Where the REST API begins."""
    project: str
    """`owner/name`, `project/_apis/git/repositories/id`, or the number of a project."""
    number: str
    token: Secret
    is_job: bool = False
    """Whether the token is the one that the service makes for each job."""
    page: str = ""
    """Of the run, for people."""


class PlaceError(Exception):
    """It is not clear where to comment; the message says what is missing."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def found(environ: Mapping[str, str], read: Callable[[str], str]) -> Place:
    """The pull request that this job runs for. `read` gives the text of a file.

    GitHub: https://docs.github.com/actions/reference/variables-reference
    Azure: https://learn.microsoft.com/azure/devops/pipelines/build/variables
    GitLab: https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ, read)
    if environ.get("TF_BUILD"):
        return _azure_devops(environ)
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    raise PlaceError(
        "this is no job of GitHub Actions, Azure Pipelines or GitLab CI",
        "run `preview --format markdown` and post what it prints",
    )


def run_page(environ: Mapping[str, str]) -> str:
    """The page of the CI run, where there is one."""
    if environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
        return f"{server}/{repository}/actions/runs/{environ['GITHUB_RUN_ID']}"
    if environ.get("BUILD_BUILDID"):
        base = f"{environ.get('SYSTEM_COLLECTIONURI', '')}{environ.get('SYSTEM_TEAMPROJECT', '')}"
        return f"{base}/_build/results?buildId={environ['BUILD_BUILDID']}"
    return environ.get("CI_JOB_URL", "")


def _github(environ: Mapping[str, str], read: Callable[[str], str]) -> Place:
    number = _event_number(environ.get("GITHUB_EVENT_PATH", ""), read)
    if not number:
        match = MERGE_REF.fullmatch(environ.get("GITHUB_REF", ""))
        number = match[1] if match else ""
    return _checked(
        Place(
            Service.GITHUB,
            environ.get("GITHUB_API_URL", "https://api.github.com"),
            environ.get("GITHUB_REPOSITORY", ""),
            number,
            Secret(environ.get("GITHUB_TOKEN", "") or environ.get("GH_TOKEN", "")),
            is_job=bool(environ.get("GITHUB_TOKEN")),
            page=run_page(environ),
        ),
        "GITHUB_TOKEN",
        "env: {GITHUB_TOKEN: ${{ github.token }}}",
    )


def _event_number(path: str, read: Callable[[str], str]) -> str:
    """From the event that started the run; a run after another one names its pull requests."""
    if not path:
        return ""
    try:
        event: Any = json.loads(read(path))
        pulls = event.get("workflow_run", {}).get("pull_requests") or [{}]
        number = event.get("pull_request", {}).get("number") or pulls[0].get("number")
    except (OSError, ValueError, AttributeError):
        return ""
    return str(number) if isinstance(number, int) else ""


def _azure_devops(environ: Mapping[str, str]) -> Place:
    project = environ.get("SYSTEM_TEAMPROJECTID") or environ.get("SYSTEM_TEAMPROJECT", "")
    repository = environ.get("BUILD_REPOSITORY_ID", "")
    job, personal = environ.get("SYSTEM_ACCESSTOKEN", ""), environ.get("AZURE_DEVOPS_EXT_PAT", "")
    return _checked(
        Place(
            Service.AZURE_DEVOPS,
            environ.get("SYSTEM_COLLECTIONURI", "").rstrip("/"),
            f"{project}/_apis/git/repositories/{repository}" if project and repository else "",
            environ.get("SYSTEM_PULLREQUEST_PULLREQUESTID", ""),
            Secret(job or personal),
            is_job=bool(job),
            page=run_page(environ),
        ),
        "SYSTEM_ACCESSTOKEN",
        "env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}",
    )


def _gitlab(environ: Mapping[str, str]) -> Place:
    project = environ.get("CI_MERGE_REQUEST_PROJECT_ID") or environ.get("CI_PROJECT_ID", "")
    return _checked(
        Place(
            Service.GITLAB,
            environ.get("CI_API_V4_URL", "https://gitlab.com/api/v4"),
            project,
            environ.get("CI_MERGE_REQUEST_IID", ""),
            Secret(environ.get("GITLAB_TOKEN", "")),
            page=run_page(environ),
        ),
        "GITLAB_TOKEN",
        "a project access token with the scope api, as a masked variable (the job's own token"
        " cannot write comments)",
    )


def _checked(place: Place, variable: str, remedy: str) -> Place:
    name = place.service.value
    if not place.number:
        raise PlaceError(
            f"this job of {name} belongs to no pull request",
            "comment only in runs that a pull request started",
        )
    if not place.project:
        raise PlaceError(f"{name} did not name the repository", "run this in its own CI")
    if not place.token:
        raise PlaceError(f"there is no token for {name}: {variable} is not set", remedy)
    return place
