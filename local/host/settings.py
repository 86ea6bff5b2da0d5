"""local.settings.json, as Core Tools defines it.

```json
{"IsEncrypted": false, "Values": {"NAME": "text"}, "Host": {"LocalHttpPort": 7071}}
```

`Host.CORS` and `ConnectionStrings` are read by Core Tools only and are ignored here.
"""

import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from local.host.errors import StartError


@dataclass(frozen=True)
class LocalSettings:
    """What a settings file says."""

    values: dict[str, str] = field(default_factory=dict)
    """Become environment variables."""
    port: int | None = None
    """`Host.LocalHttpPort`; None where the file does not say."""


def read_settings(path: Path) -> LocalSettings:
    """Read a settings file. Raises StartError with one sentence, which never holds a value of the file."""
    try:
        content: object = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise StartError(f"settings file {path} does not exist: copy local.settings.sample.json to it") from None
    except OSError as error:
        raise StartError(f"settings file {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise StartError(f"settings file {path} is not JSON: {_where(error)}") from None
    if not isinstance(content, dict):
        raise StartError(f'settings file {path} must hold an object: {{"Values": {{...}}}}')
    if content.get("IsEncrypted", False) is not False:
        raise StartError(f"settings file {path} is encrypted: run `func settings decrypt`, or set IsEncrypted to false")
    return LocalSettings(_values(path, content.get("Values", {})), _port(path, content.get("Host", {})))


def put_into(environment: MutableMapping[str, str], settings: LocalSettings) -> None:
    """Add the values to the environment; a variable that is set already wins, as with Core Tools."""
    for name, value in settings.values.items():
        environment.setdefault(name, value)


def _values(path: Path, values: object) -> dict[str, str]:
    if not isinstance(values, dict):
        raise StartError(f"settings file {path}: Values must be an object of texts")
    for name, value in values.items():
        if not isinstance(value, str):
            raise StartError(
                f"settings file {path}: {name} must be a text in quotes, not {json.dumps(type(value).__name__)}"
            )
        if not name or "=" in name or "\0" in name + value:
            raise StartError(f"settings file {path}: {name!r} cannot be an environment variable")
    return dict(values)


def _port(path: Path, host: object) -> int | None:
    port = host.get("LocalHttpPort") if isinstance(host, dict) else host
    if port is None:
        return None
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise StartError(f"settings file {path}: Host.LocalHttpPort must be a number from 0 to 65535")
    return port


def _where(error: ValueError) -> str:
    """Say where JSON breaks without quoting the file, which holds secrets."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "it is not UTF-8"
