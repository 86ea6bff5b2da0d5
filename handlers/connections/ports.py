"""The ports on Azure Storage, GitHub and the Service Management API, made from the settings."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from pydantic import SecretStr

from handlers.connections.chats import connect_chats
from handlers.connections.cloud_service import AzureCloudService
from handlers.connections.directory import connect_directory
from handlers.environments import Environment, Environments
from handlers.github_api.client import GitHub
from handlers.github_api.commits import GitHubCommits
from handlers.github_api.credentials import Credentials, GitHubApp, Nobody, Token
from handlers.github_api.transport import Transport
from handlers.model import Source
from handlers.nights.rules import ReadFile
from handlers.ports import Clock, CloudService, Ports
from handlers.queueing.pacing import CALL_TIMEOUT
from handlers.service_management import ServiceManagement
from handlers.settings import Settings
from handlers.sinks.github import GitHubSink
from handlers.sinks.github_comment import GitHubCommentSink
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger
from handlers.stores.nights import StoredNights
from handlers.stores.package_container import PackageContainer
from handlers.stores.packages import BlobPackages
from handlers.stores.pull_heads import PullHeads
from handlers.stores.queues import StorageQueue
from handlers.voices.github import GitHubVoice


def connect(settings: Settings, environments: Environments, now: Clock, read_file: ReadFile) -> Ports:
    """Connect the flows to the real world. Nothing is called yet."""
    account = storage_account(settings)
    queues = account.queues()
    github = connect_github(settings, now)
    chats = connect_chats(settings, environments, now)
    table = account.tables().get_table_client("ledger")
    container = PackageContainer(account.blobs(), now)

    return Ports(
        now=now,
        environments=environments,
        ledger=TableLedger(table),
        requests=StorageQueue(queues.get_queue_client("requests")),
        operations=StorageQueue(queues.get_queue_client("operations")),
        notifications=StorageQueue(queues.get_queue_client("notifications")),
        poison=StorageQueue(queues.get_queue_client("requests-poison")),
        packages=BlobPackages(github, container),
        commits=GitHubCommits(github),
        cloud_service=cloud_services(settings, now),
        sinks=(GitHubSink(github, environments), GitHubCommentSink(github, environments), *chats.sinks),
        inquiries=StorageQueue(queues.get_queue_client("inquiries")),
        nights=StoredNights(table, container, read_file),
        pulls=PullHeads(github),
        voices={**chats.voices, Source.GITHUB: GitHubVoice(github)},
        directory=connect_directory(settings, github, now),
        sweep_after=timedelta(seconds=settings.sweep_after),
    )


def cloud_services(settings: Settings, now: Clock) -> Callable[[Environment], CloudService]:
    """Return what finds the cloud service of an environment; one client a subscription."""

    @cache
    def client(subscription: str) -> ServiceManagement:
        return ServiceManagement(
            subscription,
            url=settings.service_management_url,
            certificate=_revealed(settings.service_management_certificate),
            password=_revealed(settings.service_management_certificate_password),
            ca=settings.service_management_ca,
            timeout=CALL_TIMEOUT.total_seconds(),
            now=now(),
        )

    def cloud_service(environment: Environment) -> CloudService:
        return AzureCloudService(lambda: client(environment.subscription), environment, now)

    return cloud_service


def storage_account(settings: Settings) -> StorageAccount:
    """Say how the storage account is reached."""
    return StorageAccount(
        connection_string=_revealed(settings.storage),
        blob_uri=settings.storage_blobs,
        queue_uri=settings.storage_queues,
        table_uri=settings.storage_tables,
        client_id=settings.storage_identity,
    )


def connect_github(settings: Settings, now: Clock) -> GitHub:
    """Make the client of GitHub's API: as an App, with a token, or as nobody."""
    transport = Transport(now, settings.github_api_url)
    credentials: Credentials = Nobody()
    if settings.github_app_id is not None and settings.github_app_private_key is not None:
        credentials = GitHubApp(settings.github_app_id, settings.github_app_private_key, transport, now)
    elif settings.github_token is not None:
        credentials = Token(settings.github_token)
    return GitHub(transport, credentials)


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
