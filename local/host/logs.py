"""Log lines for eyes: time, level, logger, message, on standard error.

`extra=` fields are not shown, because in Azure the Python worker drops them too.
"""

import concurrent.futures
import logging
from pathlib import Path
from types import TracebackType
from typing import TextIO

_HOST = str(Path(__file__).parent)
_THREADS = str(Path(concurrent.futures.__file__).parent)
_COLOURS = {logging.DEBUG: "2", logging.WARNING: "33", logging.ERROR: "31", logging.CRITICAL: "1;31"}


def configure(stream: TextIO, *, debug: bool) -> None:
    """Send every logger to a stream. Must run before the app is imported."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(colourful=stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for noisy in ("azure", "asyncio", "urllib3", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    """One line an event; what follows (a traceback, a second line) is indented."""

    def __init__(self, *, colourful: bool) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)-8s%(name)s  %(message)s", "%H:%M:%S")
        self._colourful = colourful

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record).replace("\n", "\n    ")
        colour = _COLOURS.get(record.levelno)
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colourful and colour else text

    def formatException(  # noqa: N802 - the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        return super().formatException((kind, error, without_host(trace)))


def without_host(trace: TracebackType | None) -> TracebackType | None:
    """Skip the first frames that belong to the host or to the thread pool; keep all where nothing is left."""
    rest = trace
    while rest is not None:
        file = rest.tb_frame.f_code.co_filename
        if not file.startswith(_HOST) and not file.startswith(_THREADS):
            return rest
        rest = rest.tb_next
    return trace
