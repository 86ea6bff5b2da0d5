"""The checks that the Python worker makes of a function's parameters before it loads an app.

An app that fails here also fails in Azure, with the same rule. Source: `azure_functions_runtime.functions`,
version 1.3; `make fidelity` compares the two. The rules in prose:

- Every parameter has a binding and every binding but `$return` has a parameter. `context` needs none.
- An annotation is a class or an alias of `typing` (`typing.List[str]`); `list[str]` and unions are neither.
- An output is annotated `func.Out[...]`, an input is not; the library's converter must know the type inside.
- The return annotation of a `$return` binding is a class which the converter knows: not `bytes`, not None, for HTTP.
"""

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Union

from local.host.converters import GENERIC, accepts_input, accepts_output

RETURN = "$return"


class SignatureError(Exception):
    """A function's parameters and bindings do not fit. The message names the parameter and the rule."""


@dataclass(frozen=True)
class Bound:
    """One binding, as far as the checks care."""

    name: str
    type: str
    is_output: bool


@dataclass(frozen=True)
class Converted:
    """How one parameter or the return value is converted."""

    binding: str
    """Type of the binding, or `generic`."""
    annotation: Any


@dataclass(frozen=True)
class Signature:
    """How to call a function."""

    inputs: Mapping[str, Converted]
    outputs: Mapping[str, Converted]
    """Without `$return`."""
    returned: Converted | None
    """None: the function must return None."""
    wants_context: bool
    is_async: bool


def read_signature(function: Callable[..., Any], bindings: Sequence[Bound]) -> Signature:
    """Check a function against its bindings; raises SignatureError."""
    hints = _hints(function)
    parameters = set(inspect.signature(function).parameters)
    for bound in bindings:
        if bound.name == RETURN and not bound.is_output:
            raise SignatureError("binding $return must be an output")
    parameterised = {bound.name: bound for bound in bindings if bound.name != RETURN}
    wants_context = "context" in parameters and "context" not in parameterised
    if wants_context:
        _check_context(hints)
        parameters.discard("context")
    _check_names(parameters, set(parameterised))
    converted = {name: _convert(parameterised[name], hints) for name in parameters}
    return Signature(
        {name: how for name, how in converted.items() if not parameterised[name].is_output},
        {name: how for name, how in converted.items() if parameterised[name].is_output},
        _convert_return(bindings, hints),
        wants_context,
        inspect.iscoroutinefunction(function),
    )


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise SignatureError(f"an annotation cannot be read: {error}") from None


def _check_context(hints: Mapping[str, Any]) -> None:
    annotation = hints.get("context")
    if annotation is not None and not (isinstance(annotation, type) and annotation.__name__ == "Context"):
        raise SignatureError(f"parameter context must be annotated azure.functions.Context, not {_show(annotation)}")


def _check_names(parameters: set[str], bound: set[str]) -> None:
    if unbound := sorted(parameters - bound):
        raise SignatureError(f"parameter {unbound[0]} has no binding: add one with arg_name={unbound[0]!r}, or drop it")
    if missing := sorted(bound - parameters):
        raise SignatureError(f"binding {missing[0]} has no parameter: name a parameter of the function {missing[0]}")


def _convert(bound: Bound, hints: Mapping[str, Any]) -> Converted:
    if bound.name not in hints:
        return Converted(bound.type, None)
    annotation = hints[bound.name]
    is_out = _is_out(annotation)
    inner = _inside_out(bound, annotation) if is_out else annotation
    if not isinstance(inner, type) and not _is_generic(inner):
        raise SignatureError(
            f"parameter {bound.name} is annotated {_show(annotation)}, which is no class: write typing.List[...] for"
            " list[...], and one class instead of a union"
        )
    if bound.is_output and not is_out:
        raise SignatureError(f"output {bound.name} must be annotated azure.functions.Out[...], not {_show(annotation)}")
    if is_out and not bound.is_output:
        raise SignatureError(f"input {bound.name} must not be annotated azure.functions.Out")
    binding = GENERIC if inner in (str, bytes) else bound.type
    if not _fits(binding, inner, is_out=is_out):
        raise SignatureError(
            f"parameter {bound.name} is annotated {_show(annotation)}, which {bound.type} does not take"
        )
    return Converted(binding, inner)


def _convert_return(bindings: Sequence[Bound], hints: Mapping[str, Any]) -> Converted | None:
    bound = next((bound for bound in bindings if bound.name == RETURN), None)
    if bound is None:
        return None
    if "return" not in hints:
        return Converted(bound.type, None)
    annotation = hints["return"]
    if not isinstance(annotation, type) or _is_out(annotation):
        raise SignatureError(f"the return annotation {_show(annotation)} is no class: write the class that is returned")
    if not _fits(bound.type, annotation, is_out=True):
        raise SignatureError(f"the return annotation {_show(annotation)} is none that {bound.type} takes")
    return Converted(bound.type, annotation)


def _fits(binding: str, annotation: Any, *, is_out: bool) -> bool:
    try:
        return accepts_output(binding, annotation) if is_out else accepts_input(binding, annotation)
    except TypeError:  # the converters ask issubclass() of whatever is inside the brackets
        return False


def _is_out(annotation: Any) -> bool:
    if not _is_generic(annotation):
        return isinstance(annotation, type) and annotation.__name__ == "Out"
    origin = typing.get_origin(annotation) or annotation
    return isinstance(origin, type) and origin.__name__ == "Out"


def _inside_out(bound: Bound, annotation: Any) -> Any:
    arguments = typing.get_args(annotation)
    if len(arguments) != 1:
        raise SignatureError(f"output {bound.name} must say what it puts out: azure.functions.Out[str], for example")
    return arguments[0]


def _is_generic(annotation: Any) -> bool:
    """Say whether the worker takes this for a generic type: an alias of `typing`, never `list[str]` or a union."""
    if isinstance(annotation, (types.GenericAlias, types.UnionType)):
        return False
    if isinstance(annotation, type):
        return issubclass(annotation, Generic)
    origin = typing.get_origin(annotation)
    return origin is not None and origin not in (Union, tuple, ClassVar, collections.abc.Callable)


def _show(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
