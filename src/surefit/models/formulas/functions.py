"""The functions that a formula may call: an explicit list, nothing else can be reached."""

import dataclasses
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits


@dataclasses.dataclass(frozen=True)
class FormulaFunction:
    """A function that a formula may call.

    Attributes:
        apply: The NumPy function, or an operator.
        fewest: Fewest arguments.
        most: Most arguments.
    """

    apply: Callable[..., Any]
    fewest: int
    most: int


def _minimum(*arguments: Any) -> Any:
    smallest = arguments[0]
    for argument in arguments[1:]:
        smallest = np.minimum(smallest, argument)
    return smallest


def _maximum(*arguments: Any) -> Any:
    largest = arguments[0]
    for argument in arguments[1:]:
        largest = np.maximum(largest, argument)
    return largest


def _log(value: Any, base: Any = None) -> Any:
    return np.log(value) if base is None else np.log(value) / np.log(base)


def _unary() -> dict[str, Callable[..., Any]]:
    numpy_names = (
        "exp exp2 expm1 log2 log10 log1p sqrt cbrt square abs sign floor ceil trunc sin cos tan "
        "arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh sinc deg2rad rad2deg "
        "logical_not"
    )
    special_names = (
        "erf erfc erfinv gamma gammaln digamma expit logit j0 j1 y0 y1 i0 i1 i0e i1e k0 k1 "
        "ndtr log_ndtr log_expit ellipk ellipe"
    )
    functions = {name: getattr(np, name) for name in numpy_names.split()}
    return functions | {name: _special(name) for name in special_names.split()}


def _special(name: str) -> Callable[..., Any]:
    """A function of `scipy.special`, which is imported when it is called."""

    def apply(*arguments: Any) -> Any:
        return getattr(scipy.special, name)(*arguments)

    return apply


_SYNONYMS = {
    "ln": "log",
    "fabs": "abs",
    "absolute": "abs",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "atan2": "arctan2",
    "radians": "deg2rad",
    "degrees": "rad2deg",
    "lgamma": "gammaln",
    "psi": "digamma",
    "sigmoid": "expit",
    "logistic": "expit",
    "minimum": "min",
    "maximum": "max",
    "pow": "power",
}


def _table() -> dict[str, FormulaFunction]:
    table = {name: FormulaFunction(function, 1, 1) for name, function in _unary().items()}
    binary = {
        "arctan2": np.arctan2,
        "hypot": np.hypot,
        "heaviside": np.heaviside,
        "mod": np.mod,
        "power": operator.pow,
        "logical_and": np.logical_and,
        "logical_or": np.logical_or,
        "jv": _special("jv"),
        "beta": _special("beta"),
        "betaln": _special("betaln"),
        "binom": _special("binom"),
        "gammainc": _special("gammainc"),
        "gammaincc": _special("gammaincc"),
        "xlogy": _special("xlogy"),
    }
    table |= {name: FormulaFunction(function, 2, 2) for name, function in binary.items()}
    table |= {
        "where": FormulaFunction(np.where, 3, 3),
        "clip": FormulaFunction(np.clip, 3, 3),
        "voigt_profile": FormulaFunction(_special("voigt_profile"), 3, 3),
        "log": FormulaFunction(_log, 1, 2),
        "min": FormulaFunction(_minimum, 2, 100),
        "max": FormulaFunction(_maximum, 2, 100),
    }
    return table | {synonym: table[name] for synonym, name in _SYNONYMS.items()}


CALLABLE = _table()
"""By the name that a formula uses."""

OPERATORS = {
    "+": FormulaFunction(operator.add, 2, 2),
    "-": FormulaFunction(operator.sub, 2, 2),
    "*": FormulaFunction(operator.mul, 2, 2),
    "/": FormulaFunction(operator.truediv, 2, 2),
    "%": FormulaFunction(operator.mod, 2, 2),
    "**": FormulaFunction(operator.pow, 2, 2),
    "negative": FormulaFunction(operator.neg, 1, 1),
    "<": FormulaFunction(operator.lt, 2, 2),
    "<=": FormulaFunction(operator.le, 2, 2),
    ">": FormulaFunction(operator.gt, 2, 2),
    ">=": FormulaFunction(operator.ge, 2, 2),
    "==": FormulaFunction(operator.eq, 2, 2),
    "!=": FormulaFunction(operator.ne, 2, 2),
}
"""What the syntax tree's operators do; a formula cannot call these by name."""

FUNCTIONS = CALLABLE | OPERATORS
"""Everything that a step may apply."""

CONSTANTS = {"pi": float(np.pi), "e": float(np.e)}
"""Names that are numbers."""
