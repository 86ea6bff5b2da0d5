"""People, rights and freezes in `environments.toml`, and what a mistake is answered with."""

from pathlib import Path

import pytest

from handlers.environments import Environment, read_environments
from handlers.environments.people import are_one
from handlers.environments.rights import Right
from handlers.errors import SettingsWrong
from handlers.model import Source
from handlers.policy import who_may
from tests.policy.places import PLACE, somebody

SAMPLE = (Path(__file__).resolve().parents[2] / "environments.sample.toml").read_text()
MONA = '\n[people.mona]\ngithub = ["583231"]\nslack = ["U1"]\n'


def read(more: str) -> Environment:
    """Read the sample and some more."""
    return read_environments(SAMPLE + more, "f")["production"]


def test_rights_and_people_are_read() -> None:
    """People for every environment."""
    place = read(f'[environments.production.rights]\ndeploy = ["mona", "any:release"]\n{MONA}')
    assert place.rights == {Right.DEPLOY: ("mona", "any:release")}
    assert place.people == {"mona": {Source.GITHUB: ("583231",), Source.SLACK: ("U1",)}}


def test_groups_are_read() -> None:
    """In rights and on the allow list; each once."""
    place = read(
        '[environments.production.rights]\ndeploy = ["github-team:contoso/deployers", "any:release"]\n'
        'scale = ["github-permission:maintain", "github-team:contoso/deployers"]\n'
        '[environments.production.allow]\nslack = ["U1", "slack-group:S0123ABCD"]\n'
    )
    assert [str(group) for group in place.groups] == [
        "github-team:contoso/deployers",
        "github-permission:maintain",
        "slack-group:S0123ABCD",
    ]


def test_freezes_are_read() -> None:
    """As TOML writes local times."""
    place = read(
        '[[environments.production.freezes]]\nreason = "r"\nbegins = 2026-12-19T18:00:00\nends = 2027-01-04T08:00:00\n'
        'verbs = ["deploy"]\nzone = "Europe/Berlin"\n'
    )
    assert place.freezes[0].words == "2026-12-19 18:00 - 2027-01-04 08:00 (Europe/Berlin)"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        pytest.param(
            '[environments.production.rights]\ndeploy = ["mona"]\n',
            "f: environments.production.rights.deploy: there is no [people.mona]",
            id="nobody of this name",
        ),
        pytest.param(
            '[environments.production.rights]\ndeplooy = ["slack:U1"]\n',
            "production.rights.deplooy",
            id="no such right",
        ),
        pytest.param(
            '[environments.production.rights]\ndeploy = ["slak:U1"]\n',
            "production.rights.deploy.0",
            id="no such source",
        ),
        pytest.param('[environments.production.rights]\ndeploy = ["any:body"]\n', ".rights.deploy.0", id="no entrance"),
        pytest.param(
            '[environments.production.rights]\ndeploy = ["github-permission:none"]\n',
            ".rights.deploy.0: a group is github-team:ORGANIZATION/SLUG",
            id="everybody who has nothing",
        ),
        pytest.param(
            '[environments.production.allow]\nslack = ["slack-group:@ops"]\n',
            "production.allow: must be lists of user ids",
            id="a group by its handle",
        ),
        pytest.param(f'{MONA}[people.hubot]\nslack = ["U1"]\n', "hubot: the slack id U1 is mona's already", id="id"),
        pytest.param('[people.mona]\nirc = ["U1"]\n', "f: people.mona: must be lists of ids", id="no such chat"),
        pytest.param('[people.Mona]\nslack = ["U1"]\n', "f: people.Mona: the name", id="a name in capitals"),
        pytest.param("[environments.production.people]\nx = 1\n", "people: they stand in tables", id="place"),
        pytest.param('[[environments.production.freezes]]\nweekly = "x"\n', "production.freezes.0.reason", id="freeze"),
    ],
)
def test_a_mistake_stops_the_start(more: str, says: str) -> None:
    """With the key and the rule."""
    with pytest.raises(SettingsWrong) as caught:
        read(more)
    assert says in str(caught.value)


def test_identities_of_one_person_are_one() -> None:
    """By the file; a name proves nothing."""
    mona, also = somebody(Source.SLACK, "MONA"), somebody(Source.GITHUB, "1", "octocat")
    assert are_one(mona, also, PLACE.people)
    assert not are_one(mona, somebody(Source.GITHUB, "MONA"), PLACE.people)
    assert not are_one(somebody(Source.SLACK, "A"), somebody(Source.SLACK, "B"), PLACE.people)


@pytest.mark.parametrize(
    ("right", "says"),
    [
        (Right.DEPLOY, "deploy production: rights.deploy says mona, slack:DEPLOYER, any:release."),
        (Right.SWAP, "swap production: rights.swap says nobody."),
        (Right.SCALE, "scale production: allow and the environment's keys say slack:ALLOWED, mattermost:other."),
    ],
)
def test_who_may_is_answered_with_the_key(right: Right, says: str) -> None:
    """In the file's own words."""
    assert who_may(right, PLACE) == says


def test_what_has_to_be_named_is_nobodys_otherwise() -> None:
    """Whatever allow says."""
    place = PLACE.model_copy(update={"rights": {}})
    assert who_may(Right.BREAK_GLASS, place).startswith("break-glass production: nobody")
    assert who_may(Right.DEPLOY, place).endswith("mattermost:other, any:release, any:push.")
