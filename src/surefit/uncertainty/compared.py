"""What a loss compares with y, and its derivatives: errors on x and bins included."""

import functools

import jax
import numpy as np

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.models.base import AbstractModel
from surefit.models.tracing.not_traceable import NotTraceable
from surefit.problem.blocks import bucket
from surefit.problem.derivatives import Block, predict_with_jacobian
from surefit.uncertainty.bands import BLOCK, STEP, prediction_jacobian


def compared_with_y(
    model: AbstractModel, data: Data, loss: AbstractLoss, values: np.ndarray
) -> tuple[Float[np.ndarray, "n m"], Float[np.ndarray, "n m p"]]:
    """What the loss compares with y, and its derivative with respect to each parameter.

    Args:
        model: The resolved model.
        data: The data.
        loss: The loss.
        values: Flat parameter vector, shape (p,).
    """
    reading = data.reading
    if reading.is_plain:
        prediction = np.asarray(model.evaluate(values, data.x))
        return prediction, np.asarray(prediction_jacobian(model, values, data.x))
    whole = Block(data.x, data.y, loss.weight(data.y, data.noise), data.extent)
    try:
        pieces = [
            _piece(model, reading, values, whole, start) for start in range(0, len(data.y), BLOCK)
        ]
    except NotTraceable:
        return _numerical(model, data, values)
    prediction, jacobian = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    return prediction, jacobian


def _piece(model, reading, values, whole: Block, start: int) -> tuple[np.ndarray, np.ndarray]:
    """A run of points, padded with copies of its first to a length compiled before."""
    n = min(BLOCK, len(whole.y) - start)
    rows = np.arange(min(bucket(n), BLOCK))
    rows = start + np.where(rows < n, rows, 0)
    found = _compiled(model, reading, values, whole.each(lambda array: array[rows]))
    prediction, jacobian = (np.asarray(array)[:n] for array in found)
    return prediction, jacobian


@functools.partial(jax.jit, static_argnames=("model", "reading"))
def _compiled(model, reading, values, block: Block):
    return predict_with_jacobian(model, values, block, reading)


def _numerical(model, data: Data, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Central differences, for a function that cannot be traced; such have no errors on x."""

    def expected(values: np.ndarray) -> np.ndarray:
        return np.asarray(data.reading.expected(model, values, data.x, data.extent))

    steps = STEP * np.where(values != 0, np.abs(values), 1.0)
    with np.errstate(all="ignore"):
        columns = [
            (expected(values + move) - expected(values - move)) / (2 * move.max())
            for move in np.diag(steps)
        ]
    return expected(values), np.stack(columns, axis=2)
