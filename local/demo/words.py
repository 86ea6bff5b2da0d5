"""What was seen, said to people. Pure."""

import hashlib
import re
from collections.abc import Mapping

from local.demo.events import (
    Accepted,
    Complaint,
    Event,
    Fetched,
    Holding,
    Instances,
    Logged,
    Operated,
    Posted,
    ShownInSlack,
    Staged,
    TextWritten,
    Turned,
)
from local.demo.page import Mood, Place, Told

CHATS = {"slack", "teams", "mattermost"}
"""Sources whose people see the answer: it is told as they see it, if at all."""

LONGEST = 300
"""Characters of a complaint that are shown. Our choice; the whole stands in the log."""

_ROW = re.compile(r"\| (?P<name>[^|]+) \| (?P<value>.*) \|")
UNDER_WAY = "\N{HOURGLASS WITH FLOWING SAND}"
"""How a message begins that will be edited again."""
_PROGRESS = re.compile("[▓▒░]+ .+")
_ASKED = re.compile(r"Waiting: somebody else to agree .*")
_MOODS = {"success": Mood.GOOD, "failure": Mood.BAD, "error": Mood.BAD}


class Words:
    """Says each event once, and leaves out what an earlier line has said."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._said: dict[str, object] = {}
        self.brief = False
        """Leave out how far things are on their way."""
        self.messages: list[str] = []
        """The messages that were shown as they are, in their order."""

    def learn(self, version: str, files: Mapping[str, bytes]) -> None:
        """Know the files of a release again by their SHA-256."""
        self._files |= {hashlib.sha256(content).hexdigest(): f"{name} of {version}" for name, content in files.items()}

    def say(self, event: Event) -> Told | None:
        """Say one event; None where there is nothing to say."""
        match event:
            case Logged():
                return self._logged(event)
            case Complaint(text, _):
                return Told(Place.SLIPWAY, text[:LONGEST], mood=Mood.BAD)
            case Staged(sha256, size):
                name = self._files.get(sha256, "a package")
                return Told(Place.SLIPWAY, f"package staged: {name}, {size:,} bytes, sha256", (sha256,))
            case Accepted() | Operated() | Turned() | Holding():
                return _in_azure(event)
            case Fetched(_, sha256, size):
                return self._fetched(sha256, size)
            case Instances():
                return self._instances(event)
            case Posted():
                return self._posted(event)
            case TextWritten():
                return None
            case ShownInSlack():
                return self._message(event)

    def _posted(self, event: Posted) -> Told | None:
        if self.brief and event.state not in {*_MOODS, "inactive"}:
            return None
        mood = _MOODS.get(event.state, Mood.PLAIN)
        return Told(Place.GITHUB, f"deployment status {event.state}: {event.description}", mood=mood)

    def _message(self, event: ShownInSlack) -> Told | None:
        """Say in one line how far a message is; show it as it is once it stays so, or once it asks somebody.

        An edit that changes nothing is seen by nobody.
        """
        if event.edits and event.text in self.messages[-1:]:
            return None
        title, *lines = event.text.split("\n")
        if not title.startswith(UNDER_WAY):
            times = "once" if event.edits == 1 else f"{event.edits} times"
            return self._whole(event, f"edited {times}, now shows")
        asked = next(filter(_ASKED.fullmatch, lines), "")
        standing = next((line.partition(", ")[0] for line in lines), "")
        progress = next((line for line in lines if _PROGRESS.fullmatch(line)), "")
        news = asked or f"{title}, {progress or standing}"
        if event.edits and self._said.get(title) == news:
            return None
        self._said[title] = news
        if asked:
            return self._whole(event, "now asks for somebody")
        return Told(Place.SLACK, f"{'edited' if event.edits else 'a message'}: {news}")

    def _whole(self, event: ShownInSlack, edited: str) -> Told:
        """Show a message as it is."""
        self.messages.append(event.text)
        what = f"the same message, {edited}" if event.edits else "a message"
        return Told(Place.SLACK, what, message=event.text)

    def _fetched(self, sha256: str, size: int) -> Told | None:
        if self.brief:
            return None
        as_published = "as published" if sha256 in self._files else f"sha256 {sha256}"
        return Told(Place.AZURE, f"has fetched the package: {size:,} bytes, {as_published}")

    def _instances(self, event: Instances) -> Told | None:
        """Say how many are ready, and which states lead there; not each state of each instance."""
        total = len(event.states)
        if self.brief and event.ready < total:
            return None
        starting = "StartingVM" in event.states.values()
        key, news = f"instances of {event.version}", (event.ready, total, starting)
        before = self._said.get(key)
        self._said[key] = news
        if before == news:
            return None
        states = ", ".join(event.states.values())
        mood = Mood.GOOD if event.ready == total else Mood.PLAIN
        return Told(Place.AZURE, f"{event.slot}: {event.ready} of {total} instances ready ({states})", mood=mood)

    def _logged(self, event: Logged) -> Told | None:
        facts = event.facts
        match event.event:
            case "delivery.accepted" | "delivery.ignored" if facts.get("source") in CHATS:
                return None
            case "delivery.accepted":
                ids = tuple(f"request {one}" for one in facts.get("requests", "").split(",") if one)
                return Told(Place.SLIPWAY, f"answers {facts['status']}: accepted", ids)
            case "delivery.ignored":
                return Told(Place.SLIPWAY, f"answers {facts['status']}: {facts.get('reason', 'nothing to do')}")
            case "delivery.refused":
                reason = facts.get("reason", "refused")
                return Told(Place.SLIPWAY, f"answers {facts['status']}: {reason}", mood=Mood.BAD)
            case "request.opened" if not self.brief:
                return Told(Place.SLIPWAY, "the request stands in the ledger")
            case "operation.polled" if not self.brief:
                return Told(Place.SLIPWAY, f"asks how it goes: {facts['status']}")
            case "operation.adopted":
                return Told(Place.SLIPWAY, "finds that its call was heard: adopts the operation", (facts["operation"],))
            case "request.ended":
                mood = _MOODS.get(facts["result"], Mood.PLAIN)
                code = f" {facts['code']}" if "code" in facts else ""
                return Told(Place.SLIPWAY, f"{facts['result']}{code} after {facts['took_s']} s", mood=mood)
            case "owner.told":
                return None  # as Slack shows it
            case _ if event.trouble:
                pairs = " ".join(f"{name}={value}" for name, value in facts.items())
                return Told(Place.SLIPWAY, f"{event.event} {pairs}", mood=Mood.BAD)
            case _:
                return None


def _in_azure(event: Accepted | Operated | Turned | Holding) -> Told:
    """Say what is another way in Azure than it was."""
    match event:
        case Accepted(call, operation, status):
            return Told(Place.AZURE, f"{title(call)} accepted: {status}", (f"x-ms-request-id {operation}",))
        case Operated(call, _, status):
            return Told(Place.AZURE, f"{title(call)}: {status}")
        case Turned(slot, version, status):
            return Told(Place.AZURE, f"{slot}: {version} is {status}")
        case Holding(production, staging):
            return Told(Place.AZURE, f"production: {production or 'empty'}, staging: {staging or 'empty'}")


def title(call: str) -> str:
    """Write a call as the documentation does: `Create Deployment`."""
    return call.replace("-", " ").title()


def shown_block(text: str, environment: str) -> tuple[str, ...]:
    """Return the rows of our table in a release's text as GitHub shows them: without the markup. Pure."""
    block = text.partition(f"slipway:{environment}:begin")[2].partition(f"slipway:{environment}:end")[0]
    rows = [(row["name"], row["value"].strip("`")) for row in map(_ROW.fullmatch, block.splitlines()) if row]
    rows = [row for row in rows if not row[0].startswith(":")]
    widest = max((len(name) for name, _ in rows), default=0)
    return tuple(f"{name:<{widest}}  {value}" for name, value in rows)
