"""The converters of the `azure-functions` library, with types: values of the wire <-> arguments of functions.

A `str` or `bytes` annotation takes the value as it came ("generic"); every other parameter is converted by the
class that the library registers for its binding. Source: `azure_functions_runtime.bindings`, version 1.3.
"""

import json
from collections.abc import Mapping
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

GENERIC = "generic"
"""The binding type that stands for `str` and `bytes` annotations."""


class Unconvertible(TypeError):
    """A value does not fit its binding, for example None returned from an HTTP function."""


def accepts_input(binding: str, annotation: type) -> bool:
    """Say whether a parameter of a binding may have this annotation."""
    if binding == GENERIC:
        return issubclass(annotation, (str, bytes))
    return bool(_converter(binding).check_input_type_annotation(annotation))


def accepts_output(binding: str, annotation: Any) -> bool:
    """Say whether an output of a binding may have this annotation (a class, or an alias of `typing`)."""
    if binding == GENERIC:
        return issubclass(annotation, (str, bytes, bytearray))
    return bool(_converter(binding).check_output_type_annotation(annotation))


def decode(binding: str, datum: Datum, metadata: Mapping[str, Datum]) -> Any:
    """Turn what came with a trigger into the argument of the function. Raises Unconvertible."""
    if binding == GENERIC:
        if datum.type not in ("string", "bytes", "json"):
            raise Unconvertible(f"a parameter annotated str or bytes cannot receive {datum.type}")
        return datum.value
    try:
        return _converter(binding).decode(datum, trigger_metadata=metadata)
    except NotImplementedError:
        raise Unconvertible(f"{binding} cannot receive {datum.type}") from None


def encode(binding: str, value: Any, annotation: Any) -> Datum:
    """Turn what a function put out into a value of the wire. Raises Unconvertible."""
    try:
        if binding == GENERIC:
            return _encode_generic(value)
        datum: Datum | None = _converter(binding).encode(value, expected_type=annotation)
    except NotImplementedError:
        raise Unconvertible(f"{binding} cannot put out {type(value).__name__}") from None
    return datum or Datum(None, None)


def _encode_generic(value: Any) -> Datum:
    match value:
        case str():
            return Datum(value, "string")
        case bytes() | bytearray():
            return Datum(bytes(value), "bytes")
        case dict() | list():
            return Datum(json.dumps(value), "json")
        case int():
            return Datum(int(value), "int")
        case float():
            return Datum(value, "double")
        case None:
            return Datum(None, None)
        case _:
            raise NotImplementedError


def _converter(binding: str) -> Any:
    registry: Any = func.get_binding_registry()  # type: ignore[no-untyped-call]
    return registry.get(binding)
