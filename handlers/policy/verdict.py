"""What the rules say about one attempt: every rule with its reason, and a sentence for people."""

from dataclasses import dataclass

from handlers.model import Against
from handlers.policy.reasons import REASONS, Effect, Reason, Rule


@dataclass(frozen=True)
class Ruling:
    """What one rule says."""

    reason: Reason
    sentence: str
    """For people: what was found, and what helps."""

    @property
    def rule(self) -> Rule:
        """Which rule it is."""
        return REASONS[self.reason].rule

    @property
    def effect(self) -> Effect:
        """Whether it passes."""
        return REASONS[self.reason].effect

    def against(self, environment: str, if_repository: int | None = None) -> Against:
        """Write it for the audit trail. `if_repository`: it counts only where the environment is from there."""
        return Against(environment=environment, rule=self.reason, sentence=self.sentence, if_repository=if_repository)


@dataclass(frozen=True)
class Verdict:
    """What all rules say that were asked. Without any, nothing is allowed."""

    rulings: tuple[Ruling, ...]

    @property
    def deciding(self) -> Ruling | None:
        """The ruling that stands in the way: the first refusal, else the first wait. None where all pass."""
        return self.refusal or self._first(Effect.WAIT)

    @property
    def refusal(self) -> Ruling | None:
        """The first refusal. None where all pass, or something that is missing can still come."""
        return self._first(Effect.REFUSE)

    @property
    def allowed(self) -> bool:
        """Whether every rule passes, and at least one was asked."""
        return bool(self.rulings) and self.deciding is None

    def _first(self, effect: Effect) -> Ruling | None:
        return next((ruling for ruling in self.rulings if ruling.effect is effect), None)
