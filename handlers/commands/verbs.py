"""The verbs: how each is written, what it does, and an example. The help and the documentation say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """The first word of a command."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    SUSPEND = "suspend"
    RESUME = "resume"
    SCALE = "scale"
    SET = "set"
    CONFIG = "config"
    SWAP = "swap"
    WALK = "walk"
    STATUS = "status"
    HISTORY = "history"
    PLAN = "plan"
    CANCEL = "cancel"
    APPROVE = "approve"
    LOCK = "lock"
    UNLOCK = "unlock"
    WHO = "who"
    KEEP = "keep"
    SKIP = "skip"
    SLEEP = "sleep"
    HELP = "help"


@dataclass(frozen=True)
class Form:
    """One verb, explained."""

    written: str
    """What stands in capitals is replaced by one's own words."""
    meaning: str
    example: str
    """`ENVIRONMENT` in it is the name of an environment."""
    several: bool = False
    """Whether several environments may be named, with commas between them."""


FORMS: Mapping[Verb, Form] = {
    Verb.DEPLOY: Form(
        "deploy VERSION to ENVIRONMENT",
        "Run the published release with this tag.",
        "deploy v1.4.2 to ENVIRONMENT",
        several=True,
    ),
    Verb.ROLLBACK: Form(
        "rollback ENVIRONMENT", "Run what ran before the last release again.", "rollback ENVIRONMENT", several=True
    ),
    Verb.SUSPEND: Form(
        "suspend ENVIRONMENT",
        "Stop the instances. Azure charges for a suspended deployment all the same.",
        "suspend ENVIRONMENT",
        several=True,
    ),
    Verb.RESUME: Form("resume ENVIRONMENT", "Start suspended instances.", "resume ENVIRONMENT", several=True),
    Verb.SCALE: Form(
        "scale ENVIRONMENT ROLE=COUNT", "Run this many instances of each role.", "scale ENVIRONMENT web=4"
    ),
    Verb.SET: Form("set ENVIRONMENT NAME=VALUE", "Change settings.", 'set ENVIRONMENT Greeting="hello world"'),
    Verb.CONFIG: Form(
        "config ENVIRONMENT from VERSION",
        "Use the configuration that came with a release; the package stays.",
        "config ENVIRONMENT from v1.4.2",
    ),
    Verb.SWAP: Form("swap ENVIRONMENT", "Swap what is in staging and in production.", "swap ENVIRONMENT"),
    Verb.WALK: Form(
        "walk ENVIRONMENT DOMAIN",
        "Bring a manual update to this upgrade domain, counted from 0.",
        "walk ENVIRONMENT 2",
    ),
    Verb.STATUS: Form(
        "status [ENVIRONMENT]",
        "Say what runs, in one environment or in every one, and until when a night lets it sleep.",
        "status ENVIRONMENT",
    ),
    Verb.HISTORY: Form("history ENVIRONMENT", "Say what was asked for lately and how it ended.", "history ENVIRONMENT"),
    Verb.PLAN: Form(
        "plan COMMAND", "Say what a command would do, and do nothing.", "plan deploy v1.4.2 to ENVIRONMENT"
    ),
    Verb.CANCEL: Form(
        "cancel ID",
        "Let a request take no further step; 6 characters of its id are enough.",
        "cancel dabc234",
    ),
    Verb.APPROVE: Form(
        "approve ID", "Agree to somebody else's request; 6 characters of its id are enough.", "approve dabc234"
    ),
    Verb.LOCK: Form(
        "lock ENVIRONMENT because REASON [for TIME]",
        "Leave the environment to yourself: others are refused, with your reason. The time is 90m, 2h or 3d.",
        "lock ENVIRONMENT because the database moves for 2h",
    ),
    Verb.UNLOCK: Form("unlock ENVIRONMENT", "Take the lock off.", "unlock ENVIRONMENT"),
    Verb.WHO: Form(
        "who may RIGHT ENVIRONMENT", "Say who has a right, and which key gives it.", "who may deploy ENVIRONMENT"
    ),
    Verb.KEEP: Form(
        "keep ENVIRONMENT up until TIME",
        "Let it stay up for a part of the night. `until 22:00`, `until tomorrow 09:00` or `for 3h`; with"
        " `because REASON` if you like.",
        "keep ENVIRONMENT up until 22:00",
    ),
    Verb.SKIP: Form(
        "skip tonight ENVIRONMENT",
        "Leave out the night that is under way, or the one that begins within a day.",
        "skip tonight ENVIRONMENT",
    ),
    Verb.SLEEP: Form(
        "sleep ENVIRONMENT now",
        "Let the next night begin at once. Azure charges for a suspended deployment all the same.",
        "sleep ENVIRONMENT now",
    ),
    Verb.HELP: Form("help [COMMAND]", "List the commands, or explain one.", "help deploy"),
}
"""In the order in which the help lists them."""

DEPLOY_A_HEAD = Form(
    "deploy to ENVIRONMENT", "Run the head of this pull request.", "deploy to ENVIRONMENT", several=True
)
"""What `deploy` can be too where a pull request is talked about."""

SYNONYMS: Mapping[str, Verb] = {
    "cfg": Verb.CONFIG,
    "configuration": Verb.CONFIG,
    "configure": Verb.SET,
    "abort": Verb.CANCEL,
    "launch": Verb.DEPLOY,
    "log": Verb.HISTORY,
    "pause": Verb.SUSPEND,
    "release": Verb.DEPLOY,
    "revert": Verb.ROLLBACK,
    "roll": Verb.ROLLBACK,
    "ship": Verb.DEPLOY,
    "show": Verb.STATUS,
    "simulate": Verb.PLAN,
    "start": Verb.RESUME,
    "stop": Verb.SUSPEND,
    "undo": Verb.ROLLBACK,
}
"""What people say for a verb. Never read as one, only answered with it."""
