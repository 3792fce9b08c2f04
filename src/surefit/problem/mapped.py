"""A problem in other coordinates: some parameters are tied to others, or in order."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from surefit.data.scales import Scales
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced
from surefit.problem.coordinates import Coordinates


@dataclasses.dataclass(frozen=True, eq=False)
class Mapped(AbstractProblem):
    """A problem of all parameters as one of the free coordinates.

    Attributes:
        problem: The problem with all its parameters, without limits.
        coordinates: The free coordinates and their limits.
    """

    problem: AbstractProblem
    coordinates: Coordinates

    @property
    def names(self) -> tuple[str, ...]:
        return self.coordinates.names

    @property
    def linear(self) -> np.ndarray:
        return self._linear

    @functools.cached_property
    def _linear(self) -> np.ndarray:
        return self.coordinates.linear(self.problem.linear)

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        return self.coordinates.bounds

    @property
    def is_least_squares(self) -> bool:
        return self.problem.is_least_squares

    @property
    def n_terms(self) -> int:
        return self.problem.n_terms

    @property
    def scales(self) -> Scales:
        return self.problem.scales

    def expand(self, points: np.ndarray) -> np.ndarray:
        return self.problem.expand(self.coordinates.expand(points))

    def value(self, points: np.ndarray) -> np.ndarray:
        value = self.problem.value(self.coordinates.expand(points))
        return np.where(np.isfinite(value), value, np.inf)

    def reduce(self, points: np.ndarray) -> Reduced:
        full = self.problem.reduce(self.coordinates.expand(points))
        slopes = self.coordinates.jacobian(points)
        with np.errstate(over="ignore", invalid="ignore"):  # not finite: a bad point
            gradient = np.einsum("sp,spq->sq", full.gradient, slopes)
            curvature = slopes.transpose(0, 2, 1) @ full.curvature @ slopes
        bad = ~(
            np.isfinite(full.value)
            & np.isfinite(gradient).all(axis=1)
            & np.isfinite(curvature).all(axis=(1, 2))
        )
        gradient[bad], curvature[bad] = 0.0, 0.0
        return Reduced(np.where(bad, np.inf, full.value), gradient, curvature)

    def factorize(self, point: np.ndarray) -> Factored:
        full = self.problem.factorize(self.coordinates.expand(point[None])[0])
        slopes = self.coordinates.jacobian(point[None])[0]
        if not np.isfinite(full.triangle).all():
            q = len(point)
            return Factored(np.full((q, q), np.nan), np.full(q, np.nan), full.value)
        orthogonal, triangle = np.linalg.qr(full.triangle @ slopes)
        return Factored(triangle, orthogonal.T @ full.rotated, full.value)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residuals, jacobian = self.problem.linearize(self.coordinates.expand(point[None])[0])
        return residuals, jacobian @ self.coordinates.jacobian(point[None])[0]

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        thin = self.problem.thinned(n_points, rng)
        return self if thin is self.problem else dataclasses.replace(self, problem=thin)

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        chosen = self.problem.for_rows(which)
        return self if chosen is self.problem else dataclasses.replace(self, problem=chosen)

    def pure(self) -> Pure:
        inner = self.problem.pure()
        function = MappedFunction(inner.function, self.coordinates)
        return Pure(function, inner.rows, inner.constants, inner.is_additive)


@dataclasses.dataclass(frozen=True)
class MappedFunction:
    """A function of all parameters as one of the coordinates.

    Attributes:
        function: The function of all parameters.
        coordinates: The coordinates; equal only if they are the same.
    """

    function: Callable[[Any, Any, Any], Any]
    coordinates: Coordinates

    def __call__(self, point, rows, constants):
        """The function where the coordinates are at `point`."""
        return self.function(self.coordinates.on_device(point), rows, constants)
