"""Comments on a pull request, which anybody may write: what their author may not read is not there for them."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from handlers import commands
from handlers.answering.finding import UnderWay, find_under_way
from handlers.commands import Approve, Cancel, Command, CommandNotUnderstood, Help
from handlers.environments.rights import Right
from handlers.errors import SinkRefused, Unavailable
from handlers.logs import line
from handlers.model import GitHubPlace, Inquiry, RequestsMessage
from handlers.model.durations import in_words
from handlers.policy import Attempt, Effect, Entrance, Reason, Ruling, visible_from
from handlers.policy.strangers import Stranger, keep_waiting, may_be_asked_about, meet
from handlers.policy.who import rule_right
from handlers.ports import Ports, Stored
from handlers.queueing.pacing import GIVE_UP_AFTER
from handlers.vetting.asking import PATIENCE, find_out, readings
from handlers.vetting.refusals import refuse

log = logging.getLogger(__name__)

_SAID_BY_OTHERS = {Reason.NOT_A_MEMBER, Reason.MEMBERSHIP_UNKNOWN}
_NOBODY_SAYS = "Slipway cannot find out at the moment whether you have a right here."


def receive(inquiry: Inquiry, place: GitHubPlace, ports: Ports) -> Ports | str | None:
    """Return the ports with what the comment's author may read, or what is said at once; None: nothing is.

    Raises LedgerConflict, Unavailable.
    """
    there = replace(ports, environments=visible_from(place, ports.environments))
    command = _read(inquiry, there)
    named = _named(command, there)
    stranger = ports.ledger.stranger(place.repository_id, inquiry.actor.id)
    ask = may_be_asked_about(stranger.row if stranger is not None else None, inquiry.id, ports.now())
    try:
        against = _against(named, inquiry, there, ask=ask)
    except Unavailable as silence:
        asked_again = ports.now() + (silence.retry_after or timedelta(0))
        if inquiry.requests and asked_again >= inquiry.asked_at + PATIENCE:
            _say_that_it_waits(stranger, inquiry, place, ports)
        raise
    seen = [name for name, ruling in against.items() if ruling is None]
    if inquiry.said is None and command is not None:
        for name in named:
            if (ruling := against[name]) is not None:
                openly = inquiry.model_copy(update={"text": commands.say_openly(command)})
                refuse(name, ruling, openly, ports, hourly=True)
    if not seen:
        met = _meet(stranger, against, inquiry, place, ports)
        if met.inquiry == inquiry.id:
            return _nothing_here(inquiry, command, against, met)
        log.info(line("inquiry.left_unanswered", id=inquiry.id, actor=inquiry.actor.id, until=met.silent_until))
        return None
    if inquiry.requests and {one.environment for one in inquiry.requests} <= set(seen):
        ports.requests.put(RequestsMessage(requests=inquiry.requests).model_dump_json())
        log.info(line("inquiry.accepted", id=inquiry.id, requests=",".join(one.id for one in inquiry.requests)))
        # What is asked for says itself how it goes. Only what was said about waiting is over.
        return "You have a right here, and what you asked for goes on." if _was_told(stranger, inquiry) else None
    if inquiry.said is not None and (inquiry.about is None or inquiry.about in seen or _reads(inquiry, ports)):
        return inquiry.said
    return replace(ports, environments={name: there.environments[name] for name in seen})


def _say_that_it_waits(there: Stored[Stranger] | None, inquiry: Inquiry, place: GitHubPlace, ports: Ports) -> None:
    """Say to one comment an hour of somebody about whom nobody answers that it waits, and nothing of what it names."""
    met = keep_waiting(there.row if there is not None else None, inquiry.id, ports.now())
    if there is None or met != there.row:
        ports.ledger.remember_stranger(place.repository_id, inquiry.actor.id, there, met)
    if met.inquiry != inquiry.id:
        return
    text = (
        f"{_NOBODY_SAYS} It asks again for {in_words(GIVE_UP_AFTER)}, and what you asked for waits for the answer."
        f" {_silence(met, 'that is known')}"
    )
    try:
        ports.voices[inquiry.actor.source].say(place, text, inquiry.id)
    except SinkRefused as error:
        log.warning(line("inquiry.unanswered", id=inquiry.id, reason=error))


def _was_told(there: Stored[Stranger] | None, inquiry: Inquiry) -> bool:
    """Say whether a comment was told that it waits."""
    return there is not None and there.row.inquiry == inquiry.id


def _read(inquiry: Inquiry, there: Ports) -> Command | None:
    try:
        return commands.read(inquiry.text, there.environments, commands.manner_at(inquiry.place))
    except CommandNotUnderstood:
        return None


def _named(command: Command | None, there: Ports) -> tuple[str, ...]:
    """Return the environments that a command is about; none where it is about all or is no command."""
    match command:
        case None:
            return ()
        case Cancel(request=beginning) | Approve(request=beginning):
            found = find_under_way(beginning, there)
            return (found.environment.name,) if isinstance(found, UnderWay) else ()
        case _:
            return commands.environments_in(command)


def _against(named: tuple[str, ...], inquiry: Inquiry, there: Ports, *, ask: bool) -> Mapping[str, Ruling | None]:
    """Say why what is named may not be read, None where it may; where there is nothing or not that, say it of all."""
    against: dict[str, Ruling | None] = {}
    others = [name for name in there.environments if name not in named]
    for name, ruling in readings((there.environments[one] for one in (*named, *others)), inquiry, there, ask=ask):
        against[name] = ruling
        if len(against) == len(named) and not any(against.values()):
            break
    return against


def _reads(inquiry: Inquiry, ports: Ports) -> bool:
    """Say whether somebody may read an environment that is not for here."""
    environment = ports.environments.get(inquiry.about or "")
    if environment is None:
        return False
    attempt = Attempt(Right.READ, environment, inquiry.actor, Entrance.COMMENT, ports.now(), place=inquiry.place)
    return rule_right(find_out(attempt, ports, inquiry.asked_at)).effect is Effect.PASS


def _meet(
    there: Stored[Stranger] | None,
    against: Mapping[str, Ruling | None],
    inquiry: Inquiry,
    place: GitHubPlace,
    ports: Ports,
) -> Stranger:
    """Remember a stranger. Of two of their comments at a moment one is a conflict, and looked at again."""
    asked = any(one is not None and one.reason in _SAID_BY_OTHERS for one in against.values())
    met = meet(there.row if there is not None else None, inquiry.id, ports.now(), asked=asked)
    if there is None or met != there.row:
        ports.ledger.remember_stranger(place.repository_id, inquiry.actor.id, there, met)
    return met


def _silence(met: Stranger, unless: str) -> str:
    return (
        f"Until {met.silent_until:%H:%M} UTC your comments in this repository are not answered again, unless {unless}"
        " by then."
    )


def _nothing_here(
    inquiry: Inquiry, command: Command | None, against: Mapping[str, Ruling | None], met: Stranger
) -> str:
    """Say the same to everybody who may read nothing, whatever was asked for; help is for all."""
    if any(ruling is not None and ruling.reason is Reason.MEMBERSHIP_UNKNOWN for ruling in against.values()):
        sentence, unless = _NOBODY_SAYS, "that is known"
    else:
        unless = "you have a right"
        sentence = (
            f"There is nothing here for your GitHub id {inquiry.actor.id}: it has no right in an environment that takes"
            " comments on this repository's pull requests. Whoever runs Slipway here can give it one."
        )
    sentence += f" {_silence(met, unless)}"
    if not isinstance(command, Help):
        return sentence
    return f"{commands.help_text(command.topic, (), commands.manner_at(inquiry.place))}\n\n{sentence}"
