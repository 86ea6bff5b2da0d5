"""Nights that begin when somebody says: when an override ends, now, or not at all. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.nights.state import Override
from handlers.nights.transitions import Night


def held_up(nights: Sequence[Night], overrides: Sequence[Override]) -> list[Night]:
    """Return the nights as they are with overrides: the part of a night that one covers is spent up.

    A night that is put off as far as its morning has no length: its morning overtakes its evening. Of two that speak
    of the same time the later one holds.
    """
    return [_held(night, sorted(overrides, key=lambda one: one.since)) for night in nights]


def _held(night: Night, overrides: Sequence[Override]) -> Night:
    for one in overrides:
        if one.sleeps is not None:
            if one.sleeps == night.name and one.since < night.morning:
                night = replace(night, evening=one.since, held_by=one.id)
        elif one.since < night.morning and night.evening < one.until:
            night = replace(night, evening=min(one.until, night.morning), held_by=one.id)
    return night
