"""Codes of outcomes that are ours and that more than one place goes by. Azure's are in its own words."""

CANCELLED = "Cancelled"
"""A person stopped it."""

SUPERSEDED = "Superseded"
"""A newer request, or what somebody did meanwhile, made it pointless before it began."""

LOCKED = "Locked"
"""Somebody else's lock refused it before Azure was asked."""

FROZEN = "Frozen"
"""A freeze refused it before Azure was asked."""
