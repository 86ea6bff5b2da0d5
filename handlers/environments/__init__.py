"""The named places to deploy to: what `environments.toml` says of each, of rights and of people. Pure."""

from handlers.environments.environment import Environment, Environments, OnUnready, Strategy
from handlers.environments.file import RULES, read_environments

__all__ = ["RULES", "Environment", "Environments", "OnUnready", "Strategy", "read_environments"]
