"""Units that are steps between two points: the step in the middle, no steeper than it must be.

A search that follows one outlying point makes a unit ever steeper, until no derivative sees it. Its
parameters then are what rounding made of them, often with the step on top of a point, where any
change of the layers before it would throw that point over the step.
"""

import numpy as np

from surefit.annotations import Float
from surefit.problem.base import AbstractProblem

# Change of −2 ln L, per degree of freedom, that counts as none: it moves the curve by a hundredth
# of its error.
NOTHING = 1e-4
# Distances that are tried, relative to a parameter, and how finely the last is then divided.
OFFSETS = 2.0 ** np.arange(-52, 41)
DIVISIONS, ROUNDS = 64, 2
# Factors by which steps are made less steep, all together.
FACTORS = 2.0 ** -np.arange(0, 60, 0.25)


def settle_saturated(
    problem: AbstractProblem,
    point: Float[np.ndarray, " q"],
    idle: np.ndarray,
    *,
    unit: float,
) -> Float[np.ndarray, " q"]:
    """Center parameters without derivative where they change nothing, and shrink them.

    Args:
        problem: The problem.
        point: A point near a minimum, shape (q,).
        idle: Mask of the parameters of which no derivative is seen, shape (q,).
        unit: −2 ln L per degree of freedom.

    Returns:
        The point, where −2 ln L is the same within a ten-thousandth of `unit`. Parameters that
        can go on for ever without a change stay as they are.
    """
    value, point = float(problem.value(point[None])[0]), point.copy()
    is_step = np.zeros_like(idle)
    for i in np.flatnonzero(idle).tolist():
        below, above = (_room(problem, point, i, sign, value, unit) for sign in (-1.0, 1.0))
        if np.isfinite(below + above):  # else a unit that is off at all points
            is_step[i] = True
            point[i] += (above - below) / 2
    if not is_step.any():
        return point
    rows = np.where(is_step, FACTORS[:, None] * point, point)
    n_same = _n_same(problem, rows, value, unit)
    return rows[n_same - 1] if n_same else point


def _room(
    problem: AbstractProblem, point: np.ndarray, i: int, sign: float, value: float, unit: float
) -> float:
    """How far a parameter can go before −2 ln L changes; inf if nothing in sight changes it."""
    offsets, lowest = np.abs(point[i] if point[i] != 0 else 1.0) * OFFSETS, 0.0
    direction = sign * np.eye(len(point))[i]
    for _ in range(ROUNDS + 1):
        n_same = _n_same(problem, point + offsets[:, None] * direction, value, unit)
        if n_same == len(offsets):
            return np.inf
        lowest = float(offsets[n_same - 1]) if n_same else 0.0
        offsets = np.linspace(lowest, offsets[n_same], DIVISIONS + 1)
    return lowest


def _n_same(problem: AbstractProblem, rows: np.ndarray, value: float, unit: float) -> int:
    """How many rows, from the first on, leave −2 ln L as it is."""
    is_same = np.abs(problem.value(rows) - value) <= NOTHING * unit
    return len(rows) if is_same.all() else int(np.argmin(is_same))
