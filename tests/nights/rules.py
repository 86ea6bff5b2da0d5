"""Rules for tests, read as the file of environments has them."""

from handlers.environments import Environment, read_environments
from handlers.nights.rules import ReadFile, Reading, Rule, read_rules


def environment(night: str, *, slot: str = "staging") -> Environment:
    """Return an environment whose file says this about its nights, in TOML."""
    text = f"""
[environments.staging]
subscription = "00000000-0000-0000-0000-000000000000"
cloud_service = "contoso-web"
slot = "{slot}"
repository = "contoso/web"
{night}
"""
    return read_environments(text, "environments.toml")["staging"]


def no_file(path: str) -> str:
    """Be a folder without any file."""
    raise FileNotFoundError(path)


def reading(night: str, *, slot: str = "staging", read_file: ReadFile = no_file) -> Reading:
    """Read the rules of such an environment."""
    return read_rules(environment(night, slot=slot), read_file)


def rule(
    suspend: str = "19:00", resume: str = "07:00", days: str = "mon-fri", zone: str = "Europe/Berlin", more: str = ""
) -> Rule:
    """Return one rule without mistakes."""
    table = f'suspend = "{suspend}", resume = "{resume}", days = "{days}", zone = "{zone}"{more}'
    found = reading(f"night = {{ {table} }}")
    assert found.mistakes == ()
    return found.rules[0]
