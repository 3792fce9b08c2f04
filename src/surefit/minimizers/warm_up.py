"""A short training of many starts at once, for a search that then picks among them."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from surefit.annotations import Float
from surefit.problem.base import AbstractProblem

LEARNING_RATE = 0.03
# Rows of data in one step: few for little data, whose noise helps to leave bad regions.
FEW_ROWS, MANY_ROWS, MANY = 32, 128, 2000


def warm_up(
    problem: AbstractProblem, points: Float[np.ndarray, "s q"], *, steps: int, seed: int
) -> Float[np.ndarray, "s q"]:
    """Train each start by Adam on random mini-batches, with a learning rate that falls to 0.

    Nothing is judged and no scale is looked for: parameters have to be of order one, as those of a
    network on standardized data are. For more, see `surefit.minimizers.first_order.Adam`.

    Args:
        problem: A problem that is one JAX function.
        points: Starts.
        steps: Mini-batches.
        seed: Seed of the choice of mini-batches.

    Returns:
        Where the trainings ended; a start whose training left the finite numbers is unchanged.
    """
    pure, value = problem.pure(), problem.value(points)
    n_rows = len(jax.tree.leaves(pure.rows)[0])
    batch = MANY_ROWS if n_rows >= MANY else FEW_ROWS
    batch = min(batch, n_rows) if pure.is_additive else 0
    finite = np.isfinite(value) & (value > 0)
    weight = 1 / np.where(finite, value, 1.0)
    keys = jax.random.split(jax.random.key(seed), len(points))
    ended = np.asarray(
        _train(
            pure.function,
            steps,
            batch,
            jnp.asarray(points),
            jnp.asarray(weight),
            keys,
            pure.rows,
            pure.constants,
        )
    )
    ended = np.clip(ended, *problem.bounds)
    return np.where(np.isfinite(ended).all(axis=1, keepdims=True), ended, points)


@functools.partial(jax.jit, static_argnames=("function", "steps", "batch"))
def _train(function, steps: int, batch: int, points, weights, keys, rows, constants):
    """All trainings; `batch` rows a step, or all for 0."""
    import optax  # slow to import, and used for deep networks only

    rule = optax.adam(optax.cosine_decay_schedule(LEARNING_RATE, steps))
    n_rows = len(jax.tree.leaves(rows)[0])

    def one(point, weight, key):
        def step(carry, key):
            point, state = carry
            some = rows
            if batch:
                chosen = jax.random.randint(key, (batch,), 0, n_rows)
                some = jax.tree.map(lambda leaf: leaf[chosen], rows)
            slope = jax.grad(lambda point: weight * function(point, some, constants))(point)
            update, state = rule.update(slope, state)
            return (optax.apply_updates(point, update), state), None

        return jax.lax.scan(step, (point, rule.init(point)), jax.random.split(key, steps))[0][0]

    return jax.vmap(one)(points, weights, keys)
