"""What the fake GitHub knows: everything there is, and what can be done with it. No HTTP."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from local.github.access import ALL_PERMISSIONS, App, Token
from local.github.assets import Content
from local.github.commits import ACTIONS, ZEROS, CheckRun, Commit, CommitStatus
from local.github.faults import Fault
from local.github.people import Team, id_of
from local.github.pulls import Activity, Comment, Pull
from local.github.releases import Asset, Release
from local.github.repositories import Deployment, Repository


class World:
    """Everything there is."""

    def __init__(self) -> None:
        self._ids = count(17372790)
        self.reset()

    def reset(self) -> None:
        """Forget everything but which ids were given."""
        self.clock: Callable[[], datetime] = _real_time
        """By which tokens end."""
        self.repositories: dict[int, Repository] = {}
        self.users: dict[int, str] = {}
        """Logins of people, by their numbers."""
        self.teams: dict[str, Team] = {}
        """By `organization/slug`, lower case."""
        self.tokens: dict[str, Token] = {}
        self.app: App | None = None
        self.faults: list[Fault] = []
        self.log: list[dict[str, Any]] = []
        self.broken_downloads: dict[int, int] = {}
        """By asset id: how many downloads break off in the middle."""
        self.damaged_downloads: dict[int, int] = {}
        """By asset id: how many downloads arrive with one byte changed."""
        self.download_keys: dict[str, int] = {}
        """Signed addresses of assets."""

    def add_token(
        self, token: str, permissions: dict[str, str] | None = None, repositories: list[str] | None = None
    ) -> None:
        """Let a token in."""
        names = None if repositories is None else {name.lower() for name in repositories}
        self.tokens[token] = Token(ALL_PERMISSIONS if permissions is None else permissions, names)

    def install_app(
        self, app: str, public_key: str, repositories: list[str], permissions: dict[str, str] | None = None
    ) -> None:
        """Register the one app and install it in repositories."""
        installation = next(self._ids)
        self.app = App(
            app,
            public_key,
            {name.lower(): installation for name in repositories},
            ALL_PERMISSIONS if permissions is None else permissions,
        )

    def mint_token(self, repositories: list[str], permissions: dict[str, str]) -> tuple[str, datetime]:
        """Make an installation's token, in the long form."""
        app = self.app.id if self.app else "0"
        token = f"ghs_{app}_{secrets.token_urlsafe(300)}"
        expires_at = self.clock().replace(microsecond=0) + timedelta(hours=1)
        names = {name.lower() for name in repositories}
        # Everybody who may anything may read metadata.
        granted = {"metadata": "read", **permissions}
        self.tokens[token] = Token(granted, names, expires_at, "slipway[bot]", app)
        return token, expires_at

    def add_user(self, login: str, number: int | None = None) -> int:
        """Make a user, or give the one of that number another login; return the number."""
        chosen = number or id_of(login)
        self.users[chosen] = login
        return chosen

    def number_of(self, login: str) -> int | None:
        """Return the number of whoever has a login now, whatever the case."""
        return next((number for number, one in self.users.items() if one.lower() == login.lower()), None)

    def add_team(self, team: str) -> Team:
        """Make a team, `organization/slug`, or return the one of that name."""
        new = Team(next(self._ids), team.partition("/")[2].capitalize())
        return self.teams.setdefault(team.lower(), new)

    def add_repository(self, full_name: str, *, private: bool = False) -> Repository:
        """Make a repository with a branch `main`, or return the one of that name."""
        found = self.find(full_name)
        if found is not None:
            return found
        repository = Repository(next(self._ids), full_name, private, {})
        self.repositories[repository.id] = repository
        self.push(repository, message="Initial commit")
        return repository

    def find(self, full_name: str) -> Repository | None:
        """Find a repository by its name, whatever the case."""
        wanted = full_name.lower()
        return next((one for one in self.repositories.values() if one.full_name.lower() == wanted), None)

    def find_renamed(self, full_name: str) -> Repository | None:
        """Find a repository by a name that it had."""
        wanted = full_name.lower()
        return next((one for one in self.repositories.values() if wanted in one.renamed_from), None)

    def rename(self, repository: Repository, full_name: str) -> None:
        """Rename; the old name sends there."""
        repository.renamed_from.add(repository.full_name.lower())
        repository.full_name = full_name

    def fork(self, repository: Repository, full_name: str) -> Repository:
        """Make somebody's copy. What is pushed there can be seen in the original, by its SHA."""
        fork = Repository(
            next(self._ids),
            full_name,
            repository.private,
            dict(repository.branches),
            commits=dict(repository.commits),
            network=repository.network,
        )
        self.repositories[fork.id] = fork
        return fork

    def push(
        self,
        repository: Repository,
        branch: str = "main",
        message: str = "Change",
        author: str | None = None,
        at: str | None = None,
        *,
        begins: str = ZEROS,
        merges: str = ZEROS,
    ) -> Commit:
        """Make a commit on a branch; where there is none of that name it begins there, after `begins`.

        `at` is the server's time.
        """
        parent = repository.branches.get(branch, begins)
        number = str(len(repository.commits))
        commit = Commit(
            sha=_sha(repository.full_name, branch, parent, number),
            tree=_sha(repository.full_name, number),
            parent=parent,
            message=message,
            author=author or repository.full_name.split("/")[0],
            timestamp=now(),
            added=("README.md",) if parent == ZEROS else (),
            modified=() if parent == ZEROS else ("README.md",),
            merged=merges,
        )
        repository.commits[commit.sha] = commit
        repository.network[commit.sha] = commit
        self.move(repository, branch, commit.sha, at=at)
        return commit

    def move(self, repository: Repository, branch: str, sha: str, *, at: str | None = None) -> None:
        """Let a branch point to a commit that is there, as a push or a forced one does."""
        before = repository.branches.get(branch, ZEROS)
        ahead = sha in repository.commits and repository.commits[sha].parent == before
        kind = "branch_creation" if before == ZEROS else "push" if ahead else "force_push"
        actor = repository.full_name.split("/")[0]
        repository.activities.append(
            Activity(next(self._ids), f"refs/heads/{branch}", before, sha, at or now(), kind, actor)
        )
        repository.branches[branch] = sha

    def open_pull(
        self, repository: Repository, branch: str, *, fork: Repository | None = None, author: str | None = None
    ) -> Pull:
        """Open a pull request for a branch of the repository, or of a fork."""
        head = fork or repository
        sha = head.branches[branch]
        author = author or head.full_name.split("/")[0]
        number = max([0, *repository.pulls]) + 1
        pull = Pull(next(self._ids), number, f"Change {branch}", author, branch, head.id, now(), sha)
        repository.pulls[number] = pull
        return pull

    def head_of(self, pull: Pull) -> str:
        """Return where a pull request's branch is; of a closed one, where it was."""
        head = self.repositories.get(pull.head_repository or 0)
        return pull.sha if head is None or pull.closed_at else head.branches.get(pull.branch, pull.sha)

    def close_pull(self, pull: Pull, *, merged: bool = False) -> None:
        """Close a pull request, or say that it is merged."""
        pull.sha = self.head_of(pull)
        pull.closed_at, pull.merged = now(), merged

    def comment(
        self,
        repository: Repository,
        number: int,
        author: str,
        body: str,
        *,
        at: str | None = None,
        app: str | None = None,
    ) -> Comment:
        """Write a comment on an issue or a pull request."""
        made = Comment(next(self._ids), number, author, body, at or now(), at or now(), app)
        repository.comments[made.id] = made
        return made

    def edit_comment(self, comment: Comment, body: str) -> None:
        """Change what a comment says."""
        comment.body, comment.updated_at = body, now()

    def check(
        self,
        repository: Repository,
        sha: str,
        name: str,
        conclusion: str | None = None,
        *,
        status: str | None = None,
        app: str = ACTIONS,
        suite: int | None = None,
    ) -> CheckRun:
        """Begin a run of a check, or with a conclusion one that is over. A later run takes the place of this one."""
        over = "completed" if conclusion is not None else "in_progress"
        apps_suite = int(_sha(repository.full_name, sha, app)[:8], 16)
        run = CheckRun(next(self._ids), sha, name, status or over, conclusion, app, suite or apps_suite, now())
        repository.check_runs.setdefault(sha, []).append(run)
        return run

    def rerun(self, repository: Repository, run: CheckRun) -> CheckRun:
        """Ask for a run again: a new one of the same suite waits for its turn."""
        return self.check(repository, run.sha, run.name, status="queued", app=run.app, suite=run.suite)

    def mark(
        self,
        repository: Repository,
        sha: str,
        context: str,
        state: str,
        *,
        description: str | None = None,
        creator: str | None = None,
    ) -> CommitStatus:
        """Write a status on a commit, in the owner's name or another's; an app's is `SLUG[bot]`."""
        owner = creator or repository.full_name.split("/")[0]
        status = CommitStatus(next(self._ids), context, state, description, owner, now())
        repository.commit_statuses.setdefault(sha, []).append(status)
        return status

    def new_id(self) -> int:
        """Give a number that nothing else has."""
        return next(self._ids)

    def publish(
        self,
        repository: Repository,
        tag: str,
        assets: list[Asset] | None = None,
        *,
        name: str | None = None,
        body: str | None = None,
        draft: bool = False,
        prerelease: bool = False,
    ) -> Release:
        """Make a release, and its tag unless it is a draft."""
        release = Release(
            next(self._ids), tag, name, body, draft, prerelease, target="main", created_at=now(), assets=assets or []
        )
        repository.releases[release.id] = release
        if not draft:
            repository.tags.setdefault(tag, repository.branches["main"])
        return release

    def asset(self, name: str, content: Content, *, state: str = "uploaded", with_digest: bool = True) -> Asset:
        """Make an asset to publish a release with."""
        return Asset(next(self._ids), name, content, state, with_digest, uploaded_at=now())

    def deploy(self, repository: Repository, fields: dict[str, Any], sha: str) -> Deployment:
        """Make a deployment."""
        deployment = Deployment(next(self._ids), fields, sha, now())
        repository.deployments[deployment.id] = deployment
        return deployment

    def add_status(self, repository: Repository, deployment: Deployment, fields: dict[str, Any]) -> dict[str, Any]:
        """Add a status; `success` makes earlier deployments to the same passing environment inactive."""
        status = {"id": next(self._ids), "created_at": now(), **fields}
        deployment.statuses.append(status)
        if fields["state"] == "success" and fields.get("auto_inactive", True):
            for other in repository.deployments.values():
                replaced = (
                    other.id < deployment.id
                    and other.state == "success"
                    and other.fields["environment"] == deployment.fields["environment"]
                    and not other.fields["production_environment"]
                    and not other.fields["transient_environment"]
                )
                if replaced:
                    other.statuses.append({"id": next(self._ids), "created_at": now(), "state": "inactive"})
        return status


def _real_time() -> datetime:
    return datetime.now(UTC)


def now() -> str:
    """Write this instant as GitHub does."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sha(*parts: str) -> str:
    return hashlib.sha1("\n".join(parts).encode(), usedforsecurity=False).hexdigest()
