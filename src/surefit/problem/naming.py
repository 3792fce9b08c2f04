"""Find the parameters that a user names, and say so where there is none of that name."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from surefit.exceptions import InvalidType, UnknownParameter
from surefit.models.parameters import Parameters


def items_of(argument: Any, called: str) -> list[tuple[Any, Any]]:
    """The pairs of a dict by parameter name; none if the argument is None.

    Args:
        argument: What the user gave.
        called: The argument's name, for the message.

    Raises:
        InvalidType: It is no dict.
    """
    if argument is None:
        return []
    if not isinstance(argument, Mapping):
        raise InvalidType(
            f"{called} is a {type(argument).__name__}; pass a dict by parameter name, such as "
            f"{called}={{'a': ...}}."
        )
    return list(argument.items())


def places(parameters: Parameters, name: Any, called: str) -> np.ndarray:
    """Positions in the flat vector that a flat name or a path stands for.

    Args:
        parameters: The model's parameters.
        name: `"center[2]"`, or `"center"` for all its entries.
        called: The argument in which it was given, for the message.

    Raises:
        UnknownParameter: There is none of that name; the message suggests the nearest.
    """
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


def place(parameters: Parameters, name: Any, called: str) -> int:
    """The one position that a name stands for; see `places`.

    Raises:
        UnknownParameter: There is none of that name, or it stands for several.
    """
    where = places(parameters, name, called)
    if len(where) != 1:
        entries = ", ".join(repr(parameters.names[i]) for i in where[:3])
        raise UnknownParameter(
            f"{called} names {name!r}, which has {len(where)} entries; name one: {entries}, ..."
        )
    return int(where[0])
