import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.edge import plain
from reconciler.model import Spec, mapping
from reconciler.source.documents import Document, parse
from reconciler.source.export import Commented, as_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(TEXTS, inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.lists(st.tuples(st.dictionaries(TEXTS, DATA, max_size=4), TEXTS), min_size=1, max_size=3))
def test_documents_are_read_back_as_they_were(written: list[tuple[dict[str, object], str]]) -> None:
    documents = [mapping(plain(document)) for document, _ in written]
    comments = [(comment,) for _, comment in written]
    stream = as_yaml(map(Commented, documents, comments))
    assert [plain(loaded) for loaded in yaml.safe_load_all(stream)] == documents
    found = list(parse("a.yaml", stream.encode()))
    assert [document.data for document in found if isinstance(document, Document)] == documents
    assert len(found) == len(documents)


ODD = ["Y", "no", "1e3", "0o17", "1_000", "010", "1.10", "12:30", "~", "", "a\x85b", "\u2028"]


@pytest.mark.parametrize("text", ODD)
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    stream = as_yaml([Commented({"a": text, text: "a"})])
    (document,) = parse("a.yaml", stream.encode())
    assert isinstance(document, Document)
    assert document.data == {"a": text, text: "a"}


def test_a_document_looks_as_a_person_would_write_it() -> None:
    document: Spec = {
        "kind": "Deployment",
        "spec": {"version": "1.0", "list": ({"a": 1, "b": True},), "empty": {}, "query": "a\nb\n"},
    }
    assert as_yaml([Commented(document, ("first", "", "third"))]) == (
        "# first\n"
        "#\n"
        "# third\n"
        "kind: Deployment\n"
        "spec:\n"
        "  version: '1.0'\n"
        "  list:\n"
        "    - a: 1\n"
        "      b: true\n"
        "  empty: {}\n"
        "  query: |\n"
        "    a\n"
        "    b\n"
    )


def test_equal_parts_are_written_out_twice() -> None:
    part = {"a": 1}
    assert "&" not in as_yaml([Commented({"x": part, "y": part})])


def test_a_comment_cannot_become_data() -> None:
    stream = as_yaml([Commented({"a": 1}, ("x\nb: 2",))])
    assert yaml.safe_load(stream) == {"a": 1}
