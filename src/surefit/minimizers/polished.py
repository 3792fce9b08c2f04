"""A rough minimizer from far away, a fine one near the minimum."""

import dataclasses
import time

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report, Status
from surefit.minimizers.options import check_kind
from surefit.problem.base import AbstractProblem


@dataclasses.dataclass(frozen=True)
class Polished(AbstractMinimizer):
    """One minimizer after the other, the second from where the first ended.

    Attributes:
        rough: The first, e.g. `Adam()`, from far away.
        fine: The second, e.g. `LevenbergMarquardt()`, near the minimum.

    Example:
        >>> from surefit.minimizers.first_order import Adam
        >>> from surefit.minimizers.quasi_newton import LBFGS
        >>> str(Polished(Adam(), LBFGS()))
        'Polished(Adam(), LBFGS())'
    """

    rough: AbstractMinimizer
    fine: AbstractMinimizer

    def __post_init__(self) -> None:
        """Check the options."""
        check_kind("rough", self.rough, AbstractMinimizer, "a minimizer such as Adam()")
        check_kind("fine", self.fine, AbstractMinimizer, "a minimizer such as LBFGS()")

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        """Go downhill from each point twice; see `AbstractMinimizer.minimize`.

        Each of the two may take `budget.steps`; they share `budget.seconds`. A start from which
        the second ends higher than the first keeps what the first found.
        """
        started = time.monotonic()
        rough = self.rough.minimize(problem, points, budget=budget, report=report)
        if Status.interrupted in rough.status:
            return rough
        left = budget
        if budget.seconds is not None:
            left_seconds = max(budget.seconds - (time.monotonic() - started), 0.0)
            left = dataclasses.replace(budget, seconds=left_seconds)
        fine = self.fine.minimize(problem, rough.points, budget=left, report=report)
        rounding = 1e-10 * np.abs(rough.value)
        worse = np.isfinite(rough.value) & ~(fine.value <= rough.value + rounding)
        return Minima(
            np.where(worse[:, None], rough.points, fine.points),
            np.where(worse, rough.value, fine.value),
            tuple(
                first if keep else second
                for keep, first, second in zip(worse, rough.status, fine.status, strict=True)
            ),
            rough.steps + fine.steps,
        )

    def refusal(self, problem: AbstractProblem) -> str | None:
        """Why one of the two cannot do the problem, or None."""
        return self.rough.refusal(problem) or self.fine.refusal(problem)

    @property
    def needs_start(self) -> bool:
        """Whether the first depends on where it starts."""
        return self.rough.needs_start

    def __str__(self) -> str:
        """The constructor."""
        return f"Polished({self.rough}, {self.fine})"
