"""Leave-one-out of a fit as a record that prints and shows in a notebook."""

import dataclasses
import math

import numpy as np

from surefit.annotations import Float
from surefit.report.rounding import rounded, significant
from surefit.report.statement import Quantity, statement_html, statement_text
from surefit.report.wording import brief
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.leave_one_out.estimate import Estimate, leave_one_out


@dataclasses.dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """How well each point is predicted by a fit to all others; print it.

    Attributes:
        label: The model's constructor.
        estimate: What was computed for each point.
        in_sample: The same sum of −2 ln L with each point in the fit, where it is defined.
    """

    label: str
    estimate: Estimate
    in_sample: float

    @property
    def deviance(self) -> float:
        """−2 ln of the predictive densities, summed over points: comparable with AICc.

        Up to a constant that is the same for all models of the same data.
        """
        return float(np.sum(self.estimate.deviances))

    @property
    def standard_error(self) -> float:
        """Standard error of `deviance`, √n times the spread over points (Vehtari et al. 2017)."""
        return float(np.sqrt(len(self.pointwise) * np.var(self.pointwise, ddof=1)))

    @property
    def pointwise(self) -> Float[np.ndarray, " n"]:
        """`deviance` of each point, in the order of the data, shape (n,)."""
        return self.estimate.deviances

    @property
    def residuals(self) -> Float[np.ndarray, "n m"]:
        """y less what the fit of all others predicts, in the unit of y, shape (n, m)."""
        return self.estimate.residuals

    @property
    def rmse(self) -> float:
        """Root mean square of `residuals`: the typical error of a prediction, in the unit of y."""
        return float(np.sqrt(np.mean(self.residuals**2)))

    @property
    def effective_parameters(self) -> float:
        """Half of what `deviance` exceeds that of the fit itself: the noise that was followed.

        About the number of parameters where the model is right; NaN if no errors were given.
        """
        return (self.deviance - self.in_sample) / 2

    @property
    def pareto_k(self) -> Float[np.ndarray, " k"]:
        """Shape of the tail of each point's weights; empty where no draws were weighted."""
        return self.estimate.shapes

    @property
    def is_reliable(self) -> bool:
        """Whether its own checks found nothing against it."""
        return self.estimate.is_reliable

    @property
    def _quantities(self) -> list[Quantity]:
        shown: list[Quantity] = [
            ("-2 ln L left out", rounded(self.deviance, self.standard_error).text(), "sum"),
            ("prediction error", significant(self.rmse), "root mean square, unit of y"),
        ]
        if not math.isnan(self.in_sample):
            effective = significant(self.effective_parameters)
            shown.append(("effective parameters", effective, ""))
        if len(self.pareto_k):
            shown.append(("largest Pareto k", f"{self.pareto_k.max():.2f}", "reliable below 0.7"))
        return shown

    @property
    def _views(self) -> tuple[str, list[Quantity], tuple[str, ...]]:
        heading = f"Leave-one-out of {self.label}: {len(self.pointwise):,} points"
        return heading, self._quantities, (self.estimate.method, *self.estimate.notes)

    def __str__(self) -> str:
        return statement_text(*self._views)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return statement_html(*self._views)


def leave_one_out_of(fit: FitRecord) -> LeaveOneOut:
    """Leave each point of a fit out.

    Args:
        fit: The fit.

    Raises:
        NotAvailable: See `surefit.uncertainty.leave_one_out.estimate.leave_one_out`.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0], sf.Line(), yerr=0.1)
        >>> print(fit.leave_one_out())
        Leave-one-out of Line(): 4 points
        <BLANKLINE>
          -2 ln L left out      6.036 ± 0.011  sum
          prediction error      0.1152         root mean square, unit of y
          effective parameters  2.118
        <BLANKLINE>
        Exact: from the leverage of each point, as the model is linear in its
        parameters.
    """
    estimate = leave_one_out(fit, tuple(fit.remarks.values()))
    in_sample = math.nan if fit.estimates_errors else fit.deviance - fit.constraint_chi2
    return LeaveOneOut(brief(str(fit.model)), estimate, in_sample)
