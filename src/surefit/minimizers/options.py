"""Options of minimizers: checked when they are made, shown where they differ from the default."""

import dataclasses
import math
import numbers
from typing import Any

from surefit.exceptions import InvalidOption, InvalidType


def check_number(
    name: str, value: Any, *, at_least: float = 0.0, below: float = math.inf, exclusive: bool = True
) -> None:
    """Check that an option is a finite real number in a range.

    Args:
        name: Name of the option, for the message.
        value: What was given.
        at_least: Lower end of the range.
        below: Upper end of the range, which is excluded.
        exclusive: Whether the lower end is excluded too.

    Raises:
        InvalidType: The value is not a real number.
        InvalidOption: It is NaN, infinite, or out of range.

    Example:
        >>> check_number("learning_rate", -1.0)
        Traceback (most recent call last):
        ...
        surefit.exceptions.InvalidOption: learning_rate is -1.0; pass a finite number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InvalidType(f"{name} is {value!r}, a {type(value).__name__}; pass a real number.")
    number = float(value)
    low = number > at_least if exclusive else number >= at_least
    if not (math.isfinite(number) and low and number < below):
        start = f"above {at_least:g}" if exclusive else f"of at least {at_least:g}"
        end = "" if math.isinf(below) else f" and below {below:g}"
        raise InvalidOption(f"{name} is {value!r}; pass a finite number {start}{end}.")


def check_count(name: str, value: Any, *, at_least: int = 1, most: int | None = None) -> None:
    """Check that an option is a whole number in a range.

    Args:
        name: Name of the option, for the message.
        value: What was given.
        at_least: Smallest number allowed.
        most: Largest number allowed, or None.

    Raises:
        InvalidType: The value is not a whole number.
        InvalidOption: It is out of range.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InvalidType(f"{name} is {value!r}, a {type(value).__name__}; pass a whole number.")
    if int(value) < at_least or (most is not None and int(value) > most):
        span = f"of at least {at_least}" if most is None else f"from {at_least} to {most}"
        raise InvalidOption(f"{name} is {value!r}; pass a whole number {span}.")


def check_kind(name: str, value: Any, kind: type, example: str) -> None:
    """Check that an option is an object of some class.

    Args:
        name: Name of the option, for the message.
        value: What was given.
        kind: The class it must have.
        example: What one could pass, for the message.

    Raises:
        InvalidType: It has another class.
    """
    if not isinstance(value, kind):
        raise InvalidType(f"{name} is {value!r}, a {type(value).__name__}; pass {example}.")


def constructor(description: Any) -> str:
    """The constructor of a frozen dataclass as one would type it, without default values.

    Args:
        description: An instance of a frozen dataclass.

    Returns:
        Its class name and the fields that differ from their defaults, by keyword.
    """
    shown = [
        f"{field.name}={getattr(description, field.name)!r}"
        for field in dataclasses.fields(description)
        if getattr(description, field.name) != field.default
    ]
    return f"{type(description).__name__}({', '.join(shown)})"
