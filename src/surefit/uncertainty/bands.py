"""Confidence bands by the delta method."""

import functools

import jax
import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.annotations import Float
from surefit.exceptions import InvalidOption
from surefit.models.base import AbstractLinearModel, AbstractModel
from surefit.models.tracing.not_traceable import NotTraceable
from surefit.problem.blocks import bucket
from surefit.problem.derivatives import Block, predict_with_jacobian

# Relative step of central differences: the cube root of the rounding of float64.
STEP = 6e-6
# Points for which derivatives are computed in one compiled call.
BLOCK = 4096


def check_level(level: float) -> None:
    """Refuse what is no coverage.

    Raises:
        InvalidOption: `level` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise InvalidOption(f"level is {level!r}; give a coverage between 0 and 1.")


def quantile(level: float, ndof: float | None) -> float:
    """Half width, in standard deviations, of a central interval.

    Args:
        level: Coverage, between 0 and 1.
        ndof: Degrees of freedom of an estimated error (Student's t), or None if it was known.

    Example:
        >>> round(quantile(0.9545, None), 3)
        2.0
    """
    tail = (1 + level) / 2
    return float(scipy.special.ndtri(tail) if ndof is None else scipy.special.stdtrit(ndof, tail))


def prediction_jacobian(model: AbstractModel, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Derivative of each prediction with respect to each parameter, shape (n, m, p)."""
    if isinstance(model, AbstractLinearModel):
        return model.columns(x)
    try:
        return _exact_jacobian(model, values, x)
    except NotTraceable:
        return _numerical_jacobian(model, values, x)


def _numerical_jacobian(model: AbstractModel, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The same by central differences, for a function that cannot be traced."""
    steps = np.diag(STEP * np.where(values != 0, np.abs(values), 1.0))
    with np.errstate(all="ignore"):
        columns = [
            (model.evaluate(values + step, x) - model.evaluate(values - step, x)) / (2 * step.max())
            for step in steps
        ]
    return np.stack(columns, axis=2)


def _exact_jacobian(model: AbstractModel, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    if not model.is_pointwise:
        return np.asarray(jax.jacfwd(model.evaluate)(values, x))
    n_outputs = model.evaluate(values, x[:1]).shape[1]
    pieces = []
    for start in range(0, len(x), BLOCK):
        piece = x[start : start + BLOCK]
        padding = min(bucket(len(piece)), BLOCK) - len(piece)
        padded = np.concatenate([piece, np.repeat(piece[:1], padding, axis=0)])
        jacobian = _jacobian(model, n_outputs, values, padded)
        pieces.append(np.asarray(jacobian)[: len(piece)])
    return np.concatenate(pieces)


@functools.partial(jax.jit, static_argnames=("model", "n_outputs"))
def _jacobian(model, n_outputs, values, x):
    dummy = jax.numpy.zeros((len(x), n_outputs))
    return predict_with_jacobian(model, values, Block(x, dummy, dummy))[1]


def prediction_error(
    jacobian: Float[np.ndarray, "n m p"], covariance: Float[np.ndarray, "p p"]
) -> Float[np.ndarray, "n m"]:
    """One standard deviation of each prediction: the root of diag(J C Jᵀ)."""
    variance = np.einsum("nmp,pq,nmq->nm", jacobian, covariance, jacobian, optimize=True)
    return np.sqrt(np.maximum(variance, 0.0))


def confidence_error(
    model: AbstractModel, values: np.ndarray, covariance: np.ndarray, x: np.ndarray
) -> np.ndarray:
    """One standard deviation of the curve at points x, shape (n, m), by the delta method."""
    return prediction_error(prediction_jacobian(model, values, x), covariance)
