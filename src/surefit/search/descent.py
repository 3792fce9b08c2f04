"""Go downhill on a sample of the points first, then on all of them from each distinct minimum."""

import dataclasses

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Hopeless, Minima, Report, Status
from surefit.problem.base import AbstractProblem

# Steps taken on the sample: enough to tell good starts from bad ones. The rest is done on all
# points, from the lowest few distinct places reached.
ROUGH_STEPS = 25
REFINED = 4
# Steps that each of these may take before only the better ones go on.
FIRST_STEPS = 8
# Steps after which starts stop that are outrun by others. Of 560 batches of the families of hard
# problems in which that saves steps none would have ended lower.
OUTRUN = 8
# Factor above the best at which neither the sample's minima nor unfinished descents go on.
HOPELESS = 2.0
# The same where there is no sample, and the steps after which: descents on their way to infinity
# would go on to the end of the budget.
FAR_ABOVE = Hopeless(10.0, after=40, outrun=OUTRUN)
# Relative difference of −2 ln L below which two starts have met at one minimum of the sample.
MET = 1e-5


def descend(
    minimizer: AbstractMinimizer,
    problem: AbstractProblem,
    thin: AbstractProblem,
    points: np.ndarray,
    *,
    budget: Budget,
    report: Report,
) -> Minima:
    """Minimize from each point; starts that meet on the way go on as one.

    Args:
        minimizer: What goes downhill.
        problem: The problem with all points.
        thin: The problem with a sample of them, or `problem` itself.
        points: Starts, shape (s, q).
        budget: Limits on the work.
        report: Called with the progress.

    Returns:
        One minimum of `problem` for each start. Starts that ended far above the best on the
        sample are not refined: their values are those of `problem` where they stopped. Those that
        others outran on the sample have none.
    """
    if thin is problem:
        patient = minimizer.giving_up(FAR_ABOVE)
        return patient.minimize(problem, points, budget=budget, report=report)
    few = dataclasses.replace(budget, steps=min(budget.steps, ROUGH_STEPS))
    quick = minimizer.giving_up(Hopeless(HOPELESS, outrun=OUTRUN))
    rough = quick.minimize(thin, points, budget=few, report=report)
    is_end = np.isfinite(rough.value)
    if rough.outrun is not None:
        is_end &= ~rough.outrun
    order = np.argsort(np.where(is_end, rough.value, np.inf), kind="stable")[: is_end.sum()]
    if not len(order) or Status.interrupted in rough.status:
        return dataclasses.replace(rough, value=problem.value(rough.points))
    sizes = rough.value[order]
    group = np.concatenate([[0], np.cumsum(np.diff(sizes) > MET * sizes[1:])])
    firsts = np.searchsorted(group, np.arange(min(REFINED, group[-1] + 1)))
    firsts = firsts[sizes[firsts] <= HOPELESS * sizes[0]]
    fine = _refined(minimizer, problem, rough.points[order[firsts]], budget, report)
    ended, status, steps = rough.points.copy(), list(rough.status), rough.steps.copy()
    is_refined = group < len(firsts)
    for row, place in zip(order[is_refined], group[is_refined], strict=True):
        ended[row], status[row] = fine.points[place], fine.status[place]
        steps[row] += fine.steps[place]
    value = np.full(len(points), np.inf)
    value[order[is_refined]] = fine.value[group[is_refined]]
    left = order[~is_refined]
    if len(left):
        value[left] = problem.value(ended[left])
    return Minima(ended, value, tuple(status), steps, rough.outrun)


def _refined(
    minimizer: AbstractMinimizer,
    problem: AbstractProblem,
    points: np.ndarray,
    budget: Budget,
    report: Report,
) -> Minima:
    """Minimize from each point, giving up on slow ones that are far above the best."""
    few = dataclasses.replace(budget, steps=min(budget.steps, FIRST_STEPS))
    minima = minimizer.minimize(problem, points, budget=few, report=report)
    unfinished = np.array([status is Status.budget_exhausted for status in minima.status])
    going_on = np.flatnonzero(unfinished & (minima.value <= HOPELESS * minima.value.min()))
    steps = budget.steps - few.steps
    if not len(going_on) or steps <= 0:
        return minima
    rest = dataclasses.replace(budget, steps=steps)
    further = minimizer.minimize(problem, minima.points[going_on], budget=rest, report=report)
    status = list(minima.status)
    for place, row in enumerate(going_on):
        status[row] = further.status[place]
    minima.points[going_on], minima.value[going_on] = further.points, further.value
    minima.steps[going_on] += further.steps
    return dataclasses.replace(minima, status=tuple(status))
