"""What a kind of certified problem is: a published formula, and how to draw problems of it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Draft:
    """What is drawn for one problem.

    Attributes:
        x: Predictors, shape (n,) or (n, d).
        truth: True parameters, shape (p,).
        noise: One standard deviation of what is fitted, a scalar or (n,).
        digits: Significant digits to which the responses are rounded, as published data are.
        far: Standard deviation of the logarithm of the factor by which start 1 is off.
        correlation: Correlation of neighboring errors.
    """

    x: np.ndarray
    truth: np.ndarray
    noise: Any
    digits: int = 5
    far: float = 0.7
    correlation: float = 0.0


@dataclasses.dataclass(frozen=True, eq=False)
class Kind:
    """A published formula and a recipe for problems.

    Attributes:
        name: A data set of NIST's that has this formula.
        statement: The formula as NIST's files print it.
        function: The same in plain NumPy, for real and complex parameters.
        draw: Source of randomness → draft.
        inputs: Names of the predictors.
        is_logarithmic: Whether the logarithm of the response is fitted.
    """

    name: str
    statement: str
    function: Callable[..., np.ndarray]
    draw: Callable[[np.random.Generator], Draft]
    inputs: tuple[str, ...] = ("x",)
    is_logarithmic: bool = False

    def draft(self, seed: int) -> tuple[Draft, np.random.Generator]:
        """The draft of this number, and the source of randomness to go on with."""
        rng = np.random.default_rng([*map(ord, self.name), seed])
        return self.draw(rng), rng
