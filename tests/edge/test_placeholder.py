import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge.placeholder import Variables, restored


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("${MODULES.detector.amd64}", "${MODULES_detector_amd64}"),
        ("$CONTAINER_REGISTRY_NAME/x", "${CONTAINER_REGISTRY_NAME}/x"),
        ("{{ username }}", "${username}"),
        ("#{TOKEN}#-#OTHER#", "${TOKEN}-${OTHER}"),
        ("<Build.Number>-linux", "${Build_Number}-linux"),
        ("<Your account name>", "${Your_account_name}"),
        ("__REGISTRY_NAME.azurecr.io", "${REGISTRY_NAME}.azurecr.io"),
        ("$my_address", "${my_address}"),
        ("FROM /messages/* WHERE a < b AND c > d INTO $upstream", None),
        ("$upstream", None),
        ("$upstream:443/agent:1.6", None),
        ("{{iot:identity}}", None),
        ("a ${b", "a $${b"),
    ],
)
def test_placeholders_of_every_dialect_become_variables(text: str, replaced: str | None) -> None:
    assert Variables().text(text) == (text if replaced is None else replaced)


def test_different_placeholders_never_share_a_variable() -> None:
    variables = Variables()
    assert variables.text("<A.B> ${A_B} <A.B>") == "${A_B} ${A_B_2} ${A_B}"
    assert variables.placeholders == {"A_B": "<A.B>", "A_B_2": "${A_B}"}


@given(st.text("${}<>#_ abAB.1", max_size=30))
def test_a_text_comes_back_as_it_was(text: str) -> None:
    variables = Variables()
    assert restored(variables.text(text), variables.placeholders) == text
