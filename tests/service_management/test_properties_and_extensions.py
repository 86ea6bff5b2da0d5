"""Extended properties and extensions in request bodies: how they are written, and their limits."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from handlers.service_management import (
    ExtensionConfiguration,
    ExtensionState,
    wire,
)
from handlers.service_management.messages import Element
from tests.service_management.making import (
    EXTENSIONS,
    NIL,
    NS,
    change,
    create,
    names,
    service,
    text,
    upgrade,
    written,
)


def test_extended_properties_are_pairs_in_the_order_given() -> None:
    """Name, then value."""
    root = written(create(extended_properties={"request": "r1", "commit": "abc & <def>"}))
    pairs = root.findall(f"{NS}ExtendedProperties/{NS}ExtendedProperty")
    assert [[(child.tag.removeprefix(NS), child.text) for child in pair] for pair in pairs] == [
        [("Name", "request"), ("Value", "r1")],
        [("Name", "commit"), ("Value", "abc & <def>")],
    ]


@pytest.mark.parametrize("message", [change, upgrade])
def test_a_property_of_none_is_deleted_with_nil(message: Callable[..., Element]) -> None:
    """The documents say NULL; in this service's XML that is `i:nil`."""
    root = written(message(extended_properties={"commit": None}))
    value = root.find(f"{NS}ExtendedProperties/{NS}ExtendedProperty/{NS}Value")
    assert value is not None
    assert (value.get(NIL), value.text) == ("true", None)
    assert b'i:nil="true"' in wire.written(wire.body(message(extended_properties={"commit": None})))


@pytest.mark.parametrize("message", [create, service])
def test_something_new_has_no_property_to_delete(message: Callable[..., Element]) -> None:
    """Every pair of it must have a name and a value."""
    with pytest.raises(ValidationError, match="no property to delete"):
        message(extended_properties={"commit": None})


@pytest.mark.parametrize(("message", "most"), [(create, 25), (change, 25), (upgrade, 25), (service, 50)])
def test_there_are_at_most_25_properties_and_50_for_a_cloud_service(message: Callable[..., Element], most: int) -> None:
    """One more is refused by name."""
    message(extended_properties={f"p{n}": "v" for n in range(most)})
    with pytest.raises(ValidationError, match=f"at most {most}"):
        message(extended_properties={f"p{n}": "v" for n in range(most + 1)})


@pytest.mark.parametrize("name", ["a", "A", "a" * 64, "a_1"])
def test_a_good_property_name(name: str) -> None:
    """1 to 64 letters, digits, underscores, a letter first."""
    create(extended_properties={name: "v"})


@pytest.mark.parametrize("name", ["", "1a", "_a", "a-b", "a b", "ä", "a" * 65, "a\n"])
def test_a_bad_property_name_is_refused(name: str) -> None:
    """The service would answer 400."""
    with pytest.raises(ValidationError, match="property name has 1 to 64 letters"):
        create(extended_properties={name: "v"})


@pytest.mark.parametrize("value", ["", "v" * 256, "a\x00b", "\uffff"])
def test_a_bad_property_value_is_refused(value: str) -> None:
    """1 to 255 characters that XML can carry."""
    with pytest.raises(ValidationError, match=r"1 to 255 characters|XML cannot carry"):
        create(extended_properties={"a": value})
    create(extended_properties={"a": "v" * 255})


def test_a_property_named_twice_is_refused() -> None:
    """Pairs can do that, a mapping cannot; names that differ in case are two."""
    with pytest.raises(ValidationError, match="twice"):
        create(extended_properties=[("a", "1"), ("a", "2")])
    assert create(extended_properties=[("a", "1"), ("A", "2")]).extended_properties == {"a": "1", "A": "2"}


# ---- extensions


def test_extensions_of_all_roles_and_of_named_roles() -> None:
    """Ids, and a state where there is one."""
    root = written(create(extension_configuration=EXTENSIONS)).find(f"{NS}ExtensionConfiguration")
    assert root is not None
    assert names(root) == ["AllRoles", "NamedRoles"]
    assert [[(c.tag.removeprefix(NS), c.text) for c in e] for e in root[0]] == [
        [("Id", "rdp")],
        [("Id", "diag"), ("State", "Disable")],
    ]
    (role,) = root[1]
    assert names(role) == ["RoleName", "Extensions"]
    assert role.findtext(f"{NS}RoleName") == "Web"
    assert [[(c.tag.removeprefix(NS), c.text) for c in e] for e in role[1]] == [[("Id", "domain")]]


def test_empty_lists_of_extensions_are_sent() -> None:
    """They take every extension away, so they must not look like no change."""
    root = written(change(extension_configuration=ExtensionConfiguration())).find(f"{NS}ExtensionConfiguration")
    assert root is not None
    assert [(child.tag.removeprefix(NS), len(child)) for child in root] == [("AllRoles", 0), ("NamedRoles", 0)]


def test_a_list_of_extensions_can_be_left_out() -> None:
    """Both are optional."""
    only = ExtensionConfiguration(all_roles=("rdp",), named_roles=None)
    root = written(change(extension_configuration=only)).find(f"{NS}ExtensionConfiguration")
    assert root is not None
    assert names(root) == ["AllRoles"]


@pytest.mark.parametrize("state", list(ExtensionState))
def test_the_state_of_an_extension_is_one_of_three(state: ExtensionState) -> None:
    """Enable, Disable, Uninstall."""
    extensions = {"all_roles": [{"id": "rdp", "state": state.lower()}]}
    path = ("ExtensionConfiguration", "AllRoles", "Extension", "State")
    assert text(change(extension_configuration=extensions), *path) == state


@pytest.mark.parametrize(
    "extensions",
    [
        {"all_roles": [{"id": "rdp", "state": "Off"}]},
        {"all_roles": [""]},
        {"all_roles": ["a/b"]},
        {"named_roles": {"Web": []}},
        {"named_roles": {"": ["rdp"]}},
        {"named_roles": [{"role_name": "Web", "extensions": ["a"]}, {"role_name": "Web", "extensions": ["b"]}]},
    ],
    ids=[
        "a state",
        "an empty id",
        "an id with a slash",
        "a role without extensions",
        "a role without name",
        "a role twice",
    ],
)
def test_a_bad_extension_is_refused(extensions: dict[str, Any]) -> None:
    """Id and role name are required, and a role stands once."""
    with pytest.raises(ValidationError, match="extension_configuration"):
        change(extension_configuration=extensions)
