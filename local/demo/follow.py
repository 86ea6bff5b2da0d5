"""What somebody does, and what follows from it, told until it is over: releases, commands, questions."""

import re
from collections.abc import Sequence

from handlers.model import Outcome
from local.chat.deliveries import Person
from local.demo.events import Event, Logged, ShownInSlack
from local.demo.page import Place, Told
from local.demo.people import type_in_slack
from local.demo.story import Story
from local.demo.words import UNDER_WAY
from local.sample_release import assets
from local.stack import Delivery, PublishedRelease

REQUEST = re.compile(r"\bd[a-z2-7]{20}\b")
"""A request's id."""


def publish(story: Story, version: str) -> PublishedRelease:
    """Publish a release with its files."""
    given = assets(version)
    story.words.learn(version, given)
    return story.stack.github.publish(version, given)


def deliver(story: Story, release: PublishedRelease) -> str:
    """Let GitHub deliver; return the id of the request that it became. Raises Missing."""
    delivery: Delivery = story.stack.deliver(release)
    story.page.tell(
        Told(Place.GITHUB, "delivers `release published`, signed with HMAC-SHA256", (f"delivery {delivery.guid}",))
    )
    story.expect(delivery.status == 202, f"202 for {release.tag}, not {delivery.status} {delivery.answer.text}")
    story.expect(len(delivery.requests) == 1, f"one request for {release.tag}")
    return delivery.requests[0]


def command(story: Story, who: Person, text: str) -> str:
    """Let somebody type a command; return the id of the request that it becomes. Raises Missing."""
    named = REQUEST.search(type_in_slack(story, who, text))
    if named is None:
        raise story.missing(f"the id of a request in the answer to {text}")
    return named.group()


def ask(story: Story, who: Person, text: str, expected: str) -> None:
    """Let somebody type what is answered in the channel; hold the answer to what it is to say. Raises Missing."""
    type_in_slack(story, who, text)
    verb = text.partition(" ")[0]
    story.until(lambda event: is_about(event, "inquiry.answered", "command", [verb]), f"the answer to {text}")
    story.expect(expected in story.words.messages[-1], f"an answer to {text} that says: {expected}")


def follow(story: Story, environment: str, *requests: str, in_slack_alone: bool = False) -> Sequence[Outcome]:
    """Tell everything until requests are over, side by side. Return the outcomes as the ledger has them.

    One is over when everybody was told; one that is shown `in_slack_alone`, when its message there says so, which is
    seen sooner. Raises Missing.
    """
    left = set(requests)

    def over(event: Event) -> bool:
        match event:
            case Logged("request.told", facts):
                left.discard(facts["id"])
            case ShownInSlack(_, text) if in_slack_alone and not text.startswith(UNDER_WAY):
                left.difference_update({one for one in left if _is_message_of(one, text)})
            case _:
                pass
        return not left

    story.until(over, f"{' and '.join(requests)} over and told")
    outcomes = []
    for request in requests:
        row = story.stack.row(request, environment)
        if row is None or row.outcome is None:
            raise story.missing(f"an outcome in the ledger for {request}")
        outcomes.append(row.outcome)
    return outcomes


def expect_one_message(story: Story, request: str) -> None:
    """Hold Slack to one message about a request, which was told as it is now. Raises Missing."""
    showing = [one["shown"] for one in story.stack.chat.messages() if _is_message_of(request, one["shown"])]
    story.expect(
        len(showing) == 1 and showing[0] in story.words.messages,
        f"one message about {request} in Slack, and it is one of those above",
    )


def _is_message_of(request: str, text: str) -> bool:
    """Say whether a message in Slack is the one that shows how a request is going; others may name it."""
    return re.search(rf"(ours|request id) {request}\b", text) is not None


def is_about(event: Event, name: str, fact: str, values: Sequence[str] | set[str]) -> bool:
    """Say whether an event of the app's log has this name, and one of these values for a fact."""
    return isinstance(event, Logged) and event.event == name and event.facts.get(fact) in values
