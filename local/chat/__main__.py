"""`python -m local.chat`: fake chats as a program."""

import argparse
import asyncio
import signal

from local.chat.server import serve, workflow_url
from local.chat.world import World


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
    asyncio.run(_run(world, options.port))


async def _run(world: World, port: int) -> None:
    runner, chosen = await serve(world, port)
    base = f"http://127.0.0.1:{chosen}"
    print(f"ready {base} {workflow_url(base, world.workflows['releases'])}", flush=True)
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()
    await runner.cleanup()


if __name__ == "__main__":
    main()
