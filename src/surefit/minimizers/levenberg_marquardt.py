"""Levenberg–Marquardt for a batch of starts, with variable projection where it applies."""

import dataclasses
import time

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.minimizers.trials import AbstractTrials, trials_from
from surefit.problem.base import AbstractProblem, Reduced

# Relative decrease of −2 ln L that the quadratic model still promises: below it, we are done.
TOLERANCE = 1e-10
# Relative difference of −2 ln L below which two starts have met.
MET = 1e-6
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
                active = np.flatnonzero(~(state.done | state.hopeless(budget.hopeless)))
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
            scale=np.einsum("sii->si", at.curvature).copy(),
            damping=np.full(s, damping),
            growth=np.full(s, 2.0),
            done=failed.copy(),
            converged=np.zeros(s, dtype=bool),
            steps=np.zeros(s, dtype=int),
            lower=lower,
            upper=upper,
        )

    def step(self, rows: np.ndarray) -> None:
        """One trial step of the chosen rows."""
        at = self.at.rows(rows)
        self.scale[rows] = np.maximum(self.scale[rows], np.einsum("sii->si", at.curvature))
        move = self._damped_steps(at, rows)
        trial = np.clip(self.points[rows] + move, self.lower, self.upper)
        move = trial - self.points[rows]
        curved = np.einsum("si,sij,sj->s", move, at.curvature, move) / 2
        promised = -np.einsum("si,si->s", at.gradient, move) - curved
        new = self.trials.reduce(rows, trial, move, at.value)
        gain = at.value - new.value
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(promised > 0, gain / promised, -1.0)
        accepted = np.isfinite(new.value) & (gain > 0)
        self.trials.accept(rows, accepted)
        self.points[rows[accepted]] = trial[accepted]
        self.at.replace(rows[accepted], new.rows(accepted))
        shrink = np.maximum(1 / 3, 1 - (2 * np.clip(ratio, 0, 1) - 1) ** 3)
        self.damping[rows] = np.where(
            accepted, self.damping[rows] * shrink, self.damping[rows] * self.growth[rows]
        )
        self.growth[rows] = np.where(accepted, 2.0, self.growth[rows] * 2)
        self.steps[rows] += 1
        # A promise is small in earnest only where the damping is not what made it small; a step cut
        # at limits may promise a rise, which is no end.
        size = np.abs(promised)
        small = (size <= TOLERANCE * at.value) & (
            (self.damping[rows] <= 1) | (size * self.damping[rows] <= TOLERANCE * at.value)
        )
        stuck = (self.damping[rows] > STUCK) | (np.abs(move).max(axis=1, initial=0) == 0)
        self.converged[rows] |= small
        self.done[rows] |= small | stuck

    def hopeless(self, factor: float) -> np.ndarray:
        """Mask of the rows so far above a minimum at which two have met, shape (s,)."""
        value = self.at.value
        if not np.isfinite(factor):
            return np.zeros(len(value), dtype=bool)
        best = np.min(value, initial=np.inf)
        n_met = np.count_nonzero(self.converged & (value <= best * (1 + MET)))
        return value > factor * best if n_met > 1 else np.zeros(len(value), dtype=bool)

    def _damped_steps(self, at: Reduced, rows: np.ndarray) -> np.ndarray:
        """Solve (H + λ D²) δ = −g, with parameters pressed against a limit held there."""
        point, scale = self.points[rows], np.sqrt(np.maximum(self.scale[rows], 0.0))
        pressed = ((point <= self.lower) & (at.gradient > 0)) | (
            (point >= self.upper) & (at.gradient < 0)
        )
        at_lower, at_upper = point <= self.lower, point >= self.upper
        move = self._solved(at, rows, scale, ~pressed & (scale > 0))
        for _ in range(MOST_HELD):  # what would leave through a limit is held there as well
            outward = (at_lower & (move < 0)) | (at_upper & (move > 0))
            if not outward.any():
                break
            pressed |= outward
            move = self._solved(at, rows, scale, ~pressed & (scale > 0))
        return move

    def _solved(self, at: Reduced, rows: np.ndarray, scale: np.ndarray, free: np.ndarray):
        """The damped step of the free parameters, the others held."""
        inverse = np.where(free, 1 / np.where(scale > 0, scale, 1.0), 0.0)
        matrix = at.curvature * inverse[:, :, None] * inverse[:, None, :]
        diagonal = np.where(free, self.damping[rows][:, None], 1.0)
        matrix = matrix + diagonal[:, :, None] * np.eye(free.shape[1])
        right = -(at.gradient * inverse)[:, :, None]
        try:
            return np.linalg.solve(matrix, right)[:, :, 0] * inverse
        except np.linalg.LinAlgError:
            solutions = [np.linalg.lstsq(a, b)[0][:, 0] for a, b in zip(matrix, right, strict=True)]
            return np.array(solutions) * inverse

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
