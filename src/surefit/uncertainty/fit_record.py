"""What a fit came to: where it ended, and the numbers that follow from it."""

import dataclasses
import functools
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from surefit.data.checked import Data, check_inputs
from surefit.losses.base import AbstractLoss
from surefit.losses.penalties import AbstractPenalty
from surefit.minimizers.base import Status
from surefit.models.base import AbstractModel
from surefit.precision import double_precision
from surefit.problem.constraints import Constraints
from surefit.search.base import Evidence
from surefit.uncertainty.bands import quantile
from surefit.uncertainty.chi2 import estimated_scale, probability_above
from surefit.uncertainty.covariance import correlation_of
from surefit.uncertainty.reported import Reported, reported_of


@dataclasses.dataclass(frozen=True, eq=False)
class FitRecord:
    """Where a fit ended, with its parameters, errors, χ² and predictions.

    Attributes:
        model: The model, with what it read off the data (its domain, say) filled in.
        data: The checked data.
        loss: The loss.
        constraints: What the user said of the parameters.
        working: Full vector of the parameters the fit worked with, shape (p,).
        working_covariance: Their covariance, shape (p, p); zero where held.
        deviance: −2 ln L at the minimum, a penalty included.
        rss: Residual sum of squares, in the unit of y squared.
        rank: How many combinations of parameters the data determine.
        remarks: Why a parameter has no error or an unusual one, by flat name.
        status: How the fit ended; `status.advice` says what to do.
        evidence: What the search saw.
        method: What was used and why, in a sentence.
        notes: Further remarks, in sentences.
        seconds: Wall time of the fit.
        penalty: What the fit was penalized with, with its strength; or None.
    """

    model: AbstractModel
    data: Data
    loss: AbstractLoss
    constraints: Constraints
    working: np.ndarray
    working_covariance: np.ndarray
    deviance: float
    rss: float
    rank: int
    remarks: Mapping[str, str]
    status: Status
    evidence: Evidence
    method: str
    notes: tuple[str, ...]
    seconds: float
    penalty: AbstractPenalty | None = None

    @functools.cached_property
    def reported(self) -> Reported:
        """The parameters in the form in which the user reads them."""
        covariance = self.working_covariance * self.error_scale**2
        return reported_of(self.model, self.working, covariance, self.constraints.free)

    @property
    def names(self) -> tuple[str, ...]:
        """Flat names of the free parameters, in the order of the covariance."""
        return self.reported.free_names

    @property
    def values(self) -> Mapping[str, float]:
        """Value of every parameter, by flat name."""
        return MappingProxyType(self.reported.named_values())

    @functools.cached_property
    def errors(self) -> Mapping[str, float]:
        """One standard deviation of every parameter, by flat name; of a tied one, propagated.

        0 for a parameter that was fixed; NaN where there is none, for the reason in `remarks`.
        """
        return MappingProxyType(self.reported.named_errors(self.remarks))

    @property
    def parameters(self) -> Mapping[str, np.ndarray]:
        """Values as arrays by path, for example `fit.parameters["hidden.weight"]`."""
        return MappingProxyType(self.reported.parameters.split(self.reported.values))

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the free parameters, shape (P, P), in the order of `names`."""
        return self.reported.free_covariance

    @property
    def correlation(self) -> np.ndarray:
        """Correlation of the free parameters, shape (P, P)."""
        return correlation_of(self.covariance)

    @property
    def effective_parameters(self) -> float:
        """Parameters that the fit spends: those determined, or with a penalty a smaller number.

        Of a penalized fit it is the trace of the matrix that maps y to the curve (Craven and
        Wahba 1979, Numer. Math. 31, 377), for models that are not linear at the minimum.
        """
        return self.constraints.spent(self.rank, self.working_covariance)

    @property
    def ndof(self) -> float:
        """Degrees of freedom: values of y, and constraints, less `effective_parameters`."""
        return self.data.y.size + len(self.constraints.gaussian) - self.effective_parameters

    @property
    def misfit(self) -> float:
        """−2 ln L of data and constraints, at the minimum of its sum with the penalty."""
        return self.deviance - self.constraints.penalty_at(self.working)

    @property
    def chi2(self) -> float:
        """χ² with constraints (Baker and Cousins' for counts); NaN if no errors were given."""
        return self.misfit if self.loss.has_chi2(self.data.noise.is_given) else float("nan")

    @property
    def constraint_chi2(self) -> float:
        """The part of χ² that Gaussian constraints on parameters make up; 0 without any."""
        return self.constraints.gaussian.chi2(self.working)

    @property
    def pvalue(self) -> float:
        """Probability of a χ² at least as large; NaN if no errors were given."""
        return probability_above(self.chi2, self.ndof)

    @property
    def estimates_errors(self) -> bool:
        """Whether the size of the errors on y is taken from the residuals."""
        return self.loss.is_least_squares and not self.data.noise.is_given

    @property
    def error_scale(self) -> float:
        """Factor on all errors, 1 if errors on y were given, else √(rss/ndof)."""
        return estimated_scale(self.misfit, self.ndof) if self.estimates_errors else 1.0

    @property
    def valid(self) -> bool:
        """Whether the minimum is to be trusted, be the fit good or bad."""
        return self.status.is_minimum and self.evidence.is_confirmed

    def curve_at(self, x: np.ndarray) -> np.ndarray:
        """The fitted function at checked inputs, shape (n, m)."""
        with np.errstate(all="ignore"):
            return np.asarray(self.model.evaluate(self.working, x))

    @property
    def expected(self) -> np.ndarray:
        """What each y is expected to be: the curve at its x, or the content of its bin."""
        data = self.data
        return self.shaped(data.reading.expected(self.model, self.working, data.x, data.extent))

    @double_precision
    def predict(self, x: ArrayLike) -> np.ndarray:
        """The fitted function.

        Args:
            x: Inputs, shaped like those of the fit; a scalar for a single one.

        Returns:
            Predictions, shape (n,), or (n, m) if y had that shape.

        Example:
            >>> import surefit as sf
            >>> fit = sf.fit([0, 1, 2], [1.0, 3.0, 5.1], sf.Line(), yerr=0.1)
            >>> fit.predict([3.0]).round(2).tolist()
            [7.13]
        """
        return self.shaped(self.curve_at(check_inputs(x, self.data)))

    def shaped(self, predictions: np.ndarray) -> np.ndarray:
        """Predictions, (n, m), in the shape that y was given in: (n,) or (n, m)."""
        return predictions[:, 0] if self.data.is_single_output else predictions

    def quantile(self, level: float) -> float:
        """Half width of a central interval in standard deviations; Student's if σ was estimated."""
        return quantile(level, max(self.ndof, 1) if self.estimates_errors else None)
