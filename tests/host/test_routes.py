"""Route templates: what they match, and which wins."""

import pytest

from local.host.routes import RouteError, parse_route


@pytest.mark.parametrize(
    ("route", "path", "parameters"),
    [
        pytest.param("ping", "ping", {}, id="literal"),
        pytest.param("ping", "PING/", {}, id="letters in any case, a slash at the end"),
        pytest.param("ping", "pong", None, id="another literal"),
        pytest.param("ping", "ping/x", None, id="longer path"),
        pytest.param("", "", {}, id="empty route"),
        pytest.param("hooks/{source}", "hooks/github", {"source": "github"}, id="parameter"),
        pytest.param("hooks/{source}", "hooks/", None, id="parameter is required"),
        pytest.param("hooks/{source}", "hooks/a/b", None, id="parameter does not span slashes"),
        pytest.param("hooks/{source}", "hooks/a%20b", {"source": "a b"}, id="percent-encoding is decoded"),
        pytest.param("hooks/{source}", "hooks/a%2Fb", {"source": "a%2Fb"}, id="an encoded slash stays encoded"),
        pytest.param("items/{id:int}", "items/42", {"id": "42"}, id="int"),
        pytest.param("items/{id:int}", "items/x", None, id="no int"),
        pytest.param("items/{id:guid}", "items/x", None, id="no guid"),
        pytest.param("files/{*rest}", "files/a/b.txt", {"rest": "a/b.txt"}, id="rest"),
        pytest.param("files/{*rest}", "files", {}, id="rest may be empty"),
        pytest.param("list/{page?}", "list", {}, id="optional, left out"),
        pytest.param("list/{page?}", "list/2", {"page": "2"}, id="optional, given"),
        pytest.param("{*rest}", "", {}, id="rest alone, empty"),
        pytest.param("{page?}", "7", {"page": "7"}, id="optional alone"),
        pytest.param("v{major}.{minor}", "v1.2", {"major": "1", "minor": "2"}, id="two in a segment"),
        pytest.param("a.b", "axb", None, id="a dot is a dot"),
        pytest.param("a+b", "a+b", {}, id="a plus is a plus"),
    ],
)
def test_a_route_matches_a_path(route: str, path: str, parameters: dict[str, str] | None) -> None:
    """Each form of a template."""
    assert parse_route(route).match(path) == parameters


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("items/all", "items/{id}", id="literal before parameter"),
        pytest.param("items/{id:int}", "items/{id}", id="constraint before plain"),
        pytest.param("items/{id}", "items/{*rest}", id="parameter before rest"),
        pytest.param("items/{id}", "{kind}/all", id="the earlier segment decides"),
    ],
)
def test_the_more_exact_route_is_tried_first(first: str, second: str) -> None:
    """Whatever the order in function_app.py."""
    assert parse_route(first).weight < parse_route(second).weight


@pytest.mark.parametrize(
    ("route", "why"),
    [
        pytest.param("a/{b", "cannot be read", id="not closed"),
        pytest.param("a/{b}}", "cannot be read", id="closed twice"),
        pytest.param("a/{b=1}", "cannot be read", id="default value"),
        pytest.param("a/{b:regex}", "constraint that the local host does not know", id="unknown constraint"),
        pytest.param("{*a}/b", "must stand alone at the end", id="rest in the middle"),
        pytest.param("{a?}/b", "must stand alone at the end", id="optional in the middle"),
        pytest.param("{a}/{A}", "one parameter twice", id="one name twice"),
    ],
)
def test_what_is_no_route_says_why(route: str, why: str) -> None:
    """What cannot be compiled."""
    with pytest.raises(RouteError, match=why):
        parse_route(route)
