"""The compiled inner loops: sums over blocks of points for many parameter vectors at once.

Kernels hold model and loss, data are arguments: a second fit of the same model, to data of any
length, compiles nothing where the model is pointwise.
"""

import dataclasses
import enum
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from surefit.data.reading import AbstractReading, AtPoints
from surefit.problem.compilation import compiled
from surefit.problem.derivatives import Block, linearize, predict, reduce, value_of

# Models whose compiled kernels are kept; a kernel takes some megabytes.
KEPT = 128
# Pairs of (parameter vector, tile) that a kernel works on together: their columns stay in the
# cache. A call costs as much as these, so that it goes through several such chunks.
CHUNK = 16


class Sharing(enum.Enum):
    """What the parameter vectors of one compiled call share of the data."""

    none = "Each meets a tile of its own."
    all = "All meet the same points, which cannot be cut."
    all_but_outputs = "All meet the same points, which cannot be cut, with outputs of their own."


@dataclasses.dataclass(frozen=True)
class Total:
    """−2 ln L of a block as a function that hashes by value, to be a key of compiled loops.

    Attributes:
        model: The resolved model.
        loss: The loss.
        reading: How points are compared with the curve.
    """

    model: Any
    loss: Any
    reading: AbstractReading = dataclasses.field(default_factory=AtPoints)

    def __call__(self, point, rows: Block, whitening):
        """−2 ln L of these rows at one point, whitened by a matrix unless that is None."""
        prediction = predict(self.model, self.reading, point, rows._replace(whitening=whitening))
        return jnp.sum(self.loss.pointwise(prediction, rows.y, rows.weight))


@dataclasses.dataclass(frozen=True, eq=False)
class Kernels:
    """Compiled functions (parameter vectors (k, p), block or k blocks) → arrays of first axis k.

    Get them from `kernels_for`: each keeps what has been compiled for it. Where each vector meets
    a tile of its own, `value` and `reduce` take a third argument: how many chunks of the k, from
    the first on, are wanted; what they return of the others is zero.

    Attributes:
        value: −2 ln L, a tuple of one array (k,).
        reduce: Value (k,), gradient (k, p) and Gauss–Newton curvature (k, p, p).
        linearize: Residuals (k, r) and Jacobian (k, r, p).
    """

    value: Callable
    reduce: Callable
    linearize: Callable


@functools.lru_cache(maxsize=KEPT)
def kernels_for(model, loss, reading: AbstractReading, sharing: Sharing) -> Kernels:
    """The kernels of a model and a loss, made once for equal ones.

    A bound function is cheaper to call than one with the model as a static argument, whose hash
    would be computed at each call.

    Args:
        model: The resolved model.
        loss: The loss.
        reading: How points are compared with the curve.
        sharing: What the parameter vectors of a call share of the data.
    """

    def kernel(function: Callable) -> Callable:
        bound = functools.partial(function, model, loss, reading)
        if sharing is Sharing.none:
            return compiled(jax.vmap(bound) if function is linearize else _in_chunks(bound))
        # One vector after another: a batch of convolutions is compiled into something many times
        # slower than as many single ones.
        if sharing is Sharing.all:

            def each(points, block: Block):
                return jax.lax.map(lambda one: bound(one, block), points)

            return compiled(each)
        return compiled(
            lambda points, block: jax.lax.map(
                lambda one: bound(one[0], block._replace(y=one[1])), (points, block.y)
            )
        )

    functions = (value_of, reduce, linearize)
    return Kernels(*(kernel(function) for function in functions))


def _in_chunks(function: Callable) -> Callable:
    """(vectors (k, p), block of k tiles, number of chunks) → a function's results, in a loop."""
    together = jax.jit(jax.vmap(function))  # so that it is traced once for shapes and values

    def chunked(points, block: Block, n_chunks):
        size = min(len(points), CHUNK)

        def results(i):
            cut = functools.partial(
                jax.lax.dynamic_slice_in_dim, start_index=i * size, slice_size=size
            )
            return together(cut(points), block.each(cut))

        def step(i, filled):
            return tuple(
                jax.lax.dynamic_update_slice_in_dim(whole, part, i * size, 0)
                for whole, part in zip(filled, results(i), strict=True)
            )

        shapes = [(len(points), *part.shape[1:]) for part in jax.eval_shape(results, 0)]
        return jax.lax.fori_loop(0, n_chunks, step, tuple(jnp.zeros(shape) for shape in shapes))

    return chunked
