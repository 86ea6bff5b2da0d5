"""Nights that somebody holds up: they begin when the override ends, or not at all. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.nights.state import Override
from handlers.nights.transitions import Night


def held_up(nights: Sequence[Night], overrides: Sequence[Override]) -> list[Night]:
    """Return the nights as they are with overrides: the part of a night that one covers is spent up.

    A night that is put off as far as its morning has no length: its morning overtakes its evening.
    """
    return [_held(night, sorted(overrides, key=lambda one: one.since)) for night in nights]


def _held(night: Night, overrides: Sequence[Override]) -> Night:
    for one in overrides:
        if one.since < night.morning and night.evening < one.until:
            night = replace(night, evening=min(one.until, night.morning), held_by=one.id)
    return night
