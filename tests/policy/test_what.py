"""Which commit may be deployed: where it has to be, and what has to be said about it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.environments import Environment
from handlers.environments.commits import RequiredCheck
from handlers.policy import REASONS, Effect, Entrance, Reason, Rule
from handlers.policy.verdict import Verdict
from handlers.policy.what import (
    ANY_REF,
    CheckRun,
    Checks,
    CommitStatus,
    Found,
    Refs,
    allowed_refs,
    rule_checks,
    rule_reach,
    rule_same,
)
from tests.flows.world import PRODUCTION

SHA = "a" * 40
OTHER = "b" * 40
ACTIONS = 15368

Said = tuple[str, str | None] | tuple[str, str | None, int]
"""A name, an end (None while it goes on) and the app that ran it."""


def place(**changes: Any) -> Environment:
    """Return an environment as a file would make it."""
    return Environment.model_validate({**PRODUCTION.model_dump(), **changes})


def required(*checks: str | dict[str, Any]) -> tuple[RequiredCheck, ...]:
    """Return required checks as a file says them."""
    return place(required_checks=list(checks)).required_checks


def runs(*said: Said) -> tuple[CheckRun, ...]:
    """Return check runs, oldest first."""
    return tuple(
        CheckRun(number, one[0], SHA, one[1], app_id=one[2] if len(one) > 2 else ACTIONS, app="github-actions")
        for number, one in enumerate(said)
    )


def statuses(**states: str) -> tuple[CommitStatus, ...]:
    """Return commit statuses by context, written by people."""
    return tuple(CommitStatus(number, context, state) for number, (context, state) in enumerate(states.items()))


@pytest.mark.parametrize(
    ("names", "there", "marks"),
    [
        (["build"], [("build", "success")], {}),
        (["build"], [], {"build": "success"}),
        (["build"], [("build", "success")], {"build": "success"}),
        (["build", "test"], [("build", "success")], {"test": "success"}),
        (["build"], [("build", "success"), ("lint", "failure")], {"other": "error"}),
        (["build"], [("build", "failure"), ("build", "success")], {}),
        (["build"], [("build", "success", 1), ("build", "success", 2)], {}),
    ],
    ids=["run", "status", "both", "one each", "others", "run again", "two apps"],
)
def test_a_commit_passes(names: list[str], there: list[Said], marks: dict[str, str]) -> None:
    """Every required name has succeeded; what is not required does not matter."""
    ruling = rule_checks(required(*names), SHA, Checks(runs(*there), statuses(**marks)))
    assert ruling.reason is Reason.CHECKS_PASSED


@pytest.mark.parametrize(
    ("names", "there", "marks", "reason", "waits_for"),
    [
        (["build"], [], {}, Reason.CHECK_MISSING, "check build has not reported yet"),
        (["build"], [("build", None)], {}, Reason.CHECK_RUNNING, "check build is still running"),
        (["build"], [], {"build": "pending"}, Reason.CHECK_RUNNING, "check build is still running"),
        (["build"], [("build", "success"), ("build", None)], {}, Reason.CHECK_RUNNING, "check build is still running"),
        (["build"], [("build", "failure"), ("build", None)], {}, Reason.CHECK_RUNNING, "check build is still running"),
        (["build"], [("build", None)], {"build": "success"}, Reason.CHECK_RUNNING, "check build is still running"),
        (["build"], [("build", "success")], {"build": "pending"}, Reason.CHECK_RUNNING, "check build is still running"),
        (
            ["build"],
            [("build", "success", 1), ("build", None, 2)],
            {},
            Reason.CHECK_RUNNING,
            "check build is still running",
        ),
        (
            ["build"],
            [("Build", "success"), ("build ", "success")],
            {},
            Reason.CHECK_MISSING,
            "check build has not reported yet",
        ),
        (
            ["build", "a", "test"],
            [("a", "success")],
            {},
            Reason.CHECK_MISSING,
            "checks build, test have not reported yet",
        ),
    ],
    ids=[
        "missing",
        "going on",
        "pending status",
        "run again after success",
        "run again after failure",
        "a status beside a run that goes on",
        "a run beside a pending status",
        "another app",
        "other names",
        "two of three",
    ],
)
def test_a_commit_waits(
    names: list[str], there: list[Said], marks: dict[str, str], reason: Reason, waits_for: str
) -> None:
    """What is not there yet may come."""
    ruling = rule_checks(required(*names), SHA, Checks(runs(*there), statuses(**marks)))
    assert (ruling.reason, ruling.effect, ruling.sentence) == (reason, Effect.WAIT, waits_for)


@pytest.mark.parametrize(
    ("there", "marks", "words"),
    [
        *(
            ([("build", end)], {}, f"The check build ({end}) did not succeed on aaaaaaa.")
            for end in ("failure", "cancelled", "timed_out", "skipped", "neutral", "stale", "startup_failure")
        ),
        ([], {"build": "failure"}, "The check build (failure) did not"),
        ([], {"build": "error"}, "The check build (error) did not"),
        ([("build", "failure")], {"build": "success"}, "The check build (failure) did not"),
        ([("build", "success")], {"build": "error"}, "The check build (error) did not"),
        ([("build", "failure", 1), ("build", "success", 2)], {}, "The check build (failure) did not"),
        ([("build", "failure", 1), ("build", None, 2)], {}, "The check build (failure) did not"),
        ([("build", "timed_out"), ("test", "failure")], {}, "The checks build (timed_out), test (failure) did not"),
    ],
    ids=lambda value: None if isinstance(value, dict | str) else "-".join(str(one[1]) for one in value) or "status",
)
def test_a_commit_is_refused(there: list[Said], marks: dict[str, str], words: str) -> None:
    """Nobody else's success stands in for a failure."""
    ruling = rule_checks(required("build", "test"), SHA, Checks(runs(*there), statuses(**marks)))
    assert ruling.reason is Reason.CHECK_FAILED
    assert ruling.sentence.startswith(words)


BY_ID: dict[str, Any] = {"context": "build", "app_id": ACTIONS, "app": "github-actions"}
BY_SLUG: dict[str, Any] = {"context": "build", "app": "github-actions"}
ANYBODY: dict[str, Any] = {"context": "build"}


@pytest.mark.parametrize(
    ("entry", "app_id", "app", "reason"),
    [
        (BY_ID, ACTIONS, "github-actions", Reason.CHECKS_PASSED),
        (BY_ID, ACTIONS, "renamed", Reason.CHECKS_PASSED),
        (BY_ID, 99, "github-actions", Reason.CHECK_MISSING),
        (BY_ID, None, None, Reason.CHECK_MISSING),
        (BY_SLUG, 99, "github-actions", Reason.CHECKS_PASSED),
        (BY_SLUG, ACTIONS, "github-action", Reason.CHECK_MISSING),
        (BY_SLUG, ACTIONS, None, Reason.CHECK_MISSING),
        (ANYBODY, 99, "whoever", Reason.CHECKS_PASSED),
        (ANYBODY, None, None, Reason.CHECKS_PASSED),
    ],
    ids=["id", "id, other slug", "slug, other id", "id, nobody", "slug", "other slug", "no slug", "anybody", "nobody"],
)
def test_the_app_decides_whose_run_counts(
    entry: dict[str, Any], app_id: int | None, app: str | None, reason: Reason
) -> None:
    """The id where one is required, else the slug, else anybody."""
    run = CheckRun(1, "build", SHA, "success", app_id, app)
    assert rule_checks(required(entry), SHA, Checks((run,))).reason is reason


@pytest.mark.parametrize(
    ("entry", "by", "reason"),
    [
        (BY_ID, "github-actions", Reason.CHECK_MISSING),
        (BY_SLUG, "github-actions", Reason.CHECKS_PASSED),
        (BY_SLUG, "other", Reason.CHECK_MISSING),
        (BY_SLUG, None, Reason.CHECK_MISSING),
        (ANYBODY, None, Reason.CHECKS_PASSED),
    ],
    ids=["id: not said of a status", "slug", "another app", "a person", "anybody"],
)
def test_a_status_counts_where_its_writer_is_known(entry: dict[str, Any], by: str | None, reason: Reason) -> None:
    """GitHub says no app's id of it."""
    status = CommitStatus(1, "build", "success", by)
    assert rule_checks(required(entry), SHA, Checks(statuses=(status,))).reason is reason


@pytest.mark.parametrize("entry", [BY_ID, BY_SLUG], ids=["id", "slug"])
@pytest.mark.parametrize("end", ["failure", "success", None])
def test_what_another_app_says_counts_for_nothing(entry: dict[str, Any], end: str | None) -> None:
    """Neither for nor against, before or after."""
    other = CheckRun(9, "build", SHA, end, 99, "other")
    person = CommitStatus(9, "build", "failure" if end is None else end)
    ours = CheckRun(1, "build", SHA, "success", ACTIONS, "github-actions")
    assert rule_checks(required(entry), SHA, Checks((other,), (person,))).reason is Reason.CHECK_MISSING
    assert rule_checks(required(entry), SHA, Checks((other, ours), (person,))).reason is Reason.CHECKS_PASSED


def test_what_is_said_of_another_commit_counts_for_nothing() -> None:
    """However it is listed."""
    run = CheckRun(1, "build", OTHER, "success", ACTIONS, "github-actions")
    assert rule_checks(required("build"), SHA, Checks((run,))).reason is Reason.CHECK_MISSING


def test_one_name_may_be_required_of_two_apps() -> None:
    """Each for itself."""
    both = required(BY_ID, {"context": "build", "app_id": 7})
    ours = CheckRun(1, "build", SHA, "success", ACTIONS, "github-actions")
    ruling = rule_checks(both, SHA, Checks((ours,)))
    assert (ruling.reason, ruling.sentence) == (Reason.CHECK_MISSING, "check build by app 7 has not reported yet")


def test_nothing_is_asked_where_nothing_is_required() -> None:
    """And says so."""
    assert rule_checks((), SHA, None).reason is Reason.NO_CHECKS_REQUIRED
    assert rule_checks(required("build"), SHA, None).reason is Reason.CHECK_MISSING


@pytest.mark.parametrize(
    ("changes", "entrance", "refs"),
    [
        ({"branches": ["main"]}, Entrance.RELEASE, Refs(("main",), ())),
        ({"tags": ["v*"]}, Entrance.DEPLOYMENT, Refs((), ("v*",))),
        ({"branches": ["main", "release/*"], "tags": ["v*"]}, Entrance.CHAT, Refs(("main", "release/*"), ("v*",))),
        ({}, Entrance.DEPLOYMENT, ANY_REF),
        *(({}, entrance, None) for entrance in Entrance if entrance is not Entrance.DEPLOYMENT),
    ],
    ids=lambda value: str(value) if isinstance(value, Entrance) else None,
)
def test_the_keys_hold_for_every_entrance(changes: dict[str, Any], entrance: Entrance, refs: Refs | None) -> None:
    """Without them only what may name any SHA is held to something."""
    assert allowed_refs(entrance, place(**changes)) == refs


@pytest.mark.parametrize(
    ("refs", "found", "reason", "words"),
    [
        (None, None, Reason.ANY_COMMIT, "production has neither branches nor tags"),
        (Refs(("main",)), Found("branch main"), Reason.REACHABLE, "aaaaaaa is in branch main."),
        (
            Refs(("main",), ("v*",)),
            Found(None),
            Reason.NOT_REACHABLE,
            "in branch main or tag v* of contoso/web. Merge it",
        ),
        (Refs(("*",)), Found(None, unasked=3), Reason.NOT_REACHABLE, "3 more branches match and were not looked at"),
        (Refs(("mian",)), Found(None, missing=("mian",)), Reason.NOT_REACHABLE, "GitHub shows no branch mian"),
        (Refs(("main",)), None, Reason.NOT_REACHABLE, "it is not in branch main"),
        (ANY_REF, Found(None), Reason.NOT_REACHABLE, "it is not in any branch or tag of contoso/web. Push it there"),
    ],
    ids=["free", "in", "out", "too many", "no such branch", "nobody asked", "any ref"],
)
def test_a_commit_is_where_it_has_to_be(refs: Refs | None, found: Found | None, reason: Reason, words: str) -> None:
    """And a refusal says what helps."""
    ruling = rule_reach(refs, SHA, found, place())
    assert ruling.reason is reason
    assert words in ruling.sentence


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (None, SHA, Reason.SAME_COMMIT),
        (SHA, SHA, Reason.SAME_COMMIT),
        (SHA, OTHER, Reason.MOVED),
        (SHA, None, Reason.NO_COMMIT),
        (None, None, Reason.NO_COMMIT),
    ],
)
def test_a_tag_leads_where_it_led(before: str | None, now: str | None, reason: Reason) -> None:
    """Or nothing is brought."""
    assert rule_same(before, now, place()).reason is reason


def test_every_reason_of_this_rule_is_given_by_it() -> None:
    """But for the one that is given where GitHub is away."""
    given_here = {
        Reason.ANY_COMMIT,
        Reason.REACHABLE,
        Reason.NOT_REACHABLE,
        Reason.SAME_COMMIT,
        Reason.MOVED,
        Reason.NO_COMMIT,
        Reason.NO_CHECKS_REQUIRED,
        Reason.CHECKS_PASSED,
        Reason.CHECK_MISSING,
        Reason.CHECK_RUNNING,
        Reason.CHECK_FAILED,
    }
    assert {reason for reason, one in REASONS.items() if one.rule is Rule.WHAT} == given_here | {Reason.NOT_KNOWN}


CONTEXTS = st.text("abcde/ -", min_size=1, max_size=8)
APPS = st.integers(min_value=1, max_value=9)


@st.composite
def passing(draw: st.DrawFn) -> tuple[tuple[RequiredCheck, ...], Checks]:
    """Draw required checks of apps, and a history in which the newest run of each succeeded; with noise from others."""
    named = draw(st.lists(st.tuples(CONTEXTS, APPS), min_size=1, max_size=4, unique=True))
    checks = tuple(RequiredCheck(context=context, app_id=app) for context, app in named)
    older = [
        CheckRun(number, context, SHA, draw(st.sampled_from(["failure", "success", None])), app)
        for number, (context, app) in enumerate(named)
    ]
    noise = draw(
        st.lists(st.builds(CheckRun, st.integers(0, 999), CONTEXTS, st.just(SHA), st.just("failure"), st.just(10)))
    )
    newest = [CheckRun(1000 + number, context, SHA, "success", app) for number, (context, app) in enumerate(named)]
    everything = draw(st.permutations([*older, *noise, *newest]))
    return checks, Checks(tuple(everything))


IN_MAIN = Found("branch main")


def judge(checks: Sequence[RequiredCheck], said: Checks, found: Found = IN_MAIN, tag: str = SHA) -> Verdict:
    """Ask the whole rule."""
    refs = Refs(("main",))
    return Verdict(
        (rule_same(SHA, tag, place()), rule_reach(refs, SHA, found, place()), rule_checks(checks, SHA, said))
    )


@given(passing())
def test_it_passes_at_first(given_: tuple[tuple[RequiredCheck, ...], Checks]) -> None:
    """Or the next tests would show nothing."""
    assert judge(*given_).allowed


def newest(said: Checks) -> CheckRun:
    """Return the newest run."""
    return max(said.runs, key=lambda run: run.id)


def changed(said: Checks, **change: Any) -> Checks:
    """Change the newest run."""
    last = newest(said)
    return Checks(tuple(replace(run, **change) if run == last else run for run in said.runs))


def and_then(said: Checks, end: str | None) -> Checks:
    """Let the same check run once more."""
    return Checks((*said.runs, replace(newest(said), id=newest(said).id + 1, end=end)))


@pytest.mark.parametrize(
    ("take_away", "reasons"),
    [
        pytest.param(lambda said: changed(said, end="failure"), {Reason.CHECK_FAILED}, id="failed"),
        pytest.param(lambda said: changed(said, end="neutral"), {Reason.CHECK_FAILED}, id="neutral"),
        pytest.param(lambda said: changed(said, end=None), {Reason.CHECK_RUNNING}, id="going on"),
        pytest.param(lambda said: and_then(said, None), {Reason.CHECK_RUNNING}, id="run again, waits"),
        pytest.param(lambda said: and_then(said, "failure"), {Reason.CHECK_FAILED}, id="run again, failed"),
        pytest.param(
            lambda said: Checks(tuple(run for run in said.runs if run.app_id != newest(said).app_id)),
            {Reason.CHECK_MISSING},
            id="missing",
        ),
    ],
)
@given(given_=passing())
def test_without_one_check_it_is_not_let_pass(
    take_away: Callable[[Checks], Checks],
    reasons: set[Reason],
    given_: tuple[tuple[RequiredCheck, ...], Checks],
) -> None:
    """And the code says which condition it was."""
    checks, said = given_
    verdict = judge(checks, take_away(said))
    assert not verdict.allowed
    assert verdict.deciding is not None
    assert {verdict.deciding.reason} == reasons


@given(given_=passing())
def test_nor_by_another_app_or_for_another_commit(given_: tuple[tuple[RequiredCheck, ...], Checks]) -> None:
    """Then an older run decides, or there is none."""
    checks, said = given_
    assert judge(checks, Checks(tuple(replace(run, app_id=10) for run in said.runs))).deciding is not None
    assert judge(checks, Checks(tuple(replace(run, sha=OTHER) for run in said.runs))).deciding is not None


@given(given_=passing())
def test_nor_where_the_commit_is_elsewhere(given_: tuple[tuple[RequiredCheck, ...], Checks]) -> None:
    """Whatever its checks say."""
    elsewhere, moved = judge(*given_, found=Found(None)).deciding, judge(*given_, tag=OTHER).deciding
    assert elsewhere is not None
    assert elsewhere.reason is Reason.NOT_REACHABLE
    assert moved is not None
    assert moved.reason is Reason.MOVED
