"""Hold some parameters at fixed values."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from surefit.data.scales import Scales
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced


@dataclasses.dataclass(frozen=True, eq=False)
class Held(AbstractProblem):
    """A problem with some parameters held at a value.

    Attributes:
        problem: The problem with all its parameters.
        free: Indices of the parameters that stay free, shape (q,).
        values: Full vector that gives the held values; entries of free parameters are ignored.
    """

    problem: AbstractProblem
    free: np.ndarray
    values: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.problem.names[i] for i in self.free)

    @property
    def linear(self) -> np.ndarray:
        return self.problem.linear[self.free]

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = self.problem.bounds
        return lower[self.free], upper[self.free]

    @property
    def is_least_squares(self) -> bool:
        return self.problem.is_least_squares

    @property
    def n_terms(self) -> int:
        return self.problem.n_terms

    @property
    def scales(self) -> Scales:
        return self.problem.scales

    def fill(self, points: np.ndarray) -> np.ndarray:
        """Points of the problem with all its parameters, shape (s, p)."""
        full = np.repeat(self.values[None, :], len(points), axis=0)
        full[:, self.free] = points
        return full

    def expand(self, points: np.ndarray) -> np.ndarray:
        return self.problem.expand(self.fill(points))

    def value(self, points: np.ndarray) -> np.ndarray:
        return self.problem.value(self.fill(points))

    def reduce(self, points: np.ndarray) -> Reduced:
        full = self.problem.reduce(self.fill(points))
        gradient = full.gradient[:, self.free]
        return Reduced(full.value, gradient, full.curvature[:, self.free][:, :, self.free])

    def factorize(self, point: np.ndarray) -> Factored:
        full = self.problem.factorize(self.fill(point[None])[0])
        orthogonal, triangle = np.linalg.qr(full.triangle[:, self.free])
        return Factored(triangle, orthogonal.T @ full.rotated, full.value)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residuals, jacobian = self.problem.linearize(self.fill(point[None])[0])
        return residuals, jacobian[:, self.free]

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        thin = self.problem.thinned(n_points, rng)
        return self if thin is self.problem else dataclasses.replace(self, problem=thin)

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        chosen = self.problem.for_rows(which)
        return self if chosen is self.problem else dataclasses.replace(self, problem=chosen)

    def pure(self) -> Pure:
        inner = self.problem.pure()
        function = HeldFunction(inner.function, tuple(int(i) for i in self.free))
        constants = (jnp.asarray(self.values), inner.constants)
        return Pure(function, inner.rows, constants, inner.is_additive)


@dataclasses.dataclass(frozen=True)
class HeldFunction:
    """A function of all parameters as one of the free ones; the values held are a constant.

    Attributes:
        function: The function of all parameters.
        free: Indices of the parameters that stay free.
    """

    function: Callable[[Any, Any, Any], Any]
    free: tuple[int, ...]

    def __call__(self, point, rows, constants):
        """The function where the free parameters are at `point`."""
        values, inner = constants
        return self.function(values.at[jnp.asarray(self.free)].set(point), rows, inner)
