"""Fully connected feed-forward networks of any depth."""

import dataclasses

import numpy as np

from surefit.bases.activations import Linear, Logistic, activation_text, as_activation
from surefit.bases.arguments import check_count
from surefit.bases.sigmoids import check_varies
from surefit.data.checked import Data
from surefit.exceptions import InvalidModel
from surefit.models.base import Conversion
from surefit.models.linear import Constant
from surefit.models.parameters import Parameter, Parameters
from surefit.models.units import AbstractAdaptiveModel, AbstractShape, Units, UnitValues
from surefit.networks.canonical import canonical_layers
from surefit.networks.layers import Layer, forward, inputs_of


@dataclasses.dataclass(frozen=True, init=False)
class Dense(AbstractAdaptiveModel):
    """A network in which each unit of a layer sees all units of the layer before.

    A layer computes activation(weight @ input + bias). `Dense(5)` has one hidden layer of five
    units, the same function as `Sigmoids(5) + Constant()`; `Dense(32, 32, 32)` has three;
    `Dense()` has none and is a plane (or, with `output_activation="logistic"`, a logistic
    regression). With a linear output, the output's weight and bias are linear parameters.

    Parameters of the fit: `hidden.weight`, shape (units, D), `hidden.bias`, (units,),
    `output.weight`, (M, units), and `output.bias`, (M,); with several hidden layers they are
    called `hidden1`, `hidden2`, …. Of equivalent networks one is reported: see
    `surefit.networks.canonical.canonical_layers`.

    Args:
        *hidden: Number of units of each hidden layer.
        activation: Of the hidden layers: a name in `surefit.bases.activations.ACTIVATIONS`
            (logistic, tanh, relu, leaky_relu, swish, softplus, sine, step, linear, gaussian), or a
            shape such as `LeakyRelu(slope=0.1)`.
        output_activation: Of the output; None is linear.
        n_inputs: D, filled in by `resolve`.
        n_outputs: M, filled in by `resolve`.

    Raises:
        InvalidType: A number of units is not an integer, or an activation not a name or shape.
        InvalidOption: A number of units is below 1, or an activation is not known.

    Example:
        >>> lesson = Dense(
        ...     7, 9, activation="relu", output_activation="relu", n_inputs=8, n_outputs=6
        ... )
        >>> lesson.parameters().size
        195
        >>> Dense(2, n_inputs=1, n_outputs=1).parameters().names  # doctest: +NORMALIZE_WHITESPACE
        ('hidden.weight[0,0]', 'hidden.weight[1,0]', 'hidden.bias[0]', 'hidden.bias[1]',
         'output.weight[0,0]', 'output.weight[0,1]', 'output.bias[0]')
    """

    hidden: tuple[int, ...]
    activation: AbstractShape
    output_activation: AbstractShape
    n_inputs: int | None
    n_outputs: int | None

    def __init__(
        self,
        *hidden: int,
        activation: AbstractShape | str = "logistic",
        output_activation: AbstractShape | str | None = None,
        n_inputs: int | None = None,
        n_outputs: int | None = None,
    ):
        counts = tuple(check_count(n, "hidden", "Dense", minimum=1) for n in hidden)
        output = "linear" if output_activation is None else output_activation
        fields = {
            "hidden": counts,
            "activation": as_activation(activation, "activation"),
            "output_activation": as_activation(output, "output_activation"),
            "n_inputs": n_inputs,
            "n_outputs": n_outputs,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def resolve(self, data: Data) -> "Dense":
        check_varies(data, str(self))
        return self.with_sizes(data.n_inputs, data.n_outputs)

    def with_sizes(self, n_inputs: int, n_outputs: int) -> "Dense":
        """This network for inputs and outputs of known number."""
        return Dense(
            *self.hidden,
            activation=self.activation,
            output_activation=self.output_activation,
            n_inputs=n_inputs,
            n_outputs=n_outputs,
        )

    def parameters(self) -> Parameters:
        n_inputs, n_outputs = self._sizes()
        is_linear = self.output_activation == Linear()
        items, previous = [], n_inputs
        for i, n in enumerate(self.hidden, start=1):
            name = "hidden" if len(self.hidden) == 1 else f"hidden{i}"
            items += [Parameter(f"{name}.weight", (n, previous)), Parameter(f"{name}.bias", (n,))]
            previous = n
        items += [
            Parameter("output.weight", (n_outputs, previous), linear=is_linear),
            Parameter("output.bias", (n_outputs,), linear=is_linear),
        ]
        return Parameters(tuple(items))

    def layers(self, values) -> list[Layer]:
        """Cut a flat vector (last axis) into the hidden layers and the output layer."""
        arrays = list(self.parameters().split(values).values())
        return [Layer(*pair) for pair in zip(arrays[::2], arrays[1::2], strict=True)]

    # Huge parameters may overflow to infinite arguments, which every activation can take.
    @np.errstate(all="ignore")
    def evaluate(self, values, x):
        layers = self.layers(values)
        return forward(layers, inputs_of(x), self.activation, self.output_activation)

    def canonical(self, values: np.ndarray) -> np.ndarray:
        if not np.isfinite(values).all():
            return values.copy()
        layers = self.layers(values)
        return flat(canonical_layers(layers, self.activation, self.output_activation))

    def canonical_with_constant(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.canonical(values), np.zeros(self._sizes()[1])

    def conversion(self) -> Conversion | None:
        return None

    def direct(self) -> "Dense":
        return self

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "dense"

    def __str__(self) -> str:
        arguments = [str(n) for n in self.hidden]
        if self.activation != Logistic():
            arguments.append(f"activation={activation_text(self.activation)}")
        if self.output_activation != Linear():
            arguments.append(f"output_activation={activation_text(self.output_activation)}")
        return f"Dense({', '.join(arguments)})"

    def units(self) -> Units | None:
        """One hidden layer and a linear output are a sum of units; other networks are not."""
        if len(self.hidden) != 1 or self.output_activation != Linear():
            return None
        n_inputs, n_outputs = self._sizes()
        constant = Constant(n_outputs=n_outputs)
        return Units(self.hidden[0], self.activation, constant, n_inputs, n_outputs)

    def from_units(self, values: UnitValues) -> np.ndarray:
        hidden = Layer(values.weight, values.bias)
        return flat([hidden, Layer(values.coefficient.T, values.extra)])

    def to_units(self, values: np.ndarray) -> UnitValues:
        hidden, output = self.layers(values)
        return UnitValues(hidden.weight, hidden.bias, output.weight.T, output.bias)

    def _sizes(self) -> tuple[int, int]:
        if self.n_inputs is None or self.n_outputs is None:
            raise InvalidModel(
                f"{self} has not met data yet, so it does not know how many inputs and outputs it "
                "has; call resolve(data), or give n_inputs and n_outputs."
            )
        return self.n_inputs, self.n_outputs


def flat(layers: list[Layer]) -> np.ndarray:
    """The layers as one flat vector, in the order of `Dense.parameters`.

    Leading axes (a batch of networks) are kept.
    """
    arrays = []
    for weight, bias in layers:
        arrays += [weight.reshape(*bias.shape[:-1], -1), bias]
    return np.concatenate(arrays, axis=-1)
