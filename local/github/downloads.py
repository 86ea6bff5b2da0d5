"""An asset's bytes: a signed address on another host name, and a stream that may be told to fail."""

import secrets
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web

from local.github.releases import Asset
from local.github.world import World

_OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
"""Two names of this machine: to a client they are two hosts."""


def sign_address(request: web.Request, world: World, asset: Asset) -> str:
    """Make an address that needs no token."""
    key = secrets.token_urlsafe(24)
    world.download_keys[key] = asset.id
    here = urlsplit(f"{request.scheme}://{request.host}")
    other = _OTHER_NAME.get(here.hostname or "", "localhost")
    return urlunsplit((here.scheme, f"{other}:{here.port or 80}", f"/_storage/{key}", "se=2099&sig=elsewhere", ""))


async def send_content(request: web.Request, world: World, asset: Asset) -> web.StreamResponse:
    """Stream the bytes; break off in the middle or change one where that was asked for."""
    break_off = _due(world.broken_downloads, asset.id)
    damage = _due(world.damaged_downloads, asset.id)
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    response.content_length = asset.content.size
    await response.prepare(request)
    sent = 0
    for block in asset.content.blocks():
        whole = block
        if damage:
            whole, damage = bytes([block[0] ^ 1]) + block[1:], False
        if break_off and sent + len(block) > asset.content.size // 2:
            await response.write(whole[: len(whole) // 2])
            if request.transport is not None:
                request.transport.close()
            return response
        await response.write(whole)
        sent += len(block)
    await response.write_eof()
    return response


def _due(times: dict[int, int], asset: int) -> bool:
    if times.get(asset, 0) == 0:
        return False
    times[asset] -= 1
    return True
