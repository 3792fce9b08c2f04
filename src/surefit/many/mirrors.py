"""Searched parameters whose sign does not matter: all rows report the same one.

A width that enters as its square comes out with either sign; a table of ten thousand needs one.
"""

import numpy as np

from surefit.many.batch import Batch
from surefit.many.descent import RowProblem, descend, fresh
from surefit.many.states import RowStates

# Rows on which a symmetry is tried, and relative differences that are rounding.
TRIED = 64
SAME_VALUE = 1e-9
SAME_SOLVED = 1e-5


def with_positive_signs(problem: RowProblem, batch: Batch, states: RowStates) -> None:
    """Turn to positive, in all rows, the parameters whose sign does not change the function.

    Args:
        problem: What was fitted.
        batch: The data.
        states: The minima; points and moments are changed in place.
    """
    limits = problem.limits
    rows = np.flatnonzero(np.isfinite(states.value) & states.done)[:TRIED]
    for position in problem.roles.searched:
        is_limited = np.isfinite(limits.lower[position]) or np.isfinite(limits.upper[position])
        negative = states.point[:, position] < 0
        if is_limited or not len(rows) or not negative.any():
            continue
        signs = _signs(problem, batch, states, rows, position)
        if signs is None:
            continue
        states.point[negative] *= signs
        both = np.append(signs, 1.0)
        states.swept[negative] *= both[:, None] * both


def _signs(
    problem: RowProblem, batch: Batch, states: RowStates, rows: np.ndarray, position: int
) -> np.ndarray | None:
    """Signs of all free parameters that go with a change of one; None if it is no symmetry."""
    trial = states.point[rows].copy()
    trial[:, position] *= -1
    found = descend(problem, batch, rows, fresh(problem, trial), steps=2, tolerance=0.0)
    value = states.value[rows]
    if not np.all(np.abs(found.value - value) <= SAME_VALUE * value):
        return None
    signs = np.ones(problem.n_free)
    signs[position] = -1
    for solved in problem.roles.solved:
        before, after = states.point[rows, solved], found.point[:, solved]
        size = SAME_SOLVED * np.abs(before)
        if np.all(np.abs(after - before) <= size):
            continue
        if not np.all(np.abs(after + before) <= size):
            return None
        signs[solved] = -1
    return signs
