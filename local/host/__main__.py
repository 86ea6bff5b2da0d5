"""Command line of the local host.

Exit code 0 after SIGINT or SIGTERM, 1 where it cannot start or go on, 2 for wrong arguments.
"""

import argparse
import asyncio
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from local.host import logs
from local.host.banner import banner
from local.host.errors import StartError
from local.host.host_json import read_host_json
from local.host.index import load_app
from local.host.serve import Host, bind
from local.host.settings import LocalSettings, put_into, read_settings

DEFAULT_PORT = 7071
"""That of Core Tools."""
SETTINGS_FILE = "local.settings.json"
_RUNTIME = "FUNCTIONS_WORKER_RUNTIME"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the host; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        all_ended = _run(options.app.resolve(), options.settings, options.port)
    except StartError as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    if not all_ended or _is_held():
        # A function that does not end holds its thread, and with it this process, for good.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    return 0


def _run(directory: Path, settings_file: Path | None, port: int | None) -> bool:
    if not directory.is_dir():
        raise StartError(f"{directory} is no directory: name the app's directory with --app")
    settings = _settings(directory, settings_file)
    put_into(os.environ, settings)
    logs.configure(sys.stderr, debug=os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING") in ("1", "true"))
    if os.environ.get(_RUNTIME, "python") != "python":
        raise StartError(f"{_RUNTIME} must be python, the only language that the local host runs")
    os.chdir(directory)
    host_json = read_host_json(directory / "host.json", os.environ)
    functions = load_app(directory, os.environ)
    taken = bind(next(number for number in (port, settings.port, DEFAULT_PORT) if number is not None))
    print(banner(functions, host_json.route_prefix, os.environ), file=sys.stderr, flush=True)

    async def serve() -> bool:
        return await Host(functions, host_json, os.environ, directory).run(taken, _announce)

    return asyncio.run(serve())


def _settings(directory: Path, settings_file: Path | None) -> LocalSettings:
    """Read the named settings file, or the usual one where it is there."""
    if settings_file is not None:
        return read_settings(settings_file)
    usual = directory / SETTINGS_FILE
    return read_settings(usual) if usual.exists() else LocalSettings()


def _announce(address: str) -> None:
    print(f"ready {address}", flush=True)


def _is_held() -> bool:
    """Say whether a thread is left that would keep the process alive."""
    return any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m local.host", description="Run an Azure Functions app without Core Tools."
    )
    parser.add_argument("--port", type=_port, help=f"0 for a free one; {DEFAULT_PORT} unless the settings file says so")
    parser.add_argument("--settings", type=Path, help=f"settings file; {SETTINGS_FILE} of the app where it is there")
    parser.add_argument("--app", type=Path, default=Path(), help="directory of function_app.py and host.json")
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError("must be a number from 0 to 65535")


if __name__ == "__main__":
    sys.exit(main())
