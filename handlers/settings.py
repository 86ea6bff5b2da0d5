"""The settings: every name that is read, what it means, and what a wrong value is answered with. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from handlers.errors import SettingsWrong
from handlers.model import Source
from handlers.sources.entrance import Entrance, Rules
from handlers.timers.ncrontab import ScheduleError, parse_schedule


def _schedule(text: str) -> str:
    try:
        parse_schedule(text)
    except ScheduleError as error:
        raise PydanticCustomError("schedule", "{why}", {"why": str(error)}) from None
    return text


Ncrontab = Annotated[str, AfterValidator(_schedule)]
"""When a timer runs: NCRONTAB in UTC. A host that cannot read one leaves the timer out, and the app runs without it."""


class Settings(BaseModel):
    """What the environment variables say. A blank one is one that is not set.

    The aliases are the names; `docs/settings.md` and `local.settings.sample.json` list the same, held by a test.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    storage: SecretStr | None = Field(None, alias="AzureWebJobsStorage")
    """Connection string of the storage account; `UseDevelopmentStorage=true` is the emulator on its usual ports."""
    storage_blobs: str | None = Field(None, alias="AzureWebJobsStorage__blobServiceUri")
    storage_queues: str | None = Field(None, alias="AzureWebJobsStorage__queueServiceUri")
    storage_tables: str | None = Field(None, alias="AzureWebJobsStorage__tableServiceUri")
    storage_identity: str | None = Field(None, alias="AzureWebJobsStorage__clientId")
    """Client id of the user-assigned identity that reaches the storage account without a connection string."""

    environments: str | None = Field(None, alias="SLIPWAY_ENVIRONMENTS")
    """Path of the TOML file, from the app's folder. `environments.toml` where it is not set."""
    url: str | None = Field(None, alias="SLIPWAY_URL", pattern=r"^https?://[^\s?#]+$")
    """Our own address, as chats reach it. Without it Mattermost has no buttons."""
    body_cap: int = Field(5 * 1024 * 1024, alias="WEBHOOK_MAX_BYTES", ge=1024, le=100 * 1024 * 1024)
    """Bytes of a webhook's body that are read at most; a longer one is answered with 413."""
    poll_schedule: Ncrontab | None = Field(None, alias="POLL_SCHEDULE")
    """The Functions host fills it in where `function_app.py` says `%POLL_SCHEDULE%`; this one has no default."""
    sweep_schedule: Ncrontab = Field("30 * * * * *", alias="SWEEP_SCHEDULE")
    night_schedule: Ncrontab = Field("0 */5 * * * *", alias="NIGHT_SCHEDULE")
    sweep_after: int = Field(120, alias="SWEEP_AFTER_SECONDS", ge=1, le=24 * 3600)
    """A request that nobody has touched for this long past its time is taken up again."""

    github_webhook_secret: SecretStr | None = Field(None, alias="GITHUB_WEBHOOK_SECRET")
    """One secret, or two while it is being changed: `new,old`."""
    github_token: SecretStr | None = Field(None, alias="GITHUB_TOKEN")
    github_app_id: str | None = Field(None, alias="GITHUB_APP_ID")
    github_app_private_key: SecretStr | None = Field(None, alias="GITHUB_APP_PRIVATE_KEY")
    """PEM. Line ends may be written as `\\n`."""
    github_api_url: str = Field("https://api.github.com", alias="GITHUB_API_URL", pattern=r"^https?://[^\s?#]+$")

    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    """One secret, or two while it is being changed: `new,old`."""
    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_api_url: str = Field("https://slack.com/api", alias="SLACK_API_URL", pattern=r"^https?://[^\s?#]+$")
    slack_workspaces: str = Field("", alias="SLACK_WORKSPACES")
    """Ids, comma between them; only these may command. Blank: any that the secret covers."""
    slack_channels: str = Field("", alias="SLACK_CHANNELS")

    teams_outgoing_secret: SecretStr | None = Field(None, alias="TEAMS_OUTGOING_SECRET")
    """As Teams gives it, base64. Two while it is being changed: `new,old`."""
    teams_workflow_url: SecretStr | None = Field(None, alias="TEAMS_WORKFLOW_URL")
    teams_tenants: str = Field("", alias="TEAMS_TENANTS")
    teams_channels: str = Field("", alias="TEAMS_CHANNELS")

    mattermost_token: SecretStr | None = Field(None, alias="MATTERMOST_TOKEN")
    """Of the slash command. Two while it is being changed: `new,old`."""
    mattermost_url: str | None = Field(None, alias="MATTERMOST_URL", pattern=r"^https?://[^\s?#]+$")
    mattermost_bot_token: SecretStr | None = Field(None, alias="MATTERMOST_BOT_TOKEN")
    mattermost_teams: str = Field("", alias="MATTERMOST_TEAMS")
    mattermost_channels: str = Field("", alias="MATTERMOST_CHANNELS")

    service_management_url: str | None = Field(None, alias="SERVICE_MANAGEMENT_URL", pattern=r"^https?://[^\s?#]+$")
    """`https://management.core.windows.net` where neither this nor a `.publishsettings` file says otherwise."""
    service_management_certificate: SecretStr | None = Field(None, alias="SERVICE_MANAGEMENT_CERTIFICATE")
    """Path of a PEM or PFX file, or the base64 of a PFX."""
    service_management_certificate_password: SecretStr | None = Field(
        None, alias="SERVICE_MANAGEMENT_CERTIFICATE_PASSWORD"
    )
    service_management_ca: str | None = Field(None, alias="SERVICE_MANAGEMENT_CA")
    """Path of a PEM file with the authorities to trust instead of the machine's."""

    @property
    def entrances(self) -> Mapping[str, Entrance]:
        """What lets the deliveries of each source in: its active secrets, newest first; none means that it is off."""
        return {
            Source.GITHUB: Entrance(_secrets(self.github_webhook_secret)),
            Source.SLACK: Entrance(
                _secrets(self.slack_signing_secret), _rules(self.slack_workspaces, self.slack_channels)
            ),
            Source.TEAMS: Entrance(
                _secrets(self.teams_outgoing_secret), _rules(self.teams_tenants, self.teams_channels)
            ),
            Source.MATTERMOST: Entrance(
                _secrets(self.mattermost_token), _rules(self.mattermost_teams, self.mattermost_channels)
            ),
        }

    @property
    def answering(self) -> frozenset[Source]:
        """The sources that can be asked who counts in a team or a group."""
        able = {
            Source.GITHUB: self.github_token is not None or self.github_app_id is not None,
            Source.SLACK: self.slack_bot_token is not None,
        }
        return frozenset(source for source, answers in able.items() if answers)

    @property
    def speaking(self) -> frozenset[Source]:
        """The chats that can be posted to by themselves, without a command to answer."""
        able = {
            Source.SLACK: self.slack_bot_token is not None,
            Source.TEAMS: self.teams_workflow_url is not None,
            Source.MATTERMOST: self.mattermost_url is not None and self.mattermost_bot_token is not None,
        }
        return frozenset(source for source, speaks in able.items() if speaks)


HOST_SETTINGS = ("FUNCTIONS_WORKER_RUNTIME",)
"""Read by the Functions host for itself."""


def names() -> tuple[str, ...]:
    """Return every setting that is read, by us or by the host for us."""
    return (*HOST_SETTINGS, *(str(field.alias) for field in Settings.model_fields.values()))


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises SettingsWrong with a line for every mistake: name and rule, the value of schedules alone.
    """
    given: dict[str, Any] = {name: value.strip() for name, value in environ.items() if value.strip()}
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsWrong("\n".join(f"{one['loc'][0]}: {_rule(one)}" for one in error.errors())) from None
    if (settings.github_app_id is None) != (settings.github_app_private_key is None):
        raise SettingsWrong("GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY: set both or neither")
    if settings.url is not None and not _OURS.fullmatch(settings.url):
        raise SettingsWrong("SLIPWAY_URL: must be an https:// address; http:// only on this machine")
    return settings


def environments_file(environ: Mapping[str, str]) -> str | None:
    """Return the path in SLIPWAY_ENVIRONMENTS, also where other settings are wrong; None where it is not set."""
    return environ.get(str(Settings.model_fields["environments"].alias), "").strip() or None


_RULES = {
    "string_pattern_mismatch": "must be an http(s) address, without a query",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}
"""In our words what pydantic says in its own; every pattern above is an address."""


def _rule(mistake: ErrorDetails) -> str:
    rule = _RULES.get(mistake["type"])
    return mistake["msg"] if rule is None else rule.format(**mistake.get("ctx", {}))


_OURS = re.compile(r"https://[^\s?#@]+|http://(?:localhost|127\.0\.0\.1)(?::[0-9]+)?(?:/[^\s?#@]*)?")
"""Our own address: what chats send there holds what proves it, so it goes over TLS, or nowhere."""

_FILES = (".pem", ".pfx", ".p12", ".publishsettings", ".cer", ".crt")


def named_files(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the settings that name a file, with its path; a certificate may also be the base64 of a PFX."""
    certificate = settings.service_management_certificate
    text = certificate.get_secret_value() if certificate is not None else ""
    if text.lower().endswith(_FILES):
        yield "SERVICE_MANAGEMENT_CERTIFICATE", text
    if settings.service_management_ca is not None:
        yield "SERVICE_MANAGEMENT_CA", settings.service_management_ca


def missing(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the settings without which something will not work, with what that is."""
    if settings.poll_schedule is None:
        yield "POLL_SCHEDULE", "nobody asks how operations went"
    if settings.github_token is None and settings.github_app_id is None:
        yield "GITHUB_TOKEN", "outcomes cannot be posted to GitHub"
    if settings.service_management_certificate is None and not (settings.service_management_url or "").startswith(
        "http://"
    ):
        yield "SERVICE_MANAGEMENT_CERTIFICATE", "nothing can be deployed"


def _secrets(secret: SecretStr | None) -> tuple[str, ...]:
    return tuple(_listed(secret.get_secret_value() if secret is not None else ""))


def _rules(workspaces: str, channels: str) -> Rules:
    return Rules(frozenset(_listed(workspaces)), frozenset(_listed(channels)))


def _listed(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(",") if part.strip())
