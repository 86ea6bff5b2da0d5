"""The ports on Azure Storage, GitHub and the Service Management API, made from the settings."""

from functools import cache

from pydantic import SecretStr

from handlers.cloud_service import AzureCloudService
from handlers.environments import Environment, Environments
from handlers.ports import CloudService, Clock, Ports
from handlers.service_management import ServiceManagement
from handlers.settings import Settings
from handlers.stores.account import StorageAccount
from handlers.stores.ledger import TableLedger
from handlers.stores.queues import StorageQueue


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
