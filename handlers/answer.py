"""Commands that call nothing in Azure: looked up or written down, and answered where they were asked."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial

from handlers import commands
from handlers.answering.approving import agree
from handlers.answering.comments import receive
from handlers.answering.finding import find_over, find_under_way
from handlers.answering.locking import lock, unlock
from handlers.answering.tables import (
    STATUS_HEAD,
    asleep_row,
    columns,
    going_on_rows,
    history_rows,
    plan_text,
    standing_rows,
)
from handlers.answering.wishing import wish
from handlers.commands import (
    Approve,
    Cancel,
    Command,
    CommandGoal,
    CommandNotUnderstood,
    Help,
    History,
    KeepUp,
    Lock,
    Plan,
    SkipTonight,
    SleepNow,
    Status,
    Unlock,
    WhoMay,
)
from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.errors import AzureRefused, LedgerConflict, NotOurs, PackageUnusable, SinkRefused, Unavailable
from handlers.ledger import Cancelling, Entry, cancel, open_entry
from handlers.logs import line
from handlers.model import Check, DeploymentRequest, GitHubPlace, Inquiry, RunHead, RunVersion, UseConfiguration
from handlers.model.codes import CANCELLED
from handlers.outcomes import stop_trying
from handlers.planning import Situation, forecast
from handlers.policy import Effect, Ruling, who_may
from handlers.policy.heads import rule_head
from handlers.ports import Ports, Stored, Voice
from handlers.queueing.hints import hint, spread_news, write
from handlers.queueing.texts import read_inquiry
from handlers.vetting.asking import readings, refusal
from handlers.vetting.refusals import refuse
from handlers.vetting.swaps import vet_swap

log = logging.getLogger(__name__)

TRY_AGAIN_AFTER = timedelta(seconds=5)
"""Our choice: the wait where something that the answer needs is away."""

TOO_LATE = timedelta(minutes=5)
"""Our choice: nobody waits longer for an answer in a chat."""

NEWEST = 10
"""Our choice: rows of a history."""


def answer(text: str, ports: Ports) -> None:
    """Work on one message of queue `inquiries`. Raises only on a bug, or where the queue itself is away."""
    try:
        inquiry = read_inquiry(text)
    except NotOurs as error:
        log.error(line("message.not_ours", queue="inquiries", reason=error))
        ports.ledger.keep_poison(text, f"queue inquiries: {error}", ports.now())
        return
    voice = ports.voices.get(inquiry.actor.source)
    if voice is None:
        log.error(line("inquiry.unanswered", id=inquiry.id, reason=f"{inquiry.actor.source} cannot be spoken to"))
        return
    try:
        found = _answer(inquiry, ports)
        if found is not None:
            _say(found, inquiry, voice)
            log.info(line("inquiry.answered", id=inquiry.id, command=inquiry.text.partition(" ")[0] or None))
    except SinkRefused as error:
        log.error(line("inquiry.unanswered", id=inquiry.id, reason=error))
    except (Unavailable, LedgerConflict) as error:
        waited = ports.now() - inquiry.asked_at
        late = waited > TOO_LATE and not inquiry.requests
        log.warning(line("inquiry.given_up" if late else "inquiry.delayed", id=inquiry.id, reason=error))
        if not late:
            asked = error.retry_after if isinstance(error, Unavailable) else None
            seldom = waited / 10 if inquiry.requests else TRY_AGAIN_AFTER
            ports.inquiries.put(text, max(TRY_AGAIN_AFTER, asked or TRY_AGAIN_AFTER, seldom))


def _say(found: str | Ruling, inquiry: Inquiry, voice: Voice) -> None:
    """Say it where it was asked; what is refused to a button, to its presser. Raises Unavailable, SinkRefused."""
    text = found.sentence if isinstance(found, Ruling) else found
    refused = inquiry.said is not None or (isinstance(found, Ruling) and found.effect is Effect.REFUSE)
    if inquiry.pressed and refused:
        voice.whisper(inquiry.place, inquiry.actor, text, inquiry.id)
    else:
        voice.say(inquiry.place, text, inquiry.id)


def _answer(inquiry: Inquiry, ports: Ports) -> str | Ruling | None:
    """Look up what is asked for, and write it for people. None: nothing is said here."""
    if isinstance(inquiry.place, GitHubPlace):
        received = receive(inquiry, inquiry.place, ports)
        if not isinstance(received, Ports):
            return received
        ports = received
    elif inquiry.said is not None:
        return inquiry.said
    try:
        command = commands.read(inquiry.text, ports.environments, commands.manner_at(inquiry.place))
    except CommandNotUnderstood as mistake:
        return mistake.sentence
    if isinstance(command, Status | History | Plan | WhoMay) and not isinstance(inquiry.place, GitHubPlace):
        return _ask_in_a_chat(command, inquiry, ports)
    return _look_up(command, inquiry, ports)


def _ask_in_a_chat(command: Command, inquiry: Inquiry, ports: Ports) -> str | Ruling:
    """Answer a question about what its author may read, where `rights` says who that is."""
    names = commands.environments_in(command)
    asked_about = [ports.environments[name] for name in names or ports.environments]
    against = dict(readings(asked_about, inquiry, ports))
    refused = [(name, ruling) for name, ruling in against.items() if ruling is not None]
    if refused and (names or len(refused) == len(against)):
        openly = inquiry.model_copy(update={"text": commands.say_openly(command)})
        return refuse(*refused[0], openly, ports)
    readable = {name: ports.environments[name] for name, ruling in against.items() if ruling is None}
    return _look_up(command, inquiry, replace(ports, environments=readable))


def _look_up(command: Command, inquiry: Inquiry, ports: Ports) -> str | Ruling:
    match command:
        case Status(None):
            return _status(list(ports.environments.values()), ports)
        case Status(environment):
            return _status([ports.environments[str(environment)]], ports)
        case History(environment):
            entries = ports.ledger.history(environment, NEWEST)
            return columns(history_rows(entries, ports.now())) if entries else f"Nothing yet in {environment}."
        case WhoMay(right, environment):
            return who_may(right, ports.environments[environment])
        case Help(topic):
            return commands.help_text(topic, ports.environments, commands.manner_at(inquiry.place))
        case Plan(order):
            plans = [_plan(ports.environments[name], order.goal, inquiry, ports) for name in order.environments]
            return "\n\n".join(plans)
        case Cancel(prefix):
            return _cancel(prefix, inquiry, ports)
        case Approve():
            return agree(command, inquiry, ports)
        case Lock():
            return lock(command, inquiry, ports)
        case Unlock():
            return unlock(command, inquiry, ports)
        case KeepUp() | SkipTonight() | SleepNow():
            return wish(command, inquiry, ports)
        case _:
            raise AssertionError(command)


def _status(environments: list[Environment], ports: Ports) -> str:
    rows: list[tuple[str, ...]] = [STATUS_HEAD]
    unfinished = [stored.row for stored in ports.ledger.unfinished()]
    for environment in environments:
        going_on = going_on_rows(environment, unfinished, ports.now())
        try:
            situation = ports.cloud_service(environment).situation()
        except (AzureRefused, Unavailable) as trouble:
            unknown = (environment.name, environment.slot, "-", "unknown", "", "", "", str(trouble))
            rows += [unknown, *going_on]
            continue
        rows += standing_rows(environment, situation, _askers(environment, situation, ports), ports.now())
        rows += going_on
        snapshot = ports.nights.get(environment.name).row.asleep_in(environment) if environment.night else None
        rows += asleep_row(environment, situation, snapshot) if snapshot is not None else ()
    return columns(rows)


def _askers(environment: Environment, situation: Situation, ports: Ports) -> Mapping[str, str]:
    """Return who asked for what stands there, by request."""
    requests = {deployed.request for deployed in situation.all if deployed.request is not None}
    found = [ports.ledger.get(Check(environment=environment.name, request=request)) for request in sorted(requests)]
    return {stored.row.request.id: stored.row.request.actor.name for stored in found if stored is not None}


def _plan(environment: Environment, goal: CommandGoal, inquiry: Inquiry, ports: Ports) -> str:
    """Take the steps in thought."""
    request = DeploymentRequest(
        id=inquiry.id,
        environment=environment.name,
        goal=goal,
        actor=inquiry.actor,
        delivery=inquiry.id,
        accepted_at=inquiry.asked_at,
    )
    title = f"{environment.name}, by {environment.plan_by}:"
    try:
        if isinstance(goal, RunHead) and isinstance(inquiry.place, GitHubPlace):
            ruling = rule_head(ports.pulls.head(inquiry.place), inquiry.place, pinned=None)
            if ruling.effect is not Effect.PASS:
                return f"{environment.name}: It cannot be done: {ruling.sentence}"
            title = f"{title} {ruling.sentence}"
        if isinstance(goal, RunVersion | UseConfiguration):
            ports.packages.find(environment, goal.tag)
        situation = ports.cloud_service(environment).situation()
        steps, end = forecast(request, environment, situation)
        entry = open_entry(request, ports.now())
        held_back = vet_swap(steps[0], entry, environment, situation, ports) if steps else None
        if held_back is not None and held_back.outcome is not None:
            return f"{environment.name}: It cannot be done: {held_back.outcome.code}: {held_back.outcome.message}"
    except AzureRefused as refused:
        return f"{environment.name}: {refused.code}: {refused.message}"
    except PackageUnusable as unusable:
        return f"{environment.name}: It cannot be done: {unusable.code}: {unusable.reason}"
    return f"{title}\n{plan_text(steps, end)}"


def _cancel(prefix: str, inquiry: Inquiry, ports: Ports) -> str | Ruling:
    """Stop a request before its next step."""
    found = find_under_way(prefix, ports)
    if isinstance(found, str):
        over = find_over(prefix, partial(_has_cancelled, inquiry.id), ports)
        return _cancelled_before(over) if over is not None else found
    against = refusal(Right.CANCEL, found.environment, inquiry, ports)
    if against is not None:
        return refuse(found.environment.name, against, inquiry, ports, found.stored.row.request.id)
    return _stop(found.stored, inquiry, ports)


def _stop(stored: Stored[Entry], inquiry: Inquiry, ports: Ports) -> str:
    entry, now = stored.row, ports.now()
    if entry.ended and not _has_cancelled(inquiry.id, entry):
        return f"{entry.request.id} has ended already."
    if entry.cancelling is not None:
        return _cancelled_before(entry)
    cancelled = cancel(entry, now, Cancelling(by=inquiry.actor, inquiry=inquiry.id))
    if entry.begun:
        write(stored, cancelled, ports)
        # Whoever works on the row now cannot write it any more, and leaves it to this message.
        hint(cancelled, now, ports)
        spread_news(cancelled, ports)
        return _goes_on(cancelled)
    ended = stop_trying(cancelled, now, CANCELLED, f"Cancelled by {inquiry.actor.name} before anything had begun.")
    write(stored, ended, ports)
    hint(ended, now, ports)
    return _never_begun(ended)


def _has_cancelled(inquiry: str, entry: Entry) -> bool:
    return entry.cancelling is not None and entry.cancelling.inquiry == inquiry


def _cancelled_before(entry: Entry) -> str:
    """Say again what came of it: this answer was held up, or somebody else was first."""
    had_begun = entry.operation is not None or entry.taken
    return _never_begun(entry) if entry.ended and not had_begun else _goes_on(entry)


def _never_begun(entry: Entry) -> str:
    return f"{entry.request.id} is cancelled; nothing had begun."


def _goes_on(entry: Entry) -> str:
    return f"{entry.request.id} takes no further step. What Azure has accepted cannot be taken back and goes on."
