"""People, each under the immutable ids by which the sources know them. Pure."""

from collections.abc import Iterator, Mapping
from re import fullmatch
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from handlers.model import Actor, Source

PERSON = r"[a-z][a-z0-9-]{0,38}"
"""The name of a person in the file."""

Person = Mapping[Source, tuple[str, ...]]
"""One person's immutable ids, by source."""

People = Mapping[str, Person]
"""By name."""

_PERSON = TypeAdapter(dict[Source, tuple[Annotated[str, Field(min_length=1, max_length=100)], ...]])


def read_people(given: object, file: str, mistakes: list[str]) -> People:
    """Read `[people.NAME]`: lists of immutable ids by source. An id is one person's alone."""
    if not isinstance(given, dict):
        mistakes.append(f"{file}: people: must be tables, [people.NAME]")
        return {}
    people: dict[str, Person] = {}
    for name, table in given.items():
        try:
            people[name] = _PERSON.validate_python(table)
        except ValidationError:
            mistakes.append(f'{file}: people.{name}: must be lists of ids by source, such as slack = ["U0123ABCD"]')
        if not fullmatch(PERSON, name):
            mistakes.append(f"{file}: people.{name}: the name: lower-case letters, digits and dashes, at most 39")
    mistakes.extend(f"{file}: people.{mistake}" for mistake in _shared_ids(people))
    return people


def who_is(actor: Actor, people: People) -> str | None:
    """Name the person behind an identity, None where the file knows nobody under it."""
    return next((name for name, person in people.items() if actor.id in person.get(actor.source, ())), None)


def ids_at(source: Source, actor: Actor, people: People) -> tuple[str, ...]:
    """Return the ids under which whoever acts is known at a source: their own, or their person's."""
    name = who_is(actor, people)
    if name is not None:
        return people[name].get(source, ())
    return (actor.id,) if actor.source is source else ()


def are_one(one: Actor, other: Actor, people: People) -> bool:
    """Say whether two identities are one person's."""
    if (one.source, one.id) == (other.source, other.id):
        return True
    name = who_is(one, people)
    return name is not None and name == who_is(other, people)


def _shared_ids(people: People) -> Iterator[str]:
    owners: dict[tuple[Source, str], str] = {}
    for name, person in people.items():
        for source, ids in person.items():
            for one in ids:
                owner = owners.setdefault((source, one), name)
                if owner != name:
                    yield f"{name}: the {source} id {one} is {owner}'s already"
