"""Between the user's coordinates and those of the search: inputs in [−1, 1], y of order one."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.models.base import AbstractLinearModel
from surefit.models.units import Units, UnitValues
from surefit.search.growth.points import Points, sorted_points


@dataclasses.dataclass(frozen=True, eq=False)
class Extra:
    """The extra linear model as columns shared by all outputs.

    Attributes:
        columns: Orthonormal on the points, shape (E, N).
        transform: Takes coefficients of these columns to the model's, shape (E, E).
        index: Where the model's parameters of each output are in its flat vector, shape (M, E).
        constant: Coefficients of the columns that make a constant 1, or None if none do.
    """

    columns: np.ndarray
    transform: np.ndarray
    index: np.ndarray
    constant: np.ndarray | None


@dataclasses.dataclass(frozen=True, eq=False)
class Coordinates:
    """The affine maps, and the points in search coordinates.

    Attributes:
        units: The sum in the user's coordinates.
        middle: Middle of each input's range, shape (D,).
        half: Half of each range, shape (D,).
        offset: What is subtracted from each output, shape (M,); 0 without a constant.
        scale: What each output is divided by after that, shape (M,).
        factor: What each output is multiplied with to share its group's weight, shape (M,).
        extra: The extra columns.
        points: The points.
    """

    units: Units
    middle: np.ndarray
    half: np.ndarray
    offset: np.ndarray
    scale: np.ndarray
    factor: np.ndarray
    extra: Extra
    points: Points

    def values(self, q: np.ndarray, coefficient: np.ndarray) -> UnitValues:
        """One sum in the user's coordinates.

        Args:
            q: Bias and weights, shape (n, 1 + D).
            coefficient: Shape (G, L, T).
        """
        n, n_outputs = self.units.n_units, self.units.n_outputs
        weight = q[:, 1:] / self.half
        bias = q[:, 0] - weight @ self.middle
        by_output = coefficient.transpose(0, 2, 1).reshape(n_outputs, -1)
        by_output = by_output * (self.scale / self.factor)[:, None]
        extra = by_output[:, n:]
        if self.extra.constant is not None:
            extra = extra + self.offset[:, None] * self.extra.constant
        flat = np.zeros(self.extra.index.size)
        flat[self.extra.index] = extra @ self.extra.transform.T
        return UnitValues(weight, bias, by_output[:, :n].T, flat)

    def searched(self, values: UnitValues) -> np.ndarray:
        """The inverse for biases and weights; coefficients are solved anyway."""
        bias = values.bias + values.weight @ self.middle
        return np.concatenate([bias[:, None], values.weight * self.half], axis=1)


def coordinates(units: Units, data: Data) -> Coordinates | None:
    """Scale the data for a search.

    Args:
        units: The sum.
        data: The checked data; their errors must be independent.

    Returns:
        The coordinates, or None if the extra model treats outputs differently, so that its
        columns cannot be shared.
    """
    extra = _shared_columns(units.extra, data)
    if extra is None:
        return None
    x = data.inputs
    low, high = x.min(axis=0), x.max(axis=0)
    half = np.where(high > low, (high - low) / 2, 1.0)
    middle = low + (high - low) / 2
    weight = 1 / (data.noise.sigma / data.noise.sigma.min()) ** 2
    has_offset = extra.constant is not None
    y = data.y
    offset = (weight * y).sum(axis=0) / weight.sum(axis=0) if has_offset else np.zeros(y.shape[1])
    scale = np.sqrt((weight * (y - offset) ** 2).sum(axis=0) / weight.sum(axis=0))
    scale = np.where(scale > 0, scale, 1.0)
    # χ² is in the user's unit: weights take back what y was divided by.
    weight = (scale / data.noise.sigma) ** 2
    y = (y - offset) / scale
    factor = np.sqrt(weight.mean(axis=0) / weight.mean(axis=0)[0])
    is_shared = np.allclose(weight, weight[:, :1] * factor**2, rtol=1e-9, atol=0)
    if is_shared:
        groups, targets = weight[:, :1].T, (y * factor).T[None]
    else:
        factor = np.ones_like(factor)
        groups, targets = weight.T, y.T[:, None]
    points = sorted_points((x - middle) / half, targets, groups, extra.columns)
    return Coordinates(units, middle, half, offset, scale, factor, extra, points)


def _shared_columns(model: AbstractLinearModel | None, data: Data) -> Extra | None:
    """The extra model's columns if each output has its own, equal ones."""
    n, n_outputs = data.n_points, data.n_outputs
    if model is None:
        return Extra(np.zeros((0, n)), np.zeros((0, 0)), np.zeros((n_outputs, 0), int), None)
    columns = np.asarray(model.columns(data.x))
    used = np.abs(columns).max(axis=0) > 0
    n_each = columns.shape[2] // n_outputs
    if (used.sum(axis=0) > 1).any() or (used.sum(axis=1) != n_each).any():
        return None
    index = np.array([np.flatnonzero(row) for row in used])
    own = [columns[:, m, index[m]] for m in range(n_outputs)]
    if not all(np.array_equal(own[0], other) for other in own[1:]):
        return None
    # Orthonormal columns up to rounding, times √N so that a constant column is ones.
    norm = np.linalg.norm(own[0], axis=0)
    left, size, right = np.linalg.svd(own[0] / norm, full_matrices=False)
    keep = size > 1e-12 * size[0]
    basis = left[:, keep] * np.sqrt(n)
    transform = (right[keep].T / size[keep]) * np.sqrt(n) / norm[:, None]
    ones = basis.T @ np.ones(n) / n
    is_constant = np.abs(basis @ ones - 1).max() < 1e-9
    return Extra(basis.T, transform, index, ones if is_constant else None)
