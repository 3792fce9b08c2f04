"""Limited-memory quasi-Newton descent."""

import dataclasses

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.minimizers.evaluations import Evaluations
from surefit.minimizers.gauss_newton import EDM_LIMIT, polish
from surefit.minimizers.one_by_one import Ending, is_affordable, judge, one_by_one
from surefit.minimizers.options import check_count, check_number, constructor
from surefit.problem.base import AbstractProblem, size

# Whitening adds this to the eigenvalues of the curvature (scaled to a unit diagonal, in units of
# the largest), so that nearly undetermined directions are not sent to infinity: less after a round
# that got somewhere, more after one that did not.
FIRST_RIDGE, LEAST_RIDGE, RIDGE_FACTOR = 1e-2, 1e-12, 100.0
# Steps of one round at most, for q parameters: the curvature moves on with the point.
STEPS_OF_ROUND = 50
# −2 ln L where the model is not finite, in units of its value at the start: a wall to step back
# from, low enough that the line search's cubics keep their digits.
WALL = 1e3


@dataclasses.dataclass(frozen=True)
class LBFGS(AbstractMinimizer):
    """Limited-memory BFGS with exact gradients and exact limits (Byrd, Lu, Nocedal, Zhu 1995).

    It suits any differentiable loss and many parameters: each step costs one or two gradients
    and `memory` vectors. The variables are scaled by the diagonal of the curvature at the start
    and, in later rounds, whitened by the curvature where the last round ended (those without
    limits), so that units and correlations do not matter. Whether the end is a minimum is judged
    from the derivatives there. Starts are taken one by one: for many starts of a small
    least-squares problem use `LevenbergMarquardt`.

    Attributes:
        memory: Number of past steps that approximate the curvature.
        tolerance: Expected decrease of −2 ln L, in units of its value per degree of freedom, at
            which to stop. The end still counts as a minimum at 2e-5.

    Raises:
        InvalidOption: An option is out of range.

    Example:
        >>> str(LBFGS(memory=20))
        'LBFGS(memory=20)'
    """

    memory: int = 10
    tolerance: float = 1e-9

    def __post_init__(self) -> None:
        """Check the options."""
        check_count("memory", self.memory)
        check_number("tolerance", self.tolerance, below=1.0)

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        """Go downhill from each point; see `AbstractMinimizer.minimize`."""

        def descend(seen: Evaluations, start: np.ndarray) -> Ending:
            return self._descend(problem, seen, start, budget)

        return one_by_one(problem, points, descend, what="L-BFGS", budget=budget, report=report)

    def refusal(self, problem: AbstractProblem) -> str | None:
        """None: any problem with derivatives will do."""
        return None

    @property
    def needs_start(self) -> bool:
        """True."""
        return True

    def __str__(self) -> str:
        """The constructor."""
        return constructor(self)

    def _descend(
        self, problem: AbstractProblem, seen: Evaluations, start: np.ndarray, budget: Budget
    ) -> Ending:
        """Rounds of L-BFGS-B, each in variables scaled where the last one ended."""
        if not is_affordable(problem):
            return self._descend_large(problem, seen, start, budget)
        point, ridge = start, np.inf  # the first round has no whitening
        while seen.steps < budget.steps:
            before = seen.best_value
            most = min(budget.steps - seen.steps, STEPS_OF_ROUND + 2 * size(problem))
            self._round(problem, seen, Frame.at(problem, point, ridge), most)
            point = seen.best
            if polish(problem, point, steps=0).edm <= self.tolerance:
                break
            if before - seen.best_value > 1e-13 * abs(before):
                ridge = max(min(ridge / RIDGE_FACTOR, FIRST_RIDGE), LEAST_RIDGE)
            elif ridge > 1:
                break
            else:
                ridge = ridge * RIDGE_FACTOR if ridge < FIRST_RIDGE else np.inf
        status = judge(problem, point, limit=max(self.tolerance, EDM_LIMIT))
        if status is Status.not_stationary and seen.steps >= budget.steps:
            status = Status.budget_exhausted
        return Ending(point, seen.best_value, status, seen.steps)

    def _descend_large(
        self, problem: AbstractProblem, seen: Evaluations, start: np.ndarray, budget: Budget
    ) -> Ending:
        """One round without a matrix; the descent's own curvature judges where it ended."""
        frame = Frame(start, np.eye(1), *problem.bounds)
        expected = self._round(problem, seen, frame, budget.steps)
        per_degree = abs(seen.best_value) / problem.n_terms if problem.is_least_squares else 1.0
        lower, upper = problem.bounds
        limited = bool(np.any((seen.best <= lower) | (seen.best >= upper)))
        if expected <= max(self.tolerance, EDM_LIMIT) * per_degree:
            status = Status.at_bound if limited else Status.converged
        elif seen.steps >= budget.steps:
            status = Status.budget_exhausted
        else:
            status = Status.not_stationary
        return Ending(seen.best, seen.best_value, status, seen.steps)

    def _round(
        self, problem: AbstractProblem, seen: Evaluations, frame: "Frame", steps: int
    ) -> float:
        """Run scipy's L-BFGS-B in the frame; return the decrease that its curvature expects."""
        start, _ = seen(frame.origin)
        unit = abs(start) if problem.is_least_squares else float(problem.n_terms)
        unit = unit if unit > 0 else 1.0
        wall = (start + WALL * max(abs(start), unit)) / unit

        def function(scaled: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = seen(frame.point(scaled))
            if not np.isfinite(value):
                return wall, np.zeros_like(scaled)
            return value / unit, frame.gradient(gradient) / unit

        def count(_: np.ndarray) -> None:
            seen.steps += 1

        per_degree = unit / problem.n_terms
        # In whitened variables −2 ln L is |z|²: a gradient g promises a decrease of |g|²/4.
        small = 2 * np.sqrt(0.01 * self.tolerance * per_degree / len(frame.origin)) / unit
        result = scipy.optimize.minimize(
            function,
            np.zeros_like(frame.origin),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(frame.lower_scaled(), frame.upper_scaled(), strict=True)),
            callback=count,
            options={
                "maxcor": self.memory,
                "maxiter": max(steps, 1),
                "maxfun": 50 * max(steps, 1),
                "ftol": 0.0,
                "gtol": small,
                "maxls": 40,
            },
        )
        inside = (frame.lower_scaled() < result.x) & (result.x < frame.upper_scaled())
        slope = np.where(inside, result.jac, 0.0)
        return float(slope @ (result.hess_inv @ slope)) / 2 * unit


@dataclasses.dataclass(frozen=True, eq=False)
class Frame:
    """Scaled variables z with x = origin + T z.

    Attributes:
        origin: x where z is zero, shape (q,).
        transform: T, shape (q, q); of shape (1, 1) it is the unit matrix. Parameters with a limit
            are scaled only, never mixed with others.
        lower: Lower limits of x.
        upper: Upper limits of x.
    """

    origin: np.ndarray
    transform: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def at(cls, problem: AbstractProblem, point: np.ndarray, ridge: float) -> "Frame":
        """Scale by the curvature at a point.

        Args:
            problem: The problem.
            point: Where to take the curvature, shape (q,).
            ridge: What to add to the eigenvalues of the scaled curvature, in units of the
                largest, before removing the correlations of parameters without limits; if it is
                infinite, only the scales are changed.
        """
        curvature = problem.reduce(point[None]).curvature[0]
        scale = natural_scales(point, np.diag(curvature))
        lower, upper = problem.bounds
        transform = np.diag(scale)
        free = np.flatnonzero(np.isinf(lower) & np.isinf(upper))
        if np.isfinite(ridge) and len(free):
            block = np.ix_(free, free)
            unit = curvature[block] / 2 * scale[free][:, None] * scale[free]
            values, vectors = np.linalg.eigh(unit)
            values = np.maximum(values, 0.0) + ridge * max(values[-1], 1e-300)
            transform[block] = scale[free][:, None] * vectors / np.sqrt(values)
        return cls(point, transform, lower, upper)

    def point(self, scaled: np.ndarray) -> np.ndarray:
        """x of z, inside its limits to the last digit."""
        point = self.origin + self._apply(self.transform, scaled)
        point = np.where(scaled <= self.lower_scaled(), self.lower, point)
        point = np.where(scaled >= self.upper_scaled(), self.upper, point)
        return np.clip(point, self.lower, self.upper)

    def gradient(self, gradient: np.ndarray) -> np.ndarray:
        """The gradient with respect to z."""
        return self._apply(self.transform.T, gradient)

    def lower_scaled(self) -> np.ndarray:
        """Lower limits of z."""
        return (self.lower - self.origin) / self._limited_scale(self.lower)

    def upper_scaled(self) -> np.ndarray:
        """Upper limits of z."""
        return (self.upper - self.origin) / self._limited_scale(self.upper)

    def _limited_scale(self, limit: np.ndarray) -> np.ndarray:
        """The scale of each parameter with a limit, which is a diagonal entry of T; or 1."""
        return np.where(np.isfinite(limit), np.diag(self.transform), 1.0)

    def _apply(self, matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
        return vector if matrix.shape == (1, 1) else matrix @ vector


def natural_scales(point: np.ndarray, diagonal: np.ndarray) -> np.ndarray:
    """One conditional standard deviation of each parameter, √(2/H).

    Args:
        point: Where the curvature was taken, shape (q,).
        diagonal: Diagonal of the curvature H of −2 ln L, shape (q,).

    Returns:
        Shape (q,); where there is no curvature, the size of the parameter, or 1.
    """
    has_curvature = np.isfinite(diagonal) & (diagonal > 0)
    size_of_point = np.where(point != 0, np.abs(point), 1.0)
    return np.where(
        has_curvature, np.sqrt(2 / np.where(has_curvature, diagonal, 1.0)), size_of_point
    )
