"""The name of an environment, as somebody has typed it."""

from handlers.commands import near_environment
from handlers.environments import Environments
from handlers.errors import SettingsWrong

NO_ENVIRONMENTS = "none; copy environments.sample.toml to environments.toml"
"""What whoever has no file yet is told, whichever command they try."""


def environment_named(typed: str, environments: Environments) -> str:
    """Return the name as the file has it: capitals do not matter, as in chats.

    Raises SettingsWrong with the nearest name and all that there are.
    """
    name = typed.strip().lower()
    if name in environments:
        return name
    near = near_environment(name, environments)
    meant = f"did you mean {near}? There are" if near else "there are"
    raise SettingsWrong(f"there is no environment {typed!r}; {meant}: {', '.join(environments) or 'none'}")
