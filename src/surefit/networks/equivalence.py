"""Are two sets of parameters the same network in another guise?

Comparing two canonical forms would do, were it not for near-ties: two units that are nearly equal
in what sorts them change places by a rounding error. Here units are paired by their distance.
"""

import itertools

import numpy as np
from scipy.optimize import linear_sum_assignment

from surefit.bases.activations import Linear
from surefit.exceptions import InvalidOption
from surefit.models.base import AbstractModel
from surefit.models.units import AbstractShape, Symmetry
from surefit.networks.canonical import normal_layer, normal_output, silence_idle_units
from surefit.networks.conversion import checked_values, to_dense
from surefit.networks.dense import Dense
from surefit.networks.layers import Layer


def equivalent(
    model: AbstractModel,
    first: np.ndarray,
    second: np.ndarray,
    *,
    tolerance: float = 1e-9,
) -> bool:
    """Whether two parameter vectors of a model are the same function by its symmetries.

    Units may come in another order and with another sign, scale or phase, where the activation
    allows it; units that are equal count with their sum, units without incoming or outgoing
    weights as the constant that they are.

    Args:
        model: A resolved `Dense`, or `Sigmoids(n)` with or without `+ Constant()`.
        first: Flat parameter vector as a fit reports it, for x and y as they are, shape (p,).
        second: The other one.
        tolerance: How far weights may differ, relative to the largest weight on the same input.

    Returns:
        Whether the two agree within the tolerance; false if a value is not finite.

    Raises:
        InvalidModel: The model is another one, or not resolved.
        InvalidOption: The tolerance is not positive.
        ShapeMismatch: A vector has another length.

    Example:
        >>> from surefit.bases.sigmoids import Sigmoids
        >>> model = Sigmoids(2, n_inputs=1, n_outputs=1)
        >>> a = np.array([1.0, 2.0, 0.3, 0.4, 0.01, 0.02])
        >>> equivalent(model, a, a[[1, 0, 3, 2, 5, 4]]), equivalent(model, a, 1.01 * a)
        (True, False)
    """
    if not tolerance > 0:
        raise InvalidOption(f"tolerance is {tolerance}; pass a small positive number such as 1e-9.")
    dense, one = _as_dense(model, first)
    _, other = _as_dense(model, second)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return False
    a, b = dense.layers(one), dense.layers(other)
    if dense.activation == Linear():
        a, b = _product(a), _product(b)
    return _agree(a, b, dense.activation, dense.output_activation, tolerance)


def _as_dense(model: AbstractModel, values: np.ndarray) -> tuple[Dense, np.ndarray]:
    if isinstance(model, Dense):
        return model.direct(), checked_values(model, values)
    return to_dense(model, values)


def _agree(
    a: list[Layer],
    b: list[Layer],
    activation: AbstractShape,
    output_activation: AbstractShape,
    tolerance: float,
) -> bool:
    a, b = silence_idle_units(a, activation), silence_idle_units(b, activation)
    for i in range(len(a) - 1):
        a[i : i + 2] = _distinct_units(a[i], a[i + 1], activation.symmetry, i == 0, tolerance)
        b[i : i + 2] = _distinct_units(b[i], b[i + 1], activation.symmetry, i == 0, tolerance)
        if a[i].weight.shape != b[i].weight.shape:
            return False
        distance, flip, shift = _distances(a[i], b[i], activation.symmetry, is_first=i == 0)
        rows, partners = linear_sum_assignment(distance)
        if np.any(distance[rows, partners] > tolerance):
            return False
        b[i + 1] = _heard(
            b[i + 1], partners, flip[rows, partners], shift[rows, partners], activation.symmetry
        )
    (one, bias), (other, other_bias) = (
        normal_output(layers, output_activation)[-1] for layers in (a, b)
    )
    scale = np.maximum(np.abs(one), np.abs(other))
    if len(a) > 1:  # the hidden units have one unit in common, the inputs need not
        scale = scale.max(axis=1, keepdims=True, initial=0.0)
    bias_scale = np.maximum(np.abs(bias), np.abs(other_bias))
    if len(a) > 1:
        bias_scale = np.maximum(bias_scale, scale[:, 0])
    same_weight = np.abs(one - other) <= tolerance * scale
    return bool(same_weight.all() and np.all(np.abs(bias - other_bias) <= tolerance * bias_scale))


def _distinct_units(
    layer: Layer, following: Layer, symmetry: Symmetry, is_first: bool, tolerance: float
) -> list[Layer]:
    """The layer without silent units, equal units merged into one."""
    layer, following = normal_layer(layer, following, symmetry)
    loud = layer.weight.any(axis=1)
    layer = Layer(layer.weight[loud], layer.bias[loud])
    following = Layer(following.weight[:, loud], following.bias)
    distance, flip, shift = _distances(layer, layer, symmetry, is_first=is_first)
    kept: list[int] = []
    for j in range(len(layer.bias)):
        twins = [k for k in kept if distance[k, j] <= tolerance]
        if not twins:
            kept.append(j)
            continue
        k = twins[0]
        moved = _heard(following, np.array([j]), flip[[k], [j]], shift[[k], [j]], symmetry)
        following.weight[:, k] += moved.weight[:, 0]
        following = Layer(following.weight, moved.bias)
    kept_weight = following.weight[:, kept]
    return [Layer(layer.weight[kept], layer.bias[kept]), Layer(kept_weight, following.bias)]


def _heard(
    following: Layer, partners: np.ndarray, flip: np.ndarray, shift: np.ndarray, symmetry: Symmetry
) -> Layer:
    """The next layer when units come in the order `partners`, flipped and shifted."""
    outgoing = following.weight[:, partners] * np.where(shift % 2 == 1, -1.0, 1.0)
    outgoing = outgoing * np.where(flip, symmetry.sign, 1.0)
    return Layer(outgoing, following.bias - symmetry.constant * outgoing[:, flip].sum(axis=1))


def _distances(
    a: Layer, b: Layer, symmetry: Symmetry, *, is_first: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far each unit of a is from each of b: largest difference, in units of the layer.

    Returns:
        The distance, whether b must change its sign for it, and by how many half periods it must
        be shifted; each of shape (units of a, units of b).
    """
    sizes = np.abs(np.concatenate([a.weight, b.weight]))
    scale = sizes.max(axis=0, initial=0.0) if is_first else sizes.max(initial=0.0)
    scale = np.where(scale == 0, 1.0, scale)
    bias_scale = max(
        np.abs(np.concatenate([a.bias, b.bias])).max(initial=0.0),
        1.0 if symmetry.degree is None else 0.0,
        0.0 if is_first else float(scale),
    )
    bias_scale = bias_scale or 1.0
    shape = (len(a.bias), len(b.bias))
    distance, flip, shift = np.full(shape, np.inf), np.zeros(shape, bool), np.zeros(shape)
    signs = (1.0, -1.0) if symmetry.sign != 0 else (1.0,)
    for sign, i in itertools.product(signs, range(shape[0])):  # a row at a time, for memory
        gap = a.bias[i] - sign * b.bias
        periods = np.zeros(shape[1])
        if symmetry.half_period is not None:
            periods = np.round(gap / symmetry.half_period)
            gap = gap - periods * symmetry.half_period
        weights = np.abs((a.weight[i] - sign * b.weight) / scale).max(axis=1, initial=0.0)
        own = np.maximum(weights, np.abs(gap) / bias_scale)
        better = own < distance[i]
        distance[i, better] = own[better]
        flip[i, better], shift[i, better] = sign < 0, periods[better]
    return distance, flip, shift


def _product(layers: list[Layer]) -> list[Layer]:
    """A linear network as one layer."""
    matrix, constant = layers[0]
    for weight, bias in layers[1:]:
        matrix, constant = weight @ matrix, weight @ constant + bias
    return [Layer(matrix, constant)]
