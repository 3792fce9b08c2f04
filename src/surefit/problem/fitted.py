"""Model × data × loss as a problem: derivatives by JAX, sums over blocks on the host."""

import dataclasses

import jax.numpy as jnp
import numpy as np

from surefit.data.checked import Data
from surefit.data.scales import Scales, scales_of
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.problem import kernels
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced
from surefit.problem.blocks import ROWS, cut


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted(AbstractProblem):
    """−2 ln L of a model on data. Build one with `fitted`.

    Attributes:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        blocks: The data on the device, in blocks of equal shape.
        linear_mask: Parameters in which the prediction is jointly linear, shape (p,).
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss
    blocks: tuple[kernels.Block, ...]
    linear_mask: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
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
        return scales_of(self.data)

    def expand(self, points: np.ndarray) -> np.ndarray:
        return points

    def value(self, points: np.ndarray) -> np.ndarray:
        (total,) = self._sum(kernels.value_of_block, points)
        return np.where(np.isfinite(total), total, np.inf)

    def reduce(self, points: np.ndarray) -> Reduced:
        value, gradient, curvature = self._sum(kernels.reduce_block, points)
        bad = ~(
            np.isfinite(value)
            & np.isfinite(gradient).all(axis=1)
            & np.isfinite(curvature).all(axis=(1, 2))
        )
        value[bad], gradient[bad], curvature[bad] = np.inf, 0.0, 0.0
        return Reduced(value, gradient, curvature)

    def factorize(self, point: np.ndarray) -> Factored:
        q = len(point)
        triangle, rotated, value = np.zeros((0, q)), np.zeros(0), 0.0
        for block in self.blocks:
            residuals, jacobian = self._linearize(point, block)
            stacked = np.vstack([triangle, jacobian])
            orthogonal, triangle = np.linalg.qr(stacked)
            rotated = orthogonal.T @ np.concatenate([rotated, residuals])
            value += float(residuals @ residuals)
        return Factored(triangle, rotated, value)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pieces = [self._linearize(point, block) for block in self.blocks]
        residuals = np.concatenate([residuals for residuals, _ in pieces])
        jacobian = np.concatenate([jacobian for _, jacobian in pieces])
        return residuals[: self.n_terms], jacobian[: self.n_terms]

    def hessian(self, point: np.ndarray) -> np.ndarray:
        """The exact Hessian of −2 ln L at one point, shape (p, p)."""
        blocks = (
            kernels.hessian_of_block(self.model, self.loss, point, block) for block in self.blocks
        )
        return np.asarray(sum(np.asarray(block) for block in blocks))

    def pure(self) -> Pure:
        whitening = self.blocks[0].whitening
        columns = zip(*(block[:3] for block in self.blocks), strict=True)
        rows = kernels.Block(*(a[0] if len(a) == 1 else jnp.concatenate(a) for a in columns))
        is_additive = whitening is None and self.model.is_pointwise
        return Pure(kernels.Total(self.model, self.loss), rows, whitening, is_additive)

    def _linearize(self, point, block) -> tuple[np.ndarray, np.ndarray]:
        residuals, jacobian = kernels.linearize_block(self.model, self.loss, point, block)
        return np.asarray(residuals), np.asarray(jacobian)

    def _sum(self, kernel, points: np.ndarray) -> tuple[np.ndarray, ...]:
        """Add a kernel's results over the blocks of data, for blocks of rows."""
        points = np.atleast_2d(np.asarray(points, dtype=np.float64))
        n_rows = len(points)
        rows = 1 if n_rows == 1 else ROWS
        pieces = []
        for start in range(0, n_rows, rows):
            chunk = points[start : start + rows]
            short = rows - len(chunk)
            full = np.concatenate([chunk, np.repeat(chunk[:1], short, axis=0)]) if short else chunk
            total = None
            for block in self.blocks:
                part = kernel(self.model, self.loss, full, block)
                part = part if isinstance(part, tuple) else (part,)
                total = part if total is None else tuple(a + b for a, b in zip(total, part))
            pieces.append([np.asarray(array)[: len(chunk)] for array in total])
        return tuple(np.concatenate(arrays) for arrays in zip(*pieces, strict=True))


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
    return Fitted(model, data, loss, cut(data, model), mask)
