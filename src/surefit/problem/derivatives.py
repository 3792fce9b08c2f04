"""Sums over one block of points for one parameter vector, and exact derivatives, in JAX.

Nothing is compiled here: `kernels` compiles these functions for many vectors at once.
"""

import functools
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from surefit.data.reading import AbstractReading, AtPoints

# Parameters up to which all products of derivatives are summed in one pass, in registers.
MOST_AT_ONCE = 12


class Block(NamedTuple):
    """One block of data.

    Attributes:
        x: Inputs, (b,) or (b, d); padding repeats a real point.
        y: Outputs, (b, m), whitened if there is a whitening matrix.
        weight: 1/σ of each output, (b, m), or what else the loss takes; 0 for padding.
        extent: What the reading needs to know of each point, (b, d), or None.
        whitening: (b, b) matrix that makes the residuals independent, or None.
    """

    x: Any
    y: Any
    weight: Any
    extent: Any = None
    whitening: Any = None

    def each(self, change: Callable[[Any], Any]) -> "Block":
        """The same with every array changed that belongs to points."""
        arrays = (None if array is None else change(array) for array in self[:4])
        x, y, weight, extent = arrays
        return Block(x, y, weight, extent, self.whitening)


def predict(model, reading: AbstractReading, values, block: Block):
    """What the loss compares with y, whitened where the data are."""
    prediction = reading.compared(model, values, block.x, block.y, block.weight, block.extent)
    return prediction if block.whitening is None else block.whitening @ prediction


def predict_with_jacobian(model, values, block: Block, reading: AbstractReading | None = None):
    """Predictions (b, m) and their derivatives (b, m, p), exact."""
    compared = functools.partial((reading or AtPoints()).compared, model)
    points = (block.x, block.y, block.weight, block.extent)
    if not model.is_pointwise:
        prediction = compared(values, *points)
        jacobian = jax.jacfwd(compared)(values, *points)
    else:

        def at_point(values, *point):
            one = [None if array is None else array[None] for array in point]
            return compared(values, *one)[0]

        axes = (None, 0, 0, 0, 0)
        if block.y.shape[1] == 1 and model.takes_numbers:

            def slopes_at(values, *point):
                numbers = tuple(values[i] for i in range(len(values)))
                return slopes(lambda *numbers: at_point(numbers, *point)[0], numbers)

            prediction, columns = jax.vmap(slopes_at, axes)(values, *points)
            prediction, jacobian = prediction[:, None], jnp.stack(columns, axis=-1)[:, None, :]
        elif block.y.shape[1] == 1:  # reverse mode at a point costs a few evaluations, not p
            gradient = jax.value_and_grad(lambda values, *point: at_point(values, *point)[0])
            prediction, jacobian = jax.vmap(gradient, axes)(values, *points)
            prediction, jacobian = prediction[:, None], jacobian[:, None, :]
        else:
            prediction = compared(values, *points)
            jacobian = jax.vmap(jax.jacrev(at_point), axes)(values, *points)
    if block.whitening is not None:
        prediction = block.whitening @ prediction
        jacobian = jnp.einsum("ab,bmp->amp", block.whitening, jacobian)
    return prediction, jacobian


def slopes(function: Callable, numbers: tuple):
    """A function of some numbers, and its derivatives by each, a tuple.

    Derivatives by a vector would be put together from zeros and one number each, at every point:
    that takes several times as long as the derivatives themselves.
    """
    return jax.value_and_grad(function, argnums=tuple(range(len(numbers))))(*numbers)


def value_of(model, loss, reading, values, block: Block):
    """−2 ln L of one block of data at one point."""
    prediction = predict(model, reading, values, block)
    return (jnp.sum(loss.pointwise(prediction, block.y, block.weight)),)


def reduce(model, loss, reading, values, block: Block):
    """Value, gradient (p,) and Gauss–Newton curvature (p, p) of one block of data."""
    if _is_summed_at_once(model, reading, values, block):
        return _sums_at_once(model, loss, reading, values, block)
    prediction, jacobian = predict_with_jacobian(model, values, block, reading)
    n_terms = prediction.size
    columns = jacobian.reshape(n_terms, -1)
    slope = loss.slope(prediction, block.y, block.weight).reshape(n_terms)
    root = jnp.sqrt(loss.curvature(prediction, block.y, block.weight)).reshape(n_terms)
    scaled = root[:, None] * columns
    value = jnp.sum(loss.pointwise(prediction, block.y, block.weight))
    return value, slope @ columns, scaled.T @ scaled


def _is_summed_at_once(model, reading: AbstractReading, values, block: Block) -> bool:
    """Whether all products of derivatives fit into registers, and belong to one point each."""
    is_single = model.is_pointwise and block.y.shape[1] == 1 and block.whitening is None
    is_small = len(values) <= MOST_AT_ONCE
    return is_single and is_small and model.takes_numbers and reading.is_plain


def _sums_at_once(model, loss, reading, values, block: Block):
    """What `reduce` gives, from one pass over the points that stores nothing of any of them."""
    p = len(values)
    numbers = tuple(values[i] for i in range(p))
    pairs = pairs_of(p)

    def terms(x, y, weight):
        one = x[None], y[None], weight[None]

        def predict(*numbers):
            return reading.compared(model, numbers, *one, None)[0, 0]

        prediction, columns = slopes(predict, numbers)
        at = prediction[None, None], *one[1:]
        value, slope, curvature = (
            part(*at)[0, 0] for part in (loss.pointwise, loss.slope, loss.curvature)
        )
        curved = [curvature * column for column in columns]
        products = [curved[i] * columns[j] for i, j in pairs]
        return (value, *(slope * column for column in columns), *products)

    found = added_up(jax.vmap(terms)(block.x, block.y, block.weight), axis=0)
    return found[0], jnp.stack(found[1 : 1 + p]), symmetric(found[1 + p :], p)


def pairs_of(k: int) -> list[tuple[int, int]]:
    """The pairs i <= j of k columns: the entries of a symmetric matrix, each once."""
    return [(i, j) for i in range(k) for j in range(i, k)]


def symmetric(entries: tuple, k: int):
    """The symmetric matrix, shape (k, k, …), of entries in the order of `pairs_of`."""
    found = dict(zip(pairs_of(k), entries, strict=True))
    return jnp.stack([jnp.stack([found[min(i, j), max(i, j)] for j in range(k)]) for i in range(k)])


def added_up(terms: tuple, axis: int) -> tuple:
    """Sums of several arrays of one shape along an axis, in one pass."""
    zeros = tuple(jnp.zeros(()) for _ in terms)
    add = operator.add
    return jax.lax.reduce(terms, zeros, lambda a, b: tuple(map(add, a, b)), (axis,))


def linearize(model, loss, reading, values, block: Block):
    """Residuals (r,) and Jacobian (r, p) of one block such that r² is −2 ln L for least squares.

    For another loss they are the working residuals of iteratively reweighted least squares.
    """
    prediction, jacobian = predict_with_jacobian(model, values, block, reading)
    n_terms = prediction.size
    slope = loss.slope(prediction, block.y, block.weight).reshape(n_terms)
    root = jnp.sqrt(loss.curvature(prediction, block.y, block.weight) / 2).reshape(n_terms)
    residuals = jnp.where(root > 0, slope / jnp.where(root > 0, 2 * root, 1.0), 0.0)
    return residuals, root[:, None] * jacobian.reshape(n_terms, -1)
