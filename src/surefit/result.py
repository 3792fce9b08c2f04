"""The result of a fit: a frozen record whose methods delegate to the rooms below."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits
from jaxtyping import ArrayLike

from surefit.data.checked import Data, check_inputs
from surefit.exceptions import InvalidOption
from surefit.losses.base import AbstractLoss
from surefit.minimizers.base import Status
from surefit.models.base import AbstractModel
from surefit.precision import double_precision
from surefit.problem.constraints import Constraints
from surefit.report.curve import curve_of
from surefit.report.files import read_json, write_json
from surefit.report.fit_summary import fit_summary
from surefit.report.html import fit_html
from surefit.report.summary import Curve, FitSummary
from surefit.report.text import fit_text
from surefit.search.base import Evidence
from surefit.uncertainty.bands import prediction_error, prediction_jacobian, quantile
from surefit.uncertainty.reported import Reported
from surefit.uncertainty.reported import reported as reported_of


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """The result of `surefit.fit`; print it, plot it, predict with it, save it.

    Attributes:
        model: The model, with what it read off the data (its domain, say) filled in.
        data: The checked data.
        loss: The loss.
        constraints: What the user said of the parameters.
        working: Full vector of the parameters the fit worked with, shape (p,).
        working_covariance: Their covariance, shape (p, p); zero where held.
        deviance: −2 ln L at the minimum.
        rss: Residual sum of squares, in the unit of y squared.
        rank: How many combinations of parameters the data determine.
        remarks: Why a parameter has no error or an unusual one, by flat name.
        status: How the fit ended; `status.advice` says what to do.
        evidence: What the search saw.
        method: What was used and why, in a sentence.
        notes: Further remarks, in sentences.
        seconds: Wall time of the fit.
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

    # --- parameters -----------------------------------------------------------------------

    @functools.cached_property
    def reported(self) -> Reported:
        """The parameters in the form in which the user reads them."""
        covariance = self.working_covariance * self.error_scale**2
        return reported_of(self.model, self.working, covariance, self.constraints.free)

    @property
    def names(self) -> tuple[str, ...]:
        """Flat names of the free parameters, in the order of the covariance."""
        pairs = zip(self.reported.parameters.names, self.reported.free, strict=True)
        return tuple(name for name, is_free in pairs if is_free)

    @property
    def values(self) -> Mapping[str, float]:
        """Value of every parameter, by flat name."""
        pairs = zip(self.reported.parameters.names, self.reported.values, strict=True)
        return MappingProxyType({name: float(value) for name, value in pairs})

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
        free = self.reported.free
        return self.reported.covariance[np.ix_(free, free)]

    @property
    def correlation(self) -> np.ndarray:
        """Correlation of the free parameters, shape (P, P)."""
        covariance = self.covariance
        errors = np.sqrt(np.diag(covariance))
        with np.errstate(invalid="ignore", divide="ignore"):
            return covariance / np.outer(errors, errors)

    # --- quality --------------------------------------------------------------------------

    @property
    def ndof(self) -> int:
        """Degrees of freedom: values of y, and constraints, less determined parameters."""
        return self.data.y.size + len(self.constraints.gaussian) - self.rank

    @property
    def chi2(self) -> float:
        """χ² at the minimum, constraints included; NaN if no errors were given (see `rss`).

        For Poisson counts it is Baker and Cousins' likelihood ratio.
        """
        return self.deviance if self.loss.has_chi2(self.data.noise.is_given) else float("nan")

    @property
    def constraint_chi2(self) -> float:
        """The part of χ² that Gaussian constraints on parameters make up; 0 without any."""
        return self.constraints.gaussian.chi2(self.working)

    @property
    def pvalue(self) -> float:
        """Probability of a χ² at least as large; NaN if no errors were given."""
        if self.ndof <= 0:
            return float("nan")
        return float(scipy.special.chdtrc(self.ndof, self.chi2))

    @property
    def estimates_errors(self) -> bool:
        """Whether the size of the errors on y is taken from the residuals."""
        return self.loss.is_least_squares and not self.data.noise.is_given

    @property
    def error_scale(self) -> float:
        """Factor on all errors, 1 if errors on y were given, else √(rss/ndof)."""
        if not self.estimates_errors:
            return 1.0
        return float(np.sqrt(self.deviance / self.ndof)) if self.ndof > 0 else float("nan")

    @property
    def valid(self) -> bool:
        """Whether the minimum is to be trusted; says nothing about how well the model fits."""
        return self.status.is_minimum and self.evidence.is_confirmed

    # --- curve ----------------------------------------------------------------------------

    def _evaluate(self, x: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(self.model.evaluate(self.working, x))

    @double_precision
    def predict(self, x: ArrayLike) -> np.ndarray:
        """The fitted function.

        Args:
            x: Inputs, shaped like those of the fit; a scalar for a single one.

        Returns:
            Predictions, shape (n,), or (n, m) if y had that shape.

        Raises:
            ShapeMismatch: x has another number of inputs than the fit.

        Example:
            >>> import surefit as sf
            >>> fit = sf.fit([0, 1, 2], [1.0, 3.0, 5.1], sf.Line(), yerr=0.1)
            >>> fit.predict([3.0]).round(2).tolist()
            [7.13]
        """
        return self._shaped(self._evaluate(check_inputs(x, self.data)))

    @double_precision
    def band(self, x: ArrayLike, level: float = 0.6827) -> tuple[np.ndarray, np.ndarray]:
        """Pointwise confidence band of the fitted function, by the delta method.

        It covers the curve, not new points. Where the size of the errors was estimated from the
        residuals it uses Student's t.

        Args:
            x: Inputs, shaped like those of the fit.
            level: Coverage, between 0 and 1; 0.6827 is one standard deviation.

        Returns:
            Lower and upper end, each shaped like `predict(x)`.

        Raises:
            InvalidOption: `level` is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise InvalidOption(f"level is {level!r}; give a coverage between 0 and 1.")
        x = check_inputs(x, self.data)
        center = self._evaluate(x)
        jacobian = prediction_jacobian(self.model, self.working, x)
        error = prediction_error(jacobian, self.working_covariance) * self.error_scale
        half = error * self._quantile(level)
        return self._shaped(center - half), self._shaped(center + half)

    def _quantile(self, level: float) -> float:
        return quantile(level, max(self.ndof, 1) if self.estimates_errors else None)

    def _shaped(self, predictions: np.ndarray) -> np.ndarray:
        return predictions[:, 0] if self.data.is_single_output else predictions

    # --- views ----------------------------------------------------------------------------

    def summary(self) -> FitSummary:
        """Everything that the text and HTML views show, as a plain record."""
        return fit_summary(self)

    def __str__(self) -> str:
        return fit_text(self.summary())

    def __repr__(self) -> str:
        return fit_text(self.summary())

    def _repr_html_(self) -> str:
        return fit_html(self.summary())

    def curve(self, *, n_points: int = 1000, level: float | None = 0.6827) -> Curve:
        """The data, the fitted curve and its band, as a plain record for plotting.

        Args:
            n_points: How many points the smooth curve has.
            level: Coverage of the band, or None for none.

        Raises:
            NotAvailable: The fit has several inputs or outputs; there is no one curve to draw.
        """
        return curve_of(self, n_points, level)

    def plot(self, **options: Any):
        """Draw data, curve, band and pulls.

        Args:
            **options: Passed to `surefit.report.plots.fit_figure`: `x_label`, `y_label`,
                `log_x`, `log_y`, `title`, `show_pulls`.

        Returns:
            A matplotlib figure; `figure.savefig("fit.pdf")` writes it.
        """
        # matplotlib takes longer to import than most fits take.
        from surefit.report.plots import fit_figure

        return fit_figure(self.curve(), **options)

    def save(self, path: str | Path) -> None:
        """Write the fit to a JSON file, atomically; `surefit.load` reads it back."""
        # What a file may hold includes formulas, which need the whole of scipy.special.
        from surefit.report.fit_document import fit_document

        write_json(path, fit_document(self))


def load(path: str | Path) -> Fit:
    """Read a fit back from the file that `Fit.save` wrote. No code in the file is ever run.

    Args:
        path: The JSON file.

    Returns:
        The fit, with values, errors, covariance and data. It predicts if its model is one of
        surefit's own; a Python function is not in the file, so such a fit does not.

    Raises:
        FileProblem: The file is missing, broken, or not one of ours.
    """
    from surefit.report.built_in import BUILT_IN
    from surefit.report.fit_document import fit_fields

    return Fit(**fit_fields(read_json(path), BUILT_IN))
