"""The real world for the flows: the only reader of the environment and of the clock.

What the webhook path does not need (the storage SDKs, requests, lxml) is imported where a queue or a timer starts a
function, so that a cold start answers a webhook quickly.
"""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import azure.functions as func

from handlers.environments import Environments, read_environments
from handlers.errors import SettingsWrong
from handlers.events import Delivery
from handlers.logs import line
from handlers.receive import Door, receive
from handlers.settings import Settings, environments_file, missing, named_files, read_settings
from handlers.sources import sources_from

if TYPE_CHECKING:
    from handlers.ports import Ports

log = logging.getLogger(__name__)

APP = Path(__file__).resolve().parent.parent
"""The folder of `function_app.py`; relative paths in settings start here."""


def now() -> datetime:
    """Read the clock: now, in UTC."""
    return datetime.now(UTC)


@cache
def settings() -> Settings:
    """Read the settings once a process. Raises SettingsWrong."""
    return read_settings(os.environ)


@cache
def environments() -> Environments:
    """Read `environments.toml` once a process. Raises SettingsWrong.

    Where the setting is not set and there is no such file, there are no environments: webhooks are answered with 503.
    """
    given = environments_file(os.environ)
    path = APP / (given or "environments.toml")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if given is None:
            return {}
        raise SettingsWrong(f"SLIPWAY_ENVIRONMENTS: there is no file {given}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"SLIPWAY_ENVIRONMENTS: {path.name} cannot be read: {type(error).__name__}") from error
    return read_environments(text, path.name)


def read_file(path: str) -> str:
    """Return the text of a file that `environments.toml` names. Raises OSError, UnicodeDecodeError."""
    return (APP / path).read_text(encoding="utf-8")


def adopt_local_settings() -> None:
    """Let `local.settings.json` speak where a variable is not set: no Functions host does it for a command line.

    Raises SettingsWrong.
    """
    from handlers.connections.local_settings import with_local_settings

    os.environ.update(with_local_settings(os.environ, APP))


@cache
def door() -> Door:
    """Return what a delivery has to pass."""
    return Door(sources_from(settings().entrances), environments(), settings().body_cap)


def check_settings() -> None:
    """Stop the start where a setting or the file of environments is wrong; say which sources are off.

    What needs a look inside a certificate or a call to a service is left to `python -m handlers check`.
    """
    for mistake in stops_the_start(settings()):
        raise SettingsWrong(mistake)
    for name, what in missing(settings()):
        log.warning(line("settings.missing", setting=name, reason=what))
    if not environments():
        log.error(line("settings.no_environments", todo="copy environments.sample.toml to environments.toml"))
    for source in settings().entrances:
        if source in door().sources:
            log.info(line("source.on", source=source))
        else:
            log.warning(line("source.off", source=source, reason="no secret is set; its route answers 404"))
    for environment in environments().values():
        for source in environment.notify.keys() - settings().speaking:
            log.warning(line("notify.off", environment=environment.name, source=source, reason="its token is not set"))
        for group in environment.groups:
            if group.kind.source not in settings().answering:
                log.warning(line("group.off", environment=environment.name, group=group, reason="its token is not set"))


def stops_the_start(given: Settings) -> Iterator[str]:
    """Yield a sentence for each setting that can be read and stops the start all the same."""
    for name, path in named_files(given):
        if not (Path(path) if Path(path).is_absolute() else Path.cwd() / path).is_file():
            yield f"{name}: there is no file {path}"
    try:
        sources_from(given.entrances)
    except SettingsWrong as error:
        yield str(error)


def receive_delivery(req: func.HttpRequest, requests: func.Out[bytes]) -> func.HttpResponse:
    """Answer one HTTP call; the message is written before the answer is sent, or the caller gets 500."""
    headers = {name.lower(): value for name, value in req.headers.items()}
    answer = receive(Delivery(req.route_params.get("source", ""), headers, req.get_body()), door(), now())
    if answer.message is not None:
        requests.set(answer.message.model_dump_json().encode())
    reply = answer.reply
    return func.HttpResponse(reply.body, status_code=reply.status, mimetype=reply.content_type)


def submit_request(message: func.QueueMessage) -> None:
    """Work on one message of queue `requests`."""
    from handlers.submit import submit

    submit(_text(message), ports())


def keep_poison(message: func.QueueMessage) -> None:
    """Work on one message of queue `requests-poison`."""
    from handlers.poison import keep

    keep(_text(message), ports())


def tell_outcome(message: func.QueueMessage) -> None:
    """Work on one message of queue `notifications`."""
    from handlers.tell import tell

    tell(_text(message), ports())


def answer_inquiry(message: func.QueueMessage) -> None:
    """Work on one message of queue `inquiries`."""
    from handlers.answer import answer

    answer(_text(message), ports())


def keep_poison_inquiry(message: func.QueueMessage) -> None:
    """Work on one message of queue `inquiries-poison`."""
    from handlers.poison import keep_inquiry

    keep_inquiry(_text(message), ports())


def poll_operations(timer: func.TimerRequest) -> None:
    """Work on everything on queue `operations` that is due."""
    from handlers.poll import poll

    if timer.past_due:
        log.info(line("timer.past_due", timer="poll_operations"))
    poll(ports())


def sweep_ledger(timer: func.TimerRequest) -> None:
    """Take up again what nobody has touched past its time."""
    from handlers.sweep import sweep

    if timer.past_due:
        log.info(line("timer.past_due", timer="sweep_ledger"))
    sweep(ports())


def look_after_nights(timer: func.TimerRequest) -> None:
    """Compare what should sleep with what was intended last and with what runs."""
    from handlers.night import night

    if timer.past_due:
        log.info(line("timer.past_due", timer="look_after_nights"))
    night(ports())


@cache
def ports() -> "Ports":
    """Connect the flows to the real world, once a process."""
    from handlers.connections.ports import connect

    return connect(settings(), environments(), now, read_file)


def _text(message: func.QueueMessage) -> str:
    """Return what was put on the queue; bytes that are no text are somebody else's message and shown as such."""
    return message.get_body().decode(errors="backslashreplace")
