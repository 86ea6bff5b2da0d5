"""Hop 4: a request becomes one Service Management call, and its request id goes on queue `operations`.

The ledger's row is written before the call (`intent`) and after it (`waiting`), so whoever finds the row knows
whether Azure may have been called. Busy and unavailable are delays; only bugs raise.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from handlers.answering.tables import say_step
from handlers.environments import Environment
from handlers.errors import AzureRefused, LedgerConflict, NotOurs, Unavailable
from handlers.ledger import Entry, State, announce, await_instances, await_operation, open_entry, recall
from handlers.logs import line
from handlers.model import (
    BringBack,
    ConfigureStep,
    CreateStep,
    DeleteStep,
    DeploymentRequest,
    Operation,
    Refused,
    Release,
    RequestsMessage,
    RunCommit,
    RunHead,
    RunRelease,
    RunVersion,
    Step,
    UpgradeStep,
    UseConfiguration,
)
from handlers.outcomes import TROUBLES, after_trouble, after_unheard_call, decide, fail, impossible, leaving, succeed
from handlers.planning import Impossible, Reached, Settle, Situation, TakeStep, forecast
from handlers.policy.approvals import fingerprint
from handlers.policy.routes import repository_of
from handlers.ports import CloudService, Materials, Ports, StagedPackage, Stored
from handlers.queueing.hints import hint, spread_news, write
from handlers.queueing.pacing import FIRST_LOOK, INTENT_LEASE
from handlers.queueing.texts import alone, read_requests
from handlers.vetting.approvals import awaited, require_approval, require_consent, wait_again
from handlers.vetting.asking import hold_back
from handlers.vetting.commits import require_the_same, vet
from handlers.vetting.heads import pin_head, require_head
from handlers.vetting.last_look import last_look, look_ahead
from handlers.vetting.refusals import write_down
from handlers.vetting.repositories import end_stranger
from handlers.vetting.swaps import vet_swap
from handlers.vetting.turns import Turn, await_turn

log = logging.getLogger(__name__)

STORAGE_AWAY = timedelta(seconds=30)
"""Our choice: the wait where not even the row could be read or written, which would say for how long."""

LINE_CHANGED = timedelta(seconds=1)
"""Our choice: the wait where the environment's standing changed between the look and the announcement."""


@dataclass(frozen=True)
class Prepared:
    """A step with all that its call needs."""

    step: Step
    materials: Materials
    plan: str
    """`fingerprint` of all that is to come, for those who have to agree to it."""
    steps: tuple[str, ...]
    """The same in words."""
    stands: str | None
    """The request whose version stands in the environment's slot."""


def submit(text: str, ports: Ports) -> None:
    """Work on one message of queue `requests`. Raises only on a bug, or where the queue itself is away."""
    try:
        message = read_requests(text)
    except NotOurs as error:
        log.error(line("message.not_ours", queue="requests", reason=error))
        ports.poison.put(text)
        return
    for candidate in message.candidates:
        _look_at(candidate, ports)
    if message.refused is not None:
        _write_down(message.refused, ports)
    if message.inquiry is not None:
        ports.inquiries.put(message.inquiry.model_dump_json())
    if len(message.requests) != 1:
        for request in message.requests:
            ports.requests.put(alone(request))
        return
    (request,) = message.requests
    try:
        _work_on(ports.ledger.open(open_entry(request, ports.now())), ports)
    except Unavailable as error:
        log.warning(line("request.delayed", id=request.id, reason=error.reason, wait_s=STORAGE_AWAY.seconds))
        ports.requests.put(text, STORAGE_AWAY)
    except LedgerConflict:
        log.info(line("request.left_to_another", id=request.id))


def _look_at(candidate: DeploymentRequest, ports: Ports) -> None:
    """Go on with what comes from the environment's own repository under another name; drop what does not."""
    facts = {"id": candidate.id, "environment": candidate.environment, "repository_id": repository_of(candidate)}
    try:
        known = ports.ledger.standing(candidate.environment).row.repository_id
    except Unavailable as error:
        log.warning(line("candidate.delayed", **facts, reason=error.reason, wait_s=STORAGE_AWAY.seconds))
        ports.requests.put(RequestsMessage(candidates=(candidate,)).model_dump_json(), STORAGE_AWAY)
        return
    if known is None or known != facts["repository_id"]:
        log.info(line("candidate.dropped", **facts))
        return
    log.warning(line("repository.renamed", **facts, was=candidate.renamed_from))
    ports.requests.put(alone(candidate))


def _write_down(refused: Refused, ports: Ports) -> None:
    """Write what the door refused into the audit trail, now or later."""
    try:
        write_down(refused, ports)
    except (Unavailable, LedgerConflict) as error:
        log.warning(line("refusal.delayed", delivery=refused.delivery, reason=error, wait_s=STORAGE_AWAY.seconds))
        ports.requests.put(RequestsMessage(refused=refused).model_dump_json(), STORAGE_AWAY)


def _work_on(stored: Stored[Entry], ports: Ports) -> None:
    """Do what the row says is due, and nothing where somebody else is at it."""
    entry, now = stored.row, ports.now()
    if entry.state is State.DONE:
        spread_news(entry, ports)
    if entry.state not in {State.ACCEPTED, State.INTENT}:
        return
    if entry.not_before > now:
        hint(entry, now, ports)
        return
    if entry.opened_at == entry.touched_at:
        log.info(line("request.opened", id=entry.request.id, environment=entry.request.environment))
        spread_news(entry, ports)
    environment = ports.environments.get(entry.request.environment)
    if environment is None:
        _commit(stored, fail(entry, now, "EnvironmentUnknown", "The environment is not configured any more."), ports)
        return
    if entry.request.asked_later and not entry.admitted and not entry.begun:
        held_back = hold_back(entry, environment, ports)
        if held_back is not None:
            _commit(stored, held_back, ports)
            return
        entry = entry.model_copy(update={"admitted": True})
    if isinstance(entry.request.goal, RunHead):
        _commit(stored, pin_head(entry, ports), ports)
        return
    turn = _turn(entry, environment, ports)
    if isinstance(turn, Entry):
        _commit(stored, turn, ports)
        return
    service = ports.cloud_service(environment)
    plan = _judge(entry, environment, turn, service, ports)
    if isinstance(plan, Entry):
        _commit(stored, plan, ports)
        return
    stored = _announce(stored, entry, plan, turn, ports)
    _commit(stored, _call(stored.row, plan, environment, service, ports), ports)


def _announce(stored: Stored[Entry], entry: Entry, plan: Prepared, turn: Turn, ports: Ports) -> Stored[Entry]:
    """Write down which call comes next, and that the environment is the request's. Raises LedgerConflict."""
    materials = plan.materials
    intent = announce(entry, ports.now(), plan.step, INTENT_LEASE).model_copy(
        update={
            "commit": materials.commit,
            "release": materials.release,
            "ran_before": entry.ran_before if entry.begun else plan.stands,
            **_names(materials.package),
        }
    )
    repository_id = repository_of(entry.request, materials.release)
    try:
        return ports.ledger.replace_both(stored, intent, turn.standing, turn.taken(repository_id))
    except LedgerConflict:
        # Somebody joined the line, or works on this very row: whoever is right finds out by looking again.
        ports.requests.put(alone(entry.request), LINE_CHANGED)
        raise


def _turn(entry: Entry, environment: Environment, ports: Ports) -> Entry | Turn:
    """Say that it is the request's turn, or how its row goes on while it waits for others."""
    now = ports.now()
    turn = await_turn(entry, environment, ports)
    proposal = awaited(entry, environment, now)
    if proposal is None or (isinstance(turn, Entry) and turn.ended):
        return turn
    return recall(wait_again(entry, proposal, now))


def _judge(entry: Entry, environment: Environment, turn: Turn, service: CloudService, ports: Ports) -> Entry | Prepared:
    """Prepare the next step and let the rules look at what it would do, or say how the row goes on without one."""
    stranger = end_stranger(entry, environment, turn, None, ports.now())
    if stranger is not None:
        return stranger
    try:
        plan = _plan(entry, environment, service, ports)
    except TROUBLES as trouble:
        return _moved(entry, ports) or after_trouble(entry, ports.now(), trouble)
    if isinstance(plan, Entry):
        return plan
    materials = plan.materials
    if entry.begun:
        same = require_the_same(entry, environment, materials, ports.now())
        return same or require_consent(entry, environment, materials, plan.plan, plan.steps, ports.now()) or plan
    stranger = end_stranger(entry, environment, turn, materials.release, ports.now())
    awaiting = stranger or require_approval(entry, environment, materials, plan.plan, plan.steps, ports.now())
    held_back = awaiting or look_ahead(entry, environment, ports)
    return plan if held_back is None else recall(held_back)


def _moved(entry: Entry, ports: Ports) -> Entry | None:
    """End what waits for a package or a check of a commit that is not its pull request's head any more."""
    held_back = require_head(entry, ports) if not entry.begun else None
    return held_back if held_back is not None and held_back.ended else None


def _plan(entry: Entry, environment: Environment, service: CloudService, ports: Ports) -> Entry | Prepared:
    """Find the next step and prepare it, or say how the row goes on without one."""
    if entry.state is State.INTENT and entry.step is not None:
        operation = service.find_operation(entry.step, since=entry.announced_at or entry.opened_at)
        if operation is not None and operation.id != (entry.operation and entry.operation.id):
            log.info(line("operation.adopted", id=entry.request.id, operation=operation.id))
            return await_operation(entry, ports.now(), operation, FIRST_LOOK)
    situation = service.situation()
    decision = decide(entry, environment, situation)
    if isinstance(decision, TakeStep):
        held_back = vet(entry, environment, ports) or vet_swap(decision.step, entry, environment, situation, ports)
        if held_back is not None:
            held_back = held_back if held_back.ended else _moved(entry, ports) or held_back
            return held_back if entry.begun else recall(held_back)
        materials = _materials(decision.step, entry, environment, ports)
        steps, _ = forecast(entry.request, environment, situation)
        plan = fingerprint(entry.request.goal, steps, materials.contents)
        stands = situation.request_at(environment.slot)
        return Prepared(decision.step, materials, plan, tuple(map(say_step, steps)), stands)
    return _without_a_call(entry, decision, environment, situation, ports)


def _materials(step: Step, entry: Entry, environment: Environment, ports: Ports) -> Materials:
    """Bring what the step's call carries.

    A release's package is brought before anything is deleted for it: a release that cannot be deployed takes nothing
    down.
    """
    brings_a_package = isinstance(step, CreateStep | UpgradeStep | DeleteStep) and entry.undoing is None
    if brings_a_package and entry.begun and entry.package is not None and entry.configuration is not None:
        # What was announced, and perhaps approved, is what runs, though its release may have other files by now.
        package = ports.nights.kept(entry.package, entry.configuration)
        return Materials(release=entry.release, commit=entry.commit, package=package)
    match entry.request.goal:
        case RunCommit(commit=commit) if brings_a_package:
            return Materials(commit=commit.sha, package=ports.packages.stage_commit(environment, commit))
        case RunRelease(release=release) if brings_a_package:
            return _of_a_release(release, environment, ports)
        case RunVersion(tag=tag) if brings_a_package:
            return _of_a_release(entry.release or ports.packages.find(environment, tag), environment, ports)
        case BringBack(kept=kept) if brings_a_package:
            package = ports.nights.kept(kept.package, kept.configuration)
            return Materials(release=kept.release, commit=kept.commit, package=package)
        case UseConfiguration(tag=tag) if isinstance(step, ConfigureStep):
            release = entry.release or ports.packages.find(environment, tag)
            configuration = ports.packages.configuration(environment, release)
            return Materials(release, ports.packages.commit_of(release), configuration=configuration)
        case _:
            return Materials(release=entry.release, commit=entry.commit)


def _names(package: StagedPackage | None) -> dict[str, str]:
    """Name what is announced, so that later steps bring the same."""
    return {} if package is None else {"package": package.blob, "configuration": package.configuration_blob}


def _of_a_release(release: Release, environment: Environment, ports: Ports) -> Materials:
    package = ports.packages.stage(environment, release)
    return Materials(release=release, commit=ports.packages.commit_of(release), package=package)


def _without_a_call(
    entry: Entry, decision: Settle | Reached | Impossible, environment: Environment, situation: Situation, ports: Ports
) -> Entry:
    """Say how the row goes on where nothing has to be called."""
    now = ports.now()
    match decision:
        case Settle(readiness):
            return await_instances(entry, now, readiness, FIRST_LOOK)
        case Reached(readiness):
            reached = succeed(entry, now, readiness, situation.title_at(environment.slot))
            return leaving(reached, environment, situation)
        case Impossible(code, reason):
            return leaving(impossible(entry, now, code, reason), environment, situation)


def _call(entry: Entry, plan: Prepared, environment: Environment, service: CloudService, ports: Ports) -> Entry:
    """Make the announced call and say what came of it."""
    held_back = last_look(entry, environment, plan.materials, ports)
    if held_back is not None:
        return held_back
    try:
        request_id = service.take(plan.step, entry.request, plan.materials)
    except Unavailable as trouble:
        return after_unheard_call(entry, ports.now(), trouble)
    except AzureRefused as refused:
        return _believe(refused, entry, environment, service, ports)
    except TROUBLES as trouble:
        return after_trouble(entry, ports.now(), trouble)
    now = ports.now()
    log.info(line("operation.accepted", id=entry.request.id, step=plan.step.kind, operation=request_id))
    return await_operation(entry, now, Operation(id=request_id, submitted_at=now), FIRST_LOOK)


def _believe(
    refused: AzureRefused, entry: Entry, environment: Environment, service: CloudService, ports: Ports
) -> Entry:
    """Believe a refusal only where an earlier call of ours, given up for lost, has not arrived meanwhile."""
    try:
        situation = service.situation()
        decision = decide(entry, environment, situation)
    except TROUBLES as trouble:
        return after_trouble(entry, ports.now(), trouble)
    if isinstance(decision, Settle | Reached):
        return _without_a_call(entry, decision, environment, situation, ports)
    return after_trouble(entry, ports.now(), refused)


def _commit(stored: Stored[Entry], entry: Entry, ports: Ports) -> None:
    """Write the row, then hint at what is due next and let the sinks know."""
    write(stored, entry, ports)
    hint(entry, ports.now(), ports)
    waits_quietly = entry.state is State.ACCEPTED and (entry.place is not None or entry.proposal is not None)
    if not entry.ended and not (waits_quietly and entry.delayed_by == stored.row.delayed_by):
        spread_news(entry, ports)
