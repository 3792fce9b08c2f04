"""What a minimizer is: a batch of points in, a batch of minima out."""

import abc
import dataclasses
import enum
from collections.abc import Callable

import numpy as np

from surefit.annotations import Float
from surefit.problem.base import AbstractProblem


class Status(enum.Enum):
    """How a fit ended; each member carries what it means and what to do."""

    converged = "The fit is at a minimum."
    at_bound = (
        "The fit is at a minimum on the edge of the allowed region: a parameter stopped at its "
        "limit, so its symmetric error is not meaningful. Widen the bound, or quote a limit: "
        "fit.interval(name) is one-sided there."
    )
    at_kink = (
        "The fit is at a minimum on a kink: the model bends exactly at a data point (a rectifier "
        "switches there, a clipped curve reaches its limit), so that derivatives do not vanish, "
        "yet no step lowers it. The curve stands; errors are those of the smooth pieces. In a "
        "network fewer units, or a smooth activation such as softplus, avoid it."
    )
    at_jump = (
        "The fit is at a minimum beside a jump: a parameter marked as a step would go on, but a "
        "data point would change side there and -2 ln L would rise. The curve stands, so do the "
        "other parameters; how far that one may be off is told by fit.interval(name)."
    )
    undetermined = (
        "The data do not determine every parameter; the curve stands, the parameters listed in "
        "the notes do not. Fix or combine them, or use fewer terms."
    )
    merging = (
        "The best fit lies at infinity: terms cancel each other with huge opposite coefficients, "
        "or only the tail of one is used. The curve and its band stand; the parameters do not. Use "
        "fewer terms."
    )
    unconfirmed = (
        "A second search did not find this minimum again, so a better one may exist. Give a "
        "larger budget, bounds, or a start."
    )
    not_stationary = (
        "The minimizer stopped where the function still falls. Give a larger budget, another "
        "minimizer, or a start nearer to the answer."
    )
    budget_exhausted = (
        "The fit stopped because its budget ran out before it reached a minimum. Give a larger "
        "budget."
    )
    interrupted = "The fit was interrupted; these are the best values so far, not a minimum."
    not_finite = (
        "The model gives no finite value wherever the fit looked. Check the formula, or give "
        "bounds that keep it where it is defined."
    )

    bad_data = (
        "The data of this fit cannot be used, so there is no result. Its message says what is "
        "wrong with them."
    )

    @property
    def advice(self) -> str:
        """What the outcome means and what to do."""
        return self.value

    @property
    def is_minimum(self) -> bool:
        """Whether the values are at a minimum of −2 ln L that can be trusted."""
        return self in (Status.converged, Status.at_bound, Status.at_kink, Status.at_jump)

    @property
    def may_have_intervals(self) -> bool:
        """Whether the fit ended where −2 ln L is stationary, so that its rise says something."""
        return self.is_minimum or self in (Status.undetermined, Status.unconfirmed, Status.merging)


@dataclasses.dataclass(frozen=True, eq=False)
class Minima:
    """Where a minimizer ended, from each of a batch of starts.

    Attributes:
        points: Shape (s, q).
        value: −2 ln L there, shape (s,).
        status: Outcome of each, a tuple of `Status`.
        steps: Iterations spent on each, shape (s,).
        outrun: Mask of those that stopped on their way because others had met, shape (s,): where
            they would have ended is not known. None if there are none.
    """

    points: Float[np.ndarray, "s q"]
    value: Float[np.ndarray, " s"]
    status: tuple[Status, ...]
    steps: np.ndarray
    outrun: np.ndarray | None = None

    @property
    def best(self) -> int:
        """Row of the lowest value."""
        return int(np.argmin(self.value))

    def ended(self) -> "Minima":
        """Those of which it is known where they ended."""
        if self.outrun is None:
            return self
        kept = np.flatnonzero(~self.outrun)
        status = tuple(self.status[row] for row in kept)
        return Minima(self.points[kept], self.value[kept], status, self.steps[kept])


@dataclasses.dataclass(frozen=True)
class Budget:
    """How much work a fit may do. Work is counted, so that results do not depend on the clock.

    Attributes:
        steps: Most iterations that a minimizer takes from one start.
        starts: Factor on the number of starts of a search; 1 is the normal effort.
        seconds: A cap on the wall time, or None; the report says so when it binds.
    """

    steps: int = 500
    starts: float = 1.0
    seconds: float | None = None


@dataclasses.dataclass(frozen=True)
class Hopeless:
    """When a start of a batch need not go on, as others have met at a lower minimum.

    Attributes:
        factor: −2 ln L, relative to that minimum's, above which it may stop if two have met.
        after: Steps that it may take nevertheless.
        outrun: Steps after which it may stop wherever it is, once at least three have met and no
            more than these are still on their way; None if it may not.
    """

    factor: float
    after: int = 0
    outrun: int | None = None


Report = Callable[[str, float], None]
"""Called with what is being done and −2 ln L so far, as work goes on."""


def silent(what: str, value: float) -> None:
    """Report nothing."""


class AbstractMinimizer(abc.ABC):
    """Goes downhill from a batch of points."""

    @abc.abstractmethod
    def minimize(
        self,
        problem: AbstractProblem,
        points: Float[np.ndarray, "s q"],
        *,
        budget: Budget,
        report: Report,
    ) -> Minima:
        """Go downhill from each point.

        Args:
            problem: What to minimize.
            points: Starts, shape (s, q).
            budget: Limits on the work.
            report: Called now and then with the progress.

        Returns:
            One minimum for each start, in the same order.
        """

    @abc.abstractmethod
    def refusal(self, problem: AbstractProblem) -> str | None:
        """Why this minimizer cannot do the problem, in a sentence that names one that can.

        Returns:
            The sentence, or None if it can.
        """

    def giving_up(self, hopeless: Hopeless) -> "AbstractMinimizer":
        """The same minimizer for batches in which hopeless starts need not go on.

        One that takes starts one by one has nothing to compare them with: it stays as it is.
        """
        return self

    @property
    @abc.abstractmethod
    def needs_start(self) -> bool:
        """Whether the result depends on where it starts (false for a closed form)."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """The constructor."""
