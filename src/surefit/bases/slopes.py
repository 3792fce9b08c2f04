"""Shapes and their slopes for NumPy arrays, written in place: the inner loop of growing units.

`AbstractShape.__call__` is written once for NumPy and JAX, whose automatic derivatives it needs.
A search that evaluates millions of small arrays needs neither compilation nor new arrays.
"""

from collections.abc import Callable

import numpy as np

from surefit.bases.activations import (
    Gaussian,
    LeakyRelu,
    Logistic,
    Relu,
    Sine,
    Softplus,
    Swish,
    Tanh,
)
from surefit.models.units import AbstractShape

Fill = Callable[[np.ndarray, np.ndarray, np.ndarray], None]
"""(z, value, slope): write s(z) and s'(z) into the other two, which have the shape of z."""

# Beyond this |z| the exponentials of the shapes are 0 or 1 to double precision, and exp(−z²/2)
# (or exp(−|z|)) would come near the smallest numbers, with which arithmetic is slow.
_FAR = 38.0


def fill_for(shape: AbstractShape) -> Fill | None:
    """How to evaluate a shape and its slope in place.

    Args:
        shape: The shape.

    Returns:
        The function, or None for a shape without a useful slope (step, linear) or one that is
        not known here.

    Example:
        >>> z, value, slope = np.zeros(1), np.empty(1), np.empty(1)
        >>> fill_for(Logistic())(z, value, slope)
        >>> float(value[0]), float(slope[0])
        (0.5, 0.25)
    """
    if isinstance(shape, LeakyRelu):
        return _leaky_relu(shape.slope)
    return _FILLS.get(type(shape))


def _logistic(z, value, slope):
    # Through tanh, which cannot overflow and is faster than exp and a division.
    np.multiply(z, 0.5, out=value)
    np.tanh(value, out=value)
    np.multiply(value, value, out=slope)
    np.subtract(1, slope, out=slope)
    slope *= 0.25
    value *= 0.5
    value += 0.5


def _tanh(z, value, slope):
    np.tanh(z, out=value)
    np.multiply(value, value, out=slope)
    np.subtract(1, slope, out=slope)


def _gaussian(z, value, slope):
    np.clip(z, -_FAR, _FAR, out=slope)
    np.multiply(slope, slope, out=value)
    value *= -0.5
    np.exp(value, out=value)
    slope *= value
    np.negative(slope, out=slope)


def _relu(z, value, slope):
    np.maximum(z, 0, out=value)
    np.greater(z, 0, out=slope)


def _leaky_relu(below: float) -> Fill:
    def fill(z, value, slope):
        np.greater(z, 0, out=slope)
        slope *= 1 - below
        slope += below
        np.multiply(z, slope, out=value)

    return fill


def _swish(z, value, slope):
    half = np.multiply(z, 0.5)
    np.tanh(half, out=half)
    half *= 0.5
    half += 0.5  # the logistic function
    np.multiply(z, half, out=value)
    np.subtract(1, half, out=slope)
    slope *= value
    slope += half


def _softplus(z, value, slope):
    np.abs(z, out=slope)
    np.minimum(slope, _FAR, out=slope)
    np.negative(slope, out=slope)
    np.exp(slope, out=slope)
    np.log1p(slope, out=slope)
    np.maximum(z, 0, out=value)
    value += slope
    np.multiply(z, 0.5, out=slope)
    np.tanh(slope, out=slope)
    slope *= 0.5
    slope += 0.5


def _sine(z, value, slope):
    np.cos(z, out=slope)
    np.sin(z, out=value)


_FILLS: dict[type, Fill] = {
    Logistic: _logistic,
    Tanh: _tanh,
    Gaussian: _gaussian,
    Relu: _relu,
    Swish: _swish,
    Softplus: _softplus,
    Sine: _sine,
}
