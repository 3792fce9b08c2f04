"""Fit a model again, to some of the points: from the minimum that is known, or from nowhere."""

import abc
import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.data.splits import arrays_of
from surefit.exceptions import NotAvailable
from surefit.fitting import fit as fit_model
from surefit.minimizers.base import AbstractMinimizer, Budget, Report, silent
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.models.base import AbstractModel
from surefit.problem.build import build_problem
from surefit.result import Fit


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """What was fitted.

    Attributes:
        model: The resolved model.
        working: The parameters that it works with, shape (p,).
        is_valid: Whether the minimum is to be trusted.
    """

    model: AbstractModel
    working: np.ndarray
    is_valid: bool

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The curve at inputs in the shape of the data, shape (n, m)."""
        with np.errstate(all="ignore"):
            return np.asarray(self.model.evaluate(self.working, x))


class AbstractRefit(abc.ABC):
    """How a fit is repeated on other points."""

    @abc.abstractmethod
    def refit(self, one: Fit, data: Data, report: Report = silent) -> Curve:
        """Fit the model of a fit, under what was known of it, to other data.

        Args:
            one: The fit.
            data: Checked data like those of the fit.
            report: Called with the progress.

        Raises:
            TooFewPoints: There are too few for the model.
        """

    @abc.abstractmethod
    def __str__(self) -> str:
        """How, in a few words."""


@dataclasses.dataclass(frozen=True)
class Cold(AbstractRefit):
    """Search anew, as if the other points had never been there: what a user would get from them.

    Attributes:
        minimizer: How to go downhill; chosen by the structure of the problem if None.
        budget: Limits on the work of each fit.
        key: Seed of the searches.
    """

    minimizer: AbstractMinimizer | None = None
    budget: Budget = dataclasses.field(default_factory=Budget)
    key: int = 0

    def refit(self, one: Fit, data: Data, report: Report = silent) -> Curve:
        again = self.fit(one, data, report)
        return Curve(again.model, again.working, again.valid)

    def fit(self, one: Fit, data: Data, report: Report = silent) -> Fit:
        """The same as a whole fit."""
        return fit_model(
            *(data.x, arrays_of(data).y, one.model, arrays_of(data).yerr),
            loss=one.loss,
            constraints=one.constraints if one.constraints.is_any else None,
            minimizer=self.minimizer,
            budget=self.budget,
            key=self.key,
            progress=report,
        )

    def __str__(self) -> str:
        return "each fitted from nowhere"


@dataclasses.dataclass(frozen=True)
class Warm(AbstractRefit):
    """Go downhill from the fit's minimum, which knew all points: quick, and a little too good.

    Parameters that jump, as edges do, would stay where they are: such a fit is refused.
    """

    def refit(self, one: Fit, data: Data, report: Report = silent) -> Curve:
        if any(remark.startswith("step") for remark in one.remarks.values()):
            raise NotAvailable(
                "The fit has steps, which do not move downhill; use refits=sf.Cold()."
            )
        problem = build_problem(one.model, data, one.loss, one.constraints)
        coordinates = one.constraints.coordinates
        start = coordinates.of(one.working[None])
        is_solved = ClosedForm().refusal(problem) is None
        minimizer = ClosedForm() if is_solved else LevenbergMarquardt()
        minima = minimizer.minimize(problem, start, budget=Budget(), report=report)
        working = coordinates.expand(minima.points)[0]
        return Curve(one.model, working, bool(minima.status[0].is_minimum))

    def __str__(self) -> str:
        return "each fitted from the minimum of all points"


def refuse_dependent_points(one: Fit) -> None:
    """Refuse fits whose points cannot be left out, as each depends on the others.

    Raises:
        NotAvailable: Errors are correlated, the model is not pointwise, or it came without code.
    """
    if one.data.noise.covariance is not None:
        raise NotAvailable(
            "The errors on y are correlated, so that points left out are not independent of those "
            "kept; use fit.leave_one_out(), which takes that into account."
        )
    if not one.model.is_pointwise:
        raise NotAvailable(
            f"{one.model} needs all points at once (as a convolution does), so that none can be "
            "left out."
        )
