"""Go downhill in many rows at once; rows that have finished leave the batch."""

import dataclasses
import itertools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from surefit.many.batch import Batch
from surefit.many.states import Limits, Roles, RowStates, Tolerance, new_states
from surefit.many.steps import TOGETHER, step_kernel
from surefit.models.base import AbstractModel
from surefit.precision import double_precision

# Starts of a chunk of rows, on average, that are worth a call of their own.
WORTH = 128
# Evaluations in one call after another; rows that have finished leave between them, and the others
# are put in order anew. A call costs as much as two evaluations.
STRIDES = (6, 6, 8, 16)
# Decrease of −2 ln L that is rounding, relative to that of no model at all.
ROUNDING = 1e-28


@dataclasses.dataclass(frozen=True, eq=False)
class RowProblem:
    """Least squares of one model in each row of a batch: what all rows have in common.

    Attributes:
        model: The resolved model.
        roles: Which parameters are free, solved, searched.
        limits: Values held, and limits.
    """

    model: AbstractModel
    roles: Roles
    limits: Limits

    @property
    def n_free(self) -> int:
        """Number of free parameters, p."""
        return len(self.roles.free)


def descend(
    problem: RowProblem,
    batch: Batch,
    which: np.ndarray,
    states: RowStates,
    *,
    steps: int,
    tolerance: np.ndarray | float,
    is_late: Callable[[], bool] = lambda: False,
) -> RowStates:
    """Go downhill from each start.

    Args:
        problem: What is fitted.
        batch: The data.
        which: Row of the batch for each start, shape (s,); rows may repeat.
        states: The starts, or where an earlier descent left them; s rows.
        steps: Most evaluations of each start.
        tolerance: Decrease of −2 ln L, relative to it, whose promise counts as convergence; one
            for all, or shape (s,).
        is_late: Whether to stop at once.

    Returns:
        Where the rows ended.
    """
    states = RowStates(*(np.array(array) for array in states))
    kernel = step_kernel(problem.model, problem.roles, batch.is_shared)
    limit = np.broadcast_to(np.asarray(tolerance, dtype=np.float64), len(which))
    most = batch.n_at_once

    def run(part: np.ndarray, n_steps: int) -> None:
        """A few steps of at most `n_at_once` starts, written back in place."""
        whole = np.concatenate([part, np.repeat(part[:1], most - len(part))])
        piece = RowStates(*(array[whole] for array in states))
        piece.done[len(part) :] = True
        rows = which[whole]
        number = rows[0] // most
        if np.all(rows // most == number):
            block, place = batch.chunk(int(number)), rows % most
        else:
            block, place = batch.block(rows), np.arange(most)
        enough = Tolerance(limit[whole], ROUNDING * batch.size[rows])
        found = kernel(n_steps, enough, piece, problem.limits, block, place)
        for array, new in zip(states, found, strict=True):
            array[part] = np.asarray(new)[: len(part)]

    left = steps
    for stride in itertools.chain(STRIDES, itertools.repeat(STRIDES[-1])):
        active = np.flatnonzero(~states.done)
        # Rows that promise as much are done at about the same time.
        active = active[np.argsort(-states.promise[active], kind="stable")]
        n_steps = min(stride, left)
        if not len(active) or not n_steps or is_late():
            return states
        parts = _parts(active, which[active] // most, most)
        in_threads(lambda part, n=n_steps: run(part, n), parts)
        left -= n_steps
    return states


def fresh(problem: RowProblem, points: np.ndarray) -> RowStates:
    """Starts that have not been evaluated, kept inside the limits."""
    limits = problem.limits
    points = np.clip(points, limits.lower, limits.upper)
    return new_states(points, len(problem.roles.searched))


def _parts(starts: np.ndarray, chunks: np.ndarray, most: int) -> list[np.ndarray]:
    """Cut starts into pieces, by the chunk that their rows are in unless few are left of each.

    Args:
        starts: What to cut.
        chunks: The chunk of each start.
        most: Length of the longest piece.
    """
    counts = np.bincount(chunks)
    if np.sum(counts > 0) == 1 or len(starts) < WORTH * np.sum(counts > 0):
        return evenly(starts, most)
    ordered = starts[np.argsort(chunks, kind="stable")]
    of_chunks = np.split(ordered, np.cumsum(counts)[:-1])
    pieces = [np.array_split(part, -(-len(part) // most)) for part in of_chunks if len(part)]
    return [piece for some in pieces for piece in some]


def evenly(rows: np.ndarray, most: int) -> list[np.ndarray]:
    """Cut rows into pieces of nearly equal length, at most so long, for all cores to have some."""
    n_pieces = -(-len(rows) // most)
    if len(rows) > TOGETHER:
        n_pieces = max(n_pieces, min(n_cores(), len(rows) // TOGETHER))
    return np.array_split(rows, n_pieces)


def in_threads(work: Callable[[Any], Any], parts: Iterable[Any]) -> list[Any]:
    """Do pieces of work on all cores; the results come in order.

    A compiled call and a matrix product each keep one core busy, and let others run meanwhile.
    """
    parts = list(parts)
    n_threads = min(len(parts), n_cores())
    if n_threads <= 1:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(double_precision(work), parts))


def n_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
