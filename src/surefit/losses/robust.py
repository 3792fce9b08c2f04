"""Robust losses: M-estimators, which outliers cannot pull far."""

import abc
import dataclasses
import math
from typing import Any

import numpy as np

from surefit.data.noise import Noise
from surefit.exceptions import InvalidOption
from surefit.losses.base import AbstractLoss


class AbstractRobust(AbstractLoss):
    """A loss ρ(z) of the pull z = (prediction − y)/σ that is z² for small z and less for large z.

    It is no likelihood: the sandwich gives its errors, and its minimum is not distributed as χ².
    The size of the errors has to be given, or z would have no meaning.
    """

    @abc.abstractmethod
    def rho(self, z) -> Any:
        """The loss of a pull; z² near zero."""

    @abc.abstractmethod
    def relative_weight(self, z) -> Any:
        """ρ′(z)/(2z), by which a point's square counts: 1 at zero, falling outward."""

    def pointwise(self, prediction, y, weight):
        return self.rho((prediction - y) * weight)

    def slope(self, prediction, y, weight):
        z = (prediction - y) * weight
        return 2 * z * weight * self.relative_weight(z)

    def curvature(self, prediction, y, weight):
        # That of the parabola which touches ρ at z from above (Huber 1981, section 7.8): steps
        # go downhill always, which the second derivative itself, negative far out, cannot promise.
        return 2 * weight**2 * self.relative_weight((prediction - y) * weight)

    @property
    def is_least_squares(self) -> bool:
        return False

    @property
    def is_likelihood(self) -> bool:
        return False

    @property
    def is_of_counts(self) -> bool:
        return False

    def variance(self, prediction, weight):
        return 1 / weight**2 + 0 * prediction

    def draw(self, rng: np.random.Generator, prediction, weight, size: tuple[int, ...]):
        return prediction + rng.standard_normal(size) / weight

    def has_chi2(self, errors_given: bool) -> bool:
        return False

    def weight(self, y: np.ndarray, noise: Noise) -> np.ndarray:
        return 1 / noise.sigma

    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        if noise.sides is not None:
            return noise.refusal_of_sides(str(self))
        if not noise.is_given:
            return (
                f"{self} needs yerr: it has to know which pulls are large. Pass the size of the "
                "usual errors, for example 1.48 times the median of abs(residuals) of a first fit."
            )
        if noise.covariance is not None:
            return (
                f"{self} needs independent errors: with a covariance, one outlier would spread "
                "over all points. Pass standard deviations."
            )
        return None


@dataclasses.dataclass(frozen=True)
class Huber(AbstractRobust):
    """z² up to a pull of k, then a straight line: Huber's loss, which has one minimum for lines.

    Pulls beyond k count as k. Where the errors are normal it needs 1/0.95 of the points that
    least squares would need for the same errors. Source: Huber 1964, Ann. Math. Stat. 35, 73.

    Attributes:
        k: The pull from which a point counts as an outlier.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1, 1.1, 0.9, 50], sf.Constant(), 0.1, loss=sf.Huber())
        >>> round(fit.values["value"], 2)
        1.05
    """

    k: float = 1.345

    def __post_init__(self) -> None:
        _check(self, self.k)

    def rho(self, z):
        xp = z.__array_namespace__()
        size = xp.abs(z)
        return xp.where(size <= self.k, z**2, 2 * self.k * size - self.k**2)

    def relative_weight(self, z):
        xp = z.__array_namespace__()
        return self.k / xp.maximum(xp.abs(z), self.k)

    def __str__(self) -> str:
        return _constructor(self, self.k, 1.345)


@dataclasses.dataclass(frozen=True)
class Cauchy(AbstractRobust):
    """k² ln(1 + (z/k)²): far outliers lose their pull altogether.

    It may have several minima even for a line, so a search is needed, and is done. Where the
    errors are normal it needs 1/0.95 of the points of least squares. Source: Holland and Welsch
    1977, Commun. Stat. A 6, 813.

    Attributes:
        k: The pull at which a point has its largest influence.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1, 1.1, 0.9, 50], sf.Constant(), 0.1, loss=sf.Cauchy())
        >>> round(fit.values["value"], 2)
        1.0
    """

    k: float = 2.385

    def __post_init__(self) -> None:
        _check(self, self.k)

    def rho(self, z):
        return self.k**2 * z.__array_namespace__().log1p((z / self.k) ** 2)

    def relative_weight(self, z):
        return 1 / (1 + (z / self.k) ** 2)

    def __str__(self) -> str:
        return _constructor(self, self.k, 2.385)


@dataclasses.dataclass(frozen=True)
class SoftL1(AbstractRobust):
    """2k² (√(1 + (z/k)²) − 1): Huber's loss with its corner rounded; one minimum for lines.

    Where the errors are normal it needs 1/0.95 of the points of least squares. Source:
    Charbonnier et al. 1997, IEEE Trans. Image Process. 6, 298.

    Attributes:
        k: The pull around which the square turns into a straight line.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1, 1.1, 0.9, 50], sf.Constant(), 0.1, loss=sf.SoftL1())
        >>> round(fit.values["value"], 2)
        1.07
    """

    k: float = 1.287

    def __post_init__(self) -> None:
        _check(self, self.k)

    def rho(self, z):
        xp = z.__array_namespace__()
        # Written so that it keeps its digits for small z.
        return 2 * z**2 / (1 + xp.sqrt(1 + (z / self.k) ** 2))

    def relative_weight(self, z):
        return 1 / z.__array_namespace__().sqrt(1 + (z / self.k) ** 2)

    def __str__(self) -> str:
        return _constructor(self, self.k, 1.287)


def _check(loss: AbstractRobust, k: float) -> None:
    if not (isinstance(k, int | float) and math.isfinite(k) and k > 0):
        raise InvalidOption(
            f"{type(loss).__name__}(k) has k = {k!r}; give the pull, a positive number, beyond "
            "which a point is an outlier."
        )


def _constructor(loss: AbstractRobust, k: float, default: float) -> str:
    return f"{type(loss).__name__}({'' if k == default else f'k={k!r}'})"
