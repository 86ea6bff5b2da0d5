"""The right form that is nearest to what somebody typed, in their own words.

Every form that is offered as it stands has been read by the grammar; one with a gap names it in capitals.
"""

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from itertools import pairwise

from handlers.commands.command import CommandNotUnderstood
from handlers.commands.manner import IN_A_CHAT, Manner
from handlers.commands.parse import CLOCK, COUNT, DOMAIN, NAME, ORDERS, REQUEST, TAG, parse
from handlers.commands.reasons import read_time
from handlers.commands.say import quoted
from handlers.commands.tokens import BLANKS
from handlers.commands.verbs import FORMS, SYNONYMS, Verb
from handlers.environments.rights import Right

LONGEST = 200
"""Characters of a text that is repaired. A longer one was hardly mistyped, and comparing would take long."""

_NEAR = 0.7
"""How much of two words has to be the same (difflib's ratio) for one to be meant by the other."""
_GAP = "\0"
"""Stands before a word in capitals that is ours and not the person's. No text holds it."""
_FILLERS = {"a", "and", "at", "back", "for", "from", "in", "into", "of", "on", "please", "the", "to", "version", "with"}
"""Words that carry no meaning of their own here."""
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_SEPARATORS = re.compile(rf"[{BLANKS},=:{_QUOTES}]+")


def nearest(text: str, environments: Collection[str], manner: Manner = IN_A_CHAT) -> str | None:
    """Say `Did you mean: ...`, or how the form would go on, or where help is. None where nothing is near."""
    if len(text) > LONGEST:
        return None
    verb, rest = _verb([word for word in _SEPARATORS.split(text) if word.isascii() and word])
    if verb is None:
        return f"Write {manner.slash}help to see what I know."
    fill = _plan if verb is Verb.PLAN else _fill
    form = fill(verb, text, rest, environments, manner)
    if _GAP not in form and _is_read(form, environments, manner):
        return f"Did you mean: {manner.slash}{form}"
    written = form.replace(_GAP, "") if _GAP in form else FORMS[verb].written
    known = f"There are: {', '.join(environments)}. " if "ENVIRONMENT" in written and environments else ""
    return f"{known}Write it like this: {manner.slash}{written}"


def _is_read(form: str, environments: Collection[str], manner: Manner) -> bool:
    try:
        parse(form, environments, manner)
    except CommandNotUnderstood:
        return False
    return True


def _verb(words: Sequence[str]) -> tuple[Verb | None, Sequence[str]]:
    """Find the verb that was meant, and the words after it.

    It is the first word where that is near to one, else the first that is one.
    """
    if not words:
        return None, ()
    near = _near_verb(words[0])
    if near is not None:
        return near, words[1:]
    place = next((index for index, word in enumerate(words) if word.lower() in set(Verb)), None)
    return (None, ()) if place is None else (Verb(words[place].lower()), words[place + 1 :])


def _near_verb(word: str) -> Verb | None:
    word = word.lower()
    if word in set(Verb):
        return Verb(word)
    close = get_close_matches(word, list(Verb), n=1, cutoff=_NEAR)
    return SYNONYMS.get(word) or (Verb(close[0]) if close else None)


def _plan(plan: Verb, text: str, rest: Sequence[str], environments: Collection[str], manner: Manner) -> str:
    verb, after = _verb(rest)
    planned = _fill(verb, text, after, environments, manner) if verb in ORDERS else None
    return f"{plan} {planned or _GAP + 'COMMAND'}"


def _fill(verb: Verb, text: str, rest: Sequence[str], environments: Collection[str], manner: Manner) -> str:
    """Write the verb's form with the words that were given, and a gap where one is missing."""
    near = [(word, near_environment(word, environments)) for word in rest if word.lower() not in _FILLERS]
    places = list(dict.fromkeys(place for _, place in near if place)) or _only(environments)
    others = [word for word, place in near if place is None]
    place = (", ".join(places) if FORMS[verb].several else "".join(places[:1])) or f"{_GAP}ENVIRONMENT"
    match verb:
        case Verb.DEPLOY:
            left_out = manner.heads and (not others or rest[0].lower() == "to")
            return f"{verb} to {place}" if left_out else f"{verb} {_version(others)} to {place}"
        case Verb.CONFIG:
            return f"{verb} {place} from {_version(others)}"
        case Verb.WALK:
            return f"{verb} {place} {next((word for word in others if DOMAIN.fullmatch(word)), f'{_GAP}DOMAIN')}"
        case Verb.SCALE:
            return f"{verb} {place} {_counts(others)}"
        case Verb.SET:
            return f"{verb} {place} {_setting(text)}"
        case Verb.CANCEL | Verb.APPROVE:
            return f"{verb} {next((word for word in map(str.lower, others) if REQUEST.fullmatch(word)), f'{_GAP}ID')}"
        case Verb.LOCK:
            _, because, reason = text.partition(" because ")
            return f"{verb} {place} because {reason if because else f'{_GAP}REASON'}"
        case Verb.WHO:
            right = next((word for word in map(str.lower, others) if word in set(Right)), f"{_GAP}RIGHT")
            return f"{verb} may {right} {place}"
        case Verb.KEEP | Verb.SKIP | Verb.SLEEP:
            return {
                Verb.KEEP: f"{verb} {place} up {_end(rest)}",
                Verb.SKIP: f"{verb} tonight {place}",
                Verb.SLEEP: f"{verb} {place} now",
            }[verb]
        case Verb.HELP:
            topic = _near_verb(rest[0]) if rest else None
            return f"{verb} {topic}" if topic else str(verb)
        case Verb.STATUS if not near:
            return str(verb)
        case _:
            return f"{verb} {place}"


def _end(words: Sequence[str]) -> str:
    """Choose the word that is a time; the colon in it has separated two."""
    lower = [word.lower() for word in words]
    lasts = next((word for word in lower if read_time(word) is not None), None)
    if lasts is not None:
        return f"for {lasts}"
    clock = next((f"{hour:0>2}:{minute}" for hour, minute in pairwise(lower) if _is_clock(hour, minute)), None)
    tomorrow = "tomorrow " if "tomorrow" in lower else ""
    return f"until {tomorrow}{clock or f'{_GAP}TIME'}"


def _is_clock(hour: str, minute: str) -> bool:
    return CLOCK.fullmatch(f"{hour:0>2}:{minute}") is not None


def _only(environments: Collection[str]) -> list[str]:
    """Return the environment if there is just one: then it is the one that was meant."""
    return list(environments) if len(environments) == 1 else []


def near_environment(word: str, environments: Collection[str]) -> str | None:
    """Return the environment that was meant by a word, None where none is near."""
    word = word.lower()
    if word in environments:
        return word
    beginning = [name for name in environments if len(word) >= 3 and name.startswith(word)]
    if len(beginning) == 1:
        return beginning[0]
    close = get_close_matches(word, list(environments), n=1, cutoff=_NEAR)
    return close[0] if close else None


def _version(words: Sequence[str]) -> str:
    """Choose the word that is a version: the first one with a digit, else the only one."""
    tags = [word for word in words if TAG.fullmatch(word)]
    with_digit = next((tag for tag in tags if any(c.isdigit() for c in tag)), None)
    return with_digit or (tags[0] if len(tags) == 1 else f"{_GAP}VERSION")


def _counts(words: Sequence[str]) -> str:
    """Pair every number with the word before it."""
    pairs = [
        f"{role}={count}"
        for role, count in pairwise(words)
        if COUNT.fullmatch(count) and NAME.fullmatch(role) and not COUNT.fullmatch(role)
    ]
    role = words[0] if words and NAME.fullmatch(words[0]) else f"{_GAP}ROLE"
    return " ".join(pairs) or f"{role}={_GAP}COUNT"


def _setting(text: str) -> str:
    """Take everything after the only equals sign as the value."""
    before, equals, value = text.partition("=")
    words = before.split()
    if not equals or not words or not NAME.fullmatch(words[-1]):
        return f"{_GAP}NAME={_GAP}VALUE"
    value = value.strip(BLANKS + _QUOTES)
    return f"{words[-1]}={quoted(value) if value and '=' not in value else f'{_GAP}VALUE'}"
