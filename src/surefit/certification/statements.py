"""Models as NIST's files print them, or as the user gives them, made into functions."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from surefit.certification.strd import CertifiedProblem
from surefit.exceptions import InvalidModel
from surefit.models.formulas.formula import formula_function
from surefit.models.function import Function

_RESIDUAL = re.compile(r"\+\s*e\s*$")
_ASSIGNMENT = re.compile(r"(?<![<>=!])=(?!=)")


@dataclasses.dataclass(frozen=True)
class Statement:
    """What a problem says: a transformed response is a function of the predictors.

    Attributes:
        function: The model function.
        response: The transformation of y, such as its logarithm; None for y itself.
    """

    function: Callable[..., Any]
    response: Callable[..., Any] | None = None

    def responses(self, y: np.ndarray) -> np.ndarray:
        """What is fitted, shape (n,)."""
        return y if self.response is None else np.asarray(self.response(y))


def statement_of(problem: CertifiedProblem) -> Statement:
    """The model that a file prints in its header.

    Args:
        problem: The problem.

    Returns:
        The model. NIST's square brackets are parentheses; a line such as `pi = 3.14…` defines a
        constant; `log[y] = …` transforms the response.

    Raises:
        InvalidModel: The header cannot be understood; give the formula instead.
    """
    constants: dict[str, str] = {}
    for left, right in _assignments(problem.statement):
        if re.fullmatch(r"[A-Za-z]\w*", left) and left != "y" and _is_number(right):
            constants[left] = right
            continue
        formula = _RESIDUAL.sub("", right)
        for name, value in constants.items():
            formula = re.sub(rf"\b{name}\b", value, formula)
        return formula_statement(formula, problem, None if left == "y" else left)
    raise InvalidModel(
        f"The header of {problem.name} has no line 'y = formula' that can be read; give its model "
        f"as a formula or as a Python function."
    )


def formula_statement(
    text: str, problem: CertifiedProblem, response: str | None = None
) -> Statement:
    """A formula of the predictors and of b1, b2, …, made into a model of the problem.

    Args:
        text: The formula: what y is, with or without `y =`.
        problem: The problem, which names the predictors.
        response: The transformation of y as a formula, or None.

    Returns:
        The model.

    Raises:
        InvalidModel: It is no formula, or its parameters are not those of the problem.
    """
    sides = _ASSIGNMENT.split(text)
    if len(sides) == 2:
        response, text = (None if sides[0].strip() == "y" else sides[0]), sides[1]
    function = formula_function(text, problem.inputs)
    return checked(Statement(function, _transformation(response)), problem)


def checked(statement: Statement, problem: CertifiedProblem) -> Statement:
    """The model, if its parameters are those that the file certifies.

    Raises:
        InvalidModel: They are not.
    """
    names = Function(statement.function).argument_names
    if set(names) != set(problem.names):
        raise InvalidModel(
            f"The model of {problem.name} has the parameters {', '.join(names)}, but the file "
            f"certifies {', '.join(problem.names)}."
        )
    return statement


def _transformation(text: str | None) -> Callable[..., Any] | None:
    """A formula of y alone as a function of it."""
    if text is None:
        return None
    # A formula needs a parameter: this one is 1.
    function = formula_function(f"unit*({text})", ("y",))
    return lambda y: function(y, 1.0)


def _assignments(text: str) -> list[tuple[str, str]]:
    """The assignments in a header, each with the lines that continue it."""
    statements: list[str] = []
    for line in text.replace("[", "(").replace("]", ")").splitlines():
        if _ASSIGNMENT.search(line):
            statements.append(line)
        elif statements and line.strip():
            statements[-1] += " " + line
    pairs = [_ASSIGNMENT.split(statement, maxsplit=1) for statement in statements]
    return [(left.strip(), " ".join(right.split())) for left, right in pairs]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
