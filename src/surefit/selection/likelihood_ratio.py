"""The likelihood-ratio test of a model within a larger one."""

import dataclasses
import math

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.data.data_sets import with_outputs
from surefit.exceptions import InvalidOption, NotAvailable
from surefit.minimizers.base import Report, silent
from surefit.precision import double_precision
from surefit.report.statement import Quantity, statement_html, statement_text
from surefit.report.wording import brief, probability
from surefit.result import Fit
from surefit.selection.nesting import nesting_of
from surefit.selection.refits import Cold
from surefit.selection.same_data import check_same_data

_LEVEL = 0.05  # a p-value above which nothing is said against the smaller model
_BY_F = "p from Fisher's F with ({q}, {ndof}) degrees of freedom, as the errors are estimated."
_BY_CHI2 = "p from χ² with {q} degree(s) of freedom (Wilks 1938)."
_BY_TOYS = (
    "p from {n} samples of the smaller model, both models fitted to each: (1 + as large)/(1 + all)."
)


@dataclasses.dataclass(frozen=True, eq=False)
class LikelihoodRatio:
    """Whether the larger of two nested models is needed; print it.

    Attributes:
        small: The model that is tested, and that the p-value takes as true.
        large: The model that contains it.
        statistic: How much lower −2 ln L is for the larger one.
        n_extra: Parameters by which it is larger.
        pvalue: Probability of a statistic at least as large if the smaller model is right.
        method: Where the p-value is from.
        nesting: Why the one is within the other.
        toys: The statistic of each sample, shape (n,); empty without.
    """

    small: str
    large: str
    statistic: float
    n_extra: int
    pvalue: float
    method: str
    nesting: str
    toys: np.ndarray

    @property
    def verdict(self) -> str:
        """What follows."""
        is_beyond = len(self.toys) > 0 and bool(np.max(self.toys) < self.statistic)
        if is_beyond and self.pvalue > _LEVEL:
            return f"None of {len(self.toys)} samples looked as bad: too few to tell; draw more."
        if self.pvalue > _LEVEL:
            return f"Nothing speaks for {self.large}: {self.small} is enough for these data."
        if is_beyond:
            return (
                f"{self.small} is too small: none of {len(self.toys)} samples of it looked as bad "
                "(more toys would say how improbable that is)."
            )
        word = "weak" if self.pvalue > 0.01 else "strong" if self.pvalue < 1e-4 else "some"
        return f"There is {word} evidence that {self.small} is too small; {self.large} fits better."

    @property
    def _views(self) -> tuple[str, list[Quantity], list[str]]:
        quantities: list[Quantity] = [
            ("fall of -2 ln L", f"{self.statistic:.4g}", f"for {self.n_extra} more parameter(s)"),
            ("p", probability(self.pvalue), ""),
        ]
        heading = f"Likelihood ratio of {self.small} within {self.large}"
        return heading, quantities, [self.verdict, self.nesting, self.method]

    def __str__(self) -> str:
        return statement_text(*self._views)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return statement_html(*self._views)


@double_precision
def likelihood_ratio(
    small: Fit, large: Fit, *, toys: int = 0, key: int = 0, progress: Report | None = None
) -> LikelihoodRatio:
    """Test a model against a larger one that contains it.

    The fall of −2 ln L is distributed as χ² (Wilks 1938, Ann. Math. Stat. 9, 60), or with
    estimated errors as F, if the larger model is regular where it equals the smaller one. Where
    it is not, as for one sigmoid more, whose place means nothing while its height is zero
    (Davies 1977, Biometrika 64, 247), or for a parameter at its limit (Chernoff 1954), the
    distribution has to be found by toys: samples of the smaller fit, to which both are fitted.

    Args:
        small: The fit of the smaller model.
        large: The fit of the larger one, to the same data with the same loss.
        toys: Number of samples, such as 200; 0 to use χ² or F where these hold.
        key: Seed of the samples.
        progress: Called with what is being done.

    Returns:
        The test.

    Raises:
        InvalidOption: The fits are to different data, or the one is not seen to contain the other.
        NotAvailable: χ² does not hold and no toys were asked for, or a fit is not to be trusted.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 50)
        >>> y = 1.0 + 2.0 * x + 0.1 * np.cos(40.0 * x)
        >>> fits = [sf.fit(x, y, sf.Polynomial(degree), 0.1) for degree in (1, 2)]
        >>> round(sf.likelihood_ratio(*fits).pvalue, 2)
        0.75
    """
    check_same_data(small, large)
    _refuse(small, large)
    nesting = nesting_of(small, large)
    if toys < 0:
        raise InvalidOption(f"toys is {toys}; give how many samples to draw, or 0.")
    if toys == 0 and nesting.irregular:
        raise NotAvailable(
            f"The fall of -2 ln L is not distributed as chi2 here: {nesting.irregular} Pass "
            "toys=200 to find out by samples of the smaller model."
        )
    labels = _labels(small, large)
    n_extra = max(large.rank - small.rank, 1)
    statistic = _statistic(small, large)
    if not toys:
        p, method = _by_formula(small, large, n_extra)
        return LikelihoodRatio(*labels, statistic, n_extra, p, method, nesting.reason, np.zeros(0))
    drawn = _toys(small, large, toys, key, progress or silent)
    p = (1 + int(np.sum(drawn >= statistic))) / (1 + toys)
    method = _BY_TOYS.format(n=toys)
    return LikelihoodRatio(*labels, statistic, n_extra, p, method, nesting.reason, drawn)


def _labels(small: Fit, large: Fit) -> tuple[str, str]:
    labels = brief(str(small.model)), brief(str(large.model))
    held = large.constraints.free & ~small.constraints.free if labels[0] == labels[1] else ()
    names = [small.constraints.names[i] for i in np.flatnonzero(held)]
    return (f"{labels[0]} with {', '.join(names[:3])} held" if names else labels[0]), labels[1]


def _statistic(small: Fit, large: Fit) -> float:
    return _fall(small, small.deviance, large.deviance)


def _fall(one: Fit, small: float, large: float) -> float:
    """The fall of −2 ln L; with estimated errors, of n ln(rss)."""
    fall = small - large
    if one.estimates_errors:
        fall = one.data.y.size * math.log(max(small, 1e-300) / max(large, 1e-300))
    return max(fall, 0.0)  # the larger one may miss by rounding what the smaller one has


def _by_formula(small: Fit, large: Fit, n_extra: int) -> tuple[float, str]:
    if small.estimates_errors:
        ratio = (small.deviance - large.deviance) / n_extra / (large.deviance / large.ndof)
        p = float(scipy.special.fdtrc(n_extra, large.ndof, max(ratio, 0.0)))
        return p, _BY_F.format(q=n_extra, ndof=large.ndof)
    p = float(scipy.special.chdtrc(n_extra, _statistic(small, large)))
    return p, _BY_CHI2.format(q=n_extra)


def _toys(small: Fit, large: Fit, n: int, key: int, report: Report) -> np.ndarray:
    """The statistic of samples drawn from the smaller fit."""
    rng = np.random.default_rng(key)
    sets = with_outputs(small.data, np.stack([drawn_from(small, rng) for _ in range(n)]))
    how = Cold(key=key)
    pairs = zip(how.refit(small, sets, report), how.refit(large, sets, report), strict=True)
    return np.array([_fall(small, one.deviance, other.deviance) for one, other in pairs])


def drawn_from(one: Fit, rng: np.random.Generator) -> np.ndarray:
    """y as it would be measured if a fit were the truth, shape (n, m).

    Args:
        one: The fit.
        rng: Source of randomness.
    """
    data = one.data
    where = (one.model, one.working, data.x)
    center = np.asarray(data.reading.expected(*where, data.extent))
    if data.noise.covariance is not None:
        lower = np.linalg.cholesky(data.noise.covariance)
        return center + lower @ rng.standard_normal(center.shape)
    # Errors on x are drawn as errors on y, which is right to first order.
    sigma = data.reading.carried_over(*where, data.noise.sigma, data.extent)
    noise = dataclasses.replace(data.noise, sigma=np.asarray(sigma) * one.error_scale)
    return np.asarray(one.loss.draw(rng, center, one.loss.weight(data.y, noise), center.shape))


def _refuse(small: Fit, large: Fit) -> None:
    for one in (small, large):
        if not one.loss.is_likelihood:
            raise NotAvailable(
                f"{one.loss} is no likelihood, so its ratio is not distributed as chi2; compare "
                "by cross-validation."
            )
        if one.penalty is not None:
            raise NotAvailable(
                f"The fit of {one.model} has the penalty {one.penalty}, so that it is not at the "
                "maximum of the likelihood; compare by cross-validation (sf.cross_validate)."
            )
        if not one.status.may_have_intervals:
            raise NotAvailable(
                f"The fit of {one.model} is not at a minimum to be trusted. {one.status.advice}"
            )
