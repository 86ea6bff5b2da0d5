"""Whether each service answers. Only questions are asked; nothing is changed anywhere."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial

from azure.core.exceptions import AzureError, ResourceNotFoundError

from handlers.chat_api.http import ChatHttp
from handlers.cli.findings import Finding, Mark
from handlers.cli.groups import groups
from handlers.cli.questions import Question
from handlers.connections.ports import cloud_services, connect_github, storage_account
from handlers.environments import Environment, Environments
from handlers.errors import AzureRefused, SettingsWrong, SinkRefused, Unavailable
from handlers.github_api.errors import GitHubRefused
from handlers.github_api.pulls import require_activity
from handlers.github_api.releases import read_repository
from handlers.model import Source
from handlers.ports import Clock
from handlers.settings import Settings, missing
from handlers.stores.account import storage_troubles

PART = "services"

AT_ONCE = 8
"""Our choice: questions on their way at once, so that one dead service does not keep the others waiting."""


def services(settings: Settings, environments: Environments, now: Clock) -> list[Finding]:
    """Ask every service that the settings name."""
    questions = [
        *_storage(settings),
        *_github(settings, environments, now),
        *_azure(settings, environments, now),
        *_chats(settings, now),
        *groups(settings, environments, now),
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*pool.map(_answer, questions), *_unreachable(settings, environments)]


def _answer(question: Question) -> Finding:
    try:
        return Finding(PART, Mark.OK, f"{question.what}: {question.ask()}")
    except (Unavailable, GitHubRefused) as error:
        return Finding(PART, Mark.WRONG, f"{question.what}: {error.reason}")
    except (AzureRefused, SinkRefused, SettingsWrong) as error:
        return Finding(PART, Mark.WRONG, f"{question.what}: {error}")
    except (AzureError, ValueError) as error:
        # Their texts may hold addresses with signatures and whole answers.
        return Finding(PART, Mark.WRONG, f"{question.what}: refused or not usable ({type(error).__name__})")


def _storage(settings: Settings) -> Iterator[Question]:
    account = storage_account(settings)
    where = "Azurite on its usual ports" if account.is_emulator else "AzureWebJobsStorage"

    def queues() -> str:
        with storage_troubles(where), _connection_string():
            client = account.queues().get_queue_client("requests")
            return _there_or_not(client.get_queue_properties)

    def tables() -> str:
        with storage_troubles(where), _connection_string():
            client = account.tables().get_table_client("ledger")
            return _there_or_not(lambda: next(iter(client.query_entities("PartitionKey eq '~'")), None))

    def blobs() -> str:
        with storage_troubles(where), _connection_string():
            client = account.blobs().get_container_client("packages")
            return _there_or_not(client.get_container_properties)

    questions = ((queues, account.queue_uri), (tables, account.table_uri), (blobs, account.blob_uri))
    for ask, address in questions:
        # What has no address is named beside the settings.
        if account.connection_string is not None or address is not None:
            yield Question(f"storage, {ask.__name__}", ask)


@contextmanager
def _connection_string() -> Iterator[None]:
    """Say which setting the SDK cannot read; its own words may repeat what stands there."""
    try:
        yield
    except ValueError as error:
        sentence = "AzureWebJobsStorage: must be the connection string of a storage account, as the portal shows it"
        raise SettingsWrong(sentence) from error


def _there_or_not(ask: Callable[[], object]) -> str:
    try:
        ask()
    except ResourceNotFoundError:
        return "answers; made on first use"
    return "answers"


def _github(settings: Settings, environments: Environments, now: Clock) -> Iterator[Question]:
    github = cache(partial(connect_github, settings, now))

    def look(repository: str) -> str:
        return f"answers; it is {read_repository(github(), repository).full_name}"

    def look_at_heads(repository: str) -> str:
        require_activity(github(), repository)
        return "answers since when a branch is where it is"

    for repository in dict.fromkeys(one.repository for one in environments.values()):
        yield Question(f"GitHub, {repository}", partial(look, repository))
    for repository in dict.fromkeys(one.repository for one in environments.values() if one.comments):
        yield Question(f"GitHub, heads of pull requests in {repository}", partial(look_at_heads, repository))


def _azure(settings: Settings, environments: Environments, now: Clock) -> Iterator[Question]:
    cloud_service = cloud_services(settings, now)
    lacking = dict(missing(settings)).get("SERVICE_MANAGEMENT_CERTIFICATE")

    def look(environment: Environment) -> str:
        if lacking is not None:
            raise SettingsWrong(f"SERVICE_MANAGEMENT_CERTIFICATE is not set: {lacking}")
        situation = cloud_service(environment).situation()
        standing = ", ".join(f"{one.slot} holds {one.version or one.name}" for one in situation.all)
        return f"answers; {standing or 'both slots are empty'}"

    for environment in environments.values():
        yield Question(f"Azure, {environment.name} ({environment.cloud_service})", partial(look, environment))


def _chats(settings: Settings, now: Clock) -> Iterator[Question]:
    http = ChatHttp(now)

    def slack() -> str:
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token is not None else ""
        answer = http.send(
            "POST", f"{settings.slack_api_url}/auth.test", "Slack auth.test", body={}, token=token
        ).json()
        if answer.get("ok") is not True:
            raise Unavailable("Slack does not take SLACK_BOT_TOKEN: set the token of the installed bot")
        return "answers"

    def mattermost() -> str:
        token = settings.mattermost_bot_token.get_secret_value() if settings.mattermost_bot_token is not None else ""
        address = f"{(settings.mattermost_url or '').rstrip('/')}/api/v4/users/me"
        answer = http.send("GET", address, "Mattermost users/me", token=token)
        if not answer.ok:
            raise Unavailable("Mattermost does not take MATTERMOST_BOT_TOKEN: set the token of a bot account")
        return "answers"

    if Source.SLACK in settings.speaking:
        yield Question("Slack", slack)
    if Source.MATTERMOST in settings.speaking:
        yield Question("Mattermost", mattermost)


def _unreachable(settings: Settings, environments: Environments) -> Iterator[Finding]:
    """Name what cannot be asked, and channels that are to be told and cannot be."""
    if Source.TEAMS in settings.speaking:
        yield Finding(PART, Mark.NOTE, "Teams: not asked; its workflow answers to posts only")
    for environment in environments.values():
        for source in environment.notify:
            if source not in settings.speaking:
                yield Finding(
                    PART, Mark.WRONG, f"{source}: environments.{environment.name}.notify names it, its token is not set"
                )
