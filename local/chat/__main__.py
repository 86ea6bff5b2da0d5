"""`python -m local.chat`: fake chats as a program."""

import argparse
import asyncio

from local.chat.server import application, workflow_url
from local.chat.world import World
from local.serving import serve_until_stopped


def main() -> None:
    """Serve until SIGINT or SIGTERM.

    Says `ready <address> <address of the workflow>` on standard output when calls are answered.
    """
    parser = argparse.ArgumentParser(prog="python -m local.chat", description="Three chats that behave, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) lets the system choose")
    parser.add_argument("--slack-token", default="xoxb-local", help="the bot's token in Slack")
    parser.add_argument("--slack-channel", action="append", default=[], help="a channel's id; may be repeated")
    parser.add_argument("--mattermost-token", default="local", help="the bot's token in Mattermost")
    parser.add_argument("--mattermost-channel", action="append", default=[], help="a channel's id; may be repeated")
    options = parser.parse_args()
    world = World()
    world.add_slack(options.slack_token, *options.slack_channel)
    world.add_mattermost(options.mattermost_token, *options.mattermost_channel)
    world.add_workflow()
    workflow = world.workflows["releases"]
    asyncio.run(
        serve_until_stopped(application(world), options.port, lambda url: f"ready {url} {workflow_url(url, workflow)}")
    )


if __name__ == "__main__":
    main()
