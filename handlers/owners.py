"""Telling the owner of an environment what is no request: in the log, and in the channels that its `notify` names."""

import logging

from handlers.environments import Environment
from handlers.errors import SinkRefused, Unavailable
from handlers.logs import line
from handlers.model import MattermostPlace, Place, SlackPlace, Source, TeamsPlace
from handlers.ports import Offer, Ports

log = logging.getLogger(__name__)


def tell_owner(environment: Environment, text: str, key: str, ports: Ports, offer: Offer | None = None) -> bool:
    """Say it wherever the owner can hear it; return whether nothing has to be tried again.

    `key` is the same when the same is said again because the first try got lost.
    """
    log.warning(line("owner.told", environment=environment.name, text=text))
    heard = True
    for source, channel in environment.notify.items():
        voice, place = ports.voices.get(source), _place(source, channel)
        if voice is None or place is None:
            continue
        try:
            voice.say(place, text, key, offer)
        except SinkRefused as error:
            log.error(line("owner.unreached", environment=environment.name, source=source, reason=error))
        except Unavailable as error:
            log.warning(line("owner.unreached", environment=environment.name, source=source, reason=error.reason))
            heard = False
    return heard


def _place(source: Source, channel: str) -> Place | None:
    match source:
        case Source.SLACK:
            return SlackPlace(team="", channel=channel)
        case Source.TEAMS:
            return TeamsPlace(channel=channel)
        case Source.MATTERMOST:
            return MattermostPlace(channel=channel)
        case Source.GITHUB | Source.CLOCK:
            return None
