"""The scale of a rectifier unit is free; which one is reported is a choice, called a gauge.

For an activation with s(k z) = k**degree · s(z), a unit's incoming weights and bias times k and its
outgoing weights divided by k**degree are the same function. The data then never determine all
parameters; those of the canonical network, whose units have incoming weights of norm 1, are
determined all the same.
"""

import numpy as np

from surefit.annotations import Float
from surefit.networks.dense import Dense
from surefit.networks.layers import Layer, flat


def gauge(
    model: Dense, values: Float[np.ndarray, " p"]
) -> tuple[Float[np.ndarray, "k p"], Float[np.ndarray, "k p"]]:
    """The directions in which nothing changes, and what holds the canonical network against them.

    Args:
        model: A resolved network.
        values: Its parameters, as `model.evaluate` takes them.

    Returns:
        For each of the k free scales, the direction along which the function stays the same; and
        the direction in which the norm of the unit's weights, in raw units, grows fastest. Both
        are empty (k = 0) for an activation without a free scale.

    Example:
        >>> model = Dense(1, activation="relu").with_sizes(1, 1)
        >>> free, held = gauge(model, np.array([1.0, -2.0, 3.0, 0.5]))
        >>> free.tolist(), held.tolist()
        ([[1.0, -2.0, -3.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]])
    """
    degree, layers = model.activation.symmetry.degree, model.layers(values)
    free: list[np.ndarray] = []
    held: list[np.ndarray] = []
    empty = no_gauge(values)
    if degree is None:
        return empty
    scales = np.array(model.scaling.x_scale) if model.scaling is not None else 1.0
    for i in range(len(layers) - 1):
        for unit in range(len(layers[i].bias)):
            weight, outgoing = layers[i].weight[unit], layers[i + 1].weight[:, unit]
            if not (weight.any() and outgoing.any()):
                continue
            direction, constraint = _zeros(layers), _zeros(layers)
            direction[i].weight[unit] = weight
            direction[i].bias[unit] = layers[i].bias[unit]
            direction[i + 1].weight[:, unit] = -degree * outgoing
            constraint[i].weight[unit] = weight / scales**2 if i == 0 else weight
            free.append(flat(direction))
            held.append(flat(constraint))
    return (np.stack(free), np.stack(held)) if free else empty


def no_gauge(values: Float[np.ndarray, " p"]) -> tuple[np.ndarray, np.ndarray]:
    """What `gauge` returns where no scale is free."""
    return np.zeros((0, len(values))), np.zeros((0, len(values)))


def _zeros(layers: list[Layer]) -> list[Layer]:
    return [Layer(np.zeros_like(weight), np.zeros_like(bias)) for weight, bias in layers]
