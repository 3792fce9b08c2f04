"""Options that set parameters and choose a minimizer: `name=value`, `name=low:high`, formulas."""

import difflib
from collections.abc import Sequence

from surefit.exceptions import InvalidBounds, InvalidOption
from surefit.losses.penalties import AbstractPenalty, Ridge, Roughness
from surefit.minimizers.base import AbstractMinimizer
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.first_order import Adam, AdamW, MomentumSGD
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.minimizers.minuit import Minuit
from surefit.minimizers.quasi_newton import LBFGS

PENALTIES = {"ridge": Ridge, "roughness": Roughness}
MINIMIZERS: dict[str, AbstractMinimizer] = {
    "closed-form": ClosedForm(),
    "levenberg-marquardt": LevenbergMarquardt(),
    "lbfgs": LBFGS(),
    "migrad": Minuit(),
    "simplex": Minuit(method="simplex"),
    "adam": Adam(),
    "adamw": AdamW(),
    "sgd": MomentumSGD(),
}
"""The minimizers that the command line knows by name."""


def parse_minimizer(name: str | None) -> AbstractMinimizer | None:
    """The minimizer of a name; None, for the automatic choice, if there is none.

    Raises:
        InvalidOption: The name is unknown; the message suggests the nearest.

    Example:
        >>> print(parse_minimizer("lbfgs"))
        LBFGS()
    """
    if name is None:
        return None
    if name.lower() in MINIMIZERS:
        return MINIMIZERS[name.lower()]
    close = difflib.get_close_matches(name.lower(), MINIMIZERS, n=1, cutoff=0.4)
    hint = f"; did you mean {close[0]}?" if close else "."
    raise InvalidOption(f"There is no minimizer {name!r}{hint} They are {', '.join(MINIMIZERS)}.")


def parse_penalty(text: str | None) -> AbstractPenalty | None:
    """The penalty of a name, `ridge` or `roughness`, with `=strength` or without; None for None.

    Raises:
        InvalidOption: The name is unknown, or the strength no positive number.

    Example:
        >>> print(parse_penalty("ridge=0.5"))
        Ridge(0.5)
    """
    if text is None:
        return None
    name, sign, strength = text.partition("=")
    if name.lower() not in PENALTIES:
        raise InvalidOption(
            f"There is no penalty {name!r}. They are {' and '.join(PENALTIES)}, with a strength "
            "(ridge=0.1) or without, for the data to choose it."
        )
    try:
        given = float(strength) if sign else None
    except ValueError:
        raise InvalidOption(
            f"--penalty has the strength {strength!r}; give a positive number, such as ridge=0.1."
        ) from None
    return PENALTIES[name.lower()](given)


def parse_values(items: Sequence[str], option: str) -> dict[str, float | list[float]]:
    """Read `name=value` items; an array of parameters is `name=1,2,3`.

    Args:
        items: What the user gave.
        option: The option's name, for the messages.

    Raises:
        InvalidOption: An item is not of this form, or a name occurs twice.

    Example:
        >>> parse_values(["tau=2.5", "peak[0]=1e3", "c=1,2"], "--start")
        {'tau': 2.5, 'peak[0]': 1000.0, 'c': [1.0, 2.0]}
    """
    values: dict[str, float | list[float]] = {}
    for name, text in _pairs(items, option, "name=value"):
        numbers = [_number(part, f"{option} {name}={text}") for part in text.split(",")]
        values[name] = numbers if len(numbers) > 1 else numbers[0]
    return values


def parse_bounds(items: Sequence[str]) -> dict[str, tuple[float | None, float | None]]:
    """Read `name=low:high` items; a side that is left out has no limit.

    Raises:
        InvalidBounds: An item is not of this form.
        InvalidOption: A name occurs twice.

    Example:
        >>> parse_bounds(["tau=0:", "c=-1:1"])
        {'tau': (0.0, None), 'c': (-1.0, 1.0)}
    """
    bounds: dict[str, tuple[float | None, float | None]] = {}
    for name, text in _pairs(items, "--bounds", "name=low:high"):
        sides = [side.strip() for side in text.split(":")]
        if len(sides) != 2 or not any(sides):
            raise InvalidBounds(
                f"--bounds {name}={text} cannot be read; write name=low:high, name=low: or "
                "name=:high."
            )
        low, high = (_number(side, f"--bounds {name}={text}") if side else None for side in sides)
        bounds[name] = low, high
    return bounds


def parse_ties(items: Sequence[str]) -> dict[str, str]:
    """Read `name=formula` items.

    Raises:
        InvalidOption: An item is not of this form, or a name occurs twice.

    Example:
        >>> parse_ties(["s2 = 2*s1"])
        {'s2': '2*s1'}
    """
    return dict(_pairs(items, "--ties", "name=formula"))


def parse_order(items: Sequence[str]) -> list[tuple[str, ...]]:
    """Read `name,name,...` items, the smallest parameter first; also with `<` between the names.

    Raises:
        InvalidOption: An item has fewer than two names.

    Example:
        >>> parse_order(["m1,m2,m3", "a < b"])
        [('m1', 'm2', 'm3'), ('a', 'b')]
    """
    orders = []
    for item in items:
        names = tuple(name.strip(" =") for name in item.replace("<", ",").split(","))
        if len(names) < 2 or not all(names):
            raise InvalidOption(f"--order {item} cannot be read; write --order name,name.")
        orders.append(names)
    return orders


def parse_constraints(items: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Read `name=mean:sigma` items.

    Raises:
        InvalidOption: An item is not of this form, or a name occurs twice.

    Example:
        >>> parse_constraints(["tau=2.2:0.1"])
        {'tau': (2.2, 0.1)}
    """
    known: dict[str, tuple[float, float]] = {}
    for name, text in _pairs(items, "--constraint", "name=mean:sigma"):
        mean, colon, sigma = text.partition(":")
        where = f"--constraint {name}={text}"
        if not (mean.strip() and colon and sigma.strip()):
            raise InvalidOption(f"{where} cannot be read; write --constraint name=mean:sigma.")
        known[name] = _number(mean, where), _number(sigma, where)
    return known


def _pairs(items: Sequence[str], option: str, form: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for item in items:
        name, sign, text = (part.strip() for part in item.partition("="))
        if not (name and sign and text):
            raise InvalidOption(f"{option} {item} cannot be read; write {option} {form}.")
        if name in dict(pairs):
            raise InvalidOption(f"{option} is given twice for {name}; give it once.")
        pairs.append((name, text))
    return pairs


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InvalidOption(f"{where}: {text.strip()!r} is not a number.") from None
