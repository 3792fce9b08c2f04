"""From a problem to its best point: choose how to search, carry it out, write the point one way."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.losses.base import AbstractLoss
from surefit.losses.penalties import AbstractPenalty
from surefit.minimizers.base import AbstractMinimizer, Budget, Report, Status, silent
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractModel
from surefit.models.function import ResolvedFunction
from surefit.models.reporting import reported_values
from surefit.models.structures.canonical import Wishes
from surefit.problem.base import AbstractProblem
from surefit.problem.constraints import Constraints
from surefit.search.aliases import Aliases
from surefit.search.base import Evidence
from surefit.search.choice import Choice
from surefit.search.find import Task, find
from surefit.search.penalized import find_penalized

# Relative loss in −2 ln L that rewriting in canonical form may cost; polishing regains it.
CANONICAL_LOSS = 1e-6
# Change of the predictions, relative to them, that is rounding; parameters up to which it is asked.
CANONICAL_ROUNDING, MOST_ROUNDED = 1e-12, 40


@dataclasses.dataclass(frozen=True, eq=False)
class Solution:
    """The best point that was found, and how.

    Attributes:
        problem: The problem of the free coordinates.
        point: The point, shape (q,), in the form that is always reported.
        status: What the minimizer said of it.
        evidence: What the search saw.
        choice: How it was found.
        constraints: What was known of the parameters, a penalty of the chosen strength included.
        penalty: The penalty with its strength, or None.
    """

    problem: AbstractProblem
    point: np.ndarray
    status: Status
    evidence: Evidence
    choice: Choice
    constraints: Constraints
    penalty: AbstractPenalty | None = None


def solve(
    model: AbstractModel,
    data: Data,
    loss: AbstractLoss,
    constraints: Constraints,
    *,
    minimizer: AbstractMinimizer | None = None,
    key: int = 0,
    budget: Budget | None = None,
    report: Report = silent,
    penalty: AbstractPenalty | None = None,
) -> Solution:
    """Search for the best point of a resolved model, from no start.

    Args:
        model: The resolved model.
        data: The checked data.
        loss: The loss, which suits the data.
        constraints: What the user knows of the parameters.
        minimizer: The user's choice, or None.
        key: Seed of the search.
        budget: Limits on the work.
        report: Called with the progress.
        penalty: What keeps the curve tame, beyond what `constraints` have; or None.

    Raises:
        TooFewPoints: There are fewer terms than free parameters.
        UnsuitableMinimizer: The user's minimizer cannot do this problem.
    """
    task = Task(model, data, loss, constraints, minimizer, key, budget or Budget(), report)
    if penalty is None:
        found = find(task)
    else:
        with_penalty = find_penalized(task, penalty)
        found, task, penalty = with_penalty.found, with_penalty.task, with_penalty.penalty
    problem, constraints = task.problem, task.constraints
    minima, evidence, choice = found.minima, found.evidence, found.choice
    point = _without_aliases(model, data, problem, minima.points[minima.best], constraints)
    rounding = _rounding(problem, point)
    (point,) = canonical_points(model, problem, point[None], constraints, rounding=rounding)
    status = minima.status[minima.best]
    return Solution(problem, point, status, evidence, choice, constraints, penalty)


def _without_aliases(
    model: AbstractModel,
    data: Data,
    problem: AbstractProblem,
    point: np.ndarray,
    constraints: Constraints,
) -> np.ndarray:
    """Of minima that evenly spaced x cannot tell apart, the one of the slowest oscillation."""
    if not isinstance(model, ResolvedFunction) or not constraints.coordinates.is_selection:
        return point
    free = constraints.free
    place = np.cumsum(free) - 1
    phases = [
        (int(place[i]), period) for i, period in model.structure.symmetries.periods if free[i]
    ]
    return Aliases(data.inputs, constraints.start[free], tuple(phases)).resolved(problem, point)


def _rounding(problem: AbstractProblem, point: np.ndarray) -> float:
    """Change of −2 ln L that comes of adding terms in another order."""
    if not problem.is_least_squares or len(point) > MOST_ROUNDED or not np.isfinite(point).all():
        return 0.0
    return float(np.sum((CANONICAL_ROUNDING * (problem.factorize(point).triangle @ point)) ** 2))


def canonical_points(
    model: AbstractModel,
    problem: AbstractProblem,
    points: np.ndarray,
    constraints: Constraints,
    *,
    rounding: float = 0.0,
) -> np.ndarray:
    """Points in the form that is always reported.

    One stays as found if rewriting it would lose the minimum to rounding, as where huge
    coefficients cancel, or if parameters are tied or in order.

    Args:
        model: The resolved model.
        problem: The problem of the free coordinates, of one data set or of one for each point.
        points: Shape (s, q).
        constraints: What the user knows.
        rounding: Rise of −2 ln L that is rounding.
    """
    if not constraints.coordinates.is_selection:
        return points
    form = (None if constraints.is_any else adaptive_form(model)) or model
    is_measured = np.any(constraints.gaussian.rows != 0, axis=0)
    canonical = points.copy()
    for row, full in enumerate(problem.expand(points)):
        if np.isfinite(points[row]).all():
            held = np.where(is_measured, full, constraints.fixed)
            wishes = Wishes(constraints.start, constraints.lower, constraints.upper, held)
            canonical[row] = reported_values(form, full, wishes)[constraints.free]
    before, after = problem.value(points), problem.value(canonical)
    is_kept = np.isfinite(points).all(axis=1) & (after <= before * (1 + CANONICAL_LOSS) + rounding)
    return np.where(is_kept[:, None], canonical, points)
