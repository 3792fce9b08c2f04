"""A function that cannot be traced, as a problem: derivatives by central differences."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.data.scales import Scales, scales_of
from surefit.exceptions import ModelFailed, ShapeMismatch, UnsuitableMinimizer
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.base import AbstractProblem, Factored, Reduced
from surefit.problem.blocks import spread_sample

# Relative step of central differences: the cube root of the rounding of float64.
STEP = 6e-6


@dataclasses.dataclass(frozen=True, eq=False)
class Numerical(AbstractProblem):
    """−2 ln L of a plain Python function, with numerical derivatives.

    Attributes:
        model: The resolved model, evaluated as plain NumPy.
        data: The checked data.
        loss: The loss.
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss

    @property
    def names(self) -> tuple[str, ...]:
        return self.model.parameters().names

    @property
    def linear(self) -> np.ndarray:
        return self.model.parameters().linear

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        p = len(self.names)
        return np.full(p, -np.inf), np.full(p, np.inf)

    @property
    def is_least_squares(self) -> bool:
        return self.loss.is_least_squares

    @property
    def n_terms(self) -> int:
        return self.data.y.size

    @property
    def scales(self) -> Scales:
        return scales_of(self.data)

    def expand(self, points: np.ndarray) -> np.ndarray:
        return points

    def value(self, points: np.ndarray) -> np.ndarray:
        return np.array([self._value(self._predict(point)) for point in points])

    def reduce(self, points: np.ndarray) -> Reduced:
        pieces = [self._reduce(point) for point in points]
        return Reduced(*(np.array(column) for column in zip(*pieces, strict=True)))

    def factorize(self, point: np.ndarray) -> Factored:
        residuals, jacobian = self.linearize(point)
        orthogonal, triangle = np.linalg.qr(jacobian)
        return Factored(triangle, orthogonal.T @ residuals, float(residuals @ residuals))

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prediction = self._predict(point)
        columns = self._whiten(self._jacobian(point))
        y, weight = self._targets()
        slope = self.loss.slope(prediction, y, weight).ravel()
        root = np.sqrt(self.loss.curvature(prediction, y, weight) / 2).ravel()
        residuals = np.where(root > 0, slope / np.where(root > 0, 2 * root, 1.0), 0.0)
        return residuals, root[:, None] * columns

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        data = self.data
        if not self.model.is_pointwise or data.noise.covariance is not None:
            return self
        chosen = spread_sample(data, n_points, rng)
        if chosen is None:
            return self
        return dataclasses.replace(self, data=data.sample(chosen))

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        return self

    def pure(self):
        raise UnsuitableMinimizer(
            "The function cannot be traced, so it cannot be compiled into a training loop; use "
            "LevenbergMarquardt(), LBFGS() or Minuit()."
        )

    def _reduce(self, point: np.ndarray):
        value = self._value(self._predict(point))
        q = len(point)
        if np.isfinite(value):
            residuals, jacobian = self.linearize(point)
            with np.errstate(over="ignore", invalid="ignore"):
                gradient, curvature = 2 * jacobian.T @ residuals, 2 * jacobian.T @ jacobian
            if np.isfinite(gradient).all() and np.isfinite(curvature).all():
                return value, gradient, curvature
        return np.inf, np.zeros(q), np.zeros((q, q))

    def _raw(self, point: np.ndarray) -> np.ndarray:
        try:
            data = self.data
            return data.reading.expected(self.model, np.asarray(point), data.x, data.extent)
        except ShapeMismatch:
            # It has had the right shape elsewhere: an integrator gave up on the way.
            return np.full(self.data.y.shape, np.nan)
        except ModelFailed as error:
            # Far from the data a function may overflow, or not converge: a bad point, no bad fit.
            if isinstance(error.__cause__, ArithmeticError | ValueError | RuntimeError):
                return np.full(self.data.y.shape, np.nan)
            raise

    def _whiten(self, columns: np.ndarray) -> np.ndarray:
        whitening = self.data.noise.whitening()
        return columns if whitening is None else whitening @ columns

    def _predict(self, point: np.ndarray) -> np.ndarray:
        return self._whiten(self._raw(point))

    def _targets(self) -> tuple[np.ndarray, np.ndarray]:
        if self.data.noise.covariance is None:
            return self.data.y, self.loss.weight(self.data.y, self.data.noise)
        return self._whiten(self.data.y), np.ones_like(self.data.y)

    def _value(self, prediction: np.ndarray) -> float:
        total = float(np.sum(self.loss.pointwise(prediction, *self._targets())))
        return total if np.isfinite(total) else np.inf

    def _jacobian(self, point: np.ndarray) -> np.ndarray:
        """Central differences of the unwhitened predictions, shape (n·m, q)."""
        steps = STEP * np.where(point != 0, np.abs(point), 1.0)
        columns = []
        for i, step in enumerate(steps):
            up, down = point.copy(), point.copy()
            up[i] += step
            down[i] -= step
            difference = self._raw(up) - self._raw(down)
            columns.append(difference.ravel() / (up[i] - down[i]))
        return np.stack(columns, axis=1)
