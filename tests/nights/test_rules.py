"""What may stand in the rules, and what a mistake in them leads to."""

import pytest

from handlers.nights.days import read_days, say_days
from handlers.nights.rules import RULES, Rule
from tests.nights.rules import reading, rule

GOOD = 'suspend = "19:00", resume = "07:00", days = "mon-fri", zone = "Europe/Berlin"'


@pytest.mark.parametrize(
    ("night", "says"),
    [
        pytest.param(
            GOOD.replace("19:00", "7pm"), ".suspend: must be a time of day such as \"19:00\" (seen: '7pm')", id="time"
        ),
        pytest.param(GOOD.replace("19:00", "24:00"), ".suspend: must be", id="no such time"),
        pytest.param(GOOD.replace("07:00", "19:00"), ".resume: must be", id="a night of no length"),
        pytest.param(GOOD.replace('resume = "07:00", ', ""), ".resume: missing; a time of day", id="no morning"),
        pytest.param(GOOD.replace(', zone = "Europe/Berlin"', ""), ".zone: missing;", id="no zone"),
        pytest.param(GOOD.replace("Berlin", "Bärlin"), ".zone: must be a time zone of the IANA database", id="zone"),
        pytest.param(GOOD.replace("Europe/Berlin", "../etc"), ".zone: must be", id="a path is no zone"),
        pytest.param(GOOD.replace("mon-fri", "weekdays"), ".days: must be days on which nights begin", id="days"),
        pytest.param(GOOD + ", zome = 1", ".zome: no such key; did you mean zone? (seen: 1)", id="unknown key"),
        pytest.param(GOOD + ', sleep = "hibernate"', '.sleep: must be "suspend", "delete" or "scale"', id="way"),
        pytest.param(GOOD + ', sleep = "scale"', ".instances: missing; counts by role", id="scale to what"),
        pytest.param(GOOD + ", instances = { Web = 1 }", ".instances: must be counts by role", id="counts alone"),
        pytest.param(GOOD + ', holidays = ["25 December"]', ".holidays: must be a list of dates", id="date"),
        pytest.param(
            GOOD + ', holidays_file = "gone.ics"',
            ".holidays_file: there is no file gone.ics",
            id="no file",
        ),
        pytest.param(GOOD + ', slots = ["production"]', ".slots: must be a list", id="not its slot"),
        pytest.param(GOOD + ", max_lateness = -1", ".max_lateness: must be minutes", id="minutes"),
    ],
)
def test_a_mistake_leaves_the_environment_up_and_names_key_rule_and_value(night: str, says: str) -> None:
    """No rule of it holds."""
    found = reading(f"night = {{ {night} }}")
    assert found.rules == ()
    (mistake,) = found.mistakes
    assert mistake.startswith(f"environments.staging.night{says}")


def test_one_wrong_rule_of_two_leaves_it_up() -> None:
    """Half of what its owner meant may be the wrong half."""
    tables = "\n".join(
        f'[[environments.staging.night]]\nsuspend = "{suspend}"\nresume = "07:00"\nzone = "UTC"'
        for suspend in ("19:00", "soon")
    )
    found = reading(tables)
    assert (found.rules, len(found.mistakes)) == ((), 1)


def test_a_mistake_in_one_of_several_rules_names_it() -> None:
    """By its name, or by the one that it has where none is written."""
    table = '[[environments.staging.night]]\nsuspend = "19:00"\nresume = "07:00"\nzone = "UTC"\n'
    found = reading(f'{table}name = "week"\n{table}days = "fryday"\n{table}name = "end"\nholidays_file = "gone.ics"\n')
    assert [one.split(": ")[0] for one in found.mistakes] == [
        "environments.staging.night.night-2.days",
        "environments.staging.night.end.holidays_file",
    ]


def test_production_without_slots_is_told_what_is_missing() -> None:
    """And not that a nothing was seen."""
    (mistake,) = reading(f"night = {{ {GOOD} }}", slot="production").mistakes
    assert mistake.startswith('environments.staging.night.slots: missing; a list of "production" and "staging"')


def test_two_rules_of_one_name_are_a_mistake() -> None:
    """What a rule has done is kept under its name."""
    table = '[[environments.staging.night]]\nname = "n"\nsuspend = "19:00"\nresume = "07:00"\nzone = "UTC"\n'
    assert ".name: must be" in reading(table * 2).mistakes[0]


@pytest.mark.parametrize(
    ("more", "sleeps"),
    [
        pytest.param("", False, id="not listed"),
        pytest.param(', slots = ["staging"]', False, id="another one listed"),
        pytest.param(', slots = ["production"]', True, id="listed"),
    ],
)
def test_production_sleeps_only_where_its_slot_is_listed(more: str, sleeps: bool) -> None:
    """A rule that was copied from staging does not take production down."""
    found = reading(f"night = {{ {GOOD}{more} }}", slot="production")
    assert bool(found.rules) is sleeps
    assert bool(found.mistakes) is not sleeps


def test_an_environment_without_nights_stays_up() -> None:
    """And nothing is wrong with it."""
    found = reading("")
    assert (found.rules, found.mistakes) == ((), ())


def test_every_key_has_its_rule_in_words() -> None:
    """For mistakes and for the documentation."""
    assert set(RULES) == set(Rule.model_fields)


@pytest.mark.parametrize("text", ["mon-fri", "mon-sun", "fri-mon", "mon,wed,fri-sun", "sun"])
def test_days_are_said_as_they_are_read(text: str) -> None:
    """Ranges may go over the week's end."""
    assert read_days(say_days(read_days(text))) == read_days(text)


def test_a_rule_says_itself_in_one_line() -> None:
    """For tables and chats."""
    text = rule(more=', sleep = "delete"').text
    assert text == "night: mon-fri 19:00 to 07:00 Europe/Berlin delete"
