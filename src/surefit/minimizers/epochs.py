"""Epochs of first-order descent inside one compiled call: shuffled mini-batches, many starts."""

import abc
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax


class AbstractRule(abc.ABC):
    """How a first-order method turns gradients into steps; frozen, to be a compilation key."""

    @abc.abstractmethod
    def transform(self) -> optax.GradientTransformation:
        """The optax transformation for a learning rate of one."""


class AbstractSchedule(abc.ABC):
    """How the learning rate changes during training; frozen, to be a compilation key."""

    @abc.abstractmethod
    def factor(self, fraction) -> Any:
        """Factor on the learning rate.

        Args:
            fraction: Part of the training that is done, between 0 and 1; a JAX scalar.
        """

    @property
    @abc.abstractmethod
    def decays(self) -> bool:
        """Whether the learning rate ends at (nearly) nothing."""


class Variables(NamedTuple):
    """The scaled variables z = x / scale of each start, and what scales and limits them.

    Attributes:
        scale: Unit of each parameter, (s, q).
        weight: Factor on −2 ln L, (s,), that brings its curvature in z to about one.
        lower: Lower limits of z, (s, q).
        upper: Upper limits of z, (s, q).
    """

    scale: Any
    weight: Any
    lower: Any
    upper: Any


class Progress(NamedTuple):
    """The state of a training.

    Attributes:
        scaled: z, (s, q).
        memory: What the rule remembers, for each start.
        done: Steps taken.
        key: The key of the next shuffle.
    """

    scaled: Any
    memory: Any
    done: Any
    key: Any


class Course(NamedTuple):
    """The pace of a training, which may change without compiling anew.

    Attributes:
        learning_rate: The largest learning rate, in units of the scaled variables.
        total: Number of steps over which the schedule runs.
    """

    learning_rate: Any
    total: Any


@functools.partial(jax.jit, static_argnames=("rule",))
def begin(rule: AbstractRule, scaled, key) -> Progress:
    """The state before the first step."""
    return Progress(scaled, jax.vmap(rule.transform().init)(scaled), jnp.asarray(0.0), key)


@functools.partial(
    jax.jit, static_argnames=("function", "rule", "schedule", "batch_size", "n_epochs")
)
def run_epochs(
    function, rule, schedule, batch_size, n_epochs, progress, rows, constants, variables, course
) -> Progress:
    """Train for some epochs.

    Args:
        function: −2 ln L of rows at one point.
        rule: The first-order method.
        schedule: How the learning rate changes.
        batch_size: Rows in one step. The rows left over at the end of an epoch are others in
            each epoch, as all are shuffled anew.
        n_epochs: Number of epochs.
        progress: Where to begin.
        rows: The data, points along the first axis of each leaf.
        constants: Arrays of the function that belong to no point.
        variables: Scales and limits of the variables.
        course: The pace.

    Returns:
        Where it ended. A step whose gradient is not finite is left out.
    """
    n_rows = len(jax.tree.leaves(rows)[0])
    n_steps = n_rows // batch_size
    transform = rule.transform()

    def step_of_one(scaled, memory, units, rate, batch):
        def mean(scaled):  # an unbiased estimate of the whole sum, in units of the weight
            factor = units.weight * n_rows / batch_size
            return function(scaled * units.scale, batch, constants) * factor

        gradient = jax.grad(mean)(scaled)
        update, new = transform.update(gradient, memory, scaled)
        moved = jnp.clip(scaled + rate * update, units.lower, units.upper)
        is_good = jnp.isfinite(gradient).all() & jnp.isfinite(moved).all()
        keep = functools.partial(jnp.where, is_good)
        return keep(moved, scaled), jax.tree.map(keep, new, memory)

    def step(progress, batch):
        rate = course.learning_rate * schedule.factor(progress.done / course.total)
        each = jax.vmap(step_of_one, in_axes=(0, 0, 0, None, None))
        scaled, memory = each(progress.scaled, progress.memory, variables, rate, batch)
        return Progress(scaled, memory, progress.done + 1, progress.key), None

    def epoch(progress, _):
        key, own = jax.random.split(progress.key)
        if n_steps == 1 and batch_size == n_rows:
            return step(progress._replace(key=key), rows)[0], None
        order = jax.random.permutation(own, n_rows)[: n_steps * batch_size]
        batches = jax.tree.map(
            lambda leaf: leaf[order].reshape(n_steps, batch_size, *leaf.shape[1:]), rows
        )
        return jax.lax.scan(step, progress._replace(key=key), batches)[0], None

    return jax.lax.scan(epoch, progress, None, length=n_epochs)[0]
