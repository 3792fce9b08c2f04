"""Of all networks that are the same function, always the same one.

The hidden units of each layer can be permuted, and what an activation allows beyond that is in its
`Symmetry`: a sign (logistic, tanh, sine, step, gaussian), a positive scale (relu, leaky_relu,
linear, step), a period (sine). A constant that a sign leaves over goes into the next layer's bias.
"""

import itertools

import numpy as np

from surefit.bases.activations import Linear
from surefit.bases.symmetry import canonical_order, leading_sign, normal_units
from surefit.models.units import AbstractShape, Symmetry
from surefit.networks.layers import Layer

# Singular values of a linear network below this part of the largest are rounding.
_ROUNDING = 1e-13


def canonical_layers(
    layers: list[Layer],
    activation: AbstractShape,
    output_activation: AbstractShape,
    center: np.ndarray | None = None,
) -> list[Layer]:
    """The one of all equivalent networks that is reported.

    Units without incoming or outgoing weights have no say: what they add is constant and goes to
    the next bias, and they become all zeros and the last of their layer. In the other units the
    first weight is positive where the sign is free, and the weights have norm 1 where the scale
    is free. Units are sorted by the position −bias / weight if the layer has one input, else by
    their weights. A network whose activation is linear is one matrix and becomes its singular
    value decomposition.

    Args:
        layers: Hidden layers and output layer, NumPy arrays, finite.
        activation: Of the hidden layers.
        output_activation: Of the last layer.
        center: Where the inputs are 0, shape (d,): the network is one of x − center, but its form
            as a network of x is to be canonical. That keeps digits that a large center would cost.

    Returns:
        New layers of the same sizes: the same function to rounding.
    """
    center = np.zeros(layers[0].weight.shape[1]) if center is None else center
    if activation == Linear() and len(layers) > 1:
        return normal_output(_linear_layers(layers, center), output_activation)
    layers = silence_idle_units(layers, activation)
    for i in range(len(layers) - 1):
        own = center if i == 0 else None
        layer, following = normal_layer(layers[i], layers[i + 1], activation.symmetry, own)
        is_last = i == len(layers) - 2
        order = _order(layer, following.weight.T if is_last else None)
        layers[i] = Layer(layer.weight[order], layer.bias[order])
        layers[i + 1] = Layer(following.weight[:, order], following.bias)
    return normal_output(layers, output_activation, center if len(layers) == 1 else None)


def silence_idle_units(layers: list[Layer], activation: AbstractShape) -> list[Layer]:
    """Set units to zero whose weights, incoming or outgoing, are all zero.

    What a unit without incoming weights adds is constant: it goes into the next layer's bias.
    Silence spreads to units that only listen to, or only speak to, silent ones.
    """
    layers = [Layer(weight.copy(), bias.copy()) for weight, bias in layers]
    is_changed = True
    while is_changed:
        is_changed = False
        for layer, following in itertools.pairwise(layers):
            deaf, mute = ~layer.weight.any(axis=1), ~following.weight.any(axis=0)
            idle = (deaf & ~mute) | (mute & ~deaf) | (deaf & mute & (layer.bias != 0))
            if idle.any():
                speaking = deaf & ~mute
                constant = activation(layer.bias[speaking])
                following.bias[...] += following.weight[:, speaking] @ constant
                layer.weight[idle], layer.bias[idle] = 0.0, 0.0
                following.weight[:, idle] = 0.0
                is_changed = True
    return layers


def normal_layer(
    layer: Layer, following: Layer, symmetry: Symmetry, center: np.ndarray | None = None
) -> tuple[Layer, Layer]:
    """Sign, scale and phase of a hidden layer's units as they are reported, in the given order."""
    weight, bias, outgoing, constant = normal_units(
        layer.weight, layer.bias, following.weight.T, symmetry, has_constant=True, center=center
    )
    return Layer(weight, bias), Layer(outgoing.T, following.bias + constant)


def normal_output(
    layers: list[Layer], activation: AbstractShape, center: np.ndarray | None = None
) -> list[Layer]:
    """Undo what the activation of the output cannot see: nothing, for most activations."""
    full, (weight, bias) = activation.symmetry, layers[-1]
    seen = Symmetry(
        sign=max(full.sign, 0) if full.constant == 0 else 0,
        degree=0 if full.degree == 0 else None,
    )
    nothing = np.ones((len(bias), 1))
    weight, bias, _, _ = normal_units(weight, bias, nothing, seen, has_constant=False)
    if full.half_period is not None:
        period = 2 * full.half_period
        raw = bias if center is None else bias - weight @ center
        bias = bias - period * np.round(raw / period)
    return [*layers[:-1], Layer(weight, bias)]


def _order(layer: Layer, outgoing: np.ndarray | None) -> np.ndarray:
    weight, bias = layer
    silent = ~weight.any(axis=1)
    keys = [silent, weight, bias] if outgoing is None else [silent, weight, bias, outgoing]
    if weight.shape[1] == 1:
        slope = np.where(silent, 1.0, weight[:, 0])
        # A slope may be so small that its position overflows; a huge number sorts as well.
        with np.errstate(over="ignore"):
            position = np.clip(-bias / slope, -1e300, 1e300)
        keys = [silent, position, *keys[1:]]
    return canonical_order(np.column_stack(keys).astype(float))


def _linear_layers(layers: list[Layer], center: np.ndarray) -> list[Layer]:
    """A linear network as orthonormal features of the scaled inputs, and how they are mixed."""
    matrix, constant = layers[0]
    for weight, bias in layers[1:]:
        matrix, constant = weight @ matrix, weight @ constant + bias
    # Inputs and outputs in units in which all entries are of order one: units are the user's.
    column = np.abs(matrix).max(axis=0)
    column[column == 0] = 1.0
    row = np.abs(matrix / column).max(axis=1)
    row[row == 0] = 1.0
    left, size, right = np.linalg.svd(matrix / column / row[:, None], full_matrices=False)
    rank = min(*(len(layer.bias) for layer in layers[:-1]), int(np.sum(size > _ROUNDING * size[0])))
    sign = leading_sign(right)
    left, right = left * sign, right * sign[:, None]
    result = [Layer(np.zeros_like(weight), np.zeros_like(bias)) for weight, bias in layers]
    result[0].weight[:rank] = right[:rank] * column
    for layer in result[1:-1]:
        np.fill_diagonal(layer.weight[:rank, :rank], 1.0)
    result[-1].weight[:, :rank] = row[:, None] * left[:, :rank] * size[:rank]
    # No hidden bias where x is 0: what it would have added is in the bias of the output.
    result[0].bias[...] = result[0].weight @ center
    return [*result[:-1], Layer(result[-1].weight, constant - matrix @ center)]
