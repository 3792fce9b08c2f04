"""First weights of a network: random, but of the size that lets signals through all layers."""

import abc
import dataclasses
import math

import numpy as np

from surefit.annotations import Float
from surefit.bases.activations import (
    LeakyRelu,
    Linear,
    Logistic,
    Relu,
    Softplus,
    Swish,
)
from surefit.bases.arguments import check_count
from surefit.data.checked import Data
from surefit.exceptions import InvalidType
from surefit.models.units import AbstractShape
from surefit.networks.dense import Dense
from surefit.networks.layers import Layer, flat
from surefit.networks.standardization import Standardization, raw_layers, standardization

# Points of the data that first networks look at.
SAMPLE = 256
# Ridge of the regression for the output layer, relative to the mean square of its inputs.
RIDGE = 1e-6


class AbstractScheme(abc.ABC):
    """How large the random weights of a layer are."""

    @abc.abstractmethod
    def deviation(self, n_inputs: int, n_outputs: int) -> float:
        """Standard deviation of the weights of a layer with so many inputs and outputs."""


@dataclasses.dataclass(frozen=True)
class LeCun(AbstractScheme):
    """Variance 1 / inputs: keeps the size of signals (LeCun et al. 1998, eq. 16)."""

    def deviation(self, n_inputs: int, n_outputs: int) -> float:
        return math.sqrt(1 / n_inputs)


@dataclasses.dataclass(frozen=True)
class He(AbstractScheme):
    """Variance 2 / inputs: for rectifiers, which pass half of a signal (He et al. 2015, eq. 10)."""

    def deviation(self, n_inputs: int, n_outputs: int) -> float:
        return math.sqrt(2 / n_inputs)


@dataclasses.dataclass(frozen=True)
class Glorot(AbstractScheme):
    """Variance 2 / (inputs + outputs): a compromise of signals and gradients.

    X. Glorot and Y. Bengio, AISTATS 2010, eq. 12.

    Attributes:
        gain: Inverse of the activation's slope at 0: 1 for tanh, 4 for the logistic function.
    """

    gain: float = 1.0

    def deviation(self, n_inputs: int, n_outputs: int) -> float:
        return self.gain * math.sqrt(2 / (n_inputs + n_outputs))


def scheme_for(activation: AbstractShape) -> AbstractScheme:
    """The scheme that was derived for an activation.

    Example:
        >>> scheme_for(Relu()), scheme_for(Logistic())
        (He(), Glorot(gain=4.0))
    """
    if isinstance(activation, Relu | LeakyRelu | Swish | Softplus):
        return He()
    if activation == Linear():
        return LeCun()
    return Glorot(4.0 if activation == Logistic() else 1.0)


def initial_values(
    model: Dense,
    data: Data,
    n: int,
    rng: np.random.Generator,
    *,
    scheme: AbstractScheme | None = None,
) -> Float[np.ndarray, "n p"]:
    """Random networks to begin training with.

    Weights are normal with the scheme's deviation, for inputs and outputs scaled to mean 0 and
    deviation 1. The units of all hidden layers are centered on random points of the data, so that
    they bend where the data are and none is silent; the output's bias is 0.

    Args:
        model: A resolved network.
        data: The checked data.
        n: How many networks.
        rng: The source of randomness.
        scheme: Size of the weights of hidden layers; None takes `scheme_for(activation)`. The
            output layer always takes `LeCun`, or the scheme of its own activation.

    Returns:
        One flat parameter vector in each row, float64, as `model.evaluate` takes them.

    Raises:
        InvalidOption: n is below 1.
        InvalidType: n is not an integer, or rng not a NumPy generator.

    Example:
        >>> from surefit.data.checked import check_data
        >>> data = check_data(np.linspace(1e6, 1e6 + 1, 50), np.linspace(0.0, 1e-9, 50))
        >>> model = Dense(8, 8, activation="relu").resolve(data)
        >>> initial_values(model, data, 3, np.random.default_rng(1)).shape
        (3, 97)
    """
    layers, scaling, _ = _drawn(model, data, n, rng, scheme)
    return flat(layers if model.scaling is not None else raw_layers(layers, scaling))


def regressed_values(
    model: Dense, data: Data, n: int, rng: np.random.Generator
) -> Float[np.ndarray, "n p"]:
    """First networks whose output layer is a regression of y on what the last hidden layer gives.

    Where the output has no activation, or a rectifier, that saves a training its first part, and
    no output begins below 0 everywhere, where a rectifier has no slope. With any other activation
    of the output, `initial_values` is all that is done.

    Args:
        model: A resolved network.
        data: The checked data.
        n: How many networks.
        rng: The source of randomness.

    Returns:
        One flat parameter vector in each row, as `initial_values`.
    """
    layers, scaling, (chosen, signal) = _drawn(model, data, n, rng, None)
    activation = model.output_activation
    if activation == Linear() or isinstance(activation, Relu | LeakyRelu):
        y = (data.y[chosen] - np.array(scaling.y_center)) / np.array(scaling.y_scale)
        columns = np.concatenate([signal, np.ones_like(signal[..., :1])], axis=-1)
        normal = columns.transpose(0, 2, 1) @ columns
        size = np.einsum("bii->b", normal)[:, None, None] / normal.shape[1]
        normal = normal + RIDGE * size * np.eye(normal.shape[1])
        solution = np.linalg.solve(normal, columns.transpose(0, 2, 1) @ y).transpose(0, 2, 1)
        layers = [*layers[:-1], Layer(solution[..., :-1], solution[..., -1])]
    return flat(layers if model.scaling is not None else raw_layers(layers, scaling))


def _drawn(
    model: Dense, data: Data, n: int, rng: np.random.Generator, scheme: AbstractScheme | None
) -> tuple[list[Layer], Standardization, tuple[np.ndarray, np.ndarray]]:
    """Random layers for standardized data, and what the last of them gets at some of the points.

    Returns:
        The layers with a leading axis of n, the standardization, and the indices of the points
        (k,) with the inputs of the output layer there (n, k, units).
    """
    n = check_count(n, "n", "initial_values", minimum=1)
    if not isinstance(rng, np.random.Generator):
        raise InvalidType(
            f"rng is a {type(rng).__name__}; pass a NumPy generator: numpy.random.default_rng(0)."
        )
    scheme = scheme_for(model.activation) if scheme is None else scheme
    scaling = model.scaling or standardization(data, model.output_activation)
    chosen = np.arange(data.n_points)
    if data.n_points > SAMPLE:
        chosen = rng.choice(data.n_points, SAMPLE, replace=False)
    signal = np.repeat(scaling.inputs(data.inputs[chosen])[None], n, axis=0)
    *hidden, output = model.layers(np.zeros(model.parameters().size))
    layers = []
    for weight, bias in hidden:
        weights = rng.normal(size=(n, *weight.shape)) * scheme.deviation(*weight.shape[::-1])
        index = rng.integers(len(chosen), size=(n, *bias.shape))
        centers = np.take_along_axis(signal, index[..., None], axis=1)
        biases = -np.einsum("bui,bui->bu", weights, centers)
        layers.append(Layer(weights, biases))
        with np.errstate(all="ignore"):
            signal = model.activation(signal @ weights.transpose(0, 2, 1) + biases[:, None, :])
    deviation = scheme_for(model.output_activation).deviation(*output.weight.shape[::-1])
    weights = rng.normal(size=(n, *output.weight.shape)) * deviation
    layers.append(Layer(weights, np.zeros((n, *output.bias.shape))))
    return layers, scaling, (chosen, signal)
