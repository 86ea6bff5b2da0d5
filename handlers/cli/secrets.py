"""What each secret is for. Values are never shown."""

from collections.abc import Iterator, Mapping

from handlers.cli.findings import Finding, Mark
from handlers.settings import Settings

PART = "secrets"

PURPOSES: Mapping[str, str] = {
    "AzureWebJobsStorage": "reaches queues, ledger and packages; without it a managed identity does",
    "GITHUB_WEBHOOK_SECRET": "proves what GitHub delivers; without it GitHub is off",
    "GITHUB_TOKEN": "reads releases and posts outcomes; without it, and without an App, public releases can be read",
    "GITHUB_APP_PRIVATE_KEY": "signs in as the GitHub App of GITHUB_APP_ID, instead of a token",
    "SLACK_SIGNING_SECRET": "proves what Slack delivers; without it Slack is off",
    "SLACK_BOT_TOKEN": "posts to Slack's channels; without it commands are answered for half an hour only",
    "TEAMS_OUTGOING_SECRET": "proves what Teams delivers; without it Teams is off",
    "TEAMS_WORKFLOW_URL": "posts to Teams; without it Teams is told nothing",
    "MATTERMOST_TOKEN": "proves what Mattermost delivers; without it Mattermost is off",
    "MATTERMOST_BOT_TOKEN": "posts to Mattermost; without it Mattermost is told nothing",
    "SERVICE_MANAGEMENT_CERTIFICATE": "signs in to the Service Management API; nothing is deployed without it",
    "SERVICE_MANAGEMENT_CERTIFICATE_PASSWORD": "opens the certificate's key, where it has a password",
}
"""By the setting's name."""


def secrets(settings: Settings) -> Iterator[Finding]:
    """Yield a line for each secret: whether it is set, and what it is for."""
    for name, field in type(settings).model_fields.items():
        purpose = PURPOSES.get(str(field.alias))
        if purpose is not None:
            given = getattr(settings, name) is not None
            yield Finding(PART, Mark.OK if given else Mark.OFF, f"{field.alias}: {purpose}")
