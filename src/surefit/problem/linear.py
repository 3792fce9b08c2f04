"""Linear model × data × least squares as a problem: all in NumPy, nothing to compile."""

import dataclasses
import functools
import itertools
from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np

from surefit.data.checked import Data
from surefit.data.scales import Scales, scales_of
from surefit.losses.least_squares import LeastSquares
from surefit.models.base import AbstractLinearModel
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced
from surefit.problem.blocks import MEMORY
from surefit.problem.derivatives import Block
from surefit.problem.kernels import Total

# Rows factorized at a time.
ROWS = 1024


@dataclasses.dataclass(frozen=True, eq=False)
class Linear(AbstractProblem):
    """χ² of a model that is linear in all its parameters.

    Attributes:
        model: The resolved linear model.
        data: The checked data.
    """

    model: AbstractLinearModel
    data: Data

    @property
    def names(self) -> tuple[str, ...]:
        return self.model.parameters().names

    @property
    def linear(self) -> np.ndarray:
        return np.ones(len(self.names), dtype=bool)

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        p = len(self.names)
        return np.full(p, -np.inf), np.full(p, np.inf)

    @property
    def is_least_squares(self) -> bool:
        return True

    @property
    def n_terms(self) -> int:
        return self.data.y.size

    @property
    def scales(self) -> Scales:
        return scales_of(self.data)

    def expand(self, points: np.ndarray) -> np.ndarray:
        return points

    def value(self, points: np.ndarray) -> np.ndarray:
        total = np.zeros(len(points))
        for columns, target in self._pieces():
            total += np.sum((columns @ points.T - target[:, None]) ** 2, axis=0)
        return total

    def reduce(self, points: np.ndarray) -> Reduced:
        s, q = points.shape
        value, gradient, curvature = np.zeros(s), np.zeros((s, q)), np.zeros((q, q))
        for columns, target in self._pieces():
            residuals = columns @ points.T - target[:, None]
            value += np.sum(residuals**2, axis=0)
            gradient += 2 * residuals.T @ columns
            curvature += 2 * columns.T @ columns
        return Reduced(value, gradient, np.repeat(curvature[None], s, axis=0))

    def factorize(self, point: np.ndarray) -> Factored:
        q = len(point)
        if self._whole is not None:
            columns, target, orthogonal, triangle = self._whole
            residuals = columns @ point - target
            return Factored(triangle, orthogonal.T @ residuals, float(residuals @ residuals))
        triangle, rotated, value = np.zeros((0, q)), np.zeros(0), 0.0
        for columns, target in self._pieces():
            residuals = columns @ point - target
            orthogonal, triangle = np.linalg.qr(np.vstack([triangle, columns]))
            rotated = orthogonal.T @ np.concatenate([rotated, residuals])
            value += float(residuals @ residuals)
        return Factored(triangle, rotated, value)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pieces = list(self._pieces())
        columns = np.concatenate([columns for columns, _ in pieces])
        return columns @ point - np.concatenate([target for _, target in pieces]), columns

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        return self

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        return self

    def pure(self) -> Pure:
        data, whitening = self.data, self.data.noise.whitening()
        total = Total(self.model, LeastSquares())
        if whitening is None:
            rows = Block(*(jnp.asarray(a) for a in (data.x, data.y, 1 / data.noise.sigma)))
            return Pure(total, rows, None, self.model.is_pointwise)
        arrays = (data.x, whitening @ data.y, np.ones_like(data.y))
        rows = Block(*(jnp.asarray(array) for array in arrays))
        return Pure(total, rows, jnp.asarray(whitening), False)

    @functools.cached_property
    def _whole(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
        """Columns, targets and the factors of the columns, kept if they are a single block."""
        pieces = list(itertools.islice(self._blocks(), 2))
        if len(pieces) > 1:
            return None
        ((columns, target),) = pieces
        return columns, target, *_tall_qr(columns)

    def _pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Whitened columns (k, q) and targets (k,), block by block."""
        if self._whole is None:
            yield from self._blocks()
        else:
            yield self._whole[:2]

    def _blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same, made anew, in blocks that keep to the memory limit."""
        data, n, q = self.data, self.data.n_points, len(self.names)
        whitening = data.noise.whitening()
        if whitening is not None:
            yield whitening @ self.model.columns(data.x)[:, 0, :], whitening @ data.y[:, 0]
            return
        step = max(q, MEMORY // (8 * data.n_outputs * max(q, 1)))
        for start in range(0, n, step):
            rows = slice(start, start + step)
            weight = 1 / data.noise.sigma[rows]
            columns = self.model.columns(data.x[rows]) * weight[:, :, None]
            yield columns.reshape(-1, q), (data.y[rows] * weight).reshape(-1)


def _tall_qr(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """QR in two stages, of rows that fit into the cache and of their triangles.

    Several times faster for many rows, and as accurate (Demmel, Grigori, Hoemmen and Langou 2012).
    """
    q, n_blocks = columns.shape[1], len(columns) // ROWS
    if n_blocks < 2 or 8 * q > ROWS:
        return np.linalg.qr(columns)
    split = n_blocks * ROWS
    first, triangles = np.linalg.qr(columns[:split].reshape(n_blocks, ROWS, q))
    rest = columns[split:]
    second, triangle = np.linalg.qr(np.concatenate([triangles.reshape(-1, q), rest]))
    inner = second[: n_blocks * q].reshape(n_blocks, q, q)
    orthogonal = np.concatenate([(first @ inner).reshape(-1, q), second[n_blocks * q :]])
    return orthogonal, triangle
