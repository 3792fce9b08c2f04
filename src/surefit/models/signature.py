"""Read a function's signature and its results as a model's."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from surefit.exceptions import InvalidModel, ModelFailed, ShapeMismatch


def parameter_arguments(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The arguments after x that are to be fitted."""
    if isinstance(function, np.vectorize):
        function = function.pyfunc
    try:
        arguments = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        name = getattr(function, "__name__", str(function))
        raise InvalidModel(
            f"The arguments of {name} cannot be read; wrap it: lambda x, a, b: {name}(x, a, b)."
        ) from None
    if not arguments or arguments[0].kind not in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        raise InvalidModel("A model function takes x as its first argument: f(x, a, b, ...).")
    chosen = []
    for argument in arguments[1:]:
        if argument.kind is inspect.Parameter.VAR_POSITIONAL:
            raise InvalidModel(
                f"The model function takes *{argument.name}, so its parameters cannot be counted; "
                "take one array instead, f(x, parameters), and pass "
                "sf.Function(f, n_parameters=...)."
            )
        positional = argument.kind in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        default = argument.default
        is_number = isinstance(default, int | float | np.number) and not isinstance(default, bool)
        if positional and (default is inspect.Parameter.empty or is_number):
            chosen.append(argument)
    return chosen


def settings_hint(defaults: dict[str, float], error: Exception) -> str:
    """What may be meant where a function failed on a whole number that is no parameter."""
    whole = [name for name, value in defaults.items() if float(value).is_integer()]
    if not isinstance(error, TypeError | IndexError) or not whole:
        return ""
    return (
        f" An argument with a number as default ({', '.join(whole)}) is a parameter, too, and "
        "takes any value; put settings behind a `*` in the signature."
    )


def as_predictions(result: Any, n: int, label: str) -> np.ndarray:
    """A function's result as float64 of shape (n, m)."""
    try:
        array = np.asarray(result)
        if array.dtype.kind == "c" or array.dtype.kind not in "fiub":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ModelFailed(
            f"{label} returned {type(result).__name__}, not an array of real numbers; return one "
            "number for each point of x."
        ) from None
    if array.ndim == 0:
        return np.full((n, 1), float(array))
    if array.ndim > 2 or array.shape[0] != n:
        raise ShapeMismatch(
            f"{label} returned shape {array.shape} for x with {n} points; return shape ({n},), or "
            f"({n}, m) for m outputs."
        )
    return array.reshape(n, -1)
