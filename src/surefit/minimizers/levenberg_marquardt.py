"""Levenberg–Marquardt for a batch of starts, with variable projection where it applies."""

import dataclasses
import time

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Hopeless, Minima, Report, Status
from surefit.minimizers.trials import AbstractTrials, trials_from
from surefit.problem.base import AbstractProblem, Reduced, diagonals

# Relative decrease of −2 ln L that the quadratic model still promises: below it, we are done.
TOLERANCE = 1e-10
# Relative difference of −2 ln L below which two starts have met.
MET = 1e-6
# Starts that must have met at the lowest minimum before slower ones are given up on.
ENOUGH_MET = 3
# Relative move of all parameters that is rounding.
ROUNDING = 4 * np.finfo(float).eps
# Damping beyond which a step no longer changes the point in float64.
STUCK = 1e16
# Factors on the damping of the trials of one step: of the first one, after a bad one, after a good
# one. Terms of −2 ln L, over all rows, up to which evaluating several costs hardly more than one.
FACTORS = np.array([(1.0, 30.0, 1000.0), (1.0, 16.0, np.nan), (0.1, 1.0, 10.0)])
CHEAP = 2**16
FEW_PARAMETERS = 8
# Times that a step is solved anew because a parameter at its limit would leave it.
MOST_HELD = 10


@dataclasses.dataclass(frozen=True)
class LevenbergMarquardt(AbstractMinimizer):
    """Damped Gauss–Newton steps with Moré's scaling and Nielsen's damping, limits kept exactly.

    Finished starts leave the batch. On few points a step is the best of several trials with
    different damping, which costs hardly more than one. Linear parameters are eliminated first
    (variable projection), unless they have limits. Sources: Moré 1978; Nielsen 1999
    (IMM-REP-1999-05); Golub and Pereyra 1973.

    Attributes:
        damping: First damping, relative to the curvature.

    Example:
        >>> str(LevenbergMarquardt())
        'LevenbergMarquardt()'
    """

    damping: float = 1e-2
    _hopeless: Hopeless | None = dataclasses.field(default=None, repr=False, kw_only=True)

    def giving_up(self, hopeless: Hopeless) -> "LevenbergMarquardt":
        return dataclasses.replace(self, _hopeless=hopeless)

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        trials = trials_from(problem, points)
        state = _State.begin(trials, problem.n_terms, self.damping)
        minima = self._descend(state, budget, report)
        return dataclasses.replace(minima, points=trials.full(minima.points))

    def refusal(self, problem: AbstractProblem) -> str | None:
        return None

    @property
    def needs_start(self) -> bool:
        return True

    def __str__(self) -> str:
        shown = "" if self.damping == 1e-2 else f"damping={self.damping:g}"
        return f"LevenbergMarquardt({shown})"

    def _descend(self, state: "_State", budget: Budget, report: Report) -> Minima:
        started, interrupted = time.monotonic(), False
        try:
            for _ in range(budget.steps):
                active = state.active(self._hopeless)
                if not len(active) or _expired(budget, started):
                    break
                state.step(active)
                report("Levenberg-Marquardt", float(np.min(state.at.value)))
        except KeyboardInterrupt:
            interrupted = True
        return state.minima(interrupted)


def _expired(budget: Budget, started: float) -> bool:
    return budget.seconds is not None and time.monotonic() - started > budget.seconds


@dataclasses.dataclass
class _State:
    """All starts of one descent; rows are updated in place."""

    trials: AbstractTrials
    n_terms: int
    points: np.ndarray
    at: Reduced
    scale: np.ndarray
    damping: np.ndarray
    growth: np.ndarray
    done: np.ndarray
    converged: np.ndarray
    steps: np.ndarray
    outrun: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    has_limits: bool

    @classmethod
    def begin(cls, trials: AbstractTrials, n_terms: int, damping: float) -> "_State":
        lower, upper = trials.bounds
        points = np.clip(np.array(trials.starts, dtype=np.float64), lower, upper)
        at, s = trials.begin(points), len(points)
        failed = ~np.isfinite(at.value)
        return cls(
            trials=trials,
            n_terms=n_terms,
            points=points,
            at=at,
            scale=diagonals(at.curvature).copy(),
            damping=np.full(s, damping),
            growth=np.full(s, 2.0),
            done=failed.copy(),
            converged=np.zeros(s, dtype=bool),
            steps=np.zeros(s, dtype=int),
            outrun=np.zeros(s, dtype=bool),
            lower=lower,
            upper=upper,
            has_limits=bool(np.isfinite(lower).any() or np.isfinite(upper).any()),
        )

    def step(self, rows: np.ndarray) -> None:
        """One step of the chosen rows: the best of a few trials with different damping."""
        self.scale[rows] = np.maximum(self.scale[rows], diagonals(self.at.curvature[rows]))
        own, damping = self._dampings(rows)
        each, firsts = rows[own], np.flatnonzero(np.diff(own, prepend=-1))
        at, start = self.at.rows(each), self.points[each]
        move = self._damped_steps(at, start, self.scale[each], damping)
        if self.has_limits:
            trial = np.clip(start + move, self.lower, self.upper)
            move = trial - start
        else:
            trial = start + move
        curved = ((at.curvature @ move[:, :, None])[:, :, 0] * move).sum(axis=1) / 2
        promised = -(at.gradient * move).sum(axis=1) - curved
        new = self.trials.reduce(each, trial, move, at.value)
        gain = at.value - new.value
        is_lower = np.isfinite(new.value) & (gain > 0)
        chosen = _ranked(np.where(is_lower, new.value, np.inf), own)[firsts]
        moves = is_lower[chosen]
        accepted = np.zeros(len(own), dtype=bool)
        accepted[chosen[moves]] = True
        self.trials.accept(each, accepted)
        if moves.any():
            self.points[each[accepted]] = trial[accepted]
            self.at.replace(each[accepted], new.rows(accepted))
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(promised > 0, gain / promised, -1.0)[chosen]
        shrink = np.maximum(1 / 3, 1 - (2 * np.minimum(np.maximum(ratio, 0), 1) - 1) ** 3)
        growth = self.growth[rows]
        self.damping[rows] = damping[chosen] * np.where(moves, shrink, growth)
        self.growth[rows] = np.where(moves, 2.0, growth * 2)
        self.steps[rows] += 1
        # A promise is small in earnest only where the damping is not what made it small; a step cut
        # at limits may promise a rise, which is no end.
        after = np.where(accepted, self.damping[each], damping)
        size, enough = np.abs(promised), TOLERANCE * at.value
        small = (size <= enough) & ((after <= 1) | (size * after <= enough))
        # With exact data −2 ln L is rounding, and no decrease is small beside it; steps are.
        small |= np.all(np.abs(move) <= ROUNDING * np.abs(start), axis=1) & (after <= 1)
        small = np.logical_or.reduceat(small, firsts)
        still = ~np.logical_or.reduceat(np.any(move != 0, axis=1), firsts)
        self.converged[rows] |= small
        self.done[rows] |= small | still | (self.damping[rows] > STUCK)

    def _dampings(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which of the rows each trial is of, in order, and its damping, shape (t,) each."""
        n_parameters = max(self.points.shape[1], FEW_PARAMETERS)
        if len(rows) * self.n_terms * n_parameters > CHEAP:
            return np.arange(len(rows)), self.damping[rows]
        kind = np.where(self.steps[rows] == 0, 0, np.where(self.growth[rows] > 2.0, 1, 2))
        factors = FACTORS[kind]
        own, place = np.nonzero(np.isfinite(factors))
        return own, self.damping[rows][own] * factors[own, place]

    def active(self, limit: Hopeless | None) -> np.ndarray:
        """Rows that go on, shape (k,)."""
        going = ~self.done
        if limit is None or np.count_nonzero(self.converged) < 2:
            return np.flatnonzero(going)
        value, best = self.at.value, np.min(self.at.value, initial=np.inf)
        is_met = value <= best * (1 + MET)
        n_met = np.count_nonzero(self.converged & is_met)
        if n_met > 1:
            going &= (value <= limit.factor * best) | (self.steps < limit.after)
        if limit.outrun is not None and n_met >= max(ENOUGH_MET, np.count_nonzero(going)):
            self.outrun |= going & ~is_met & (self.steps >= limit.outrun)
            going &= ~self.outrun
        return np.flatnonzero(going)

    def _damped_steps(
        self, at: Reduced, point: np.ndarray, scale: np.ndarray, damping: np.ndarray
    ) -> np.ndarray:
        """Solve (H + λ D²) δ = −g, with parameters pressed against a limit held there."""
        size = np.sqrt(np.maximum(scale, 0.0))
        if not self.has_limits:
            return _solved(at, damping, size, size > 0)
        at_lower, at_upper = point <= self.lower, point >= self.upper
        pressed = (at_lower & (at.gradient > 0)) | (at_upper & (at.gradient < 0))
        move = _solved(at, damping, size, ~pressed & (size > 0))
        for _ in range(MOST_HELD):  # what would leave through a limit is held there as well
            outward = (at_lower & (move < 0)) | (at_upper & (move > 0))
            if not outward.any():
                break
            pressed |= outward
            move = _solved(at, damping, size, ~pressed & (size > 0))
        return move

    def minima(self, interrupted: bool) -> Minima:
        status = []
        for row in range(len(self.points)):
            if not np.isfinite(self.at.value[row]):
                status.append(Status.not_finite)
            elif interrupted and not self.done[row]:
                status.append(Status.interrupted)
            elif self.converged[row]:
                status.append(Status.converged)
            elif self.done[row]:
                status.append(Status.not_stationary)
            else:
                status.append(Status.budget_exhausted)
        outrun = self.outrun if self.outrun.any() else None
        return Minima(self.points, self.at.value, tuple(status), self.steps, outrun)


def _ranked(values: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Trials in order of their rows; of each row the lowest first, or the last if all are infinite.

    Args:
        values: Of all trials, shape (t,).
        own: Row of each trial, in order, shape (t,).
    """
    return np.lexsort((-np.arange(len(own)), values, own))


def _solved(at: Reduced, damping: np.ndarray, size: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The damped step of the free parameters, the others held, shape (s, q).

    Args:
        at: The quadratic model, s rows.
        damping: λ of each row, shape (s,).
        size: Scales D of the parameters, shape (s, q).
        free: Which of them may move, shape (s, q).
    """
    inverse = np.where(free, 1 / np.where(size > 0, size, 1.0), 0.0)
    matrix = at.curvature * inverse[:, :, None] * inverse[:, None, :]
    diagonals(matrix)[...] += np.where(free, damping[:, None], 1.0)
    right = -(at.gradient * inverse)[:, :, None]
    try:
        return np.linalg.solve(matrix, right)[:, :, 0] * inverse
    except np.linalg.LinAlgError:
        solutions = [np.linalg.lstsq(a, b)[0][:, 0] for a, b in zip(matrix, right, strict=True)]
        return np.array(solutions) * inverse
