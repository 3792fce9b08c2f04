"""The compiled inner loop: damped Gauss–Newton steps of a block of rows, each with its own data.

One pass over a row's points gives the matrix of moments [J r]ᵀ[J r]. Sweeping it on the linear
parameters (Goodnight 1979) leaves −2 ln L at their best, and the projected gradient and curvature
of the others (Golub and Pereyra 1973; Kaufman 1975), without another pass.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from surefit.many.states import EXACT, NEW, PREDICTED, REFRESH, Limits, Roles, RowStates, Tolerance
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
from surefit.problem.projected import NEGLIGIBLE

# Rows that step together, until the last of them is done: their derivatives stay in the cache.
TOGETHER = 32
# By how much at most one good step lowers the damping: a row that is close to its minimum should
# not wait for the damping to fade.
SHRINK = 0.1
# Damping beyond which a step no longer changes the point in float64.
STUCK = 1e16
# Share of −2 ln L that solving linear parameters leaves, below which it may be rounding.
DROWNED = 1e-8
# Relative increase of −2 ln L that is rounding.
ROUNDING = 1e-13


def completed(roles: Roles, held, point):
    """The model's full vector: free parameters from a point, the others as they are held."""
    return jnp.stack(with_held(roles, held, point))


def with_held(roles: Roles, held, numbers) -> tuple:
    """The model's parameters as numbers: free ones as given, the others as they are held."""
    values = [held[i] for i in range(held.shape[0])]
    for position, i in enumerate(roles.free):
        values[i] = numbers[position]
    return tuple(values)


def moments(model, roles: Roles, is_shared: bool, held, points, block: Block):
    """[J r]ᵀ[J r] of each row, shape (b, p + 1, p + 1).

    Args:
        model: The resolved model.
        roles: What is free.
        is_shared: Whether all rows have the same x.
        held: Full vector that gives the fixed values.
        points: Free parameters, shape (b, p).
        block: The rows' data.
    """
    everything = tuple(range(len(roles.free)))
    return _moments(model, roles, is_shared, held, points, block, everything)


def _moments(model, roles: Roles, is_shared: bool, held, points, block: Block, which):
    """The same for some of the free parameters, shape (b, k, k)."""
    x_axis, k = None if is_shared else 0, len(which) + 1
    if not model.is_pointwise or len(which) > MOST_AT_ONCE:
        columns = functools.partial(whitened, model, roles, held)
        both = jax.vmap(columns, (0, Block(x_axis, 0, 0)))(points, block)
        both = both[:, :, np.array([*which, len(roles.free)])]
        return jnp.einsum("bni,bnj->bij", both, both)
    at_point = functools.partial(_at_point, model, roles, held, which=which)
    over_points = jax.vmap(at_point, (None, 0, 0, 0))
    arrays = points, block.x, block.y[:, :, 0], block.weight[:, :, 0]
    columns = jax.vmap(over_points, (0, x_axis, 0, 0))(*arrays)
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


def sweep(matrix, pivot: int, least):
    """Sweep a batch of symmetric matrices on one pivot; left alone where that is negligible.

    Args:
        matrix: Shape (b, k, k).
        pivot: Which row and column.
        least: Smallest diagonal that counts, shape (b,).
    """
    diagonal = matrix[:, pivot, pivot]
    is_kept = diagonal > least
    inverse = jnp.where(is_kept, 1 / jnp.where(is_kept, diagonal, 1.0), 0.0)
    column = matrix[:, :, pivot]
    row = (matrix[:, pivot, :] * inverse[:, None]).at[:, pivot].set(0.0)
    rest = matrix - column[:, :, None] * row[:, None, :]
    rest = rest.at[:, pivot, :].set(row).at[:, :, pivot].set(-column * inverse[:, None])
    return rest.at[:, pivot, pivot].set(inverse)


def projected(matrix, roles: Roles, least: float = NEGLIGIBLE):
    """Sweep moments on the solved parameters, but for those that the others nearly make up.

    Args:
        matrix: Moments, shape (b, k, k).
        roles: What is solved.
        least: Share of a column, squared, that the others must leave of it.
    """
    before = matrix
    for pivot in roles.solved:
        matrix = sweep(matrix, pivot, least * before[:, pivot, pivot])
    return matrix


def projected_value(matrix, swept):
    """−2 ln L with solved parameters at their best; where they are, if that drowns in rounding.

    Args:
        matrix: Moments before the sweeps, shape (b, k, k).
        swept: And after them.
    """
    total, best = matrix[:, -1, -1], swept[:, -1, -1]
    return jnp.where(best >= DROWNED * total, best, total)


@functools.lru_cache(maxsize=KEPT)
def step_kernel(model: AbstractModel, roles: Roles, is_shared: bool) -> Callable:
    """The compiled loop (n_steps, tolerance, states, limits, block) → states.

    Args:
        model: The resolved model, of one output.
        roles: What is free, and what is solved.
        is_shared: Whether all rows have the same x.

    Returns:
        A function of: the most steps; when rows have converged; states of b rows, a multiple of
        `TOGETHER`; limits; and a block whose y and weight have the shape (b, n, 1), and x (n,) or
        (n, d) if shared, else with b in front.
    """
    evaluate = functools.partial(moments, model, roles, is_shared)
    begin = functools.partial(_begun, model, roles, is_shared)

    def run(n_steps, tolerance: Tolerance, states: RowStates, limits: Limits, block: Block):
        def some(piece):
            tolerance, states, x, y, weight = piece
            x = block.x if is_shared else x
            rows = Block(x, y, weight)
            states = begin(states, limits, rows)
            return _run(evaluate, roles, n_steps, tolerance, states, limits, rows)

        own_x = None if is_shared else block.x
        rows = (tolerance, states, own_x, block.y, block.weight)
        split = jax.tree.map(lambda a: a.reshape(-1, TOGETHER, *a.shape[1:]), rows)
        ended = jax.lax.map(some, split)
        return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), ended)

    return compiled(run)


def _begun(model, roles: Roles, is_shared: bool, states: RowStates, limits: Limits, block: Block):
    """New rows with their solved parameters at their best, which takes no other derivatives."""
    if not roles.solved:
        return states

    def solved(states: RowStates) -> RowStates:
        which, n = np.array(roles.solved), len(roles.solved)
        origin = states.point.at[:, which].set(0.0)
        matrix = _moments(model, roles, is_shared, limits.held, origin, block, roles.solved)
        best = projected(matrix, Roles(roles.free, tuple(range(n)), ()))[:, :n, n]
        is_new = (states.phase == NEW) & jnp.all(jnp.isfinite(best), axis=1)
        point = jnp.where(is_new[:, None], origin.at[:, which].set(-best), states.point)
        return states._replace(point=point, phase=jnp.where(is_new, REFRESH, states.phase))

    is_any = jnp.any((states.phase == NEW) & ~states.done)
    return jax.lax.cond(is_any, solved, lambda states: states, states)


def _run(evaluate, roles: Roles, n_steps, tolerance, states: RowStates, limits: Limits, block):
    """Steps until all rows are done."""

    def goes_on(carried):
        count, states = carried
        return (count < n_steps) & ~jnp.all(states.done)

    def step(carried):
        count, states = carried
        move = _move(states, roles, limits)
        trial = jnp.clip(states.point + move, limits.lower, limits.upper)
        matrix = evaluate(limits.held, trial, block)
        return count + 1, _judged(states, trial, matrix, roles, tolerance)

    return jax.lax.while_loop(goes_on, step, (0, states))[1]


def _move(states: RowStates, roles: Roles, limits: Limits):
    """The next trial's step: damped in the searched parameters, exact in the solved ones."""
    swept, p = states.swept, states.point.shape[1]
    searched = np.array(roles.searched, dtype=int)
    alone = -swept[:, :p, p].at[:, searched].set(0.0)
    point, slope = states.point[:, searched], swept[:, searched, p]
    lower, upper = limits.lower[searched], limits.upper[searched]
    pressed = ((point <= lower) & (slope > 0)) | ((point >= upper) & (slope < 0))
    # A parameter pressed against its limit is cut off from the others for this step.
    mask = jnp.ones((len(swept), p + 1)).at[:, searched].set(1.0 - pressed)
    matrix = swept * mask[:, :, None] * mask[:, None, :]
    for column, pivot in enumerate(roles.searched):
        extra = jnp.where(pressed[:, column], 1.0, states.damping * states.scale[:, column])
        matrix = matrix.at[:, pivot, pivot].add(extra)
        matrix = sweep(matrix, pivot, 0.0)
    both = jnp.where((states.phase >= PREDICTED)[:, None], -matrix[:, :p, p], alone)
    return jnp.where((states.phase == NEW)[:, None], 0.0, both)


def _judged(states: RowStates, trial, matrix, roles: Roles, tolerance) -> RowStates:
    """The states after a trial: accepted or not, with another damping."""
    p, swept = trial.shape[1], projected(matrix, roles)
    searched = np.array(roles.searched, dtype=int)
    move = (trial - states.point)[:, searched]
    old = states.swept
    curved = jnp.einsum("bi,bij,bj->b", move, old[:, searched][:, :, searched], move)
    promise = -2 * jnp.sum(old[:, searched, p] * move, axis=1) - curved
    value = projected_value(matrix, swept)
    gain = states.value - value
    is_step = states.phase >= PREDICTED
    is_finite = jnp.isfinite(value) & jnp.all(jnp.isfinite(swept), axis=(1, 2))
    good = is_finite & (~is_step | (gain >= -ROUNDING * states.value))
    accepted = good & ~states.done
    ratio = jnp.where(promise > 0, gain / jnp.where(promise > 0, promise, 1.0), 1.0)
    shrink = jnp.maximum(SHRINK, 1 - (2 * jnp.clip(ratio, 0, 1) - 1) ** 3)
    damping = states.damping * jnp.where(good, shrink, states.growth)
    small = (
        is_step
        & (promise <= tolerance.relative * states.value + tolerance.floor)
        & (states.damping <= 1)
    )
    phase = jnp.where(states.phase == NEW, REFRESH, jnp.where(states.phase == REFRESH, EXACT, 0))
    after = jnp.where(good, PREDICTED, jnp.where(states.phase == PREDICTED, REFRESH, EXACT))
    kept = jnp.where(accepted[:, None, None], swept, old)
    curvature = jnp.einsum("bii->bi", kept)[:, searched]
    stuck = (damping > STUCK) | (~is_step & ~good)
    return RowStates(
        point=jnp.where(accepted[:, None], trial, states.point),
        swept=kept,
        value=jnp.where(accepted, value, states.value),
        damping=jnp.where(is_step, damping, states.damping),
        growth=jnp.where(is_step, jnp.where(good, 2.0, states.growth * 2), states.growth),
        diagonal=jnp.where(
            accepted[:, None], jnp.einsum("bii->bi", matrix)[:, :p], states.diagonal
        ),
        scale=jnp.maximum(states.scale, curvature),
        phase=jnp.where(is_step, after, phase).astype(jnp.int32),
        promise=jnp.where(is_step & ~states.done, promise, states.promise),
        done=states.done | small | stuck,
        steps=states.steps + ~states.done,
    )
