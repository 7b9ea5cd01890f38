from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Origin, ResourceId, Scope, Severity
from reconciler.registry import KINDS, SCHEMAS
from reconciler.source.load import load
from tests.source.fleets import ENVIRONMENT, ROOT, group, loaded, messages

MODEL = "apiVersion: reconciler/v1\nkind: Model\nmetadata: {name: m}\nspec: {path: weights.bin}\n"


def environment(name: str, **spec: object) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "reconciler/v1",
            "kind": "Environment",
            "metadata": {"name": name},
            "spec": {"provider": "local", **spec},
        }
    )


def test_a_fleet_becomes_normalized_drafts_with_their_origin() -> None:
    found = loaded({"a/model.yaml": f"# mine\n{MODEL}", "a/weights.bin": b"1"})
    (model,) = found.drafts
    assert messages(found) == []
    assert model.id == ResourceId("Model", "m")
    assert model.origin == Origin("a/model.yaml", 2)
    assert model.spec["path"] == "a/weights.bin"
    assert (found.files, found.documents) == (2, 2)


def test_paths_and_places_start_at_the_root_of_the_repository() -> None:
    files: dict[str, str | bytes] = {
        "fleet/a/model.yaml": MODEL,
        "fleet/a/weights.bin": b"1",
        "other/b.yaml": "x",
    }
    found = loaded(files, folder="fleet")
    assert messages(found) == []
    assert [draft.origin for draft in found.drafts] == [Origin("fleet/a/model.yaml", 1)]


def test_the_only_environment_is_chosen() -> None:
    found = loaded({})
    assert found.scope == Scope("contoso", "local")
    assert found.complete


def test_one_of_several_environments_is_chosen_by_name() -> None:
    both = {
        "environments.yaml": environment("dev", variables={"site": "d"}, owner="developers")
        + "---\n"
        + environment("prod", variables={"site": "p"}),
        "group.yaml": group("g", "matchTags: {site: '${site}'}"),
    }
    dev, prod = loaded(both, "dev"), loaded(both, "prod")
    assert (dev.scope, prod.scope) == (Scope("developers", "dev"), Scope("contoso", "prod"))
    assert dev.drafts[0].spec["targetCondition"] == "tags.site = 'd'"
    assert prod.drafts[0].spec["targetCondition"] == "tags.site = 'p'"
    assert sorted(dev.environments) == ["dev", "prod"]


def test_an_environment_that_is_not_there_is_said_with_the_closest() -> None:
    (said,) = loaded({}, "locl").diagnostics
    assert (said.code, said.hint) == ("environment.unknown", "did you mean local?")


def test_a_broken_environment_is_the_only_one_blamed_for_itself() -> None:
    found = loaded(
        {
            "environments.yaml": environment("local", policy={"prune": "yes"}),
            "group.yaml": group("g", "matchTags: {site: '${site}'}"),
        }
    )
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["schema"]
    assert found.environment is None
    assert not found.complete


def test_without_a_root_file_there_is_one_error() -> None:
    found = loaded({}, folder="")
    assert found.complete
    tree_without = {"reconciler.yaml": b"\xff"}
    assert [d.code for d in loaded(tree_without).diagnostics] == ["yaml.encoding"]


def test_hidden_folders_and_other_suffixes_are_not_read() -> None:
    found = loaded({".github/a.yaml": "[", ".reconciler/b.yaml": "[", "c.json": "[", ".d.yml": "["})
    assert messages(found) == []


def test_only_the_paths_of_the_root_file_are_read() -> None:
    files = {
        "reconciler.yaml": f"{ROOT}paths: [in, environments.yaml]\n",
        "in/a.yml": group("a"),
        "out/b.yaml": "[",
    }
    assert [draft.id.name for draft in loaded(files).drafts] == ["a"]


def test_a_listed_group_has_a_tag_of_its_owner() -> None:
    found = loaded({"a.yaml": group("line-1", "devices: [b, a]")})
    assert found.drafts[0].spec == {
        "targetCondition": "tags.reconciler.contoso.[[line-1]] = true",
        "devices": ("a", "b"),
        "owner": "contoso",
    }


def test_the_drafts_of_the_good_documents_are_there_beside_the_problems_of_the_bad() -> None:
    found = loaded({"a.yaml": group("good") + "---\n" + group("bad", "matchTag: {}")})
    assert [draft.id.name for draft in found.drafts] == ["good"]
    assert not found.complete


def test_a_warning_does_not_make_a_fleet_incomplete() -> None:
    found = loaded({"a.yaml": group("a", "matchTags: {on: off}")})
    assert [diagnostic.severity for diagnostic in found.diagnostics] == [Severity.WARNING]
    assert found.complete


def test_a_linked_folder_of_documents_is_not_read_and_said(tmp_path: Path) -> None:
    (tmp_path / "reconciler.yaml").write_text(ROOT)
    (tmp_path / "environments.yaml").write_text(ENVIRONMENT)
    (tmp_path / "groups").mkdir()
    (tmp_path / "groups" / "a.yaml").write_text(group("a"))
    (tmp_path / "again").symlink_to(tmp_path / "groups")
    found = load(tmp_path, None, KINDS, SCHEMAS)
    assert [draft.id.name for draft in found.drafts] == ["a"]
    assert [str(d.origin) for d in found.diagnostics] == ["again:1"]


def test_a_fleet_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    found = load(tmp_path / "fleet", None, KINDS, SCHEMAS)
    assert [diagnostic.code for diagnostic in found.diagnostics] == ["fleet.missing"]


NAMES = st.text("abcdef", min_size=1, max_size=3)
FLEETS = st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=3, unique=True), max_size=5)


@given(FLEETS, st.data())
def test_order_files_and_style_do_not_matter(
    groups: Mapping[str, list[str]], data: st.DataObject
) -> None:
    written = {
        name: {
            "apiVersion": "reconciler/v1",
            "kind": "DeviceGroup",
            "metadata": {"name": name},
            "spec": {"devices": devices},
        }
        for name, devices in groups.items()
    }
    one_file = {"all.yaml": yaml.safe_dump_all([written[name] for name in sorted(written)])}
    shuffled = data.draw(st.permutations(sorted(written)))
    flow = data.draw(st.booleans())
    many_files = {
        f"{number}/{name}.yaml": yaml.safe_dump(
            written[name], default_flow_style=flow, sort_keys=not flow, width=20, indent=4
        )
        for number, name in enumerate(shuffled)
    }
    one, many = loaded(one_file), loaded(many_files)
    assert messages(one) == messages(many) == []
    assert [(d.id, d.spec, d.refs) for d in one.drafts] == [
        (d.id, d.spec, d.refs) for d in many.drafts
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("a/:${}*", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "env", "secretRef", "path", "${a}"]), inner)
    ),
    max_leaves=6,
)
FIELDS = [
    "path", "version", "tags", "builder", "models", "scoringScript", "condaFile", "files",
    "reference", "devices", "matchTags", "targetCondition", "password", "provider", "policy",
    "type", "group", "modules", "routes", "priority", "variables", "workspace", "local",
]  # fmt: skip


@given(
    st.sampled_from([*KINDS, "Fleet", "x", 7, None]),
    VALUES | st.fixed_dictionaries({"name": st.text("Ab-", max_size=4)}),
    st.dictionaries(st.sampled_from(FIELDS), VALUES) | VALUES,
)
def test_no_document_makes_the_loader_raise(kind: object, metadata: object, spec: object) -> None:
    document = {
        "apiVersion": "reconciler/v1", "kind": kind, "metadata": metadata, "spec": spec,
    }  # fmt: skip
    found = loaded({"a.yaml": yaml.safe_dump(document)})
    assert found.documents >= 1
    assert all(d.origin is not None and d.origin.line > 0 for d in found.diagnostics)


@given(st.binary(max_size=100))
def test_no_bytes_make_the_loader_raise(content: bytes) -> None:
    found = loaded({"a.yaml": content, "b.yaml": group("b")})
    assert ResourceId("DeviceGroup", "b") in {draft.id for draft in found.drafts}


@pytest.mark.parametrize("environment_name", [None, "local"])
def test_what_is_loaded_twice_is_the_same(environment_name: str | None) -> None:
    files = {"a.yaml": group("b") + "---\n" + group("a", "matchTags: {x: ${y}}")}
    assert loaded(files, environment_name) == loaded(files, environment_name)
