"""The compiled inner loop: damped Gauss–Newton steps of many rows, each with its own data.

A few rows step together, for their derivatives to stay in the cache, until the last of them is
done. Inside the loop rows are the last axis, next to each other in memory.
"""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from surefit.many.moments import moments
from surefit.many.states import EXACT, NEW, PREDICTED, REFRESH, Limits, Roles, RowStates, Tolerance
from surefit.many.sweeps import projected, projected_value, sweep
from surefit.models.base import AbstractModel
from surefit.problem.compilation import compiled
from surefit.problem.derivatives import Block
from surefit.problem.kernels import KEPT

# Rows that step together.
TOGETHER = 64
# By how much at most one good step lowers the damping: a row that is close to its minimum should
# not wait for the damping to fade.
SHRINK = 0.1
# Damping beyond which a step no longer changes the point in float64.
STUCK = 1e16
# Damping up to which what a step promises says how far the minimum is.
SLIGHT = 1.0
# Relative increase of −2 ln L that is rounding.
ROUNDING = 1e-13


@functools.lru_cache(maxsize=KEPT)
def step_kernel(model: AbstractModel, roles: Roles, is_shared: bool) -> Callable:
    """The compiled loop (n_steps, tolerance, states, limits, block, place) → states.

    Args:
        model: The resolved model, of one output.
        roles: What is free, and what is solved.
        is_shared: Whether all rows have the same x.

    Returns:
        A function of: the most steps; when rows have converged; states of b rows, a multiple of
        `TOGETHER`, those that are done last; limits; a block whose y and weight have the shape
        (B, n, 1), and x (n,) or (n, d) if shared, else with B in front; and which of its rows each
        state is of, (b,).
    """
    evaluate = functools.partial(moments, model, roles, is_shared)

    def run(n_steps, tolerance: Tolerance, states: RowStates, limits: Limits, block: Block, place):
        def piece_of(i, states: RowStates) -> RowStates:
            """Steps of a few rows, put in their place."""
            begin = i * TOGETHER
            cut = functools.partial(
                jax.lax.dynamic_slice_in_dim, start_index=begin, slice_size=TOGETHER
            )
            rows = cut(place)
            x = block.x if is_shared else block.x[rows]
            own = Block(x, block.y[rows], block.weight[rows])
            at = functools.partial(evaluate, limits.held, block=own)
            enough = Tolerance(*(cut(array) for array in tolerance))
            piece = _begun(at, roles, RowStates(*(cut(array, axis=-1) for array in states)))
            piece = _stepped(at, roles, n_steps, enough, piece, limits)
            put = jax.lax.dynamic_update_slice_in_dim
            pairs = zip(states, piece, strict=True)
            return RowStates(*(put(array, new, begin, axis=-1) for array, new in pairs))

        last = RowStates(*(jnp.moveaxis(array, 0, -1) for array in states))
        n_pieces = -(-jnp.sum(~states.done) // TOGETHER)
        ended = jax.lax.fori_loop(0, n_pieces, piece_of, last)
        return RowStates(*(jnp.moveaxis(array, -1, 0) for array in ended))

    return compiled(run)


def _begun(evaluate, roles: Roles, states: RowStates) -> RowStates:
    """New rows with their solved parameters at their best, which takes no other derivatives."""
    if not roles.solved:
        return states

    def solved(states: RowStates) -> RowStates:
        n = len(roles.solved)
        origin = _with(states.point, roles.solved, jnp.zeros((n, states.point.shape[1])))
        matrix = evaluate(origin, which=roles.solved)
        best = projected(matrix, Roles(roles.free, tuple(range(n)), ()))[:n, n]
        is_new = (states.phase == NEW) & jnp.all(jnp.isfinite(best), axis=0)
        point = jnp.where(is_new, _with(states.point, roles.solved, -best), states.point)
        return states._replace(point=point, phase=jnp.where(is_new, REFRESH, states.phase))

    is_any = jnp.any((states.phase == NEW) & ~states.done)
    return jax.lax.cond(is_any, solved, lambda states: states, states)


def _with(point, which: tuple[int, ...], values):
    """A point with other values of some parameters."""
    rows = list(point)
    for position, value in zip(which, values, strict=True):
        rows[position] = value
    return jnp.stack(rows)


def _stepped(evaluate, roles: Roles, n_steps, tolerance, states: RowStates, limits: Limits):
    """Steps until all rows are done."""

    def goes_on(carried):
        count, states, _ = carried
        return (count < n_steps) & ~jnp.all(states.done)

    def step(carried):
        count, states, trial = carried
        states = _judged(states, trial, evaluate(trial), roles)
        return count + 1, *_next(states, roles, tolerance, limits)

    return jax.lax.while_loop(goes_on, step, (0, *_next(states, roles, tolerance, limits)))[1]


def _next(states: RowStates, roles: Roles, tolerance: Tolerance, limits: Limits):
    """The states with what the next step promises, and its trial; done where that is too little."""
    move = _searched_move(states, roles, limits)
    searched, p = np.array(roles.searched, dtype=int), len(states.point)
    slope, curvature = states.swept[searched, p], states.swept[searched][:, searched]
    is_step = states.phase >= PREDICTED
    curved = jnp.sum(move * jnp.sum(curvature * move[None], axis=1), axis=0)
    promise = jnp.where(is_step, -2 * jnp.sum(slope * move, axis=0) - curved, states.promise)
    small = is_step & (promise <= tolerance.relative * states.value + tolerance.floor)
    changes = dict(zip(roles.searched, move, strict=True))
    for position in roles.solved:
        row = states.swept[position]
        change = row[p] + sum(row[i] * move[k] for k, i in enumerate(roles.searched))
        changes[position] = jnp.where(states.phase == NEW, 0.0, -change)
    trial = states.point + jnp.stack([changes[i] for i in range(p)])
    states = states._replace(
        promise=jnp.where(states.done, states.promise, promise),
        done=states.done | (small & (states.damping <= SLIGHT)),
    )
    return states, trial


def _searched_move(states: RowStates, roles: Roles, limits: Limits):
    """The damped step of the searched parameters within their limits, shape (q, b)."""
    searched, q = np.array(roles.searched, dtype=int), len(roles.searched)
    with_slope = np.append(searched, len(states.point))
    matrix, point = states.swept[with_slope][:, with_slope], states.point[searched]
    lower, upper = limits.lower[searched][:, None], limits.upper[searched][:, None]
    slope = matrix[:q, q]
    pressed = ((point <= lower) & (slope > 0)) | ((point >= upper) & (slope < 0))
    # A parameter pressed against its limit is cut off from the others for this step.
    kept = jnp.concatenate([~pressed, jnp.ones((1, pressed.shape[1]), dtype=bool)])
    matrix = jnp.where(kept[:, None] & kept[None], matrix, 0.0)
    extra = jnp.where(pressed, 1.0, states.damping * states.scale)
    for pivot in range(q):
        matrix = matrix.at[pivot, pivot].add(extra[pivot])
        matrix = sweep(matrix, pivot, 0.0)
    move = jnp.where(states.phase >= PREDICTED, -matrix[:q, q], 0.0)
    return jnp.clip(point + move, lower, upper) - point


def _judged(states: RowStates, trial, matrix, roles: Roles) -> RowStates:
    """The states after a trial: accepted or not, with another damping."""
    p, swept = len(trial), projected(matrix, roles)
    searched = np.array(roles.searched, dtype=int)
    value = projected_value(matrix, swept)
    gain = states.value - value
    is_step = states.phase >= PREDICTED
    is_finite = jnp.isfinite(value) & jnp.isfinite(jnp.sum(swept, axis=(0, 1)))
    good = is_finite & (~is_step | (gain >= -ROUNDING * states.value))
    accepted = good & ~states.done
    promise = states.promise
    ratio = jnp.where(promise > 0, gain / jnp.where(promise > 0, promise, 1.0), 1.0)
    shrink = jnp.maximum(SHRINK, 1 - (2 * jnp.clip(ratio, 0, 1) - 1) ** 3)
    damping = states.damping * jnp.where(good, shrink, states.growth)
    phase = jnp.where(states.phase == NEW, REFRESH, jnp.where(states.phase == REFRESH, EXACT, 0))
    after = jnp.where(good, PREDICTED, jnp.where(states.phase == PREDICTED, REFRESH, EXACT))
    kept = jnp.where(accepted, swept, states.swept)
    stuck = (damping > STUCK) | (~is_step & ~good)
    return RowStates(
        point=jnp.where(accepted, trial, states.point),
        swept=kept,
        value=jnp.where(accepted, value, states.value),
        damping=jnp.where(is_step, damping, states.damping),
        growth=jnp.where(is_step, jnp.where(good, 2.0, states.growth * 2), states.growth),
        diagonal=jnp.where(accepted, _diagonal(matrix)[:p], states.diagonal),
        scale=jnp.maximum(states.scale, _diagonal(kept)[searched]),
        phase=jnp.where(is_step, after, phase).astype(jnp.int32),
        promise=promise,
        done=states.done | stuck,
        steps=states.steps + ~states.done,
    )


def _diagonal(matrix):
    """Diagonals of matrices (k, k, b), shape (k, b)."""
    return matrix[np.arange(len(matrix)), np.arange(len(matrix))]
