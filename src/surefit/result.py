"""The result of a fit: what it came to, and what can be asked of it."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from surefit.minimizers.base import Report
from surefit.precision import double_precision
from surefit.report import intervals as profiled
from surefit.report.bands import Band, confidence_band, prediction_band
from surefit.report.conformal import Conformal, conformal_of
from surefit.report.coverage import Coverage, check_coverage
from surefit.report.curve import curve_of
from surefit.report.derived import Derived, derived_of
from surefit.report.ensemble import Ensemble, ensemble_of
from surefit.report.files import write_json
from surefit.report.fit_summary import fit_summary
from surefit.report.goodness import Goodness, goodness_of, goodness_of_refits
from surefit.report.html import fit_html
from surefit.report.leave_one_out import LeaveOneOut, leave_one_out_of
from surefit.report.summary import Curve, FitSummary
from surefit.report.text import fit_text
from surefit.uncertainty.conformal import AbstractConformal
from surefit.uncertainty.correlated import correlated_numbers
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.profiles import Interval
from surefit.uncertainty.sandwich import with_scatter_errors


class Fit(FitRecord):
    """The result of `surefit.fit`; print it, plot it, predict with it, save it.

    Its numbers are those of `FitRecord`; its methods ask the rooms below, and change nothing.
    """

    @functools.cached_property
    def goodness(self) -> Goodness:
        """What the residuals say of model and errors; print it, plot it."""
        return double_precision(goodness_of)(self)

    @double_precision
    def leave_one_out(self) -> LeaveOneOut:
        """How well each point is predicted by a fit to all others, without refitting for each."""
        return leave_one_out_of(self)

    @double_precision
    def check_goodness(
        self,
        toys: int = 200,
        *,
        cold: bool = False,
        key: int = 0,
        progress: Report | None = None,
    ) -> Goodness:
        """The same as `goodness`, with probabilities from toys that are refitted.

        Args:
            toys: How many data sets are drawn from the fitted curve.
            cold: Whether each is fitted by a full search from no start, so that the freedom of the
                search is in the probabilities; else downhill from this fit, which is quick.
            key: Seed of toys and searches.
            progress: Called with what is being done.
        """
        return goodness_of_refits(self, toys, cold, key, progress)

    @double_precision
    def sandwich(self) -> "Fit":
        """The same fit with errors from the scatter of the points (HC3), right if `yerr` is not."""
        return with_scatter_errors(self)

    @double_precision
    def derived(self, function: Callable[[Any], Any]) -> Derived:
        """A quantity with its error, `lambda p: p.A * p.sigma`; or several, with covariance."""
        return derived_of(self, self.reported, function)

    def correlated(self) -> dict[str, Any]:
        """The parameters as correlated numbers of the package `uncertainties`, by flat name."""
        return correlated_numbers(self.values, self.errors, self.reported.covariance)

    @double_precision
    def band(
        self,
        x: ArrayLike,
        level: float = 0.6827,
        *,
        simultaneous: bool = False,
        everywhere: bool = False,
    ) -> Band:
        """Confidence band of the fitted function, by the delta method; `lower, upper = …`.

        It covers the curve, not new points (`prediction_band`). Where the size of the errors was
        estimated from the residuals it uses Student's t.

        Args:
            x: Inputs, shaped like those of the fit.
            level: Coverage, between 0 and 1; 0.6827 is one standard deviation.
            simultaneous: Whether it covers the whole curve at once, over the range of the data
                (with several inputs: at their points) and at x, instead of each x by itself.
            everywhere: Whether it covers a linear model at all x whatever (Scheffé).

        Returns:
            Lower and upper end, each shaped like `predict(x)`; printed, it says what it covers
            and where x leaves the data (`is_extrapolated`).
        """
        return confidence_band(self, x, level, simultaneous, everywhere)

    @double_precision
    def prediction_band(
        self, x: ArrayLike, yerr: Any = None, level: float = 0.6827, *, simultaneous: bool = False
    ) -> Band:
        """Band in which new points will lie: the curve's error and the new point's own.

        Args:
            x: Inputs, shaped like those of the fit.
            yerr: One standard deviation of a new y: a scalar, (n,), (n, m), or a function of x.
                It may be left out where all points of the data have the same.
            level: Coverage, between 0 and 1.
            simultaneous: Whether all these new points lie inside together.

        Returns:
            Lower and upper end; for counts whole numbers that belong to the band.
        """
        return prediction_band(self, x, yerr, level, simultaneous)

    @double_precision
    def conformal(
        self,
        method: AbstractConformal | None = None,
        *,
        key: int = 0,
        progress: Report | None = None,
    ) -> Conformal:
        """Refit without some points, for bands of new points that trust neither model nor noise.

        Args:
            method: `CVPlus(folds)`, the default with 10, or `SplitConformal(share)`.
            key: Seed of the choice of points, and of the searches.
            progress: Called with what is being done.

        Returns:
            What gives bands: `fit.conformal().band(x, level=0.9)`.
        """
        return conformal_of(self, method, key, progress)

    @double_precision
    def ensemble(
        self, members: int = 20, *, key: int = 0, progress: Report | None = None
    ) -> Ensemble:
        """Refit to data drawn from the fitted curve, each by a full search of its own.

        Its band, `fit.ensemble().band(x)`, knows of other minima (Lakshminarayanan et al. 2017) and
        of what is not linear (the parametric bootstrap of Efron 1979), which the delta method's
        does not. It costs as many fits as it has members.

        Args:
            members: How many.
            key: Seed of data and searches.
            progress: Called with the number of members that are done.
        """
        return ensemble_of(self, members, key, progress)

    @double_precision
    def interval(self, name: str, level: float = 0.6827) -> Interval:
        """Profile-likelihood interval: where −2 ln L, minimized over all else, has risen enough.

        Args:
            name: A free or tied parameter.
            level: Coverage, between 0 and 1; 0.6827 is a rise by 1.

        Returns:
            (lower, upper), NaN on a side for the `reason`; if a better minimum was met, `better`.

        Example:
            >>> import surefit as sf
            >>> fit = sf.fit([0, 1, 2], [1.0, 3.0, 5.1], sf.Line(), yerr=0.1)
            >>> print(fit.interval("slope"))
            (1.97929, 2.12071)
        """
        return profiled.fit_intervals(self, [name], level)[name]

    @double_precision
    def intervals(self, level: float = 0.6827) -> dict[str, Interval]:
        """The `interval` of every free and tied parameter, by name, all in one batch."""
        return profiled.fit_intervals(self, profiled.profiled_names(self), level)

    @double_precision
    def profile(self, name: str) -> profiled.Profile:
        """−2 ln L minimized over all else, to 3 σ on both sides of a parameter; see `interval`."""
        return profiled.fit_profile(self, name)

    @double_precision
    def contour(
        self, a: str, b: str, level: float = 0.6827, *, joint: bool = True, n_points: int = 60
    ) -> profiled.Contour:
        """Profile-likelihood contour of two parameters.

        Args:
            a: A free or tied parameter.
            b: Another.
            level: Coverage, between 0 and 1.
            joint: Whether of both together; else of each by itself, as of `interval`.
            n_points: Points on the line.
        """
        return profiled.fit_contour(self, (a, b), level, joint, n_points)

    @double_precision
    def check_coverage(
        self,
        toys: int = 1000,
        *,
        profiles: bool = False,
        cold: float = 0.02,
        key: int = 0,
        progress: Report | None = None,
    ) -> Coverage:
        """Count over toys drawn from the fit how often its errors and its band cover the truth.

        Args:
            toys: How many; the binomial error of 68 % is 1.5 % with 1000.
            profiles: Whether to check profile intervals too; each toy then costs many refits.
            cold: Share of the toys that is searched from no start as well, to see if a refit from
                the fit misses lower minima.
            key: Seed.
            progress: Called with what is being done and the number of toys that are done.

        Returns:
            Coverages at 68.27 % and 95.45 % with binomial errors, pulls; `corrected()` on request.
        """
        return check_coverage(self, toys, profiles, cold, key, progress)

    def summary(self) -> FitSummary:
        """Everything that the text and HTML views show, as a plain record."""
        return fit_summary(self)

    def __str__(self) -> str:
        return fit_text(self.summary())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return fit_html(self.summary())

    def curve(self, *, n_points: int = 1000, level: float | None = 0.6827, **options: Any) -> Curve:
        """Data, smooth curve and bands as a record; one input and output.

        Args:
            n_points: How many points the smooth curve has.
            level: Coverage of the bands; none are there for None.
            **options: Of `report.curve.curve_of`: `simultaneous`, `prediction`, `yerr`, `x_range`.
        """
        return curve_of(self, n_points, level, **options)

    def plot(
        self,
        *,
        level: float | None = 0.6827,
        simultaneous: bool = False,
        prediction: bool = False,
        yerr: Any = None,
        x_range: tuple[float, float] | None = None,
        **options: Any,
    ):
        """Draw data, curve, bands and pulls as a matplotlib figure.

        Args:
            level: Coverage of the bands; none are drawn for None.
            simultaneous: Whether the confidence band covers the whole curve at once.
            prediction: Whether the band of new points is drawn as well.
            yerr: The error of new points, as in `prediction_band`.
            x_range: Where the curve begins and ends; dotted and hatched beyond the data.
            **options: Of `report.plots.fit_figure`: `x_label`, `log_x`, `title`, `show_pulls`, …
        """
        from surefit.report.plots import fit_figure  # slow to import

        shown = {"simultaneous": simultaneous, "prediction": prediction, "yerr": yerr}
        return fit_figure(self.curve(level=level, **shown, x_range=x_range), **options)

    def plot_search(self):
        """Draw where the independent starts of the search ended, as a matplotlib figure."""
        from surefit.report.waterfall import waterfall_figure  # slow to import

        return waterfall_figure(self.evidence)

    def save(self, path: str | Path) -> None:
        """Write the fit to a JSON file, atomically; `surefit.load` reads it back."""
        from surefit.report.fit_document import fit_document  # needs all of scipy.special

        write_json(path, fit_document(self))
