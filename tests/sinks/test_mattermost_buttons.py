"""Buttons in Mattermost, from the post over the server's call to our own door, against a Mattermost that behaves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from handlers.chat_api.mattermost import MattermostApi
from handlers.connections.chats import connect_chats
from handlers.errors import SettingsWrong, SinkRefused
from handlers.events import Delivery
from handlers.model import MattermostPlace, RequestsMessage, Source
from handlers.ports import Offer
from handlers.receive import Door, receive
from handlers.settings import read_settings
from handlers.sinks.channel_message import ChannelMessage
from handlers.sinks.mattermost import mattermost_sinks
from handlers.sinks.mattermost_buttons import MattermostButtons
from handlers.sources import Entrance, sources_from
from handlers.sources.sealed import Sealed
from handlers.voices.mattermost import MattermostVoice
from local.chat.attachments import labels
from local.chat.rendering import render_message
from local.chat.server import FakeChats
from tests.sinks.reports import (
    ENVIRONMENTS,
    IN_MATTERMOST,
    MATTERMOST_CHANNEL,
    PROPOSAL,
    asking,
    environment,
    request,
    running,
)

TOKEN = "the slash command's token"
ASKED = request(IN_MATTERMOST)
MONA = "monamonamonamonamonamonamo"
HERE = {"shop-production": environment(allow={Source.MATTERMOST: (MONA,)})}


@dataclass
class OurDoor:
    """Our own route, over HTTP: what it takes goes nowhere but into a list."""

    url: str = ""
    taken: list[RequestsMessage] = field(default_factory=list)


@pytest.fixture
def door(chats: FakeChats) -> Iterator[OurDoor]:
    """Serve our door with the clock of the fakes."""
    ours, found = OurDoor(), Door(sources_from({"mattermost": Entrance((TOKEN,))}), HERE, 1 << 20)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            source = self.path.rpartition("/")[2]
            answer = receive(Delivery(source, headers, body), found, chats.world.clock.now())
            ours.taken += [answer.message] if answer.message is not None else []
            self.send_response(answer.reply.status)
            self.send_header("Content-Type", answer.reply.content_type)
            self.send_header("Content-Length", str(len(answer.reply.body)))
            self.end_headers()
            self.wfile.write(answer.reply.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        ours.url = f"http://127.0.0.1:{server.server_port}"
        yield ours
        server.shutdown()


@pytest.fixture
def buttons(door: OurDoor) -> MattermostButtons:
    """Give what makes buttons that lead to our door."""
    return MattermostButtons(door.url, SecretStr(TOKEN))


@pytest.fixture
def asked(mattermost: MattermostApi, buttons: MattermostButtons) -> ChannelMessage:
    """Give the sink for the channel where somebody asked."""
    return mattermost_sinks(mattermost, ENVIRONMENTS, buttons)[0]


def press(chats: FakeChats, label: str, user: str = MONA) -> dict[str, Any]:
    """Press a button on the first post."""
    post = chats.world.mattermost.posts[0]
    wanted = {"post": post.id, "label": label, "user": user, "name": user[:4]}
    answer = requests.post(f"{chats.url}/_mattermost/presses", json=wanted, timeout=10)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fresh(chats: FakeChats) -> Any:
    """Return a report that waits for others for another hour of the fakes' clock."""
    until = chats.world.clock.now() + timedelta(hours=1)
    return asking(ASKED, asks=PROPOSAL.model_copy(update={"expires_at": until}))


def test_approve_stands_below_the_post_and_cancel_in_words(asked: ChannelMessage, chats: FakeChats) -> None:
    """No question is asked before a press, so what stops something is no button; its label says what is agreed to."""
    asked.post(fresh(chats), {})
    (post,) = chats.world.mattermost.posts
    assert labels(post.content["props"]["attachments"]) == ["Approve 1a2b3c4 for shop-production"]
    shown = render_message(post).splitlines()
    assert shown[-2:] == [f"To cancel it, say cancel {ASKED.id}", "[Approve 1a2b3c4 for shop-production]"]
    assert not any(line.startswith("To agree to it") for line in shown)


def test_a_press_comes_back_as_the_command_of_whoever_pressed(
    asked: ChannelMessage, chats: FakeChats, door: OurDoor
) -> None:
    """With what its presser has seen; and its presser alone reads the answer."""
    asked.post(fresh(chats), {})
    press(chats, "Approve 1a2b3c4 for shop-production")
    (message,) = door.taken
    assert message.inquiry is not None
    assert message.inquiry.text == f"approve {ASKED.id} if {PROPOSAL.mark}"
    assert (message.inquiry.actor.id, message.inquiry.pressed) == (MONA, True)
    assert (chats.world.mattermost.posts[-1].only_for, render_message(chats.world.mattermost.posts[-1])) == (
        MONA,
        "One moment.",
    )


def test_the_button_goes_when_nobody_is_waited_for(asked: ChannelMessage, chats: FakeChats) -> None:
    """And the post is still found by the request in it."""
    references = asked.post(fresh(chats), {})
    asked.post(running(ASKED), references)
    (post,) = chats.world.mattermost.posts
    assert post.content["props"] == {"slipway": {"request": ASKED.id}}


def test_who_reads_posts_cannot_read_what_proves_a_press(
    asked: ChannelMessage, chats: FakeChats, mattermost: MattermostApi
) -> None:
    """The server keeps it from every client; a button that is found again can be edited all the same."""
    asked.post(fresh(chats), {})
    post = chats.world.mattermost.posts[0]
    token = {"Authorization": f"Bearer {next(iter(chats.world.mattermost.tokens))}"}
    seen = requests.get(f"{chats.mattermost}/api/v4/posts/{post.id}", headers=token, timeout=10)
    assert "Approve" in seen.text
    assert "seal" not in seen.text
    assert mattermost.find(MATTERMOST_CHANNEL, ASKED.id) == post.id


def test_a_press_after_its_time_says_so(asked: ChannelMessage, chats: FakeChats, door: OurDoor) -> None:
    """An approval that comes too late, and a night that is over."""
    asked.post(fresh(chats), {})
    chats.world.clock.forward(timedelta(hours=1))
    press(chats, "Approve 1a2b3c4 for shop-production")
    assert door.taken == []
    assert "This button has expired" in render_message(chats.world.mattermost.posts[-1])


def test_an_offer_is_a_button(
    mattermost: MattermostApi, buttons: MattermostButtons, chats: FakeChats, door: OurDoor
) -> None:
    """The warning before a night, with what keeps the environment up."""
    offer = Offer("Keep it up", "keep shop-production up for 3h", chats.world.clock.now() + timedelta(hours=9))
    MattermostVoice(mattermost, buttons).say(MattermostPlace(channel=MATTERMOST_CHANNEL), "It sleeps soon.", "k", offer)
    press(chats, "Keep it up")
    assert door.taken[0].inquiry is not None
    assert door.taken[0].inquiry.text == "keep shop-production up for 3h"


def test_without_our_address_everything_is_said_in_words(mattermost: MattermostApi, chats: FakeChats) -> None:
    """A press could not reach us."""
    mattermost_sinks(mattermost, ENVIRONMENTS)[0].post(fresh(chats), {})
    assert f"To agree to it, say approve {ASKED.id}" in render_message(chats.world.mattermost.posts[0])


def test_a_button_that_mattermost_could_not_route_is_seen_here(mattermost: MattermostApi) -> None:
    """The real server shows it, and answers 404 to the press."""
    odd = [{"actions": [{"id": "keep-up", "type": "button", "name": "x", "integration": {"url": "https://x.example"}}]}]
    with pytest.raises(SinkRefused):
        mattermost.post(MATTERMOST_CHANNEL, "text", "d1", "k", odd)


def test_our_address_is_a_safe_one() -> None:
    """What comes from there is proved, and what goes there names people."""
    with pytest.raises(SettingsWrong, match=r"^SLIPWAY_URL: must be an https:// address"):
        MattermostButtons("http://slipway.example.com", SecretStr(TOKEN))


@pytest.mark.parametrize(
    ("settings", "there"),
    [
        ({"SLIPWAY_URL": "https://slipway.example.com", "MATTERMOST_TOKEN": "new,old"}, True),
        ({"SLIPWAY_URL": "https://slipway.example.com"}, False),
        ({"MATTERMOST_TOKEN": "new,old"}, False),
    ],
    ids=["both", "nothing would prove a press", "nowhere to lead to"],
)
def test_what_buttons_need(settings: dict[str, str], there: bool, chats: FakeChats) -> None:
    """Our address and the token; the newest one seals."""
    bot = {"MATTERMOST_URL": chats.mattermost, "MATTERMOST_BOT_TOKEN": next(iter(chats.world.mattermost.tokens))}
    connected = connect_chats(read_settings({**settings, **bot}), HERE, chats.world.clock.now)
    for sink in connected.sinks:
        if sink.concerns(ASKED):
            sink.post(fresh(chats), {})
    (post,) = chats.world.mattermost.posts
    (attachment,) = post.content["props"].get("attachments") or [None]
    assert (attachment is not None) == there
    if attachment is not None:
        integration = attachment["actions"][0]["integration"]
        assert integration["url"] == "https://slipway.example.com/api/hooks/mattermost"
        assert Sealed.model_validate(integration["context"]).is_genuine(["new"])
