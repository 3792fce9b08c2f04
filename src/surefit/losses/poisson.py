"""Poisson counts: the likelihood of histogram bins, empty ones included."""

import dataclasses

import numpy as np

from surefit.data.noise import Noise
from surefit.losses.base import AbstractLoss


@dataclasses.dataclass(frozen=True)
class Poisson(AbstractLoss):
    """−2 ln of the likelihood ratio of Poisson counts to their own values.

    2 (μ − n + n ln(n/μ)) per bin, with prediction μ and count n (Baker and Cousins 1984, eq. 5):
    distributed as χ² for large counts, and right for empty bins, which a χ² with √n errors drops.
    The counts carry their own errors: pass y = counts and leave `yerr` out.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2], [4, 0, 2], sf.Constant(), loss=sf.Poisson())
        >>> round(fit.values["value"], 6), round(fit.errors["value"], 3)
        (2.0, 0.816)
    """

    def pointwise(self, prediction, y, weight):
        xp = prediction.__array_namespace__()
        inside = prediction > 0
        mean = xp.where(inside, prediction, 1.0)
        counted = xp.where(y > 0, y, 1.0)
        value = 2 * (mean - y + y * (xp.log(counted) - xp.log(mean)))
        return xp.where(weight > 0, xp.where(inside, value, xp.inf), 0.0)

    def slope(self, prediction, y, weight):
        return 2 * (1 - y / prediction) * (weight > 0)

    def curvature(self, prediction, y, weight):
        return 2 / prediction * (weight > 0)

    @property
    def is_least_squares(self) -> bool:
        return False

    @property
    def is_likelihood(self) -> bool:
        return True

    @property
    def is_of_counts(self) -> bool:
        return True

    def variance(self, prediction, weight):
        return prediction

    def draw(self, rng: np.random.Generator, prediction, weight, size: tuple[int, ...]):
        return rng.poisson(prediction, size).astype(np.float64)

    def has_chi2(self, errors_given: bool) -> bool:
        return True

    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        if noise.is_given:
            return "Poisson counts carry their own errors; leave yerr out."
        if (y < 0).any():
            return f"y has a negative count, {y.min():g}; Poisson counts are zero or more."
        return None

    def __str__(self) -> str:
        return "Poisson()"
