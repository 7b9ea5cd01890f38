"""What is measured is what it says: a valid fleet, and a plan without changes."""

from pathlib import Path

from git import Repo

from reconciler.diff import Reason
from tests.bench.documents import write_fleet, write_zones
from tests.bench.history import write_history
from tests.bench.plan_fleet import plan
from tests.bench.plan_zones import reader
from tests.bench.watch import Watch, measured


def test_the_fleet_is_valid_and_its_plan_is_empty(tmp_path: Path) -> None:
    lines = write_fleet(tmp_path / "fleet", 250)
    written = [file.read_text() for file in (tmp_path / "fleet").glob("[0l]*.yaml")]
    assert sum(text.count("apiVersion") for text in written) == 250
    assert sum(text.count("\n") for text in written) == lines
    made = plan(tmp_path / "fleet", Watch())
    assert (made.changes, made.diagnostics) == ((), ())
    assert {change.reason for change in made.unchanged} == {Reason.SAME}
    assert len(made.unchanged) == 249


def test_the_zones_have_as_many_lines_as_were_asked_for(tmp_path: Path) -> None:
    lines = write_zones(tmp_path / "zones", 20_000)
    written = [file.read_text() for file in (tmp_path / "zones").iterdir()]
    assert sum(text.count("\n") for text in written) - len(written) == lines
    assert 20_000 <= lines < 20_100
    assert len(list(reader(tmp_path / "zones").list_zones())) == len(written)


def test_a_process_is_measured_by_what_it_watched(tmp_path: Path) -> None:
    write_fleet(tmp_path / "fleet", 10)
    whole = measured("-m", "reconciler", "validate", "--fleet", str(tmp_path / "fleet"))
    part = measured("-m", "tests.bench.plan_fleet", str(tmp_path / "fleet"))
    assert 0 < part.cpu < whole.cpu
    assert part.peak > 1


def test_the_history_has_its_commits_and_two_branches_that_change_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "history"
    write_history(folder, 30, 8, 3)
    git = Repo(folder).git
    assert git.rev_list("--count", "main") == "8"
    assert git.diff("--name-only", "main...work") == "fleet/0007.yaml"
    assert git.diff("--name-only", "main...other") == "fleet/0008.yaml"
    assert git.diff("--name-only", "main~3", "main", "--", "fleet") == ""
    git.clear_cache()
