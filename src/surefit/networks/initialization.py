"""First weights of a network: random, but of the size that lets signals through all layers."""

import abc
import dataclasses
import math

import numpy as np
from jaxtyping import Float

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
from surefit.networks.dense import Dense, flat
from surefit.networks.layers import Layer
from surefit.networks.standardization import standardization, to_raw


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
    """Random networks to begin training with, for the data in their own units.

    Weights are normal with the scheme's deviation, for inputs and outputs scaled to mean 0 and
    deviation 1. The units of the first layer are centered on random points of the data, so that
    they differ where the data are; the other biases are 0.

    Args:
        model: A resolved network.
        data: The checked data.
        n: How many networks.
        rng: The source of randomness.
        scheme: Size of the weights of hidden layers; None takes `scheme_for(activation)`. The
            output layer always takes `LeCun`, or the scheme of its own activation.

    Returns:
        One flat parameter vector in each row, float64, for inputs and outputs as they are; apply
        `to_standardized` to train in standardized coordinates.

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
    n = check_count(n, "n", "initial_values", minimum=1)
    if not isinstance(rng, np.random.Generator):
        raise InvalidType(
            f"rng is a {type(rng).__name__}; pass a NumPy generator: numpy.random.default_rng(0)."
        )
    scheme = scheme_for(model.activation) if scheme is None else scheme
    scaling = standardization(model, data)
    points = (data.inputs - scaling.x_mean) / scaling.x_scale
    layers = model.layers(np.zeros(model.parameters().size))
    drawn = []
    for i, (weight, bias) in enumerate(layers):
        is_output = i == len(layers) - 1
        own = scheme_for(model.output_activation) if is_output else scheme
        weights = rng.normal(size=(n, *weight.shape)) * own.deviation(*weight.shape[::-1])
        biases = np.zeros((n, *bias.shape))
        if i == 0 and not is_output:
            centers = points[rng.integers(len(points), size=biases.shape)]
            biases = -np.einsum("bui,bui->bu", weights, centers)
        drawn.append(Layer(weights, biases))
    return to_raw(model, flat(drawn), scaling)
