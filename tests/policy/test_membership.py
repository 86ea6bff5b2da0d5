"""Teams, permissions and user groups: how they are written, who is asked about whom, and what an answer is worth."""

import pytest

from handlers.environments.groups import Group, Kind, group_in
from handlers.environments.rights import Freeze, Right
from handlers.model import Source
from handlers.policy import Attempt, Entrance, Reason, at_the_door, who_may
from handlers.policy.membership import Answer, Membership, Question, has_role
from handlers.policy.when import rule_freeze
from handlers.policy.who import next_question, questions, rule_right
from tests.policy.places import GROUPED, NOW, PLACE, ROLES, attempt, somebody

TEAM = Group(Kind.GITHUB_TEAM, "contoso/deployers")
YES, NO = Answer(Membership.MEMBER, "yes"), Answer(Membership.NOT_A_MEMBER, "mona is no active member")
SILENCE = Answer(Membership.UNKNOWN, "GitHub answered 403")


def deploying(*subjects: str, source: Source = Source.SLACK, id_: str = "MONA") -> Attempt:
    """Let somebody deploy where these subjects may."""
    place = PLACE.model_copy(update={"rights": {Right.DEPLOY: subjects}})
    return Attempt(Right.DEPLOY, place, somebody(source, id_), Entrance.CHAT, NOW)


@pytest.mark.parametrize(
    ("subject", "kind", "name"),
    [
        ("github-team:contoso/deployers", Kind.GITHUB_TEAM, "contoso/deployers"),
        ("github-permission:maintain", Kind.GITHUB_PERMISSION, "maintain"),
        ("github-permission:Release Manager", Kind.GITHUB_PERMISSION, "Release Manager"),
        ("slack-group:S0123ABCD", Kind.SLACK_GROUP, "S0123ABCD"),
    ],
)
def test_a_group_is_read_as_it_is_written(subject: str, kind: Kind, name: str) -> None:
    """And written as it was read."""
    assert group_in(subject) == Group(kind, name)
    assert str(Group(kind, name)) == subject


@pytest.mark.parametrize(
    "subject",
    [
        "mona",
        "slack:U1",
        "any:release",
        "github-team:deployers",
        "github-team:contoso/../admins",
        "github-team:contoso/a/b",
        "github-permission:none",
        "github-permission:",
        "slack-group:@deployers",
        "slack-group:",
    ],
)
def test_anything_else_is_no_group(subject: str) -> None:
    """Nobody could be asked about it."""
    assert group_in(subject) is None


@pytest.mark.parametrize(
    ("role", "wanted", "enough"),
    [
        ("admin", "maintain", True),
        ("maintain", "maintain", True),
        ("write", "maintain", False),
        ("triage", "write", False),
        ("read", "read", True),
        ("none", "read", False),
        ("Release Manager", "Release Manager", True),
        ("Release Manager", "read", False),
        ("release manager", "Release Manager", False),
        ("admin", "Release Manager", False),
    ],
)
def test_a_role_includes_those_below_it_and_a_custom_one_itself(role: str, wanted: str, enough: bool) -> None:
    """Admin, maintain, write, triage, read."""
    assert has_role(role, wanted) is enough


def test_a_person_counts_by_their_id_where_the_list_is_kept() -> None:
    """Written in Slack, asked at GitHub."""
    assert questions(deploying(str(TEAM))) == (Question(TEAM, "1"),)
    assert questions(deploying("slack-group:S1", source=Source.GITHUB, id_="1")) == (
        Question(Group(Kind.SLACK_GROUP, "S1"), "MONA"),
    )


def test_who_has_no_id_there_is_refused_at_the_door() -> None:
    """With what is missing."""
    ruling = rule_right(deploying(str(TEAM), id_="STRANGER"))
    assert ruling.reason is Reason.NOT_ALLOWED
    assert ruling.sentence.endswith("No table [people.NAME] joins it to an id at github.")


def test_nobody_is_asked_about_who_is_named() -> None:
    """The file says it."""
    one = deploying(str(TEAM), "mona")
    assert next_question(one) is None
    assert rule_right(one).reason is Reason.HAS_THE_RIGHT


def test_one_yes_is_enough_and_ends_the_asking() -> None:
    """Also after a no and a silence."""
    one = deploying("slack-group:S1", "slack-group:S2", str(TEAM), "slack-group:S3")
    for answer in (NO, SILENCE, YES):
        question = next_question(one)
        assert question is not None
        one = one.knowing(question, answer)
    assert next_question(one) is None
    assert rule_right(one).reason is Reason.MEMBER_OF


@pytest.mark.parametrize(
    ("answers", "reason"), [((NO, SILENCE), Reason.MEMBERSHIP_UNKNOWN), ((NO, NO), Reason.NOT_A_MEMBER)]
)
def test_without_a_yes_it_is_refused_with_what_was_said(answers: tuple[Answer, Answer], reason: Reason) -> None:
    """Of each list."""
    one = deploying("slack-group:S1", str(TEAM))
    for question, answer in zip(questions(one), answers, strict=True):
        one = one.knowing(question, answer)
    ruling = rule_right(one)
    assert ruling.reason is reason
    assert f"slack-group:S1: mona is no active member; {TEAM}: {answers[1].words}." in ruling.sentence


def test_an_answer_about_somebody_else_is_none() -> None:
    """It is about one id in one group."""
    one = deploying(str(TEAM)).knowing(Question(TEAM, "2"), YES)
    assert rule_right(one).reason is Reason.ASKED_LATER


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(None, Reason.GLASS_ASKED_LATER), (YES, Reason.GLASS_BROKEN), (NO, Reason.MAY_NOT_BREAK_GLASS)],
)
def test_a_team_may_break_the_glass(answer: Answer | None, reason: Reason) -> None:
    """Once it is known who is in it."""
    frozen = GROUPED.model_copy(update={"freezes": (Freeze(reason="holidays", weekly="Mon 00:00 - Sun 00:00"),)})
    one = attempt(Right.DEPLOY, ROLES["named as a person"], environment=frozen, break_glass="it burns")
    if answer is not None:
        one = one.knowing(Question(TEAM, "1"), answer)
    assert rule_freeze(one).reason is reason


def test_the_door_lets_in_what_only_others_can_say() -> None:
    """It waits, and no rule is against it."""
    verdict = at_the_door(deploying(str(TEAM)))
    assert verdict.refusal is None
    assert not verdict.allowed
    assert verdict.deciding is not None
    assert (
        verdict.deciding.sentence == "Whether mona is in github-team:contoso/deployers is asked when the work begins."
    )


@pytest.mark.parametrize(
    ("right", "says"),
    [
        (Right.DEPLOY, "deploy production: rights.deploy says github-team:contoso/deployers, any:push."),
        (Right.SCALE, "scale production: allow and the environment's keys say slack-group:S1 (by slack)."),
    ],
)
def test_who_may_names_groups_and_asks_nobody(right: Right, says: str) -> None:
    """In the file's own words."""
    asked = " Who is in a team, a permission or a group is asked when the work begins."
    assert who_may(right, GROUPED) == says + asked
