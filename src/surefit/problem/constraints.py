"""What the user knows of the parameters: starts, limits, fixed values, checked against names."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from surefit.exceptions import InvalidBounds, InvalidOption, InvalidType, UnknownParameter
from surefit.models.parameters import Parameters


@dataclasses.dataclass(frozen=True, eq=False)
class Constraints:
    """Checked knowledge of the parameters, each an array over the flat parameter vector.

    Attributes:
        start: Values to try first, shape (p,); NaN where none was given.
        lower: Lower limits, −inf where there is none.
        upper: Upper limits, inf where there is none.
        fixed: Values of fixed parameters; NaN where the parameter is free.
    """

    start: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fixed: np.ndarray

    @property
    def free(self) -> np.ndarray:
        """Mask of the parameters that are not fixed."""
        return np.isnan(self.fixed)

    @property
    def has_limits(self) -> bool:
        """Whether any free parameter has a limit."""
        limited = np.isfinite(self.lower) | np.isfinite(self.upper)
        return bool((limited & self.free).any())

    @property
    def has_start(self) -> bool:
        """Whether any start was given."""
        return bool(np.isfinite(self.start).any())


def check_constraints(
    parameters: Parameters,
    start: Any,
    bounds: Any,
    fixed: Any,
) -> Constraints:
    """Check starts, bounds and fixed values against the names of a model's parameters.

    Each is a dict by flat name (`"center[2]"`) or by path (`"center"`), for all its entries.

    Args:
        parameters: The model's parameters.
        start: Values to try first.
        bounds: Pairs (lower, upper), None or infinite for no limit on that side.
        fixed: Values at which parameters are held.

    Returns:
        The knowledge as arrays.

    Raises:
        UnknownParameter: A name is not one of the model's; suggests the nearest.
        InvalidBounds: Limits are inverted or equal, or a start or a fixed value is outside them.
        InvalidOption: A value is not a finite number, or its shape does not fit, or every
            parameter is fixed.
        InvalidType: An argument is not a dict.
    """
    p = parameters.size
    starts = _spread(parameters, start, "start")
    held = _spread(parameters, fixed, "fixed")
    lower, upper = np.full(p, -np.inf), np.full(p, np.inf)
    for name, pair in _items(bounds, "bounds"):
        low, high = _pair(name, pair)
        where = _where(parameters, name, "bounds")
        lower[where], upper[where] = low, high
    inverted = np.flatnonzero(~(lower < upper))
    if len(inverted):
        i = inverted[0]
        raise InvalidBounds(
            f"bounds of {parameters.names[i]} are ({lower[i]:g}, {upper[i]:g}); the lower must be "
            "below the upper. To hold a parameter use fixed=."
        )
    for values, argument in ((starts, "start"), (held, "fixed")):
        outside = np.flatnonzero((values < lower) | (values > upper))
        if len(outside):
            i = outside[0]
            raise InvalidBounds(
                f"{argument} of {parameters.names[i]} is {values[i]:g}, outside its bounds "
                f"({lower[i]:g}, {upper[i]:g})."
            )
    if p and not np.isnan(held).any():
        raise InvalidOption("fixed holds every parameter of the model; leave one free to fit.")
    return Constraints(starts, lower, upper, held)


def array_length(name: str, *arguments: Any) -> int | None:
    """Length of an array parameter, if a start, bounds or fixed value gives it.

    Args:
        name: The parameter's path.
        *arguments: The user's start, bounds and fixed, in this order.
    """
    start, bounds, fixed = arguments
    for argument in (start, fixed):
        if isinstance(argument, Mapping) and name in argument and np.ndim(argument[name]) == 1:
            return len(argument[name])
    if isinstance(bounds, Mapping) and name in bounds and _is_pair(bounds[name]):
        sizes = {len(side) for side in bounds[name] if np.ndim(side) == 1}
        return sizes.pop() if len(sizes) == 1 else None
    return None


def _is_pair(bounds: Any) -> bool:
    return isinstance(bounds, Sequence | np.ndarray) and len(bounds) == 2


def _items(argument: Any, called: str):
    if argument is None:
        return ()
    if not isinstance(argument, Mapping):
        raise InvalidType(
            f"{called} is a {type(argument).__name__}; pass a dict by parameter name, such as "
            f"{called}={{'a': ...}}."
        )
    return argument.items()


def _spread(parameters: Parameters, argument: Any, called: str) -> np.ndarray:
    values = np.full(parameters.size, np.nan)
    for name, value in _items(argument, called):
        where = _where(parameters, name, called)
        try:
            given = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise InvalidOption(f"{called} of {name} is {value!r}; give a number.") from None
        if not np.isfinite(given).all():
            raise InvalidOption(f"{called} of {name} is {value!r}; give a finite number.")
        if given.size not in (1, len(where)):
            raise InvalidOption(
                f"{called} of {name} has {given.size} values but the parameter has {len(where)}."
            )
        values[where] = given.ravel()
    return values


def _where(parameters: Parameters, name: str, called: str) -> np.ndarray:
    """Positions in the flat vector that a flat name or a path stands for."""
    names, begin = parameters.names, 0
    if name in names:
        return np.array([names.index(name)])
    for item in parameters.items:
        if item.path == name:
            return np.arange(begin, begin + item.size)
        begin += item.size
    known: Sequence[str] = (*names, *(item.path for item in parameters.items))
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(dict.fromkeys(item.path for item in parameters.items))
    raise UnknownParameter(
        f"{called} names {name!r}, which is not a parameter of the model; it has {shown}.{hint}"
    )


def _pair(name: str, pair: Any) -> tuple[Any, Any]:
    try:
        low, high = pair  # numbers, or for an array parameter one array of each
        low = -np.inf if low is None else np.asarray(low, dtype=np.float64)
        high = np.inf if high is None else np.asarray(high, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidBounds(
            f"bounds of {name} is {pair!r}; give a pair (lower, upper), with None for no limit; "
            "for an array, a pair of arrays (all lower, all upper)."
        ) from None
    if np.isnan(low).any() or np.isnan(high).any():
        raise InvalidBounds(f"bounds of {name} contain NaN; use None for no limit.")
    return low, high
