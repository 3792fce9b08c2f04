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

    def weight(self, y: np.ndarray, noise: Noise) -> np.ndarray:
        return np.ones_like(y)

    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        if noise.is_given:
            return "Poisson counts carry their own errors; leave yerr out."
        if (y < 0).any():
            return f"y has a negative count, {y.min():g}; Poisson counts are zero or more."
        return None

    def __str__(self) -> str:
        return "Poisson()"


@dataclasses.dataclass(frozen=True)
class ScaledPoisson(AbstractLoss):
    """Sums of weights in bins: each is s times a Poisson count, s = Σw²/Σw of its bin.

    (2/s) (μ − y + y ln(y/μ)) with sum of weights y and its expectation μ: mean and variance are
    those of the sum (Bohm and Zech 2014, Nucl. Instrum. Meth. A 748, 1). An empty bin gets the s
    of all bins together. Where all weights are 1 this is `Poisson`.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit_histogram(([8, 4], [0, 1, 2]), sf.Constant(), variances=[16, 8])
        >>> round(fit.values["value"], 6), round(fit.errors["value"], 6)
        (6.0, 2.44949)
    """

    def pointwise(self, prediction, y, weight):
        return weight**2 * Poisson().pointwise(prediction, y, weight)

    def slope(self, prediction, y, weight):
        return weight**2 * Poisson().slope(prediction, y, weight)

    def curvature(self, prediction, y, weight):
        return weight**2 * Poisson().curvature(prediction, y, weight)

    @property
    def is_least_squares(self) -> bool:
        return False

    @property
    def is_likelihood(self) -> bool:
        return True

    @property
    def is_of_counts(self) -> bool:
        return False

    def variance(self, prediction, weight):
        return prediction / weight**2

    def draw(self, rng: np.random.Generator, prediction, weight, size: tuple[int, ...]):
        return rng.poisson(prediction * weight**2, size) / weight**2

    def has_chi2(self, errors_given: bool) -> bool:
        return True

    def weight(self, y: np.ndarray, noise: Noise) -> np.ndarray:
        # Of an empty bin σ is one entry of the average weight, which is s itself.
        filled = y > 0
        return 1 / np.sqrt(np.where(filled, noise.sigma**2 / np.where(filled, y, 1.0), noise.sigma))

    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        if not noise.is_given or noise.covariance is not None:
            return (
                "ScaledPoisson() needs the size of the weights: pass yerr, the root of the sum of "
                "squared weights in each bin; for plain counts use sf.Poisson()."
            )
        if (y < 0).any():
            return (
                f"y has a negative content, {y.min():g}, of which no Poisson variable is a "
                "multiple; use sf.LeastSquares(), or bins wide enough."
            )
        return None

    def __str__(self) -> str:
        return "ScaledPoisson()"
