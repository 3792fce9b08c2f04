"""Minimize −2 ln L with a penalty, of given strength or of the one that the data ask for."""

import dataclasses
import math

import numpy as np

from surefit.exceptions import InvalidOption
from surefit.losses.least_squares import LeastSquares
from surefit.losses.penalties import AbstractPenalty
from surefit.minimizers.base import Minima, Status
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.adaptive import adaptive_form
from surefit.models.base import AbstractModel, Sum
from surefit.models.units import AbstractAdaptiveModel
from surefit.problem.base import AbstractProblem
from surefit.problem.gaussian import Gaussian
from surefit.search.base import SAME, Evidence, gather_evidence
from surefit.search.choice import choose
from surefit.search.find import Found, Task, find
from surefit.search.hints import hints
from surefit.search.strength import best_strength, spectrum_of

# Searches without the penalty, from whose minima the fit with it goes downhill; and how many of
# the minima of each.
SEARCHES, MINIMA = 3, 4
# Most strengths tried, the relative change at which one is found, far less than is seen in a curve,
# and the factor from one to the next.
MOST_ROUNDS, SETTLED, STEP = 40, 0.01, 4.0
# −2 ln of the probability of the data beyond the best at which there is no use in a larger one.
FAR = 20.0
# Steps downhill in a round, which begins near where the last one ended.
STEPS = 50
# Strength, in units in which penalty and data weigh alike, with which other models begin.
WEAK = 1e-6
# That several searches lead to one minimum proves little for penalized units: of 37 such fits of
# networks, 4 were beaten by another key.
WITHOUT = (
    "Units were grown {n} times without the penalty; from the minima the fit went downhill with "
    "it, and {agree} of {n} ended at this one."
)
UNCONFIRMED = (
    "Searches for penalized units may agree and yet miss a lower minimum, so this one is not "
    "confirmed: compare other keys."
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
    starts, is_interrupted = _starts(task)
    if penalty.given is None and not is_interrupted:
        penalty, starts = _chosen(task, penalty, rows, starts)
    strength = penalty.given or WEAK * _alike(task, rows)  # a weak one if the user stopped it
    task, penalty = _with(task, rows, strength), penalty.of_strength(strength)
    if starts is None:
        found = find(task)
        if _has_units(task.model):
            words = (*found.evidence.explanation, UNCONFIRMED)
            evidence = dataclasses.replace(
                found.evidence, is_confirmed=False, explanation=words, missed=float("nan")
            )
            found = dataclasses.replace(found, evidence=evidence)
        return FoundPenalized(found, task, penalty)
    problem = task.problem
    choice = choose(problem, task.minimizer, hints(task.model, task.data, task.constraints))
    minima = choice.minimizer.minimize(
        problem, np.concatenate(starts), budget=task.budget, report=task.report
    )
    if is_interrupted:
        ended = (Status.interrupted,) * len(minima.value)
        minima = dataclasses.replace(minima, status=ended)
    reason = f"{choice.minimizer} from the minima of searches without the penalty."
    choice = dataclasses.replace(choice, reason=reason)
    return FoundPenalized(Found(choice, minima, _evidence(task, minima, starts)), task, penalty)


def _with(task: Task, rows: np.ndarray, strength: float) -> Task:
    """The task with the penalty of a strength, which may be 0."""
    penalty = Gaussian(math.sqrt(strength) * rows, np.zeros(len(rows)))
    return dataclasses.replace(
        task, constraints=dataclasses.replace(task.constraints, penalty=penalty)
    )


def _starts(task: Task) -> tuple[list[np.ndarray] | None, bool]:
    """Minima of searches without the penalty, for models whose units are grown; else None.

    And whether the user stopped them.
    """
    is_grown = adaptive_form(task.model) is not None and task.data.reading.is_plain
    is_enough = task.data.y.size >= len(task.constraints.coordinates.names)
    is_alone = not task.constraints.is_any and task.loss.is_least_squares
    if not (is_grown and is_enough and is_alone):
        return None, False
    starts: list[np.ndarray] = []
    for key in range(SEARCHES):
        minima = find(dataclasses.replace(task, key=task.key + key, minimizer=None)).minima
        good = np.flatnonzero(np.isfinite(minima.value))
        if len(good):
            starts.append(minima.points[good[np.argsort(minima.value[good])[:MINIMA]]])
        if Status.interrupted in minima.status:
            return starts or None, True
    return starts or None, False


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
    followed = _follow(task, rows, starts, n_values)
    if starts is not None:
        both = zip(followed.points, starts, strict=True)
        starts = [np.concatenate([point[None], some]) for point, some in both]
    return penalty.of_strength(followed.strength), starts


@dataclasses.dataclass(frozen=True, eq=False)
class _Followed:
    """Where fits with one strength ended.

    Attributes:
        strength: The strength.
        points: Where each ended, shape (s, q).
        wanted: The strength that the best of them asks for.
        improbability: −2 ln of the probability of the data under this strength, at the best.
        determined: Directions, of those that the penalty holds, that the data determine.
    """

    strength: float
    points: np.ndarray
    wanted: float
    improbability: float
    determined: float


def _follow(
    task: Task, rows: np.ndarray, starts: list[np.ndarray] | None, n_values: int | None
) -> _Followed:
    """The minima of a model that is not linear, from a weak penalty to the one to choose.

    It grows in small steps, as one far too large makes a network a constant, for good. The
    strength of the largest probability on the way is then refined where it is.
    """
    alike = _alike(task, rows)
    points, strength = _first(task, rows, starts, alike), WEAK * alike
    seen: list[_Followed] = []
    for _ in range(MOST_ROUNDS):
        seen.append(_fitted(task, rows, points, strength, n_values))
        best = min(seen, key=lambda one: one.improbability)
        is_worse = seen[-1].improbability > best.improbability + FAR
        if is_worse or seen[-1].determined < 1:
            break
        points, strength = seen[-1].points, strength * STEP
    best = min(seen, key=lambda one: one.improbability)
    for _ in range(MOST_ROUNDS):
        if abs(best.wanted - best.strength) < SETTLED * best.wanted:
            break
        wanted = min(max(best.wanted, best.strength / STEP), best.strength * STEP)
        refined = _fitted(task, rows, best.points, wanted, n_values)
        if refined.improbability > best.improbability:
            break
        best = refined
    return best


def _fitted(
    task: Task, rows: np.ndarray, points: np.ndarray, strength: float, n_values: int | None
) -> _Followed:
    """Go downhill with a strength, and ask which one the minimum wants."""
    budget = dataclasses.replace(task.budget, steps=min(task.budget.steps, STEPS))
    problem, data = _with(task, rows, strength).problem, _with(task, rows[:0], 0.0).problem
    minima = LevenbergMarquardt().minimize(problem, points, budget=budget, report=task.report)
    best = minima.points[minima.best]
    spectrum = spectrum_of(data, rows, best)
    size, misfit = float(np.sum((rows @ best) ** 2)), float(data.value(best[None])[0])
    determined = spectrum.determined(strength)
    noise = 1.0
    if n_values is not None:
        noise = misfit / max(n_values - spectrum.effective_parameters(strength), 1.0)
    # MacKay 1992, eq. 4.6, where the probability is stationary.
    wanted = determined * noise / max(size, 1e-300)
    improbability = spectrum.improbability(strength, n_values)
    return _Followed(strength, minima.points, wanted, improbability, determined)


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
    evidence = gather_evidence(lowest, np.ones(len(lowest), dtype=bool), unit, False)
    words = WITHOUT.format(n=len(starts), agree=agree)
    return dataclasses.replace(evidence, explanation=(words, UNCONFIRMED))


def _has_units(model: AbstractModel) -> bool:
    parts = model.parts if isinstance(model, Sum) else (model,)
    return any(isinstance(part, AbstractAdaptiveModel) for part in parts)
