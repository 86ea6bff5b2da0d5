"""The help."""

import pytest

from handlers.commands import Verb, help_text, read
from handlers.commands.help import example_of
from handlers.commands.verbs import FORMS, SYNONYMS

ENVIRONMENTS = ["production", "staging"]


def test_every_verb_is_listed() -> None:
    """Each with its form, and the meanings stand under each other."""
    lines = help_text(None, ENVIRONMENTS).splitlines()[: len(Verb)]
    assert [line.split()[0] for line in lines] == list(Verb)
    width = max(len(form.written) for form in FORMS.values()) + 2
    assert [line[width:] for line in lines] == [form.meaning for form in FORMS.values()]


def test_the_environments_are_listed() -> None:
    """They are what is asked about most."""
    assert "Environments: production, staging." in help_text(None, ENVIRONMENTS)


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_is_explained(verb: Verb) -> None:
    """Its form, its meaning, and an example that is read."""
    text = help_text(verb, ENVIRONMENTS)
    assert text.startswith(f"{FORMS[verb].written}\n{FORMS[verb].meaning}\n")
    assert example_of(FORMS[verb], ENVIRONMENTS) in text
    read(example_of(FORMS[verb], ENVIRONMENTS), ENVIRONMENTS)


def test_several_environments_are_mentioned_where_they_may_be_named() -> None:
    """And nowhere else."""
    with_several = {verb for verb in Verb if "Several" in help_text(verb, ENVIRONMENTS)}
    assert with_several == {Verb.DEPLOY, Verb.ROLLBACK, Verb.SUSPEND, Verb.RESUME}


def test_suspend_says_what_it_does_not_save() -> None:
    """A suspended deployment is charged all the same."""
    assert "charges" in help_text("suspend", ENVIRONMENTS)


def test_without_environments_it_says_so() -> None:
    """Instead of an empty list."""
    assert "Environments: none." in help_text(None, [])


def test_it_is_plain_ascii() -> None:
    """Every chat shows it."""
    assert all(help_text(topic, ENVIRONMENTS).isascii() for topic in [None, *Verb])


def test_no_synonym_is_a_verb() -> None:
    """A synonym is answered with the verb, never read as one."""
    assert not set(SYNONYMS) & set(Verb)
