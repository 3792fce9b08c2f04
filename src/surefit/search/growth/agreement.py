"""Whether two sums are the same curve, as far as the data can tell."""

import dataclasses

import numpy as np

from surefit.search.growth.growing import Growing, centers, columns_of, curves

# Two curves are one if their squared distance, summed over the points in units of the variance, is
# below this part of the number of parameters that the data determine (what two independent samples
# differ by, on average, is twice that number) and nowhere above the variance of the curve itself.
NEAR = 0.25
# Singular values of the Jacobian, its columns of unit length, below which a combination of
# parameters is not determined; it does not widen the band.
LEAST = 1e-5


@dataclasses.dataclass(frozen=True, eq=False)
class Band:
    """A curve with its one-standard-deviation band, on some points.

    Attributes:
        curve: Whitened values, shape (k,).
        variance: Squares of the band's half width, in the same unit, shape (k,).
        rank: Combinations of parameters that the data determine.
    """

    curve: np.ndarray
    variance: np.ndarray
    rank: int

    def holds(self, curves: np.ndarray) -> np.ndarray:
        """Whether each curve, shape (s, k), is this one."""
        square = (curves - self.curve) ** 2
        unit = self.variance.sum() / max(self.rank, 1)
        # Rounding, where no parameter moves the curve.
        inside = square <= self.variance + 1e-6 * unit
        return inside.all(axis=1) & (square.sum(axis=1) <= NEAR * self.variance.sum())


def band(growing: Growing, q: np.ndarray, coefficient: np.ndarray, value: float) -> Band:
    """The band of one sum by the delta method.

    Args:
        growing: The sum and the points.
        q: Bias and weights, shape (n, 1 + D).
        coefficient: Shape (G, L, T).
        value: χ² there, for its size per degree of freedom.
    """
    points, n, linear = growing.points, growing.n, growing.n_linear
    n_groups, n_targets, n_points = points.y.shape
    center, everything = centers(q[None]), slice(0, n_points)
    leverage = np.zeros((n_groups, n_targets, n_points))
    pieces = []
    for group in range(n_groups):
        columns = columns_of(growing, q[None], center, everything, group)[0]
        basis = _basis(columns[:linear].T)
        leverage[group] += np.sum(basis**2, axis=1)
        slopes = columns[linear : linear + growing.n_searched]
        for t in range(n_targets):
            own = (slopes * np.tile(coefficient[group, :n, t], len(slopes) // n)[:, None]).T
            pieces.append(own - basis @ (basis.T @ own))
    shared = _basis(np.concatenate(pieces))
    leverage += np.sum(shared**2, axis=1).reshape(leverage.shape)
    rank = round(float(leverage.sum()))
    curve = curves(growing, q[None], coefficient[None])[0]
    return Band(curve, leverage.ravel() * growing.per_degree(value), rank)


def _basis(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what columns span, shape (k, rank)."""
    orthogonal, triangle = np.linalg.qr(columns)
    norm = np.linalg.norm(triangle, axis=0)
    left, size, _ = np.linalg.svd(triangle / np.where(norm > 0, norm, 1.0))
    return orthogonal @ left[:, size > LEAST * size.max(initial=1e-300)]
