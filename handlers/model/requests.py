"""What is asked for, and the texts on queues that carry it.

Three kinds of text cross process borders and so keep their shape: `RequestsMessage` (queue `requests`), `Inquiry`
(queue `inquiries`) and `Check` (queues `operations` and `notifications`).
"""

import base64
import hashlib
from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from handlers.model.base import Message
from handlers.model.goals import Goal, Retire, RunRelease
from handlers.model.people import Actor, Place, Source
from handlers.model.versions import Release

ENVIRONMENT_NAME = r"^[a-z][a-z0-9-]{0,62}$"
"""An environment's name: lower case, so that it can be said in chat and stand in a storage key."""

REQUEST_ID = r"^d[a-z2-7]{20}$"
"""How `derive_id` writes one."""

MOST_WORDS = 300
"""Our choice: characters of what somebody asked for that the audit trail keeps where it was refused."""


class DeploymentRequest(Message):
    """Who wants which goal for which environment, and where to answer."""

    id: str = Field(pattern=REQUEST_ID)
    """Derived from what happened (`derive_id`), so that two deliveries of one event are one request. Also the
    deployment's name in Azure, which refuses the same name twice."""
    environment: str
    goal: Goal
    actor: Actor
    delivery: str
    """The sender's id of the HTTP call, for finding it again in the sender's list of deliveries."""
    accepted_at: AwareDatetime
    place: Place | None = None
    """Where the command was given; None for what GitHub sent."""
    renamed_from: str | None = None
    """The repository's name in the file of environments, where it has another one by now."""
    break_glass: str | None = None
    """Why it is meant although the environment is frozen."""
    asked_later: bool = False
    """Whether the right depends on what only others can say, who are asked when the work begins."""


class Inquiry(Message):
    """A command that is answered after its delivery, where it was given: it changes nothing in Azure, or is refused."""

    id: str = Field(pattern=REQUEST_ID)
    text: str
    """The command as `commands.say` writes it, or a comment's as it was written; empty where `said` says all."""
    actor: Actor
    place: Place
    asked_at: AwareDatetime
    pressed: bool = False
    """Whether it was a button. What is refused then is said to its presser alone."""
    said: str | None = None
    """What the door has said to it, for people; nothing is looked up for it any more."""
    about: str | None = None
    """The environment that `said` is about: only who may read it may read that."""
    requests: tuple[DeploymentRequest, ...] = ()
    """What a comment asks for whose author is perhaps nobody: it begins once others say that they may read there."""


class Against(Message):
    """The rule that refused something in one environment."""

    environment: str
    rule: str
    """The stable reason, `not_allowed`."""
    sentence: str
    if_repository: int | None = None
    """It counts only where the environment was deployed from the repository with this id; None: it counts."""


class Refused(Message):
    """What a proved delivery attempted and rules refused. Nothing follows from it but rows of the audit trail."""

    actor: Actor
    delivery: str
    at: AwareDatetime
    words: str = Field(max_length=MOST_WORDS)
    """What was asked for, without the values of settings: they may be secrets."""
    sha: str | None = None
    """The commit that was to be deployed: 40 hex digits."""
    request: str | None = None
    """The request that it was about, where it was about one (`approve`, `cancel`)."""
    hourly: bool = False
    """Whether one row is enough for a person, a verb and an hour: those who may not even read can write without end."""
    against: tuple[Against, ...] = Field(min_length=1)
    """One an environment."""


class RequestsMessage(Message):
    """The text on queue `requests`: everything that one delivery asks for, and what of it was refused.

    One message a delivery, because an output binding writes one message whole or answers the sender with 500; what
    is for several environments is taken apart afterwards.
    """

    v: Literal[1] = 1
    requests: tuple[DeploymentRequest, ...] = ()
    inquiry: Inquiry | None = None
    refused: Refused | None = None
    candidates: tuple[DeploymentRequest, ...] = ()
    """From a repository whose name no environment has. Each counts only where the environment was deployed from the
    repository with this id before: then it was renamed."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.requests or self.candidates) and self.inquiry is None and self.refused is None:
            raise ValueError("asks for nothing")
        return self


class Check(Message):
    """The text on queues `operations` and `notifications`: look at this row of the ledger."""

    v: Literal[1] = 1
    environment: str = Field(pattern=ENVIRONMENT_NAME)
    request: str = Field(pattern=REQUEST_ID)


def derive_id(*facts: str | int) -> str:
    """Derive a request id from what happened: `d` and 20 characters of base32 (100 bits).

    Each fact is written with its length before it, so that no two lists of facts give one text.
    """
    text = "".join(f"{len(fact)}:{fact}" for fact in map(str, facts))
    digest = hashlib.sha256(text.encode()).digest()
    return "d" + base64.b32encode(digest).decode().lower()[:20]


def release_request(
    release: Release, environment: str, actor: Actor, delivery: str, accepted_at: datetime
) -> DeploymentRequest:
    """Ask for a published release in one environment."""
    return DeploymentRequest(
        id=derive_id(Source.GITHUB, release.repository_id, "release", release.id, "published", environment),
        environment=environment,
        goal=RunRelease(release=release),
        actor=actor,
        delivery=delivery,
        accepted_at=accepted_at,
    )


def retire_request(after: DeploymentRequest, name: str, accepted_at: datetime) -> DeploymentRequest:
    """Ask for the removal of what a release replaced, once it need not be kept any more."""
    return after.model_copy(
        update={
            "id": derive_id(after.id, "retire", name),
            "goal": Retire(name=name),
            "accepted_at": accepted_at,
        }
    )
