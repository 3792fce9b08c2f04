"""What the lesson fits: a function with two faces, and the height of a tossed object."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOISE = 0.03  # of the lesson's sample
TRUE_VALUES = {"A": 0.43, "B": 0.15, "C": 22.0, "D": -1.0, "E": 3.5, "F": -2.0}

TOSS_NOISE = 1.0
TOSS_TRUE_VALUES = {"y0": 60.0, "t0": 3.0, "mu": 0.05, "tf": 2.0}
TOSS_GOOD_START = {"y0": 100.0, "t0": 0.0, "mu": 1.0, "tf": 5.0}
TOSS_BAD_START = {"y0": 0.0, "t0": 0.0, "mu": 10.0, "tf": 10.0}


def ansatz(x, A, B, C, D, E, F):
    """The theory that the lesson has of its sample: a wave near A, a parabola elsewhere."""
    return np.where(abs(x - A) < B, np.sin(C * x), D + E * x + F * x**2)


def truth(x: Array) -> Array:
    """The function behind the sample.

    Example:
        >>> truth(np.array([0.0, 1.0])).tolist()
        [-1.0, 0.5]
    """
    return ansatz(x, **TRUE_VALUES)


def toss(t, y0, t0, mu, tf):
    """Height of a tossed object that air slows down; it falls at most at 1 / (mu · tf)."""
    return y0 - np.log(np.cosh((t - t0) / tf)) / mu


def parabola(t, y0, t0, g):
    """Height of a tossed object without air: the wrong theory for `toss`."""
    return y0 - g / 2 * (t - t0) ** 2


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """Points with equal errors, sorted by x.

    Attributes:
        x: Inputs, shape (n,).
        y: Outputs, shape (n,).
        yerr: One standard deviation of each y.
        true_y: The true function at x, shape (n,).
    """

    x: Array
    y: Array
    yerr: float
    true_y: Array

    def chi2(self, prediction: Array) -> float:
        """Sum of squared residuals in units of the error.

        Args:
            prediction: A model at the points, shape (n,).

        Returns:
            χ²; infinite if a prediction is not finite.
        """
        with np.errstate(all="ignore"):
            total = float(np.sum(((self.y - prediction) / self.yerr) ** 2))
        return total if np.isfinite(total) else float("inf")

    @property
    def true_chi2(self) -> float:
        """χ² of the true function."""
        return self.chi2(self.true_y)


def draw_sample(rng: np.random.Generator, n_points: int = 1000) -> Sample:
    """Draw the lesson's sample: x uniform in [0, 1], noise of 0.03.

    Args:
        rng: Source of randomness.
        n_points: How many points; the lesson has 1000.

    Example:
        >>> sample = draw_sample(np.random.default_rng(1))
        >>> 850 < sample.true_chi2 < 1150
        True
    """
    x = np.sort(rng.uniform(0.0, 1.0, n_points))
    true_y = truth(x)
    return Sample(x, true_y + rng.normal(0.0, NOISE, n_points), NOISE, true_y)


def draw_toss(rng: np.random.Generator) -> Sample:
    """Draw the tossed object: 50 heights between 0 and 10 seconds, noise of 1.

    Args:
        rng: Source of randomness.
    """
    t = np.linspace(0.0, 10.0, 50)
    true_y = toss(t, **TOSS_TRUE_VALUES)
    return Sample(t, true_y + rng.normal(0.0, TOSS_NOISE, len(t)), TOSS_NOISE, true_y)


def stream(seed: int, name: str) -> np.random.Generator:
    """A source of randomness of its own for each part, so that parts don't disturb each other.

    Args:
        seed: The lesson's seed.
        name: The part.

    Example:
        >>> stream(1, "sample").random() == stream(1, "sample").random()
        True
    """
    return np.random.default_rng([seed, *name.encode()])
