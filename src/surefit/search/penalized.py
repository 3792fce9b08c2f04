"""Minimize −2 ln L with a penalty, of given strength or of the one that the data ask for."""

import dataclasses
import math

import numpy as np

from surefit.exceptions import InvalidOption
from surefit.losses.least_squares import LeastSquares
from surefit.losses.penalties import AbstractPenalty
from surefit.minimizers.base import Minima
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.adaptive import adaptive_form
from surefit.problem.base import AbstractProblem
from surefit.problem.gaussian import Gaussian
from surefit.search.base import SAME, Evidence, gather_evidence
from surefit.search.choice import choose
from surefit.search.find import Found, Task, find
from surefit.search.hints import hints
from surefit.search.strength import best_strength, next_strength, spectrum_of

# Searches without the penalty, from whose minima the fit with it goes downhill; and how many of
# the minima of each.
SEARCHES, MINIMA = 3, 4
# Rounds of choosing a strength, the relative change at which it is found, far less than is seen in
# a curve, and the largest factor in one round.
MOST_ROUNDS, SETTLED, LARGEST_STEP = 40, 0.01, 4.0
# Steps downhill in a round, which begins near where the last one ended.
STEPS = 50
# Strength, in units in which penalty and data weigh alike, with which other models begin.
WEAK = 1e-6
WITHOUT = (
    "Units were grown {n} times without the penalty; from the minima the fit went downhill with "
    "it, and {agree} of {n} ended at this one."
)


@dataclasses.dataclass(frozen=True, eq=False)
class FoundPenalized:
    """What was found, and under which penalty.

    Attributes:
        found: Minima, evidence and choice.
        task: The task with the penalty among its constraints.
        penalty: With its strength.
    """

    found: Found
    task: Task
    penalty: AbstractPenalty


def find_penalized(task: Task, penalty: AbstractPenalty) -> FoundPenalized:
    """Find the minimum with a penalty.

    Args:
        task: What is to be found, without the penalty; no parameter is held or limited.
        penalty: Its strength may be left to the data.

    Raises:
        InvalidModel: The penalty does not suit the model.
        InvalidOption: The strength is left to the data, but the loss is no likelihood.
    """
    if penalty.given is None and not task.loss.is_likelihood:
        raise InvalidOption(
            f"penalty is {penalty}, but {task.loss} is no likelihood, so the data cannot choose "
            "its strength; give one."
        )
    rows = penalty.rows(task.model, task.data)
    starts = _starts(task)
    if penalty.given is None:
        penalty, starts = _chosen(task, penalty, rows, starts)
    assert penalty.given is not None
    task = _with(task, rows, penalty.given)
    if starts is None:
        return FoundPenalized(find(task), task, penalty)
    problem = task.problem
    choice = choose(problem, task.minimizer, hints(task.model, task.data, task.constraints))
    minima = choice.minimizer.minimize(
        problem, np.concatenate(starts), budget=task.budget, report=task.report
    )
    reason = f"{choice.minimizer} from the minima of searches without the penalty."
    choice = dataclasses.replace(choice, reason=reason)
    return FoundPenalized(Found(choice, minima, _evidence(task, minima, starts)), task, penalty)


def _with(task: Task, rows: np.ndarray, strength: float) -> Task:
    """The task with the penalty of a strength, which may be 0."""
    penalty = Gaussian(math.sqrt(strength) * rows, np.zeros(len(rows)))
    return dataclasses.replace(
        task, constraints=dataclasses.replace(task.constraints, penalty=penalty)
    )


def _starts(task: Task) -> list[np.ndarray] | None:
    """Minima of searches without the penalty, for models whose units are grown; else None."""
    is_grown = adaptive_form(task.model) is not None and task.data.reading.is_plain
    if not is_grown or task.constraints.is_any or not task.loss.is_least_squares:
        return None
    starts = []
    for key in range(SEARCHES):
        minima = find(dataclasses.replace(task, key=task.key + key, minimizer=None)).minima
        good = np.flatnonzero(np.isfinite(minima.value))
        starts.append(minima.points[good[np.argsort(minima.value[good])[:MINIMA]]])
    return starts


def _chosen(
    task: Task, penalty: AbstractPenalty, rows: np.ndarray, starts: list[np.ndarray] | None
) -> tuple[AbstractPenalty, list[np.ndarray] | None]:
    """The penalty with the strength that the data ask for, and where the fits with it ended.

    A fit and the choice for its linearization take turns, as in MacKay 1992, until they agree;
    for a linear model there is one turn.
    """
    data = _with(task, rows[:0], 0.0).problem
    is_estimated = task.loss.is_least_squares and not task.data.noise.is_given
    n_values = data.n_terms if is_estimated else None
    if _is_linear(data):
        spectrum = spectrum_of(data, rows, np.zeros(len(data.names)))
        return penalty.of_strength(best_strength(spectrum, n_values)), None
    alike = _alike(task, rows)
    points, strength = _first(task, rows, starts, alike), WEAK * alike
    budget = dataclasses.replace(task.budget, steps=min(task.budget.steps, STEPS))
    for _ in range(MOST_ROUNDS):
        problem = _with(task, rows, strength).problem
        minima = LevenbergMarquardt().minimize(problem, points, budget=budget, report=task.report)
        points, best = minima.points, minima.points[minima.best]
        size, misfit = float(np.sum((rows @ best) ** 2)), float(data.value(best[None])[0])
        wanted = next_strength(spectrum_of(data, rows, best), strength, size, misfit, n_values)
        # In small steps: a strength far too large makes a network a constant, for good.
        is_settled = abs(wanted - strength) < SETTLED * wanted
        strength = min(max(wanted, strength / LARGEST_STEP), strength * LARGEST_STEP)
        if is_settled:
            break
    if starts is not None:
        both = zip(points, starts, strict=True)
        starts = [np.concatenate([followed[None], some]) for followed, some in both]
    return penalty.of_strength(strength), starts


def _is_linear(problem: AbstractProblem) -> bool:
    return problem.is_least_squares and bool(problem.linear.all())


def _alike(task: Task, rows: np.ndarray) -> float:
    """A strength at which data and penalty weigh alike, to some decades: at nobody's minimum."""
    data = _with(dataclasses.replace(task, loss=LeastSquares()), rows[:0], 0.0).problem
    origin = np.ones((1, len(data.names)))
    information = float(np.trace(data.reduce(origin).curvature[0])) / 2
    return information / float(np.sum(rows**2))


def _first(
    task: Task, rows: np.ndarray, starts: list[np.ndarray] | None, alike: float
) -> np.ndarray:
    """Where the choice of a strength begins, shape (s, q)."""
    if starts is not None:
        return np.stack([some[0] for some in starts])
    weak = _with(task, rows, WEAK * alike)
    minima = find(dataclasses.replace(weak, minimizer=None)).minima
    return minima.points[np.argsort(minima.value)[:MINIMA]]


def _evidence(task: Task, minima: Minima, starts: list[np.ndarray]) -> Evidence:
    """What searches without the penalty say of the minimum with it: each counts once."""
    stops = np.cumsum([len(some) for some in starts])[:-1]
    lowest = np.array([some.min() for some in np.split(minima.value, stops)])
    ndof = max(task.data.y.size - len(task.problem.names), 1)
    unit = float(minima.value.min()) / ndof
    agree = int(np.sum(lowest <= lowest.min() + SAME * unit))
    evidence = gather_evidence(lowest, np.ones(len(lowest), dtype=bool), unit, agree > 1)
    words = WITHOUT.format(n=len(starts), agree=agree)
    return dataclasses.replace(evidence, explanation=(words,))
