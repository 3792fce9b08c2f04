"""Train by a first-order rule: pick the units, run the epochs, keep the best, judge the end."""

import dataclasses
import time

import jax
import jax.numpy as jnp
import numpy as np

from surefit.exceptions import UnsuitableMinimizer
from surefit.minimizers.base import Budget, Minima, Report, Status
from surefit.minimizers.epochs import (
    AbstractRule,
    AbstractSchedule,
    Course,
    Progress,
    Variables,
    begin,
    run_epochs,
)
from surefit.minimizers.one_by_one import is_affordable, judge
from surefit.problem.base import AbstractProblem, Pure

# Steps in one compiled call: enough to make the call itself (0.1 ms) cheap, few enough that
# progress is seen and Ctrl-C answered.
STEPS_PER_CALL = 64
# Mini-batches by default: this size, or smaller for at least as many steps in an epoch.
BATCH, STEPS_PER_EPOCH = 128, 8
# Over `patience` epochs −2 ln L has to fall by this much, in units of its value per term.
PLATEAU = 0.1
# No unit of a nonlinear parameter exceeds its own value by more than this factor: where a model
# saturates, the curvature vanishes and says nothing about the parameter's size.
LARGEST_UNIT = 10.0


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to train with.

    Attributes:
        what: Name of the method, for the reports.
        rule: The first-order method.
        schedule: How the learning rate changes.
        learning_rate: Its largest value, in scaled variables.
        epochs: Passes through the data, or None for the budget's steps.
        batch_size: Points in one step, or None for a choice by the number of points.
        patience: Epochs without progress after which the plateau is acted upon.
        seed: Seed of the shuffles.
    """

    what: str
    rule: AbstractRule
    schedule: AbstractSchedule
    learning_rate: float
    epochs: int | None
    batch_size: int | None
    patience: int
    seed: int


def train(
    problem: AbstractProblem, points: np.ndarray, plan: Plan, budget: Budget, report: Report
) -> Minima:
    """Train all starts at once, on the same mini-batches.

    A plateau (see `Plan.patience`) ends a training at a constant learning rate; one with a
    learning rate that decays goes on with the second half of its decay, where the gain is.

    Args:
        problem: The problem.
        points: Starts, shape (s, q); those outside the limits are moved to them.
        plan: What to train with.
        budget: An epoch is one step.
        report: Called after every some steps.

    Returns:
        The best point met by each start when the whole of −2 ln L was looked at, which is after
        every compiled call.

    Raises:
        UnsuitableMinimizer: Mini-batches were asked for, but −2 ln L is not a sum over points.
    """
    reason = refusal(problem, plan.batch_size)
    if reason is not None:
        raise UnsuitableMinimizer(f"{plan.what}: {reason}")
    points = np.clip(np.array(points, dtype=np.float64), *problem.bounds)
    run = _Run(problem, points, plan, budget)
    stopped: Status | None = None
    try:
        stopped = run.epochs(report)
    except KeyboardInterrupt:
        stopped = Status.interrupted
    return run.minima(stopped)


def refusal(problem: AbstractProblem, batch_size: int | None) -> str | None:
    """Why a first-order method cannot do the problem, or None.

    Args:
        problem: The problem.
        batch_size: The size of mini-batches asked for, or None.
    """
    try:
        is_additive = problem.pure().is_additive
    except UnsuitableMinimizer:
        return (
            "its linear parameters are projected out, so that it has no gradient of its own for "
            "mini-batches; use LevenbergMarquardt(), or the full problem."
        )
    if batch_size is not None and not is_additive:
        return (
            "mini-batches need −2 ln L to be a sum over points, but the errors are correlated or "
            "the model looks at all points at once; use batch_size=None, or LBFGS()."
        )
    return None


class _Run:
    """One training: mutable, so that Ctrl-C finds the best so far."""

    def __init__(
        self, problem: AbstractProblem, points: np.ndarray, plan: Plan, budget: Budget
    ) -> None:
        self.problem, self.plan, self.budget = problem, plan, budget
        self.started = time.monotonic()
        self.best, self.done = points.copy(), 0
        self.value = np.asarray(problem.value(points), dtype=np.float64)
        self.started_finite = np.isfinite(self.value)
        self.pure = problem.pure()
        self.n_rows = len(jax.tree.leaves(self.pure.rows)[0])
        self.batch = _batch_size(plan.batch_size, self.pure, self.n_rows)
        # Starts are padded to a power of two, so that few batch shapes are ever compiled.
        self.n_padded = 1 << (len(points) - 1).bit_length() if len(points) else 0

    def epochs(self, report: Report) -> Status | None:
        """Run to the end; return what cut it short, if anything did."""
        if not self.started_finite.any():
            return None
        plan, budget = self.plan, self.budget
        total = budget.steps if plan.epochs is None else min(plan.epochs, budget.steps)
        steps = self.n_rows // self.batch
        chunk = _divisor(total, max(1, STEPS_PER_CALL // steps))
        points = self._padded(self.best)
        variables = _variables(self.problem, points)
        course = Course(plan.learning_rate, float(total * steps))
        progress = begin(
            plan.rule, jnp.asarray(points) / variables.scale, jax.random.key(plan.seed)
        )
        checked, at_check = 0, self.value.copy()
        while float(progress.done) < course.total:
            progress = self._advance(chunk, progress, variables, course)
            report(plan.what, float(np.min(self.value)))
            if budget.seconds is not None and time.monotonic() - self.started > budget.seconds:
                return Status.budget_exhausted
            if self.done - checked < plan.patience:
                continue
            if not self._has_gained(at_check):
                if not plan.schedule.decays:
                    return None
                half = jnp.asarray(course.total / 2)
                progress = progress._replace(done=jnp.maximum(progress.done, half))
            checked, at_check = self.done, self.value.copy()
        is_cut = plan.epochs is None or plan.epochs > budget.steps
        return Status.budget_exhausted if is_cut else None

    def minima(self, stopped: Status | None) -> Minima:
        """The best so far, each judged; `stopped` is what to say where it is no minimum."""
        status = []
        for point, is_finite in zip(self.best, self.started_finite, strict=True):
            if not is_finite:
                status.append(Status.not_finite)
            elif stopped is Status.interrupted:
                status.append(stopped)
            else:
                known = is_affordable(self.problem)
                end = judge(self.problem, point) if known else Status.not_stationary
                is_cut = end is Status.not_stationary and stopped is not None
                status.append(stopped if is_cut else end)
        steps = np.where(self.started_finite, self.done, 0)
        return Minima(self.best, self.value, tuple(status), steps)

    def _advance(
        self, chunk: int, progress: Progress, variables: Variables, course: Course
    ) -> Progress:
        """Some epochs, and a look at the whole of −2 ln L."""
        pure, plan = self.pure, self.plan
        progress = run_epochs(
            pure.function,
            plan.rule,
            plan.schedule,
            self.batch,
            chunk,
            progress,
            pure.rows,
            pure.constants,
            variables,
            course,
        )
        self.done += chunk
        reached = np.asarray(progress.scaled * variables.scale)[: len(self.best)]
        reached = np.clip(reached, *self.problem.bounds)
        value = self.problem.value(reached)
        better = (value < self.value) & self.started_finite
        self.best[better], self.value[better] = reached[better], value[better]
        return progress

    def _has_gained(self, before: np.ndarray) -> bool:
        """Whether any start has got lower by more than the plateau allows."""
        is_scaled = self.problem.is_least_squares
        unit = self.value / self.problem.n_terms if is_scaled else np.ones_like(self.value)
        finite = self.started_finite
        return bool(np.any(before[finite] - self.value[finite] > PLATEAU * unit[finite]))

    def _padded(self, points: np.ndarray) -> np.ndarray:
        """Starts filled up with copies; those that are not finite are replaced by a finite one."""
        finite = np.where(self.started_finite, np.arange(len(points)), -1)
        index = np.concatenate([finite, np.full(self.n_padded - len(points), -1)])
        return points[np.where(index >= 0, index, int(np.argmax(self.started_finite)))]


def _variables(problem: AbstractProblem, points: np.ndarray) -> Variables:
    """Units in which a change of one moves the prediction by about the size of the residuals."""
    lower, upper = problem.bounds
    if is_affordable(problem):
        reduced = problem.reduce(points)
        scale = _units(problem, points, reduced.value, np.einsum("sii->si", reduced.curvature))
        scaled = reduced.curvature * scale[:, :, None] * scale[:, None, :]
        largest = np.linalg.eigvalsh(scaled)[:, -1]
        weight = 1 / np.where(largest > 0, largest, 1.0)
    else:  # weights of large networks are of order one
        scale, value = np.ones_like(points), problem.value(points)
        weight = 1 / np.where(value > 0, value, 1.0)
    return Variables(*(jnp.asarray(a) for a in (scale, weight, lower / scale, upper / scale)))


def _units(
    problem: AbstractProblem, points: np.ndarray, value: np.ndarray, diagonal: np.ndarray
) -> np.ndarray:
    """√(2 f/H) for each parameter, kept near its own size where the model is not linear in it."""
    lower, upper = problem.bounds
    total = value if problem.is_least_squares else np.full_like(value, float(problem.n_terms))
    magnitude = np.where(points != 0, np.abs(points), 1.0)
    curved = diagonal > 0
    unit = np.sqrt(2 * total[:, None] / np.where(curved, diagonal, 1.0))
    unit = np.where(curved & (unit > 0), unit, magnitude)
    nonlinear = ~problem.linear & (points != 0)
    unit = np.where(nonlinear, np.minimum(unit, LARGEST_UNIT * magnitude), unit)
    width = upper - lower
    return np.where(np.isfinite(width) & (width > 0), np.minimum(unit, width), unit)


def _batch_size(wished: int | None, pure: Pure, n_rows: int) -> int:
    if wished is not None:
        return min(wished, n_rows)
    if not pure.is_additive:
        return n_rows
    return max(min(BATCH, n_rows // STEPS_PER_EPOCH), 1)


def _divisor(total: int, most: int) -> int:
    """The largest divisor of a number up to a limit: all compiled calls get the same length."""
    return next(d for d in range(min(most, total), 0, -1) if total % d == 0)
