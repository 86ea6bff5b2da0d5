"""`python -m local.github`: a fake GitHub as a program."""

import argparse
import asyncio

from local.github.server import application
from local.github.world import World
from local.serving import serve_until_stopped


def main() -> None:
    """Serve until SIGINT or SIGTERM. Says `ready <address>` on standard output when calls are answered."""
    parser = argparse.ArgumentParser(prog="python -m local.github", description="A GitHub that behaves, on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) lets the system choose")
    parser.add_argument("--token", action="append", default=[], help="a token that may do everything; may be repeated")
    parser.add_argument("--repository", action="append", default=[], help="a repository that is there; may be repeated")
    options = parser.parse_args()
    world = World()
    for token in options.token:
        world.add_token(token)
    for repository in options.repository:
        world.add_repository(repository)
    asyncio.run(serve_until_stopped(application(world), options.port, lambda url: f"ready {url}"))


if __name__ == "__main__":
    main()
