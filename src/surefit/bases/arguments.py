"""Checks of the arguments with which a basis is constructed."""

import math
import numbers
from typing import Any

from surefit.exceptions import InvalidOption, InvalidType


def check_count(value: Any, name: str, model: str, minimum: int) -> int:
    """Check a whole number such as a degree.

    Args:
        value: What the user passed.
        name: The argument's name, for the message.
        model: The model's name, for the message.
        minimum: The smallest value allowed.

    Returns:
        The value as a plain `int`.

    Raises:
        InvalidType: Not a whole number.
        InvalidOption: Below `minimum`.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InvalidType(
            f"{model}: {name} must be a whole number, not {value!r}; try {name}={max(minimum, 3)}."
        )
    if value < minimum:
        raise InvalidOption(f"{model}: {name} is {value} but must be at least {minimum}.")
    return int(value)


def check_real(value: Any, name: str, model: str, above: float) -> float:
    """Check a finite real number that must lie above a limit.

    Args:
        value: What the user passed.
        name: The argument's name, for the message.
        model: The model's name, for the message.
        above: The limit, which is itself not allowed.

    Returns:
        The value as a plain `float`.

    Raises:
        InvalidType: Not a real number.
        InvalidOption: NaN, infinite, or not above the limit.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InvalidType(f"{model}: {name} must be a real number, not {value!r}.")
    number = float(value)
    if not (math.isfinite(number) and number > above):
        raise InvalidOption(
            f"{model}: {name} is {number:g} but must be a finite number above {above:g}."
        )
    return number


def check_domain(value: Any, model: str) -> tuple[float, float] | None:
    """Check a range of x given by its two ends.

    Args:
        value: `None`, or a pair of numbers (lower, upper) in the unit of x.
        model: The model's name, for the message.

    Returns:
        The pair as plain floats, or None.

    Raises:
        InvalidType: Not a pair of real numbers.
        InvalidOption: NaN, infinite, empty or inverted.
    """
    if value is None:
        return None
    try:
        lower, upper = (float(end) for end in value)
    except (TypeError, ValueError):
        raise InvalidType(
            f"{model}: domain must be a pair of numbers (lower, upper), not {value!r}; "
            f"try domain=(0.0, 1.0)."
        ) from None
    if not math.isfinite(upper - lower):
        raise InvalidOption(f"{model}: domain=({lower:g}, {upper:g}) must have finite ends.")
    if not lower < upper:
        hint = "swap its ends" if lower > upper else "its ends must differ"
        raise InvalidOption(f"{model}: domain=({lower:g}, {upper:g}) is empty; {hint}.")
    return lower, upper
