"""A network on standardized data and the same network on the data as they are.

A network is fitted to inputs and outputs of order one, whatever their units; the first and the
last layer carry the units. The maps are exact in real numbers. In floating point a center that is
10^k times the scale costs k digits of the first bias, which no network on raw inputs escapes.
"""

import dataclasses
import math

import numpy as np

from surefit.annotations import Float
from surefit.bases.activations import Linear
from surefit.data.checked import Data
from surefit.models.units import AbstractShape
from surefit.networks.layers import Layer


@dataclasses.dataclass(frozen=True)
class Standardization:
    """Where the data lie and how far they spread: standardized = (raw − center) / scale.

    Scales are powers of two and centers multiples of half a scale. So dividing by a scale costs no
    digit, and data that differ little have equal standardizations: a function compiled for the
    one serves the other.

    Attributes:
        x_center: Near the mean of each input, in its unit.
        x_scale: Near the standard deviation of each input; 1 for an input that is constant.
        y_center: Near the mean of each output, or 0.
        y_scale: Near the standard deviation of each output, or 1.
    """

    x_center: tuple[float, ...]
    x_scale: tuple[float, ...]
    y_center: tuple[float, ...]
    y_scale: tuple[float, ...]

    @property
    def digits_lost(self) -> float:
        """log10 of how much larger the offset of an input or output is than its spread."""
        pairs = zip(self.x_center + self.y_center, self.x_scale + self.y_scale, strict=True)
        return math.log10(max(1.0, *(abs(center) / scale for center, scale in pairs)))

    def inputs(self, x):
        """Standardized inputs, from x of shape (n, d)."""
        return (x - np.array(self.x_center)) / np.array(self.x_scale)

    def outputs(self, y):
        """Outputs as they are, from standardized ones of shape (n, m)."""
        return y * np.array(self.y_scale) + np.array(self.y_center)


def standardization(data: Data, output_activation: AbstractShape) -> Standardization:
    """Center and scale of the data, as far as a network's output can take them up.

    Args:
        data: The checked data.
        output_activation: A linear output takes any center and scale of y. One that is homogeneous
            (relu) takes a scale only: the center is 0. Any other takes neither.

    Example:
        >>> from surefit.data.checked import check_data
        >>> s = standardization(check_data([1e6, 1e6 + 2], [0.0, 4.0]), Linear())
        >>> s.x_center, s.x_scale, s.y_center, s.y_scale
        ((1000001.0,), (1.0,), (2.0,), (2.0,))
    """
    x_center, x_scale = _moments(data.inputs)
    y_center, y_scale = _moments(data.y)
    if output_activation != Linear():
        y_center, y_scale = np.zeros_like(y_center), np.ones_like(y_scale)
        if output_activation.symmetry.degree == 1:
            largest = _positive(np.abs(data.y).max(axis=0))
            size = np.sqrt(np.mean((data.y / largest) ** 2, axis=0)) * largest
            y_scale = _power_of_two(_positive(size))
    arrays = (x_center, x_scale, y_center, y_scale)
    return Standardization(*(tuple(array.tolist()) for array in arrays))


def raw_layers(layers: list[Layer], scaling: Standardization) -> list[Layer]:
    """Layers for data as they are, from layers for standardized data.

    Args:
        layers: All layers of a network, with any leading axes.
        scaling: Center and scale of the data.

    Returns:
        The layers with which the network maps raw x to what it mapped standardized x to, in the
        unit of y.

    Example:
        >>> s = Standardization((10.0,), (2.0,), (1.0,), (4.0,))
        >>> raw_layers([Layer(np.array([[1.0]]), np.array([0.0]))], s)
        [Layer(weight=array([[2.]]), bias=array([-19.]))]
    """
    first, *others = scaled_layers(layers, scaling)
    layers = [Layer(first.weight, first.bias - first.weight @ np.array(scaling.x_center)), *others]
    last = layers[-1]
    return [*layers[:-1], Layer(last.weight, last.bias + np.array(scaling.y_center))]


def standardized_layers(layers: list[Layer], scaling: Standardization) -> list[Layer]:
    """Layers for standardized data, from layers for data as they are.

    The inverse of `raw_layers`, with the same arguments.
    """
    *others, last = layers
    layers = [*others, Layer(last.weight, last.bias - np.array(scaling.y_center))]
    first, *others = layers
    first = Layer(first.weight, first.bias + first.weight @ np.array(scaling.x_center))
    return unscaled_layers([first, *others], scaling)


def scaled_layers(layers: list[Layer], scaling: Standardization) -> list[Layer]:
    """Standardized layers in the units of the data, about the centers: no digit is lost.

    The first layer is weight · (x − x_center) + bias, the output is lower by y_center.
    """
    first, *others = layers
    layers = [Layer(first.weight / np.array(scaling.x_scale), first.bias), *others]
    last, y_scale = layers[-1], np.array(scaling.y_scale)
    return [*layers[:-1], Layer(last.weight * y_scale[:, None], last.bias * y_scale)]


def unscaled_layers(layers: list[Layer], scaling: Standardization) -> list[Layer]:
    """The inverse of `scaled_layers`."""
    first, *others = layers
    layers = [Layer(first.weight * np.array(scaling.x_scale), first.bias), *others]
    last, y_scale = layers[-1], np.array(scaling.y_scale)
    return [*layers[:-1], Layer(last.weight / y_scale[:, None], last.bias / y_scale)]


def _moments(columns: Float[np.ndarray, "n k"]) -> tuple[np.ndarray, np.ndarray]:
    """Rounded mean and standard deviation; a scale of 1 for a constant column.

    Subtracting the middle first is exact where the offset is large (Sterbenz's lemma), dividing by
    the size keeps squares and sums from overflowing.
    """
    middle = columns.min(axis=0) / 2 + columns.max(axis=0) / 2
    size = _positive(np.abs(columns - middle).max(axis=0))
    ratio = (columns - middle) / size
    is_constant = columns.min(axis=0) == columns.max(axis=0)
    scale = _power_of_two(_positive(np.std(ratio, axis=0) * size))
    mean = middle + np.mean(ratio, axis=0) * size
    # A quotient beyond 2^53 is a whole number already; one beyond 1e308 stays as it is.
    with np.errstate(over="ignore"):
        half_scales = mean / (scale / 2)
    rounded = np.where(np.abs(half_scales) < 2.0**53, np.round(half_scales) * (scale / 2), mean)
    return np.where(is_constant, mean, rounded), np.where(is_constant, 1.0, scale)


def _power_of_two(scale: np.ndarray) -> np.ndarray:
    """The power of two nearest to a positive scale on a logarithmic axis."""
    return np.ldexp(1.0, np.round(np.log2(scale)).astype(int))


def _positive(scale: np.ndarray) -> np.ndarray:
    return np.where(scale > 0, scale, 1.0)
