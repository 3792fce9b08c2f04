"""Model × data × loss as a problem: derivatives by JAX, sums over tiles on the host."""

import dataclasses
import functools
from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np

from surefit.data.checked import Data
from surefit.data.data_sets import DataSets
from surefit.data.scales import Scales, scales_of
from surefit.exceptions import UnsuitableMinimizer
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced
from surefit.problem.blocks import Tiles, Whole, cut, spread_sample
from surefit.problem.derivatives import Block
from surefit.problem.kernels import Kernels, Total, kernels_for
from surefit.problem.stacked import StackedTiles, StackedWhole, stack

# Parameters up to which −2 ln L alone is read off a reduction: the extra arithmetic costs less
# than compiling one more kernel.
FEW_PARAMETERS = 12
# Parameters from which the curvature of a sum of squares is multiplied on the host: BLAS is then
# many times faster than what XLA compiles for tiles.
MANY_PARAMETERS = 64
# Rows of the Jacobian that one QR factorization takes at a time.
QR_ROWS = 2**14

Piece = tuple[np.ndarray, ...]
Layout = Tiles | Whole | StackedTiles | StackedWhole


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted(AbstractProblem):
    """−2 ln L of a model on data. Build one with `fitted`.

    Attributes:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        layout: The data in tiles, or whole; or many data sets, one for each row of a batch.
        linear_mask: Parameters in which the prediction is jointly linear, shape (p,).
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss
    layout: Layout
    linear_mask: np.ndarray

    @functools.cached_property
    def kernels(self) -> Kernels:
        """The compiled functions of this model and loss."""
        return kernels_for(self.model, self.loss, self.data.reading, self.layout.sharing)

    @property
    def names(self) -> tuple[str, ...]:
        return self._names

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        return self.model.parameters().names

    @property
    def linear(self) -> np.ndarray:
        return self.linear_mask

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        p = len(self.linear_mask)
        return np.full(p, -np.inf), np.full(p, np.inf)

    @property
    def is_least_squares(self) -> bool:
        return self.loss.is_least_squares

    @property
    def n_terms(self) -> int:
        return self.data.y.size

    @property
    def scales(self) -> Scales:
        return self._scales

    @functools.cached_property
    def _scales(self) -> Scales:
        return scales_of(self.data)

    def expand(self, points: np.ndarray) -> np.ndarray:
        return points

    def value(self, points: np.ndarray) -> np.ndarray:
        points = _rows(points)
        if not len(points):
            return np.zeros(0)
        if points.shape[1] <= FEW_PARAMETERS:
            total, *_ = self.layout.sums(self.kernels.reduce, points)
        else:
            (total,) = self.layout.sums(self.kernels.value, points)
        return np.where(np.isfinite(total), total, np.inf)

    def reduce(self, points: np.ndarray) -> Reduced:
        points = _rows(points)
        if self.is_least_squares and points.shape[1] >= MANY_PARAMETERS:
            each = [self.layout.for_rows(np.array([row])) for row in range(len(points))]
            sums = [self._reduce_on_host(*one) for one in zip(each, points, strict=True)]
            value, gradient, curvature = (np.array(a) for a in zip(*sums, strict=True))
        else:
            sums = self.layout.sums(self.kernels.reduce, points)
            value, gradient, curvature = sums
        with np.errstate(over="ignore", invalid="ignore"):
            if not np.isfinite(value.sum() + gradient.sum() + curvature.sum()):
                # A sum of large numbers may overflow, too, which is no better.
                each = value + gradient.sum(axis=1) + curvature.sum(axis=(1, 2))
                bad = ~np.isfinite(each)
                value[bad], gradient[bad], curvature[bad] = np.inf, 0.0, 0.0
        return Reduced(value, gradient, curvature)

    def _reduce_on_host(
        self, layout: Layout, point: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Value, gradient and curvature of a sum of squares at one point."""
        q = len(point)
        value, gradient, curvature = 0.0, np.zeros(q), np.zeros((q, q))
        for residuals, jacobian in layout.pieces(self.kernels.linearize, point):
            with np.errstate(over="ignore", invalid="ignore"):  # not finite: a bad point
                value += float(residuals @ residuals)
                gradient += residuals @ jacobian
                curvature += jacobian.T @ jacobian
        return value, 2 * gradient, 2 * curvature

    def factorize(self, point: np.ndarray) -> Factored:
        q = len(point)
        triangle, rotated, value = np.zeros((0, q)), np.zeros(0), 0.0
        pieces = self.layout.pieces(self.kernels.linearize, np.asarray(point, dtype=np.float64))
        for group in _grouped(pieces, QR_ROWS):
            orthogonal, triangle = np.linalg.qr(np.vstack([triangle, *(j for _, j in group)]))
            rotated = orthogonal.T @ np.concatenate([rotated, *(r for r, _ in group)])
            value += sum(float(residuals @ residuals) for residuals, _ in group)
        return Factored(triangle, rotated, value)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        point = np.asarray(point, dtype=np.float64)
        pieces = list(self.layout.pieces(self.kernels.linearize, point))
        residuals = np.concatenate([residuals for residuals, _ in pieces])
        jacobian = np.concatenate([jacobian for _, jacobian in pieces])
        return residuals[: self.n_terms], jacobian[: self.n_terms]

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        if not isinstance(self.layout, Tiles):
            return self
        chosen = spread_sample(self.data, n_points, rng)
        if chosen is None:
            return self
        return dataclasses.replace(self, layout=cut(self.data, self.model, self.loss, chosen))

    def for_rows(self, which: np.ndarray) -> AbstractProblem:
        chosen = self.layout.for_rows(which)
        return self if chosen is self.layout else dataclasses.replace(self, layout=chosen)

    def pure(self) -> Pure:
        if not isinstance(self.layout, Tiles | Whole):
            raise UnsuitableMinimizer(
                "Many data sets are no single JAX function; use LevenbergMarquardt()."
            )
        rows = self._rows_on_device()
        is_additive = rows.whitening is None and self.model.is_pointwise
        total = Total(self.model, self.loss, self.data.reading)
        return Pure(total, rows._replace(whitening=None), rows.whitening, is_additive)

    def _rows_on_device(self) -> Block:
        """All data as one block; tiles laid end to end."""
        assert isinstance(self.layout, Tiles | Whole)
        block = self.layout.block
        if isinstance(self.layout, Tiles):
            block = block.each(lambda array: array.reshape(-1, *array.shape[2:]))
        return Block(*(None if array is None else jnp.asarray(array) for array in block))


def _grouped(pieces: Iterator[Piece], n_rows: int) -> Iterator[list[Piece]]:
    """Runs of pieces with at least so many rows each, but for the last."""
    group: list[Piece] = []
    for piece in pieces:
        group.append(piece)
        if sum(len(residuals) for residuals, _ in group) >= n_rows:
            yield group
            group = []
    if group:
        yield group


def _rows(points: np.ndarray) -> np.ndarray:
    return np.atleast_2d(np.asarray(points, dtype=np.float64))


def fitted(
    model: AbstractModel, data: Data, loss: AbstractLoss, linear: np.ndarray | None = None
) -> Fitted:
    """Make the problem of fitting a resolved model to data.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        linear: Mask of jointly linear parameters; by default what the model declares.
    """
    mask = model.parameters().linear if linear is None else np.asarray(linear, dtype=bool)
    mask = mask if data.reading.is_linear else np.zeros_like(mask)
    return Fitted(model, data, loss, cut(data, model, loss), mask)


def stacked(
    model: AbstractModel, sets: DataSets, loss: AbstractLoss, linear: np.ndarray | None = None
) -> Fitted:
    """Make the problem of fitting a resolved model to many data sets, one row for each.

    Args:
        model: The resolved model.
        sets: The data sets; `stacking_refusal` says why they may not be one batch.
        loss: The loss.
        linear: As in `fitted`.
    """
    mask = model.parameters().linear if linear is None else np.asarray(linear, dtype=bool)
    mask = mask if sets.data.reading.is_linear else np.zeros_like(mask)
    return Fitted(model, sets.data, loss, stack(sets, model, loss), mask)
