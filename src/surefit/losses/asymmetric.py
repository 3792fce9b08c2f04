"""Asymmetric errors on y: likelihoods whose width changes with the distance from the point."""

import abc
import dataclasses
from typing import Any

import numpy as np

from surefit.data.noise import Noise
from surefit.losses.base import AbstractLoss

# Pull beyond which no toy is drawn, and points of the grid on which one is drawn.
FARTHEST = 7.0
GRID = 1001


class AbstractAsymmetric(AbstractLoss):
    """The square of a pull z(d), d = prediction − y, that is 1 at both ends of the error bar.

    Where the curve passes above a point the point's upper error counts. `weight` holds 1/lower and
    1/upper along its last axis. Barlow's forms have a pole some errors away, and become flat on the
    other side: beyond the place where the width has fallen to half the smaller error, or grown to
    twice the larger, the pull goes on along its tangent.
    """

    @abc.abstractmethod
    def inner(self, d, a, b) -> tuple[Any, Any]:
        """The pull and its derivative by Barlow's form, with a = 1/lower and b = 1/upper."""

    @abc.abstractmethod
    def reach(self, a, b) -> tuple[Any, Any]:
        """1 + c d, or what the width is a power of, where the form ends: least and largest."""

    @abc.abstractmethod
    def base(self) -> float:
        """The same at d = 0, where it grows by a − b for each unit of d."""

    def pull(self, prediction, y, weight) -> tuple[Any, Any]:
        """z and its derivative with respect to the prediction."""
        xp = prediction.__array_namespace__()
        d, a, b = prediction - y, weight[..., 0], weight[..., 1]
        growth = a - b
        is_even = xp.abs(growth) <= 1e-12 * (a + b)
        usable = xp.where(is_even, 1.0, growth)
        least, most = self.reach(xp.where(a + b > 0, a, 1.0), xp.where(a + b > 0, b, 1.0))
        ends = (least - self.base()) / usable, (most - self.base()) / usable
        low = xp.where(is_even, -xp.inf, xp.minimum(*ends))
        high = xp.where(is_even, xp.inf, xp.maximum(*ends))
        inside = xp.clip(d, low, high)
        z, slope = self.inner(inside, a, b)
        return z + slope * (d - inside), slope

    def pointwise(self, prediction, y, weight):
        return self.pull(prediction, y, weight)[0] ** 2

    def slope(self, prediction, y, weight):
        z, slope = self.pull(prediction, y, weight)
        return 2 * z * slope

    def curvature(self, prediction, y, weight):
        return 2 * self.pull(prediction, y, weight)[1] ** 2

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
        mean = (1 / weight[..., 0] + 1 / weight[..., 1]) / 2
        return mean**2 + 0 * prediction

    def draw(self, rng: np.random.Generator, prediction, weight, size: tuple[int, ...]):
        # The density whose −2 ln L as a function of the prediction this is: ∝ exp(−z²/2) in d.
        prediction, weight = np.asarray(prediction), np.asarray(weight)
        unit = np.minimum(1 / weight[..., 0], 1 / weight[..., 1])
        far = np.ones(2)
        while not (np.abs(self._at(far, unit, weight)) >= FARTHEST).all():
            far = far * 2
        t = np.linspace(-np.arcsinh(far[0]), np.arcsinh(far[1]), GRID)
        z = self._at(np.sinh(t), unit, weight, is_grid=True)
        total = np.cumsum(np.exp(-(z**2) / 2) * np.cosh(t), axis=-1)
        total = (total / total[..., -1:]).reshape(-1, GRID)
        chance = rng.random((int(np.prod(size)) // len(total), len(total)))
        pairs = zip(chance.T, total, strict=True)
        drawn = np.stack([np.interp(one, grid, t) for one, grid in pairs], axis=-1)
        return prediction - unit * np.sinh(drawn).reshape(size)

    def _at(self, steps, unit, weight, *, is_grid: bool = False) -> Any:
        """The pull at d = −, + steps of a unit, or along a grid of signed steps."""
        d = unit[..., None] * (steps if is_grid else steps * np.array([-1.0, 1.0]))
        return self.pull(d, np.zeros_like(d), weight[..., None, :])[0]

    def has_chi2(self, errors_given: bool) -> bool:
        return True

    def weight(self, y: np.ndarray, noise: Noise) -> np.ndarray:
        sides = noise.sides
        return 1 / (np.stack([noise.sigma] * 2, axis=-1) if sides is None else sides)

    def refusal(self, y: np.ndarray, noise: Noise) -> str | None:
        if not noise.is_given or noise.covariance is not None:
            return f"{self} needs errors: pass yerr=sf.Asymmetric(lower, upper)."
        return None


@dataclasses.dataclass(frozen=True)
class VariableVariance(AbstractAsymmetric):
    """z² = d²/(σ₋σ₊ + (σ₊ − σ₋) d): a variance that grows linearly with the distance.

    What is done where `yerr` is `Asymmetric` and no loss is given. Of the forms with two numbers
    it is the nearest to Poisson likelihoods (Barlow 2004, arXiv:physics/0406120, section 3.6).

    Example:
        >>> loss, weight = VariableVariance(), 1 / np.array([1.0, 2.0])
        >>> [float(loss.pointwise(np.float64(d), 0.0, weight)) for d in (-1.0, 2.0)]
        [1.0, 1.0]
    """

    def inner(self, d, a, b):
        root = (a * b) ** 0.5
        ratio = 1 + (a - b) * d
        return root * d / ratio**0.5, root * (1 + ratio) / 2 / ratio**1.5

    def reach(self, a, b):
        xp = a.__array_namespace__()
        small, large = xp.minimum(a, b), xp.maximum(a, b)
        return small / large / 4, 4 * large / small

    def base(self) -> float:
        return 1.0

    def __str__(self) -> str:
        return "VariableVariance()"


@dataclasses.dataclass(frozen=True)
class VariableSigma(AbstractAsymmetric):
    """z = d/(σ₀ + σ′ d), σ₀ = 2σ₋σ₊/(σ₋ + σ₊), σ′ = (σ₊ − σ₋)/(σ₊ + σ₋): a linear width.

    Source: Barlow 2004, arXiv:physics/0406120, section 3.5; within the error bar it is what the
    Particle Data Group averages with. Where one error is several times the other it rises slowly.

    Example:
        >>> loss, weight = VariableSigma(), 1 / np.array([1.0, 2.0])
        >>> [float(loss.pointwise(np.float64(d), 0.0, weight)) for d in (-1.0, 2.0)]
        [1.0, 1.0]
    """

    def inner(self, d, a, b):
        width = 2 + (a - b) * d
        return (a + b) * d / width, 2 * (a + b) / width**2

    def reach(self, a, b):
        xp = a.__array_namespace__()
        return (a + b) / xp.maximum(a, b) / 2, 2 * (a + b) / xp.minimum(a, b)

    def base(self) -> float:
        return 2.0

    def __str__(self) -> str:
        return "VariableSigma()"
