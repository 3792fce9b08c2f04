"""Refit a fitted model to many data sets: warm, as one batch from the fit; or cold, from no start.

Everything that asks "what if the data had been others" stands on this: toys, bootstraps, folds.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np

from surefit.data.checked import Data
from surefit.data.data_sets import DataSets
from surefit.exceptions import TooFewPoints
from surefit.losses.base import AbstractLoss
from surefit.minimizers.base import Budget, Minima, Report, Status, silent
from surefit.minimizers.closed_form import ClosedForm, solve_triangular
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.base import AbstractModel
from surefit.precision import double_precision
from surefit.problem.base import AbstractProblem
from surefit.problem.build import build_batch, build_problem
from surefit.problem.constraints import Constraints
from surefit.search.coordinates import follow_jumps
from surefit.search.hints import jumping_coordinates, step_coordinates
from surefit.search.solution import canonical_points, solve
from surefit.uncertainty.fit_record import FitRecord

# Data sets that go downhill together: enough for compiled calls, few enough to report progress.
TOGETHER = 256


@dataclasses.dataclass(frozen=True, eq=False)
class Origin:
    """What of a fit is needed to do it again with other data.

    Attributes:
        model: The resolved model: what it read off the data (a domain) stays as it is.
        data: The checked data of the fit.
        loss: The loss.
        constraints: What the user knows of the parameters.
        working: All parameters at the minimum, shape (p,).
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss
    constraints: Constraints
    working: np.ndarray

    @property
    def point(self) -> np.ndarray:
        """The free coordinates at the minimum, shape (q,)."""
        return self.constraints.coordinates.of(self.working[None])[0]

    def problem(self, sets: DataSets, row: int) -> AbstractProblem:
        """The problem of the free coordinates for one of many data sets."""
        constraints = self.constraints_in(sets, row)
        return build_problem(self.model, sets.of(row), self.loss, constraints)

    def constraints_in(self, sets: DataSets, row: int) -> Constraints:
        """What is known of the parameters, as measured in one of many data sets."""
        known = self.constraints
        if sets.targets is None:
            return known
        gaussian = dataclasses.replace(known.gaussian, targets=sets.targets[row])
        return dataclasses.replace(known, gaussian=gaussian)


def origin_of(fit: FitRecord) -> Origin:
    """What of a `surefit.Fit` is needed to do it again."""
    return Origin(fit.model, fit.data, fit.loss, fit.constraints, fit.working)


@dataclasses.dataclass(frozen=True, eq=False)
class Refits:
    """Where the refits ended; one row for each data set, in their order.

    Attributes:
        points: Free coordinates, in the form that a fit reports, shape (k, q); NaN where the
            refit failed or has too few points.
        working: All parameters, shape (k, p): `model.evaluate(working[i], x)` is the curve.
        value: −2 ln L, shape (k,); infinite where the refit failed.
        status: How each ended: `converged` is the minimizer's word; no search has confirmed it.
    """

    points: np.ndarray
    working: np.ndarray
    value: np.ndarray
    status: tuple[Status, ...]

    @property
    def is_good(self) -> np.ndarray:
        """Mask of the refits that ended at a minimum, finite, shape (k,)."""
        ended = [status in (Status.converged, Status.undetermined) for status in self.status]
        return np.array(ended, dtype=bool) & np.isfinite(self.value)


@double_precision
def warm_refits(
    origin: Origin, sets: DataSets, *, budget: Budget | None = None, report: Report = silent
) -> Refits:
    """Refit to each data set from the fitted point: the nearest minimum, not the best of all.

    All data sets are rows of one batch where the model allows it (`problem.build.build_batch`),
    else they are fitted one after another. Linear models are solved exactly; parameters of jumps
    are moved from cell to cell as the search does. Networks and sums of units are brought into
    their canonical form, so that equal units do not change their names.

    Args:
        origin: The fit; `origin_of(fit)`.
        sets: The data sets: `data.data_sets.with_outputs` for toys, `with_counts` for bootstraps
            of cases, `left_out` for folds.
        budget: Limits on the work from each start.
        report: Called with what is being done and the number of data sets that are done.

    Returns:
        One refit for each data set.

    Raises:
        KeyboardInterrupt: The user stopped it.
    """
    budget = budget or Budget()
    jumps = jumping_coordinates(origin.model, origin.constraints)
    pieces = []
    for begin in range(0, len(sets), TOGETHER):
        which = np.arange(begin, min(begin + TOGETHER, len(sets)))
        piece = sets.rows(which)
        with np.errstate(all="ignore"):  # a trial step may go where numbers overflow
            pieces.append(_refitted(origin, piece, jumps, budget))
        report("refitting", float(which[-1] + 1))
    return _joined(origin, pieces)


@double_precision
def cold_refits(
    origin: Origin,
    sets: DataSets,
    rows: Iterable[int] | None = None,
    *,
    key: int = 0,
    budget: Budget | None = None,
    report: Report = silent,
) -> Refits:
    """Refit by the full search from no start, one data set after another, as `surefit.fit` does.

    Args:
        origin: The fit.
        sets: The data sets.
        rows: Which of them; all if None. The result has one row for each of these.
        key: Seed of the searches.
        budget: Limits on the work of each search.
        report: Called with what is being done and the number of data sets that are done.

    Returns:
        One refit for each chosen data set.
    """
    rows = list(range(len(sets)) if rows is None else rows)
    pieces = []
    for done, row in enumerate(rows):
        try:
            solution = solve(
                *(origin.model, sets.of(row), origin.loss, origin.constraints_in(sets, row)),
                key=key,
                budget=budget,
            )
        except TooFewPoints:
            pieces.append(_nothing(1, len(origin.point)))
            continue
        value = solution.problem.value(solution.point[None])
        found = Minima(solution.point[None], value, (solution.status,), np.zeros(1, dtype=int))
        pieces.append(found)
        report("refitting from no start", float(done + 1))
    return _joined(origin, pieces)


def _refitted(origin: Origin, sets: DataSets, jumps: np.ndarray, budget: Budget) -> Minima:
    """A batch of warm refits, in canonical form."""
    n_terms = sets.n_terms + len(origin.constraints.gaussian)
    enough = np.flatnonzero(n_terms >= len(origin.point))
    if len(enough) < len(sets):
        found = _nothing(len(sets), len(origin.point))
        if len(enough):
            some = _refitted(origin, sets.rows(enough), jumps, budget)
            found = _put(found, enough, some)
        return found
    batch = build_batch(origin.model, sets, origin.loss, origin.constraints)
    if batch is None or jumps.any():
        return _one_by_one(origin, sets, jumps, budget)
    if ClosedForm().refusal(batch) is None:
        return _solved(origin, sets, budget)
    starts = np.repeat(origin.point[None], len(sets), axis=0)
    minima = LevenbergMarquardt().minimize(batch, starts, budget=budget, report=silent)
    points = canonical_points(origin.model, batch, minima.points, origin.constraints)
    return dataclasses.replace(minima, points=points)


def _solved(origin: Origin, sets: DataSets, budget: Budget) -> Minima:
    """Linear least squares; one factorization if only y differs."""
    if sets.counts is not None:
        return _one_by_one(origin, sets, np.zeros(len(origin.point), dtype=bool), budget)
    problem = build_problem(origin.model, origin.data, origin.loss, origin.constraints)
    residuals, jacobian = problem.linearize(np.zeros(len(origin.point)))
    orthogonal, triangle = np.linalg.qr(jacobian)
    moved = (origin.data.y - sets.y).reshape(len(sets), -1)
    whitening = origin.data.noise.whitening()
    sigma = origin.data.noise.sigma.ravel()
    moved = moved / sigma if whitening is None else moved @ whitening.T
    all_residuals = np.repeat(residuals[None], len(sets), axis=0)
    n = moved.shape[1]
    all_residuals[:, :n] += moved
    if sets.targets is not None:
        known = origin.constraints.gaussian
        all_residuals[:, n : n + len(known)] += known.targets - sets.targets
    points, rank = np.zeros((len(sets), len(origin.point))), len(origin.point)
    for _ in range(2):  # the second solve regains the digits lost in the first
        left = all_residuals + points @ jacobian.T
        for row, right in enumerate(left @ orthogonal):
            step, rank = solve_triangular(triangle, right)
            points[row] -= step
    value = np.sum((all_residuals + points @ jacobian.T) ** 2, axis=1)
    status = Status.converged if rank == len(origin.point) else Status.undetermined
    return Minima(points, value, (status,) * len(sets), np.ones(len(sets), dtype=int))


def _one_by_one(origin: Origin, sets: DataSets, jumps: np.ndarray, budget: Budget) -> Minima:
    """Warm refits of data sets that cannot be a batch."""
    pieces = []
    for row in range(len(sets)):
        problem, start = origin.problem(sets, row), origin.point[None]
        is_linear = ClosedForm().refusal(problem) is None
        minimizer = ClosedForm() if is_linear else LevenbergMarquardt()
        if jumps.any():
            steps = step_coordinates(origin.model, origin.constraints)
            minima = follow_jumps(problem, minimizer, start[0], steps, jumps, budget)
        else:
            minima = minimizer.minimize(problem, start, budget=budget, report=silent)
        points = canonical_points(origin.model, problem, minima.points, origin.constraints)
        pieces.append(dataclasses.replace(minima, points=points))
    return _concatenated(pieces)


def _nothing(k: int, q: int) -> Minima:
    status = (Status.bad_data,) * k
    return Minima(np.full((k, q), np.nan), np.full(k, np.inf), status, np.zeros(k, dtype=int))


def _put(minima: Minima, rows: np.ndarray, some: Minima) -> Minima:
    """Minima with some rows replaced."""
    points, value, steps = minima.points.copy(), minima.value.copy(), minima.steps.copy()
    points[rows], value[rows], steps[rows] = some.points, some.value, some.steps
    status = list(minima.status)
    for row, one in zip(rows, some.status, strict=True):
        status[row] = one
    return Minima(points, value, tuple(status), steps)


def _concatenated(pieces: list[Minima]) -> Minima:
    return Minima(
        np.concatenate([piece.points for piece in pieces]),
        np.concatenate([piece.value for piece in pieces]),
        tuple(status for piece in pieces for status in piece.status),
        np.concatenate([piece.steps for piece in pieces]),
    )


def _joined(origin: Origin, pieces: list[Minima]) -> Refits:
    whole = _concatenated([_nothing(0, len(origin.point)), *pieces])
    working = origin.constraints.coordinates.expand(whole.points)
    return Refits(whole.points, working, whole.value, whole.status)
