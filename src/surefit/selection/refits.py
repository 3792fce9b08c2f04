"""Fit a model again, to some of the points: from the minimum that is known, or from nowhere."""

import abc
import dataclasses

import numpy as np

from surefit.data.data_sets import DataSets
from surefit.exceptions import NotAvailable, TooFewPoints
from surefit.minimizers.base import AbstractMinimizer, Budget, Report, silent
from surefit.models.base import AbstractModel
from surefit.result import Fit
from surefit.search.solution import solve
from surefit.uncertainty.judging import conclude_solution
from surefit.uncertainty.refitting import origin_of, warm_refits


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """What was fitted to one data set.

    Attributes:
        model: The resolved model.
        working: The parameters that it works with, shape (p,).
        deviance: −2 ln L at the minimum.
        is_valid: Whether the minimum is to be trusted, as far as was looked.
    """

    model: AbstractModel
    working: np.ndarray
    deviance: float
    is_valid: bool

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The curve at inputs in the shape of the data, shape (n, m)."""
        with np.errstate(all="ignore"):
            return np.asarray(self.model.evaluate(self.working, x))


class AbstractRefit(abc.ABC):
    """How a fit is repeated on other data."""

    @abc.abstractmethod
    def refit(self, one: Fit, sets: DataSets, report: Report = silent) -> list[Curve]:
        """Fit the model of a fit, under what was known of it, to other data sets.

        Args:
            one: The fit.
            sets: Data sets made from its own, each with enough points.
            report: Called with the progress.
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

    def refit(self, one: Fit, sets: DataSets, report: Report = silent) -> list[Curve]:
        curves = []
        for row in range(len(sets)):
            curves.append(self._curve(one, sets, row))
            report(f"fit {row + 1} of {len(sets)}", curves[-1].deviance)
        return curves

    def _curve(self, one: Fit, sets: DataSets, row: int) -> Curve:
        data = sets.of(row)
        solution = solve(
            *(one.model, data, one.loss, one.constraints),
            minimizer=self.minimizer,
            key=self.key,
            budget=self.budget,
        )
        ending = conclude_solution(one.model, data, one.loss, solution)
        working = one.constraints.coordinates.expand(ending.point[None])[0]
        is_valid = ending.status.is_minimum and solution.evidence.is_confirmed
        return Curve(one.model, working, ending.value, is_valid)

    def __str__(self) -> str:
        return "each fitted from nowhere"


@dataclasses.dataclass(frozen=True)
class Warm(AbstractRefit):
    """Go downhill from the fit's minimum, which knew all points: quick, and a little too good."""

    def refit(self, one: Fit, sets: DataSets, report: Report = silent) -> list[Curve]:
        found = warm_refits(origin_of(one), sets, report=report)
        rows = zip(found.working, found.value, found.is_good, strict=True)
        return [Curve(one.model, working, float(v), bool(good)) for working, v, good in rows]

    def __str__(self) -> str:
        return "each fitted from the minimum of all points"


def refuse_too_few(one: Fit, sets: DataSets, called: str) -> None:
    """Refuse data sets with fewer values than the model has free parameters.

    Args:
        one: The fit.
        sets: The data sets.
        called: What to call one of them in the message.

    Raises:
        TooFewPoints: One has too few; the message says which.
    """
    n_free = len(one.constraints.coordinates.names)
    values = sets.n_terms + len(one.constraints.gaussian)
    if (values < n_free).any():
        row = int(np.argmin(values))
        raise TooFewPoints(
            f"{called} {row + 1} of {len(sets)} there are {values[row]} values for the {n_free} "
            f"free parameters of {one.model}; use more folds or points, or a smaller model."
        )


def refuse_dependent_points(one: Fit) -> None:
    """Refuse fits whose points cannot be left out, as each depends on the others.

    Raises:
        NotAvailable: Errors are correlated, or the model is not pointwise.
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
