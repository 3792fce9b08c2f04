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
# Relative move of all parameters that is rounding.
ROUNDING = 4 * np.finfo(float).eps
# Damping beyond which a step no longer changes the point in float64.
STUCK = 1e16
# Times that a step is solved anew because a parameter at its limit would leave it.
MOST_HELD = 10


@dataclasses.dataclass(frozen=True)
class LevenbergMarquardt(AbstractMinimizer):
    """Damped Gauss–Newton steps with Moré's scaling and Nielsen's damping, limits kept exactly.

    Finished starts leave the batch. Linear parameters are eliminated first (variable projection),
    unless they have limits. Sources: Moré 1978; Nielsen 1999 (IMM-REP-1999-05); Golub and
    Pereyra 1973.

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
        minima = self._descend(trials, budget, report)
        return dataclasses.replace(minima, points=trials.full(minima.points))

    def refusal(self, problem: AbstractProblem) -> str | None:
        return None

    @property
    def needs_start(self) -> bool:
        return True

    def __str__(self) -> str:
        shown = "" if self.damping == 1e-2 else f"damping={self.damping:g}"
        return f"LevenbergMarquardt({shown})"

    def _descend(self, trials: AbstractTrials, budget: Budget, report: Report) -> Minima:
        state = _State.begin(trials, self.damping)
        started, interrupted = time.monotonic(), False
        try:
            for _ in range(budget.steps):
                active = np.flatnonzero(~(state.done | state.is_hopeless(self._hopeless)))
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
    points: np.ndarray
    at: Reduced
    scale: np.ndarray
    damping: np.ndarray
    growth: np.ndarray
    done: np.ndarray
    converged: np.ndarray
    steps: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    has_limits: bool

    @classmethod
    def begin(cls, trials: AbstractTrials, damping: float) -> "_State":
        lower, upper = trials.bounds
        points = np.clip(np.array(trials.starts, dtype=np.float64), lower, upper)
        at, s = trials.begin(points), len(points)
        failed = ~np.isfinite(at.value)
        return cls(
            trials=trials,
            points=points,
            at=at,
            scale=diagonals(at.curvature).copy(),
            damping=np.full(s, damping),
            growth=np.full(s, 2.0),
            done=failed.copy(),
            converged=np.zeros(s, dtype=bool),
            steps=np.zeros(s, dtype=int),
            lower=lower,
            upper=upper,
            has_limits=bool(np.isfinite(lower).any() or np.isfinite(upper).any()),
        )

    def step(self, rows: np.ndarray) -> None:
        """One trial step of the chosen rows."""
        at, damping = self.at.rows(rows), self.damping[rows]
        self.scale[rows] = scale = np.maximum(self.scale[rows], diagonals(at.curvature))
        start = self.points[rows]
        move = self._damped_steps(at, start, scale, damping)
        if self.has_limits:
            trial = np.clip(start + move, self.lower, self.upper)
            move = trial - start
        else:
            trial = start + move
        curved = ((at.curvature @ move[:, :, None])[:, :, 0] * move).sum(axis=1) / 2
        promised = -(at.gradient * move).sum(axis=1) - curved
        new = self.trials.reduce(rows, trial, move, at.value)
        gain = at.value - new.value
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(promised > 0, gain / promised, -1.0)
        accepted = np.isfinite(new.value) & (gain > 0)
        self.trials.accept(rows, accepted)
        moved = rows[accepted]
        if len(moved):
            self.points[moved] = trial[accepted]
            self.at.replace(moved, new.rows(accepted))
        shrink = np.maximum(1 / 3, 1 - (2 * np.minimum(np.maximum(ratio, 0), 1) - 1) ** 3)
        growth = self.growth[rows]
        self.damping[rows] = damping = np.where(accepted, damping * shrink, damping * growth)
        self.growth[rows] = np.where(accepted, 2.0, growth * 2)
        self.steps[rows] += 1
        # A promise is small in earnest only where the damping is not what made it small; a step cut
        # at limits may promise a rise, which is no end.
        size, enough = np.abs(promised), TOLERANCE * at.value
        small = (size <= enough) & ((damping <= 1) | (size * damping <= enough))
        # With exact data −2 ln L is rounding, and no decrease is small beside it; steps are.
        is_still = np.all(np.abs(move) <= ROUNDING * np.abs(start), axis=1)
        small |= is_still & (damping <= 1)
        stuck = (damping > STUCK) | (np.abs(move).max(axis=1, initial=0) == 0)
        self.converged[rows] |= small
        self.done[rows] |= small | stuck

    def is_hopeless(self, limit: Hopeless | None) -> np.ndarray:
        """Mask of the rows so far above a minimum at which two have met, shape (s,)."""
        value = self.at.value
        if limit is None or np.count_nonzero(self.converged) < 2:
            return np.zeros(len(value), dtype=bool)
        best = np.min(value, initial=np.inf)
        n_met = np.count_nonzero(self.converged & (value <= best * (1 + MET)))
        is_above = (value > limit.factor * best) & (self.steps >= limit.after)
        return is_above if n_met > 1 else np.zeros(len(value), dtype=bool)

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
        return Minima(self.points, self.at.value, tuple(status), self.steps)


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
