"""What a loss is: −2 ln L of one event, its slope and its curvature."""

import abc
from typing import Any

import numpy as np

from surefit.data.noise import Noise


class AbstractLoss(abc.ABC):
    """−2 ln L per event, as an elementwise function of prediction, y and weight.

    Sums of it give statistics and means give mini-batches; there is no scale factor to forget.
    `weight` is 1/σ of the event, or what else `weight()` makes of its error, and 0 for a point
    that only pads a block. Final classes are frozen dataclasses of hashable fields, as a loss is
    part of a compilation key.
    """

    @abc.abstractmethod
    def pointwise(self, prediction, y, weight) -> Any:
        """−2 ln L of each event, up to a constant."""

    @abc.abstractmethod
    def slope(self, prediction, y, weight) -> Any:
        """Derivative of `pointwise` with respect to the prediction."""

    @abc.abstractmethod
    def curvature(self, prediction, y, weight) -> Any:
        """A non-negative second derivative with respect to the prediction.

        It is exact, or the expected one (Fisher scoring) where the exact one can be negative;
        minimizers build their quadratic model from it.
        """

    @property
    @abc.abstractmethod
    def is_least_squares(self) -> bool:
        """Whether −2 ln L is the sum of squared whitened residuals."""

    @property
    @abc.abstractmethod
    def is_likelihood(self) -> bool:
        """Whether it is −2 ln of a likelihood, so that its curvature gives errors.

        If not, as for a robust loss, only the sandwich covariance does, and Δ = 1 is not one
        standard deviation.
        """

    @property
    @abc.abstractmethod
    def is_of_counts(self) -> bool:
        """Whether y are counts: whole numbers whose variance is their mean."""

    @abc.abstractmethod
    def variance(self, prediction, weight) -> Any:
        """Variance of each y if the prediction is right."""

    @abc.abstractmethod
    def draw(self, rng: np.random.Generator, prediction, weight, size: tuple[int, ...]) -> Any:
        """Draw y as they would be measured if the prediction were right.

        Args:
            rng: Source of randomness.
            prediction: Shape (n, m).
            weight: 1/σ of each, shape (n, m).
            size: Shape of what is drawn, ending in (n, m).
        """

    @abc.abstractmethod
    def has_chi2(self, errors_given: bool) -> bool:
        """Whether the minimum of −2 ln L is distributed as χ², so that it has a p-value."""

    @abc.abstractmethod
    def weight(self, y: np.ndarray, noise: Noise) -> np.ndarray:
        """What the loss takes of the errors on y, shape (n, m) or (n, m, k).

        Multiplied by √k it is that of a point that stands for k.
        """

    @abc.abstractmethod
    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        """Why these data do not suit the loss, in a sentence, or None if they do."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """The constructor."""
