"""What the host shows at its start. Pure."""

from collections.abc import Mapping, Sequence

from local.host.http_front import ADMIN_KEY, FUNCTION_KEY
from local.host.model import AppFunction, AuthLevel, HttpTrigger, QueueTrigger, TimerTrigger


def banner(functions: Sequence[AppFunction], prefix: str, settings: Mapping[str, str]) -> str:
    """Write a table of the functions, and a note on keys where calls cannot succeed for want of one."""
    if not functions:
        return "the app has no functions"
    rows = [("function", "trigger", "from"), *(_row(function, prefix) for function in functions)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    lines = [f"  {name:<{widths[0]}}  {trigger:<{widths[1]}}  {source}" for name, trigger, source in rows]
    return "\n".join(lines + _notes(functions, settings))


def _row(function: AppFunction, prefix: str) -> tuple[str, str, str]:
    name = f"{function.name} (disabled)" if function.disabled else function.name
    match function.trigger:
        case HttpTrigger() as trigger:
            methods = ",".join(sorted(trigger.methods)) or "any"
            path = "/".join(part for part in ("", prefix, trigger.route.text) if part or not prefix)
            path = "/" + path.lstrip("/")
            level = "" if trigger.auth_level is AuthLevel.ANONYMOUS else f"  key: {trigger.auth_level}"
            return name, "http", f"{methods} {path}{level}"
        case QueueTrigger() as trigger:
            return name, "queue", trigger.queue
        case TimerTrigger() as trigger:
            return name, "timer", trigger.text


def _notes(functions: Sequence[AppFunction], settings: Mapping[str, str]) -> list[str]:
    levels = {function.trigger.auth_level for function in functions if isinstance(function.trigger, HttpTrigger)}
    notes = []
    if AuthLevel.FUNCTION in levels and not (settings.get(FUNCTION_KEY) or settings.get(ADMIN_KEY)):
        notes.append(f"  {FUNCTION_KEY} is not set: routes with key: function answer 401")
    if AuthLevel.ADMIN in levels and not settings.get(ADMIN_KEY):
        notes.append(f"  {ADMIN_KEY} is not set: routes with key: admin answer 401")
    return notes
