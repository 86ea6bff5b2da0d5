"""One working Slipway for all journeys: real storage, TLS, queues, timers and processes."""

from collections.abc import Iterator, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from local.github.shapes import user
from local.stack import Stack
from local.stack.chat import HUBOT, MONA, MONA_IN_MATTERMOST, MONA_IN_TEAMS, SLACK_CHANNEL
from local.stack.environments import Table, Value

WEB = {"repository": "contoso/web", "cloud_service": "contoso-web"}
API = {"repository": "contoso/api", "cloud_service": "contoso-api", "strategy": "replace"}
SHOP: Mapping[str, Value] = {
    "repository": "contoso/shop",
    "cloud_service": "contoso-shop",
    "allow": {"slack": [MONA.id], "teams": [MONA_IN_TEAMS.id], "mattermost": [MONA_IN_MATTERMOST.id]},
    "notify": {"slack": SLACK_CHANNEL},
    "suspend_approvals": 0,
}

BANK: Mapping[str, Value] = {
    **SHOP,
    "repository": "contoso/bank",
    "cloud_service": "contoso-bank",
    "allow": {"slack": [MONA.id, HUBOT.id]},
    "approvals": 1,
}
"""Where a second person has to agree."""

CLUB: Mapping[str, Value] = {
    "repository": "contoso/club",
    "cloud_service": "contoso-club",
    "rights": {"deploy": ["github-team:contoso/deployers"]},
}
"""Where GitHub says who may deploy."""
BUILD: Table = {"context": "build", "app_id": 15368, "app": "github-actions"}
"""What a commit of the blog needs: GitHub's own workflows have to say it."""


@pytest.fixture(scope="session")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve the packages that commits were built into: the folder, and the address that it is served at."""
    folder = tmp_path_factory.mktemp("builds")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def stack(builds: tuple[Path, str]) -> Iterator[Stack]:
    """Start everything once: environments of several repositories, releases, commits, commands and comments."""
    commits: Mapping[str, Value] = {
        **SHOP,
        "cloud_service": "contoso-blog",
        "repository": "contoso/blog",
        "push": "main",
        "branches": ["main", "release/*"],
        "required_checks": [BUILD],
        "package_url": f"{builds[1]}/{{repository}}/{{sha}}/app.cspkg",
        "configuration_url": f"{builds[1]}/{{repository}}/{{sha}}/app.cscfg",
    }
    comments: Mapping[str, Value] = {
        **{name: value for name, value in commits.items() if name not in {"push", "branches", "required_checks"}},
        "cloud_service": "contoso-gallery",
        "repository": "contoso/gallery",
        "comments": True,
        "allow": {"github": [str(user("", "mona")["id"])]},
    }
    with Stack(
        {
            "production": WEB,
            "api": API,
            "shop": SHOP,
            "bank": BANK,
            "club": CLUB,
            "blog": commits,
            "gallery": comments,
        },
        operation_seconds=0.3,
        instance_seconds=0.3,
        sweep_schedule="*/2 * * * * *",
        chats=True,
    ) as running:
        yield running
