"""The grammar, strictly: what is not exactly one command is refused."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import time, timedelta

from handlers.commands.command import (
    Approve,
    Cancel,
    Command,
    CommandGoal,
    CommandNotUnderstood,
    Help,
    History,
    KeepUp,
    Lock,
    Order,
    Plan,
    SkipTonight,
    SleepNow,
    Status,
    Unlock,
    Until,
    WhoMay,
    Wish,
)
from handlers.commands.manner import IN_A_CHAT, Manner
from handlers.commands.reasons import BREAK_GLASS, read_time, split_reason, split_time
from handlers.commands.tokens import Kind, Token, named, require_readable, shown, tokens
from handlers.commands.verbs import FORMS, Verb
from handlers.environments.rights import Right
from handlers.model import Configure, Rollback, RunHead, RunVersion, SetStatus, SwapSlots, UseConfiguration, Walk

TAG = re.compile(r"(?!.*(?:\.\.|//|@\{))[A-Za-z0-9@_][A-Za-z0-9._+@#/-]{0,253}(?<![./])")
"""A tag in plain letters. Git allows more; what is left out would need quoting somewhere on its way."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}")
"""A role's or a setting's name."""
COUNT = re.compile(r"0|[1-9][0-9]{0,3}")
"""Instances of a role. Four digits are our choice; Azure's limit is the subscription's."""
DOMAIN = re.compile(r"0|1?[1-9]|10")
"""An upgrade domain: a deployment has 20 at most, counted from 0."""
REQUEST = re.compile(r"d[a-z2-7]{5,20}")
"""A request's id, or the beginning of one: 25 bits are hardly ever two of the same day's requests."""
MARK = re.compile(r"[0-9a-f]{32}")
"""What a button says that its presser has seen."""
CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
"""A time of day."""

_ODD_QUOTES = "\u2018\u2019\u201c\u201d\u00ab\u00bb'`"
"""Quotes that are not the ones which hold a value. Keyboards put them there."""


def parse(text: str, environments: Collection[str], manner: Manner = IN_A_CHAT) -> Command:
    """Read a command. Raises CommandNotUnderstood, its sentence without the nearest right form."""
    require_readable(text)
    head, reason = split_reason(text)
    words = _Words(tokens(head), environments, manner)
    words.refuse_lookalikes()
    if words.ended:
        return Help(None)
    verb = words.verb("command")
    command: Command
    match verb:
        case Verb.STATUS:
            command = Status(None if words.ended else words.environment(verb))
        case Verb.HISTORY:
            command = History(words.environment(verb))
        case Verb.CANCEL | Verb.APPROVE:
            command = _ABOUT_REQUESTS[verb](words)
        case Verb.LOCK:
            return words.lock(reason)
        case Verb.UNLOCK:
            command = Unlock(words.environment(verb))
        case Verb.WHO:
            command = words.who_may()
        case Verb.KEEP | Verb.SKIP | Verb.SLEEP:
            command = words.wish(verb, reason)
        case Verb.HELP:
            command = Help(None if words.ended else words.verb("command").value)
        case Verb.PLAN:
            command = Plan(words.order(words.verb("command to plan")))
        case _:
            command = words.order(verb)
            if reason is not None:
                command = replace(command, break_glass=reason)
    words.end()
    _refuse_needless_reason(command, reason)
    return command


def _refuse_needless_reason(command: Command, reason: str | None) -> None:
    if reason is not None and not isinstance(command, Order | Wish):
        raise CommandNotUnderstood(f'"{BREAK_GLASS}" goes after a command that changes something.')


class _Words:
    """The tokens that are not read yet."""

    def __init__(self, given: tuple[Token, ...], environments: Collection[str], manner: Manner) -> None:
        self._given = given
        self._manner = manner
        self._next = 0
        self._environments = environments

    @property
    def ended(self) -> bool:
        return self._next == len(self._given)

    def refuse_lookalikes(self) -> None:
        """Look at all names before any of them is read, so that a form with one of them is never offered."""
        for token in self._given[: self._first_equals]:
            self._require_ascii(token)

    def order(self, verb: Verb) -> Order:
        """Read what comes after the verb of an order."""
        if verb is Verb.DEPLOY and self._leaves_the_version_out:
            self._keyword("to", str(verb))
            return Order(self._several(verb), RunHead())
        if verb is Verb.DEPLOY:
            tag = self._tag(verb)
            self._keyword("to", f'"{verb} {tag}"')
            return Order(self._several(verb), RunVersion(tag=tag))
        if verb not in _GOALS:
            raise CommandNotUnderstood(f"{shown(verb)} changes nothing, so there is nothing to plan.")
        places = self._several(verb) if FORMS[verb].several else (self.environment(verb),)
        return Order(places, _GOALS[verb](self))

    def lock(self, reason: str | None) -> Lock:
        place = self.environment(Verb.LOCK)
        self.end()
        if reason is None:
            raise CommandNotUnderstood('A lock needs a reason: "because" is missing.')
        reason, lasts = split_time(reason)
        return Lock(place, reason, lasts)

    def who_may(self) -> WhoMay:
        self._keyword("may", "who")
        word = self._word("right").lower()
        if word not in set(Right):
            raise CommandNotUnderstood(f"{shown(self._last.text)} is not a right. The rights are: {', '.join(Right)}.")
        return WhoMay(Right(word), self.environment(Verb.WHO))

    def wish(self, verb: Verb, reason: str | None) -> Wish:
        if verb is Verb.SKIP:
            self._keyword("tonight", "skip")
            return SkipTonight(self.environment(verb), reason)
        place = self.environment(verb)
        if verb is Verb.SLEEP:
            self._keyword("now", "the environment")
            return SleepNow(place, reason)
        self._keyword("up", "the environment")
        return KeepUp(place, self._end(), reason)

    def _end(self) -> Until | timedelta:
        """Read `until 22:00`, `until tomorrow 09:00` or `for 3h`."""
        word = self._word("time until which it is kept up").lower()
        if word == "for":
            lasts = read_time(self._word("time").lower())
            if lasts is None:
                raise CommandNotUnderstood(f"{shown(self._last.text)} is not a time such as 90m, 3h or 2d.")
            return lasts
        if word != "until":
            raise CommandNotUnderstood(f'"until" or "for" is missing before {shown(self._last.text)}.')
        word = self._word("time").lower()
        tomorrow = word == "tomorrow"
        word = self._word("time").lower() if tomorrow else word
        if not CLOCK.fullmatch(word):
            raise CommandNotUnderstood(f"{shown(self._last.text)} is not a time of day such as 22:00.")
        return Until(time.fromisoformat(word), tomorrow)

    def verb(self, what: str) -> Verb:
        word = self._word(what).lower()
        if word not in set(Verb):
            raise CommandNotUnderstood(f"I do not know {shown(self._last.text)}.")
        return Verb(word)

    def environment(self, verb: Verb) -> str:
        word = self._word(f"environment to {verb}" if verb in _GOALS else "environment").lower()
        if word not in self._environments:
            raise CommandNotUnderstood(f"I do not know the environment {shown(self._last.text)}.")
        return word

    def request(self) -> str:
        word = self._word("request's id").lower()
        if not REQUEST.fullmatch(word):
            raise CommandNotUnderstood(
                f"{shown(self._last.text)} is not a request's id: those begin with d, and 6 characters are enough."
            )
        return word

    def seen(self) -> str | None:
        """Read `if` and a mark, where a button stands behind the command."""
        if self.ended:
            return None
        self._keyword("if", "the request's id")
        word = self._word("mark").lower()
        if not MARK.fullmatch(word):
            raise CommandNotUnderstood(f"{shown(self._last.text)} is not the mark of a plan. Leave out the if.")
        return word

    def end(self) -> None:
        if not self.ended:
            token = self._given[self._next]
            self._require_ascii(token)
            if token.kind is Kind.COMMA:
                raise CommandNotUnderstood("There is a comma where none belongs.")
            raise CommandNotUnderstood(f"I do not understand {shown(_as_typed(token))} at the end.")

    def from_version(self) -> UseConfiguration:
        self._keyword("from", "the environment")
        return UseConfiguration(tag=self._tag(Verb.CONFIG))

    def domain(self) -> Walk:
        word = self._word("upgrade domain")
        if not DOMAIN.fullmatch(word):
            raise CommandNotUnderstood(f"{shown(word)} is not an upgrade domain: those are 0 to 19.")
        return Walk(domain=int(word))

    def counts(self) -> Configure:
        pairs = self._pairs("role", "count")
        for role, token in pairs.items():
            self._require_ascii(token)
            if not COUNT.fullmatch(token.text):
                raise CommandNotUnderstood(f"{role} needs a whole number, not {shown(_as_typed(token))}.")
        return Configure(instances={role: int(token.text) for role, token in pairs.items()})

    def values(self) -> Configure:
        pairs = self._pairs("setting", "value")
        return Configure(settings={name: token.text for name, token in pairs.items()})

    @property
    def _first_equals(self) -> int:
        kinds = [token.kind for token in self._given]
        return kinds.index(Kind.EQUALS) if Kind.EQUALS in kinds else len(kinds)

    @property
    def _last(self) -> Token:
        return self._given[self._next - 1]

    @property
    def _leaves_the_version_out(self) -> bool:
        """Whether "to" comes at once, and is not a tag of this name before another "to"."""
        first, second = [*(token.text.lower() for token in self._given[self._next : self._next + 2]), "", ""][:2]
        return self._manner.heads and first == "to" and second != "to"

    def _several(self, verb: Verb) -> tuple[str, ...]:
        found = [self.environment(verb)]
        while not self.ended and self._given[self._next].kind is Kind.COMMA:
            self._next += 1
            found.append(self.environment(verb))
        return tuple(dict.fromkeys(found))

    def _tag(self, verb: Verb) -> str:
        word = self._word(f"version to {verb}" if verb is Verb.DEPLOY else "version")
        if not TAG.fullmatch(word):
            raise CommandNotUnderstood(f"{shown(word)} is not a tag.")
        return word

    def _keyword(self, word: str, after: str) -> None:
        token = self._given[self._next] if not self.ended else None
        if token is not None:
            self._require_ascii(token)
        if token is None or token.kind is not Kind.WORD or token.text.lower() != word:
            raise CommandNotUnderstood(f"{shown(word)} is missing after {after}.")
        self._next += 1

    def _pairs(self, what: str, value: str) -> Mapping[str, Token]:
        """Read `NAME=VALUE`, at least once; no name twice, whatever its case."""
        found: dict[str, Token] = {}
        while not self.ended or not found:
            name = self._word(f"{what} and its {value}")
            if not NAME.fullmatch(name):
                raise CommandNotUnderstood(f"{shown(name)} cannot be the name of a {what}.")
            if name.lower() in map(str.lower, found):
                raise CommandNotUnderstood(f"{shown(name)} is there twice.")
            if self.ended or self._given[self._next].kind is not Kind.EQUALS:
                raise CommandNotUnderstood(f'"=" is missing after {name}.')
            self._next += 1
            if self.ended or self._given[self._next].kind in {Kind.COMMA, Kind.EQUALS}:
                raise CommandNotUnderstood(f'{name} needs a {value} after "=".')
            found[name] = self._given[self._next]
            self._next += 1
            self._refuse_odd_quotes(name, found[name])
            if not self.ended and self._given[self._next].kind in {Kind.COMMA, Kind.EQUALS}:
                raise CommandNotUnderstood(
                    f"The {value} of {name} is followed by {shown(self._given[self._next].text)}, not by a blank. "
                    "Put a value that contains it in quotes."
                )
        return found

    def _word(self, what: str) -> str:
        """Take one word in plain letters. `what` it would be is said where there is none."""
        if self.ended:
            raise CommandNotUnderstood(f"The {what} is missing.")
        token = self._given[self._next]
        self._require_ascii(token)
        if token.kind is Kind.QUOTED:
            raise CommandNotUnderstood(f"Only values go in quotes; {shown(token.text)} is not one.")
        if token.kind is not Kind.WORD:
            raise CommandNotUnderstood(f"The {what} is missing before {shown(token.text)}.")
        self._next += 1
        return token.text

    @staticmethod
    def _refuse_odd_quotes(name: str, token: Token) -> None:
        if token.kind is Kind.WORD and token.text[0] in _ODD_QUOTES:
            raise CommandNotUnderstood(
                f"The value of {name} begins with {named(token.text[0])}. Put a value in straight quotes."
            )

    def _require_ascii(self, token: Token) -> None:
        odd = next((c for c in token.text if not c.isascii()), None)
        if odd is None:
            return
        sentence = f"Verbs and names are written in plain ASCII letters, and {shown(token.text)} holds {named(odd)}."
        if self._next > self._first_equals:
            sentence += " Put a value with a blank in quotes."
        raise CommandNotUnderstood(sentence, repairable=False)


_GOALS: Mapping[Verb, Callable[[_Words], CommandGoal]] = {
    Verb.ROLLBACK: lambda _: Rollback(),
    Verb.SUSPEND: lambda _: SetStatus(status="Suspended"),
    Verb.RESUME: lambda _: SetStatus(status="Running"),
    Verb.SCALE: _Words.counts,
    Verb.SET: _Words.values,
    Verb.CONFIG: _Words.from_version,
    Verb.SWAP: lambda _: SwapSlots(),
    Verb.WALK: _Words.domain,
}
"""What is read after the environment, by verb. `deploy` alone begins with something else."""

ORDERS = frozenset({Verb.DEPLOY, *_GOALS})
"""The verbs that change something in Azure, and so can be planned."""


_ABOUT_REQUESTS: Mapping[Verb, Callable[[_Words], Command]] = {
    Verb.CANCEL: lambda words: Cancel(words.request()),
    Verb.APPROVE: lambda words: Approve(words.request(), words.seen()),
}
"""What is said about a request, by verb."""


def _as_typed(token: Token) -> str:
    return f'"{token.text}"' if token.kind is Kind.QUOTED else token.text
