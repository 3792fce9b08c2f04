"""The bootstrap: errors, covariance, intervals and band from refits of data sets made of one."""

import dataclasses
from typing import NamedTuple

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits
from numpy.typing import ArrayLike

from surefit.data.checked import check_inputs
from surefit.exceptions import InvalidOption, InvalidType, NotAvailable, UnknownParameter
from surefit.minimizers.base import Report, silent
from surefit.precision import double_precision
from surefit.report.rounding import rounded, significant
from surefit.report.statement import Quantity, statement_html, statement_text
from surefit.uncertainty.bands import check_level
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.refitting import origin_of, warm_refits
from surefit.uncertainty.resampling import AbstractResampling, Parametric, influences

# Fewest refits from which an error is worth quoting: it is then known to 10 %.
FEWEST = 50
# Intervals need the tails: this many refits beyond each end.
IN_TAIL = 5


class Ends(NamedTuple):
    """The two ends of an interval, in the unit of the parameter."""

    lower: float
    upper: float


@dataclasses.dataclass(frozen=True, eq=False)
class Bootstrap:
    """What refits of resampled data say of a fit; print it.

    Attributes:
        fit: The fit.
        resampling: How the data sets were made.
        names: Reported free parameters, r of them.
        samples: Their values in each refit that ended at a minimum, shape (k, r).
        working: All parameters that the model works with, shape (k, p).
        n_failed: Refits that did not end at a minimum; they are left out.
        acceleration: The acceleration of each, for BCa intervals, shape (r,).
    """

    fit: FitRecord
    resampling: AbstractResampling
    names: tuple[str, ...]
    samples: np.ndarray
    working: np.ndarray
    n_failed: int
    acceleration: np.ndarray

    @property
    def values(self) -> dict[str, float]:
        """The fitted values, by name."""
        return {name: self.fit.values[name] for name in self.names}

    @property
    def errors(self) -> dict[str, float]:
        """Standard deviation of each parameter over the refits, by name."""
        return dict(zip(self.names, self.samples.std(axis=0, ddof=1).tolist(), strict=True))

    @property
    def bias(self) -> dict[str, float]:
        """Mean over the refits less the fitted value, by name."""
        means = self.samples.mean(axis=0)
        return {n: float(m - self.fit.values[n]) for n, m in zip(self.names, means, strict=True)}

    @property
    def covariance(self) -> np.ndarray:
        """Covariance over the refits, shape (r, r), in the order of `names`."""
        return np.atleast_2d(np.cov(self.samples.T))

    def percentile_interval(self, name: str, level: float = 0.6827) -> Ends:
        """The interval between percentiles of the refits (Efron 1979).

        Args:
            name: A free parameter.
            level: Coverage, between 0 and 1.
        """
        samples = self.samples[:, self._place(name, level)]
        return Ends(*np.quantile(samples, [(1 - level) / 2, (1 + level) / 2]).tolist())

    def interval(self, name: str, level: float = 0.6827) -> Ends:
        """The BCa interval: percentiles corrected for bias and skewness, to second order.

        Source: Efron 1987, J. Am. Stat. Assoc. 82, 171.

        Args:
            name: A free parameter.
            level: Coverage, between 0 and 1.

        Returns:
            Lower and upper end; NaN where the fitted value lies outside all refits, so that no
            correction exists.
        """
        place = self._place(name, level)
        samples, value = self.samples[:, place], self.fit.values[name]
        share = float(np.mean(samples < value) + np.mean(samples == value) / 2)
        if not 0 < share < 1:
            return Ends(float("nan"), float("nan"))
        middle, a = scipy.special.ndtri(share), self.acceleration[place]
        z = middle + scipy.special.ndtri([(1 - level) / 2, (1 + level) / 2])
        ends = np.quantile(samples, scipy.special.ndtr(middle + z / (1 - a * z)))
        return Ends(*ends.tolist())

    @double_precision
    def band(self, x: ArrayLike, level: float = 0.6827) -> tuple[np.ndarray, np.ndarray]:
        """Pointwise band of the curve, between percentiles of the refitted curves.

        Args:
            x: Inputs, shaped like those of the fit.
            level: Coverage, between 0 and 1.

        Returns:
            Lower and upper end, each shaped like `fit.predict(x)`.
        """
        check_level(level)
        x = check_inputs(x, self.fit.data)
        with np.errstate(all="ignore"):
            curves = np.array([self.fit.model.evaluate(row, x) for row in self.working])
        low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return self.fit.shaped(low), self.fit.shaped(high)

    def _place(self, name: str, level: float) -> int:
        check_level(level)
        if name not in self.names:
            raise UnknownParameter(
                f"{name!r} is not a free parameter of the fit; it has {', '.join(self.names[:20])}."
            )
        if len(self.samples) * (1 - level) / 2 < IN_TAIL:
            needed = int(np.ceil(2 * IN_TAIL / (1 - level)))
            raise InvalidOption(
                f"level is {level!r}, but {len(self.samples)} refits have too few beyond it; draw "
                f"at least {needed}."
            )
        return self.names.index(name)

    def _quantities(self) -> list[Quantity]:
        rows = []
        for name, error in self.errors.items():
            own = self.fit.errors[name]
            remark = f"fit: ± {significant(own, 2)}" if own > 0 else "no error in the fit"
            rows.append((name, rounded(self.fit.values[name], error).text(), remark))
        return rows

    def _sentences(self) -> list[str]:
        said = [
            "Errors are standard deviations over the refits; interval(name) is the BCa interval."
        ]
        if self.n_failed:
            said.append(
                f"{self.n_failed} refits did not end at a minimum and are left out: the errors "
                "are those of the rest."
            )
        errors = self.errors
        shifted = [n for n, bias in self.bias.items() if abs(bias) > 0.25 * errors[n]]
        if shifted:
            said.append(
                f"The refits are shifted by more than a quarter of an error: {', '.join(shifted)}."
            )
        return said

    def _heading(self) -> str:
        return f"Bootstrap of {self.fit.model}: {len(self.samples)} refits, {self.resampling}"

    def __str__(self) -> str:
        return statement_text(self._heading(), self._quantities(), self._sentences())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return statement_html(self._heading(), self._quantities(), self._sentences())


@double_precision
def bootstrap(
    fit: FitRecord,
    resampling: AbstractResampling | None = None,
    n: int = 1000,
    *,
    key: int = 0,
    progress: Report | None = None,
) -> Bootstrap:
    """Refit resampled data, from the fit, and see how the result scatters.

    Args:
        fit: A fit.
        resampling: `Cases()`, `Residuals()` or `Parametric()` (the default).
        n: How many data sets.
        key: Seed.
        progress: Called with what is being done and the number of refits that are done.

    Raises:
        NotAvailable: The resampling makes no sense for this fit, or the fit is not at a minimum.
        InvalidOption: `n` is too small.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1.1, 2.9, 5.2, 6.8], sf.Line(), yerr=0.2)
        >>> abs(sf.bootstrap(fit, n=500).errors["slope"] / fit.errors["slope"] - 1) < 0.15
        True
    """
    resampling = resampling or Parametric()
    if not isinstance(resampling, AbstractResampling):
        raise InvalidType(
            f"resampling is a {type(resampling).__name__}; pass sf.Cases(), sf.Residuals() or "
            "sf.Parametric()."
        )
    if not isinstance(n, int) or n < FEWEST:
        raise InvalidOption(f"n is {n!r}; give a whole number of at least {FEWEST}.")
    fit.predict(fit.data.x[:1])  # a function that a file could not hold says so
    if not fit.status.may_have_intervals:
        name = fit.status.name.replace("_", " ")
        raise NotAvailable(f"The fit is not at a minimum ({name}), so there is nothing to scatter.")
    origin, rng = origin_of(fit), np.random.default_rng(key)
    sets = resampling.draw(fit, n, rng)
    found = warm_refits(origin, sets, report=progress or silent)
    working = found.working[found.is_good]
    conversion, free = fit.model.conversion(), fit.reported.free
    reported = working if conversion is None else np.array([*map(conversion.reported, working)])
    return Bootstrap(
        fit=fit,
        resampling=resampling,
        names=fit.names,
        samples=reported[:, free],
        working=working,
        n_failed=int(np.sum(~found.is_good)),
        acceleration=resampling.skewness(influences(origin, fit.model), origin)[free],
    )
