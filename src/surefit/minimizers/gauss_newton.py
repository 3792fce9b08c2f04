"""The last digits: undamped Gauss–Newton steps by QR, and the check that a point is a minimum."""

import dataclasses

import numpy as np

from surefit.minimizers.closed_form import solve_triangular
from surefit.problem.base import AbstractProblem

# Expected decrease of −2 ln L, in units of its value per degree of freedom, at which a point
# counts as the minimum: a hundredth of what MIGRAD asks for at its default tolerance.
EDM_LIMIT = 2e-5
# Rounding of −2 ln L, in units of the square root of it times the length of the prediction, and by
# how much a step must reduce the promise of the next to count as gaining digits when −2 ln L, flat
# to within that, says nothing.
ROUNDING = 1e-14
GAINING = 0.9
# Rounding of each residual, in units of the typical prediction: a few operations' worth.
RESIDUAL_ROUNDING = 16 * np.finfo(float).eps
# Promise at which nothing is left to gain: the step is a 1e-10th of an error.
FINAL = 1e-20
# Steps by extrapolation where plain ones hardly gain, and earlier steps that each looks at.
ACCELERATED, MEMORY = 40, 6
# Part of a step below which it is not shortened further.
SHORTEST = 1 / 200


@dataclasses.dataclass(frozen=True, eq=False)
class Polish:
    """A point after polishing.

    Attributes:
        point: The point, shape (q,).
        value: −2 ln L there.
        edm: Decrease of −2 ln L that a further Gauss–Newton step promises, over the parameters
            not held at a limit, in units of −2 ln L per degree of freedom.
        rank: Number of parameter combinations that the data determine there.
        at_bound: Mask of parameters at one of their limits.
    """

    point: np.ndarray
    value: float
    edm: float
    rank: int
    at_bound: np.ndarray

    @property
    def is_stationary(self) -> bool:
        """Whether the point is a minimum to within the limit on `edm`."""
        return bool(np.isfinite(self.edm) and self.edm <= EDM_LIMIT)


def polish(
    problem: AbstractProblem, point: np.ndarray, *, steps: int = 30, least: float | None = None
) -> Polish:
    """Take full Gauss–Newton steps while they help, halving one that does not.

    From anywhere near a minimum it gains most digits that double precision allows, as the
    triangular factor carries twice the digits of the normal equations.

    Args:
        problem: A problem whose loss is, or is locally replaced by, a sum of squares.
        point: Where to begin, shape (q,).
        steps: Most steps.
        least: Relative size of the singular values of the scaled Jacobian that count; by default
            what exceeds rounding. Neither steps nor their promise go along the others.

    Returns:
        The polished point; never worse than the start.
    """
    lower, upper = problem.bounds
    point = np.clip(point, lower, upper)
    value = float(problem.value(point[None])[0])
    step = _step(problem, point, value, least)
    for _ in range(steps):
        if step.edm <= FINAL:
            break
        trial, trial_value = _shortened(problem, point, step, value)
        if not trial_value <= value + step.rounding or np.array_equal(trial, point):
            break
        following = _step(problem, trial, trial_value, least)
        # Near the minimum the value is flat to its last bit long before the parameters are: there
        # only the promise of the next step tells whether digits are still gained.
        is_flat = trial_value >= value - following.rounding
        if is_flat and not following.edm < GAINING * step.edm:
            break
        point, value, step = trial, trial_value, following
    if FINAL < step.edm <= EDM_LIMIT:
        point, value, step = _accelerated(problem, point, value, step, least)
    return Polish(point, value, step.edm, step.rank, step.at_bound)


@dataclasses.dataclass(frozen=True, eq=False)
class _Step:
    """A Gauss–Newton step, what it promises as in `Polish`, and the rounding of −2 ln L there.

    Where it promises less than the rounding, −2 ln L cannot judge it: it `is_hidden`.
    """

    move: np.ndarray
    edm: float
    rank: int
    at_bound: np.ndarray
    rounding: float
    is_hidden: bool


def _accelerated(
    problem: AbstractProblem, point: np.ndarray, value: float, step: _Step, least: float | None
) -> tuple[np.ndarray, float, _Step]:
    """Extrapolate steps that shrink too slowly, as they do where residuals are large and curved.

    Anderson acceleration (Anderson 1965; Walker and Ni 2011) of the map from a point to the next,
    near a minimum, where −2 ln L is too flat to tell digits; the smallest promise wins.
    """
    best = (point, value, step)
    points, moves = [point], [-step.move]
    for _ in range(ACCELERATED):
        size = np.maximum(np.abs(points[-1]), np.finfo(float).tiny)
        moved = np.diff(np.array(points[-MEMORY:]), axis=0).T
        changed = np.diff(np.array(moves[-MEMORY:]), axis=0).T
        mix = np.linalg.lstsq(changed / size[:, None], moves[-1] / size, rcond=None)[0]
        trial = np.clip(points[-1] + moves[-1] - (moved + changed) @ mix, *problem.bounds)
        trial_value = float(problem.value(trial[None])[0])
        following = _step(problem, trial, trial_value, least)
        if not (trial_value <= value + following.rounding and following.edm <= EDM_LIMIT):
            break
        if following.edm < best[2].edm:
            best = (trial, trial_value, following)
        if following.edm <= FINAL or np.array_equal(trial, points[-1]):
            break
        points.append(trial)
        moves.append(-following.move)
    return best


def _shortened(
    problem: AbstractProblem, point: np.ndarray, step: _Step, value: float
) -> tuple[np.ndarray, float]:
    """Where a step leads, and the value there: the whole step, or a part of it that is lower."""
    lower, upper = problem.bounds
    length = 1.0
    while True:
        trial = np.clip(point - length * step.move, lower, upper)
        trial_value = float(problem.value(trial[None])[0])
        if trial_value < value or step.is_hidden or step.edm <= 1e-12 or length < SHORTEST:
            return trial, trial_value
        length /= 4


def _step(problem: AbstractProblem, point: np.ndarray, value: float, least: float | None) -> _Step:
    lower, upper = problem.bounds
    factored = problem.factorize(point)
    if not np.isfinite(factored.triangle).all():
        return _Step(np.zeros_like(point), np.inf, 0, np.zeros(len(point), dtype=bool), 0.0, False)
    gradient = 2 * factored.triangle.T @ factored.rotated
    pressed = ((point <= lower) & (gradient >= 0)) | ((point >= upper) & (gradient <= 0))
    free = np.flatnonzero(~pressed)
    move = np.zeros_like(point)
    move[free], rank = solve_triangular(factored.triangle[:, free], factored.rotated, least=least)
    promise = float(np.sum((factored.triangle @ move) ** 2))
    ndof = max(problem.n_terms - rank, 1)
    # A perfect fit has no size of its own: what rounding the prediction leaves is its floor.
    size = float(np.linalg.norm(factored.triangle @ point))
    floor = (1e-13 * size) ** 2
    per_degree = max(value, floor) / ndof if problem.is_least_squares else 1.0
    # Rounding of the residuals, projected on the columns, promises something wherever the point is.
    empty = rank * (RESIDUAL_ROUNDING * size) ** 2 / max(problem.n_terms, 1)
    promise = 0.0 if promise <= empty else promise
    edm = promise / per_degree if per_degree > 0 else (0.0 if promise == 0 else np.inf)
    rounding = ROUNDING * np.sqrt(max(value, 0.0)) * size
    n_known = rank + int(pressed.sum())
    return _Step(move, edm, n_known, pressed, rounding, promise <= rounding)
