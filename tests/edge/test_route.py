import pytest

from reconciler.edge.route import RouteError, parse


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("FROM /messages/* INTO $upstream", ()),
        ("from /messages/modules/a/outputs/* into $UPSTREAM", ("a",)),
        ('FROM /* WHERE body.t > 2 INTO BrokeredEndpoint("/modules/b/inputs/in")', ("b",)),
        ("FROM /messages/modules/a/* INTO BrokeredEndpoint('/modules/b/inputs/x')", ("a", "b")),
        ("FROM /messages/modules/*/outputs/o INTO $upstream", ()),
    ],
)
def test_a_route_names_its_modules(text: str, modules: tuple[str, ...]) -> None:
    assert parse(text).modules == modules


def test_a_condition_is_kept_as_it_is() -> None:
    assert parse("FROM /* WHERE $body.a = 'INTO' INTO $upstream").condition == "$body.a = 'INTO'"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("TO $upstream", "FROM"),
        ("FROM device messages INTO $upstream", "path"),
        ("FROM /messages/* INTO upstream", "$upstream"),
        ('FROM /* INTO BrokeredEndpoint("/modules/a/in");', "semicolon"),
        ('FROM /* INTO BrokeredEndpoint("/modules/a/in")', "inputs"),
    ],
)
def test_what_edge_hub_cannot_read_is_refused(text: str, word: str) -> None:
    with pytest.raises(RouteError) as caught:
        parse(text)
    assert word in f"{caught.value} {caught.value.hint}"


def test_an_odd_source_is_known_as_such() -> None:
    assert not parse("FROM /message/* INTO $upstream").known
