"""The words people type in a chat -> a command, and back. One grammar for all chats. Pure.

Forgiving about case and blanks, strict about meaning: a text is read in one way or refused, and nothing is guessed. A
refusal shows the nearest right form instead, and whoever wrote it types that if it is what was meant.

`command` is what can be said, `verbs` how it is written, `tokens` takes a text apart, `parse` reads it strictly,
`reasons` what follows `because`, `manner` says what is different in a comment,
`nearest` finds the right form that is nearest, `say` writes a command, `help` explains.
"""

from collections.abc import Collection

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
    environments_in,
)
from handlers.commands.help import help_text
from handlers.commands.manner import IN_A_CHAT, IN_A_COMMENT, Manner, manner_at
from handlers.commands.nearest import near_environment, nearest
from handlers.commands.parse import parse
from handlers.commands.say import say, say_openly
from handlers.commands.tokens import MAX_LENGTH
from handlers.commands.verbs import Verb

__all__ = [
    "IN_A_CHAT",
    "IN_A_COMMENT",
    "MAX_LENGTH",
    "Approve",
    "Cancel",
    "Command",
    "CommandGoal",
    "CommandNotUnderstood",
    "Help",
    "History",
    "KeepUp",
    "Lock",
    "Manner",
    "Order",
    "Plan",
    "SkipTonight",
    "SleepNow",
    "Status",
    "Unlock",
    "Until",
    "Verb",
    "WhoMay",
    "Wish",
    "begins_with_a_verb",
    "environments_in",
    "help_text",
    "manner_at",
    "near_environment",
    "read",
    "say",
    "say_openly",
]


def begins_with_a_verb(text: str) -> bool:
    """Say whether a text is meant for us at all, right or wrong: its first word is a verb, in any case."""
    words = text.split(maxsplit=1)
    return bool(words) and not text[0].isspace() and words[0].lower() in set(Verb)


def read(text: str, environments: Collection[str], manner: Manner = IN_A_CHAT) -> Command:
    """Read what somebody typed, without the name of the slash command or the bot.

    `environments` are the names that are configured. Raises CommandNotUnderstood and nothing else; its sentence says
    what is wrong in the words that were used, and the nearest right form where there is one.
    """
    try:
        return parse(text, environments, manner)
    except CommandNotUnderstood as mistake:
        form = nearest(text, environments, manner) if mistake.repairable else None
        raise CommandNotUnderstood(f"{mistake.sentence} {form}" if form else mistake.sentence) from None
