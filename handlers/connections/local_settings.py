"""`local.settings.json`, for commands that a person runs beside the app: the Functions host is not there to read it."""

import json
from collections.abc import Mapping
from pathlib import Path

from handlers.errors import SettingsWrong

FILE = "local.settings.json"


def with_local_settings(environ: Mapping[str, str], app: Path) -> Mapping[str, str]:
    """Return the environment variables, and what the file in the app's folder says beside them.

    Raises SettingsWrong where there is such a file and it cannot be read.
    """
    try:
        values = json.loads((app / FILE).read_text(encoding="utf-8"))["Values"]
        return {**{str(name): str(value) for name, value in values.items()}, **environ}
    except FileNotFoundError:
        return dict(environ)
    except json.JSONDecodeError as error:
        raise SettingsWrong(f"{FILE}: not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsWrong(f"{FILE}: cannot be read as an object with Values: {type(error).__name__}") from error
