"""Telling the owner of an environment what is no request: in the log, and in the channels that its `notify` names."""

import logging
from collections.abc import Mapping

from handlers.errors import SinkRefused, Unavailable
from handlers.logs import line
from handlers.model import MattermostPlace, Place, SlackPlace, Source, TeamsPlace
from handlers.ports import Offer, Ports

log = logging.getLogger(__name__)


def tell_owner(
    environment: str, notify: Mapping[Source, str], text: str, key: str, ports: Ports, offer: Offer | None = None
) -> bool:
    """Say it wherever the owner can hear it; return whether nothing has to be tried again.

    `notify` are the channels, by source. `key` is the same when the same is said again because the first try got lost.
    """
    log.warning(line("owner.told", environment=environment, text=text))
    heard = True
    for source, channel in notify.items():
        voice, place = ports.voices.get(source), _place(source, channel)
        if voice is None or place is None:
            continue
        try:
            voice.say(place, text, key, offer)
        except SinkRefused as error:
            log.error(line("owner.unreached", environment=environment, source=source, reason=error))
        except Unavailable as error:
            log.warning(line("owner.unreached", environment=environment, source=source, reason=error.reason))
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
