"""MINUIT through iminuit: MIGRAD, SIMPLEX, HESSE."""

import dataclasses

import iminuit
import numpy as np

from surefit.exceptions import InvalidOption
from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status, silent
from surefit.minimizers.evaluations import Evaluations
from surefit.minimizers.gauss_newton import EDM_LIMIT
from surefit.minimizers.one_by_one import Ending, is_affordable, judge, one_by_one
from surefit.minimizers.options import check_count, check_kind, check_number, constructor
from surefit.minimizers.quasi_newton import natural_scales
from surefit.problem.base import AbstractProblem, size

# Most parameters: MIGRAD keeps a full matrix, and HESSE calls the function for each of its entries.
MOST_PARAMETERS = 1000
# −2 ln L where the model is not finite, in units of its value at the start.
WALL = 1e3
# MIGRAD's goal for the expected decrease, as a fraction of `tolerance` (iminuit's `Minuit.tol`).
EDM_FRACTION = 0.002
# How often MINUIT is run in a smaller unit of −2 ln L.
ROUNDS = 6


@dataclasses.dataclass(frozen=True)
class Minuit(AbstractMinimizer):
    """MINUIT (James and Roos 1975) with errordef 1, as the function is −2 ln L.

    Use it to compare with what the field has used for decades, or for its HESSE. MINUIT measures
    its distance to the minimum in units of −2 ln L, which means nothing where the errors of y are
    unknown, or no noise was added; where the derivatives say that the function still falls, it is
    run again on −2 ln L in units of its value per term. Limits are MINUIT's own (a sine or a
    square root of the parameter); an end that is numerically at a limit is put exactly there.

    Attributes:
        strategy: 0 (fast), 1 or 2 (careful), or as MINUIT defines it.
        use_gradient: Exact gradients, or MINUIT's numerical ones.
        method: `"migrad"` or `"simplex"` (no derivatives; ends roughly: polish it).
        hesse: Whether to compute second derivatives at the end; an end where they are not
            positive definite, which is a saddle, is then not taken for a minimum.
        max_calls: Most calls of the function; by default MINUIT's 200 + 100 q + 5 q² for q
            parameters, times the budget's steps over their default.
        tolerance: MINUIT's `tol`: it stops at an expected decrease of 0.002 times this.

    Raises:
        InvalidOption: An option is unknown or out of range.

    Example:
        >>> str(Minuit(strategy=2, method="simplex"))
        "Minuit(strategy=2, method='simplex')"
    """

    strategy: int = 1
    use_gradient: bool = True
    method: str = "migrad"
    hesse: bool = True
    max_calls: int | None = None
    tolerance: float = 0.1

    def __post_init__(self) -> None:
        """Check the options."""
        check_count("strategy", self.strategy, at_least=0, most=2)
        check_kind("use_gradient", self.use_gradient, bool, "True or False")
        check_kind("hesse", self.hesse, bool, "True or False")
        if self.method not in ("migrad", "simplex"):
            raise InvalidOption(f'method is {self.method!r}; pass "migrad" or "simplex".')
        if self.max_calls is not None:
            check_count("max_calls", self.max_calls)
        check_number("tolerance", self.tolerance)

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        """Go downhill from each point; `steps` of the result counts function calls."""

        def descend(seen: Evaluations, start: np.ndarray) -> Ending:
            return self._descend(problem, seen, start, budget)

        return one_by_one(
            problem,
            points,
            descend,
            what=f"MINUIT {self.method}",
            budget=budget,
            report=report,
            with_gradient=self.use_gradient,
        )

    def refusal(self, problem: AbstractProblem) -> str | None:
        """Refuses more than a thousand parameters."""
        if size(problem) > MOST_PARAMETERS:
            return (
                f"MINUIT keeps a full matrix of all {size(problem)} parameters; "
                f"use LBFGS() or Adam() beyond {MOST_PARAMETERS}."
            )
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
        """Run MINUIT, again with a smaller tolerance where the function still falls."""
        calls, unit = self._most_calls(problem, budget), 1.0
        ending = Ending(start, seen.best_value, Status.not_stationary, 0)
        for number in range(ROUNDS):
            # SIMPLEX stops early by design, to be followed by MIGRAD; MIGRAD does not.
            tolerance = self.tolerance / (1 if self.method == "migrad" else 100**number)
            ending, is_cut = self._run(problem, seen, ending.point, unit, tolerance, calls)
            if ending.status is not Status.not_stationary:
                break
            if is_cut or ending.steps >= calls:
                return ending._replace(status=Status.budget_exhausted)
            by_value = problem.is_least_squares and ending.value > 0
            unit = ending.value / problem.n_terms if by_value else unit / 100
        return ending

    def _run(
        self,
        problem: AbstractProblem,
        seen: Evaluations,
        start: np.ndarray,
        unit: float,
        tolerance: float,
        most_calls: int,
    ) -> tuple[Ending, bool]:
        """Run MINUIT once on −2 ln L / unit; return where it ended, and whether it was cut."""
        scale, before = _step_sizes(problem, start), seen.steps
        engine = _engine(problem, seen, start, scale, unit, use_gradient=self.use_gradient)
        engine.strategy, engine.tol = self.strategy, tolerance
        left = max(most_calls - before, 1)
        engine = engine.migrad(left) if self.method == "migrad" else engine.simplex(left)
        state = engine.fmin
        is_cut = state is not None and state.has_reached_call_limit
        point, value = _at_limits(problem, np.array(engine.values) * scale, scale, seen)
        status = judge(problem, point, limit=max(EDM_LIMIT, EDM_FRACTION * self.tolerance))
        # At a limit MINUIT's own variable has no curvature, so HESSE says nothing there.
        if self.hesse and status is Status.converged and not _is_minimum_by_hesse(engine):
            status, is_cut = Status.not_stationary, False
        seen.steps = before + _calls(engine)
        return Ending(point, value, status, seen.steps), is_cut

    def _most_calls(self, problem: AbstractProblem, budget: Budget) -> int:
        if self.max_calls is not None:
            return self.max_calls
        q = size(problem)
        return max(1, round((200 + 100 * q + 5 * q**2) * budget.steps / Budget().steps))


def hesse_covariance(problem: AbstractProblem, point: np.ndarray) -> np.ndarray:
    """The covariance of MINUIT's HESSE, from its own numerical second derivatives.

    An independent check of the covariance that a fit reports. It does not see correlated errors
    or a model's symmetries in any special way, and is not meaningful at a limit.

    Args:
        problem: The problem; −2 ln L is its value.
        point: The minimum, shape (q,).

    Returns:
        Shape (q, q), in the units of the parameters; NaN if HESSE failed, e.g. because the second
        derivatives are not positive definite there.
    """
    point = np.asarray(point, dtype=np.float64)
    seen = Evaluations(problem, point, what="MINUIT hesse", report=silent)
    scale = _step_sizes(problem, point)
    engine = _engine(problem, seen, point, scale, 1.0, use_gradient=True)
    engine.strategy = 2
    is_minimum = _is_minimum_by_hesse(engine)
    covariance = engine.covariance
    if covariance is None or not is_minimum:
        return np.full((len(point), len(point)), np.nan)
    return np.asarray(covariance) * scale[:, None] * scale


def _engine(
    problem: AbstractProblem,
    seen: Evaluations,
    start: np.ndarray,
    scale: np.ndarray,
    unit: float,
    *,
    use_gradient: bool,
) -> iminuit.Minuit:
    """An iminuit object on −2 ln L / unit, of parameters / scale; first steps are of size one."""
    value, _ = seen(start)
    wall = value + WALL * max(abs(value), 1.0)

    def function(point: np.ndarray) -> float:
        here, _ = seen(inside(point))
        return (here if np.isfinite(here) else wall) / unit

    def gradient(point: np.ndarray) -> np.ndarray:
        return seen(inside(point))[1] * scale / unit

    lower, upper = problem.bounds

    def inside(scaled: np.ndarray) -> np.ndarray:
        return np.clip(scaled * scale, lower, upper)  # against rounding at the limits

    engine = iminuit.Minuit(
        function,  # pyright: ignore[reportArgumentType] - an array comes in, as `start` is one
        _off_limits(start, scale, lower, upper) / scale,
        grad=gradient if use_gradient else None,  # pyright: ignore[reportArgumentType]
        name=problem.names,
    )
    engine.errordef = 1.0
    engine.print_level = 0
    engine.errors = np.ones_like(scale)
    engine.limits = list(zip(lower / scale, upper / scale, strict=True))
    engine.fixed = lower == upper
    return engine


def _step_sizes(problem: AbstractProblem, start: np.ndarray) -> np.ndarray:
    """First steps: one conditional standard deviation, where it can be had."""
    if not is_affordable(problem):
        return np.where(start != 0, 0.1 * np.abs(start), 0.1)
    curvature = problem.reduce(start[None]).curvature[0]
    return natural_scales(start, np.diag(curvature))


def _off_limits(
    start: np.ndarray, steps: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Move a start off its limits, where MINUIT's variable has no slope and would stay."""
    width = upper - lower
    margin = np.minimum(steps, np.where(np.isfinite(width), 0.01 * width, np.inf))
    return np.clip(start, lower + margin, upper - margin)


def _at_limits(
    problem: AbstractProblem, point: np.ndarray, scale: np.ndarray, seen: Evaluations
) -> tuple[np.ndarray, float]:
    """Put an end that is numerically at a limit exactly there, unless it gets worse."""
    lower, upper = problem.bounds
    value = seen(point)[0]
    near = 1e-3 * scale
    snapped = np.where(point - lower <= near, lower, np.where(upper - point <= near, upper, point))
    if np.array_equal(snapped, point):
        return point, value
    there = seen(snapped)[0]
    # MINUIT stops within its tolerance of the limit: the same decrease counts as nothing here.
    return (snapped, there) if there <= value * (1 + 1e-12) else (point, value)


def _is_minimum_by_hesse(engine: iminuit.Minuit) -> bool:
    """Run HESSE; where a second derivative is negative, it walks away or forces it positive."""
    before = np.array(engine.values)
    engine.hesse()
    state = engine.fmin
    fails = state is None or state.hesse_failed or state.has_made_posdef_covar
    return not fails and bool(np.all(np.abs(np.array(engine.values) - before) < 0.1))


def _calls(engine: iminuit.Minuit) -> int:
    return int(engine.nfcn + engine.ngrad)
