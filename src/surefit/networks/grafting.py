"""Change a few units of a network and leave the others: moves of a search."""

import numpy as np

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.networks.dense import Dense
from surefit.networks.initialization import SAMPLE, scheme_for
from surefit.networks.layers import Layer, flat, inputs_of
from surefit.networks.standardization import raw_layers, standardization, standardized_layers

# Most units that one move replaces, and how often the new ones begin without a say.
MOST_REPLACED = 3
SILENT = 0.5
# Deviation of the outgoing weights of those that begin with one.
WHISPER = 0.1


def regrafted(
    model: Dense,
    data: Data,
    values: Float[np.ndarray, "k p"],
    n: int,
    rng: np.random.Generator,
) -> Float[np.ndarray, "n p"]:
    """Networks in which one to three random hidden units are replaced by new random ones.

    A new unit is centered on a point of the data, as it appears in its layer, with weights in
    proportion to the spread there.

    Args:
        model: A resolved network with at least one hidden layer.
        data: The checked data.
        values: Flat parameter vectors to begin with, as `model.evaluate` takes them.
        n: How many networks to make: from each of `values` in turn.
        rng: The source of randomness.

    Returns:
        One flat parameter vector in each row.
    """
    scaling = model.scaling or standardization(data, model.output_activation)
    chosen = rng.choice(data.n_points, min(SAMPLE, data.n_points), replace=False)
    inputs = scaling.inputs(inputs_of(data.inputs[chosen]))
    made = []
    for i in range(n):
        layers = model.layers(values[i % len(values)])
        if model.scaling is None:
            layers = standardized_layers(layers, scaling)
        layers = [Layer(weight.copy(), bias.copy()) for weight, bias in layers]
        for _ in range(rng.integers(1, MOST_REPLACED + 1)):
            _replace_unit(layers, model, inputs, rng)
        made.append(flat(layers if model.scaling is not None else raw_layers(layers, scaling)))
    return np.stack(made)


def _replace_unit(
    layers: list[Layer], model: Dense, inputs: np.ndarray, rng: np.random.Generator
) -> None:
    """Replace one unit in place."""
    counts = np.array([len(layer.bias) for layer in layers[:-1]])
    # Each unit is as likely as any other, in layers of any size.
    number = rng.choice(len(counts), p=counts / counts.sum())
    unit = rng.integers(counts[number])
    signal = inputs
    with np.errstate(all="ignore"):
        for weight, bias in layers[:number]:
            signal = model.activation(signal @ weight.T + bias)
    layer, following = layers[number], layers[number + 1]
    spread = np.nan_to_num(np.std(signal, axis=0)) if number else np.ones(signal.shape[1])
    spread = np.maximum(spread, 1e-3)
    deviation = scheme_for(model.activation).deviation(*layer.weight.shape[::-1])
    weight = rng.normal(size=signal.shape[1]) * deviation / spread
    layer.weight[unit] = weight
    layer.bias[unit] = -weight @ np.nan_to_num(signal[rng.integers(len(signal))])
    size = 0.0 if rng.uniform() < SILENT else WHISPER
    following.weight[:, unit] = size * rng.normal(size=len(following.bias))
