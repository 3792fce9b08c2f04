"""What a family of problems is."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

Model = Callable[..., np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """One problem.

    Attributes:
        x: Inputs, (n,) or (n, d).
        y: Outputs, (n,).
        yerr: One standard deviation of each output, (n,).
        model: f(x, a, b, ...) in plain NumPy; or f(x, parameters) of one array.
        truth: The true parameters, (p,).
        is_packed: Whether the model takes one array of parameters.
    """

    x: np.ndarray
    y: np.ndarray
    yerr: np.ndarray
    model: Model
    truth: np.ndarray
    is_packed: bool = False

    def residuals(self, values: np.ndarray) -> np.ndarray:
        """(model − y)/σ, shape (n,)."""
        arguments = (values,) if self.is_packed else tuple(values)
        with np.errstate(all="ignore"):
            return (self.model(self.x, *arguments) - self.y) / self.yerr

    def chi2(self, values: np.ndarray) -> float:
        """The sum of squared residuals; infinite where it is not finite."""
        with np.errstate(all="ignore"):
            total = float(np.sum(self.residuals(np.asarray(values, dtype=float)) ** 2))
        return total if np.isfinite(total) else np.inf


@dataclasses.dataclass(frozen=True)
class Family:
    """A recipe for random problems of one kind.

    Attributes:
        name: For the table.
        draw: Source of randomness → sample.
        has_steps: Whether −2 ln L is flat in some parameters between jumps.
    """

    name: str
    draw: Callable[[np.random.Generator], Sample]
    has_steps: bool = False

    def sample(self, seed: int) -> Sample:
        """The problem of this number; the same number gives the same problem."""
        letters = [ord(letter) for letter in self.name]
        return self.draw(np.random.default_rng([*letters, seed]))


def with_noise(
    rng: np.random.Generator,
    x: np.ndarray,
    model: Model,
    truth: Any,
    fraction: float | np.ndarray,
    *,
    is_packed: bool = False,
) -> Sample:
    """A sample whose errors are a fraction of the extent of the true curve."""
    truth = np.asarray(truth, dtype=float)
    curve = model(x, truth) if is_packed else model(x, *truth)
    sigma = np.ptp(curve) * np.broadcast_to(fraction, curve.shape)
    y = curve + sigma * rng.standard_normal(curve.shape)
    return Sample(x, y, np.array(sigma), model, truth, is_packed)


def log_uniform(rng: np.random.Generator, low: float, high: float, size=None):
    """Numbers whose logarithms are uniform."""
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def some_axis(
    rng: np.random.Generator, n: int, *, is_positive: bool = False
) -> tuple[np.ndarray, float, float]:
    """Uneven x over a random range in random units; and the range's ends."""
    extent = log_uniform(rng, 1e-2, 1e3)
    low = 0.0 if is_positive else extent * rng.uniform(-2, 2)
    return low + extent * np.sort(rng.uniform(0, 1, n)), low, low + extent
