"""A hidden layer is an adaptive basis: `Dense(n)` is `Sigmoids(n) + Constant()`, and back.

Both functions take and give parameters as a fit reports them, for x and y as they are:
`to_sigmoids(fit.model, list(fit.values.values()))`.

A unit c / (1 + exp((x − center) / width)) of the sum is c · logistic(weight · x + bias) of the
network, with weight = −1 / width and bias = center / width.
"""

import numpy as np

from surefit.bases.activations import Linear
from surefit.bases.sigmoids import Sigmoids
from surefit.exceptions import InvalidModel, InvalidType, ShapeMismatch
from surefit.models.base import AbstractModel, Sum
from surefit.models.linear import Constant
from surefit.models.units import UnitValues
from surefit.networks.dense import Dense


def to_sigmoids(dense: Dense, values: np.ndarray) -> tuple[Sum, np.ndarray]:
    """Write a network with one hidden layer as a sum of units and a constant.

    A hidden unit without any weight has no position; it becomes one so wide that it is constant
    (a width of 1e102).

    Args:
        dense: A resolved network with one hidden layer and a linear output.
        values: Its flat parameter vector as a fit reports it, shape (p,): not the one of the
            standardized data, which `dense.evaluate` takes (`dense.to_raw` converts that).

    Returns:
        `Sigmoids(n, shape) + Constant()`, resolved, and its flat parameter vector: the same
        function to rounding. Hidden unit j is unit j of the sum.

    Raises:
        InvalidModel: The network has another number of hidden layers, its output has an
            activation, or it is not resolved.
        ShapeMismatch: The vector has another length.

    Example:
        >>> dense = Dense(1, n_inputs=1, n_outputs=1)
        >>> model, values = to_sigmoids(dense, np.array([-2.0, 6.0, 10.0, 0.5]))
        >>> str(model), model.parameters().names
        ('Sigmoids(1) + Constant()', ('sigmoids.coefficient[0]', 'sigmoids.center[0]',
         'sigmoids.width[0]', 'constant.value'))
        >>> values.tolist()
        [10.0, 3.0, 0.5, 0.5]
    """
    values, dense = checked_values(dense, values), dense.direct()
    if len(dense.hidden) != 1 or dense.output_activation != Linear():
        raise InvalidModel(
            f"{dense} is not a sum of sigmoids: that takes one hidden layer and a linear output."
        )
    sigmoids = Sigmoids(
        dense.hidden[0], dense.activation, n_inputs=dense.n_inputs, n_outputs=dense.n_outputs
    )
    units = dense.to_units(values)
    model = sigmoids + Constant(n_outputs=units.coefficient.shape[1])
    return model, np.concatenate([sigmoids.from_units(units), units.extra])


def to_dense(model: AbstractModel, values: np.ndarray) -> tuple[Dense, np.ndarray]:
    """Write a sum of units and a constant as a network with one hidden layer.

    Args:
        model: `Sigmoids(n, shape)`, with or without `+ Constant()`, resolved.
        values: Its flat parameter vector, shape (p,).

    Returns:
        `Dense(n, activation=shape)`, for x and y as they are, and its flat parameter vector: the
        same function to rounding. The inverse of `to_sigmoids`.

    Raises:
        InvalidModel: The model is another one, or not resolved.
        ShapeMismatch: The vector has another length.

    Example:
        >>> model = Sigmoids(1, n_inputs=1, n_outputs=1) + Constant()
        >>> dense, values = to_dense(model, np.array([10.0, 3.0, 0.5, 0.5]))
        >>> str(dense), values.tolist()
        ('Dense(1)', [-2.0, 6.0, 10.0, 0.5])
    """
    values = checked_values(model, values)
    parts = model.parts if isinstance(model, Sum) else (model,)
    pieces = model.pieces(values) if isinstance(model, Sum) else [values]
    pairs = list(zip(parts, pieces, strict=True))
    sigmoids = [(part, piece) for part, piece in pairs if isinstance(part, Sigmoids)]
    constants = [piece for part, piece in pairs if isinstance(part, Constant)]
    if len(sigmoids) != 1 or len(sigmoids) + len(constants) != len(pairs):
        raise InvalidModel(
            f"{model} is not one hidden layer: that takes one Sigmoids(n), with or without "
            "Constant()."
        )
    part, piece = sigmoids[0]
    units = part.to_units(piece)
    constant = np.zeros(units.coefficient.shape[1])
    for value in constants:
        constant = constant + value
    dense = Dense(part.n, activation=part.shape, n_inputs=part.n_inputs, n_outputs=part.n_outputs)
    return dense, dense.from_units(
        UnitValues(units.weight, units.bias, units.coefficient, constant)
    )


def checked_values(model: AbstractModel, values: np.ndarray) -> np.ndarray:
    """The values as a float64 array of shape (p,), or an error that says what is wrong."""
    if not isinstance(model, AbstractModel):
        raise InvalidType(f"model is a {type(model).__name__}; pass a model such as Dense(5).")
    values, size = np.asarray(values, dtype=float), model.parameters().size
    if values.shape != (size,):
        raise ShapeMismatch(
            f"values has shape {values.shape} but {model} has {size} parameters; pass ({size},)."
        )
    return values
