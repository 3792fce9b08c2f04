"""What directions outside a model's tangent gain, to first order."""

import dataclasses
import math

import numpy as np
from scipy import special

from surefit.selection.directions import ROUNDING, Group


@dataclasses.dataclass(frozen=True)
class Found:
    """The most significant direction of one group."""

    name: str
    statistic: float
    gain: float
    place: float
    bound: float


@dataclasses.dataclass(frozen=True, eq=False)
class Gains:
    """χ² gained by each alternative of a group, shape (k,) or (k, toys), not yet divided by σ²."""

    group: Group
    gains: np.ndarray
    freedom: np.ndarray

    def _significance(self, unit) -> np.ndarray:
        """Gain, or for ordered ones −ln p of the χ² that so many directions gain."""
        gains = self.gains / unit
        if not self.group.is_ordered:
            return gains
        shape = (-1,) + (1,) * (gains.ndim - 1)
        freedom = self.freedom.reshape(shape)
        p = special.chdtrc(np.broadcast_to(np.maximum(freedom, 1), gains.shape), gains)
        return np.where(freedom > 0, -np.log(np.maximum(p, 1e-300)), 0.0)

    def statistic(self, unit) -> np.ndarray:
        """The largest of the group."""
        return self._significance(unit).max(axis=0)

    def of(self, unit: float) -> Found:
        """The same for the data, with what it is."""
        significance = self._significance(unit)
        best = int(significance.argmax())
        gain = float(self.gains[best] / unit)
        n = len(significance)
        p = float(special.chdtrc(max(int(self.freedom[best]), 1), gain))
        place = math.nan if self.group.is_ordered else float(self.group.places[best])
        statistic = float(significance[best])
        return Found(self.group.name, statistic, gain, place, min(1.0, n * p))


def gains_alone(
    group: Group, shadow: np.ndarray, products: np.ndarray, square: np.ndarray
) -> Gains:
    """What each alternative of a group without order gains.

    Args:
        group: The directions.
        shadow: Their products with the basis of the tangent, shape (k, p).
        products: Their products with residuals outside the tangent, shape (k,) or (k, toys).
        square: Their squared lengths, shape (k,).
    """
    left = square - np.sum(shadow**2, axis=1)
    is_new = left > ROUNDING * square
    inverse = np.where(is_new, 1 / np.where(is_new, left, 1.0), 0.0)
    gains = products**2 * (inverse if products.ndim == 1 else inverse[:, None])
    return Gains(group, gains, is_new.astype(int))


@dataclasses.dataclass(frozen=True, eq=False)
class Ordered:
    """Directions of an ordered group, each orthogonal to the tangent and to those before it.

    Attributes:
        group: The directions.
        rows: Orthonormal, shape (k, C); zeros where they are not new.
        is_new: Which were not there before, shape (k,).
    """

    group: Group
    rows: np.ndarray
    is_new: np.ndarray

    def gains(self, residuals: np.ndarray) -> Gains:
        """What the first, the first two, … gain; of residuals (C,) or toys (C, B)."""
        each = (self.rows @ residuals) ** 2
        ends = np.cumsum(self.group.sizes) - 1
        return Gains(self.group, np.cumsum(each, axis=0)[ends], np.cumsum(self.is_new)[ends])


def ordered(group: Group, basis: np.ndarray) -> Ordered:
    """Gram and Schmidt, twice for each: what is not new must not take part in what follows."""
    rows = np.zeros(group.columns.shape)
    is_new = np.zeros(len(rows), dtype=bool)
    for i, column in enumerate(group.columns):
        left = column
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
            left = left - rows[:i].T @ (rows[:i] @ left)
        length = np.linalg.norm(left)
        is_new[i] = length > np.sqrt(ROUNDING) * np.linalg.norm(column)
        if is_new[i]:
            rows[i] = left / length
    return Ordered(group, rows, is_new)
