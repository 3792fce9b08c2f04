"""The layers of a fully connected network as plain arrays, and the pass through them."""

from typing import NamedTuple

import numpy as np

from surefit.annotations import Float
from surefit.models.units import AbstractShape


class Layer(NamedTuple):
    """One layer: output = activation(weight @ input + bias).

    Attributes:
        weight: Shape (outputs, inputs); NumPy or JAX.
        bias: Shape (outputs,).
    """

    weight: np.ndarray
    bias: np.ndarray


def forward(layers: list[Layer], x, activation: AbstractShape, output_activation: AbstractShape):
    """Send points through all layers.

    Args:
        layers: The hidden layers and the output layer.
        x: Inputs, shape (n, d), NumPy or JAX.
        activation: Of the hidden layers.
        output_activation: Of the last layer.

    Returns:
        Outputs, shape (n, m).
    """
    *hidden, output = layers
    signal = x
    for weight, bias in hidden:
        signal = activation(signal @ weight.T + bias)
    return output_activation(signal @ output.weight.T + output.bias)


def inputs_of(x: Float[np.ndarray, "n ..."]):
    """The inputs with shape (n, d), also where it was given as (n,)."""
    return x.reshape(x.shape[0], -1)


def flat(layers: list[Layer]) -> np.ndarray:
    """The layers as one flat vector: weight and bias of each layer in turn.

    Leading axes (a batch of networks) are kept.
    """
    arrays = []
    for weight, bias in layers:
        arrays += [weight.reshape(*bias.shape[:-1], -1), bias]
    return np.concatenate(arrays, axis=-1)
