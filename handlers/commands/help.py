"""The help, as plain text for every place."""

from collections.abc import Collection, Iterator

from handlers.commands.manner import IN_A_CHAT, Manner
from handlers.commands.verbs import DEPLOY_A_HEAD, FORMS, Form, Verb


def help_text(topic: str | None, environments: Collection[str], manner: Manner = IN_A_CHAT) -> str:
    """Explain one verb, or list them all where the topic is None or no verb. Lines, without one at the end."""
    if topic is not None and topic in set(Verb):
        lines = [line for form in _forms_of(Verb(topic), manner) for line in _explain(form, environments, manner)]
        return "\n".join([*lines, _known(environments)])
    forms = [form for verb in FORMS for form in _forms_of(verb, manner)]
    width = max(len(form.written) for form in forms)
    lines = [f"{manner.slash}{form.written:<{width}}  {form.meaning}" for form in forms]
    return "\n".join([*lines, "", _known(environments), f'More about one of them: "{manner.slash}help deploy".'])


def example_of(form: Form, environments: Collection[str]) -> str:
    """Return the form's example with an environment that there is."""
    return form.example.replace("ENVIRONMENT", next(iter(environments), "ENVIRONMENT"))


def _forms_of(verb: Verb, manner: Manner) -> Iterator[Form]:
    """Yield how a verb is written in a place."""
    yield FORMS[verb]
    if verb is Verb.DEPLOY and manner.heads:
        yield DEPLOY_A_HEAD


def _explain(form: Form, environments: Collection[str], manner: Manner) -> Iterator[str]:
    yield f"{manner.slash}{form.written}"
    yield form.meaning
    yield f"For example: {manner.slash}{example_of(form, environments)}"
    if form.several and len(environments) > 1:
        yield "Several environments stand with commas between them: " + ", ".join(list(environments)[:2])


def _known(environments: Collection[str]) -> str:
    return f"Environments: {', '.join(environments) or 'none'}."
