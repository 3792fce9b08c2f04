"""The Bayes factor of two fits, by Laplace's approximation of their evidences."""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from surefit.exceptions import InvalidOption, NotAvailable
from surefit.models.adaptive import adaptive_form
from surefit.precision import double_precision
from surefit.report.statement import Quantity, statement_html, statement_text
from surefit.report.wording import brief
from surefit.result import Fit
from surefit.selection.criteria import profiled_deviance
from surefit.selection.priors import AbstractPrior, NormalPrior, UniformPrior
from surefit.selection.same_data import check_same_data

# Kass and Raftery 1995, section 3.2, for twice the logarithm of the factor.
_GRADES = ((2.0, "hardly"), (6.0, "positively"), (10.0, "strongly"), (math.inf, "very strongly"))
# Standard deviations that must lie inside a uniform prior for it to count as wide.
_INSIDE = 3.0
_UNIT = (
    "Prior: unit information, that of a single point, around each fit: a normal distribution with "
    "n times the covariance (Kass and Wasserman 1995). Other priors give other factors."
)
_STATED = "Priors as stated; other priors give other factors."


@dataclasses.dataclass(frozen=True)
class BayesFactor:
    """How much more probable the data are under one model than under another; print it.

    Attributes:
        labels: The two models.
        log_evidences: ln of the probability of the data under each, up to a common constant.
        log_factor: Their difference, ln B.
        prior: The priors, in words.
    """

    labels: tuple[str, str]
    log_evidences: tuple[float, float]
    log_factor: float
    prior: str

    @property
    def factor(self) -> float:
        """B: the first model's evidence over the second's."""
        return math.exp(min(self.log_factor, 700.0))

    @property
    def probability(self) -> float:
        """Of the first model, if both were equally probable before."""
        return 1 / (1 + math.exp(min(-self.log_factor, 700.0)))

    @property
    def verdict(self) -> str:
        """What that means, on the scale of Kass and Raftery 1995."""
        first, second = self.labels if self.log_factor >= 0 else self.labels[::-1]
        size = 2 * abs(self.log_factor)
        grade = next(word for limit, word in _GRADES if size < limit or limit == math.inf)
        if grade == "hardly":
            return f"The data hardly tell {first} and {second} apart (2 ln B = {size:.1f})."
        return f"The data {grade} prefer {first} to {second} (2 ln B = {size:.1f})."

    @property
    def _views(self) -> tuple[str, list[Quantity], list[str]]:
        first, second = self.labels
        quantities: list[Quantity] = [
            ("ln B", f"{self.log_factor:.2f}", ""),
            ("probability", f"{self.probability:.4g}", "of the first, if equal before"),
        ]
        return f"Bayes factor of {first} over {second}", quantities, [self.verdict, self.prior]

    def __str__(self) -> str:
        return statement_text(*self._views)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return statement_html(*self._views)


@double_precision
def bayes_factor(
    first: Fit, second: Fit, prior: Mapping[str, AbstractPrior] | None = None
) -> BayesFactor:
    """Weigh two fits of the same data by the evidence of their models.

    The likelihood is taken as normal around its maximum, which is exact for linear models with
    normal errors (Laplace's method; Kass and Raftery 1995, J. Am. Stat. Assoc. 90, 773, section
    4.1). The answer depends on the priors however many points there are: state them.

    Args:
        first: A fit.
        second: Another, to the same data with the same loss.
        prior: `NormalPrior(mean, sigma)` or `UniformPrior(low, high)` for every free parameter of
            both fits, by name. None is unit information for all: nearly the difference of BIC.

    Returns:
        The factor, with its priors.

    Raises:
        InvalidOption: The fits are to different data, or a prior is missing.
        NotAvailable: Laplace's method does not hold: the fit is not at a trusted minimum, a
            combination is undetermined, a parameter is at a limit or a step, the loss is no
            likelihood, or a prior ends within the errors.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 20)
        >>> y = 1.0 + 2.0 * x + 0.1 * np.cos(40.0 * x)
        >>> line, flat = (sf.fit(x, y, model, 0.1) for model in (sf.Line(), sf.Constant()))
        >>> sf.bayes_factor(line, flat).verdict
        'The data very strongly prefer Line() to Constant() (2 ln B = 720.3).'
    """
    check_same_data(first, second)
    for one in (first, second):
        _refuse(one)
    if prior is None:
        pair = (_of_unit_information(first), _of_unit_information(second))
        said = _UNIT
    else:
        pair = (_of_stated(first, prior), _of_stated(second, prior))
        used = [name for name in prior if name in {*first.names, *second.names}]
        said = f"{_STATED} {', '.join(f'{name}: {prior[name]}' for name in used[:8])}."
    labels = (brief(str(first.model)), brief(str(second.model)))
    return BayesFactor(labels, pair, pair[0] - pair[1], said)


def _of_unit_information(one: Fit) -> float:
    """ln L − (k/2) ln(n + 1), with one size of the errors, common to both, integrated out."""
    n = one.data.y.size
    deviance = profiled_deviance(one.deviance, n) if one.estimates_errors else one.deviance
    return -0.5 * (deviance + len(one.names) * math.log(n + 1))


def _of_stated(one: Fit, prior: Mapping[str, AbstractPrior]) -> float:
    """ln of ∫ L π with L normal around its maximum; exact for normal and for wide uniform π."""
    if one.estimates_errors:
        raise NotAvailable(
            "Without errors on y the evidence depends on a prior of their size as well; give yerr, "
            "or leave prior out."
        )
    if adaptive_form(one.model) is not None:
        raise NotAvailable(
            f"The units of {one.model} can be exchanged, so that stated priors lead to many equal "
            "maxima, which Laplace's method does not add up; leave prior out."
        )
    missing = [name for name in one.names if name not in prior]
    if missing:
        raise InvalidOption(
            f"prior has nothing on {', '.join(missing)}; state one for every free parameter."
        )
    values = np.array([one.values[name] for name in one.names])
    covariance = one.covariance
    stated = [(i, prior[name]) for i, name in enumerate(one.names)]
    normal = [(i, own) for i, own in stated if isinstance(own, NormalPrior)]
    index = [i for i, _ in normal]
    log_evidence = -0.5 * one.deviance + 0.5 * _log_determinant(2 * math.pi * covariance)
    for name in one.names:
        log_evidence += _log_uniform_density(one, name, prior[name])
    if normal:
        own = np.diag([known.sigma**2 for _, known in normal])
        spread = covariance[np.ix_(index, index)] + own
        apart = values[index] - [known.mean for _, known in normal]
        log_evidence -= 0.5 * float(apart @ np.linalg.solve(spread, apart))
        log_evidence -= 0.5 * _log_determinant(2 * math.pi * spread)
    return log_evidence


def _log_uniform_density(one: Fit, name: str, prior: AbstractPrior) -> float:
    if isinstance(prior, NormalPrior):
        return 0.0
    if not isinstance(prior, UniformPrior):
        raise InvalidOption(
            f"prior of {name} is {prior!r}; pass sf.NormalPrior or sf.UniformPrior."
        )
    value, reach = one.values[name], _INSIDE * one.errors[name]
    if not (prior.low < value - reach and value + reach < prior.high):
        raise NotAvailable(
            f"The prior of {name} ends within {_INSIDE:g} standard deviations of its value, "
            f"{value:.4g} ± {one.errors[name]:.2g}, so that the likelihood is cut off there; use a "
            "wider one, or a NormalPrior."
        )
    return -math.log(prior.high - prior.low)


def _log_determinant(matrix: np.ndarray) -> float:
    scale = np.sqrt(np.diag(matrix))
    return float(np.linalg.slogdet(matrix / np.outer(scale, scale))[1] + 2 * np.sum(np.log(scale)))


def _refuse(one: Fit) -> None:
    if not one.loss.is_likelihood:
        raise NotAvailable(f"{one.loss} is no likelihood, so there is no probability of the data.")
    if not one.valid:
        raise NotAvailable(
            f"The fit of {one.model} is not at a minimum to be trusted, so that nothing is known "
            f"of its evidence. {one.status.advice}"
        )
    if len(one.constraints.gaussian):
        raise NotAvailable(
            "The fit has constraints, which are priors already; leave constraints out and pass "
            "them as prior={name: sf.NormalPrior(mean, sigma)}."
        )
    if one.penalty is not None:
        raise NotAvailable(
            f"The fit has the penalty {one.penalty}, which is a prior already; leave it out and "
            "pass a prior for each parameter, prior={name: sf.NormalPrior(0, size)}."
        )
    odd = {name: remark for name, remark in one.remarks.items() if _is_odd(remark)}
    if odd or one.rank < len(one.names):
        named = ", ".join(f"{name} ({remark})" for name, remark in list(odd.items())[:5])
        raise NotAvailable(
            f"The likelihood of {one.model} is not normal around its maximum"
            f"{': ' + named if named else ', as the data leave a combination open'}; its evidence "
            "cannot be had by Laplace's method. Compare by cross-validation instead."
        )


def _is_odd(remark: str) -> bool:
    return not (remark == "" or remark == "fixed" or remark.startswith("tied"))
