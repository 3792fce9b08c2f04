"""Gaussian constraints on parameters: what other measurements know of them, as further data."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from surefit.data.scales import Scales
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced


@dataclasses.dataclass(frozen=True, eq=False)
class Penalized(AbstractProblem):
    """A problem with the squares |A p − b|² added to −2 ln L.

    The rows stand beside those of the data, so that linear parameters are solved as before.

    Attributes:
        problem: The problem of the data alone.
        rows: A, shape (k, p), in units of one standard deviation.
        targets: b, shape (k,); or (s, k), one for each row of a batch.
    """

    problem: AbstractProblem
    rows: np.ndarray
    targets: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return self.problem.names

    @property
    def linear(self) -> np.ndarray:
        return self.problem.linear

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self.problem.bounds

    @property
    def is_least_squares(self) -> bool:
        return self.problem.is_least_squares

    @property
    def n_terms(self) -> int:
        return self.problem.n_terms + self.targets.shape[-1]

    @property
    def scales(self) -> Scales:
        return self.problem.scales

    def expand(self, points: np.ndarray) -> np.ndarray:
        return self.problem.expand(points)

    def value(self, points: np.ndarray) -> np.ndarray:
        return self.problem.value(points) + np.sum(self._residuals(points) ** 2, axis=1)

    def reduce(self, points: np.ndarray) -> Reduced:
        data, residuals = self.problem.reduce(points), self._residuals(points)
        return Reduced(
            data.value + np.sum(residuals**2, axis=1),
            data.gradient + 2 * residuals @ self.rows,
            data.curvature + 2 * self.rows.T @ self.rows,
        )

    def factorize(self, point: np.ndarray) -> Factored:
        data, residuals = self.problem.factorize(point), self._residuals(point[None])[0]
        if not np.isfinite(data.triangle).all():
            return data
        orthogonal, triangle = np.linalg.qr(np.vstack([data.triangle, self.rows]))
        rotated = orthogonal.T @ np.concatenate([data.rotated, residuals])
        return Factored(triangle, rotated, data.value + float(residuals @ residuals))

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residuals, jacobian = self.problem.linearize(point)
        own = self._residuals(point[None])[0]
        return np.concatenate([residuals, own]), np.vstack([jacobian, self.rows])

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        thin = self.problem.thinned(n_points, rng)
        return self if thin is self.problem else dataclasses.replace(self, problem=thin)

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        chosen = self.problem.for_rows(which)
        if chosen is self.problem:
            return self
        targets = self.targets if self.targets.ndim == 1 else self.targets[which]
        return dataclasses.replace(self, problem=chosen, targets=targets)

    def pure(self) -> Pure:
        inner = self.problem.pure()
        constants = (jnp.asarray(self.rows), jnp.asarray(self.targets), inner.constants)
        # A part of the rows of data would need a part of the penalty.
        return Pure(PenalizedFunction(inner.function), inner.rows, constants, False)

    def _residuals(self, points: np.ndarray) -> np.ndarray:
        return points @ self.rows.T - self.targets


@dataclasses.dataclass(frozen=True)
class PenalizedFunction:
    """A function with the squares of further residuals added.

    Attributes:
        function: The function of the data alone.
    """

    function: Callable[[Any, Any, Any], Any]

    def __call__(self, point, rows, constants):
        """−2 ln L of the data and of the constraints."""
        matrix, targets, inner = constants
        return self.function(point, rows, inner) + jnp.sum((matrix @ point - targets) ** 2)
