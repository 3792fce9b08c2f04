"""Find the minimum of a fit: by a search, by formula, or by way of an easier problem."""

import dataclasses
import functools

import numpy as np

from surefit.data.checked import Data
from surefit.data.cleaned import cleaned
from surefit.losses.base import AbstractLoss
from surefit.losses.least_squares import LeastSquares
from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractModel
from surefit.problem.base import AbstractProblem
from surefit.problem.blocks import spread_sample
from surefit.problem.build import build_problem
from surefit.problem.constraints import Constraints
from surefit.search.base import SAME, Evidence, closed_form_evidence
from surefit.search.choice import Choice, choose
from surefit.search.hints import hints

# Least-squares minima from which a fit with another loss, or with errors on x, starts.
LEAST_SQUARES_STARTS = 4
# Points on which the first fit of data with errors on x is made.
ENOUGH_FOR_SLOPE = 1024
X_ERRORS = (
    "The search took errors on x as errors on y, by the slope of a first fit; from its minima the "
    "fit then went downhill with errors on x as asked."
)
ELSEWHERE = "Errors on x lead to another minimum than that search found best."


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """What is to be found.

    Attributes:
        model: The resolved model.
        data: The checked data.
        loss: The loss.
        constraints: What the user knows of the parameters.
        minimizer: The user's choice, or None.
        key: Seed of the search.
        budget: Limits on the work.
        report: Called with the progress.
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss
    constraints: Constraints
    minimizer: AbstractMinimizer | None = None
    key: int = 0
    budget: Budget = dataclasses.field(default_factory=Budget)
    report: Report = silent

    @functools.cached_property
    def problem(self) -> AbstractProblem:
        """The problem of the free parameters."""
        return build_problem(self.model, self.data, self.loss, self.constraints)


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """What was found, and how.

    Attributes:
        choice: How it was done.
        minima: Where it ended.
        evidence: What the search saw.
    """

    choice: Choice
    minima: Minima
    evidence: Evidence


def find(task: Task) -> Found:
    """Find the minimum.

    Args:
        task: What is to be found.

    Raises:
        UnsuitableMinimizer: The user's minimizer cannot do this problem.
        TooFewPoints: There are fewer terms than free parameters.
    """
    if task.data.reading.is_error:
        return _with_x_errors(task)
    plain = task.data.plain()
    if task.loss.is_least_squares:
        is_grown = adaptive_form(task.model) is not None and plain is not task.data
        return _searched(task, least_squares_points(task, plain) if is_grown else None)
    # Outliers, which a robust loss is chosen for, may have led least squares astray.
    near = [plain] if task.loss.is_likelihood else [plain, cleaned(plain)]
    known = [least_squares_points(task, data) for data in near]
    return _searched(task, np.concatenate(known))


def least_squares_points(task: Task, data: Data) -> np.ndarray:
    """The least-squares solutions, as points from which a fit with another loss starts.

    Least squares can solve linear parameters instead of searching them, and is seldom far off.
    """
    easier = Task(task.model, data, LeastSquares(), task.constraints, key=task.key)
    minima = _searched(easier).minima
    return minima.points[np.argsort(minima.value)[:LEAST_SQUARES_STARTS]]


def _searched(task: Task, further: np.ndarray | None = None) -> Found:
    """Search, beginning also from further points."""
    problem = task.problem
    known = hints(task.model, task.data, task.constraints)
    if not task.loss.is_least_squares:
        known = dataclasses.replace(known, adaptive=None)  # whose coefficients cannot be solved
    if further is not None:
        known = dataclasses.replace(known, known=np.concatenate([known.known, further]))
    choice = choose(problem, task.minimizer, known)
    return Found(choice, *carry_out(choice, problem, task.key, task.budget, task.report))


def carry_out(
    choice: Choice, problem: AbstractProblem, key: int, budget: Budget, report: Report
) -> tuple[Minima, Evidence]:
    """Search, or solve where there is nothing to search.

    A search tries values at which numbers overflow; that is no reason to warn.
    """
    if choice.search is None:
        origin = np.zeros((1, len(problem.names)))
        minima = choice.minimizer.minimize(problem, origin, budget=budget, report=report)
        return minima, closed_form_evidence()
    rng = np.random.default_rng(key)
    search = choice.search.search
    with np.errstate(all="ignore"):
        return search(problem, choice.minimizer, rng=rng, budget=budget, report=report)


def _with_x_errors(task: Task) -> Found:
    """Search with the errors on x carried over to y, then go downhill with them in full.

    With errors on x in full, a curve that is steep everywhere passes within them of any points:
    a search would find such a one. Where the slope is held while searching it does not pay.
    """
    problem, plain = task.problem, dataclasses.replace(task, minimizer=None, data=task.data.plain())
    minimizer = task.minimizer or LevenbergMarquardt()
    choose(problem, minimizer, hints(task.model, task.data, task.constraints))  # may refuse it
    first = find(_sampled(plain))
    best = first.minima.points[first.minima.best]
    if not np.isfinite(best).all():
        return first
    sigma, _ = _carried_over(task, best)
    noise = dataclasses.replace(task.data.noise, sigma=sigma)
    second = find(dataclasses.replace(plain, data=dataclasses.replace(plain.data, noise=noise)))
    starts = np.concatenate([_lowest(second.minima), _lowest(first.minima)])
    with np.errstate(all="ignore"):
        ended = minimizer.minimize(problem, starts, budget=task.budget, report=task.report)
    # Averaged over all true x, a likelihood has the factor 1/√(σ² + f′² s²), which keeps a steep
    # curve from winning (D'Agostini 2005, arXiv:physics/0511182); it chooses among the minima.
    judged = ended.value + [_carried_over(task, point)[1] for point in ended.points]
    order = np.argsort(np.where(np.isfinite(judged), judged, np.inf), kind="stable")
    row = order[0]
    ndof = max(problem.n_terms - len(problem.names), 1)
    is_same = ended.value[0] <= ended.value[row] + SAME * ended.value[row] / ndof
    words = (*second.evidence.explanation, X_ERRORS, *(() if is_same else (ELSEWHERE,)))
    evidence = dataclasses.replace(
        second.evidence,
        explanation=words,
        is_confirmed=second.evidence.is_confirmed and bool(is_same),
    )
    minima = Minima(
        ended.points[[row]], ended.value[[row]], (ended.status[row],), ended.steps[[row]]
    )
    interrupted = (Status.interrupted,)
    if Status.interrupted in (*first.minima.status, *second.minima.status, *ended.status):
        minima = dataclasses.replace(minima, status=interrupted)
    reason = f"{minimizer} from the minima of a search with effective errors."
    if second.choice.search is not None:
        reason = f"{reason[:-1]} ({second.choice.search})."
    choice = dataclasses.replace(second.choice, minimizer=minimizer, reason=reason)
    return Found(choice, minima, evidence)


def _sampled(task: Task) -> Task:
    """The task on a sample of the points, enough to tell the slope of the curve."""
    chosen = spread_sample(task.data, ENOUGH_FOR_SLOPE, np.random.default_rng(task.key))
    return task if chosen is None else dataclasses.replace(task, data=task.data.sample(chosen))


def _lowest(minima: Minima) -> np.ndarray:
    return minima.points[np.argsort(minima.value, kind="stable")[:LEAST_SQUARES_STARTS]]


def _carried_over(task: Task, point: np.ndarray) -> tuple[np.ndarray, float]:
    """Errors on y with those on x carried over at a point; and what they add to −2 ln L."""
    data, values = task.data, task.constraints.coordinates.expand(point[None])[0]
    sigma = np.asarray(
        data.reading.carried_over(task.model, values, data.x, data.noise.sigma, data.extent)
    )
    return sigma, 2 * float(np.sum(np.log(sigma / data.noise.sigma)))
