"""Buttons: pressing one is saying its command, to what was seen; what is refused is said to its presser alone."""

from datetime import timedelta

import pytest

from handlers.environments import Environment
from handlers.environments.rights import Right
from handlers.events import CommandGiven, Ignored
from handlers.intake import decide
from handlers.model import Actor, DeploymentRequest, MattermostPlace, Place, SlackPlace, Source, derive_id
from handlers.sinks.card import Button, card_of
from tests.flows.queues import Message
from tests.flows.test_approvals import MINUTE, TWO_MEN, waiting
from tests.flows.test_locks import HUBOT, MONA, OCTO, RULED, ending, world
from tests.flows.world import World

PLACE = SlackPlace(team="T1", channel="C1", response_url="https://hooks.slack.com/actions/T1/1/x")


def buttons(where: World, request: DeploymentRequest) -> dict[str, Button]:
    """Return the buttons on a request's message, by label."""
    card = card_of(where.sink.shown[request.id][-1], where.environments["production"])
    return {button.label: button for button in card.buttons}


def push(where: World, command: str, actor: Actor, place: Place = PLACE) -> None:
    """Press a button, and let nothing happen yet."""
    press = CommandGiven(command, actor, place, derive_id(command, actor.id, len(where.calls)), pressed=True)
    message = decide(press, where.environments, where.clock).message
    if message is not None:
        where.requests.messages.append(Message(message.model_dump_json(), where.clock))


def press(where: World, command: str, actor: Actor, run: timedelta = timedelta(seconds=5)) -> None:
    """Press a button, and let happen what follows."""
    push(where, command, actor)
    where.run(run)


def test_a_request_that_waits_for_somebody_shows_what_they_would_agree_to() -> None:
    """Environment, version, commit and plan; and the button says it was these."""
    here = world(TWO_MEN)
    request = waiting(here)
    approve = buttons(here, request)["Approve"]
    assert approve.question.startswith("production: v1, commit ccccccc. Create deployment ")
    assert "Swap" in approve.question
    proposal = here.row(request).proposal
    assert proposal is not None
    assert approve.command == f"approve {request.id} if {proposal.mark}"
    assert approve.typed == f"approve {request.id}"


def test_pressing_it_lets_the_request_go_and_takes_the_button_away() -> None:
    """Whoever presses has agreed; everybody in the channel reads it."""
    here = world(TWO_MEN)
    request = waiting(here)
    press(here, buttons(here, request)["Approve"].command, HUBOT)
    assert here.voice.said[-1] == f"v1 ({request.id}) is approved by hubot."
    assert "Approve" not in buttons(here, request)
    here.run()
    assert ending(here, request)[0] is None


@pytest.mark.parametrize(
    ("environment", "actor", "sentence"),
    [
        pytest.param(TWO_MEN, MONA, "You cannot approve your own request.", id="own, published on GitHub"),
        pytest.param(
            TWO_MEN.model_copy(update={"rights": {Right.APPROVE: ("slack:U3",)}}),
            HUBOT,
            "You have no right to approve in production",
            id="without the right",
        ),
    ],
)
def test_a_press_that_is_refused_is_said_to_its_presser_alone(
    environment: Environment, actor: Actor, sentence: str
) -> None:
    """The channel reads nothing, Azure hears nothing, and the button stays."""
    here = world(environment)
    request = waiting(here)
    press(here, buttons(here, request)["Approve"].command, actor)
    ((to, text),) = here.voice.whispered
    assert to == actor.name
    assert text.startswith(sentence)
    assert here.voice.said == []
    assert here.azure.operations == []
    assert "Approve" in buttons(here, request)


def test_a_sleep_that_takes_a_second_person_is_refused_to_its_presser_alone() -> None:
    """It waits for nobody: the clock would not ask."""
    here = world(TWO_MEN)
    press(here, "sleep production now", MONA)
    ((to, text),) = here.voice.whispered
    assert to == "mona"
    assert text.startswith("To suspend production takes a second person: write suspend production")
    assert here.voice.said == []


def test_who_has_seen_another_plan_has_agreed_to_nothing() -> None:
    """The message was drawn before the commit or the plan changed."""
    here = world(TWO_MEN)
    request = waiting(here)
    press(here, f"approve {request.id} if {'0' * 32}", HUBOT)
    ((_, text),) = here.voice.whispered
    assert text == "The commit or the plan is not the one that you saw. Look again, then agree."
    proposal = here.row(request).proposal
    assert proposal is not None
    assert proposal.approvals == ()


def test_a_tag_that_has_moved_since_takes_nothing_to_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the message still shows what others were asked."""
    here = world(TWO_MEN)
    request = waiting(here)
    monkeypatch.setattr(here.packages, "commit_of", lambda _: "d" * 40)
    press(here, buttons(here, request)["Approve"].command, HUBOT, run=2 * MINUTE)
    assert ending(here, request)[0] == "ChangedSinceApproval"
    assert here.azure.operations == []


def test_two_presses_of_one_person_are_one() -> None:
    """At the same moment, where two have to agree."""
    here = world(TWO_MEN.model_copy(update={"approvals": 2}))
    request = waiting(here)
    command = buttons(here, request)["Approve"].command
    push(here, command, HUBOT)
    here.calls.append("a second press")
    push(here, command, HUBOT)
    here.run(timedelta(seconds=5))
    assert here.voice.said == [f"v1 ({request.id}) is approved by hubot. 1 more to agree."]
    assert here.voice.whispered == [("hubot", "You have approved it already.")]
    assert here.azure.operations == []
    assert "Approve" in buttons(here, request)
    assert here.sink.shown[request.id][-1].description.startswith("Waiting: somebody else to agree to ccccccc")


def test_only_as_many_count_as_are_needed() -> None:
    """Two others press at the same moment where one is enough."""
    here = world(TWO_MEN)
    request = waiting(here)
    command = buttons(here, request)["Approve"].command
    push(here, command, HUBOT)
    push(here, command, OCTO)
    here.run(timedelta(seconds=5))
    proposal = here.row(request).proposal
    assert proposal is not None
    assert [one.actor.name for one in proposal.approvals] == ["hubot"]
    assert [to for to, _ in here.voice.whispered] == ["octo"]
    here.run()
    assert ending(here, request)[0] is None


def test_the_same_press_delivered_twice_is_one_consent() -> None:
    """And says so both times."""
    here = world(TWO_MEN.model_copy(update={"approvals": 2}))
    request = waiting(here)
    push(here, buttons(here, request)["Approve"].command, HUBOT)
    here.requests.messages.append(Message(here.requests.messages[-1].text, here.clock))
    here.run(timedelta(seconds=5))
    assert here.voice.said == [f"v1 ({request.id}) is approved by hubot. 1 more to agree."] * 2
    assert here.voice.whispered == []


def test_what_nobody_has_to_agree_to_has_no_such_button() -> None:
    """And a press of an old one does nothing."""
    here = world(RULED)
    request = waiting(here)
    assert "Approve" not in buttons(here, request)
    press(here, f"approve {request.id}", HUBOT)
    assert here.voice.whispered[0][1] in {
        "It is not waiting for an approval.",
        f"No request that is under way begins with {request.id}.",
    }


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("suspend nowhere", "I do not know the environment"),
        ("rollback production", "You may not command production"),
        ("help", "deploy VERSION to ENVIRONMENT"),
    ],
    ids=["mistaken", "refused", "answered at once"],
)
def test_what_the_door_says_to_a_press_in_slack_follows_it(command: str, sentence: str) -> None:
    """Slack shows nothing of the answer itself."""
    here = world()
    eve = Actor(source=Source.SLACK, id="U9", name="eve")
    press(here, command, eve)
    ((to, text),) = here.voice.whispered
    assert to == "eve"
    assert sentence in text
    assert here.voice.said == []


def test_a_press_in_a_channel_that_may_not_command_is_told_so() -> None:
    """As somebody who types there is."""
    here = world()
    press = CommandGiven("rollback production", HUBOT, PLACE, "1.2.3", pressed=True)
    decision = decide(Ignored("Commands are not taken from this channel.", press), here.environments, here.clock)
    assert decision.message is not None
    assert decision.message.inquiry is not None
    assert decision.message.inquiry.said == "Ignored: Commands are not taken from this channel."
    assert decide(Ignored("A bot."), here.environments, here.clock).message is None


def test_what_the_door_says_to_a_press_in_mattermost_needs_nothing_to_follow() -> None:
    """Its answer is shown."""
    here = world()
    eve = Actor(source=Source.MATTERMOST, id="eve", name="eve")
    push(here, "rollback production", eve, MattermostPlace(channel="c" * 26))
    here.run(timedelta(seconds=5))
    assert here.voice.said == []
    assert here.voice.whispered == []


def test_what_is_refused_to_typed_words_stays_where_it_was() -> None:
    """In the channel, as before."""
    here = world(TWO_MEN)
    request = waiting(here)
    typed = CommandGiven(f"approve {request.id}", MONA, PLACE, "1.2.3")
    message = decide(typed, here.environments, here.clock).message
    assert message is not None
    here.requests.messages.append(Message(message.model_dump_json(), here.clock))
    here.run(timedelta(seconds=5))
    assert here.voice.said == ["You cannot approve your own request."]
    assert here.voice.whispered == []
