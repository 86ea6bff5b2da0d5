"""`%NAME%` in a binding -> the setting of that name. Pure."""

from collections.abc import Mapping


class ExpressionError(ValueError):
    """A `%NAME%` names no setting, or has no second `%`. The message says which."""


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Replace every `%NAME%` by its setting. What a setting holds is not looked at again.

    `%A:B%` also finds the setting `A__B`, as .NET configuration does. Raises ExpressionError.
    """
    pieces = text.split("%")
    if len(pieces) % 2 == 0:
        raise ExpressionError(f"the last % in {text!r} is not closed: write %NAME%")
    return "".join(_value(piece, settings) if index % 2 else piece for index, piece in enumerate(pieces))


def _value(name: str, settings: Mapping[str, str]) -> str:
    value = settings.get(name) or settings.get(name.replace(":", "__"))
    if not value:
        raise ExpressionError(f"%{name}% names no setting: set {name} in the settings file or the environment")
    return value
