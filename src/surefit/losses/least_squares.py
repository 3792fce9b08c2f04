"""Least squares: χ², the loss of normally distributed errors of known size."""

import dataclasses

import numpy as np

from surefit.data.noise import Noise
from surefit.losses.base import AbstractLoss


@dataclasses.dataclass(frozen=True)
class LeastSquares(AbstractLoss):
    """The square of (prediction − y)/σ, which is −2 ln L of a normal distribution.

    Example:
        >>> LeastSquares().pointwise(2.0, 1.0, 1 / 0.5)
        4.0
    """

    def pointwise(self, prediction, y, weight):
        return ((prediction - y) * weight) ** 2

    def slope(self, prediction, y, weight):
        return 2 * (prediction - y) * weight**2

    def curvature(self, prediction, y, weight):
        return 2 * weight**2 + 0 * prediction

    @property
    def is_least_squares(self) -> bool:
        return True

    @property
    def is_likelihood(self) -> bool:
        return True

    @property
    def is_of_counts(self) -> bool:
        return False

    def variance(self, prediction, weight):
        return 1 / weight**2 + 0 * prediction

    def draw(self, rng: np.random.Generator, prediction, weight, size: tuple[int, ...]):
        return prediction + rng.standard_normal(size) / weight

    def has_chi2(self, errors_given: bool) -> bool:
        return errors_given

    def weight(self, y: np.ndarray, noise: Noise) -> np.ndarray:
        return 1 / noise.sigma

    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        return noise.refusal_of_sides(str(self))

    def __str__(self) -> str:
        return "LeastSquares()"
