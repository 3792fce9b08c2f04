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
    rows: Rows = dataclasses.field(default_factory=lambda: Rows(np.zeros(1), np.zeros(1)))
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

    def thinned(self, n_points, rng):
        return self

    def for_rows(self, which):
        return self

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


def _valley(point, rows):
    return jnp.array([10 * (point[1] - point[0] ** 2), 1 - point[0]])


def valley() -> Residuals:
    """Rosenbrock's curved valley, whose minimum is zero at (1, 1)."""
    return Residuals(_valley, ("a", "b"), is_additive=False)


def _decay(point, rows):
    return (point[0] * jnp.exp(-rows.x / point[1]) + point[2] - rows.y) / 0.1


def _decay_in_odd_units(point, rows):
    return _decay(point * jnp.array([1e15, 1e-15, 1e3]), rows)


def decay_data(noise: float = 0.1) -> Rows:
    rng = np.random.default_rng(20)
    x = np.sort(rng.uniform(0, 5, 200))
    return Rows(x, 3 * np.exp(-x / 1.3) + 0.5 + noise * rng.normal(size=200))


def decay(noise: float = 0.1, **keywords) -> Residuals:
    """An exponential decay over a constant, 200 points with errors of 0.1."""
    return Residuals(_decay, ("height", "time", "constant"), decay_data(noise), **keywords)


def decay_in_odd_units() -> Residuals:
    """The same with parameters that span thirty decades."""
    return Residuals(_decay_in_odd_units, ("height", "time", "constant"), decay_data())


def _whole_decay(point, rows):
    return _decay(point, rows) - 0.5 * jnp.mean(_decay(point, rows))


def not_additive() -> Residuals:
    """A sum that needs all points at once."""
    return Residuals(_whole_decay, ("height", "time", "constant"), decay_data(), is_additive=False)


def _sometimes_nan(point, rows):
    return jnp.where(point[0] > 0, jnp.log(jnp.abs(point[0])), jnp.nan) - rows.y


def logarithm() -> Residuals:
    """Defined for positive parameters only; the minimum is e."""
    return Residuals(_sometimes_nan, ("a",), Rows(np.zeros(3), np.array([0.0, 1.0, 2.0])))


class StopAfter:
    """A report callback that presses Ctrl-C at some call."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self, what: str, value: float) -> None:
        self.left -= 1
        if self.left <= 0:
            raise KeyboardInterrupt
