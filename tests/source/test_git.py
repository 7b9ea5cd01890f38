from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from git import Repo

from reconciler.model import Commit
from reconciler.source.git import (
    find_fleet,
    find_repository,
    newer_than,
    read_commit,
    without_credentials,
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit that holds a fleet."""
    with Repo.init(tmp_path) as repo:
        with repo.config_writer() as config:
            config.set_value("user", "name", "somebody")
            config.set_value("user", "email", "somebody@example.com")
            config.set_value("commit", "gpgsign", "false")
        (tmp_path / "fleet" / "groups").mkdir(parents=True)
        (tmp_path / "fleet" / "reconciler.yaml").write_text("owner: me\n")
        repo.index.add(["fleet/reconciler.yaml"])
        repo.index.commit("begin")
        repo.create_remote("origin", "https://me:token@example.com/contoso/fleet.git")
    return tmp_path


def test_the_commit_is_named_with_its_repository_but_without_credentials(repository: Path) -> None:
    commit = read_commit(repository / "fleet")
    assert len(commit.sha) == 40
    assert not commit.dirty
    assert commit.repository == "https://example.com/contoso/fleet.git"


def test_a_changed_or_new_file_of_the_fleet_makes_it_dirty(repository: Path) -> None:
    (repository / "notes.txt").write_text("outside the fleet\n")
    assert not read_commit(repository / "fleet").dirty
    (repository / "fleet" / "new.yaml").write_text("a: 1\n")
    assert read_commit(repository / "fleet").dirty


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    Repo.init(tmp_path).close()
    assert read_commit(tmp_path) == Commit(dirty=True)


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    assert read_commit(tmp_path) == Commit()
    assert find_repository(tmp_path) == tmp_path


def test_the_fleet_is_where_the_nearest_root_file_is(repository: Path) -> None:
    assert find_fleet(repository / "fleet" / "groups") == repository / "fleet"
    assert find_repository(repository / "fleet") == repository


def test_without_a_root_file_upward_the_fleet_is_the_folder_of_that_name(tmp_path: Path) -> None:
    assert find_fleet(tmp_path) == tmp_path / "fleet"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:token@example.com/a.git", "https://example.com/a.git"),
        ("https://token@example.com:8443/a.git?x=1", "https://example.com:8443/a.git"),
        ("ssh://git@example.com/a.git", "ssh://example.com/a.git"),
        ("git@example.com:a/b.git", "example.com:a/b.git"),
        ("/srv/git/a@b.git", "/srv/git/a@b.git"),
        ("../a.git", "../a.git"),
    ],
)
def test_an_address_is_shown_without_its_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_a_repository_that_git_refuses_is_a_warning_and_no_crash(repository: Path) -> None:
    """As in CI, where the checkout belongs to another user."""
    script = (
        "from pathlib import Path\n"
        "from reconciler.registry import KINDS, SCHEMAS\n"
        "from reconciler.source.load import load\n"
        "found = load(Path('fleet'), None, KINDS, SCHEMAS)\n"
        "print(found.commit, [d.code for d in found.diagnostics if 'ownership' in d.summary])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=repository,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "no commit ['git.refused']"


def committed(repository: Path, message: str) -> str:
    with Repo(repository) as repo:
        return repo.index.commit(message).hexsha


def test_a_descendant_is_newer_and_a_branch_is_not(repository: Path) -> None:
    first = read_commit(repository / "fleet").sha
    second = committed(repository, "second")
    with Repo(repository) as repo:
        repo.git.checkout("--quiet", "-b", "branch", first)
    branched = committed(repository, "branched")
    assert newer_than(repository, first, [second, branched]) == tuple(sorted([second, branched]))
    assert newer_than(repository, second, [first, branched]) == ()


def test_what_a_complete_clone_lacks_may_be_newer_and_a_shallow_one_cannot_tell(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first = read_commit(repository / "fleet").sha
    complete, shallow = tmp_path_factory.mktemp("complete"), tmp_path_factory.mktemp("shallow")
    Repo.clone_from(f"file://{repository}", complete).close()
    Repo.clone_from(f"file://{repository}", shallow, depth=1).close()
    second, third = committed(repository, "second"), committed(repository, "third")
    with Repo(shallow) as repo:
        repo.git.fetch("--quiet", "--depth=1", "origin")
        repo.git.checkout("--quiet", "FETCH_HEAD")
    assert newer_than(complete, first, [second]) == (second,)
    assert newer_than(shallow, third, [second]) == ()
