"""A formula such as `a*exp(-x/tau) + c` as a model function; nothing in it is ever executed.

The text is parsed to a syntax tree, of which only arithmetic, comparisons and a list of functions
are allowed, and the tree is translated into steps of a small stack machine that calls NumPy.
"""

import dataclasses
import inspect
from collections.abc import Sequence
from typing import Any

from surefit.exceptions import InvalidModel, ShapeMismatch
from surefit.models.formulas.functions import FUNCTIONS
from surefit.models.formulas.syntax import Step, parse_steps


@dataclasses.dataclass(frozen=True)
class Formula:
    """A function of x and named parameters, given by a text; make one with `formula_function`.

    Call it as `formula(x, *values)` with x of shape (n,), or (n, d) for several inputs.

    Attributes:
        text: The formula as the user wrote it.
        inputs: Names of the columns of x.
        steps: What to do, in order, on a stack of values.
    """

    text: str
    inputs: tuple[str, ...]
    steps: tuple[Step, ...] = dataclasses.field(repr=False)
    __signature__: inspect.Signature = dataclasses.field(repr=False, compare=False)

    @property
    def __name__(self) -> str:
        """The text, which is what reports call the model."""
        return self.text

    def __call__(self, x: Any, *values: Any) -> Any:
        """The formula's value at each point, shape (n,); a number if it has no x in it."""
        stack: list[Any] = []
        for step in self.steps:
            if step.kind == "number":
                stack.append(step.value)
            elif step.kind == "parameter":
                stack.append(values[step.value])
            elif step.kind == "input":
                stack.append(self._column(x, step.value))
            else:
                arguments = stack[len(stack) - step.n_arguments :]
                del stack[len(stack) - step.n_arguments :]
                stack.append(FUNCTIONS[step.value].apply(*arguments))
        return stack.pop()

    def _column(self, x: Any, position: int) -> Any:
        width = 1 if x.ndim == 1 else x.shape[1]
        if width != len(self.inputs):
            raise ShapeMismatch(
                f"the formula has {len(self.inputs)} input(s), {', '.join(self.inputs)}, but x has "
                f"{width} column(s)"
            )
        return x if x.ndim == 1 else x[:, position]


def formula_function(text: str, inputs: Sequence[str] = ("x",)) -> Formula:
    """Make a model function from a formula.

    Numbers, names, `+ - * / **`, parentheses, comparisons, `and or not`, `p if condition else q`
    and these functions may be used: those of NumPy and `scipy.special` that act on each point by
    themselves (`exp`, `log`, `sqrt`, `sin`, `arctan2`, `where`, `clip`, `erf`, `gamma`, …), also as
    `np.exp`. `pi` is π and `e` is Euler's number. Every other name is a parameter.

    Args:
        text: The formula: what y is, without `y =`.
        inputs: Names of the columns of x. A single one is always called `x` too; of several, `x0`,
            `x1`, … stand for each, unless a column itself has that name.

    Returns:
        A function `f(x, …)` whose parameters are in the order in which they occur first. Equal
        texts give equal functions.

    Raises:
        InvalidModel: It is no formula; the message shows where, and what to write instead.

    Example:
        >>> import numpy as np
        >>> decay = formula_function("a*exp(-x/tau) + c")
        >>> print(inspect.signature(decay))
        (x, a, tau, c)
        >>> decay(np.array([0.0, 1e9]), 2.0, 3.0, 0.5).tolist()
        [2.5, 0.5]
    """
    if not isinstance(text, str):
        raise InvalidModel(f"A formula is a text, but this is {type(text).__name__}.")
    columns = tuple(inputs)
    if not columns:
        raise InvalidModel("A formula needs at least one input; inputs is empty.")
    text = " ".join(text.split())
    steps, names = parse_steps(text, columns)
    arguments = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("x", *names)
    ]
    return Formula(text, columns, steps, inspect.Signature(arguments))
