"""The functions that are fitted, their true parameters, and samples of any length."""

import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.lesson.sample import NOISE, TOSS_TRUE_VALUES, TRUE_VALUES, ansatz, toss


def peak_on_decay(x, height, lifetime, peak, position, width, floor):
    return (
        height * np.exp(-x / lifetime) + peak * np.exp(-0.5 * ((x - position) / width) ** 2) + floor
    )


@dataclasses.dataclass(frozen=True)
class Case:
    """A function with what is needed to draw samples and to start other tools well.

    Attributes:
        name: For the table.
        function: f(x, a, b, ...).
        truth: True parameters, by name.
        span: Range of x.
        noise: One standard deviation.
        smooth: Whether it has no steps.
    """

    name: str
    function: Callable
    truth: dict[str, float]
    span: tuple[float, float]
    noise: float
    smooth: bool = True

    def sample(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """x (n,), uniform in the span, and y (n,)."""
        rng = np.random.default_rng([n, seed + 1])
        x = np.sort(rng.uniform(*self.span, n))
        return x, self.function(x, **self.truth) + self.noise * rng.standard_normal(n)

    def chi2(self, x: np.ndarray, y: np.ndarray, values) -> float:
        """χ² at a parameter vector in the order of the signature."""
        return float(np.sum(((y - self.function(x, *values)) / self.noise) ** 2))

    def good_start(self) -> dict[str, float]:
        """Within 10 % of the truth: what somebody who knows the answer would type."""
        signs = np.where(np.arange(len(self.truth)) % 2, 1.1, 0.9)
        return {name: value * s for (name, value), s in zip(self.truth.items(), signs, strict=True)}


SMOOTH = Case(
    "6-parameter smooth ansatz",
    peak_on_decay,
    {"height": 5.0, "lifetime": 3.0, "peak": 4.0, "position": 6.0, "width": 0.7, "floor": 1.0},
    (0.0, 10.0),
    0.1,
)
TOSS = Case("tossed object", toss, TOSS_TRUE_VALUES, (0.0, 10.0), 1.0)
STEPS = Case("the lesson's ansatz (two steps)", ansatz, TRUE_VALUES, (0.0, 1.0), NOISE, False)
CASES = (SMOOTH, TOSS, STEPS)
