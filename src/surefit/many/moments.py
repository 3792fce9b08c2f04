"""Sums over the points of each row of a block: what its derivatives and residuals multiply to."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from surefit.many.states import Roles
from surefit.models.base import AbstractModel
from surefit.problem.compilation import compiled
from surefit.problem.derivatives import (
    MOST_AT_ONCE,
    Block,
    added_up,
    pairs_of,
    predict_with_jacobian,
    slopes,
    symmetric,
)
from surefit.problem.kernels import KEPT


def completed(roles: Roles, held, point):
    """The model's full vector: free parameters from a point, the others as they are held."""
    return jnp.stack(with_held(roles, held, point))


def with_held(roles: Roles, held, numbers) -> tuple:
    """The model's parameters as numbers: free ones as given, the others as they are held."""
    values = [held[i] for i in range(held.shape[0])]
    for position, i in enumerate(roles.free):
        values[i] = numbers[position]
    return tuple(values)


def moments(
    model: AbstractModel,
    roles: Roles,
    is_shared: bool,
    held,
    points,
    block: Block,
    which: tuple[int, ...] | None = None,
):
    """[J r]ᵀ[J r] of each row, by some of the free parameters.

    Args:
        model: The resolved model, of one output.
        roles: What is free.
        is_shared: Whether all rows have the same x.
        held: Full vector that gives the fixed values.
        points: Free parameters, shape (p, b).
        block: The rows' data, with b in front.
        which: Positions among the free parameters, k of them; all if None.

    Returns:
        Shape (k + 1, k + 1, b): rows are last, to be next to each other in memory.
    """
    which = tuple(range(len(roles.free))) if which is None else which
    x_axis, k = None if is_shared else 0, len(which) + 1
    if not model.is_pointwise or len(which) > MOST_AT_ONCE:
        columns = functools.partial(whitened, model, roles, held)
        both = jax.vmap(columns, (1, Block(x_axis, 0, 0)))(points, block)
        both = both[:, :, np.array([*which, len(roles.free)])]
        return jnp.moveaxis(jnp.einsum("bni,bnj->bij", both, both), 0, -1)
    at_point = functools.partial(_at_point, model, roles, held, which=which)
    over_points = jax.vmap(at_point, (None, 0, 0, 0))
    arrays = points, block.x, block.y[:, :, 0], block.weight[:, :, 0]
    columns = jax.vmap(over_points, (1, x_axis, 0, 0))(*arrays)
    return symmetric(added_up(tuple(columns[i] * columns[j] for i, j in pairs_of(k)), axis=1), k)


def _at_point(model, roles: Roles, held, point, x, y, weight, *, which: tuple[int, ...]):
    """Whitened derivatives by some free parameters, and the residual, at one point of one row."""

    def predict(*numbers):
        free = [point[i] for i in range(len(roles.free))]
        for i, number in zip(which, numbers, strict=True):
            free[i] = number
        values = with_held(roles, held, free)
        values = values if model.takes_numbers else jnp.stack(values)
        return model.evaluate(values, x[None])[0, 0]

    prediction, columns = slopes(predict, tuple(point[i] for i in which))
    return (*(column * weight for column in columns), (prediction - y) * weight)


def whitened(model, roles: Roles, held, point, block: Block):
    """Whitened Jacobian and residuals of one row, [J r], shape (n, p + 1)."""
    values = completed(roles, held, point)
    prediction, jacobian = predict_with_jacobian(model, values, block)
    residuals = (prediction - block.y) * block.weight
    columns = jacobian[:, 0, :][:, np.array(roles.free)] * block.weight
    return jnp.concatenate([columns, residuals], axis=1)


@functools.lru_cache(maxsize=KEPT)
def jacobian_kernel(model: AbstractModel, roles: Roles, is_shared: bool) -> Callable:
    """Compiled: (held, one point (p,), block of b rows) → [J r] of each row, (b, n, p + 1)."""
    axes = Block(None if is_shared else 0, 0, 0)
    return compiled(jax.vmap(functools.partial(whitened, model, roles), (None, None, axes)))
