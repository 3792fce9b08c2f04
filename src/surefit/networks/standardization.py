"""A network on standardized data and the same network on the data as they are.

A network is trained on inputs and outputs of order one, whatever their units; the first and the
last layer carry the units. The maps are exact in real numbers. In floating point a mean that is
10^k times the scale costs k digits of the first bias, which no network on raw inputs escapes.
"""

import dataclasses

import numpy as np
from jaxtyping import Float

from surefit.bases.activations import Linear
from surefit.data.checked import Data
from surefit.exceptions import InvalidOption
from surefit.networks.dense import Dense, flat
from surefit.networks.layers import Layer


@dataclasses.dataclass(frozen=True, eq=False)
class Standardization:
    """Where the data lie and how far they spread: standardized = (raw − mean) / scale.

    Attributes:
        x_mean: Mean of each input, shape (d,), in its unit.
        x_scale: Standard deviation of each input, shape (d,); 1 for an input that is constant.
        y_mean: Offset of each output, shape (m,).
        y_scale: Scale of each output, shape (m,).
    """

    x_mean: Float[np.ndarray, " d"]
    x_scale: Float[np.ndarray, " d"]
    y_mean: Float[np.ndarray, " m"]
    y_scale: Float[np.ndarray, " m"]


def standardization(model: Dense, data: Data) -> Standardization:
    """Mean and scale of the data, as far as the model's output can take them up.

    Args:
        model: The network. A linear output takes any mean and scale of y. One that is homogeneous
            (relu) takes a scale only: the mean is 0. Any other takes neither.
        data: The checked data.

    Example:
        >>> from surefit.data.checked import check_data
        >>> s = standardization(Dense(5), check_data([1e6, 1e6 + 2], [0.0, 4.0]))
        >>> s.x_mean.tolist(), s.x_scale.tolist(), s.y_mean.tolist(), s.y_scale.tolist()
        ([1000001.0], [1.0], [2.0], [2.0])
    """
    x_mean, x_scale = _moments(data.inputs)
    y_mean, y_scale = _moments(data.y)
    if model.output_activation != Linear():
        y_mean = np.zeros_like(y_mean)
        y_scale = np.ones_like(y_scale)
        if model.output_activation.symmetry.degree == 1:
            y_scale = _positive(np.sqrt(np.mean(data.y**2, axis=0)))
    return Standardization(x_mean, x_scale, y_mean, y_scale)


def to_raw(
    model: Dense, values: Float[np.ndarray, "... p"], scaling: Standardization
) -> Float[np.ndarray, "... p"]:
    """Parameters for data as they are, from parameters for standardized data.

    Args:
        model: The resolved network.
        values: Flat parameter vectors, one or a batch: any leading axes.
        scaling: Means and scales of the data.

    Returns:
        The parameters with which the network maps raw x to what it mapped standardized x to,
        times y_scale, plus y_mean.

    Raises:
        InvalidOption: The output's activation cannot take up this mean or scale of y.

    Example:
        >>> model = Dense(n_inputs=1, n_outputs=1)
        >>> s = Standardization(np.array([10.0]), np.array([2.0]), np.array([1.0]), np.array([4.0]))
        >>> to_raw(model, np.array([1.0, 0.0]), s).tolist()
        [2.0, -19.0]
    """
    _check_output(model, scaling)
    first, *others = model.layers(values)
    weight = first.weight / scaling.x_scale
    layers = [Layer(weight, first.bias - weight @ scaling.x_mean), *others]
    last = layers[-1]
    weight, bias = last.weight * scaling.y_scale[:, None], last.bias * scaling.y_scale
    return flat([*layers[:-1], Layer(weight, bias + scaling.y_mean)])


def to_standardized(
    model: Dense, values: Float[np.ndarray, "... p"], scaling: Standardization
) -> Float[np.ndarray, "... p"]:
    """Parameters for standardized data, from parameters for data as they are.

    The inverse of `to_raw`, with the same arguments and errors.
    """
    _check_output(model, scaling)
    *others, last = model.layers(values)
    weight = last.weight / scaling.y_scale[:, None]
    layers = [*others, Layer(weight, (last.bias - scaling.y_mean) / scaling.y_scale)]
    first = layers[0]
    bias = first.bias + first.weight @ scaling.x_mean
    return flat([Layer(first.weight * scaling.x_scale, bias), *layers[1:]])


def _moments(columns: Float[np.ndarray, "n k"]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation; 1 for the deviation of a constant column.

    Subtracting the middle first is exact where the offset is large (Sterbenz's lemma), dividing by
    the size keeps squares and sums from overflowing.
    """
    middle = columns.min(axis=0) / 2 + columns.max(axis=0) / 2
    size = _positive(np.abs(columns - middle).max(axis=0))
    ratio = (columns - middle) / size
    is_constant = columns.min(axis=0) == columns.max(axis=0)
    scale = np.where(is_constant, 1.0, _positive(np.std(ratio, axis=0) * size))
    return middle + np.mean(ratio, axis=0) * size, scale


def _positive(scale: np.ndarray) -> np.ndarray:
    return np.where(scale > 0, scale, 1.0)


def _check_output(model: Dense, scaling: Standardization) -> None:
    has_mean, has_scale = np.any(scaling.y_mean != 0), np.any(scaling.y_scale != 1)
    is_linear = model.output_activation == Linear()
    takes_scale = model.output_activation.symmetry.degree == 1
    if (has_mean and not is_linear) or (has_scale and not takes_scale):
        raise InvalidOption(
            f"The output of {model} cannot take up a mean or scale of y; use "
            "standardization(model, data), which knows what it can."
        )
