"""The steps of the CI templates do what they are for, against a local cloud and stand-ins."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from reconciler import VERSION
from tests.ci import jobs
from tests.ci.jobs import ROOT, TEMPLATES, Step
from tests.ci.site import Clone, Site, begun
from tests.cli.portal import reprioritise
from tests.forges.stand_in import ACCESS, AzureDevOps, GitHub, GitLab, StandIn, serving, variables

MARKER = "<!-- reconciler:plan:v1 env=local -->"
HEAL = 'reconciler reconcile --to last-applied --env "$RECONCILER_ENV" --auto-approve'


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with begun(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", sorted(TEMPLATES.glob("github/*.yml"))),
        ("vendor.github-actions", [ROOT / "action.yml"]),
        ("vendor.azure-pipelines", sorted(TEMPLATES.glob("azure-pipelines/*.yml"))),
        ("vendor.gitlab-ci", sorted(TEMPLATES.glob("gitlab/*.yml"))),
    ],
)
def test_every_template_satisfies_the_schema_of_its_service(schema: str, files: list[Path]) -> None:
    assert files
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema", "--regex-variant", "nonunicode"),
            *("--builtin-schema", schema, "--data-transform"),
            *("gitlab-ci" if "gitlab" in schema else "azure-pipelines", *map(str, files)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_a_pull_request_on_github_is_previewed_applied_and_watched(site: Site) -> None:
    clone = site.clone()
    commit = clone.reprioritise(41)
    with serving(GitHub(head=commit)) as service:
        told = {**variables(service), "GITHUB_STEP_SUMMARY": str(clone.path.parent / "summary.md")}
        given = {
            "github.token": ACCESS,
            "github.base_ref": "main",
            "github.event.pull_request.head.sha": commit,
        }
        [validate] = jobs.github("reconciler-plan", "validate", given)
        assert "0 errors" in clone.run(validate, told).said
        [preview] = jobs.github("reconciler-plan", "preview", given)
        clone.run(preview, told)
        assert_previewed(service, clone, 41)
        assert MARKER in (clone.path.parent / "summary.md").read_text("utf-8")
        clone.merge(commit)
        [plan] = jobs.github("reconciler-apply", "plan", given)
        outputs = clone.run(plan, told).outputs
        assert outputs["exit_code"] == "2"
        assert outputs["digest"].startswith("sha256:")
        [apply] = jobs.github("reconciler-apply", "apply", given)
        clone.run(apply, told)
        assert site.priority() == 41
        reprioritise(site.cloud, "gateway-base", 77)
        drift, snapshot = jobs.github("reconciler-drift", "drift", given)
        assert clone.run(drift, told).outputs["exit_code"] == "2"
        assert "Deployment/gateway-base" in (clone.path / "drift.md").read_text("utf-8")
        [heal] = jobs.github("reconciler-drift", "heal", given)
        assert heal.script == HEAL
        clone.run(heal, told)
        assert site.priority() == 41
        clone.run(snapshot, told)
        planned_for_a_fork(clone, service, told)


def planned_for_a_fork(clone: Clone, service: StandIn, told: dict[str, str]) -> None:
    """In a job that belongs to no pull request, without the way to the cloud."""
    commit = clone.reprioritise(42)
    clone.git("switch", "--quiet", "main")
    service.head = commit
    given = {
        "github.token": ACCESS,
        "steps.pull.outputs.number": "7",
        "steps.pull.outputs.base": "main",
        "github.event.workflow_run.head_sha": commit,
    }
    [preview] = jobs.github("reconciler-fork", "preview", given)
    clone.run(preview, {**told, "GITHUB_REF": "refs/heads/main"})
    [note] = service.notes
    assert "priority: 42" in note.body


def test_a_pull_request_in_azure_pipelines_is_previewed_applied_and_watched(site: Site) -> None:
    clone = site.clone()
    commit = clone.reprioritise(51)
    with serving(AzureDevOps(head=commit)) as service:
        told = {
            **variables(service),
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": commit,
            "PIPELINE_WORKSPACE": str(clone.path.parent / "azure"),
        }
        given = {"System.AccessToken": ACCESS}
        [validate] = jobs.azure_pipelines("reconciler", "validate", given)
        assert "0 errors" in clone.run(validate, told).said
        [preview] = jobs.azure_pipelines("reconciler", "preview", given)
        clone.run(preview, told)
        assert_previewed(service, clone, 51)
        clone.merge(commit)
        [plan] = jobs.azure_pipelines("reconciler", "plan", given)
        said = clone.run(plan, told).said
        assert "##vso[task.setvariable variable=exitCode;isOutput=true]2\n" in said
        saved = clone.path.parent / "azure" / "saved-plan"
        saved.mkdir(parents=True)
        (clone.path / "plan.json").rename(saved / "plan.json")
        [apply] = jobs.azure_pipelines("reconciler", "apply", given)
        clone.run(apply, told)
        assert site.priority() == 51
        [drift] = jobs.azure_pipelines("reconciler-drift", "drift", given)
        clone.run(drift, told)
        [heal] = jobs.azure_pipelines("reconciler-drift", "heal", given)
        assert heal.script.splitlines() == ["set -euo pipefail", HEAL]


def test_a_merge_request_on_gitlab_is_previewed_applied_and_watched(site: Site) -> None:
    clone = site.clone()
    commit = clone.reprioritise(61)
    with serving(GitLab(head=commit)) as service:
        told = {
            **variables(service),
            "AZURE_ID_TOKEN": "who-this-job-is",
            "CI_COMMIT_SHA": commit,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        }
        assert "0 errors" in clone.run(jobs.gitlab("validate"), told).said
        clone.run(jobs.gitlab("preview"), told)
        assert_previewed(service, clone, 61)
        clone.merge(commit)
        clone.run(jobs.gitlab("plan"), told)
        clone.run(jobs.gitlab("apply"), told)
        assert site.priority() == 61
        clone.run(jobs.gitlab("drift"), told)
        assert jobs.gitlab("heal").script.splitlines()[-1] == HEAL


def test_a_job_in_kubernetes_looks_at_the_branch(site: Site) -> None:
    clone = site.clone()
    step = jobs.kubernetes("reconciler-drift", {"REPOSITORY": str(site.origin), "BRANCH": "main"})
    moved = Clone(clone.path.parent / "work", site)
    moved.path.mkdir()
    assert "No drift." in moved.run(step, {}).said


def test_the_action_tells_its_outputs_and_takes_inputs_for_arguments_alone(site: Site) -> None:
    clone = site.clone()
    clone.reprioritise(35)
    step = jobs.action(command="plan", env="local", args="--detailed-exitcode\n--only\n*/$(id)")
    ran = clone.run(step, {})
    assert ran.outputs["exit_code"] == "0"
    assert ran.outputs["digest"].startswith("sha256:")
    refused = clone.run(jobs.action(command="no-such; echo bad"), {}, code=64)
    assert "\nbad" not in refused.said


def test_hooks_of_pre_commit_validate_the_fleet(site: Site) -> None:
    [offered] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    [local] = jobs.read("pre-commit/config.yaml")["repos"]
    [written] = local["hooks"]
    assert written["id"] == offered["id"]
    for hook in (offered, written):
        assert not hook["pass_filenames"]
        assert "0 errors" in site.clone().run(Step(hook["entry"], {}), {}).said


def assert_previewed(service: StandIn, clone: Clone, priority: int) -> None:
    [note] = service.notes
    assert note.body.startswith(MARKER)
    assert f"priority: {priority}" in note.body
    assert "</html>" in (clone.path / "plan.html").read_text("utf-8")


def test_no_template_runs_a_fork_with_rights() -> None:
    assert "pull_request_target" not in "".join(
        path.read_text("utf-8") for path in TEMPLATES.glob("github/*.yml")
    )
    for path in TEMPLATES.glob("github/*.yml"):
        workflow = jobs.read(f"github/{path.name}")
        assert workflow["permissions"] == {}
        for job in workflow["jobs"].values():
            assert "timeout-minutes" in job
            assert "permissions" in job


def test_templates_install_this_version() -> None:
    files = [path for path in TEMPLATES.rglob("*") if path.suffix in {".yml", ".yaml"}]
    named = [line for path in files for line in path.read_text("utf-8").splitlines()]
    pinned = [line for line in named if "reconciler==" in line]
    assert len(pinned) == 8
    assert [line for line in pinned if f"reconciler=={VERSION}" not in line] == []
