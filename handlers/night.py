"""The clock -> requests: environments go to sleep in the evening and are back in the morning.

Every tick compares what should be with what was intended last and with what runs. A request of the night is a row of
the ledger like any other, under an id that is made of rule, date and action: however many timers run, it is one. What
ran before is remembered before anything is asked for, and forgotten only once it has been seen to run again.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta

from handlers.audit import of_skipped
from handlers.environments import Environment
from handlers.errors import AzureRefused, LedgerConflict, Unavailable
from handlers.ledger import Entry, open_entry
from handlers.logs import line
from handlers.model import (
    Check,
    DeploymentRequest,
    Goal,
    Result,
    SetStatus,
    Source,
    derive_id,
)
from handlers.model.codes import CANCELLED, FROZEN, LOCKED, SUPERSEDED
from handlers.nights.due import Settlement, Verdict, due
from handlers.nights.held import held_up
from handlers.nights.instants import Action
from handlers.nights.months import add_night, last_month, say_month
from handlers.nights.ready import KEPT, lead
from handlers.nights.rules import Reading, Rule, Wakes, Way, read_rules
from handlers.nights.sleep import (
    RUNNING,
    SUSPENDED,
    FallAsleep,
    Leave,
    Wait,
    WakeUp,
    evening,
    morning,
    snapshot_of,
    to_sleep,
    was_done,
)
from handlers.nights.state import NightRow, Snapshot, Waking
from handlers.nights.transitions import Night, Transition, nights_around, overlaps, without_overlaps
from handlers.planning import Deployed
from handlers.ports import Offer, Ports, Stored
from handlers.queueing.hints import hint
from handlers.sleeping.by_hand import command_for
from handlers.sleeping.holding import actor_of, is_at_work, what_holds, what_refuses
from handlers.sleeping.keeping import keep
from handlers.sleeping.orphans import tell_of_orphan, tell_of_orphans
from handlers.sleeping.owners import tell_owner

log = logging.getLogger(__name__)

TRIES = 3
"""Our choice: how often one morning asks for a resume, where the request before has failed."""

HISTORY = 100
"""Our choice: requests of one night that are looked through for what people did meanwhile."""

_NOT_REPEATED = {SUPERSEDED, CANCELLED}
"""Codes of a resume that ended because somebody wants something else."""

_HELD_BACK = {LOCKED, FROZEN}
"""Codes of a resume that a rule refused before Azure was asked: no try, it waits like one that was not asked for."""

CLOCKS_APART = timedelta(hours=1)
"""Our choice: how far the clocks of two machines may differ, or one may be set back, without waking what sleeps."""


def night(ports: Ports) -> None:
    """Look after the nights of every environment. Raises only on a bug."""
    for environment in ports.environments.values():
        try:
            _Nights(environment, ports).look_after()
        except LedgerConflict:
            log.info(line("night.left_to_another", environment=environment.name))
        except Unavailable as error:
            log.warning(line("night.delayed", environment=environment.name, reason=error.reason))
        except AzureRefused as error:
            log.error(line("night.delayed", environment=environment.name, reason=error))
    try:
        tell_of_orphans(ports)
    except LedgerConflict as conflict:
        log.info(line("night.left_to_another", environment=conflict))
    except Unavailable as error:
        log.warning(line("night.delayed", reason=error.reason))


class _Nights:
    """One tick for one environment."""

    def __init__(self, environment: Environment, ports: Ports) -> None:
        self._environment = environment
        self._ports = ports
        self._now = ports.now()
        self._stored: Stored[NightRow] = ports.nights.get(environment.name)

    def look_after(self) -> None:
        """Do everything that is due."""
        reading = read_rules(self._environment, self._ports.nights.read_file)
        for mistake in reading.mistakes:
            self._complain(mistake, f"{mistake}. {self._environment.name} stays up until this is put right.")
        if not self._environment.night and self._row.snapshot is None:
            return
        nights = self._nights(reading)
        self._follow_up(nights)
        self._warn(nights)
        for rule in reading.rules:
            of_rule = [night for night in nights if night.rule.name == rule.name]
            self._settle(due(of_rule, self._now, self._row.settled.get(rule.name, "")))
        self._wake_what_should_be_up(nights)
        self._tell_month(reading.rules)

    @property
    def _row(self) -> NightRow:
        return self._stored.row

    def _write(self, **fields: object) -> None:
        row = NightRow.model_validate({**dict(self._row), **fields})
        self._stored = self._ports.nights.replace(self._stored, row)

    def _nights(self, reading: Reading) -> list[Night]:
        """Return the nights around now, as far as they are clear, with what people want instead."""
        took = lead([timedelta(seconds=seconds) for seconds in self._row.took])
        around = nights_around(reading.rules, self._now, took)
        for one, other in overlaps(around):
            if one.evening - timedelta(days=1) <= self._now < max(one.morning, other.morning):
                self._complain(
                    f"{one.rule.name} {one.began} {other.rule.name} {other.began}",
                    f"{self._environment.name} stays up on {one.began} and {other.began}: its rules "
                    f"{one.rule.name} and {other.rule.name} overlap.",
                )
        return held_up(without_overlaps(around), self._row.overrides)

    def _follow_up(self, nights: Sequence[Night]) -> None:
        """See how a resume that was asked for is going, and ask again for one that failed, if it is still wanted."""
        waking, snapshot = self._row.waking, self._row.snapshot
        if waking is None:
            return
        entry = self._entry(waking.request)
        if entry is not None and not entry.ended:
            return
        outcome = entry.outcome if entry is not None else None
        if snapshot is None or (outcome is not None and outcome.code in _NOT_REPEATED):
            self._write(waking=None, snapshot=None)
        elif outcome is not None and outcome.result is Result.SUCCESS:
            took = (*self._row.took, (outcome.ended_at - waking.since).total_seconds())[-KEPT:]
            months = add_night(self._row.months, snapshot, waking.since)
            self._write(waking=None, snapshot=None, took=took, months=months)
            log.info(line("night.over", environment=self._environment.name, way=snapshot.way))
        elif self._sleeps(snapshot, nights) or (outcome is not None and outcome.code in _HELD_BACK):
            self._write(waking=None)
        elif entry is None:
            # The host died before it asked.
            self._wake(snapshot, waking.tries)
        elif waking.tries < TRIES:
            if was_done(entry):
                # It is up and not ready: it is looked at again, and not forgotten before it has been seen to run.
                self._ask_to_wake(snapshot, entry.request.goal, waking.tries + 1)
            else:
                self._wake(snapshot, waking.tries + 1)
        else:
            self._give_up(snapshot, waking)

    def _give_up(self, snapshot: Snapshot, waking: Waking) -> None:
        """Tell the owner what a morning could not do, until somebody has done it."""
        if not snapshot.sleeps_in(self._environment):
            self._stored = tell_of_orphan(self._stored, snapshot, self._ports)
            return
        decision = self._morning(snapshot)
        if isinstance(decision, Leave):
            self._leave(snapshot, decision)
            return
        command = command_for(self._environment.name, snapshot)
        by_hand = f" To try again, say: {command}" if command is not None else ""
        text = f"{self._environment.name} did not wake up, {waking.tries} requests failed.{by_hand}"
        self._complain(waking.request, text)

    def _warn(self, nights: Sequence[Night]) -> None:
        """Tell the owner of a night that is about to begin, once."""
        for night in nights:
            before = timedelta(minutes=night.rule.warn_before)
            evening_of = Transition(night, Action.SUSPEND)
            mark = f"{night.rule.name} {evening_of.place}"
            soon = night.evening - before <= self._now < night.evening < night.morning
            if soon and self._row.warned != mark:
                at = night.evening.astimezone(night.rule.zone)
                stay = Offer("Keep it up for 3 hours", f"keep {self._environment.name} up for 3h", night.morning)
                text = (
                    f"{self._environment.name} goes to sleep at {at:%H:%M} ({night.rule.text}). To keep it up, say: "
                    f"{stay.command}"
                )
                if self._tell(text, mark, stay):
                    self._write(warned=mark)

    def _settle(self, settlements: Sequence[Settlement]) -> None:
        """Act on the latest transition of a rule; those before it are overtaken."""
        if not settlements:
            return
        transition, verdict = settlements[-1].transition, settlements[-1].verdict
        if not self._act(transition, verdict):
            return
        rule = transition.night.rule
        late = int((self._now - transition.at).total_seconds())
        what = " ".join(transition.key)
        log.info(line("night.settled", environment=self._environment.name, what=what, verdict=verdict, late_s=late))
        self._write(settled={**self._row.settled, rule.name: transition.place})

    def _act(self, transition: Transition, verdict: Verdict) -> bool:
        """Do what a transition says; return whether it is settled."""
        if verdict is Verdict.TOO_LATE:
            lateness = transition.night.rule.max_lateness
            reason = what_holds(transition.night.rule, self._environment, self._ports) or "nobody looked after it"
            self._stayed_up(transition, f"more than {lateness} minutes have passed, {reason}")
            return True
        if transition.action is Action.SUSPEND:
            return self._fall_asleep(transition)
        return self._wake_anything(transition)

    def _fall_asleep(self, transition: Transition) -> bool:
        """Ask for what puts the environment to sleep; return whether the evening is settled."""
        night, name = transition.night, self._environment.name
        request_id = derive_id(Source.CLOCK, name, *transition.key, night.held_by)
        prepared = self._row.snapshot
        if prepared is not None and prepared.request != request_id:
            settled = self._goes_on(prepared, night)
            if settled is not None:
                return settled
            prepared = None
        if prepared is None or self._entry(request_id) is None:
            # Where the host died before it asked, others may have come since; nothing has been done yet.
            decision = evening(night.rule, self._deployed(), what_holds(night.rule, self._environment, self._ports))
            match decision:
                case Wait(reason):
                    log.info(line("night.waits", environment=name, reason=reason))
                    return False
                case Leave(reason):
                    self._stayed_up(transition, reason)
                    return True
                case FallAsleep(deployed) if prepared is None or prepared.deployment != deployed.name:
                    kept = keep(deployed, self._environment, self._ports) if night.rule.sleep is Way.DELETE else None
                    if isinstance(kept, Leave):
                        self._stayed_up(transition, kept.reason)
                        return True
                    prepared = snapshot_of(night, self._environment, deployed, request_id, kept, self._now)
                    self._write(snapshot=prepared, waking=None)
                case FallAsleep():
                    pass
        self._ask(request_id, to_sleep(prepared), " ".join(transition.key), night.rule.name)
        return True

    def _goes_on(self, earlier: Snapshot, night: Night) -> bool | None:
        """Say whether an earlier night, which is not over, settles the evening of this one.

        None where there is nothing left of it here: it was in another place, or somebody has ended it by hand.
        """
        if not earlier.sleeps_in(self._environment):
            return None
        if self._row.waking is not None or earlier.rule != night.rule.name:
            return False
        match self._morning(earlier):
            case Wait():
                return False
            case WakeUp():
                return True
            case Leave():
                return None

    def _wake_anything(self, transition: Transition) -> bool:
        """Resume what somebody else suspended, where the rule says so; return whether the morning is settled."""
        if self._row.waking is not None:
            # The resume of another morning has failed too often; this one begins anew.
            self._write(waking=None)
        rule = transition.night.rule
        if rule.wakes is Wakes.OWN or self._row.snapshot is not None:
            return True
        deployed = self._deployed()
        if deployed is None or deployed.status != SUSPENDED:
            return True
        if what_holds(rule, self._environment, self._ports) is not None:
            return False
        request_id = derive_id(Source.CLOCK, self._environment.name, *transition.key)
        self._ask(request_id, SetStatus(status=RUNNING), " ".join(transition.key), rule.name)
        return True

    def _wake_what_should_be_up(self, nights: Sequence[Night]) -> None:
        """Bring back what the night put to sleep, as soon as no night says that it sleeps."""
        snapshot = self._row.snapshot
        if snapshot is None or self._row.waking is not None or self._sleeps(snapshot, nights):
            return
        if self._now < snapshot.taken_at <= self._now + CLOCKS_APART:
            log.warning(line("night.waits", environment=self._environment.name, reason="the clock went back"))
            return
        self._wake(snapshot, 1)

    def _sleeps(self, snapshot: Snapshot, nights: Sequence[Night]) -> bool:
        """Say whether a night of the rule that a snapshot is of says that it sleeps now."""
        return any(night.rule.name == snapshot.rule and night.evening <= self._now < night.morning for night in nights)

    def _wake(self, snapshot: Snapshot, tries: int) -> None:
        """Ask for what brings it back, where nobody wants something else and no rule is against it."""
        if not snapshot.sleeps_in(self._environment):
            self._stored = tell_of_orphan(self._stored, snapshot, self._ports)
            return
        decision = self._morning(snapshot)
        match decision:
            case Wait(reason):
                log.info(line("night.waits", environment=self._environment.name, reason=reason))
            case Leave():
                self._leave(snapshot, decision)
            case WakeUp(goal):
                against = what_refuses(goal, snapshot.rule, self._environment, self._ports)
                if against is not None:
                    log.info(line("night.waits", environment=self._environment.name, reason=against))
                    self._complain(
                        f"morning of {snapshot.request}",
                        f"{self._environment.name} is not woken up yet: {against}. It is woken once that is over.",
                    )
                    return
                self._ask_to_wake(snapshot, goal, tries)

    def _leave(self, snapshot: Snapshot, decision: Leave) -> None:
        """Forget what slept: somebody has done something else with it."""
        log.info(line("night.over", environment=self._environment.name, reason=decision.reason))
        self._note(("morning of", snapshot.request), snapshot.rule, f"not woken up: {decision.reason}")
        self._write(snapshot=None, waking=None)

    def _morning(self, snapshot: Snapshot) -> WakeUp | Leave | Wait:
        slept = self._entry(snapshot.request)
        situation = self._ports.cloud_service(self._environment).situation()
        since = self._since(slept) if slept is not None else []
        return morning(snapshot, situation, situation.at(self._environment.slot), slept, since)

    def _ask_to_wake(self, snapshot: Snapshot, goal: Goal, tries: int) -> None:
        """Write down which resume is asked for, then ask: a host that dies in between asks for the same one later."""
        waking = self._row.waking
        if waking is None or self._entry(waking.request) is not None:
            request_id = derive_id(snapshot.request, "wake", self._row.resumes)
            waking = Waking(request=request_id, since=self._now, tries=tries)
            self._write(waking=waking, resumes=self._row.resumes + 1)
        self._ask(waking.request, goal, f"morning of {snapshot.request}", snapshot.rule)

    def _ask(self, request_id: str, goal: Goal, what: str, rule: str) -> None:
        """Open the row of a request and hint at it. Doing it again changes nothing."""
        request = DeploymentRequest(
            id=request_id,
            environment=self._environment.name,
            goal=goal,
            actor=actor_of(rule),
            delivery=what,
            accepted_at=self._now,
        )
        entry = self._ports.ledger.open(open_entry(request, self._now)).row
        if not entry.ended:
            hint(entry, self._now, self._ports)
        log.info(line("night.asked", environment=self._environment.name, id=request_id, goal=goal.title))

    def _deployed(self) -> Deployed | None:
        situation = self._ports.cloud_service(self._environment).situation()
        return situation.at(self._environment.slot)

    def _entry(self, request_id: str) -> Entry | None:
        stored = self._ports.ledger.get(Check(environment=self._environment.name, request=request_id))
        return stored.row if stored is not None else None

    def _since(self, slept: Entry) -> list[Entry]:
        """Return what was asked for after a request, without the removals that are still to come."""
        newer = self._ports.ledger.history(self._environment.name, HISTORY)
        return [one for one in newer if one.opened_at > slept.opened_at and (one.ended or is_at_work(one))]

    def _stayed_up(self, transition: Transition, reason: str) -> None:
        name, at = self._environment.name, transition.local
        self._note(
            (*transition.key, transition.night.held_by), transition.night.rule.name, f"not put to sleep: {reason}"
        )
        self._complain(
            " ".join((*transition.key, transition.night.held_by)),
            f"{name} was not put to sleep at {at:%H:%M} on {at:%A}: {reason}.",
        )

    def _note(self, what: Sequence[str], rule: str, words: str) -> None:
        """Write into the audit trail, once, that something was left alone."""
        name, delivery = self._environment.name, " ".join(what).strip()
        record = of_skipped(name, actor_of(rule), delivery, words, self._now)
        self._ports.ledger.note(derive_id(Source.CLOCK, name, *what, "skipped"), record)

    def _tell_month(self, rules: Sequence[Rule]) -> None:
        """Tell the owner what the nights of the last month came to, once all of them are over."""
        month, ended_at = last_month(self._now, [rule.zone for rule in rules])
        slept, snapshot = self._row.months.get(month), self._row.snapshot
        if slept is None or self._row.reported == month or (snapshot is not None and snapshot.taken_at < ended_at):
            return
        text = say_month(self._environment.name, month, slept)
        if self._tell(text, month):
            self._write(reported=month)

    def _complain(self, key: str, text: str) -> None:
        """Tell the owner once a day."""
        today = self._now.date()
        if self._row.complained.get(key) == today:
            return
        if self._tell(text, f"{key} {today}"):
            recent = {one: day for one, day in self._row.complained.items() if day == today}
            self._write(complained={**recent, key: today})

    def _tell(self, text: str, key: str, offer: Offer | None = None) -> bool:
        """Tell the owner; return whether nothing has to be tried again. `key` is one of this environment's."""
        name = self._environment.name
        return tell_owner(name, self._environment.notify, text, f"{name} {key}", self._ports, offer)
