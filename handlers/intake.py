"""A proved event -> what it asks for, and what its sender is told. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers import commands
from handlers.commands import (
    Command,
    CommandNotUnderstood,
    Help,
    History,
    Lock,
    Order,
    Plan,
    Status,
    Unlock,
    WhoMay,
)
from handlers.environments import Environment, Environments
from handlers.environments.rights import Right
from handlers.events import (
    CommandGiven,
    CommitReady,
    Event,
    Ignored,
    Message,
    Ping,
    ReleasePublished,
    Reply,
)
from handlers.model import (
    MOST_WORDS,
    DeploymentRequest,
    GitHubPlace,
    Inquiry,
    Refused,
    RequestsMessage,
    RunCommit,
    RunHead,
    SlackPlace,
    Source,
    derive_id,
    release_request,
)
from handlers.policy import (
    Attempt,
    Entrance,
    Ruling,
    Verdict,
    at_the_door,
    entrance_at,
    entrance_of,
    right_for,
    rule_comment,
    rule_message,
    visible_from,
    who_may,
)
from handlers.policy.routes import repository_of, route

NOT_CONFIGURED = Reply(
    503,
    "No environment is configured; deliver again when there is one.",
    {"error": "no environment is configured; redeliver when there is one"},
)


@dataclass(frozen=True)
class Decision:
    """What the sender is told, and what goes on queue `requests` before that."""

    reply: Reply
    message: RequestsMessage | None = None
    about: str | None = None
    """The environment that the reply is about, where it is a refusal: not for everybody's eyes."""


def decide(event: Event, environments: Environments, now: datetime) -> Decision:
    """Say what a proved event asks for."""
    match event:
        case Ping():
            return Decision(Reply(200, "", {"pong": True}))
        case Ignored(reason, pressed):
            ignored = Decision(_ignored(reason))
            return _told(ignored, pressed, now) if pressed is not None else ignored
        case _ if not environments:
            return Decision(NOT_CONFIGURED)
        case ReleasePublished():
            return _release(event, environments, now)
        case CommitReady():
            return _commit(event, environments, now)
        case CommandGiven(place=GitHubPlace() as place):
            return _comment(event, place, environments, now)
        case CommandGiven(pressed=True):
            return _told(_command(event, environments, now), event, now)
        case CommandGiven():
            return _command(event, environments, now)


def _told(decision: Decision, event: CommandGiven, now: datetime) -> Decision:
    """Let somebody hear what was said to a press or a comment, where nothing follows on it.

    Nobody sees the answer to the delivery. For a press, Slack gives an address for what is to be said. What a comment
    is told depends on what its author may read, which is known when it is answered.
    """
    place, message = event.place, decision.message
    if message is not None and (message.requests or message.inquiry is not None):
        return decision
    if not isinstance(place, GitHubPlace) and not (isinstance(place, SlackPlace) and place.response_url is not None):
        return decision
    said: str | None = decision.reply.text
    text = ""
    if isinstance(place, GitHubPlace) and len(event.text) <= commands.MAX_LENGTH:
        said, text = said if decision.about is not None else None, event.text
    inquiry = _inquiry(event, text, now, said, decision.about)
    return replace(decision, message=RequestsMessage(inquiry=inquiry, refused=message.refused if message else None))


def _release(event: ReleasePublished, environments: Environments, now: datetime) -> Decision:
    release = event.release

    def request(environment: str) -> DeploymentRequest:
        return release_request(release, environment, event.actor, event.delivery, now)

    requests = _wherever_wanted(event, request, environments)
    if not requests:
        reasons = "; ".join(filter(None, (one.wants(release) for one in environments.values())))
        return Decision(_ignored(f"no environment deploys {release.repository} {release.tag}: {reasons}"))
    return _whatever_may(requests, Entrance.RELEASE, environments, now)


def _commit(event: CommitReady, environments: Environments, now: datetime) -> Decision:
    commit = event.commit

    def request(environment: str) -> DeploymentRequest:
        return DeploymentRequest(
            id=derive_id(Source.GITHUB, commit.repository_id, event.trigger, event.object_id, environment),
            environment=environment,
            goal=RunCommit(commit=commit),
            actor=event.actor,
            delivery=event.delivery,
            accepted_at=now,
        )

    requests = _wherever_wanted(event, request, environments)
    if not requests:
        what = f"{event.trigger} {event.name} of {commit.repository}"
        return Decision(_ignored(f"no environment deploys the {what}"))
    return _whatever_may(requests, Entrance(event.trigger), environments, now)


def _wherever_wanted(
    event: ReleasePublished | CommitReady, request: Callable[[str], DeploymentRequest], environments: Environments
) -> list[DeploymentRequest]:
    """Ask for an event in every environment that wants it, then in those that do if their repository was renamed."""
    routed = route(event, environments)
    perhaps = [_renamed(request(name), environments) for name in routed.perhaps]
    return [*(request(name) for name in routed.wanted), *perhaps]


def _whatever_may(
    requests: Sequence[DeploymentRequest], entrance: Entrance, environments: Environments, now: datetime
) -> Decision:
    """Ask for an event in every environment whose rules let it; where none does, say which rule of the first."""
    refused: list[tuple[DeploymentRequest, Ruling]] = []
    accepted: list[DeploymentRequest] = []
    for request in requests:
        verdict = _judge(request, environments[request.environment], entrance, now)
        if verdict.refusal is None:
            accepted.append(request.model_copy(update={"asked_later": verdict.deciding is not None}))
        else:
            refused.append((request, verdict.refusal))
    message = RequestsMessage(
        requests=tuple(one for one in accepted if one.renamed_from is None),
        candidates=tuple(one for one in accepted if one.renamed_from is not None),
        refused=_of_event(entrance, refused, now) if refused else None,
    )
    return Decision(_answer(requests, message, [one for one in refused if one[0].renamed_from is None]), message)


def _answer(
    requests: Sequence[DeploymentRequest],
    message: RequestsMessage,
    refused: Sequence[tuple[DeploymentRequest, Ruling]],
) -> Reply:
    """Say what was accepted and where it was refused; where that depends on the ledger, that it is looked at."""
    perhaps = [request.environment for request in requests if request.renamed_from is not None]
    if message.requests:
        reply = _accepted(message.requests).reply
    elif perhaps:
        text = f"No environment has this repository's name. Looking whether it was renamed: {', '.join(perhaps)}."
        reply = Reply(202, text)
    else:
        return _refused(refused[0][1])
    why = [
        {"environment": one.environment, "refused": ruling.reason, "sentence": ruling.sentence}
        for one, ruling in refused
    ]
    more = {"not_in": why, "perhaps_renamed": perhaps}
    return Reply(reply.status, reply.text, {**reply.facts, **{name: value for name, value in more.items() if value}})


def _renamed(request: DeploymentRequest, environments: Environments) -> DeploymentRequest:
    return request.model_copy(update={"renamed_from": environments[request.environment].repository})


def _of_event(entrance: Entrance, refused: Sequence[tuple[DeploymentRequest, Ruling]], now: datetime) -> Refused:
    """Write down in which environments an event was refused."""
    first = refused[0][0]
    return Refused(
        actor=first.actor,
        delivery=first.delivery,
        at=now,
        words=f"{entrance} {first.goal.title}"[:MOST_WORDS],
        sha=first.goal.commit.sha if isinstance(first.goal, RunCommit) else None,
        against=tuple(
            ruling.against(one.environment, repository_of(one) if one.renamed_from is not None else None)
            for one, ruling in refused
        ),
    )


def _judge(request: DeploymentRequest, environment: Environment, entrance: Entrance, now: datetime) -> Verdict:
    """Ask the rules about a request. What only waits is let in: it is for others to say, and nobody is asked here."""
    right = right_for(request.goal, environment)
    if right is None:
        return Verdict(())
    attempt = Attempt(
        right, environment, request.actor, entrance, now, break_glass=request.break_glass, place=request.place
    )
    return at_the_door(attempt)


_UNLOCKING = (Right.UNLOCK, Right.UNLOCK_OTHERS)


def _may_not(rights: Sequence[Right], environment: Environment, event: CommandGiven, now: datetime) -> Ruling | None:
    """Say why somebody has none of these rights, or None where they have one."""
    entrance, place = entrance_at(event.place), event.place
    attempts = [Attempt(right, environment, event.actor, entrance, now, place=place) for right in rights]
    refusals = [at_the_door(attempt).refusal for attempt in attempts]
    return None if None in refusals else refusals[0]


def _refused(ruling: Ruling) -> Reply:
    return Reply(403, ruling.sentence, {"refused": ruling.reason})


def _turn_away(event: CommandGiven, words: str, environment: Environment, ruling: Ruling, now: datetime) -> Decision:
    """Refuse a command, and let that be written down. `words` is the command without the values of settings."""
    refused = Refused(
        actor=event.actor,
        delivery=event.delivery,
        at=now,
        words=words[:MOST_WORDS],
        hourly=isinstance(event.place, GitHubPlace) and not _reads(environment, event, now),
        against=(ruling.against(environment.name),),
    )
    return Decision(_refused(ruling), RequestsMessage(refused=refused), environment.name)


def _comment(event: CommandGiven, place: GitHubPlace, environments: Environments, now: datetime) -> Decision:
    """Obey a comment, and let the answer be written beside it.

    What is no command of ours, or is not for here, is met with silence; so are bots, and comments that were changed,
    which had their answer when they were written.
    """
    if not commands.begins_with_a_verb(event.text):
        return Decision(_ignored("nothing to do for issue_comment that is not a command"))
    visible = visible_from(place, environments)
    if not visible:
        return Decision(_ignored(f"no environment takes comments on pull requests of {place.repository}"))
    if event.message is not Message.AS_SENT:
        return _unheard(event, visible, rule_message(event.message), now)
    elsewhere = _elsewhere(event, visible, environments)
    if elsewhere is None:
        return _told(_command(event, visible, now), event, now)
    ruling = rule_comment(elsewhere, place)
    words = f"{event.text.split()[0].lower()} {elsewhere.name}"
    return _told(_turn_away(event, words, elsewhere, ruling, now), event, now)


def _unheard(event: CommandGiven, visible: Environments, ruling: Ruling, now: datetime) -> Decision:
    """Refuse a comment that was changed, or that nobody has written: without an answer, but never without a row."""
    try:
        command = commands.read(event.text, visible, commands.manner_at(event.place))
    except CommandNotUnderstood:
        return Decision(_refused(ruling))
    match command:
        case Order(environments=(name, *_)) | Lock(environment=name) | Unlock(environment=name):
            return _turn_away(event, commands.say_openly(command), visible[name], ruling, now)
        case _:
            return Decision(_refused(ruling))


def _elsewhere(event: CommandGiven, visible: Environments, environments: Environments) -> Environment | None:
    """Return the environment that a comment names and cannot reach, None where it is right or wrong without one."""
    manner = commands.manner_at(event.place)
    try:
        commands.read(event.text, visible, manner)
    except CommandNotUnderstood:
        words = set(re.split(r"[\s,]+", event.text.lower()))
        return next((one for name, one in environments.items() if name in words and name not in visible), None)
    return None


def _command(event: CommandGiven, environments: Environments, now: datetime) -> Decision:
    manner = commands.manner_at(event.place)
    try:
        command = commands.read(event.text, environments, manner)
    except CommandNotUnderstood as mistake:
        return Decision(Reply(400, mistake.sentence, {"error": "command not understood"}))
    match command:
        case Status() | History() | Plan() | WhoMay() if against := _unreadable(command, environments, event, now):
            return _turn_away(event, commands.say_openly(command), *against, now)
        case Help(topic):
            return Decision(Reply(200, commands.help_text(topic, environments, manner), {"help": topic}))
        case Order():
            return _order(command, event, [environments[name] for name in command.environments], now)
        case WhoMay(right, environment) if _reads(environments[environment], event, now):
            who = who_may(right, environments[environment])
            return Decision(Reply(200, who, {"who": who}))
        case Lock(environment) if ruling := _may_not((Right.LOCK,), environments[environment], event, now):
            return _turn_away(event, commands.say_openly(command), environments[environment], ruling, now)
        case Unlock(environment) if ruling := _may_not(_UNLOCKING, environments[environment], event, now):
            return _turn_away(event, commands.say_openly(command), environments[environment], ruling, now)
        case _:
            inquiry = _inquiry(event, commands.say(command), now)
            return Decision(_one_moment(inquiry), RequestsMessage(inquiry=inquiry))


def _unreadable(
    command: Command, environments: Environments, event: CommandGiven, now: datetime
) -> tuple[Environment, Ruling] | None:
    """Return an environment that a question is about and that its author may not read; None where it may be answered.

    A question about every environment is answered for those that may be read.
    """
    names = commands.environments_in(command)
    rulings = [(name, _may_not((Right.READ,), environments[name], event, now)) for name in names or environments]
    refused = [(environments[name], ruling) for name, ruling in rulings if ruling is not None]
    return refused[0] if refused and (names or len(refused) == len(rulings)) else None


def _reads(environment: Environment, event: CommandGiven, now: datetime) -> bool:
    """Say whether somebody may read an environment, as far as the file says it."""
    attempt = Attempt(Right.READ, environment, event.actor, entrance_at(event.place), now, place=event.place)
    return at_the_door(attempt).allowed


def _inquiry(
    event: CommandGiven, text: str, now: datetime, said: str | None = None, about: str | None = None
) -> Inquiry:
    return Inquiry(
        id=derive_id(*_happened(event), "inquiry"),
        text=text,
        actor=event.actor,
        place=event.place,
        asked_at=now,
        pressed=event.pressed,
        said=said,
        about=about,
    )


def _happened(event: CommandGiven) -> tuple[str | int, ...]:
    """Return what a command is known by, however often it is delivered."""
    place = event.place
    if isinstance(place, GitHubPlace):
        return event.actor.source, place.repository_id, "comment", place.comment
    return event.actor.source, event.delivery


def _order(order: Order, event: CommandGiven, places: Sequence[Environment], now: datetime) -> Decision:
    """Ask for the same in every environment, or in none where one of them is not this person's to change."""
    # A comment is one command for ever; a chat's id of a command may be used for two.
    said = () if isinstance(event.place, GitHubPlace) else (commands.say(order),)
    requests: list[DeploymentRequest] = []
    for environment in places:
        request = DeploymentRequest(
            id=derive_id(*_happened(event), *said, environment.name),
            environment=environment.name,
            goal=order.goal,
            actor=event.actor,
            delivery=event.delivery,
            accepted_at=now,
            place=event.place,
            break_glass=order.break_glass,
        )
        verdict = _judge(request, environment, entrance_of(request), now)
        if verdict.refusal is not None:
            return _turn_away(event, commands.say_openly(order), environment, verdict.refusal, now)
        if isinstance(order.goal, RunHead) and environment.package_url is None:
            sentence = f"{environment.name} has no package_url, so only what is released can be deployed there."
            form = f"Write it like this: /deploy VERSION to {environment.name}"
            reply = Reply(400, f"{sentence} {form}", {"error": "no package_url"})
            return Decision(reply, about=environment.name)
        requests.append(request.model_copy(update={"asked_later": verdict.deciding is not None}))
    if isinstance(event.place, GitHubPlace) and not all(_reads(one, event, now) for one in places):
        inquiry = _inquiry(event, commands.say(order), now).model_copy(update={"requests": tuple(requests)})
        return Decision(_one_moment(inquiry), RequestsMessage(inquiry=inquiry))
    return _accepted(requests, commands.say(order))


def _one_moment(inquiry: Inquiry) -> Reply:
    return Reply(202, "One moment.", {"inquiry": inquiry.id})


def _accepted(requests: Sequence[DeploymentRequest], what: str = "") -> Decision:
    facts = [{"id": request.id, "environment": request.environment} for request in requests]
    ids = ", ".join(f"{request.id} ({request.environment})" for request in requests)
    text = f"Accepted: {what or requests[0].goal.title}. {ids}"
    return Decision(Reply(202, text, {"requests": facts}), RequestsMessage(requests=tuple(requests)))


def _ignored(reason: str) -> Reply:
    return Reply(200, f"Ignored: {reason}", {"ignored": reason})
