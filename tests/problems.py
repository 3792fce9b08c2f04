"""A problem made from a plain residual function, as a stand-in for model × data × loss."""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from surefit.data.scales import Scales
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced


class Rows(NamedTuple):
    """Data with the points along the first axis."""

    x: Any
    y: Any


@dataclasses.dataclass(frozen=True)
class SumOfSquares:
    """Σ residuals², hashing by the residual function."""

    residuals: Callable[[Any, Any], Any]

    def __call__(self, point, rows, constants):
        return jnp.sum(self.residuals(point, rows) ** 2)


@dataclasses.dataclass(frozen=True, eq=False)
class Residuals(AbstractProblem):
    """Least squares of a JAX function residuals(point, rows), evaluated point by point."""

    residuals: Callable[[Any, Any], Any]
    names: tuple[str, ...] = ()
    rows: Rows = Rows(np.zeros(1), np.zeros(1))
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    is_additive: bool = True
    linear_mask: tuple[bool, ...] | None = None

    @property
    def linear(self):
        q = len(self.names)
        return np.zeros(q, bool) if self.linear_mask is None else np.array(self.linear_mask)

    @property
    def bounds(self):
        q = len(self.names)
        lower = np.full(q, -np.inf) if self.lower is None else np.asarray(self.lower, float)
        upper = np.full(q, np.inf) if self.upper is None else np.asarray(self.upper, float)
        return lower, upper

    @property
    def is_least_squares(self):
        return True

    @property
    def n_terms(self):
        return len(self.linearize(np.ones(len(self.names)))[0])

    @property
    def scales(self):
        return Scales((0.0,), (1.0,), (0.1,), 0.0, 1.0)

    def expand(self, points):
        return points

    def value(self, points):
        with np.errstate(over="ignore", invalid="ignore"):
            total = np.array([np.sum(self.linearize(point)[0] ** 2) for point in points])
        return np.where(np.isfinite(total), total, np.inf)

    def reduce(self, points):
        parts = [self.linearize(point) for point in points]
        with np.errstate(over="ignore", invalid="ignore"):
            value = np.array([np.sum(r**2) for r, _ in parts])
            gradient = np.array([2 * r @ j for r, j in parts])
            curvature = np.array([2 * j.T @ j for _, j in parts])
        bad = ~np.isfinite(value)
        value[bad], gradient[bad], curvature[bad] = np.inf, 0.0, 0.0
        return Reduced(value, gradient, curvature)

    def factorize(self, point):
        residuals, jacobian = self.linearize(point)
        orthogonal, triangle = np.linalg.qr(jacobian)
        return Factored(triangle, orthogonal.T @ residuals, float(residuals @ residuals))

    def linearize(self, point):
        (rows,) = self._device()
        residuals = _residuals(self.residuals, point, rows)
        return np.asarray(residuals), np.asarray(_jacobian(self.residuals, point, rows))

    def pure(self):
        return Pure(SumOfSquares(self.residuals), self._device()[0], None, self.is_additive)

    def _device(self):
        return (Rows(jnp.asarray(self.rows.x), jnp.asarray(self.rows.y)),)


def _residuals(residuals, point, rows):
    return _jitted(residuals)[0](point, rows)


def _jacobian(residuals, point, rows):
    return _jitted(residuals)[1](point, rows)


_CACHE: dict[Any, tuple[Any, Any]] = {}


def _jitted(residuals):
    if residuals not in _CACHE:
        _CACHE[residuals] = (jax.jit(residuals), jax.jit(jax.jacfwd(residuals)))
    return _CACHE[residuals]
