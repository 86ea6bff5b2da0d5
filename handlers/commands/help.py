"""The help, as plain text for every chat."""

from collections.abc import Collection

from handlers.commands.verbs import FORMS, Form, Verb


def help_text(topic: str | None, environments: Collection[str]) -> str:
    """Explain one verb, or list them all where the topic is None or no verb. Lines, without one at the end."""
    if topic is not None and topic in set(Verb):
        return "\n".join(_explain(FORMS[Verb(topic)], environments))
    width = max(len(form.written) for form in FORMS.values())
    lines = [f"{form.written:<{width}}  {form.meaning}" for form in FORMS.values()]
    return "\n".join([*lines, "", _known(environments), 'More about one of them: "help deploy".'])


def example_of(form: Form, environments: Collection[str]) -> str:
    """Return the form's example with an environment that there is."""
    return form.example.replace("ENVIRONMENT", next(iter(environments), "ENVIRONMENT"))


def _explain(form: Form, environments: Collection[str]) -> list[str]:
    lines = [form.written, form.meaning, f"For example: {example_of(form, environments)}"]
    if form.several and len(environments) > 1:
        lines.append("Several environments stand with commas between them: " + ", ".join(list(environments)[:2]))
    return [*lines, _known(environments)]


def _known(environments: Collection[str]) -> str:
    return f"Environments: {', '.join(environments) or 'none is configured yet'}."
