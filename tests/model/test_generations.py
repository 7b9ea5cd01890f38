"""Generations form a Merkle tree over the content and what it refers to."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import (
    FieldRule,
    Kind,
    Refs,
    Resource,
    ResourceId,
    Spec,
    link,
    text,
    unlinkable,
)
from tests.fleets import COMMIT, SCOPE, draft, guarded, linked, only, stack
from tests.small_kinds import KINDS

LEAF = ResourceId("Leaf", "one")
PINNED = {
    "DeviceGroup": "",
    "Model": "v1:2f4ea124",
    "Image": "v1:0538052f",
    "Deployment": "v1:e912dc90",
}


def generations(*fleet: Resource) -> dict[str, str]:
    return {resource_id.kind: resource_id.generation for resource_id in linked(*fleet).resources}


BEFORE = generations(*stack("vision"))


def changed_by(**changes: Spec) -> set[str]:
    after = generations(*stack("vision", **changes))
    return {kind for kind in after if after[kind] != BEFORE[kind]}


def test_new_bytes_of_a_model_are_felt_all_the_way_up() -> None:
    assert changed_by(Model={"sha256": "22"}) == {"Model", "Image", "Deployment"}


def test_a_new_base_image_leaves_the_model_alone() -> None:
    assert changed_by(Image={"base": "cuda"}) == {"Image", "Deployment"}


def test_what_changes_in_place_makes_no_generation() -> None:
    group: Spec = {"targetCondition": "tags.line = 'other'", "devices": ()}
    assert changed_by(DeviceGroup=group, Deployment={"priority": 7}) == set()


def test_what_says_nothing_about_the_object_makes_no_generation() -> None:
    assert changed_by(Model={"path": "elsewhere"}) == set()


def test_a_field_that_the_kind_does_not_name_makes_a_generation() -> None:
    assert changed_by(Deployment={"routes": {"up": "FROM * INTO $upstream"}}) == {"Deployment"}


def test_a_revert_leads_back_to_the_same_generations() -> None:
    assert changed_by(Model={"sha256": "22"}) != set()
    assert generations(*reversed(stack("vision"))) == BEFORE


def test_only_kinds_with_content_have_generations() -> None:
    assert {kind for kind, generation in BEFORE.items() if generation} == {
        "Model",
        "Image",
        "Deployment",
    }


def test_two_names_never_share_a_generation() -> None:
    assert generations(*stack("vision"))["Model"] != generations(*stack("audio"))["Model"]


def test_a_scoped_kind_never_shares_an_id_with_another_owner_or_environment() -> None:
    found = [
        {resource_id.kind: resource_id.generation for resource_id in state.resources}
        for scope in (SCOPE, replace(SCOPE, owner="plant-b"), replace(SCOPE, environment="test"))
        for state in [link(COMMIT, stack("vision"), KINDS, scope)]
    ]
    assert len({by_kind["Deployment"] for by_kind in found}) == 3
    assert len({by_kind["Image"] for by_kind in found}) == 1


def test_ids_stay_the_same_from_release_to_release() -> None:
    # A change of these renames every object of every fleet: it needs a new version in `digest`.
    assert {kind: generation[:11] for kind, generation in BEFORE.items()} == PINNED


def test_a_reference_stands_as_the_generation_that_it_leads_to() -> None:
    state = linked(*stack("vision"))
    model, image = only(state, "Model"), only(state, "Image")
    assert state.resources[image].spec["models"] == (f"Model/vision@{model.generation}",)
    assert state.resources[image].refs == {("models", "0"): model}


def test_a_group_stands_as_its_condition() -> None:
    state = linked(*stack("vision"))
    spec = state.resources[only(state, "Deployment")].spec
    assert spec["targetCondition"] == "tags.line = 'vision'"


def test_a_thing_without_generations_and_without_a_word_of_its_own_stands_as_its_digest() -> None:
    leaf = Kind("Leaf", rules={})
    tree = Kind("Tree", {("leaf",): FieldRule.CONTENT}, refs=lambda _spec: {("leaf",): LEAF})
    kinds = {"Leaf": leaf, "Tree": tree}

    def generation(color: str) -> str:
        drafts = (
            Resource(LEAF, {"color": color}),
            Resource(ResourceId("Tree", "oak"), {"leaf": "l"}, {("leaf",): LEAF}),
        )
        return only(link(COMMIT, drafts, kinds, SCOPE), "Tree").generation

    assert generation("green") == generation("green") != generation("red")


def test_linking_does_not_depend_on_the_order_of_files() -> None:
    fleet = (*guarded("vision"), *stack("audio"))
    assert list(linked(*fleet).resources) == list(linked(*reversed(fleet)).resources)


def problems(*fleet: Resource) -> list[str]:
    return [str(problem) for problem in unlinkable(fleet)]


def test_a_whole_fleet_has_no_problems() -> None:
    assert problems(*guarded("vision"), *stack("audio")) == []


def test_all_missing_references_are_reported_with_a_suggestion() -> None:
    _, _, group, deployment = stack("vision")
    image = draft("Image", "other", {"models": ("visoin",), "base": "python"})
    model = draft("Model", "vision", {"sha256": "11"})
    misspelt, missing = problems(model, image, group, deployment)
    assert misspelt.startswith("fleet/images/other.yaml:1: error[ref.missing] Image/other: ")
    assert misspelt.endswith('"visoin" is not in this fleet\n  hint: did you mean "vision"?')
    assert missing.startswith("fleet/deployments/vision.yaml:1: error[ref.missing] Deployment/")
    assert missing.endswith(
        '"vision" is not in this fleet\n  hint: add it, or remove the reference'
    )


def test_a_missing_reference_says_at_which_field() -> None:
    [problem] = unlinkable([draft("Image", "x", {"models": ("gone",), "base": "python"})])
    assert problem.path == ("models", "0")


def next_node(spec: Spec) -> Refs:
    return {("next",): ResourceId("Node", text(spec["next"]))}


def node(name: str, leads_to: str) -> Resource:
    spec: Spec = {"next": leads_to}
    return Resource(ResourceId("Node", name), spec, next_node(spec))


def test_a_loop_is_reported_with_its_way() -> None:
    [problem] = problems(node("a", "b"), node("b", "c"), node("c", "a"))
    assert problem.startswith("error[ref.cycle] Node/")
    assert "refers to itself: Node/" in problem
    assert problem.count(" -> ") == 3


def test_two_documents_of_one_name_are_refused() -> None:
    first, *_ = stack("vision")
    [problem] = problems(first, replace(first, origin=None))
    assert problem.splitlines() == [
        "error[id.repeated] Model/vision: is written twice, first at fleet/models/vision.yaml:1",
        "  hint: remove or rename one of the two",
    ]
