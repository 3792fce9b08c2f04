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
from surefit.networks.layers import Layer, flat, forward, inputs_of
from surefit.networks.standardization import (
    Standardization,
    raw_layers,
    scaled_layers,
    standardization,
    standardized_layers,
    unscaled_layers,
)


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

    On data far from 0, or of another size than 1, weights and biases are nearly parallel. A fit
    therefore works with the parameters of the same network on standardized x and y, and reports
    those of the network on x and y as they are: `evaluate` and `canonical` of a resolved network
    take the former, `to_raw` and `from_raw` convert, and `direct()` is the network that takes the
    latter.

    Args:
        *hidden: Number of units of each hidden layer.
        activation: Of the hidden layers: a name in `surefit.bases.activations.ACTIVATIONS`
            (logistic, tanh, relu, leaky_relu, swish, softplus, sine, step, linear, gaussian), or a
            shape such as `LeakyRelu(slope=0.1)`.
        output_activation: Of the output; None is linear.
        is_direct: Whether a fit works with the parameters that it reports; see `direct`.
        n_inputs: D, filled in by `resolve`.
        n_outputs: M, filled in by `resolve`.
        scaling: Center and scale of the data, filled in by `resolve` unless `is_direct`.

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
    is_direct: bool
    n_inputs: int | None
    n_outputs: int | None
    scaling: Standardization | None

    def __init__(
        self,
        *hidden: int,
        activation: AbstractShape | str = "logistic",
        output_activation: AbstractShape | str | None = None,
        is_direct: bool = False,
        n_inputs: int | None = None,
        n_outputs: int | None = None,
        scaling: Standardization | None = None,
    ):
        counts = tuple(check_count(n, "hidden", "Dense", minimum=1) for n in hidden)
        output = "linear" if output_activation is None else output_activation
        fields = {
            "hidden": counts,
            "activation": as_activation(activation, "activation"),
            "output_activation": as_activation(output, "output_activation"),
            "is_direct": is_direct,
            "n_inputs": n_inputs,
            "n_outputs": n_outputs,
            "scaling": scaling,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def resolve(self, data: Data) -> "Dense":
        check_varies(data, str(self))
        scaling = None if self.is_direct else standardization(data, self.output_activation)
        return self._with(n_inputs=data.n_inputs, n_outputs=data.n_outputs, scaling=scaling)

    def with_sizes(self, n_inputs: int, n_outputs: int) -> "Dense":
        """This network for inputs and outputs of known number, as they are."""
        return self._with(n_inputs=n_inputs, n_outputs=n_outputs, scaling=None)

    def direct(self) -> "Dense":
        """This network, working with the parameters that it reports, so that these can be set."""
        return self._with(is_direct=True, scaling=None)

    def _with(self, **changes) -> "Dense":
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields |= changes
        return Dense(*fields.pop("hidden"), **fields)

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
        layers, inputs, scaling = self.layers(values), inputs_of(x), self.scaling
        if scaling is None:
            return forward(layers, inputs, self.activation, self.output_activation)
        inputs = scaling.inputs(inputs)
        return scaling.outputs(forward(layers, inputs, self.activation, self.output_activation))

    def to_raw(self, values: np.ndarray) -> np.ndarray:
        """The reported parameters, for x and y as they are, from those that `evaluate` takes.

        Args:
            values: Flat parameter vectors of this resolved network, shape (..., p).

        Example:
            >>> from surefit.data.checked import check_data
            >>> model = Dense().resolve(check_data([9.0, 11.0], [4.0, 6.0]))
            >>> model.to_raw(np.array([3.0, 0.0])).tolist()
            [3.0, -25.0]
        """
        if self.scaling is None:
            return values
        return flat(raw_layers(self.layers(values), self.scaling))

    def from_raw(self, values: np.ndarray) -> np.ndarray:
        """The inverse of `to_raw`."""
        if self.scaling is None:
            return values
        return flat(standardized_layers(self.layers(values), self.scaling))

    def canonical(self, values: np.ndarray) -> np.ndarray:
        """The parameters whose `to_raw` is canonical: order, signs and sizes are in raw units."""
        if not np.isfinite(values).all():
            return values.copy()
        layers, scaling = self.layers(values), self.scaling
        if scaling is None:
            return flat(canonical_layers(layers, self.activation, self.output_activation))
        layers, center = scaled_layers(layers, scaling), np.array(scaling.x_center)
        layers = canonical_layers(layers, self.activation, self.output_activation, center)
        return flat(unscaled_layers(layers, scaling))

    def canonical_with_constant(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.canonical(values), np.zeros(self._sizes()[1])

    def conversion(self) -> Conversion | None:
        if self.scaling is None:
            return None
        shiftless = dataclasses.replace(self.scaling, y_center=(0.0,) * self._sizes()[1])
        p = self.parameters().size
        matrix = flat(raw_layers(self.layers(np.eye(p)), shiftless)).T
        offset = self.to_raw(np.zeros(p))
        return Conversion(self.parameters(), matrix, self.scaling.digits_lost, offset)

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
        return self.from_raw(flat([hidden, Layer(values.coefficient.T, values.extra)]))

    def to_units(self, values: np.ndarray) -> UnitValues:
        hidden, output = self.layers(self.to_raw(values))
        return UnitValues(hidden.weight, hidden.bias, output.weight.T, output.bias)

    def _sizes(self) -> tuple[int, int]:
        if self.n_inputs is None or self.n_outputs is None:
            raise InvalidModel(
                f"{self} has not met data yet, so it does not know how many inputs and outputs it "
                "has; call resolve(data), or give n_inputs and n_outputs."
            )
        return self.n_inputs, self.n_outputs
